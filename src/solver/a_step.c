/* a_step.c - step 7 of Algorithm 1, by the closed form of its argmin.
 *
 *   a_l := M^{-1} (W^T u + sigma(z_l) + delta a^_l),   M = W^T W + c I,   c = 1 + delta,
 *
 * with W = W_{l+1}, u = z_{l+1} - b_{l+1}, a^_l = a_l + gamma (a_l - a_l^old). If the product
 * p_{l+1} is remembered, a_l moves by a step from its current value,
 *
 *   a_l += D,   M D = W^T E + h,   E = z_{l+1} - p_{l+1},
 *   h = sigma(z_l) - a_l + delta (a^_l - a_l),
 *
 * otherwise by a step from 0, with E = u and h = sigma(z_l) + delta a^_l. The step also gives the
 * change of the squared gap without another product: since M D = W^T E + h,
 *
 *   |E - W D|^2 - |E|^2 = <D, h - W^T E - c D>.
 *
 * If d_{l+1} < d_l the dual (Woodbury) form inverts the smaller side and starts from 0: with
 * s = h/c,
 *
 *   a_l = s + W^T q,   q = (W W^T + c I)^{-1} (u - W s),
 *
 * and then W a_l = u - c q, so the product p_{l+1} = z_{l+1} - c q costs nothing. If W is large,
 * W^T q is a small difference of large terms, so q is double.
 */
#include "base/parallel.h"
#include "base/vector.h"
#include "solver/steps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct a_job {
    ipd_solver *s;
    int l;
    ipd_prox prox;
    int dual;     /* 1: dual form, the side of d_{l+1} is inverted */
    int exact;    /* 1: well enough conditioned to derive product and gap from the step */
    int step;     /* 1: primal form with p_{l+1} remembered: a step from the current a_l */
    int gap;      /* 1: the step also gives the change of the gap, so that no product is needed */
    ipd_matrix F; /* Cholesky factor of M, or of W W^T + c I */
    ipd_cholesky_blocks blocks;
    ipd_matrix inverse; /* of M, from F; used for many samples */
    /* Dual form and not `exact`: W_{l+1}, the factor of W W^T + c I, and per thread a_l and q of
     * SAMPLES samples. */
    ipd_matrix64 W64, F64;
    double *scratch64;
    ipd_tiling tiling;
    /* Floats for a tile's solve, or for its right-hand side if there is an inverse; and floats of
     * scratch per thread, including those. */
    size_t solve_scratch, scratch;
} a_job;

/* A thread's scratch, for one tile. */
typedef struct a_scratch {
    float *fit; /* d: sigma(z_l) of one sample */
    float *E;   /* d_{l+1} x samples */
    /* solve_scratch: scratch of a solve, or the right-hand side of a product with an inverse */
    float *solve;
    float *h; /* d x samples, for the gap */
} a_scratch;

enum { LINEAR, ACTIVATION, STEP, SUMS };
enum { SAMPLES = 32 };
enum { MANY = 4 }; /* samples per input from which one product with an inverse beats two solves */

/* |W|^2 / (1 + delta) bounds the condition number. Up to this bound, float gives z_{l+1} - c q and
 * the change of the gap within 1e-4. */
#define CONDITION 1e3
/* A squared gap that falls below this fraction of its old value is computed from the product: the
 * identity would leave only rounding. */
#define CANCELLATION 1e-2

static a_scratch scratch_of(const a_job *j, int thread)
{
    float *fit = j->s->scratch + (size_t)thread * j->scratch, *E = fit + j->tiling.d;
    float *solve = E + j->s->v.net->d[j->l + 1] * j->tiling.samples;
    return (a_scratch){fit, E, solve, solve + j->solve_scratch};
}

/* h of one sample, which may be stored in a_old. Goes through `fit`, since a loop over possibly
 * overlapping arrays is slow. Also writes it to `copy`, unless that is NULL. */
