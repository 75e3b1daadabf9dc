#include "tui/curves.h"
#include "plot/glyph.h"
#include "tui/marks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REACH = 10, NAMES = 96 };

/* A chart with all that it borrows. */
typedef struct drawing {
    ipd_series series[IPD_MAX_SERIES];
    char names[IPD_MAX_SERIES][NAMES];
    ipd_chart_mark lines[IPD_MAX_MARKS];
    ipd_mark marks[IPD_MAX_MARKS];
    ipd_chart chart;
} drawing;

void ipd_curves_add(ipd_curves *c, const char *name, const char *field, int index)
{
    if (c->count == IPD_MAX_CURVES) {
        c->more++;
        return;
    }
    ipd_curve *one = &c->list[c->count];
    snprintf(one->name, sizeof one->name, "%s", name);
    one->field = field;
    one->index = index;
    one->ink = (ipd_ink)(IPD_INK_SERIES_1 + c->count % IPD_SERIES_INKS);
    c->count++;
}

void ipd_curves_add_layers(ipd_curves *c, const char *field, int last)
{
    char name[24];

    for (int l = 1; l <= last; l++) {
        snprintf(name, sizeof name, "%d", l);
        ipd_curves_add(c, name, field, l - 1);
    }
}

void ipd_curves_range(const ipd_model *m, double *low, double *high)
{
    const ipd_chart_state *s = &m->chart;
    const ipd_record *last = ipd_model_last(m);

    *low = s->low;
    *high = s->high;
    if (s->follow && s->low < s->high && last) {
        *high = last->iteration > s->high - s->low + 1 ? last->iteration : s->high - s->low + 1;
        *low = *high - (s->high - s->low);
    }
}

static void add_series(drawing *d, const ipd_column *x, const ipd_column *y, const char *name,
                       ipd_ink ink, int form, size_t count)
{
    if (!x || !y || d->chart.series_count == IPD_MAX_SERIES || count == 0)
        return;
    int k = d->chart.series_count++;
    snprintf(d->names[k], NAMES, "%s", name);
    d->series[k] = (ipd_series){.name = d->names[k],
                                .x = x->values,
                                .y = y->values,
                                .count = count,
                                .ink = ink,
                                .summary = &y->summary,
                                .form = form};
}

static int has_overlays(const ipd_model *m)
{
    return m->overlays.count > 0 && !m->chart.without_overlays;
}

static void add_all(ipd_model *m, const ipd_curves *c, drawing *d)
{
    char name[NAMES];
    int ink = c->count;

    for (int i = 0; i < c->count; i++) {
        const ipd_curve *one = &c->list[i];
        add_series(d, ipd_model_values(m, "iteration", NULL, 0),
                   ipd_model_values(m, one->field, one->value, one->index), one->name, one->ink, 0,
                   m->record_count);
    }
    for (int k = 0; k < m->overlays.count && has_overlays(m); k++)
        for (int i = 0; i < c->count && i < c->compared; i++) {
            ipd_overlay *o = &m->overlays.items[k];
            snprintf(name, sizeof name, "%.40s %s", o->name, c->list[i].name);
            add_series(d, ipd_overlay_column(o, "iteration", NULL, 0),
                       ipd_overlay_column(o, c->list[i].field, c->list[i].value, c->list[i].index),
                       name, (ipd_ink)(IPD_INK_SERIES_1 + ink++ % IPD_SERIES_INKS), 1 + k % 3,
                       o->count);
        }
}

static void add_marks(ipd_model *m, drawing *d)
{
    int count = ipd_marks_of(m, d->marks);

    for (int i = 0; i < count; i++)
        d->lines[i] = (ipd_chart_mark){d->marks[i].iteration, d->marks[i].name};
    d->chart.marks = d->lines;
    d->chart.mark_count = count;
}

static void make(ipd_model *m, const ipd_curves *c, drawing *d)
{
    const ipd_chart_state *s = &m->chart;

    memset(d, 0, sizeof *d);
    d->chart = (ipd_chart){.x_label = "iteration",
                           .x_kind = s->x_log ? IPD_LOG : IPD_LINEAR,
                           .x_whole = 1,
                           .x_reach = REACH,
                           .percent = c->percent,
                           .series = d->series,
                           .legend = c->legend_inside,
                           .has_cursor = s->cursor > 0,
                           .cursor = s->cursor,
                           .coarser = s->coarser};
    d->chart.y_kind =
        (c->y_kind == IPD_LOG) != ((s->y_flipped & c->bit) != 0) ? IPD_LOG : IPD_LINEAR;
    ipd_curves_range(m, &d->chart.x_low, &d->chart.x_high);
    add_all(m, c, d);
    add_marks(m, d);
}

/* --- the difference ----------------------------------------------------------------------------- */

/* y minus the other's at the iterations that both have. The caller frees both arrays. */
static size_t subtract(const ipd_series *y, const ipd_series *other, double **at, double **to)
{
    size_t count = 0, i = 0, k = 0, most = y->count < other->count ? y->count : other->count;

    *at = malloc((most + 1) * sizeof **at);
    *to = malloc((most + 1) * sizeof **to);
    if (!*at || !*to)
        return 0;
    while (i < y->count && k < other->count) {
        if (y->x[i] < other->x[k]) {
            i++;
        } else if (y->x[i] > other->x[k]) {
            k++;
        } else {
            (*at)[count] = y->x[i];
            (*to)[count++] = y->y[i++] - other->y[k++];
        }
    }
    return count;
}

