/* average.h - a running mean of the weights, kept beside the training of any method. After each
 * mini-batch
 *
 *     mean := (1 - w) mean + w (W, b),    w = ipd_parameters.average_weights,
 *
 * starting from the weights after the first such batch. Training has the same bits with and without
 * it. w = 0 keeps no mean.
 */
#ifndef IPD_SOLVER_AVERAGE_H
#define IPD_SOLVER_AVERAGE_H

#include "solver/method.h"

typedef struct ipd_average {
    ipd_network net; /* L = 0: not allocated */
    int known;       /* 1: holds a mean */
} ipd_average;

/* Allocates the mean if w > 0, frees it if w = 0. Call before the last block of a mini-batch, at
 * the latest. On failure nothing changes. */
int ipd_average_prepare(ipd_average *a, double w, const ipd_network *net, ipd_error *e);

/* Adds the weights after a mini-batch. On all threads; the bits do not depend on their number. */
void ipd_average_add(ipd_average *a, double w, const ipd_network *net);

/* The mean, or NULL if there is none. */
const ipd_network *ipd_average_of(const ipd_average *a);

/* As ipd_method.transfer. An archive without a mean belongs to a run without one. */
int ipd_average_transfer(ipd_average *a, const ipd_network *net, ipd_archive *ar, ipd_error *e);

void ipd_average_free(ipd_average *a);

#endif