IPD_CLONES static void target(const a_job *j, const float *z, const float *a, const float *old,
                              float *h, float *fit, float *copy)
{
    size_t d = j->s->v.net->d[j->l];
    float gamma = (float)j->prox.inertia, delta = (float)j->prox.weight;
    ipd_activation_apply(j->s->v.net->sigma[j->l], z, fit, d);
    if (j->step)
        for (size_t i = 0; i < d; i++)
            fit[i] = fit[i] - a[i] + delta * gamma * (a[i] - old[i]);
    else
        for (size_t i = 0; i < d; i++)
            fit[i] = fit[i] + delta * (a[i] + gamma * (a[i] - old[i]));
    memcpy(h, fit, d * sizeof *h);
    if (copy)
        memcpy(copy, fit, d * sizeof *copy);
}

/* h := 2 h - right, which is h - W^T E for right = W^T E + h. */
IPD_CLONES static void subtract_product(float *h, const float *right, size_t count)
{
    for (size_t i = 0; i < count; i++)
        h[i] += h[i] - right[i];
}

/* x := x + y */
IPD_CLONES static void add(float *x, const float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] += y[i];
}

/* E := z_{l+1} - p_{l+1}, or - b_{l+1}. */
IPD_CLONES static void residual(const a_job *j, ipd_tile t, float *E)
{
    const ipd_variables *v = &j->s->v;
    size_t up = v->net->d[j->l + 1];
    const float *z = v->z[j->l + 1].data + t.first * up, *p = v->p[j->l + 1].data + t.first * up;
    const float *b = v->net->b[j->l + 1].data;
    for (size_t n = 0; n < t.samples; n++)
        for (size_t i = 0; i < up; i++)
            E[i + n * up] = z[i + n * up] - (j->step ? p[i + n * up] : b[i]);
}

/* Primal form: x becomes D. `right` holds h and is x itself unless there is an inverse; scratch->h
 * also holds h, for the gap. Returns <D, h - W^T E - c D> if it is wanted. */
static double solve_primal(const a_job *j, ipd_tile t, float *right, float *x,
                           const a_scratch *scratch)
{
    size_t d = j->s->v.net->d[j->l], up = j->s->v.net->d[j->l + 1], count = d * t.samples;
    float c = (float)(1 + j->prox.weight);
    ipd_sgemm(IPD_TRANSPOSED, IPD_PLAIN, d, t.samples, up, 1, j->s->v.net->W[j->l + 1].data, up,
              scratch->E, up, 1, right, d);
    if (j->gap)
        subtract_product(scratch->h, right, count);
    if (j->inverse.data)
        ipd_sgemm(IPD_PLAIN, IPD_PLAIN, d, t.samples, d, 1, j->inverse.data, d, right, d, 0, x, d);
    else
        ipd_cholesky_solve_tile(&j->blocks, x, d, t.samples, scratch->solve);
    return j->gap ? ipd_dot_difference(x, scratch->h, c, count) : 0;
}

/* Dual form: x, which holds h, becomes a_l; also sets p_{l+1}. */
static void solve_dual(const a_job *j, ipd_tile t, float *x, const a_scratch *scratch)
{
    const ipd_variables *v = &j->s->v;
    size_t d = v->net->d[j->l], up = v->net->d[j->l + 1];
    const float *z = v->z[j->l + 1].data + t.first * up, *W = v->net->W[j->l + 1].data;
    float *p = v->p[j->l + 1].data + t.first * up, *Q = scratch->E;
    float c = (float)(1 + j->prox.weight), scale = 1 / c;
    for (size_t i = 0; i < d * t.samples; i++)
        x[i] *= scale;
    ipd_sgemm(IPD_PLAIN, IPD_PLAIN, up, t.samples, d, -1, W, up, x, d, 1, Q, up);
    ipd_cholesky_solve_tile(&j->blocks, Q, up, t.samples, scratch->solve);
    ipd_sgemm(IPD_TRANSPOSED, IPD_PLAIN, d, t.samples, up, 1, W, up, Q, up, 1, x, d);
    for (size_t i = 0; i < up * t.samples; i++)
        p[i] = z[i] - c * Q[i];
}

