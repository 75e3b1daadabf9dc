/* chart.h - line charts in character cells, for the screen and for the command line.
 *
 *     ipd_series s = {.name = "Φ", .x = {k}, .y = {phi}, .count = n, .ink = IPD_INK_SERIES_1};
 *     ipd_chart chart = {.title = "objective", .x_label = "iteration", .y_kind = IPD_LOG,
 *                        .x_whole = 1, .series = &s, .series_count = 1};
 *     ipd_chart_text(stdout, &chart, 72, 16, ipd_charset_of_locale(), isatty(1), &e);
 */
#ifndef IPD_PLOT_CHART_H
#define IPD_PLOT_CHART_H

#include "plot/canvas.h"
#include "plot/scale.h"
#include "plot/summary.h"

/* One line of a chart; borrows all arrays. x is finite and ascending, except in a scatter. A NaN in
 * y leaves a gap; an infinite y, or a nonpositive one on a log axis, is an arrow at the edge. */
typedef struct ipd_series {
    const char *name;
    ipd_values x, y; /* count of each */
    size_t count;
    int scatter; /* 1: x is in any order; points with a non-finite x are skipped */
    int no_line; /* 1: points are not joined */
    int marks;   /* on each point: 0 if there are few points, 1 always, -1 never */
    int past;    /* 1: has ended, and does not affect the place of the legend */
    ipd_ink ink;
    const ipd_summary *summary; /* of y, to draw many points fast; or NULL */
    const char *note;           /* after its value in the legend, or NULL */
    int form;                   /* 0: by index; 1, 2, 3: a broken line, also in colour */
    char letter;                /* of its run, on the curve and in the legend; 0: none */
} ipd_series;

/* An event on the x axis, with its name on the axis ("1"). */
typedef struct ipd_chart_mark {
    double x;
    const char *name;
    ipd_ink ink; /* 0: that of warnings */
} ipd_chart_mark;

typedef struct ipd_chart {
    const char *title;   /* first row, or NULL for none */
    const char *x_label; /* at the right end of the x axis, or NULL */
    ipd_scale_kind x_kind, y_kind;
    int x_whole;    /* 1: x counts something, ticks are whole numbers */
    int percent;    /* 1: y holds fractions: shown in percent, axis within 0 ... 100 % */
    double x_reach; /* the x axis reaches at least this far; 0: as far as the data */
    const ipd_series *series;
    int series_count;
    int quiet;  /* the last `quiet` series are not in the legend and do not affect its place */
    int legend; /* 1: a row with the series' names and values, beside the title */
    /* The visible part of the x axis; both 0: all of it. The y axis fits it, unless given. */
    double x_low, x_high, y_low, y_high;
    int has_cursor; /* 1: a line at x = cursor */
    double cursor;
    const char *cursor_text; /* the cursor's x in words; NULL: the number */
    const char *x_unit;      /* after a number of x in the legend (" s"), or NULL */
    /* 1: x is measured, such as seconds, and no x is common to the series. Of a series that
     * continues beyond the legend's place, the legend shows the last value up to there. */
    int x_measured;
    const char *note; /* the legend's last entry, or NULL */
    double legend_at; /* of a difference: the legend's place in the chart above; 0: its own */
    const ipd_chart_mark *marks; /* by x, ascending */
    int mark_count;
    int difference; /* 1: drawn below a chart: zero line and signs, no x axis */
    int margin;     /* minimum columns to the left of the plot; see ipd_chart_margin */
    int coarser;    /* 1, 2: lines use the next, the last charset below the canvas's */
} ipd_chart;

/* Draws the chart into the area: title and legend if there are any, axes, ticks and curves. A cell
 * with dots of several series shows the first of them, or without colours all. If there are many
 * points, each column of dots spans the smallest to the largest value, and the axis gives the
 * points per column; if there are few, each has a mark. An area too small for axes has lines
 * only. */
void ipd_chart_draw(ipd_canvas *c, ipd_area area, const ipd_chart *chart);

/* Returns the x at a column of the canvas, for a chart drawn into this area; NAN outside the axes.
 * For the mouse. */
double ipd_chart_x_at(const ipd_canvas *c, ipd_area area, const ipd_chart *chart, int column);

/* For a second chart that is aligned with this one: the columns to the left of the plot in an area
 * of this size, and the ends of the x axis. */
int ipd_chart_margin(const ipd_canvas *c, ipd_area area, const ipd_chart *chart);
void ipd_chart_x_range(const ipd_chart *chart, double *low, double *high);
/* The ends of the y axis. */
void ipd_chart_y_range(const ipd_chart *chart, double *low, double *high);

/* Returns the place of the legend: all its values belong to one x, so that they can be compared. It
 * is the cursor, or else the last x at which every series has a value. A series without a value
 * there has a dash. The legend says "at 6" unless every series ends there. NaN if the series have
 * no x in common: the legend then has the last value of each and says so. */
double ipd_chart_legend_place(const ipd_chart *chart);

/* Returns the index of the point whose value the legend shows for a series; s->count if there is
 * none. place: of the legend. */
size_t ipd_chart_legend_point(const ipd_chart *chart, const ipd_series *s, double place);

/* Returns the columns of the legend in one row, with or without values. With a cursor, a legend in
 * the chart takes several rows if its values need them. */
int ipd_chart_legend_columns(const ipd_canvas *c, const ipd_chart *chart, int values);

/* Draws only the legend, in one row, without values if they do not fit. Returns its columns. */
int ipd_chart_legend(ipd_canvas *c, int x, int y, int width, const ipd_chart *chart);

/* Writes the chart as `height` lines of at most `width` columns, in ANSI colours if `colour`,
 * otherwise with series that differ in form. Any thread. */
int ipd_chart_text(FILE *to, const ipd_chart *chart, int width, int height, ipd_charset charset,
                   int colour, ipd_error *e);

#endif
