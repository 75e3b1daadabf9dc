/* sweep.c - `ipdlam sweep`: translates its options to a call of ip.sweep in Lua. */
#include "base/parallel.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/data_choice.h"
#include "cli/json_output.h"
#include "cli/lua_host.h"
#include "cli/options.h"
#include "cli/setting_options.h"

#include <stdlib.h>
#include <string.h>

typedef struct sweep {
    const char *data, *layers, *seeds, *output, *stop_when, *name;
    ipd_data_choice choice;
    long iterations, threads, random, seed, factor, first, jobs;
    int no_history, show, show_test, halving;
    ipd_json_output json;
    ipd_given_settings given;
    FILE *lua; /* the script under construction */
} sweep;

/* Returns 1 for settings whose values contain commas: their option takes one value and may be
 * repeated. */
static int has_lists(const ipd_setting *s)
{
    return s->kind == IPD_SET_CHOICES || s->kind == IPD_SET_NUMBERS ||
           s->kind == IPD_SET_SCHEDULE || s->kind == IPD_SET_SCHEDULES;
}

/* Returns 1 for a range to draw from, 0.1..1 or log:1e-4..1e-1; cosine:0.3..0.01 is a schedule. */
static int is_range(const ipd_setting *s, const char *text)
{
    return strstr(text, "..") && s->kind != IPD_SET_SCHEDULE && s->kind != IPD_SET_SCHEDULES &&
           (!strchr(text, ':') || !strncmp(text, "log:", 4));
}

static int put_value(FILE *to, const ipd_setting *setting, const char *text, size_t length,
                     ipd_error *e)
{
    char word[512];
    double number;
    ipd_settings check;
    snprintf(word, sizeof word, "%.*s", (int)length, text);
    ipd_settings_init(&check);
    if (ipd_settings_set(&check, setting->name, word, e))
        return -1;
    if (!ipd_text_to_double(word, &number))
        fprintf(to, "%s, ", word);
    else {
        ipd_text_lua(to, text, length);
        fputs(", ", to);
    }
    return 0;
}

/* Writes all values given for the setting of given[at]: a list, or one range as text (*range =
 * 1). */
static int put_values(sweep *s, int at, int *count, int *range, ipd_error *e)
{
    const ipd_setting *setting = s->given.items[at].setting;
    *count = *range = 0;
    for (int i = at; i < s->given.count; i++) {
        if (s->given.items[i].setting != setting)
            continue;
        for (const char *text = s->given.items[i].value;; text++) {
            size_t length = strcspn(text, has_lists(setting) ? "|" : ",|");
            if (!*count && is_range(setting, text)) {
                length = strlen(text);
                *range = 1;
                ipd_text_lua(s->lua, text, length);
                fputs(", ", s->lua);
            } else if (*range)
                return ipd_fail(e, IPD_EUSAGE,
                                "--%s has a range and other values. Give one range, or a list",
                                setting->name);
            else if (put_value(s->lua, setting, text, length, e))
                return -1;
            ++*count;
            text += length;
            if (!*text)
                break;
        }
    }
    return 0;
}

/* Writes the widths of the hidden layers: one list, or several separated by "|" into the grid. */
static int put_layers(sweep *s, FILE *to, FILE *grid, ipd_error *e)
{
    int several = strchr(s->layers, '|') != NULL;
    to = several ? grid : to;
    fputs(several ? "{ \"layers\", { " : "layers = ", to);
    for (const char *text = s->layers;; text++) {
        size_t widths[IPD_MAX_LAYERS], length = strcspn(text, "|");
        char word[512];
        int count;
        snprintf(word, sizeof word, "%.*s", (int)length, text);
        if (ipd_options_widths(word, widths, &count, e))
            return -1;
        fputs("{ ", to);
        for (int i = 0; i < count; i++)
            fprintf(to, "%zu, ", widths[i]);
        fputs("}, ", to);
        text += length;
        if (!*text)
            break;
    }
    fputs(several ? "} }, " : "", to);
    return 0;
}

/* A setting with one value is the same for all runs and stays out of the grid, and so out of their
 * labels. */
static int put_settings(sweep *s, ipd_error *e)
{
    FILE *whole = s->lua;
    char *grid = NULL, *values = NULL;
    size_t grid_size = 0, size = 0;
    int failed = 0;
    FILE *to_grid = open_memstream(&grid, &grid_size);
    if (to_grid)
        failed = put_layers(s, whole, to_grid, e);
    for (int i = 0; i < s->given.count && to_grid && !failed; i++) {
        int count = 0, range = 0, again = 0;
        for (int j = 0; j < i; j++)
            again = again || s->given.items[j].setting == s->given.items[i].setting;
        if (again)
            continue;
        if (!(s->lua = open_memstream(&values, &size))) {
            failed = ipd_fail(e, IPD_EMEMORY, "out of memory for the sweep");
            break;
        }
        failed = put_values(s, i, &count, &range, e);
        if (ipd_text_close(s->lua, &values) && !failed)
            failed = ipd_fail(e, IPD_EMEMORY, "out of memory for the sweep");
        if (!failed && range)
            fprintf(to_grid, "{ \"%s\", %.*s }, ", s->given.items[i].setting->name, (int)size - 2,
                    values);
        else if (!failed && count > 1)
            fprintf(to_grid, "{ \"%s\", { %s} }, ", s->given.items[i].setting->name, values);
        else if (!failed)
            fprintf(whole, "%s = %.*s, ", s->given.items[i].setting->name, (int)size - 2, values);
        free(values);
    }
    s->lua = whole;
    int lost = !to_grid || ipd_text_close(to_grid, &grid);
    if (!lost && !failed)
        fprintf(whole, "grid = { %s}, ", grid);
    free(grid);
    return lost && !failed ? ipd_fail(e, IPD_EMEMORY, "out of memory for the sweep") : failed;
}

