/* tensor_linear.c - products, solutions and decompositions of tensors. All but products are
 * computed in double and returned as floats. */
#include "base/blas.h"
#include "base/decompose.h"
#include "base/elements.h"
#include "base/parallel.h"
#include "base/vector.h"
#include "lua/tensor_pending.h"

#include <math.h>
#include <string.h>

/* Products of many columns are cut into pieces of WIDE columns and all rows: OpenBLAS then copies
 * the factors less often than for the tiles of ipd_multiply. Measured (1500 x 1500 by 1500 x 60000,
 * two threads): 0.96 of the rate of sgemm, in tiles 0.91. The bits are the same. */
enum { WIDE = 768, MANY = 16 };

typedef struct wide_job {
    const ipd_matrix *A, *B;
    ipd_transpose as; /* A */
    ipd_matrix *C;
} wide_job;

static void wide_piece(void *context, size_t task, int thread)
{
    const wide_job *j = context;
    size_t at = task * WIDE, left = j->C->cols - at, k = j->B->rows;
    (void)thread;
    ipd_sgemm(j->as, IPD_PLAIN, j->C->rows, left < WIDE ? left : WIDE, k, 1, j->A->data, j->A->rows,
              j->B->data + at * k, k, 0, j->C->data + at * j->C->rows, j->C->rows);
}

static void multiply(ipd_transpose as, const ipd_matrix *A, const ipd_matrix *B, ipd_matrix *C)
{
    wide_job j = {A, B, as, C};
    if (C->cols < (size_t)WIDE * MANY) {
        ipd_multiply(as, IPD_PLAIN, 1, A, B, 0, C);
        return;
    }
    ipd_parallel_for((C->cols + WIDE - 1) / WIDE, wide_piece, &j);
    ipd_flops_add(2 * (uint64_t)C->rows * C->cols * B->rows);
}

/* Columns of a product between two checks for an interrupt: 2^33 operations, and at least MANY wide
 * pieces. */
static size_t slab_of(const ipd_matrix *A)
{
    const double operations = 8589934592.0;
    enum { MIN = WIDE * MANY };
    double columns = operations / (2.0 * (double)A->rows * (double)A->cols + 1);
    return columns < MIN ? MIN : columns > 1e9 ? (size_t)1e9 : (size_t)columns;
}

int ipd_lua_multiply(lua_State *L)
{
    const ipd_matrix *A = ipd_lua_peek_tensor(L, 1), *B = ipd_lua_peek_tensor(L, 2);
    ipd_transpose as, as_B;
    size_t rows = A->rows, length = A->cols, cols = B->cols;
    if (length != B->rows)
        return luaL_error(L,
                          "*: %I x %I times %I x %I: the columns of the first must be the rows of "
                          "the second. Use mul to multiply by element",
                          (lua_Integer)A->rows, (lua_Integer)A->cols, (lua_Integer)B->rows,
                          (lua_Integer)B->cols);
    A = ipd_lua_check_factor(L, 1, &as);
    B = ipd_lua_check_factor(L, 2, &as_B);
    ipd_matrix *C = ipd_lua_new_tensor(L, rows, cols);
    size_t slab = as_B ? cols : slab_of(A);
    if (!length)
        for (size_t i = 0; i < C->rows * C->cols; i++)
            C->data[i] = 0;
    if (as_B && rows && length && cols)
        ipd_multiply(as, as_B, 1, A, B, 0, C);
    for (size_t first = 0; !as_B && rows && length && first < cols; first += slab) {
        size_t count = cols - first < slab ? cols - first : slab;
        ipd_matrix from = ipd_matrix_columns(B, first, count),
                   to = ipd_matrix_columns(C, first, count);
        multiply(as, A, &from, &to);
        ipd_lua_check_interrupt(L);
        ipd_lua_repaint(ipd_lua_of(L));
    }
    return 1;
}

/* t:t() */
static int transpose(lua_State *L)
{
    if (ipd_lua_may_wait(L))
        return ipd_lua_wait_transposed(L, 1);
    const ipd_matrix *x = ipd_lua_check_tensor(L, 1);
    ipd_transpose_matrix(x, ipd_lua_new_tensor(L, x->cols, x->rows));
    return 1;
}

/* A copy in double; the caller frees it. */
static int widen(const ipd_matrix *x, ipd_matrix64 *to, ipd_error *e)
{
    if (ipd_matrix64_unset(to, x->rows, x->cols, e))
        return -1;
    ipd_widen(x->data, to->data, x->rows * x->cols);
    return 0;
}

/* Moves the values of `from`, of the shape of `to`, and frees it. */
static void narrow(ipd_matrix64 *from, ipd_matrix *to)
{
    ipd_narrow(from->data, to->data, to->rows * to->cols);
    ipd_matrix64_free(from);
}

/* Ends a function: returns `to`, the tensor at the top, with the values of X, or nil and the
 * message. Frees X. */
static int give(lua_State *L, int failed, ipd_matrix64 *X, ipd_matrix *to, const ipd_error *e)
{
    if (failed) {
        ipd_matrix64_free(X);
        return ipd_lua_fail(L, e);
    }
    narrow(X, to);
    return 1;
}

