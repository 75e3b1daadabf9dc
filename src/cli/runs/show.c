/* show.c - `ipdlam runs show`: shows one run as text or as JSON. */
#include "base/machine.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/runs/runs.h"
#include "format/export.h"
#include "plot/glyph.h"
#include "report/diagnostics.h"
#include "run/run.h"
#include "run/time/checkpoint.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct shown {
    long count;
    const ipd_history_run *run;
    const char *comma;           /* JSON: the separator before the next item */
    ipd_diagnostics diagnostics; /* from the records shown */
};

static int show_record(void *context, const ipd_record *record)
{
    struct shown *s = context;
    int is_r2 = ipd_history_is_r2(s->run), width = is_r2 ? 9 : 7;
    const char *const names[] = {"train", "valid.", "test"};
    const double shares[] = {record->train_accuracy, record->validation_accuracy,
                             record->test_accuracy};
    ipd_diagnostics_add(&s->diagnostics, record);
    if (s->count++ == 0) {
        printf("\n%9s  %10s  %10s  %10s  %10s  %10s", "iteration", "phi", "loss", "gaps", "rho",
               "forward");
        for (int i = 0; i < 3; i++)
            if (i != 1 || s->run->validation)
                printf("  %*s", width, names[i]);
        printf("%s  %8s\n", is_r2 ? "       RMSE" : "", "seconds");
    }
    const double values[] = {record->phi, record->loss, record->linear_gap + record->activation_gap,
                             record->rho, record->forward_loss};
    printf("%9d", record->iteration);
    for (int i = 0; i < 5; i++)
        if (isnan(values[i]))
            printf("  %10s", "-");
        else
            printf("  %10.4g", values[i]);
    for (int i = 0; i < 3; i++) {
        char text[IPD_QUALITY_TEXT];
        ipd_runs_quality(text, s->run, shares[i]);
        if (i != 1 || s->run->validation)
            printf("  %*s%s", width - ipd_text_columns(text, 0), "", text);
    }
    if (is_r2 && isnan(record->test_rmse))
        printf("  %9s", "-");
    else if (is_r2)
        printf("  %9.4g", record->test_rmse);
    printf("  %8.3f\n", record->seconds);
    return 0;
}

static int show_change(void *context, const ipd_place *place, const char *text)
{
    char where[96], clean[640];
    (void)context;
    ipd_place_text(place, where, sizeof where);
    ipd_runs_text(clean, sizeof clean, text);
    printf("change    %s, at %s\n", clean, where);
    return 0;
}

static int show_rewind(void *context, const ipd_history_rewound *rewind)
{
    (void)context;
    printf("rewind    from iteration %d to the end of %d, %ld record%s discarded, %s UTC\n",
           rewind->from_iteration, rewind->iteration, rewind->records,
           ipd_runs_plural(rewind->records), rewind->made);
    return 0;
}

static int show_checkpoint(void *context, const ipd_history_checkpoint *c)
{
    char size[32], path[512];
    (void)context;
    ipd_machine_bytes(size, sizeof size, (double)c->size);
    ipd_runs_text(path, sizeof path, c->path);
    printf("%-9s iteration %d, %s, %s%s\n",
           ipd_checkpoint_is_weights(c->path) ? "weights" : "saved", c->iteration, size, path,
           ipd_path_exists(c->path) ? "" : " (no longer there)");
    return 0;
}

