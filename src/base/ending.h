/* ending.h - how a signal ends a command that has work to lose.
 *
 * All signals that end a process by default and that a program may catch are one request: end, and lose nothing. The exceptions are
 * those of faults (SIGSEGV, ...), SIGXFSZ (the write fails instead) and, where it only interrupts a line, SIGINT. Batch
 * systems send SIGUSR1, SIGUSR2 or SIGXCPU some time before SIGKILL. What was ignored when the program started stays ignored.
 *
 * The command hears of it in a callback and ends by itself. A watchdog thread holds it to that: when half of the
 * grace period (10 s, or IPDLAM_GRACE seconds) is over it lets all runs save their work, whatever the main thread does, and
 * at its end the signal kills the process. Only saves under way are waited for longer. More signals change nothing,
 * except that each third SIGINT is a step: runs are saved at once; the process ends at once.
 */
#ifndef IPD_BASE_ENDING_H
#define IPD_BASE_ENDING_H

#include "base/error.h"

typedef struct ipd_ending_host {
    /* In the signal handler, on the main thread, for each signal: may only set flags. */
    void (*asked)(void *context, int number);
    void *context;
    int interrupt_ends; /* 1: SIGINT is one of them */
    int pipe_ends;      /* 1: so is SIGPIPE; else writes fail */
    void (*last)(
        void); /* before the watchdog kills the process, on its thread: the terminal; or NULL */
} ipd_ending_host;

/* Catches the signals and starts the watchdog; one command at a time. Main thread. Fails if the thread cannot start. */
int ipd_ending_begin(const ipd_ending_host *host, ipd_error *e);
/* Gives the signals back, unless they have ended the command: then they stay as they are until ipd_ending_die. Takes no
 * notice if nothing was begun. */
void ipd_ending_stop(void);

/* The first signal that asked for the end, or 0. Any thread. */
int ipd_ending_signal(void);

/* The main thread is ending the command: the watchdog gives it all of the grace period. */
void ipd_ending_heard(void);

/* As if this signal had come: the terminal is gone. Main thread. */
void ipd_ending_ask(int number);

/* The user does not want to wait, as the third SIGINT says (see above). In a handler on the main thread, too. */
void ipd_ending_hurry(int number);

/* Ends the process by the signal, after what was printed is flushed. Main thread. */
void ipd_ending_die(int number);

/* What the watchdog calls when the main thread is late: saves the work of all runs, and returns early if give_up() is true. */
void ipd_ending_on_rescue(void (*rescue)(int (*give_up)(void)));

#endif
