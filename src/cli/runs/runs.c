/* runs.c - `ipdlam runs`: its verbs and options. */
#include "cli/runs/runs.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/machine.h"
#include "cli/options.h"

#include <string.h>
#include <unistd.h>

/* The verbs. `options` has the names of the options that apply to a verb, each between spaces. */
static const struct verb {
    ipd_command command;
    const char *options;
    int min, max; /* operands */
    int (*go)(ipd_runs *r, ipd_error *e);
} verbs[] = {{{"list", "", "list runs, newest first", NULL},
              " where sort limit json jsonl csv field ",
              0,
              0,
              ipd_runs_list},
             {{"show", "ID", "show a run with its settings, changes and records", NULL},
              " json jsonl ",
              1,
              1,
              ipd_runs_show},
             {{"compare", "ID ID...", "show the differences between runs, and their curves", NULL},
              " json jsonl field ",
              2,
              12,
              ipd_runs_compare},
             {{"plot", "ID...", "draw curves of runs as a chart, or as a figure in a file", NULL},
              " field output ",
              1,
              12,
              ipd_runs_plot},
             {{"tag", "ID TAG...", "tag a run; with --remove remove the tags", NULL},
              " remove ",
              2,
              60,
              ipd_runs_tag},
             {{"note", "ID [TEXT...]", "set a run's note; with --remove remove it", NULL},
              " remove ",
              1,
              60,
              ipd_runs_note},
             {{"export", "ID", "write a run's records, or the run as a Lua script", NULL},
              " csv json jsonl lua tensorboard output ",
              1,
              1,
              ipd_runs_export},
             {{"rm", "ID...", "remove runs and their checkpoints", NULL},
              " yes dry-run ",
              1,
              60,
              ipd_runs_rm},
             {{"gc", "", "remove runs and checkpoints by age, number and status", NULL},
              " where status older-than keep checkpoints all dry-run yes ",
              0,
              0,
              ipd_runs_gc},
             {{0}, NULL, 0, 0, NULL}};

static int is_given(const ipd_option *o)
{
    switch (o->kind) {
    case IPD_OPTION_FLAG:
        return *(const int *)o->to;
    case IPD_OPTION_TEXT:
        return *(const char *const *)o->to != NULL;
    case IPD_OPTION_COUNT:
        return *(const long *)o->to >= 0;
    default:
        return *(const double *)o->to >= 0;
    }
}

static int knows(const struct verb *v, const char *option)
{
    char word[32];
    snprintf(word, sizeof word, " %.28s ", option);
    return strstr(v->options, word) || !strcmp(option, "history");
}

/* Fails if an option was given that the verb does not have. */
static int check_options(const ipd_runs *r, const struct verb *v, const ipd_option *table,
                         ipd_error *e)
{
    for (const ipd_option *o = table; o->name; o++)
        if (is_given(o) && !knows(v, o->name))
            return ipd_fail(e, IPD_EUSAGE, "--%s does not apply to %s. See ipdlam runs --help",
                            o->name, v->command.name);
    if (r->csv && ipd_json_asked(&r->json))
        return ipd_fail(e, IPD_EUSAGE, "--csv and --%s exclude each other",
                        r->json.whole ? "json" : "jsonl");
    return 0;
}

/* Returns the verb that has this name in other programs, or NULL. */
static const char *synonym(const char *name)
{
    static const char *const others[][2] = {
        {"ls", "list"},    {"diff", "compare"}, {"delete", "rm"}, {"remove", "rm"},
        {"info", "show"},  {"log", "list"},     {"clean", "gc"},  {"prune", "gc"},
        {"chart", "plot"}, {"last", "show"},    {NULL, NULL}};
    for (int i = 0; others[i][0]; i++)
        if (!strcmp(others[i][0], name))
            return others[i][1];
    return *name && !name[strspn(name, "0123456789")] ? "show" : NULL;
}

static const struct verb *verb_named(const char *name)
{
    const struct verb *v = verbs;
    while (v->command.name && strcmp(v->command.name, name))
        v++;
    return v;
}

int ipd_runs_has_option(const char *verb, const char *option)
{
    const struct verb *v = verb_named(verb);
    return !v->command.name || knows(v, option) || !strcmp(option, "help");
}

int ipd_runs_operand_is_run(const char *verb, int operand)
{
    const struct verb *v = verb_named(verb);
    const char *at = v->command.name ? v->command.operands : "", *blank;
    while (--operand > 0 && (blank = strchr(at, ' ')))
        at = blank + 1;
    /* The last operand may be repeated: ID... */
    return !strncmp(at, "ID", 2) && (operand <= 0 || strchr(at, '.'));
}

