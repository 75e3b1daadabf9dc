/* schedule.c - runs submissions, scripts, callbacks and answers in turns, in time slices. */
#include "base/clock.h"
#include "base/contract.h"
#include "base/path.h"
#include "lua/core/internal.h"

#include <stdlib.h>
#include <string.h>

static int begin_event(lua_State *L)
{
    lua_State *thread = lua_newthread(L);
    if (!ipd_lua_push_event(ipd_lua_of(L), thread))
        lua_pushnil(L);
    return 1;
}

/* Starts a callback that is due or, if nothing runs, the next submission. Returns 0 if there is
 * nothing to run. */
static int begin_next(ipd_lua *lua)
{
    lua_State *L = lua->L;
    if (!lua->event.L && ipd_lua_event_pending(lua)) {
        lua_pushcfunction(L, begin_event);
        if (lua_pcall(L, 0, 1, 0)) {
            ipd_lua_report(lua, L, NULL);
            return 1;
        }
        if (lua_isthread(L, -1) && lua_gettop(lua_tothread(L, -1)) > 0) {
            ipd_lua_adopt(lua, &lua->event, 0);
            lua->active = 1;
            return 1;
        }
        lua_pop(L, 1);
    }
    if (lua->event.L || lua->chunk.L)
        return 1;
    ipd_lua_text *t = lua->first;
    if (!t)
        return 0;
    lua->first = t->next;
    if (!lua->first)
        lua->last = NULL;
    lua->answered = 0;
    lua_pushcfunction(L, ipd_lua_load);
    lua_pushlightuserdata(L, t);
    int status = lua_pcall(L, 1, 2, 0), plain = ipd_lua_is_command(t->text) || lua->answered;
    free(t->chunk_name);
    free(t);
    if (status == LUA_OK && lua_isthread(L, -2)) {
        lua_pop(L, 1);
        ipd_lua_adopt(lua, &lua->chunk, 1);
        lua->chunk.plain = plain;
    } else {
        lua->chunk_failed = 1;
        lua->dropped_chunk = 0;
        ipd_lua_report(lua, L, NULL);
        if (status == LUA_OK)
            lua_pop(L, 1);
    }
    ipd_lua_clear_interrupt(lua);
    return 1;
}

static ipd_lua_task *task_at_hand(ipd_lua *lua)
{
    return lua->event.L ? &lua->event : lua->chunk.L ? &lua->chunk : NULL;
}

/* Returns 1 if a run has not been told yet that its callback failed. */
static int is_declined(const ipd_lua *lua)
{
    for (const ipd_lua_run *r = lua->runs; r && !lua->quitting; r = r->next)
        if (r->run && r->declined)
            return 1;
    return 0;
}

static ipd_lua_activity activity(ipd_lua *lua)
{
    ipd_lua_task *task = task_at_hand(lua);
    if (ipd_lua_request(lua) || (!lua->event.L && ipd_lua_event_pending(lua)))
        return IPD_LUA_BUSY;
    if (task)
        return ipd_lua_task_waits(lua, task) ? IPD_LUA_WAITING : IPD_LUA_BUSY;
    if (lua->first)
        return IPD_LUA_BUSY;
    return ipd_lua_request_pending(lua) || is_declined(lua) ? IPD_LUA_WAITING : IPD_LUA_IDLE;
}

/* The submission or a callback without waiting, if it can continue; else NULL. */
static ipd_lua_task *runnable(ipd_lua *lua)
{
    while (begin_next(lua)) {
        ipd_lua_task *task = task_at_hand(lua);
        if (!task)
            continue;
        if (!ipd_lua_task_waits(lua, task))
            return task;
        if (task == &lua->event || !ipd_lua_event_pending(lua))
            return NULL;
    }
    return NULL;
}

/* Requests of the runs go first; if they take long, the prompt gets every other turn. */
static ipd_lua_task *next_task(ipd_lua *lua)
{
    ipd_lua_task *other = lua->turn ? runnable(lua) : NULL, *request = NULL;
    if (!other)
        request = ipd_lua_request(lua);
    return other ? other : request ? request : runnable(lua);
}

ipd_lua_activity ipd_lua_step(ipd_lua *lua, int budget_ms)
{
    double end = ipd_seconds() + 1e-3 * budget_ms;
    int top = lua_gettop(lua->L);
    IPD_MAIN_THREAD();
    assert(budget_ms == 0 || !lua->current); /* not from what Lua has called */
    ipd_lua_pump(lua);
    while (budget_ms > 0 && ipd_seconds() < end) {
        ipd_lua_task *task = next_task(lua);
        if (!task && !ipd_lua_look_out(lua))
            break;
        if (task) {
            lua->slice_end = end;
            ipd_lua_resume(lua, task);
            lua->turn = task->asker && ipd_seconds() >= end;
            lua->served = lua->turn ? task->asker : NULL;
        }
        ipd_lua_pump(lua);
    }
    assert(lua_gettop(lua->L) == top);
    (void)top;
    return activity(lua);
}

