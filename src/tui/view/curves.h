/* curves.h - the charts of the views: curves of the run and of overlays with cursor, visible range
 * and marks, and the keys of charts. Main thread. */
#ifndef IPD_TUI_VIEW_CURVES_H
#define IPD_TUI_VIEW_CURVES_H

#include "plot/chart.h"
#include "tui/view/view.h"

typedef struct ipd_curve {
    char name[24];
    const char *field;  /* name of a field of records */
    ipd_read_fn *value; /* reads the values, see ipd_columns_get; NULL: those of the field */
    int index;          /* layer, block or metric, from 0 */
    int past;           /* 1: the curve has ended, see ipd_series */
    ipd_ink ink;
} ipd_curve;

enum { IPD_MAX_CURVES = 8 };

/* One chart. */
typedef struct ipd_curves {
    ipd_curve list[IPD_MAX_CURVES];
    int count, more; /* more: number of curves for which the list has no room */
    int compared;    /* the first `compared` curves are also drawn for overlays */
    ipd_scale_kind y_kind;
    int percent;       /* 1: values are fractions, shown in percent */
    unsigned bit;      /* of this view, see ipd_chart_state */
    int legend_inside; /* 1: the legend is inside the chart, not in the edge of its pane */
    int title;         /* columns of the pane's title, which the legend in the edge cannot use */
} ipd_curves;

/* Adds a curve, with the next colour. */
void ipd_curves_add(ipd_curves *c, const char *name, const char *field, int index);

/* For ipd_view.draw, .edge, .key and .mouse. */
void ipd_curves_draw(ipd_model *m, ipd_canvas *c, ipd_area inside, const ipd_curves *curves);
void ipd_curves_edge(ipd_model *m, ipd_canvas *c, ipd_area edge, const ipd_curves *curves);
int ipd_curves_key(ipd_model *m, int code, unsigned bit);
int ipd_curves_mouse(ipd_model *m, const ipd_mouse *e, ipd_area inside, const ipd_curves *curves);
/* The part of ipd_curves_key that moves the cursor: Left, Right, m, c and so on. */
int ipd_curves_cursor_key(ipd_model *m, int code);

#endif
