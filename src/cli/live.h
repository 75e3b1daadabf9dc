/* live.h - a text of several lines on the terminal that is updated in place. */
#ifndef IPD_CLI_LIVE_H
#define IPD_CLI_LIVE_H

/* The size of the terminal of stderr. Returns 0 if stderr or stdin is not a terminal, or if the
 * terminal is dumb. */
int ipd_cli_live_size(void *context, int *columns, int *lines);

/* Replaces the shown text; no line may be wider than the terminal. NULL ends the display and
 * restores the keyboard; if stdout is a terminal too, the text is erased. Returns a key that was
 * pressed since the last call, or 0. */
int ipd_cli_live(void *context, const char *text);

/* Returns 1 while a text is shown. */
int ipd_cli_live_shown(void);

#endif
