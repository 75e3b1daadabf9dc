/* callback.c - run:on: functions that a run waits for at its events, and their errors.
 *
 * The run sends a request (IPD_ASK_CALLBACK); a task of its own calls the functions of the event in
 * order and answers. An error is stored beside the functions. The call that waits for the run
 * raises it; if no call waits, it is printed. Which of the two is decided once the run knows of the
 * error: by then the reply of a waiting call, which fails, has come. */
#include "lua/core/internal.h"

#include <stdio.h>
#include <string.h>

/* The kind (IPD_ON_...) of callbacks without waiting for this event, or -1. */
static int later_kind(ipd_event event)
{
    return event == IPD_EVENT_ITERATION ? IPD_ON_ITERATION
           : event == IPD_EVENT_CHANGE  ? IPD_ON_CHANGE
                                        : -1;
}

/* Pushes the list of the functions that the run at index `run` waits for at an event, or nil. */
static void push_list(lua_State *L, int run, ipd_event event)
{
    lua_getiuservalue(L, run, 1);
    lua_rawgeti(L, -1, IPD_LUA_CALLS + (int)event);
    lua_remove(L, -2);
}

/* Stores the list at the top of the stack for an event of the run at index 1, and starts or stops
 * the worker's requests. */
static void keep_list(lua_State *L, ipd_lua_run *r, ipd_event event)
{
    unsigned bit = 1u << event;
    r->calls = lua_isnil(L, -1) ? r->calls & ~bit : r->calls | bit;
    lua_getiuservalue(L, 1, 1);
    lua_insert(L, -2);
    lua_rawseti(L, -2, IPD_LUA_CALLS + (int)event);
    lua_pop(L, 1);
    ipd_run_forget(r->run, ipd_run_set_calls(r->run, r->calls, NULL));
}

/* Stores the callback without waiting at index 3, or removes them all if it is nil. */
static void keep_later(lua_State *L, ipd_lua_run *r, int kind)
{
    lua_getiuservalue(L, 1, 1);
    if (lua_isnil(L, 3)) {
        lua_newtable(L);
        lua_rawseti(L, -2, kind + 1);
        r->callbacks[kind] = r->call[kind] = 0;
        lua_pop(L, 1);
        return;
    }
    if (r->callbacks[kind] == 0) { /* past events do not count */
        r->announced[kind] = ipd_lua_event_count(r, kind);
        r->call[kind] = 0;
    }
    lua_rawgeti(L, -1, kind + 1);
    lua_pushvalue(L, 3);
    lua_rawseti(L, -2, (lua_Integer)++r->callbacks[kind]);
    lua_pop(L, 2);
}

/* Reads the option `wait` of the table at index 4 (default true). */
static int waits(lua_State *L, ipd_event event)
{
    static const char *const names[] = {"wait", NULL};
    if (lua_isnil(L, 4))
        return 1;
    ipd_lua_check_keys(L, 4, "option of run:on", names);
    if (lua_getfield(L, 4, "wait") != LUA_TNIL && !lua_isboolean(L, -1))
        return luaL_error(L, "wait must be true or false, not %s", luaL_tolstring(L, -1, NULL));
    int wait = lua_isnil(L, -1) || lua_toboolean(L, -1);
    if (!wait && later_kind(event) < 0)
        return luaL_error(L, "wait = false is possible for the events iteration and change only");
    return wait;
}

/* run:on(event, f, { wait = false }) adds a callback; run:on(event, nil) removes all of that
 * event. */
int ipd_lua_run_on(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    const char *name = luaL_checkstring(L, 2);
    ipd_event event = 0;
    while (event < IPD_EVENTS && strcmp(name, ipd_lua_event_names[event]))
        event++;
    if (event == IPD_EVENTS)
        return ipd_lua_unknown(L, "event", name, ipd_lua_event_names);
    lua_settop(L, 4);
    int wait = waits(L, event);
    if (lua_isnil(L, 3)) {
        if (later_kind(event) >= 0)
            keep_later(L, r, later_kind(event));
        lua_pushnil(L);
        keep_list(L, r, event);
        return 0;
    }
    luaL_checktype(L, 3, LUA_TFUNCTION);
    if (!wait) {
        keep_later(L, r, later_kind(event));
        return 0;
    }
    /* Makes a new list: the present one may be in use. */
    push_list(L, 1, event);
    lua_Integer count = lua_isnil(L, -1) ? 0 : (lua_Integer)lua_rawlen(L, -1);
    lua_createtable(L, (int)count + 1, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, -2, i);
        lua_rawseti(L, -2, i);
    }
    lua_pushvalue(L, 3);
    lua_rawseti(L, -2, count + 1);
    keep_list(L, r, event);
    return 0;
}

