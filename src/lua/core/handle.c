/* handle.c - the Lua value of a run: a handle (userdata) that points to a run of the session.
 *
 * A run has exactly one handle; Lua may hold any number of references to it. A collected handle is
 * resurrected: its finalizer moves it, with its callbacks, function of rho and breakpoints, into a
 * table of unreferenced handles, and ipd_lua_push_handle returns it from there. Only the handle of
 * a closed run is freed.
 *
 * A finalizer can run between any two instructions, even within a C function that walks the list of
 * runs. It therefore only marks the run; ipd_lua_park then parks it, or ipd_lua_reap frees it.
 */
#include "lua/core/internal.h"

#include <stdlib.h>

/* Tables in the registry. held: run address -> handle, weak values. unheld: run address -> handle
 * if nothing else refers to it, else false. handles: all handles as weak keys. Between the
 * collector's two phases a handle is in `handles` only. */
static const char *const class_name = "ipdlam.run", *const held = "ipdlam.runs",
                         *const unheld = "ipdlam.unheld", *const handles = "ipdlam.handles";

ipd_lua_run *ipd_lua_test_run(lua_State *L, int index)
{
    ipd_lua_run **handle = luaL_testudata(L, index, class_name);
    return handle ? *handle : NULL;
}

ipd_lua_run *ipd_lua_to_run(lua_State *L, int index)
{
    ipd_lua_run *r = *(ipd_lua_run **)ipd_lua_check_object(L, index, class_name);
    if (!r) /* another finalizer brought the handle of a closed run back */
        luaL_error(L, "the run is closed");
    return r;
}

/* table[r] = the value at the top, which is popped. */
static void put(lua_State *L, const char *table, const ipd_lua_run *r)
{
    lua_getfield(L, LUA_REGISTRYINDEX, table);
    lua_insert(L, -2);
    lua_rawsetp(L, -2, r);
    lua_pop(L, 1);
}

/* Pushes table[r] and returns 1 if it is a handle; otherwise pushes nothing. */
static int get(lua_State *L, const char *table, const ipd_lua_run *r)
{
    lua_getfield(L, LUA_REGISTRYINDEX, table);
    int found = lua_rawgetp(L, -1, r) == LUA_TUSERDATA;
    lua_remove(L, -2);
    if (!found)
        lua_pop(L, 1);
    return found;
}

/* Pushes r's handle while it waits for its finalizer. */
static int get_dying(lua_State *L, const ipd_lua_run *r)
{
    lua_getfield(L, LUA_REGISTRYINDEX, handles);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        if (ipd_lua_test_run(L, -1) == r) {
            lua_remove(L, -2);
            return 1;
        }
    }
    lua_pop(L, 1);
    return 0;
}

void ipd_lua_hold(lua_State *L, int index)
{
    ipd_lua_run *r = ipd_lua_to_run(L, index);
    if (!r->unheld)
        return;
    lua_pushvalue(L, index);
    put(L, held, r);
    lua_pushboolean(L, 0);
    put(L, unheld, r);
    r->unheld = r->stuck = 0;
}

int ipd_lua_push_handle(lua_State *L, ipd_lua_run *r)
{
    luaL_checkstack(L, 6, NULL);
    if (get(L, held, r))
        return 1;
    if (get(L, unheld, r)) {
        ipd_lua_hold(L, lua_gettop(L));
        return 1;
    }
    if (!get_dying(L, r))
        return 0;
    lua_pushvalue(L, -1);
    put(L, held, r);
    return 1;
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
    lua_pushboolean(L, 0);
    put(L, unheld, r); /* allocates the entry that the finalizer needs */
    lua_pushvalue(L, -1);
    put(L, held, r);
    lua_getfield(L, LUA_REGISTRYINDEX, handles);
    lua_pushvalue(L, -2);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    return r;
}

/* The finalizer of a handle. A script can call it, too, through debug.getmetatable. */
static int handle_gc(lua_State *L)
{
    ipd_lua_run **handle = luaL_checkudata(L, 1, class_name), *r = *handle;
    if (!r || r->lua->closing)
        return 0;
    int is_held = get(L, held, r);
    if (!is_held && !r->run && !r->parked) {
        *handle = NULL;
        r->dead = 1;
        return 0;
    }
    luaL_setmetatable(L, class_name); /* marks it for finalization again */
    if (is_held || r->unheld)
        return 0;
    lua_settop(L, 1);
    put(L, unheld, r);
    r->unheld = 1;
    return 0;
}

static void open_table(lua_State *L, const char *name, const char *mode)
{
    lua_newtable(L);
    if (mode)
        ipd_lua_set_weak(L, mode);
    lua_setfield(L, LUA_REGISTRYINDEX, name);
}

void ipd_lua_open_handles(lua_State *L)
{
    luaL_getmetatable(L, class_name);
    IPD_LUA_SET(L, "__gc", cfunction, handle_gc);
    lua_pop(L, 1);
    open_table(L, held, "v");
    open_table(L, unheld, NULL);
    open_table(L, handles, "k");
}

ipd_lua_run *ipd_lua_current(ipd_lua *lua)
{
    lua_State *L = lua->L;
    lua_pushglobaltable(L);
    lua_pushliteral(L, "run");
    lua_rawget(L, -2);
    ipd_lua_run *r = ipd_lua_test_run(L, -1);
    lua_pop(L, 2);
    return r && (r->run || r->parked) ? r : NULL;
}

ipd_run *ipd_lua_current_run(ipd_lua *lua)
{
    ipd_lua_run *r = ipd_lua_current(lua);
    return r ? r->run : NULL;
}

unsigned long ipd_lua_current_number(ipd_lua *lua)
{
    ipd_lua_run *r = ipd_lua_current(lua);
    return r ? r->number : 0;
}

void ipd_lua_drop_handle(ipd_lua *lua, ipd_lua_run *r)
{
    lua_pushnil(lua->L); /* allocates nothing: cannot raise */
    put(lua->L, unheld, r);
}
