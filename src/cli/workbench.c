/* workbench.c - the command without a name: opens the screen on a run made from options. */
#include "tui/workbench.h"
#include "base/parallel.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/lua_host.h"
#include "cli/options.h"
#include "cli/repl.h"
#include "run/checkpoint.h"
#include "run/settings.h"
#include "tui/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_SETTINGS = 32 };

typedef struct choices {
    const char *data, *layers, *resume;
    long threads, train, test;
    int no_history, announce;
    struct {
        const ipd_setting *setting;
        const char *value;
    } given[MOST_SETTINGS];
    int count;
} choices;

/* The line of Lua that makes the first run, as one would type it: it is shown, and can be taken
 * from there. */
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

/* --delta 0.3: any setting by its name with dashes; switches also as --no-NAME. */
static int take_setting(void *context, const char *name, const char *value, const char *next,
                        ipd_error *e)
{
    choices *c = context;
    char lua_name[64];
    int used = 0, no = name && strncmp(name, "no-", 3) == 0;

    if (!name)
        return IPD_OPTION_UNKNOWN;
    snprintf(lua_name, sizeof lua_name, "%s", no ? name + 3 : name);
    for (char *p = lua_name; *p; p++)
        *p = *p == '-' ? '_' : *p == '_' ? '-' : *p;
    const ipd_setting *s = ipd_setting_find(lua_name);
    if (!s || (no && s->kind != IPD_SET_SWITCH))
        return IPD_OPTION_UNKNOWN;
    if (s->kind == IPD_SET_SWITCH && !value) {
        value = no ? "false" : "true";
    } else if (!value) {
        if (!next)
            return ipd_fail(e, IPD_EUSAGE, "--%s needs a value: --%s VALUE", name, name);
        value = next;
        used = 1;
    }
    if (c->count == MOST_SETTINGS)
        return ipd_fail(e, IPD_EUSAGE, "too many options");
    c->given[c->count].setting = s;
    c->given[c->count++].value = value;
    return used;
}

static const char *setting_option(void *context, size_t index)
{
    static char name[64];

    (void)context;
    if (!ipd_settings_table[index].name)
        return NULL;
    snprintf(name, sizeof name, "%s", ipd_settings_table[index].name);
    for (char *p = name; *p; p++)
        *p = *p == '_' ? '-' : *p;
    return name;
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
            return ipd_fail(e, IPD_EUSAGE,
                            "--layers takes widths of hidden layers, as in 300,300; not \"%.60s\"",
                            layers);
        append(l, "%ld, ", width);
        at = *end ? end + 1 : end;
    }
    append(l, "data.classes }, ");
    return 0;
}

/* Checked here, so that a mistake is said before the screen opens. */
static int check_settings(const choices *c, ipd_error *e)
{
    ipd_settings settings;

    ipd_settings_init(&settings);
    for (int rank = 0; rank < IPD_SETTING_RANKS; rank++)
        for (int i = 0; i < c->count; i++)
            if (ipd_setting_rank(c->given[i].setting->name) == rank &&
                ipd_settings_set(&settings, c->given[i].setting->name, c->given[i].value, e) < 0)
                return -1;
    return 0;
}

static int make_line(const choices *c, line *l, ipd_error *e)
{
    const char *data = c->data ? c->data : "digits";
    int by_name = !c->layers && !c->train && !c->test;

    if (check_settings(c, e) < 0)
        return -1;
    if (!by_name) {
        append(l, "data = ip.dataset(");
        append_quoted(l, data);
        if (c->train || c->test)
            append(l, ", { train = %ld, test = %ld }", c->train, c->test);
        append(l, ") ");
    }
    append(l, "run = ip.run{ data = ");
    if (by_name)
        append_quoted(l, data);
    else
        append(l, "data");
    append(l, ", ");
    if (c->layers && append_layers(l, c->layers, e) < 0)
        return -1;
    for (int i = 0; i < c->count; i++) {
        const ipd_setting *s = c->given[i].setting;
        append(l, "%s = ", s->name);
        if (ipd_setting_is_text(s->kind))
            append_quoted(l, c->given[i].value);
        else
            append(l, "%s", c->given[i].value);
        append(l, ", ");
    }
    if (l->full)
        return ipd_fail(e, IPD_EUSAGE, "the options are too long together");
    strcpy(l->text + strlen(l->text) - 2, " }"); /* the last comma */
    return 0;
}

