/* blas.c - see blas.h. */
#include "base/blas.h"
#include "base/parallel.h"

#include <assert.h>
#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Output tiles and sample chunks are constants: what a sum's bits depend on. */
enum { TILE = 256, CHUNK = 1024, EXACT_CHUNK = 256 };

static _Thread_local uint64_t flops;

uint64_t ipd_flops(void)
{
    return flops;
}

void ipd_flops_add(uint64_t count)
{
    flops += count;
}

void ipd_blas_one_thread(void)
{
    openblas_set_num_threads(1);
}

const char *ipd_blas_version(void)
{
    static char version[32];
    if (!version[0] && sscanf(openblas_get_config(), "OpenBLAS %31s", version) != 1)
        snprintf(version, sizeof version, "unknown");
    return version;
}

const char *ipd_blas_kernel(void)
{
    return openblas_get_corename();
}

int ipd_blas_is_dynamic(void)
{
    return strstr(openblas_get_config(), "DYNAMIC_ARCH") != NULL;
}

int ipd_matrix64_init(ipd_matrix64 *m, size_t rows, size_t cols, ipd_error *e)
{
    size_t count;
    *m = (ipd_matrix64){0};
    if (__builtin_mul_overflow(rows, cols, &count))
        return ipd_fail(e, IPD_EMEMORY, "out of memory: a %zu x %zu matrix is too large", rows,
                        cols);
    if (!(m->data = ipd_allocate(count, sizeof *m->data, e)))
        return -1;
    m->rows = rows;
    m->cols = cols;
    return 0;
}