/* Dual form in double, SAMPLES samples at a time; x as above. Does not set p_{l+1}. */
static void solve_dual64(const a_job *j, ipd_tile t, int thread, float *x)
{
    const ipd_variables *v = &j->s->v;
    size_t d = v->net->d[j->l], up = v->net->d[j->l + 1];
    const float *b = v->net->b[j->l + 1].data;
    double *a = j->scratch64 + (size_t)thread * (d + up) * SAMPLES, *q = a + d * SAMPLES;
    double c = 1 + j->prox.weight;
    for (size_t first = 0; first < t.samples; first += SAMPLES) {
        size_t left = t.samples - first, count = left < SAMPLES ? left : SAMPLES;
        const float *z = v->z[j->l + 1].data + (t.first + first) * up;
        float *to = x + first * d;
        for (size_t i = 0; i < d * count; i++)
            a[i] = to[i] / c;
        for (size_t i = 0; i < up * count; i++)
            q[i] = (double)z[i] - b[i % up];
        ipd_dgemm(IPD_PLAIN, IPD_PLAIN, up, count, d, -1, j->W64.data, up, a, d, 1, q, up);
        ipd_cholesky_solve_tile64(&j->F64, q, up, count);
        ipd_dgemm(IPD_TRANSPOSED, IPD_PLAIN, d, count, up, 1, j->W64.data, up, q, up, 1, a, d);
        for (size_t i = 0; i < d * count; i++)
            to[i] = (float)a[i];
    }
}

static void a_tile(void *context, size_t task, int thread)
{
    a_job *j = context;
    ipd_solver *s = j->s;
    ipd_variables *v = &s->v;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d, up = v->net->d[j->l + 1];
    a_scratch scratch = scratch_of(j, thread);
    double *sum = s->partial + task * SUMS;
    const float *z = v->z[j->l].data + t.first * d, *a = v->a[j->l].data + t.first * d;
    float *x = v->a_old[j->l].data + t.first * d; /* a_l^old until it is overwritten */
    float *h = j->inverse.data ? scratch.solve : x;
    for (size_t n = 0; n < t.samples; n++)
        target(j, z + n * d, a + n * d, x + n * d, h + n * d, scratch.fit,
               j->gap ? scratch.h + n * d : NULL);
    if (j->scratch64) {
        solve_dual64(j, t, thread, x);
    } else {
        residual(j, t, scratch.E);
        if (j->dual)
            solve_dual(j, t, x, &scratch);
        else
            sum[LINEAR] += solve_primal(j, t, h, x, &scratch);
    }
    for (size_t n = 0; n < t.samples; n++, x += d, z += d, a += d) {
        if (j->step)
            add(x, a, d);
        ipd_activation_apply(v->net->sigma[j->l], z, scratch.fit, d);
        sum[ACTIVATION] += ipd_sum_squared_difference(x, scratch.fit, d);
        sum[STEP] += ipd_sum_squared_difference(x, a, d);
    }
    if (j->dual && j->exact)
        sum[LINEAR] += ipd_sum_squared_difference(
            v->z[j->l + 1].data + t.first * up, v->p[j->l + 1].data + t.first * up, up * t.samples);
}

/* Allocates n x n floats, uninitialised. */
static int acquire_matrix(ipd_matrix *m, size_t n, ipd_error *e)
{
    *m = (ipd_matrix){n, n, ipd_allocate_unset(n * n, sizeof *m->data, e)};
    return m->data ? 0 : -1;
}

/* Factors W W^T + c I in double. Returns 1 if it is not positive definite. */
static int factor64(a_job *j, ipd_error *e)
{
    const ipd_matrix *W = &j->s->v.net->W[j->l + 1];
    size_t n = W->rows, scratch = (size_t)ipd_threads() * (n + W->cols) * SAMPLES;
    if (ipd_matrix64_unset(&j->W64, n, W->cols, e) || ipd_matrix64_unset(&j->F64, n, n, e) ||
        !(j->scratch64 = ipd_allocate_unset(scratch, sizeof *j->scratch64, e)))
        return -1;
    ipd_widen(W->data, j->W64.data, n * W->cols);
    ipd_multiply64(IPD_PLAIN, IPD_TRANSPOSED, 1, &j->W64, &j->W64, 0, &j->F64);
    for (size_t i = 0; i < n; i++)
        j->F64.data[i * (n + 1)] += 1 + j->prox.weight;
    return ipd_cholesky64(&j->F64) ? 1 : 0;
}

/* Makes the factor of the matrix to invert or, in primal form for many samples, its inverse.
 * Returns 1 if the matrix is not positive definite: W is not finite or much too large. */
