/* view_accuracy.c - the forward pass's accuracies on training and test samples. */
#include "plot/chart.h"
#include "tui/view.h"

/* 0 where there is nothing to draw yet. */
static int make_chart(ipd_model *m, ipd_series both[2], ipd_chart *chart)
{
    const double *x = ipd_model_column(m, "iteration");

    both[0] = (ipd_series){.name = "train",
                           .x = x,
                           .y = ipd_model_column(m, "train_accuracy"),
                           .count = m->record_count,
                           .ink = IPD_INK_SERIES_1 + 1};
    both[1] = (ipd_series){.name = "test",
                           .x = x,
                           .y = ipd_model_column(m, "test_accuracy"),
                           .count = m->record_count,
                           .ink = IPD_INK_SERIES_1 + 2};
    *chart = (ipd_chart){.x_label = "iteration",
                         .x_whole = 1,
                         .x_reach = 10,
                         .percent = 1,
                         .series = both,
                         .series_count = 2};
    return x && both[0].y && both[1].y;
}

static void draw_edge(ipd_model *m, ipd_canvas *c, ipd_area edge)
{
    ipd_series both[2];
    ipd_chart chart;

    if (!make_chart(m, both, &chart) || edge.width < 20)
        return;
    ipd_canvas_clear(c, edge); /* no frame between the words */
    int used = ipd_chart_legend(c, edge.x + 1, edge.y, edge.width - 2, &chart);
    for (int x = used + 2; x < edge.width; x++)
        ipd_canvas_put(c, edge.x + x, edge.y, c->charset == IPD_ASCII ? '-' : 0x2500, IPD_INK_FRAME,
                       0);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area inside)
{
    ipd_series both[2];
    ipd_chart chart;

    if (make_chart(m, both, &chart))
        ipd_chart_draw(c, inside, &chart);
}

const ipd_view ipd_view_accuracy = {
    .name = "accuracy", .framed = 1, .edge = draw_edge, .draw = draw};