void ipd_matrix64_free(ipd_matrix64 *m)
{
    free(m->data);
    *m = (ipd_matrix64){0};
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static CBLAS_TRANSPOSE blas_transpose(ipd_transpose t)
{
    return t == IPD_TRANSPOSED ? CblasTrans : CblasNoTrans;
}

void ipd_sgemm(ipd_transpose ta, ipd_transpose tb, size_t m, size_t n, size_t k, float alpha,
               const float *A, size_t lda, const float *B, size_t ldb, float beta, float *C,
               size_t ldc)
{
    cblas_sgemm(CblasColMajor, blas_transpose(ta), blas_transpose(tb), (int)m, (int)n, (int)k,
                alpha, A, (int)lda, B, (int)ldb, beta, C, (int)ldc);
}

void ipd_dgemm(ipd_transpose ta, ipd_transpose tb, size_t m, size_t n, size_t k, double alpha,
               const double *A, size_t lda, const double *B, size_t ldb, double beta, double *C,
               size_t ldc)
{
    cblas_dgemm(CblasColMajor, blas_transpose(ta), blas_transpose(tb), (int)m, (int)n, (int)k,
                alpha, A, (int)lda, B, (int)ldb, beta, C, (int)ldc);
}

void ipd_daxpy(size_t count, double alpha, const double *x, double *y)
{
    cblas_daxpy((int)count, alpha, x, 1, y, 1);
}

/* One tile of an output that is cut into a grid. */
typedef struct tile {
    size_t row, rows, col, cols;
} tile;

/* Small outputs are cut finely enough for threads to share them. */
static size_t tile_size(size_t rows, size_t cols)
{
    size_t larger = rows > cols ? rows : cols;
    return larger <= 256 ? TILE / 4 : larger <= 1024 ? TILE / 2 : TILE;
}

static tile tile_at(size_t task, size_t rows, size_t cols)
{
    size_t size = tile_size(rows, cols), down = (rows + size - 1) / size;
    size_t row = task % down * size, col = task / down * size;
    return (tile){row, least(size, rows - row), col, least(size, cols - col)};
}

static size_t tile_count(size_t rows, size_t cols)
{
    size_t size = tile_size(rows, cols);
    return ((rows + size - 1) / size) * ((cols + size - 1) / size);
}

typedef struct multiply_job {
    ipd_transpose ta, tb;
    double alpha, beta;
    double diagonal; /* added to it, in symmetric products */
    size_t k;
    const ipd_matrix *A, *B;
    ipd_matrix *C;
    const ipd_matrix64 *A64, *B64;
    ipd_matrix64 *C64;
} multiply_job;

/* Offset of the first element of rows (or columns) `at` on of op(A) (or op(B)). */
static size_t offset(int by_column, size_t at, size_t rows)
{
    return by_column ? at * rows : at;
}

static void multiply_tile(void *context, size_t task, int thread)
{
    multiply_job *j = context;
    tile t = tile_at(task, j->C->rows, j->C->cols);
    (void)thread;
    ipd_sgemm(j->ta, j->tb, t.rows, t.cols, j->k, (float)j->alpha,
              j->A->data + offset(j->ta == IPD_TRANSPOSED, t.row, j->A->rows), j->A->rows,
              j->B->data + offset(j->tb == IPD_PLAIN, t.col, j->B->rows), j->B->rows,
              (float)j->beta, j->C->data + t.row + t.col * j->C->rows, j->C->rows);
}

static void multiply_tile64(void *context, size_t task, int thread)
{
    multiply_job *j = context;
    tile t = tile_at(task, j->C64->rows, j->C64->cols);
    (void)thread;
    cblas_dgemm(
        CblasColMajor, blas_transpose(j->ta), blas_transpose(j->tb), (int)t.rows, (int)t.cols,
        (int)j->k, j->alpha, j->A64->data + offset(j->ta == IPD_TRANSPOSED, t.row, j->A64->rows),
        (int)j->A64->rows, j->B64->data + offset(j->tb == IPD_PLAIN, t.col, j->B64->rows),
        (int)j->B64->rows, j->beta, j->C64->data + t.row + t.col * j->C64->rows, (int)j->C64->rows);
}

void ipd_multiply(ipd_transpose ta, ipd_transpose tb, float alpha, const ipd_matrix *A,
                  const ipd_matrix *B, float beta, ipd_matrix *C)
{
    multiply_job j = {.ta = ta,
                      .tb = tb,
                      .alpha = alpha,
                      .beta = beta,
                      .k = ta ? A->rows : A->cols,
                      .A = A,
                      .B = B,
                      .C = C};
    assert((ta ? A->cols : A->rows) == C->rows && (tb ? B->rows : B->cols) == C->cols);
    assert((tb ? B->cols : B->rows) == j.k);
    ipd_parallel_for(tile_count(C->rows, C->cols), multiply_tile, &j);
    flops += 2 * (uint64_t)C->rows * C->cols * j.k;
}

void ipd_multiply64(ipd_transpose ta, ipd_transpose tb, double alpha, const ipd_matrix64 *A,
                    const ipd_matrix64 *B, double beta, ipd_matrix64 *C)
{
    multiply_job j = {.ta = ta,
                      .tb = tb,
                      .alpha = alpha,
                      .beta = beta,
                      .k = ta ? A->rows : A->cols,
                      .A64 = A,
                      .B64 = B,
                      .C64 = C};
    assert((ta ? A->cols : A->rows) == C->rows && (tb ? B->rows : B->cols) == C->cols);
    assert((tb ? B->cols : B->rows) == j.k);
    ipd_parallel_for(tile_count(C->rows, C->cols), multiply_tile64, &j);
    flops += 2 * (uint64_t)C->rows * C->cols * j.k;
}

static void symmetric_tile(void *context, size_t task, int thread)
{
    multiply_job *j = context;
    tile t = tile_at(task, j->C->rows, j->C->cols);
    if (t.row < t.col)
        return;
    multiply_tile(context, task, thread);
    if (t.row == t.col)
        for (size_t i = t.row; i < t.row + t.rows; i++)
            j->C->data[i + i * j->C->rows] += (float)j->diagonal;
}

void ipd_multiply_symmetric(ipd_transpose ta, const ipd_matrix *A, float diagonal, ipd_matrix *C)
{
    multiply_job j = {.ta = ta,
                      .tb = ta ? IPD_PLAIN : IPD_TRANSPOSED,
                      .alpha = 1,
                      .diagonal = diagonal,
                      .k = ta ? A->rows : A->cols,
                      .A = A,
                      .B = A,
                      .C = C};
    assert(C->rows == (ta ? A->cols : A->rows) && C->cols == C->rows);
    ipd_parallel_for(tile_count(C->rows, C->cols), symmetric_tile, &j);
    flops += (uint64_t)C->rows * C->cols * j.k;
}

typedef struct outer_job {
    const ipd_matrix *X, *Y; /* factors: rows of X and Y, or their columns when `inner` */
    ipd_matrix64 *R;
    int symmetric, exact, inner;
    size_t length; /* of the sum */
} outer_job;

/* to[i, s] := the piece of `from` with rows row.. and samples first.., as double. `inner` reads the
 * transpose. to is rows x count. */
static void widen(const outer_job *j, const ipd_matrix *from, size_t row, size_t rows, size_t first,
                  size_t count, double *to)
{
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < rows; i++)
            to[i + s * rows] = j->inner ? from->data[first + s + (row + i) * from->rows]
                                        : from->data[row + i + (first + s) * from->rows];
}

