/* ending.c - run:close and the end of a session. */
#include "base/machine.h"
#include "base/text.h"
#include "lua/classes.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* LARGE: bytes that take about a second to write. LINES: runs that are listed at the end. */
enum { LARGE = 256 << 20, LINES = 10 };

/* Sets the status in the history of a run that is not open. */
static void set_status(ipd_lua *lua, const ipd_lua_card *card, int finished)
{
    ipd_history *h;
    ipd_error e;
    char left[64];
    int ended = card->state == IPD_DIVERGED || card->state == IPD_FAILED;
    if (!card->id || !lua->host.history || ipd_history_open(&h, lua->host.history, 0, &e))
        return;
    ipd_run_left_text(left, sizeof left, (size_t)card->iteration, card->within);
    ipd_history_status(h, card->id, ended ? card->status : finished ? "finished" : left, &e);
    ipd_history_close(h);
}

/* --- run:close -------------------------------------------------------------------------------- */

static int close_now(ipd_lua_run *r)
{
    ipd_lua_card card = {0};
    int reopened = r->shelf != NULL;
    if (r->run || r->parked)
        card = *ipd_lua_card_of(r, &card);
    if (r->run && !reopened)
        ipd_run_set_ending(r->run, "finished");
    ipd_run_free(r->run);
    r->run = NULL; /* ipd_lua_request drops its request */
    ipd_lua_forget_shelf(r);
    if (reopened)
        set_status(r->lua, &card, 1);
    return 0;
}

/* Closes the run at index 1 after saving it; if saving fails, it stays open. */
static int close_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, close_k, 0, &reply);
    ipd_lua_run *r = ipd_lua_to_run(L, 1);
    if (!reply.failed || lua_toboolean(L, 2))
        return close_now(r);
    ipd_lua_pass_notices(r->lua, r);
    lua_pushnil(L);
    lua_pushfstring(
        L, "%s is not saved, so it stays open: %s. run:close(true) closes it without saving",
        ipd_run_name(r->run), reply.error.text);
    return 2;
}

/* run:close([unsaved]) */
int ipd_lua_run_close(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_to_run(L, 1);
    ipd_error e;
    lua_settop(L, 2);
    ipd_lua_hold(L, 1);
    if (!r->run || !ipd_run_id(r->run) || lua_toboolean(L, 2) || r->dropped || r->asking.resumed) {
        if (r->run && lua_toboolean(L, 2))
            ipd_run_at_end(r->run, IPD_END_LEAVE);
        return close_now(r);
    }
    ipd_ticket pause = ipd_run_pause(r->run, &e);
    if (!pause)
        return ipd_lua_fail(L, &e);
    ipd_run_forget(r->run, pause);
    return ipd_lua_command(L, r, ipd_run_save(r->run, &e), close_k, &e);
}

/* __close of a to-be-closed variable. */
int ipd_lua_run_close_variable(lua_State *L)
{
    lua_settop(L, 1);
    return ipd_lua_run_close(L);
}

/* --- the end of a session --------------------------------------------------------------------- */

/* Prints a line; on a terminal it is wrapped between words. */
__attribute__((format(printf, 2, 3))) static void say(FILE *to, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ipd_text_wrap(to, text, 0, 4, ipd_terminal_width(fileno(to), INT_MAX));
}

/* Prints notices that came with the last poll. */
static void print_notices(const ipd_lua_run *r)
{
    for (size_t i = r->notices; i < ipd_run_notice_count(r->run); i++)
        say(stderr, "ipdlam: %s: %s", ipd_run_name(r->run), ipd_run_notice(r->run, i));
}

static int end_run(ipd_lua_run *r)
{
    double bytes = ipd_run_checkpoint_bytes(r->run);
    char size[32];
    ipd_error e;
    ipd_machine_bytes(size, sizeof size, bytes);
    if (ipd_run_id(r->run) && ipd_run_unsaved(r->run) && bytes >= LARGE)
        say(stderr, "saving run %ld (%s)", ipd_run_id(r->run), size);
    int failed = ipd_run_end(r->run, &e);
    print_notices(r);
    if (failed)
        say(stderr, "ipdlam: %s is not saved: %s", ipd_run_name(r->run), e.text);
    return failed;
}

