/* run.c - ipdlam run: a Lua script without a screen. */
#include "cli/cli.h"
#include "cli/live.h"
#include "cli/lua_host.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ipd_lua *interpreter;                     /* for the signal handler */
static volatile sig_atomic_t interrupts, caught; /* caught: the last signal */
static const char *asked_by = "run";             /* the command, in messages */

static void on_interrupt(int signal_number)
{
    /* The third time, Lua is in a call that reaches no hook. */
    if (++interrupts >= 3) {
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    }
    caught = signal_number;
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

static void help(FILE *to)
{
    fputs("Usage: ipdlam run [OPTION...] FILE [ARGUMENT...]\n"
          "\n"
          "Runs a Lua script without a screen; FILE may be - for standard input.\n"
          "The module is ready as ip, the arguments are in arg.\n"
          "\n"
          "      --no-history  do not keep the script's runs in the history\n"
          "      --threads N   use N threads (0, the default: one a processor)\n"
          "  -h, --help        show this help\n"
          "\n"
          "Exit codes: 0 done, 1 the script fails, 2 wrong usage, or what quit(code) says.\n"
          "See ipdlam-run(1) and ipdlam-lua(7).\n",
          to);
}

/* -1 to go on, else an exit code. */
static int read_options(int argc, char **argv, int *history, const char **threads)
{
    static const struct option options[] = {{"no-history", no_argument, NULL, 'n'},
                                            {"threads", required_argument, NULL, 't'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    int c;
    optind = 0;
    opterr = 0;
    while ((c = getopt_long(argc, argv, "+:h", options, NULL)) != -1) {
        switch (c) {
        case 'n':
            *history = 0;
            break;
        case 't':
            *threads = optarg;
            break;
        case 'h':
            help(stdout);
            return IPD_EXIT_DONE;
        case ':':
            fprintf(stderr, "ipdlam run: %s needs a value: see ipdlam run --help\n",
                    argv[optind - 1]);
            return IPD_EXIT_USAGE;
        default:
            fprintf(stderr, "ipdlam run: there is no option %s: see ipdlam run --help\n",
                    argv[optind - 1]);
            return IPD_EXIT_USAGE;
        }
    }
    if (optind < argc)
        return -1;
    fprintf(stderr, "ipdlam run: which script? Give its file: ipdlam run FILE\n");
    return IPD_EXIT_USAGE;
}

/* The script at the path or, where it is not NULL, the text; errors are those of `command`. With `keep` a signal that
 * ends it leaves checkpoints of its runs. */
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
    if (ipd_lua_open(&lua, &host, &e))
        return ipd_cli_error(command, &e);
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction act = {.sa_handler = on_interrupt}, old[3];
    sigemptyset(&act.sa_mask);
    interpreter = lua;
    for (int i = 0; i < 3; i++) { /* what nohup or a script ignores stays ignored */
        sigaction(numbers[i], NULL, &old[i]);
        if (old[i].sa_handler != SIG_IGN)
            sigaction(numbers[i], &act, NULL);
    }
    int failed =
        text ? ipd_lua_run_text(lua, text, path, &e) : ipd_lua_run_file(lua, path, argc, argv, &e);
    ipd_cli_live(NULL, NULL);
    ipd_cli_hide_progress();
    interpreter = NULL;
    if (keep && failed && e.code == IPD_EINTERRUPT)
        ipd_lua_keep_runs(lua, 1, stderr);
    ipd_lua_close(lua);
    for (int i = 0; i < 3; i++)
        sigaction(numbers[i], &old[i], NULL);
    if (o.quit)
        return o.code;
    if (failed && e.code == IPD_EINTERRUPT)
        return ipd_cli_die_of(caught ? caught : SIGINT);
    return failed ? IPD_EXIT_FAILED : IPD_EXIT_DONE;
}

int ipd_cli_run_text(const char *command, const char *text, const char *history)
{
    asked_by = command;
    char name[64];
    snprintf(name, sizeof name, "=%s", command);
    return run_script(command, name, text, 0, NULL, history, 0);
}

int ipd_cli_run(int argc, char **argv)
{
    char path[4096];
    const char *threads = "0";
    int history = 1;
    ipd_error e;
    int code = read_options(argc, argv, &history, &threads);
    if (code >= 0)
        return code;
    if (ipd_cli_set_threads(threads, &e))
        return ipd_cli_error("run", &e);
    return run_script("run", argv[optind], NULL, argc - optind - 1, argv + optind + 1,
                      history ? ipd_cli_history("run", path, sizeof path) : NULL, 1);
}
