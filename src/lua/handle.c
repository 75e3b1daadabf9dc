/* handle.c - what a Lua value of a run is: a handle that points to a run of the session.
 *
 * A finalizer runs between any two instructions, also within a C function that walks the list of
 * runs. It therefore only marks: what is marked goes in ipd_lua_reap.
 */
#include "lua/internal.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const class_name = "ipdlam.run", *const handles = "ipdlam.runs";

ipd_lua_run *ipd_lua_test_run(lua_State *L, int index)
{
    ipd_lua_run **handle = luaL_testudata(L, index, class_name);
    return handle ? *handle : NULL;
}

ipd_lua_run *ipd_lua_to_run(lua_State *L, int index)
{
    ipd_lua_run *r = *(ipd_lua_run **)luaL_checkudata(L, index, class_name);
    if (!r) /* another finalizer brought the handle back */
        luaL_error(L, "the run is closed");
    return r;
}

int ipd_lua_push_handle(lua_State *L, ipd_lua_run *r)
{
    lua_getfield(L, LUA_REGISTRYINDEX, handles);
    int found = lua_rawgetp(L, -1, r) == LUA_TUSERDATA;
    lua_remove(L, -2);
    if (!found)
        lua_pop(L, 1);
    return found;
}

ipd_lua_run *ipd_lua_push_run(lua_State *L)
{
    ipd_lua *lua = ipd_lua_of(L);
    ipd_lua_run **handle = lua_newuserdatauv(L, sizeof *handle, 1);
    lua_createtable(L, IPD_ON_KINDS, 0);
    for (int kind = 0; kind < IPD_ON_KINDS; kind++) {
        lua_newtable(L);
        lua_rawseti(L, -2, kind + 1);
    }
    lua_setiuservalue(L, -2, 1);
    if (!(*handle = calloc(1, sizeof **handle)))
        luaL_error(L, "out of memory for a run");
    ipd_lua_run *r = *handle;
    r->lua = lua;
    r->number = ++lua->made;
    r->next = lua->runs;
    lua->runs = r;
    luaL_setmetatable(L, class_name); /* from here on it is finalized */
    lua_getfield(L, LUA_REGISTRYINDEX, handles);
    lua_pushvalue(L, -2);
    lua_rawsetp(L, -2, r);
    lua_pop(L, 1);
    return r;
}

static int handle_gc(lua_State *L)
{
    ipd_lua_run **handle = luaL_checkudata(L, 1, class_name), *r = *handle;
    if (!r || ipd_lua_push_handle(L, r)) /* called by hand: the collector's calls find no handle */
        return 0;
    *handle = NULL;
    ipd_run_free(r->run);
    r->run = NULL;
    r->unheld = 1;
    return 0;
}

void ipd_lua_reap(ipd_lua *lua)
{
    for (ipd_lua_run **p = &lua->runs; *p;) {
        ipd_lua_run *r = *p;
        if (!r->unheld) {
            p = &r->next;
            continue;
        }
        *p = r->next;
        if (lua->waited == r)
            lua->waited = NULL;
        if (lua->pausing == r)
            lua->pausing = NULL;
        free(r);
    }
}

const ipd_lua_listed *ipd_lua_list(ipd_lua *lua, size_t *count)
{
    size_t n = 0, room = 0;
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        room++;
    if (room > lua->list_room) {
        ipd_lua_listed *list = realloc(lua->list, 2 * room * sizeof *list);
        if (list) {
            lua->list = list;
            lua->list_room = 2 * room;
        }
    }
    for (ipd_lua_run *r = lua->runs; r && n < lua->list_room; r = r->next)
        if (r->run)
            lua->list[n++] = (ipd_lua_listed){r->number, r->run};
    *count = n;
    return lua->list;
}

void ipd_lua_curves_of(ipd_lua_curves *curves, const ipd_lua_run *r)
{
    size_t count = ipd_run_record_count(r->run);
    *curves = (ipd_lua_curves){.id = ipd_run_id(r->run), .number = r->number, .count = count};
    snprintf(curves->name, sizeof curves->name, "%s", ipd_run_name(r->run));
    curves->records = count ? ipd_run_record(r->run, 0) : NULL;
}

void ipd_lua_stop_runs(ipd_lua *lua)
{
    for (ipd_lua_run *r = lua->runs; r; r = r->next) {
        ipd_run_free(r->run);
        r->run = NULL;
    }
}

void ipd_lua_free_runs(ipd_lua *lua)
{
    while (lua->runs) {
        ipd_lua_run *r = lua->runs;
        lua->runs = r->next;
        free(r);
    }
    free(lua->list);
    free(lua->polled);
}

void ipd_lua_open_handles(lua_State *L)
{
    luaL_getmetatable(L, class_name);
    lua_pushcfunction(L, handle_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
    /* From a run's address to its handle, which this does not keep. */
    lua_newtable(L);
    lua_newtable(L);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_setfield(L, LUA_REGISTRYINDEX, handles);
}
