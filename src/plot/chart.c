#include "plot/chart.h"
#include "plot/chart_frame.h"
#include "plot/glyph.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MIN_PLOT = 6 }; /* columns of a plot with axes */

/* Extends *low and *high to the finite x of a series that an axis of this kind can show. */
static void extend_x(const ipd_series *s, ipd_scale_kind kind, double *low, double *high)
{
    size_t first = 0, last = s->count;

    while (!s->scatter && first < last && kind == IPD_LOG && ipd_value_at(&s->x, first) <= 0)
        first++;
    if (!s->scatter && first < last) {
        *low = fmin(*low, ipd_value_at(&s->x, first));
        *high = fmax(*high, ipd_value_at(&s->x, last - 1));
    }
    for (size_t i = 0; s->scatter && i < last; i++)
        if (isfinite(ipd_value_at(&s->x, i)) && (kind != IPD_LOG || ipd_value_at(&s->x, i) > 0)) {
            *low = fmin(*low, ipd_value_at(&s->x, i));
            *high = fmax(*high, ipd_value_at(&s->x, i));
        }
}

static void find_x_range(const ipd_chart *chart, ipd_chart_frame *f)
{
    double low = INFINITY, high = -INFINITY;

    for (int s = 0; s < chart->series_count; s++)
        extend_x(&chart->series[s], chart->x_kind, &low, &high);
    if (chart->x_reach > 0 && low < chart->x_reach)
        high = fmax(high, chart->x_reach);
    if (chart->x_low < chart->x_high) {
        low = chart->x_kind == IPD_LOG && chart->x_low <= 0 ? low : chart->x_low;
        high = chart->x_high;
    }
    f->x = ipd_scale_fit(chart->x_kind, low, high);
}

static void find_ranges(const ipd_chart *chart, ipd_chart_frame *f)
{
    double low = INFINITY, high = -INFINITY;

    find_x_range(chart, f);
    for (int s = 0; s < chart->series_count; s++) {
        const ipd_series *one = &chart->series[s];
        size_t first, last;
        ipd_extremes e = ipd_chart_extremes(&f->x, one, &first, &last);
        if (!one->scatter)
            f->points = last - first > f->points ? last - first : f->points;
        low = fmin(low, chart->y_kind == IPD_LOG ? e.min_positive : e.min);
        if (chart->y_kind != IPD_LOG || e.max > 0)
            high = fmax(high, e.max);
    }
    if (chart->difference) {
        low = fmin(low, 0);
        high = fmax(high, 0);
    }
    if (chart->y_low < chart->y_high) {
        f->y = ipd_scale_fit(chart->y_kind, chart->y_low, chart->y_high);
        return;
    }
    f->y = ipd_scale_fit(chart->y_kind, low, high);
    if (chart->percent && !chart->difference && f->y.low < 1 && f->y.high > 0)
        f->y = ipd_scale_fit(chart->y_kind, fmax(f->y.low, 0), fmin(f->y.high, 1));
}

/* Ticks need the plot's size, and its size needs the width of the labels: y first, then x. */
static void find_frame(const ipd_canvas *c, ipd_area area, const ipd_chart *chart,
                       ipd_chart_frame *f)
{
    find_ranges(chart, f);
    f->charset = ipd_chart_charset(c, chart);
    f->plot = area;
    int below = chart->difference ? 0 : 2; /* rows of the x axis */
    f->axes = area.width >= 18 && area.height >= below + 3;
    if (!f->axes)
        return;
    int rows = area.height - below, max = rows / 3 + 2, widest = chart->margin - 1;
    f->y_count = ipd_scale_ticks(&f->y, max > 8 ? 8 : max, 0, chart->percent, f->y_ticks);
    for (int i = 0; i < f->y_count; i++) {
        int columns = ipd_text_columns(f->y_ticks[i].label, c->charset == IPD_ASCII);
        widest = columns > widest ? columns : widest;
    }
    if (area.width - widest - 1 < MIN_PLOT) {
        f->axes = 0;
        return;
    }
    f->plot = (ipd_area){area.x + widest + 1, area.y, area.width - widest - 1, rows};
    f->x_count = ipd_scale_ticks(&f->x, f->plot.width / 9 + 1, chart->x_whole, 0, f->x_ticks);
}

