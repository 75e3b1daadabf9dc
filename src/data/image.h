/* image.h - image files as inputs of a network: PNG, PGM, or the images of an IDX file. */
#ifndef IPD_DATA_IMAGE_H
#define IPD_DATA_IMAGE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

typedef struct ipd_images {
    size_t count, width, height;
    uint8_t *pixels; /* count images, row by row, 0 is black; owned */
} ipd_images;

/* Reads a file, whose kind its first bytes say. Fails with a sentence that names it. Any thread. */
int ipd_images_read(ipd_images *images, const char *path, ipd_error *e);
void ipd_images_free(ipd_images *images); /* takes {0} */

/* What was done to make an image an input. */
typedef struct ipd_image_fit {
    int inverted; /* 1: its background was light */
    int scaled;   /* 1: what is drawn was cut out, scaled and centred, as MNIST's digits are */
} ipd_image_fit;

/* Makes one image (width x height) an input of `to_width` x `to_height` values, 0 ... 1, light on dark. */
int ipd_image_fit_to(const uint8_t *pixels, size_t width, size_t height, float *to, size_t to_width,
                     size_t to_height, ipd_image_fit *fit, ipd_error *e);

#endif
