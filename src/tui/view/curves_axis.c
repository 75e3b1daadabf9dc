#include "tui/view/curves_axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Reads the mini-batches per iteration. Records of earlier versions lack them and get the number of
 * the newest record. */
static void batches_of(const void *records, int column, size_t from, size_t count, double *to)
{
    const ipd_records *r = records;

    ipd_records_read(r, column, from, count, to);
    for (size_t i = 0; i < count; i++)
        if (isnan(to[i]))
            to[i] = ipd_records_at(r, column, r->count - 1);
}

static const struct {
    const char *name, *label, *field;
    ipd_read_fn *value;  /* reads the value of each iteration; NULL: that of the field */
    int whole, measured; /* see ipd_chart */
    const char *unit;    /* of the cursor */
} axes[IPD_X_QUANTITIES] = {
    [IPD_X_ITERATION] = {"iteration", "iteration", "iteration", NULL, 1, 0, ""},
    [IPD_X_BATCH] = {"batch", "mini-batch", "batches", batches_of, 1, 0, ""},
    [IPD_X_SAMPLES] = {"samples", "samples", "samples", NULL, 1, 0, ""},
    [IPD_X_SECONDS] = {"seconds", "seconds", "seconds", NULL, 0, 1, " s"},
    [IPD_X_GFLOP] = {"gflop", "Gflop", "gflop", NULL, 0, 1, " Gflop"}};

ipd_x_quantity ipd_axis_next(ipd_x_quantity of)
{
    return (ipd_x_quantity)((of + 1) % IPD_X_QUANTITIES);
}

const char *ipd_axis_name(int of)
{
    return of < IPD_X_QUANTITIES ? axes[of].name : NULL;
}

/* Counts the iterations of records that have all of them, which is faster than reading them: charts
 * need the x of many points that are far apart in memory. */
static void count_on(const void *records, int column, size_t from, size_t count, double *to)
{
    (void)records;
    (void)column;
    for (size_t i = 0; i < count; i++)
        to[i] = (double)(from + i + 1);
}

/* 1 if the records have all iterations from 1 on. They ascend, so that the first and the last
 * decide. */
static int are_counted(const ipd_records *r)
{
    return ipd_records_number(r, "iteration", 0) == 1 &&
           ipd_records_number(r, "iteration", r->count - 1) == (double)r->count;
}

/* See ipd_axis_of_run. */
static const ipd_column *axis_column(ipd_columns *c, const ipd_records *records, ipd_x_quantity of)
{
    ipd_read_fn *value = axes[of].value;

    if (!records->count)
        return NULL;
    if (of == IPD_X_ITERATION && are_counted(records))
        value = count_on;
    if (of == IPD_X_BATCH && isnan(ipd_records_number(records, "batches", records->count - 1)))
        return NULL;
    const ipd_column *x = ipd_columns_get(c, records, axes[of].field, value, 0);
    return x && of != IPD_X_ITERATION ? ipd_columns_derive(x, IPD_SUM, 0, records->count) : x;
}

const ipd_column *ipd_axis_of_overlay(const ipd_model *m, ipd_overlay *o)
{
    const char *const fields[] = {axes[m->chart.x_quantity].field, NULL};

    ipd_overlay_read(o, fields);
    return axis_column(&o->columns, &o->records, m->chart.x_quantity);
}

const ipd_column *ipd_axis_of_run(ipd_model *m)
{
    return axis_column(&m->columns, &m->records, m->chart.x_quantity);
}

size_t ipd_axis_of_batches(ipd_model *m, double to[IPD_BATCH_RECORDS])
{
    ipd_x_quantity of = m->chart.x_quantity;
    const ipd_records *batches = &m->batches;
    size_t count = batches->count < IPD_BATCH_RECORDS ? batches->count : IPD_BATCH_RECORDS;
    const ipd_column *x = ipd_axis_of_run(m);
    double before = x ? ipd_value_at(&x->values, m->records.count - 1) : 0;
    double whole = of == IPD_X_ITERATION ? m->place.batches : 1;
    int column = ipd_records_column(
        batches, ipd_field_find(of == IPD_X_ITERATION ? "batches" : axes[of].field), 0);

    if (!count || whole < 1 || (m->records.count && !x))
        return 0;
    ipd_records_read(batches, column, 0, count, to);
    for (size_t i = 0; i < count; i++)
        to[i] = before + to[i] / whole;
    return count;
}

double ipd_axis_at(const ipd_column *x, size_t count, double iteration)
{
    size_t below = iteration < 1 ? 0 : (size_t)iteration;

    if (!x || !count)
        return iteration;
    if (below >= count)
        return ipd_value_at(&x->values, count - 1);
    double low = below ? ipd_value_at(&x->values, below - 1) : 0;
    return low + (fmax(iteration, 0) - (double)below) * (ipd_value_at(&x->values, below) - low);
}

int ipd_axis_iteration(const ipd_column *x, size_t count, double at)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ipd_value_at(&x->values, middle) < at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count ||
        (low && at - ipd_value_at(&x->values, low - 1) < ipd_value_at(&x->values, low) - at))
        low -= low > 0;
    return (int)low + 1;
}

void ipd_axis_range(const ipd_model *m, double *low, double *high)
{
    const ipd_chart_state *s = &m->chart;
    const ipd_record *last = ipd_model_last(m);

    *low = s->low;
    *high = s->high;
    if (s->follow && s->low < s->high && last) {
        double end = last->iteration + (m->batches.count > 0);
        *high = fmax(end, s->high - s->low + 1);
        *low = *high - (s->high - s->low);
    }
}

void ipd_axis_set(ipd_model *m, ipd_chart *chart, char text[48])
{
    ipd_x_quantity of = m->chart.x_quantity;
    const ipd_column *x = ipd_axis_of_run(m);
    size_t count = m->records.count;

    chart->x_label = axes[of].label;
    chart->x_whole = axes[of].whole;
    chart->x_measured = axes[of].measured;
    chart->x_unit = axes[of].unit;
    chart->x_kind = m->chart.x_log ? IPD_LOG : IPD_LINEAR;
    chart->has_cursor = m->chart.cursor > 0;
    chart->cursor = m->chart.cursor;
    ipd_axis_range(m, &chart->x_low, &chart->x_high);
    if (of == IPD_X_ITERATION)
        return;
    chart->x_reach = 0;
    if (chart->has_cursor) {
        chart->cursor = ipd_axis_at(x, count, m->chart.cursor);
        snprintf(text, 48, chart->x_whole ? "%.0f%s, it %d" : "%.4g%s, it %d", chart->cursor,
                 axes[of].unit, m->chart.cursor);
        chart->cursor_text = text;
    }
    if (chart->x_low < chart->x_high) {
        chart->x_low = ipd_axis_at(x, count, chart->x_low);
        chart->x_high = ipd_axis_at(x, count, chart->x_high);
    }
}
