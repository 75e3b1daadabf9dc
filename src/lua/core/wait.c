/* wait.c - what happens between Lua and the runs: polling, waiting for answers, callbacks. */
#include "base/clock.h"
#include "lua/core/internal.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHORT_MS = 1, WAIT_MS = 20 };

/* Of callbacks that a run does not wait for. */
static const char *const names[IPD_ON_KINDS] = {"iteration", "change"};

/* What the audit finds is said at once, whatever is at work. */
static void warn_of_findings(ipd_lua *lua, ipd_lua_run *r)
{
    for (; r->log_seen < ipd_run_log_count(r->run); r->log_seen++) {
        const ipd_log_entry *entry = ipd_run_log(r->run, r->log_seen);
        char text[IPD_LOG_TEXT + 160], batch[32] = "";
        if (strncmp(entry->text, IPD_LOG_AUDIT, strlen(IPD_LOG_AUDIT)) || !lua->host.warning)
            continue;
        if (entry->place.batches > 1)
            snprintf(batch, sizeof batch, "batch %d, ", entry->place.batch);
        snprintf(text, sizeof text, "%s, audit: iteration %d, %s%s", ipd_run_name(r->run),
                 entry->place.iteration, batch, entry->text + strlen(IPD_LOG_AUDIT));
        lua->host.warning(lua->host.context, text);
    }
}

static size_t event_count(const ipd_lua_run *r, int kind)
{
    return kind == IPD_ON_ITERATION ? ipd_run_record_count(r->run) : ipd_run_log_count(r->run);
}

/* What was announced and is no more. */
static void heed_rewind(ipd_lua_run *r)
{
    if (r->rewinds == ipd_run_rewinds(r->run))
        return;
    r->rewinds = ipd_run_rewinds(r->run);
    for (int kind = 0; kind < IPD_ON_KINDS; kind++)
        if (r->announced[kind] > event_count(r, kind)) {
            r->announced[kind] = event_count(r, kind);
            r->call[kind] = 0;
        }
    if (r->log_seen > ipd_run_log_count(r->run))
        r->log_seen = ipd_run_log_count(r->run);
}

void ipd_lua_hear(ipd_lua *lua)
{
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        if (r->run) {
            ipd_run_poll(r->run, 0);
            heed_rewind(r);
        }
    ipd_lua_heed_pause(lua);
}

void ipd_lua_tell_notices(ipd_lua *lua, ipd_lua_run *r)
{
    for (; lua->host.warning && r->notices < ipd_run_notice_count(r->run); r->notices++)
        lua->host.warning(lua->host.context, ipd_run_notice(r->run, r->notices));
}

int ipd_lua_look_out(ipd_lua *lua)
{
    ipd_run *run = lua->called;
    lua->called = NULL;
    for (const ipd_lua_run *r = lua->runs; r && run; r = r->next)
        if (r->run == run) /* it is still open */
            return ipd_run_look_out(run) || (ipd_run_get_status(run) == IPD_RUNNING &&
                                             ipd_lua_poll(lua, NULL, 0, SHORT_MS) > 0);
    return 0;
}

void ipd_lua_pump(ipd_lua *lua)
{
    ipd_lua_reap(lua);
    ipd_lua_hear(lua);
    for (ipd_lua_run *r = lua->runs; r; r = r->next) {
        if (!r->run)
            continue;
        ipd_lua_tell_notices(lua, r);
        warn_of_findings(lua, r);
        ipd_lua_settle_failure(lua, r);
    }
    ipd_lua_park(lua);
    ipd_lua_show_current(lua);
}

static int pending_kind(const ipd_lua_run *r)
{
    for (int kind = 0; r->run && kind < IPD_ON_KINDS; kind++)
        if (r->callbacks[kind] && r->announced[kind] < event_count(r, kind))
            return kind;
    return -1;
}

int ipd_lua_has_event(const ipd_lua_run *r)
{
    return pending_kind(r) >= 0;
}

int ipd_lua_event_pending(ipd_lua *lua)
{
    /* An interrupt is for what runs now; callbacks go on afterwards. */
    if (lua->interrupted || lua->quitting)
        return 0;
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        if (pending_kind(r) >= 0)
            return 1;
    return 0;
}

/* Takes the function at index out of the list of callbacks of one kind. */
static void remove_callback(lua_State *L, ipd_lua_run *r, int run, int kind, int function)
{
    lua_getiuservalue(L, run, 1);
    lua_rawgeti(L, -1, kind + 1);
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1), kept = 0;
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, i);
        if (lua_rawequal(L, -1, function))
            lua_pop(L, 1);
        else
            lua_rawseti(L, -2, ++kept);
    }
    for (lua_Integer i = kept + 1; i <= n; i++) {
        lua_pushnil(L);
        lua_rawseti(L, -2, i);
    }
    lua_pop(L, 2);
    if (r->call[kind] > 0 && kept < n)
        r->call[kind]--;
    r->callbacks[kind] = (size_t)kept;
}

