/* output.h - redirects standard output and error to the output pane while the screen is up.
 *
 * They go through a pipe. A separate thread drains it, so that a large write by the main thread
 * cannot block. Main thread, except ipd_output_restore_now. */
#ifndef IPD_TUI_TERMINAL_OUTPUT_H
#define IPD_TUI_TERMINAL_OUTPUT_H

#include "tui/model/scrollback.h"

typedef struct ipd_output ipd_output;

/* Redirects descriptors 1 and 2 to the pipe, and 0 to /dev/null. NULL and *e on failure. */
ipd_output *ipd_output_start(ipd_scrollback *to, ipd_error *e);
/* Restores the descriptors. Accepts NULL. */
void ipd_output_stop(ipd_output *o);
/* Writes a line to the pane, after everything printed before. */
void ipd_output_say(ipd_output *o, ipd_text_kind kind, const char *text);
/* A descriptor that is readable if the pane has text since the last ipd_output_seen. */
int ipd_output_fd(const ipd_output *o);
void ipd_output_seen(ipd_output *o);
/* 1 while the pipe holds bytes. */
int ipd_output_pending(const ipd_output *o);
/* Waits until the pipe is empty, at most half a second. */
void ipd_output_wait(const ipd_output *o);
/* Restores descriptor 2, in the handler of a fatal signal. */
void ipd_output_restore_now(void);

#endif
