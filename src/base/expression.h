/* expression.h - several elementwise operations in one pass over memory, on all threads.
 *
 * Each operation rounds as it does alone (elements.h), so the bits are those of one pass per
 * operation. Intermediate values stay in small tiles. Tiles are cut by shape alone; sums are double
 * in a fixed order.
 */
#ifndef IPD_BASE_EXPRESSION_H
#define IPD_BASE_EXPRESSION_H

#include "base/elements.h"

enum { IPD_MAX_STEPS = 16 };

/* A matrix, the result of an earlier step, or a number. */
typedef struct ipd_term {
    /* Of the result's shape, or with one row or one column, which is repeated; NULL: see step. */
    const ipd_matrix *m;
    int step; /* without m: the result of this step, from 1; 0: the number */
    float number;
} ipd_term;

/* to[i] := f(x[i], y[i]). A function of one operand must not read y. */
typedef void ipd_step_fn(const void *context, float r, const float *x, const float *y, float *to,
                         size_t count);

typedef struct ipd_step {
    enum { IPD_STEP_UNARY, IPD_STEP_BINARY, IPD_STEP_FUNCTION } kind;
    int op; /* ipd_unary or ipd_binary */
    ipd_step_fn *f;
    const void *context;
    float r;
    ipd_term x, y; /* operands of a function: matrices of the result's shape, or steps */
} ipd_step;

/* Steps in the order of computation; a term refers to earlier steps only. */
typedef struct ipd_expression {
    size_t rows, cols; /* of the result */
    int count;
    ipd_step steps[IPD_MAX_STEPS];
    ipd_term result; /* the last step, or a matrix of this shape */
} ipd_expression;

/* to := the result. `to` has its shape and must not be an operand. Not within a task. */
void ipd_expression_run(const ipd_expression *x, ipd_matrix *to);
/* *sum := the sum of the squares of the result. -1 and *e if memory runs out. Not within a task. */
int ipd_expression_squared(const ipd_expression *x, double *sum, ipd_error *e);

#endif
