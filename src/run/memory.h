/* memory.h - does a run fit in memory, and what would? Any thread. */
#ifndef IPD_RUN_MEMORY_H
#define IPD_RUN_MEMORY_H

#include "net/network.h"
#include "run/settings.h"

/* Bytes that a run takes beside its data: arrays of a method, and of the audit. shape: L and d are read;
 * N samples in mini-batches of `batch`, 0 for all at once. */
double ipd_run_memory(const ipd_settings *s, const ipd_network *shape, size_t N, size_t batch);

/* s has its batch settled. Fails where it is more than there is, with both numbers and what would fit; else 0. *needed and *available are
 * bytes; *available is 0 where it is not known, and then everything fits. */
int ipd_run_fits(const ipd_settings *s, const ipd_network *shape, size_t N, double *needed,
                 double *available, ipd_error *e);

#endif
