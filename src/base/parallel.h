/* parallel.h - one pool of POSIX threads, shared by every run of the process.
 *
 * Work is cut into tasks whose number and extent depend on the problem only, never on the
 * number of threads; threads take tasks in any order. Whatever a task computes must not
 * depend on which thread runs it, so results have the same bits for any number of threads, for one
 * binary and one OpenBLAS kernel. -ffp-contract=off keeps elementwise sums alike on processors that
 * could fuse them.
 *
 * Sums over samples are split by output tile and by fixed slabs of samples: floats inside a slab, doubles
 * across slabs, added in order. From 4096 samples on, tiles of products are whole columns, since OpenBLAS
 * copies both factors of a product first: 256 samples, 896 from 8192 and 1024 from 32768 samples on.
 */
#ifndef IPD_BASE_PARALLEL_H
#define IPD_BASE_PARALLEL_H

#include "base/error.h"

#include <stdatomic.h>
#include <stddef.h>

/* Called for every task 0 <= task < count, on some thread 0 <= thread < ipd_threads(). */
typedef void ipd_task_fn(void *context, size_t task, int thread);

/* Sets the number of threads (the caller counts as one); 0 means one for each processor this
 * process may use. Also holds BLAS to one thread inside each task. Main thread, while no run works.
 * Fails on a negative number or when threads cannot be started. */
int ipd_threads_set(int threads, ipd_error *e);

/* 1 once ipd_threads_set has been called with success. */
int ipd_threads_ready(void);

/* Number of threads in the pool, at least 1. Any thread. */
int ipd_threads(void);

/* Runs fn for each task and returns when all are done. From several threads at once, one
 * caller after the other is served. Not to be called from within a task. Within tasks subnormal numbers are zero, where
 * the processor is one that can do that (x86-64, AArch64). */
void ipd_parallel_for(size_t count, ipd_task_fn *fn, void *context);

/* Looks out for *flag to be set, which another thread is about to do, for up to 100 microseconds: about what it takes to sleep and
 * be woken where processors are idle. Where they are not it is only in the way: what was in vain is done more rarely.
 * Returns *flag. Any thread; `lookout` is its own, zero at first. */
typedef struct ipd_lookout {
    unsigned skip, skipped;
} ipd_lookout;
int ipd_look_out(ipd_lookout *lookout, const atomic_int *flag);

/* The size of equal pieces of `length`, at most `max` each but for rounding up to a multiple of 8; with `even` an
 * even number of them, so that two threads end together. The last ones may be smaller. Any thread. */
size_t ipd_piece_size(size_t length, size_t max, int even);

#endif
