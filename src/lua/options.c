/* options.c - settings in Lua tables, for ip.run and run:set. */
#include "base/text.h"
#include "lua/core/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const rho_keys[] = {"init", "growth", "max", "schedule", NULL};

/* Candidates for "did you mean": the settings, "rho", and the caller's own names. */
static const char *next_name(void *context, size_t index)
{
    const char *const *others = context;
    size_t count = 0;
    for (const ipd_setting *t = ipd_settings_table; t->name; t++)
        if (count++ == index)
            return t->name;
    if (count++ == index)
        return "rho";
    for (size_t i = 0; others[i]; i++)
        if (count++ == index)
            return others[i];
    return NULL;
}

const char *ipd_lua_nearest_setting(const char *name)
{
    static const char *const others[] = {NULL};
    return ipd_text_nearest(name, next_name, (void *)others);
}

static int is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(word, *words) == 0)
            return 1;
    return 0;
}

static void check_names(lua_State *L, int index, const char *const *others)
{
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "settings are given by name: { delta = 0.3 }");
        const char *name = lua_tostring(L, -1);
        if (strcmp(name, "rho") == 0 || is_one_of(name, others) || ipd_setting_find(name))
            continue;
        ipd_error e;
        ipd_fail_unknown(&e, "setting", name, ipd_text_nearest(name, next_name, (void *)others),
                         "ip.settings() lists the settings.");
        luaL_error(L, "%s", e.text);
    }
}

/* Pushes the value at the top as text that ipd_settings_set reads. */
static const char *push_text(lua_State *L, const char *name)
{
    char number[40];
    int value = lua_gettop(L);
    switch (lua_type(L, value)) {
    case LUA_TNUMBER:
        if (lua_isinteger(L, value))
            return lua_pushfstring(L, "%I", lua_tointeger(L, value));
        /* Short where that reads back to the same bits. */
        snprintf(number, sizeof number, "%.15g", lua_tonumber(L, value));
        if (strtod(number, NULL) != lua_tonumber(L, value))
            snprintf(number, sizeof number, "%.17g", lua_tonumber(L, value));
        return lua_pushstring(L, number);
    case LUA_TSTRING:
        return lua_pushstring(L, lua_tostring(L, value));
    case LUA_TBOOLEAN:
        return lua_pushstring(L, lua_toboolean(L, value) ? "true" : "false");
    case LUA_TTABLE:
        break;
    default:
        luaL_error(L, "the setting '%s' cannot be a %s", name, luaL_typename(L, value));
    }
    const ipd_setting *setting = ipd_setting_find(name);
    if (!setting || setting->kind < IPD_SET_ORDER || setting->kind == IPD_SET_SCHEDULE)
        luaL_error(L, "the setting '%s' cannot be a table", name);
    luaL_Buffer b;
    lua_Integer n = (lua_Integer)lua_rawlen(L, value);
    for (lua_Integer i = 1; i <= n; i++)
        if (lua_rawgeti(L, value, i) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER)
            luaL_error(L,
                       setting->kind == IPD_SET_CHOICES || setting->kind == IPD_SET_NUMBERS
                           ? "%s must list one value per layer"
                           : "%s must list blocks: { \"z3\", \"W3\", \"a2\", ... }",
                       name);
        else
            lua_pop(L, 1);
    luaL_buffinit(L, &b);
    for (lua_Integer i = 1; i <= n; i++) {
        if (i > 1)
            luaL_addchar(&b, ' ');
        lua_rawgeti(L, value, i);
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
    return lua_tostring(L, -1);
}

/* Puts the value at the top of the stack, and pops it. */
static void put_value(lua_State *L, const char *name, ipd_lua_put_fn *put, void *context)
{
    ipd_error e;
    const char *text = push_text(L, name);
    if (put(context, name, text, &e)) {
        e.code = IPD_EUSAGE;
        ipd_lua_fail(L, &e);
    }
    lua_pop(L, 2);
}

/* rho is a number, a function (which the caller keeps) or { init =, growth =, max =, schedule = }. */
static void put_rho(lua_State *L, int index, int live, ipd_lua_put_fn *put, void *context)
{
    static const char *const names[] = {"rho_init", "rho_growth", "rho_max", "rho_schedule"};
    if (lua_getfield(L, index, "rho") != LUA_TTABLE) {
        if (lua_isnil(L, -1))
            lua_pop(L, 1);
        else if (lua_isfunction(L, -1)) {
            lua_pushliteral(L, "function");
            put_value(L, "rho_schedule", put, context);
            lua_pop(L, 1);
        } else
            put_value(L, live ? "rho" : "rho_init", put, context);
        return;
    }
    int table = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "(a number)";
        if (!is_one_of(key, rho_keys))
            ipd_lua_unknown(L, "setting of rho", key, rho_keys);
    }
    for (int i = 0; rho_keys[i]; i++)
        if (lua_getfield(L, table, rho_keys[i]) == LUA_TNIL)
            lua_pop(L, 1);
        else
            put_value(L, names[i], put, context);
    lua_pop(L, 1);
}

/* Whether the text at the top, which is popped, was warned of before. */
static int was_warned(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, "ipdlam.warned");
    lua_pushvalue(L, -2);
    int known = lua_rawget(L, -2) != LUA_TNIL;
    lua_pushvalue(L, -3);
    lua_pushboolean(L, 1);
    lua_rawset(L, -4);
    lua_pop(L, 3);
    return known;
}

void ipd_lua_warn_unused(lua_State *L, const ipd_settings *s, const char *name, int has_weights)
{
    const ipd_lua_host *host = &ipd_lua_of(L)->host;
    char why[160];
    if (!host->warning || !ipd_settings_unused(s, name, has_weights, why, sizeof why))
        return;
    luaL_where(L, 1);
    const char *text = lua_pushfstring(L, "%swarning: %s", lua_tostring(L, -1), why);
    lua_pushvalue(L, -1);
    if (!was_warned(L))
        host->warning(host->context, text);
    lua_pop(L, 2);
}

int ipd_lua_warn_text(lua_State *L)
{
    const ipd_lua_host *host = &ipd_lua_of(L)->host;
    if (host->warning)
        host->warning(host->context, lua_pushfstring(L, "warning: %s", luaL_checkstring(L, 1)));
    return 0;
}

void ipd_lua_read_settings(lua_State *L, int index, const char *const *others, int live,
                           ipd_lua_put_fn *put, void *context)
{
    static const char *const first[] = {"preset", "method", "inertia", NULL};
    check_names(L, index, others);
    for (int i = 0; first[i]; i++)
        if (lua_getfield(L, index, first[i]) == LUA_TNIL)
            lua_pop(L, 1);
        else
            put_value(L, first[i], put, context);
    for (const ipd_setting *t = ipd_settings_table; t->name; t++) {
        if (is_one_of(t->name, first) || is_one_of(t->name, others) || strcmp(t->name, "rho") == 0)
            continue;
        if (lua_getfield(L, index, t->name) == LUA_TNIL)
            lua_pop(L, 1);
        else
            put_value(L, t->name, put, context);
    }
    put_rho(L, index, live, put, context);
}
