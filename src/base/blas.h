/* blas.h - the only calls to BLAS and LAPACK (OpenBLAS).
 *
 * Everything here gives the same bits for any number of threads: output is cut into tiles by its
 * shape alone, each tile is computed by one thread with BLAS on one thread, and sums over samples
 * add fixed chunks in order. Matrices are column-major; samples are columns. Unless a comment says
 * otherwise: call from any thread but not from within a parallel task; shapes must conform
 * (asserted); operations are counted for the calling thread (ipd_flops).
 */
#ifndef IPD_BASE_BLAS_H
#define IPD_BASE_BLAS_H

#include "base/matrix64.h"

#include <stdint.h>

typedef enum ipd_transpose { IPD_PLAIN, IPD_TRANSPOSED } ipd_transpose;

/* Limits OpenBLAS to one thread; ipd_parallel_for distributes the work. */
void ipd_blas_one_thread(void);
/* Ensures address space for `threads` computing threads; without it OpenBLAS hangs. On failure the
 * error says how much is missing. Call while no task runs. */
int ipd_blas_reserve(int threads, ipd_error *e);
/* "0.3.21" and the kernel in use, "Haswell"; static strings. */
const char *ipd_blas_version(void);
const char *ipd_blas_kernel(void);
/* 1 if this OpenBLAS can choose among several kernels at run time. */
int ipd_blas_is_dynamic(void);

/* Floating-point operations counted for this thread since it began. */
uint64_t ipd_flops(void);
void ipd_flops_add(uint64_t count);

/* C := alpha op(A) op(B) + beta C on the calling thread, for use within tasks; C is m x n, the
 * inner dimension is k. Not counted: the code that starts the tasks counts. */
void ipd_sgemm(ipd_transpose ta, ipd_transpose tb, size_t m, size_t n, size_t k, float alpha,
               const float *A, size_t lda, const float *B, size_t ldb, float beta, float *C,
               size_t ldc);

/* The same in double. */
void ipd_dgemm(ipd_transpose ta, ipd_transpose tb, size_t m, size_t n, size_t k, double alpha,
               const double *A, size_t lda, const double *B, size_t ldb, double beta, double *C,
               size_t ldc);

/* The lower triangle of C := A^T A (A is k x n), by one ssyrk on the calling thread, for use within
 * tasks. Not counted. */
void ipd_ssyrk(size_t n, size_t k, const float *A, float *C);
/* A := A^-1 for a symmetric A of n x n floats; only the lower triangle is read and written. Returns
 * -1 if A is not positive definite. On the calling thread. Not counted. */
int ipd_inverse_tile(size_t n, float *A);

/* y := y + alpha x, for use within tasks. Not counted. */
void ipd_daxpy(size_t count, double alpha, const double *x, double *y);

/* Measures OpenBLAS with its own threads: sgemm (m x k times k x n, 2 m n k operations) or ssyrk (m
 * x n, m^2 n operations). Main thread, while no run works. */
typedef struct ipd_blas_probe {
    size_t m, n, k;
    float *data; /* all matrices */
} ipd_blas_probe;
int ipd_blas_probe_init(ipd_blas_probe *p, size_t m, size_t n, size_t k, ipd_error *e);
void ipd_blas_probe_free(ipd_blas_probe *p);
/* Seconds that one call takes. */
double ipd_blas_probe_seconds(const ipd_blas_probe *p, int symmetric, int threads);

/* C := alpha op(A) op(B) + beta C on all threads. C may be neither A nor B. */
void ipd_multiply(ipd_transpose ta, ipd_transpose tb, float alpha, const ipd_matrix *A,
                  const ipd_matrix *B, float beta, ipd_matrix *C);

/* The lower triangle of C := op(A) op(A)^T + diagonal I, on all threads. The part above the
 * diagonal is undefined. */
void ipd_multiply_symmetric(ipd_transpose ta, const ipd_matrix *A, float diagonal, ipd_matrix *C);

/* R := X Y^T, summed over samples: X is m x N, Y is n x N, R is m x n. If X == Y only the lower
 * triangle is computed and then mirrored. Products are summed in float over at most 8192 samples;
 * these partial sums are added in double: relative error about 1e-7 of |X||Y|^T. With `exact`, all
 * is double (half the speed). Returns -1 if memory runs out. */
