/* relaxed_steps.c - see relaxed_steps.h. */
#include "solver/relaxed_steps.h"
#include "base/parallel.h"
#include "base/vector.h"

#include <math.h>
#include <string.h>

/* A job on the tiles of one layer. */
typedef struct relaxed_job {
    ipd_solver *s;
    int l;
    ipd_tiling tiling;
    float t, omega;      /* step lengths */
    float below;         /* slope of sigma below its kink */
    const ipd_matrix *W; /* of an a-step */
    ipd_matrix *to;      /* D, W G, or another matrix of the layer's size */
    const ipd_relaxed_inverse *inverse;
} relaxed_job;

enum { SUMS = 4 }; /* of a task */

/* Runs all tasks of j->tiling and adds their sums in order. */
static int run_tasks(relaxed_job *j, int l, ipd_task_fn *fn, double *sums, ipd_error *e)
{
    ipd_solver *s = j->s;
    j->l = l;
    if (ipd_solver_scratch(s, j->tiling.d, j->tiling.count, SUMS, e))
        return -1;
    ipd_parallel_for(j->tiling.count, fn, j);
    for (int i = 0; i < SUMS && sums; i++) {
        sums[i] = 0;
        for (size_t task = 0; task < j->tiling.count; task++)
            sums[i] += s->partial[task * SUMS + (size_t)i];
    }
    return 0;
}

/* Runs elementwise work on whole samples. */
static int run_tiles(relaxed_job *j, int l, ipd_task_fn *fn, double *sums, ipd_error *e)
{
    j->tiling = ipd_tiling_of(j->s->v.net->d[l], j->s->v.n, 1);
    return run_tasks(j, l, fn, sums, e);
}

/* Runs products with elementwise work on their results. */
static int run_products(relaxed_job *j, int l, size_t inner, ipd_task_fn *fn, double *sums,
                        ipd_error *e)
{
    j->tiling = ipd_relaxed_tiling(j->s->v.net->d[l], j->s->v.n);
    ipd_flops_add(2 * (uint64_t)j->tiling.d * j->tiling.n * inner);
    return run_tasks(j, l, fn, sums, e);
}

/* E := z - p, in the memory of R, which replaces it in W_l's step. */
static void set_error(ipd_variables *v, int l, size_t at, size_t count)
{
    const float *z = v->z[l].data + at, *p = v->p[l].data + at;
    float *E = v->z_old[l].data + at;
    for (size_t i = 0; i < count; i++)
        E[i] = z[i] - p[i];
}

static void output_tile(void *context, size_t task, int thread)
{
    const relaxed_job *j = context;
    ipd_variables *v = &j->s->v;
    const ipd_loss *loss = v->net->loss;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d, at = t.first * d;
    double *sum = j->s->partial + task * SUMS;
    const float *y = v->Y.data + at, *p = v->p[j->l].data + at;
    float *z = v->z[j->l].data + at;
    (void)thread;
    ipd_loss_prox(loss, y, p, (float)j->s->rho, z, d, t.samples);
    sum[0] = ipd_loss_value(loss, y, z, d, t.samples);
    sum[1] = ipd_sum_squared_difference(z, p, d * t.samples);
    set_error(v, j->l, at, d * t.samples);
}

int ipd_relaxed_output_step(ipd_solver *s, ipd_error *e)
{
    relaxed_job j = {.s = s};
    double sums[SUMS];
    int L = s->v.net->L;
    if (run_tiles(&j, L, output_tile, sums, e))
        return -1;
    s->sums.loss = sums[0];
    s->sums.linear[L] = s->sums.step_z[L] = sums[1];
    return 0;
}

enum { MAX_ROWS = 512 }; /* of a tile */

