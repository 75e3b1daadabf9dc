/* report.c - turns Lua errors into messages and passes them to the host. */
#include "lua/core/internal.h"

#include <string.h>

/* Returns 1 if a traceback says more than the message's position: the stack has more than one Lua
 * function of the user's. lua_getstack takes time proportional to the level, and a runaway
 * recursion has 10^5 levels. The loop therefore ends at the second Lua function; Lua limits the
 * number of C functions above it. */
static int is_nested(lua_State *thread)
{
    lua_Debug at;
    int functions = 0;
    for (int level = 0; functions < 2 && lua_getstack(thread, level, &at); level++)
        functions += lua_getinfo(thread, "S", &at) && strcmp(at.what, "C") != 0 &&
                     strcmp(at.source, ipd_lua_embedded) != 0;
    return functions > 1;
}

int ipd_lua_describe_error(lua_State *L)
{
    lua_State *thread = lua_isthread(L, 2) ? lua_tothread(L, 2) : NULL;
    const char *message = lua_tostring(L, 1);
    if (!message && luaL_getmetafield(L, 1, "__tostring"))
        message = luaL_tolstring(L, 1, NULL);
    if (!message)
        message = lua_pushfstring(L, "(the error is a %s)", luaL_typename(L, 1));
    if (thread && lua_checkstack(thread, 2))
        message = ipd_lua_user_message(L, thread, message);
    if (thread && is_nested(thread))
        luaL_traceback(L, thread, message, 0);
    else
        lua_pushstring(L, message);
    return 1;
}

void ipd_lua_report(ipd_lua *lua, lua_State *L, const char *traceback)
{
    const char *text = traceback ? traceback : lua_tostring(L, -1);
    if (lua->host.error)
        lua->host.error(lua->host.context, text ? text : "an error without a message");
    lua_pop(L, 1);
}

int ipd_lua_with_traceback(lua_State *L)
{
    const char *message = luaL_tolstring(L, 1, NULL);
    luaL_traceback(L, L, message, 1);
    return 1;
}
