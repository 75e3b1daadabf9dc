#include "plot/chart.h"
#include "plot/glyph.h"
#include "plot/raster.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/* Where the parts of a chart lie. */
typedef struct frame {
    ipd_area plot; /* inside of the axes */
    int axes;      /* 1: there is room for them */
    ipd_scale x, y;
    ipd_tick x_ticks[IPD_MAX_TICKS], y_ticks[IPD_MAX_TICKS];
    int x_count, y_count;
} frame;

static void find_ranges(const ipd_chart *chart, frame *f)
{
    double x_low = INFINITY, x_high = -INFINITY, y_low = INFINITY, y_high = -INFINITY;

    for (int s = 0; s < chart->series_count; s++)
        for (size_t i = 0; i < chart->series[s].count; i++) {
            double x = chart->series[s].x[i], y = chart->series[s].y[i];
            if (isfinite(x) && (chart->x_kind != IPD_LOG || x > 0)) {
                x_low = fmin(x_low, x);
                x_high = fmax(x_high, x);
            }
            if (isfinite(y) && (chart->y_kind != IPD_LOG || y > 0)) {
                y_low = fmin(y_low, y);
                y_high = fmax(y_high, y);
            }
        }
    if (chart->x_reach > 0 && x_low < chart->x_reach)
        x_high = fmax(x_high, chart->x_reach);
    f->x = ipd_scale_fit(chart->x_kind, x_low, x_high);
    f->y = ipd_scale_fit(chart->y_kind, y_low, y_high);
    if (chart->percent) {
        f->y.low = fmax(f->y.low, 0);
        f->y.high = fmin(f->y.high, 1);
        if (f->y.low >= f->y.high)
            f->y = (ipd_scale){chart->y_kind, 0.9 * f->y.high, f->y.high > 0 ? f->y.high : 1};
    }
}

/* Ticks need the plot's size and its size needs the labels' width: y first, then x. */
static void find_frame(const ipd_canvas *c, ipd_area area, const ipd_chart *chart, frame *f)
{
    find_ranges(chart, f);
    f->plot = area;
    f->axes = area.width >= 18 && area.height >= 5;
    if (!f->axes)
        return;
    int rows = area.height - 2, most = rows / 3 + 2, widest = 0;
    f->y_count = ipd_scale_ticks(&f->y, most > 8 ? 8 : most, 0, chart->percent, f->y_ticks);
    for (int i = 0; i < f->y_count; i++) {
        int columns = ipd_text_columns(f->y_ticks[i].label, c->charset == IPD_ASCII);
        widest = columns > widest ? columns : widest;
    }
    f->plot = (ipd_area){area.x + widest + 1, area.y, area.width - widest - 1, rows};
    f->x_count = ipd_scale_ticks(&f->x, f->plot.width / 9 + 1, chart->x_whole, 0, f->x_ticks);
}

static int x_column(const frame *f, double value, int across)
{
    return (int)lround(ipd_scale_place(&f->x, value) * (f->plot.width * across - 1));
}

static int y_row(const frame *f, double value, int down)
{
    return (int)lround((1 - ipd_scale_place(&f->y, value)) * (f->plot.height * down - 1));
}

static void draw_y_axis(ipd_canvas *c, ipd_area area, const frame *f)
{
    int ascii = c->charset == IPD_ASCII, axis = f->plot.x - 1;

    for (int y = 0; y < f->plot.height; y++)
        ipd_canvas_put(c, axis, f->plot.y + y, ascii ? '|' : 0x2502, IPD_INK_FRAME, 0);
    for (int i = 0; i < f->y_count; i++) {
        int y = f->plot.y + y_row(f, f->y_ticks[i].value, 1);
        ipd_canvas_put(c, axis, y, ascii ? '+' : 0x2524, IPD_INK_FRAME, 0);
        ipd_canvas_text_right(c, area.x, y, axis - area.x, IPD_INK_TEXT, 0, f->y_ticks[i].label);
        /* Grid lines would look like a broken series where there are no colours. */
        for (int x = 0; x < f->plot.width && !ascii && !c->monochrome; x++)
            ipd_canvas_put(c, f->plot.x + x, y, 0x2508, IPD_INK_FAINT, 0);
    }
}

static void draw_x_axis(ipd_canvas *c, const frame *f, const char *name)
{
    int ascii = c->charset == IPD_ASCII, axis = f->plot.y + f->plot.height;
    int free_from = f->plot.x - 1, end = f->plot.x + f->plot.width;

    ipd_canvas_put(c, f->plot.x - 1, axis, ascii ? '+' : 0x2514, IPD_INK_FRAME, 0);
    for (int x = 0; x < f->plot.width; x++)
        ipd_canvas_put(c, f->plot.x + x, axis, ascii ? '-' : 0x2500, IPD_INK_FRAME, 0);
    if (name && ipd_text_columns(name, ascii) + 12 < f->plot.width) {
        end -= ipd_text_columns(name, ascii) + 1;
        ipd_canvas_text(c, end + 1, axis + 1, f->plot.width, IPD_INK_FAINT, 0, name);
    }
    for (int i = 0; i < f->x_count; i++) {
        int x = f->plot.x + x_column(f, f->x_ticks[i].value, 1);
        int columns = (int)strlen(f->x_ticks[i].label), start = x - columns / 2;
        ipd_canvas_put(c, x, axis, ascii ? '+' : 0x252C, IPD_INK_FRAME, 0);
        if (start + columns > f->plot.x + f->plot.width)
            start = f->plot.x + f->plot.width - columns;
        if (start < free_from || start + columns > end)
            continue;
        ipd_canvas_text(c, start, axis + 1, columns, IPD_INK_TEXT, 0, f->x_ticks[i].label);
        free_from = start + columns + 1;
    }
}

