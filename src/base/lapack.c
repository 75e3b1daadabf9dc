/* lapack.c - factorisations and solves; see blas.h.
 *
 * OpenBLAS works on one thread here, so large matrices are cut into blocks of BLOCK columns, by
 * their shape alone, and the pool shares the blocks. Triangular solves use the inverses of the
 * diagonal blocks: everything else is then a matrix product.
 *
 * The purpose is the same bits for any number of threads, not speed on one. Times in ms of this
 * code and of LAPACK, on one thread, with the SkylakeX kernels of OpenBLAS 0.3.21:
 *
 *                                        n = 300        n = 784        n = 1500
 *     factor (dpotrf)                    0.23, 0.19     2.6, 2.4       15.4, 17.2
 *     512 right-hand sides (dpotrs)      1.6, 2.6       9.7, 11.3      33.6, 33.4
 *     inverse (dpotri)                   0.59, 0.85     6.0, 6.8       39.4, 34.5
 *
 * With the Haswell kernels LAPACK is 6 to 17 % faster in each case.
 */
#include "base/blas.h"
#include "base/min.h"
#include "base/parallel.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 96, MAX_ROWS = 256 };
/* Up to SMALL rows one LAPACK call makes the factor; from LARGE on inverses use larger tiles. */
enum { SMALL = 512, LARGE = 1024 };
/* Width of a wide panel, and side of a tile of the trailing matrix: larger products than between
 * single blocks. */
enum { WIDE = 3 * BLOCK, TRAILING = 3 * BLOCK };
/* For up to FEW_ROWS right-hand sides threads share the columns of the factor, FEW_COLUMNS per
 * task. */
enum { FEW_ROWS = 16, FEW_COLUMNS = 2 * BLOCK };

/* LAPACK through its Fortran names, which every build of OpenBLAS has. */
extern void spotrf_(const char *uplo, const int *n, float *a, const int *lda, int *info);
extern void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
extern void spotri_(const char *uplo, const int *n, float *a, const int *lda, int *info);
extern void strtri_(const char *uplo, const char *diag, const int *n, float *a, const int *lda,
                    int *info);
extern void dtrtri_(const char *uplo, const char *diag, const int *n, double *a, const int *lda,
                    int *info);
extern void dlacn2_(const int *n, double *v, double *x, int *sign, double *estimate, int *todo,
                    int *state);
extern void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda,
                    double *w, double *work, const int *lwork, int *iwork, const int *liwork,
                    int *info);

/* Offset of the inverse of the diagonal block at `at`; two are kept, by turns. */
static size_t inverse_place(size_t at)
{
    return at / BLOCK % 2 * BLOCK * BLOCK;
}

/* Row and column of tile `task` in a lower triangle of down x down tiles, numbered column by
 * column. */
static void triangle_tile(size_t down, size_t task, size_t *row, size_t *col)
{
    for (*col = 0; task >= down - *col; ++*col)
        task -= down - *col;
    *row = *col + task;
}

#define REAL float
#define MATRIX ipd_matrix
#define OF(name) name##_32
#define GEMM ipd_sgemm
#define SYRK cblas_ssyrk
#define MIRROR ipd_mirror32
#define POTRF spotrf_
#define TRTRI strtri_
#include "base/cholesky_of.h"
#undef REAL
#undef MATRIX
#undef OF
#undef GEMM
#undef SYRK
#undef MIRROR
#undef POTRF
#undef TRTRI
#define REAL double
#define MATRIX ipd_matrix64
#define OF(name) name##_64
#define GEMM ipd_dgemm
#define SYRK cblas_dsyrk
#define MIRROR ipd_mirror64
#define POTRF dpotrf_
#define TRTRI dtrtri_
#include "base/cholesky_of.h"

int ipd_cholesky(ipd_matrix *F)
{
    return factor_32(F);
}

int ipd_cholesky64(ipd_matrix64 *F)
{
    return factor_64(F);
}

int ipd_cholesky_inverse(const ipd_matrix *F, ipd_matrix *inverse, ipd_error *e)
{
    return invert_32(F, inverse, e);
}

int ipd_cholesky_inverse64(const ipd_matrix64 *F, ipd_matrix64 *inverse, ipd_error *e)
{
    return invert_64(F, inverse, e);
}

