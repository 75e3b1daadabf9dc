#include "tui/view/curves_drawing.h"
#include "tui/view/curves_axis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* REACH: iterations that the x axis of a short run has. NARROW: columns of a pane with one curve
 * per run. */
enum { REACH = 10, NARROW = 48 };

/* The look of a curve; members as in ipd_series. */
typedef struct look {
    ipd_ink ink;
    int form;
    char letter;
} look;

/* Adds a series. Returns its index, or -1 if it has no points. */
static int add_series(ipd_drawing *d, const ipd_column *x, const ipd_column *y, const char *name,
                      look how, int past, size_t count)
{
    const ipd_column *smooth =
        d->smoothing > 0 && y ? ipd_columns_derive(y, IPD_AVERAGE, d->smoothing, count) : NULL;

    if (!x || !y || d->chart.series_count == d->room || count == 0)
        return -1;
    int k = d->chart.series_count++;
    snprintf(d->names[k], IPD_CURVE_NAME, "%s", name);
    d->raw[k] = smooth ? y : NULL;
    y = smooth ? smooth : y;
    d->series[k] = (ipd_series){.name = d->names[k],
                                .x = x->values,
                                .y = y->values,
                                .count = count,
                                .ink = how.ink,
                                .summary = &y->summary,
                                .form = how.form,
                                .letter = how.letter,
                                .past = past};
    return k;
}

/* Adds a name to the legend, for a curve that has only points of mini-batches yet. */
static void add_name(ipd_drawing *d, const ipd_curve *curve)
{
    if (d->chart.series_count < d->room)
        d->series[d->chart.series_count++] = (ipd_series){.name = curve->name, .ink = curve->ink};
}

/* Adds the curves before smoothing, faint and behind the others. */
static void add_raw(ipd_drawing *d)
{
    int count = d->chart.series_count;

    for (int k = 0; k < count && d->chart.series_count < d->room; k++) {
        if (!d->raw[k])
            continue;
        ipd_series one = d->series[k];
        one.y = d->raw[k]->values;
        one.summary = &d->raw[k]->summary;
        one.ink = IPD_INK_FAINT;
        one.form = 3;
        one.letter = 0;
        one.marks = -1;
        d->series[d->chart.series_count++] = one;
    }
    d->chart.quiet = d->chart.series_count - count;
    if (!d->chart.quiet)
        return;
    snprintf(d->smoothed, sizeof d->smoothed, "EMA %g", d->smoothing);
    d->chart.note = d->smoothed;
}

/* 1 if many overlays or a narrow pane leave room for one curve per run only. */
static int is_crowded(const ipd_model *m, int width)
{
    enum { FEW = 4 };
    return ipd_model_has_overlays(m) && (width < NARROW || m->overlays.count > FEW);
}

/* 1 if a curve is drawn; of a crowded chart only the last of those compared. */
static int is_drawn(const ipd_model *m, const ipd_curves *c, int curve, int width)
{
    return !is_crowded(m, width) || c->compared <= 1 || curve == c->compared - 1;
}

int ipd_drawing_name_columns(int width)
{
    enum { BRIEF = 17, LONG = 40, WIDE = 76 };

    return width < WIDE ? BRIEF : LONG;
}

/* The look of a curve beside curves of other runs. The colour is that of the run. The last of the
 * curves compared, which is always drawn, has a solid line. */
static look look_of(const ipd_curves *c, int curve, int slot)
{
    int last = c->compared - 1;
    return (look){ipd_slot_ink(slot), (curve <= last ? last - curve : curve) % 4,
                  ipd_slot_letter(slot)};
}

/* The index of a curve's values in the records of another run, which may have other metrics; -1 if
 * it has no such metric. */
static int index_in(const ipd_overlay *o, const ipd_curve *curve)
{
    char names[sizeof((ipd_record *)0)->metric_names];

    if (strcmp(curve->field, "metric") != 0 || !o->records.count)
        return curve->index;
    ipd_records_string(&o->records, ipd_field_find("metric_names"), o->records.count - 1, names);
    return ipd_metric_find(names, curve->name);
}

static void add_overlay(ipd_drawing *d, const ipd_curves *c, int index, int width, ipd_model *m)
{
    int alone = c->count == 1 || (is_crowded(m, width) && c->compared > 1);
    ipd_overlay *o = &m->overlays.items[index];
    char name[IPD_CURVE_NAME], room[96];
    const char *label =
        ipd_overlay_label(&m->overlays, index, m->run_name, ipd_drawing_name_columns(width), room);

    for (int i = 0; i < c->count && i < c->compared; i++) {
        const ipd_curve *one = &c->list[i];
        int at = index_in(o, one);
        if (!is_drawn(m, c, i, width) || at < 0)
            continue;
        snprintf(name, sizeof name, "%.40s%s%s", label, alone ? "" : " ", alone ? "" : one->name);
        int drawn = add_series(d, ipd_axis_of_overlay(m, o),
                               ipd_overlay_values(o, one->field, one->value, at), name,
                               look_of(c, i, o->slot), 0, o->records.count);
        if (index == 0)
            d->pairs[i][1] = drawn;
    }
}