/* Some rows of D := E K^-1, b := b^ + s^2 D 1, and R := delta D where E was; sums: |R|^2. */
static void residual_tile(void *context, size_t task, int thread)
{
    const relaxed_job *j = context;
    ipd_variables *v = &j->s->v;
    const ipd_relaxed_inverse *i = j->inverse;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d, n = j->tiling.n;
    float *D = j->to->data + t.row, *R = v->z_old[j->l].data + t.row,
          *b = v->b_old[j->l].data + t.row;
    float delta = (float)i->delta;
    double sum[MAX_ROWS] = {0}, *squares = j->s->partial + task * SUMS;
    (void)thread;
    ipd_sgemm(IPD_PLAIN, IPD_PLAIN, t.rows, n, n, 1, R, d, i->inverse, n, 0, D, d);
    for (size_t c = 0; c < n; c++, D += d, R += d) {
        ipd_accumulate(sum, D, t.rows);
        for (size_t r = 0; r < t.rows; r++)
            R[r] = delta * D[r];
        *squares += ipd_sum_squared(R, t.rows);
    }
    for (size_t r = 0; r < t.rows; r++)
        b[r] = (float)(b[r] + i->s2 * sum[r]);
}

/* D, b_l, R_l, and W_l := W^_l + D A^T. */
static int take_step(ipd_solver *s, int l, const ipd_matrix *A, const ipd_relaxed_inverse *inverse,
                     ipd_matrix *D, ipd_error *e)
{
    ipd_variables *v = &s->v;
    relaxed_job j = {.s = s, .to = D, .inverse = inverse};
    double sums[SUMS];
    j.tiling = ipd_relaxed_tiling(D->rows, D->cols);
    j.tiling.samples = D->cols; /* E is read whole before R is written */
    j.tiling.count = j.tiling.down;
    ipd_flops_add(2 * (uint64_t)D->rows * D->cols * D->cols);
    if (run_tasks(&j, l, residual_tile, sums, e))
        return -1;
    ipd_multiply(IPD_PLAIN, IPD_TRANSPOSED, 1, D, A, 1, &v->W_old[l]);
    ipd_matrix_swap(&v->net->W[l], &v->W_old[l]);
    ipd_matrix_swap(&v->net->b[l], &v->b_old[l]);
    s->sums.linear[l] = sums[0];
    if (!s->measure)
        return 0;
    s->sums.step_W[l] = ipd_sum_squared_difference(v->net->W[l].data, v->W_old[l].data,
                                                   v->W_old[l].rows * v->W_old[l].cols);
    s->sums.step_b[l] =
        ipd_sum_squared_difference(v->net->b[l].data, v->b_old[l].data, v->b_old[l].rows);
    return 0;
}

/* If W_l was frozen after the prediction, e_l belongs to the prediction and R_l is computed
 * anew. */
int ipd_relaxed_W_stay(ipd_solver *s, int l, ipd_error *e)
{
    ipd_variables *v = &s->v;
    const ipd_matrix *W = &v->net->W[l], *b = &v->net->b[l];
    (void)e;
    int same = !memcmp(W->data, v->W_old[l].data, W->rows * W->cols * sizeof *W->data) &&
               !memcmp(b->data, v->b_old[l].data, W->rows * sizeof *b->data);
    if (!same) {
        ipd_matrix *R = &v->z_old[l];
        for (size_t i = 0; i < R->rows * R->cols; i++)
            R->data[i] = v->z[l].data[i] - b->data[i % R->rows];
        ipd_multiply(IPD_PLAIN, IPD_PLAIN, -1, W, &v->a[l - 1], 1, R);
        s->sums.linear[l] = ipd_relaxed_squares(R);
        ipd_matrix_copy(&v->W_old[l], W);
        ipd_matrix_copy(&v->b_old[l], b);
    }
    s->sums.step_W[l] = s->sums.step_b[l] = 0;
    return 0;
}

/* A := sigma(p_l), the value of the forward pass. */
static void forward_tile(void *context, size_t task, int thread)
{
    const relaxed_job *j = context;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t at = t.first * j->tiling.d, count = t.samples * j->tiling.d;
    (void)thread;
    ipd_activation_apply(j->s->v.net->sigma[j->l], j->s->v.p[j->l].data + at, j->to->data + at,
                         count);
}

/* A := a_l - A */
static void difference_tile(void *context, size_t task, int thread)
{
    const relaxed_job *j = context;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t at = t.first * j->tiling.d, count = t.samples * j->tiling.d;
    const float *a = j->s->v.a[j->l].data + at;
    float *A = j->to->data + at;
    (void)thread;
    for (size_t i = 0; i < count; i++)
        A[i] = a[i] - A[i];
}

/* Measures sums.linear[l] if a_{l-1} moved from A before W_l did: |R - W_l (a - A)|^2, computed in
 * D. */