int ipd_cholesky_blocks_make(ipd_cholesky_blocks *b, const ipd_matrix *F, ipd_error *e)
{
    size_t count = (F->rows + BLOCK - 1) / BLOCK;
    blocks_job_32 j = {F, NULL};
    b->F = F;
    b->inverses = (ipd_matrix){BLOCK, count * BLOCK, NULL};
    if (!(b->inverses.data =
              ipd_allocate_unset(BLOCK * count * BLOCK, sizeof *b->inverses.data, e)))
        return -1;
    j.inverses = b->inverses.data;
    ipd_parallel_for(count, invert_block_32, &j);
    return 0;
}

void ipd_cholesky_blocks_free(ipd_cholesky_blocks *b)
{
    free(b->inverses.data);
    *b = (ipd_cholesky_blocks){0};
}

/* X_i := op(inverse of block i) X_i; scratch: BLOCK x cols floats. */
static void apply_inverse(const ipd_cholesky_blocks *b, ipd_transpose t, size_t at, float *X,
                          size_t ldx, size_t cols, float *scratch)
{
    size_t size = IPD_MIN(BLOCK, b->F->rows - at);
    for (size_t c = 0; c < cols; c++)
        memcpy(scratch + c * size, X + at + c * ldx, size * sizeof *scratch);
    ipd_sgemm(t, IPD_PLAIN, size, cols, size, 1, b->inverses.data + at * BLOCK, BLOCK, scratch,
              size, 0, X + at, ldx);
}

size_t ipd_cholesky_tile_scratch(size_t cols)
{
    return BLOCK * cols;
}

void ipd_cholesky_solve_tile(const ipd_cholesky_blocks *b, float *X, size_t ldx, size_t cols,
                             float *scratch)
{
    size_t n = b->F->rows;
    const float *F = b->F->data;
    for (size_t at = 0; at < n; at += BLOCK) { /* L Y = X */
        size_t size = IPD_MIN(BLOCK, n - at);
        if (at)
            ipd_sgemm(IPD_PLAIN, IPD_PLAIN, size, cols, at, -1, F + at, n, X, ldx, 1, X + at, ldx);
        apply_inverse(b, IPD_PLAIN, at, X, ldx, cols, scratch);
    }
    for (size_t at = (n - 1) / BLOCK * BLOCK;; at -= BLOCK) { /* L^T X = Y */
        size_t next = IPD_MIN(at + BLOCK, n);
        if (next < n)
            ipd_sgemm(IPD_TRANSPOSED, IPD_PLAIN, next - at, cols, n - next, -1, F + next + at * n,
                      n, X + next, ldx, 1, X + at, ldx);
        apply_inverse(b, IPD_TRANSPOSED, at, X, ldx, cols, scratch);
        if (at == 0)
            break;
    }
}

/* R_j := R_j op(inverse of block j) for some rows of R. */
static void apply_inverse64(const blocks_job_64 *b, ipd_transpose t, size_t at, double *R,
                            size_t rows)
{
    double copy[MAX_ROWS * BLOCK];
    size_t size = IPD_MIN(BLOCK, b->F->rows - at);
    memcpy(copy, R + at * rows, size * rows * sizeof *copy);
    ipd_dgemm(IPD_PLAIN, t, rows, size, size, 1, copy, rows, b->inverses + at * BLOCK, BLOCK, 0,
              R + at * rows, rows);
}

typedef struct solve_job {
    blocks_job_64 blocks; /* F, and the inverses of its diagonal blocks */
    ipd_matrix64 *R;
    double *scratch; /* per thread, a contiguous copy of `rows` rows */
    size_t rows;     /* rows of R per task */
} solve_job;

/* Solves for some rows of R in a contiguous copy. */
static void solve_rows(void *context, size_t task, int thread)
{
    const solve_job *j = context;
    size_t first = task * j->rows, rows = IPD_MIN(j->rows, j->R->rows - first);
    size_t n = j->blocks.F->rows, ld = j->R->rows;
    double *R = j->scratch + (size_t)thread * j->rows * n;
    const double *F = j->blocks.F->data;
    for (size_t c = 0; c < n; c++)
        memcpy(R + c * rows, j->R->data + first + c * ld, rows * sizeof *R);
    for (size_t at = 0; at < n; at += BLOCK) { /* Y L^T = R */
        size_t size = IPD_MIN(BLOCK, n - at);
        if (at)
            ipd_dgemm(IPD_PLAIN, IPD_TRANSPOSED, rows, size, at, -1, R, rows, F + at, n, 1,
                      R + at * rows, rows);
        apply_inverse64(&j->blocks, IPD_TRANSPOSED, at, R, rows);
    }
    for (size_t at = (n - 1) / BLOCK * BLOCK;; at -= BLOCK) { /* X L = Y */
        size_t next = IPD_MIN(at + BLOCK, n);
        if (next < n)
            ipd_dgemm(IPD_PLAIN, IPD_PLAIN, rows, next - at, n - next, -1, R + next * rows, rows,
                      F + next + at * n, n, 1, R + at * rows, rows);
        apply_inverse64(&j->blocks, IPD_PLAIN, at, R, rows);
        if (at == 0)
            break;
    }
    for (size_t c = 0; c < n; c++)
        memcpy(j->R->data + first + c * ld, R + c * rows, rows * sizeof *R);
}

