/* runs.c - `ipdlam runs`: the history as lists, tables and files. */
#include "base/text.h"
#include "cli/cli.h"
#include "cli/machine.h"
#include "cli/options.h"
#include "run/export.h"
#include "run/history.h"
#include "run/learned.h"
#include "run/run.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct runs {
    const char *history;
    long limit;
    int json, csv;
    const char *operands[3];
    int operand_count;
    long shown;          /* runs or records printed */
    int last_L;          /* CSV: the header's depth */
    int width;           /* of the terminal */
    ipd_learned learned; /* from the records shown */
};

static int take_operand(void *context, const char *name, const char *value, const char *next,
                        ipd_error *e)
{
    struct runs *r = context;
    (void)next;
    if (name)
        return IPD_OPTION_UNKNOWN;
    if (r->operand_count == 3)
        return ipd_fail(e, IPD_EUSAGE, "\"%.60s\" is too much: ipdlam runs --help", value);
    r->operands[r->operand_count++] = value;
    return 0;
}

static void help(const ipd_option *table)
{
    printf("Usage: ipdlam runs [list] [OPTION...]\n"
           "       ipdlam runs show ID [OPTION...]\n"
           "       ipdlam runs export ID [--csv | --json] [OPTION...]\n"
           "\n"
           "Lists the runs of the history, newest first; shows one with its settings, changes and\n"
           "records; prints its records as CSV or JSON. ID is a run's number, or last.\n"
           "\n");
    ipd_options_help(stdout, table);
    printf("\nSee ipdlam-runs(1).\n");
}

/* Text in a column of its own, cut to `width` characters with a mark. */
static void print_cut(const char *text, int width)
{
    int length = (int)strlen(text);
    if (length <= width)
        printf("%-*s", width, text);
    else if (width > 1)
        printf("%.*s~", width - 1, text);
}

static void widths_text(const ipd_history_run *run, char *to, size_t size)
{
    size_t at = 0;
    *to = 0;
    for (int l = 0; run->L && l <= run->L && at < size; l++)
        at += (size_t)snprintf(to + at, size - at, "%s%zu", l ? "-" : "", run->widths[l]);
}

static void percent(char to[16], double fraction)
{
    if (isfinite(fraction))
        snprintf(to, 16, "%.2f%%", 100 * fraction);
    else
        strcpy(to, "-");
}

static void json_run(const ipd_history_run *run)
{
    const struct {
        const char *name, *text;
    } texts[] = {{"name", run->name},         {"started", run->started}, {"updated", run->updated},
                 {"status", run->status},     {"dataset", run->dataset}, {"source", run->source},
                 {"checksum", run->checksum}, {"version", run->version}, {"kernel", run->kernel}};
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"train_samples", (double)run->train},
                   {"test_samples", (double)run->test},
                   {"threads", run->threads},
                   {"records", (double)run->records},
                   {"seconds", run->seconds},
                   {"phi", run->phi},
                   {"train_accuracy", run->train_accuracy},
                   {"test_accuracy", run->test_accuracy},
                   {"best_test_accuracy", run->best_test_accuracy}};
    printf("{\"id\": %ld", run->id);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        printf(", \"%s\": ", texts[i].name);
        ipd_json_string(stdout, texts[i].text);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        printf(", \"%s\": ", numbers[i].name);
        ipd_json_number(stdout, numbers[i].value);
    }
    printf(", \"widths\": [");
    for (int l = 0; run->L && l <= run->L; l++)
        printf("%s%zu", l ? ", " : "", run->widths[l]);
    printf("], \"settings\": %s}\n", *run->settings == '{' ? run->settings : "null");
}

/* One line of the list. Narrow terminals do without the year, the network, then phi; what is left
 * of the width goes to the status. */