/* Adds the curves of the run and of all overlays. Beside overlays the curves of the run have one
 * colour; without them, one each. */
static void add_all(ipd_model *m, const ipd_curves *c, ipd_drawing *d, int width)
{
    int together = c->compared > 0 && ipd_model_has_overlays(m);

    for (int i = 0; i < c->count; i++) {
        const ipd_curve *one = &c->list[i];
        d->pairs[i][0] = d->pairs[i][1] = -1;
        if (is_drawn(m, c, i, width) && !m->records.count && m->batches.count)
            add_name(d, one);
        else if (is_drawn(m, c, i, width))
            d->pairs[i][0] = add_series(
                d, ipd_axis_of_run(m), ipd_model_values(m, one->field, one->value, one->index),
                one->name, together ? look_of(c, i, m->overlays.own) : (look){one->ink, 0, 0},
                one->past, m->records.count);
    }
    d->other = d->chart.series_count;
    for (int k = 0; k < m->overlays.count && ipd_model_has_overlays(m); k++)
        add_overlay(d, c, k, width, m);
}

/* Adds the paths that the run has left, faint and without names, as one curve each. */
static void add_left(ipd_model *m, const ipd_curves *c, ipd_drawing *d)
{
    for (int k = 0; k < m->left_paths.count && c->compared && d->chart.series_count < d->room;
         k++) {
        const ipd_curve *one = &c->list[c->compared - 1];
        ipd_overlay *o = &m->left_paths.items[k];
        int index = index_in(o, one);
        const ipd_column *x = index < 0 ? NULL : ipd_axis_of_overlay(m, o);
        const ipd_column *y = x ? ipd_overlay_values(o, one->field, one->value, index) : NULL;
        if (!y)
            continue;
        d->series[d->chart.series_count++] = (ipd_series){.name = "",
                                                          .x = x->values,
                                                          .y = y->values,
                                                          .count = o->records.count,
                                                          .summary = &y->summary,
                                                          .marks = -1,
                                                          .ink = IPD_INK_FAINT};
        d->chart.quiet++;
    }
}

/* Adds the points of the iteration in progress: dots in the colours of the curves. */
static void add_batches(ipd_model *m, const ipd_curves *c, ipd_drawing *d, int width)
{
    int together = c->compared > 0 && ipd_model_has_overlays(m);
    size_t count = ipd_axis_of_batches(m, d->batch_x);

    for (int i = 0; i < c->count && count && d->chart.series_count < d->room; i++) {
        const ipd_curve *one = &c->list[i];
        const ipd_column *y = ipd_model_batch_values(m, one->field, one->value, one->index);
        if (!y || !is_drawn(m, c, i, width))
            continue;
        d->series[d->chart.series_count++] =
            (ipd_series){.name = one->name,
                         .x = {.array = d->batch_x},
                         .y = y->values,
                         .count = count,
                         .scatter = 1,
                         .no_line = 1,
                         .marks = -1,
                         .ink = together ? ipd_slot_ink(m->overlays.own) : one->ink};
        d->batches++;
    }
    d->chart.quiet += d->batches;
}

/* Subtracts the first overlay from the run, curve by curve. If that is one curve, the legend shows
 * the difference at its iteration. */
static void add_difference(const ipd_model *m, const ipd_curves *c, ipd_drawing *d)
{
    const ipd_chart_state *s = &m->chart;
    int first = -1, pairs = 0;

    if (!s->difference || !ipd_model_has_overlays(m))
        return;
    for (int i = 0; i < c->compared && i < c->count; i++) {
        const int *pair = d->pairs[i];
        if (pair[0] < 0 || pair[1] < 0)
            continue;
        ipd_difference_add(&d->difference, &d->series[pair[0]], &d->series[pair[1]]);
        first = pairs++ ? first : pair[0];
    }
    if (!ipd_difference_any(&d->difference)) {
        ipd_difference_free(&d->difference);
        return;
    }
    if (pairs > 1)
        return;
    const ipd_series *own =
        &d->series[first]; /* its point in the legend is at or before the place */
    double place = ipd_chart_legend_place(&d->chart);
    size_t point = ipd_chart_legend_point(&d->chart, own, place);
    if (point < own->count)
        place = ipd_value_at(&own->x, point);
    ipd_difference_text(&d->difference, 0, place, c->percent, d->note, sizeof d->note);
    d->series[first].note = *d->note ? d->note : NULL;
}

