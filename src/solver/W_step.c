/* W_step.c - step 6 of Algorithm 1: W_l, then b_l.
 *
 *   W_l := ((z_l - b_l) a^T + delta W^_l) (a a^T + delta I)^{-1},   a = a_{l-1}, with the old b_l
 *   b_l := (sum_n (z_l - W_l a)_n + delta b^_l)/(n + delta),        with the new W_l
 *
 * computed as a step from where W_l is, which keeps rounding in proportion to the step. With
 * E = z_l - p_l, an l2 penalty's share mu (its lambda n/(N rho)) and kappa = delta + mu,
 *
 *   W_l += (E a^T + delta (W^_l - W_l) - mu W_l) (a a^T + kappa I)^{-1}.
 *
 * Where there are fewer samples than inputs the smaller side is inverted instead: with
 * E^ = z_l - b_l - (delta/kappa) W^_l a and S = E^ (a^T a + kappa I)^{-1},
 *
 *   W_l := (delta/kappa) W^_l + S a^T,   and what is left is z_l - b_l - W_l a = kappa S,
 *
 * so the product p_l costs nothing. Under an l1 penalty the step from where W is goes to the minimiser
 * of a convex problem (sparse.h), with the same Gram matrix. kappa = 0 means the limit delta -> 0: where the Gram matrix is
 * singular, its pseudo-inverse (singular values of a below 1e-5 of the largest count as zero).
 */
#include "base/parallel.h"
#include "base/room.h"
#include "base/vector.h"
#include "solver/steps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The penalty's share in the block, in units of rho. */
static double l2_share(const ipd_solver *s, int l)
{
    return s->share * s->par.penalty[l].l2 / s->par.rho;
}

double ipd_W_kappa(const ipd_solver *s, int l)
{
    return s->par.delta + l2_share(s, l);
}

typedef struct W_job {
    ipd_solver *s;
    int l;
    ipd_tiling tiling; /* of d_l x n */
    const ipd_matrix *W, *W_hat;
    float shrink;      /* of W^ */
    int exact;         /* S is double, else float */
    ipd_matrix64 *S64; /* d_l x n */
    ipd_matrix *S;
    double scale; /* what is left is scale S */
    const float *b_step;
} W_job;

/* Columns of W a task. */
enum { COLUMNS = 64 };

static size_t columns_at(const ipd_matrix *W, size_t task)
{
    size_t left = W->cols - task * COLUMNS;
    return left < COLUMNS ? left : COLUMNS;
}

/* p := z - b - W^ a, what the predicted W has still to explain. */
static void predicted_residual_tile(void *context, size_t task, int thread)
{
    W_job *j = context;
    ipd_variables *v = &j->s->v;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d, from = v->net->d[j->l - 1];
    float *p = v->p[j->l].data + t.row + t.first * d;
    const float *z = v->z[j->l].data + t.row + t.first * d, *b = v->net->b[j->l].data + t.row;
    (void)thread;
    for (size_t n = 0; n < t.samples; n++)
        for (size_t i = 0; i < t.rows; i++)
            p[i + n * d] = z[i + n * d] - b[i];
    ipd_sgemm(IPD_PLAIN, IPD_PLAIN, t.rows, t.samples, from, -1, j->W_hat->data + t.row, d,
              v->a[j->l - 1].data + t.first * from, from, 1, p, d);
}

/* Some columns of W^, where W_old was, shrunk by the penalty's share. */
static void predict_tile(void *context, size_t task, int thread)
{
    W_job *j = context;
    size_t rows = j->W->rows, first = task * COLUMNS, count = columns_at(j->W, task) * rows;
    float *to = j->W_hat->data + first * rows;
    (void)thread;
    ipd_predict(j->W->data + first * rows, to, (float)j->s->par.beta, to, count);
    for (size_t i = 0; j->shrink != 1 && i < count; i++)
        to[i] *= j->shrink;
}

static void step_tile(void *context, size_t task, int thread)
{
    W_job *j = context;
    size_t at = task * COLUMNS * j->W->rows;
    (void)thread;
    j->s->partial[task] = ipd_sum_squared_difference(j->W->data + at, j->W_hat->data + at,
                                                     columns_at(j->W, task) * j->W->rows);
}

