#include "tui/view/difference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The value at x, interpolated between point k and the one before it. */
static double value_between(const ipd_series *s, size_t k, double x)
{
    double high = ipd_value_at(&s->x, k), b = ipd_value_at(&s->y, k);
    if (high == x || !k)
        return high == x ? b : NAN;
    double low = ipd_value_at(&s->x, k - 1), a = ipd_value_at(&s->y, k - 1);
    return a + (x - low) / (high - low) * (b - a);
}

void ipd_difference_add(ipd_difference *d, const ipd_series *y, const ipd_series *other)
{
    size_t count = 0, k = 0;
    double *x = y->count ? malloc(2 * y->count * sizeof *x) : NULL;

    if (!x || d->count == IPD_MAX_CURVES) {
        free(x);
        return;
    }
    for (size_t i = 0; i < y->count; i++) {
        double at = ipd_value_at(&y->x, i);
        while (k < other->count && ipd_value_at(&other->x, k) < at)
            k++;
        if (k == other->count)
            break;
        if (k == 0 && ipd_value_at(&other->x, 0) > at)
            continue;
        x[count] = at;
        x[y->count + count++] = ipd_value_at(&y->y, i) - value_between(other, k, at);
    }
    d->points[d->count] = x;
    d->series[d->count++] = (ipd_series){.name = y->name,
                                         .x = {.array = x},
                                         .y = {.array = x + y->count},
                                         .count = count,
                                         .ink = y->ink};
}

int ipd_difference_any(const ipd_difference *d)
{
    for (int k = 0; k < d->count; k++)
        for (size_t i = 0; i < d->series[k].count; i++)
            if (ipd_value_at(&d->series[k].y, i) < 0 || ipd_value_at(&d->series[k].y, i) > 0)
                return 1;
    return 0;
}

void ipd_difference_text(const ipd_difference *d, int k, double x, int percent, char *to,
                         size_t size)
{
    const ipd_series *s = &d->series[k];
    size_t at = k < d->count ? s->count : 0;
    char text[24];

    *to = 0;
    while (at > 0 && ipd_value_at(&s->x, at - 1) > x)
        at--;
    if (!at || ipd_value_at(&s->x, at - 1) != x || !isfinite(ipd_value_at(&s->y, at - 1)))
        return;
    double value = ipd_value_at(&s->y, at - 1);
    if (percent && fabs(value) < 100)
        snprintf(text, sizeof text, "%.1f", 100 * value);
    else
        ipd_short_number(text, sizeof text, value, 3);
    snprintf(to, size, "(%s%s)", value > 0 ? "+" : "", text);
}

static ipd_chart chart_of(const ipd_difference *d, const ipd_chart *chart, const char *title)
{
    ipd_chart one = *chart;

    one.title = title;
    one.legend = 1;
    one.difference = 1;
    one.y_kind = IPD_LINEAR;
    one.series = d->series;
    one.series_count = d->count;
    one.x_reach = 0;
    one.legend_at = ipd_chart_legend_place(chart);
    ipd_chart_x_range(chart, &one.x_low, &one.x_high);
    return one;
}

void ipd_difference_draw(const ipd_difference *d, ipd_canvas *c, ipd_area below,
                         const ipd_chart *chart, const char *title)
{
    ipd_chart one = chart_of(d, chart, title);

    ipd_chart_draw(c, below, &one);
}

int ipd_difference_margin(const ipd_difference *d, const ipd_canvas *c, ipd_area below,
                          const ipd_chart *chart, const char *title)
{
    ipd_chart one = chart_of(d, chart, title);

    return ipd_chart_margin(c, below, &one);
}

void ipd_difference_free(ipd_difference *d)
{
    while (d->count > 0)
        free(d->points[--d->count]);
}
