/* chart_frame.h - the geometry of a chart, for chart.c, chart_lines.c and chart_legend.c. */
#ifndef IPD_PLOT_CHART_FRAME_H
#define IPD_PLOT_CHART_FRAME_H

#include "plot/chart.h"
#include "plot/raster.h"

typedef struct ipd_chart_frame {
    ipd_area plot; /* inside of the axes */
    int axes;      /* 1: there is room for axes */
    ipd_scale x, y;
    ipd_tick x_ticks[IPD_MAX_TICKS], y_ticks[IPD_MAX_TICKS];
    int x_count, y_count;
    size_t points; /* largest number of visible points of a series */
    ipd_charset charset;
} ipd_chart_frame;

/* Returns the first index with x >= bound (after: x > bound), by bisection; count if there is
 * none. */
size_t ipd_chart_bisect(const ipd_values *x, size_t count, double bound, int after);
/* Returns the extremes of a series within the x axis, whose points are first ... last - 1. For a
 * scatter, those of the points within the axis; first and last then span all points. */
ipd_extremes ipd_chart_extremes(const ipd_scale *x, const ipd_series *s, size_t *first,
                                size_t *last);
/* Column and row of dots of a value, with `across` and `down` dots per cell. Values far outside the
 * plot, or without a place, are clamped to a few plot sizes. */
int ipd_chart_column(const ipd_chart_frame *f, double value, int across);
int ipd_chart_row(const ipd_chart_frame *f, double value, int down);
/* Draw a series: its points into the raster, and an arrow at the edge for each value beyond. */
void ipd_chart_line(ipd_raster *r, const ipd_chart_frame *f, const ipd_series *s, int index);
void ipd_chart_arrows(ipd_canvas *c, const ipd_chart_frame *f, const ipd_series *s);
/* Writes the letter of series k on its curve, at columns where the other series have none. */
void ipd_chart_letters(ipd_canvas *c, const ipd_chart_frame *f, const ipd_chart *chart, int k);

/* The character set for lines, and the line pattern of series k (see ipd_raster), which without
 * colours depends on k. */
ipd_charset ipd_chart_charset(const ipd_canvas *c, const ipd_chart *chart);
int ipd_chart_pattern(const ipd_canvas *c, const ipd_chart *chart, int k);
/* Returns the number of rows of the legend, 1 if more would take too much of the chart, and sets
 * *values to its form: 0 names, 1 names and values, 2 letters and values. With a cursor, values
 * have precedence over names. */
int ipd_chart_legend_rows(const ipd_canvas *c, ipd_area area, const ipd_chart *chart, int *values);
/* Draws the legend into several rows, from column `used` of the first one on. */
void ipd_chart_draw_legend_rows(ipd_canvas *c, ipd_area area, const ipd_chart *chart, int used,
                                int values);

#endif
