/* raster.h - dots of several series in a rectangle of cells: the inside of a chart. */
#ifndef IPD_PLOT_RASTER_H
#define IPD_PLOT_RASTER_H

#include "plot/canvas.h"

typedef struct ipd_raster {
    int columns, rows;       /* cells */
    int across, down;        /* dots per cell: 2 x 4 braille, 1 x 2 half blocks, 1 x 1 ASCII */
    int width, height;       /* dots */
    int monochrome;          /* series differ in pattern */
    unsigned char *patterns; /* per series: 0 solid, 1, 2, 3 broken */
    char *letters;           /* per series, in place of its glyph; 0: none */
    ipd_charset charset;
    int marked;          /* 1: there are marks */
    int count;           /* series */
    unsigned char *dots; /* count planes of rows * columns: bit across * y + x of the cell's dots */
    int *marks;          /* rows * columns: 1 + the first series that has a mark there, negative if
                            several have; 0: none */
} ipd_raster;

/* Makes an empty raster for this number of series, which are solid and have no letters. The caller
 * frees it. -1 and *e if memory runs out. */
int ipd_raster_init(ipd_raster *r, int columns, int rows, ipd_charset charset, int monochrome,
                    int series, ipd_error *e);
void ipd_raster_free(ipd_raster *r);

/* One dot of a series, even in a gap of its broken line. Clipped to the raster. */
void ipd_raster_dot(ipd_raster *r, int series, int x, int y);
/* A line of dots of a series, both ends included. Clipped to the raster. */
void ipd_raster_line(ipd_raster *r, int series, int x0, int y0, int x1, int y1);
/* A mark in the cell of a dot. */
void ipd_raster_mark(ipd_raster *r, int series, int x, int y);

/* Draws all cells with dots or marks on the canvas at (x, y). inks: one per series. A cell of
 * several series shows the first of them, or without colours all. */
void ipd_raster_draw(const ipd_raster *r, ipd_canvas *c, int x, int y, const ipd_ink *inks);

/* Samples of a series' line and of its mark for the legend, in UTF-8. */
const char *ipd_raster_sample(ipd_charset charset, int series, int pattern);
const char *ipd_raster_mark_sample(ipd_charset charset, int monochrome, int series);

#endif
