/* curves_figure.h - a chart of the workbench as a figure: SVG, PDF, PNG or text. Main thread. */
#ifndef IPD_TUI_VIEW_CURVES_FIGURE_H
#define IPD_TUI_VIEW_CURVES_FIGURE_H

#include "plot/chart.h"

/* Writes the chart as it stands: its curves, visible range and axes, and a dotted line per mark with
 * its number and, in the legend, its text in `marks`. y_label may be NULL. The end of the path gives the format, see ipd_figure_write. */
int ipd_curves_figure(const ipd_chart *chart, const char *title, const char *y_label,
                      const char *const *marks, const char *path, ipd_error *e);

#endif
