/* worker.h - the worker thread, and the registry of running workers for an emergency end. */
#ifndef IPD_RUN_WORKER_H
#define IPD_RUN_WORKER_H

#include "run/private.h"

/* The thread's body. */
void *ipd_worker(void *run);
/* rescue.c, main thread: register a run while its worker lives, so that a signal can save all
 * runs. */
void ipd_rescue_add(ipd_run *run);
void ipd_rescue_remove(ipd_run *run);

#endif
