/* runs_compare.c - `ipdlam runs compare` and `plot`: what differs between runs, and their curves. */
#include "base/text.h"
#include "cli/machine.h"
#include "cli/runs.h"
#include "plot/chart.h"
#include "plot/figure.h"
#include "plot/glyph.h"
#include "run/export.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = IPD_RUNS_COMPARED, VALUE = 160 };

int ipd_runs_field(const char *name, const ipd_field **field, int *index, ipd_error *e)
{
    const char *names[128];
    int count = 0;
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        size_t length = strlen(f->column);
        ipd_block block;
        long layer;
        if (f->kind == IPD_STRING)
            continue;
        *field = f;
        *index = 0;
        if (f->extent == IPD_SCALAR) {
            if (!strcmp(f->name, name))
                return 0;
            if (count < 127)
                names[count++] = f->name;
            continue;
        }
        if (strncmp(name, f->column, length) || name[length] != '_')
            continue;
        if (f->extent == IPD_BY_BLOCK)
            continue; /* their index depends on the depth */
        (void)block;
        if (!ipd_text_to_long(name + length + 1, &layer) && layer >= 1 && layer <= IPD_MAX_LAYERS) {
            *index = (int)layer - 1;
            return 0;
        }
    }
    names[count] = NULL;
    return ipd_fail_unknown(e, "field", name, ipd_text_nearest_in(name, names),
                            "ipdlam-train(1) lists the fields of a record.");
}

/* One row of the comparison: a name, and each run's value. */
struct difference {
    const char *name;
    char values[MOST][VALUE];
};

static void json_text(const json_t *value, char to[VALUE])
{
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)) : NULL;
    ipd_runs_text(to, VALUE, json_is_string(value) ? json_string_value(value) : text ? text : "-");
    free(text);
}

static int differs(const struct difference *d, int count)
{
    for (int i = 1; i < count; i++)
        if (strcmp(d->values[0], d->values[i]))
            return 1;
    return 0;
}

struct comparison {
    ipd_history_run runs[MOST];
    int count;
    struct difference rows[96];
    int row_count, settings; /* rows in all; of them, by which the runs were set apart */
};

static void add_text(struct comparison *c, const char *name, size_t offset)
{
    struct difference *d = &c->rows[c->row_count];
    d->name = name;
    for (int i = 0; i < c->count; i++)
        ipd_runs_text(d->values[i], VALUE, (const char *)&c->runs[i] + offset);
    c->row_count += differs(d, c->count);
}

static void find_differences(struct comparison *c)
{
    json_t *settings[MOST];
    struct difference *d = &c->rows[c->row_count];
    add_text(c, "dataset", offsetof(ipd_history_run, dataset));
    add_text(c, "checksum", offsetof(ipd_history_run, checksum));
    d = &c->rows[c->row_count];
    d->name = "network";
    for (int i = 0; i < c->count; i++)
        ipd_runs_network(&c->runs[i], d->values[i], VALUE);
    c->row_count += differs(d, c->count);
    for (int i = 0; i < c->count; i++)
        settings[i] = json_loads(c->runs[i].settings, 0, NULL);
    for (const ipd_setting *s = ipd_settings_table; s->name && c->row_count < 80; s++) {
        d = &c->rows[c->row_count];
        d->name = s->name;
        for (int i = 0; i < c->count; i++)
            json_text(json_object_get(settings[i], s->name), d->values[i]);
        c->row_count += differs(d, c->count);
    }
    for (int i = 0; i < c->count; i++)
        json_decref(settings[i]);
    add_text(c, "version", offsetof(ipd_history_run, version));
    add_text(c, "openblas", offsetof(ipd_history_run, openblas));
    add_text(c, "kernel", offsetof(ipd_history_run, kernel));
    c->settings = c->row_count;
}

/* What came of them, whether it differs or not. */
static void add_figures(struct comparison *c)
{
    static const char *const names[] = {"status", "iteration", "seconds", "phi", "forward_loss",
                                        "train",  "test",      "best",    NULL};
    for (int k = 0; names[k]; k++) {
        struct difference *d = &c->rows[c->row_count++];
        d->name = names[k];
        for (int i = 0; i < c->count; i++) {
            const ipd_history_run *run = &c->runs[i];
            const double numbers[] = {0, run->iteration, run->seconds, run->phi, run->forward_loss};
            const double fractions[] = {run->train_accuracy, run->test_accuracy,
                                        run->best_test_accuracy};
            char percent[16];
            if (k == 0) {
                ipd_runs_text(d->values[i], VALUE, run->status);
            } else if (k < 5) {
                snprintf(d->values[i], VALUE,
                         isnan(numbers[k]) ? "-"
                         : k == 1          ? "%.0f"
                                           : "%.5g",
                         numbers[k]);
            } else {
                ipd_runs_percent(percent, fractions[k - 5]);
                snprintf(d->values[i], VALUE, "%s", percent);
            }
        }
    }
}

