/* worker.h - the worker's thread, and what ends all of them in the last moment. */
#ifndef IPD_RUN_WORKER_H
#define IPD_RUN_WORKER_H

#include "run/private.h"

/* The thread's body. */
void *ipd_worker(void *run);
/* rescue.c: main thread. From the start of the worker to its end, run is known to what saves all runs in the last moment. */
void ipd_rescue_add(ipd_run *run);
void ipd_rescue_remove(ipd_run *run);

#endif
