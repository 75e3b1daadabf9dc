/* blas.c - see blas.h. */
#include "base/blas.h"
#include "base/clock.h"
#include "base/parallel.h"
#include "base/room.h"
#include "base/vector.h"

#include <assert.h>
#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Output tiles and sample chunks are constants: what a sum's bits depend on. */
enum { TILE = 256, CHUNK = 1024, EXACT_CHUNK = 256 };
/* Of sums over many samples, which do not stay in caches. */
enum { LONG_SUM = 4096, LONGER_SUM = 16384, LARGE_TILE = 512, LARGER_TILE = 800 };
enum { LONG_CHUNK = 2048, SLAB = 5000, SLABS = 8 };

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

int ipd_matrix64_take(ipd_matrix64 *m, size_t rows, size_t cols, ipd_error *e)
{
    size_t count;
    *m = (ipd_matrix64){0};
    if (__builtin_mul_overflow(rows, cols, &count))
        return ipd_fail(e, IPD_EMEMORY, "out of memory: a %zu x %zu matrix is too large", rows,
                        cols);
    if (!(m->data = ipd_room_take(count, sizeof *m->data, e)))
        return -1;
    m->rows = rows;
    m->cols = cols;
    return 0;
}

int ipd_matrix64_init(ipd_matrix64 *m, size_t rows, size_t cols, ipd_error *e)
{
    if (ipd_matrix64_take(m, rows, cols, e))
        return -1;
    memset(m->data, 0, rows * cols * sizeof *m->data);
    return 0;
}

void ipd_matrix64_free(ipd_matrix64 *m)
{
    ipd_room_give(m->data);
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

void ipd_mirror64(double *A, size_t ld, size_t row, size_t rows, size_t col, size_t cols)
{
    /* In small squares: columns that are a power of two apart share few lines of the cache. */
    enum { SIDE = 8 };
    for (size_t c0 = col; c0 < col + cols; c0 += SIDE)
        for (size_t r0 = row; r0 < row + rows; r0 += SIDE)
            for (size_t r = r0; r < r0 + SIDE && r < row + rows; r++)
                for (size_t c = c0; c < c0 + SIDE && c < col + cols && c < r; c++)
                    A[c + r * ld] = A[r + c * ld];
}

/* Pieces of a matrix, one a task, that are read or written in passing. */
enum { PIECE = 1 << 16 };
typedef struct copy_job {
    size_t count;
    const double *wide;
    float *to_narrow;
    double *to_wide;
} copy_job;

static void copy_piece(void *context, size_t task, int thread)
{
    const copy_job *j = context;
    size_t at = task * PIECE, count = least(PIECE, j->count - at);
    (void)thread;
    if (j->to_narrow)
        ipd_narrow(j->wide + at, j->to_narrow + at, count);
    else
        memcpy(j->to_wide + at, j->wide + at, count * sizeof *j->wide);
}

static void copy(copy_job j)
{
    ipd_parallel_for((j.count + PIECE - 1) / PIECE, copy_piece, &j);
}

void ipd_matrix64_copy(const ipd_matrix64 *from, ipd_matrix64 *to)
{
    copy((copy_job){.count = from->rows * from->cols, .wide = from->data, .to_wide = to->data});
}

void ipd_matrix64_narrow(const ipd_matrix64 *from, ipd_matrix *to)
{
    copy((copy_job){.count = from->rows * from->cols, .wide = from->data, .to_narrow = to->data});
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

/* Sums are cut into slabs, added up in their order at the end: enough tasks for many threads although
 * tiles are large. */
typedef struct outer_job {
    const ipd_matrix *X, *Y; /* factors: rows of X and Y, or their columns when `inner` */
    ipd_matrix64 *R;
    int symmetric, exact, inner;
    size_t length;     /* of the sum */
    size_t rows, cols; /* of a tile */
    size_t chunk;      /* of the sum: one product of floats */
    size_t down, tiles, slabs;
    double *parts; /* a tile's sum for each slab but the first: rows x columns of R, slab by slab */
    float *room;   /* a product of rows x cols for each thread; or, where `exact`, */
    double *wide;  /* rows and cols of EXACT_CHUNK samples */
} outer_job;

static tile outer_tile_at(const outer_job *j, size_t task)
{
    size_t row = task % j->down * j->rows, col = task / j->down * j->cols;
    return (tile){row, least(j->rows, j->R->rows - row), col, least(j->cols, j->R->cols - col)};
}

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

static void outer_tile_exact(const outer_job *j, tile t, size_t first, size_t end, double *sum,
                             size_t ld, double *x)
{
    double *y = x + t.rows * EXACT_CHUNK;
    for (size_t s = first; s < end; s += EXACT_CHUNK) {
        size_t count = least(EXACT_CHUNK, end - s);
        widen(j, j->X, t.row, t.rows, s, count, x);
        if (j->symmetric && t.row == t.col) {
            cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, (int)t.rows, (int)count, 1, x,
                        (int)t.rows, 1, sum, (int)ld);
            continue;
        }
        widen(j, j->Y, t.col, t.cols, s, count, y);
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, (int)t.rows, (int)t.cols, (int)count,
                    1, x, (int)t.rows, y, (int)t.cols, 1, sum, (int)ld);
    }
}