static int measure_moved(ipd_solver *s, int l, ipd_matrix *A, ipd_matrix *D, ipd_error *e)
{
    ipd_variables *v = &s->v;
    relaxed_job j = {.s = s, .to = A};
    if (run_tiles(&j, l - 1, difference_tile, NULL, e))
        return -1;
    ipd_matrix_copy(D, &v->z_old[l]);
    ipd_multiply(IPD_PLAIN, IPD_PLAIN, -1, &v->net->W[l], A, 1, D);
    s->sums.linear[l] = ipd_relaxed_squares(D);
    return 0;
}

int ipd_relaxed_W_step(ipd_solver *s, int l, ipd_error *e)
{
    ipd_variables *v = &s->v;
    int moved = l > 1 && !s->waits;
    ipd_matrix A = v->a[l - 1], D = {v->net->d[l], v->n, NULL};
    const ipd_relaxed_inverse *inverse;
    relaxed_job j = {.s = s, .to = &A};
    if (moved && (ipd_solver_reserve(s, 0, &A, e) || run_tiles(&j, l - 1, forward_tile, NULL, e)))
        return -1;
    if (!(inverse = ipd_relaxed_invert(s, l, &A, e)) || ipd_solver_reserve(s, 1, &D, e))
        return -1;
    s->sums.linear[l] = NAN;
    if (inverse->known != IPD_INVERSE_KNOWN) /* not positive definite: a value is not finite */
        return 0;
    return take_step(s, l, &A, inverse, &D, e) || (moved && measure_moved(s, l, &A, &D, e)) ? -1
                                                                                            : 0;
}

/* G := sigma'(p) o W^T R; sums: |G|^2, |sigma'(p) o G|^2. */
static void direction_tile(void *context, size_t task, int thread)
{
    const relaxed_job *j = context;
    ipd_variables *v = &j->s->v;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d, up = j->W->rows, at = t.row + t.first * d;
    float *G = v->a_old[j->l].data + at, *slope = j->s->scratch + (size_t)thread * d;
    double *sum = j->s->partial + task * SUMS;
    ipd_sgemm(IPD_TRANSPOSED, IPD_PLAIN, t.rows, t.samples, up, 1, j->W->data + t.row * up, up,
              v->z_old[j->l + 1].data + t.first * up, up, 0, G, d);
    for (size_t n = 0; n < t.samples; n++, G += d) {
        ipd_activation_derivative(v->net->sigma[j->l], v->p[j->l].data + at + n * d, slope, t.rows);
        for (size_t i = 0; i < t.rows; i++)
            G[i] *= slope[i];
        sum[0] += ipd_sum_squared(G, t.rows);
        for (size_t i = 0; i < t.rows; i++)
            slope[i] *= G[i];
        sum[1] += ipd_sum_squared(slope, t.rows);
    }
}

/* W G, of the layer above; sums: |W G|^2, <R, W G>. */
static void product_tile(void *context, size_t task, int thread)
{
    const relaxed_job *j = context;
    const ipd_variables *v = &j->s->v;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d, from = j->W->cols, at = t.row + t.first * d;
    float *WG = j->to->data + at;
    const float *R = v->z_old[j->l].data + at;
    double *sum = j->s->partial + task * SUMS;
    (void)thread;
    ipd_sgemm(IPD_PLAIN, IPD_PLAIN, t.rows, t.samples, from, 1, j->W->data + t.row, d,
              v->a_old[j->l - 1].data + t.first * from, from, 0, WG, d);
    for (size_t n = 0; n < t.samples; n++) {
        sum[0] += ipd_sum_squared(WG + n * d, t.rows);
        sum[1] += ipd_dot_difference(R + n * d, WG + n * d, 0, t.rows);
    }
}

/* a := sigma(p) + omega t G */
static void move_tile(void *context, size_t task, int thread)
{
    const relaxed_job *j = context;
    ipd_variables *v = &j->s->v;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t at = t.first * j->tiling.d, count = t.samples * j->tiling.d;
    const float *G = v->a_old[j->l].data + at;
    float *a = v->a[j->l].data + at, by = j->omega * j->t;
    (void)thread;
    for (size_t i = 0; i < count; i++)
        a[i] += by * G[i];
}

