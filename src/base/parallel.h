/* parallel.h - a pool of POSIX threads, shared by every run of the process.
 *
 * Work is cut into tasks whose number and extent depend on the problem only, never on the number of
 * threads; threads run them in any order. The result of a task must not depend on the thread that
 * runs it. So results have the same bits for any number of threads, for one binary and one OpenBLAS
 * kernel. -ffp-contract=off keeps elementwise sums equal on processors with fused multiply-add.
 *
 * Sums over samples are split by output tile and by fixed slabs of samples: floats inside a slab,
 * doubles across slabs, added in order. Tiles of products over 4096 samples or more are whole
 * columns, because OpenBLAS first copies both factors of a product: 256 samples per tile, 896 from
 * 8192 and 1024 from 32768 samples on.
 */
#ifndef IPD_BASE_PARALLEL_H
#define IPD_BASE_PARALLEL_H

#include "base/error.h"

#include <stdatomic.h>
#include <stddef.h>

/* Called for every task 0 <= task < count, on some thread 0 <= thread < ipd_threads(), which is
 * another one for each task at the same time in one call. */
typedef void ipd_task_fn(void *context, size_t task, int thread);

/* Sets the number of threads (the caller counts as one); 0 means one for each processor this
 * process may use. Also limits BLAS to one thread per task. Main thread, while no run works. Fails
 * on a negative number or if threads cannot start. */
int ipd_threads_set(int threads, ipd_error *e);

/* 1 after ipd_threads_set has succeeded. */
int ipd_threads_ready(void);

/* Number of threads in the pool, at least 1. Any thread. */
int ipd_threads(void);

/* Divides the threads evenly among `into` callers of ipd_parallel_for at a time, each at least its own:
 * for runs side by side. 1, as at the start, gives all to one caller. Waits for calls that run. Fails,
 * with fewer threads in some shares, if threads cannot start. Any thread but not within a task. */
int ipd_threads_divide(int into, ipd_error *e);

/* Runs fn for each task and returns when all are done. Calls from more threads than there are shares
 * (ipd_threads_divide) wait for one another. Do not call it from within a task. Within tasks
 * subnormal numbers count as zero on processors that support this (x86-64, AArch64). */
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
