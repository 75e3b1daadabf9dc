/* curves.h - what the views with charts share: curves over the iterations with the model's cursor, range, marks
 * and overlays, and the keys that move them. Main thread. */
#ifndef IPD_TUI_VIEW_CURVES_H
#define IPD_TUI_VIEW_CURVES_H

#include "plot/chart.h"
#include "tui/view/view.h"

typedef struct ipd_curve {
    char name[24];
    const char *field;   /* of a record; or */
    ipd_value_fn *value; /* what is made of one */
    int index;           /* of a field by layer or block, from 0 */
    int past;            /* 1: has ended; see ipd_series */
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
/* A curve a layer: "1", "2", ... from layer 1 to `last`; those beyond the room are counted in `more`. */
void ipd_curves_add_layers(ipd_curves *c, const char *field, int last);

void ipd_curves_draw(ipd_model *m, ipd_canvas *c, ipd_area inside, const ipd_curves *curves);
void ipd_curves_edge(ipd_model *m, ipd_canvas *c, ipd_area edge, const ipd_curves *curves);
/* For ipd_view.key and .mouse. */
int ipd_curves_key(ipd_model *m, int code, unsigned bit);
int ipd_curves_mouse(ipd_model *m, const ipd_mouse *e, ipd_area inside, const ipd_curves *curves);

/* A view that is one chart with its legend in the edge: `make(m, &curves)` says what is in it. */
#define IPD_CURVES_VIEW(NAME, make, bit)                                                           \
    static void draw_edge(ipd_model *m, ipd_canvas *c, ipd_area edge)                              \
    {                                                                                              \
        ipd_curves curves;                                                                         \
        make(m, &curves);                                                                          \
        curves.title = sizeof #NAME - 1;                                                           \
        ipd_curves_edge(m, c, edge, &curves);                                                      \
    }                                                                                              \
    static void draw(ipd_model *m, ipd_canvas *c, ipd_area inside)                                 \
    {                                                                                              \
        ipd_curves curves;                                                                         \
        make(m, &curves);                                                                          \
        curves.title = sizeof #NAME - 1;                                                           \
        ipd_curves_draw(m, c, inside, &curves);                                                    \
    }                                                                                              \
    static int key(ipd_model *m, int code)                                                         \
    {                                                                                              \
        return ipd_curves_key(m, code, bit);                                                       \
    }                                                                                              \
    static int mouse(ipd_model *m, const ipd_mouse *e, ipd_area inside)                            \
    {                                                                                              \
        ipd_curves curves;                                                                         \
        make(m, &curves);                                                                          \
        return ipd_curves_mouse(m, e, inside, &curves);                                            \
    }                                                                                              \
    const ipd_view ipd_view_##NAME = {.name = #NAME,                                               \
                                      .context = "chart",                                          \
                                      .framed = 1,                                                 \
                                      .edge = draw_edge,                                           \
                                      .draw = draw,                                                \
                                      .key = key,                                                  \
                                      .mouse = mouse};

/* 1 where curves of other runs are drawn too. */
int ipd_curves_has_overlays(const ipd_model *m);
/* What is seen: 0 and 0 where it is everything. */
void ipd_curves_range(const ipd_model *m, double *low, double *high);

#endif
