/* blas.c - see blas.h. */
#include "base/blas.h"
#include "base/clock.h"
#include "base/min.h"
#include "base/parallel.h"
#include "base/vector.h"

#include <assert.h>
#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sizes of output tiles and slabs of samples. They are constants because the bits of a sum depend
 * on them. */
enum { TILE = 384, SMALL_TILE = 128, SMALLEST_TILE = 64, EXACT_CHUNK = 256 };
/* Sums over LONG_SUM samples or more do not stay in caches. They are cut into slabs of
 * at least SLAB samples and at most SLABS slabs, and outputs into tiles of at most
 * SUM_TILE each way. If a side of the output is larger than BIG, slabs are fewer,
 * because each slab needs a sum of its own. */
enum { LONG_SUM = 4096, BIG = 1024, LONGEST_SLAB = 8192 };
enum { SLAB = 1250, SLABS = 24, SUM_TILE = 416 };
enum { BIG_SLAB = 1600, BIG_SLABS = 16, BIG_SUM_TILE = 1536 };
/* Tiles are narrowed, down to MIN_SUM_TILE columns, until there are SUM_TASKS tasks. */
enum { SUM_TASKS = 12, MIN_SUM_TILE = 256 };

static _Thread_local uint64_t flops;

uint64_t ipd_flops(void)
{
    return flops;
}

