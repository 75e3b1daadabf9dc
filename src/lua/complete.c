/* complete.c - completion, signatures and help. The embedded files do the work, in protected calls
 * that run no user code. */
#include "base/text.h"
#include "lua/classes.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_PATHS = 2000 };

typedef struct request {
    const char *line;
    int point;
    ipd_lua_completions *to;
    const char *name, *usage, *text; /* of a topic */
    char *found;                     /* malloc'ed */
} request;

/* Copies the list of n strings at the top of the stack; NULL if memory runs out. */
static char **copy_list(lua_State *L, size_t n)
{
    char **list = calloc(n + 1, sizeof *list);
    for (size_t i = 0; list && i < n; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        const char *text = lua_tostring(L, -1);
        list[i] = strdup(text ? text : "");
        lua_pop(L, 1);
        if (!list[i]) {
            while (i > 0)
                free(list[--i]);
            free(list);
            return NULL;
        }
    }
    return list;
}

static int do_complete(lua_State *L)
{
    request *r = lua_touserdata(L, 1);
    ipd_lua_push_prelude(L, "complete");
    lua_pushlstring(L, r->line, (size_t)r->point);
    ipd_run *run = ipd_lua_current_run(ipd_lua_of(L));
    lua_pushinteger(L, run ? ipd_run_depth(run) : 3);
    lua_call(L, 2, 3);
    /* Results: the words, how many bytes before the point they replace, the notes. */
    size_t n = lua_rawlen(L, -3);
    r->to->start = r->point - (int)lua_tointeger(L, -2);
    r->to->notes = copy_list(L, n);
    lua_pop(L, 2);
    r->to->words = copy_list(L, n);
    r->to->count = n;
    if (!r->to->words || !r->to->notes || !n)
        ipd_lua_completions_free(r->to);
    return 0;
}

/* Calls f protected, without repaints or time slices. */
static void ask(ipd_lua *lua, lua_CFunction f, request *r)
{
    lua->quiet++;
    lua_pushcfunction(lua->L, f);
    lua_pushlightuserdata(lua->L, r);
    if (lua_pcall(lua->L, 1, 0, 0))
        lua_pop(lua->L, 1);
    lua->quiet--;
}

void ipd_lua_complete(ipd_lua *lua, const char *line, int point, ipd_lua_completions *to)
{
    request r = {.line = line, .point = point, .to = to};
    *to = (ipd_lua_completions){.start = point};
    ask(lua, do_complete, &r);
}

void ipd_lua_completions_free(ipd_lua_completions *c)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->words)
            free(c->words[i]);
        if (c->notes)
            free(c->notes[i]);
    }
    free(c->words);
    free(c->notes);
    *c = (ipd_lua_completions){.start = c->start};
}

/* Calls the function `name` of the embedded files with a text and copies its result to r->found. */
static int ask_text(lua_State *L, const char *name, const char *text, size_t length, request *r)
{
    ipd_lua_push_prelude(L, name);
    lua_pushlstring(L, text, length);
    lua_call(L, 1, 1);
    if (lua_isstring(L, -1))
        r->found = strdup(lua_tostring(L, -1));
    return 0;
}

static int do_signature(lua_State *L)
{
    request *r = lua_touserdata(L, 1);
    return ask_text(L, "signature", r->line, (size_t)r->point, r);
}

char *ipd_lua_signature(ipd_lua *lua, const char *line, int point)
{
    request r = {.line = line, .point = point};
    ask(lua, do_signature, &r);
    return r.found;
}

static int do_help(lua_State *L)
{
    request *r = lua_touserdata(L, 1);
    return ask_text(L, "known_help", r->name, strlen(r->name), r);
}

char *ipd_lua_help(ipd_lua *lua, const char *name)
{
    request r = {.name = name};
    ask(lua, do_help, &r);
    return r.found;
}

static int do_add(lua_State *L)
{
    request *r = lua_touserdata(L, 1);
    ipd_lua_push_prelude(L, "add_topic");
    lua_pushstring(L, r->name);
    lua_pushstring(L, r->usage);
    lua_pushstring(L, r->text);
    lua_call(L, 3, 0);
    return 0;
}

void ipd_lua_add_topic(ipd_lua *lua, const char *name, const char *usage, const char *text)
{
    request r = {.name = name, .usage = usage, .text = text};
    ask(lua, do_add, &r);
}

static int do_drop(lua_State *L)
{
    request *r = lua_touserdata(L, 1);
    return ask_text(L, "drop_topics", r->usage, strlen(r->usage), r);
}

void ipd_lua_drop_topics(ipd_lua *lua, const char *usage)
{
    request r = {.usage = usage};
    ask(lua, do_drop, &r);
}

int ipd_lua_unknown_text(lua_State *L)
{
    ipd_error e;
    ipd_nearest near = {.word = luaL_checkstring(L, 1)};
    const char *kind = luaL_checkstring(L, 3), *otherwise = luaL_checkstring(L, 4);
    luaL_checktype(L, 2, LUA_TTABLE);
    for (lua_Integer i = 1; lua_rawgeti(L, 2, i) == LUA_TSTRING; i++) {
        ipd_nearest_try(&near, lua_tostring(L, -1)); /* the list keeps the text alive */
        lua_pop(L, 1);
    }
    ipd_fail_unknown(&e, kind, &near, otherwise);
    lua_pushstring(L, e.text);
    return 1;
}

/* Adds the folder's entry to the list at the top if it starts with `begin`. */
static int add_path(lua_State *L, const char *folder, const char *begin, const char *name,
                    int count)
{
    char path[4096];
    struct stat about;
    size_t n = strlen(begin);
    if (strncmp(name, begin, n) || (name[0] == '.' && !n) || !strcmp(name, ".") ||
        !strcmp(name, ".."))
        return 0;
    if (snprintf(path, sizeof path, "%s%s", folder, name) >= (int)sizeof path)
        return 0;
    int is_folder = stat(path, &about) == 0 && S_ISDIR(about.st_mode);
    lua_pushfstring(L, "%s%s", path, is_folder ? "/" : "");
    lua_rawseti(L, -2, count + 1);
    return 1;
}

int ipd_lua_paths(lua_State *L)
{
    const char *text = luaL_checkstring(L, 1), *slash = strrchr(text, '/');
    const char *begin = slash ? slash + 1 : text;
    const char *folder = lua_pushlstring(L, text, (size_t)(begin - text));
    DIR *d = opendir(*folder ? folder : ".");
    struct dirent *entry;
    int count = 0;
    lua_newtable(L);
    while (d && count < MAX_PATHS && (entry = readdir(d)))
        count += add_path(L, folder, begin, entry->d_name, count);
    if (d)
        closedir(d);
    return 1;
}