IPD_CLONES static void what_is_left64(const float *z, const double *S, const float *b, double scale,
                                      float *p, size_t count)
{
    for (size_t i = 0; i < count; i++)
        p[i] = (float)(z[i] - scale * S[i] + b[i]);
}

IPD_CLONES static void what_is_left(const float *z, const float *S, const float *b, double scale,
                                    float *p, size_t count)
{
    for (size_t i = 0; i < count; i++)
        p[i] = (float)(z[i] - scale * S[i] + b[i]);
}

/* p := z - scale S + (b - b_old), the product with the new W and b. */
static void product_tile(void *context, size_t task, int thread)
{
    W_job *j = context;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d;
    (void)thread;
    for (size_t n = t.first; n < t.first + t.samples; n++) {
        size_t at = t.row + n * d;
        const float *z = j->s->v.z[j->l].data + at, *b = j->b_step + t.row;
        float *p = j->s->v.p[j->l].data + at;
        if (j->exact)
            what_is_left64(z, j->S64->data + at, b, j->scale, p, t.rows);
        else
            what_is_left(z, j->S->data + at, b, j->scale, p, t.rows);
        j->s->partial[task] += ipd_sum_squared_difference(z, p, t.rows);
    }
}

enum { SLABS = 32, FEW_SLABS = 8 }; /* of the samples, in sums over them */

typedef struct sums_job {
    ipd_matrix *M;
    const ipd_matrix *from; /* NULL, or M := from - M first */
    size_t slabs;
    double *sums; /* rows of M for each slab */
} sums_job;

IPD_CLONES static void subtract_from(const float *from, float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = from[i] - x[i];
}

static void sum_slab(void *context, size_t task, int thread)
{
    const sums_job *j = context;
    size_t rows = j->M->rows, n = j->M->cols;
    (void)thread;
    for (size_t k = n * task / j->slabs; k < n * (task + 1) / j->slabs; k++) {
        if (j->from)
            subtract_from(j->from->data + k * rows, j->M->data + k * rows, rows);
        ipd_accumulate(j->sums + task * rows, j->M->data + k * rows, rows);
    }
}

/* Sums over columns, as double. */
static int row_sums(sums_job j, double *to, ipd_error *e)
{
    size_t rows = j.M->rows, n = j.M->cols;
    j.slabs = n >= 1024 ? SLABS : n >= 128 ? FEW_SLABS : 1;
    if (!(j.sums = ipd_allocate(j.slabs * rows, sizeof *j.sums, e)))
        return -1;
    ipd_parallel_for(j.slabs, sum_slab, &j);
    memset(to, 0, rows * sizeof *to);
    for (size_t slab = 0; slab < j.slabs; slab++)
        for (size_t i = 0; i < rows; i++)
            to[i] += j.sums[slab * rows + i];
    free(j.sums);
    return 0;
}

/* b_l moves by (left + delta (b^ - b))/(n + delta), where left[i] is the sum over samples of what is left
 * with the new W and the old b; with bias_mean, by (left/n + delta (b^ - b))/(1 + delta). Writes the
 * step to `step` (may be NULL) and returns by how much the squared gap changes. */
static double b_step(ipd_solver *s, int l, const double *left, float *step)
{
    ipd_variables *v = &s->v;
    float *b = v->net->b[l].data, *old = v->b_old[l].data;
    double n = (double)v->n, delta = s->par.delta, beta = s->par.beta, change = 0, moved = 0;
    if (s->par.bias_mean)
        delta *= n; /* the same as a proximal term n times as strong */
    for (size_t i = 0; i < v->net->d[l]; i++) {
        double ahead = beta * ((double)b[i] - old[i]); /* b^ - b */
        float new = (float)(b[i] + (left[i] + delta * ahead) / (n + delta));
        double by = (double)new - b[i];
        change += n * by * by - 2 * by * left[i];
        moved += by * by;
        old[i] = new;
        if (step)
            step[i] = (float)by;
    }
    ipd_matrix_swap(&v->net->b[l], &v->b_old[l]);
    s->sums.step_b[l] = moved;
    return change;
}

