/* lapack.c - factors and what is solved with them; see blas.h.
 *
 * OpenBLAS works on one thread here, so what is large is cut into blocks of BLOCK columns, by its
 * shape alone, and the blocks are spread over the pool. Triangular solves go through the inverses of
 * the diagonal blocks: everything else is then a matrix product, at twice the speed of trsm.
 */
#include "base/blas.h"
#include "base/parallel.h"
#include "base/room.h"
#include "base/vector.h"

#include <assert.h>
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 128, MOST_ROWS = 256 };

/* LAPACK through its Fortran names, which every build of OpenBLAS has. */
extern void spotrf_(const char *uplo, const int *n, float *a, const int *lda, int *info);
extern void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
extern void strtri_(const char *uplo, const char *diag, const int *n, float *a, const int *lda,
                    int *info);
extern void dtrtri_(const char *uplo, const char *diag, const int *n, double *a, const int *lda,
                    int *info);
extern void dpocon_(const char *uplo, const int *n, const double *a, const int *lda,
                    const double *anorm, double *rcond, double *work, int *iwork, int *info);
extern void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda,
                    double *w, double *work, const int *lwork, int *iwork, const int *liwork,
                    int *info);

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A factorisation in place, in float or in double: exactly one of the two. */
typedef struct factor_job {
    size_t n, at, size; /* the panel's first column, and its columns */
    float *s, *inverse; /* of the panel's diagonal block, and room for that of the next one */
    double *d, *inverse64;
    int failed;
} factor_job;

/* C -= A B^T where C is at (row, col), and A and B are what is left of rows `row` and `col` on, `count` columns. */
static void subtract_left(const factor_job *j, size_t row, size_t rows, size_t col, size_t cols,
                          size_t count)
{
    size_t to = row + col * j->n;
    if (!count)
        return;
    if (row == col && j->s)
        cblas_ssyrk(CblasColMajor, CblasLower, CblasNoTrans, (int)rows, (int)count, -1, j->s + row,
                    (int)j->n, 1, j->s + to, (int)j->n);
    else if (row == col)
        cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, (int)rows, (int)count, -1, j->d + row,
                    (int)j->n, 1, j->d + to, (int)j->n);
    else if (j->s)
        cblas_sgemm(CblasColMajor, CblasNoTrans, CblasTrans, (int)rows, (int)cols, (int)count, -1,
                    j->s + row, (int)j->n, j->s + col, (int)j->n, 1, j->s + to, (int)j->n);
    else
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, (int)rows, (int)cols, (int)count, -1,
                    j->d + row, (int)j->n, j->d + col, (int)j->n, 1, j->d + to, (int)j->n);
}

/* Where block `at` has its inverse. */
static size_t inverse_place(size_t at)
{
    return at / BLOCK % 2 * BLOCK * BLOCK;
}

/* The diagonal block at `at`, from which what is left of it has been subtracted: its factor, and that one's
 * inverse. */
static void factor_block(factor_job *j, size_t at)
{
    int size = (int)least(BLOCK, j->n - at), n = (int)j->n, ld = BLOCK, info = 0;
    size_t from = at * (j->n + 1), place = inverse_place(at), cols = (size_t)size;
    int last = at + cols == j->n;
    if (j->s) {
        spotrf_("L", &size, j->s + from, &n, &info);
        for (size_t c = 0; c < cols; c++)
            memcpy(j->inverse + place + c * (BLOCK + 1), j->s + from + c * (j->n + 1),
                   (cols - c) * sizeof *j->s);
        if (!info && !last)
            strtri_("L", "N", &size, j->inverse + place, &ld, &info);
    } else {
        dpotrf_("L", &size, j->d + from, &n, &info);
        for (size_t c = 0; c < cols; c++)
            memcpy(j->inverse64 + place + c * (BLOCK + 1), j->d + from + c * (j->n + 1),
                   (cols - c) * sizeof *j->d);
        if (!info && !last)
            dtrtri_("L", "N", &size, j->inverse64 + place, &ld, &info);
    }
    j->failed |= info != 0;
}

/* A piece of the panel below its diagonal block: L_i := (A_i - what is left of it) L_jj^-T. The first piece
 * goes on to the next diagonal block, which the next panel waits for. */