/* Returns omega of a_l, and of z_l after it: as set or, with by_norm, such that the root mean
 * square of the error stays the same from layer to layer. `have` is |sigma' o tG|, error
 * |e_{l+1}|. */
static double omega_of(const ipd_solver *s, int l, double have, double error)
{
    const ipd_relaxed_parameters *par = &s->par.relaxed;
    const size_t *d = s->v.net->d;
    if (!par->by_norm || l == s->v.net->L - 1)
        return par->relax_a;
    if (!(have > 0))
        return 0;
    return fmin(par->relax_cap, sqrt(error * sqrt((double)d[l] / (double)d[l + 1]) / have));
}

int ipd_relaxed_a_step(ipd_solver *s, int l, ipd_error *e)
{
    ipd_variables *v = &s->v;
    const ipd_matrix *W = s->waits ? &v->W_old[l + 1] : &v->net->W[l + 1];
    ipd_matrix WG = {W->rows, v->n, NULL};
    relaxed_job j = {.s = s, .W = W, .to = &WG};
    double G[SUMS], product[SUMS];
    if (ipd_solver_reserve(s, 0, &WG, e) || run_products(&j, l, W->rows, direction_tile, G, e) ||
        run_products(&j, l + 1, W->cols, product_tile, product, e))
        return -1;
    double t = G[0] > 0 ? G[0] / (product[0] + s->par.relaxed.kappa * G[0]) : 0;
    double omega = omega_of(s, l, t * sqrt(G[1]), sqrt(s->sums.step_z[l + 1])), by = omega * t;
    s->omega[l] = omega;
    j.t = (float)t;
    j.omega = (float)omega;
    if (run_tiles(&j, l, move_tile, NULL, e))
        return -1;
    s->sums.activation[l] = s->sums.step_a[l] = by * by * G[0];
    double gap = s->sums.linear[l + 1] - 2 * by * product[1] + by * by * product[0];
    s->sums.linear[l + 1] = gap < 0 ? 0 : gap; /* rounding */
    return 0;
}

/* z := p + omega (z* - p), without a branch, since the signs are as good as random. below: slope of
 * sigma below its kink, 1 for the identity. */
IPD_CLONES static void relax_z(const float *p, const float *a, float below, float omega, float *z,
                               size_t count)
{
    int linear = below == 1;
    for (size_t i = 0; i < count; i++) {
        float up = linear || a[i] > 0 ? a[i] : 0, down = p[i] + below * (a[i] - below * p[i]);
        float best = linear || p[i] > 0 ? up : down;
        z[i] = p[i] + omega * (best - p[i]);
    }
}

/* Sums: |z - p|^2, |a - sigma(z)|^2. */
static void z_tile(void *context, size_t task, int thread)
{
    const relaxed_job *j = context;
    ipd_variables *v = &j->s->v;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d;
    float *fit = j->s->scratch + (size_t)thread * d;
    double *sum = j->s->partial + task * SUMS;
    for (size_t n = t.first; n < t.first + t.samples; n++) {
        const float *p = v->p[j->l].data + n * d, *a = v->a[j->l].data + n * d;
        float *z = v->z[j->l].data + n * d;
        relax_z(p, a, j->below, j->omega, z, d);
        ipd_activation_apply(v->net->sigma[j->l], z, fit, d);
        sum[0] += ipd_sum_squared_difference(z, p, d);
        sum[1] += ipd_sum_squared_difference(a, fit, d);
    }
    set_error(v, j->l, t.first * d, t.samples * d);
}

int ipd_relaxed_z_step(ipd_solver *s, int l, ipd_error *e)
{
    const ipd_relaxed_parameters *par = &s->par.relaxed;
    double omega = par->by_norm && l < s->v.net->L - 1 ? s->omega[l] : par->relax_z;
    const float minus = -1;
    relaxed_job j = {.s = s, .omega = (float)omega};
    double sums[SUMS];
    ipd_activation_derivative(s->v.net->sigma[l], &minus, &j.below, 1);
    if (run_tiles(&j, l, z_tile, sums, e))
        return -1;
    s->sums.linear[l] = s->sums.step_z[l] = sums[0];
    s->sums.activation[l] = sums[1];
    return 0;
}
