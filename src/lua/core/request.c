/* request.c - Lua functions that answer a run's requests: values of settings in the next iteration,
 * whether to stop at a breakpoint, and callbacks (callback.c).
 *
 * Each function runs in a task of its own. A callback or submission that waits for the run
 * therefore does not block it, and a function may step another run that sends requests itself.
 */
#include "lua/core/internal.h"
#include "settings/schedule.h"

#include <stdio.h>
#include <string.h>

/* Returns 1 if the run has a request that its function has not begun to answer. */
static int is_new(const ipd_lua_run *r)
{
    unsigned long number = r->run ? ipd_run_request(r->run)->number : 0;
    return number > r->asked && (r->has_function || ipd_run_request(r->run)->kind != IPD_ASK_VALUE);
}

/* Answers the request after the function. Stack: handler, run, the request's number, result or
 * error. */
static int request_done(lua_State *L, int status, lua_KContext context)
{
    (void)context;
    ipd_lua *lua = ipd_lua_of(L);
    ipd_lua_run *r = ipd_lua_to_run(L, 2);
    unsigned long number = (unsigned long)lua_tointeger(L, 3);
    ipd_error e;
    if (!r->run || lua->quitting)
        return 0;
    if (status != LUA_OK && status != LUA_YIELD) {
        const char *text = lua->interrupted ? "" : luaL_tolstring(L, -1, NULL);
        const char *traceback = strstr(text, "\nstack traceback:");
        int length = (int)(traceback ? traceback - text : (ptrdiff_t)strlen(text));
        char why[320];
        if (lua->interrupted)
            snprintf(why, sizeof why, "its function was interrupted");
        else
            snprintf(why, sizeof why, "its function fails: %.*s", length, text);
        ipd_lua_decline(lua, L, r, number, why, traceback);
    } else if (lua_type(L, -1) != LUA_TNUMBER) {
        char why[80];
        snprintf(why, sizeof why, "its function returns %s%s, not a number",
                 lua_isnil(L, -1) ? "" : "a ", lua_isnil(L, -1) ? "nothing" : luaL_typename(L, -1));
        ipd_lua_decline(lua, L, r, number, why, NULL);
    } else {
        ipd_ticket ticket = ipd_run_answer(r->run, number, lua_tonumber(L, -1), &e);
        ipd_run_forget(r->run, ticket);
        if (!ticket) {
            char why[320];
            snprintf(why, sizeof why, "its function fails: %.280s", e.text);
            ipd_lua_decline(lua, L, r, number, why, NULL);
        }
    }
    return 0;
}

/* Calls the function. Stack: run, the request's number, function, its three arguments. */
static int request_main(lua_State *L)
{
    lua_settop(L, 6);
    lua_pushcfunction(L, ipd_lua_with_traceback);
    lua_insert(L, 1);
    return request_done(L, lua_pcallk(L, 3, 1, 1, 0, request_done), 0);
}

static void push_last_record(lua_State *L, const ipd_run *run)
{
    size_t records = ipd_run_record_count(run);
    if (records)
        ipd_lua_push_record(L, ipd_run_records(run), records - 1);
    else
        lua_pushnil(L);
}

