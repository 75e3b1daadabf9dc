/* elements.c - see elements.h. */
#include "base/elements.h"
#include "base/parallel.h"
#include "base/vector.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Elements per task, about. */
enum { TASK = 1 << 14 };

/* A matrix that is read with repetition: element (i, j) is data[i*down + j*right]. */
typedef struct operand {
    const float *data;
    size_t down, right;
} operand;

static operand operand_of(const ipd_matrix *m, const ipd_matrix *to)
{
    assert((m->rows == to->rows || m->rows == 1) && (m->cols == to->cols || m->cols == 1));
    return (operand){m->data, m->rows > 1, m->cols > 1 ? m->rows : 0};
}

typedef struct job {
    int op;
    operand x, y, mask;
    ipd_matrix *to;
    /* Does rows first ... first+count-1 of one column. */
    void (*work)(const struct job *j, size_t col, size_t first, size_t count);
    size_t piece; /* rows of a task: of a part of one column, or of whole columns */
    size_t cols;  /* columns of a task */
} job;

static void run_task(void *context, size_t task, int thread)
{
    const job *j = context;
    size_t pieces = (j->to->rows + j->piece - 1) / j->piece;
    size_t first = task % pieces * j->piece, col = task / pieces * j->cols;
    size_t left = j->to->rows - first;
    (void)thread;
    for (size_t c = col; c < col + j->cols && c < j->to->cols; c++)
        j->work(j, c, first, left < j->piece ? left : j->piece);
}

static void run(job *j)
{
    size_t rows = j->to->rows;
    if (!rows || !j->to->cols)
        return;
    j->piece = rows < TASK ? rows : TASK;
    j->cols = TASK / j->piece;
    ipd_parallel_for((rows + j->piece - 1) / j->piece * ((j->to->cols + j->cols - 1) / j->cols),
                     run_task, j);
}

#define FOR_EACH(expression)                                                                       \
    IPD_INDEPENDENT                                                                                \
    for (size_t i = 0; i < count; i++) {                                                           \
        float a = x[i];                                                                            \
        to[i] = (float)(expression);                                                               \
    }                                                                                              \
    break

IPD_CLONES void ipd_map_floats(ipd_unary op, const float *x, float *to, size_t count)
{
    switch (op) {
    case IPD_NEGATE:
        FOR_EACH(-a);
    case IPD_ABSOLUTE:
        FOR_EACH(fabsf(a));
    case IPD_SIGN:
        FOR_EACH(isnan(a) ? a : (a > 0) - (a < 0));
    case IPD_EXP:
        FOR_EACH(expf(a));
    case IPD_LOG:
        FOR_EACH(logf(a));
    case IPD_SQRT:
        FOR_EACH(sqrtf(a));
    case IPD_TANH:
        FOR_EACH(tanhf(a));
    }
}

#undef FOR_EACH

static void map_column(const job *j, size_t col, size_t first, size_t count)
{
    size_t at = col * j->to->rows + first;
    ipd_map_floats((ipd_unary)j->op, j->x.data + at, j->to->data + at, count);
}

void ipd_map(ipd_unary op, const ipd_matrix *x, ipd_matrix *to)
{
    job j = {.op = (int)op, .x = operand_of(x, to), .to = to, .work = map_column};
    assert(x->rows == to->rows && x->cols == to->cols);
    run(&j);
}

/* Three loops, so that compilers vectorise them. */
#define FOR_EACH(expression)                                                                       \
    if (xs && ys)                                                                                  \
        IPD_INDEPENDENT for (size_t i = 0; i < count; i++)                                         \
        {                                                                                          \
            float a = x[i], b = y[i];                                                              \
            to[i] = (float)(expression);                                                           \
        }                                                                                          \
    else if (xs)                                                                                   \
        IPD_INDEPENDENT for (size_t i = 0; i < count; i++)                                         \
        {                                                                                          \
            float a = x[i], b = y0;                                                                \
            to[i] = (float)(expression);                                                           \
        }                                                                                          \
    else                                                                                           \
        IPD_INDEPENDENT for (size_t i = 0; i < count; i++)                                         \
        {                                                                                          \
            float a = x0, b = y[i * ys];                                                           \
            to[i] = (float)(expression);                                                           \
        }                                                                                          \
    break

