/* repl.h - the line prompt: what its loop and its Readline part share. */
#ifndef IPD_CLI_REPL_H
#define IPD_CLI_REPL_H

#include "cli/announce.h"

#include <stdatomic.h>
#include <stdio.h>

typedef struct ipd_repl {
    ipd_lua *lua;
    char *chunk;   /* lines of a chunk that is not complete yet, or NULL */
    int executing; /* 1: a submission is under way, and the prompt is away */
    int failed;    /* 1: an error was printed */
    int quit, code;
    int announces;
    int ending; /* 1: the conversation is over, runs are being saved */
    ipd_announcer announcer;
    int wake[2];                                    /* the signal handlers write to it */
    atomic_int interrupts, resized, stopped, ended; /* by handlers, on any thread; the signal */
} ipd_repl;

typedef struct ipd_repl_options {
    const char *history;    /* database of runs, or NULL for none */
    const char *first_line; /* Lua that is run first, shown as if it had been typed; or NULL */
    int no_init;            /* 1: the user's init.lua is not run */
    int announce;           /* 1: what changes is said, a line each */
} ipd_repl_options;
/* The whole conversation; returns the exit code. Once in a process. */
int ipd_cli_converse(const ipd_repl_options *options);

/* Prints text for people: lines are broken at words, where it goes to a screen; an error (a host's function of Lua). */
void ipd_repl_print(const ipd_repl *r, FILE *to, const char *text);
void ipd_repl_error(void *context, const char *text);
/* Adds a line to the chunk; -1 where memory runs out. */
int ipd_repl_add_line(ipd_repl *r, const char *line);
void ipd_repl_drop_chunk(ipd_repl *r);
/* Hands the chunk to Lua and empties it. */
int ipd_repl_submit(ipd_repl *r);
/* One slice of what is executing, waiting for runs where there is nothing else to do. */
void ipd_repl_execute(ipd_repl *r);
/* Waits for a signal, a run, or (with `input`) standard input; -1: as long as it takes. */
void ipd_repl_wait(ipd_repl *r, int input, int timeout_ms, int *input_ready);

/* The conversation at a terminal, to its end. */
void ipd_repl_prompt(ipd_repl *r);

#endif
