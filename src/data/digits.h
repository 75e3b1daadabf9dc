/* digits.h - generates handwritten digits from strokes, at random but repeatably, without a
 * download. */
#ifndef IPD_DATA_DIGITS_H
#define IPD_DATA_DIGITS_H

#include <stddef.h>
#include <stdint.h>

enum {
    IPD_DIGITS_SIDE = 28,
    IPD_DIGITS_PIXELS = IPD_DIGITS_SIDE * IPD_DIGITS_SIDE,
    IPD_DIGITS_TRAIN = 6000, /* default number of samples */
    IPD_DIGITS_TEST = 1000
};

/* Draws samples first ... first + count - 1 of the training part (test = 0) or the test part of the
 * data set with this seed. images: count times 28 x 28 bytes, row-major, ink 255 on 0; labels:
 * count digits; the caller owns both. Sample i depends only on (seed, test, i), so its bytes are
 * the same on every machine and for any count. Samples 10 k ... 10 k + 9 hold each digit once.
 * Cannot fail. Any thread. */
void ipd_digits_draw(uint8_t *images, uint8_t *labels, size_t first, size_t count, int test,
                     uint64_t seed);

#endif
