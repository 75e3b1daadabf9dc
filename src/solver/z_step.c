/* z_step.c - steps 4 and 5 of Algorithm 1.
 *
 *   l < L:  z_l := S^sigma(a_l, v, 1 + delta)
 *   l = L:  z_L := P^loss(y, v, rho (1 + delta))
 *   with    v = (W_l a_{l-1} + b_l + delta z^_l)/(1 + delta),  z^_l = z_l + alpha (z_l - z_l^old).
 *
 * If the output has its own variable, a_L = V_L, then z_L is treated like the other z_l, with
 * sigma(z) = z, and V_L moves as z_L does above, with z_L in place of W_L a_{L-1} + b_L.
 *
 * Samples are independent of each other, and in a hidden layer so are elements.
 */
#include "base/parallel.h"
#include "base/vector.h"
#include "solver/steps.h"

/* x := argmin |x - p|^2 + delta |x - x^|^2 + a third term: |a - sigma(x)|^2 or the loss. */
typedef struct z_job {
    ipd_solver *s;
    const ipd_matrix *p, *x, *a; /* a: NULL if the third term is the loss */
    ipd_matrix *x_old;           /* becomes the new x */
    ipd_prox prox;
    const ipd_activation *sigma;
    ipd_tiling tiling;
} z_job;

/* Partial sums of a task. */
enum { LINEAR, FIT, STEP, SUMS };

/* v := (p + delta (z + alpha (z - z_old)))/(1 + delta), built in z_old's memory. */
IPD_CLONES static void prox_point(const float *p, const float *z, float *z_old, float alpha,
                                  float delta, size_t count)
{
    float scale = 1 / (1 + delta);
    for (size_t i = 0; i < count; i++)
        z_old[i] = (p[i] + delta * (z[i] + alpha * (z[i] - z_old[i]))) * scale;
}

static void z_tile(void *context, size_t task, int thread)
{
    z_job *j = context;
    ipd_solver *s = j->s;
    const ipd_loss *loss = s->v.net->loss;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    float *fit = s->scratch + (size_t)thread * j->tiling.rows; /* sigma(x) of one sample */
    float alpha = (float)j->prox.inertia, delta = (float)j->prox.weight;
    double *sum = s->partial + task * SUMS;
    for (size_t n = t.first; n < t.first + t.samples; n++) {
        size_t at = t.row + n * j->tiling.d;
        const float *p = j->p->data + at, *x = j->x->data + at;
        float *new = j->x_old->data + at; /* x_old until it is overwritten */
        prox_point(p, x, new, alpha, delta, t.rows);
        if (j->a) {
            const float *a = j->a->data + at;
            ipd_activation_prox(j->sigma, a, new, 1 + delta, new, t.rows);
            ipd_activation_apply(j->sigma, new, fit, t.rows);
            sum[FIT] += ipd_sum_squared_difference(a, fit, t.rows);
        } else {
            const float *y = s->v.Y.data + at;
            ipd_loss_prox(loss, y, new, (float)(s->rho * (1 + j->prox.weight)), new, t.rows, 1);
            sum[FIT] += ipd_loss_value(loss, y, new, t.rows, 1);
        }
        sum[LINEAR] += ipd_sum_squared_difference(new, p, t.rows);
        sum[STEP] += ipd_sum_squared_difference(new, x, t.rows);
    }
}

/* Moves x and adds up its gap to p, its third term, and its step. */
static int move(z_job *j, ipd_matrix *x, double *gap, double *fit, double *step, ipd_error *e)
{
    ipd_solver *s = j->s;
    j->tiling = ipd_tiling_of(x->rows, s->v.n, !j->a);
    if (ipd_solver_scratch(s, j->tiling.rows, j->tiling.count, SUMS, e))
        return -1;
    ipd_parallel_for(j->tiling.count, z_tile, j);
    ipd_matrix_swap(x, j->x_old);
    *gap = *fit = *step = 0;
    for (size_t task = 0; task < j->tiling.count; task++) {
        *gap += s->partial[task * SUMS + LINEAR];
        *step += s->partial[task * SUMS + STEP];
        *fit += s->partial[task * SUMS + FIT];
    }
    return 0;
}

/* 1 if z_l is already optimal: both residuals are zero and it did not move in the last step. */
static int is_stationary(const ipd_solver *s, int l)
{
    return l < s->v.net->L && s->v.p_valid[l] && s->sums.linear[l] == 0 &&
           s->sums.activation[l] == 0 && s->sums.step_z[l] == 0;
}

int ipd_z_step(ipd_solver *s, int l, ipd_error *e)
{
    ipd_variables *v = &s->v;
    int fits_loss = l == v->net->L && !s->output_variable;
    z_job j = {.s = s,
               .p = &v->p[l],
               .x = &v->z[l],
               .x_old = &v->z_old[l],
               .prox = ipd_prox_of(s, IPD_Z, l)};
    if (!fits_loss) {
        j.a = &v->a[l];
        j.sigma = l < v->net->L ? v->net->sigma[l] : ipd_activation_find("identity");
    }
    if (is_stationary(s, l))
        return 0;
    return ipd_product_step(s, l, e) ||
                   move(&j, &v->z[l], &s->sums.linear[l],
                        fits_loss ? &s->sums.loss : &s->sums.activation[l], &s->sums.step_z[l], e)
               ? -1
               : 0;
}

int ipd_V_step(ipd_solver *s, ipd_error *e)
{
    ipd_variables *v = &s->v;
    int L = v->net->L;
    z_job j = {.s = s,
               .p = &v->z[L],
               .x = &v->a[L],
               .x_old = &v->a_old[L],
               .prox = ipd_prox_of(s, IPD_A, L)};
    return move(&j, &v->a[L], &s->sums.activation[L], &s->sums.loss, &s->sums.step_a[L], e);
}