void ipd_flops_add(uint64_t count)
{
    flops += count;
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

static CBLAS_TRANSPOSE blas_transpose(ipd_transpose t)
{
    return t == IPD_TRANSPOSED ? CblasTrans : CblasNoTrans;
}

/* For products with few rows, such as the output layer's, OpenBLAS is twice as fast in pieces of
 * 10^6 multiplications as in one call. */
enum { FEW_ROWS = 16, FAST_SIZE = 1000000 };

static size_t few_columns(size_t m, size_t k)
{
    size_t cols = FAST_SIZE / (m * k + 1) / 8 * 8;
    return cols < 16 ? 16 : cols;
}

void ipd_sgemm(ipd_transpose ta, ipd_transpose tb, size_t m, size_t n, size_t k, float alpha,
               const float *A, size_t lda, const float *B, size_t ldb, float beta, float *C,
               size_t ldc)
{
    size_t cols = m <= FEW_ROWS ? few_columns(m, k) : n;
    for (size_t at = 0; at < n; at += cols)
        cblas_sgemm(CblasColMajor, blas_transpose(ta), blas_transpose(tb), (int)m,
                    (int)IPD_MIN(cols, n - at), (int)k, alpha, A, (int)lda,
                    tb == IPD_PLAIN ? B + at * ldb : B + at, (int)ldb, beta, C + at * ldc,
                    (int)ldc);
}

void ipd_dgemm(ipd_transpose ta, ipd_transpose tb, size_t m, size_t n, size_t k, double alpha,
               const double *A, size_t lda, const double *B, size_t ldb, double beta, double *C,
               size_t ldc)
{
    cblas_dgemm(CblasColMajor, blas_transpose(ta), blas_transpose(tb), (int)m, (int)n, (int)k,
                alpha, A, (int)lda, B, (int)ldb, beta, C, (int)ldc);
}

void ipd_ssyrk(size_t n, size_t k, const float *A, float *C)
{
    cblas_ssyrk(CblasColMajor, CblasLower, CblasTrans, (int)n, (int)k, 1, A, (int)k, 0, C, (int)n);
}

void ipd_daxpy(size_t count, double alpha, const double *x, double *y)
{
    cblas_daxpy((int)count, alpha, x, 1, y, 1);
}

/* The tiles of an output. They depend on its shape alone. */
typedef struct grid {
    size_t all_rows, all_cols, rows, cols; /* of the output, and of a tile; the last tiles may be
                                            * smaller */
    size_t down, count;                    /* tiles per column of tiles, and in total */
} grid;
typedef struct tile {
    size_t row, rows, col, cols;
} tile;

static grid grid_by(size_t rows, size_t cols, size_t max_rows, size_t max_cols)
{
    grid g = {rows, cols, ipd_piece_size(rows, max_rows, 0), ipd_piece_size(cols, max_cols, 0),
              0,    0};
    g.down = (rows + g.rows - 1) / g.rows;
    g.count = g.down * ((cols + g.cols - 1) / g.cols);
    return g;
}

/* Small outputs get small tiles, so that there is work for several threads. */
static grid grid_of(size_t rows, size_t cols)
{
    size_t larger = rows > cols ? rows : cols;
    size_t max = larger <= 256 ? SMALLEST_TILE : larger <= BIG ? SMALL_TILE : TILE;
    return grid_by(rows, cols, max, max);
}

static tile tile_at(const grid *g, size_t task)
{
    size_t row = task % g->down * g->rows, col = task / g->down * g->cols;
    return (tile){row, IPD_MIN(g->rows, g->all_rows - row), col,
                  IPD_MIN(g->cols, g->all_cols - col)};
}

typedef struct multiply_job {
    grid tiles; /* of C */
    ipd_transpose ta, tb;
    double alpha, beta;
    double diagonal; /* added to the diagonal of a symmetric product */
    size_t k;
    const ipd_matrix *A, *B;
    ipd_matrix *C;
    const ipd_matrix64 *A64, *B64;
    ipd_matrix64 *C64;
} multiply_job;

/* Offset at which rows `at`, at+1, ... of op(A), or columns of op(B), begin. */
static size_t offset(int by_column, size_t at, size_t rows)
{
    return by_column ? at * rows : at;
}

static void multiply_tile(void *context, size_t task, int thread)
{
    multiply_job *j = context;
    tile t = tile_at(&j->tiles, task);
    (void)thread;
    ipd_sgemm(j->ta, j->tb, t.rows, t.cols, j->k, (float)j->alpha,
              j->A->data + offset(j->ta == IPD_TRANSPOSED, t.row, j->A->rows), j->A->rows,
              j->B->data + offset(j->tb == IPD_PLAIN, t.col, j->B->rows), j->B->rows,
              (float)j->beta, j->C->data + t.row + t.col * j->C->rows, j->C->rows);
}

static void multiply_tile64(void *context, size_t task, int thread)
{
    multiply_job *j = context;
    tile t = tile_at(&j->tiles, task);
    (void)thread;
    ipd_dgemm(j->ta, j->tb, t.rows, t.cols, j->k, j->alpha,
              j->A64->data + offset(j->ta == IPD_TRANSPOSED, t.row, j->A64->rows), j->A64->rows,
              j->B64->data + offset(j->tb == IPD_PLAIN, t.col, j->B64->rows), j->B64->rows, j->beta,
              j->C64->data + t.row + t.col * j->C64->rows, j->C64->rows);
}

void ipd_multiply(ipd_transpose ta, ipd_transpose tb, float alpha, const ipd_matrix *A,
                  const ipd_matrix *B, float beta, ipd_matrix *C)
{
    multiply_job j = {.tiles = grid_of(C->rows, C->cols),
                      .ta = ta,
                      .tb = tb,
                      .alpha = alpha,
                      .beta = beta,
                      .k = ta ? A->rows : A->cols,
                      .A = A,
                      .B = B,
                      .C = C};
    assert((ta ? A->cols : A->rows) == C->rows && (tb ? B->rows : B->cols) == C->cols);
    assert((tb ? B->cols : B->rows) == j.k);
    ipd_parallel_for(j.tiles.count, multiply_tile, &j);
    flops += 2 * (uint64_t)C->rows * C->cols * j.k;
}

void ipd_multiply64(ipd_transpose ta, ipd_transpose tb, double alpha, const ipd_matrix64 *A,
                    const ipd_matrix64 *B, double beta, ipd_matrix64 *C)
{
    multiply_job j = {.tiles = grid_of(C->rows, C->cols),
                      .ta = ta,
                      .tb = tb,
                      .alpha = alpha,
                      .beta = beta,
                      .k = ta ? A->rows : A->cols,
                      .A64 = A,
                      .B64 = B,
                      .C64 = C};
    assert((ta ? A->cols : A->rows) == C->rows && (tb ? B->rows : B->cols) == C->cols);
    assert((tb ? B->cols : B->rows) == j.k);
    ipd_parallel_for(j.tiles.count, multiply_tile64, &j);
    flops += 2 * (uint64_t)C->rows * C->cols * j.k;
}

static void symmetric_tile(void *context, size_t task, int thread)
{
    multiply_job *j = context;
    tile t = tile_at(&j->tiles, task);
    if (t.row < t.col)
        return;
    if (t.row > t.col) {
        multiply_tile(context, task, thread);
        return;
    }
    cblas_ssyrk(CblasColMajor, CblasLower, blas_transpose(j->ta), (int)t.rows, (int)j->k, 1,
                j->A->data + offset(j->ta == IPD_TRANSPOSED, t.row, j->A->rows), (int)j->A->rows, 0,
                j->C->data + t.row + t.col * j->C->rows, (int)j->C->rows);
    for (size_t i = t.row; i < t.row + t.rows; i++)
        j->C->data[i + i * j->C->rows] += (float)j->diagonal;
}

void ipd_multiply_symmetric(ipd_transpose ta, const ipd_matrix *A, float diagonal, ipd_matrix *C)
{
    multiply_job j = {.tiles = grid_of(C->rows, C->cols),
                      .ta = ta,
                      .tb = ta ? IPD_PLAIN : IPD_TRANSPOSED,
                      .alpha = 1,
                      .diagonal = diagonal,
                      .k = ta ? A->rows : A->cols,
                      .A = A,
                      .B = A,
                      .C = C};
    assert(C->rows == (ta ? A->cols : A->rows) && C->cols == C->rows);
    ipd_parallel_for(j.tiles.count, symmetric_tile, &j);
    flops += (uint64_t)C->rows * C->cols * j.k;
}

enum { PIECE_COLUMNS = 32 }; /* the slabs are added in pieces of this width */

/* A sum over many samples is cut into slabs. Each task makes one float product, for one tile and
 * one slab; the slabs are added in order at the end. This gives enough tasks for many threads
 * although tiles are large. */
typedef struct outer_job {
    const ipd_matrix *X, *Y; /* the factors: R = X Y^T, or X^T Y if `inner` */
    ipd_matrix64 *R;
    int symmetric, exact, inner;
    size_t length, slabs; /* of the sum */
    grid tiles, pieces;   /* tiles of R for products, and for adding the slabs */
    float *parts;         /* float: the sums of the slabs, one after another */
    double *parts64;      /* exact: the same without the first slab, which is summed in R */
    double *wide;         /* exact: per thread, the rows and cols of EXACT_CHUNK samples */
} outer_job;

/* to[i, s] := rows row.. and samples first.. of `from`, as double. With `inner`, `from` is read
 * transposed. to is rows x count. */
static void widen(const outer_job *j, const ipd_matrix *from, size_t row, size_t rows, size_t first,
                  size_t count, double *to)
{
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < rows; i++)
            to[i + s * rows] = j->inner ? from->data[first + s + (row + i) * from->rows]
                                        : from->data[row + i + (first + s) * from->rows];
}

