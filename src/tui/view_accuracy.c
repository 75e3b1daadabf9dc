/* view_accuracy.c - the forward pass's accuracies on training and test samples. */
#include "plot/chart.h"
#include "tui/view.h"

static void draw(ipd_model *m, ipd_canvas *c, ipd_area inside)
{
    const double *x = ipd_model_column(m, "iteration");
    ipd_series both[2] = {
        {.name = "train", .y = ipd_model_column(m, "train_accuracy"), .ink = IPD_INK_SERIES_1 + 1},
        {.name = "test", .y = ipd_model_column(m, "test_accuracy"), .ink = IPD_INK_SERIES_1 + 2}};
    ipd_chart chart = {.x_label = "iteration",
                       .x_whole = 1,
                       .x_reach = 10,
                       .percent = 1,
                       .series = both,
                       .series_count = 2,
                       .legend = 1};

    if (!x || !both[0].y || !both[1].y)
        return;
    both[0].x = both[1].x = x;
    both[0].count = both[1].count = m->record_count;
    ipd_chart_draw(c, inside, &chart);
}

const ipd_view ipd_view_accuracy = {.name = "accuracy", .framed = 1, .draw = draw};
