/* task.c - submissions, scripts and callbacks: each in a coroutine, in slices. */
#include "base/clock.h"
#include "base/path.h"
#include "lua/core/internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 1 if a traceback adds something to the message's own position: the stack has more than one Lua function of the user's.
 * lua_getstack takes time proportional to the level, and a runaway recursion has 10^5 of them: the loop ends at the
 * second Lua function, and the number of C functions above it is limited by Lua. */
static int is_nested(lua_State *thread)
{
    lua_Debug at;
    int functions = 0;
    for (int level = 0; functions < 2 && lua_getstack(thread, level, &at); level++)
        functions += lua_getinfo(thread, "S", &at) && strcmp(at.what, "C") != 0 &&
                     strcmp(at.source, ipd_lua_embedded) != 0;
    return functions > 1;
}

/* A message that begins with a position in an embedded file gets the user's instead: thread, message. */
static const char *with_user_position(lua_State *L, lua_State *thread, const char *message)
{
    const char *name = ipd_lua_embedded + 1; /* without "=" */
    size_t n = strlen(name), digits;
    if (strncmp(message, name, n) || message[n] != ':' ||
        !(digits = strspn(message + n + 1, "0123456789")) ||
        strncmp(message + n + 1 + digits, ": ", 2))
        return message;
    ipd_lua_where_user(thread);
    lua_xmove(thread, L, 1);
    return lua_pushfstring(L, "%s%s", lua_tostring(L, -1), message + n + digits + 3);
}

/* The message of an error value and, where it says more, a traceback, as one string: value, thread. Protected, since a
 * __tostring of the user's may fail in turn. */
static int describe(lua_State *L)
{
    lua_State *thread = lua_isthread(L, 2) ? lua_tothread(L, 2) : NULL;
    const char *message = lua_tostring(L, 1);
    if (!message && luaL_getmetafield(L, 1, "__tostring"))
        message = luaL_tolstring(L, 1, NULL);
    if (!message)
        message = lua_pushfstring(L, "(the error is a %s)", luaL_typename(L, 1));
    if (thread && lua_checkstack(thread, 2))
        message = with_user_position(L, thread, message);
    if (thread && is_nested(thread))
        luaL_traceback(L, thread, message, 0);
    else
        lua_pushstring(L, message);
    return 1;
}

void ipd_lua_report(ipd_lua *lua, lua_State *L, const char *traceback)
{
    const char *text = traceback ? traceback : lua_tostring(L, -1);
    if (lua->host.error)
        lua->host.error(lua->host.context, text ? text : "an error without a message");
    lua_pop(L, 1);
}

static void set_global(lua_State *L, const char *name, int value)
{
    lua_pushglobaltable(L);
    lua_pushstring(L, name);
    if (value)
        lua_pushvalue(L, value);
    else
        lua_pushnil(L);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

/* Keeps the first result as _ and, under its number, for a while. Returns the number, or 0. */
static long keep_result(lua_State *L, ipd_lua *lua)
{
    char name[32];
    set_global(L, "_", 1);
    if (lua_isnil(L, 1) || lua->chunk.plain)
        return 0;
    long number = ++lua->handles;
    snprintf(name, sizeof name, "_%ld", number);
    set_global(L, name, 1);
    if (number > IPD_LUA_HANDLES) { /* what nobody looks at any more may be large */
        snprintf(name, sizeof name, "_%ld", number - IPD_LUA_HANDLES);
        set_global(L, name, 0);
    }
    return number;
}

/* The results of a chunk as text, at the top of the stack. */
static int show_done(lua_State *L, int status, lua_KContext number)
{
    (void)status;
    ipd_lua *lua = ipd_lua_of(L);
    const char *text = lua_tostring(L, -1);
    if (number && lua->host.numbered) /* lines of a text begin below the number */
        text = lua_pushfstring(L, "_%d =%s%s", (int)number,
                               strchr(text, '\n') && *text != '{' ? "\n" : " ", text);
    if (lua->host.result)
        lua->host.result(lua->host.context, text);
    return 0;
}

static int show(lua_State *L)
{
    int count = lua_gettop(L);
    if (count == 0)
        return 0;
    luaL_checkstack(L, 8, "too many results to print");
    long number = keep_result(L, ipd_lua_of(L));
    ipd_lua_push_prelude(L, "pretty");
    lua_insert(L, 1);
    lua_callk(L, count, 1, (lua_KContext)number, show_done);
    return show_done(L, LUA_OK, (lua_KContext)number);
}

int ipd_lua_is_command(const char *text)
{
    text += strspn(text, " \t");
    return *text == '?' || (*text == ':' && isalpha((unsigned char)text[1]));
}

/* The line of Lua that a command stands for, or nil and a message. */
static int load_command(lua_State *L, const char *text, const char *name)
{
    ipd_lua *lua = ipd_lua_of(L);
    ipd_lua_push_prelude(L, "command");
    lua_pushstring(L, text);
    lua_call(L, 1, 2);
    if (lua_isnil(L, -2)) {
        lua_remove(L, -2);
        return LUA_ERRSYNTAX;
    }
    lua_pop(L, 1);
    if (lua->host.note)
        lua->host.note(lua->host.context, lua_tostring(L, -1));
    const char *line = lua_pushfstring(L, "return %s", lua_tostring(L, -1));
    return luaL_loadbufferx(L, line, strlen(line), name, "t");
}

/* A word that a person types and that is no Lua: what to say, or NULL. A variable of that name is Lua. */
static const char *answer_to_word(lua_State *L, const char *text)
{
    static const char *const words[][2] = {{"help", "? shows where to begin, F1 the keys"},
                                           {"exit", "quit() or C-d leaves"},
                                           {"quit", "quit() or C-d leaves"}};
    size_t n;
    text += strspn(text, " \t");
    n = strcspn(text, " \t\r\n");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i][0]) != n || strncmp(text, words[i][0], n) ||
            text[n + strspn(text + n, " \t\r\n")])
            continue;
        lua_pushglobaltable(L);
        lua_pushstring(L, words[i][0]);
        int type = lua_rawget(L, -2);
        lua_pop(L, 2);
        return type == LUA_TNIL || !strcmp(words[i][0], "quit") ? words[i][1] : NULL;
    }
    return NULL;
}

