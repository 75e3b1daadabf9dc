/* image.h - pictures in character cells: two pixels a cell one above the other in colour, shades of ink
 * without. Any thread. */
#ifndef IPD_PLOT_IMAGE_H
#define IPD_PLOT_IMAGE_H

#include "plot/canvas.h"

/* A picture of values, borrowed: pixel (x, y) is values[(y * width + x) * stride]. */
typedef struct ipd_image {
    const float *values;
    int width, height;
    size_t count; /* of pixels: those beyond it, in the last row, are blank; 0: all are there */
    size_t stride;
    double low, high; /* the values that are black and white; signed: -high ... high */
    int is_signed;    /* 1: in two colours to both sides of 0; without colour, by size */
} ipd_image;

/* Cells that a picture takes when `shrink` pixels in each direction become one. */
int ipd_image_columns(const ipd_image *image, int shrink);
int ipd_image_rows(const ipd_image *image, int shrink);

/* Draws it with its upper left corner at the area's, cut at the area's edges; `shrink` pixels in each direction become
 * their mean. */
void ipd_image_draw(ipd_canvas *c, ipd_area area, const ipd_image *image, int shrink);

#endif
