/* task.c - loads submissions, scripts and callbacks and runs each in a coroutine, in time
 * slices. */
#include "lua/core/internal.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- typed text as a Lua function: an expression, a chunk or a command ------------------------ */

int ipd_lua_is_command(const char *text)
{
    text += strspn(text, " \t");
    return *text == '?' || ((*text == ':' || *text == '%') && isalpha((unsigned char)text[1]));
}

/* Returns 1 if the text loads, 0 if it does not, -1 if it is incomplete. */
static int loads(lua_State *L, const char *text)
{
    static const char mark[] = "<eof>";
    size_t n;
    int status = luaL_loadbufferx(L, text, strlen(text), "=prompt", "t"), result = status == LUA_OK;
    if (status == LUA_ERRSYNTAX) {
        const char *message = lua_tolstring(L, -1, &n);
        if (n >= sizeof mark - 1 && strcmp(message + n - (sizeof mark - 1), mark) == 0)
            result = -1;
    }
    lua_pop(L, 1);
    return result;
}

static int do_incomplete(lua_State *L)
{
    const char *text = lua_touserdata(L, 1);
    /* The line end distinguishes 'a (an error) from [[a (incomplete). */
    const char *chunk_text = lua_pushfstring(L, "%s\n", text);
    int chunk = loads(L, chunk_text);
    int expression = loads(L, lua_pushfstring(L, "return %s", chunk_text));
    lua_pushboolean(L, expression != 1 && chunk != 1 && (expression == -1 || chunk == -1));
    return 1;
}

int ipd_lua_incomplete(ipd_lua *lua, const char *text)
{
    lua_State *L = lua->L;
    if (ipd_lua_is_command(text))
        return 0;
    lua_pushcfunction(L, do_incomplete);
    lua_pushlightuserdata(L, (void *)text);
    int incomplete = lua_pcall(L, 1, 1, 0) == LUA_OK && lua_toboolean(L, -1);
    lua_pop(L, 1);
    return incomplete;
}

/* Returns the line of Lua that a command stands for, or nil and a message. */
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

/* The line of Lua for a word that is typed alone ("help", "exit"), or NULL. A global of that name
 * takes precedence. */
