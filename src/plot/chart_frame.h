/* chart_frame.h - what chart.c and chart_lines.c share: where the parts of a chart lie. */
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

/* The points of a series within the x axis: first ... last - 1. */
void ipd_chart_seen(const ipd_scale *x, const ipd_series *s, size_t *first, size_t *last);
/* Column and row of dots of a value, `across` and `down` of them to a cell. */
int ipd_chart_column(const ipd_chart_frame *f, double value, int across);
int ipd_chart_row(const ipd_chart_frame *f, double value, int down);
/* Draws the points of a series into the raster, and arrows at the edges of the plot where values have
 * no place on the axis. */
void ipd_chart_line(ipd_raster *r, const ipd_chart_frame *f, const ipd_series *s, int index);
void ipd_chart_arrows(ipd_canvas *c, const ipd_chart_frame *f, const ipd_series *s);

#endif
