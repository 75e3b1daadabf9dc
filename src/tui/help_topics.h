/* help_topics.h - help for ?NAME on views and keys, in the workbench and `ipdlam repl`. */
#ifndef IPD_TUI_HELP_TOPICS_H
#define IPD_TUI_HELP_TOPICS_H

#include "lua/core/host.h"

/* Adds the help on all views and keys. */
void ipd_help_topics_add(ipd_lua *lua);
/* Replaces the help on keys after ip.keys has bound other ones. */
void ipd_help_topics_keys(ipd_lua *lua);

#endif