static int is_too_large(const ipd_lua_run *r, double *limit)
{
    return r->run && ipd_run_id(r->run) && ipd_run_checkpoint_bytes(r->run) > 0 &&
           !ipd_run_checkpoint_fits(r->run, limit);
}

/* On a terminal, asks whether to keep the checkpoints that exceed checkpoint_space. */
static void ask(ipd_lua *lua)
{
    double limit, bytes = 0;
    long id = 0;
    int count = 0;
    char who[48], size[32], max[32], answer[16] = "";
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return;
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        if (is_too_large(r, &limit)) {
            count++;
            id = ipd_run_id(r->run);
            bytes += ipd_run_checkpoint_bytes(r->run);
        }
    if (!count)
        return;
    ipd_machine_bytes(size, sizeof size, bytes);
    ipd_machine_bytes(max, sizeof max, limit);
    if (count == 1)
        snprintf(who, sizeof who, "the checkpoint of run %ld takes", id);
    else
        snprintf(who, sizeof who, "the checkpoints of %d runs take", count);
    say(stderr, "%s %s, more than checkpoint_space (%s) allows.", who, size, max);
    fprintf(stderr, "Keep %s? [Y/n] ", count == 1 ? "it" : "them");
    if (!fgets(answer, sizeof answer, stdin) || (*answer != 'n' && *answer != 'N'))
        return;
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        if (is_too_large(r, &limit)) {
            ipd_run_at_end(r->run, IPD_END_DROP);
            r->dropped = 1;
        }
}

static void print_farewell(const ipd_lua_card *card, FILE *to)
{
    char place[128];
    ipd_place_text(&card->place, place, sizeof place);
    if (card->state == IPD_DIVERGED || card->state == IPD_FAILED)
        say(to, "run %ld %.100s: ipdlam\x01--resume\x01%ld continues from the last good iteration",
            card->id, card->status, card->id);
    else
        say(to, "run %ld is at %s: ipdlam\x01--resume\x01%ld continues it", card->id, place,
            card->id);
}

int ipd_lua_end_runs(ipd_lua *lua, ipd_lua_end how, FILE *to)
{
    int failed = 0, lines = 0;
    lua->host = (ipd_lua_host){.history = lua->host.history}; /* the host is about to end */
    ipd_lua_pump(lua);
    for (ipd_lua_run *r = lua->runs; r; r = r->next) /* all stop at once, */
        if (r->run && ipd_run_get_status(r->run) == IPD_RUNNING) {
            if (how == IPD_LUA_SIGNALLED)
                ipd_run_set_ending(r->run, "interrupted");
            ipd_run_forget(r->run, ipd_run_pause(r->run, NULL));
        }
    if (to && how != IPD_LUA_SIGNALLED)
        ask(lua);
    for (ipd_lua_run *r = lua->runs; r; r = r->next) { /* and are saved one after the other */
        ipd_lua_card buffer;
        const ipd_lua_card *card = r->run || r->parked ? ipd_lua_card_of(r, &buffer) : NULL;
        int finished = how == IPD_LUA_DONE && card && !card->within && card->state != IPD_RUNNING;
        if (r->run && finished)
            ipd_run_set_ending(r->run, "finished");
        int lost = r->run && end_run(r);
        if (r->run) /* it may have worked to the end of a block */
            card = ipd_lua_card_of(r, &buffer);
        failed = failed || lost;
        if (card && r->shelf)
            set_status(lua, card, finished);
        if (!card || !card->id || lost || r->dropped)
            continue;
        if (to && ++lines <= LINES)
            print_farewell(card, to);
    }
    if (lines > LINES)
        say(to, "and %d more runs: ipdlam runs list", lines - LINES);
    return failed ? -1 : 0;
}
