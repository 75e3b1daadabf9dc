/* checkpoint.c - run:checkpoint and ip.resume. */
#include "run/checkpoint.h"
#include "lua/internal.h"

#include <math.h>
#include <string.h>

ipd_archive **ipd_lua_push_archive(lua_State *L)
{
    ipd_archive **a = lua_newuserdatauv(L, sizeof *a, 0);
    *a = NULL;
    luaL_setmetatable(L, "ipdlam.archive");
    return a;
}

static int archive_gc(lua_State *L)
{
    ipd_archive **a = luaL_checkudata(L, 1, "ipdlam.archive");
    ipd_archive_free(*a);
    *a = NULL;
    return 0;
}

static int write_checkpoint(lua_State *L, ipd_lua_run *r, const ipd_archive *archive)
{
    ipd_checkpoint c;
    char folder[4096];
    ipd_error e;
    int failed;
    ipd_checkpoint_describe(&c, r->run, 0);
    if (lua_isnil(L, 2)) {
        if (!c.run)
            return luaL_error(L, "this run is in no history: give a path, run:checkpoint(path)");
        failed = ipd_checkpoint_folder(folder, sizeof folder, r->lua->host.history, c.run, &e) ||
                 ipd_checkpoint_keep(&c, folder, archive, r->lua->host.history, &e);
    } else {
        snprintf(c.path, sizeof c.path, "%s", lua_tostring(L, 2));
        failed = ipd_checkpoint_write(&c, archive, &e);
    }
    if (failed)
        return ipd_lua_fail(L, &e);
    lua_pushstring(L, c.path);
    return 1;
}

/* A run that has worked, of a history, that can go on. */
static int is_worth_keeping(const ipd_run *run)
{
    ipd_run_status status = ipd_run_get_status(run);
    return ipd_run_id(run) && status != IPD_DIVERGED && status != IPD_FAILED;
}

/* The state of a run at rest; where only its size is wanted, without data. NULL and *e. */
static ipd_archive *state_of(ipd_run *run, int measure, ipd_error *e)
{
    ipd_reply reply;
    ipd_archive *archive = ipd_archive_new(e);
    if (archive && measure)
        ipd_archive_measure(archive);
    ipd_ticket ticket = archive ? ipd_run_archive(run, archive, e) : 0;
    int failed = !ticket;
    while (!failed && (failed = ipd_run_wait(run, ticket, &reply, e)) && e->code == IPD_EINTERRUPT)
        failed = 0;
    if (!failed)
        return archive;
    ipd_archive_free(archive);
    return NULL;
}

/* 1: it is kept; 0: it is larger than `most` bytes; -1 and *e. */
static int keep_run(const ipd_lua *lua, ipd_run *run, double most, ipd_checkpoint *c, ipd_error *e)
{
    char folder[4096];
    ipd_ticket ticket = ipd_run_pause(run, e);
    ipd_run_forget(run, ticket);
    if (!ticket)
        return -1;
    ipd_archive *archive = state_of(run, 1, e);
    int failed = !archive, larger = archive && (double)ipd_archive_bytes(archive) > most;
    ipd_archive_free(archive);
    if (failed || larger)
        return failed ? -1 : 0;
    if (!(archive = state_of(run, 0, e)))
        return -1;
    ipd_checkpoint_describe(c, run, 0);
    failed = ipd_checkpoint_folder(folder, sizeof folder, lua->host.history, c->run, e) ||
             ipd_checkpoint_keep(c, folder, archive, lua->host.history, e);
    ipd_archive_free(archive);
    return failed ? -1 : 1;
}

void ipd_lua_keep_runs(ipd_lua *lua, int by_signal, FILE *to)
{
    const double most = by_signal ? INFINITY : 256 << 20;
    ipd_lua_pump(lua);
    for (ipd_lua_run *r = lua->runs; r; r = r->next) {
        ipd_checkpoint c;
        ipd_error e;
        if (!r->run || !is_worth_keeping(r->run))
            continue;
        if (by_signal && ipd_run_get_status(r->run) == IPD_RUNNING)
            ipd_run_set_ending(r->run, "interrupted");
        int kept = keep_run(lua, r->run, most, &c, &e);
        if (kept > 0)
            fprintf(to, "run %ld stands at %s: ipdlam --resume %ld goes on\n", c.run, c.place,
                    c.run);
        else if (kept < 0)
            fprintf(to, "ipdlam: no checkpoint of run %ld: %s\n", ipd_run_id(r->run), e.text);
    }
}