/* sum := the product over the samples first ... end-1, in double. x: scratch, see
 * outer_job.wide. */
static void outer_tile_exact(const outer_job *j, tile t, size_t first, size_t end, double *sum,
                             double *x)
{
    double *y = x + t.rows * EXACT_CHUNK;
    size_t ld = j->R->rows;
    for (size_t c = 0; c < t.cols; c++)
        memset(sum + c * ld, 0, t.rows * sizeof *sum);
    for (size_t s = first; s < end; s += EXACT_CHUNK) {
        size_t count = IPD_MIN(EXACT_CHUNK, end - s);
        widen(j, j->X, t.row, t.rows, s, count, x);
        if (j->symmetric && t.row == t.col) {
            cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, (int)t.rows, (int)count, 1, x,
                        (int)t.rows, 1, sum, (int)ld);
            continue;
        }
        widen(j, j->Y, t.col, t.cols, s, count, y);
        ipd_dgemm(IPD_PLAIN, IPD_TRANSPOSED, t.rows, t.cols, count, 1, x, t.rows, y, t.cols, 1, sum,
                  ld);
    }
}

/* The same by one float product. */
static void outer_tile_fast(const outer_job *j, tile t, size_t first, size_t end, float *sum)
{
    size_t ldx = j->X->rows, ldy = j->Y->rows, ld = j->R->rows, count = end - first;
    const float *x = j->X->data + (j->inner ? first + t.row * ldx : t.row + first * ldx);
    const float *y = j->Y->data + (j->inner ? first + t.col * ldy : t.col + first * ldy);
    if (j->symmetric && t.row == t.col)
        cblas_ssyrk(CblasColMajor, CblasLower, j->inner ? CblasTrans : CblasNoTrans, (int)t.rows,
                    (int)count, 1, x, (int)ldx, 0, sum, (int)ld);
    else
        ipd_sgemm(j->inner ? IPD_TRANSPOSED : IPD_PLAIN, j->inner ? IPD_PLAIN : IPD_TRANSPOSED,
                  t.rows, t.cols, count, 1, x, ldx, y, ldy, 0, sum, ld);
}

