/* W_sides.h - what the two ways of a W-step share: W_step.c where inputs are fewer than samples, W_small.c where they
 * are more. Threads: the one that steps; the work is spread over the pool.
 */
#ifndef IPD_SOLVER_W_SIDES_H
#define IPD_SOLVER_W_SIDES_H

#include "solver/steps.h"

/* Columns of W a task, tasks in all, and columns of one of them. */
enum { IPD_W_COLUMNS = 64 };
static inline size_t ipd_W_column_tasks(const ipd_matrix *W)
{
    return (W->cols + IPD_W_COLUMNS - 1) / IPD_W_COLUMNS;
}
static inline size_t ipd_W_columns_at(const ipd_matrix *W, size_t task)
{
    size_t left = W->cols - task * IPD_W_COLUMNS;
    return left < IPD_W_COLUMNS ? left : IPD_W_COLUMNS;
}

/* to := the sums over M's columns, in double, M->rows of them; with `from`, of the shape of M, M := from - M first. -1
 * where there is no memory. */
int ipd_row_sums(ipd_matrix *M, const ipd_matrix *from, double *to, ipd_error *e);
/* b_l moves by (left + delta (b^ - b))/(n + delta), where left[i] is the sum over samples of what is left
 * with the new W and the old b; with bias_mean, by (left/n + delta (b^ - b))/(1 + delta). Writes the
 * step to `step` (d_l; may be NULL) and returns by how much the squared gap changes. */
double ipd_b_step(ipd_solver *s, int l, const double *left, float *step);
/* W_l and b_l with fewer samples than inputs; g is ready to solve with. */
int ipd_W_small_side(ipd_solver *s, int l, const ipd_gram *g, ipd_error *e);

#endif
