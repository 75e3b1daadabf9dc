/* difference.h - the curves of one run minus those of another, at each x of the first run within
 * the range of the other, whose values are interpolated. Main thread. */
#ifndef IPD_TUI_VIEW_DIFFERENCE_H
#define IPD_TUI_VIEW_DIFFERENCE_H

#include "tui/model/model.h"
#include "tui/view/curves.h"

/* Zero it first; ipd_difference_free frees the points. */
typedef struct ipd_difference {
    ipd_series series[IPD_MAX_CURVES];
    double *points[IPD_MAX_CURVES]; /* of each series: all x, then all y */
    int count;
} ipd_difference;

/* Adds the curve y minus other. Adds nothing if memory runs out. */
void ipd_difference_add(ipd_difference *d, const ipd_series *y, const ipd_series *other);
/* 1 if any difference is not zero. */
int ipd_difference_any(const ipd_difference *d);
/* Writes the k-th difference at x as "(-62.6)"; "" if a run has no value there. With `percent` it
 * is in percentage points. */
void ipd_difference_text(const ipd_difference *d, int k, double x, int percent, char *to,
                         size_t size);
/* Draws the differences as a chart below `chart`, with its x axis and margin. */
void ipd_difference_draw(const ipd_difference *d, ipd_canvas *c, ipd_area below,
                         const ipd_chart *chart, const char *title);
/* The columns that this chart needs to the left of its plot. */
int ipd_difference_margin(const ipd_difference *d, const ipd_canvas *c, ipd_area below,
                          const ipd_chart *chart, const char *title);
void ipd_difference_free(ipd_difference *d);

#endif
