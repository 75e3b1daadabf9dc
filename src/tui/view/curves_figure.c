#include "tui/view/curves_figure.h"
#include "plot/figure.h"

#include <stdlib.h>

/* Copies the visible points of a series and one more at each end. Returns their memory, which the
 * caller frees; NULL if memory runs out. */
static double *points_of(const ipd_chart *chart, const ipd_series *from, ipd_figure_series *to)
{
    double *x = malloc((2 * from->count + 1) * sizeof *x), *y = x ? x + from->count : NULL;
    int all = !(chart->x_low < chart->x_high);
    size_t n = 0;

    for (size_t i = 0; x && i < from->count; i++) {
        double at = ipd_value_at(&from->x, i);
        if (!all && n && x[n - 1] < chart->x_low && at < chart->x_low)
            n--;
        if (!all && n && x[n - 1] > chart->x_high)
            break;
        x[n] = at;
        y[n++] = ipd_value_at(&from->y, i);
    }
    *to = (ipd_figure_series){.name = from->name,
                              .x = x,
                              .y = y,
                              .count = n,
                              .line = 1,
                              .marks = from->marks < 0 ? 0 : -1,
                              .colour = from->ink - IPD_INK_SERIES_1 + 1,
                              .dash = 1 + from->form % 4};
    return x;
}

/* Adds a vertical line over the whole height, with its number; `room` holds its four numbers. */
static void add_mark(double *room, double x, double low, double high, const char *name,
                     const char *number, ipd_figure_series *to)
{
    room[0] = room[1] = x;
    room[2] = low;
    room[3] = high;
    *to = (ipd_figure_series){.name = name,
                              .x = room,
                              .y = room + 2,
                              .count = 2,
                              .line = 1,
                              .colour = 8,
                              .dash = 3,
                              .tag = number};
}

int ipd_curves_figure(const ipd_chart *chart, const char *title, const char *y_label,
                      const char *const *marks, const char *path, ipd_error *e)
{
    int count = chart->series_count, all = count + chart->mark_count, failed = 0, named = 0;
    ipd_figure_series *series = calloc((size_t)all + 1, sizeof *series);
    double **points = calloc((size_t)count + 1, sizeof *points), low, high;
    double *lines = calloc(4 * (size_t)chart->mark_count + 1, sizeof *lines);

    ipd_chart_y_range(chart, &low, &high);
    for (int k = 0; series && points && k < count; k++) {
        points[k] = points_of(chart, &chart->series[k], &series[k]);
        failed |= !points[k];
        if (k >= count - chart->quiet) /* a curve before smoothing has the colour of its name */
            series[k].colour = 0;
    }
    for (int k = 0; series && lines && k < chart->mark_count; k++) {
        double x = chart->marks[k].x;
        if (!(chart->x_low < chart->x_high) || (x >= chart->x_low && x <= chart->x_high))
            add_mark(lines + 4 * k, x, low, high, marks[k], chart->marks[k].name,
                     &series[count + named++]);
    }
    ipd_panel panel = {.title = title,
                       .x_label = chart->x_label,
                       .y_label = y_label,
                       .x_kind = chart->x_kind,
                       .y_kind = chart->y_kind,
                       .x_whole = chart->x_whole,
                       .percent = chart->percent,
                       .x = {chart->x_low, chart->x_high},
                       .y = {low, high},
                       .series = series,
                       .series_count = count + named};
    ipd_figure figure = {.panels = &panel, .panel_count = 1, .width = 460, .height = 300};
    if (failed || !series || !points || !lines)
        failed = ipd_fail(e, IPD_EMEMORY, "out of memory for a figure");
    else
        failed = ipd_figure_write(&figure, path, e);
    for (int k = 0; points && k < count; k++)
        free(points[k]);
    free(points);
    free(series);
    free(lines);
    return failed;
}