static void outer_tile_exact(const outer_job *j, tile t, double *sum)
{
    double *x = malloc(2 * sizeof *x * TILE * EXACT_CHUNK), *y = x + TILE * EXACT_CHUNK;
    if (!x)
        abort(); /* 1 MiB is not to be had: nothing can go on */
    for (size_t s = 0; s < j->length; s += EXACT_CHUNK) {
        size_t count = least(EXACT_CHUNK, j->length - s);
        widen(j, j->X, t.row, t.rows, s, count, x);
        widen(j, j->Y, t.col, t.cols, s, count, y);
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, (int)t.rows, (int)t.cols, (int)count,
                    1, x, (int)t.rows, y, (int)t.cols, 1, sum, (int)t.rows);
    }
    free(x);
}

static void outer_tile_fast(const outer_job *j, tile t, double *sum)
{
    float part[TILE * TILE];
    size_t ldx = j->X->rows, ldy = j->Y->rows;
    for (size_t s = 0; s < j->length; s += CHUNK) {
        size_t count = least(CHUNK, j->length - s);
        if (j->inner)
            ipd_sgemm(IPD_TRANSPOSED, IPD_PLAIN, t.rows, t.cols, count, 1,
                      j->X->data + s + t.row * ldx, ldx, j->Y->data + s + t.col * ldy, ldy, 0, part,
                      t.rows);
        else
            ipd_sgemm(IPD_PLAIN, IPD_TRANSPOSED, t.rows, t.cols, count, 1,
                      j->X->data + t.row + s * ldx, ldx, j->Y->data + t.col + s * ldy, ldy, 0, part,
                      t.rows);
        for (size_t i = 0; i < t.rows * t.cols; i++)
            sum[i] += part[i];
    }
}

static void outer_tile(void *context, size_t task, int thread)
{
    const outer_job *j = context;
    tile t = tile_at(task, j->R->rows, j->R->cols);
    size_t ld = j->R->rows;
    double *sum;
    (void)thread;
    if (j->symmetric && t.row < t.col)
        return;
    if (!(sum = calloc(t.rows * t.cols, sizeof *sum)))
        abort(); /* half a MiB is not to be had: nothing can go on */
    if (j->exact)
        outer_tile_exact(j, t, sum);
    else
        outer_tile_fast(j, t, sum);
    for (size_t c = 0; c < t.cols; c++)
        for (size_t r = 0; r < t.rows; r++) {
            double x = sum[r + c * t.rows];
            if (j->symmetric && t.row == t.col && r < c)
                continue;
            j->R->data[t.row + r + (t.col + c) * ld] = x;
            if (j->symmetric)
                j->R->data[t.col + c + (t.row + r) * ld] = x;
        }
    free(sum);
}

void ipd_sum_outer(const ipd_matrix *X, const ipd_matrix *Y, ipd_matrix64 *R, int exact)
{
    outer_job j = {X, Y, R, X == Y, exact, 0, X->cols};
    assert(X->cols == Y->cols && R->rows == X->rows && R->cols == Y->rows);
    ipd_parallel_for(tile_count(R->rows, R->cols), outer_tile, &j);
    flops += (X == Y ? 1 : 2) * (uint64_t)R->rows * R->cols * X->cols;
}

void ipd_inner_gram(const ipd_matrix *A, ipd_matrix64 *K, int exact)
{
    outer_job j = {A, A, K, 1, exact, 1, A->rows};
    assert(K->rows == A->cols && K->cols == A->cols);
    ipd_parallel_for(tile_count(K->rows, K->cols), outer_tile, &j);
    flops += (uint64_t)K->rows * K->cols * A->rows;
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int ipd_blas_rate(int symmetric, size_t m, size_t n, size_t k, int threads, double *gflops,
                  ipd_error *e)
{
    size_t a = m * (symmetric ? n : k), b = symmetric ? 0 : k * n, c = m * (symmetric ? m : n);
    double operations = (symmetric ? 1 : 2) * (double)m * (double)n * (double)(symmetric ? m : k);
    double best = 0, start = seconds_now();
    float *A = ipd_allocate(a + b + c, sizeof *A, e), *B = A + a, *C = B + b;
    if (!A)
        return -1;
    for (size_t i = 0; i < a + b; i++)
        A[i] = (float)(i % 17) / 17;
    openblas_set_num_threads(threads);
    for (int i = 0; i < 50 && (i < 3 || seconds_now() - start < 2); i++) {
        double before = seconds_now();
        if (symmetric)
            cblas_ssyrk(CblasColMajor, CblasLower, CblasNoTrans, (int)m, (int)n, 1, A, (int)m, 0, C,
                        (int)m);
        else
            cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, A,
                        (int)m, B, (int)k, 0, C, (int)m);
        best = fmax(best, operations / (seconds_now() - before) / 1e9);
    }
    openblas_set_num_threads(1);
    free(A);
    *gflops = best;
    return 0;
}