static int list_run(void *context, const ipd_history_run *run)
{
    struct runs *r = context;
    char widths[400], train[16], test[16], phi[32];
    int year = r->width >= 110, network = r->width >= 110, has_phi = r->width >= 80;
    int left = r->width - (year ? 96 : has_phi ? 71 : 60);
    if (r->json) {
        json_run(run);
        r->shown++;
        return 0;
    }
    if (r->shown++ == 0) {
        printf("%4s  %-*s  %-13s  ", "id", year ? 16 : 11, "started", "data");
        if (network)
            printf("%-18s  ", "network");
        printf("%5s  ", "iter");
        if (has_phi)
            printf("%9s  ", "phi");
        printf("%7s  %7s  %s\n", "train", "test", "status");
    }
    widths_text(run, widths, sizeof widths);
    percent(train, run->train_accuracy);
    percent(test, run->test_accuracy);
    snprintf(phi, sizeof phi, isfinite(run->phi) ? "%.4g" : "-", run->phi);
    printf("%4ld  %.*s  ", run->id, year ? 16 : 11, run->started + (year ? 0 : 5));
    print_cut(run->dataset, 13);
    printf("  ");
    if (network) {
        print_cut(widths, 18);
        printf("  ");
    }
    printf("%5ld  ", run->records);
    if (has_phi)
        printf("%9s  ", phi);
    printf("%7s  %7s  %.*s\n", train, test, left > 8 ? left : 8, run->status);
    return 0;
}

static int csv_record(void *context, const ipd_record *record)
{
    struct runs *r = context;
    if (r->shown++ == 0 && ipd_csv_header(stdout, record->L))
        return 1;
    return ipd_csv_record(stdout, record) != 0;
}

static int json_record(void *context, const ipd_record *record)
{
    ((struct runs *)context)->shown++;
    return ipd_json_record(stdout, record) != 0;
}

static int show_record(void *context, const ipd_record *record)
{
    struct runs *r = context;
    char train[16], test[16];
    ipd_learned_add(&r->learned, record);
    if (r->shown++ == 0)
        printf("\n%9s  %10s  %10s  %10s  %10s  %7s  %7s  %8s\n", "iteration", "phi", "loss", "gaps",
               "rho", "train", "test", "seconds");
    percent(train, record->train_accuracy);
    percent(test, record->test_accuracy);
    printf("%9d  %10.4g  %10.4g  %10.4g  %10.4g  %7s  %7s  %8.3f\n", record->iteration, record->phi,
           record->loss, record->linear_gap + record->activation_gap, record->rho, train, test,
           record->seconds);
    return 0;
}

static int show_change(void *context, const ipd_place *place, const char *text)
{
    char where[96];
    (void)context;
    ipd_place_text(place, where, sizeof where);
    printf("change    %s, at %s\n", text, where);
    return 0;
}

/* The run's number from its text: digits, or "last". */
static int find(struct runs *r, ipd_history *h, ipd_history_run *run, ipd_error *e)
{
    const char *text = r->operands[1];
    long id;
    if (!text)
        return ipd_fail(e, IPD_EUSAGE, "which run? ipdlam runs %s ID, or last", r->operands[0]);
    if (!strcmp(text, "last"))
        return ipd_history_last(h, run, e);
    if (ipd_text_to_long(text, &id) || id < 1)
        return ipd_fail(e, IPD_EUSAGE,
                        "\"%.60s\" is not the number of a run: ipdlam runs lists them", text);
    return ipd_history_find(h, id, run, e);
}

/* "settings  delta 1, order nested_reverse, ...", wrapped. */
static void show_settings(const struct runs *r, const ipd_history_run *run)
{
    json_t *settings = json_loads(run->settings, 0, NULL), *value;
    const char *name;
    int column = 10, first = 1;
    int width = r->width < 100 ? r->width : 100;
    printf("settings  ");
    json_object_foreach(settings, name, value)
    {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
        const char *bare = json_is_string(value) ? json_string_value(value) : text ? text : "?";
        int length = (int)(strlen(name) + strlen(bare)) + 3;
        if (!first && column + length > width) {
            printf(",\n          ");
            column = 10;
        } else if (!first) {
            printf(", ");
        }
        printf("%s %s", name, bare);
        column += length;
        first = 0;
        free(text);
    }
    putchar('\n');
    json_decref(settings);
}