/* What is given beside --resume must not say what the checkpoint says. */
static int check_alone(const choices *c, ipd_error *e)
{
    const char *other = c->data     ? "data"
                        : c->layers ? "layers"
                        : c->train  ? "train"
                        : c->test   ? "test"
                        : c->count  ? c->given[0].setting->name
                                    : NULL;
    if (!other)
        return 0;
    return ipd_fail(e, IPD_EUSAGE,
                    "--resume brings data, network and settings: leave --%s out, and change the "
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
    return l->full ? ipd_fail(e, IPD_EUSAGE, "the name of the checkpoint is too long") : 0;
}

static void help(const ipd_option *table)
{
    puts("Usage: ipdlam [OPTION...]\n"
         "\n"
         "Opens the workbench: charts, layers, and a prompt that takes Lua. A run on the data is\n"
         "ready to go: F5 runs and pauses, F10 does one iteration, F11 one block, F1 helps.\n");
    ipd_options_help(stdout, table);
    puts("\nEvery setting of `ipdlam train --help` is an option here, too: --delta 0.3.\n"
         "A terminal that cannot move its cursor gets a line prompt, as from ipdlam repl; where "
         "input\n"
         "is no terminal, its lines are run. Without a prompt: ipdlam run FILE, ipdlam train.\n"
         "See ipdlam-workbench(1).");
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
        {"data", "NAME", "data set: digits, mnist, fashion-mnist or a folder (digits)",
         IPD_OPTION_TEXT, &c.data, 0, 0},
        {"layers", "N,...", "widths of the hidden layers, as in 300,300", IPD_OPTION_TEXT,
         &c.layers, 0, 0},
        {"train", "N", "use the first N training samples (0: all)", IPD_OPTION_COUNT, &c.train, 0,
         1e9},
        {"test", "N", "use the first N test samples (0: all)", IPD_OPTION_COUNT, &c.test, 0, 1e9},
        {"resume", "ID|FILE", "go on with a run of the history, or from a checkpoint",
         IPD_OPTION_TEXT, &c.resume, 0, 0},
        {"threads", "N", "use N threads (0: one a processor)", IPD_OPTION_COUNT, &c.threads, 0,
         1024},
        {"no-history", NULL, "do not keep the runs in the history", IPD_OPTION_FLAG, &c.no_history,
         0, 0},
        {"no-init", NULL, "do not run your init.lua", IPD_OPTION_FLAG, &w.no_init, 0, 0},
        {"no-mouse", NULL, "leave the mouse to the terminal", IPD_OPTION_FLAG, &w.no_mouse, 0, 0},
        {"announce", NULL, "no screen: a line prompt that says each change in a line",
         IPD_OPTION_FLAG, &c.announce, 0, 0},
        {"keys", "FILE", "replay keys, and write screens as text", IPD_OPTION_TEXT, &w.keys, 0, 0},
        {0}};
    const ipd_options options = {
        .table = table, .other = take_setting, .names = setting_option, .context = &c};
    line first = {0};
    char path[4096];
    ipd_error e;
    int code = IPD_EXIT_DONE, parsed = ipd_options_parse(&options, argc, argv, &e);

    if (parsed == 1) {
        help(table);
        return IPD_EXIT_DONE;
    }
    if (parsed < 0 || (c.resume ? check_alone(&c, &e) : make_line(&c, &first, &e)) < 0 ||
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
