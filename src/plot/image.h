/* image.h - pictures in character cells: with colour two pixels per cell, one above the other;
 * without colour shades of ink. Any thread. */
#ifndef IPD_PLOT_IMAGE_H
#define IPD_PLOT_IMAGE_H

#include "plot/canvas.h"

/* A picture of values, borrowed: pixel (x, y) is values[(y * width + x) * stride]. */
typedef struct ipd_image {
    const float *values;
    int width, height;
    size_t count; /* of pixels; the rest of the last row is blank; 0: width * height */
    size_t stride;
    double low, high; /* the values shown black and white; signed: -high ... high */
    int is_signed;    /* 1: one colour for each sign; without colour, by magnitude */
} ipd_image;

/* The size of a picture in cells, if `shrink` x `shrink` pixels become one. */
int ipd_image_columns(const ipd_image *image, int shrink);
int ipd_image_rows(const ipd_image *image, int shrink);

/* Draws the picture from the upper left corner of the area on, clipped to the area; `shrink` x
 * `shrink` pixels become their mean. */
void ipd_image_draw(ipd_canvas *c, ipd_area area, const ipd_image *image, int shrink);

#endif
