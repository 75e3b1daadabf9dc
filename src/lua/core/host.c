/* host.c - the interpreter at work: its hook, interrupts, positions in the user's files. */
#include "base/clock.h"
#include "base/contract.h"
#include "lua/core/internal.h"

#include <string.h>

ipd_lua *ipd_lua_of(lua_State *L)
{
    ipd_lua *lua = *(ipd_lua **)lua_getextraspace(L);
    assert(lua->check || ipd_on_main_thread());
    return lua;
}

void ipd_lua_where_user(lua_State *L)
{
    enum { MAX_LEVELS = 64 }; /* C functions and embedded ones do not nest deeply */
    lua_Debug at;
    for (int level = 0; level < MAX_LEVELS && lua_getstack(L, level, &at); level++)
        if (lua_getinfo(L, "S", &at) && strcmp(at.what, "C") != 0 &&
            strcmp(at.source, ipd_lua_embedded) != 0) {
            luaL_where(L, level);
            return;
        }
    lua_pushliteral(L, "");
}

void ipd_lua_check_interrupt(lua_State *L)
{
    ipd_lua *lua = ipd_lua_of(L);
    if (lua->check)
        lua->check(L);
    if (!lua->interrupted && !lua->quitting)
        return;
    /* From now on the hook fires before every instruction, so that a pcall that catches this error
     * is interrupted at once, up to the top. */
    lua_sethook(L, ipd_lua_hook, LUA_MASKCOUNT, 1);
    if (lua->current && lua->current != L)
        lua_sethook(lua->current, ipd_lua_hook, LUA_MASKCOUNT, 1);
    ipd_lua_where_user(L);
    if (*lua->why && !lua->quitting) {
        lua_pushstring(L, lua->why);
    } else {
        lua_pushstring(L, lua->quitting ? "quit" : "interrupted");
        lua_concat(L, 2);
    }
    lua_error(L);
}

void ipd_lua_hook(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    ipd_lua *lua = ipd_lua_of(L);
    ipd_lua_check_interrupt(L);
    if (lua_gethookcount(L) != IPD_LUA_HOOK_COUNT)
        lua_sethook(L, ipd_lua_hook, LUA_MASKCOUNT, IPD_LUA_HOOK_COUNT);
    double now = ipd_seconds();
    if (now < lua->slice_end)
        return;
    /* Only the task's own thread: a yield within a coroutine of the user's would return early
     * from its resume. */
    if (L == lua->current && lua_isyieldable(L)) {
        lua_yield(L, 0);
    } else if (!lua->quiet && lua->host.repaint) {
        ipd_lua_hear(lua); /* the charts move */
        ipd_lua_repaint_now(lua);
        lua->slice_end = ipd_seconds() + 0.02;
    }
}
