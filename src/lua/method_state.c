/* method_state.c - the Lua state of a method from a file: its opening, limits, views and errors. */
#include "lua/embedded.h"
#include "lua/method_private.h"

#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The limit of a call, 3e8 instructions of Lua: a few seconds. Tensors compute in C. */
enum { HOOK_COUNT = 1000, MAX_HOOKS = 300000 };

static ipd_method_state *state_of(lua_State *L)
{
    return ipd_lua_of(L)->method;
}

static void hook(lua_State *L, lua_Debug *ar);

/* Raises an error if the call is stopped, and again at each instruction, so that no pcall can go
 * on. */
static void check(lua_State *L)
{
    ipd_method_state *h = state_of(L);
    if (!h->stopped && ipd_written_stopped && ipd_written_stopped(ipd_written_stopped_by))
        h->stopped = 1;
    if (!h->stopped && h->steps > MAX_HOOKS)
        h->stopped = 2;
    if (!h->stopped)
        return;
    lua_sethook(L, hook, LUA_MASKCOUNT, 1);
    luaL_where(L, 0);
    lua_pushstring(L, h->stopped == 1 ? "stopped"
                                      : "more than 300 million instructions: is there a loop "
                                        "without an end?");
    lua_concat(L, 2);
    lua_error(L);
}

static void hook(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    state_of(L)->steps++;
    check(L);
}

/* Message handler: adds the lines of the file that lead to the error. */
static int with_trace(lua_State *L)
{
    enum { SHOWN = 4, LEVELS = 40 };
    lua_Debug at;
    luaL_Buffer b;
    int shown = 0;
    const char *message = luaL_tolstring(L, 1, NULL);
    luaL_buffinit(L, &b);
    luaL_addstring(&b, message);
    for (int level = 1; level < LEVELS && shown < SHOWN && lua_getstack(L, level, &at); level++) {
        char line[96];
        if (!lua_getinfo(L, "Sl", &at) || *at.source != '@')
            continue;
        snprintf(line, sizeof line, "%s%.60s:%d", shown++ ? ", " : " (at ", at.short_src,
                 at.currentline);
        luaL_addstring(&b, line);
    }
    if (shown)
        luaL_addchar(&b, ')');
    luaL_pushresult(&b);
    return 1;
}

/* "block z2 of iteration 3" */
static void place_text(const ipd_method_state *h, char *to, size_t size)
{
    char block[8];
    const ipd_written_state *s = h->state;
    ipd_block_text(h->block, block);
    size_t n = (size_t)snprintf(to, size, "%s%s%s", h->what, *block ? " " : "", block);
    if (n < size)
        n += (size_t)snprintf(to + n, size - n, " of iteration %d", s->k);
    if (s->batches > 1 && n < size)
        snprintf(to + n, size - n, ", batch %d", s->batch + 1);
}

int ipd_method_state_call(ipd_method_state *h, int arguments, ipd_error *e)
{
    lua_State *L = h->lua->L;
    int base = lua_gettop(L) - arguments;
    char place[64];
    h->steps = 0;
    h->stopped = 0;
    lua_sethook(L, hook, LUA_MASKCOUNT, HOOK_COUNT);
    lua_pushcfunction(L, with_trace);
    lua_insert(L, base);
    int status = lua_pcall(L, arguments, LUA_MULTRET, base);
    lua_remove(L, base);
    if (!status)
        return 0;
    if (h->stopped == 1) {
        ipd_fail(e, IPD_EINTERRUPT, "stopped");
    } else {
        if (status == LUA_ERRMEM)
            lua_pushfstring(L, "not enough memory: Lua may use %d MiB",
                            (int)(h->lua->memory_max >> 20));
        const char *message = lua_tostring(L, -1);
        ipd_fail(e, IPD_ECALLBACK, "%.400s", message ? message : "an error without a message");
        if (h->state) {
            place_text(h, place, sizeof place);
            ipd_fail_in(e, "%s", place);
        }
    }
    lua_settop(L, base - 1);
    if (status == LUA_ERRMEM)
        lua_gc(L, LUA_GCCOLLECT);
    return -1;
}

static const ipd_lua_file *host_file(void)
{
    const ipd_lua_file *f = ipd_lua_files;
    while (strcmp(f->name, "method.lua"))
        f++;
    return f;
}

/* settle(t) -> a tensor with values of its own: a pending one is computed, a view is copied. */
static int settle(lua_State *L)
{
    const ipd_matrix *m = ipd_lua_to_tensor(L, 1);
    lua_settop(L, 1);
    if (m && lua_getiuservalue(L, 1, 1) == LUA_TSTRING)
        ipd_lua_push_tensor(L, m);
    else
        lua_settop(L, 1);
    return 1;
}

/* Opens the libraries and lua/method.lua, whose functions go to the registry: define, update,
 * measure, around. */
static int open_state(lua_State *L)
{
    static const luaL_Reg libraries[] = {{LUA_GNAME, luaopen_base},
                                         {LUA_TABLIBNAME, luaopen_table},
                                         {LUA_STRLIBNAME, luaopen_string},
                                         {LUA_MATHLIBNAME, luaopen_math},
                                         {LUA_UTF8LIBNAME, luaopen_utf8},
                                         {LUA_DBLIBNAME, luaopen_debug},
                                         {NULL, NULL}};
    const ipd_lua_file *host = host_file();
    for (const luaL_Reg *library = libraries; library->name; library++) {
        luaL_requiref(L, library->name, library->func, 1);
        lua_pop(L, 1);
    }
    ipd_lua_open_tensors(L);
    if (luaL_loadbufferx(L, host->text, host->size, ipd_lua_embedded, "t"))
        return lua_error(L);
    lua_createtable(L, 0, 5); /* core */
    lua_newtable(L);
    luaL_setfuncs(L, ipd_lua_tensor_makers, 0);
    lua_setfield(L, -2, "ip");
    lua_newtable(L);
    luaL_setfuncs(L, ipd_method_functions, 0);
    lua_setfield(L, -2, "functions");
    lua_pushcfunction(L, settle);
    lua_setfield(L, -2, "settle");
    lua_newtable(L);
    lua_setfield(L, -2, "now");
    lua_newtable(L);
    lua_setfield(L, -2, "variables");
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, "core");
    lua_call(L, 1, 4);
    lua_setfield(L, LUA_REGISTRYINDEX, "around");
    lua_setfield(L, LUA_REGISTRYINDEX, "measure");
    lua_setfield(L, LUA_REGISTRYINDEX, "update");
    lua_setfield(L, LUA_REGISTRYINDEX, "define");
    return 0;
}

ipd_method_state *ipd_method_state_open(const char *text, const char *chunk,
                                        const ipd_method *method, ipd_written_state *state,
                                        ipd_error *e)
{
    ipd_method_state *h = ipd_allocate(1, sizeof *h, e);
    if (!h)
        return NULL;
    h->method = method;
    if (ipd_lua_open_apart(&h->lua, check, open_state, h, e)) {
        free(h);
        return NULL;
    }
    lua_State *L = h->lua->L;
    lua_getfield(L, LUA_REGISTRYINDEX, "define");
    lua_pushstring(L, text);
    lua_pushstring(L, chunk);
    if (ipd_method_state_call(h, 2, e)) {
        ipd_method_state_close(h);
        return NULL;
    }
    h->state = state;
    return h;
}

void ipd_method_state_close(void *state)
{
    ipd_method_state *h = state;
    if (!h)
        return;
    ipd_lua_close_apart(h->lua);
    free(h);
}