static int show(struct runs *r, ipd_history *h, ipd_error *e)
{
    ipd_history_run run;
    char widths[400], spent[32];
    if (find(r, h, &run, e))
        return -1;
    if (r->json) {
        json_run(&run);
        return 0;
    }
    widths_text(&run, widths, sizeof widths);
    ipd_text_duration(spent, sizeof spent, run.seconds);
    printf("run       %ld, %s: %s\n", run.id, run.name, run.status);
    printf("started   %s UTC, last change %s UTC, %s of solving\n", run.started, run.updated,
           spent);
    printf("data      %s: %ld training and %ld test samples (%s)\n", run.dataset, run.train,
           run.test, run.source);
    printf("checksum  %s\n", run.checksum);
    printf("network   %s\n", widths);
    show_settings(r, &run);
    printf("machine   ipdlam %s, OpenBLAS %s %s, %d threads\n", run.version, run.openblas,
           run.kernel, run.threads);
    if (ipd_history_changes(h, run.id, show_change, r, e))
        return -1;
    if (ipd_history_records(h, run.id, show_record, r, e))
        return -1;
    char *learned = run.L ? ipd_learned_text(&r->learned, run.widths, NULL, "phi") : NULL;
    if (learned)
        printf("\n%s", learned);
    free(learned);
    return 0;
}

static int export(struct runs *r, ipd_history *h, ipd_error *e)
{
    ipd_history_run run;
    if (find(r, h, &run, e))
        return -1;
    if (ipd_history_records(h, run.id, r->json ? json_record : csv_record, r, e))
        return -1;
    if (!r->shown)
        return ipd_fail(e, IPD_ESTATE, "run %ld has no records", run.id);
    return 0;
}

static int list(struct runs *r, ipd_history *h, ipd_error *e)
{
    if (r->operand_count > 1)
        return ipd_fail(e, IPD_EUSAGE,
                        "list takes no further words: ipdlam runs show ID shows one");
    if (ipd_history_runs(h, r->limit, list_run, r, e))
        return -1;
    if (!r->shown && !r->json)
        printf("no runs yet: ipdlam train makes one\n");
    return 0;
}

static int go(struct runs *r, ipd_error *e)
{
    static const char *const verbs[] = {"list", "show", "export", NULL};
    const char *verb = r->operand_count ? r->operands[0] : "list";
    char path[4096];
    ipd_history *h;
    int known = 0;
    for (int i = 0; verbs[i]; i++)
        known |= !strcmp(verb, verbs[i]);
    if (!known) {
        const char *near = ipd_text_nearest_in(verb, verbs);
        return ipd_fail(e, IPD_EUSAGE, "there is no \"runs %.60s\": %s%s", verb,
                        near ? "meant is perhaps " : "use list, show or export", near ? near : "");
    }
    if (r->csv && r->json)
        return ipd_fail(e, IPD_EUSAGE, "--csv and --json exclude each other");
    if (r->csv && strcmp(verb, "export"))
        return ipd_fail(e, IPD_EUSAGE, "--csv is for export: ipdlam runs export ID --csv");
    snprintf(path, sizeof path, "%s", r->history ? r->history : "");
    if (!r->history && ipd_history_path(path, sizeof path, e))
        return -1;
    if (ipd_history_open(&h, path, 0, e)) {
        /* Nothing has run yet: an empty list is the answer. */
        if (e->code == IPD_ESTATE && !r->history && !strcmp(verb, "list")) {
            if (!r->json)
                printf("no runs yet: ipdlam train makes one\n");
            return 0;
        }
        return -1;
    }
    int failed = !strcmp(verb, "show")     ? show(r, h, e)
                 : !strcmp(verb, "export") ? export(r, h, e)
                                           : list(r, h, e);
    ipd_history_close(h);
    return failed;
}

int ipd_cli_runs(int argc, char **argv)
{
    struct runs r = {.limit = 20};
    const ipd_option table[] = {
        {"limit", "N", "newest runs to list (default 20; 0: all)", IPD_OPTION_COUNT, &r.limit, 0,
         1e9},
        {"json", NULL, "JSON, one object a line", IPD_OPTION_FLAG, &r.json, 0, 0},
        {"csv", NULL, "CSV, the default of export", IPD_OPTION_FLAG, &r.csv, 0, 0},
        {"history", "FILE", "database of runs to read", IPD_OPTION_TEXT, &r.history, 0, 0},
        {0}};
    const ipd_options options = {table, take_operand, NULL, &r};
    ipd_error e = {0};
    int asked = ipd_options_parse(&options, argc, argv, &e);
    if (asked > 0) {
        help(table);
        return IPD_EXIT_DONE;
    }
    r.width = ipd_terminal_width(STDOUT_FILENO, 200);
    if (asked || go(&r, &e))
        return ipd_cli_error("runs", &e);
    return IPD_EXIT_DONE;
}
