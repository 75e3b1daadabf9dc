/* host.c - opens and closes the interpreter: memory limit, hook, interrupts, libraries. */
#include "base/clock.h"
#include "base/machine.h"
#include "lua/core/internal.h"

#include <lualib.h>
#include <stdlib.h>
#include <string.h>

ipd_lua *ipd_lua_of(lua_State *L)
{
    return *(ipd_lua **)lua_getextraspace(L);
}

/* Lua's allocator, with a limit: a single call of string.rep reaches no hook. */
static void *allocate(void *context, void *old, size_t old_size, size_t size)
{
    ipd_lua *lua = context;
    if (!old)
        old_size = 0; /* it holds a type then */
    if (size == 0) {
        lua->memory -= old_size;
        free(old);
        return NULL;
    }
    if (size > old_size && size - old_size > lua->memory_most - lua->memory)
        return NULL;
    void *new = realloc(old, size);
    if (new)
        lua->memory += size - old_size;
    return new;
}

void ipd_lua_limit_memory(ipd_lua *lua, size_t most)
{
    lua->memory_most = most > lua->memory ? most : lua->memory;
}

static size_t half_of_memory(void)
{
    enum { UNKNOWN = 1 << 30 };
    double total, available;
    ipd_machine_memory("", &total, &available);
    return total > 0 ? (size_t)(total / 2) : UNKNOWN;
}

void ipd_lua_where_user(lua_State *L)
{
    enum { MOST_LEVELS = 64 }; /* of C functions and embedded ones, which do not nest deeply */
    lua_Debug at;
    for (int level = 0; level < MOST_LEVELS && lua_getstack(L, level, &at); level++)
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
    if (!lua->interrupted && !lua->quitting)
        return;
    /* From here on the hook fires before each instruction: whatever catches this error is ended
     * by the next one, up to the top. */
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
        lua->quiet++;
        ipd_lua_hear(lua); /* the charts move */
        lua->host.repaint(lua->host.context);
        lua->quiet--;
        lua->slice_end = ipd_seconds() + 0.02;
    }
}

void ipd_lua_interrupt(ipd_lua *lua)
{
    if (lua->active)
        lua->interrupted = 1;
}

/* In a submission, the user is outside any coroutine, whatever we run it in. */
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
    return luaL_error(L, "debug.sethook is not to be had here: the hook keeps the screen alive");
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
    luaL_argcheck(L, code >= 0 && code <= 255, 1, "an exit code is 0 to 255");
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
    lua_sethook(L, ipd_lua_hook, LUA_MASKCOUNT, IPD_LUA_HOOK_COUNT);
    return 0;
}

int ipd_lua_open(ipd_lua **out, const ipd_lua_host *host, ipd_error *e)
{
    ipd_lua *lua = calloc(1, sizeof *lua);
    if (!lua)
        return ipd_fail(e, IPD_EMEMORY, "out of memory for the Lua interpreter");
    lua->host = *host;
    lua->memory_most = half_of_memory();
    lua->L = lua_newstate(allocate, lua);
    if (!lua->L) {
        free(lua);
        return ipd_fail(e, IPD_EMEMORY, "out of memory for the Lua interpreter");
    }
    *(ipd_lua **)lua_getextraspace(lua->L) = lua;
    lua_pushcfunction(lua->L, open_all);
    if (lua_pcall(lua->L, 0, 0, 0)) {
        ipd_fail(e, IPD_EMEMORY, "the Lua interpreter does not start: %s",
                 lua_tostring(lua->L, -1));
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
    /* Runs first: their workers may still write to what a suspended call keeps. */
    ipd_lua_stop_runs(lua);
    /* Finalizers are the user's code, and reach no hook. */
    lua_close(lua->L);
    ipd_lua_free_runs(lua);
    ipd_lua_remove_parking(lua);
    while (lua->first) {
        ipd_lua_text *t = lua->first;
        lua->first = t->next;
        free(t->chunk_name);
        free(t);
    }
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

/* 1 where text loads, 0 where it does not, -1 where it only ends too early. */
static int loads(lua_State *L, const char *text)
{
    static const char mark[] = "<eof>";
    size_t n;
    int status = luaL_loadbufferx(L, text, strlen(text), "=prompt", "t"), result = status == LUA_OK;
    if (status == LUA_ERRSYNTAX) {
        const char *message = lua_tolstring(L, -1, &n);
        if (n >= sizeof mark - 1 && strcmp(message + n - (sizeof mark - 1), mark) == 0)
            result = -1;
    }
    lua_pop(L, 1);
    return result;
}

static int do_incomplete(lua_State *L)
{
    const char *text = lua_touserdata(L, 1);
    /* The line's end tells 'a from [[a: only the second may go on. */
    const char *chunk_text = lua_pushfstring(L, "%s\n", text);
    int chunk = loads(L, chunk_text);
    int expression = loads(L, lua_pushfstring(L, "return %s", chunk_text));
    lua_pushboolean(L, expression != 1 && chunk != 1 && (expression == -1 || chunk == -1));
    return 1;
}

int ipd_lua_incomplete(ipd_lua *lua, const char *text)
{
    lua_State *L = lua->L;
    if (ipd_lua_is_command(text))
        return 0;
    lua_pushcfunction(L, do_incomplete);
    lua_pushlightuserdata(L, (void *)text);
    int incomplete = lua_pcall(L, 1, 1, 0) == LUA_OK && lua_toboolean(L, -1);
    lua_pop(L, 1);
    return incomplete;
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