/* Prints "settings  delta 1, order nested_reverse, ...", wrapped. */
static void show_settings(const ipd_runs *r, const ipd_history_run *run)
{
    json_t *settings = json_loads(run->settings, 0, NULL), *value;
    const char *name;
    int column = 10, first = 1;
    int width = r->width < 100 ? r->width : 100;
    printf("settings  ");
    json_object_foreach(settings, name, value)
    {
        if (ipd_runs_is_unset(name, value))
            continue;
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
        char bare[600];
        ipd_runs_text(bare, sizeof bare,
                      json_is_string(value) ? json_string_value(value)
                      : text                ? text
                                            : "?");
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

/* Prints the lines above the changes. */
static void show_head(const ipd_runs *r, const ipd_history_run *run)
{
    char spent[32], memory[32];
    ipd_text_duration(spent, sizeof spent, run->seconds);
    printf("run       %ld, %s: %s\n", run->id, run->name, run->status);
    printf("started   %s UTC, last change %s UTC, %s of solving\n", run->started, run->updated,
           spent);
    if (*run->parent_name || run->parent) {
        char number[32] = "";
        if (run->parent)
            snprintf(number, sizeof number, "%ld, ", run->parent);
        printf("parent    %s%s, after iteration %d\n", number, run->parent_name,
               run->parent_iteration);
    }
    if (*run->tags)
        printf("tags      %s\n", run->tags);
    if (*run->note)
        printf("note      %s\n", run->note);
    printf("data      %s: %ld training", run->dataset, run->train);
    if (run->validation)
        printf(", %ld validation", run->validation);
    printf(" and %ld %s samples (%s)\n", run->test, run->held_out ? "held out" : "test",
           run->source);
    printf("checksum  %s\n", run->checksum);
    printf("network   %s\n", run->network);
    show_settings(r, run);
    ipd_machine_bytes(memory, sizeof memory, run->memory);
    printf("machine   ipdlam %s, OpenBLAS %s %s, %d threads", run->version, run->openblas,
           run->kernel, run->threads);
    if (*run->processor)
        printf("; %s, %s", run->processor, memory);
    putchar('\n');
    double best = run->validation ? run->best_validation_accuracy : run->best_test_accuracy;
    char text[IPD_QUALITY_TEXT];
    ipd_runs_quality(text, run, best);
    if (isfinite(best))
        printf("best      %s %s the %s samples, at iteration %d\n", text,
               ipd_history_is_r2(run) ? "on" : "of", run->validation ? "validation" : "test",
               run->best_iteration);
}

/* Changes, rewinds and checkpoints as items of JSON arrays. */
static int json_change(void *context, const ipd_place *place, const char *text)
{
    struct shown *s = context;
    fputs(s->comma, stdout);
    ipd_runs_change_json(place, text);
    s->comma = ", ";
    return 0;
}

static int json_rewind(void *context, const ipd_history_rewound *rewind)
{
    struct shown *s = context;
    printf("%s{\"iteration\": %d, \"from_iteration\": %d, \"records\": %ld, \"made\": ", s->comma,
           rewind->iteration, rewind->from_iteration, rewind->records);
    ipd_json_string(stdout, rewind->made);
    printf("}");
    s->comma = ", ";
    return 0;
}

static int json_checkpoint(void *context, const ipd_history_checkpoint *c)
{
    struct shown *s = context;
    printf("%s{\"iteration\": %d, \"size\": %lld, \"weights_only\": %s, \"path\": ", s->comma,
           c->iteration, c->size, ipd_checkpoint_is_weights(c->path) ? "true" : "false");
    ipd_json_string(stdout, c->path);
    printf(", \"made\": ");
    ipd_json_string(stdout, c->made);
    printf("}");
    s->comma = ", ";
    return 0;
}

static int show_json(ipd_runs *r, const ipd_history_run *run, ipd_error *e)
{
    char *text = NULL;
    size_t size;
    struct shown *s = calloc(1, sizeof *s);
    FILE *to = s ? open_memstream(&text, &size) : NULL;
    if (to)
        ipd_runs_json(to, run);
    if (!to || ipd_text_close(to, &text)) {
        free(s);
        free(text);
        return ipd_fail(e, IPD_EMEMORY, "out of memory");
    }
    printf("%.*s, \"changes\": [", (int)size - 1, text);
    s->comma = "";
    int failed = ipd_history_changes(r->h, run->id, json_change, s, e);
    printf("], \"rewinds\": [");
    s->comma = "";
    failed = failed || ipd_history_rewinds(r->h, run->id, json_rewind, s, e);
    printf("], \"checkpoints\": [");
    s->comma = "";
    failed = failed || ipd_history_checkpoints(r->h, run->id, json_checkpoint, s, e);
    printf("]}\n");
    free(s);
    free(text);
    return failed ? -1 : 0;
}

int ipd_runs_show(ipd_runs *r, ipd_error *e)
{
    static ipd_history_run run;
    static struct shown s; /* records are large */
    if (ipd_runs_find(r, 1, &run, e))
        return -1;
    if (ipd_json_asked(&r->json))
        return show_json(r, &run, e);
    show_head(r, &run);
    s.run = &run;
    if (ipd_history_changes(r->h, run.id, show_change, &s, e) ||
        ipd_history_rewinds(r->h, run.id, show_rewind, &s, e) ||
        ipd_history_checkpoints(r->h, run.id, show_checkpoint, &s, e) ||
        ipd_history_records(r->h, run.id, show_record, &s, e))
        return -1;
    char *diagnostics =
        run.L ? ipd_diagnostics_text(&s.diagnostics, run.widths, NULL, "phi", 79) : NULL;
    if (diagnostics)
        printf("\n%s", diagnostics);
    free(diagnostics);
    return 0;
}
