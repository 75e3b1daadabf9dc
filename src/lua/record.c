/* record.c - metric records, places, log entries and settings as Lua tables, and run.metrics. */
#include "lua/core/internal.h"

#include <math.h>
#include <string.h>

/* Pushes a field's values: a number, or a list by layer, or a table by block name. */
static void push_field(lua_State *L, const ipd_field *f, const ipd_record *r)
{
    if (f->kind == IPD_STRING) {
        lua_pushstring(L, ipd_field_string(f, r));
        return;
    }
    if (f->extent == IPD_SCALAR) {
        double x = ipd_field_value(f, r, 0);
        if (f->kind == IPD_BOOL)
            lua_pushboolean(L, x == 1);
        else if (f->kind == IPD_INT && isfinite(x))
            lua_pushinteger(L, (lua_Integer)x);
        else
            lua_pushnumber(L, x);
        return;
    }
    int count = ipd_field_count(f, r->L), by_block = f->extent == IPD_BY_BLOCK;
    lua_createtable(L, by_block ? 0 : count, by_block ? count : 0);
    for (int i = 0; i < count; i++) {
        lua_pushnumber(L, ipd_field_value(f, r, i));
        if (!by_block) {
            lua_rawseti(L, -2, i + 1);
            continue;
        }
        /* The inverse of ipd_block_index: all z, all W, all a. */
        char name[8];
        int kind = i < r->L ? IPD_Z : i < 2 * r->L ? IPD_W : IPD_A;
        ipd_block_text((ipd_block){(char)kind, i % r->L + 1}, name);
        lua_setfield(L, -2, name);
    }
}

void ipd_lua_push_record(lua_State *L, const ipd_record *r)
{
    luaL_checkstack(L, 6, NULL);
    lua_createtable(L, 0, 40);
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        push_field(L, f, r);
        lua_setfield(L, -2, f->name);
    }
    luaL_setmetatable(L, "ipdlam.record");
}

void ipd_lua_push_place(lua_State *L, const ipd_place *place, const char *prefix)
{
    char text[128], block[8];
    luaL_checkstack(L, 6, NULL);
    lua_createtable(L, 0, 6);
    lua_pushinteger(L, place->iteration);
    lua_setfield(L, -2, "iteration");
    lua_pushinteger(L, place->batch);
    lua_setfield(L, -2, "batch");
    lua_pushinteger(L, place->batches);
    lua_setfield(L, -2, "batches");
    lua_pushinteger(L, place->sweep);
    lua_setfield(L, -2, "sweep");
    ipd_block_text(place->block, block);
    lua_pushstring(L, block);
    lua_setfield(L, -2, "block");
    ipd_place_text(place, text, sizeof text);
    lua_pushfstring(L, "%s%s", prefix, text);
    lua_setfield(L, -2, "text");
    luaL_setmetatable(L, "ipdlam.text");
}

void ipd_lua_push_effect(lua_State *L, const ipd_reply *reply)
{
    char text[160];
    ipd_lua_push_place(L, &reply->at, "at ");
    ipd_reply_text(reply, text, sizeof text);
    lua_pushfstring(L, "at %s", text);
    lua_setfield(L, -2, "text");
}

void ipd_lua_push_log_entry(lua_State *L, const ipd_log_entry *entry)
{
    char place[128];
    luaL_checkstack(L, 6, NULL);
    lua_createtable(L, 0, 3);
    ipd_lua_push_place(L, &entry->place, "");
    lua_setfield(L, -2, "place");
    lua_pushstring(L, entry->text);
    lua_setfield(L, -2, "command");
    ipd_place_text(&entry->place, place, sizeof place);
    lua_pushfstring(L, "%s: %s", place, entry->text);
    lua_setfield(L, -2, "text");
    luaL_setmetatable(L, "ipdlam.text");
}

void ipd_lua_push_block_report(lua_State *L, const ipd_block_report *r, const ipd_place *next)
{
    char block[8], then[128], text[256];
    luaL_checkstack(L, 6, NULL);
    lua_createtable(L, 0, 6);
    ipd_block_text(r->at.block, block);
    lua_pushstring(L, block);
    lua_setfield(L, -2, "block");
    ipd_lua_push_place(L, &r->at, "");
    lua_setfield(L, -2, "place");
    lua_pushnumber(L, r->phi);
    lua_setfield(L, -2, "phi");
    lua_pushnumber(L, r->change);
    lua_setfield(L, -2, "change");
    lua_pushnumber(L, r->seconds);
    lua_setfield(L, -2, "seconds");
    ipd_place_text(next, then, sizeof then);
    if (r->at.block.kind == IPD_STEP)
        snprintf(text, sizeof text, "%s: loss %.6g of its batch; now at %s", block, r->phi, then);
    else
        snprintf(text, sizeof text, "%s: phi %.6g (%+.3g); now at %s", block, r->phi, r->change,
                 then);
    lua_pushstring(L, text);
    lua_setfield(L, -2, "text");
    luaL_setmetatable(L, "ipdlam.text");
}

