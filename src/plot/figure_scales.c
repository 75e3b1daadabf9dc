/* figure_scales.c - the ends of a panel's axes; see figure.h. */
#include "plot/figure.h"

#include <math.h>

static void extend(ipd_figure_range *to, double value, ipd_scale_kind kind)
{
    if (!isfinite(value) || (kind == IPD_LOG && value <= 0))
        return;
    to->low = fmin(to->low, value);
    to->high = fmax(to->high, value);
}

static int is_given(const ipd_figure_range *r)
{
    return r->low < r->high;
}

void ipd_figure_scales(const ipd_panel *p, ipd_scale *x, ipd_scale *y)
{
    ipd_figure_range ex = {INFINITY, -INFINITY}, ey = {INFINITY, -INFINITY};
    for (int k = 0; k < p->series_count; k++) {
        const ipd_figure_series *s = &p->series[k];
        for (size_t i = 0; i < s->count; i++) {
            extend(&ex, s->x[i], p->x_kind);
            if (is_given(&p->x) && (s->x[i] < p->x.low || s->x[i] > p->x.high))
                continue;
            extend(&ey, s->y[i], p->y_kind);
            if (s->low)
                extend(&ey, s->low[i], p->y_kind);
            if (s->high)
                extend(&ey, s->high[i], p->y_kind);
        }
    }
    *x = is_given(&p->x) ? ipd_scale_fit(p->x_kind, p->x.low, p->x.high)
                         : ipd_scale_fit(p->x_kind, ex.low, ex.high);
    if (is_given(&p->y)) {
        *y = ipd_scale_fit(p->y_kind, p->y.low, p->y.high);
        return;
    }
    *y = ipd_scale_fit(p->y_kind, ey.low, ey.high);
    double low = y->low;
    ipd_scale_widen(y, 0.04);
    if (p->y_kind == IPD_LOG)
        return;
    y->low = low >= 0 && y->low <= 0 ? 0 : y->low;
    if (p->percent && y->low < 1 && y->high > 0)
        *y = ipd_scale_fit(IPD_LINEAR, fmax(y->low, 0), fmin(y->high, 1));
}
