/* catch.c - pcall, xpcall and coroutine.resume for scripts. Error messages give the position in the
 * user's file, never one in an embedded file. */
#include "lua/core/internal.h"

#include <string.h>

const char *ipd_lua_user_message(lua_State *L, lua_State *thread, const char *message)
{
    const char *name = ipd_lua_embedded + 1; /* without "=" */
    const char *at = strstr(message, name), *rest = at ? at + strlen(name) : NULL;
    if (!at || *rest != ':')
        return message;
    rest += 1 + strspn(rest + 1, "0123456789");
    if (strncmp(rest, ": ", 2))
        return message;
    if (at > message) /* coroutine.wrap puts a position before it */
        lua_pushlstring(L, message, (size_t)(at - message));
    else {
        ipd_lua_where_user(thread);
        lua_xmove(thread, L, 1);
    }
    return lua_pushfstring(L, "%s%s", lua_tostring(L, -1), rest + 2);
}

/* Replaces the message at the index; it was raised in `thread`. */
static void replace_message(lua_State *L, int index, lua_State *thread)
{
    int top = lua_gettop(L);
    if (lua_type(L, index) != LUA_TSTRING || !lua_checkstack(L, 3) || !lua_checkstack(thread, 3))
        return;
    lua_pushstring(L, ipd_lua_user_message(L, thread, lua_tostring(L, index)));
    lua_replace(L, index);
    lua_settop(L, top);
}

static int handle(lua_State *L)
{
    replace_message(L, 1, L);
    return 1;
}

static int handle_with(lua_State *L)
{
    handle(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

/* On success the results begin at index 2, after the handler; on failure the error is at the
 * top. */
static int caught(lua_State *L, int status, lua_KContext context)
{
    (void)context;
    if (status == LUA_OK || status == LUA_YIELD)
        return lua_gettop(L) - 1;
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

/* Calls a function under a handler. Stack: handler, function, arguments. */
static int call(lua_State *L)
{
    lua_pushboolean(L, 1);
    lua_insert(L, 2);
    return caught(L, lua_pcallk(L, lua_gettop(L) - 3, LUA_MULTRET, 1, 0, caught), 0);
}

static int user_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushcfunction(L, handle);
    lua_insert(L, 1);
    return call(L);
}

static int user_xpcall(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, handle_with, 1);
    lua_remove(L, 2);
    lua_insert(L, 1);
    return call(L);
}

/* Upvalue: coroutine.resume. */
static int user_resume(lua_State *L)
{
    lua_State *thread = lua_tothread(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    if (!lua_toboolean(L, 1))
        replace_message(L, 2, thread);
    return lua_gettop(L);
}

void ipd_lua_set_catch(lua_State *L)
{
    lua_pushcfunction(L, user_pcall);
    lua_setglobal(L, "pcall");
    lua_pushcfunction(L, user_xpcall);
    lua_setglobal(L, "xpcall");
    lua_getglobal(L, "coroutine");
    lua_getfield(L, -1, "resume");
    lua_pushcclosure(L, user_resume, 1);
    lua_setfield(L, -2, "resume");
    lua_pop(L, 1);
}
