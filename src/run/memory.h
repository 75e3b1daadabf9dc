/* memory.h - checks whether a run fits in memory, and finds a size that does. Any thread. */
#ifndef IPD_RUN_MEMORY_H
#define IPD_RUN_MEMORY_H

#include "net/network.h"
#include "run/run.h"

/* Checks a run on N samples with these settings, whose batch is known; only L and d of shape are read; bytes: the
 * inputs are bytes. Returns 0, or fails with the
 * needed and available memory and what would fit. *needed and *available in bytes; *available is 0 if unknown, and everything fits
 * then. */
int ipd_run_fits(const ipd_settings *s, const ipd_network *shape, size_t N, int bytes,
                 double *needed, double *available, ipd_error *e);

/* The same for a run to be opened, before large memory is allocated. */
int ipd_run_check_memory(const ipd_dataset *data, const ipd_settings *s,
                         const ipd_run_options *options, ipd_error *e);

#endif