/* Solves for an R of few rows, in place. */
typedef struct few_job {
    blocks_job_64 blocks;
    double *R;       /* rows x n */
    size_t rows, at; /* at: first column of the block that is solved; its product is subtracted from
                      * the others next */
} few_job;

/* Subtracts the solved block's product from some other columns: R_to -= R_at F_to,at^T, or R_at
 * F_at,to. */
static void subtract_few(const few_job *j, ipd_transpose t, size_t to, size_t cols)
{
    size_t n = j->blocks.F->rows, size = IPD_MIN(BLOCK, n - j->at), rows = j->rows;
    const double *F = j->blocks.F->data + (t ? to + j->at * n : j->at + to * n);
    const double *from = j->R + j->at * rows;
    double *R = j->R + to * rows;
    if (rows > 1)
        ipd_dgemm(IPD_PLAIN, t, rows, cols, size, -1, from, rows, F, n, 1, R, rows);
    else if (t)
        cblas_dgemv(CblasColMajor, CblasNoTrans, (int)cols, (int)size, -1, F, (int)n, from, 1, 1, R,
                    1);
    else
        cblas_dgemv(CblasColMajor, CblasTrans, (int)size, (int)cols, -1, F, (int)n, from, 1, 1, R,
                    1);
}

/* Updates some columns right of the block; task 0 also solves the next block, the first of them. */
static void forward_few(void *context, size_t task, int thread)
{
    const few_job *j = context;
    size_t n = j->blocks.F->rows, to = j->at + BLOCK + task * FEW_COLUMNS;
    (void)thread;
    subtract_few(j, IPD_TRANSPOSED, to, IPD_MIN(FEW_COLUMNS, n - to));
    if (task == 0)
        apply_inverse64(&j->blocks, IPD_TRANSPOSED, to, j->R, j->rows);
}

/* Updates some columns left of the block; task 0 also solves the next block, the last of them. */
static void backward_few(void *context, size_t task, int thread)
{
    const few_job *j = context;
    size_t end = j->at - task * FEW_COLUMNS, cols = IPD_MIN(FEW_COLUMNS, end);
    (void)thread;
    subtract_few(j, IPD_PLAIN, end - cols, cols);
    if (task == 0)
        apply_inverse64(&j->blocks, IPD_PLAIN, end - BLOCK, j->R, j->rows);
}

/* Few rows stay in the caches while the threads stream through the columns of F. */
static void solve_few(few_job *j)
{
    size_t n = j->blocks.F->rows;
    apply_inverse64(&j->blocks, IPD_TRANSPOSED, 0, j->R, j->rows); /* Y L^T = R */
    for (j->at = 0; j->at + BLOCK < n; j->at += BLOCK)
        ipd_parallel_for((n - j->at - BLOCK + FEW_COLUMNS - 1) / FEW_COLUMNS, forward_few, j);
    apply_inverse64(&j->blocks, IPD_PLAIN, j->at, j->R, j->rows); /* X L = Y */
    for (; j->at > 0; j->at -= BLOCK)
        ipd_parallel_for((j->at + FEW_COLUMNS - 1) / FEW_COLUMNS, backward_few, j);
}

int ipd_cholesky_solve_right64(const ipd_matrix64 *F, ipd_matrix64 *R, ipd_error *e)
{
    solve_job j = {{F, NULL}, R, NULL, R->rows >= 512 ? MAX_ROWS : MAX_ROWS / 4};
    size_t blocks = (F->rows + BLOCK - 1) / BLOCK;
    assert(R->cols == F->rows);
    if (F->rows == 0)
        return 0;
    size_t inverses = blocks * BLOCK * BLOCK, few = R->rows <= FEW_ROWS;
    size_t copies = few ? 0 : (size_t)ipd_threads() * j.rows * F->rows;
    j.blocks.inverses = ipd_allocate_unset(inverses + copies, sizeof *j.blocks.inverses, e);
    if (!j.blocks.inverses)
        return -1;
    j.scratch = j.blocks.inverses + inverses;
    ipd_parallel_for(blocks, invert_block_64, &j.blocks);
    if (few)
        solve_few(&(few_job){j.blocks, R->data, R->rows, 0});
    else
        ipd_parallel_for((R->rows + j.rows - 1) / j.rows, solve_rows, &j);
    free(j.blocks.inverses);
    ipd_flops_add(2 * (uint64_t)R->rows * R->cols * R->cols);
    return 0;
}

