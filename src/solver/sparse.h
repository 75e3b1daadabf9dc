/* sparse.h - rows of W under an l1 penalty: the convex problem of a W-step, solved to a tolerance.
 *
 * For each row w of W, with H = a a^T + kappa I and c the right-hand side of the W-step,
 *
 *   F(w) = 1/2 w H w^T - w c^T + l1 |w|_1.
 *
 * Its gradient without the last term is g = w H - c. A row is done if for every k
 *
 *   H_kk |w_k - soft(w_k - g_k/H_kk, l1/H_kk)| <= 1e-9 (l1 + max_k |c_k|),
 *
 * the amount by which the optimality condition is missed; soft(x, t) moves x towards 0 by t, at
 * most to 0.
 */
#ifndef IPD_SOLVER_SPARSE_H
#define IPD_SOLVER_SPARSE_H

#include "base/blas.h"

#define IPD_SPARSE_TOLERANCE 1e-9
enum { IPD_SPARSE_ROUNDS = 400 }; /* maximum per row */

/* Cost and accuracy of the rows of a W-step. */
typedef struct ipd_sparse_report {
    double residual; /* worst row's, relative to l1 + max_k |c_k| */
    double rounds;   /* worst row's */
} ipd_sparse_report;

/* Some rows, side by side as columns. */
typedef struct ipd_sparse_rows {
    size_t d, count;
    const double *H;       /* d x d, no zero on its diagonal */
    const double *inverse; /* of H + shift I, d x d; or NULL */
    double shift;          /* >= 0: makes H + shift I safely positive definite */
    double l1;
    double *w, *g; /* d x count: start and its gradient; overwritten by those of the solution */
} ipd_sparse_rows;

/* Solves the rows on all threads; the bits do not depend on their number. */
int ipd_sparse_solve(ipd_sparse_rows *r, ipd_sparse_report *report, ipd_error *e);

#endif