int ipd_lua_with_traceback(lua_State *L)
{
    const char *message = luaL_tolstring(L, 1, NULL);
    luaL_traceback(L, L, message, 1);
    return 1;
}

/* After a callback: handler, run, kind, function [, error]. */
static int event_done(lua_State *L, int status, lua_KContext context)
{
    (void)context;
    ipd_lua *lua = ipd_lua_of(L);
    ipd_lua_run *r = ipd_lua_to_run(L, 2);
    int kind = (int)lua_tointeger(L, 3);
    if (status == LUA_OK || status == LUA_YIELD || lua->quitting)
        return 0;
    if (lua->interrupted) {
        if (r->run && ipd_run_get_status(r->run) == IPD_RUNNING)
            ipd_run_forget(r->run, ipd_run_pause(r->run, NULL));
        lua_pushfstring(L, "interrupted in a callback on \"%s\": the run pauses", names[kind]);
        ipd_lua_report(lua, L, NULL);
        return 0;
    }
    remove_callback(L, r, 2, kind, 4);
    lua_pushfstring(L, "%s\n(this callback on \"%s\" is removed)", lua_tostring(L, -1),
                    names[kind]);
    ipd_lua_report(lua, L, NULL);
    return 0;
}

/* Calls a callback: run, kind, function, argument. */
static int event_main(lua_State *L)
{
    lua_settop(L, 4);
    lua_pushcfunction(L, ipd_lua_with_traceback);
    lua_insert(L, 1); /* handler, run, kind, function, argument */
    lua_pushvalue(L, 4);
    lua_insert(L, 5);
    return event_done(L, lua_pcallk(L, 1, 0, 1, 0, event_done), 0);
}

/* Pushes event_main and its arguments for r's event; 0 where r is about to be collected. */
static int push_event_of(lua_State *L, ipd_lua_run *r, int kind)
{
    luaL_checkstack(L, 8, NULL);
    if (!ipd_lua_push_handle(L, r)) {
        r->callbacks[kind] = 0;
        return 0;
    }
    lua_pushcfunction(L, event_main);
    lua_insert(L, -2);
    lua_pushinteger(L, kind);
    lua_getiuservalue(L, -2, 1);
    lua_rawgeti(L, -1, kind + 1);
    lua_rawgeti(L, -1, (lua_Integer)++r->call[kind]);
    lua_replace(L, -3);
    lua_pop(L, 1);
    size_t index = r->announced[kind];
    if (kind == IPD_ON_ITERATION)
        ipd_lua_push_record(L, ipd_run_record(r->run, index));
    else
        ipd_lua_push_log_entry(L, ipd_run_log(r->run, index));
    return 1;
}

int ipd_lua_push_event(ipd_lua *lua, lua_State *L)
{
    if (lua->interrupted || lua->quitting)
        return 0;
    for (ipd_lua_run *r = lua->runs; r; r = r->next) {
        int kind = pending_kind(r);
        /* All callbacks have seen this one: on to the next. */
        while (kind >= 0 && r->call[kind] >= r->callbacks[kind]) {
            r->call[kind] = 0;
            r->announced[kind]++;
            kind = pending_kind(r);
        }
        if (kind >= 0 && push_event_of(L, r, kind))
            return 1;
    }
    return 0;
}

/* Calls what callbacks are due, where nothing can yield. */
static void dispatch_now(lua_State *L)
{
    ipd_lua *lua = ipd_lua_of(L);
    if (lua->dispatching || lua->event.L)
        return;
    lua->dispatching = 1;
    if (lua->host.running && ipd_lua_event_pending(lua))
        lua->host.running(lua->host.context);
    while (ipd_lua_push_event(lua, L))
        lua_call(L, 4, 0); /* event_main catches errors */
    lua->dispatching = 0;
}

/* One slice of what the runs ask, where nothing can yield. */
static void answer_now(ipd_lua *lua)
{
    ipd_lua_task *task = ipd_lua_question(lua);
    if (!task)
        return;
    lua->slice_end = ipd_seconds() + 0.02;
    ipd_lua_resume(lua, task);
    ipd_lua_pump(lua);
}

static ipd_lua_run *still_open(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_to_run(L, 1);
    if (!r->run)
        luaL_error(L, "the run is closed while the call waits for it");
    return r;
}

/* The user asks for the end while a command stands. */
static void stop_waiting(lua_State *L, ipd_lua_run *r, ipd_ticket ticket, int kept)
{
    ipd_reply reply;
    ipd_run_forget(r->run, ipd_run_pause(r->run, NULL));
    if (!*r->lua->why)
        ipd_run_set_ending(r->run, "interrupted"); /* until the next command */
    if (kept)
        while (!ipd_run_replied(r->run, ticket, &reply))
            ipd_run_poll(r->run, 100);
    ipd_run_forget(r->run, ticket);
    r->lua->waited = NULL;
    ipd_lua_check_interrupt(L);
}

int ipd_lua_is_asked(const ipd_lua *lua)
{
    for (const ipd_lua_run *r = lua->runs; r; r = r->next)
        if (r->run && r->asked && ipd_run_get_status(r->run) == IPD_RUNNING)
            return 1;
    return 0;
}

