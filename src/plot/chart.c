#include "plot/chart.h"
#include "plot/chart_frame.h"
#include "plot/glyph.h"

#include <limits.h>
#include <math.h>
#include <string.h>

enum { LEGEND_GAP = 3 };

static void find_x_range(const ipd_chart *chart, ipd_chart_frame *f)
{
    double low = INFINITY, high = -INFINITY;

    for (int s = 0; s < chart->series_count; s++) {
        const ipd_series *one = &chart->series[s];
        size_t first = 0;
        while (first < one->count && chart->x_kind == IPD_LOG && one->x[first] <= 0)
            first++;
        if (first == one->count)
            continue;
        low = fmin(low, one->x[first]);
        high = fmax(high, one->x[one->count - 1]);
    }
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
        ipd_chart_seen(&f->x, one, &first, &last);
        ipd_extremes e = ipd_extremes_of(one->y, one->summary, first, last);
        f->points = last - first > f->points ? last - first : f->points;
        low = fmin(low, chart->y_kind == IPD_LOG ? e.least_positive : e.least);
        if (chart->y_kind != IPD_LOG || e.most > 0)
            high = fmax(high, e.most);
    }
    if (chart->difference) {
        low = fmin(low, 0);
        high = fmax(high, 0);
    }
    f->y = ipd_scale_fit(chart->y_kind, low, high);
    if (chart->percent && !chart->difference) {
        f->y.low = fmax(f->y.low, chart->y_kind == IPD_LOG ? f->y.low : 0);
        f->y.high = fmin(f->y.high, 1);
        if (f->y.low >= f->y.high)
            f->y = (ipd_scale){chart->y_kind, 0.9 * f->y.high, f->y.high > 0 ? f->y.high : 1};
    }
}

static ipd_charset charset_of(const ipd_canvas *c, const ipd_chart *chart)
{
    int set = (int)c->charset - chart->coarser;
    return set < IPD_ASCII ? IPD_ASCII : (ipd_charset)set;
}

/* Ticks need the plot's size and its size needs the labels' width: y first, then x. */
static void find_frame(const ipd_canvas *c, ipd_area area, const ipd_chart *chart,
                       ipd_chart_frame *f)
{
    find_ranges(chart, f);
    f->charset = charset_of(c, chart);
    f->plot = area;
    int below = chart->difference ? 0 : 2; /* rows of the x axis */
    f->axes = area.width >= 18 && area.height >= below + 3;
    if (!f->axes)
        return;
    int rows = area.height - below, most = rows / 3 + 2, widest = chart->margin - 1;
    f->y_count = ipd_scale_ticks(&f->y, most > 8 ? 8 : most, 0, chart->percent, f->y_ticks);
    for (int i = 0; i < f->y_count; i++) {
        int columns = ipd_text_columns(f->y_ticks[i].label, c->charset == IPD_ASCII);
        widest = columns > widest ? columns : widest;
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

static void draw_y_axis(ipd_canvas *c, ipd_area area, const ipd_chart_frame *f)
{
    int ascii = c->charset == IPD_ASCII, axis = f->plot.x - 1;

    for (int y = 0; y < f->plot.height; y++)
        ipd_canvas_put(c, axis, f->plot.y + y, ascii ? '|' : 0x2502, IPD_INK_FRAME, 0);
    for (int i = 0; i < f->y_count; i++) {
        int y = f->plot.y + ipd_chart_row(f, f->y_ticks[i].value, 1);
        ipd_canvas_put(c, axis, y, ascii ? '+' : 0x2524, IPD_INK_FRAME, 0);
        ipd_canvas_text_right(c, area.x, y, axis - area.x, IPD_INK_TEXT, 0, f->y_ticks[i].label);
        /* Grid lines would look like a broken series where there are no colours. */
        for (int x = 0; x < f->plot.width && !ascii && !c->monochrome; x++)
            ipd_canvas_put(c, f->plot.x + x, y, 0x2508, IPD_INK_FAINT, 0);
    }
}

/* "iteration · 12 a column" where points share columns of dots, or as much of it as there is room for. */
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
        snprintf(to, size, "%s · %s a column", name, share);
    else
        snprintf(to, size, "%s a column", share);
    if (ipd_text_columns(to, ascii) + 12 >= f->plot.width)
        *to = 0;
}

/* The cursor's place under the axis: writes it and where it begins; returns its columns, 0 where it is not seen. */
static int cursor_label(const ipd_chart_frame *f, const ipd_chart *chart, char *to, size_t size,
                        int *start)
{
    double place = ipd_scale_place(&f->x, chart->cursor);

    *start = 0;
    if (!chart->has_cursor || !(place >= 0 && place <= 1))
        return 0;
    snprintf(to, size, chart->x_whole ? " %.0f " : " %.4g ", chart->cursor);
    int columns = (int)strlen(to), end = f->plot.x + f->plot.width;
    *start = f->plot.x + ipd_chart_column(f, chart->cursor, 1) - columns / 2;
    *start = *start + columns > end ? end - columns : *start;
    *start = *start < f->plot.x ? f->plot.x : *start;
    return columns;
}

/* Where two charts are alike. */
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
    char cursor[24];
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

/* Where something happened: a line behind the curves, its name on the axis. The names of marks that
 * are too close become one, "2+". */
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
        for (int y = 0; y < f->plot.height; y++)
            ipd_canvas_put(c, x, f->plot.y + y, ascii ? ':' : 0x250A, IPD_INK_WARNING, 0);
        if (x < free_from && !chart->difference) {
            ipd_canvas_put(c, free_from - 1, axis, '+', IPD_INK_WARNING, IPD_BOLD);
            continue;
        }
        if (!chart->difference)
            ipd_canvas_text(c, x, axis, f->plot.x + f->plot.width - x, IPD_INK_WARNING, IPD_BOLD,
                            m->name);
        free_from = x + columns + 1;
    }
}