/* Loads text as an expression or a chunk; "?name" asks for help, ":name" is a command. */
static int load(lua_State *L, const char *text, const char *name)
{
    const char *start = text + strspn(text, " \t");
    if (*start == ':' && ipd_lua_is_command(start))
        return load_command(L, start, name);
    const char *answer = answer_to_word(L, text);
    ipd_lua_of(L)->answered = answer != NULL;
    if (answer) {
        lua_pushfstring(L, "return [[%s]]", answer);
    } else if (*start == '?') {
        size_t n = strcspn(++start, "\r\n");
        lua_pushlstring(L, start, n);
        luaL_gsub(L, lua_tostring(L, -1), "]", "");
        lua_pushfstring(L, "return require('ipdlam').help([[%s]])", lua_tostring(L, -1));
    } else {
        lua_pushfstring(L, "return %s", text);
    }
    const char *expression = lua_tostring(L, -1);
    if (luaL_loadbufferx(L, expression, strlen(expression), name, "t") == LUA_OK)
        return LUA_OK;
    lua_pop(L, 1);
    return luaL_loadbufferx(L, text, strlen(text), name, "t");
}

/* Makes the coroutine of the next submission: its text is at index 1. Returns thread, or nil and
 * the message. */
static int begin(lua_State *L)
{
    ipd_lua_text *t = lua_touserdata(L, 1);
    lua_State *thread = lua_newthread(L);
    if (load(L, t->text, t->chunk_name) != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    lua_xmove(L, thread, 1);
    lua_pushvalue(L, 2);
    return 1;
}

static int begin_event(lua_State *L)
{
    lua_State *thread = lua_newthread(L);
    if (!ipd_lua_push_event(ipd_lua_of(L), thread))
        lua_pushnil(L);
    return 1;
}

static int keep(lua_State *L)
{
    lua_pushinteger(L, luaL_ref(L, LUA_REGISTRYINDEX));
    return 1;
}

void ipd_lua_adopt(ipd_lua *lua, ipd_lua_task *task, int prompt)
{
    lua_State *L = lua->L, *thread = lua_tothread(L, -1);
    lua_pushcfunction(L, keep);
    lua_insert(L, -2);
    memset(task, 0, sizeof *task);
    if (lua_pcall(L, 1, 1, 0)) {
        ipd_lua_report(lua, L, NULL);
        return;
    }
    task->reference = (int)lua_tointeger(L, -1);
    task->L = thread;
    task->prompt = prompt;
    lua_pop(L, 1);
}

/* What was typed ahead of an interrupt does not run; the user is told. */
static void drop_typed_ahead(ipd_lua *lua)
{
    char text[64];
    long lines = 0;
    for (ipd_lua_text *t; (t = lua->first); lines++) {
        lua->first = t->next;
        free(t->chunk_name);
        free(t);
    }
    snprintf(text, sizeof text, "%ld line%s typed ahead %s not run", lines, lines > 1 ? "s" : "",
             lines > 1 ? "were" : "was");
    if (lines && !lua->quitting && lua->host.error)
        lua->host.error(lua->host.context, text);
}

/* Everything has ended: the interrupt has done its work. */
static void settle(ipd_lua *lua)
{
    if (lua->chunk.L || lua->event.L || ipd_lua_question_pending(lua))
        return;
    if (lua->interrupted || lua->quitting)
        drop_typed_ahead(lua);
    if (!lua->first) {
        lua->last = NULL;
        lua->active = 0;
    }
    lua->interrupted = 0;
    lua->why[0] = 0;
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        r->stepped = r->awaited = 0;
}

static void end_task(ipd_lua *lua, ipd_lua_task *task)
{
    if (task->run && task->run->run)
        ipd_run_forget(task->run->run, task->ticket);
    luaL_unref(lua->L, LUA_REGISTRYINDEX, task->reference); /* reuses a slot: cannot raise */
    if (task == &lua->chunk)
        lua->waited = NULL;
    memset(task, 0, sizeof *task);
    settle(lua);
}

void ipd_lua_drop_task(ipd_lua *lua, ipd_lua_task *task)
{
    lua_State *before = lua->current;
    lua->current = NULL; /* nothing may yield while variables that are to be closed are closed */
    lua_resetthread(task->L);
    lua_settop(task->L, 0);
    lua->current = before;
    end_task(lua, task);
}

static void task_failed(ipd_lua *lua, ipd_lua_task *task)
{
    lua_State *L = lua->L;
    if (task == &lua->chunk) {
        lua->chunk_failed = 1;
        lua->dropped_chunk = lua->interrupted != 0;
    }
    if (!lua->quitting) {
        lua_pushcfunction(L, describe);
        lua_xmove(task->L, L, 1);
        if (*lua->why) /* where the line was says no more */
            lua_pushnil(L);
        else {
            lua_pushthread(task->L);
            lua_xmove(task->L, L, 1);
        }
        lua->quiet++;
        lua_pcall(L, 2, 1, 0);
        lua->quiet--;
        ipd_lua_report(lua, L, NULL);
    }
    lua_resetthread(task->L); /* closes variables that are to be closed */
    lua_settop(task->L, 0);
}

void ipd_lua_resume(ipd_lua *lua, ipd_lua_task *task)
{
    int results, arguments = lua_gettop(task->L);
    if (lua_status(task->L) == LUA_YIELD)
        arguments = 0;
    else if (arguments > 0)
        arguments--; /* the function itself */
    task->run = task->blocked = NULL;
    if (lua->host.running)
        lua->host.running(lua->host.context);
    lua_State *before = lua->current; /* which waits, and cannot yield, where there is one */
    lua->current = task->L;
    task->resumed = 1;
    int status = lua_resume(task->L, before, arguments, &results);
    task->resumed = 0;
    lua->current = before;
    if (status == LUA_YIELD) {
        lua_pop(task->L, results);
        return;
    }
    if (status != LUA_OK) {
        task_failed(lua, task);
    } else if (task->prompt && !task->printing && results > 0) {
        task->printing = 1;
        lua_pushcfunction(task->L, show);
        lua_insert(task->L, 1);
        return;
    } else if (task == &lua->chunk) {
        lua->chunk_failed = 0;
    }
    ipd_lua_run *asker = task->asker;
    end_task(lua, task);
    if (asker && status != LUA_OK)
        ipd_lua_question_lost(lua, asker);
}

/* Starts what comes next; 0 where nothing does. */
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
    lua_pushcfunction(L, begin);
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
    settle(lua);
    return 1;
}

