/* run_fields.c - what a run says of itself: its fields and its line of text. */
#include "lua/internal.h"

#include <stdio.h>

int ipd_lua_run_tostring(lua_State *L)
{
    ipd_lua_run *r = luaL_checkudata(L, 1, "ipdlam.run");
    char place[128];
    if (!r->run) {
        lua_pushliteral(L, "run (closed)");
        return 1;
    }
    ipd_place at = ipd_run_place(r->run);
    ipd_place_text(&at, place, sizeof place);
    luaL_Buffer b;
    char text[128];
    luaL_buffinit(L, &b);
    snprintf(text, sizeof text, "%s: %s, ", ipd_run_name(r->run), ipd_run_dataset(r->run)->name);
    luaL_addstring(&b, text);
    for (int l = 0; l <= ipd_run_depth(r->run); l++) {
        snprintf(text, sizeof text, "%s%zu", l ? "-" : "", ipd_run_widths(r->run)[l]);
        luaL_addstring(&b, text);
    }
    luaL_addstring(&b, ", ");
    luaL_addstring(&b, ipd_run_status_text(r->run));
    luaL_addstring(&b, ", at ");
    luaL_addstring(&b, place);
    luaL_pushresult(&b);
    return 1;
}

static int get_iteration(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    size_t n = ipd_run_record_count(r->run);
    lua_pushinteger(L, n ? ipd_run_record(r->run, n - 1)->iteration : 0);
    return 1;
}

static int get_status(lua_State *L)
{
    ipd_lua_run *r = luaL_checkudata(L, 1, "ipdlam.run");
    lua_pushstring(L, r->run ? ipd_run_status_text(r->run) : "closed");
    return 1;
}

static int get_metrics(lua_State *L)
{
    ipd_lua_check_run(L, 1);
    ipd_lua_push_metrics(L, 1);
    return 1;
}

static int get_place(lua_State *L)
{
    ipd_place place = ipd_run_place(ipd_lua_check_run(L, 1)->run);
    ipd_lua_push_place(L, &place, "");
    return 1;
}

static int get_settings(lua_State *L)
{
    ipd_lua_push_settings(L, ipd_run_settings(ipd_lua_check_run(L, 1)->run));
    return 1;
}

static int get_log(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    size_t n = ipd_run_log_count(r->run);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        ipd_lua_push_log_entry(L, ipd_run_log(r->run, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int get_name(lua_State *L)
{
    lua_pushstring(L, ipd_run_name(ipd_lua_check_run(L, 1)->run));
    return 1;
}

static int get_id(lua_State *L)
{
    lua_pushinteger(L, ipd_run_id(ipd_lua_check_run(L, 1)->run));
    return 1;
}

static int get_data(lua_State *L)
{
    ipd_dataset *d = ipd_run_dataset(ipd_lua_check_run(L, 1)->run);
    ipd_lua_dataset *u = lua_newuserdatauv(L, sizeof *u, 0);
    u->data = ipd_dataset_ref(d);
    luaL_setmetatable(L, "ipdlam.dataset");
    return 1;
}

static int get_widths(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    int depth = ipd_run_depth(r->run);
    lua_createtable(L, depth + 1, 0);
    for (int l = 0; l <= depth; l++) {
        lua_pushinteger(L, (lua_Integer)ipd_run_widths(r->run)[l]);
        lua_rawseti(L, -2, l + 1);
    }
    return 1;
}

const luaL_Reg ipd_lua_run_fields[] = {{"iteration", get_iteration},
                                       {"status", get_status},
                                       {"metrics", get_metrics},
                                       {"place", get_place},
                                       {"settings", get_settings},
                                       {"log", get_log},
                                       {"name", get_name},
                                       {"id", get_id},
                                       {"data", get_data},
                                       {"widths", get_widths},
                                       {NULL, NULL}};
