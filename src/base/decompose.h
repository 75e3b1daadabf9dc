/* decompose.h - solutions and decompositions of dense matrices in double, by LAPACK.
 *
 * Each runs on the calling thread, so the bits do not depend on the number of threads. Any thread,
 * but not from within a parallel task. Matrices that are called "overwritten" hold no useful values
 * afterwards. Errors: IPD_EMEMORY; IPD_ENUMERIC where LAPACK finds no result; IPD_EUSAGE where an
 * element is not finite or the matrix is too large for LAPACK. Operations are counted.
 */
#ifndef IPD_BASE_DECOMPOSE_H
#define IPD_BASE_DECOMPOSE_H

#include "base/matrix64.h"

/* B := A^{-1} B. A is n x n and overwritten, B is n x m. IPD_ENUMERIC if A is singular. */
int ipd_solve64(ipd_matrix64 *A, ipd_matrix64 *B, ipd_error *e);

/* X := the minimiser of |A X - B| of least norm, n x k. A is m x n, B is m x k; both are
 * overwritten. Singular values below 1e-6 of the largest count as zero; *rank is the number of the
 * others. The caller frees X. */
int ipd_least_squares64(ipd_matrix64 *A, ipd_matrix64 *B, ipd_matrix64 *X, int *rank, ipd_error *e);

/* A = U diag(S) Vt. With r = min(m, n), U is m x r, S is r x 1 in descending order, and Vt is r x
 * n. A is m x n and overwritten. The caller frees U, S and Vt. */
int ipd_svd64(ipd_matrix64 *A, ipd_matrix64 *U, ipd_matrix64 *S, ipd_matrix64 *Vt, ipd_error *e);

/* A = Q R. With r = min(m, n), Q is m x r, and R is r x n and upper triangular. A is m x n and
 * overwritten. The caller frees Q and R. */
int ipd_qr64(ipd_matrix64 *A, ipd_matrix64 *Q, ipd_matrix64 *R, ipd_error *e);

#endif
