/* kept.c - globals set at the prompt, as text for the next session. lua/kept.lua does the work. */
#include "lua/classes.h"
#include "lua/tokens.h"

#include <stdlib.h>
#include <string.h>

int ipd_lua_token(lua_State *L)
{
    static const char *const kinds[] = {"space",   "name", "keyword", "number", "string",
                                        "comment", "open", "close",   "other"};
    size_t size;
    const char *text = luaL_checklstring(L, 1, &size);
    size_t at = (size_t)luaL_checkinteger(L, 2);
    ipd_token kind;
    lua_Integer length = (lua_Integer)ipd_token_at(text, size, at - 1, &kind);
    lua_pushstring(L, kinds[kind]);
    lua_pushinteger(L, (lua_Integer)at + length - 1);
    return 2;
}

typedef struct request {
    const char *text;
    size_t size;
    char *kept, *set, *lost; /* malloc'ed */
    int damaged;
} request;

/* Calls f protected, without repaints, time slices or interrupts: the session may be ending.
 * Returns -1 if memory runs out. */
static int ask(ipd_lua *lua, lua_CFunction f, request *r)
{
    lua_State *L = lua->L;
    lua->quiet++;
    lua_sethook(L, NULL, 0, 0);
    lua_pushcfunction(L, f);
    lua_pushlightuserdata(L, r);
    int failed = lua_pcall(L, 1, 0, 0);
    if (failed)
        lua_pop(L, 1);
    lua_sethook(L, ipd_lua_hook, LUA_MASKCOUNT, IPD_LUA_HOOK_COUNT);
    lua->quiet--;
    return failed ? -1 : 0;
}

static int do_begin(lua_State *L)
{
    ipd_lua_push_prelude(L, "begin_globals");
    lua_call(L, 0, 0);
    return 0;
}

void ipd_lua_begin_globals(ipd_lua *lua)
{
    ask(lua, do_begin, NULL);
}

static int keep_text(lua_State *L, const char *function)
{
    request *r = lua_touserdata(L, 1);
    ipd_lua_push_prelude(L, function);
    lua_call(L, 0, 1);
    const char *text = lua_tolstring(L, -1, &r->size);
    r->kept = r->size ? malloc(r->size) : NULL;
    if (r->kept)
        memcpy(r->kept, text, r->size);
    return 0;
}

static int do_keep(lua_State *L)
{
    return keep_text(L, "keep_globals");
}

static int do_names(lua_State *L)
{
    return keep_text(L, "keep_names");
}

char *ipd_lua_keep_globals(ipd_lua *lua, size_t *size)
{
    request r = {0};
    ask(lua, do_keep, &r);
    *size = r.kept ? r.size : 0;
    return r.kept;
}

char *ipd_lua_keep_names(ipd_lua *lua)
{
    request r = {0};
    ask(lua, do_names, &r);
    char *text = r.kept ? strndup(r.kept, r.size) : NULL;
    free(r.kept);
    return text;
}

static int do_restore(lua_State *L)
{
    request *r = lua_touserdata(L, 1);
    ipd_lua_push_prelude(L, "restore_globals");
    lua_pushlstring(L, r->text, r->size);
    lua_call(L, 1, 3);
    r->damaged = !lua_toboolean(L, -3);
    r->set = lua_isstring(L, -2) ? strdup(lua_tostring(L, -2)) : NULL;
    r->lost = lua_isstring(L, -1) ? strdup(lua_tostring(L, -1)) : NULL;
    return 0;
}

int ipd_lua_restore_globals(ipd_lua *lua, const char *text, size_t size, char **set, char **lost,
                            ipd_error *e)
{
    request r = {.text = text, .size = size};
    int failed = ask(lua, do_restore, &r);
    *set = r.set;
    *lost = r.lost;
    if (failed)
        return ipd_fail(e, IPD_EMEMORY, "out of memory for the globals of the last session");
    return r.damaged ? ipd_fail(e, IPD_EFORMAT, "the globals of the last session are damaged") : 0;
}