static void panel_tile(void *context, size_t task, int thread)
{
    factor_job *j = context;
    size_t row = j->at + j->size + task * BLOCK, rows = least(BLOCK, j->n - row);
    size_t to = row + j->at * j->n, place = inverse_place(j->at), n = j->n;
    double room[BLOCK * BLOCK];
    float *room32 = (float *)room;
    (void)thread;
    subtract_left(j, row, rows, j->at, j->size, j->at);
    for (size_t c = 0; c < j->size; c++)
        if (j->s)
            memcpy(room32 + c * rows, j->s + to + c * n, rows * sizeof *j->s);
        else
            memcpy(room + c * rows, j->d + to + c * n, rows * sizeof *j->d);
    if (j->s)
        ipd_sgemm(IPD_PLAIN, IPD_TRANSPOSED, rows, j->size, j->size, 1, room32, rows,
                  j->inverse + place, BLOCK, 0, j->s + to, n);
    else
        ipd_dgemm(IPD_PLAIN, IPD_TRANSPOSED, rows, j->size, j->size, 1, room, rows,
                  j->inverse64 + place, BLOCK, 0, j->d + to, n);
    if (task == 0) {
        subtract_left(j, row, rows, row, rows, row);
        factor_block(j, row);
    }
}

/* Tiles of a lower triangle of `down` blocks each way, numbered column by column. */
static void triangle_tile(size_t down, size_t task, size_t *row, size_t *col)
{
    for (*col = 0; task >= down - *col; ++*col)
        task -= down - *col;
    *row = *col + task;
}

/* Factors panel by panel, each of which takes what is left of it in one long product. */
static int factor(factor_job *j)
{
    ipd_flops_add((uint64_t)j->n * j->n * j->n / 3);
    if (j->n)
        factor_block(j, 0);
    for (j->at = 0; j->at < j->n && !j->failed; j->at += j->size) {
        j->size = least(BLOCK, j->n - j->at);
        ipd_parallel_for((j->n - j->at - j->size + BLOCK - 1) / BLOCK, panel_tile, j);
    }
    return j->failed ? -1 : 0;
}

int ipd_cholesky64(ipd_matrix64 *F)
{
    double inverses[2 * BLOCK * BLOCK] = {0}; /* zero above their diagonals */
    factor_job j = {.n = F->rows, .d = F->data, .inverse64 = inverses};
    return factor(&j);
}

int ipd_cholesky(ipd_matrix *F)
{
    float inverses[2 * BLOCK * BLOCK] = {0};
    factor_job j = {.n = F->rows, .s = F->data, .inverse = inverses};
    return factor(&j);
}

/* The columns of a matrix in at most NORM_TASKS pieces, and the largest sum in each. */
enum { NORM_TASKS = 32 };
typedef struct norm_job {
    const ipd_matrix64 *A;
    size_t tasks;
    double most[NORM_TASKS];
} norm_job;

IPD_CLONES static double sum_absolute(const double *x, size_t count)
{
    double lane[8] = {0}, sum = 0;
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (int k = 0; k < 8; k++)
            lane[k] += fabs(x[i + k]);
    for (; i < count; i++)
        sum += fabs(x[i]);
    for (int k = 0; k < 8; k++)
        sum += lane[k];
    return sum;
}

/* The larger one; NaN where there is one. */
static double larger(double a, double b)
{
    return isnan(a) || a > b ? a : b;
}

static void norm_columns(void *context, size_t task, int thread)
{
    norm_job *j = context;
    size_t rows = j->A->rows, cols = j->A->cols;
    (void)thread;
    for (size_t c = cols * task / j->tasks; c < cols * (task + 1) / j->tasks; c++)
        j->most[task] = larger(j->most[task], sum_absolute(j->A->data + c * rows, rows));
}

double ipd_norm1_64(const ipd_matrix64 *A)
{
    norm_job j = {A, least(NORM_TASKS, A->cols), {0}};
    double most = 0;
    ipd_parallel_for(j.tasks, norm_columns, &j);
    for (size_t task = 0; task < j.tasks; task++)
        most = larger(most, j.most[task]);
    return most;
}