void ipd_chart_x_range(const ipd_chart *chart, double *low, double *high)
{
    ipd_chart_frame f = {0};

    find_x_range(chart, &f);
    *low = f.x.low;
    *high = f.x.high;
}

void ipd_chart_y_range(const ipd_chart *chart, double *low, double *high)
{
    ipd_chart_frame f = {0};

    find_ranges(chart, &f);
    *low = f.y.low;
    *high = f.y.high;
}

static void draw_y_axis(ipd_canvas *c, ipd_area area, const ipd_chart_frame *f)
{
    int ascii = c->charset == IPD_ASCII, axis = f->plot.x - 1;

    for (int y = 0; y < f->plot.height; y++)
        ipd_canvas_put(c, axis, f->plot.y + y, ascii ? '|' : 0x2502, IPD_INK_FRAME, 0);
    for (int i = 0; i < f->y_count; i++) {
        int y = f->plot.y + ipd_chart_row(f, f->y_ticks[i].value, 1);
        ipd_canvas_put(c, axis, y, ascii ? '+' : 0x2524, IPD_INK_FRAME, 0);
        ipd_canvas_text_right(c, area.x, y, axis - area.x, IPD_INK_TEXT, 0, f->y_ticks[i].label);
        /* Without colours, grid lines would look like a broken series. */
        for (int x = 0; x < f->plot.width && !ascii && !c->monochrome; x++)
            ipd_canvas_put(c, f->plot.x + x, y, 0x2508, IPD_INK_FAINT, 0);
    }
}

/* "iteration · 12 per column" if points share columns of dots; shorter if there is no room. */
static void name_of_x(const ipd_canvas *c, const ipd_chart_frame *f, const char *name, char *to,
                      size_t size)
{
    int across = f->charset == IPD_BRAILLE ? 2 : 1, ascii = c->charset == IPD_ASCII;
    char share[40] = "";

    *to = 0;
    if (f->plot.width > 0 && f->points > (size_t)(f->plot.width * across))
        ipd_short_number(share, sizeof share, (double)f->points / f->plot.width, 2);
    if (!*share)
        snprintf(to, size, "%s", name ? name : "");
    else if (name && ipd_text_columns(name, ascii) + 30 < f->plot.width)
        snprintf(to, size, "%s · %s per column", name, share);
    else
        snprintf(to, size, "%s per column", share);
    if (ipd_text_columns(to, ascii) + 12 >= f->plot.width)
        *to = 0;
}

/* Writes the label of the cursor for the x axis and its first column. Returns its width, 0 if the
 * cursor is not visible. */
static int cursor_label(const ipd_chart_frame *f, const ipd_chart *chart, char *to, size_t size,
                        int *start)
{
    double place = ipd_scale_place(&f->x, chart->cursor);

    *start = 0;
    if (!chart->has_cursor || !(place >= 0 && place <= 1))
        return 0;
    if (chart->cursor_text)
        snprintf(to, size, " %s ", chart->cursor_text);
    else
        snprintf(to, size, chart->x_whole ? " %.0f " : " %.4g ", chart->cursor);
    int columns = (int)strlen(to), end = f->plot.x + f->plot.width;
    *start = f->plot.x + ipd_chart_column(f, chart->cursor, 1) - columns / 2;
    *start = *start + columns > end ? end - columns : *start;
    *start = *start < f->plot.x ? f->plot.x : *start;
    return columns;
}

/* The zero line of a difference chart. */
static void draw_zero(ipd_canvas *c, const ipd_chart_frame *f)
{
    int y = f->plot.y + ipd_chart_row(f, 0, 1);

    for (int x = 0; x < f->plot.width; x++)
        ipd_canvas_put(c, f->plot.x + x, y, c->charset == IPD_ASCII ? '-' : 0x2500, IPD_INK_FRAME,
                       0);
}

