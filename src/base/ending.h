/* ending.h - ends a command on a signal without losing its work.
 *
 * Every signal that a program can catch and whose default is to end the process is one request:
 * end, and lose nothing. Exceptions are the signals of faults (SIGSEGV, ...), SIGXFSZ (the write
 * fails instead) and SIGINT where it only interrupts a line. Batch systems send SIGUSR1, SIGUSR2 or
 * SIGXCPU some time before SIGKILL. A signal that was ignored when the program started stays
 * ignored.
 *
 * A callback informs the command, which ends by itself. A watchdog thread enforces this: after half
 * of the grace period (10 s, or IPDLAM_GRACE seconds) it makes all runs save their work even if the
 * main thread is stuck, and at the end of the period the signal kills the process. Only saves in
 * progress may take longer. Repeated signals change nothing, except that the third SIGINT saves the
 * runs at once and the sixth ends the process at once.
 */
#ifndef IPD_BASE_ENDING_H
#define IPD_BASE_ENDING_H

#include "base/error.h"

typedef struct ipd_ending_host {
    /* Called in the signal handler, on the main thread, for each signal; may only set flags. */
    void (*asked)(void *context, int number);
    void *context;
    int interrupt_ends; /* 1: SIGINT ends the command */
    int pipe_ends;      /* 1: SIGPIPE does too; 0: writes fail instead */
    /* Called on the watchdog's thread before it kills the process, to restore the terminal; or
     * NULL. */
    void (*last)(void);
} ipd_ending_host;

/* Installs the handlers and starts the watchdog; for one command at a time. Main thread. Fails if
 * the thread cannot start. */
int ipd_ending_begin(const ipd_ending_host *host, ipd_error *e);
/* Restores the handlers, except after a signal has ended the command: then they stay until
 * ipd_ending_die. Does nothing if nothing was begun. */
void ipd_ending_stop(void);

/* The first signal that requested the end, or 0. Any thread. */
int ipd_ending_signal(void);

/* Tells the watchdog that the main thread is ending the command and may use the whole
 * grace period. */
void ipd_ending_heard(void);

/* Acts as if this signal had arrived, for example when the terminal is gone. Main thread. */
void ipd_ending_ask(int number);

/* The user does not want to wait: acts like a third SIGINT (see above). Main thread, also in a
 * handler. */
void ipd_ending_hurry(int number);

/* Flushes the output and ends the process by the signal. Main thread. */
void ipd_ending_die(int number);

/* Sets the function with which the watchdog saves the work of all runs if the main thread is late.
 * It must return early if give_up() is true. */
void ipd_ending_on_rescue(void (*rescue)(int (*give_up)(void)));

#endif