static void print_rows(const ipd_runs *r, const struct comparison *c, int from, int to)
{
    int widest = 8, each = 8;
    for (int i = 0; i < c->row_count; i++) {
        widest = (int)fmax(widest, strlen(c->rows[i].name));
        for (int k = 0; k < c->count; k++)
            each = (int)fmax(each, ipd_text_columns(c->rows[i].values[k], 0));
    }
    int room = (r->width - widest) / c->count - 2;
    each = (int)fmax(4, fmin(each, room));
    for (int i = from; i < to; i++) {
        ipd_runs_cell(stdout, c->rows[i].name, widest, 0);
        for (int k = 0; k < c->count; k++) {
            fputs("  ", stdout);
            ipd_runs_cell(stdout, c->rows[i].values[k], each, 1);
        }
        putchar('\n');
    }
}

static void print_heads(const ipd_runs *r, struct comparison *c)
{
    /* The numbers and names are rows like the others, at the end of the array. */
    struct difference *d = &c->rows[c->row_count++];
    d->name = "run";
    for (int i = 0; i < c->count; i++)
        snprintf(d->values[i], VALUE, "%ld", c->runs[i].id);
    add_text(c, "name", offsetof(ipd_history_run, name));
    print_rows(r, c, (int)(d - c->rows), c->row_count);
}

static void print_json(const struct comparison *c)
{
    printf("{\"runs\": [");
    for (int i = 0; i < c->count; i++)
        printf("%s%ld", i ? ", " : "", c->runs[i].id);
    printf("]");
    for (int i = 0; i < c->row_count; i++) {
        if (i == 0 && c->settings)
            printf(", \"differences\": {");
        if (i == c->settings)
            printf("%s, \"figures\": {", c->settings ? "}" : ", \"differences\": {}");
        printf("%s\"%s\": [", i == 0 || i == c->settings ? "" : ", ", c->rows[i].name);
        for (int k = 0; k < c->count; k++) {
            fputs(k ? ", " : "", stdout);
            ipd_json_string(stdout, c->rows[i].values[k]);
        }
        putchar(']');
    }
    printf("}}\n");
}

/* All runs that the operands name. */
static struct comparison *find_all(ipd_runs *r, ipd_error *e)
{
    struct comparison *c = calloc(1, sizeof *c);
    if (!c) {
        ipd_fail(e, IPD_EMEMORY, "out of memory");
        return NULL;
    }
    for (int i = 1; i < r->operand_count; i++)
        if (ipd_runs_find(r, i, &c->runs[c->count++], e)) {
            free(c);
            return NULL;
        }
    return c;
}

int ipd_runs_compare(ipd_runs *r, ipd_error *e)
{
    struct comparison *c = find_all(r, e);
    if (!c)
        return -1;
    find_differences(c);
    add_figures(c);
    int failed = 0;
    if (r->json) {
        print_json(c);
    } else {
        int settings = c->settings, all = c->row_count;
        print_heads(r, c);
        putchar('\n');
        print_rows(r, c, 0, settings);
        if (!settings)
            printf("no setting differs\n");
        putchar('\n');
        print_rows(r, c, settings, all);
        failed = ipd_runs_charts(r, c->runs, c->count, e);
    }
    free(c);
    return failed;
}

int ipd_runs_plot(ipd_runs *r, ipd_error *e)
{
    struct comparison *c = find_all(r, e);
    if (!c)
        return -1;
    int failed = ipd_runs_charts(r, c->runs, c->count, e);
    free(c);
    return failed;
}

/* Curves. */

enum { FIELDS = 12 };

/* The runs' curves of one field. */
struct drawing {
    ipd_history_curve curves[MOST];
    char names[MOST][96];
    ipd_series series[MOST];
    int asked, drawn;              /* runs */
    ipd_figure_series lines[MOST]; /* the same for a figure */
    ipd_panel panel;
};

static int read_curves(ipd_runs *r, const ipd_history_run *runs, int count, const ipd_field *f,
                       int index, struct drawing *d, ipd_error *e)
{
    for (int i = 0; i < count; i++) {
        ipd_history_curve *c = &d->curves[i];
        char name[64];
        int known = 0;
        if (ipd_history_read_curve(r->h, runs[i].id, f, index, 0, c, e))
            return -1;
        for (size_t k = 0; k < c->count; k++)
            known |= !isnan(c->y[k]);
        if (!known)
            continue;
        ipd_runs_text(name, sizeof name, runs[i].name);
        snprintf(d->names[i], sizeof d->names[i], "%ld %s", runs[i].id, name);
        d->series[d->drawn] =
            (ipd_series){.name = d->names[i],
                         .x = c->x,
                         .y = c->y,
                         .count = c->count,
                         .ink = (ipd_ink)(IPD_INK_SERIES_1 + d->drawn % IPD_SERIES_INKS)};
        d->drawn++;
    }
    return 0;
}

