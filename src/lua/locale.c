/* locale.c - os.setlocale, limited to the categories that the program does not depend on.
 *
 * The locale belongs to the process. A script cannot change its numbers (LC_NUMERIC), which are in
 * every file that any thread writes, nor its characters (LC_CTYPE), which are the terminal's. It
 * can change the order of strings and the language of os.date. */
#include "lua/classes.h"

#include <locale.h>
#include <string.h>

typedef struct category {
    const char *name, *variable; /* in os.setlocale, and in a locale's name */
    int number, fixed;
} category;

static const category categories[] = {{"collate", "LC_COLLATE", LC_COLLATE, 0},
                                      {"monetary", "LC_MONETARY", LC_MONETARY, 0},
                                      {"time", "LC_TIME", LC_TIME, 0},
                                      {"ctype", "LC_CTYPE", LC_CTYPE, 1},
                                      {"numeric", "LC_NUMERIC", LC_NUMERIC, 1}};
enum { CATEGORIES = sizeof categories / sizeof *categories };

/* The part of a locale's name for one category: "LC_CTYPE=C;LC_TIME=de_DE;..." names each, "de_DE"
 * all. */
static const char *part_of(lua_State *L, const char *locale, const char *variable)
{
    size_t n = strlen(variable);
    if (!strchr(locale, '='))
        return locale;
    for (const char *at = locale; *at; at += *at == ';') {
        size_t length = strcspn(at, ";");
        if (length > n && !strncmp(at, variable, n) && at[n] == '=')
            return lua_pushlstring(L, at + n + 1, length - n - 1);
        at += length;
    }
    return NULL;
}

/* Sets all categories that are not fixed, or none. 0, or -1 if the system has no such locale. */
static int set_all(lua_State *L, const char *locale)
{
    const char *before[CATEGORIES];
    for (int i = 0; i < CATEGORIES; i++)
        before[i] = lua_pushstring(L, setlocale(categories[i].number, NULL));
    for (int i = 0; i < CATEGORIES; i++) {
        const char *part = part_of(L, locale, categories[i].variable);
        if (categories[i].fixed || (part && setlocale(categories[i].number, part)))
            continue;
        while (i-- > 0)
            if (!categories[i].fixed)
                setlocale(categories[i].number, before[i]);
        return -1;
    }
    return 0;
}

/* os.setlocale([locale [, category]]) -> the name of the locale in force, or nil and the reason */
int ipd_lua_setlocale(lua_State *L)
{
    static const char *const names[] = {"all",   "collate", "monetary", "time",
                                        "ctype", "numeric", NULL};
    const char *locale = luaL_optstring(L, 1, NULL);
    int which = luaL_checkoption(L, 2, "all", names) - 1;
    luaL_checkstack(L, 3 * CATEGORIES, NULL);
    int number = which < 0 ? LC_ALL : categories[which].number;
    if (locale && which >= 0 && categories[which].fixed &&
        strcmp(locale, setlocale(number, NULL)) != 0) {
        lua_pushnil(L);
        lua_pushfstring(L, "the locale's %s cannot be changed in ipdlam",
                        number == LC_NUMERIC ? "numbers" : "characters");
        return 2;
    }
    int failed = locale && (which < 0 ? set_all(L, locale)
                                      : !categories[which].fixed && !setlocale(number, locale));
    if (failed) {
        lua_pushnil(L);
        lua_pushfstring(L, "no locale '%s'", locale);
        return 2;
    }
    lua_pushstring(L, setlocale(number, NULL));
    return 1;
}
