/* batches.c - see batches.h. */
#include "solver/batches.h"
#include "base/random.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Blocks per window. Streams of random numbers: the full permutations have 2^20 + epoch. */
enum { WINDOW = 64 };
#define BLOCK_STREAM (UINT64_C(1) << 61)
#define WINDOW_STREAM (UINT64_C(1) << 62)

static void free_memory(ipd_batches *b)
{
    ipd_matrix_free(&b->X);
    ipd_matrix_free(&b->Y);
    free(b->labels);
    free(b->samples);
    free(b->blocks);
    b->labels = NULL;
    b->samples = b->blocks = NULL;
    b->held = b->made_for = 0;
}

/* 1 if targets are made from labels. */
static int makes_targets(const ipd_batches *b)
{
    return !b->problem.Y->data;
}

/* 1 if inputs are stored as bytes. */
static int reads_bytes(const ipd_batches *b)
{
    return !b->problem.X.data;
}

static size_t sample_bytes(const ipd_problem *p)
{
    size_t targets = p->labels ? 1 : p->Y->data == p->X.data ? 0 : p->Y->rows;
    return sizeof(float) * (p->X.rows + targets);
}

/* Sets the size and number of blocks; 0 if the samples are shuffled as a whole. */
static void choose_blocks(ipd_batches *b, const ipd_parameters *p)
{
    size_t N = b->problem.N, bytes = sample_bytes(&b->problem);
    size_t space = (p->shuffle_space ? p->shuffle_space : 1024) << 20;
    b->block = b->block_count = 0;
    if (N <= space / bytes)
        return;
    b->block = space / 1024 / bytes ? space / 1024 / bytes : 1;
    b->block_count = (N + b->block - 1) / b->block;
}

