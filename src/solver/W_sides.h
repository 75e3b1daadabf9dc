/* W_sides.h - shared by the two forms of the W-step: the primal form (W_step.c), for fewer inputs
 * than samples, and the dual form (W_small.c), for more. Call from the stepping thread; the work is
 * spread over the pool. */
#ifndef IPD_SOLVER_W_SIDES_H
#define IPD_SOLVER_W_SIDES_H

#include "solver/steps.h"

/* Columns of W per task, number of tasks, and columns of one task. */
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

/* to := row sums of M over its columns, in double (M->rows values). With `from`, of M's shape, M :=
 * from - M first. Returns -1 if memory runs out. */
int ipd_row_sums(ipd_matrix *M, const ipd_matrix *from, double *to, ipd_error *e);
/* Moves b_l by (left + delta (b^ - b))/(n + delta), where left[i] is the sum over samples of the
 * residual with the new W and the old b; with bias_mean, by (left/n + delta (b^ - b))/(1 + delta).
 * Writes the step to `step` (d_l; may be NULL) and returns the change of the squared gap. */
double ipd_b_step(ipd_solver *s, int l, const double *left, float *step);
/* Updates W_l and b_l with fewer samples than inputs; g must be ready to solve with. */
int ipd_W_small_side(ipd_solver *s, int l, const ipd_gram *g, ipd_error *e);

#endif
