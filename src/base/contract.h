/* contract.h - assertions on callers: shapes, owners, threads. A violation is a bug in the program
 * and aborts it on the spot. `configure --disable-assert` removes them.
 */
#ifndef IPD_BASE_CONTRACT_H
#define IPD_BASE_CONTRACT_H

#include <assert.h>
#include <stddef.h>

/* Returns 1 on the main thread, which owns the screen, Readline and Lua: the process's first
 * thread, unless another one has taken its place. Any thread. */
int ipd_on_main_thread(void);
/* From now on the calling thread is the main thread. Call it once, before other threads start. */
void ipd_become_main_thread(void);

/* At the top of functions that only the main thread may call. */
#define IPD_MAIN_THREAD() assert(ipd_on_main_thread())

/* The owner of this thread's work: on a worker its run, NULL on any other thread. */
extern _Thread_local const void *ipd_thread_owner;

/* At the top of functions that only this owner's thread may call. */
#define IPD_THREAD_OF(owner) assert(ipd_thread_owner == (owner))

#endif