static const char *lua_of_word(lua_State *L, const char *text)
{
    static const char *const words[][2] = {
        {"help", "return require('ipdlam').help()"}, {"exit", "quit()"}, {"quit", "quit()"}};
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

/* Loads text as an expression or a chunk; "?name" asks for help, ":name" is a command, as is
 * "%name". */
static int load(lua_State *L, const char *text, const char *name)
{
    const char *start = text + strspn(text, " \t");
    if (*start != '?' && ipd_lua_is_command(start))
        return load_command(L, start, name);
    const char *word = lua_of_word(L, text);
    ipd_lua_of(L)->answered = word != NULL;
    if (word) {
        lua_pushstring(L, word);
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

/* Keeps the text of a numbered input: the functions that it defines are shown by this text. */
static void keep_input(lua_State *L, const ipd_lua_text *t)
{
    unsigned long number;
    if (sscanf(t->chunk_name, "=prompt[%lu]", &number) != 1)
        return;
    ipd_lua_push_prelude(L, "keep_input");
    lua_pushinteger(L, (lua_Integer)number);
    lua_pushstring(L, t->text);
    lua_call(L, 2, 0);
}

int ipd_lua_load(lua_State *L)
{
    ipd_lua_text *t = lua_touserdata(L, 1);
    keep_input(L, t);
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

/* --- tasks in coroutines ---------------------------------------------------------------------- */

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

/* Stores the first result as _ and as _N, where N counts results. Returns N, or 0. */
static long keep_result(lua_State *L, ipd_lua *lua)
{
    char name[32];
    set_global(L, "_", 1);
    if (lua_isnil(L, 1) || lua->chunk.plain)
        return 0;
    long number = ++lua->handles;
    snprintf(name, sizeof name, "_%ld", number);
    set_global(L, name, 1);
    if (number > IPD_LUA_HANDLES) { /* old results may be large */
        snprintf(name, sizeof name, "_%ld", number - IPD_LUA_HANDLES);
        set_global(L, name, 0);
    }
    return number;
}

/* Prints a chunk's results, which are text at the top of the stack by now. */
static int show_done(lua_State *L, int status, lua_KContext number)
{
    (void)status;
    ipd_lua *lua = ipd_lua_of(L);
    const char *text = lua_tostring(L, -1);
    if (number && lua->host.numbered) /* a text of several lines begins below the number */
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

static int keep(lua_State *L)
{
    lua_pushinteger(L, luaL_ref(L, LUA_REGISTRYINDEX));
    return 1;
}

void ipd_lua_adopt(ipd_lua *lua, ipd_lua_task *task, int prompt)
{
    assert(lua_isthread(lua->L, -1) && !task->L);
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

long ipd_lua_drop_submissions(ipd_lua *lua)
{
    long count = 0;
    for (ipd_lua_text *t; (t = lua->first); count++) {
        lua->first = t->next;
        free(t->chunk_name);
        free(t);
    }
    return count;
}

/* Drops lines that were typed before an interrupt, and says so. */
static void drop_typed_ahead(ipd_lua *lua)
{
    char text[64];
    long lines = ipd_lua_drop_submissions(lua);
    snprintf(text, sizeof text, "%ld line%s typed ahead %s not run", lines, lines > 1 ? "s" : "",
             lines > 1 ? "were" : "was");
    if (lines && !lua->quitting && lua->host.error)
        lua->host.error(lua->host.context, text);
}

size_t ipd_lua_waiting(const ipd_lua *lua)
{
    size_t count = 0;
    for (const ipd_lua_text *t = lua->first; t; t = t->next)
        count++;
    return count;
}

int ipd_lua_request_pending(ipd_lua *lua)
{
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        if (r->asking.L)
            return 1;
    return 0;
}

void ipd_lua_clear_interrupt(ipd_lua *lua)
{
    if (lua->chunk.L || lua->event.L || ipd_lua_request_pending(lua))
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
    ipd_lua_clear_interrupt(lua);
}

void ipd_lua_drop_task(ipd_lua *lua, ipd_lua_task *task)
{
    assert(!task->resumed);
    lua_State *before = lua->current;
    lua->current = NULL; /* nothing may yield while to-be-closed variables are closed */
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
        lua_pushcfunction(L, ipd_lua_describe_error);
        lua_xmove(task->L, L, 1);
        if (*lua->why) /* a position would not help */
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
    lua_resetthread(task->L); /* closes to-be-closed variables */
    lua_settop(task->L, 0);
}

/* Tells the run that there is no answer; prints it if no waiting call will report it. */
void ipd_lua_decline(ipd_lua *lua, lua_State *L, ipd_lua_run *r, unsigned long number,
                     const char *why, const char *traceback)
{
    const ipd_request *q = ipd_run_request(r->run);
    char sentence[400];
    if (q->number != number)
        return;
    if (q->kind == IPD_ASK_CALLBACK)
        snprintf(sentence, sizeof sentence, "callback on \"%s\": %.340s",
                 ipd_lua_event_names[q->event], why);
    else if (q->kind == IPD_ASK_BREAK)
        snprintf(sentence, sizeof sentence, "breakpoints: %.340s", why);
    else
        snprintf(sentence, sizeof sentence, "%s of iteration %d: %.340s", q->setting->name,
                 q->place.iteration, why);
    ipd_run_forget(r->run, ipd_run_decline(r->run, number, sentence, NULL));
    if (q->stepping)
        return;
    lua_pushfstring(L, "%s%s\n(%s pauses)", sentence, traceback ? traceback : "",
                    ipd_run_name(r->run));
    ipd_lua_report(lua, L, NULL);
}

void ipd_lua_request_lost(ipd_lua *lua, ipd_lua_run *asker)
{
    if (asker->run)
        ipd_lua_decline(lua, lua->L, asker, asker->asked, "its function cannot be called", NULL);
}

void ipd_lua_resume(ipd_lua *lua, ipd_lua_task *task)
{
    assert(task->L && !task->resumed);
    int results, arguments = lua_gettop(task->L);
    if (lua_status(task->L) == LUA_YIELD)
        arguments = 0;
    else if (arguments > 0)
        arguments--; /* the function itself */
    task->run = task->blocked = NULL;
    if (lua->host.running)
        lua->host.running(lua->host.context);
    lua_State *before = lua->current; /* if any, it waits on the C stack and cannot yield */
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
        ipd_lua_request_lost(lua, asker);
}

int ipd_lua_task_waits(ipd_lua *lua, const ipd_lua_task *task)
{
    ipd_reply reply;
    return task->run && task->run->run && !lua->interrupted && !lua->quitting &&
           !ipd_run_replied(task->run->run, task->ticket, &reply);
}