ipd_ink ipd_drawing_ink(const ipd_model *m, const ipd_mark *mark)
{
    if (mark->overlay >= 0)
        return ipd_slot_ink(m->overlays.items[mark->overlay].slot);
    return ipd_model_has_overlays(m) ? ipd_slot_ink(m->overlays.own) : IPD_INK_WARNING;
}

static int by_x(const void *a, const void *b)
{
    const ipd_mark *x = a, *y = b;
    return (x->x > y->x) - (x->x < y->x);
}

/* Adds the marks of the run, and of overlays if the chart draws them. */
static void add_marks(ipd_model *m, const ipd_curves *c, ipd_drawing *d)
{
    int by_iteration = m->chart.x_quantity == IPD_X_ITERATION;
    int count = c->compared ? ipd_marks_of_all(m, d->marks) : ipd_marks_of(m, d->marks);

    for (int i = 0; i < count; i++) {
        ipd_mark *mark = &d->marks[i];
        ipd_overlay *o = mark->overlay < 0 ? NULL : &m->overlays.items[mark->overlay];
        const ipd_column *x = by_iteration ? NULL
                              : o          ? ipd_axis_of_overlay(m, o)
                                           : ipd_axis_of_run(m);
        mark->x = ipd_axis_at(x, o ? o->records.count : m->records.count, mark->iteration);
        if (by_iteration && !o) /* show a mark before its iteration ends */
            d->chart.x_reach = fmax(d->chart.x_reach, mark->iteration);
    }
    qsort(d->marks, (size_t)count, sizeof *d->marks, by_x);
    for (int i = 0; i < count; i++)
        d->lines[i] =
            (ipd_chart_mark){d->marks[i].x, d->marks[i].name, ipd_drawing_ink(m, &d->marks[i])};
    d->chart.marks = d->lines;
    d->chart.mark_count = count;
}

/* Keeps the range of values that the chart had when it was fixed. */
static void fix_range(ipd_model *m, const ipd_curves *c, ipd_drawing *d)
{
    int number = 0;

    while (number < IPD_CHARTS - 1 && c->bit != 1U << number)
        number++;
    double *range = m->chart.y_range[number];
    if (!(m->chart.y_fixed & c->bit))
        return;
    if (!(range[0] < range[1]))
        ipd_chart_y_range(&d->chart, &range[0], &range[1]);
    d->chart.y_low = range[0];
    d->chart.y_high = range[1];
}

void ipd_drawing_free(ipd_drawing *d)
{
    ipd_difference_free(&d->difference);
    free(d->series);
    free(d->names);
    free(d->raw);
}

/* Reserves room for the curves of all runs, before and after smoothing, and for points of
 * mini-batches and left paths. If memory runs out, nothing is drawn. */
static void reserve(ipd_drawing *d, const ipd_model *m, const ipd_curves *c)
{
    size_t room =
        2 * (size_t)c->count * ((size_t)m->overlays.count + 2) + (size_t)m->left_paths.count;

    d->series = calloc(room + 1, sizeof *d->series);
    d->names = calloc(room + 1, sizeof *d->names);
    d->raw = calloc(room + 1, sizeof *d->raw);
    d->room = d->series && d->names && d->raw ? (int)room : 0;
}

void ipd_drawing_make(ipd_model *m, const ipd_curves *c, ipd_drawing *d, int width)
{
    const ipd_chart_state *s = &m->chart;

    memset(d, 0, sizeof *d);
    reserve(d, m, c);
    d->smoothing = s->smoothing;
    d->chart = (ipd_chart){.x_reach = REACH,
                           .percent = c->percent,
                           .series = d->series,
                           .legend = c->legend_inside,
                           .coarser = s->coarser};
    d->chart.y_kind =
        (c->y_kind == IPD_LOG) != ((s->y_flipped & c->bit) != 0) ? IPD_LOG : IPD_LINEAR;
    ipd_axis_set(m, &d->chart, d->cursor);
    if (s->x_quantity == IPD_X_ITERATION && m->batches.count && !ipd_model_newest(m)) {
        d->chart.x_reach = 1; /* the first iteration has the whole width */
        d->chart.x_whole = 0;
    }
    add_all(m, c, d, width);
    add_difference(m, c, d);
    add_marks(m, c, d);
    add_raw(d);
    add_left(m, c, d);
    add_batches(m, c, d, width);
    fix_range(m, c, d);
}
