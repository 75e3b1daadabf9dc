/* batches.c - see batches.h. */
#include "solver/batches.h"
#include "base/random.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void free_memory(ipd_batches *b)
{
    ipd_matrix_free(&b->X);
    ipd_matrix_free(&b->Y);
    free(b->labels);
    free(b->samples);
    b->labels = NULL;
    b->samples = NULL;
}

/* Allocates shuffled batches of n samples. */
static int reserve(ipd_batches *b, size_t n, ipd_error *e)
{
    const ipd_problem *all = &b->problem;
    free_memory(b);
    if (ipd_matrix_init(&b->X, all->X->rows, n, e) || ipd_matrix_init(&b->Y, all->Y->rows, n, e) ||
        !(b->labels = ipd_allocate(n, sizeof *b->labels, e)) ||
        !(b->samples = ipd_allocate(all->N, sizeof *b->samples, e))) {
        free_memory(b);
        return -1;
    }
    return 0;
}

int ipd_batches_count(const ipd_parameters *p, size_t N)
{
    size_t size = p->batch && p->batch < N ? p->batch : N;
    return (int)((N + size - 1) / size);
}

int ipd_batches_begin(ipd_batches *b, const ipd_parameters *p, int epoch, ipd_error *e)
{
    size_t N = b->problem.N;
    b->size = p->batch && p->batch < N ? p->batch : N;
    b->count = ipd_batches_count(p, N);
    b->shuffle = p->batch && p->shuffle;
    if (!b->shuffle)
        return 0;
    if ((!b->samples || b->X.cols < b->size) && reserve(b, b->size, e))
        return -1;
    ipd_random r;
    ipd_random_seed(&r, p->seed, (1u << 20) + (uint64_t)epoch);
    for (size_t i = 0; i < N; i++)
        b->samples[i] = (uint32_t)i;
    ipd_random_shuffle(&r, b->samples, N);
    return 0;
}

ipd_batch ipd_batches_at(ipd_batches *b, int index)
{
    const ipd_problem *all = &b->problem;
    assert(index >= 0 && index < b->count);
    size_t first = (size_t)index * b->size;
    size_t n = all->N - first < b->size ? all->N - first : b->size;
    if (!b->shuffle)
        return (ipd_batch){ipd_matrix_columns(all->X, first, n),
                           ipd_matrix_columns(all->Y, first, n),
                           all->labels ? all->labels + first : NULL};
    ipd_matrix X = ipd_matrix_columns(&b->X, 0, n), Y = ipd_matrix_columns(&b->Y, 0, n);
    for (size_t i = 0; i < n; i++) {
        size_t from = b->samples[first + i];
        memcpy(X.data + i * X.rows, all->X->data + from * X.rows, X.rows * sizeof *X.data);
        memcpy(Y.data + i * Y.rows, all->Y->data + from * Y.rows, Y.rows * sizeof *Y.data);
        if (all->labels)
            b->labels[i] = all->labels[from];
    }
    return (ipd_batch){X, Y, all->labels ? b->labels : NULL};
}

int ipd_metrics_due(const ipd_parameters *p, int k)
{
    return p->metrics_every < 2 || k % p->metrics_every == 0;
}

size_t ipd_metrics_step(const ipd_parameters *p, size_t N)
{
    return p->metrics_samples && p->metrics_samples < N
               ? (N + p->metrics_samples - 1) / p->metrics_samples
               : 1;
}

void ipd_batches_free(ipd_batches *b)
{
    free_memory(b);
    *b = (ipd_batches){0};
}
