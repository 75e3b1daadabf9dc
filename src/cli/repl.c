/* repl.c - `ipdlam repl`: the line prompt, with Readline at a terminal. */
#include "cli/repl.h"
#include "base/ending.h"
#include "base/parallel.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/lua_host.h"
#include "cli/machine.h"
#include "cli/options.h"
#include "config.h"
#include "tui/help_topics.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void on_result(void *context, const char *text)
{
    ipd_repl_print(context, stdout, text);
    fflush(stdout);
}

static void on_warning(void *context, const char *text)
{
    (void)context;
    ipd_cli_hide_progress();
    fprintf(stderr, "ipdlam repl: %s\n", text);
}

static void on_quit(void *context, int code)
{
    ipd_repl *r = context;
    r->quit = 1;
    r->code = code;
}

static void on_repaint(void *context)
{
    ipd_repl *r = context;
    if (!r->announces)
        ipd_cli_show_progress(r->lua);
}

static void on_running(void *context)
{
    (void)context;
    ipd_cli_hide_progress();
}

static ipd_repl *at_work; /* for the signal handlers */

static void wake(void)
{
    if (write(at_work->wake[1], "", 1) < 0) {
        /* The pipe is full, so the reader wakes anyway. */
    }
}

/* Called when a signal asks the process to end. */
static void on_end(void *context, int number)
{
    ipd_repl *r = context;
    r->ended = number;
    r->quit = 1;
    ipd_lua_interrupt(r->lua);
    wake();
}

static void on_signal(int number)
{
    enum { PATIENCE = 3 };
    int kept = errno;
    if (number == SIGINT) {
        /* After several interrupts, Lua may be in a call that never reaches the hook, or runs are
         * being saved. */
        if (++at_work->interrupts % PATIENCE == 0 && (at_work->executing || at_work->ending))
            ipd_ending_hurry(SIGINT);
        ipd_lua_interrupt(at_work->lua);
    } else if (number == SIGWINCH) {
        at_work->resized = 1;
    } else {
        at_work->stopped = 1;
    }
    wake();
    errno = kept;
}

/* Reads lines from standard input that is not a terminal, without a prompt or a history. */
static void read_lines(ipd_repl *r)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    while (!r->quit && !r->interrupts && (n = getline(&line, &size, stdin)) >= 0) {
        if (n > 0 && line[n - 1] == '\n')
            line[n - 1] = 0;
        if (ipd_repl_add_line(r, ipd_text_begin(line)))
            break;
        if (ipd_lua_incomplete(r->lua, r->chunk))
            continue;
        ipd_repl_submit(r);
        while (r->executing)
            ipd_repl_execute(r);
    }
    if (r->chunk && !r->quit && !r->interrupts) { /* incomplete: Lua reports the error */
        ipd_repl_submit(r);
        while (r->executing)
            ipd_repl_execute(r);
    }
    free(line);
}

static int open_pipe(ipd_repl *r, ipd_error *e)
{
    if (pipe2(r->wake, O_CLOEXEC | O_NONBLOCK))
        return ipd_fail(e, IPD_EIO, "cannot make a pipe: %s", strerror(errno));
    return 0;
}

static int catch_signals(ipd_repl *r, int interactive, ipd_error *e)
{
    struct sigaction act = {.sa_handler = on_signal};
    if (ipd_ending_begin(&(ipd_ending_host){.asked = on_end, .context = r, .pipe_ends = 1}, e))
        return -1;
    sigemptyset(&act.sa_mask);
    sigaction(SIGINT, &act, NULL);
    if (interactive) {
        sigaction(SIGWINCH, &act, NULL);
        sigaction(SIGTSTP, &act, NULL);
    }
    return 0;
}

/* Shows and runs the Lua that the options of the command line stand for. */
static void run_first_line(ipd_repl *r, const char *line)
{
    int first = (int)strcspn(line, "\n");
    printf("> %.*s\n", first, line);
    if (line[first]) /* there are at most two lines */
        printf("... %s\n", line + first + 1);
    if (ipd_repl_add_line(r, line))
        return;
    ipd_repl_submit(r);
    while (r->executing)
        ipd_repl_execute(r);
}

static int converse(ipd_repl *r, const ipd_repl_options *options)
{
    ipd_error e;
    ipd_lua_host host = {.context = r,
                         .result = on_result,
                         .error = ipd_repl_error,
                         .warning = on_warning,
                         .repaint = on_repaint,
                         .quit = on_quit,
                         .running = on_running,
                         .note = on_result,
                         .history = options->history};
    int interactive = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    host.numbered = interactive;
    if (open_pipe(r, &e) || ipd_lua_open(&r->lua, &host, &e))
        return ipd_cli_error("repl", &e);
    ipd_help_topics_add(r->lua);
    at_work = r;
    if (catch_signals(r, interactive, &e)) {
        ipd_lua_close(r->lua);
        return ipd_cli_error("repl", &e);
    }
    if (!options->no_init)
        ipd_lua_run_init(r->lua);
    r->failed = 0; /* an error in init.lua does not change the exit code */
    if (options->first_line)
        run_first_line(r, options->first_line);
    if (interactive)
        ipd_repl_prompt(r);
    else
        read_lines(r);
    ipd_cli_hide_progress();
    int interrupted = r->interrupts && !interactive && !r->quit;
    int talks = interactive || r->interrupts || r->ended;
    r->interrupts = 0;
    r->ending = 1;
    ipd_ending_heard();
    ipd_repl_drop_chunk(r);
    if (ipd_lua_end_runs(r->lua, ipd_ending_signal() ? IPD_LUA_SIGNALLED : IPD_LUA_LEFT,
                         talks ? stderr : NULL) &&
        !r->code) {
        r->code = IPD_EXIT_FAILED;
        r->failed = 1;
    }
    ipd_lua_close(r->lua);
    close(r->wake[0]);
    close(r->wake[1]);
    if (ipd_ending_signal() || interrupted)
        ipd_ending_die(ipd_ending_signal() ? ipd_ending_signal() : SIGINT);
    if (r->quit)
        return r->code;
    return r->code || (!interactive && r->failed) ? IPD_EXIT_FAILED : IPD_EXIT_DONE;
}

int ipd_cli_converse(const ipd_repl_options *options)
{
    ipd_repl r = {.wake = {-1, -1}, .announces = options->announce};

    return converse(&r, options);
}

int ipd_cli_repl(int argc, char **argv)
{
    char path[4096];
    long threads = 0;
    int no_history = 0;
    ipd_repl_options how = {0};
    ipd_error e;
    const ipd_option table[] = {IPD_OPTION_NO_HISTORY(&no_history),
                                IPD_OPTION_NO_INIT(&how.no_init),
                                IPD_OPTION_THREADS(&threads),
                                {0}};
    const ipd_options options = {
        .name = "repl",
        .usage =
            " [OPTION...]\n\nOpens a prompt for Lua, with editing, history and completion. "
            "Without a terminal, it\nruns the lines of standard input. ? shows where to begin.",
        .after = "Exit codes: 0 done, 1 a line failed (not at a terminal), 2 wrong usage, or the "
                 "code\nof quit(code). See ipdlam-repl(1) and ipdlam-lua(7).",
        .table = table};
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    if (ipd_threads_set((int)threads, &e))
        return ipd_cli_error("repl", &e);
    how.history = no_history ? NULL : ipd_cli_history("repl", path, sizeof path);
    return ipd_cli_converse(&how);
}
