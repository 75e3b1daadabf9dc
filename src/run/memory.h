/* memory.h - does a run fit in memory, and what would? Any thread. */
#ifndef IPD_RUN_MEMORY_H
#define IPD_RUN_MEMORY_H

#include "net/network.h"
#include "run/run.h"

/* A run on N samples with these settings, whose batch is settled; of shape, L and d are read. Fails where it is more
 * than there is, with both numbers and what would fit; else 0. *needed and *available are bytes; *available is 0 where it is not known, and then everything fits. */
int ipd_run_fits(const ipd_settings *s, const ipd_network *shape, size_t N, double *needed,
                 double *available, ipd_error *e);

/* The same of a run that ipd_run_open is to make, before anything large is made. */
int ipd_run_check_memory(const ipd_dataset *data, const ipd_settings *s,
                         const ipd_run_options *options, ipd_error *e);

#endif