IPD_CLONES void ipd_combine_floats(ipd_binary op, const float *x, size_t xs, const float *y,
                                   size_t ys, float *to, size_t count)
{
    float x0 = *x, y0 = *y;
    switch (op) {
    case IPD_ADD:
        FOR_EACH(a + b);
    case IPD_SUBTRACT:
        FOR_EACH(a - b);
    case IPD_MULTIPLY:
        FOR_EACH(a * b);
    case IPD_DIVIDE:
        FOR_EACH(a / b);
    case IPD_POWER:
        FOR_EACH(powf(a, b));
    case IPD_MINIMUM:
        FOR_EACH((isnan(a) | (a < b)) ? a : b);
    case IPD_MAXIMUM:
        FOR_EACH((isnan(a) | (a > b)) ? a : b);
    case IPD_LESS:
        FOR_EACH(a < b);
    case IPD_LESS_EQUAL:
        FOR_EACH(a <= b);
    case IPD_EQUAL:
        FOR_EACH(a == b);
    case IPD_NOT_EQUAL:
        FOR_EACH(a != b);
    }
}

#undef FOR_EACH

static void combine_column(const job *j, size_t col, size_t first, size_t count)
{
    size_t xs = j->x.down, ys = j->y.down;
    ipd_combine_floats((ipd_binary)j->op, j->x.data + col * j->x.right + first * xs, xs,
                       j->y.data + col * j->y.right + first * ys, ys,
                       j->to->data + col * j->to->rows + first, count);
}

void ipd_combine(ipd_binary op, const ipd_matrix *x, const ipd_matrix *y, ipd_matrix *to)
{
    job j = {.op = (int)op,
             .x = operand_of(x, to),
             .y = operand_of(y, to),
             .to = to,
             .work = combine_column};
    run(&j);
}

#define FOR_EACH(if_set, if_zero)                                                                  \
    IPD_INDEPENDENT for (size_t i = 0; i < count; i++)                                             \
    {                                                                                              \
        float a = if_set, b = if_zero;                                                             \
        to[i] = mask[i] != 0 ? a : b;                                                              \
    }

IPD_CLONES void ipd_choose_floats(const float *mask, size_t ms, const float *x, size_t xs,
                                  const float *y, size_t ys, float *to, size_t count)
{
    float x0 = *x, y0 = *y;
    if (!ms) {
        int set = *mask != 0;
        for (size_t i = 0; i < count; i++)
            to[i] = set ? x[i * xs] : y[i * ys];
    } else if (xs && ys) {
        FOR_EACH(x[i], y[i])
    } else if (xs) {
        FOR_EACH(x[i], y0)
    } else if (ys) {
        FOR_EACH(x0, y[i])
    } else {
        FOR_EACH(x0, y0)
    }
}

#undef FOR_EACH

static void choose_column(const job *j, size_t col, size_t first, size_t count)
{
    size_t ms = j->mask.down, xs = j->x.down, ys = j->y.down;
    ipd_choose_floats(j->mask.data + col * j->mask.right + first * ms, ms,
                      j->x.data + col * j->x.right + first * xs, xs,
                      j->y.data + col * j->y.right + first * ys, ys,
                      j->to->data + col * j->to->rows + first, count);
}

void ipd_choose(const ipd_matrix *mask, const ipd_matrix *x, const ipd_matrix *y, ipd_matrix *to)
{
    job j = {.mask = operand_of(mask, to),
             .x = operand_of(x, to),
             .y = operand_of(y, to),
             .to = to,
             .work = choose_column};
    run(&j);
}

/* A reduction so far: the sum, or the best element and its index from 1. */
typedef struct seen {
    double value;
    size_t at, count;
} seen;

static int is_better(ipd_reduction what, double value, const seen *s)
{
    if (!s->at || isnan(s->value))
        return !s->at;
    if (isnan(value))
        return 1;
    return what == IPD_MAX || what == IPD_ARGMAX ? value > s->value : value < s->value;
}

