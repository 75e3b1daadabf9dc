/* inputs.c - see inputs.h. */
#include "data/inputs.h"

#include "base/space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void scale(const ipd_encoding *encoding, const uint8_t *bytes, size_t rows, float *to)
{
    for (size_t i = 0; i < rows; i++)
        to[i] = bytes[i];
    ipd_encoding_apply(encoding, to);
}

const float *ipd_inputs_at(const ipd_inputs *x, size_t n, float *buffer)
{
    if (x->data)
        return x->data + n * x->rows;
    scale(x->encoding, x->bytes + n * x->rows, x->rows, buffer);
    return buffer;
}

void ipd_inputs_read(const ipd_inputs *x, size_t first, size_t step, size_t count, float *to)
{
    size_t d = x->rows;
    for (size_t i = 0; i < count; i++, to += d) {
        size_t n = first + i * step;
        if (x->data)
            memcpy(to, x->data + n * d, d * sizeof *to);
        else
            scale(x->encoding, x->bytes + n * d, d, to);
    }
}

/* The byte that this input was, if it was one. */
static uint8_t unscale(const ipd_encoding *encoding, size_t i, float x)
{
    float raw = encoding->scale == IPD_SCALE_PIXEL ? x * 255
                : encoding->offset                 ? x * encoding->divisor[i] + encoding->offset[i]
                                                   : x;
    return raw >= 0 && raw < 255.5F ? (uint8_t)lrintf(raw) : 0;
}

int ipd_inputs_bytes(const ipd_inputs *x, const ipd_encoding *encoding, size_t first, size_t count,
                     uint8_t *to)
{
    size_t d = x->rows;
    if (!x->data) {
        memcpy(to, x->bytes + first * d, count * d);
        return 0;
    }
    float *again = malloc(d * sizeof *again);
    int differs = !again;
    for (size_t n = first; n < first + count && !differs; n++, to += d) {
        const float *sample = x->data + n * d;
        for (size_t i = 0; i < d; i++)
            to[i] = unscale(encoding, i, sample[i]);
        scale(encoding, to, d, again);
        differs = memcmp(again, sample, d * sizeof *again) != 0;
    }
    free(again);
    return differs ? -1 : 0;
}

int ipd_inputs_are_bytes(const ipd_inputs *x, const ipd_encoding *encoding)
{
    uint8_t *bytes = x->data ? malloc(x->rows) : NULL;
    int are = !x->data || bytes;
    for (size_t n = 0; n < x->cols && x->data && are; n++)
        are = ipd_inputs_bytes(x, encoding, n, 1, bytes) == 0;
    free(bytes);
    return are;
}

void ipd_inputs_ahead(const ipd_inputs *x, size_t first, size_t count)
{
    if (x->data)
        ipd_read_ahead(x->data + first * x->rows, count * x->rows * sizeof *x->data);
    else
        ipd_read_ahead(x->bytes + first * x->rows, count * x->rows);
}
