/* W_step.c - step 6 of Algorithm 1: W_l, then b_l.
 *
 *   W_l := ((z_l - b_l) a^T + delta W^_l) (a a^T + delta I)^{-1},   a = a_{l-1}, with the old b_l
 *   b_l := (sum_n (z_l - W_l a)_n + delta b^_l)/(n + delta),        with the new W_l
 *
 * computed as a step from the current W_l, which keeps rounding in proportion to the step. With
 * E = z_l - p_l, mu = lambda n/(N rho) for an l2 penalty of weight lambda, and kappa = delta + mu,
 *
 *   W_l += (E a^T + delta (W^_l - W_l) - mu W_l) (a a^T + kappa I)^{-1}.
 *
 * With fewer samples than inputs the dual form inverts the smaller side (W_dual.c): with
 * E^ = z_l - b_l - (delta/kappa) W^_l a and S = E^ (a^T a + kappa I)^{-1},
 *
 *   W_l := (delta/kappa) W^_l + S a^T,   and the residual is z_l - b_l - W_l a = kappa S,
 *
 * so the product p_l costs nothing. Under an l1 penalty the step from the current W goes to the
 * minimiser of a convex problem (sparse.h), with the same Gram matrix, and under a penalty of the
 * user to where no single weight can be improved (penalty_step.c). kappa = 0 means the limit
 * delta -> 0: the pseudo-inverse of a singular Gram matrix (singular values of a below 1e-5 of the
 * largest count as zero).
 */
#include "base/parallel.h"
#include "base/vector.h"
#include "solver/W_forms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 1 if the minimiser under the penalty of W_l has no closed form. */
static int is_iterative(const ipd_solver *s, int l)
{
    return ipd_l1_share(s, l) > 0 || s->par.penalty[l].own;
}

/* The weight of the l2 penalty in the block, in units of rho. */
static double l2_share(const ipd_solver *s, int l)
{
    return s->share * s->par.penalty[l].l2 / s->rho;
}

double ipd_W_kappa(const ipd_solver *s, int l)
{
    return ipd_prox_of(s, IPD_W, l).weight + l2_share(s, l);
}

/* Workspace of the primal form: rows = d_l, cols = d_{l-1}. */
typedef struct workspace {
    ipd_matrix64 R, D; /* right-hand side and step of W, rows x cols */
    double *a_sum;     /* of a over samples, cols */
    double *residuals; /* of z - p over samples, rows */
} workspace;

static int reserve(workspace *m, size_t rows, size_t cols, ipd_error *e)
{
    *m = (workspace){0};
    return ipd_matrix64_unset(&m->R, rows, cols, e) ||
                   !(m->a_sum = ipd_allocate(cols, sizeof *m->a_sum, e)) ||
                   !(m->residuals = ipd_allocate(rows, sizeof *m->residuals, e))
               ? -1
               : 0;
}

static void free_workspace(workspace *m)
{
    ipd_matrix64_free(&m->R);
    ipd_matrix64_free(&m->D);
    free(m->a_sum);
    free(m->residuals);
}

/* R and D of the primal form, some columns per task. */
typedef struct primal_job {
    ipd_solver *s;
    const ipd_matrix *W;
    ipd_matrix *old; /* becomes the new W */
    workspace *m;
    int limit; /* delta = 0 with a singular Gram matrix: D is a step from W^ */
    double delta, beta, mu;
    double *sums; /* CHANGE and MOVED of each task */
} primal_job;
enum { CHANGE, MOVED, SUMS };

/* R += delta (W^ - W) - mu W; in the limit D := W^ - W. */
static void pull_tile(void *context, size_t task, int thread)
{
    const primal_job *j = context;
    size_t at = task * IPD_W_COLUMNS * j->W->rows,
           end = at + ipd_W_columns_at(j->W, task) * j->W->rows;
    const float *W = j->W->data, *old = j->old->data;
    double beta = j->beta, pull = j->delta * beta, mu = j->mu;
    double *R = j->m->R.data, *D = j->m->D.data;
    (void)thread;
    for (size_t i = at; i < end; i++)
        if (j->limit)
            D[i] = beta * ((double)W[i] - old[i]);
        else
            R[i] += pull * ((double)W[i] - old[i]) - mu * W[i];
}

/* R := E a^T + delta (W^ - W) - mu W. In the limit delta -> 0 no term pulls, and directions in
 * which a is zero must stay at W^: so R is the right-hand side for a step from W^. */