static void repaint(ipd_lua *lua)
{
    lua->repainted = ipd_seconds();
    if (!lua->host.repaint || lua->quiet)
        return;
    lua->quiet++;
    lua->host.repaint(lua->host.context);
    lua->quiet--;
}

void ipd_lua_repaint(ipd_lua *lua)
{
    if (ipd_seconds() - lua->repainted > 1e-3 * WAIT_MS)
        repaint(lua);
}

static void block_for(lua_State *L, ipd_ticket ticket, int kept, ipd_reply *reply)
{
    ipd_lua *lua = ipd_lua_of(L);
    still_open(L)->awaited++; /* an error on the way leaves that: settle */
    ipd_lua_task *task = ipd_lua_current_task(lua);
    for (;;) {
        task->blocked = still_open(L);
        task->blocked_ticket = ticket;
        ipd_lua_pump(lua);
        dispatch_now(L);
        answer_now(lua);
        ipd_lua_run *r = still_open(L);
        if (ipd_run_replied(r->run, ticket, reply)) {
            r->awaited--;
            task->blocked = NULL;
            return;
        }
        if (lua->interrupted || lua->quitting)
            stop_waiting(L, r, ticket, kept);
        if (ipd_lua_question(lua) || ipd_lua_look_out(lua)) {
            ipd_lua_repaint(lua);
            continue;
        }
        repaint(lua);
        ipd_lua_poll(lua, NULL, 0, WAIT_MS);
    }
}

/* Room for `count` descriptors, or fewer without memory. */
static size_t make_poll_room(ipd_lua *lua, size_t count)
{
    if (count > lua->polled_room) {
        struct pollfd *polled = realloc(lua->polled, 2 * count * sizeof *polled);
        if (!polled)
            return lua->polled_room;
        lua->polled = polled;
        lua->polled_room = 2 * count;
    }
    return count;
}

int ipd_lua_poll(ipd_lua *lua, struct pollfd *own, size_t count, int timeout_ms)
{
    enum { WITHOUT_MEMORY_MS = 20 };
    size_t wanted = count, used = count;
    int rang = 0;
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        wanted += r->run != NULL;
    size_t room = make_poll_room(lua, wanted);
    if (room < wanted && (timeout_ms < 0 || timeout_ms > WITHOUT_MEMORY_MS))
        timeout_ms = WITHOUT_MEMORY_MS; /* some runs are not heard */
    if (room < count)
        return poll(own, (nfds_t)count, timeout_ms) < 0 ? -1 : 0;
    if (count)
        memcpy(lua->polled, own, count * sizeof *own);
    for (ipd_lua_run *r = lua->runs; r && used < room; r = r->next)
        if (r->run)
            lua->polled[used++] = (struct pollfd){ipd_run_fd(r->run), POLLIN, 0};
    int failed = poll(lua->polled, (nfds_t)used, timeout_ms) < 0;
    for (size_t i = 0; i < used; i++) {
        short ready = failed ? 0 : lua->polled[i].revents;
        if (i < count)
            own[i].revents = ready;
        else
            rang += ready != 0;
    }
    return failed ? -1 : rang;
}

/* The wait is over. */
static void take_reply(lua_State *L, ipd_lua_run *r, const ipd_reply *reply)
{
    r->lua->waited = NULL;
    ipd_run_forget(r->run, reply->ticket);
    if (reply->cut || reply->failed)
        ipd_lua_check_pause(L, r);
    if (reply->failed && reply->error.code == IPD_ECALLBACK)
        ipd_lua_raise_failure(L, reply);
}

void ipd_lua_await(lua_State *L, ipd_ticket ticket, lua_KFunction k, int kept, ipd_reply *reply)
{
    ipd_lua *lua = ipd_lua_of(L);
    ipd_lua_run *r = still_open(L);
    if (ipd_run_replied(r->run, ticket, reply)) {
        take_reply(L, r, reply);
        return;
    }
    if (ipd_run_answered(r->run, ticket))
        luaL_error(L, "the reply of the run was read before");
    lua->waited = r;
    if (lua->interrupted || lua->quitting)
        stop_waiting(L, r, ticket, kept);
    if (L == lua->current && lua_isyieldable(L)) {
        ipd_lua_task *task = ipd_lua_current_task(lua);
        task->run = r;
        task->ticket = ticket;
        lua_yieldk(L, 0, (lua_KContext)ticket, k);
    }
    block_for(L, ticket, kept, reply);
    if (lua->host.running)
        lua->host.running(lua->host.context);
    take_reply(L, r, reply);
}

int ipd_lua_get_progress(ipd_lua *lua, ipd_lua_progress *p)
{
    if (!lua->waited || !lua->waited->run || lua->wait_last == 0)
        return 0;
    p->run = lua->waited->run;
    p->first = lua->wait_first;
    p->last = lua->wait_last;
    p->seconds = ipd_seconds() - lua->wait_since;
    return 1;
}
