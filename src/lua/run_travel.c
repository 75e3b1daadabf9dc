/* run_travel.c - rewind, branch, undo, verify_replay, breakpoints and snapshots. */
#include "lua/classes.h"
#include "report/describe.h"

#include <math.h>
#include <string.h>

/* The iteration at index 2; negative ones count from the last. */
static long iteration_at(lua_State *L, const ipd_lua_run *r)
{
    lua_Integer k = luaL_checkinteger(L, 2), last = (lua_Integer)ipd_run_record_count(r->run);
    if (k < 0)
        k += last;
    if (k < 0 || k > last)
        return luaL_error(L, "the run has no iteration %I: its last one is %I", k, last);
    return (long)k;
}

/* Lets a screen keep the curve that the rewind discards. */
static void tell_rewinding(const ipd_lua_run *r, long iteration)
{
    const ipd_lua_host *host = &r->lua->host;
    ipd_lua_curves curves;
    ipd_lua_curves_of(&curves, r);
    if (host->rewinding && curves.records->count)
        host->rewinding(host->context, &curves, iteration);
}

/* The text about the path that the rewind leaves is at the top of the stack. */
static int rewind_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, rewind_k, 1, &reply);
    if (reply.failed)
        return ipd_lua_fail(L, &reply.error);
    ipd_lua_push_effect(L, &reply);
    lua_insert(L, -2);
    return 2;
}

/* run:rewind(k) -> the place where the run is now, and a text about the path that it left */
int ipd_lua_run_rewind(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_error e;
    ipd_lua_check_can_wait(L, r);
    long k = iteration_at(L, r);
    tell_rewinding(r, k);
    char left[300];
    ipd_describe_left(r->run, k, left, sizeof left);
    lua_settop(L, 2);
    lua_pushfstring(L, "%s: run:redo() returns", left);
    r->stepped = 1;
    return ipd_lua_command(L, r, ipd_run_rewind(r->run, k, &e), rewind_k, &e);
}

static int verify_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, verify_k, 0, &reply);
    if (reply.failed)
        return ipd_lua_fail(L, &reply.error);
    lua_pushboolean(L, 1);
    return 1;
}

/* run:verify_replay() -> true, or nil and the first difference */
int ipd_lua_run_verify(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_error e;
    r->stepped = 1;
    return ipd_lua_command(L, r, ipd_run_verify(r->run, &e), verify_k, &e);
}

/* Opens the branch of the run at index 1 from the archive at index 4; its name is at index 3. */
static int open_branch(lua_State *L)
{
    ipd_lua *lua = ipd_lua_of(L);
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_archive **a = lua_touserdata(L, 4);
    ipd_run_options options = {.archive = *a,
                               .history = lua->host.history,
                               .name = lua_tostring(L, 3),
                               .answers = 1,
                               .snapshots = ipd_run_snapshot_budget(r->run)};
    ipd_dataset *d = ipd_run_dataset(r->run);
    ipd_error e;
    ipd_lua_make_space(L);
    ipd_lua_run *other = ipd_lua_push_run(L);
    if (ipd_lua_open_run_of(other, d, NULL, &options, &e))
        return ipd_lua_fail(L, &e);
    other->log_seen =
        ipd_run_log_count(other->run); /* earlier findings of the audit were reported then */
    ipd_archive_free(*a);              /* may be large, and the collector does not count it */
    *a = NULL;
    if (r->has_function) {
        lua_getiuservalue(L, -1, 1);
        lua_getiuservalue(L, 1, 1);
        lua_rawgeti(L, -1, IPD_LUA_VALUES);
        lua_rawseti(L, -3, IPD_LUA_VALUES);
        lua_pop(L, 2);
        other->has_function = 1;
    }
    return 1;
}

static int branch_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, branch_k, 1, &reply);
    return reply.failed ? ipd_lua_fail(L, &reply.error) : open_branch(L);
}

