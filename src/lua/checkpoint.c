/* checkpoint.c - run:checkpoint and ip.resume. */
#include "run/time/checkpoint.h"
#include "lua/classes.h"

#include <stdlib.h>
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

static int checkpoint_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, checkpoint_k, 0, &reply);
    if (reply.failed)
        return ipd_lua_fail(L, &reply.error);
    if (lua_isnil(L, 2))
        lua_pushstring(L, ipd_run_checkpoint(ipd_lua_check_run(L, 1)->run));
    return 1;
}

/* run:checkpoint([path]) -> path */
int ipd_lua_run_checkpoint(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_error e;
    const char *path = luaL_optstring(L, 2, NULL);
    lua_settop(L, 2);
    if (!path && !ipd_run_id(r->run))
        return luaL_error(L, "this run is not in a history. Give a path, run:checkpoint(path)");
    ipd_ticket ticket = ipd_run_write_checkpoint(r->run, path, &e);
    return ipd_lua_command(L, r, ticket, checkpoint_k, &e);
}

/* Reads the options at index 2: functions of settings, and the name, which stays on the stack. */
static const char *read_options(lua_State *L)
{
    static const char *const names[] = {"rho", "name", NULL};
    if (lua_isnil(L, 2)) {
        lua_newtable(L);
        lua_replace(L, 2);
    }
    luaL_checktype(L, 2, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "a number";
        if (!strcmp(key, "name"))
            continue;
        if (!ipd_setting_find(key))
            ipd_lua_unknown(L, "option", key, names);
        if (!lua_isfunction(L, -1))
            luaL_error(L, "%s is a %s. ip.resume takes functions of settings, and a name", key,
                       luaL_typename(L, -1));
    }
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

/* Returns 1 if the run ended without a status in the history: kill -9 or a power failure. */
static int was_killed(const ipd_lua *lua, long id)
{
    ipd_history *h = NULL;
    ipd_history_run *run = malloc(sizeof *run);
    char state[32] = "";
    if (id && run && lua->host.history && !ipd_history_open(&h, lua->host.history, 0, NULL) &&
        !ipd_history_find(h, id, run, NULL))
        ipd_history_state(run, state, sizeof state);
    ipd_history_close(h);
    free(run);
    return !strcmp(state, "lost");
}

/* ip.resume(ID | "last" | FILE, { rho = function, name = }) -> run */
int ipd_lua_resume_run(lua_State *L)
{
    ipd_lua *lua = ipd_lua_of(L);
    ipd_checkpoint c;
    ipd_error e, damaged;
    char difference[300];
    const char *what = luaL_tolstring(L, 1, NULL);
    lua_replace(L, 1);
    lua_settop(L, 2);
    int has_options = !lua_isnil(L, 2);
    const char *name = read_options(L);
    ipd_archive **a = ipd_lua_push_archive(L);
    if (ipd_checkpoint_find(&c, what, lua->host.history, a, &damaged, &e)) {
        if (has_options || !was_killed(lua, c.run))
            return ipd_lua_fail(L, &e);
        lua_settop(L, 0); /* killed before its first checkpoint: repeat it from the history */
        lua_pushinteger(L, c.run);
        warn(L, "run %s has no checkpoint yet and is repeated from its start%s",
             luaL_tolstring(L, 1, NULL), "");
        lua_settop(L, 1);
        return ipd_lua_again(L);
    }
    warn(L, "%s; using the previous checkpoint, %s", damaged.text, c.path);
    ipd_checkpoint_difference(&c, difference, sizeof difference);
    warn(L, "%s%s", difference, "");
    ipd_lua_dataset *d = ipd_lua_push_dataset(L);
    if (ipd_checkpoint_dataset(&c, &d->data, &e))
        return ipd_lua_fail(L, &e);
    ipd_parent parent = {.id = c.run, .iteration = c.iteration};
    memcpy(parent.name, c.name, sizeof parent.name);
    const ipd_run_options options = {.archive = *a,
                                     .parent = &parent,
                                     .history = lua->host.history,
                                     .name = name,
                                     .answers = 1,
                                     .snapshots = -1,
                                     .keep = {.from = c.path}};
    ipd_lua_make_space(L);
    ipd_lua_run *r = ipd_lua_push_run(L);
    if (ipd_lua_open_run_of(r, d->data, NULL, &options, &e))
        return ipd_lua_fail(L, &e);
    ipd_archive_free(*a); /* may be large, and the collector does not count it */
    *a = NULL;
    const char *missing = ipd_lua_missing_function(L, 2, ipd_run_settings(r->run));
    if (missing) {
        ipd_run_free(r->run);
        r->run = NULL;
        return luaL_error(
            L,
            "this run takes %s from a function, which checkpoints do not store. Give it again, "
            "ip.resume(\"%s\", { %s = function(k, %s, m) ... end })",
            missing, what, missing, strcmp(missing, "rho") ? "value" : "rho");
    }
    r->log_seen = ipd_run_log_count(r->run); /* earlier findings of the audit were reported then */
    ipd_lua_keep_functions(L, lua_gettop(L), 2);
    return 1;
}

void ipd_lua_open_checkpoint(lua_State *L)
{
    luaL_newmetatable(L, "ipdlam.archive");
    IPD_LUA_SET(L, "__gc", cfunction, archive_gc);
    lua_pop(L, 1);
}
