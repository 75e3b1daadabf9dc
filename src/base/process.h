/* process.h - what all commands and all threads need of the process. */
#ifndef IPD_BASE_PROCESS_H
#define IPD_BASE_PROCESS_H

#include <pthread.h>

/* Opens those of the descriptors 0, 1 and 2 that are closed on /dev/null: a file that took one of these numbers would receive
 * what is printed. Writes beyond the limit of a file's size fail, instead of SIGXFSZ. First thing in main. */
void ipd_process_begin(void);

/* Runs main_of(argc, argv) and returns its result; on a thread with a stack of its own if this thread's stack is limited to
 * less than a command needs. From main. */
int ipd_process_run(int (*main_of)(int argc, char **argv), int argc, char **argv);

/* Starts a thread with a stack that is large enough whatever the limit of stacks, and with all signals blocked: they are the main
 * thread's. 0, or an errno value. Any thread. */
int ipd_thread_start(pthread_t *thread, void *(*body)(void *), void *argument);

#endif
