/* live.c - terminal functions for lua/sweep.lua: size, a table updated in place, keys. */
#include "base/parallel.h"
#include "lua/classes.h"
#include "plot/canvas.h"

/* Returns true if only ASCII can be shown. */
IPD_LUA_GETTER(ascii, boolean, ipd_charset_of_locale() == IPD_ASCII)

/* Returns columns and lines, or nothing if text cannot be updated in place. */
static int live_size(lua_State *L)
{
    const ipd_lua_host *host = &ipd_lua_of(L)->host;
    int columns, lines;
    if (!host->live_size || !host->live_size(host->context, &columns, &lines))
        return 0;
    lua_pushinteger(L, columns);
    lua_pushinteger(L, lines);
    return 2;
}

/* Shows a text; returns the pressed key as a string, or nil. */
static int live(lua_State *L)
{
    const ipd_lua_host *host = &ipd_lua_of(L)->host;
    const char *text = luaL_checkstring(L, 1);
    char key = host->live ? (char)host->live(host->context, text) : 0;
    if (!key)
        return 0;
    lua_pushlstring(L, &key, 1);
    return 1;
}

static int live_end(lua_State *L)
{
    const ipd_lua_host *host = &ipd_lua_of(L)->host;
    if (host->live)
        host->live(host->context, NULL);
    return 0;
}

/* Makes the run at index 1 the global `run`, if a screen shows that. */
static int watch(lua_State *L)
{
    if (!ipd_lua_of(L)->host.live_size) {
        lua_settop(L, 1);
        lua_setglobal(L, "run");
    }
    return 0;
}

/* share_threads(n) -> true, or nil and a message; see ipd_threads_divide. */
static int share_threads(lua_State *L)
{
    ipd_error e;
    if (ipd_threads_divide((int)luaL_checkinteger(L, 1), &e))
        return ipd_lua_fail(L, &e);
    lua_pushboolean(L, 1);
    return 1;
}

void ipd_lua_add_live(lua_State *L)
{
    static const luaL_Reg functions[] = {{"ascii", ascii},
                                         {"live_size", live_size},
                                         {"live", live},
                                         {"live_end", live_end},
                                         {"watch", watch},
                                         {"keep_weights", ipd_lua_keep_weights},
                                         {"begin_step", ipd_lua_run_begin_step},
                                         {"end_step", ipd_lua_run_end_step},
                                         {"share_threads", share_threads},
                                         {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