/* Adds the slabs in order and mirrors the lower triangle of a symmetric output. */
static void outer_end(void *context, size_t task, int thread)
{
    const outer_job *j = context;
    tile t = tile_at(&j->pieces, task);
    size_t ld = j->R->rows, all = ld * j->R->cols;
    (void)thread;
    if (j->symmetric && t.row < t.col)
        return;
    for (size_t c = t.col; c < t.col + t.cols; c++) {
        size_t row = j->symmetric && t.row == t.col ? c : t.row, at = row + c * ld;
        size_t rows = t.row + t.rows - row;
        double *sum = j->R->data + at;
        if (!j->exact)
            ipd_widen(j->parts + at, sum, rows);
        for (size_t slab = 1; slab < j->slabs; slab++)
            if (j->exact)
                ipd_daxpy(rows, 1, j->parts64 + (slab - 1) * all + at, sum);
            else
                ipd_accumulate(sum, j->parts + slab * all + at, rows);
    }
    if (j->symmetric)
        ipd_mirror64(j->R->data, ld, t.row, t.rows, t.col, t.cols);
}

static void outer_tile(void *context, size_t task, int thread)
{
    const outer_job *j = context;
    tile t = tile_at(&j->tiles, task % j->tiles.count);
    size_t slab = task / j->tiles.count, at = t.row + t.col * j->R->rows,
           all = j->R->rows * j->R->cols;
    size_t first = j->length * slab / j->slabs, end = j->length * (slab + 1) / j->slabs;
    if (j->symmetric && t.row < t.col)
        return;
    if (j->exact)
        outer_tile_exact(j, t, first, end, (slab ? j->parts64 + (slab - 1) * all : j->R->data) + at,
                         j->wide + (size_t)thread * (j->tiles.rows + j->tiles.cols) * EXACT_CHUNK);
    else
        outer_tile_fast(j, t, first, end, j->parts + slab * all + at);
    if (j->slabs == 1) /* then tiles equal pieces, and this one is still in the cache */
        outer_end(context, task, thread);
}

/* At least two slabs, so that threads can share the work, and enough to keep rounding errors small;
 * half as many in double. */
static size_t slabs_of(size_t length, int big, int exact)
{
    size_t slabs = big ? IPD_MIN(length / BIG_SLAB, BIG_SLABS) : IPD_MIN(length / SLAB, SLABS);
    size_t fewest = exact ? 2 : 2 + length / LONGEST_SLAB;
    slabs = exact ? slabs / 2 : slabs;
    return slabs < fewest ? fewest : slabs;
}

/* Larger tiles make OpenBLAS copy the factors less often. A symmetric output has full products only
 * off its diagonal, so that many small tiles cost more there than few tasks. Tiles of doubles must
 * fit a cache. */