static int put_data(sweep *s, ipd_error *e)
{
    fputs("data = { ", s->lua);
    for (const char *text = s->data;; text++) {
        size_t length = strcspn(text, ",");
        if (!length)
            return ipd_fail(e, IPD_EUSAGE,
                            "--data must be a list of names such as digits,mnist, not \"%.60s\"",
                            s->data);
        fputs("{ name = ", s->lua);
        ipd_text_lua(s->lua, text, length);
        ipd_data_choice_lua(&s->choice, s->lua, ", ");
        fputs(" }, ", s->lua);
        text += length;
        if (!*text)
            break;
    }
    fputs("}, ", s->lua);
    return 0;
}

/* Parses one item of --seeds, "3" or "1..5". */
static int parse_seeds(const char *text, size_t length, long *first, long *last)
{
    enum { MANY = 100000 };
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)length, text);
    char *dots = strstr(word, "..");
    if (dots)
        *dots = 0;
    if (length >= sizeof word || ipd_text_to_long(word, first) ||
        ipd_text_to_long(dots ? dots + 2 : word, last))
        return -1;
    return *last < *first || *last - *first >= MANY ? -1 : 0;
}

static int put_seeds(sweep *s, ipd_error *e)
{
    long first, last;
    fputs("seeds = { ", s->lua);
    for (const char *text = s->seeds;; text++) {
        size_t length = strcspn(text, ",");
        if (parse_seeds(text, length, &first, &last))
            return ipd_fail(e, IPD_EUSAGE,
                            "--seeds must be a list of whole numbers such as 1,2,3 or 1..5, not "
                            "\"%.60s\"",
                            s->seeds);
        for (long seed = first; seed <= last; seed++)
            fprintf(s->lua, "%ld, ", seed);
        text += length;
        if (!*text)
            break;
    }
    fputs("}, ", s->lua);
    return 0;
}

/* Writes name = "text", unless the text is NULL. */
static void put_member(FILE *to, const char *name, const char *text)
{
    if (!text)
        return;
    fprintf(to, "%s = ", name);
    ipd_text_lua(to, text, strlen(text));
    fputs(", ", to);
}

/* Writes the members of ip.sweep's table. */
static int put_table(sweep *s, ipd_error *e)
{
    if (put_data(s, e) || put_seeds(s, e) || put_settings(s, e))
        return -1;
    put_member(s->lua, "name", s->name);
    put_member(s->lua, "stop_when", s->stop_when);
    fprintf(s->lua, "iterations = %ld, ", s->iterations);
    if (s->seed && !s->random)
        return ipd_fail(e, IPD_EUSAGE,
                        "--seed is the seed of --random. --seeds lists the seeds of the runs");
    if (s->jobs)
        fprintf(s->lua, "jobs = %ld, ", s->jobs);
    if (s->halving || s->factor || s->first) {
        fprintf(s->lua, "halving = { factor = %ld, ", s->factor ? s->factor : 3);
        if (s->first)
            fprintf(s->lua, "first = %ld ", s->first);
        fputs("}, ", s->lua);
    }
    if (s->random)
        fprintf(s->lua, "random = %ld, seed = %ld, ", s->random, s->seed ? s->seed : 1);
    return 0;
}

/* Fails if --show is combined with options that the sweep's state file already has. */
static int check_show(const sweep *s, ipd_error *e)
{
    if (!s->output)
        return ipd_fail(e, IPD_EUSAGE,
                        "--show needs --output FILE, the table of the sweep to show");
    if (s->given.count || s->data || s->layers || s->seeds || s->stop_when || s->name ||
        ipd_data_choice_given(&s->choice) || s->iterations || s->random || s->halving ||
        s->factor || s->first || s->jobs)
        return ipd_fail(e, IPD_EUSAGE,
                        "--show takes the sweep's options from %.200s.state. Give --output alone",
                        s->output);
    return 0;
}

