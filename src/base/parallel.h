/* parallel.h - a pool of POSIX threads, shared by every run of the process.
 *
 * Work is cut into tasks whose number and extent depend on the problem only, never on the number of
 * threads; threads run them in any order. The result of a task must not depend on the thread that
 * runs it. So results have the same bits for any number of threads, for one binary and one OpenBLAS
 * kernel. -ffp-contract=off keeps elementwise sums equal on processors with fused multiply-add.
 *
 * Sums over samples are split by output tile and by fixed slabs of samples: floats inside a slab,
 * doubles across slabs, added in order.
 */
#ifndef IPD_BASE_PARALLEL_H
#define IPD_BASE_PARALLEL_H

#include "base/error.h"

#include <stdatomic.h>
#include <stddef.h>

/* Called once for every task, 0 <= task < count. 0 <= thread < ipd_threads() numbers the thread
 * that runs it: tasks of one call that run at the same time have different numbers, so that scratch
 * memory can be indexed by it. */
typedef void ipd_task_fn(void *context, size_t task, int thread);

/* Sets the number of threads (the caller counts as one); 0 means one for each processor this
 * process may use. Also limits BLAS to one thread per task. Main thread, while no run works. Fails
 * on a negative number or if threads cannot start. */
int ipd_threads_set(int threads, ipd_error *e);

/* 1 after ipd_threads_set has succeeded. */
int ipd_threads_ready(void);

/* Number of threads in the pool, at least 1. Any thread. */
int ipd_threads(void);

/* Divides the threads evenly into shares, so that `into` runs can call ipd_parallel_for at the same
 * time. Each share has at least the calling thread. At the start there is one share. Waits until
 * running calls have returned. If threads cannot start, some shares are smaller and the result is
 * -1. Any thread, but not within a task. */
int ipd_threads_divide(int into, ipd_error *e);

/* Runs fn for each task and returns when all are done. A call waits while every share
 * (ipd_threads_divide) is in use. Do not call it from within a task. Within tasks subnormal numbers
 * count as zero on processors that support this (x86-64, AArch64). */
void ipd_parallel_for(size_t count, ipd_task_fn *fn, void *context);

/* Spins for up to 100 microseconds until another thread sets *flag: about the time to sleep and be
 * woken on idle processors. On busy processors spinning only gets in the way, so after failures it
 * is tried less often. Returns *flag. Any thread; `lookout` belongs to it and starts zeroed. */
typedef struct ipd_lookout {
    unsigned skip, skipped;
} ipd_lookout;
int ipd_look_out(ipd_lookout *lookout, const atomic_int *flag);

/* The size of equal pieces of `length`: at most `max` before rounding up to a multiple of 8. With
 * `even` their number is even, so that two threads finish together. The last pieces may be smaller.
 * Any thread. */
size_t ipd_piece_size(size_t length, size_t max, int even);

#endif
