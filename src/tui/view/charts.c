/* charts.c - the views that are one chart: accuracies, gaps by layer, distance of the weights from
 * the initial ones, step norms of the last sweep, parameters, metrics of the user. */
#include "tui/view/curves.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Reads the Euclidean norm over all layers; `column` is that of layer 1. NaN if no layer has a
 * value. */
static void norm(const void *of, int column, size_t from, size_t count, double *to)
{
    const ipd_records *records = of;
    double x[IPD_SUMMARY_BLOCK];

    for (size_t i = 0; i < count; i++)
        to[i] = NAN;
    for (int l = 0; l < records->L; l++) {
        ipd_records_read(records, column + l, from, count, x);
        for (size_t i = 0; i < count; i++)
            if (!isnan(x[i]))
                to[i] = (isnan(to[i]) ? 0 : to[i]) + x[i] * x[i];
    }
    for (size_t i = 0; i < count; i++)
        to[i] = sqrt(to[i]);
}

enum { ACCURACY, GAPS, MOVED, STEPS, PARAMETERS, METRICS, CHARTS };

/* Columns of a title. */
#define COLUMNS(TITLE) (sizeof TITLE - 1)

static const ipd_curves charts[CHARTS] = {
    [ACCURACY] = {.y_kind = IPD_LINEAR,
                  .percent = 1,
                  .bit = 1 << 1,
                  .compared = 2,
                  .title = COLUMNS("accuracy")},
    [GAPS] = {.y_kind = IPD_LOG, .bit = 1 << 2, .title = COLUMNS("gaps")},
    [MOVED] = {.y_kind = IPD_LOG, .bit = 1 << 3, .compared = 2, .title = COLUMNS("moved")},
    [STEPS] = {.y_kind = IPD_LOG, .bit = 1 << 4, .compared = 1, .title = COLUMNS("steps")},
    [PARAMETERS] = {.y_kind = IPD_LOG, .bit = 1 << 5, .title = COLUMNS("parameters")},
    [METRICS] = {.y_kind = IPD_LINEAR, .bit = 1 << 6, .title = COLUMNS("metrics")}};

/* The curves, in the order of the legends. ONE is always drawn, IF_POSITIVE if a value is above 0,
 * IF_ANY if there is a value. LAYERS stands for one curve per layer, HIDDEN for one per hidden
 * layer; %d is the layer. */
static const struct row {
    int chart;
    const char *name, *field;
    enum { ONE, IF_POSITIVE, IF_ANY, LAYERS, HIDDEN } which;
} rows[] = {{ACCURACY, "train", "train_accuracy", ONE},
            {ACCURACY, "test", "test_accuracy", ONE},
            {ACCURACY, "validation", "validation_accuracy", IF_ANY},
            {ACCURACY, "z_L", "auxiliary_accuracy", IF_ANY},
            {ACCURACY, "averaged", "averaged_test_accuracy", IF_ANY},
            {GAPS, "lin %d", "linear_gap_by_layer", LAYERS},
            {GAPS, "act %d", "activation_gap_by_layer", HIDDEN},
            {MOVED, "W%d", "moved_W", LAYERS},
            {STEPS, "|Δz|", "step_z", IF_POSITIVE},
            {STEPS, "|ΔW|", "step_W", IF_POSITIVE},
            {STEPS, "|Δa|", "step_a", IF_POSITIVE},
            {STEPS, "|Δb|", "step_b", IF_POSITIVE},
            {PARAMETERS, "ρ", "rho", IF_ANY},
            {PARAMETERS, "δ", "delta", IF_ANY},
            {PARAMETERS, "α", "alpha", IF_ANY},
            {PARAMETERS, "β", "beta", IF_ANY},
            {PARAMETERS, "γ", "gamma", IF_ANY},
            {PARAMETERS, "lr", "lr", IF_ANY}};

static ipd_read_fn *value_of(const struct row *r)
{
    return r->chart == STEPS ? norm : NULL;
}

static int is_drawn(ipd_model *m, const struct row *r)
{
    ipd_extremes e = ipd_model_extremes(m, r->field, value_of(r), 0);
    return r->which == IF_POSITIVE ? e.max > 0 : r->which != IF_ANY || e.min <= e.max;
}

/* Adds the curves of a field: one, or one per layer, block or class. Clears c->percent unless the
 * field is a fraction. */
static void add_field(ipd_model *m, ipd_curves *c, const ipd_field *f)
{
    char name[64];

    int count = ipd_field_count(f, m->L);
    if (f->extent == IPD_BY_CLASS && m->data && m->data->classes < (size_t)count)
        count = (int)m->data->classes;
    for (int i = 0; i < count; i++) {
        ipd_field_column(f, m->L, i, name, sizeof name);
        ipd_curves_add(c, name, f->name, i);
    }
    c->percent &= strstr(f->name, "accuracy") != NULL || f->extent == IPD_BY_CLASS;
}

