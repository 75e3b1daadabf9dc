/* digits.h - handwritten digits without a download: drawn from strokes, at random, repeatably. */
#ifndef IPD_DATA_DIGITS_H
#define IPD_DATA_DIGITS_H

#include <stddef.h>
#include <stdint.h>

enum {
    IPD_DIGITS_SIDE = 28,
    IPD_DIGITS_PIXELS = IPD_DIGITS_SIDE * IPD_DIGITS_SIDE,
    IPD_DIGITS_TRAIN = 6000, /* samples, unless told otherwise */
    IPD_DIGITS_TEST = 1000
};

/* Draws samples first ... first + count - 1 of the training part (test = 0) or the test part of
 * the data set that `seed` names. images: count times 28 x 28 bytes, row-major, ink 255 on 0;
 * labels: count digits; the caller owns both. Sample i depends on (seed, test, i) alone: the same
 * bytes on every machine, however many are asked for. Each ten samples from a multiple of ten on
 * hold each digit once. Cannot fail. Any thread. */
void ipd_digits_draw(uint8_t *images, uint8_t *labels, size_t first, size_t count, int test,
                     uint64_t seed);

#endif
