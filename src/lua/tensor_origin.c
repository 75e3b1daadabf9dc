/* tensor_origin.c - where a view comes from, user value 1 of its tensor; other tensors have
 * none. */
#include "lua/tensor.h"
#include "solver/variable.h"

#include <stdio.h>

void ipd_lua_set_origin(lua_State *L, ipd_variable x, const ipd_place *place)
{
    const ipd_run *run = ipd_lua_to_run(L, 1)->run;
    ipd_lua_origin *o = lua_newuserdatauv(L, sizeof *o, 1);
    *o = (ipd_lua_origin){x, *place, ipd_run_rewinds(run), ipd_run_log_count(run)};
    luaL_newmetatable(L, "ipdlam.origin");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    lua_setiuservalue(L, -2, 1);
}

const ipd_lua_origin *ipd_lua_push_origin(lua_State *L, int index)
{
    if (lua_getiuservalue(L, index, 1) != LUA_TUSERDATA) {
        lua_pop(L, 1);
        return NULL;
    }
    const ipd_lua_origin *o = luaL_checkudata(L, -1, "ipdlam.origin");
    lua_getiuservalue(L, -1, 1);
    lua_remove(L, -2);
    return o;
}

/* 1 if the run is at the place of the view, and nothing was changed there since. */
static int is_present(const ipd_lua_origin *o, const ipd_run *run)
{
    const ipd_place now = ipd_run_place(run);
    return ipd_place_is_same(&now, &o->place) && o->rewinds == ipd_run_rewinds(run) &&
           o->changes == ipd_run_log_count(run);
}

void ipd_lua_add_origin(lua_State *L, luaL_Buffer *b, int index)
{
    char text[IPD_VARIABLE_TEXT], place[128], all[400];
    ipd_lua_card buffer;
    const ipd_lua_origin *o = ipd_lua_push_origin(L, index);
    if (!o)
        return;
    ipd_lua_run *r = ipd_lua_test_run(L, -1);
    int open = r && (r->run || r->parked);
    lua_pop(L, 1);
    ipd_variable_text(o->x, text);
    ipd_place_text(&o->place, place, sizeof place);
    snprintf(all, sizeof all, "; %s of %s at %s%s", text,
             open ? ipd_lua_card_of(r, &buffer)->name : "a closed run", place,
             open && r->run && !is_present(o, r->run) ? "; the run has moved on" : "");
    luaL_addstring(b, all);
}