/* Message handler: adds the traceback to an error that is a string; other values are passed
 * through. */
static int with_traceback(lua_State *L)
{
    if (!lua_isstring(L, 1))
        return 1;
    luaL_traceback(L, L, lua_tostring(L, 1), 1);
    return 1;
}

/* Stores the error at the top of the stack and tells the run. */
static void fail(lua_State *L, ipd_lua_run *r, unsigned long number, ipd_event event)
{
    char why[400];
    const char *name = ipd_lua_event_names[event];
    int interrupted = r->lua->interrupted;
    luaL_checkstack(L, 8, NULL);
    const char *text = interrupted ? "interrupted" : luaL_tolstring(L, -1, NULL);
    snprintf(why, sizeof why, "callback on \"%s\": %.*s", name, (int)strcspn(text, "\n"), text);
    ipd_ticket ticket = ipd_run_decline(r->run, number, why, NULL);
    ipd_run_forget(r->run, ticket);
    if (interrupted &&
        ipd_run_request(r->run)->stepping) /* the waiting call is interrupted as well */
        return;
    if (lua_isstring(L, interrupted ? -1 : -2))
        lua_pushfstring(L, "%s\n(in a callback on \"%s\" of %s)", text, name, ipd_run_name(r->run));
    else
        lua_pushvalue(L, -2);
    if (!r->declined) { /* only the first error is kept */
        lua_getiuservalue(L, 2, 1);
        lua_insert(L, -2);
        lua_rawseti(L, -2, IPD_LUA_FAILURE);
    }
    r->declined = ticket;
}

/* Calls functions i, i + 1, ... of the list, and continues after each. Stack: handler, run, number,
 * event, list, argument [, error]. */
static int call_next(lua_State *L, int status, lua_KContext i)
{
    ipd_lua_run *r = ipd_lua_to_run(L, 2);
    unsigned long number = (unsigned long)lua_tointeger(L, 3);
    ipd_event event = (ipd_event)lua_tointeger(L, 4);
    lua_Integer count = (lua_Integer)lua_rawlen(L, 5);
    for (; (status == LUA_OK || status == LUA_YIELD) && i <= count; i++) {
        lua_settop(L, 6);
        lua_rawgeti(L, 5, i);
        lua_pushvalue(L, 6);
        status = lua_pcallk(L, 1, 0, 1, i + 1, call_next);
    }
    if (!r->run || r->lua->quitting)
        return 0;
    if (status != LUA_OK && status != LUA_YIELD)
        fail(L, r, number, event);
    else
        ipd_run_forget(r->run, ipd_run_answer(r->run, number, 0, NULL));
    r->lua->called = r->run;
    return 0;
}

/* Calls all functions of the list. Stack: run, number, event, list, argument. */
static int callback_main(lua_State *L)
{
    lua_settop(L, 5);
    lua_pushcfunction(L, with_traceback);
    lua_insert(L, 1);
    return call_next(L, LUA_OK, 1);
}

/* Pushes the callbacks' argument; returns 0 if a rewind has removed the record or log entry. */
static int push_argument(lua_State *L, const ipd_run *run, const ipd_request *q)
{
    ipd_block_report report;
    if (q->event == IPD_EVENT_ITERATION) {
        if (q->index >= ipd_run_record_count(run))
            return 0;
        ipd_lua_push_record(L, ipd_run_records(run), q->index);
    } else if (q->event == IPD_EVENT_CHANGE) {
        if (q->index >= ipd_run_log_count(run))
            return 0;
        ipd_lua_push_log_entry(L, ipd_run_log(run, q->index));
    } else {
        if (!ipd_run_recent_blocks(run, &report, 1))
            return 0;
        ipd_lua_push_block_report(L, &report, &q->place);
    }
    return 1;
}

int ipd_lua_push_callbacks(lua_State *L, int run, lua_State *thread)
{
    ipd_lua_run *r = ipd_lua_to_run(L, run);
    const ipd_request *q = ipd_run_request(r->run);
    push_list(L, run, q->event);
    if (lua_isnil(L, -1) || !push_argument(L, r->run, q))
        return 0;
    lua_pushcfunction(thread, callback_main);
    lua_pushvalue(L, run);
    lua_xmove(L, thread, 1);
    lua_pushinteger(thread, (lua_Integer)q->number);
    lua_pushinteger(thread, (lua_Integer)q->event);
    lua_xmove(L, thread, 2);
    return 1;
}

int ipd_lua_is_called(const ipd_lua_run *r)
{
    const ipd_request *q = ipd_run_request(r->run);
    return q->number && q->kind == IPD_ASK_CALLBACK;
}

