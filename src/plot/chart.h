/* chart.h - line charts in character cells, for the screen and for the command line.
 *
 *     ipd_series s = {.name = "Φ", .x = k, .y = phi, .count = n, .ink = IPD_INK_SERIES_1};
 *     ipd_chart chart = {.title = "objective", .x_label = "iteration", .y_kind = IPD_LOG,
 *                        .x_whole = 1, .series = &s, .series_count = 1};
 *     ipd_chart_text(stdout, &chart, 72, 16, ipd_charset_of_locale(), isatty(1), &e);
 */
#ifndef IPD_PLOT_CHART_H
#define IPD_PLOT_CHART_H

#include "plot/canvas.h"
#include "plot/scale.h"
#include "plot/summary.h"

/* One line of a chart; it borrows everything. x is finite and ascends, except in a scatter. A NaN in y
 * leaves a gap; an infinite y, or on a log axis one that is not positive, shows as an arrow at the edge. */
typedef struct ipd_series {
    const char *name;
    const double *x, *y; /* count of each */
    size_t count;
    int scatter; /* 1: x is in any order, and not finite where there is no point */
    int no_line; /* 1: points are not joined */
    int marks;   /* 0: a mark on each point where they are few; 1 always, -1 never */
    int past;    /* 1: has ended, so the legend's place does not depend on it */
    ipd_ink ink;
    const ipd_summary *summary; /* of y, so that very many points are drawn fast; or NULL */
    const char *note;           /* after its value in the legend, or NULL */
    int form; /* 0: as its place in the chart asks; 1, 2, 3: a broken line, also in colour */
} ipd_series;

/* A place on the x axis where something happened, with its name on the axis ("1"). */
typedef struct ipd_chart_mark {
    double x;
    const char *name;
} ipd_chart_mark;

enum { IPD_MAX_SERIES = 12 };

typedef struct ipd_chart {
    const char *title;   /* first row, or NULL for none */
    const char *x_label; /* at the right end of the x axis, or NULL */
    ipd_scale_kind x_kind, y_kind;
    int x_whole;    /* 1: x counts something, ticks are whole numbers */
    int percent;    /* 1: y holds fractions: shown in percent, axis within 0 ... 100 % */
    double x_reach; /* the x axis reaches at least this far; 0: as far as the data */
    const ipd_series *series;
    int series_count; /* up to IPD_MAX_SERIES */
    int legend;       /* 1: a row with the series' names and values, beside the title */
    /* What is seen of the x axis; both 0: everything. The y axis fits what is seen, or is given too. */
    double x_low, x_high, y_low, y_high;
    int has_cursor; /* 1: a line at x = cursor */
    double cursor;
    double legend_at; /* of a difference: the legend's place in the chart above it; 0: by itself */
    const ipd_chart_mark *marks; /* by x, ascending */
    int mark_count;
    int difference; /* 1: of two charts, to stand below one of them: with a line at zero and signs, without an x axis */
    int margin;  /* columns to the left of the plot, at least; see ipd_chart_margin */
    int coarser; /* draws lines with a poorer set of characters than the canvas's, by so many */
} ipd_chart;

/* Draws the chart into the area: axes, ticks, a legend where there are several series. Dots of
 * several series in one cell are all drawn, in IPD_INK_MIXED. Where points are many, each column of
 * dots spans their least to their largest value, and the axis says how many share a column; where
 * they are few, each has a mark. In an area too small for axes only the lines are drawn. */
void ipd_chart_draw(ipd_canvas *c, ipd_area area, const ipd_chart *chart);

/* The x of the chart at a column of the canvas, where the chart was drawn into this area; NAN where
 * that column is not within the axes. For the mouse. */
double ipd_chart_x_at(const ipd_canvas *c, ipd_area area, const ipd_chart *chart, int column);

/* What a second chart needs to be in line with this one, drawn into an area of this size: columns to the left of the
 * plot, and the ends of the x axis. */
int ipd_chart_margin(const ipd_canvas *c, ipd_area area, const ipd_chart *chart);
void ipd_chart_x_range(const ipd_chart *chart, double *low, double *high);

/* The legend's place: all its values are of one x, so that they can be compared. That is the cursor; without one,
 * the last x at which every series has a value. A series without a value there has a dash. The legend says
 * "at 6" unless that is the end of every series. NaN where the series have no x in common: the legend then has
 * the last value of each and says so. */
double ipd_chart_legend_place(const ipd_chart *chart);

/* Columns that the legend takes in one row, with or without values. With a cursor, a legend in the chart takes
 * several rows where all values need them. */
int ipd_chart_legend_columns(const ipd_canvas *c, const ipd_chart *chart, int values);

/* Draws the legend alone into one row. Values are left out where there is no room for them. Returns the
 * columns used. */
int ipd_chart_legend(ipd_canvas *c, int x, int y, int width, const ipd_chart *chart);

/* Writes the chart as `height` lines of at most `width` columns; with `colour`, in ANSI colours,
 * otherwise series differ in form. Any thread. */
int ipd_chart_text(FILE *to, const ipd_chart *chart, int width, int height, ipd_charset charset,
                   int colour, ipd_error *e);

#endif
