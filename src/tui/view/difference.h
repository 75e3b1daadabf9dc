/* difference.h - the curves of one run minus those of another, where both have been. Main thread. */
#ifndef IPD_TUI_VIEW_DIFFERENCE_H
#define IPD_TUI_VIEW_DIFFERENCE_H

#include "tui/model/model.h"
#include "tui/view/curves.h"

/* Zero it first; ipd_difference_free frees the points. */
typedef struct ipd_difference {
    ipd_series series[IPD_MAX_CURVES]; /* points at the iterations that both have */
    double *points[IPD_MAX_CURVES];    /* x, then y */
    int count;
} ipd_difference;

/* Adds y minus other; nothing where memory runs out or no iteration is in both. */
void ipd_difference_add(ipd_difference *d, const ipd_series *y, const ipd_series *other);
/* 1 where one of them is somewhere not zero. */
int ipd_difference_any(const ipd_difference *d);
/* "(-62.6)": the k-th at x; "" where not both runs have a value there. percent: in points of a percentage. */
void ipd_difference_text(const ipd_difference *d, int k, double x, int percent, char *to,
                         size_t size);
/* Draws them below the chart that they are of, into an area of the same columns. */
void ipd_difference_draw(const ipd_difference *d, ipd_canvas *c, ipd_area below,
                         const ipd_chart *chart, const char *title);
/* Columns to the left of the plot that its chart needs there. */
int ipd_difference_margin(const ipd_difference *d, const ipd_canvas *c, ipd_area below,
                          const ipd_chart *chart, const char *title);
void ipd_difference_free(ipd_difference *d);

#endif