static int factor(a_job *j, ipd_error *e)
{
    const ipd_matrix *W = &j->s->v.net->W[j->l + 1];
    size_t n = j->dual ? W->rows : W->cols;
    j->exact = ipd_sum_squared(W->data, W->rows * W->cols) <= CONDITION * (1 + j->prox.weight);
    if (j->dual && !j->exact)
        return factor64(j, e);
    if (acquire_matrix(&j->F, n, e))
        return -1;
    ipd_multiply_symmetric(j->dual ? IPD_PLAIN : IPD_TRANSPOSED, W, (float)(1 + j->prox.weight),
                           &j->F);
    if (ipd_cholesky(&j->F))
        return 1;
    if (j->dual || !j->exact || j->s->v.n < MANY * n)
        return ipd_cholesky_blocks_make(&j->blocks, &j->F, e);
    return acquire_matrix(&j->inverse, n, e) || ipd_cholesky_inverse(&j->F, &j->inverse, e) ? -1
                                                                                            : 0;
}

/* Adds up the tiles' sums. In mini-batches the change of the gap is enough; in full batch the
 * product is computed, since the next sweep begins with it. */
static int add_up(a_job *j, ipd_error *e)
{
    ipd_solver *s = j->s;
    int l = j->l;
    double linear = 0, before = s->sums.linear[l + 1];
    s->sums.activation[l] = s->sums.step_a[l] = 0;
    for (size_t task = 0; task < j->tiling.count; task++) {
        linear += s->partial[task * SUMS + LINEAR];
        s->sums.activation[l] += s->partial[task * SUMS + ACTIVATION];
        s->sums.step_a[l] += s->partial[task * SUMS + STEP];
    }
    s->v.p_valid[l + 1] = j->dual && j->exact;
    if (!j->dual)
        linear += before;
    if (j->exact && (j->dual || (j->gap && linear > CANCELLATION * before))) {
        s->sums.linear[l + 1] = linear;
        return 0;
    }
    return ipd_product_step(s, l + 1, e);
}

/* 1 if a_l is already optimal: both residuals are zero and it did not move in the last step. */
static int is_stationary(const ipd_solver *s, int l)
{
    return s->v.p_valid[l + 1] && s->sums.linear[l + 1] == 0 && s->sums.activation[l] == 0 &&
           s->sums.step_a[l] == 0;
}

int ipd_a_step(ipd_solver *s, int l, ipd_error *e)
{
    ipd_variables *v = &s->v;
    size_t d = v->net->d[l], up = v->net->d[l + 1];
    a_job j = {.s = s,
               .l = l,
               .prox = ipd_prox_of(s, IPD_A, l),
               .dual = up < d,
               .step = v->p_valid[l + 1] &&
                       up >= d, /* otherwise an error of p_{l+1} would be carried on */
               .tiling = ipd_tiling_of(d, v->n, 1)};
    int result = -1, failed;
    if (is_stationary(s, l))
        return 0;
    if ((failed = factor(&j, e)) < 0)
        goto cleanup;
    j.gap = j.step && j.exact && !s->same_data;
    j.solve_scratch =
        j.inverse.data ? d * j.tiling.samples : ipd_cholesky_tile_scratch(j.tiling.samples);
    j.scratch = d + (up + (j.gap ? d : 0)) * j.tiling.samples + j.solve_scratch;
    if (ipd_solver_scratch(s, j.scratch, j.tiling.count, SUMS, e))
        goto cleanup;
    if (failed) {
        s->sums.activation[l] = NAN;
        result = 0;
        goto cleanup;
    }
    ipd_parallel_for(j.tiling.count, a_tile, &j);
    ipd_flops_add(2 * (uint64_t)v->n * (j.dual ? 2 * d * up + up * up : d * up + d * d));
    ipd_matrix_swap(&v->a[l], &v->a_old[l]);
    result = add_up(&j, e);
cleanup:
    ipd_solver_free_scratch(s);
    ipd_cholesky_blocks_free(&j.blocks);
    free(j.inverse.data);
    ipd_matrix64_free(&j.W64);
    ipd_matrix64_free(&j.F64);
    free(j.scratch64);
    free(j.F.data);
    return result;
}
