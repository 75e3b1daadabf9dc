/* run.c - `ipdlam run`: runs a Lua script without a screen. */
#include "base/ending.h"
#include "base/parallel.h"
#include "cli/cli.h"
#include "cli/live.h"
#include "cli/lua_host.h"
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

static ipd_lua *interpreter;                   /* for the signal handler */
static const char *asked_by = "run";           /* the command that messages name */
static void (*say_interrupted)(void *context); /* NULL: Lua prints the message */
static void *interrupted_context;

static void on_signal(void *context, int number)
{
    (void)context;
    (void)number;
    if (interpreter)
        ipd_lua_interrupt(interpreter);
}

typedef struct outcome {
    int quit, code;
} outcome;

static void on_error(void *context, const char *text)
{
    (void)context;
    ipd_cli_live(NULL, NULL);
    ipd_cli_hide_progress();
    fflush(stdout);
    if (!ipd_ending_signal() || !say_interrupted)
        fprintf(stderr, "ipdlam %s: %s\n", asked_by, text);
}

static void on_quit(void *context, int code)
{
    outcome *o = context;
    o->quit = 1;
    o->code = code;
}

static void on_repaint(void *context)
{
    (void)context;
    if (interpreter && !ipd_cli_live_shown())
        ipd_cli_show_progress(interpreter);
}

static void on_running(void *context)
{
    (void)context;
    ipd_cli_hide_progress();
}

/* Runs `text` or, if that is NULL, the script at `path`; errors name `command`. With `keep`, runs
 * have checkpoints after a signal ends the script. */
static int run_script(const char *command, const char *path, const char *text, int argc,
                      char **argv, const char *history, int keep)
{
    outcome o = {0, 0};
    ipd_error e;
    ipd_lua *lua;
    ipd_lua_host host = {.context = &o,
                         .error = on_error,
                         .warning = on_error,
                         .repaint = on_repaint,
                         .quit = on_quit,
                         .running = on_running,
                         .live_size = ipd_cli_live_size,
                         .live = ipd_cli_live,
                         .history = history};
    const ipd_ending_host ending = {.asked = on_signal, .interrupt_ends = 1, .pipe_ends = 1};
    if (ipd_lua_open(&lua, &host, &e))
        return ipd_cli_error(command, &e);
    interpreter = lua;
    if (ipd_ending_begin(&ending, &e)) {
        ipd_lua_close(lua);
        return ipd_cli_error(command, &e);
    }
    int failed =
        text ? ipd_lua_run_text(lua, text, path, &e) : ipd_lua_run_file(lua, path, argc, argv, &e);
    ipd_cli_live(NULL, NULL);
    ipd_cli_hide_progress();
    interpreter = NULL;
    ipd_ending_heard();
    int interrupted = failed && e.code == IPD_EINTERRUPT;
    int is_done = o.quit ? !o.code : !failed;
    int lost = ipd_lua_end_runs(lua,
                                interrupted ? IPD_LUA_SIGNALLED
                                : is_done   ? IPD_LUA_DONE
                                            : IPD_LUA_LEFT,
                                keep && interrupted ? stderr : NULL);
    ipd_lua_close(lua);
    ipd_ending_stop();
    if (o.quit)
        return lost && !o.code ? IPD_EXIT_FAILED : o.code;
    if (interrupted && say_interrupted)
        say_interrupted(interrupted_context);
    if (interrupted)
        ipd_ending_die(ipd_ending_signal());
    return failed || lost ? IPD_EXIT_FAILED : IPD_EXIT_DONE;
}

int ipd_cli_run_text(const char *command, const char *text, const char *history,
                     void (*interrupted)(void *context), void *context)
{
    asked_by = command;
    say_interrupted = interrupted;
    interrupted_context = context;
    char name[64];
    snprintf(name, sizeof name, "=%s", command);
    return run_script(command, name, text, 0, NULL, history, 0);
}

int ipd_cli_run(int argc, char **argv)
{
    char path[4096];
    int no_history = 0, operands = 0;
    long threads = 0;
    ipd_error e;
    const ipd_option table[] = {
        IPD_OPTION_NO_HISTORY(&no_history), IPD_OPTION_THREADS(&threads), {0}};
    const ipd_options options = {
        .name = "run",
        .usage =
            " [OPTION...] FILE [ARGUMENT...]\n\nRuns a Lua script without a screen; FILE may be "
            "- for standard input.\nThe module is ready as ip, the arguments are in arg.",
        .after = "Exit codes: 0 done, 1 the script failed, 2 wrong usage, or the code of "
                 "quit(code).\nSee ipdlam-run(1) and ipdlam-lua(7).",
        .table = table,
        .operands = &operands,
        .ends_at_first = 1};
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    if (operands == 0 || !*argv[1])
        code = ipd_fail(&e, IPD_EUSAGE, "name a script: ipdlam run FILE");
    else
        code = ipd_threads_set((int)threads, &e);
    if (code)
        return ipd_cli_error("run", &e);
    return run_script("run", argv[1], NULL, operands - 1, argv + 2,
                      no_history ? NULL : ipd_cli_history("run", path, sizeof path), 1);
}
