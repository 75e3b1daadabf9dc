/* relaxed_steps.c - see relaxed_steps.h. */
#include "solver/relaxed_steps.h"
#include "base/parallel.h"
#include "base/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Elementwise work on some samples of one layer. */
typedef struct relaxed_job {
    ipd_solver *s;
    int l;
    ipd_tiling tiling;
    float t, omega; /* step lengths */
    float below;    /* slope of sigma below its kink */
    ipd_matrix *WG; /* W_{l+1} G, or NULL */
} relaxed_job;

enum { SUMS = 4 }; /* of a task */

static int run_tiles(relaxed_job *j, int l, ipd_task_fn *fn, double *sums, ipd_error *e)
{
    ipd_solver *s = j->s;
    j->l = l;
    j->tiling = ipd_tiling_of(s->v.net->d[l], s->v.n, 1);
    if (ipd_solver_room(s, j->tiling.d, j->tiling.count, SUMS, e))
        return -1;
    ipd_parallel_for(j->tiling.count, fn, j);
    for (int i = 0; i < SUMS && sums; i++) {
        sums[i] = 0;
        for (size_t task = 0; task < j->tiling.count; task++)
            sums[i] += s->partial[task * SUMS + (size_t)i];
    }
    return 0;
}

/* Columns of W a task. */
enum { COLUMNS = 64 };

/* W^_l := (1 - shrink)(W_l + beta (W_l - W_old)), where W_old was; a frozen one is W_l. */
static void predict_columns(void *context, size_t task, int thread)
{
    const relaxed_job *j = context;
    const ipd_parameters *par = &j->s->par;
    const ipd_matrix *W = &j->s->v.net->W[j->l];
    size_t first = task * COLUMNS, left = W->cols - first;
    size_t count = (left < COLUMNS ? left : COLUMNS) * W->rows;
    const float *w = W->data + first * W->rows;
    float *to = j->s->v.W_old[j->l].data + first * W->rows;
    float keep = (float)(1 - par->relaxed.shrink);
    (void)thread;
    if (par->frozen[ipd_block_index((ipd_block){IPD_W, j->l}, j->s->v.net->L)]) {
        memcpy(to, w, count * sizeof *to);
        return;
    }
    ipd_predict(w, to, (float)par->beta, to, count);
    for (size_t i = 0; keep != 1 && i < count; i++)
        to[i] *= keep;
}

static void predict(ipd_solver *s, int l)
{
    relaxed_job j = {.s = s, .l = l};
    const ipd_matrix *W = &s->v.net->W[l], *b = &s->v.net->b[l];
    float *hat = s->v.b_old[l].data;
    int frozen = s->par.frozen[ipd_block_index((ipd_block){IPD_W, l}, s->v.net->L)];
    ipd_parallel_for((W->cols + COLUMNS - 1) / COLUMNS, predict_columns, &j);
    ipd_predict(b->data, hat, frozen ? 0 : (float)s->par.beta, hat, b->rows);
}

/* p := b^ in every column, for the product to be added. */
static void fill_bias(void *context, size_t task, int thread)
{
    const relaxed_job *j = context;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d;
    (void)thread;
    for (size_t n = t.first; n < t.first + t.samples; n++)
        memcpy(j->s->v.p[j->l].data + n * d, j->s->v.b_old[j->l].data, d * sizeof(float));
}

/* z := p, a := sigma(p); what the last batch left of R and G goes, so that a state says all. */
static void forward_tile(void *context, size_t task, int thread)
{
    const relaxed_job *j = context;
    ipd_variables *v = &j->s->v;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t at = t.first * j->tiling.d, count = t.samples * j->tiling.d;
    (void)thread;
    memcpy(v->z[j->l].data + at, v->p[j->l].data + at, count * sizeof(float));
    memset(v->z_old[j->l].data + at, 0, count * sizeof(float));
    if (j->l == v->net->L)
        return;
    v->net->sigma[j->l]->apply(v->p[j->l].data + at, v->a[j->l].data + at, count);
    memset(v->a_old[j->l].data + at, 0, count * sizeof(float));
}

