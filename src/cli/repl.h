/* repl.h - the line prompt: data and functions shared by its loop and its Readline part. */
#ifndef IPD_CLI_REPL_H
#define IPD_CLI_REPL_H

#include "cli/announce.h"

#include <stdatomic.h>
#include <stdio.h>

typedef struct ipd_repl {
    ipd_lua *lua;
    char *chunk;   /* lines of an incomplete chunk, or NULL */
    int executing; /* 1: Lua runs, and no prompt is shown */
    int failed;    /* 1: an error was printed */
    int quit, code;
    int announces;
    int ending; /* 1: the prompt has ended, and runs are being saved */
    ipd_announcer announcer;
    /* For signal handlers, which may run on any thread. */
    int wake[2];                                    /* pipe that they write to */
    atomic_int interrupts, resized, stopped, ended; /* ended: the signal */
} ipd_repl;

typedef struct ipd_repl_options {
    const char *history;    /* database of runs, or NULL for none */
    const char *first_line; /* Lua that is run first and shown as if typed; or NULL */
    int no_init;            /* 1: do not run the user's init.lua */
    int announce;           /* 1: report each change in a line */
} ipd_repl_options;
/* Runs the prompt until it ends. Returns the exit code. Call it once per process. */
int ipd_cli_converse(const ipd_repl_options *options);

/* Prints text. On a terminal, long lines are wrapped at words. */
void ipd_repl_print(const ipd_repl *r, FILE *to, const char *text);
/* Prints an error: a callback of ipd_lua_host, with the ipd_repl as context. */
void ipd_repl_error(void *context, const char *text);
/* Adds a line to the chunk; -1 if memory runs out. */
int ipd_repl_add_line(ipd_repl *r, const char *line);
void ipd_repl_drop_chunk(ipd_repl *r);
/* Submits the chunk to Lua and empties it; -1 if Lua refuses it, after printing the error. */
int ipd_repl_submit(ipd_repl *r);
/* Executes one slice of the submitted chunk, or waits for runs if Lua does. */
void ipd_repl_execute(ipd_repl *r);
/* Waits for a signal, a run, or (with `input`) standard input, at most timeout_ms (-1: no
 * limit). */
void ipd_repl_wait(ipd_repl *r, int input, int timeout_ms, int *input_ready);

/* Runs the prompt at a terminal until it ends. */
void ipd_repl_prompt(ipd_repl *r);

#endif
