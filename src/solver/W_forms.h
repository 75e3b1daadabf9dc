/* W_forms.h - shared by the two forms of the W-step: the primal form (W_step.c), for fewer inputs
 * than samples, and the dual form (W_dual.c), for more. Call from the stepping thread; the work is
 * spread over the pool. */
#ifndef IPD_SOLVER_W_FORMS_H
#define IPD_SOLVER_W_FORMS_H

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

/* to := row sums of M over its columns, in double (M->rows values). `from` is NULL or has M's
 * shape: then M := from - M first. Returns -1 if memory runs out. */
int ipd_row_sums(ipd_matrix *M, const ipd_matrix *from, double *to, ipd_error *e);

/* Moves b_l by (r + delta (b^ - b))/(n + delta), or with bias_mean by (r/n + delta (b^ - b))/(1 +
 * delta), where r = residuals (d_l) is the sum over samples of the residual with the new W and the
 * old b. Writes the step to `step` (d_l; may be NULL). Returns the change of the squared gap. */
double ipd_b_step(ipd_solver *s, int l, const double *residuals, float *step);

/* Updates W_l and b_l in dual form. g must be ready to solve with. */
int ipd_W_dual_form(ipd_solver *s, int l, const ipd_gram *g, ipd_error *e);

#endif
