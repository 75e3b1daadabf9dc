/* workbench.h - the workbench: one loop over terminal, signals, runs and output. */
#ifndef IPD_TUI_WORKBENCH_H
#define IPD_TUI_WORKBENCH_H

#include "base/error.h"

#include <stdio.h>

typedef struct ipd_workbench_options {
    const char *history;    /* database of runs, or NULL for none */
    const char *first_line; /* Lua to run first, or NULL */
    const char *keys;       /* a file of keys to replay (replay.h), or NULL */
    int session;            /* 1: ipd_workbench_resume_session wrote first_line */
    int no_init;            /* 1: do not run the user's init.lua */
    int no_mouse;           /* 1: begin as after ip.mouse(false) */
} ipd_workbench_options;

/* Opens the screen and returns after it has closed: 0 and the exit code in *code, with the terminal
 * restored; -1 and *e if the screen cannot be opened. After SIGTERM or SIGHUP the process ends here
 * by that signal. Main thread, once per process, after setlocale. */
int ipd_workbench_run(const ipd_workbench_options *options, int *code, ipd_error *e);

/* Writes a line of Lua that opens the runs of the last session again and draws them together;
 * returns 1. Returns 0 and writes nothing if there is no session, or if the checkpoint `newest` is
 * newer. */
int ipd_workbench_resume_session(const char *history, const char *newest, FILE *to);

#endif
