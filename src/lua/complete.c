/* complete.c - completion: the embedded file does the work, protected and without the user's code.
 */
#include "lua/internal.h"

#include <stdlib.h>
#include <string.h>

typedef struct request {
    const char *line;
    int point, start;
    char **words;
} request;

/* Copies the list at the top of the stack; NULL where memory runs out. */
static char **copy_words(lua_State *L)
{
    size_t n = lua_rawlen(L, -1);
    char **words = calloc(n + 1, sizeof *words);
    for (size_t i = 0; words && i < n; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        words[i] = strdup(lua_tostring(L, -1));
        lua_pop(L, 1);
        if (!words[i]) {
            while (i > 0)
                free(words[--i]);
            free(words);
            return NULL;
        }
    }
    return words;
}

static int do_complete(lua_State *L)
{
    request *r = lua_touserdata(L, 1);
    ipd_lua_push_prelude(L, "complete");
    lua_pushlstring(L, r->line, (size_t)r->point);
    ipd_run *run = ipd_lua_current_run(ipd_lua_of(L));
    lua_pushinteger(L, run ? ipd_run_depth(run) : 3);
    lua_call(L, 2, 2);
    /* The list of words, and how many bytes before the point they replace. */
    r->start = r->point - (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (lua_istable(L, -1) && lua_rawlen(L, -1) > 0)
        r->words = copy_words(L);
    return 0;
}

char **ipd_lua_complete(ipd_lua *lua, const char *line, int point, int *start)
{
    request r = {line, point, point, NULL};
    lua->quiet++;
    lua_pushcfunction(lua->L, do_complete);
    lua_pushlightuserdata(lua->L, &r);
    if (lua_pcall(lua->L, 1, 0, 0))
        lua_pop(lua->L, 1);
    lua->quiet--;
    *start = r.start;
    return r.words;
}
