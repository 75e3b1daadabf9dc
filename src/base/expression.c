/* expression.c - see expression.h. */
#include "base/expression.h"
#include "base/parallel.h"
#include "base/vector.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Elements of a tile, which stays in the cache with its intermediate values, and of a task. */
enum { TILE = 1 << 10, TASK = 1 << 14 };

typedef struct job {
    const ipd_expression *x;
    size_t rows, cols;  /* of the result; everything in one column if no operand is repeated */
    size_t piece, wide; /* rows and columns of a task */
    ipd_matrix *to;     /* NULL: sums */
    double *sums;       /* by task */
} job;

/* The floats of a term from (first, col) on; *step is 0 if it is repeated downwards. */
static const float *floats_of(const job *j, const ipd_term *t, float (*slots)[TILE], size_t col,
                              size_t first, size_t *step)
{
    *step = 1;
    if (!t->m && t->step)
        return slots[t->step - 1];
    *step = t->m && t->m->rows == j->x->rows;
    if (!t->m)
        return &t->number;
    return t->m->data + (t->m->cols == j->x->cols ? col * t->m->rows : 0) + first * *step;
}

static void do_step(const job *j, int i, float (*slots)[TILE], float *to, size_t col, size_t first,
                    size_t count)
{
    const ipd_step *s = &j->x->steps[i];
    size_t xs, ys;
    const float *x = floats_of(j, &s->x, slots, col, first, &xs);
    const float *y = floats_of(j, &s->y, slots, col, first, &ys);
    if (s->kind == IPD_STEP_UNARY)
        ipd_map_floats((ipd_unary)s->op, x, to, count);
    else if (s->kind == IPD_STEP_BINARY)
        ipd_combine_floats((ipd_binary)s->op, x, xs, y, ys, to, count);
    else
        s->f(s->context, s->r, x, y, to, count);
}

/* Computes a tile within one column. Returns the sum of squares, or 0 if the result is stored. */
static double do_tile(const job *j, size_t col, size_t first, size_t count)
{
    float slots[IPD_MAX_STEPS][TILE];
    const ipd_term *result = &j->x->result;
    float *to = j->to ? j->to->data + col * j->rows + first : NULL;
    size_t step;
    for (int i = 0; i < j->x->count; i++)
        do_step(j, i, slots, to && result->step == i + 1 ? to : slots[i], col, first, count);
    if (to && result->m)
        memcpy(to, floats_of(j, result, slots, col, first, &step), count * sizeof *to);
    return to ? 0 : ipd_sum_squared(floats_of(j, result, slots, col, first, &step), count);
}

static void do_task(void *context, size_t task, int thread)
{
    const job *j = context;
    size_t pieces = (j->rows + j->piece - 1) / j->piece;
    size_t begin = task % pieces * j->piece, col = task / pieces * j->wide;
    size_t end = j->rows - begin < j->piece ? j->rows : begin + j->piece;
    double sum = 0;
    (void)thread;
    for (size_t c = col; c < col + j->wide && c < j->cols; c++)
        for (size_t first = begin; first < end; first += TILE)
            sum += do_tile(j, c, first, end - first < TILE ? end - first : TILE);
    if (j->sums)
        j->sums[task] = sum;
}

static int repeats(const ipd_expression *x, const ipd_term *t)
{
    return t->m && (t->m->rows != x->rows || t->m->cols != x->cols);
}

/* Cuts the work; returns the number of tasks. */
static size_t cut(job *j)
{
    const ipd_expression *x = j->x;
    int repeated = 0;
    assert(x->count <= IPD_MAX_STEPS && (x->result.m || x->result.step == x->count));
    for (int i = 0; i < x->count; i++)
        repeated |= repeats(x, &x->steps[i].x) || repeats(x, &x->steps[i].y);
    j->rows = repeated ? x->rows : x->rows * x->cols;
    j->cols = repeated ? x->cols : 1;
    if (!j->rows || !j->cols)
        return 0;
    j->piece = j->rows < TASK ? j->rows : TASK;
    j->wide = TASK / j->piece;
    return (j->rows + j->piece - 1) / j->piece * ((j->cols + j->wide - 1) / j->wide);
}

void ipd_expression_run(const ipd_expression *x, ipd_matrix *to)
{
    job j = {.x = x, .to = to};
    assert(to->rows == x->rows && to->cols == x->cols);
    size_t tasks = cut(&j);
    if (tasks)
        ipd_parallel_for(tasks, do_task, &j);
}

int ipd_expression_squared(const ipd_expression *x, double *sum, ipd_error *e)
{
    job j = {.x = x};
    size_t tasks = cut(&j);
    *sum = 0;
    if (!tasks)
        return 0;
    if (!(j.sums = ipd_allocate_unset(tasks, sizeof *j.sums, e)))
        return -1;
    ipd_parallel_for(tasks, do_task, &j);
    for (size_t i = 0; i < tasks; i++)
        *sum += j.sums[i];
    free(j.sums);
    return 0;
}
