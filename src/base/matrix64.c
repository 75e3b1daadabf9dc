/* matrix64.c - see matrix64.h. */
#include "base/matrix64.h"
#include "base/min.h"
#include "base/parallel.h"
#include "base/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int ipd_matrix64_unset(ipd_matrix64 *m, size_t rows, size_t cols, ipd_error *e)
{
    size_t count;
    *m = (ipd_matrix64){0};
    if (__builtin_mul_overflow(rows, cols, &count))
        return ipd_fail(e, IPD_EMEMORY, "out of memory: a %zu x %zu matrix is too large", rows,
                        cols);
    if (!(m->data = ipd_allocate_unset(count, sizeof *m->data, e)))
        return -1;
    m->rows = rows;
    m->cols = cols;
    return 0;
}

int ipd_matrix64_init(ipd_matrix64 *m, size_t rows, size_t cols, ipd_error *e)
{
    if (ipd_matrix64_unset(m, rows, cols, e))
        return -1;
    memset(m->data, 0, rows * cols * sizeof *m->data);
    return 0;
}

void ipd_matrix64_free(ipd_matrix64 *m)
{
    free(m->data);
    *m = (ipd_matrix64){0};
}

/* Elements per task of a copy. */
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
    size_t at = task * PIECE, count = IPD_MIN(PIECE, j->count - at);
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

/* The columns of a matrix in at most NORM_TASKS pieces, with the largest column sum of each. */
enum { NORM_TASKS = 32 };

typedef struct norm_job {
    const ipd_matrix64 *A;
    size_t tasks;
    double max[NORM_TASKS];
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

/* The maximum, or NaN if one is NaN. */
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
        j->max[task] = larger(j->max[task], sum_absolute(j->A->data + c * rows, rows));
}

double ipd_norm1_64(const ipd_matrix64 *A)
{
    norm_job j = {A, IPD_MIN(NORM_TASKS, A->cols), {0}};
    double max = 0;
    ipd_parallel_for(j.tasks, norm_columns, &j);
    for (size_t task = 0; task < j.tasks; task++)
        max = larger(max, j.max[task]);
    return max;
}

#define MIRROR(name, real)                                                                         \
    void name(real *A, size_t ld, size_t row, size_t rows, size_t col, size_t cols)                \
    {                                                                                              \
        /* In small squares: columns a power of two apart compete for few cache lines. */          \
        enum { SIDE = 8 };                                                                         \
        for (size_t c0 = col; c0 < col + cols; c0 += SIDE)                                         \
            for (size_t r0 = row; r0 < row + rows; r0 += SIDE)                                     \
                for (size_t r = r0; r < r0 + SIDE && r < row + rows; r++)                          \
                    for (size_t c = c0; c < c0 + SIDE && c < col + cols && c < r; c++)             \
                        A[c + r * ld] = A[r + c * ld];                                             \
    }

MIRROR(ipd_mirror32, float)
MIRROR(ipd_mirror64, double)
