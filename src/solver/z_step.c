/* z_step.c - steps 4 and 5 of Algorithm 1.
 *
 *   l < L:  z_l := S^sigma(a_l, v, 1 + delta)
 *   l = L:  z_L := P^loss(y, v, rho (1 + delta))
 *   with    v = (W_l a_{l-1} + b_l + delta z^_l)/(1 + delta),  z^_l = z_l + alpha (z_l - z_l^old).
 *
 * Samples are independent; every element of a hidden layer is.
 */
#include "base/parallel.h"
#include "base/vector.h"
#include "solver/steps.h"

typedef struct z_job {
    ipd_solver *s;
    int l;
    ipd_tiling tiling;
} z_job;

/* Partial sums of a task. */
enum { LINEAR, FIT, STEP, SUMS };

/* v := (p + delta (z + alpha (z - z_old)))/(1 + delta), built where z_old was. */
static void prox_point(const float *p, const float *z, float *z_old, float alpha, float delta,
                       size_t count)
{
    float scale = 1 / (1 + delta);
    for (size_t i = 0; i < count; i++)
        z_old[i] = (p[i] + delta * (z[i] + alpha * (z[i] - z_old[i]))) * scale;
}

static void z_tile(void *context, size_t task, int thread)
{
    z_job *j = context;
    ipd_solver *s = j->s;
    ipd_variables *v = &s->v;
    const ipd_network *net = v->net;
    int l = j->l;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    float *fit = s->scratch + (size_t)thread * j->tiling.rows; /* sigma(z_l) of one sample */
    float alpha = (float)s->par.alpha, delta = (float)s->par.delta;
    double *sum = s->partial + task * SUMS;
    for (size_t n = t.first; n < t.first + t.samples; n++) {
        size_t at = t.row + n * net->d[l];
        const float *p = v->p[l].data + at, *z = v->z[l].data + at;
        float *new = v->z_old[l].data + at; /* z_l^old until it is overwritten */
        prox_point(p, z, new, alpha, delta, t.rows);
        if (l < net->L) {
            const float *a = v->a[l].data + at;
            net->sigma[l]->prox(a, new, 1 + delta, new, t.rows);
            net->sigma[l]->apply(new, fit, t.rows);
            sum[FIT] += ipd_sum_squared_difference(a, fit, t.rows);
        } else {
            const float *y = v->Y.data + at;
            net->loss->prox(y, new, (float)(s->par.rho * (1 + s->par.delta)), new, t.rows, 1);
            sum[FIT] += net->loss->value(y, new, t.rows, 1);
        }
        sum[LINEAR] += ipd_sum_squared_difference(new, p, t.rows);
        sum[STEP] += ipd_sum_squared_difference(new, z, t.rows);
    }
}

int ipd_z_step(ipd_solver *s, int l, ipd_error *e)
{
    ipd_variables *v = &s->v;
    z_job j = {s, l, ipd_tiling_of(v->net->d[l], v->n, l == v->net->L)};
    double *fit = l < v->net->L ? &s->sums.activation[l] : &s->sums.loss;
    if (ipd_product_step(s, l, e) || ipd_solver_room(s, j.tiling.rows, j.tiling.count, SUMS, e))
        return -1;
    ipd_parallel_for(j.tiling.count, z_tile, &j);
    ipd_matrix_swap(&v->z[l], &v->z_old[l]);
    s->sums.linear[l] = s->sums.step_z[l] = *fit = 0;
    for (size_t task = 0; task < j.tiling.count; task++) {
        s->sums.linear[l] += s->partial[task * SUMS + LINEAR];
        s->sums.step_z[l] += s->partial[task * SUMS + STEP];
        *fit += s->partial[task * SUMS + FIT];
    }
    return 0;
}
