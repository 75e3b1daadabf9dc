/* chart_lines.c - the curves of a chart, however many points they have. */
#include "plot/chart_frame.h"

#include <math.h>

/* The first index from which x is at least (after: more than) the bound. */
static size_t bisect(const double *x, size_t count, double bound, int after)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (after ? x[middle] <= bound : x[middle] < bound)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void ipd_chart_seen(const ipd_scale *x, const ipd_series *s, size_t *first, size_t *last)
{
    *first = bisect(s->x, s->count, x->low, 0);
    *last = bisect(s->x, s->count, x->high, 1);
    *last = *last < *first ? *first : *last;
}

int ipd_chart_column(const ipd_chart_frame *f, double value, int across)
{
    return (int)lround(ipd_scale_place(&f->x, value) * (f->plot.width * across - 1));
}

/* Rows far beyond the plot are all alike. */
int ipd_chart_row(const ipd_chart_frame *f, double value, int down)
{
    double place = ipd_scale_place(&f->y, value);

    place = place < -3 ? -3 : place > 4 ? 4 : place;
    return (int)lround((1 - place) * (f->plot.height * down - 1));
}

static int has_place(const ipd_chart_frame *f, double y)
{
    return isfinite(y) && (f->y.kind != IPD_LOG || y > 0);
}

/* The end of the points that share the column of dots of point i. */
static size_t end_of_column(const ipd_chart_frame *f, const ipd_series *s, size_t i, size_t last,
                            int column, int across)
{
    size_t low = i + 1, high = last;

    if (low < last && ipd_chart_column(f, s->x[low], across) != column)
        return low;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ipd_chart_column(f, s->x[middle], across) == column)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A line to a point that is out of sight, as far as the plot's edge. */
static void line_out(ipd_raster *r, const ipd_chart_frame *f, int index, const ipd_series *s,
                     size_t inside, size_t outside)
{
    double x = ipd_scale_place(&f->x, s->x[inside]), y = ipd_scale_place(&f->y, s->y[inside]);
    double far_x = ipd_scale_place(&f->x, s->x[outside]);
    double far_y = ipd_scale_place(&f->y, s->y[outside]);

    if (!has_place(f, s->y[inside]) || !has_place(f, s->y[outside]) || !isfinite(far_x))
        return;
    double edge = far_x < x ? 0 : 1, share = (edge - x) / (far_x - x);
    double edge_y = y + share * (far_y - y);
    edge_y = edge_y < -3 ? -3 : edge_y > 4 ? 4 : edge_y;
    ipd_raster_line(r, index, ipd_chart_column(f, s->x[inside], r->across),
                    ipd_chart_row(f, s->y[inside], r->down), edge > 0 ? r->width - 1 : 0,
                    (int)lround((1 - edge_y) * (r->height - 1)));
}

/* What falls into one column of dots becomes one vertical stroke from the least to the largest value,
 * joined to the neighbours, so no peak is lost however many points; and columns, not points, are
 * what it costs. */
void ipd_chart_line(ipd_raster *r, const ipd_chart_frame *f, const ipd_series *s, int index)
{
    size_t first, last, next;
    int before = 0, before_x = 0, before_y = 0;

    ipd_chart_seen(&f->x, s, &first, &last);
    int marks = last - first <= (size_t)(f->plot.width / 4 > 2 ? f->plot.width / 4 : 2);
    for (size_t i = first; i < last; i = next) {
        int x = ipd_chart_column(f, s->x[i], r->across);
        next = end_of_column(f, s, i, last, x, r->across);
        ipd_extremes e = ipd_extremes_of(s->y, s->summary, i, next);
        double least = f->y.kind == IPD_LOG ? e.least_positive : e.least;
        if (before && has_place(f, s->y[i]))
            ipd_raster_line(r, index, before_x, before_y, x, ipd_chart_row(f, s->y[i], r->down));
        before = has_place(f, s->y[next - 1]);
        before_x = x;
        if (before)
            before_y = ipd_chart_row(f, s->y[next - 1], r->down);
        if (!(least <= e.most))
            continue;
        ipd_raster_line(r, index, x, ipd_chart_row(f, least, r->down), x,
                        ipd_chart_row(f, e.most, r->down));
        if (marks)
            ipd_raster_mark(r, index, x, ipd_chart_row(f, e.most, r->down));
    }
    if (first > 0 && first < last)
        line_out(r, f, index, s, first, first - 1);
    if (last < s->count && first < last)
        line_out(r, f, index, s, last - 1, last);
}

static void arrow(ipd_canvas *c, const ipd_chart_frame *f, int x, int up, ipd_ink ink)
{
    int ascii = c->charset == IPD_ASCII;
    ipd_canvas_put(c, f->plot.x + x, up ? f->plot.y : f->plot.y + f->plot.height - 1,
                   up ? (ascii ? '^' : 0x25B2) : (ascii ? 'v' : 0x25BC), ink, IPD_BOLD);
}

void ipd_chart_arrows(ipd_canvas *c, const ipd_chart_frame *f, const ipd_series *s)
{
    size_t first, last, next;

    ipd_chart_seen(&f->x, s, &first, &last);
    for (size_t i = first; i < last; i = next) {
        int x = ipd_chart_column(f, s->x[i], 1);
        next = end_of_column(f, s, i, last, x, 1);
        ipd_extremes e = ipd_extremes_of(s->y, s->summary, i, next);
        if (e.up)
            arrow(c, f, x, 1, s->ink);
        if (e.down || (f->y.kind == IPD_LOG && e.least <= 0))
            arrow(c, f, x, 0, s->ink);
    }
}
