/* curves.c - draws charts: curves, legend, difference, the texts of marks, figures. */
#include "tui/view/curves.h"
#include "plot/glyph.h"
#include "tui/view/curves_axis.h"
#include "tui/view/curves_drawing.h"
#include "tui/view/curves_figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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

/* The mark at the cursor, preferably one of the run on the screen; -1 if there is none. */
static int mark_at_cursor(const ipd_model *m, const ipd_drawing *d)
{
    int at = -1;

    for (int i = 0; i < d->chart.mark_count; i++)
        if (m->chart.cursor == d->marks[i].iteration && (at < 0 || d->marks[i].overlay < 0))
            at = i;
    return at;
}

/* Writes the change at the cursor, or the latest changes of the run, in a row below the chart.
 * Returns 1 if there is one. */
static int draw_mark_text(ipd_model *m, ipd_canvas *c, ipd_area row, const ipd_drawing *d)
{
    int x = row.x, end = row.x + row.width, at = mark_at_cursor(m, d), any = 0;
    char text[256];

    for (int i = at >= 0 ? at : d->chart.mark_count - 1; i >= 0 && x < end - 8; i--) {
        const ipd_mark *mark = &d->marks[i];
        if (at < 0 && mark->overlay >= 0)
            continue;
        any = 1;
        ipd_mark_text(m, mark, text, sizeof text);
        x += ipd_canvas_text(c, x, row.y, end - x, ipd_drawing_ink(m, mark), IPD_BOLD, mark->name) +
             1;
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
    return any;
}

/* 1 if the legend does not fit into the edge of a pane with `width` columns inside and must go into
 * the chart. */
static int needs_row(const ipd_canvas *c, const ipd_drawing *d, const ipd_curves *curves, int width)
{
    int edge = width + 2 - (curves->title + 5) - 2; /* as in rest_of_edge of layout.c */

    return !curves->legend_inside &&
           ipd_chart_legend_columns(
               c, &d->chart, d->chart.has_cursor || d->other < d->chart.series_count) > edge - 2;
}

/* Draws the chart and, if the pane is tall enough, the difference to the first overlay below it,
 * with the same margin. */
static void draw_both(ipd_model *m, ipd_canvas *c, ipd_area area, ipd_drawing *d)
{
    ipd_area below = area;
    char title[IPD_CURVE_NAME], room[96];

    if (!d->difference.count || area.height < 11) {
        ipd_chart_draw(c, area, &d->chart);
        return;
    }
    int columns = ipd_drawing_name_columns(area.width);
    ipd_text_middle(title, sizeof title / 2, m->run_name, columns, 0);
    snprintf(title + strlen(title), sizeof title / 2, " − %.40s",
             ipd_overlay_label(&m->overlays, 0, m->run_name, columns, room));
    below.height = area.height / 3 > 4 ? area.height / 3 : 4;
    area.height -= below.height;
    below.y += area.height;
    int margin = ipd_difference_margin(&d->difference, c, below, &d->chart, title);
    int own = ipd_chart_margin(c, area, &d->chart);
    d->chart.margin = margin > own ? margin : own;
    ipd_chart_draw(c, area, &d->chart);
    ipd_difference_draw(&d->difference, c, below, &d->chart, title);
}

/* Writes the figure that m->figure requests, without the points of mini-batches. */
static void write_figure(ipd_model *m, const ipd_drawing *d)
{
    struct ipd_figure_wish *f = m->figure;
    ipd_chart chart = d->chart;
    char texts[IPD_MAX_MARKS][IPD_CURVE_NAME], text[IPD_CURVE_NAME - 16], title[160];
    const char *marks[IPD_MAX_MARKS];

    for (int i = 0; i < d->chart.mark_count; i++) {
        ipd_mark_text(m, &d->marks[i], text, sizeof text);
        snprintf(texts[i], sizeof texts[i], "%.8s: %s", d->marks[i].name, text);
        marks[i] = texts[i];
    }
    chart.series_count -= d->batches;
    chart.quiet -= d->batches;
    const char *y_label = d->other == 1 ? chart.series[0].name : NULL;
    snprintf(title, sizeof title, "%s%s%s · %s%s%s", y_label ? y_label : "", y_label ? " · " : "",
             m->run_name, m->dataset, d->chart.note ? " · " : "",
             d->chart.note ? d->chart.note : "");
    if (y_label && chart.series_count - chart.quiet > 1) /* the others are runs */
        d->series[0].name = m->run_name;
    f->failed = ipd_curves_figure(&chart, title, y_label, marks, f->path, &f->error);
    d->series[0].name = y_label ? y_label : d->series[0].name;
    f->done = 1;
}

void ipd_curves_draw(ipd_model *m, ipd_canvas *c, ipd_area inside, const ipd_curves *curves)
{
    ipd_drawing d;
    ipd_area chart = inside;

    m->ascii = c->charset == IPD_ASCII;
    ipd_drawing_make(m, curves, &d, inside.width);
    if (d.chart.series_count && ipd_model_newest(m) && m->figure && m->figure->bit == curves->bit)
        write_figure(m, &d);
    if (!d.chart.series_count) {
        ipd_drawing_free(&d);
        return;
    }
    if (needs_row(c, &d, curves, inside.width))
        d.chart.legend = 1;
    if (inside.height >= 9) {
        ipd_area row = {inside.x + 1, inside.y + inside.height - 1, inside.width - 1, 1};
        chart.height -= draw_mark_text(m, c, row, &d);
    }
    draw_both(m, c, chart, &d);
    if (inside.height < 9 && inside.height > 4 && mark_at_cursor(m, &d) >= 0) {
        /* in place of the numbers of the axis */
        ipd_area row = {inside.x, inside.y + inside.height - 1, inside.width, 1};
        ipd_canvas_clear(c, row);
        draw_mark_text(m, c, row, &d);
    }
    ipd_drawing_free(&d);
}

void ipd_curves_edge(ipd_model *m, ipd_canvas *c, ipd_area edge, const ipd_curves *curves)
{
    ipd_drawing d;
    int ascii = c->charset == IPD_ASCII;

    ipd_drawing_make(m, curves, &d, edge.width + curves->title + 5);
    if (!d.chart.series_count || curves->legend_inside ||
        needs_row(c, &d, curves, edge.width + curves->title + 5)) {
        ipd_drawing_free(&d);
        return;
    }
    ipd_canvas_clear(c, edge); /* no frame between the words */
    int used = ipd_chart_legend(c, edge.x + 1, edge.y, edge.width - 2, &d.chart);
    ipd_drawing_free(&d);
    if (curves->more && used + 14 < edge.width)
        used += ipd_canvas_textf(c, edge.x + 1 + used, edge.y, edge.width - 2 - used, IPD_INK_FAINT,
                                 0, "  … %d more", curves->more);
    for (int x = used + 2; x < edge.width; x++)
        ipd_canvas_put(c, edge.x + x, edge.y, ascii ? '-' : 0x2500, IPD_INK_FRAME, 0);
}

int ipd_curves_mouse(ipd_model *m, const ipd_mouse *e, ipd_area inside, const ipd_curves *curves)
{
    ipd_drawing d;
    ipd_canvas measure = {.charset = m->ascii ? IPD_ASCII : IPD_BRAILLE};

    if (!m->records.count || e->kind == IPD_MOUSE_RELEASE)
        return 0;
    ipd_drawing_make(m, curves, &d, inside.width);
    double x = ipd_chart_x_at(&measure, inside, &d.chart, e->x);
    ipd_drawing_free(&d);
    if (isnan(x))
        return 0;
    m->chart.cursor = ipd_axis_iteration(ipd_axis_of_run(m), m->records.count, x);
    return 1;
}
