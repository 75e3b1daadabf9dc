/* elements.h - elementwise operations on matrices of float, on all threads, and reductions.
 *
 * Work is cut by shape alone and sums are double in a fixed order, so the bits are the same for any
 * number of threads. Any thread, but not from within a parallel task; shapes must conform
 * (asserted). The result may be one of the operands.
 */
#ifndef IPD_BASE_ELEMENTS_H
#define IPD_BASE_ELEMENTS_H

#include "base/matrix.h"

typedef enum ipd_unary {
    IPD_NEGATE,
    IPD_ABSOLUTE,
    IPD_SIGN,
    IPD_EXP,
    IPD_LOG,
    IPD_SQRT,
    IPD_TANH
} ipd_unary;

typedef enum ipd_binary {
    IPD_ADD,
    IPD_SUBTRACT,
    IPD_MULTIPLY,
    IPD_DIVIDE,
    IPD_POWER,
    IPD_MINIMUM, /* NaN if either is */
    IPD_MAXIMUM,
    IPD_LESS, /* comparisons give 1 or 0 */
    IPD_LESS_EQUAL,
    IPD_EQUAL,
    IPD_NOT_EQUAL
} ipd_binary;

/* An operation on `count` contiguous floats, on the calling thread. An operand's step (xs, ys, ms)
 * is 1, or 0 if its one element is repeated. The result may be one of the operands. */
void ipd_map_floats(ipd_unary op, const float *x, float *to, size_t count);
void ipd_combine_floats(ipd_binary op, const float *x, size_t xs, const float *y, size_t ys,
                        float *to, size_t count);
/* to[i] := x[i] where mask[i] is not 0, else y[i]. */
void ipd_choose_floats(const float *mask, size_t ms, const float *x, size_t xs, const float *y,
                       size_t ys, float *to, size_t count);

/* to := op(x), of the same shape. */
void ipd_map(ipd_unary op, const ipd_matrix *x, ipd_matrix *to);

/* to := x op y, element by element. x and y have the shape of `to`, or one row, one column or one
 * element, which is then repeated. */
void ipd_combine(ipd_binary op, const ipd_matrix *x, const ipd_matrix *y, ipd_matrix *to);

/* to := x where mask is not 0 and y elsewhere, with repetition as above. */
void ipd_choose(const ipd_matrix *mask, const ipd_matrix *x, const ipd_matrix *y, ipd_matrix *to);

typedef enum ipd_reduction {
    IPD_SUM,
    IPD_MEAN, /* of nothing: NaN */
    IPD_MAX,  /* NaN if an element is; of nothing: minus infinity */
    IPD_MIN,
    IPD_ARGMAX, /* index from 1 of the first largest element, or of the first NaN; of nothing: 0 */
    IPD_ARGMIN
} ipd_reduction;

/* to (1 x cols) := the reduction of each column of x (rows x cols). */
void ipd_reduce_columns(ipd_reduction what, const ipd_matrix *x, ipd_matrix *to);
/* to (rows x 1) := the reduction of each row of x, in the order of the columns. */
void ipd_reduce_rows(ipd_reduction what, const ipd_matrix *x, ipd_matrix *to);
/* The reduction of all elements in column-major order, on the calling thread. */
double ipd_reduce(ipd_reduction what, const ipd_matrix *x);
/* The sum of the products of corresponding elements, in double, on the calling thread. */
double ipd_dot(const ipd_matrix *x, const ipd_matrix *y);

/* to := the transpose of x; to is not x. */
void ipd_transpose_matrix(const ipd_matrix *x, ipd_matrix *to);

#endif
