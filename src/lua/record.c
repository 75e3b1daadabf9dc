/* record.c - metric records, places, log entries and settings as Lua tables, and run.metrics. */
#include "base/text.h"
#include "lua/classes.h"

#include <math.h>
#include <string.h>

/* A percentage, or "-" if the value is missing. */
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

/* A number with the given digits, or "-" if it is missing. */
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
    char text[512], train[32], checked[32], validation[48] = "", test[32], z_L[32], n[8][32];
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "method");
    const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    const ipd_method *method = ipd_method_find(name);
    number(L, "iteration", 10, n[0]);
    number(L, "seconds", 3, n[1]);
    lua_getfield(L, 1, "train_rmse");
    int values = !isnan(luaL_optnumber(L, -1, NAN));
    const char *what = values ? "R²" : "accuracy";
    if (values) { /* of a run whose targets are values */
        number(L, "train_accuracy", 4, train);
        number(L, "test_accuracy", 4, test);
        number(L, "validation_accuracy", 4, checked);
        number(L, "auxiliary_accuracy", 4, z_L);
    } else {
        percent(L, "train_accuracy", train, sizeof train);
        percent(L, "test_accuracy", test, sizeof test);
        percent(L, "validation_accuracy", checked, sizeof checked);
        percent(L, "auxiliary_accuracy", z_L, sizeof z_L);
    }
    if (strcmp(checked, "-"))
        snprintf(validation, sizeof validation, ", validation %s", checked);
    if (method && !method->variables) { /* the method has no Phi */
        snprintf(text, sizeof text,
                 "iteration %s: %s, forward loss %s\n  %s: train %s%s, test %s; %s s", n[0], name,
                 number(L, "forward_loss", 6, n[2]), what, train, validation, test, n[1]);
        lua_pushstring(L, text);
        return 1;
    }
    snprintf(text, sizeof text,
             "iteration %s: phi %s = loss %s + regularizer %s"
             " + rho/2 (linear_gap %s + activation_gap %s)\n"
             "  rho %s, %s: train %s%s, test %s, z_L %s; %s s",
             n[0], number(L, "phi", 6, n[2]), number(L, "loss", 4, n[3]),
             number(L, "regularizer", 4, n[4]), number(L, "linear_gap", 4, n[5]),
             number(L, "activation_gap", 4, n[6]), number(L, "rho", 4, n[7]), what, train,
             validation, test, z_L, n[1]);
    lua_pushstring(L, text);
    return 1;
}

/* Places, answers and log entries have a field `text`. */
static int text_tostring(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushliteral(L, "text");
    lua_rawget(L, 1);
    if (!lua_isstring(L, -1))
        lua_pushliteral(L, "(no text)");
    return 1;
}

/* The records of run.metrics, a userdata whose user value 1 is the run, or a run of the history. */
static const ipd_records *metrics_records(lua_State *L)
{
    luaL_checkudata(L, 1, "ipdlam.metrics");
    lua_getiuservalue(L, 1, 1);
    const ipd_records *records = ipd_lua_history_records(L, lua_gettop(L));
    if (!records)
        records = ipd_run_records(ipd_lua_check_run(L, lua_gettop(L))->run);
    lua_pop(L, 1);
    return records;
}

static int fail_unknown(lua_State *L, const char *name, const char *metrics)
{
    ipd_nearest near = {.word = name};
    ipd_error e;
    char metric[IPD_MAX_METRICS][IPD_METRIC_NAME]; /* `near` points to them */
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        ipd_nearest_try(&near, f->name);
    for (int i = 0; i < IPD_MAX_METRICS && ipd_metric_name(metrics, i, metric[i]); i++)
        ipd_nearest_try(&near, metric[i]);
    ipd_fail_unknown(&e, "field", &near, "?record lists the fields of a record.");
    return luaL_error(L, "%s", e.text);
}

/* Pushes the values of a field or metric in all records, as a list. */
static int push_values(lua_State *L, const ipd_records *records, const char *name)
{
    const ipd_field *field = ipd_field_find(name);
    ipd_record r = {0};
    if (records->count)
        r = ipd_records_get(records, records->count - 1);
    if (!field && ipd_metric_find(r.metric_names, name) < 0)
        return fail_unknown(L, name, r.metric_names);
    lua_createtable(L, (int)records->count, 0);
    for (size_t i = 0; i < records->count; i++) {
        r = ipd_records_get(records, i);
        int at = ipd_metric_find(r.metric_names, name);
        if (field)
            ipd_lua_push_field(L, field, &r);
        else
            lua_pushnumber(L, at < 0 ? NAN : r.metric[at]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    luaL_setmetatable(L, "ipdlam.list");
    return 1;
}

static int metrics_index(lua_State *L)
{
    const ipd_records *records = metrics_records(L);
    if (lua_type(L, 2) == LUA_TSTRING)
        return push_values(L, records, lua_tostring(L, 2));
    if (!lua_isinteger(L, 2))
        return luaL_error(L, "metrics are indexed by number, metrics[1] to metrics[#metrics], or "
                             "by a field of the records: metrics.phi");
    lua_Integer i = lua_tointeger(L, 2);
    if (i < 1 || (size_t)i > records->count)
        return 0;
    ipd_lua_push_record(L, records, (size_t)i - 1);
    return 1;
}

IPD_LUA_GETTER(metrics_len, integer, metrics_records(L)->count)

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
    metrics_records(L);
    lua_pushcfunction(L, metrics_next);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

static int metrics_tostring(lua_State *L)
{
    const ipd_records *records = metrics_records(L);
    size_t n = records->count, from = n > 10 ? n - 10 : 0;
    char line[160];
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    snprintf(line, sizeof line, "%9s %11s %11s %11s %11s %9s %9s", "iteration", "phi", "linear_gap",
             "act._gap", "fwd loss", "train", "test");
    luaL_addstring(&b, line);
    for (size_t i = from; i < n; i++) {
        ipd_record m = ipd_records_get(records, i);
        const double values[] = {m.phi,          m.linear_gap,     m.activation_gap,
                                 m.forward_loss, m.train_accuracy, m.test_accuracy};
        snprintf(line, sizeof line, "\n%9d", m.iteration);
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
    IPD_LUA_SET(L, "__tostring", cfunction, record_tostring);
    luaL_newmetatable(L, "ipdlam.text");
    IPD_LUA_SET(L, "__tostring", cfunction, text_tostring);
    luaL_newmetatable(L, "ipdlam.list"); /* prelude.lua prints it */
    lua_pop(L, 1);
    luaL_newmetatable(L, "ipdlam.metrics");
    luaL_setfuncs(L, metrics, 0);
    lua_pop(L, 3);
}