/* Returns 1 if a waiting call will raise the error. */
static int is_awaited(const ipd_lua_task *task, const ipd_lua_run *r)
{
    ipd_reply reply;
    return task->L &&
           ((task->run == r && ipd_run_replied(r->run, task->ticket, &reply)) ||
            (task->blocked == r && ipd_run_replied(r->run, task->blocked_ticket, &reply))) &&
           reply.failed && reply.error.code == IPD_ECALLBACK;
}

static int is_attended(const ipd_lua *lua, const ipd_lua_run *r)
{
    int attended = is_awaited(&lua->chunk, r) || is_awaited(&lua->event, r);
    for (const ipd_lua_run *other = lua->runs; other && !attended; other = other->next)
        attended = is_awaited(&other->asking, r);
    return attended;
}

/* Pushes the stored error and clears it. */
static int take_failure(lua_State *L)
{
    lua_getiuservalue(L, 1, 1);
    lua_rawgeti(L, -1, IPD_LUA_FAILURE);
    lua_pushnil(L);
    lua_rawseti(L, -3, IPD_LUA_FAILURE);
    lua_remove(L, -2);
    return 1;
}

/* Prints an error that no call raises. Argument: the run as a light userdata. */
static int print_failure(lua_State *L)
{
    ipd_lua_run *r = lua_touserdata(L, 1);
    if (!ipd_lua_push_handle(L, r))
        return 0;
    lua_replace(L, 1);
    take_failure(L);
    if (lua_isnil(L, -1))
        return 0;
    lua_pushfstring(L, "%s\n(%s pauses)", luaL_tolstring(L, -1, NULL), ipd_run_name(r->run));
    ipd_lua_report(r->lua, L, NULL);
    r->lua->unattended = 1;
    return 0;
}

void ipd_lua_report_failure(ipd_lua *lua, ipd_lua_run *r)
{
    if (!r->declined || !ipd_run_answered(r->run, r->declined))
        return;
    r->declined = 0;
    if (is_attended(lua, r))
        return;
    lua_pushcfunction(lua->L, print_failure);
    lua_pushlightuserdata(lua->L, r);
    if (lua_pcall(lua->L, 1, 0, 0))
        ipd_lua_report(lua, lua->L, NULL);
}

int ipd_lua_raise_failure(lua_State *L, const ipd_reply *reply)
{
    take_failure(L);
    if (lua_isnil(L, -1))
        return luaL_error(L, "%s", reply->error.text);
    return lua_error(L);
}

ipd_lua_task *ipd_lua_current_task(ipd_lua *lua)
{
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        if (r->asking.L && r->asking.L == lua->current)
            return &r->asking;
    return lua->event.L && lua->event.L == lua->current ? &lua->event : &lua->chunk;
}

/* The run that r's function waits for, while r waits for that function; NULL if there is none. */
static const ipd_lua_run *waits_for(const ipd_lua_run *r)
{
    const ipd_lua_task *task = &r->asking;
    return !task->L ? NULL : task->run ? task->run : task->blocked;
}

int ipd_lua_waits_for_caller(lua_State *L, const ipd_lua_run *r)
{
    ipd_lua *lua = ipd_lua_of(L);
    const ipd_lua_task *caller = ipd_lua_current_task(lua);
    size_t max = 0; /* a chain of waiting runs is no longer than this */
    for (const ipd_lua_run *x = lua->runs; x; x = x->next)
        max++;
    for (; r && max--; r = waits_for(r)) {
        if (r->asking.L && &r->asking == caller)
            return 1;
        /* The function is further down on the C stack: it continues only after the caller has
         * returned. */
        if (r->asking.L && r->asking.resumed && !(lua_isyieldable(L) && L == lua->current))
            return 1;
    }
    return 0;
}

void ipd_lua_check_can_wait(lua_State *L, const ipd_lua_run *r)
{
    if (!ipd_lua_waits_for_caller(L, r))
        return;
    if (ipd_lua_current_task(r->lua) != &r->asking)
        luaL_error(L,
                   "%s waits for a callback that waits for this run. Return from this function "
                   "before you step it",
                   ipd_run_name(r->run));
    const ipd_request *q = ipd_run_request(r->run);
    if (q->kind != IPD_ASK_CALLBACK)
        luaL_error(L, "the function of %s cannot step or rewind its own run, which waits for it",
                   q->setting ? q->setting->name : "a breakpoint");
    luaL_error(L, "a callback cannot step or rewind its own run, which waits for it. Return, and "
                  "use run:pause() to stop the run here");
}
