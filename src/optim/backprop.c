/* backprop.c - see backprop.h. */
#include "optim/backprop.h"
#include "base/blas.h"
#include "base/parallel.h"
#include "solver/steps.h"

#include <stdlib.h>
#include <string.h>

static void free_samples(ipd_backprop *b)
{
    for (int l = 1; l <= IPD_MAX_LAYERS; l++) {
        ipd_matrix_free(&b->z[l]);
        ipd_matrix_free(&b->a[l]);
    }
    b->capacity = 0;
}

void ipd_backprop_free(ipd_backprop *b)
{
    free_samples(b);
    for (int l = 1; l <= IPD_MAX_LAYERS; l++) {
        ipd_matrix_free(&b->dW[l]);
        ipd_matrix_free(&b->db[l]);
    }
}

int ipd_backprop_resize(ipd_backprop *b, const ipd_network *net, size_t n, ipd_error *e)
{
    int L = net->L;
    for (int l = 1; l <= L && !b->dW[L].data; l++) {
        ipd_matrix_free(&b->dW[l]); /* from an earlier failed attempt */
        ipd_matrix_free(&b->db[l]);
        if (ipd_matrix_init(&b->db[l], net->d[l], 1, e) ||
            ipd_matrix_init(&b->dW[l], net->d[l], net->d[l - 1], e))
            return -1;
    }
    if (n <= b->capacity)
        return 0;
    free_samples(b);
    for (int l = 1; l <= L; l++)
        if (ipd_matrix_init(&b->z[l], net->d[l], n, e) ||
            (l < L && ipd_matrix_init(&b->a[l], net->d[l], n, e))) {
            free_samples(b);
            return -1;
        }
    b->capacity = n;
    return 0;
}

double ipd_backprop_memory(const ipd_network *net, size_t n)
{
    double floats = 0;
    for (int l = 1; l <= net->L; l++)
        floats += (double)net->d[l] * (double)(net->d[l - 1] + 1) +
                  (double)net->d[l] * (double)n * (l < net->L ? 2 : 1);
    return 4 * floats;
}

/* Elementwise work on one layer, by tiles of whole samples. */
typedef struct layer_job {
    const ipd_network *net;
    const ipd_batch *batch;
    ipd_backprop *b;
    int l;
    ipd_tiling tiling;
    double *losses; /* per tile */
} layer_job;

static void for_tiles(layer_job *j, int l, ipd_task_fn *fn)
{
    j->l = l;
    j->tiling = ipd_tiling_of(j->net->d[l], j->batch->X.cols, 1);
    ipd_parallel_for(j->tiling.count, fn, j);
}

static void fill_bias(void *context, size_t task, int thread)
{
    layer_job *j = context;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d;
    (void)thread;
    for (size_t n = t.first; n < t.first + t.samples; n++)
        memcpy(j->b->z[j->l].data + n * d, j->net->b[j->l].data, d * sizeof(float));
}

static void activate(void *context, size_t task, int thread)
{
    layer_job *j = context;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t at = t.first * j->tiling.d, count = t.samples * j->tiling.d;
    (void)thread;
    ipd_activation_apply(j->net->sigma[j->l], j->b->z[j->l].data + at, j->b->a[j->l].data + at,
                         count);
}

/* Computes the tile's loss and replaces z_L by dz_L. */
static void differentiate_loss(void *context, size_t task, int thread)
{
    layer_job *j = context;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d, at = t.first * d;
    const float *y = j->batch->Y.data + at;
    float *z = j->b->z[j->l].data + at, scale = 1 / (float)j->tiling.n;
    (void)thread;
    j->losses[task] = ipd_loss_value(j->net->loss, y, z, d, t.samples);
    ipd_loss_gradient(j->net->loss, y, z, z, d, t.samples);
    for (size_t i = 0; i < t.samples * d; i++)
        z[i] *= scale;
}

/* Replaces z_l by dz_l; a_l must hold W_{l+1}^T dz_{l+1}. */
static void differentiate_activation(void *context, size_t task, int thread)
{
    layer_job *j = context;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t at = t.first * j->tiling.d, count = t.samples * j->tiling.d;
    float *z = j->b->z[j->l].data + at, *back = j->b->a[j->l].data + at;
    (void)thread;
    ipd_activation_derivative(j->net->sigma[j->l], z, z, count);
    for (size_t i = 0; i < count; i++)
        z[i] *= back[i];
}

enum { ROWS = 64 }; /* of db per task */

/* db_l := sum of dz_l over samples, in double. */
static void sum_rows(void *context, size_t task, int thread)
{
    layer_job *j = context;
    const ipd_matrix *dz = &j->b->z[j->l];
    size_t d = dz->rows, first = task * ROWS, rows = d - first < ROWS ? d - first : ROWS;
    double sum[ROWS] = {0};
    (void)thread;
    for (size_t n = 0; n < dz->cols; n++)
        for (size_t i = 0; i < rows; i++)
            sum[i] += dz->data[first + i + n * d];
    for (size_t i = 0; i < rows; i++)
        j->b->db[j->l].data[first + i] = (float)sum[i];
}

static const ipd_matrix *input(const layer_job *j, int l)
{
    return l == 1 ? &j->batch->X : &j->b->a[l - 1];
}

int ipd_backprop_gradient(ipd_backprop *b, const ipd_network *net, const ipd_batch *batch,
                          double *loss, ipd_error *e)
{
    layer_job j = {.net = net, .batch = batch, .b = b};
    int L = net->L;
    size_t n = batch->X.cols, tiles = ipd_tiling_of(net->d[L], n, 1).count;
    double sum = 0;
    if (!(j.losses = ipd_allocate(tiles, sizeof *j.losses, e)))
        return -1;
    for (int l = 1; l <= L; l++)
        b->z[l].cols = n;
    for (int l = 1; l < L; l++)
        b->a[l].cols = n;
    for (int l = 1; l <= L; l++) {
        for_tiles(&j, l, fill_bias);
        ipd_multiply(IPD_PLAIN, IPD_PLAIN, 1, &net->W[l], input(&j, l), 1, &b->z[l]);
        if (l < L)
            for_tiles(&j, l, activate);
    }
    for_tiles(&j, L, differentiate_loss);
    for (int l = L; l >= 1; l--) {
        ipd_multiply(IPD_PLAIN, IPD_TRANSPOSED, 1, &b->z[l], input(&j, l), 0, &b->dW[l]);
        j.l = l;
        ipd_parallel_for((net->d[l] + ROWS - 1) / ROWS, sum_rows, &j);
        if (l == 1)
            break;
        ipd_multiply(IPD_TRANSPOSED, IPD_PLAIN, 1, &net->W[l], &b->z[l], 0, &b->a[l - 1]);
        for_tiles(&j, l - 1, differentiate_activation);
    }
    for (size_t t = 0; t < tiles; t++)
        sum += j.losses[t];
    *loss = sum / (double)n;
    free(j.losses);
    return 0;
}