static ipd_lua_task *task_at_hand(ipd_lua *lua)
{
    return lua->event.L ? &lua->event : lua->chunk.L ? &lua->chunk : NULL;
}

int ipd_lua_task_waits(ipd_lua *lua, const ipd_lua_task *task)
{
    ipd_reply reply;
    return task->run && task->run->run && !lua->interrupted && !lua->quitting &&
           !ipd_run_replied(task->run->run, task->ticket, &reply);
}

/* Whether a run is still to be told that its callback failed. */
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
    if (ipd_lua_question(lua) || (!lua->event.L && ipd_lua_event_pending(lua)))
        return IPD_LUA_BUSY;
    if (task)
        return ipd_lua_task_waits(lua, task) ? IPD_LUA_WAITING : IPD_LUA_BUSY;
    if (lua->first)
        return IPD_LUA_BUSY;
    return ipd_lua_question_pending(lua) || is_declined(lua) ? IPD_LUA_WAITING : IPD_LUA_IDLE;
}

/* The submission, or a callback that does not wait, where it can go on. */
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

/* What the runs ask goes first, but where it takes long the prompt has its turn, too. */
static ipd_lua_task *next_task(ipd_lua *lua)
{
    ipd_lua_task *other = lua->turn ? runnable(lua) : NULL, *question = NULL;
    if (!other)
        question = ipd_lua_question(lua);
    return other ? other : question ? question : runnable(lua);
}

ipd_lua_activity ipd_lua_step(ipd_lua *lua, int budget_ms)
{
    double end = ipd_seconds() + 1e-3 * budget_ms;
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
    return activity(lua);
}

int ipd_lua_submit(ipd_lua *lua, const char *text, const char *chunk_name, ipd_error *e)
{
    size_t n = strlen(text) + 1;
    ipd_lua_text *t = malloc(sizeof *t + n);
    char *name = strdup(chunk_name);
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
    const char *path, *text; /* text: instead of what the path holds, or NULL */
    int argc;
    char **argv;
} script;

/* Loads a script: returns its thread with function and arguments, or nil and the message. */
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
        settle(lua);
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
