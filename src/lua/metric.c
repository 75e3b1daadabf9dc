/* metric.c - functions for lua/metric.lua: names of metrics, and their values in records. */
#include "lua/classes.h"

/* check_metric(name): raises an error if it cannot name a metric. */
static int check_metric(lua_State *L)
{
    ipd_error e;
    return ipd_metric_check(luaL_checkstring(L, 1), &e) ? luaL_error(L, "%s", e.text) : 0;
}

/* put_metric(run, iteration, name, value) */
static int put_metric(lua_State *L)
{
    ipd_error e;
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    long iteration = (long)luaL_checkinteger(L, 2);
    const char *name = luaL_checkstring(L, 3);
    double value = luaL_checknumber(L, 4);
    lua_settop(L, 1);
    ipd_ticket ticket = ipd_lua_given(r, ipd_run_put_metric(r->run, iteration, name, value, &e));
    return ipd_lua_order(L, ticket, &e);
}

/* recorded_metrics(run) -> the names in its last record */
static int recorded_metrics(lua_State *L)
{
    const ipd_records *records = ipd_run_records(ipd_lua_check_run(L, 1)->run);
    char name[IPD_METRIC_NAME];
    lua_newtable(L);
    if (!records->count)
        return 1;
    ipd_record last = ipd_records_get(records, records->count - 1);
    for (int i = 0; i < IPD_MAX_METRICS && ipd_metric_name(last.metric_names, i, name); i++) {
        lua_pushstring(L, name);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

const luaL_Reg ipd_lua_metric_functions[] = {{"check_metric", check_metric},
                                             {"put_metric", put_metric},
                                             {"recorded_metrics", recorded_metrics},
                                             {NULL, NULL}};
