/* wait.c - how Lua waits for a run: polling, answers, callbacks meanwhile. */
#include "base/clock.h"
#include "lua/core/internal.h"

#include <poll.h>

/* Calls the callbacks that are due, from a place that cannot yield. */
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

/* Runs one slice of the runs' requests, from a place that cannot yield. */
static void answer_now(ipd_lua *lua)
{
    ipd_lua_task *task = ipd_lua_request(lua);
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
        luaL_error(L, "the run was closed while the call waited for it");
    return r;
}

/* Pauses the run after an interrupt while a command is pending, and raises the interrupt. */
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

static void block_for(lua_State *L, ipd_ticket ticket, int kept, ipd_reply *reply)
{
    ipd_lua *lua = ipd_lua_of(L);
    still_open(L)->awaited++; /* an error leaves this count to ipd_lua_clear_interrupt */
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
        if (ipd_lua_request(lua) || ipd_lua_look_out(lua)) {
            ipd_lua_repaint(lua);
            continue;
        }
        ipd_lua_repaint_now(lua);
        ipd_lua_poll(lua, NULL, 0, IPD_LUA_WAIT_MS);
    }
}

/* Ends the wait with the reply; raises the error of a callback or of a pause by hand. */
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
        luaL_error(L, "the reply of the run was read already");
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

int ipd_lua_command(lua_State *L, ipd_lua_run *r, ipd_ticket ticket, lua_KFunction k,
                    const ipd_error *e)
{
    return ipd_lua_given(r, ticket) ? k(L, LUA_OK, (lua_KContext)ticket) : ipd_lua_fail(L, e);
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
