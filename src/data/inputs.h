/* inputs.h - the inputs of samples: floats, or bytes that are scaled when they are read.
 *
 * Imported pictures are bytes, which take a quarter of the space of floats.
 */
#ifndef IPD_DATA_INPUTS_H
#define IPD_DATA_INPUTS_H

#include "base/matrix.h"
#include "data/encoding.h"

#include <stdint.h>

/* Borrows all of it. Column n is sample n. */
typedef struct ipd_inputs {
    size_t rows, cols;
    const float *data;            /* rows x cols; NULL: `bytes` has them */
    const uint8_t *bytes;         /* rows x cols raw values */
    const ipd_encoding *encoding; /* scales the bytes */
} ipd_inputs;

static inline ipd_inputs ipd_inputs_of(const ipd_matrix *m)
{
    return (ipd_inputs){.rows = m->rows, .cols = m->cols, .data = m->data};
}

/* Returns sample n: a pointer to the floats, or `buffer` (rows floats) with the scaled bytes. Any
 * thread. */
const float *ipd_inputs_at(const ipd_inputs *x, size_t n, float *buffer);

/* Copies samples first, first + step, ...: `count` of them, rows floats each. Any thread. */
void ipd_inputs_read(const ipd_inputs *x, size_t first, size_t step, size_t count, float *to);

/* Writes the bytes of `count` samples from `first` on, rows bytes each. Returns -1 if a sample is
 * not made of bytes: scaling them gives other bits. */
int ipd_inputs_bytes(const ipd_inputs *x, const ipd_encoding *encoding, size_t first, size_t count,
                     uint8_t *to);

/* 1 if all samples, possibly none, are made of bytes. */
int ipd_inputs_are_bytes(const ipd_inputs *x, const ipd_encoding *encoding);

/* Asks the kernel to read these samples soon. */
void ipd_inputs_ahead(const ipd_inputs *x, size_t first, size_t count);

#endif
