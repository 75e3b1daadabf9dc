/* batches.h - an epoch's mini-batches: which samples, in which order.
 *
 * Every method takes the same batches for the same seed, batch size and epoch.
 */
#ifndef IPD_SOLVER_BATCHES_H
#define IPD_SOLVER_BATCHES_H

#include "solver/method.h"

typedef struct ipd_batches {
    ipd_problem problem; /* all samples, borrowed */
    size_t size;         /* samples a batch; N in full batch */
    int count;           /* batches of this epoch */
    int shuffle;         /* of this epoch */
    uint32_t *samples;   /* this epoch's order of the samples, where shuffled */
    ipd_matrix X, Y;     /* the samples of one batch, where shuffled */
    uint8_t *labels;
} ipd_batches;

/* One batch: views, good until the next is taken. */
typedef struct ipd_batch {
    ipd_matrix X, Y; /* d_0 x n, d_L x n */
    const uint8_t *labels;
} ipd_batch;

/* How many batches of N samples an epoch that begins with p has; 1 in full batch. */
int ipd_batches_count(const ipd_parameters *p, size_t N);

/* Cuts and, where p says so, shuffles the samples for epoch 1, 2, ...; b starts as {.problem = ...}
 * and the rest zero. On failure b is good for nothing but another begin, or free. */
int ipd_batches_begin(ipd_batches *b, const ipd_parameters *p, int epoch, ipd_error *e);

/* The batch of index 0 ... count-1; the last may be smaller. */
ipd_batch ipd_batches_take(ipd_batches *b, int index);

void ipd_batches_free(ipd_batches *b);

#endif
