/* signals.h - signals while the screen is up. Handlers set a flag and write to a pipe; handlers of
 * faults restore the terminal. Signals that end the process go through base/ending.h. Main
 * thread. */
#ifndef IPD_TUI_TERMINAL_SIGNALS_H
#define IPD_TUI_TERMINAL_SIGNALS_H

#include "base/error.h"

#include <stddef.h>
#include <termios.h>

enum {
    IPD_SIGNAL_RESIZE = 1,
    IPD_SIGNAL_INTERRUPT = 2,
    IPD_SIGNAL_STOP = 4,
    IPD_SIGNAL_CONTINUE = 8,
    IPD_SIGNAL_END = 16 /* ipd_ending_signal returns its number */
};

int ipd_signals_start(ipd_error *e);
void ipd_signals_stop(void);        /* restores the old handlers */
int ipd_signals_fd(void);           /* readable when a flag is set */
unsigned ipd_signals_read(void);    /* returns the flags and clears them */
unsigned ipd_signals_pending(void); /* returns the flags */

/* `call` is called on the main thread in the handlers of SIGINT and of signals that end the
 * process, so it must be async-signal-safe. */
void ipd_signals_on_interrupt(void (*call)(void *context, int number), void *context);

/* What restores the terminal after a fatal signal: at most 256 bytes to write to the descriptor,
 * and its modes. fd < 0: nothing. */
void ipd_signals_restore(int fd, const struct termios *modes, const char *bytes, size_t count);

/* Stops the process as C-z does, and returns when it continues. */
void ipd_signals_stop_process(void);

#endif
