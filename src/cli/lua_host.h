/* lua_host.h - what the script runner and the line prompt share. */
#ifndef IPD_CLI_LUA_HOST_H
#define IPD_CLI_LUA_HOST_H

#include "lua/core/host.h"

/* Where runs are kept, or NULL where that is not possible (said once on stderr): path has room for
 * size bytes. */
const char *ipd_cli_history(const char *command, char *path, size_t size);

/* The progress of run:step on stderr, where that is a terminal. */
void ipd_cli_show_progress(ipd_lua *lua);
void ipd_cli_hide_progress(void);

/* Runs Lua as `ipdlam run` runs a script, for the command that is named in messages; its exit code. Where a signal ends
 * it, interrupted(context) is called in place of Lua's message. */
int ipd_cli_run_text(const char *command, const char *text, const char *history,
                     void (*interrupted)(void *context), void *context);

#endif