static void cut_sum(outer_job *j, size_t rows, size_t cols)
{
    int big = (rows > cols ? rows : cols) > BIG;
    j->tiles = j->pieces = grid_of(rows, cols);
    j->slabs = 1;
    if (j->length < LONG_SUM)
        return;
    j->slabs = slabs_of(j->length, big, j->exact);
    int huge = big && 2 * j->slabs >= SUM_TASKS;
    size_t max = !big || j->exact ? SUM_TILE : huge ? BIG_SUM_TILE : BIG_SUM_TILE / 2;
    j->tiles = grid_by(rows, cols, max, max);
    for (size_t width = max / 2; !j->symmetric && width >= MIN_SUM_TILE; width /= 2)
        if (j->tiles.count * j->slabs < SUM_TASKS)
            j->tiles = grid_by(rows, cols, max, width);
    if (!j->symmetric)
        j->pieces = grid_by(rows, cols, rows, PIECE_COLUMNS);
}

double ipd_sum_outer_bytes(size_t rows, size_t cols, size_t length)
{
    outer_job j = {.length = length};
    cut_sum(&j, rows, cols);
    return 4 * (double)j.slabs * (double)rows * (double)cols;
}

static int sum_outer(outer_job *j, ipd_error *e)
{
    size_t rows = j->R->rows, cols = j->R->cols, all = rows * cols;
    int result = -1;
    cut_sum(j, rows, cols);
    size_t wide = (size_t)ipd_threads() * (j->tiles.rows + j->tiles.cols) * EXACT_CHUNK;
    if (j->exact
            ? !(j->parts64 = ipd_allocate_unset((j->slabs - 1) * all, sizeof *j->parts64, e)) ||
                  !(j->wide = ipd_allocate_unset(wide, sizeof *j->wide, e))
            : !(j->parts = ipd_allocate_unset(j->slabs * all, sizeof *j->parts, e)))
        goto cleanup;
    ipd_parallel_for(j->tiles.count * j->slabs, outer_tile, j);
    if (j->slabs > 1)
        ipd_parallel_for(j->pieces.count, outer_end, j);
    result = 0;
cleanup:
    free(j->parts);
    free(j->parts64);
    free(j->wide);
    return result;
}

int ipd_sum_outer(const ipd_matrix *X, const ipd_matrix *Y, ipd_matrix64 *R, int exact,
                  ipd_error *e)
{
    outer_job j = {.X = X, .Y = Y, .R = R, .symmetric = X == Y, .exact = exact, .length = X->cols};
    assert(X->cols == Y->cols && R->rows == X->rows && R->cols == Y->rows);
    flops += (X == Y ? 1 : 2) * (uint64_t)R->rows * R->cols * X->cols;
    return sum_outer(&j, e);
}

int ipd_inner_gram(const ipd_matrix *A, ipd_matrix64 *K, int exact, ipd_error *e)
{
    outer_job j = {
        .X = A, .Y = A, .R = K, .symmetric = 1, .exact = exact, .inner = 1, .length = A->rows};
    assert(K->rows == A->cols && K->cols == A->cols);
    flops += (uint64_t)K->rows * K->cols * A->rows;
    return sum_outer(&j, e);
}

int ipd_blas_probe_init(ipd_blas_probe *p, size_t m, size_t n, size_t k, ipd_error *e)
{
    size_t a = m * (k > n ? k : n), all = a + k * n + m * (n > m ? n : m);
    *p = (ipd_blas_probe){m, n, k, ipd_allocate(all, sizeof(float), e)};
    for (size_t i = 0; p->data && i < all; i++)
        p->data[i] = (float)(i % 17) / 17;
    return p->data ? 0 : -1;
}

void ipd_blas_probe_free(ipd_blas_probe *p)
{
    free(p->data);
    *p = (ipd_blas_probe){0};
}

double ipd_blas_probe_seconds(const ipd_blas_probe *p, int symmetric, int threads)
{
    int m = (int)p->m, n = (int)p->n, k = (int)p->k;
    float *A = p->data, *B = A + p->m * (k > n ? p->k : p->n), *C = B + p->k * p->n;
    openblas_set_num_threads(threads);
    double start = ipd_seconds();
    if (symmetric)
        cblas_ssyrk(CblasColMajor, CblasLower, CblasNoTrans, m, n, 1, A, m, 0, C, m);
    else
        cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, A, m, B, k, 0, C, m);
    double seconds = ipd_seconds() - start;
    openblas_set_num_threads(1);
    return seconds;
}
