/* average.h - a running mean of the weights beside training, for every method: after each mini-batch
 *
 *     mean := (1 - w) mean + w (W, b),    w = ipd_parameters.average_weights,
 *
 * from the weights after the first such batch on. Training has the same bits with and without. w = 0 keeps no mean.
 */
#ifndef IPD_SOLVER_AVERAGE_H
#define IPD_SOLVER_AVERAGE_H

#include "solver/method.h"

typedef struct ipd_average {
    ipd_network net; /* L = 0: no memory yet */
    int known;       /* 1: holds a mean */
} ipd_average;

/* Before the last block of a mini-batch, at the latest: memory for the mean where w > 0, none where w = 0. Fails, without a change, where there is no
 * memory. */
int ipd_average_prepare(ipd_average *a, double w, const ipd_network *net, ipd_error *e);

/* After a mini-batch. On all threads, the same bits for any number of them. */
void ipd_average_add(ipd_average *a, double w, const ipd_network *net);

/* The mean, or NULL where there is none. */
const ipd_network *ipd_average_of(const ipd_average *a);

/* As ipd_method.transfer. An archive without a mean is one of a run that has none. */
int ipd_average_transfer(ipd_average *a, const ipd_network *net, ipd_archive *ar, ipd_error *e);

void ipd_average_free(ipd_average *a);

#endif
