/* repl_prompt.c - the line prompt at a terminal. It uses Readline's callback interface, so that
 * messages of runs in the background are handled while a line is edited. */
#include "base/ending.h"
#include "cli/repl.h"
#include "config.h"
#include "tui/prompt/commands.h"
#include "tui/prompt/complete.h"
#include "tui/prompt/history.h"
#include "tui/terminal/sequence.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <readline/readline.h>

enum { KEY_MS = 25 }; /* the bytes of one key arrive within this time */

static ipd_repl *repl; /* Readline's callbacks have no context */
static char *typed;    /* the line that was just entered */
static int have_line, at_end, prompting;

static void on_line(char *line)
{
    /* Readline is still active here, so Lua must run later. The prompt is hidden until then. */
    rl_callback_handler_remove();
    prompting = 0;
    typed = line;
    have_line = 1;
    at_end = line == NULL;
}

static void show_prompt(void)
{
    rl_callback_handler_install(repl->chunk ? "... " : "> ", on_line);
    prompting = 1;
}

static void complete(void *context, const char *line, int point, ipd_lua_completions *to)
{
    ipd_repl *r = context;
    ipd_lua_complete(r->lua, line, point, to);
}

/* Restores the shell's terminal modes for an external editor. */
static int leave(void *context)
{
    (void)context;
    rl_deprep_terminal();
    fputc('\n', stdout);
    fflush(stdout);
    return STDIN_FILENO;
}

static void come_back(void *context)
{
    (void)context;
    rl_prep_terminal(1);
    rl_resize_terminal();
    rl_on_new_line();
    rl_forced_update_display();
}

static void command_failed(void *context, const ipd_error *e)
{
    (void)context;
    fprintf(stderr, "%s\n", e->text);
    rl_on_new_line();
    rl_forced_update_display();
}

static const char *lines_before(void *context)
{
    (void)context;
    return repl->chunk;
}

static void lines_taken(void *context)
{
    (void)context;
    ipd_repl_drop_chunk(repl);
}

/* Bytes that Readline has not got yet: those of a key, or the beginning of an escape sequence. */
static char held[IPD_SEQUENCE_STRING_MAX + 8];
static size_t held_from, held_to;

static int read_byte(FILE *stream)
{
    return held_from < held_to ? (unsigned char)held[held_from++] : rl_getc(stream);
}

static int waits(int milliseconds)
{
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

    return poll(&p, 1, milliseconds) > 0 && p.revents & POLLIN;
}

/* Readline must not read ahead: it gets only the held bytes. */
static int has_input(void)
{
    return held_from < held_to;
}

/* Reads a byte and holds it. End of file means that the terminal was closed, since C-d is a byte
 * here; SIGHUP may come late or never, so the end is requested at once. */
static int hold_byte(void)
{
    ssize_t n = held_to < sizeof held ? read(STDIN_FILENO, held + held_to, 1) : 1;
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
        ipd_ending_ask(SIGHUP);
    return n == 1 && held_to < sizeof held ? (int)++held_to : 0;
}

/* Reads the rest of an escape sequence; the held bytes begin with Escape. Returns the number of
 * bytes to pass to Readline; 0 if the sequence is incomplete. Sequences that Readline does not know
 * are dropped. */
static size_t read_sequence(void)
{
    size_t length;
    ipd_sequence kind = ipd_sequence_scan(held, held_to, &length);

    while (kind == IPD_SEQUENCE_MORE && waits(KEY_MS) && hold_byte())
        kind = ipd_sequence_scan(held, held_to, &length);
    /* Incomplete: delayed by a slow connection, or Escape alone, or Alt-[ or Alt-O. */
    if (kind == IPD_SEQUENCE_MORE)
        return held_to > 2 || (held_to == 2 && strchr("[O", held[1])) ||
                       (held_to == 1 && ipd_prompt_commands_wait_after_escape())
                   ? 0
                   : held_to;
    if (kind == IPD_SEQUENCE_NONE ||
        (kind == IPD_SEQUENCE_WHOLE && ipd_prompt_commands_bind(held, length)))
        return held_to;
    memmove(held, held + length, held_to -= length); /* at most one byte remains, which ended it */
    return held_to && *held == '\033' ? 0 : held_to;
}

static void read_key(void)
{
    if (!hold_byte())
        return;
    size_t count = *held == '\033' ? read_sequence() : held_to;
    if (!count)
        return;
    while (held_from < held_to && prompting) {
        ipd_prompt_commands_before((unsigned char)held[held_from]);
        rl_callback_read_char();
    }
    held_from = held_to = 0;
}

