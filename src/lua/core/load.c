/* load.c - what is typed as a function of Lua: an expression, a chunk, a command. */
#include "lua/core/internal.h"

#include <ctype.h>
#include <string.h>

int ipd_lua_is_command(const char *text)
{
    text += strspn(text, " \t");
    return *text == '?' || (*text == ':' && isalpha((unsigned char)text[1]));
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

/* The line of Lua that a command stands for, or nil and a message. */
static int load_command(lua_State *L, const char *text, const char *name)
{
    ipd_lua *lua = ipd_lua_of(L);
    ipd_lua_push_prelude(L, "command");
    lua_pushstring(L, text);
    lua_call(L, 1, 2);
    if (lua_isnil(L, -2)) {
        lua_remove(L, -2);
        return LUA_ERRSYNTAX;
    }
    lua_pop(L, 1);
    if (lua->host.note)
        lua->host.note(lua->host.context, lua_tostring(L, -1));
    const char *line = lua_pushfstring(L, "return %s", lua_tostring(L, -1));
    return luaL_loadbufferx(L, line, strlen(line), name, "t");
}

/* A word that a person types and that is no Lua: what to say, or NULL. A variable of that name is Lua. */
static const char *answer_to_word(lua_State *L, const char *text)
{
    static const char *const words[][2] = {{"help", "? shows where to begin, F1 the keys"},
                                           {"exit", "quit() or C-d leaves"},
                                           {"quit", "quit() or C-d leaves"}};
    size_t n;
    text += strspn(text, " \t");
    n = strcspn(text, " \t\r\n");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i][0]) != n || strncmp(text, words[i][0], n) ||
            text[n + strspn(text + n, " \t\r\n")])
            continue;
        lua_pushglobaltable(L);
        lua_pushstring(L, words[i][0]);
        int type = lua_rawget(L, -2);
        lua_pop(L, 2);
        return type == LUA_TNIL || !strcmp(words[i][0], "quit") ? words[i][1] : NULL;
    }
    return NULL;
}

/* Loads text as an expression or a chunk; "?name" asks for help, ":name" is a command. */
static int load(lua_State *L, const char *text, const char *name)
{
    const char *start = text + strspn(text, " \t");
    if (*start == ':' && ipd_lua_is_command(start))
        return load_command(L, start, name);
    const char *answer = answer_to_word(L, text);
    ipd_lua_of(L)->answered = answer != NULL;
    if (answer) {
        lua_pushfstring(L, "return [[%s]]", answer);
    } else if (*start == '?') {
        size_t n = strcspn(++start, "\r\n");
        lua_pushlstring(L, start, n);
        luaL_gsub(L, lua_tostring(L, -1), "]", "");
        lua_pushfstring(L, "return require('ipdlam').help([[%s]])", lua_tostring(L, -1));
    } else {
        lua_pushfstring(L, "return %s", text);
    }
    const char *expression = lua_tostring(L, -1);
    if (luaL_loadbufferx(L, expression, strlen(expression), name, "t") == LUA_OK)
        return LUA_OK;
    lua_pop(L, 1);
    return luaL_loadbufferx(L, text, strlen(text), name, "t");
}

int ipd_lua_load(lua_State *L)
{
    ipd_lua_text *t = lua_touserdata(L, 1);
    lua_State *thread = lua_newthread(L);
    if (load(L, t->text, t->chunk_name) != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    lua_xmove(L, thread, 1);
    lua_pushvalue(L, 2);
    return 1;
}
