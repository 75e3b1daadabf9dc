/* chart_lines.c - the curves of a chart, for any number of points. */
#include "plot/chart_frame.h"

#include <math.h>

size_t ipd_chart_bisect(const ipd_values *x, size_t count, double bound, int after)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (after ? ipd_value_at(x, middle) <= bound : ipd_value_at(x, middle) < bound)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Finds the points of a series within the x axis: first ... last - 1. Not for a scatter. */
static void find_seen(const ipd_scale *x, const ipd_series *s, size_t *first, size_t *last)
{
    *first = ipd_chart_bisect(&s->x, s->count, x->low, 0);
    *last = ipd_chart_bisect(&s->x, s->count, x->high, 1);
    *last = *last < *first ? *first : *last;
}

static int in_sight(const ipd_scale *x, double value)
{
    double place = ipd_scale_place(x, value);
    return place >= 0 && place <= 1;
}

ipd_extremes ipd_chart_extremes(const ipd_scale *x, const ipd_series *s, size_t *first,
                                size_t *last)
{
    if (!s->scatter) {
        find_seen(x, s, first, last);
        return ipd_extremes_of(&s->y, s->summary, *first, *last);
    }
    ipd_extremes all = ipd_extremes_of(NULL, NULL, 0, 0);
    *first = 0;
    *last = s->count;
    for (size_t i = 0; i < s->count; i++)
        if (in_sight(x, ipd_value_at(&s->x, i)))
            ipd_extremes_add(&all, ipd_value_at(&s->y, i));
    return all;
}

/* Clamps places far outside the plot, so that dots stay small integers. */
static double near(double place)
{
    return place >= -3 ? place <= 4 ? place : 4 : -3;
}

int ipd_chart_column(const ipd_chart_frame *f, double value, int across)
{
    return (int)lround(near(ipd_scale_place(&f->x, value)) * (f->plot.width * across - 1));
}

int ipd_chart_row(const ipd_chart_frame *f, double value, int down)
{
    return (int)lround((1 - near(ipd_scale_place(&f->y, value))) * (f->plot.height * down - 1));
}

/* The index after the last point in the column of dots of point i. The search begins `about` points
 * from there, the number in the column before: most columns have equally many. */
static size_t end_of_column(const ipd_chart_frame *f, const ipd_series *s, size_t i, size_t last,
                            size_t about, int across)
{
    int column = ipd_chart_column(f, ipd_value_at(&s->x, i), across);
    size_t low = i + 1, high = last, at = i + about;

    for (size_t step = 1; low < high; step *= 2) {
        if (at < low || at >= high)
            at = low + (high - low) / 2;
        if (ipd_chart_column(f, ipd_value_at(&s->x, at), across) == column) {
            low = at + 1;
            at += step;
        } else {
            high = at;
            at = at > step ? at - step : 0;
        }
    }
    return low;
}

/* A point by its places on both axes. */
typedef struct spot {
    double x, y;
} spot;

/* y of point i; from the summary if it has a cache, since the values lie far apart in memory. */
static double y_at(const ipd_series *s, size_t i)
{
    if (!s->summary || !s->summary->asked)
        return ipd_value_at(&s->y, i);
    ipd_extremes e = ipd_extremes_of(&s->y, s->summary, i, i + 1);
    return e.min <= e.max ? e.max : e.up ? INFINITY : e.down ? -INFINITY : NAN;
}

static spot spot_of(const ipd_chart_frame *f, const ipd_series *s, size_t i)
{
    return (spot){ipd_scale_place(&f->x, ipd_value_at(&s->x, i)),
                  ipd_scale_place(&f->y, y_at(s, i))};
}

/* Clips a part of a line from value a to value b to low ... high. *from and *to are its ends, 0 at
 * a and 1 at b; *to < *from if nothing is left. */
static void clip(double a, double b, double low, double high, double *from, double *to)
{
    double enter, leave;

    if (a == b) {
        if (a < low || a > high)
            *to = -1;
        return;
    }
    enter = ((b > a ? low : high) - a) / (b - a);
    leave = ((b > a ? high : low) - a) / (b - a);
    *from = fmax(*from, enter);
    *to = fmin(*to, leave);
}