double ipd_rcond64(const ipd_matrix64 *F, double norm)
{
    int n = (int)F->rows, info = 0;
    double rcond = 0;
    /* The order of OpenBLAS's sums depends on how these are aligned. */
    double *work = ipd_room_take(3 * (size_t)n, sizeof *work, NULL);
    int *iwork = ipd_room_take((size_t)n, sizeof *iwork, NULL);
    if (work && iwork)
        dpocon_("L", &n, F->data, &n, &norm, &rcond, work, iwork, &info);
    ipd_room_give(work);
    ipd_room_give(iwork);
    return info ? 0 : rcond;
}

/* inverse := the inverse of F's diagonal block `task`, BLOCK columns apart, zero above. */
static void invert_block(void *context, size_t task, int thread)
{
    const ipd_cholesky_blocks *b = context;
    size_t at = task * BLOCK, n = b->F->rows, size = least(BLOCK, n - at);
    int rows = (int)size, ld = BLOCK, info;
    float *to = b->inverses.data + at * BLOCK;
    (void)thread;
    memset(to, 0, size * BLOCK * sizeof *to);
    for (size_t c = 0; c < size; c++)
        memcpy(to + c + c * BLOCK, b->F->data + at + c + (at + c) * n, (size - c) * sizeof *to);
    strtri_("L", "N", &rows, to, &ld, &info);
}

int ipd_cholesky_blocks_make(ipd_cholesky_blocks *b, const ipd_matrix *F, ipd_error *e)
{
    size_t count = (F->rows + BLOCK - 1) / BLOCK;
    b->F = F;
    b->inverses = (ipd_matrix){BLOCK, count * BLOCK, NULL};
    if (!(b->inverses.data = ipd_room_take(BLOCK * count * BLOCK, sizeof *b->inverses.data, e)))
        return -1;
    ipd_parallel_for(count, invert_block, b);
    return 0;
}

void ipd_cholesky_blocks_free(ipd_cholesky_blocks *b)
{
    ipd_room_give(b->inverses.data);
    *b = (ipd_cholesky_blocks){0};
}

/* X_i := op(inverse of block i) X_i, through `room`. */
static void apply_inverse(const ipd_cholesky_blocks *b, ipd_transpose t, size_t at, float *X,
                          size_t ldx, size_t cols, float *room)
{
    size_t size = least(BLOCK, b->F->rows - at);
    for (size_t c = 0; c < cols; c++)
        memcpy(room + c * size, X + at + c * ldx, size * sizeof *room);
    ipd_sgemm(t, IPD_PLAIN, size, cols, size, 1, b->inverses.data + at * BLOCK, BLOCK, room, size,
              0, X + at, ldx);
}

size_t ipd_cholesky_tile_room(size_t cols)
{
    return BLOCK * cols;
}

/* X := (F F^T)^-1 X, where the rows of X above `first`, where a block starts, are zero. */
static void solve_from(const ipd_cholesky_blocks *b, size_t first, float *X, size_t ldx,
                       size_t cols, float *room)
{
    size_t n = b->F->rows;
    const float *F = b->F->data;
    for (size_t at = first; at < n; at += BLOCK) { /* L Y = X */
        size_t size = least(BLOCK, n - at);
        if (at > first)
            ipd_sgemm(IPD_PLAIN, IPD_PLAIN, size, cols, at - first, -1, F + at + first * n, n,
                      X + first, ldx, 1, X + at, ldx);
        apply_inverse(b, IPD_PLAIN, at, X, ldx, cols, room);
    }
    for (size_t at = (n - 1) / BLOCK * BLOCK;; at -= BLOCK) { /* L^T X = Y */
        size_t next = least(at + BLOCK, n);
        if (next < n)
            ipd_sgemm(IPD_TRANSPOSED, IPD_PLAIN, next - at, cols, n - next, -1, F + next + at * n,
                      n, X + next, ldx, 1, X + at, ldx);
        apply_inverse(b, IPD_TRANSPOSED, at, X, ldx, cols, room);
        if (at == 0)
            break;
    }
}

void ipd_cholesky_solve_tile(const ipd_cholesky_blocks *b, float *X, size_t ldx, size_t cols,
                             float *room)
{
    solve_from(b, 0, X, ldx, cols, room);
}

typedef struct columns_job {
    const ipd_cholesky_blocks *blocks;
    float *inverse, *room; /* n x n, and BLOCK x BLOCK for each thread */
} columns_job;

