/* history.h - the history of the prompt: one file in the XDG state folder for the workbench and
 * `ipdlam repl`. A submission of several lines is one entry. Main thread, before or after
 * rl_initialize. */
#ifndef IPD_TUI_PROMPT_HISTORY_H
#define IPD_TUI_PROMPT_HISTORY_H

#include "base/error.h"

/* Reads the file into Readline's history. A missing file is not an error. */
int ipd_prompt_history_load(ipd_error *e);
/* Adds a submission to Readline's history and to the file, unless it is empty or the same as the
 * last entry. -1 and *e if the file could not be written. */
int ipd_prompt_history_add(const char *text, ipd_error *e);

#endif