/* What the large side works with: rows = d_l, cols = d_{l-1}. */
typedef struct large_room {
    ipd_matrix64 R, D; /* right-hand side and step of W, rows x cols */
    double *a_sum;     /* of a over samples, cols */
    double *left;      /* of z - p over samples, rows */
} large_room;

static int make_room(large_room *m, size_t rows, size_t cols, ipd_error *e)
{
    *m = (large_room){0};
    return ipd_matrix64_take(&m->R, rows, cols, e) ||
                   !(m->a_sum = ipd_allocate(cols, sizeof *m->a_sum, e)) ||
                   !(m->left = ipd_allocate(rows, sizeof *m->left, e))
               ? -1
               : 0;
}

static void free_room(large_room *m)
{
    ipd_matrix64_free(&m->R);
    ipd_matrix64_free(&m->D);
    free(m->a_sum);
    free(m->left);
}

/* R and D of the large side, some columns a task. */
typedef struct large_job {
    ipd_solver *s;
    const ipd_matrix *W;
    ipd_matrix *old; /* becomes the new W */
    large_room *m;
    int limit; /* delta = 0 with a singular Gram matrix: D is a step from W^ */
    double delta, beta, mu;
    double *sums; /* CHANGE and MOVED of each task */
} large_job;
enum { CHANGE, MOVED, LARGE_SUMS };

static size_t column_tasks(const ipd_matrix *W)
{
    return (W->cols + COLUMNS - 1) / COLUMNS;
}

