/* help_topics.h - ?name for names that are not Lua's: views and keys. For the screen and `ipdlam
 * repl`. */
#ifndef IPD_TUI_HELP_TOPICS_H
#define IPD_TUI_HELP_TOPICS_H

#include "lua/core/host.h"

void ipd_help_topics_add(ipd_lua *lua);
/* Replaces the help on keys, after other keys were given to actions. */
void ipd_help_topics_keys(ipd_lua *lua);

#endif