/* BLOCK columns of the inverse: those of I, solved. */
static void inverse_columns(void *context, size_t task, int thread)
{
    const columns_job *j = context;
    size_t n = j->blocks->F->rows, first = task * BLOCK, cols = least(BLOCK, n - first);
    float *X = j->inverse + first * n;
    memset(X, 0, n * cols * sizeof *X);
    for (size_t c = 0; c < cols; c++)
        X[first + c + c * n] = 1;
    solve_from(j->blocks, first, X, n, cols, j->room + (size_t)thread * BLOCK * BLOCK);
}

int ipd_cholesky_inverse(const ipd_cholesky_blocks *b, ipd_matrix *inverse, ipd_error *e)
{
    size_t n = b->F->rows;
    columns_job j = {b, inverse->data, NULL};
    assert(inverse->rows == n && inverse->cols == n);
    if (!(j.room = ipd_room_take((size_t)ipd_threads() * BLOCK * BLOCK, sizeof *j.room, e)))
        return -1;
    ipd_parallel_for((n + BLOCK - 1) / BLOCK, inverse_columns, &j);
    ipd_room_give(j.room);
    ipd_flops_add(4 * (uint64_t)n * n * n / 3);
    return 0;
}

typedef struct solve_job {
    const ipd_matrix64 *F;
    ipd_matrix64 *R;
    double *inverses; /* of F's diagonal blocks, as above */
    double *room;     /* a copy of some rows for each thread */
    size_t rows;      /* of R a task */
} solve_job;

static void invert_block64(void *context, size_t task, int thread)
{
    const solve_job *j = context;
    size_t at = task * BLOCK, n = j->F->rows, size = least(BLOCK, n - at);
    int rows = (int)size, ld = BLOCK, info;
    double *to = j->inverses + at * BLOCK;
    (void)thread;
    memset(to, 0, size * BLOCK * sizeof *to);
    for (size_t c = 0; c < size; c++)
        memcpy(to + c + c * BLOCK, j->F->data + at + c + (at + c) * n, (size - c) * sizeof *to);
    dtrtri_("L", "N", &rows, to, &ld, &info);
}

/* R_j := R_j op(inverse of block j) for some rows of R. */
static void apply_inverse64(const solve_job *j, CBLAS_TRANSPOSE t, size_t at, double *R,
                            size_t rows)
{
    double copy[MOST_ROWS * BLOCK];
    size_t size = least(BLOCK, j->F->rows - at);
    memcpy(copy, R + at * rows, size * rows * sizeof *copy);
    cblas_dgemm(CblasColMajor, CblasNoTrans, t, (int)rows, (int)size, (int)size, 1, copy, (int)rows,
                j->inverses + at * BLOCK, BLOCK, 0, R + at * rows, (int)rows);
}

/* Solves for some rows of R, in a copy that lies close together. */
static void solve_rows(void *context, size_t task, int thread)
{
    const solve_job *j = context;
    size_t first = task * j->rows, rows = least(j->rows, j->R->rows - first);
    size_t n = j->F->rows, ld = j->R->rows;
    double *R = j->room + (size_t)thread * j->rows * n;
    const double *F = j->F->data;
    for (size_t c = 0; c < n; c++)
        memcpy(R + c * rows, j->R->data + first + c * ld, rows * sizeof *R);
    for (size_t at = 0; at < n; at += BLOCK) { /* Y L^T = R */
        size_t size = least(BLOCK, n - at);
        if (at)
            cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, (int)rows, (int)size, (int)at, -1,
                        R, (int)rows, F + at, (int)n, 1, R + at * rows, (int)rows);
        apply_inverse64(j, CblasTrans, at, R, rows);
    }
    for (size_t at = (n - 1) / BLOCK * BLOCK;; at -= BLOCK) { /* X L = Y */
        size_t next = least(at + BLOCK, n);
        if (next < n)
            cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)(next - at),
                        (int)(n - next), -1, R + next * rows, (int)rows, F + next + at * n, (int)n,
                        1, R + at * rows, (int)rows);
        apply_inverse64(j, CblasNoTrans, at, R, rows);
        if (at == 0)
            break;
    }
    for (size_t c = 0; c < n; c++)
        memcpy(j->R->data + first + c * ld, R + c * rows, rows * sizeof *R);
}