/* Writes the whole script: the call of ip.sweep, the report of an error, and the exit code. */
static int put_script(sweep *s, ipd_error *e)
{
    if (s->show && check_show(s, e))
        return -1;
    if (!s->data)
        s->data = "digits";
    if (!s->layers)
        s->layers = "300,300";
    if (!s->seeds)
        s->seeds = "1";
    if (!s->iterations)
        s->iterations = 20;
    fprintf(s->lua, "local sweep, message, code = ip.sweep { command = \"%s\", ",
            s->json.whole     ? "json"
            : s->json.by_line ? "jsonl"
                              : "table");
    if (!s->show && put_table(s, e))
        return -1;
    put_member(s->lua, "output", s->output);
    fprintf(s->lua, "show_test = %s, only_done = %s }\n", s->show_test ? "true" : "false",
            s->show ? "true" : "false");
    fputs("if not sweep then\n"
          "  io.stderr:write('ipdlam sweep: ', message, '\\n')\n"
          "  quit(code)\n"
          "end\n",
          s->lua);
    if (!s->show)
        fputs("if not sweep.finished then quit(1) end\n", s->lua);
    return 0;
}

/* After a signal: prints how to continue. */
static void interrupted(void *context)
{
    const sweep *s = context;
    if (s->output)
        fprintf(stderr,
                "ipdlam sweep: stopped by a signal. The same command continues from %s.state\n",
                s->output);
    else
        fprintf(stderr, "ipdlam sweep: stopped by a signal. Without --output nothing is kept\n");
}

int ipd_cli_sweep(int argc, char **argv)
{
    char path[4096], *text = NULL;
    size_t size = 0;
    ipd_error e;
    sweep s = {.given.lists = 1};
    const ipd_option table[] = {
        IPD_OPTION("data", "NAME,...", &s.data, "data sets or folders (default digits)"),
        IPD_OPTIONS_DATA(s.choice),
        IPD_OPTION_DATA_SEED(s.choice),
        IPD_OPTION_LAYERS(&s.layers),
        IPD_OPTION_IN("iterations", "N", &s.iterations, 1, 1e9,
                      "iterations of each run (default 20)"),
        IPD_OPTION("seeds", "N,N...", &s.seeds, "seeds of each combination, also 1..5 (default 1)"),
        IPD_OPTION_IN("random", "N", &s.random, 1, 1e6,
                      "draw N combinations; settings may be ranges, 1..9 or log:1e-4..1e-1"),
        IPD_OPTION_IN("seed", "N", &s.seed, 1, 1e18, "seed of the draw (default 1)"),
        IPD_OPTION("halving", NULL, &s.halving,
                   "compare all settings early, and let the best third go on, again and again"),
        IPD_OPTION_IN("halving-factor", "N", &s.factor, 2, 1000,
                      "let one of N settings go on (default 3)"),
        IPD_OPTION_IN(
            "halving-first", "N", &s.first, 1, 1e9,
            "iterations before the first comparison (default: by the number of settings)"),
        IPD_OPTION("output", "FILE", &s.output,
                   "write the table as CSV; FILE.state stores the finished runs"),
        IPD_OPTION("stop-when", "RULE", &s.stop_when,
                   "end a run if this is true of its last record"),
        IPD_OPTION("show", NULL, &s.show,
                   "only print the table of the finished runs; needs only --output"),
        IPD_OPTION("show-test", NULL, &s.show_test,
                   "with validation samples, show the test accuracy of every setting"),
        IPD_OPTION_JSON_AS(s.json, "print one JSON object and nothing else",
                           "print a JSON object per run, one per line, as runs end"),
        IPD_OPTION("name", "NAME", &s.name, "prefix of the runs' names in the history"),
        IPD_OPTION_IN("jobs", "N", &s.jobs, 1, 1024,
                      "train N runs at a time, each on its share of the threads (default 1)"),
        IPD_OPTION_THREADS(&s.threads),
        IPD_OPTION_NO_HISTORY(&s.no_history),
        {0}};
    const ipd_options options = {
        .name = "sweep",
        .usage = " [OPTION...] [--SETTING VALUE,VALUE...]...\n\nTrains a network for every "
                 "combination of data sets, seeds and values of settings, one\nafter the other. "
                 "With --output, finished runs are kept, and the same command continues\nafter "
                 "them. Every setting of ipdlam train may be given, with one value or several.",
        .table = table,
        .settings = &s.given};
    int asked = ipd_options_parse(&options, argc, argv);
    if (asked >= 0)
        return asked;
    if (!(s.lua = open_memstream(&text, &size))) {
        asked = ipd_fail(&e, IPD_EMEMORY, "out of memory for the sweep");
    } else {
        asked = put_script(&s, &e);
        if (ipd_text_close(s.lua, &text) && !asked)
            asked = ipd_fail(&e, IPD_EMEMORY, "out of memory for the sweep");
    }
    asked = asked || ipd_threads_set((int)s.threads, &e);
    int code = asked ? ipd_cli_error("sweep", &e)
                     : ipd_cli_run_text("sweep", text,
                                        s.no_history || s.show
                                            ? NULL
                                            : ipd_cli_history("sweep", path, sizeof path),
                                        interrupted, &s);
    free(text);
    return code;
}
