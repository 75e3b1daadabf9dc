/* charts.c - `ipdlam runs plot`, and the charts of `runs compare`: a field of several runs by
 * iteration. */
#include "base/text.h"
#include "cli/machine.h"
#include "cli/runs/runs.h"
#include "plot/chart.h"
#include "plot/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = IPD_RUNS_COMPARED, FIELDS = 12 };

int ipd_runs_field(const char *name, ipd_measure *m, ipd_error *e)
{
    ipd_nearest near = {.word = name};
    *m = (ipd_measure){0};
    if (!strncmp(name, "metric.", 7)) {
        m->field = ipd_field_find("metric");
        snprintf(m->metric, sizeof m->metric, "%s", name + 7);
        return ipd_metric_check(name + 7, e);
    }
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        size_t length = strlen(f->column);
        long layer;
        if (f->kind == IPD_STRING)
            continue;
        m->field = f;
        if (f->extent == IPD_SCALAR) {
            if (!strcmp(f->name, name))
                return 0;
            ipd_nearest_try(&near, f->name);
            continue;
        }
        if (strncmp(name, f->column, length) || name[length] != '_')
            continue;
        if (f->extent == IPD_BY_BLOCK || f->extent == IPD_BY_METRIC)
            continue; /* the index of a block depends on the depth */
        long first = f->extent == IPD_BY_CLASS ? 0 : 1;
        if (!ipd_text_to_long(name + length + 1, &layer) && layer >= first &&
            layer - first < ipd_field_count(f, IPD_MAX_LAYERS)) {
            m->index = (int)(layer - first);
            return 0;
        }
    }
    return ipd_fail_unknown(e, "field", &near, "ipdlam-train(1) lists the fields of a record.");
}

/* The curves of one field of several runs. */
struct ipd_runs_drawing {
    char field[64];
    ipd_history_curve curves[MOST];
    char names[MOST][96];
    ipd_series series[MOST];
    int asked, drawn;              /* number of runs given, and of those with values */
    ipd_figure_series lines[MOST]; /* the curves for a figure */
    ipd_panel panel;
};

static int read_curves(ipd_runs *r, const ipd_history_run *runs, int count, const ipd_measure *m,
                       struct ipd_runs_drawing *d, ipd_error *e)
{
    for (int i = 0; i < count; i++) {
        ipd_history_curve *c = &d->curves[i];
        char name[64];
        int known = 0;
        if (ipd_history_read_curve(r->h, runs[i].id, m, 0, c, e))
            return -1;
        for (size_t k = 0; k < c->count; k++)
            known |= !isnan(c->y[k]);
        ipd_runs_text(name, sizeof name, runs[i].name);
        snprintf(d->names[i], sizeof d->names[i], "%ld %s", runs[i].id, name);
        if (!known)
            continue;
        d->series[d->drawn] =
            (ipd_series){.name = d->names[i],
                         .x = {.array = c->x},
                         .y = {.array = c->y},
                         .count = c->count,
                         .ink = (ipd_ink)(IPD_INK_SERIES_1 + d->drawn % IPD_SERIES_INKS)};
        d->drawn++;
    }
    return 0;
}

/* Returns 1 for a logarithmic axis: sums and gaps span decades, while fractions and fields with
 * negative values do not. */
static int suits_log(const struct ipd_runs_drawing *d)
{
    double low = INFINITY, high = 0;
    for (int i = 0; i < d->drawn; i++)
        for (size_t k = 0; k < d->series[i].count; k++)
            if (isfinite(d->series[i].y.array[k])) {
                low = fmin(low, d->series[i].y.array[k]);
                high = fmax(high, d->series[i].y.array[k]);
            }
    return low > 0 && high > 3 * low;
}

static void free_drawing(struct ipd_runs_drawing *d)
{
    for (int k = 0; k < MOST; k++)
        ipd_history_curve_free(&d->curves[k]);
    memset(d, 0, sizeof *d);
}

/* Reads a field of all runs; runs without it are not drawn. */
static int read_drawing(ipd_runs *r, const ipd_history_run *runs, int count, const char *name,
                        struct ipd_runs_drawing *d, ipd_error *e)
{
    ipd_measure m;
    int percent = strstr(name, "accuracy") != NULL;
    for (int i = 0; i < count; i++)
        percent = percent && !ipd_history_is_r2(&runs[i]);
    if (ipd_runs_field(name, &m, e) || read_curves(r, runs, count, &m, d, e))
        return -1;
    snprintf(d->field, sizeof d->field, "%s", name);
    d->asked = count;
    for (int i = 0; i < d->drawn; i++)
        d->lines[i] = (ipd_figure_series){.name = d->series[i].name,
                                          .x = d->series[i].x.array,
                                          .y = d->series[i].y.array,
                                          .count = d->series[i].count,
                                          .line = 1,
                                          .marks = -1};
    d->panel = (ipd_panel){.title = d->field,
                           .x_label = "iteration",
                           .y_kind = !percent && suits_log(d) ? IPD_LOG : IPD_LINEAR,
                           .x_whole = 1,
                           .percent = percent,
                           .series = d->lines,
                           .series_count = d->drawn};
    return 0;
}