/* Allocates the copies of a batch and the order of the samples, as far as they are needed. */
static int reserve(ipd_batches *b, const ipd_parameters *p, ipd_error *e)
{
    const ipd_problem *all = &b->problem;
    free_memory(b);
    choose_blocks(b, p);
    size_t blocks = b->block_count, n = b->size;
    size_t held = !blocks ? all->N : (blocks < WINDOW ? blocks : WINDOW) * b->block;
    if (((b->shuffle || makes_targets(b)) && ipd_matrix_init(&b->Y, all->Y->rows, n, e)) ||
        ((b->shuffle || reads_bytes(b)) && ipd_matrix_init(&b->X, all->X.rows, n, e)) ||
        (b->shuffle && (!(b->labels = ipd_allocate(n, sizeof *b->labels, e)) ||
                        !(b->samples = ipd_allocate(held, sizeof *b->samples, e)) ||
                        (blocks && !(b->blocks = ipd_allocate(blocks, sizeof *b->blocks, e)))))) {
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

static void permute(uint32_t *to, size_t count, uint64_t seed, uint64_t stream)
{
    ipd_random r;
    ipd_random_seed(&r, seed, stream);
    ipd_random_shuffle(&r, to, count);
}

static void permute_all(uint32_t *to, size_t count, uint64_t seed, uint64_t stream)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (uint32_t)i;
    permute(to, count, seed, stream);
}

/* The first sample and the number of samples of the block at this place in the order. */
static size_t block_at(const ipd_batches *b, size_t place, size_t *count)
{
    size_t first = b->blocks[place] * b->block;
    *count = b->problem.N - first < b->block ? b->problem.N - first : b->block;
    return first;
}

/* Asks for the samples of a window, which are needed when the present one is used up. */
static void read_ahead(const ipd_batches *b, size_t window)
{
    const ipd_problem *all = &b->problem;
    for (size_t i = 0; i < WINDOW && window * WINDOW + i < b->block_count; i++) {
        size_t n, first = block_at(b, window * WINDOW + i, &n);
        ipd_inputs_ahead(&all->X, first, n);
    }
}

/* Makes the order of the window that holds sample `index` of the epoch. */
static void enter_window(ipd_batches *b, size_t index)
{
    size_t full = WINDOW * b->block, missing = b->block_count * b->block - b->problem.N;
    /* Windows behind the smaller block begin earlier. */
    size_t end = (b->last_block / WINDOW + 1) * full - missing;
    size_t w = index < end ? index / full : (index + missing) / full;
    b->first = w * full - (w > b->last_block / WINDOW ? missing : 0);
    b->held = 0;
    for (size_t i = 0; i < WINDOW && w * WINDOW + i < b->block_count; i++) {
        size_t n, first = block_at(b, w * WINDOW + i, &n);
        for (size_t k = 0; k < n; k++)
            b->samples[b->held++] = (uint32_t)(first + k);
    }
    permute(b->samples, b->held, b->seed, WINDOW_STREAM + ((uint64_t)b->epoch << 24) + (uint64_t)w);
    read_ahead(b, w + 1);
}

static void shuffle(ipd_batches *b)
{
    b->first = 0;
    b->held = b->problem.N;
    if (!b->blocks) {
        permute_all(b->samples, b->problem.N, b->seed, (1u << 20) + (uint64_t)b->epoch);
        return;
    }
    permute_all(b->blocks, b->block_count, b->seed, BLOCK_STREAM + (uint64_t)b->epoch);
    for (size_t i = 0; i < b->block_count; i++)
        if (b->blocks[i] == b->block_count - 1)
            b->last_block = i;
    b->held = 0; /* the window of the first batch is made when it is taken */
    read_ahead(b, 0);
}

int ipd_batches_begin(ipd_batches *b, const ipd_parameters *p, int epoch, ipd_error *e)
{
    size_t N = b->problem.N;
    b->size = p->batch && p->batch < N ? p->batch : N;
    b->count = ipd_batches_count(p, N);
    b->shuffle = p->batch && p->shuffle;
    if ((b->shuffle ? !b->samples || b->X.cols < b->size
                    : (makes_targets(b) && b->Y.cols < b->size) ||
                          (reads_bytes(b) && b->X.cols < b->size)) &&
        reserve(b, p, e))
        return -1;
    if (!b->shuffle)
        return 0;
    b->made_for = 0;
    b->seed = p->seed;
    b->epoch = epoch;
    shuffle(b);
    return 0;
}

/* A batch of unshuffled samples: views, except inputs stored as bytes and targets made from
 * labels. */
static ipd_batch in_order(ipd_batches *b, size_t first, size_t n)
{
    const ipd_problem *all = &b->problem;
    int made = b->made == first && b->made_for == n; /* true after the first call in full batch */
    ipd_batch at = {.labels = all->labels ? all->labels + first : NULL};
    if (reads_bytes(b)) {
        at.X = ipd_matrix_columns(&b->X, 0, n);
        if (!made)
            ipd_inputs_read(&all->X, first, 1, n, at.X.data);
    } else {
        at.X = (ipd_matrix){all->X.rows, n, (float *)all->X.data + first * all->X.rows};
    }
    if (makes_targets(b)) {
        at.Y = ipd_matrix_columns(&b->Y, 0, n);
        if (!made)
            ipd_targets_fill(&at.Y, all->loss, at.labels);
    } else {
        at.Y = ipd_matrix_columns(all->Y, first, n);
    }
    b->made = first;
    b->made_for = n;
    return at;
}

ipd_batch ipd_batches_at(ipd_batches *b, int index)
{
    const ipd_problem *all = &b->problem;
    assert(index >= 0 && index < b->count);
    size_t first = (size_t)index * b->size;
    size_t n = all->N - first < b->size ? all->N - first : b->size;
    if (!b->shuffle)
        return in_order(b, first, n);
    ipd_matrix X = ipd_matrix_columns(&b->X, 0, n), Y = ipd_matrix_columns(&b->Y, 0, n);
    for (size_t i = 0; i < n; i++) {
        if (first + i < b->first || first + i >= b->first + b->held)
            enter_window(b, first + i);
        size_t from = b->samples[first + i - b->first];
        ipd_inputs_read(&all->X, from, 1, 1, X.data + i * X.rows);
        if (!makes_targets(b))
            memcpy(Y.data + i * Y.rows, all->Y->data + from * Y.rows, Y.rows * sizeof *Y.data);
        if (all->labels)
            b->labels[i] = all->labels[from];
    }
    if (makes_targets(b))
        ipd_targets_fill(&Y, all->loss, b->labels);
    return (ipd_batch){X, Y, all->labels ? b->labels : NULL};
}

void ipd_batches_free(ipd_batches *b)
{
    free_memory(b);
    *b = (ipd_batches){0};
}
