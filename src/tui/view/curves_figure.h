/* curves_figure.h - a chart of the workbench as a figure: SVG, PDF, PNG or text. Main thread. */
#ifndef IPD_TUI_VIEW_CURVES_FIGURE_H
#define IPD_TUI_VIEW_CURVES_FIGURE_H

#include "plot/chart.h"

/* Writes the chart with its curves, visible range and axes. Each mark becomes a dotted line with
 * its number; the legend has its text from `marks`. y_label may be NULL. The ending of the path
 * chooses the format, see ipd_figure_write. -1 and *e on failure. */
int ipd_curves_figure(const ipd_chart *chart, const char *title, const char *y_label,
                      const char *const *marks, const char *path, ipd_error *e);

#endif