/* Reads phi or, if some runs lack it and more runs have forward_loss, that. */
static int read_default(ipd_runs *r, const ipd_history_run *runs, int count,
                        struct ipd_runs_drawing *d, ipd_error *e)
{
    if (read_drawing(r, runs, count, "phi", d, e))
        return -1;
    int with_phi = d->drawn;
    if (with_phi == count)
        return 0;
    free_drawing(d);
    if (read_drawing(r, runs, count, "forward_loss", d, e))
        return -1;
    if (d->drawn >= with_phi)
        return 0;
    free_drawing(d);
    return read_drawing(r, runs, count, "phi", d, e);
}

/* Reads the fields of --field. At least one run must have each. */
static int read_fields(ipd_runs *r, const ipd_history_run *runs, int count, ipd_runs_charts *out,
                       ipd_error *e)
{
    char fields[256], *rest = NULL;
    if (strlen(r->field) >= sizeof fields)
        return ipd_fail(e, IPD_EUSAGE, "--field is too long. Name fewer fields");
    strcpy(fields, r->field);
    for (char *name = strtok_r(fields, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest)) {
        if (out->count == FIELDS)
            return ipd_fail(e, IPD_EUSAGE, "--field names more than %d", FIELDS);
        struct ipd_runs_drawing *d = &out->list[out->count++];
        if (read_drawing(r, runs, count, name, d, e))
            return -1;
        if (!d->drawn)
            return ipd_fail(e, IPD_ESTATE,
                            count == 1 ? "the run has no %s" : "none of the runs has %s", name);
    }
    return out->count
               ? 0
               : ipd_fail(e, IPD_EUSAGE, "--field names nothing. Give, for example, --field phi");
}

int ipd_runs_read_charts(ipd_runs *r, const ipd_history_run *runs, int count, ipd_runs_charts *out,
                         ipd_error *e)
{
    *out = (ipd_runs_charts){.list = calloc(FIELDS, sizeof *out->list)};
    if (!out->list)
        return ipd_fail(e, IPD_EMEMORY, "not enough memory for the charts");
    if (r->output && ipd_figure_check(r->output, e))
        return -1;
    if (r->field)
        return read_fields(r, runs, count, out, e);
    if (read_default(r, runs, count, &out->list[0], e))
        return -1;
    out->count = out->list[0].drawn > 0;
    return 0;
}

/* Prints the runs that are not in the chart: "run 3 adam has no phi". */
static void name_missing(FILE *to, const struct ipd_runs_drawing *d)
{
    for (int i = 0; i < d->asked; i++) {
        int drawn = 0;
        for (int k = 0; k < d->drawn; k++)
            drawn |= d->series[k].name == d->names[i];
        if (!drawn)
            fprintf(to, "run %s has no %s%s\n", d->names[i], d->field,
                    d->curves[i].count && !strcmp(d->field, "phi")
                        ? ". --field forward_loss draws every run."
                        : "");
    }
}

static int print_drawing(const ipd_runs *r, const struct ipd_runs_drawing *d, ipd_error *e)
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
    if (ipd_chart_text(stdout, &chart, r->width > 100 ? 100 : r->width, 16, ipd_charset_of_locale(),
                       ipd_terminal_colour(STDOUT_FILENO), e))
        return -1;
    name_missing(stdout, d);
    return 0;
}

int ipd_runs_draw_charts(const ipd_runs *r, const ipd_runs_charts *charts, ipd_error *e)
{
    ipd_panel panels[FIELDS];
    for (int i = 0; i < charts->count; i++) {
        panels[i] = charts->list[i].panel;
        if (r->output)
            name_missing(stderr, &charts->list[i]);
        else if (print_drawing(r, &charts->list[i], e))
            return -1;
    }
    if (!r->output || !charts->count)
        return 0;
    return ipd_figure_write(&(ipd_figure){.panels = panels, .panel_count = charts->count},
                            r->output, e);
}

void ipd_runs_free_charts(ipd_runs_charts *charts)
{
    for (int i = 0; charts->list && i < FIELDS; i++)
        free_drawing(&charts->list[i]);
    free(charts->list);
    *charts = (ipd_runs_charts){0};
}

int ipd_runs_plot(ipd_runs *r, ipd_error *e)
{
    ipd_history_run *runs = calloc(MOST, sizeof *runs);
    ipd_runs_charts charts = {0};
    int count = 0, failed = 0;
    if (!runs)
        return ipd_fail(e, IPD_EMEMORY, "not enough memory for the runs");
    for (int i = 1; i < r->operand_count && !failed; i++)
        failed = ipd_runs_find(r, i, &runs[count++], e);
    failed = failed || ipd_runs_read_charts(r, runs, count, &charts, e);
    if (!failed && !charts.count)
        failed = ipd_fail(e, IPD_ESTATE,
                          count == 1 ? "the run has no records yet"
                                     : "none of the runs has records yet");
    failed = failed || ipd_runs_draw_charts(r, &charts, e);
    ipd_runs_free_charts(&charts);
    free(runs);
    return failed ? -1 : 0;
}
