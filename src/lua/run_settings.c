/* run_settings.c - settings in Lua tables, for ip.run; run:set, run:switch, run.delta. */
#include "base/text.h"
#include "data/data_options.h"
#include "lua/classes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const rho_keys[] = {"init", "growth", "max", "schedule", NULL};

static const char *const no_names[] = {NULL};

static int is_data_option(const char *name)
{
    static const char *const numbers[] = {"train", "test", "validation", "held_out", NULL};
    for (int i = 0; i < IPD_DATA_WORDS; i++)
        if (!strcmp(ipd_data_option_table[i].name, name))
            return 1;
    return ipd_text_index(name, numbers) >= 0;
}

/* Raises the error for an unknown setting; `others` are the caller's own names. */
static int unknown(lua_State *L, const char *name, const char *const *others)
{
    ipd_error e;
    ipd_nearest near = {.word = name};
    if (is_data_option(name))
        return luaL_error(L,
                          "%s is an option of the data: ip.run{ data = ip.dataset(\"digits\", { %s "
                          "= ... }) }",
                          name, name);
    for (const ipd_setting *t = ipd_settings_table; t->name; t++)
        ipd_nearest_try(&near, t->name);
    while (*others)
        ipd_nearest_try(&near, *others++);
    ipd_fail_unknown(&e, "setting", &near, "ip.settings() lists the settings.");
    return luaL_error(L, "%s", e.text);
}

static void check_names(lua_State *L, int index, const char *const *others)
{
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "settings are given by name: { delta = 0.3 }");
        const char *name = lua_tostring(L, -2);
        if (ipd_text_index(name, others) < 0 && !ipd_setting_find(name))
            unknown(L, name, others);
    }
}

/* Pushes the number at this index as the shortest of two texts that reads back to the same bits. */
static const char *push_number_text(lua_State *L, int value)
{
    char number[40];
    if (lua_isinteger(L, value))
        return lua_pushfstring(L, "%I", lua_tointeger(L, value));
    snprintf(number, sizeof number, "%.15g", lua_tonumber(L, value));
    if (strtod(number, NULL) != lua_tonumber(L, value))
        snprintf(number, sizeof number, "%.17g", lua_tonumber(L, value));
    return lua_pushstring(L, number);
}

/* Pushes the value at the top as text that ipd_settings_set reads. */
static const char *push_text(lua_State *L, const char *name)
{
    int value = lua_gettop(L);
    switch (lua_type(L, value)) {
    case LUA_TNUMBER:
        return push_number_text(L, value);
    case LUA_TSTRING:
        return lua_pushstring(L, lua_tostring(L, value));
    case LUA_TBOOLEAN:
        return lua_pushstring(L, lua_toboolean(L, value) ? "true" : "false");
    case LUA_TTABLE:
        break;
    case LUA_TFUNCTION:
        if (ipd_setting_find(name) && ipd_setting_find(name)->kind <= IPD_SET_COUNT)
            return lua_pushliteral(L, "function"); /* the caller keeps it */ /* fall through */
    default:
        luaL_error(L, "the setting '%s' cannot be a %s", name, luaL_typename(L, value));
    }
    const ipd_setting *setting = ipd_setting_find(name);
    if (!setting || setting->kind < IPD_SET_ORDER || setting->kind >= IPD_SET_SCHEDULE)
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
        if (lua_rawgeti(L, value, i) == LUA_TNUMBER) {
            push_number_text(L, -1);
            lua_remove(L, -2);
        }
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
    return lua_tostring(L, -1);
}

/* Passes the value at the top of the stack to put and pops it. */
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

/* Passes the value of a field of the table at the index to put as the setting `name`, unless it is
 * nil. */
static void put_field(lua_State *L, int index, const char *field, const char *name,
                      ipd_lua_put_fn *put, void *context)
{
    if (lua_getfield(L, index, field) == LUA_TNIL)
        lua_pop(L, 1);
    else
        put_value(L, name, put, context);
}

/* rho is a number, a function (the caller handles it) or { init =, growth =, max =, schedule =
 * }. */
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
    ipd_lua_check_keys(L, table, "setting of rho", rho_keys);
    for (int i = 0; rho_keys[i]; i++)
        put_field(L, table, rho_keys[i], names[i], put, context);
    lua_pop(L, 1);
}

/* Pops the warning at the top; returns 1 if it was given before. */
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

/* Reads the method if it is a file: its settings are known from then on. */
static void read_method(lua_State *L, int index)
{
    ipd_error e;
    if (lua_getfield(L, index, "method") == LUA_TSTRING)
        ipd_method_get(lua_tostring(L, -1), &e); /* an error is reported with the value */
    lua_pop(L, 1);
}

void ipd_lua_read_settings(lua_State *L, int index, const char *const *others, int live,
                           ipd_lua_put_fn *put, void *context)
{
    static const char *const first[] = {"preset", "method", "inertia", NULL};
    static const char *const last[] = {"rho", "schedule", NULL}; /* a number ends a schedule */
    read_method(L, index);
    check_names(L, index, others);
    for (int i = 0; first[i]; i++)
        put_field(L, index, first[i], first[i], put, context);
    for (const ipd_setting *t = ipd_settings_table; t->name; t++)
        if (ipd_text_index(t->name, first) < 0 && ipd_text_index(t->name, others) < 0 &&
            ipd_text_index(t->name, last) < 0)
            put_field(L, index, t->name, t->name, put, context);
    put_rho(L, index, live, put, context);
    put_field(L, index, "schedule", "schedule", put, context);
}

/* --- run:set, run:switch and fields that are settings ----------------------------------------- */

/* For put_change: the change that a table asks for, and the settings of the run. */
typedef struct asked {
    ipd_change *change;
    const ipd_settings *now;
} asked;

