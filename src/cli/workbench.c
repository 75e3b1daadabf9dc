/* workbench.c - the command without a name: opens the screen on a run made from options. */
#include "tui/workbench.h"
#include "base/parallel.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/cli.h"
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
    long threads, train, test;
    int no_history, announce;
    ipd_given_settings given;
} choices;

/* The Lua that makes the first run, one line or two, as one would type it: it is shown, and can be
 * taken from there. */
typedef struct line {
    char text[4096];
    int full; /* 1: it did not fit */
} line;

static void append(line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void append(line *l, const char *format, ...)
{
    size_t used = strlen(l->text);
    va_list ap;

    va_start(ap, format);
    int n = vsnprintf(l->text + used, sizeof l->text - used, format, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof l->text - used)
        l->full = 1;
}

/* A Lua string: whatever a name of a folder holds. */
static void append_quoted(line *l, const char *text)
{
    append(l, "\"");
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            append(l, "\\%c", c);
        else if (c < 0x20 || c == 0x7F)
            append(l, "\\%03d", c);
        else
            append(l, "%c", c);
    }
    append(l, "\"");
}

/* "300,300" as the inside of ip.network{}, checked here so that the mistake is the option's. */
static int append_layers(line *l, const char *layers, ipd_error *e)
{
    const char *at = layers;

    append(l, "net = ip.network{ data.inputs, ");
    while (*at) {
        char *end;
        long width = strtol(at, &end, 10);
        if (end == at || width < 1 || width > 1000000 || (*end && *end != ',') ||
            (*end == ',' && !end[1]))
            return ipd_fail(
                e, IPD_EUSAGE,
                "--layers must be widths of hidden layers, such as 300,300, not \"%.60s\"", layers);
        append(l, "%ld, ", width);
        at = *end ? end + 1 : end;
    }
    append(l, "data.classes }, ");
    return 0;
}

static int make_line(const choices *c, line *l, ipd_error *e)
{
    const char *data = c->data ? c->data : "digits";
    int by_name = !c->layers && !c->train && !c->test;

    ipd_settings settings; /* checked here, so that a mistake is said before the screen opens */
    char value[512];

    ipd_settings_init(&settings);
    if (ipd_given_apply(&c->given, &settings, e))
        return -1;
    if (!by_name) {
        append(l, "data = ip.dataset(");
        append_quoted(l, data);
        if (c->train && c->test)
            append(l, ", { train = %ld, test = %ld }", c->train, c->test);
        else if (c->train || c->test)
            append(l, ", { %s = %ld }", c->train ? "train" : "test", c->train + c->test);
        append(l, ")\n");
    }
    append(l, "run = ip.run{ data = ");
    if (by_name)
        append_quoted(l, data);
    else
        append(l, "data");
    append(l, ", ");
    if (c->layers && append_layers(l, c->layers, e) < 0)
        return -1;
    for (int i = 0; i < c->given.count; i++) {
        const ipd_setting *s = c->given.items[i].setting;
        append(l, "%s = ", s->name);
        ipd_settings_get(&settings, s, value, sizeof value);
        if (ipd_setting_is_text(s, value))
            append_quoted(l, c->given.items[i].value);
        else
            append(l, "%s", value);
        append(l, ", ");
    }
    if (l->full)
        return ipd_fail(e, IPD_EUSAGE, "the options are too long together. Give fewer");
    strcpy(l->text + strlen(l->text) - 2, " }"); /* the last comma */
    return 0;
}

/* What is given beside --resume must not say what the checkpoint says. */
static int check_alone(const choices *c, ipd_error *e)
{
    const char *other = c->data          ? "data"
                        : c->layers      ? "layers"
                        : c->train       ? "train"
                        : c->test        ? "test"
                        : c->given.count ? c->given.items[0].setting->name
                                         : NULL;
    if (!other)
        return 0;
    return ipd_fail(e, IPD_EUSAGE,
                    "--resume brings data, network and settings. Leave --%s out, and change the "
                    "run in the workbench",
                    other);
}

/* Whether there is such a checkpoint is seen before the screen opens; what is in it, in the workbench. */
static int make_resume_line(const choices *c, const char *history, line *l, ipd_error *e)
{
    char path[4096];
    if (ipd_checkpoint_locate(path, sizeof path, c->resume, history, e))
        return -1;
    append(l, "run = assert(ip.resume(");
    append_quoted(l, c->resume);
    append(l, "))");
    return l->full ? ipd_path_too_long(c->resume, sizeof l->text - 64, IPD_EUSAGE, e) : 0;
}

/* Where there can be no screen there is a line prompt, and at a terminal changes are said. */
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
        IPD_OPTION_SAMPLES(&c.train, &c.test),
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
    line first = {0};
    char path[4096];
    ipd_error e;
    int code = ipd_options_parse(&options, argc, argv);

    if (code >= 0)
        return code;
    code = IPD_EXIT_DONE;
    if ((c.resume ? check_alone(&c, &e) : make_line(&c, &first, &e)) < 0 ||
        ipd_threads_set((int)c.threads, &e) < 0)
        return ipd_cli_error("", &e);
    w.history = c.no_history ? NULL : ipd_cli_history("", path, sizeof path);
    if (c.resume && make_resume_line(&c, w.history, &first, &e) < 0)
        return ipd_cli_error("", &e);
    w.first_line = first.text;
    if (c.announce || (!w.keys && ipd_terminal_suits(&e) < 0))
        return converse(&w, c.announce, &e);
    if (ipd_workbench_run(&w, &code, &e) < 0)
        return ipd_cli_error("", &e);
    return code;
}
