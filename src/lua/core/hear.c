/* hear.c - messages of the runs: receiving them, waiting for them, and finding those that callbacks
 * have not had. */
#include "base/clock.h"
#include "lua/core/internal.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHORT_MS = 1 };

size_t ipd_lua_event_count(const ipd_lua_run *r, int kind)
{
    return kind == IPD_ON_ITERATION ? ipd_run_record_count(r->run) : ipd_run_log_count(r->run);
}

/* Forgets announced records and log entries that a rewind has removed. */
static void heed_rewind(ipd_lua_run *r)
{
    if (r->rewinds == ipd_run_rewinds(r->run))
        return;
    r->rewinds = ipd_run_rewinds(r->run);
    for (int kind = 0; kind < IPD_ON_KINDS; kind++)
        if (r->announced[kind] > ipd_lua_event_count(r, kind)) {
            r->announced[kind] = ipd_lua_event_count(r, kind);
            r->call[kind] = 0;
        }
    if (r->log_seen > ipd_run_log_count(r->run))
        r->log_seen = ipd_run_log_count(r->run);
}

void ipd_lua_interrupt(ipd_lua *lua)
{
    if (lua->active)
        lua->interrupted = 1;
}

static void end_line(ipd_lua *lua, const ipd_place *at)
{
    char place[128];

    ipd_place_text(at, place, sizeof place);
    snprintf(lua->why, sizeof lua->why, "paused at %s; the rest of the line was not run", place);
    ipd_lua_interrupt(lua);
}

void ipd_lua_heed_pause(ipd_lua *lua)
{
    ipd_lua_run *r = lua->pausing;
    ipd_reply reply;

    if (!r || (r->run && !ipd_run_replied(r->run, lua->pause, &reply)))
        return;
    lua->pausing = NULL;
    if (r->run)
        ipd_run_forget(r->run, lua->pause);
    if (r->run && r->stepped)
        end_line(lua, &reply.place);
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

void ipd_lua_pass_notices(ipd_lua *lua, ipd_lua_run *r)
{
    for (; lua->host.warning && r->notices < ipd_run_notice_count(r->run); r->notices++)
        lua->host.warning(lua->host.context, ipd_run_notice(r->run, r->notices));
}

int ipd_lua_pending_kind(const ipd_lua_run *r)
{
    for (int kind = 0; r->run && kind < IPD_ON_KINDS; kind++)
        if (r->callbacks[kind] && r->announced[kind] < ipd_lua_event_count(r, kind))
            return kind;
    return -1;
}

int ipd_lua_event_pending(ipd_lua *lua)
{
    /* An interrupt ends what runs now; callbacks continue afterwards. */
    if (lua->interrupted || lua->quitting)
        return 0;
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        if (ipd_lua_pending_kind(r) >= 0)
            return 1;
    return 0;
}

/* Makes space for `count` descriptors; returns how many there is space for, fewer if memory runs
 * out. */
static size_t grow_polled(ipd_lua *lua, size_t count)
{
    if (count > lua->polled_capacity) {
        struct pollfd *polled = realloc(lua->polled, 2 * count * sizeof *polled);
        if (!polled)
            return lua->polled_capacity;
        lua->polled = polled;
        lua->polled_capacity = 2 * count;
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
    size_t capacity = grow_polled(lua, wanted);
    if (capacity < wanted && (timeout_ms < 0 || timeout_ms > WITHOUT_MEMORY_MS))
        timeout_ms = WITHOUT_MEMORY_MS; /* some runs are not polled */
    if (capacity < count)
        return poll(own, (nfds_t)count, timeout_ms) < 0 ? -1 : 0;
    if (count)
        memcpy(lua->polled, own, count * sizeof *own);
    for (ipd_lua_run *r = lua->runs; r && used < capacity; r = r->next)
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

void ipd_lua_repaint_now(ipd_lua *lua)
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
    if (!lua->check && ipd_seconds() - lua->repainted > 1e-3 * IPD_LUA_WAIT_MS)
        ipd_lua_repaint_now(lua);
}