static const ipd_matrix *check_square(lua_State *L, const char *what)
{
    const ipd_matrix *A = ipd_lua_check_tensor(L, 1);
    if (A->rows != A->cols)
        luaL_error(L, "%s needs a square tensor and got %I x %I", what, (lua_Integer)A->rows,
                   (lua_Integer)A->cols);
    return A;
}

static const ipd_matrix *check_right_side(lua_State *L, const char *what, const ipd_matrix *A)
{
    const ipd_matrix *B = ipd_lua_check_tensor(L, 2);
    if (A->rows != B->rows)
        luaL_error(L, "%s: the right-hand side of %I x %I does not have the rows of %I x %I", what,
                   (lua_Integer)B->rows, (lua_Integer)B->cols, (lua_Integer)A->rows,
                   (lua_Integer)A->cols);
    return B;
}

/* The functions below push their results before they allocate anything else, because a push can
 * raise an error. */

/* A:outer(B): A B^T, summed over the columns in double */
static int outer(lua_State *L)
{
    const ipd_matrix *A = ipd_lua_check_tensor(L, 1), *B = ipd_lua_check_tensor(L, 2);
    if (A->cols != B->cols)
        return luaL_error(L, "outer: %I x %I and %I x %I must have equally many columns",
                          (lua_Integer)A->rows, (lua_Integer)A->cols, (lua_Integer)B->rows,
                          (lua_Integer)B->cols);
    ipd_matrix *to = ipd_lua_new_tensor(L, A->rows, B->rows);
    ipd_matrix64 G;
    ipd_error e;
    if (ipd_matrix64_init(&G, A->rows, B->rows, &e))
        return ipd_lua_fail(L, &e);
    int failed = A->rows && B->rows && A->cols && ipd_sum_outer(A, B, &G, 0, &e);
    return give(L, failed, &G, to, &e);
}

/* t:gram(): t t^T, summed in double */
static int gram(lua_State *L)
{
    ipd_transpose as;
    const ipd_matrix *A = ipd_lua_check_factor(L, 1, &as);
    size_t rows = as ? A->cols : A->rows;
    ipd_matrix *to = ipd_lua_new_tensor(L, rows, rows);
    ipd_matrix64 G;
    ipd_error e;
    if (ipd_matrix64_init(&G, rows, rows, &e))
        return ipd_lua_fail(L, &e);
    int failed =
        A->rows && A->cols && (as ? ipd_inner_gram(A, &G, 0, &e) : ipd_sum_outer(A, A, &G, 0, &e));
    return give(L, failed, &G, to, &e);
}

/* A:solve(B): X with A X = B */
static int solve(lua_State *L)
{
    const ipd_matrix *A = check_square(L, "solve"), *B = check_right_side(L, "solve", A);
    ipd_matrix *to = ipd_lua_new_tensor(L, A->cols, B->cols);
    ipd_matrix64 F = {0}, X = {0};
    ipd_error e;
    int failed = widen(A, &F, &e) || widen(B, &X, &e) || ipd_solve64(&F, &X, &e);
    ipd_matrix64_free(&F);
    return give(L, failed, &X, to, &e);
}

/* A:lstsq(B): X of least |A X - B|, and the rank */
static int least_squares(lua_State *L)
{
    const ipd_matrix *A = ipd_lua_check_tensor(L, 1), *B = check_right_side(L, "lstsq", A);
    ipd_matrix *to = ipd_lua_new_tensor(L, A->cols, B->cols);
    ipd_matrix64 F = {0}, R = {0}, X = {0};
    ipd_error e;
    int rank = 0;
    int failed = widen(A, &F, &e) || widen(B, &R, &e) || ipd_least_squares64(&F, &R, &X, &rank, &e);
    ipd_matrix64_free(&F);
    ipd_matrix64_free(&R);
    if (failed)
        return ipd_lua_fail(L, &e);
    narrow(&X, to);
    lua_pushinteger(L, rank);
    return 2;
}

/* The Cholesky factor of G, which is symmetric and positive definite; its lower triangle is
 * read. */
static int factor(const ipd_matrix *G, ipd_matrix64 *F, ipd_error *e)
{
    if (widen(G, F, e))
        return -1;
    return F->rows && ipd_cholesky64(F)
               ? ipd_fail(e, IPD_ENUMERIC, "the tensor of %zu x %zu is not positive definite",
                          G->rows, G->cols)
               : 0;
}

/* A:cholesky(): lower L with L L^T = A; reads the lower triangle */
static int cholesky(lua_State *L)
{
    const ipd_matrix *A = check_square(L, "cholesky");
    ipd_matrix *to = ipd_lua_new_tensor(L, A->rows, A->cols);
    ipd_matrix64 F = {0};
    ipd_error e;
    int failed = factor(A, &F, &e);
    for (size_t c = 1; c < F.cols && !failed; c++)
        memset(F.data + c * F.rows, 0, c * sizeof *F.data);
    return give(L, failed, &F, to, &e);
}