static int put_change(void *context, const char *name, const char *value, ipd_error *e)
{
    asked *a = context;
    return ipd_change_give(a->change, a->now, name, value, e);
}

static const char *changed_to(const ipd_change *change, const char *name)
{
    for (int i = 0; i < change->count; i++)
        if (strcmp(change->items[i].setting->name, name) == 0)
            return change->items[i].value.text;
    return NULL;
}

/* Checks that a schedule "function" has its function. A number for rho ends such a schedule. */
static void match_schedule(lua_State *L, const ipd_lua_run *r, ipd_change *change)
{
    const char *schedule = changed_to(change, "rho_schedule");
    ipd_error e;
    ipd_lua_check_functions(L, 2, 1, schedule, changed_to(change, "schedule"));
    if (!schedule && changed_to(change, "rho") &&
        strcmp(ipd_run_settings(r->run)->rho_schedule, "function") == 0 &&
        ipd_change_add(change, "rho_schedule", "constant", &e))
        ipd_lua_fail(L, &e);
}

/* Warns of changes without effect, after a switch to `method` (NULL: no switch). */
static void warn_of_change(lua_State *L, const ipd_lua_run *r, const char *method,
                           const ipd_change *change)
{
    ipd_settings s = *ipd_run_settings(r->run);
    ipd_error e;
    if ((method && ipd_settings_set(&s, "method", method, &e)) ||
        ipd_change_apply(change, &s, 0, &e))
        return;
    for (int i = 0; i < change->count; i++)
        ipd_lua_warn_unused(L, &s, change->items[i].setting->name, 0);
}

/* Sends the change in the table at index 2; 0 and *e if it is not possible. */
static ipd_ticket give_change(lua_State *L, ipd_lua_run *r, ipd_error *e)
{
    ipd_change change = {0};
    ipd_lua_read_settings(L, 2, no_names, 1, put_change,
                          &(asked){&change, ipd_run_settings(r->run)});
    if (change.count == 0)
        luaL_error(L, "nothing to set. Write run:set{ delta = 0.3 }");
    match_schedule(L, r, &change);
    ipd_ticket ticket = ipd_run_set(r->run, &change, e);
    if (ticket) {
        warn_of_change(L, r, NULL, &change);
        ipd_lua_keep_functions(L, 1, 2);
    }
    return ticket;
}

/* run:set{ delta = 0.3, ... } -> the place where it took effect */
int ipd_lua_run_set(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_error e;
    luaL_checktype(L, 2, LUA_TTABLE);
    return ipd_lua_command(L, r, give_change(L, r, &e), ipd_lua_place_k, &e);
}

/* run:switch(method, { lr = 0.01, ... }) -> the place where it took effect */
int ipd_lua_run_switch(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    const char *method = luaL_checkstring(L, 2);
    ipd_change change = {0};
    ipd_error e;
    lua_settop(L, 3);
    if (!lua_isnil(L, 3)) {
        luaL_checktype(L, 3, LUA_TTABLE);
        ipd_lua_read_settings(L, 3, no_names, 0, put_change,
                              &(asked){&change, ipd_run_settings(r->run)});
        ipd_lua_check_functions(L, 3, 1, changed_to(&change, "rho_schedule"),
                                changed_to(&change, "schedule"));
    }
    ipd_ticket ticket = ipd_run_switch(r->run, method, &change, &e);
    if (ticket && !lua_isnil(L, 3))
        ipd_lua_keep_functions(L, 1, 3);
    if (ticket)
        warn_of_change(L, r, method, &change);
    return ipd_lua_command(L, r, ticket, ipd_lua_place_k, &e);
}

/* Raises an error that explains why this field cannot be set. */
static int cannot_be_set(lua_State *L, const char *name)
{
    static const char *const parts[] = {"__fields", "__methods"};
    for (int i = 0; i < 2; i++) {
        int known = luaL_getmetafield(L, 1, parts[i]) == LUA_TTABLE;
        known = known && lua_getfield(L, -1, name) != LUA_TNIL;
        if (known)
            return luaL_error(L, "'%s' of a run cannot be set", name);
    }
    return unknown(L, name, no_names);
}

/* run.delta = 0.3 is run:set{ delta = 0.3 }; an assignment returns nothing, so failures raise an
 * error. */
int ipd_lua_run_assign(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_error e;
    lua_settop(L, 3);
    if (lua_type(L, 2) == LUA_TSTRING && !strcmp(lua_tostring(L, 2), "snapshot_budget"))
        return ipd_lua_set_snapshot_budget(L);
    if (lua_type(L, 2) == LUA_TSTRING && !strcmp(lua_tostring(L, 2), "name")) {
        if (!lua_isstring(L, 3))
            return luaL_error(L, "a run's name is a text: run.name = \"long batches\"");
        return ipd_lua_order(L, ipd_run_rename(r->run, lua_tostring(L, 3), &e), &e);
    }
    if (lua_type(L, 2) != LUA_TSTRING || !ipd_setting_find(lua_tostring(L, 2)))
        return cannot_be_set(L, luaL_tolstring(L, 2, NULL));
    lua_newtable(L);
    lua_insert(L, 2);
    lua_settable(L, 2);
    return ipd_lua_order(L, ipd_lua_given(r, give_change(L, r, &e)), &e);
}

/* run.delta -> the value in force, nil if it is unset; and whether there is a setting of this
 * name */
int ipd_lua_run_setting(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_lua_push_settings(L, ipd_run_settings(r->run));
    lua_pushvalue(L, 2);
    lua_rawget(L, -2);
    lua_pushboolean(L, lua_type(L, 2) == LUA_TSTRING && ipd_setting_find(lua_tostring(L, 2)));
    return 2;
}