int ipd_cholesky_solve_right64(const ipd_matrix64 *F, ipd_matrix64 *R, ipd_error *e)
{
    solve_job j = {F, R, NULL, NULL, R->rows >= 512 ? MOST_ROWS : MOST_ROWS / 4};
    size_t blocks = (F->rows + BLOCK - 1) / BLOCK;
    assert(R->cols == F->rows);
    if (F->rows == 0)
        return 0;
    size_t inverses = blocks * BLOCK * BLOCK;
    if (!(j.inverses = ipd_room_take(inverses + (size_t)ipd_threads() * j.rows * F->rows,
                                     sizeof *j.inverses, e)))
        return -1;
    j.room = j.inverses + inverses;
    ipd_parallel_for(blocks, invert_block64, &j);
    ipd_parallel_for((R->rows + j.rows - 1) / j.rows, solve_rows, &j);
    ipd_room_give(j.inverses);
    ipd_flops_add(2 * (uint64_t)R->rows * R->cols * R->cols);
    return 0;
}

/* X = F^-1 for a column of blocks, and the lower triangle of X^T X = (F F^T)^-1 for a block. */
typedef struct inverse_job {
    solve_job solve; /* F, the inverses of its diagonal blocks and their size */
    ipd_matrix64 *X, *inverse;
} inverse_job;

static void invert_column(void *context, size_t task, int thread)
{
    const inverse_job *j = context;
    size_t n = j->X->rows, col = task * BLOCK, cols = least(BLOCK, n - col);
    const double *F = j->solve.F->data, *inverses = j->solve.inverses;
    double *X = j->X->data + col * n, room[BLOCK * BLOCK];
    (void)thread;
    for (size_t c = 0; c < cols; c++)
        memcpy(X + col + c * n, inverses + col * BLOCK + c * BLOCK, cols * sizeof *X);
    for (size_t at = col + cols; at < n; at += BLOCK) {
        size_t size = least(BLOCK, n - at);
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, (int)size, (int)cols,
                    (int)(at - col), -1, F + at + col * n, (int)n, X + col, (int)n, 0, room,
                    (int)size);
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, (int)size, (int)cols, (int)size, 1,
                    inverses + at * BLOCK, BLOCK, room, (int)size, 0, X + at, (int)n);
    }
}

static void inverse_tile(void *context, size_t task, int thread)
{
    const inverse_job *j = context;
    size_t n = j->X->rows, row, col;
    double *to = j->inverse->data;
    (void)thread;
    triangle_tile((n + BLOCK - 1) / BLOCK, task, &row, &col);
    row *= BLOCK;
    col *= BLOCK;
    size_t rows = least(BLOCK, n - row), cols = least(BLOCK, n - col);
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, (int)rows, (int)cols, (int)(n - row), 1,
                j->X->data + row + row * n, (int)n, j->X->data + row + col * n, (int)n, 0,
                to + row + col * n, (int)n);
    if (row > col)
        ipd_mirror64(to, n, row, rows, col, cols);
}

int ipd_cholesky_inverse64(const ipd_matrix64 *F, ipd_matrix64 *inverse, ipd_error *e)
{
    size_t n = F->rows, blocks = (n + BLOCK - 1) / BLOCK;
    ipd_matrix64 X;
    inverse_job j = {{.F = F}, &X, inverse};
    assert(inverse->rows == n && inverse->cols == n);
    if (ipd_matrix64_take(&X, n, n, e))
        return -1;
    if (!(j.solve.inverses = ipd_room_take(blocks * BLOCK * BLOCK, sizeof *j.solve.inverses, e))) {
        ipd_matrix64_free(&X);
        return -1;
    }
    ipd_parallel_for(blocks, invert_block64, &j.solve);
    ipd_parallel_for(blocks, invert_column, &j);
    ipd_parallel_for(blocks * (blocks + 1) / 2, inverse_tile, &j);
    ipd_flops_add(2 * (uint64_t)n * n * n / 3);
    ipd_room_give(j.solve.inverses);
    ipd_matrix64_free(&X);
    return 0;
}

/* job: "V" for the vectors, too, "N" for values only. */
static int eigen(const char *job, ipd_matrix64 *V, double *values, ipd_error *e)
{
    int n = (int)V->rows, info = 0, query = -1, isize = 0;
    double size = 0;
    if (n == 0)
        return 0;
    dsyevd_(job, "L", &n, V->data, &n, values, &size, &query, &isize, &query, &info);
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