static int checkpoint_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, checkpoint_k, 1, &reply);
    if (reply.failed)
        return ipd_lua_fail(L, &reply.error);
    return write_checkpoint(L, ipd_lua_check_run(L, 1), *(ipd_archive **)lua_touserdata(L, 3));
}

/* run:checkpoint([path]) -> path */
int ipd_lua_run_checkpoint(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_error e;
    luaL_optstring(L, 2, NULL);
    lua_settop(L, 2);
    ipd_archive **a = ipd_lua_push_archive(L);
    if (!(*a = ipd_archive_new(&e)))
        return ipd_lua_fail(L, &e);
    r->lua->wait_last = 0;
    ipd_ticket ticket = ipd_lua_given(L, r, ipd_run_archive(r->run, *a, &e));
    return ticket ? checkpoint_k(L, LUA_OK, (lua_KContext)ticket) : ipd_lua_fail(L, &e);
}

/* Takes rho and name from the table at index 2; leaves the name on the stack. */
static const char *read_options(lua_State *L, int *has_rho)
{
    static const char *const names[] = {"rho", "name", NULL};
    *has_rho = 0;
    if (lua_isnil(L, 2))
        return NULL;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_pushnil(L);
    while (lua_next(L, 2)) {
        lua_pop(L, 1);
        const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "a number";
        if (strcmp(key, names[0]) && strcmp(key, names[1]))
            ipd_lua_unknown(L, "option", key, names);
    }
    if (lua_getfield(L, 2, "rho") != LUA_TNIL) {
        luaL_checktype(L, -1, LUA_TFUNCTION);
        *has_rho = 1;
    }
    lua_pop(L, 1);
    return lua_getfield(L, 2, "name") == LUA_TNIL ? NULL : luaL_checkstring(L, -1);
}

static void warn(lua_State *L, const char *format, const char *text, const char *more)
{
    ipd_lua *lua = ipd_lua_of(L);
    if (!*text || !lua->host.warning)
        return;
    lua_pushfstring(L, format, text, more);
    lua->host.warning(lua->host.context, lua_tostring(L, -1));
    lua_pop(L, 1);
}

/* ip.resume(ID | "last" | FILE, { rho = function, name = }) -> run */
int ipd_lua_resume_run(lua_State *L)
{
    ipd_lua *lua = ipd_lua_of(L);
    ipd_checkpoint c;
    ipd_error e, damaged;
    char difference[300];
    int has_rho;
    const char *what = luaL_tolstring(L, 1, NULL);
    lua_replace(L, 1);
    lua_settop(L, 2);
    const char *name = read_options(L, &has_rho);
    ipd_archive **a = ipd_lua_push_archive(L);
    if (ipd_checkpoint_find(&c, what, lua->host.history, a, &damaged, &e))
        return ipd_lua_fail(L, &e);
    warn(L, "%s; taken is the one before it, %s", damaged.text, c.path);
    ipd_checkpoint_difference(&c, difference, sizeof difference);
    warn(L, "%s%s", difference, "");
    ipd_lua_dataset *d = lua_newuserdatauv(L, sizeof *d, 0);
    d->data = NULL;
    luaL_setmetatable(L, "ipdlam.dataset");
    if (ipd_checkpoint_dataset(&c, &d->data, &e))
        return ipd_lua_fail(L, &e);
    ipd_parent parent = {.id = c.run, .iteration = c.iteration};
    memcpy(parent.name, c.name, sizeof parent.name);
    const ipd_run_options options = {.archive = *a,
                                     .parent = &parent,
                                     .history = lua->host.history,
                                     .name = name,
                                     .answers = 1,
                                     .snapshots = -1};
    lua_gc(L, LUA_GCCOLLECT);
    ipd_lua_run *r = ipd_lua_push_run(L);
    if (ipd_run_open(&r->run, d->data, NULL, &options, &e)) {
        r->run = NULL;
        return ipd_lua_fail(L, &e);
    }
    if (!strcmp(ipd_run_settings(r->run)->rho_schedule, "function") && !has_rho)
        return luaL_error(L,
                          "this run asks a function for rho, which no file holds: give it again, "
                          "ip.resume(\"%s\", { rho = function(k, rho, m) ... end })",
                          what);
    r->log_seen = ipd_run_log_count(r->run); /* what the audit found then was said then */
    if (has_rho)
        ipd_lua_keep_function(L, lua_gettop(L), 2);
    return 1;
}

void ipd_lua_open_checkpoint(lua_State *L)
{
    luaL_newmetatable(L, "ipdlam.archive");
    lua_pushcfunction(L, archive_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}