static void draw_x_axis(ipd_canvas *c, const ipd_chart_frame *f, const ipd_chart *chart)
{
    int ascii = c->charset == IPD_ASCII, axis = f->plot.y + f->plot.height;
    int free_from = f->plot.x - 1, end = f->plot.x + f->plot.width;
    char text[96];

    ipd_canvas_put(c, f->plot.x - 1, axis, ascii ? '+' : 0x2514, IPD_INK_FRAME, 0);
    for (int x = 0; x < f->plot.width; x++)
        ipd_canvas_put(c, f->plot.x + x, axis, ascii ? '-' : 0x2500, IPD_INK_FRAME, 0);
    char cursor[64];
    int taken, taken_columns = cursor_label(f, chart, cursor, sizeof cursor, &taken);
    name_of_x(c, f, chart->x_label, text, sizeof text);
    int named = end - ipd_text_columns(text, ascii) - 1;
    if (*text && taken + taken_columns <= named) {
        end = named;
        ipd_canvas_text(c, end + 1, axis + 1, f->plot.width, IPD_INK_FAINT, 0, text);
    }
    for (int i = 0; i < f->x_count; i++) {
        int x = f->plot.x + ipd_chart_column(f, f->x_ticks[i].value, 1);
        int columns = (int)strlen(f->x_ticks[i].label), start = x - columns / 2;
        ipd_canvas_put(c, x, axis, ascii ? '+' : 0x252C, IPD_INK_FRAME, 0);
        if (start + columns > f->plot.x + f->plot.width)
            start = f->plot.x + f->plot.width - columns;
        if (start < free_from || start + columns > end ||
            (start < taken + taken_columns && start + columns > taken))
            continue;
        ipd_canvas_text(c, start, axis + 1, columns, IPD_INK_TEXT, 0, f->x_ticks[i].label);
        free_from = start + columns + 1;
    }
}

/* Draws each mark: a line behind the curves, its name on the axis. Of names too close to each other
 * the first is written, with a plus: "2+". */
static void draw_marks(ipd_canvas *c, const ipd_chart_frame *f, const ipd_chart *chart)
{
    int ascii = c->charset == IPD_ASCII, axis = f->plot.y + f->plot.height, free_from = INT_MIN;

    for (int i = 0; i < chart->mark_count; i++) {
        const ipd_chart_mark *m = &chart->marks[i];
        double place = ipd_scale_place(&f->x, m->x);
        if (!(place >= 0 && place <= 1))
            continue;
        int x = f->plot.x + ipd_chart_column(f, m->x, 1);
        int columns = ipd_text_columns(m->name, ascii);
        ipd_ink ink = m->ink ? m->ink : IPD_INK_WARNING;
        for (int y = 0; y < f->plot.height; y++)
            ipd_canvas_put(c, x, f->plot.y + y, ascii ? ':' : 0x250A, ink, 0);
        if (x < free_from && !chart->difference) {
            ipd_canvas_put(c, free_from - 1, axis, '+', ink, IPD_BOLD);
            continue;
        }
        if (!chart->difference)
            ipd_canvas_text(c, x, axis, f->plot.x + f->plot.width - x, ink, IPD_BOLD, m->name);
        free_from = x + columns + 1;
    }
}

/* The cursor: a line behind the curves, its x below the axis. */
static void draw_cursor(ipd_canvas *c, const ipd_chart_frame *f, const ipd_chart *chart)
{
    int ascii = c->charset == IPD_ASCII, axis = f->plot.y + f->plot.height;
    char text[64];
    int start, columns = cursor_label(f, chart, text, sizeof text, &start);

    if (!columns)
        return;
    int x = f->plot.x + ipd_chart_column(f, chart->cursor, 1);
    for (int y = 0; y < f->plot.height; y++)
        ipd_canvas_put(c, x, f->plot.y + y, ascii ? '|' : 0x2502, IPD_INK_KEY, 0);
    if (chart->difference)
        return;
    ipd_canvas_put(c, x, axis, ascii ? '^' : 0x25B2, IPD_INK_KEY, IPD_BOLD);
    ipd_canvas_text(c, start, axis + 1, columns, IPD_INK_KEY, IPD_BOLD, text);
}

