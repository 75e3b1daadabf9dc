/* matrix.h - dense matrices of float, column-major and contiguous.
 *
 * Samples are columns: a d x N matrix holds sample n in data[n*d .. n*d + d), so a range
 * of samples is a contiguous piece of memory.
 */
#ifndef IPD_BASE_MATRIX_H
#define IPD_BASE_MATRIX_H

#include "base/error.h"

#include <stddef.h>

typedef struct ipd_matrix {
    size_t rows, cols;
    float *data; /* rows*cols, element (i, j) at data[i + j*rows]; NULL when empty */
} ipd_matrix;

/* Allocates rows x cols zeros, aligned to 64 bytes. The caller owns it and calls ipd_matrix_free.
 */
int ipd_matrix_init(ipd_matrix *m, size_t rows, size_t cols, ipd_error *e);

/* Releases m's memory and empties it. Accepts an empty matrix. */
void ipd_matrix_free(ipd_matrix *m);

/* to := from. Shapes must agree. */
void ipd_matrix_copy(ipd_matrix *to, const ipd_matrix *from);

/* A view of columns first ... first+count-1; valid as long as m is. Do not free it. */
ipd_matrix ipd_matrix_columns(const ipd_matrix *m, size_t first, size_t count);

/* The fraction of m's elements that are exactly zero; 0 if m is empty. */
double ipd_matrix_zeros(const ipd_matrix *m);

/* Swaps two matrices by their pointers. */
void ipd_matrix_swap(ipd_matrix *x, ipd_matrix *y);

/* count*size zero bytes aligned to 64; NULL and *e on overflow or if memory runs out.
 * free() them. */
void *ipd_allocate(size_t count, size_t size, ipd_error *e);
/* The same, uninitialised. */
void *ipd_allocate_unset(size_t count, size_t size, ipd_error *e);
/* Asks the kernel for large pages for fresh memory of 32 MiB or more: with pages of 4 KiB, the
 * first touch takes a fifth of the time of a product that fills the memory. */
void ipd_use_huge_pages(void *p, size_t bytes);
/* Grows *memory, which holds *have floats, to at least `floats`. Growing loses the values. On
 * failure *memory is NULL and *have is 0. */
int ipd_reserve(float **memory, size_t *have, size_t floats, ipd_error *e);

#endif