/* Finds the verb, and checks its options and the number of its operands. */
static const struct verb *find_verb(const ipd_runs *r, const ipd_option *table, ipd_error *e)
{
    const char *name = r->operand_count ? r->operands[0] : "list";
    int count = r->operand_count ? r->operand_count - 1 : 0;
    const struct verb *v = verb_named(name);
    if (!v->command.name) {
        ipd_nearest near = {.word = name, .best = synonym(name)};
        for (v = verbs; v->command.name && !synonym(name); v++)
            ipd_nearest_try(&near, v->command.name);
        ipd_fail_unknown(e, "verb", &near, "ipdlam runs --help lists the verbs.");
        return NULL;
    }
    if (count < v->min) {
        ipd_fail(e, IPD_EUSAGE, "%s: ipdlam runs %s %s",
                 v->min > 1 ? "an argument is missing" : "name a run", v->command.name,
                 v->command.operands);
        return NULL;
    }
    if (count > v->max) {
        if (v->max)
            ipd_fail(e, IPD_EUSAGE, "unexpected argument \"%.60s\": ipdlam runs %s %s",
                     r->operands[v->max + 1], v->command.name, v->command.operands);
        else
            ipd_fail(e, IPD_EUSAGE, "%s takes no further words. ipdlam runs show ID shows a run",
                     v->command.name);
        return NULL;
    }
    return check_options(r, v, table, e) ? NULL : v;
}

static int go(ipd_runs *r, const ipd_option *table, ipd_error *e)
{
    char path[4096];
    const struct verb *v = find_verb(r, table, e);
    if (!v)
        return -1;
    if (r->history ? ipd_path_copy(path, sizeof path, r->history, e)
                   : ipd_history_path(path, sizeof path, e))
        return -1;
    if (ipd_history_open(&r->h, path, 0, e)) {
        /* Without a default history there are no runs yet, so the list is empty. */
        if (e->code == IPD_ESTATE && !r->history && v->go == ipd_runs_list) {
            ipd_json_begin(&r->json);
            ipd_json_close(&r->json);
            if (!ipd_json_asked(&r->json) && !r->csv)
                printf("no runs yet: ipdlam train makes one\n");
            return 0;
        }
        return -1;
    }
    int failed = v->go(r, e);
    ipd_history_close(r->h);
    return failed ? -1 : ipd_cli_flush(e);
}

int ipd_cli_runs(int argc, char **argv)
{
    ipd_runs r = {.limit = -1, .keep = -1, .checkpoints = -1, .older = -1, .operands = argv + 1};
    const ipd_option table[] = {
        IPD_OPTION("where", "CONDITION", &r.where,
                   "only runs that meet this: 'delta < 1 and status = finished'"),
        IPD_OPTION("sort", "NAMES", &r.sort,
                   "fields to sort by, separated by commas; -NAME: largest first (default -id)"),
        IPD_OPTION_IN("limit", "N", &r.limit, 0, 1e9,
                      "number of runs to list (default 20; 0 means all)"),
        IPD_OPTION_JSON_AS(r.json, "JSON, one value", "JSON, one object per line"),
        IPD_OPTION("csv", NULL, &r.csv, "CSV, the default of export"),
        IPD_OPTION("lua", NULL, &r.lua, "a Lua script that repeats the run"),
        IPD_OPTION("tensorboard", "DIR", &r.tensorboard,
                   "an event file for TensorBoard in this folder"),
        IPD_OPTION("field", "NAMES", &r.field,
                   "fields to draw, separated by commas (default phi, or forward_loss)"),
        IPD_OPTION("output", "FILE", &r.output,
                   "file to write: records; a figure as .svg, .pdf, .png or .txt"),
        IPD_OPTION("remove", NULL, &r.remove, "remove the tags or the note"),
        IPD_OPTION("status", "WORDS", &r.status,
                   "gc: remove runs with these statuses, separated by commas: lost,failed"),
        IPD_OPTION_IN("older-than", "DAYS", &r.older, 0, 1e6,
                      "gc: remove runs that began more than DAYS days ago"),
        IPD_OPTION_IN("keep", "N", &r.keep, 0, 1e9, "gc: keep the newest N runs"),
        IPD_OPTION_IN("checkpoints", "N", &r.checkpoints, 0, 1e9,
                      "gc: keep the newest N checkpoints of each run"),
        IPD_OPTION("all", NULL, &r.all, "gc: also remove runs with a tag or a note"),
        IPD_OPTION("dry-run", NULL, &r.dry_run, "show what would be removed"),
        IPD_OPTION("yes", NULL, &r.yes, "remove without asking"),
        IPD_OPTION("history", "FILE", &r.history, "database of runs to use"),
        {0}};
    const ipd_options options = {
        .name = "runs",
        .usage =
            " [VERB] [ID...] [OPTION...]\n\nLists, shows, compares and removes the runs of the "
            "history. ID is a run's number, its\nname, the beginning of its name, or last.",
        .verbs = &verbs->command,
        .verb_size = sizeof *verbs,
        .table = table,
        .operands = &r.operand_count,
        .max_operands = IPD_RUNS_OPERANDS};
    ipd_error e = {0};
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    r.width = ipd_terminal_width(STDOUT_FILENO, 200);
    return go(&r, table, &e) ? ipd_cli_error("runs", &e) : IPD_EXIT_DONE;
}