static void see(ipd_reduction what, const float *x, size_t count, seen *s)
{
    if (what == IPD_SUM || what == IPD_MEAN)
        for (size_t i = 0; i < count; i++)
            s->value += x[i];
    else
        for (size_t i = 0; i < count; i++)
            if (is_better(what, x[i], s))
                *s = (seen){x[i], s->count + i + 1, s->count};
    s->count += count;
}

static double result_of(ipd_reduction what, const seen *s)
{
    switch (what) {
    case IPD_SUM:
        return s->value;
    case IPD_MEAN:
        return s->value / (double)s->count;
    case IPD_ARGMAX:
    case IPD_ARGMIN:
        return (double)s->at;
    default:
        return s->at ? s->value : what == IPD_MAX ? -INFINITY : INFINITY;
    }
}

static void reduce_column(const job *j, size_t col, size_t first, size_t count)
{
    seen s = {0, 0, 0};
    (void)first, (void)count;
    see((ipd_reduction)j->op, j->x.data + col * j->x.right, j->x.down, &s);
    j->to->data[col] = (float)result_of((ipd_reduction)j->op, &s);
}

void ipd_reduce_columns(ipd_reduction what, const ipd_matrix *x, ipd_matrix *to)
{
    /* Here x.down is the length of a column, and a task has one column or more. */
    job j = {.op = (int)what, .x = {x->data, x->rows, x->rows}, .to = to, .work = reduce_column};
    assert(to->rows == 1 && to->cols == x->cols);
    j.piece = 1;
    j.cols = x->rows < TASK ? TASK / (x->rows + 1) + 1 : 1;
    ipd_parallel_for((to->cols + j.cols - 1) / j.cols, run_task, &j);
}

enum { ROWS = 64 }; /* of a task of ipd_reduce_rows */

static void reduce_rows(void *context, size_t task, int thread)
{
    const job *j = context;
    size_t first = task * ROWS, left = j->to->rows - first, count = left < ROWS ? left : ROWS;
    double sums[ROWS] = {0};
    seen s[ROWS] = {{0, 0, 0}};
    (void)thread;
    for (size_t c = 0; c < j->cols; c++) {
        const float *x = j->x.data + c * j->x.right + first;
        if (j->op == IPD_SUM || j->op == IPD_MEAN)
            ipd_accumulate(sums, x, count);
        else
            for (size_t i = 0; i < count; i++)
                see((ipd_reduction)j->op, x + i, 1, &s[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (j->op == IPD_SUM || j->op == IPD_MEAN)
            s[i] = (seen){sums[i], 0, j->cols};
        j->to->data[first + i] = (float)result_of((ipd_reduction)j->op, &s[i]);
    }
}

void ipd_reduce_rows(ipd_reduction what, const ipd_matrix *x, ipd_matrix *to)
{
    job j = {.op = (int)what, .x = {x->data, 1, x->rows}, .to = to, .cols = x->cols};
    assert(to->cols == 1 && to->rows == x->rows);
    ipd_parallel_for((x->rows + ROWS - 1) / ROWS, reduce_rows, &j);
}

double ipd_reduce(ipd_reduction what, const ipd_matrix *x)
{
    seen s = {0, 0, 0};
    see(what, x->data, x->rows * x->cols, &s);
    return result_of(what, &s);
}

double ipd_dot(const ipd_matrix *x, const ipd_matrix *y)
{
    double sum = 0;
    assert(x->rows == y->rows && x->cols == y->cols);
    for (size_t i = 0; i < x->rows * x->cols; i++)
        sum += (double)x->data[i] * y->data[i];
    return sum;
}

static void transpose_column(const job *j, size_t col, size_t first, size_t count)
{
    float *to = j->to->data + col * j->to->rows;
    for (size_t i = first; i < first + count; i++)
        to[i] = j->x.data[col + i * j->x.right];
}

void ipd_transpose_matrix(const ipd_matrix *x, ipd_matrix *to)
{
    job j = {.x = {x->data, 1, x->rows}, .to = to, .work = transpose_column};
    assert(to->rows == x->cols && to->cols == x->rows && to->data != x->data);
    run(&j);
}
