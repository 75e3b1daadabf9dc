/* cholesky_of.h - blocked factors and inverses, included by lapack.c once for float and once for
 * double.
 *
 * REAL is the element type, MATRIX the matrix type; OF(name) adds the type's suffix to a name. GEMM
 * is the product; SYRK, POTRF and TRTRI are OpenBLAS's functions for the type.
 */

/* The inverses of a factor's diagonal blocks, zero above their diagonals; block k begins at k
 * BLOCK^2. */
typedef struct OF(blocks_job) {
    const MATRIX *F;
    REAL *inverses;
} OF(blocks_job);

/* to := the inverse of a diagonal block, size x size with leading dimension n. `to` has leading
 * dimension BLOCK and must be zero above its diagonal. */
static int OF(invert_triangle)(const REAL *block, size_t n, size_t size, REAL *to)
{
    int rows = (int)size, ld = BLOCK, info;
    for (size_t c = 0; c < size; c++)
        memcpy(to + c * (BLOCK + 1), block + c * (n + 1), (size - c) * sizeof *to);
    TRTRI("L", "N", &rows, to, &ld, &info);
    return info;
}

static void OF(invert_block)(void *context, size_t task, int thread)
{
    const OF(blocks_job) *j = context;
    size_t at = task * BLOCK, n = j->F->rows, size = IPD_MIN(BLOCK, n - at);
    REAL *to = j->inverses + at * BLOCK;
    (void)thread;
    memset(to, 0, size * BLOCK * sizeof *to);
    OF(invert_triangle)(j->F->data + at * (n + 1), n, size, to);
}

/* A factorisation in place. Panels are BLOCK columns wide; several panels make a wide panel. */
typedef struct OF(factor_job) {
    MATRIX *F;
    size_t from, to; /* first column of the wide panel, and of the next one */
    size_t at, size; /* first column of the panel, and its width */
    REAL *inverse;   /* inverses of the diagonal blocks of this panel and the next, by turns */
    int failed;
} OF(factor_job);

/* Factors the diagonal block at `at`, from which the products of all earlier columns have been
 * subtracted, and inverts the factor. */
static void OF(factor_block)(OF(factor_job) * j, size_t at)
{
    size_t n = j->F->rows, cols = IPD_MIN(BLOCK, n - at);
    int size = (int)cols, stride = (int)n, info = 0;
    REAL *block = j->F->data + at * (n + 1);
    POTRF("L", &size, block, &stride, &info);
    if (!info && at + cols < n)
        info = OF(invert_triangle)(block, n, cols, j->inverse + inverse_place(at));
    j->failed |= info != 0;
}

/* One tile of the panel below its diagonal block: L_i := (A_i - products of the wide panel's
 * earlier columns) L_jj^-T. The first tile also factors the next diagonal block, for which the next
 * panel waits. */
static void OF(panel_tile)(void *context, size_t task, int thread)
{
    OF(factor_job) *j = context;
    size_t n = j->F->rows, at = j->at, left = j->from * n, row = at + j->size + task * BLOCK;
    size_t rows = IPD_MIN(BLOCK, n - row);
    REAL *F = j->F->data, *to = F + row + at * n, copy[BLOCK * BLOCK];
    (void)thread;
    if (at > j->from)
        GEMM(IPD_PLAIN, IPD_TRANSPOSED, rows, j->size, at - j->from, -1, F + row + left, n,
             F + at + left, n, 1, to, n);
    for (size_t c = 0; c < j->size; c++)
        memcpy(copy + c * rows, to + c * n, rows * sizeof *to);
    GEMM(IPD_PLAIN, IPD_TRANSPOSED, rows, j->size, j->size, 1, copy, rows,
         j->inverse + inverse_place(at), BLOCK, 0, to, n);
    if (task > 0 || row == j->to)
        return;
    SYRK(CblasColMajor, CblasLower, CblasNoTrans, (int)rows, (int)(row - j->from), -1,
         F + row + left, (int)n, 1, F + row * (n + 1), (int)n);
    OF(factor_block)(j, row);
}

/* One tile of the trailing matrix, right of and below the wide panel: subtracts the panel's
 * product. The first tile also factors the next diagonal block. */
static void OF(trailing_tile)(void *context, size_t task, int thread)
{
    OF(factor_job) *j = context;
    size_t n = j->F->rows, left = j->from * n, count = j->to - j->from, row, col;
    REAL *F = j->F->data;
    (void)thread;
    triangle_tile((n - j->to + TRAILING - 1) / TRAILING, task, &row, &col);
    row = j->to + row * TRAILING;
    col = j->to + col * TRAILING;
    size_t rows = IPD_MIN(TRAILING, n - row), cols = IPD_MIN(TRAILING, n - col);
    if (row == col)
        SYRK(CblasColMajor, CblasLower, CblasNoTrans, (int)rows, (int)count, -1, F + row + left,
             (int)n, 1, F + row + col * n, (int)n);
    else
        GEMM(IPD_PLAIN, IPD_TRANSPOSED, rows, cols, count, -1, F + row + left, n, F + col + left, n,
             1, F + row + col * n, n);
    if (task == 0)
        OF(factor_block)(j, j->to);
}