/* A straight line between two points, inside or outside the plot, with the exact slope. Draws
 * nothing if a point is NaN. */
static void join(ipd_raster *r, int index, spot a, spot b)
{
    double from = 0, to = 1;

    if (isnan(a.x) || isnan(a.y) || isnan(b.x) || isnan(b.y))
        return;
    clip(a.x, b.x, -1, 2, &from, &to);
    clip(a.y, b.y, -1, 2, &from, &to);
    if (!(from <= to))
        return;
    spot c = {from > 0 ? a.x + from * (b.x - a.x) : a.x, from > 0 ? a.y + from * (b.y - a.y) : a.y};
    spot d = {to < 1 ? a.x + to * (b.x - a.x) : b.x, to < 1 ? a.y + to * (b.y - a.y) : b.y};
    ipd_raster_line(r, index, (int)lround(c.x * (r->width - 1)),
                    (int)lround((1 - c.y) * (r->height - 1)), (int)lround(d.x * (r->width - 1)),
                    (int)lround((1 - d.y) * (r->height - 1)));
}

/* Marks on points, or dots if there are too many for marks; joined in their order. */
static void scatter(ipd_raster *r, const ipd_chart_frame *f, const ipd_series *s, int index)
{
    size_t max = (size_t)f->plot.width * (s->no_line ? (size_t)f->plot.height : 1) / 4;
    int marks = s->marks > 0 || (s->marks == 0 && s->count <= max);
    spot before = {NAN, NAN};

    for (size_t i = 0; i < s->count; i++) {
        spot here = spot_of(f, s, i);
        int joined = !isnan(before.x) && !isnan(before.y);
        if (!s->no_line)
            join(r, index, before, here);
        before = here;
        if (isnan(here.x) || isnan(here.y))
            continue;
        int x = ipd_chart_column(f, ipd_value_at(&s->x, i), r->across),
            y = ipd_chart_row(f, ipd_value_at(&s->y, i), r->down);
        if (marks)
            ipd_raster_mark(r, index, x, y);
        else if (s->no_line || !joined)
            ipd_raster_dot(r, index, x, y);
    }
}

/* The points of one column of dots become a vertical stroke from the smallest to the largest value,
 * joined to its neighbours: no peak is lost, and the cost depends on columns, not on points. */
void ipd_chart_line(ipd_raster *r, const ipd_chart_frame *f, const ipd_series *s, int index)
{
    size_t first, last, next;

    if (s->scatter) {
        scatter(r, f, s, index);
        return;
    }
    find_seen(&f->x, s, &first, &last);
    int few = last - first <= (size_t)(f->plot.width / 4 > 2 ? f->plot.width / 4 : 2);
    int marks = s->marks > 0 || (s->marks == 0 && few);
    for (size_t i = first, count = 1; i < last; count = next - i, i = next) {
        int x = ipd_chart_column(f, ipd_value_at(&s->x, i), r->across);
        next = end_of_column(f, s, i, last, count, r->across);
        ipd_extremes e = ipd_extremes_of(&s->y, s->summary, i, next);
        double min = f->y.kind == IPD_LOG ? e.min_positive : e.min;
        if (i > 0)
            join(r, index, spot_of(f, s, i - 1), spot_of(f, s, i));
        if (!(min <= e.max))
            continue;
        int low = ipd_chart_row(f, min, r->down), high = ipd_chart_row(f, e.max, r->down);
        ipd_raster_line(r, index, x, low, x, high);
        if (i == first ||
            isnan(ipd_scale_place(&f->y, y_at(s, i - 1)))) /* a piece may be one point */
            ipd_raster_dot(r, index, x, high);
        if (marks)
            ipd_raster_mark(r, index, x, high);
        if (marks && low != high)
            ipd_raster_mark(r, index, x, low);
    }
    if (first < last && last < s->count)
        join(r, index, spot_of(f, s, last - 1), spot_of(f, s, last));
}

