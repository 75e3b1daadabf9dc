/* matrix64.h - matrices of double, column-major: Gram matrices, their factors, right-hand sides.
 *
 * Any thread but not from within a parallel task; the same bits for any number of threads.
 */
#ifndef IPD_BASE_MATRIX64_H
#define IPD_BASE_MATRIX64_H

#include "base/matrix.h"

typedef struct ipd_matrix64 {
    size_t rows, cols;
    double *data;
} ipd_matrix64;
/* rows x cols zeros, or uninitialised (unset). The caller owns them and calls
 * ipd_matrix64_free. */
int ipd_matrix64_init(ipd_matrix64 *m, size_t rows, size_t cols, ipd_error *e);
int ipd_matrix64_unset(ipd_matrix64 *m, size_t rows, size_t cols, ipd_error *e);
void ipd_matrix64_free(ipd_matrix64 *m);
/* to := from, of the same shape, on all threads; narrow converts to float. */
void ipd_matrix64_copy(const ipd_matrix64 *from, ipd_matrix64 *to);
void ipd_matrix64_narrow(const ipd_matrix64 *from, ipd_matrix *to);
/* The largest column sum of absolute values, on all threads; NaN if an element is NaN, infinite if
 * one is. */
double ipd_norm1_64(const ipd_matrix64 *A);
/* Sets elements (c, r) := (r, c) of A (leading dimension ld) for all elements (r, c) below the
 * diagonal in a tile; for use within tasks. */
void ipd_mirror32(float *A, size_t ld, size_t row, size_t rows, size_t col, size_t cols);
void ipd_mirror64(double *A, size_t ld, size_t row, size_t rows, size_t col, size_t cols);

#endif
