/* complete.h - completion of Lua in Readline, for the workbench and `ipdlam repl`. Main thread. */
#ifndef IPD_TUI_PROMPT_COMPLETE_H
#define IPD_TUI_PROMPT_COMPLETE_H

#include "lua/core/host.h"

/* As ipd_lua_complete. */
typedef void ipd_prompt_complete_fn(void *context, const char *line, int point,
                                    ipd_lua_completions *to);

/* Makes Readline call `ask`. Call it before rl_initialize. */
void ipd_prompt_complete_with(ipd_prompt_complete_fn *ask, void *context);
/* The line of help on a match of the latest completion, or "". */
const char *ipd_prompt_note(const char *match);
/* A hook of Readline: prints the matches below the line, with their help if there is room. */
void ipd_prompt_print_matches(char **matches, int count, int longest);
void ipd_prompt_complete_free(void);

#endif
