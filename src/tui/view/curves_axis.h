/* curves_axis.h - the x axis of the charts. The cursor and the visible range are iterations of the
 * run on the screen, whatever quantity the axis has. Main thread. */
#ifndef IPD_TUI_VIEW_CURVES_AXIS_H
#define IPD_TUI_VIEW_CURVES_AXIS_H

#include "plot/chart.h"
#include "tui/model/model.h"

/* The quantity after this one, around the end. */
ipd_x_quantity ipd_axis_next(ipd_x_quantity of);
/* The name of a quantity in Lua, such as "seconds"; NULL after the last. */
const char *ipd_axis_name(int of);
/* The column of the x of all records of the run on the screen, or of an overlay. NULL if there are
 * no records, x is unknown or memory runs out. */
const ipd_column *ipd_axis_of_run(ipd_model *m);
const ipd_column *ipd_axis_of_overlay(const ipd_model *m, ipd_overlay *o);
/* Writes the x of each of m->batches; returns their number, 0 if x is unknown. */
size_t ipd_axis_of_batches(ipd_model *m, double to[IPD_BATCH_RECORDS]);
/* The x of an iteration, interpolated between whole ones, at most that of the last record. x is a
 * column of `count` values; NULL: the iterations themselves. */
double ipd_axis_at(const ipd_column *x, size_t count, double iteration);
/* The iteration whose x is nearest to `at`. */
int ipd_axis_iteration(const ipd_column *x, size_t count, double at);
/* The visible range of iterations; 0 and 0 if all are visible. */
void ipd_axis_range(const ipd_model *m, double *low, double *high);
/* Sets the members of a chart for its x axis and the cursor; chart->cursor_text points to
 * `text`. */
void ipd_axis_set(ipd_model *m, ipd_chart *chart, char text[48]);

#endif