static int right_hand_side(primal_job *j, int l, const ipd_gram *g, ipd_error *e)
{
    ipd_matrix64 *R = &j->m->R;
    /* D may reuse the memory of the sum's slabs, so it is acquired afterwards. */
    if (ipd_sum_outer(&j->s->v.p[l], &j->s->v.a[l - 1], R, j->limit, e) ||
        ipd_matrix64_unset(&j->m->D, R->rows, R->cols, e))
        return -1;
    ipd_parallel_for(ipd_W_column_tasks(j->W), pull_tile, j);
    if (j->limit)
        ipd_multiply64(IPD_PLAIN, IPD_PLAIN, -1, &j->m->D, &g->G, 1, R);
    return 0;
}

enum { LANES = 8 }; /* independent sums */

/* Moves one element of W by D; adds up the change of the objective and the distance. */
static inline void move_one(const primal_job *j, float W, float *old, double R, double *D,
                            double *change, double *moved)
{
    double delta = j->delta, mu = j->mu, from = W, d = *D, ahead = j->beta * (from - *old);
    float new = (float)(from + d + (j->limit ? ahead : 0));
    double by = (double)new - from;
    *change -= d * R + delta * (by * by - 2 * by * ahead) + mu * (by * by + 2 * by * from);
    *moved += by * by;
    *D = by;
    *old = new;
}

IPD_CLONES static void move_some(const primal_job *j, size_t at, size_t end, double *sums)
{
    const float *W = j->W->data;
    const double *R = j->m->R.data;
    float *restrict old = j->old->data;
    double *restrict D = j->m->D.data, change[LANES] = {0}, moved[LANES] = {0};
    primal_job here = *j; /* a local copy: the compiler knows that no store can change it */
    for (; at + LANES <= end; at += LANES)
        for (size_t k = 0; k < LANES; k++)
            move_one(&here, W[at + k], old + at + k, R[at + k], D + at + k, change + k, moved + k);
    for (size_t k = 0; at < end; at++, k++)
        move_one(&here, W[at], old + at, R[at], D + at, change + k, moved + k);
    sums[CHANGE] = sums[MOVED] = 0;
    for (int k = 0; k < LANES; k++) {
        sums[CHANGE] += change[k];
        sums[MOVED] += moved[k];
    }
}

static void move_tile(void *context, size_t task, int thread)
{
    const primal_job *j = context;
    size_t at = task * IPD_W_COLUMNS * j->W->rows;
    (void)thread;
    move_some(j, at, at + ipd_W_columns_at(j->W, task) * j->W->rows, j->sums + task * SUMS);
}

/* W := W + D (from W^ in the limit), as float; D becomes the step actually made. Returns the change
 * of the squared gap. The gradient g(W) of the block's objective without |W|_1 is linear, so the
 * objective falls by -<D, g(W) + g(W + D)>/2 = <D, R>, which needs no product. */
static double move_W(primal_job *j, int l)
{
    ipd_solver *s = j->s;
    double change = 0, moved = 0;
    ipd_parallel_for(ipd_W_column_tasks(j->W), move_tile, j);
    for (size_t task = 0; task < ipd_W_column_tasks(j->W); task++) {
        change += j->sums[task * SUMS + CHANGE];
        moved += j->sums[task * SUMS + MOVED];
    }
    ipd_matrix_swap(&s->v.net->W[l], &s->v.W_old[l]);
    s->sums.step_W[l] = moved;
    return change;
}

enum { ROWS = 64 }; /* of W per task, for the residual */

/* The residual z_l - b_l - W_l a, summed over samples: subtracts D (sum of a), some rows per
 * task. */
static void residual_tile(void *context, size_t task, int thread)
{
    const workspace *m = context;
    size_t rows = m->D.rows, first = task * ROWS, end = first + ROWS;
    (void)thread;
    end = end < rows ? end : rows;
    for (size_t k = 0; k < m->D.cols; k++)
        for (size_t i = first; i < end; i++)
            m->residuals[i] -= m->D.data[i + k * rows] * m->a_sum[k];
}

/* The primal form, for fewer inputs than samples or under an l1 penalty: a step from the current
 * W. */