/* The cursor: a line behind the curves, its x under the axis. */
static void draw_cursor(ipd_canvas *c, const ipd_chart_frame *f, const ipd_chart *chart)
{
    int ascii = c->charset == IPD_ASCII, axis = f->plot.y + f->plot.height;
    char text[24];
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

/* How many points are at or before a place on the x axis. */
static size_t points_to(const ipd_series *s, double x)
{
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->x[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return high;
}

/* The point that the legend tells of: the last one that has a value, or that at the cursor. */
static size_t point_of(const ipd_chart *chart, const ipd_series *s)
{
    size_t last = s->count;

    if (chart->has_cursor) {
        last = points_to(s, chart->cursor);
        return last && s->x[last - 1] == chart->cursor ? last - 1 : s->count;
    }
    if (chart->now > 0)
        last = points_to(s, chart->now);
    while (last > 0 && isnan(s->y[last - 1]))
        last--;
    return last ? last - 1 : s->count;
}

/* "train 97.6%", or the name alone where there is no room for values. */
static void legend_entry(const ipd_chart *chart, const ipd_series *s, int values, char *to,
                         size_t size)
{
    size_t at = point_of(chart, s);
    char value[24] = "";
    const char *sign = chart->difference && at < s->count && s->y[at] > 0 ? "+" : "";

    if (values && at == s->count)
        snprintf(value, sizeof value, "%s", chart->has_cursor ? " –" : "");
    else if (values && chart->percent)
        snprintf(value, sizeof value, " %s%.*f%%", sign, chart->difference ? 2 : 1, 100 * s->y[at]);
    else if (values) {
        snprintf(value, sizeof value, " %s", sign);
        ipd_short_number(value + strlen(value), sizeof value - 2, s->y[at], 4);
    }
    snprintf(to, size, " %s%s%s%s", s->name, value, values && s->note ? " " : "",
             values && s->note ? s->note : "");
}

/* How series k is drawn, without colour by its place. */
static int pattern_of(const ipd_canvas *c, const ipd_chart *chart, int k)
{
    int form = chart->series[k].form;
    return form || !c->monochrome ? form : k < 3 ? k : 3;
}

/* Columns of one entry: the sample and its text. */
static int entry_columns(const ipd_canvas *c, const ipd_chart *chart, int k, int values)
{
    char entry[128];

    legend_entry(chart, &chart->series[k], values, entry, sizeof entry);
    return ipd_text_columns(entry, c->charset == IPD_ASCII) +
           (charset_of(c, chart) == IPD_ASCII ? 1 : 2);
}

int ipd_chart_legend_columns(const ipd_canvas *c, const ipd_chart *chart, int values)
{
    int columns = -LEGEND_GAP;

    for (int k = 0; k < chart->series_count; k++)
        columns += entry_columns(c, chart, k, values) + LEGEND_GAP;
    return columns;
}

static int rows_of_legend(const ipd_canvas *c, int width, const ipd_chart *chart, int values)
{
    int rows = 1, used = chart->title ? ipd_text_columns(chart->title, 0) + 3 : 0;

    for (int k = 0; k < chart->series_count; k++) {
        int columns = entry_columns(c, chart, k, values);
        if (used && used + columns > width) {
            rows++;
            used = 0;
        }
        used += columns + LEGEND_GAP;
    }
    return rows;
}

/* Rows of the legend, and whether it tells values: those at the cursor are left out last of all. One row where it
 * would take too much of the chart. */
static int legend_rows(const ipd_canvas *c, ipd_area area, const ipd_chart *chart, int *values)
{
    int most = chart->has_cursor ? (area.height - 1) / 3 : area.height / 7;

    for (*values = 1; *values >= 0; --*values) {
        int rows = rows_of_legend(c, area.width, chart, *values);
        if (rows == 1 || rows <= most)
            return rows;
    }
    *values = 0;
    return 1;
}

static void draw_legend_rows(ipd_canvas *c, ipd_area area, const ipd_chart *chart, int used,
                             int values)
{
    ipd_charset set = charset_of(c, chart);
    char entry[128];

    for (int k = 0, y = area.y; k < chart->series_count; k++) {
        int columns = entry_columns(c, chart, k, values), end = area.x + area.width;
        if (used && used + columns > area.width) {
            y++;
            used = 0;
        }
        int x = area.x + used;
        x += ipd_canvas_text(c, x, y, end - x, chart->series[k].ink, IPD_BOLD,
                             ipd_raster_sample(set, k, pattern_of(c, chart, k)));
        legend_entry(chart, &chart->series[k], values, entry, sizeof entry);
        ipd_canvas_text(c, x, y, end - x, IPD_INK_TEXT, 0, entry);
        used += columns + LEGEND_GAP;
    }
}

int ipd_chart_legend(ipd_canvas *c, int x, int y, int width, const ipd_chart *chart)
{
    int ascii = c->charset == IPD_ASCII, used = 0;
    int needed = ipd_chart_legend_columns(c, chart, 1), gap = needed <= width ? LEGEND_GAP : 2;
    ipd_charset set = charset_of(c, chart);
    char entry[128];

    for (int k = 0; k < chart->series_count && used < width; k++) {
        const char *sample = ipd_raster_sample(set, k, pattern_of(c, chart, k));
        legend_entry(chart, &chart->series[k], needed <= width, entry, sizeof entry);
        int columns = ipd_text_columns(entry, ascii) + ipd_text_columns(sample, ascii);
        used += k ? gap : 0;
        if (used + columns > width) { /* half a name says nothing */
            used -= k ? gap - 1 : 0;
            return used + ipd_canvas_text(c, x + used, y, width - used, IPD_INK_FAINT, 0, "…");
        }
        used +=
            ipd_canvas_text(c, x + used, y, width - used, chart->series[k].ink, IPD_BOLD, sample);
        used += ipd_canvas_text(c, x + used, y, width - used, IPD_INK_TEXT, 0, entry);
    }
    return used;
}

/* What the title and the legend leave. */
static ipd_area without_header(const ipd_canvas *c, ipd_area area, const ipd_chart *chart)
{
    if ((chart->title || chart->legend) && area.height >= 4) {
        int values, rows = chart->legend ? legend_rows(c, area, chart, &values) : 1;
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
    return f.x.kind == IPD_LOG ? f.x.low * pow(f.x.high / f.x.low, place)
                               : f.x.low + place * (f.x.high - f.x.low);
}

static void draw_header(ipd_canvas *c, ipd_area area, const ipd_chart *chart)
{
    int used = 0, values;

    if (chart->title)
        used = 3 + ipd_canvas_text(c, area.x, area.y, area.width, IPD_INK_TITLE, IPD_BOLD,
                                   chart->title);
    if (chart->legend && legend_rows(c, area, chart, &values) > 1)
        draw_legend_rows(c, area, chart, used, values);
    else if (chart->legend)
        ipd_chart_legend(c, area.x + used, area.y, area.width - used, chart);
}

void ipd_chart_draw(ipd_canvas *c, ipd_area area, const ipd_chart *chart)
{
    ipd_chart_frame f = {0};
    ipd_raster r;
    ipd_ink inks[IPD_MAX_SERIES];
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
    /* Without memory the axes stand alone: a chart is no reason to stop. */
    if (ipd_raster_init(&r, f.plot.width, f.plot.height, f.charset, c->monochrome,
                        chart->series_count, NULL) < 0)
        return;
    for (int k = 0; k < chart->series_count; k++) {
        inks[k] = chart->series[k].ink;
        r.patterns[k] = (unsigned char)pattern_of(c, chart, k);
        ipd_chart_line(&r, &f, &chart->series[k], k);
    }
    ipd_raster_draw(&r, c, f.plot.x, f.plot.y, inks);
    ipd_raster_free(&r);
    for (int k = 0; k < chart->series_count; k++)
        ipd_chart_arrows(c, &f, &chart->series[k]);
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
