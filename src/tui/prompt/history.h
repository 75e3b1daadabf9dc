/* history.h - the lines typed at the prompts of earlier days: one file in the XDG state
 * folder for the screen and for `ipdlam repl`. A submission of several lines is one entry.
 * Main thread, after rl_initialize or before it. */
#ifndef IPD_TUI_PROMPT_HISTORY_H
#define IPD_TUI_PROMPT_HISTORY_H

#include "base/error.h"

/* Reads the file into Readline's history. A missing file is no error. */
int ipd_prompt_history_load(ipd_error *e);
/* Adds a submission to Readline's history and, at once, to the file, unless it is empty or the same
 * as the one before. */
int ipd_prompt_history_add(const char *text, ipd_error *e);

#endif
