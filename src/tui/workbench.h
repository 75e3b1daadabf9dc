/* workbench.h - the screen: one loop over terminal, signals, runs and output. */
#ifndef IPD_TUI_WORKBENCH_H
#define IPD_TUI_WORKBENCH_H

#include "base/error.h"

typedef struct ipd_workbench_options {
    const char *history;    /* database of runs, or NULL for none */
    const char *first_line; /* Lua that is submitted first, or NULL */
    const char *keys;       /* a file of keys to replay (replay.h), or NULL */
    int no_init;            /* 1: the user's init.lua is not run */
    int no_mouse;           /* 1: as ip.mouse(false) */
} ipd_workbench_options;

/* Opens the screen, and returns when it is left: 0 and the exit code in *code. The terminal is then
 * as it was. -1 and *e where it cannot be opened. After SIGTERM or SIGHUP the process ends here by
 * that signal. Main thread; locale set; once in a process. */
int ipd_workbench_run(const ipd_workbench_options *options, int *code, ipd_error *e);

#endif
