/* session.c - ip.describe, which describes a run in sentences, and ip.record, which writes the
 * session's runs as a script. */
#include "base/file.h"
#include "base/path.h"
#include "format/weights.h"
#include "lua/classes.h"
#include "report/describe.h"
#include "report/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The run at index, or the global `run`. */
static ipd_lua_run *run_argument(lua_State *L, int index)
{
    if (lua_isnoneornil(L, index)) {
        lua_settop(L, index - 1);
        if (lua_getglobal(L, "run") == LUA_TNIL)
            luaL_error(L, "there is no run. Make one with ip.run{ data = \"digits\" }");
    }
    return ipd_lua_check_run(L, index);
}

/* ip.describe(run) -> sentences */
int ipd_lua_describe(lua_State *L)
{
    ipd_lua_run *r = run_argument(L, 1);
    ipd_lua_pump(r->lua);
    ipd_description description = ipd_description_of(r->run);
    char *text = ipd_describe(&description);
    if (!text)
        return luaL_error(L, "out of memory");
    lua_pushlstring(L, text, strlen(text) - 1); /* print adds the line end */
    free(text);
    return 1;
}

/* Lists the runs of the session that have worked, or all if none has, oldest first. Returns their
 * number; `to` must have space for all. */
static int runs_of_session(ipd_lua *lua, ipd_lua_run **to)
{
    int count = 0, begun = 0;
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        begun += ipd_lua_is_begun(r);
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        if (begun ? ipd_lua_is_begun(r) : r->run || r->parked)
            to[count++] = r;
    for (int i = 0; i < count / 2; i++) {
        ipd_lua_run *kept = to[i];
        to[i] = to[count - 1 - i];
        to[count - 1 - i] = kept;
    }
    return count;
}

/* The file for the first weights of the number-th run: "again.lua" becomes
 * "again-2.safetensors". */
static int weights_path(char *to, size_t size, const char *path, int number, ipd_error *e)
{
    const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
    size_t n = dot && (!slash || dot > slash) ? (size_t)(dot - path) : strlen(path);
    int length = number ? snprintf(to, size, "%.*s-%d.safetensors", (int)n, path, number)
                        : snprintf(to, size, "%.*s.safetensors", (int)n, path);
    return length >= (int)size
               ? ipd_path_too_long(path, size - sizeof "-1234567890.safetensors", IPD_EIO, e)
               : 0;
}

static int write_run(FILE *to, const char *path, const ipd_run *run, int number, ipd_error *e)
{
    char weights[4096];
    ipd_script s;
    ipd_script_of_run(&s, run);
    s.number = number;
    if (s.given) {
        if (weights_path(weights, sizeof weights, path, s.number, e) ||
            ipd_weights_save(ipd_run_first_network(run), weights, e))
            return -1;
        s.weights = weights;
    }
    return ipd_script_write(to, &s, e);
}

/* Opens one run at a time, since parked runs may not fit in memory together. */
static int write_runs(FILE *to, const char *path, ipd_lua_run *const *runs, int count, ipd_error *e)
{
    ipd_error parking;
    int failed = 0;
    for (int i = 0; i < count && !failed; i++) {
        int parked = runs[i]->parked;
        failed = ipd_lua_unpark(runs[i], e) ||
                 write_run(to, path, runs[i]->run, count > 1 ? i + 1 : 0, e);
        if (parked && runs[i]->run)
            ipd_lua_park_now(runs[i], &parking);
    }
    return failed ? -1 : 0;
}

/* ip.record(path, run, ...) -> path. Without runs: all of the session. */
int ipd_lua_record_session(lua_State *L)
{
    ipd_lua *lua = ipd_lua_of(L);
    const char *path = luaL_checkstring(L, 1);
    int given = lua_gettop(L) - 1, count = 0;
    size_t capacity = (size_t)given + 1;
    ipd_new_file f;
    ipd_error e;
    ipd_lua_pump(lua);
    for (const ipd_lua_run *r = lua->runs; r; r = r->next)
        capacity++;
    ipd_lua_run **runs = lua_newuserdatauv(L, capacity * sizeof *runs, 0);
    for (; count < given; count++) {
        runs[count] = ipd_lua_to_run(L, count + 2);
        if (!runs[count]->run && !runs[count]->parked)
            return luaL_error(L, "the run is closed");
    }
    if (!count && !(count = runs_of_session(lua, runs)))
        return luaL_error(L,
                          "there is no run to record. Make one with ip.run{ data = \"digits\" }");
    if (ipd_new_file_open(&f, path, &e))
        return ipd_lua_fail(L, &e);
    if (write_runs(f.stream, path, runs, count, &e)) {
        ipd_new_file_abandon(&f);
        return ipd_lua_fail(L, &e);
    }
    if (ipd_new_file_commit(&f, &e))
        return ipd_lua_fail(L, &e);
    lua_settop(L, 1);
    return 1;
}