/* Factors the panels of a wide panel, each with one product over the wide panel's earlier columns,
 * then updates the trailing matrix. */
static void OF(factor_wide)(OF(factor_job) * j)
{
    size_t n = j->F->rows;
    for (j->at = j->from; j->at < j->to && !j->failed; j->at += j->size) {
        j->size = IPD_MIN(BLOCK, n - j->at);
        ipd_parallel_for((n - j->at - j->size + BLOCK - 1) / BLOCK, OF(panel_tile), j);
    }
    if (j->failed || j->to == n)
        return;
    size_t tiles = (n - j->to + TRAILING - 1) / TRAILING;
    ipd_parallel_for(tiles * (tiles + 1) / 2, OF(trailing_tile), j);
}

/* Small matrices in one call to LAPACK, others by wide panels. */
static int OF(factor)(MATRIX *F)
{
    REAL inverse[2 * BLOCK * BLOCK] = {0}; /* zero above their diagonals */
    OF(factor_job) j = {.F = F, .inverse = inverse};
    size_t n = F->rows;
    int info = 0, size = (int)n;
    ipd_flops_add((uint64_t)n * n * n / 3);
    if (n == 0)
        return 0;
    if (n <= SMALL) {
        POTRF("L", &size, F->data, &size, &info);
        return info ? -1 : 0;
    }
    OF(factor_block)(&j, 0);
    for (; j.from < n && !j.failed; j.from = j.to) {
        j.to = IPD_MIN(j.from + WIDE, n);
        OF(factor_wide)(&j);
    }
    return j.failed ? -1 : 0;
}

/* Computes X = F^-1, one column of blocks per task, then the lower triangle of X^T X = (F F^T)^-1,
 * one tile per task. */
typedef struct OF(inverse_job) {
    OF(blocks_job) blocks;
    REAL *X;     /* n x n; not set above the diagonal tiles */
    size_t side; /* of a tile: BLOCK or a multiple */
    MATRIX *inverse;
} OF(inverse_job);

static void OF(invert_column)(void *context, size_t task, int thread)
{
    const OF(inverse_job) *j = context;
    size_t n = j->inverse->rows, col = task * BLOCK, cols = IPD_MIN(BLOCK, n - col);
    const REAL *F = j->blocks.F->data, *inverses = j->blocks.inverses;
    REAL *X = j->X + col * n, scratch[BLOCK * BLOCK];
    (void)thread;
    size_t top = col / j->side * j->side;
    for (size_t c = 0; c < cols; c++) {
        memset(X + top + c * n, 0, (col - top) * sizeof *X);
        memcpy(X + col + c * n, inverses + col * BLOCK + c * BLOCK, cols * sizeof *X);
    }
    for (size_t at = col + cols; at < n; at += BLOCK) {
        size_t size = IPD_MIN(BLOCK, n - at);
        GEMM(IPD_PLAIN, IPD_PLAIN, size, cols, at - col, -1, F + at + col * n, n, X + col, n, 0,
             scratch, size);
        GEMM(IPD_PLAIN, IPD_PLAIN, size, cols, size, 1, inverses + at * BLOCK, BLOCK, scratch, size,
             0, X + at, n);
    }
}

/* One tile of X^T X on or below the diagonal, mirrored above it. */
static void OF(inverse_tile)(void *context, size_t task, int thread)
{
    const OF(inverse_job) *j = context;
    size_t n = j->inverse->rows, row, col;
    REAL *to = j->inverse->data;
    (void)thread;
    triangle_tile((n + j->side - 1) / j->side, task, &row, &col);
    row *= j->side;
    col *= j->side;
    size_t rows = IPD_MIN(j->side, n - row), cols = IPD_MIN(j->side, n - col);
    GEMM(IPD_TRANSPOSED, IPD_PLAIN, rows, cols, n - row, 1, j->X + row + row * n, n,
         j->X + row + col * n, n, 0, to + row + col * n, n);
    MIRROR(to, n, row, rows, col, cols);
}

static int OF(invert)(const MATRIX *F, MATRIX *inverse, ipd_error *e)
{
    size_t n = F->rows, blocks = (n + BLOCK - 1) / BLOCK, side = n > LARGE ? 2 * BLOCK : BLOCK;
    size_t tiles = (n + side - 1) / side;
    OF(inverse_job) j = {{.F = F}, NULL, side, inverse};
    assert(inverse->rows == n && inverse->cols == n);
    if (!(j.X = ipd_allocate_unset(n * n, sizeof *j.X, e)))
        return -1;
    if (!(j.blocks.inverses = ipd_allocate_unset(blocks * BLOCK * BLOCK, sizeof *j.X, e))) {
        free(j.X);
        return -1;
    }
    ipd_parallel_for(blocks, OF(invert_block), &j.blocks);
    ipd_parallel_for(blocks, OF(invert_column), &j);
    ipd_parallel_for(tiles * (tiles + 1) / 2, OF(inverse_tile), &j);
    ipd_flops_add(2 * (uint64_t)n * n * n / 3);
    free(j.blocks.inverses);
    free(j.X);
    return 0;
}