/* run:branch(k, name) -> a new run that continues from the end of iteration k */
int ipd_lua_run_branch(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_error e;
    lua_settop(L, 3);
    if (lua_isnil(L, 2)) { /* at its last iteration */
        lua_pushinteger(L, (lua_Integer)ipd_run_record_count(r->run));
        lua_replace(L, 2);
    }
    long k = iteration_at(L, r);
    luaL_optstring(L, 3, NULL);
    if (lua_isnil(L, 3)) {
        lua_pushfstring(L, "%s@%d", ipd_run_name(r->run), (int)k);
        lua_replace(L, 3);
    }
    ipd_archive **a = ipd_lua_push_archive(L);
    if (!(*a = ipd_archive_new(&e)))
        return ipd_lua_fail(L, &e);
    return ipd_lua_command(L, r, ipd_run_branch(r->run, k, *a, &e), branch_k, &e);
}

static int undo_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, undo_k, 0, &reply);
    if (reply.failed)
        return ipd_lua_fail(L, &reply.error);
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    size_t n = ipd_run_log_count(r->run);
    const char *text = n ? ipd_run_log(r->run, n - 1)->text : "";
    ipd_lua_push_effect(L, &reply);
    lua_pushstring(L, strncmp(text, "set ", 4) ? text : text + 4);
    return 2;
}

/* run:undo() -> the place where it took effect, the values in force again */
int ipd_lua_run_undo(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_error e;
    return ipd_lua_command(L, r, ipd_run_undo(r->run, &e), undo_k, &e);
}

/* Pushes the list of breakpoints of the run at stack index `run`. One that is off is a table with
 * its function. */
static void push_breaks(lua_State *L, int run)
{
    lua_getiuservalue(L, run, 1);
    if (lua_rawgeti(L, -1, IPD_LUA_BREAKS) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, IPD_LUA_BREAKS);
    }
    lua_remove(L, -2);
}

/* Sets the number of breakpoints: the worker sends requests from the next block on. It need not
 * wait, since commands keep their order. Returns 0, or the number of values pushed on failure. */
static int tell_breaks(lua_State *L, ipd_lua_run *r, size_t count)
{
    ipd_error e;
    r->breaks = (int)count;
    ipd_ticket ticket = ipd_run_set_breaks(r->run, (int)count, &e);
    ipd_run_forget(r->run, ticket);
    return ticket ? 0 : ipd_lua_fail(L, &e);
}

/* run:break_at(f) -> its number */
int ipd_lua_run_break_at(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    if (lua_type(L, 2) == LUA_TSTRING) { /* a condition */
        ipd_lua_push_prelude(L, "condition");
        lua_pushvalue(L, 2);
        lua_call(L, 1, 1);
        lua_replace(L, 2);
    }
    luaL_checktype(L, 2, LUA_TFUNCTION);
    push_breaks(L, 1);
    size_t count = lua_rawlen(L, -1) + 1;
    lua_pushvalue(L, 2);
    lua_rawseti(L, -2, (lua_Integer)count);
    if (tell_breaks(L, r, count))
        return 2;
    lua_pushinteger(L, (lua_Integer)count);
    return 1;
}

/* run:toggle_break(n): switches breakpoint n off or on again -> whether it stops the run */
int ipd_lua_run_toggle_break(lua_State *L)
{
    ipd_lua_check_run(L, 1);
    lua_settop(L, 2);
    push_breaks(L, 1);
    lua_Integer which = luaL_checkinteger(L, 2);
    luaL_argcheck(L, which >= 1 && which <= (lua_Integer)lua_rawlen(L, 3), 2,
                  "is not the number of a breakpoint");
    int was_off = lua_rawgeti(L, 3, which) == LUA_TTABLE;
    if (was_off) {
        lua_rawgeti(L, -1, 1);
    } else {
        lua_createtable(L, 1, 0);
        lua_insert(L, -2);
        lua_rawseti(L, -2, 1);
    }
    lua_rawseti(L, 3, which);
    lua_pushboolean(L, was_off);
    return 1;
}

