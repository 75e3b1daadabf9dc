/* open.c - opens and closes the interpreter: memory limit, hook, interrupts, libraries. */
#include "lua/classes.h"

#include <lualib.h>
#include <stdlib.h>
#include <string.h>

/* Submissions run in a coroutine that the user must not see: coroutine.yield there is an error. */
static int user_yield(lua_State *L)
{
    if (L == ipd_lua_of(L)->current)
        return luaL_error(L, "attempt to yield from outside a coroutine");
    return lua_yield(L, lua_gettop(L));
}

static int user_isyieldable(lua_State *L)
{
    lua_State *thread = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
    lua_pushboolean(L, thread != ipd_lua_of(L)->current && lua_isyieldable(thread));
    return 1;
}

static int user_running(lua_State *L)
{
    lua_pushthread(L);
    lua_pushboolean(L, L == ipd_lua_of(L)->current);
    return 2;
}

static int user_sethook(lua_State *L)
{
    return luaL_error(L, "debug.sethook is not available: the workbench needs the hook");
}

/* quit(code): ends the submission and then the program. */
static int user_quit(lua_State *L)
{
    ipd_lua *lua = ipd_lua_of(L);
    int code = 0;
    if (lua_isboolean(L, 1))
        code = !lua_toboolean(L, 1);
    else if (!lua_isnoneornil(L, 1))
        code = (int)luaL_checkinteger(L, 1);
    luaL_argcheck(L, code >= 0 && code <= 255, 1, "an exit code must be 0 to 255");
    lua->quitting = 1;
    lua->quit_code = code;
    if (lua->host.quit)
        lua->host.quit(lua->host.context, code);
    ipd_lua_check_interrupt(L);
    return 0;
}

static void set_in(lua_State *L, const char *library, const char *name, lua_CFunction f)
{
    lua_getglobal(L, library);
    lua_pushcfunction(L, f);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
}

static int open_all(lua_State *L)
{
    luaL_openlibs(L);
    set_in(L, "coroutine", "yield", user_yield);
    set_in(L, "coroutine", "isyieldable", user_isyieldable);
    set_in(L, "coroutine", "running", user_running);
    set_in(L, "debug", "sethook", user_sethook);
    set_in(L, "os", "exit", user_quit);
    set_in(L, "os", "setlocale", ipd_lua_setlocale);
    lua_pushcfunction(L, user_quit);
    lua_setglobal(L, "quit");
    luaL_requiref(L, "ipdlam", ipd_lua_open_module, 0);
    lua_setglobal(L, "ip");
    ipd_lua_set_catch(L); /* after the embedded files, which use Lua's own functions */
    lua_sethook(L, ipd_lua_hook, LUA_MASKCOUNT, IPD_LUA_HOOK_COUNT);
    return 0;
}

int ipd_lua_open(ipd_lua **out, const ipd_lua_host *host, ipd_error *e)
{
    ipd_lua *lua = calloc(1, sizeof *lua);
    if (!lua)
        return ipd_fail(e, IPD_EMEMORY, "out of memory for the Lua interpreter");
    lua->host = *host;
    if (ipd_lua_new_state(lua)) {
        free(lua);
        return ipd_fail(e, IPD_EMEMORY, "out of memory for the Lua interpreter");
    }
    lua_pushcfunction(lua->L, open_all);
    if (lua_pcall(lua->L, 0, 0, 0)) {
        ipd_fail(e, IPD_EMEMORY, "cannot start the Lua interpreter: %s", lua_tostring(lua->L, -1));
        ipd_lua_close(lua);
        return -1;
    }
    *out = lua;
    return 0;
}

void ipd_lua_close(ipd_lua *lua)
{
    if (!lua)
        return;
    /* Runs first: their workers may still write to memory of suspended calls. */
    ipd_lua_stop_runs(lua);
    /* Finalizers may be user code, and no hook interrupts them. */
    lua_close(lua->L);
    ipd_lua_drop_spare(lua);
    ipd_lua_free_runs(lua);
    ipd_lua_remove_parking(lua);
    ipd_lua_drop_submissions(lua);
    free(lua);
}

lua_State *ipd_lua_state(ipd_lua *lua)
{
    return lua->L;
}

typedef struct registration {
    const char *name;
    lua_CFunction f;
    void *upvalue;
} registration;

static int do_register(lua_State *L)
{
    registration *r = lua_touserdata(L, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, "ipdlam");
    lua_pushlightuserdata(L, r->upvalue);
    lua_pushcclosure(L, r->f, 1);
    lua_setfield(L, -2, r->name);
    return 0;
}

void ipd_lua_register(ipd_lua *lua, const char *name, lua_CFunction f, void *upvalue)
{
    registration r = {name, f, upvalue};
    lua_pushcfunction(lua->L, do_register);
    lua_pushlightuserdata(lua->L, &r);
    if (lua_pcall(lua->L, 1, 0, 0))
        lua_pop(lua->L, 1);
}
