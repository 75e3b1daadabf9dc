/* complete.h - completion by Lua for Readline: for the screen and for `ipdlam repl`. Main thread. */
#ifndef IPD_TUI_PROMPT_COMPLETE_H
#define IPD_TUI_PROMPT_COMPLETE_H

#include "lua/core/host.h"

/* As ipd_lua_complete. */
typedef void ipd_prompt_complete_fn(void *context, const char *line, int point,
                                    ipd_lua_completions *to);

/* Readline asks this from now on: before rl_initialize. */
void ipd_prompt_complete_with(ipd_prompt_complete_fn *ask, void *context);
/* The line of help on a match that Readline was given last, or "". */
const char *ipd_prompt_note(const char *match);
/* Prints matches, with their help where that is legible, below the line; a hook of Readline's. */
void ipd_prompt_print_matches(char **matches, int count, int longest);
void ipd_prompt_complete_free(void);

#endif
