/* complete.h - completion by Lua for Readline, on the screen and in `ipdlam repl`. Main thread. */
#ifndef IPD_TUI_PROMPT_COMPLETE_H
#define IPD_TUI_PROMPT_COMPLETE_H

#include "lua/core/host.h"

/* As ipd_lua_complete. */
typedef void ipd_prompt_complete_fn(void *context, const char *line, int point,
                                    ipd_lua_completions *to);

/* Makes Readline call `ask`; must be called before rl_initialize. */
void ipd_prompt_complete_with(ipd_prompt_complete_fn *ask, void *context);
/* The help line of a match in Readline's latest completions, or "". */
const char *ipd_prompt_note(const char *match);
/* A hook of Readline: prints matches below the line, with their help if it is legible. */
void ipd_prompt_print_matches(char **matches, int count, int longest);
void ipd_prompt_complete_free(void);

#endif
