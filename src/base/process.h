/* process.h - process-wide setup, and how threads are started. */
#ifndef IPD_BASE_PROCESS_H
#define IPD_BASE_PROCESS_H

#include <pthread.h>

/* Opens closed descriptors among 0, 1 and 2 on /dev/null; otherwise the next opened file would get
 * that number and receive the output. Makes writes beyond the file size limit fail instead of
 * raising SIGXFSZ. Call first in main. */
void ipd_process_begin(void);

/* Runs main_of(argc, argv) and returns its result: on a new thread with a larger stack if this
 * thread's stack is too small for a command. Call from main. */
int ipd_process_run(int (*main_of)(int argc, char **argv), int argc, char **argv);

/* Starts a thread with a large enough stack, whatever the limit is. It blocks all signals except
 * those of faults: the main thread handles them. Returns 0 or an errno value. Any thread. */
int ipd_thread_start(pthread_t *thread, void *(*body)(void *), void *argument);

#endif