/* Pushes the function of a setting of the run whose handle is at the index, or nil. */
static void push_function(lua_State *L, int run, const char *name)
{
    lua_getiuservalue(L, run, 1);
    if (lua_rawgeti(L, -1, IPD_LUA_VALUES) == LUA_TTABLE)
        lua_getfield(L, -1, name);
    else
        lua_pushnil(L);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

/* Creates the thread for the run at index 1 (a light userdata); nil if the run is being
 * collected. */
static int begin(lua_State *L)
{
    ipd_lua_run *r = lua_touserdata(L, 1);
    const ipd_request *q = ipd_run_request(r->run);
    if (!ipd_lua_push_handle(L, r))
        return 0;
    lua_State *thread = lua_newthread(L);
    luaL_checkstack(thread, 16, NULL);
    if (q->kind == IPD_ASK_CALLBACK) {
        int called = ipd_lua_push_callbacks(L, lua_gettop(L) - 1, thread);
        lua_settop(L, 3); /* run, handle, thread */
        return called;
    }
    lua_pushcfunction(thread, request_main);
    lua_pushvalue(L, -2);
    lua_xmove(L, thread, 1);
    lua_pushinteger(thread, (lua_Integer)q->number);
    lua_getiuservalue(L, -2, 1);
    if (q->kind == IPD_ASK_BREAK) { /* stops_at(breakpoints, m, block, place) */
        ipd_lua_push_prelude(thread, "stops_at");
        lua_rawgeti(L, -1, IPD_LUA_BREAKS);
        lua_xmove(L, thread, 1);
        lua_pop(L, 1);
        push_last_record(thread, r->run);
        ipd_lua_push_place(thread, &q->place, "");
        return 1;
    }
    lua_pop(L, 1);
    push_function(L, lua_gettop(L) - 1, q->setting->name);
    lua_xmove(L, thread, 1);
    ipd_value now;
    ipd_settings_value(ipd_run_settings(r->run), q->setting, &now);
    lua_pushinteger(thread, q->place.iteration);
    if (q->setting->kind == IPD_SET_COUNT)
        lua_pushinteger(thread, now.count);
    else
        lua_pushnumber(thread, now.number);
    push_last_record(thread, r->run);
    return 1;
}

static void begin_for(ipd_lua *lua, ipd_lua_run *r)
{
    lua_State *L = lua->L;
    r->asked = ipd_run_request(r->run)->number;
    lua_pushcfunction(L, begin);
    lua_pushlightuserdata(L, r);
    if (lua_pcall(L, 1, 1, 0)) {
        ipd_lua_report(lua, L, NULL);
        ipd_lua_request_lost(lua, r);
    } else if (lua_isthread(L, -1)) {
        ipd_lua_adopt(lua, &r->asking, 0);
        r->asking.asker = r;
        r->asking.returns = ipd_run_request(r->run)->kind == IPD_ASK_CALLBACK;
        lua->active = 1;
        if (!r->asking.L)
            ipd_lua_request_lost(lua, r);
    } else { /* the callbacks or their record are gone by now */
        lua_pop(L, 1);
        if (ipd_run_request(r->run)->kind == IPD_ASK_CALLBACK)
            ipd_run_forget(r->run, ipd_run_answer(r->run, r->asked, 0, NULL));
    }
}

ipd_lua_task *ipd_lua_request(ipd_lua *lua)
{
    ipd_lua_task *first = NULL, *next = NULL;
    int after = 0;
    for (ipd_lua_run *r = lua->runs; r && !lua->quitting; r = r->next) {
        if (r->asking.resumed)
            continue;
        if (r->asking.L && !r->asking.returns &&
            (!r->run || ipd_run_request(r->run)->number != r->asked))
            ipd_lua_drop_task(lua, &r->asking);
        if (!r->asking.L && is_new(r) && !lua->interrupted)
            begin_for(lua, r);
        if (r->asking.L && !ipd_lua_task_waits(lua, &r->asking)) {
            first = first ? first : &r->asking;
            next = next || !after ? next : &r->asking;
        }
        after |= r == lua->served;
    }
    return next ? next : first; /* if requests take long, the runs take turns */
}

void ipd_lua_keep_functions(lua_State *L, int run, int index)
{
    ipd_lua_run *r = ipd_lua_to_run(L, run);
    for (const ipd_setting *t = ipd_settings_table; t->name; t++) {
        lua_pushstring(L, t->name);
        if (lua_rawget(L, index) != LUA_TFUNCTION) {
            lua_pop(L, 1);
            continue;
        }
        lua_getiuservalue(L, run, 1);
        if (lua_rawgeti(L, -1, IPD_LUA_VALUES) != LUA_TTABLE) {
            lua_pop(L, 1);
            lua_newtable(L);
            lua_pushvalue(L, -1);
            lua_rawseti(L, -3, IPD_LUA_VALUES);
        }
        lua_pushvalue(L, -3);
        lua_setfield(L, -2, t->name);
        lua_pop(L, 3);
        r->has_function = 1;
    }
}

/* 1 if the table at index, or the run whose handle is at `run` (0: none), has a function of the
 * setting. */
static int has_function(lua_State *L, int index, int run, const char *name)
{
    lua_pushstring(L, name);
    int has = lua_rawget(L, index) == LUA_TFUNCTION;
    lua_pop(L, 1);
    if (has || !run)
        return has;
    push_function(L, run, name);
    has = lua_isfunction(L, -1);
    lua_pop(L, 1);
    return has;
}

const char *ipd_lua_missing_function(lua_State *L, int index, const ipd_settings *s)
{
    const ipd_setting *setting;
    if (!strcmp(s->rho_schedule, "function") && !has_function(L, index, 0, "rho"))
        return "rho";
    for (int i = 0; (setting = ipd_schedules_function(s->schedule, i)); i++)
        if (!has_function(L, index, 0, setting->name))
            return setting->name;
    return NULL;
}

void ipd_lua_check_functions(lua_State *L, int index, int run, const char *rho_schedule,
                             const char *schedule)
{
    const ipd_setting *setting;
    if (rho_schedule && !strcmp(rho_schedule, "function") && !has_function(L, index, run, "rho"))
        luaL_error(
            L,
            "rho_schedule = \"function\" has no function. Give rho = function(k, rho, m) ... end");
    for (int i = 0; schedule && (setting = ipd_schedules_function(schedule, i)); i++)
        if (!has_function(L, index, run, setting->name))
            luaL_error(L,
                       "%s = \"function\" has no function. Give %s = function(k, value, m) ... end",
                       setting->name, setting->name);
}