/* Sums and gaps span decades; fractions and what may be negative do not. */
static int suits_log(const struct drawing *d)
{
    double low = INFINITY, high = 0;
    for (int i = 0; i < d->drawn; i++)
        for (size_t k = 0; k < d->series[i].count; k++)
            if (isfinite(d->series[i].y[k])) {
                low = fmin(low, d->series[i].y[k]);
                high = fmax(high, d->series[i].y[k]);
            }
    return low > 0 && high > 3 * low;
}

static int read_drawing(ipd_runs *r, const ipd_history_run *runs, int count, const char *name,
                        struct drawing *d, ipd_error *e)
{
    const ipd_field *f;
    int index, percent = strstr(name, "accuracy") != NULL;
    if (ipd_runs_field(name, &f, &index, e) || read_curves(r, runs, count, f, index, d, e))
        return -1;
    if (!d->drawn)
        return ipd_fail(e, IPD_ESTATE, "%s has no %s", count == 1 ? "the run" : "none of the runs",
                        name);
    d->asked = count;
    for (int i = 0; i < d->drawn; i++)
        d->lines[i] = (ipd_figure_series){.name = d->series[i].name,
                                          .x = d->series[i].x,
                                          .y = d->series[i].y,
                                          .count = d->series[i].count,
                                          .line = 1,
                                          .marks = -1};
    d->panel = (ipd_panel){.title = name,
                           .x_label = "iteration",
                           .y_kind = !percent && suits_log(d) ? IPD_LOG : IPD_LINEAR,
                           .x_whole = 1,
                           .percent = percent,
                           .series = d->lines,
                           .series_count = d->drawn};
    return 0;
}

static int print_drawing(const ipd_runs *r, const struct drawing *d, ipd_error *e)
{
    const ipd_chart chart = {.title = d->panel.title,
                             .x_label = "iteration",
                             .y_kind = d->panel.y_kind,
                             .x_whole = 1,
                             .percent = d->panel.percent,
                             .series = d->series,
                             .series_count = d->drawn,
                             .legend = d->asked > 1};
    putchar('\n');
    return ipd_chart_text(stdout, &chart, r->width > 100 ? 100 : r->width, 16,
                          ipd_charset_of_locale(), ipd_terminal_colour(STDOUT_FILENO), e);
}

/* On the terminal a chart a field, in a file a panel a field. */
static int draw(const ipd_runs *r, const struct drawing *d, int count, ipd_error *e)
{
    ipd_panel panels[FIELDS];
    for (int i = 0; i < count; i++) {
        panels[i] = d[i].panel;
        if (!r->output && print_drawing(r, &d[i], e))
            return -1;
    }
    return r->output ? ipd_figure_write(&(ipd_figure){.panels = panels, .panel_count = count},
                                        r->output, e)
                     : 0;
}

int ipd_runs_charts(ipd_runs *r, const ipd_history_run *runs, int count, ipd_error *e)
{
    char fields[256], *rest = NULL;
    int phi = 0, drawings = 0, failed = 0;
    struct drawing *d = calloc(FIELDS, sizeof *d);
    if (!d)
        return ipd_fail(e, IPD_EMEMORY, "out of memory");
    for (int i = 0; i < count; i++)
        phi |= !isnan(runs[i].phi);
    if (strlen(r->field ? r->field : "") >= sizeof fields)
        failed = ipd_fail(e, IPD_EUSAGE, "--field is too long");
    else
        strcpy(fields, r->field ? r->field : phi ? "phi" : "forward_loss");
    for (char *name = failed ? NULL : strtok_r(fields, ", ", &rest); name && !failed;
         name = strtok_r(NULL, ", ", &rest))
        failed = drawings == FIELDS ? ipd_fail(e, IPD_EUSAGE, "--field names more than %d", FIELDS)
                                    : read_drawing(r, runs, count, name, &d[drawings++], e);
    if (!failed && !drawings)
        failed = ipd_fail(e, IPD_EUSAGE, "--field names nothing: --field phi");
    failed = failed || draw(r, d, drawings, e);
    for (int i = 0; i < drawings; i++)
        for (int k = 0; k < count; k++)
            ipd_history_curve_free(&d[i].curves[k]);
    free(d);
    return failed ? -1 : 0;
}
