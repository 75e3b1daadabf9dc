/* run_weights.c - a run's network: run:save, run:network. Each is a copy that the worker makes at a
 * block boundary. */
#include "format/weights.h"
#include "lua/classes.h"
#include "run/time/checkpoint.h"
#include "run/time/space.h"

#include <stdio.h>
#include <string.h>

/* Sends the command to copy the network into a new userdata at index 3; k continues. */
static int copy_network(lua_State *L, int averaged, lua_KFunction k)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_error e;
    lua_settop(L, 2);
    ipd_network *net = &ipd_lua_push_network(L)->net;
    ipd_ticket ticket = (averaged ? ipd_run_copy_average : ipd_run_copy_network)(r->run, net, &e);
    return ipd_lua_command(L, r, ticket, k, &e);
}

static int save_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    ipd_error e;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, save_k, 1, &reply);
    if (reply.failed)
        return ipd_lua_fail(L, &reply.error);
    ipd_lua_network *n = lua_touserdata(L, 3);
    if (ipd_weights_save(&n->net, lua_tostring(L, 2), &e))
        return ipd_lua_fail(L, &e);
    lua_pushvalue(L, 2);
    return 1;
}

/* Reads { averaged = true } at this index, if given. */
static int wants_average(lua_State *L, int index)
{
    static const char *const names[] = {"averaged", NULL};
    if (lua_isnoneornil(L, index))
        return 0;
    ipd_lua_check_keys(L, index, "option", names);
    lua_getfield(L, index, names[0]);
    int averaged = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return averaged;
}

/* run:save(path, { averaged = }) -> path */
int ipd_lua_run_save(lua_State *L)
{
    luaL_checkstring(L, 2);
    return copy_network(L, wants_average(L, 3), save_k);
}

/* Reports removed checkpoints and failures. */
static void say(void *lua, const char *sentence)
{
    const ipd_lua_host *host = &((ipd_lua *)lua)->host;
    if (host->warning)
        host->warning(host->context, sentence);
}

/* The approximate size of a file of these weights. */
static double bytes_of(const ipd_network *net)
{
    double bytes = 0;
    for (int l = 1; l <= net->L; l++)
        bytes += sizeof(float) * (double)(net->d[l] * (net->d[l - 1] + 1));
    return bytes;
}

static void drop_checkpoint(ipd_lua_run *r)
{
    ipd_run_at_end(r->run, IPD_END_DROP);
    r->dropped = 1;
}

static int keep_weights_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    ipd_checkpoint c = {0};
    ipd_space space;
    ipd_error e;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, keep_weights_k, 1, &reply);
    if (reply.failed)
        return ipd_lua_fail(L, &reply.error);
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_lua_network *n = lua_touserdata(L, 3);
    c.run = ipd_run_id(r->run);
    c.iteration = (int)ipd_run_record_count(r->run);
    snprintf(c.identity, sizeof c.identity, "%s", ipd_run_identity(r->run));
    ipd_space_make(&space, r->lua->host.history, c.identity, bytes_of(&n->net), say, r->lua);
    if (ipd_checkpoint_keep_weights(&c, &n->net, r->lua->host.history, &e))
        say(r->lua, e.text); /* the run is saved like any other */
    else
        drop_checkpoint(r);
    return 0;
}

int ipd_lua_keep_weights(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_run_status status = ipd_run_get_status(r->run);
    lua_settop(L, 1);
    if (!ipd_run_id(r->run))
        return 0;
    if (status == IPD_DIVERGED || status == IPD_FAILED) {
        drop_checkpoint(r);
        return 0;
    }
    return copy_network(L, 0, keep_weights_k);
}

/* run:network{ averaged = } -> a copy of the weights, as a network */
static int network_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, network_k, 1, &reply);
    if (reply.failed)
        return ipd_lua_fail(L, &reply.error);
    ((ipd_lua_network *)lua_touserdata(L, 3))->has_weights = 1;
    lua_settop(L, 3);
    return 1;
}

int ipd_lua_run_network(lua_State *L)
{
    return copy_network(L, wants_average(L, 2), network_k);
}