static void start_readline(void)
{
    rl_getc_function = read_byte;
    rl_input_available_hook = has_input;
    rl_readline_name = "ipdlam";
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    ipd_prompt_complete_with(complete, repl);
    rl_completion_display_matches_hook = ipd_prompt_print_matches;
    rl_completion_query_items = -1;
    ipd_prompt_commands_add(&(ipd_prompt_commands){.leave = leave,
                                                   .come_back = come_back,
                                                   .failed = command_failed,
                                                   .before = lines_before,
                                                   .taken = lines_taken});
    rl_variable_bind("show-all-if-ambiguous", "on"); /* the user's inputrc may change it */
    rl_initialize();
    ipd_error e;
    if (ipd_prompt_history_load(&e))
        fprintf(stderr, "ipdlam repl: %s\n", e.text);
}

/* Adds to Readline's history; a failure is reported and otherwise ignored. */
static void keep_in_history(const char *chunk)
{
    ipd_error e;
    if (ipd_prompt_history_add(chunk, &e))
        fprintf(stderr, "ipdlam repl: %s\n", e.text);
}

/* Processes the line that was just entered. */
static void submit_line(void)
{
    char *line = typed;
    typed = NULL;
    have_line = 0;
    if (!repl->chunk && line[strspn(line, " \t")] == 0) {
        free(line);
        show_prompt();
        return;
    }
    ipd_repl_add_line(repl, line);
    free(line);
    if (repl->chunk && ipd_lua_incomplete(repl->lua, repl->chunk)) {
        show_prompt();
        return;
    }
    keep_in_history(repl->chunk);
    if (ipd_repl_submit(repl))
        show_prompt();
}

/* C-c at the prompt clears the line or, if it is empty, pauses the runs in the background. */
static void clear_line(void)
{
    ipd_run *run = ipd_lua_current_run(repl->lua);
    int empty = rl_end == 0 && !repl->chunk;
    rl_callback_sigcleanup();
    rl_free_line_state();
    rl_replace_line("", 0);
    held_from = held_to = 0;
    fputs("^C\n", stdout);
    if (empty && run && ipd_run_get_status(run) == IPD_RUNNING) {
        ipd_run_forget(run, ipd_run_pause(run, NULL));
        printf("%s pauses\n", ipd_run_name(run));
    }
    fflush(stdout);
    ipd_repl_drop_chunk(repl);
    rl_callback_handler_remove();
    show_prompt();
}

/* C-z: restores the shell's terminal modes while the process is stopped. */
static void stop(void)
{
    struct sigaction old, act = {.sa_handler = SIG_DFL};
    struct timespec before, after;
    if (prompting)
        rl_deprep_terminal();
    clock_gettime(CLOCK_MONOTONIC, &before);
    sigemptyset(&act.sa_mask);
    sigaction(SIGTSTP, &act, &old);
    raise(SIGTSTP);
    sigaction(SIGTSTP, &old, NULL);
    clock_gettime(CLOCK_MONOTONIC, &after);
    ipd_run_skip_clock((double)(after.tv_sec - before.tv_sec) +
                       1e-9 * (double)(after.tv_nsec - before.tv_nsec));
    if (prompting) {
        rl_prep_terminal(1);
        rl_resize_terminal();
        rl_forced_update_display();
    }
}

static void handle_signals(void)
{
    if (repl->resized) {
        repl->resized = 0;
        if (prompting)
            rl_resize_terminal();
    }
    if (repl->stopped) {
        repl->stopped = 0;
        stop();
    }
    if (repl->interrupts && !repl->executing) {
        repl->interrupts = 0;
        clear_line();
    }
}

/* Runs callbacks of runs in the background; their output appears above the edited line. */
static void run_callbacks(void)
{
    rl_clear_visible_line();
    fflush(rl_outstream);
    ipd_lua_step(repl->lua, 50);
    fflush(stdout);
    rl_on_new_line();
    rl_forced_update_display();
}

/* Reports changes above the edited line. */
static void announce(void)
{
    ipd_run *run = ipd_lua_current_run(repl->lua);
    if (!ipd_announce_pending(&repl->announcer, run))
        return;
    rl_clear_visible_line();
    fflush(rl_outstream);
    ipd_announce(&repl->announcer, run, stdout);
    rl_on_new_line();
    rl_forced_update_display();
}

void ipd_repl_prompt(ipd_repl *r)
{
    repl = r;
    start_readline();
    printf("ipdlam %s: ? shows where to begin, C-d leaves\n", PACKAGE_VERSION);
    show_prompt();
    while (!r->quit && !at_end) {
        handle_signals();
        if (r->executing) {
            ipd_repl_execute(r);
            if (!r->executing && !r->quit) {
                r->interrupts = 0;
                show_prompt();
            }
            continue;
        }
        if (ipd_lua_step(r->lua, 0) == IPD_LUA_BUSY) {
            run_callbacks();
            continue;
        }
        if (r->announces)
            announce();
        int ready = 0;
        ipd_repl_wait(r, 1, r->announces ? 1000 : -1, &ready);
        if (ready && prompting)
            read_key();
        if (have_line && !at_end)
            submit_line();
    }
    if (prompting)
        rl_callback_handler_remove();
    if (at_end)
        putchar('\n');
}
