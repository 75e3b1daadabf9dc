/* run_step.c - steps of every size, and the answers to commands. */
#include "base/clock.h"
#include "lua/classes.h"

#include <string.h>

lua_Integer ipd_lua_check_steps(lua_State *L, int index)
{
    lua_Integer n = luaL_optinteger(L, index, 1);
    luaL_argcheck(L, n >= 1 && n <= 1000000000, index, "must be at least 1");
    return n;
}

/* Pushes the place of an answer: "at iteration 141, before W3". */
static int push_place_of(lua_State *L, const ipd_reply *reply)
{
    if (reply->failed)
        return ipd_lua_fail(L, &reply->error);
    ipd_lua_push_effect(L, reply);
    return 1;
}

int ipd_lua_place_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, ipd_lua_place_k, 0, &reply);
    return push_place_of(L, &reply);
}

static int done_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, done_k, 0, &reply);
    return reply.failed ? luaL_error(L, "%s", reply.error.text) : 0;
}

int ipd_lua_order(lua_State *L, ipd_ticket ticket, const ipd_error *e)
{
    return ticket ? done_k(L, LUA_OK, (lua_KContext)ticket) : luaL_error(L, "%s", e->text);
}

/* Pushes nil and the status if the run cannot train any more; returns their number, else 0. */
static int stopped(lua_State *L, ipd_lua_run *r)
{
    ipd_run_status status = ipd_run_get_status(r->run);
    if (status != IPD_DIVERGED && status != IPD_FAILED)
        return 0;
    lua_pushnil(L);
    lua_pushstring(L, ipd_run_status_text(r->run));
    return 2;
}

/* The same after a step, which may also have failed. */
static int step_failed(lua_State *L, ipd_lua_run *r, const ipd_reply *reply)
{
    int count = stopped(L, r);
    return !count && reply->failed ? ipd_lua_fail(L, &reply->error) : count;
}

static int step_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, step_k, 0, &reply);
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    int count = step_failed(L, r, &reply);
    if (count)
        return count;
    size_t records = ipd_run_record_count(r->run);
    if (records == 0)
        return push_place_of(L, &reply);
    ipd_lua_push_record(L, ipd_run_records(r->run), records - 1);
    return 1;
}

/* Starts n iterations. Returns the number of values pushed if the run cannot train, else 0 and the
 * ticket. */
static int begin_step(lua_State *L, lua_Integer n, ipd_ticket *ticket)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_error e;
    ipd_lua_check_can_wait(L, r);
    int count = stopped(L, r);
    if (count)
        return count;
    r->stepped = 1;
    *ticket = ipd_lua_given(r, ipd_run_step(r->run, (long)n, &e));
    if (!*ticket)
        return ipd_lua_fail(L, &e);
    r->lua->wait_since = ipd_seconds();
    r->lua->wait_first = ipd_run_place(r->run).iteration;
    r->lua->wait_last = r->lua->wait_first + (long)n - 1;
    return 0;
}

/* run:step(n) -> the last record */
int ipd_lua_run_step(lua_State *L)
{
    ipd_ticket ticket;
    lua_Integer n = ipd_lua_check_steps(L, 2);
    int count = begin_step(L, n, &ticket);
    return count ? count : step_k(L, LUA_OK, (lua_KContext)ticket);
}

int ipd_lua_run_begin_step(lua_State *L)
{
    ipd_ticket ticket;
    int count = begin_step(L, 1, &ticket);
    if (!count)
        lua_pushinteger(L, (lua_Integer)ticket);
    return count ? count : 1;
}

int ipd_lua_run_end_step(lua_State *L)
{
    ipd_lua_check_run(L, 1);
    return step_k(L, LUA_OK, (lua_KContext)luaL_checkinteger(L, 2));
}

static int step_block_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    ipd_block_report report;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, step_block_k, 0, &reply);
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    int count = step_failed(L, r, &reply);
    if (count)
        return count;
    if (ipd_run_recent_blocks(r->run, &report, 1) == 0)
        return push_place_of(L, &reply);
    ipd_lua_push_block_report(L, &report, &reply.place);
    return 1;
}

typedef ipd_ticket send_step(ipd_run *run, long n, ipd_error *e);

/* Sends a step of n units by `send`, or of n runs of blocks of the kind; returns what the last
 * block did. */
static int step_blocks(lua_State *L, send_step *send, const char *kind)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    long n = (long)ipd_lua_check_steps(L, kind ? 3 : 2);
    ipd_error e;
    ipd_lua_check_can_wait(L, r);
    ipd_ticket ticket = kind ? ipd_run_step_kind(r->run, *kind, n, &e) : send(r->run, n, &e);
    int count = stopped(L, r);
    if (count)
        return count;
    r->stepped = 1;
    return ipd_lua_command(L, r, ticket, step_block_k, &e);
}

/* run:step_block(n) -> what the last block did */
int ipd_lua_run_step_block(lua_State *L)
{
    return step_blocks(L, ipd_run_step_blocks, NULL);
}

/* run:step_kind(kind, n): until no z (W, a) is left in the sweep -> what the last block did */
int ipd_lua_run_step_kind(lua_State *L)
{
    ipd_lua_check_run(L, 1);
    const char *kind = luaL_optstring(L, 2, "");
    luaL_argcheck(L, strlen(kind) <= 1, 2, "must be \"z\", \"W\" or \"a\"");
    return step_blocks(L, NULL, kind);
}

/* run:step_batch(n) -> what the last block did */
int ipd_lua_run_step_batch(lua_State *L)
{
    return step_blocks(L, ipd_run_step_batches, NULL);
}

int ipd_lua_run_start(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_error e;
    int count = stopped(L, r);
    if (count)
        return count;
    return ipd_lua_command(L, r, ipd_run_start(r->run, &e), ipd_lua_place_k, &e);
}
