/* output.h - descriptors 1 and 2 lead into the output pane while the screen is up.
 *
 * A thread of its own drains the pipe, so that one large write by the main thread cannot block it.
 * Main thread, but for ipd_output_restore_now. */
#ifndef IPD_TUI_TERMINAL_OUTPUT_H
#define IPD_TUI_TERMINAL_OUTPUT_H

#include "tui/model/scrollback.h"

typedef struct ipd_output ipd_output;

/* Points 1 and 2 at the pipe and 0 at /dev/null. NULL and *e where it cannot be. */
ipd_output *ipd_output_start(ipd_scrollback *to, ipd_error *e);
/* Puts the descriptors back. Takes NULL. */
void ipd_output_stop(ipd_output *o);
/* Says something in the pane, after everything that was printed before. */
void ipd_output_say(ipd_output *o, ipd_text_kind kind, const char *text);
/* Readable when there is something new in the pane; ipd_output_seen makes it unreadable again. */
int ipd_output_fd(const ipd_output *o);
void ipd_output_seen(ipd_output *o);
/* 1 while bytes wait in the pipe. */
int ipd_output_pending(const ipd_output *o);
/* From the handler of a fatal signal: the old descriptor 2 is 2 again. */
void ipd_output_restore_now(void);

#endif