/* Adds the fields and metrics that :chart chose, or all metrics. */
static void add_metrics(ipd_model *m, ipd_curves *c)
{
    const ipd_record *last = ipd_model_last(m);
    char name[IPD_METRIC_NAME];
    enum { FIELDS = sizeof m->chart.fields / sizeof *m->chart.fields };

    c->percent = *m->chart.fields[0] != 0 && !(m->data && m->data->values);
    for (int k = 0; k < FIELDS && *m->chart.fields[k]; k++) {
        const ipd_field *f = ipd_field_find(m->chart.fields[k]);
        int metric = last && !f ? ipd_metric_find(last->metric_names, m->chart.fields[k]) : -1;
        if (f)
            add_field(m, c, f);
        else if (metric >= 0)
            ipd_curves_add(c, m->chart.fields[k], "metric", metric);
        c->percent &= f != NULL;
    }
    c->compared = c->count <= 4 ? c->count : 0;
    if (*m->chart.fields[0])
        return;
    for (int i = 0; last && i < IPD_MAX_METRICS && ipd_metric_name(last->metric_names, i, name);
         i++)
        ipd_curves_add(c, name, "metric", i);
}

/* Fills *c for a chart. */
static void make(ipd_model *m, ipd_curves *c, int chart)
{
    char name[24];

    *c = charts[chart];
    if (m->data && m->data->values) /* R² */
        c->percent = 0;
    if (chart == METRICS)
        add_metrics(m, c);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        int layers = r->which == LAYERS ? m->L : r->which == HIDDEN ? m->L - 1 : 1;
        for (int l = 0; r->chart == chart && l < layers && is_drawn(m, r); l++) {
            snprintf(name, sizeof name, r->name, l + 1);
            ipd_curves_add(c, name, r->field, l);
            c->list[c->count - 1].value = value_of(r);
            if (chart == ACCURACY) /* the colours after that of the objective */
                c->list[c->count - 1].ink = (ipd_ink)(IPD_INK_SERIES_1 + 1 + i);
        }
    }
}

static void draw_chart(ipd_model *m, ipd_canvas *c, ipd_area inside, int chart)
{
    ipd_curves curves;

    make(m, &curves, chart);
    if (curves.count)
        ipd_curves_draw(m, c, inside, &curves);
    else
        ipd_view_say(c, inside,
                     chart == METRICS ? ":chart FIELD, or run:metric(name, f)" : "no values yet");
}

static void draw_edge(ipd_model *m, ipd_canvas *c, ipd_area edge, int chart)
{
    ipd_curves curves;

    make(m, &curves, chart);
    ipd_curves_edge(m, c, edge, &curves);
}

static int use_mouse(ipd_model *m, const ipd_mouse *e, ipd_area inside, int chart)
{
    ipd_curves curves;

    make(m, &curves, chart);
    return ipd_curves_mouse(m, e, inside, &curves);
}

/* Defines the view of a chart. */
#define VIEW(NAME, CHART, TITLE)                                                                   \
    static void NAME##_edge(ipd_model *m, ipd_canvas *c, ipd_area edge)                            \
    {                                                                                              \
        draw_edge(m, c, edge, CHART);                                                              \
    }                                                                                              \
    static void NAME##_draw(ipd_model *m, ipd_canvas *c, ipd_area inside)                          \
    {                                                                                              \
        draw_chart(m, c, inside, CHART);                                                           \
    }                                                                                              \
    static int NAME##_key(ipd_model *m, int code)                                                  \
    {                                                                                              \
        return ipd_curves_key(m, code, charts[CHART].bit);                                         \
    }                                                                                              \
    static int NAME##_mouse(ipd_model *m, const ipd_mouse *e, ipd_area inside)                     \
    {                                                                                              \
        return use_mouse(m, e, inside, CHART);                                                     \
    }                                                                                              \
    const ipd_view ipd_view_##NAME = {.name = #NAME,                                               \
                                      .context = "chart",                                          \
                                      .framed = 1,                                                 \
                                      .title = TITLE,                                              \
                                      .edge = NAME##_edge,                                         \
                                      .draw = NAME##_draw,                                         \
                                      .key = NAME##_key,                                           \
                                      .wheel = {'+', '-'},                                         \
                                      .mouse = NAME##_mouse};

static void name_measure(const ipd_model *m, int width, char *to, size_t size)
{
    (void)width;
    snprintf(to, size, m->data && m->data->values ? "R²" : "accuracy");
}

VIEW(accuracy, ACCURACY, name_measure)
VIEW(gaps, GAPS, NULL)
VIEW(moved, MOVED, NULL)
VIEW(steps, STEPS, NULL)
VIEW(parameters, PARAMETERS, NULL)
VIEW(metrics, METRICS, NULL)
