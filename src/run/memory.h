/* memory.h - checks whether a run fits in memory, and finds a size that does. Any thread. */
#ifndef IPD_RUN_MEMORY_H
#define IPD_RUN_MEMORY_H

#include "net/network.h"
#include "run/run.h"

/* Checks whether a run on N samples with these settings fits; batch must be resolved. Of the shape
 * only L and d are read. bytes: the inputs are bytes. If the run does not fit, the error says what
 * would. *needed and *available are in bytes; *available is 0 if it is unknown, and then every run
 * fits. */
int ipd_run_fits(const ipd_settings *s, const ipd_network *shape, size_t N, int bytes,
                 double *needed, double *available, ipd_error *e);

/* The same for a run to be opened, before large memory is allocated. */
int ipd_run_check_memory(const ipd_dataset *data, const ipd_settings *s,
                         const ipd_run_options *options, ipd_error *e);

#endif
