/* solver.c - see solver.h. */
#include "solver/solver.h"
#include "base/parallel.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void ipd_targets_fill(ipd_matrix *Y, const ipd_loss *loss, const ipd_label *labels)
{
    for (size_t n = 0; n < Y->cols; n++)
        for (size_t i = 0; i < Y->rows; i++)
            Y->data[i + n * Y->rows] = i == labels[n] ? loss->target_on : loss->target_off;
}

int ipd_targets(ipd_matrix *Y, const ipd_loss *loss, const ipd_label *labels, size_t N,
                size_t outputs, ipd_error *e)
{
    if (ipd_matrix_init(Y, outputs, N, e))
        return -1;
    for (size_t n = 0; n < N; n++) {
        if (labels[n] >= outputs) {
            ipd_matrix_free(Y);
            return ipd_fail(
                e, IPD_EUSAGE,
                "sample %zu has label %u, but the network has %zu outputs. Use at least %u", n,
                labels[n], outputs, labels[n] + 1);
        }
    }
    ipd_targets_fill(Y, loss, labels);
    return 0;
}

static int has_shape(const ipd_matrix *m, size_t rows, size_t cols)
{
    return m->data && m->rows == rows && m->cols == cols;
}

int ipd_variables_fit(const ipd_variables *v)
{
    const ipd_network *net = v->net;
    int fit = has_shape(&v->a[0], net->d[0], v->n) && has_shape(&v->Y, net->d[net->L], v->n);
    for (int l = 1; l <= net->L && fit; l++) {
        size_t d = net->d[l], from = net->d[l - 1];
        fit = has_shape(&net->W[l], d, from) && has_shape(&v->W_old[l], d, from) &&
              has_shape(&net->b[l], d, 1) && has_shape(&v->b_old[l], d, 1) &&
              has_shape(&v->z[l], d, v->n) && has_shape(&v->z_old[l], d, v->n) &&
              has_shape(&v->p[l], d, v->n) &&
              ((l == net->L && !v->a[l].data) ||
               (has_shape(&v->a[l], d, v->n) && has_shape(&v->a_old[l], d, v->n)));
    }
    return fit;
}

double ipd_solver_sample_bytes(const ipd_network *net)
{
    double floats = 0;
    for (int l = 1; l <= net->L; l++)
        floats += (double)net->d[l] * (l < net->L ? 5 : 3);
    return 4 * floats;
}

double ipd_solver_memory(const ipd_network *net, size_t N, size_t batch)
{
    double weights = 0, widest = 0;
    size_t n = batch && batch < N ? batch : N;
    for (int l = 1; l <= net->L; l++) {
        double side = (double)(net->d[l - 1] < n ? net->d[l - 1] : n);
        double gram = 16 * side * side + 16 * (double)net->d[l] * side +
                      4 * (double)net->d[l - 1] * (double)net->d[l - 1];
        weights += 8 * (double)net->d[l] * (double)(net->d[l - 1] + 1);
        gram += fmax(ipd_sum_outer_bytes(net->d[l], net->d[l - 1], n),
                     ipd_sum_outer_bytes(net->d[l - 1], net->d[l - 1], n));
        widest = gram > widest ? gram : widest;
    }
    return weights + widest + (double)n * ipd_solver_sample_bytes(net) +
           (batch ? 4 * (double)n * (double)net->d[0] : 0) + 4 * (double)N * (double)net->d[net->L];
}

static void free_samples(ipd_variables *v)
{
    for (int l = 1; l <= IPD_MAX_LAYERS; l++) {
        ipd_matrix_free(&v->z[l]);
        ipd_matrix_free(&v->z_old[l]);
        ipd_matrix_free(&v->p[l]);
        ipd_matrix_free(&v->a[l]);
        ipd_matrix_free(&v->a_old[l]);
    }
}

void ipd_solver_free(ipd_solver *s)
{
    free_samples(&s->v);
    for (int l = 1; l <= IPD_MAX_LAYERS; l++) {
        ipd_matrix_free(&s->v.W_old[l]);
        ipd_matrix_free(&s->v.b_old[l]);
    }
    for (int l = 0; l <= IPD_MAX_LAYERS; l++)
        free(s->inverse[l].inverse);
    ipd_gram_free(&s->data_gram);
    ipd_solver_free_scratch(s);
    free(s->partial);
    free(s->reserved[0]);
    free(s->reserved[1]);
    *s = (ipd_solver){0};
}