/* G:inverse(): of a symmetric positive definite tensor, on all threads */
static int inverse(lua_State *L)
{
    const ipd_matrix *G = check_square(L, "inverse");
    ipd_matrix *to = ipd_lua_new_tensor(L, G->rows, G->cols);
    ipd_matrix64 F = {0}, X = {0};
    ipd_error e;
    int failed = factor(G, &F, &e) || ipd_matrix64_init(&X, G->rows, G->cols, &e) ||
                 (G->rows && ipd_cholesky_inverse64(&F, &X, &e));
    ipd_matrix64_free(&F);
    return give(L, failed, &X, to, &e);
}

/* R:right_solve(G): R G^-1 for a symmetric positive definite G, on all threads */
static int right_solve(lua_State *L)
{
    const ipd_matrix *R = ipd_lua_check_tensor(L, 1), *G = ipd_lua_check_tensor(L, 2);
    if (G->rows != G->cols || R->cols != G->rows)
        return luaL_error(L,
                          "right_solve: %I x %I needs a square tensor of %I rows and got %I x %I",
                          (lua_Integer)R->rows, (lua_Integer)R->cols, (lua_Integer)R->cols,
                          (lua_Integer)G->rows, (lua_Integer)G->cols);
    ipd_matrix *to = ipd_lua_new_tensor(L, R->rows, R->cols);
    ipd_matrix64 F = {0}, X = {0};
    ipd_error e;
    int failed = factor(G, &F, &e) || widen(R, &X, &e) ||
                 (R->rows && R->cols && ipd_cholesky_solve_right64(&F, &X, &e));
    ipd_matrix64_free(&F);
    return give(L, failed, &X, to, &e);
}

/* A:eigh(): eigenvalues, ascending, n x 1, and eigenvectors; reads the lower triangle */
static int eigen(lua_State *L)
{
    const ipd_matrix *A = check_square(L, "eigh");
    if (!isfinite(ipd_sum_absolute(A->data, A->rows * A->cols)))
        return luaL_error(L, "eigh: an element of the tensor of %I x %I is not finite",
                          (lua_Integer)A->rows, (lua_Integer)A->cols);
    ipd_matrix *values = ipd_lua_new_tensor(L, A->rows, 1);
    ipd_matrix *vectors = ipd_lua_new_tensor(L, A->rows, A->cols);
    ipd_matrix64 V = {0}, w = {0};
    ipd_error e;
    if (widen(A, &V, &e) || ipd_matrix64_init(&w, A->rows, 1, &e) || ipd_eigen64(&V, w.data, &e)) {
        ipd_matrix64_free(&V);
        ipd_matrix64_free(&w);
        return ipd_lua_fail(L, &e);
    }
    narrow(&w, values);
    narrow(&V, vectors);
    return 2;
}

/* A:svd(): U, S (r x 1, descending), Vt with A = U diag(S) Vt, r = min(rows, cols) */
static int svd(lua_State *L)
{
    const ipd_matrix *A = ipd_lua_check_tensor(L, 1);
    size_t r = A->rows < A->cols ? A->rows : A->cols;
    ipd_matrix *to_U = ipd_lua_new_tensor(L, A->rows, r), *to_S = ipd_lua_new_tensor(L, r, 1);
    ipd_matrix *to_Vt = ipd_lua_new_tensor(L, r, A->cols);
    ipd_matrix64 F = {0}, U, S, Vt;
    ipd_error e;
    int failed = widen(A, &F, &e) || ipd_svd64(&F, &U, &S, &Vt, &e);
    ipd_matrix64_free(&F);
    if (failed)
        return ipd_lua_fail(L, &e);
    narrow(&U, to_U);
    narrow(&S, to_S);
    narrow(&Vt, to_Vt);
    return 3;
}

/* A:qr(): Q, R with A = Q R */
static int qr(lua_State *L)
{
    const ipd_matrix *A = ipd_lua_check_tensor(L, 1);
    size_t r = A->rows < A->cols ? A->rows : A->cols;
    ipd_matrix *to_Q = ipd_lua_new_tensor(L, A->rows, r);
    ipd_matrix *to_R = ipd_lua_new_tensor(L, r, A->cols);
    ipd_matrix64 F = {0}, Q, R;
    ipd_error e;
    int failed = widen(A, &F, &e) || ipd_qr64(&F, &Q, &R, &e);
    ipd_matrix64_free(&F);
    if (failed)
        return ipd_lua_fail(L, &e);
    narrow(&Q, to_Q);
    narrow(&R, to_R);
    return 2;
}

const luaL_Reg ipd_lua_tensor_linear[] = {{"t", transpose},
                                          {"gram", gram},
                                          {"outer", outer},
                                          {"inverse", inverse},
                                          {"right_solve", right_solve},
                                          {"solve", solve},
                                          {"lstsq", least_squares},
                                          {"cholesky", cholesky},
                                          {"eigh", eigen},
                                          {"svd", svd},
                                          {"qr", qr},
                                          {NULL, NULL}};
