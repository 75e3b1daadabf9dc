/* curves.h - what the views with charts share: curves over the iterations with the model's cursor, range, marks
 * and overlays, and the keys that move them. Main thread. */
#ifndef IPD_TUI_VIEW_CURVES_H
#define IPD_TUI_VIEW_CURVES_H

#include "plot/chart.h"
#include "tui/view/view.h"

typedef struct ipd_curve {
    char name[24];
    const char *field;  /* of a record */
    ipd_read_fn *value; /* what is made of it, or NULL */
    int index;          /* of a field by layer or block, from 0 */
    int past;           /* 1: has ended; see ipd_series */
    ipd_ink ink;
} ipd_curve;

enum { IPD_MAX_CURVES = 8 };

/* One chart. */
typedef struct ipd_curves {
    ipd_curve list[IPD_MAX_CURVES];
    int count, more; /* `more` layers have no curve for lack of room */
    int compared;    /* so many of them, the first, are drawn for the overlays too */
    ipd_scale_kind y_kind;
    int percent;
    unsigned bit;      /* of this view in ipd_chart_state.y_flipped */
    int legend_inside; /* 1: the legend is not in the edge */
    int title; /* columns of the title, which the edge has not: there the legend goes where it fits */
} ipd_curves;

/* Adds a curve, with the next colour. */
void ipd_curves_add(ipd_curves *c, const char *name, const char *field, int index);

void ipd_curves_draw(ipd_model *m, ipd_canvas *c, ipd_area inside, const ipd_curves *curves);
void ipd_curves_edge(ipd_model *m, ipd_canvas *c, ipd_area edge, const ipd_curves *curves);
/* For ipd_view.key and .mouse. */
int ipd_curves_key(ipd_model *m, int code, unsigned bit);
int ipd_curves_mouse(ipd_model *m, const ipd_mouse *e, ipd_area inside, const ipd_curves *curves);

/* 1 where curves of other runs are drawn too. */
int ipd_curves_has_overlays(const ipd_model *m);
/* What is seen: 0 and 0 where it is everything. */
void ipd_curves_range(const ipd_model *m, double *low, double *high);

#endif