int ipd_lua_submit(ipd_lua *lua, const char *text, const char *chunk_name, ipd_error *e)
{
    size_t n = strlen(text) + 1;
    char numbered[40];
    ipd_lua_text *t = malloc(sizeof *t + n);
    if (!chunk_name)
        snprintf(numbered, sizeof numbered, "=prompt[%lu]", ++lua->inputs);
    char *name = strdup(chunk_name ? chunk_name : numbered);
    if (!t || !name) {
        free(t);
        free(name);
        return ipd_fail(e, IPD_EMEMORY, "out of memory for %zu characters of input", n);
    }
    memcpy(t->text, text, n);
    t->chunk_name = name;
    t->next = NULL;
    if (lua->last)
        lua->last->next = t;
    else
        lua->first = t;
    lua->last = t;
    lua->active = 1;
    return 0;
}

typedef struct script {
    const char *path, *text; /* text: the script itself, or NULL to read the path */
    int argc;
    char **argv;
} script;

/* Loads a script. Returns its thread, with function and arguments, or nil and a message. */
static int begin_script(lua_State *L)
{
    script *s = lua_touserdata(L, 1);
    int from_input = !s->text && strcmp(s->path, "-") == 0;
    lua_State *thread = lua_newthread(L);
    lua_newtable(L);
    lua_pushstring(L, s->path);
    lua_rawseti(L, -2, 0);
    for (int i = 0; i < s->argc; i++) {
        lua_pushstring(L, s->argv[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setglobal(L, "arg");
    int failed = s->text ? luaL_loadbufferx(L, s->text, strlen(s->text), s->path, "t")
                         : luaL_loadfilex(L, from_input ? NULL : s->path, "t");
    if (failed) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    luaL_checkstack(thread, s->argc + 1, "too many arguments");
    lua_xmove(L, thread, 1);
    for (int i = 0; i < s->argc; i++)
        lua_pushstring(thread, s->argv[i]);
    lua_pushvalue(L, 2);
    return 1;
}

static int script_failed(ipd_lua *lua, const char *path, ipd_error *e)
{
    if (lua->dropped_chunk)
        return ipd_fail(e, IPD_EINTERRUPT, "%s: interrupted", path);
    return ipd_fail(e, IPD_EUSAGE, "%s: the script fails", path);
}

static int run_script(ipd_lua *lua, script s, ipd_error *e)
{
    lua_State *L = lua->L;
    const char *path = s.path;
    lua->active = 1;
    lua->dropped_chunk = 0;
    lua_pushcfunction(L, begin_script);
    lua_pushlightuserdata(L, &s);
    int status = lua_pcall(L, 1, 2, 0);
    if (status != LUA_OK || !lua_isthread(L, -2)) {
        ipd_lua_report(lua, L, NULL);
        if (status == LUA_OK)
            lua_pop(L, 1);
        ipd_lua_clear_interrupt(lua);
        return script_failed(lua, path, e);
    }
    lua_pop(L, 1);
    ipd_lua_adopt(lua, &lua->chunk, 0);
    lua->unattended = 0;
    while (lua->chunk.L || lua->event.L || is_declined(lua)) {
        ipd_lua_activity now = ipd_lua_step(lua, 50);
        ipd_lua_repaint(lua);
        if (now == IPD_LUA_WAITING)
            ipd_lua_poll(lua, NULL, 0, 100);
    }
    if (lua->quitting)
        return 0;
    if (!lua->chunk_failed && lua->unattended)
        return ipd_fail(e, IPD_EUSAGE, "%s: a callback fails", path);
    return lua->chunk_failed ? script_failed(lua, path, e) : 0;
}

int ipd_lua_run_file(ipd_lua *lua, const char *path, int argc, char **argv, ipd_error *e)
{
    return run_script(lua, (script){path, NULL, argc, argv}, e);
}

int ipd_lua_run_text(ipd_lua *lua, const char *text, const char *chunk_name, ipd_error *e)
{
    return run_script(lua, (script){chunk_name, text, 0, NULL}, e);
}

void ipd_lua_run_init(ipd_lua *lua)
{
    char path[4096];
    ipd_error e;
    if (ipd_path_home(path, sizeof path, IPD_CONFIG_HOME, "init.lua", &e) == 0 &&
        ipd_path_exists(path))
        ipd_lua_run_file(lua, path, 0, NULL, &e);
}
