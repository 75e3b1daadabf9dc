/* curves_axis.h - what the x axis of the charts counts. The cursor and the visible range are iterations of the run on
 * the screen, whatever the axis shows. Main thread. */
#ifndef IPD_TUI_VIEW_CURVES_AXIS_H
#define IPD_TUI_VIEW_CURVES_AXIS_H

#include "plot/chart.h"
#include "tui/model/model.h"

/* The next quantity. */
ipd_x_quantity ipd_axis_next(ipd_x_quantity of);
/* Its name in Lua, "seconds"; NULL beyond the last. */
const char *ipd_axis_name(int of);
/* The x of each record of the run on the screen, or of an overlay; NULL if it is unknown or memory runs out. */
const ipd_column *ipd_axis_of_run(ipd_model *m);
const ipd_column *ipd_axis_of_overlay(const ipd_model *m, ipd_overlay *o);
/* The x of each of m->batches, within the iteration that runs; returns their number, 0 if it is unknown. */
size_t ipd_axis_of_batches(ipd_model *m, double to[IPD_BATCH_RECORDS]);
/* The x of an iteration on this column; between two of them in proportion, beyond the last that of the last. */
double ipd_axis_at(const ipd_column *x, size_t count, double iteration);
/* The iteration nearest to an x. */
int ipd_axis_iteration(const ipd_column *x, size_t count, double at);
/* The visible range of iterations; 0 and 0 if all are visible. */
void ipd_axis_range(const ipd_model *m, double *low, double *high);
/* Sets the x axis of a chart: kind, label, range, cursor; `text` holds the cursor's words. */
void ipd_axis_set(ipd_model *m, ipd_chart *chart, char text[48]);

#endif
