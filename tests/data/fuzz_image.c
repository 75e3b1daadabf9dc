/* fuzz_image.c - arbitrary bytes as a file of images, PNG, PGM or IDX, and its first image as the input of a network.
 *
 * The target repairs the checksums of a PNG's chunks: behind them the parser must stand by itself.
 */
#include "data/image.h"
#include "tests/fuzz.h"

#include <math.h>
#include <zlib.h>

enum { SIDE = 7, SMALL = 1 << 16 }; /* of the input; of an image that is scaled, in pixels */

static uint32_t get(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void repair(uint8_t *png, size_t length)
{
    for (size_t at = 8; at + 12 <= length && get(png + at) <= length - at - 12;) {
        size_t n = get(png + at);
        uint32_t sum = (uint32_t)crc32(0, png + at + 4, (uInt)n + 4);
        at += 8 + n;
        for (int i = 0; i < 4; i++)
            png[at++] = (uint8_t)(sum >> 8 * (3 - i));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    float input[SIDE * SIDE];
    ipd_image_fit fit;
    ipd_images x;
    ipd_error e = {0};
    uint8_t *copy = (uint8_t *)fuzz_text(bytes, length);
    if (length > 8 && !memcmp(copy, "\x89PNG", 4))
        repair(copy, length);
    const char *path = fuzz_file(copy, length);
    free(copy);
    if (ipd_images_read(&x, path, &e)) {
        fuzz_check_error(&e, path);
        fuzz_check(!x.pixels && !x.count);
        return 0;
    }
    fuzz_check(x.count && x.width && x.height);
    if (x.width * x.height <= SMALL) {
        fuzz_check(!ipd_image_fit_to(x.pixels, x.width, x.height, input, SIDE, SIDE, &fit, &e));
        for (int i = 0; i < SIDE * SIDE; i++)
            fuzz_check(input[i] >= 0 && input[i] <= 1.00001f);
    }
    ipd_images_free(&x);
    fuzz_taken++;
    return 0;
}

FUZZ_MAIN("tests/data/corpus_image", NULL, 1500, 8)
