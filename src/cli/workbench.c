/* workbench.c - `ipdlam` without a command: opens the workbench with a run made from the
 * options. */
#include "tui/workbench.h"
#include "base/parallel.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/data_choice.h"
#include "cli/lua_host.h"
#include "cli/options.h"
#include "cli/repl.h"
#include "cli/setting_options.h"
#include "run/time/checkpoint.h"
#include "settings/settings.h"
#include "tui/terminal/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct choices {
    const char *data, *layers, *resume;
    long threads;
    ipd_data_choice choice;
    int no_history, announce;
    ipd_given_settings given;
} choices;

/* Writes the line of Lua that makes the first run. It is shown at the prompt and can be copied from
 * there. Finds errors in the options before the screen opens. */
static int put_line(const choices *c, FILE *to, ipd_error *e)
{
    const char *data = c->data ? c->data : "digits";
    const char *chosen = ipd_data_choice_given(&c->choice);
    int hidden;
    ipd_dataset_options *options = ipd_allocate(1, sizeof *options, e);
    int wrong = !options || ipd_data_choice_read(&c->choice, options, e);
    free(options);
    size_t widths[IPD_MAX_LAYERS];
    ipd_settings settings;
    char value[512];

    ipd_settings_init(&settings);
    if (wrong || ipd_given_apply(&c->given, &settings, e))
        return -1;
    fputs(chosen ? "run = ip.run{ data = ip.dataset(" : "run = ip.run{ data = ", to);
    ipd_text_lua(to, data, strlen(data));
    ipd_data_choice_lua(&c->choice, to, ", { ");
    fputs(chosen ? " })" : "", to);
    if (c->layers) {
        if (ipd_options_widths(c->layers, widths, &hidden, e))
            return -1;
        fputs(", layers = {", to);
        for (int i = 0; i < hidden; i++)
            fprintf(to, "%s%zu", i ? ", " : " ", widths[i]);
        fputs(hidden ? " }" : "}", to);
    }
    for (int i = 0; i < c->given.count; i++) {
        const ipd_setting *s = c->given.items[i].setting;
        const char *given = c->given.items[i].value;
        fprintf(to, ", %s = ", s->name);
        ipd_settings_get(&settings, s, value, sizeof value);
        if (ipd_setting_is_text(s, value))
            ipd_text_lua(to, given, strlen(given));
        else
            fputs(value, to);
    }
    fputs(" }", to);
    return 0;
}

/* Fails if --resume is combined with options for data, network or settings, which the checkpoint
 * determines. */
static int check_alone(const choices *c, ipd_error *e)
{
    const char *other = c->data ? "data" : c->layers ? "layers" : ipd_data_choice_given(&c->choice);
    return ipd_given_beside_resume(&c->given, other, "and change the run in the workbench", e);
}

/* Checks that the checkpoint exists before the screen opens; the workbench reads it. */
static int put_resume(const choices *c, const char *history, FILE *to, int *session, ipd_error *e)
{
    char path[4096];
    if (ipd_checkpoint_locate(path, sizeof path, c->resume, history, e))
        return -1;
    *session =
        !strcmp(c->resume, "last") && history && ipd_workbench_resume_session(history, path, to);
    if (*session)
        return 0;
    fputs("run = assert(ip.resume(", to);
    ipd_text_lua(to, c->resume, strlen(c->resume));
    fputs("))", to);
    return 0;
}

/* Opens a line prompt instead of the screen. Without --announce, prints the reason first; at a
 * terminal the prompt reports changes. */
static int converse(const ipd_workbench_options *w, int announce, const ipd_error *why)
{
    ipd_repl_options how = {w->history, w->first_line, .no_init = w->no_init, .announce = announce};

    if (!announce) {
        how.announce = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
        fprintf(stderr, "ipdlam: %s: %s\n", why->text,
                how.announce ? "a line prompt instead of the screen"
                             : "the lines of the input are run, without a screen");
    }
    return ipd_cli_converse(&how);
}

int ipd_cli_workbench(int argc, char **argv)
{
    choices c = {0};
    ipd_workbench_options w = {0};
    const ipd_option table[] = {
        IPD_OPTION_DATA(&c.data),
        IPD_OPTION_LAYERS(&c.layers),
        IPD_OPTIONS_DATA(c.choice),
        IPD_OPTION_DATA_SEED(c.choice),
        IPD_OPTION("resume", "ID|FILE", &c.resume,
                   "continue a run of the history, or from a checkpoint"),
        IPD_OPTION_THREADS(&c.threads),
        IPD_OPTION_NO_HISTORY(&c.no_history),
        IPD_OPTION_NO_INIT(&w.no_init),
        IPD_OPTION("no-mouse", NULL, &w.no_mouse, "leave the mouse to the terminal"),
        IPD_OPTION("announce", NULL, &c.announce,
                   "no screen: a line prompt that reports each change in a line"),
        IPD_OPTION("keys", "FILE", &w.keys, "replay keys, and write screens as text"),
        {0}};
    const ipd_options options = {
        .name = "",
        .usage =
            " [OPTION...]\n\nOpens the workbench: charts, layers, and a prompt that takes Lua. "
            "A run on the data is\nready: F5 runs and pauses, F10 does one iteration, F11 one "
            "block, F1 shows the keys.",
        .after = "Every setting of `ipdlam train --help` is an option here, too: --delta 0.3.\nA "
                 "terminal that cannot move its cursor gets a line prompt, as from ipdlam repl. "
                 "Without a\nterminal, the lines of the input are run. Without a prompt: ipdlam "
                 "run FILE, ipdlam train.\nSee ipdlam-workbench(1).",
        .table = table,
        .settings = &c.given};
    char *first = NULL;
    size_t size;
    FILE *to;
    char path[4096];
    ipd_error e;
    int code = ipd_options_parse(&options, argc, argv);

    if (code >= 0)
        return code;
    w.history = c.no_history ? NULL : ipd_cli_history("", path, sizeof path);
    int failed = !(to = open_memstream(&first, &size)) ? ipd_fail(&e, IPD_EMEMORY, "out of memory")
                 : c.resume ? check_alone(&c, &e) || put_resume(&c, w.history, to, &w.session, &e)
                            : put_line(&c, to, &e);
    if (to && ipd_text_close(to, &first) && !failed)
        failed = ipd_fail(&e, IPD_EMEMORY, "out of memory");
    if (failed || ipd_threads_set((int)c.threads, &e)) {
        free(first);
        return ipd_cli_error("", &e);
    }
    w.first_line = first;
    code = IPD_EXIT_DONE;
    if (c.announce || (!w.keys && ipd_terminal_suits(&e) < 0))
        code = converse(&w, c.announce, &e);
    else if (ipd_workbench_run(&w, &code, &e) < 0)
        code = ipd_cli_error("", &e);
    free(first);
    return code;
}