/* part := the product of one chunk. */
static void multiply_chunk(const outer_job *j, tile t, size_t at, size_t count, float *part)
{
    size_t ldx = j->X->rows, ldy = j->Y->rows;
    const float *x = j->X->data + (j->inner ? at + t.row * ldx : t.row + at * ldx);
    const float *y = j->Y->data + (j->inner ? at + t.col * ldy : t.col + at * ldy);
    if (j->symmetric && t.row == t.col)
        cblas_ssyrk(CblasColMajor, CblasLower, j->inner ? CblasTrans : CblasNoTrans, (int)t.rows,
                    (int)count, 1, x, (int)ldx, 0, part, (int)t.rows);
    else
        ipd_sgemm(j->inner ? IPD_TRANSPOSED : IPD_PLAIN, j->inner ? IPD_PLAIN : IPD_TRANSPOSED,
                  t.rows, t.cols, count, 1, x, ldx, y, ldy, 0, part, t.rows);
}

IPD_CLONES static void add_floats(double *sum, const float *part, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum[i] += part[i];
}

static void outer_tile_fast(const outer_job *j, tile t, size_t first, size_t end, double *sum,
                            size_t ld, float *part)
{
    for (size_t s = first; s < end; s += j->chunk) {
        multiply_chunk(j, t, s, least(j->chunk, end - s), part);
        for (size_t c = 0; c < t.cols; c++) {
            size_t from = j->symmetric && t.row == t.col ? c : 0; /* above it is nothing */
            add_floats(sum + from + c * ld, part + from + c * t.rows, t.rows - from);
        }
    }
}

static void outer_tile(void *context, size_t task, int thread)
{
    const outer_job *j = context;
    tile t = outer_tile_at(j, task % j->tiles);
    size_t slab = task / j->tiles, ld = j->R->rows;
    size_t first = j->length * slab / j->slabs, end = j->length * (slab + 1) / j->slabs;
    double *sum =
        (slab ? j->parts + (slab - 1) * ld * j->R->cols : j->R->data) + t.row + t.col * ld;
    if (j->symmetric && t.row < t.col)
        return;
    for (size_t c = 0; c < t.cols; c++)
        memset(sum + c * ld, 0, t.rows * sizeof *sum);
    if (j->exact)
        outer_tile_exact(j, t, first, end, sum, ld,
                         j->wide + (size_t)thread * (j->rows + j->cols) * EXACT_CHUNK);
    else
        outer_tile_fast(j, t, first, end, sum, ld, j->room + (size_t)thread * j->rows * j->cols);
}

/* Adds the slabs in their order; mirrors what is below the diagonal. */
static void outer_end(void *context, size_t task, int thread)
{
    const outer_job *j = context;
    tile t = outer_tile_at(j, task);
    size_t ld = j->R->rows, all = ld * j->R->cols;
    (void)thread;
    if (j->symmetric && t.row < t.col)
        return;
    for (size_t c = t.col; c < t.col + t.cols && j->slabs > 1; c++)
        for (size_t r = j->symmetric && t.row == t.col ? c : t.row; r < t.row + t.rows; r++) {
            double x = j->R->data[r + c * ld];
            for (size_t slab = 1; slab < j->slabs; slab++)
                x += j->parts[(slab - 1) * all + r + c * ld];
            j->R->data[r + c * ld] = x;
        }
    if (j->symmetric)
        ipd_mirror64(j->R->data, ld, t.row, t.rows, t.col, t.cols);
}

/* The size of pieces at most `most` long, all about alike. */
static size_t even_pieces(size_t length, size_t most)
{
    size_t pieces = (length + most - 1) / most;
    return ((length + pieces - 1) / pieces + 15) / 16 * 16;
}

/* Slabs of a long sum: at least two, for threads to share. */
static size_t slabs_of(size_t length)
{
    size_t slabs = length / SLAB;
    return slabs < 2 ? 2 : least(slabs, SLABS);
}

/* Cuts by shape alone. */
static void cut_sum(outer_job *j, size_t rows, size_t cols)
{
    size_t larger = rows > cols ? rows : cols;
    size_t most = j->length < LONGER_SUM ? LARGE_TILE : LARGER_TILE;
    int big = larger > 1024 && j->length >= LONG_SUM;
    j->rows = big ? even_pieces(rows, most) : tile_size(rows, cols);
    j->cols = big ? even_pieces(cols, most) : tile_size(rows, cols);
    j->slabs = big ? slabs_of(j->length) : 1;
    j->chunk = big ? even_pieces((j->length + j->slabs - 1) / j->slabs, LONG_CHUNK) : CHUNK;
    j->down = (rows + j->rows - 1) / j->rows;
    j->tiles = j->down * ((cols + j->cols - 1) / j->cols);
}

double ipd_sum_outer_bytes(size_t rows, size_t cols, size_t length)
{
    outer_job j = {.length = length};
    cut_sum(&j, rows, cols);
    return 8 * (double)(j.slabs - 1) * (double)rows * (double)cols +
           4 * (double)ipd_threads() * (double)j.rows * (double)j.cols;
}

static int sum_outer(outer_job *j, ipd_error *e)
{
    size_t rows = j->R->rows, cols = j->R->cols, threads = (size_t)ipd_threads();
    int result = -1;
    cut_sum(j, rows, cols);
    if (!(j->parts = ipd_room_take((j->slabs - 1) * rows * cols, sizeof *j->parts, e)) ||
        (j->exact ? !(j->wide = ipd_room_take(threads * (j->rows + j->cols) * EXACT_CHUNK,
                                              sizeof *j->wide, e))
                  : !(j->room = ipd_room_take(threads * j->rows * j->cols, sizeof *j->room, e))))
        goto cleanup;
    ipd_parallel_for(j->tiles * j->slabs, outer_tile, j);
    if (j->slabs > 1 || j->symmetric)
        ipd_parallel_for(j->tiles, outer_end, j);
    result = 0;
cleanup:
    ipd_room_give(j->parts);
    ipd_room_give(j->room);
    ipd_room_give(j->wide);
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