static int primal_form(ipd_solver *s, int l, ipd_gram *g, ipd_error *e)
{
    ipd_variables *v = &s->v;
    size_t rows = v->net->d[l], cols = v->net->d[l - 1];
    ipd_prox prox = ipd_prox_of(s, IPD_W, l);
    workspace m;
    primal_job j = {.s = s,
                    .W = &v->net->W[l],
                    .old = &v->W_old[l],
                    .m = &m,
                    .limit = g->values != NULL,
                    .delta = prox.weight,
                    .beta = prox.inertia,
                    .mu = l2_share(s, l)};
    int result = -1;
    if (reserve(&m, rows, cols, e) || ipd_product_step(s, l, e))
        goto cleanup;
    /* p becomes the residual z - p */
    v->p_valid[l] = 0;
    if (ipd_row_sums(&v->p[l], &v->z[l], m.residuals, e) ||
        ipd_row_sums(&v->a[l - 1], NULL, m.a_sum, e) || right_hand_side(&j, l, g, e))
        goto cleanup;
    ipd_matrix64_copy(&m.R, &m.D);
    if (s->par.penalty[l].own    ? ipd_penalty_step(s, l, g, &m.R, &m.D, e)
        : ipd_l1_share(s, l) > 0 ? ipd_sparse_step(s, l, g, &m.R, &m.D, e)
                                 : ipd_gram_solve(g, &m.D, e))
        goto cleanup;
    if (ipd_solver_scratch(s, 0, ipd_W_column_tasks(j.W), SUMS, e))
        goto cleanup;
    j.sums = s->partial;
    double gap = s->sums.linear[l] + move_W(&j, l);
    ipd_parallel_for((rows + ROWS - 1) / ROWS, residual_tile, &m);
    gap += ipd_b_step(s, l, m.residuals, NULL);
    s->sums.linear[l] = !isfinite(gap) ? NAN : gap < 0 ? 0 : gap; /* a negative gap is rounding */
    /* Computes p_l if the identity does not hold, or if nothing will change p_l any more. */
    result = s->waits && !g->values ? 0 : ipd_product_step(s, l, e);
cleanup:
    free_workspace(&m);
    return result;
}

/* Prepares the data's kept Gram matrix: as an inverse, whose product takes half as long as the
 * solves, if that is as accurate and kappa is constant (an l2 penalty makes it change with rho);
 * otherwise as a factor. */
static int keep_ready(ipd_solver *s, ipd_gram *g, int dual, double kappa, ipd_error *e)
{
    int inverse = !dual && l2_share(s, 1) == 0;
    if (g->kappa != kappa)
        ipd_gram_set_kappa(g, kappa);
    inverse &= ipd_gram_has_good_inverse(g);
    if (inverse && ipd_gram_invert(g, e))
        return -1;
    if (g->holds == (inverse ? IPD_GRAM_INVERSE : IPD_GRAM_FACTOR))
        return 0;
    return ipd_gram_factor(g, kappa, e);
}

/* Finds the Gram matrix of W_l: the kept one of the data, or a new one in *made, which the caller
 * frees. It is ready to solve with, except with `sparse`. */
static int gram_for(ipd_solver *s, int l, int dual, int sparse, ipd_gram **g, ipd_gram *made,
                    ipd_error *e)
{
    const ipd_matrix *A = &s->v.a[l - 1];
    double kappa = ipd_W_kappa(s, l);
    int keep = l == 1 && s->same_data; /* computed once per run: all in double */
    *g = keep ? &s->data_gram : made;
    if ((*g)->G.rows != (dual ? A->cols : A->rows))
        ipd_gram_free(*g);
    if (!(*g)->G.data && ipd_gram_form(*g, A, dual, kappa, keep, e))
        return -1;
    if (!sparse)
        return keep ? keep_ready(s, *g, dual, kappa, e) : ipd_gram_become_factor(*g, kappa, e);
    if ((*g)->holds == IPD_GRAM_FACTOR || (*g)->kappa != kappa)
        ipd_gram_set_kappa(*g, kappa);
    return 0;
}

/* 1 if W_l and b_l are already optimal: zero residual and no move in the last step. This happens in
 * hidden layers of mini-batches when z and a are fresh and a moves last. Not with delta = 0, which
 * must report the rank. */
static int is_stationary(const ipd_solver *s, int l)
{
    return s->v.p_valid[l] && s->sums.linear[l] == 0 && s->sums.step_W[l] == 0 &&
           s->sums.step_b[l] == 0 && l2_share(s, l) == 0 && !is_iterative(s, l) &&
           ipd_prox_of(s, IPD_W, l).weight > 0;
}

int ipd_W_step(ipd_solver *s, int l, ipd_error *e)
{
    int sparse = is_iterative(s, l), dual = !sparse && s->v.n < s->v.net->d[l - 1], result;
    ipd_gram made = {0}, *g;
    s->rank[l] = s->condition[l] = NAN;
    if (is_stationary(s, l))
        return 0;
    if ((result = gram_for(s, l, dual, sparse, &g, &made, e)) == 0) {
        s->rank[l] = g->rank;
        if (g->not_finite)
            s->sums.linear[l] = NAN;
        else
            result = dual ? ipd_W_dual_form(s, l, g, e) : primal_form(s, l, g, e);
        if (s->measure)
            s->condition[l] = ipd_gram_condition(g);
        ipd_regularizer_step(s, l);
    }
    ipd_gram_free(&made);
    return result;
}