/* Pushes a setting's value as the Lua value that reads back as it. */
static void push_setting(lua_State *L, const ipd_settings *s, const ipd_setting *setting)
{
    const char *at = (const char *)s + setting->offset;
    char text[512];
    switch (setting->kind) {
    case IPD_SET_NUMBER:
        if (setting->zero && *(const double *)(const void *)at == 0)
            lua_pushstring(L, setting->zero);
        else
            lua_pushnumber(L, *(const double *)(const void *)at);
        break;
    case IPD_SET_COUNT:
        lua_pushinteger(L, *(const long *)(const void *)at);
        break;
    case IPD_SET_SWITCH:
        lua_pushboolean(L, *(const int *)(const void *)at);
        break;
    default:
        ipd_settings_get(s, setting, text, sizeof text);
        lua_pushstring(L, text);
    }
}

void ipd_lua_push_settings(lua_State *L, const ipd_settings *s)
{
    luaL_checkstack(L, 6, NULL);
    lua_newtable(L);
    for (const ipd_setting *t = ipd_settings_table; t->name; t++) {
        /* "inertia" is three settings at once, which follow. */
        if (strcmp(t->name, "inertia") == 0 || strcmp(t->name, "rho_init") == 0)
            continue;
        push_setting(L, s, t);
        lua_setfield(L, -2, t->name);
    }
}

/* A percentage, or "-" for what does not exist. */
static const char *percent(lua_State *L, const char *name, char *to, size_t size)
{
    lua_getfield(L, 1, name);
    double x = luaL_optnumber(L, -1, NAN);
    if (isnan(x))
        snprintf(to, size, "-");
    else
        snprintf(to, size, "%.2f %%", 100 * x);
    lua_pop(L, 1);
    return to;
}

/* A number in so many digits, or "-" for what does not exist. */
static const char *number(lua_State *L, const char *name, int digits, char to[32])
{
    lua_getfield(L, 1, name);
    double x = luaL_optnumber(L, -1, NAN);
    if (isnan(x))
        strcpy(to, "-");
    else
        snprintf(to, 32, "%.*g", digits, x);
    lua_pop(L, 1);
    return to;
}

static int record_tostring(lua_State *L)
{
    char text[512], train[32], test[32], auxiliary[32], n[8][32];
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "method");
    const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    const ipd_method *method = ipd_method_find(name);
    number(L, "iteration", 10, n[0]);
    number(L, "seconds", 3, n[1]);
    percent(L, "train_accuracy", train, sizeof train);
    percent(L, "test_accuracy", test, sizeof test);
    if (method && !method->variables) { /* it has no Phi */
        snprintf(text, sizeof text,
                 "iteration %s: %s, forward loss %s\n  accuracy: train %s, test %s; %s s", n[0],
                 name, number(L, "forward_loss", 6, n[2]), train, test, n[1]);
        lua_pushstring(L, text);
        return 1;
    }
    snprintf(text, sizeof text,
             "iteration %s: phi %s = loss %s + regularizer %s"
             " + rho/2 (linear_gap %s + activation_gap %s)\n"
             "  rho %s, accuracy: train %s, test %s, auxiliary %s; %s s",
             n[0], number(L, "phi", 6, n[2]), number(L, "loss", 4, n[3]),
             number(L, "regularizer", 4, n[4]), number(L, "linear_gap", 4, n[5]),
             number(L, "activation_gap", 4, n[6]), number(L, "rho", 4, n[7]), train, test,
             percent(L, "auxiliary_accuracy", auxiliary, sizeof auxiliary), n[1]);
    lua_pushstring(L, text);
    return 1;
}

/* Places, answers and log entries carry their text. */
static int text_tostring(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushliteral(L, "text");
    lua_rawget(L, 1);
    if (!lua_isstring(L, -1))
        lua_pushliteral(L, "(no text)");
    return 1;
}

