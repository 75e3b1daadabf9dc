/* image.h - reads images as network inputs: PNG, PGM, or the images of an IDX file. */
#ifndef IPD_DATA_IMAGE_H
#define IPD_DATA_IMAGE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

typedef struct ipd_images {
    size_t count, width, height;
    uint8_t *pixels; /* count images, row by row, 0 is black; owned */
} ipd_images;

/* Reads a file; its first bytes determine the format. The error names the file. Any thread. */
int ipd_images_read(ipd_images *images, const char *path, ipd_error *e);
/* Reads one PNG or PGM as it is, with 1 (grey) or 3 colours per pixel. Any thread. */
int ipd_images_read_planes(ipd_images *images, const char *path, int colours, ipd_error *e);
void ipd_images_free(ipd_images *images); /* accepts {0} */

/* Reads one PNG or PGM (colours = 3: PNG only) as training reads a folder of them: scaled by area
 * means to `colours` planes of width x height values, 0 ... 255, in `to`. In pictures.c. Any
 * thread. */
int ipd_picture_read(const char *path, size_t colours, size_t width, size_t height, float *to,
                     ipd_error *e);

/* The changes that made an image an input. */
typedef struct ipd_image_fit {
    int inverted; /* 1: inverted, because the background was light */
    int scaled;   /* 1: the drawing was cut out, scaled and centred like MNIST's digits */
} ipd_image_fit;

/* Converts one image (width x height) to an input of to_width x to_height values, 0 ... 1, light on
 * dark. */
int ipd_image_fit_to(const uint8_t *pixels, size_t width, size_t height, float *to, size_t to_width,
                     size_t to_height, ipd_image_fit *fit, ipd_error *e);

#endif