static void arrow(ipd_canvas *c, const ipd_chart_frame *f, int x, int up, ipd_ink ink)
{
    int ascii = c->charset == IPD_ASCII;
    ipd_canvas_put(c, f->plot.x + x, up ? f->plot.y : f->plot.y + f->plot.height - 1,
                   up ? (ascii ? '^' : 0x25B2) : (ascii ? 'v' : 0x25BC), ink, IPD_BOLD);
}

/* Whether a value is above (or below) the axis by more than rounding. */
static int is_beyond(const ipd_scale *y, double value, int above)
{
    double place = ipd_scale_place(y, value);
    return above ? place > 1 + 1e-9 : isnan(place) || place < -1e-9;
}

static int has_arrow(const ipd_chart_frame *f, const ipd_extremes *e, int up)
{
    return (up ? e->up : e->down) ||
           (e->min <= e->max && is_beyond(&f->y, up ? e->max : e->min, up));
}

void ipd_chart_arrows(ipd_canvas *c, const ipd_chart_frame *f, const ipd_series *s)
{
    size_t first, last, next;

    ipd_extremes all = ipd_chart_extremes(&f->x, s, &first, &last);
    if (!has_arrow(f, &all, 0) && !has_arrow(f, &all, 1))
        return;
    for (size_t i = first, count = 1; i < last; count = next - i, i = next) {
        int x = ipd_chart_column(f, ipd_value_at(&s->x, i), 1);
        next = s->scatter ? i + 1 : end_of_column(f, s, i, last, count, 1);
        if (s->scatter && !in_sight(&f->x, ipd_value_at(&s->x, i)))
            continue;
        ipd_extremes e = ipd_extremes_of(&s->y, s->summary, i, next);
        for (int up = 0; up < 2; up++)
            if (has_arrow(f, &e, up))
                arrow(c, f, x, up, s->ink);
    }
}

/* Puts the letter on the curve at a column of the plot. Returns 0 if the curve has no point
 * there. */
static int put_letter(ipd_canvas *c, const ipd_chart_frame *f, const ipd_series *s, int column)
{
    double x = ipd_scale_value(&f->x, (double)column / (f->plot.width - 1));
    size_t after = ipd_chart_bisect(&s->x, s->count, x, 0);

    if (!s->count || after == s->count || (after == 0 && ipd_value_at(&s->x, 0) > x))
        return 0;
    spot b = spot_of(f, s, after), a = after ? spot_of(f, s, after - 1) : b;
    double share = b.x > a.x ? (ipd_scale_place(&f->x, x) - a.x) / (b.x - a.x) : 1;
    double place = a.y + share * (b.y - a.y);
    if (!(place >= 0 && place <= 1))
        return 0;
    ipd_canvas_put(c, f->plot.x + column,
                   f->plot.y + (int)lround((1 - place) * (f->plot.height - 1)),
                   (unsigned char)s->letter, s->ink, IPD_BOLD);
    return 1;
}

void ipd_chart_letters(ipd_canvas *c, const ipd_chart_frame *f, const ipd_chart *chart, int k)
{
    enum { STEP = 3, FEW = 8 };
    const ipd_series *s = &chart->series[k];
    int count = chart->series_count > FEW ? chart->series_count : FEW, placed = 0;

    if (!s->letter || s->scatter || f->charset == IPD_ASCII || f->plot.width < 2)
        return;
    for (int x = STEP * k + 1; x < f->plot.width; x += STEP * count)
        placed |= put_letter(c, f, s, x);
    for (int x = f->plot.width - 1; x >= 0 && !placed; x--) /* the end of a short curve */
        placed = put_letter(c, f, s, x);
}

ipd_charset ipd_chart_charset(const ipd_canvas *c, const ipd_chart *chart)
{
    int set = (int)c->charset - chart->coarser;
    return set < IPD_ASCII ? IPD_ASCII : (ipd_charset)set;
}
