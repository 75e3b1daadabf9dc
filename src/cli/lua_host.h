/* lua_host.h - functions shared by `ipdlam run` and the line prompt. */
#ifndef IPD_CLI_LUA_HOST_H
#define IPD_CLI_LUA_HOST_H

#include "lua/core/host.h"

/* Writes the path of the history to `path`, which has `size` bytes, and returns it. If there can be
 * no history, prints a warning on stderr and returns NULL. */
const char *ipd_cli_history(const char *command, char *path, size_t size);

/* Shows the progress of run:step on stderr, if that is a terminal. */
void ipd_cli_show_progress(ipd_lua *lua);
void ipd_cli_hide_progress(void);

/* Runs Lua code like a script of `ipdlam run`; messages name `command`. Returns the exit code.
 * After a signal, interrupted(context) is called instead of printing Lua's message. */
int ipd_cli_run_text(const char *command, const char *text, const char *history,
                     void (*interrupted)(void *context), void *context);

#endif
