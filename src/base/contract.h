/* contract.h - what functions demand of their callers: shapes, owners, threads. A broken demand is a fault of the program and
 * ends it where it stands. Asserts say so; `configure --disable-assert` leaves them out.
 */
#ifndef IPD_BASE_CONTRACT_H
#define IPD_BASE_CONTRACT_H

#include <assert.h>
#include <stddef.h>

/* 1 on the program's first thread, which owns the screen, Readline and Lua. Any thread. */
int ipd_on_main_thread(void);

/* For functions that are for the main thread alone. */
#define IPD_MAIN_THREAD() assert(ipd_on_main_thread())

/* Whose work this thread does: a run, on its worker; NULL on any other thread. */
extern _Thread_local const void *ipd_thread_owner;

/* For functions that are for the thread of this owner alone. */
#define IPD_THREAD_OF(owner) assert(ipd_thread_owner == (owner))

#endif
