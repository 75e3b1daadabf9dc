/* curves.h - shared by the views with charts: curves over the iterations with the model's cursor,
 * range, marks and overlays, and the keys that move them. Main thread. */
#ifndef IPD_TUI_VIEW_CURVES_H
#define IPD_TUI_VIEW_CURVES_H

#include "plot/chart.h"
#include "tui/view/view.h"

typedef struct ipd_curve {
    char name[24];
    const char *field;  /* name of a field of records */
    ipd_read_fn *value; /* computes the value from the field; NULL: the field itself */
    int index;          /* of a field by layer or block, from 0 */
    int past;           /* 1: has ended; see ipd_series */
    ipd_ink ink;
} ipd_curve;

enum { IPD_MAX_CURVES = 8 };

/* One chart. */
typedef struct ipd_curves {
    ipd_curve list[IPD_MAX_CURVES];
    int count, more; /* `more`: layers without a curve for lack of room */
    int compared;    /* the first `compared` curves are also drawn for overlays */
    ipd_scale_kind y_kind;
    int percent;
    unsigned bit;      /* of this view in ipd_chart_state.y_flipped */
    int legend_inside; /* 1: the legend is inside the chart, not in the edge */
    int title;         /* columns of the title, which the legend cannot use in the edge */
} ipd_curves;

/* Adds a curve, with the next colour. */
void ipd_curves_add(ipd_curves *c, const char *name, const char *field, int index);

void ipd_curves_draw(ipd_model *m, ipd_canvas *c, ipd_area inside, const ipd_curves *curves);
void ipd_curves_edge(ipd_model *m, ipd_canvas *c, ipd_area edge, const ipd_curves *curves);
/* For ipd_view.key and .mouse. */
int ipd_curves_key(ipd_model *m, int code, unsigned bit);
/* The keys of the cursor alone: Left, Right, m, c and so on. */
int ipd_curves_cursor_key(ipd_model *m, int code);
int ipd_curves_mouse(ipd_model *m, const ipd_mouse *e, ipd_area inside, const ipd_curves *curves);

#endif