/* run:clear_breaks(n): removes breakpoint n, or all -> the number of those left */
int ipd_lua_run_clear_breaks(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    lua_settop(L, 2);
    push_breaks(L, 1);
    lua_Integer count = (lua_Integer)lua_rawlen(L, 3), left = 0;
    lua_Integer which = lua_isnil(L, 2) ? 0 : luaL_checkinteger(L, 2);
    luaL_argcheck(L, which >= 0 && which <= count && (which || lua_isnil(L, 2)), 2,
                  "is not the number of a breakpoint");
    for (lua_Integer i = 1; i <= count && which; i++)
        if (i != which) {
            lua_rawgeti(L, 3, i);
            lua_rawseti(L, 3, ++left);
        }
    for (lua_Integer i = left + 1; i <= count; i++) {
        lua_pushnil(L);
        lua_rawseti(L, 3, i);
    }
    if (tell_breaks(L, r, (size_t)left))
        return 2;
    lua_pushinteger(L, left);
    return 1;
}

int ipd_lua_get_breakpoints(lua_State *L)
{
    ipd_lua_check_run(L, 1);
    push_breaks(L, 1);
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    lua_createtable(L, (int)count, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_rawgeti(L, -2, i) == LUA_TTABLE) {
            lua_rawgeti(L, -1, 1);
            lua_remove(L, -2);
        }
        lua_rawseti(L, -2, i);
    }
    return 1;
}

/* Which breakpoints of the run at 1 stop it: a list of booleans. */
int ipd_lua_breaks_on(lua_State *L)
{
    ipd_lua_check_run(L, 1);
    push_breaks(L, 1);
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    lua_createtable(L, (int)count, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        int on = lua_rawgeti(L, -2, i) != LUA_TTABLE;
        lua_pop(L, 1);
        lua_pushboolean(L, on);
        lua_rawseti(L, -2, i);
    }
    return 1;
}

/* show_watches(text, show): passes the rows of the view "watch" to the host. */
int ipd_lua_show_watches(lua_State *L)
{
    const ipd_lua_host *host = &ipd_lua_of(L)->host;
    if (host->watched)
        host->watched(host->context, luaL_checkstring(L, 1), lua_toboolean(L, 2));
    return 0;
}

int ipd_lua_get_snapshots(lua_State *L)
{
    size_t count;
    const ipd_snapshot_info *s = ipd_run_snapshots(ipd_lua_check_run(L, 1)->run, &count);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_createtable(L, 0, 2);
        IPD_LUA_SET(L, "iteration", integer, s[i].iteration);
        IPD_LUA_SET(L, "bytes", integer, s[i].bytes);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* run.snapshot_budget, in MiB; -1: a share of the available memory. */
int ipd_lua_get_snapshot_budget(lua_State *L)
{
    double bytes = ipd_run_snapshot_budget(ipd_lua_check_run(L, 1)->run);
    lua_pushnumber(L, bytes < 0 ? bytes : bytes / (1 << 20));
    return 1;
}

double ipd_lua_snapshot_budget_at(lua_State *L, int index)
{
    double mebibytes = luaL_checknumber(L, index);
    if (!(mebibytes >= 0 && isfinite(mebibytes)) && mebibytes != -1)
        luaL_error(L, "snapshot_budget is in MiB. Use 0 or more, or -1 for a quarter of the "
                      "available memory");
    return mebibytes < 0 ? mebibytes : mebibytes * (1 << 20);
}

/* run.snapshot_budget = MiB */
int ipd_lua_set_snapshot_budget(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_error e;
    double bytes = ipd_lua_snapshot_budget_at(L, 3);
    ipd_ticket ticket = ipd_lua_given(r, ipd_run_set_snapshot_budget(r->run, bytes, &e));
    return ipd_lua_order(L, ticket, &e);
}
