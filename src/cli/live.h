/* live.h - a text of several lines that stays in its place on the terminal while it changes. */
#ifndef IPD_CLI_LIVE_H
#define IPD_CLI_LIVE_H

/* The size of the terminal behind stderr; 0 where there is none, or where stdin is not its keyboard. */
int ipd_cli_live_size(void *context, int *columns, int *lines);

/* Shows the text (lines no wider than the terminal) in place of the last one; NULL gives
 * the keyboard back and wipes the last one where stdout is the terminal, too. Returns the key that was pressed meanwhile, or 0. */
int ipd_cli_live(void *context, const char *text);

/* 1 while a text is shown. */
int ipd_cli_live_shown(void);

#endif
