/* curves_drawing.h - makes the series, marks and labels of a chart. Main thread. */
#ifndef IPD_TUI_VIEW_CURVES_DRAWING_H
#define IPD_TUI_VIEW_CURVES_DRAWING_H

#include "tui/view/curves.h"
#include "tui/view/difference.h"
#include "tui/view/marks.h"

enum { IPD_CURVE_NAME = 96 }; /* bytes of a name in the legend */

/* A chart and all that it borrows. */
typedef struct ipd_drawing {
    /* The series, their names, and the columns before smoothing (NULL for series without). */
    ipd_series *series;
    char (*names)[IPD_CURVE_NAME];
    const ipd_column **raw;
    int room; /* number of series for which these three have room */
    ipd_chart_mark lines[IPD_MAX_MARKS];
    ipd_mark marks[IPD_MAX_MARKS];
    ipd_chart chart;
    int other; /* index of the first overlay's first series */
    /* By curve: the series of the run and of the first overlay; -1: none. */
    int pairs[IPD_MAX_CURVES][2];
    double smoothing;
    ipd_difference difference;
    char note[32], cursor[48], smoothed[32];
    double batch_x[IPD_BATCH_RECORDS];
    int batches; /* number of series with points of mini-batches, which are the last ones */
} ipd_drawing;

/* Fills *d for a pane of `width` columns. Free it with ipd_drawing_free. If memory runs out, it has
 * no series. */
void ipd_drawing_make(ipd_model *m, const ipd_curves *c, ipd_drawing *d, int width);
void ipd_drawing_free(ipd_drawing *d);
/* The ink of a mark: that of its run. */
ipd_ink ipd_drawing_ink(const ipd_model *m, const ipd_mark *mark);
/* Columns of a run's name in a chart of this width. */
int ipd_drawing_name_columns(int width);

#endif
