/* workbench_lua.c - the functions that Lua finds in the workbench, and those that it must not have. */
#include "tui/workbench_private.h"

#include <lauxlib.h>

/* Functions that would wait for a keyboard they cannot have. */
static int no_input(lua_State *L)
{
    lua_pushnil(L);
    lua_pushliteral(L, "the workbench has the keyboard: nothing can be read from it here");
    return 2;
}

static int no_debugger(lua_State *L)
{
    return luaL_error(L, "debug.debug needs the keyboard: use `ipdlam repl`");
}

static int replace_input(lua_State *L)
{
    lua_getglobal(L, "io");
    lua_pushcfunction(L, no_input);
    lua_setfield(L, -2, "read");
    lua_getglobal(L, "debug");
    lua_pushcfunction(L, no_debugger);
    lua_setfield(L, -2, "debug");
    return 0;
}

void ipd_workbench_lua_open(ipd_workbench *w)
{
    lua_State *L = ipd_lua_state(w->lua);

    lua_pushcfunction(L, replace_input);
    if (lua_pcall(L, 0, 0, 0) != LUA_OK)
        lua_pop(L, 1);
}
