/* chart_frame.h - shared by chart.c, chart_lines.c and chart_legend.c: where the parts of a chart lie. */
#ifndef IPD_PLOT_CHART_FRAME_H
#define IPD_PLOT_CHART_FRAME_H

#include "plot/chart.h"
#include "plot/raster.h"

typedef struct ipd_chart_frame {
    ipd_area plot; /* inside of the axes */
    int axes;      /* 1: there is room for them */
    ipd_scale x, y;
    ipd_tick x_ticks[IPD_MAX_TICKS], y_ticks[IPD_MAX_TICKS];
    int x_count, y_count;
    size_t points; /* seen of the series that has most */
    ipd_charset charset;
} ipd_chart_frame;

/* The points of a series within the x axis: first ... last - 1. Not of a scatter. */
void ipd_chart_seen(const ipd_scale *x, const ipd_series *s, size_t *first, size_t *last);
/* What they hold. Of a scatter, the points within the axis; first and last are then all. */
ipd_extremes ipd_chart_extremes(const ipd_scale *x, const ipd_series *s, size_t *first,
                                size_t *last);
/* Column and row of dots of a value, `across` and `down` of them to a cell. Values far beyond the plot, and those
 * without a place, are a few plots away. */
int ipd_chart_column(const ipd_chart_frame *f, double value, int across);
int ipd_chart_row(const ipd_chart_frame *f, double value, int down);
/* Draws the points of a series into the raster, and arrows at the edges of the plot where values have
 * no place on the axis. */
void ipd_chart_line(ipd_raster *r, const ipd_chart_frame *f, const ipd_series *s, int index);
void ipd_chart_arrows(ipd_canvas *c, const ipd_chart_frame *f, const ipd_series *s);

/* The characters that lines are drawn with, and how series k is drawn: without colour by its place. */
ipd_charset ipd_chart_charset(const ipd_canvas *c, const ipd_chart *chart);
int ipd_chart_pattern(const ipd_canvas *c, const ipd_chart *chart, int k);
/* Rows of the legend, and whether it has values: those at the cursor are left out last of all. One row where it
 * would take too much of the chart. */
int ipd_chart_legend_rows(const ipd_canvas *c, ipd_area area, const ipd_chart *chart, int *values);
/* Draws it into several rows, from column `used` of the first one on. */
void ipd_chart_draw_legend_rows(ipd_canvas *c, ipd_area area, const ipd_chart *chart, int used,
                                int values);

#endif