/* The area below the title and the legend. */
static ipd_area without_header(const ipd_canvas *c, ipd_area area, const ipd_chart *chart)
{
    if ((chart->title || chart->legend) && area.height >= 4) {
        int values, rows = chart->legend ? ipd_chart_legend_rows(c, area, chart, &values) : 1;
        area.y += rows;
        area.height -= rows;
    }
    return area;
}

int ipd_chart_margin(const ipd_canvas *c, ipd_area area, const ipd_chart *chart)
{
    ipd_chart_frame f = {0};

    find_frame(c, without_header(c, area, chart), chart, &f);
    return f.plot.x - area.x;
}

double ipd_chart_x_at(const ipd_canvas *c, ipd_area area, const ipd_chart *chart, int column)
{
    ipd_chart_frame f = {0};

    find_frame(c, without_header(c, area, chart), chart, &f);
    if (column < f.plot.x || column >= f.plot.x + f.plot.width || f.plot.width < 2)
        return NAN;
    double place = (double)(column - f.plot.x) / (f.plot.width - 1);
    return ipd_scale_value(&f.x, place);
}

static void draw_header(ipd_canvas *c, ipd_area area, const ipd_chart *chart)
{
    int used = 0, values;

    if (chart->title)
        used = 3 + ipd_canvas_text(c, area.x, area.y, area.width, IPD_INK_TITLE, IPD_BOLD,
                                   chart->title);
    if (chart->legend && ipd_chart_legend_rows(c, area, chart, &values) > 1)
        ipd_chart_draw_legend_rows(c, area, chart, used, values);
    else if (chart->legend)
        ipd_chart_legend(c, area.x + used, area.y, area.width - used, chart);
}

void ipd_chart_draw(ipd_canvas *c, ipd_area area, const ipd_chart *chart)
{
    ipd_chart_frame f = {0};
    ipd_raster r;
    ipd_area rest = without_header(c, area, chart);

    if (area.width < 1 || area.height < 1)
        return;
    if (rest.height < area.height)
        draw_header(c, area, chart);
    find_frame(c, rest, chart, &f);
    if (f.axes) {
        draw_y_axis(c, rest, &f);
        if (chart->difference)
            draw_zero(c, &f);
        else
            draw_x_axis(c, &f, chart);
        draw_marks(c, &f, chart);
        draw_cursor(c, &f, chart);
    }
    /* If memory runs out, only the axes are drawn: a chart is no reason to stop. */
    if (ipd_raster_init(&r, f.plot.width, f.plot.height, f.charset, c->monochrome,
                        chart->series_count, NULL) < 0)
        return;
    ipd_ink *inks = malloc(((size_t)chart->series_count + 1) * sizeof *inks);
    for (int k = 0; inks && k < chart->series_count; k++) {
        inks[k] = chart->series[k].ink;
        r.patterns[k] = (unsigned char)ipd_chart_pattern(c, chart, k);
        r.letters[k] = chart->series[k].letter;
        ipd_chart_line(&r, &f, &chart->series[k], k);
    }
    if (inks)
        ipd_raster_draw(&r, c, f.plot.x, f.plot.y, inks);
    free(inks);
    ipd_raster_free(&r);
    for (int k = 0; k < chart->series_count; k++)
        ipd_chart_arrows(c, &f, &chart->series[k]);
    for (int k = chart->series_count - 1; k >= 0; k--)
        ipd_chart_letters(c, &f, chart, k);
}

int ipd_chart_text(FILE *to, const ipd_chart *chart, int width, int height, ipd_charset charset,
                   int colour, ipd_error *e)
{
    ipd_canvas c;

    if (ipd_canvas_init(&c, width, height, charset, e) < 0)
        return -1;
    c.monochrome = !colour;
    ipd_chart_draw(&c, ipd_canvas_all(&c), chart);
    int failed = ipd_canvas_print(&c, to, colour);
    ipd_canvas_free(&c);
    return failed
               ? ipd_fail(e, IPD_EIO, "the chart cannot be written: the output is closed or full")
               : 0;
}