/* W_old := W and b_old := b: the first iteration has no inertia. */
static int start_history(ipd_variables *v, ipd_network *net, ipd_error *e)
{
    for (int l = 1; l <= net->L; l++) {
        if (ipd_matrix_init(&v->W_old[l], net->d[l], net->d[l - 1], e) ||
            ipd_matrix_init(&v->b_old[l], net->d[l], 1, e))
            return -1;
        ipd_matrix_copy(&v->W_old[l], &net->W[l]);
        ipd_matrix_copy(&v->b_old[l], &net->b[l]);
    }
    return 0;
}

int ipd_solver_resize(ipd_solver *s, ipd_network *net, size_t n, ipd_error *e)
{
    assert(n >= 1 && (!s->v.net || s->v.net == net));
    ipd_variables *v = &s->v, new = {0};
    int L = net->L;
    for (int l = 1; l <= L; l++)
        if (ipd_matrix_init(&new.z[l], net->d[l], n, e) ||
            ipd_matrix_init(&new.z_old[l], net->d[l], n, e) ||
            ipd_matrix_init(&new.p[l], net->d[l], n, e) ||
            (l < L + s->output_variable && (ipd_matrix_init(&new.a[l], net->d[l], n, e) ||
                                            ipd_matrix_init(&new.a_old[l], net->d[l], n, e)))) {
            free_samples(&new);
            return -1;
        }
    if (!v->net && start_history(v, net, e)) {
        free_samples(&new);
        return -1;
    }
    memcpy(new.W_old, v->W_old, sizeof new.W_old);
    memcpy(new.b_old, v->b_old, sizeof new.b_old);
    free_samples(v);
    ipd_gram_free(&s->data_gram);
    for (int l = 1; l <= L; l++)
        s->inverse[l].known = IPD_INVERSE_UNKNOWN;
    *v = new;
    v->net = net;
    return 0;
}

typedef struct load_job {
    ipd_variables *v;
    int l;
    ipd_tiling tiling;
} load_job;

/* z := p and a := sigma(z) (V_L := z_L), with previous iterates equal to them. */
static void load_tile(void *context, size_t task, int thread)
{
    load_job *j = context;
    ipd_variables *v = j->v;
    int l = j->l;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d, at = t.first * d, count = t.samples * d;
    const float *p = v->p[l].data + at;
    (void)thread;
    memcpy(v->z[l].data + at, p, count * sizeof *p);
    memcpy(v->z_old[l].data + at, p, count * sizeof *p);
    if (!v->a[l].data)
        return;
    if (l < v->net->L)
        ipd_activation_apply(v->net->sigma[l], p, v->a[l].data + at, count);
    else
        memcpy(v->a[l].data + at, p, count * sizeof *p);
    memcpy(v->a_old[l].data + at, v->a[l].data + at, count * sizeof *p);
}

int ipd_solver_load(ipd_solver *s, ipd_matrix X, ipd_matrix Y, const ipd_label *labels,
                    ipd_error *e)
{
    ipd_variables *v = &s->v;
    int L = v->net->L;
    assert(X.cols >= 1 && X.cols == Y.cols);
    v->n = X.cols;
    v->a[0] = X;
    v->Y = Y;
    v->labels = labels;
    for (int l = 1; l <= L; l++) {
        load_job j = {v, l, ipd_tiling_of(v->net->d[l], v->n, 1)};
        v->z[l].cols = v->z_old[l].cols = v->p[l].cols = v->n;
        if (v->a[l].data)
            v->a[l].cols = v->a_old[l].cols = v->n;
        v->p_valid[l] = 0;
        if (ipd_product_step(s, l, e))
            return -1;
        ipd_parallel_for(j.tiling.count, load_tile, &j);
        s->sums.linear[l] = s->sums.activation[l] = 0;
        s->sums.step_z[l] = s->sums.step_a[l] = 0;
        ipd_regularizer_step(s, l);
    }
    s->sums.loss = ipd_loss_value(v->net->loss, Y.data, v->z[L].data, v->net->d[L], v->n);
    assert(ipd_variables_fit(v));
    return 0;
}

size_t ipd_solver_count_correct(const ipd_solver *s)
{
    assert(s->v.n >= 1);
    const ipd_variables *v = &s->v;
    size_t correct = 0, d = v->net->d[v->net->L];
    for (size_t n = 0; n < v->n; n++)
        correct += v->labels && ipd_argmax(v->z[v->net->L].data + n * d, d) == v->labels[n];
    return correct;
}
