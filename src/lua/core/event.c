/* event.c - callbacks without waiting ({ wait = false }); see callback.c for the others. */
#include "lua/core/internal.h"

static const char *const names[IPD_ON_KINDS] = {"iteration", "change"};

/* Removes the function at index from the list of callbacks of one kind. */
static void remove_callback(lua_State *L, ipd_lua_run *r, int run, int kind, int function)
{
    lua_getiuservalue(L, run, 1);
    lua_rawgeti(L, -1, kind + 1);
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1), kept = 0;
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, i);
        if (lua_rawequal(L, -1, function))
            lua_pop(L, 1);
        else
            lua_rawseti(L, -2, ++kept);
    }
    for (lua_Integer i = kept + 1; i <= n; i++) {
        lua_pushnil(L);
        lua_rawseti(L, -2, i);
    }
    lua_pop(L, 2);
    if (r->call[kind] > 0 && kept < n)
        r->call[kind]--;
    r->callbacks[kind] = (size_t)kept;
}

/* Continues after a callback. Stack: handler, run, kind, function [, error]. */
static int event_done(lua_State *L, int status, lua_KContext context)
{
    (void)context;
    ipd_lua *lua = ipd_lua_of(L);
    ipd_lua_run *r = ipd_lua_to_run(L, 2);
    int kind = (int)lua_tointeger(L, 3);
    if (status == LUA_OK || status == LUA_YIELD || lua->quitting)
        return 0;
    if (lua->interrupted) {
        if (r->run && ipd_run_get_status(r->run) == IPD_RUNNING)
            ipd_run_forget(r->run, ipd_run_pause(r->run, NULL));
        lua_pushfstring(L, "interrupted in a callback on \"%s\": the run pauses", names[kind]);
        ipd_lua_report(lua, L, NULL);
        return 0;
    }
    remove_callback(L, r, 2, kind, 4);
    lua_pushfstring(L, "%s\n(this callback on \"%s\" is removed)", lua_tostring(L, -1),
                    names[kind]);
    ipd_lua_report(lua, L, NULL);
    return 0;
}

/* Calls a callback. Stack: run, kind, function, argument. */
static int event_main(lua_State *L)
{
    lua_settop(L, 4);
    lua_pushcfunction(L, ipd_lua_with_traceback);
    lua_insert(L, 1); /* handler, run, kind, function, argument */
    lua_pushvalue(L, 4);
    lua_insert(L, 5);
    return event_done(L, lua_pcallk(L, 1, 0, 1, 0, event_done), 0);
}

/* Pushes event_main and its arguments for r's event; returns 0 if r is about to be collected. */
static int push_event_of(lua_State *L, ipd_lua_run *r, int kind)
{
    luaL_checkstack(L, 8, NULL);
    if (!ipd_lua_push_handle(L, r)) {
        r->callbacks[kind] = 0;
        return 0;
    }
    lua_pushcfunction(L, event_main);
    lua_insert(L, -2);
    lua_pushinteger(L, kind);
    lua_getiuservalue(L, -2, 1);
    lua_rawgeti(L, -1, kind + 1);
    lua_rawgeti(L, -1, (lua_Integer)++r->call[kind]);
    lua_replace(L, -3);
    lua_pop(L, 1);
    size_t index = r->announced[kind];
    if (kind == IPD_ON_ITERATION)
        ipd_lua_push_record(L, ipd_run_records(r->run), index);
    else
        ipd_lua_push_log_entry(L, ipd_run_log(r->run, index));
    return 1;
}

int ipd_lua_push_event(ipd_lua *lua, lua_State *L)
{
    if (lua->interrupted || lua->quitting)
        return 0;
    for (ipd_lua_run *r = lua->runs; r; r = r->next) {
        int kind = ipd_lua_pending_kind(r);
        /* All callbacks have had this event: go to the next. */
        while (kind >= 0 && r->call[kind] >= r->callbacks[kind]) {
            r->call[kind] = 0;
            r->announced[kind]++;
            kind = ipd_lua_pending_kind(r);
        }
        if (kind >= 0 && push_event_of(L, r, kind))
            return 1;
    }
    return 0;
}