/* What one column of dots has seen of a series. */
typedef struct column {
    int x, least, most, last; /* rows of dots; x < 0: nothing yet */
} column;

static void end_column(ipd_raster *r, int series, const column *at)
{
    if (at->x >= 0)
        ipd_raster_line(r, series, at->x, at->least, at->x, at->most);
}

static void arrow(ipd_canvas *c, const frame *f, int x, int up, ipd_ink ink)
{
    int ascii = c->charset == IPD_ASCII;
    ipd_canvas_put(c, f->plot.x + x, up ? f->plot.y : f->plot.y + f->plot.height - 1,
                   up ? (ascii ? '^' : 0x25B2) : (ascii ? 'v' : 0x25BC), ink, IPD_BOLD);
}

/* One pass over the points: what falls into one column of dots becomes one vertical stroke from the
 * least to the largest value, joined to the neighbours, so no peak is lost however many points. */
static void draw_series(ipd_raster *r, const frame *f, const ipd_series *s, int index)
{
    column at = {.x = -1};
    int marks = s->count <= (size_t)(f->plot.width / 4 > 2 ? f->plot.width / 4 : 2);

    for (size_t i = 0; i < s->count; i++) {
        double place_x = ipd_scale_place(&f->x, s->x[i]), place = ipd_scale_place(&f->y, s->y[i]);
        if (!isfinite(place_x) || !isfinite(place)) {
            end_column(r, index, &at);
            at.x = -1;
            continue;
        }
        int x = x_column(f, s->x[i], r->across), y = y_row(f, s->y[i], r->down);
        if (marks)
            ipd_raster_mark(r, index, x, y);
        if (at.x >= 0 && at.x == x) {
            at.least = y < at.least ? y : at.least;
            at.most = y > at.most ? y : at.most;
            at.last = y;
            continue;
        }
        if (at.x >= 0) {
            end_column(r, index, &at);
            ipd_raster_line(r, index, at.x, at.last, x, y);
        }
        at = (column){x, y, y, y};
    }
    end_column(r, index, &at);
}

static void draw_arrows(ipd_canvas *c, const frame *f, const ipd_chart *chart)
{
    for (int k = 0; k < chart->series_count; k++) {
        const ipd_series *s = &chart->series[k];
        for (size_t i = 0; i < s->count; i++) {
            double y = s->y[i];
            int low = chart->y_kind == IPD_LOG && y <= 0;
            if (!isfinite(ipd_scale_place(&f->x, s->x[i])) || isnan(y) || (isfinite(y) && !low))
                continue;
            arrow(c, f, x_column(f, s->x[i], 1), y > 0, s->ink);
        }
    }
}

/* "train 97.6%", or the name alone where there is no room for values. */
static void legend_entry(const ipd_chart *chart, const ipd_series *s, int values, char *to,
                         size_t size)
{
    size_t last = s->count;
    char value[24] = "";

    while (last > 0 && isnan(s->y[last - 1]))
        last--;
    if (last && values && chart->percent)
        snprintf(value, sizeof value, " %.1f%%", 100 * s->y[last - 1]);
    else if (last && values) {
        value[0] = ' ';
        ipd_short_number(value + 1, sizeof value - 1, s->y[last - 1], 4);
    }
    snprintf(to, size, " %s%s", s->name, value);
}

int ipd_chart_legend(ipd_canvas *c, int x, int y, int width, const ipd_chart *chart)
{
    int ascii = c->charset == IPD_ASCII, needed = -3, used = 0;
    char entry[96];

    for (int k = 0; k < chart->series_count; k++) {
        legend_entry(chart, &chart->series[k], 1, entry, sizeof entry);
        needed += ipd_text_columns(entry, ascii) + (ascii ? 1 : 2) + 3;
    }
    int gap = needed <= width ? 3 : 2;
    for (int k = 0; k < chart->series_count && used < width; k++) {
        const char *sample = ipd_raster_sample(c->charset, c->monochrome, k);
        legend_entry(chart, &chart->series[k], needed <= width, entry, sizeof entry);
        used += k ? gap : 0;
        used +=
            ipd_canvas_text(c, x + used, y, width - used, chart->series[k].ink, IPD_BOLD, sample);
        used += ipd_canvas_text(c, x + used, y, width - used, IPD_INK_TEXT, 0, entry);
    }
    return used;
}

void ipd_chart_draw(ipd_canvas *c, ipd_area area, const ipd_chart *chart)
{
    frame f = {0};
    ipd_raster r;
    ipd_ink inks[IPD_MAX_SERIES];
    int used = 0, header = (chart->title || chart->legend) && area.height >= 4;

    if (area.width < 1 || area.height < 1)
        return;
    if (header) {
        if (chart->title)
            used = ipd_canvas_text(c, area.x, area.y, area.width, IPD_INK_TITLE, IPD_BOLD,
                                   chart->title) +
                   3;
        if (chart->legend)
            ipd_chart_legend(c, area.x + used, area.y, area.width - used, chart);
        area.y++;
        area.height--;
    }
    find_frame(c, area, chart, &f);
    if (f.axes) {
        draw_y_axis(c, area, &f);
        draw_x_axis(c, &f, chart->x_label);
    }
    /* Without memory the axes stand alone: a chart is no reason to stop. */
    if (ipd_raster_init(&r, f.plot.width, f.plot.height, c->charset, c->monochrome,
                        chart->series_count, NULL) < 0)
        return;
    for (int k = 0; k < chart->series_count; k++) {
        inks[k] = chart->series[k].ink;
        draw_series(&r, &f, &chart->series[k], k);
    }
    ipd_raster_draw(&r, c, f.plot.x, f.plot.y, inks);
    ipd_raster_free(&r);
    draw_arrows(c, &f, chart);
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
