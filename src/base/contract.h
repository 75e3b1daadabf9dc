/* contract.h - what functions demand of their callers: shapes, owners, threads. A broken demand is a fault of the program and
 * ends it where it stands. Asserts say so; `configure --disable-assert` leaves them out.
 */
#ifndef IPD_BASE_CONTRACT_H
#define IPD_BASE_CONTRACT_H

#include <assert.h>

/* 1 on the program's first thread, which owns the screen, Readline and Lua. Any thread. */
int ipd_on_main_thread(void);

/* For functions that are for the main thread alone. */
#define IPD_MAIN_THREAD() assert(ipd_on_main_thread())

#endif