/* R += delta (W^ - W) - mu W; in the limit D := W^ - W. */
static void pull_tile(void *context, size_t task, int thread)
{
    const large_job *j = context;
    size_t at = task * COLUMNS * j->W->rows, end = at + columns_at(j->W, task) * j->W->rows;
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

/* R := E a^T + delta (W^ - W) - mu W. In the limit, where no term pulls, what a has no say in
 * stays at W^: then R is the right-hand side for a step from there. */
static int right_hand_side(large_job *j, int l, const ipd_gram *g, ipd_error *e)
{
    ipd_matrix64 *R = &j->m->R;
    /* D may be where the slabs of the sum were: it is taken afterwards. */
    if (ipd_sum_outer(&j->s->v.p[l], &j->s->v.a[l - 1], R, j->limit, e) ||
        ipd_matrix64_take(&j->m->D, R->rows, R->cols, e))
        return -1;
    ipd_parallel_for(column_tasks(j->W), pull_tile, j);
    if (j->limit)
        ipd_multiply64(IPD_PLAIN, IPD_PLAIN, -1, &j->m->D, &g->G, 1, R);
    return 0;
}

enum { LANES = 8 }; /* sums that do not wait for each other */

/* One element of W and D, what the step from it changes, and by how much it moves. */
static inline void move_one(const large_job *j, float W, float *old, double R, double *D,
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

IPD_CLONES static void move_some(const large_job *j, size_t at, size_t end, double *sums)
{
    const float *W = j->W->data;
    const double *R = j->m->R.data;
    float *restrict old = j->old->data;
    double *restrict D = j->m->D.data, change[LANES] = {0}, moved[LANES] = {0};
    large_job here = *j;
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
    const large_job *j = context;
    size_t at = task * COLUMNS * j->W->rows;
    (void)thread;
    move_some(j, at, at + columns_at(j->W, task) * j->W->rows, j->sums + task * LARGE_SUMS);
}

/* W := W + D (from W^ in the limit), as float; D becomes the step that was made. Returns by how much the
 * squared gap changes: the block's objective without |W|_1 falls by <D, R>, so no product is needed;
 * for with the gradient g(W) linear, it falls by -<D, g(W) + g(W + D)>/2. */
static double move_W(large_job *j, int l)
{
    ipd_solver *s = j->s;
    double change = 0, moved = 0;
    ipd_parallel_for(column_tasks(j->W), move_tile, j);
    for (size_t task = 0; task < column_tasks(j->W); task++) {
        change += j->sums[task * LARGE_SUMS + CHANGE];
        moved += j->sums[task * LARGE_SUMS + MOVED];
    }
    ipd_matrix_swap(&s->v.net->W[l], &s->v.W_old[l]);
    s->sums.step_W[l] = moved;
    return change;
}

/* What is left of z_l - b_l - W_l a, summed over samples: less D (sum of a), some rows a task. */
static void left_tile(void *context, size_t task, int thread)
{
    const large_room *m = context;
    size_t rows = m->D.rows, first = task * COLUMNS, end = first + COLUMNS;
    (void)thread;
    end = end < rows ? end : rows;
    for (size_t k = 0; k < m->D.cols; k++)
        for (size_t i = first; i < end; i++)
            m->left[i] -= m->D.data[i + k * rows] * m->a_sum[k];
}

/* Fewer inputs than samples, or an l1 penalty: a step from where W is. */
static int large_side(ipd_solver *s, int l, ipd_gram *g, int later, ipd_error *e)
{
    ipd_variables *v = &s->v;
    size_t rows = v->net->d[l], cols = v->net->d[l - 1];
    large_room m;
    large_job large = {.s = s,
                       .W = &v->net->W[l],
                       .old = &v->W_old[l],
                       .m = &m,
                       .limit = g->values != NULL,
                       .delta = s->par.delta,
                       .beta = s->par.beta,
                       .mu = l2_share(s, l)};
    int result = -1;
    if (make_room(&m, rows, cols, e) || ipd_product_step(s, l, e))
        goto cleanup;
    /* p becomes z - p, what W_l has still to explain */
    v->p_valid[l] = 0;
    if (row_sums((sums_job){.M = &v->p[l], .from = &v->z[l]}, m.left, e) ||
        row_sums((sums_job){.M = &v->a[l - 1]}, m.a_sum, e) || right_hand_side(&large, l, g, e))
        goto cleanup;
    ipd_matrix64_copy(&m.R, &m.D);
    if (ipd_l1_share(s, l) > 0 ? ipd_sparse_step(s, l, g, &m.R, &m.D, e)
                               : ipd_gram_solve(g, &m.D, e))
        goto cleanup;
    if (ipd_solver_room(s, 0, column_tasks(large.W), LARGE_SUMS, e))
        goto cleanup;
    large.sums = s->partial;
    double gap = s->sums.linear[l] + move_W(&large, l);
    ipd_parallel_for((rows + COLUMNS - 1) / COLUMNS, left_tile, &m);
    gap += b_step(s, l, m.left, NULL);
    s->sums.linear[l] = !isfinite(gap) ? NAN : gap < 0 ? 0 : gap; /* rounding */
    /* Where the identity does not hold, or nothing will change p_l any more, p_l is computed. */
    result = later && !g->values ? 0 : ipd_product_step(s, l, e);
cleanup:
    free_room(&m);
    return result;
}

/* S := p (G + kappa I)^{-1}. Where S is moderate, float does; else its columns are large and cancel, and
 * only in double do they. An inverse is worth its making where there are rows enough. */
static int solve_small(W_job *j, const ipd_gram *g, ipd_error *e)
{
    const ipd_matrix *p = &j->s->v.p[j->l];
    size_t rows = p->rows, n = p->cols;
    ipd_matrix64 S = {0};
    int result = -1;
    if (ipd_gram_is_tame(g) && 2 * rows >= n)
        return ipd_gram_solve_float(g, p, j->S, e);
    if (!j->exact && ipd_matrix64_take(&S, rows, n, e))
        return -1;
    ipd_matrix64 *to = j->exact ? j->S64 : &S;
    ipd_widen(p->data, to->data, rows * n);
    if (ipd_gram_solve(g, to, e))
        goto cleanup;
    if (!j->exact)
        ipd_narrow(to->data, j->S->data, rows * n);
    result = 0;
cleanup:
    ipd_matrix64_free(&S);
    return result;
}

/* W^ += S a^T, where W_hat is. */
static int add_outer(W_job *j, const ipd_matrix *A, ipd_matrix *W_hat, ipd_error *e)
{
    ipd_matrix64 A64 = {0}, sum = {0};
    int result = -1;
    if (!j->exact) {
        ipd_multiply(IPD_PLAIN, IPD_TRANSPOSED, 1, j->S, A, 1, W_hat);
        return 0;
    }
    if (ipd_matrix64_take(&A64, A->rows, A->cols, e) ||
        ipd_matrix64_take(&sum, W_hat->rows, W_hat->cols, e))
        goto cleanup;
    ipd_widen(A->data, A64.data, A->rows * A->cols);
    ipd_multiply64(IPD_PLAIN, IPD_TRANSPOSED, 1, j->S64, &A64, 0, &sum);
    for (size_t i = 0; i < W_hat->rows * W_hat->cols; i++)
        W_hat->data[i] = (float)(W_hat->data[i] + sum.data[i]);
    result = 0;
cleanup:
    ipd_matrix64_free(&A64);
    ipd_matrix64_free(&sum);
    return result;
}

/* left[i] := sum over samples of scale S. */
static int sum_left(const W_job *j, double *left, ipd_error *e)
{
    size_t rows = j->tiling.d;
    if (!j->exact && row_sums((sums_job){.M = j->S}, left, e))
        return -1;
    for (size_t k = 0; j->exact && k < j->tiling.n; k++)
        for (size_t i = 0; i < rows; i++)
            left[i] += j->S64->data[i + k * rows];
    for (size_t i = 0; i < rows; i++)
        left[i] *= j->scale;
    return 0;
}

/* W_l of the small side, and what is left of z_l - b_l - W_l a as scale S. */
static int fit_small(W_job *j, const ipd_gram *g, ipd_error *e)
{
    ipd_solver *s = j->s;
    ipd_variables *v = &s->v;
    ipd_matrix *W = &v->net->W[j->l], *old = &v->W_old[j->l];
    size_t tasks = column_tasks(W);
    uint64_t product = 2 * (uint64_t)W->rows * W->cols * v->n;
    j->W = W;
    j->W_hat = old;
    ipd_parallel_for(tasks, predict_tile, j);
    ipd_parallel_for(j->tiling.count, predicted_residual_tile, j);
    ipd_flops_add(product);
    if (solve_small(j, g, e) || add_outer(j, &v->a[j->l - 1], old, e))
        return -1;
    ipd_parallel_for(tasks, step_tile, j);
    ipd_matrix_swap(&v->net->W[j->l], &v->W_old[j->l]);
    s->sums.step_W[j->l] = 0;
    for (size_t t = 0; t < tasks; t++)
        s->sums.step_W[j->l] += s->partial[t];
    if (g->values) { /* what is left is not kappa S but what no W can fit */
        j->W_hat = W;
        j->scale = 1;
        ipd_parallel_for(j->tiling.count, predicted_residual_tile, j);
        ipd_widen(v->p[j->l].data, j->S64->data, W->rows * v->n);
        ipd_flops_add(product);
    }
    return 0;
}

/* Fewer samples than inputs: the least change to W^ that fits them. */
static int small_side(ipd_solver *s, int l, const ipd_gram *g, ipd_error *e)
{
    ipd_variables *v = &s->v;
    size_t rows = v->net->d[l], n = v->n;
    ipd_matrix step = {0}, S = {rows, n, NULL};
    ipd_matrix64 S64 = {0};
    double *left = NULL;
    W_job j = {.s = s,
               .l = l,
               .tiling = ipd_tiling_of(rows, n, 0),
               .shrink = g->kappa > 0 ? (float)(s->par.delta / g->kappa) : 1,
               .exact = g->values || ipd_gram_is_delicate(g),
               .S64 = &S64,
               .S = &S,
               .scale = g->kappa};
    int result = -1;
    if ((j.exact ? ipd_matrix64_take(&S64, rows, n, e)
                 : !(S.data = ipd_room_take(rows * n, sizeof *S.data, e))) ||
        ipd_matrix_init(&step, rows, 1, e) || !(left = ipd_allocate(rows, sizeof *left, e)) ||
        ipd_solver_room(s, 0, j.tiling.count + column_tasks(&v->net->W[l]), 1, e) ||
        fit_small(&j, g, e) || sum_left(&j, left, e))
        goto cleanup;
    b_step(s, l, left, step.data);
    j.b_step = step.data;
    if (ipd_solver_room(s, 0, j.tiling.count, 1, e))
        goto cleanup;
    ipd_parallel_for(j.tiling.count, product_tile, &j);
    s->sums.linear[l] = 0;
    for (size_t t = 0; t < j.tiling.count; t++)
        s->sums.linear[l] += s->partial[t];
    v->p_valid[l] = 1;
    result = 0;
cleanup:
    ipd_matrix64_free(&S64);
    ipd_room_give(S.data);
    ipd_matrix_free(&step);
    free(left);
    return result;
}

/* What the data's Gram matrix is kept with: a factor; or the inverse, whose product takes half as long as the
 * solves, where it is as good and kappa, which a penalty's share in it changes with rho, stays. */
static int keep_ready(ipd_solver *s, ipd_gram *g, int small, double kappa, ipd_error *e)
{
    int inverse = !small && l2_share(s, 1) == 0;
    if (g->kappa != kappa)
        ipd_gram_set_kappa(g, kappa);
    inverse &= ipd_gram_has_good_inverse(g);
    if (inverse && ipd_gram_invert(g, e))
        return -1;
    if (g->holds == (inverse ? IPD_GRAM_INVERSE : IPD_GRAM_FACTOR))
        return 0;
    return ipd_gram_factor(g, kappa, e);
}

/* Finds g for W_l: made, or what is kept of the data; ready to solve with, but where `sparse`. What is made
 * goes to *made, for the caller to free. */
static int gram_for(ipd_solver *s, int l, int small, int sparse, ipd_gram **g, ipd_gram *made,
                    ipd_error *e)
{
    const ipd_matrix *A = &s->v.a[l - 1];
    double kappa = ipd_W_kappa(s, l);
    int keep = l == 1 && s->same_data; /* made once a run: all in double */
    *g = keep ? &s->data_gram : made;
    if ((*g)->G.rows != (small ? A->cols : A->rows))
        ipd_gram_free(*g);
    if (!(*g)->G.data && ipd_gram_form(*g, A, small, kappa, keep, e))
        return -1;
    if (!sparse)
        return keep ? keep_ready(s, *g, small, kappa, e) : ipd_gram_become_factor(*g, kappa, e);
    if ((*g)->holds == IPD_GRAM_FACTOR || (*g)->kappa != kappa)
        ipd_gram_set_kappa(*g, kappa);
    return 0;
}

/* W_l and b_l that fit z_l to the bit and have not moved are their own minimiser: hidden layers in
 * mini-batches where z and a are fresh and a moves last. With delta = 0 the rank is wanted. */
static int rests(const ipd_solver *s, int l)
{
    return s->v.p_valid[l] && s->sums.linear[l] == 0 && s->sums.step_W[l] == 0 &&
           s->sums.step_b[l] == 0 && l2_share(s, l) == 0 && ipd_l1_share(s, l) == 0 &&
           s->par.delta > 0;
}

int ipd_W_step(ipd_solver *s, int l, int later, ipd_error *e)
{
    int sparse = ipd_l1_share(s, l) > 0, small = !sparse && s->v.n < s->v.net->d[l - 1], result;
    ipd_gram made = {0}, *g;
    s->rank[l] = s->condition[l] = NAN;
    if (rests(s, l))
        return 0;
    if ((result = gram_for(s, l, small, sparse, &g, &made, e)) == 0) {
        s->rank[l] = g->rank;
        if (g->not_finite)
            s->sums.linear[l] = NAN;
        else
            result = small ? small_side(s, l, g, e) : large_side(s, l, g, later, e);
        if (s->measure)
            s->condition[l] = ipd_gram_condition(g);
        ipd_regularizer_step(s, l);
    }
    ipd_gram_free(&made);
    return result;
}
