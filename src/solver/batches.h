/* batches.h - the mini-batches of an epoch: their samples and order.
 *
 * The batches depend only on seed, batch size, epoch and shuffle_space, so they are the same for
 * all methods. Shuffling is a permutation of all samples, up to shuffle_space; more are shuffled in
 * two steps that read files in large pieces: a permutation of blocks, 1024 of which are
 * shuffle_space, and a permutation of the samples within each window of 64 such blocks. The memory
 * for the order is 4 bytes per sample of a window, and per block.
 */
#ifndef IPD_SOLVER_BATCHES_H
#define IPD_SOLVER_BATCHES_H

#include "solver/method.h"

typedef struct ipd_batches {
    ipd_problem problem; /* all samples, borrowed */
    size_t size;         /* samples per batch; N in full batch */
    int count;           /* batches of this epoch */
    int shuffle;         /* 1: shuffled in this epoch */
    uint64_t seed;       /* of the order, and the epoch */
    int epoch;
    uint32_t *samples; /* if shuffled: the order of the samples first ... first + held - 1 */
    size_t first, held;
    uint32_t *blocks; /* order of the blocks; NULL: the samples are shuffled as a whole */
    size_t block;     /* samples per block */
    size_t block_count;
    size_t last_block;     /* place in the order of the last block, which may be smaller */
    ipd_matrix X, Y;       /* copies of a batch's samples, unless the batch is a view */
    size_t made, made_for; /* X and Y hold `made_for` samples from `made` on, unshuffled */
    ipd_label *labels;
} ipd_batches;

/* The batch size in a state before its first iteration. */
#define IPD_NO_BATCHES ((size_t)-1)

/* One batch: views, valid until the next call of ipd_batches_at. */
typedef struct ipd_batch {
    ipd_matrix X, Y; /* d_0 x n, d_L x n */
    const ipd_label *labels;
} ipd_batch;

/* Number of batches of N samples in an epoch that begins with p; 1 in full batch. */
int ipd_batches_count(const ipd_parameters *p, size_t N);

/* Divides the samples into the batches of epoch 1, 2, ..., and shuffles them if p asks for it.
 * Before the first call, set b->problem and zero the rest. After a failure b may only be begun
 * again or freed. */
int ipd_batches_begin(ipd_batches *b, const ipd_parameters *p, int epoch, ipd_error *e);

/* Returns batch 0 ... count-1; the last may be smaller. */
ipd_batch ipd_batches_at(ipd_batches *b, int index);

void ipd_batches_free(ipd_batches *b);

#endif