double ipd_rcond64(const ipd_matrix64 *F, double norm)
{
    size_t size = F->rows, blocks = (size + BLOCK - 1) / BLOCK;
    int n = (int)size, todo = 0, state[3] = {0},
        *sign = ipd_allocate_unset(size, sizeof *sign, NULL);
    double *scratch = ipd_allocate_unset(blocks * BLOCK * BLOCK + 2 * size, sizeof *scratch, NULL);
    double estimate = 0; /* of the norm of the inverse */
    if (scratch && sign && n) {
        double *x = scratch + blocks * BLOCK * BLOCK;
        few_job j = {{F, scratch}, x, 1, 0};
        ipd_parallel_for(blocks, invert_block_64, &j.blocks);
        for (;;) {
            dlacn2_(&n, x + size, x, sign, &estimate, &todo, state);
            if (!todo)
                break;
            solve_few(&j);
        }
    }
    free(scratch);
    free(sign);
    double rcond = 1 / estimate / norm;
    return isfinite(rcond) ? rcond : 0;
}

/* job: "V" for eigenvalues and vectors, "N" for eigenvalues only. */
static int eigen(const char *job, ipd_matrix64 *V, double *values, ipd_error *e)
{
    int n = (int)V->rows, info = 0, query = -1, isize = 0;
    double size = 0;
    if (n == 0)
        return 0;
    /* LAPACK computes the size of its workspace in int and returns garbage on overflow:
     * n > 32766. */
    double min = n == 1 ? 1 : *job == 'V' ? 1 + 6.0 * n + 2.0 * n * n : 1 + 2.0 * n;
    dsyevd_(job, "L", &n, V->data, &n, values, &size, &query, &isize, &query, &info);
    if (min > INT_MAX || size < min || size > INT_MAX)
        return ipd_fail(e, IPD_EUSAGE,
                        "the eigenvalues of a %d x %d matrix need more memory than LAPACK can "
                        "address. Use narrower layers, or no spectrum",
                        n, n);
    int lwork = (int)size, liwork = isize;
    double *work = malloc((size_t)lwork * sizeof *work);
    int *iwork = malloc((size_t)liwork * sizeof *iwork);
    if (!work || !iwork) {
        info = -1;
        ipd_fail(e, IPD_EMEMORY, "out of memory for the eigenvalues of a %d x %d matrix", n, n);
    } else {
        dsyevd_(job, "L", &n, V->data, &n, values, work, &lwork, iwork, &liwork, &info);
        if (info)
            ipd_fail(e, IPD_ENUMERIC, "the eigenvalues of a %d x %d Gram matrix do not converge", n,
                     n);
    }
    free(work);
    free(iwork);
    return info ? -1 : 0;
}

int ipd_eigen64(ipd_matrix64 *V, double *values, ipd_error *e)
{
    /* The usual estimate for divide and conquer. */
    ipd_flops_add(9 * (uint64_t)V->rows * V->rows * V->rows);
    return eigen("V", V, values, e);
}

int ipd_eigenvalues64(ipd_matrix64 *V, double *values, ipd_error *e)
{
    ipd_flops_add(4 * (uint64_t)V->rows * V->rows * V->rows / 3);
    return eigen("N", V, values, e);
}

void ipd_cholesky_solve_tile64(const ipd_matrix64 *F, double *X, size_t ldx, size_t cols)
{
    int n = (int)F->rows;
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, n, (int)cols, 1,
                F->data, n, X, (int)ldx);
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, n, (int)cols, 1,
                F->data, n, X, (int)ldx);
}

int ipd_solve_tile64(double *A, size_t n, double *x)
{
    int order = (int)n, info = 0;
    if (n == 0)
        return 0;
    dpotrf_("L", &order, A, &order, &info);
    if (info)
        return -1;
    cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, order, A, order, x, 1);
    cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, order, A, order, x, 1);
    return 0;
}

int ipd_inverse_tile(size_t n, float *A)
{
    int order = (int)n, info = 0;
    if (n == 0)
        return 0;
    spotrf_("L", &order, A, &order, &info);
    if (!info)
        spotri_("L", &order, A, &order, &info);
    return info ? -1 : 0;
}