int ipd_sum_outer(const ipd_matrix *X, const ipd_matrix *Y, ipd_matrix64 *R, int exact,
                  ipd_error *e);
/* Bytes of scratch memory that ipd_sum_outer needs without `exact`, for R of rows x cols, summed
 * over `length` samples. */
double ipd_sum_outer_bytes(size_t rows, size_t cols, size_t length);

/* K := A^T A, n x n, both triangles; A is d x n. The sum runs over rows; `exact` as above. */
int ipd_inner_gram(const ipd_matrix *A, ipd_matrix64 *K, int exact, ipd_error *e);

/* Lower Cholesky factor in place, on all threads (the part above the diagonal is not read). Returns
 * -1 if F is not positive definite in double. n^3/3 operations. */
int ipd_cholesky64(ipd_matrix64 *F);
/* Estimated reciprocal condition number (1-norm) of the matrix with factor F and 1-norm `norm`.
 * LAPACK's estimator (Higham's), with solves on all threads; 0 if the matrix is singular or not
 * finite. */
double ipd_rcond64(const ipd_matrix64 *F, double norm);
/* R := R (F F^T)^-1, R is m x n. Threads share the rows of R or, if R has few rows, the columns of
 * F. Returns -1 if memory runs out. */
int ipd_cholesky_solve_right64(const ipd_matrix64 *F, ipd_matrix64 *R, ipd_error *e);
/* inverse := (F F^T)^-1, n x n, both triangles set, on all threads. Returns -1 if memory runs out.
 * 2 n^3/3 operations. */
int ipd_cholesky_inverse64(const ipd_matrix64 *F, ipd_matrix64 *inverse, ipd_error *e);
/* Eigenvalues (ascending) of the symmetric V, which is replaced by the eigenvectors. Returns -1 if
 * the iteration does not converge. */
int ipd_eigen64(ipd_matrix64 *V, double *values, ipd_error *e);
/* The eigenvalues only, ascending; V is overwritten. Errors as above. */
int ipd_eigenvalues64(ipd_matrix64 *V, double *values, ipd_error *e);
/* C := alpha op(A) op(B) + beta C in double, on all threads. */
void ipd_multiply64(ipd_transpose ta, ipd_transpose tb, double alpha, const ipd_matrix64 *A,
                    const ipd_matrix64 *B, double beta, ipd_matrix64 *C);

/* Lower Cholesky factor of a float matrix in place, and the inverse from it, as above. */
int ipd_cholesky(ipd_matrix *F);
int ipd_cholesky_inverse(const ipd_matrix *F, ipd_matrix *inverse, ipd_error *e);

/* A float factor (borrowed) with the inverses of its diagonal blocks, prepared for solving tile by
 * tile. */
typedef struct ipd_cholesky_blocks {
    const ipd_matrix *F;
    ipd_matrix inverses;
} ipd_cholesky_blocks;
int ipd_cholesky_blocks_make(ipd_cholesky_blocks *b, const ipd_matrix *F, ipd_error *e);
void ipd_cholesky_blocks_free(ipd_cholesky_blocks *b);
/* X := (F F^T)^-1 X for an n x cols tile, on the calling thread, for use within tasks. scratch:
 * ipd_cholesky_tile_scratch(cols) floats. Not counted. */
size_t ipd_cholesky_tile_scratch(size_t cols);
void ipd_cholesky_solve_tile(const ipd_cholesky_blocks *b, float *X, size_t ldx, size_t cols,
                             float *scratch);
/* The same in double, without prepared blocks: for a few columns, on the calling thread. Not
 * counted. */
void ipd_cholesky_solve_tile64(const ipd_matrix64 *F, double *X, size_t ldx, size_t cols);
/* x := A^{-1} x for a symmetric n x n matrix A of doubles; only its lower triangle is
 * read, and the factor replaces it. Returns -1 if A is not positive definite. On the
 * calling thread. Not counted. */
int ipd_solve_tile64(double *A, size_t n, double *x);

#endif