static void draw_difference(ipd_model *m, ipd_canvas *c, ipd_area area, const drawing *d, int other)
{
    const ipd_series *y = &d->series[0];
    double *at, *difference;
    char name[2 * NAMES];

    snprintf(name, sizeof name, "%.20s: %.30s − %.30s", y->name, m->run_name,
             m->overlays.items[0].name);
    size_t count = subtract(y, &d->series[other], &at, &difference);
    ipd_series s = {.name = name, .x = at, .y = difference, .count = count, .ink = IPD_INK_WARNING};
    ipd_chart chart = d->chart;
    chart.y_kind = IPD_LINEAR;
    chart.percent = 0;
    chart.series = &s;
    chart.series_count = 1;
    chart.legend = 1;
    if (count)
        ipd_chart_draw(c, area, &chart);
    else
        ipd_canvas_text(c, area.x + 1, area.y, area.width - 1, IPD_INK_FAINT, 0,
                        "no iteration in both runs");
    free(at);
    free(difference);
}

/* --- the chart ---------------------------------------------------------------------------------- */

/* What was changed at the cursor, or most recently: one row under the chart. Returns 1 where there is
 * something to say. */
static int draw_mark_text(ipd_model *m, ipd_canvas *c, ipd_area row, const drawing *d)
{
    int x = row.x, end = row.x + row.width, at = -1;
    char text[256];

    if (!d->chart.mark_count)
        return 0;
    for (int i = 0; i < d->chart.mark_count; i++)
        if (m->chart.cursor == d->marks[i].iteration)
            at = i;
    for (int i = at >= 0 ? at : d->chart.mark_count - 1; i >= 0 && x < end - 8; i--) {
        ipd_mark_text(m, &d->marks[i], text, sizeof text);
        x += ipd_canvas_text(c, x, row.y, end - x, IPD_INK_WARNING, IPD_BOLD, d->marks[i].name) + 1;
        int room = end - x, columns = ipd_text_columns(text, c->charset == IPD_ASCII);
        if (columns > room) {
            ipd_canvas_text(c, x, row.y, room - 1, IPD_INK_TEXT, 0, text);
            ipd_canvas_text(c, end - 1, row.y, 1, IPD_INK_FAINT, 0,
                            c->charset == IPD_ASCII ? "~" : "…");
            break;
        }
        x += ipd_canvas_text(c, x, row.y, room, IPD_INK_TEXT, 0, text) + 2;
        if (at >= 0)
            break;
    }
    return 1;
}

/* Whether the edge above `width` columns has no room for the legend, but the chart has. */
static int needs_row(const ipd_canvas *c, const drawing *d, const ipd_curves *curves, int width)
{
    int edge = width + 2 - (curves->title + 5) - 2; /* as the layout leaves it */

    return !curves->legend_inside &&
           ipd_chart_legend_columns(c, &d->chart, d->chart.has_cursor) > edge - 2;
}

void ipd_curves_draw(ipd_model *m, ipd_canvas *c, ipd_area inside, const ipd_curves *curves)
{
    drawing d;
    ipd_area chart = inside;

    m->ascii = c->charset == IPD_ASCII;
    make(m, curves, &d);
    if (!d.chart.series_count)
        return;
    if (needs_row(c, &d, curves, inside.width))
        d.chart.legend = 1;
    if (inside.height >= 9) {
        ipd_area row = {inside.x + 1, inside.y + inside.height - 1, inside.width - 1, 1};
        chart.height -= draw_mark_text(m, c, row, &d);
    }
    int other = curves->count; /* the first overlay's first curve */
    if (m->chart.difference && has_overlays(m) && curves->compared && chart.height >= 11 &&
        other < d.chart.series_count) {
        ipd_area below = chart;
        below.height = chart.height / 3 > 5 ? chart.height / 3 : 5;
        chart.height -= below.height;
        below.y += chart.height;
        draw_difference(m, c, below, &d, other);
    }
    ipd_chart_draw(c, chart, &d.chart);
}

void ipd_curves_edge(ipd_model *m, ipd_canvas *c, ipd_area edge, const ipd_curves *curves)
{
    drawing d;
    int ascii = c->charset == IPD_ASCII;

    make(m, curves, &d);
    if (!d.chart.series_count || curves->legend_inside ||
        needs_row(c, &d, curves, edge.width + curves->title + 5))
        return;
    ipd_canvas_clear(c, edge); /* no frame between the words */
    int used = ipd_chart_legend(c, edge.x + 1, edge.y, edge.width - 2, &d.chart);
    if (curves->more && used + 14 < edge.width)
        used += ipd_canvas_textf(c, edge.x + 1 + used, edge.y, edge.width - 2 - used, IPD_INK_FAINT,
                                 0, "  … %d more", curves->more);
    for (int x = used + 2; x < edge.width; x++)
        ipd_canvas_put(c, edge.x + x, edge.y, ascii ? '-' : 0x2500, IPD_INK_FRAME, 0);
}

int ipd_curves_mouse(ipd_model *m, const ipd_mouse *e, ipd_area inside, const ipd_curves *curves)
{
    drawing d;
    ipd_canvas measure = {.charset = m->ascii ? IPD_ASCII : IPD_BRAILLE};
    const ipd_record *last = ipd_model_last(m);

    if (e->kind == IPD_MOUSE_WHEEL_UP || e->kind == IPD_MOUSE_WHEEL_DOWN)
        return ipd_curves_key(m, e->kind == IPD_MOUSE_WHEEL_UP ? '+' : '-', curves->bit);
    if (!last || e->kind == IPD_MOUSE_RELEASE)
        return 0;
    make(m, curves, &d);
    double x = ipd_chart_x_at(&measure, inside, &d.chart, e->x);
    if (isnan(x))
        return 0;
    m->chart.cursor = (int)fmin(fmax(1, lround(x)), last->iteration);
    return 1;
}