int ipd_relaxed_load(ipd_solver *s, ipd_matrix X, ipd_matrix Y, const uint8_t *labels, ipd_error *e)
{
    ipd_variables *v = &s->v;
    int L = v->net->L;
    relaxed_job j = {.s = s};
    v->n = X.cols;
    v->a[0] = X;
    v->Y = Y;
    v->labels = labels;
    for (int l = 1; l <= L; l++) {
        v->z[l].cols = v->z_old[l].cols = v->p[l].cols = v->n;
        if (l < L)
            v->a[l].cols = v->a_old[l].cols = v->n;
        v->p_valid[l] = 0; /* it is of the predictions */
        predict(s, l);
        if (run_tiles(&j, l, fill_bias, NULL, e))
            return -1;
        ipd_multiply(IPD_PLAIN, IPD_PLAIN, 1, &v->W_old[l], &v->a[l - 1], 1, &v->p[l]);
        if (run_tiles(&j, l, forward_tile, NULL, e))
            return -1;
        s->sums.linear[l] = s->sums.activation[l] = s->sums.regularizer[l] = 0;
        s->sums.step_z[l] = s->sums.step_a[l] = 0;
        s->rank[l] = s->condition[l] = NAN; /* nothing of the inputs' size is inverted */
        s->omega[l] = 0;
    }
    s->sums.loss = v->net->loss->value(Y.data, v->z[L].data, v->net->d[L], v->n);
    return 0;
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
    loss->prox(y, p, (float)j->s->rho, z, d, t.samples);
    sum[0] = loss->value(y, z, d, t.samples);
    sum[1] = ipd_sum_squared_difference(z, p, d * t.samples);
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

/* E := z - p, in the memory of R. */
static void error_tile(void *context, size_t task, int thread)
{
    const relaxed_job *j = context;
    ipd_variables *v = &j->s->v;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t at = t.first * j->tiling.d, count = t.samples * j->tiling.d;
    const float *z = v->z[j->l].data + at, *p = v->p[j->l].data + at;
    float *E = v->z_old[j->l].data + at;
    (void)thread;
    for (size_t i = 0; i < count; i++)
        E[i] = z[i] - p[i];
}

static double squares_of(const ipd_matrix *m)
{
    double sum = 0; /* column by column, so that tiles do not matter */
    for (size_t n = 0; n < m->cols; n++)
        sum += ipd_sum_squared(m->data + n * m->rows, m->rows);
    return sum;
}

/* R := delta D, after b := b^ + s^2 D 1. */
static void take_bias(ipd_solver *s, int l, double s2, const ipd_matrix *D)
{
    float *b = s->v.b_old[l].data; /* b^ */
    size_t rows = D->rows;
    for (size_t i = 0; i < rows; i++) {
        double sum = 0;
        for (size_t n = 0; n < D->cols; n++)
            sum += D->data[i + n * rows];
        b[i] = (float)(b[i] + s2 * sum);
    }
}

/* D := E (A^T A + s^2 1 1^T + delta I)^-1, n x n. 1 where the matrix is not positive definite: not finite. */
static int solve_samples(const ipd_matrix *A, const ipd_matrix *E, double s2, double delta,
                         ipd_matrix *D, ipd_error *e)
{
    size_t n = A->cols;
    ipd_matrix K = {n, n, ipd_allocate_unset(n * n, sizeof(float), e)};
    ipd_matrix inverse = {n, n, K.data ? ipd_allocate_unset(n * n, sizeof(float), e) : NULL};
    int result = -1;
    if (!inverse.data)
        goto cleanup;
    ipd_multiply_symmetric(IPD_TRANSPOSED, A, (float)delta, &K);
    for (size_t c = 0; c < n; c++)
        for (size_t i = c; i < n; i++)
            K.data[i + c * n] += (float)s2;
    result = ipd_cholesky(&K) ? 1 : ipd_cholesky_inverse(&K, &inverse, e);
    if (!result)
        ipd_multiply(IPD_PLAIN, IPD_PLAIN, 1, E, &inverse, 0, D);
cleanup:
    free(K.data);
    free(inverse.data);
    return result;
}

/* Takes the step D of the samples: W_l := W^_l + D A^T, b_l := b^_l + s^2 D 1, R_l := delta D. */
static void take_step(ipd_solver *s, int l, const ipd_matrix *A, double s2, double delta,
                      const ipd_matrix *D)
{
    ipd_variables *v = &s->v;
    ipd_matrix *R = &v->z_old[l];
    ipd_multiply(IPD_PLAIN, IPD_TRANSPOSED, 1, D, A, 1, &v->W_old[l]);
    take_bias(s, l, s2, D);
    ipd_matrix_swap(&v->net->W[l], &v->W_old[l]);
    ipd_matrix_swap(&v->net->b[l], &v->b_old[l]);
    for (size_t i = 0; i < R->rows * R->cols; i++)
        R->data[i] = (float)delta * D->data[i];
    s->sums.linear[l] = squares_of(R);
    if (!s->measure)
        return;
    s->sums.step_W[l] = ipd_sum_squared_difference(v->net->W[l].data, v->W_old[l].data,
                                                   v->W_old[l].rows * v->W_old[l].cols);
    s->sums.step_b[l] =
        ipd_sum_squared_difference(v->net->b[l].data, v->b_old[l].data, v->b_old[l].rows);
}

/* Where W_l was frozen after the batch's predictions were made, e_l is not its own. */
int ipd_relaxed_W_stay(ipd_solver *s, int l, ipd_error *e)
{
    ipd_variables *v = &s->v;
    const ipd_matrix *W = &v->net->W[l], *b = &v->net->b[l];
    relaxed_job j = {.s = s};
    if (run_tiles(&j, l, error_tile, NULL, e))
        return -1;
    int same = !memcmp(W->data, v->W_old[l].data, W->rows * W->cols * sizeof *W->data) &&
               !memcmp(b->data, v->b_old[l].data, W->rows * sizeof *b->data);
    if (!same) {
        ipd_matrix *R = &v->z_old[l];
        for (size_t i = 0; i < R->rows * R->cols; i++)
            R->data[i] = v->z[l].data[i] - b->data[i % R->rows];
        ipd_multiply(IPD_PLAIN, IPD_PLAIN, -1, W, &v->a[l - 1], 1, R);
        s->sums.linear[l] = squares_of(R);
        ipd_matrix_copy(&v->W_old[l], W);
        ipd_matrix_copy(&v->b_old[l], b);
    }
    s->sums.step_W[l] = s->sums.step_b[l] = 0;
    return 0;
}

/* A := sigma(p_l), as the forward pass left it. */
static void forward_again(const ipd_solver *s, int l, ipd_matrix *A)
{
    for (size_t n = 0; n < A->cols; n++)
        s->v.net->sigma[l]->apply(s->v.p[l].data + n * A->rows, A->data + n * A->rows, A->rows);
}

/* sums.linear[l] where a_{l-1} has moved from A before W_l: R - W_l (a - A). D is room for it. */
static void measure_moved(ipd_solver *s, int l, ipd_matrix *A, ipd_matrix *D)
{
    ipd_variables *v = &s->v;
    for (size_t i = 0; i < A->rows * A->cols; i++)
        A->data[i] = v->a[l - 1].data[i] - A->data[i];
    ipd_matrix_copy(D, &v->z_old[l]);
    ipd_multiply(IPD_PLAIN, IPD_PLAIN, -1, &v->net->W[l], A, 1, D);
    s->sums.linear[l] = squares_of(D);
}

int ipd_relaxed_W_step(ipd_solver *s, int l, ipd_error *e)
{
    ipd_variables *v = &s->v;
    const ipd_relaxed_parameters *par = &s->par.relaxed;
    int moved = l > 1 && !s->waits, result = -1;
    ipd_matrix *E = &v->z_old[l], A = v->a[l - 1], D = {E->rows, E->cols, NULL};
    relaxed_job j = {.s = s};
    if (run_tiles(&j, l, error_tile, NULL, e))
        return -1;
    if (moved && !(A.data = ipd_allocate_unset(A.rows * A.cols, sizeof *A.data, e)))
        return -1;
    if (moved)
        forward_again(s, l - 1, &A);
    /* The mean squared norm of the inputs; a layer whose inputs are all zero still moves b. */
    double q = fmax(squares_of(&A) / (double)v->n, 1e-8), s2 = par->bias_share * q;
    double delta = par->damping[l] * (q + s2);
    if ((D.data = ipd_allocate_unset(D.rows * D.cols, sizeof *D.data, e)))
        result = solve_samples(&A, E, s2, delta, &D, e);
    if (result > 0)
        s->sums.linear[l] = NAN;
    else if (!result)
        take_step(s, l, &A, s2, delta, &D);
    if (moved && !result)
        measure_moved(s, l, &A, &D);
    free(D.data);
    free(moved ? A.data : NULL);
    return result < 0 ? -1 : 0;
}

/* G := sigma'(p) o G; sums: |G|^2, |sigma'(p) o G|^2. */
static void direction_tile(void *context, size_t task, int thread)
{
    const relaxed_job *j = context;
    ipd_variables *v = &j->s->v;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d;
    float *slope = j->s->scratch + (size_t)thread * d;
    double *sum = j->s->partial + task * SUMS;
    for (size_t n = t.first; n < t.first + t.samples; n++) {
        float *G = v->a_old[j->l].data + n * d;
        v->net->sigma[j->l]->derivative(v->p[j->l].data + n * d, slope, d);
        for (size_t i = 0; i < d; i++)
            G[i] *= slope[i];
        sum[0] += ipd_sum_squared(G, d);
        for (size_t i = 0; i < d; i++)
            slope[i] *= G[i];
        sum[1] += ipd_sum_squared(slope, d);
    }
}

/* Sums: |W G|^2, <R, W G>. */
static void product_tile(void *context, size_t task, int thread)
{
    const relaxed_job *j = context;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t at = t.first * j->tiling.d, count = t.samples * j->tiling.d;
    const float *WG = j->WG->data + at, *R = j->s->v.z_old[j->l].data + at;
    double *sum = j->s->partial + task * SUMS;
    (void)thread;
    sum[0] = ipd_sum_squared(WG, count);
    sum[1] = ipd_dot_difference(R, WG, 0, count);
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

/* By how much a_l overshoots, and z_l after it: fixed, or so that the error keeps its root mean square from layer to layer. `have` is
 * |sigma' o tG|, error |e_{l+1}|. */
static double relaxation(const ipd_solver *s, int l, double have, double error)
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
    const ipd_matrix *W = s->waits ? &v->W_old[l + 1] : &v->net->W[l + 1], *R = &v->z_old[l + 1];
    ipd_matrix WG = {W->rows, v->n, ipd_allocate_unset(W->rows * v->n, sizeof(float), e)};
    relaxed_job j = {.s = s, .WG = &WG};
    double G[SUMS], product[SUMS], error = 0;
    int result = -1;
    if (!WG.data)
        return -1;
    if (s->waits && run_tiles(&j, l + 1, error_tile, NULL, e)) /* e in place of R */
        goto cleanup;
    ipd_multiply(IPD_TRANSPOSED, IPD_PLAIN, 1, W, R, 0, &v->a_old[l]);
    if (run_tiles(&j, l, direction_tile, G, e))
        goto cleanup;
    ipd_multiply(IPD_PLAIN, IPD_PLAIN, 1, W, &v->a_old[l], 0, &WG);
    if (run_tiles(&j, l + 1, product_tile, product, e))
        goto cleanup;
    for (size_t n = 0; n < v->n && s->par.relaxed.by_norm; n++)
        error += ipd_sum_squared_difference(v->z[l + 1].data + n * W->rows,
                                            v->p[l + 1].data + n * W->rows, W->rows);
    double t = G[0] > 0 ? G[0] / (product[0] + s->par.relaxed.kappa * G[0]) : 0;
    double omega = relaxation(s, l, t * sqrt(G[1]), sqrt(error)), by = omega * t;
    s->omega[l] = omega;
    j.t = (float)t;
    j.omega = (float)omega;
    if (run_tiles(&j, l, move_tile, NULL, e))
        goto cleanup;
    s->sums.activation[l] = s->sums.step_a[l] = by * by * G[0];
    double gap = s->sums.linear[l + 1] - 2 * by * product[1] + by * by * product[0];
    s->sums.linear[l + 1] = gap < 0 ? 0 : gap; /* rounding */
    result = 0;
cleanup:
    free(WG.data);
    return result;
}

/* z := p + omega (z* - p), without a branch: the signs are as good as random. below: slope of sigma below its kink; 1 where
 * sigma is the identity, whose z* is a on both sides. */
IPD_CLONES static void explain(const float *p, const float *a, float below, float omega, float *z,
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
static void explain_tile(void *context, size_t task, int thread)
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
        explain(p, a, j->below, j->omega, z, d);
        v->net->sigma[j->l]->apply(z, fit, d);
        sum[0] += ipd_sum_squared_difference(z, p, d);
        sum[1] += ipd_sum_squared_difference(a, fit, d);
    }
}

int ipd_relaxed_z_step(ipd_solver *s, int l, ipd_error *e)
{
    const ipd_relaxed_parameters *par = &s->par.relaxed;
    double omega = par->by_norm && l < s->v.net->L - 1 ? s->omega[l] : par->relax_z;
    const float minus = -1;
    relaxed_job j = {.s = s, .omega = (float)omega};
    double sums[SUMS];
    s->v.net->sigma[l]->derivative(&minus, &j.below, 1);
    if (run_tiles(&j, l, explain_tile, sums, e))
        return -1;
    s->sums.linear[l] = s->sums.step_z[l] = sums[0];
    s->sums.activation[l] = sums[1];
    return 0;
}
