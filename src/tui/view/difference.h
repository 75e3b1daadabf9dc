/* difference.h - the curves of one run minus those of another, at each x of the one within the other, whose values are interpolated
 * where its own x differ, as by seconds. Main thread. */
#ifndef IPD_TUI_VIEW_DIFFERENCE_H
#define IPD_TUI_VIEW_DIFFERENCE_H

#include "tui/model/model.h"
#include "tui/view/curves.h"

/* Zero it first; ipd_difference_free frees the points. */
typedef struct ipd_difference {
    ipd_series series[IPD_MAX_CURVES]; /* points at the common x */
    double *points[IPD_MAX_CURVES];    /* x, then y */
    int count;
} ipd_difference;

/* Adds y minus other. Adds nothing if memory runs out. */
void ipd_difference_add(ipd_difference *d, const ipd_series *y, const ipd_series *other);
/* 1 if any difference is not zero. */
int ipd_difference_any(const ipd_difference *d);
/* "(-62.6)": the k-th difference at x; "" unless both runs have a value there. percent: in
 * percentage points. */
void ipd_difference_text(const ipd_difference *d, int k, double x, int percent, char *to,
                         size_t size);
/* Draws the differences below their chart, in an area with the same columns. */
void ipd_difference_draw(const ipd_difference *d, ipd_canvas *c, ipd_area below,
                         const ipd_chart *chart, const char *title);
/* Columns that this chart needs to the left of its plot. */
int ipd_difference_margin(const ipd_difference *d, const ipd_canvas *c, ipd_area below,
                          const ipd_chart *chart, const char *title);
void ipd_difference_free(ipd_difference *d);

#endif