/* run.metrics: userdata without contents; user value 1 is the run, or one of the history. */
static size_t metrics_count(lua_State *L)
{
    size_t count;
    luaL_checkudata(L, 1, "ipdlam.metrics");
    lua_getiuservalue(L, 1, 1);
    ipd_lua_history_records(L, lua_gettop(L), &count);
    if (!luaL_testudata(L, -1, "ipdlam.history"))
        count = ipd_run_record_count(ipd_lua_check_run(L, lua_gettop(L))->run);
    lua_pop(L, 1);
    return count;
}

/* Record i (0-based) of metrics_count. */
static const ipd_record *metrics_record(lua_State *L, size_t i)
{
    size_t count;
    lua_getiuservalue(L, 1, 1);
    const ipd_record *records = ipd_lua_history_records(L, lua_gettop(L), &count);
    if (!records)
        records = ipd_run_record(ipd_lua_check_run(L, lua_gettop(L))->run, i);
    else
        records += i;
    lua_pop(L, 1); /* the metrics keep it */
    return records;
}

void ipd_lua_push_metrics(lua_State *L, int index)
{
    lua_pushvalue(L, index);
    lua_newuserdatauv(L, 0, 1);
    luaL_setmetatable(L, "ipdlam.metrics");
    lua_insert(L, -2);
    lua_setiuservalue(L, -2, 1);
}

static int metrics_index(lua_State *L)
{
    size_t count = metrics_count(L);
    if (!lua_isinteger(L, 2))
        return luaL_error(L, "metrics hold records by number: metrics[1] to metrics[#metrics]");
    lua_Integer i = lua_tointeger(L, 2);
    if (i < 1 || (size_t)i > count)
        return 0;
    ipd_lua_push_record(L, metrics_record(L, (size_t)i - 1));
    return 1;
}

static int metrics_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)metrics_count(L));
    return 1;
}

static int metrics_next(lua_State *L)
{
    lua_Integer i = luaL_checkinteger(L, 2) + 1;
    lua_pushinteger(L, i);
    lua_pushinteger(L, i);
    lua_gettable(L, 1);
    return lua_isnil(L, -1) ? 1 : 2;
}

static int metrics_pairs(lua_State *L)
{
    metrics_count(L);
    lua_pushcfunction(L, metrics_next);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

static int metrics_tostring(lua_State *L)
{
    size_t n = metrics_count(L), from = n > 10 ? n - 10 : 0;
    char line[160];
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    snprintf(line, sizeof line, "%9s %11s %11s %11s %11s %9s %9s", "iteration", "phi", "linear_gap",
             "act._gap", "fwd loss", "train", "test");
    luaL_addstring(&b, line);
    for (size_t i = from; i < n; i++) {
        const ipd_record *m = metrics_record(L, i);
        const double values[] = {m->phi,          m->linear_gap,     m->activation_gap,
                                 m->forward_loss, m->train_accuracy, m->test_accuracy};
        snprintf(line, sizeof line, "\n%9d", m->iteration);
        luaL_addstring(&b, line);
        for (int k = 0; k < 6; k++) {
            if (isnan(values[k]))
                snprintf(line, sizeof line, " %*s", k < 4 ? 11 : 9, "-");
            else if (k < 4)
                snprintf(line, sizeof line, " %11.5g", values[k]);
            else
                snprintf(line, sizeof line, " %7.2f %%", 100 * values[k]);
            luaL_addstring(&b, line);
        }
    }
    snprintf(line, sizeof line, "\n(%zu of %zu records)", n - from, n);
    luaL_addstring(&b, line);
    luaL_pushresult(&b);
    return 1;
}

void ipd_lua_open_record(lua_State *L)
{
    static const luaL_Reg metrics[] = {{"__index", metrics_index},
                                       {"__len", metrics_len},
                                       {"__pairs", metrics_pairs},
                                       {"__tostring", metrics_tostring},
                                       {NULL, NULL}};
    luaL_newmetatable(L, "ipdlam.record");
    lua_pushcfunction(L, record_tostring);
    lua_setfield(L, -2, "__tostring");
    luaL_newmetatable(L, "ipdlam.text");
    lua_pushcfunction(L, text_tostring);
    lua_setfield(L, -2, "__tostring");
    luaL_newmetatable(L, "ipdlam.metrics");
    luaL_setfuncs(L, metrics, 0);
    lua_pop(L, 3);
}
