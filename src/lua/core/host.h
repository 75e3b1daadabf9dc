/* host.h - the Lua interpreter as the programs around it see it: the screen, the line prompt and
 * the script runner.
 *
 * One interpreter, on the main thread. What a person types, or a script, is a submission: it runs
 * in a coroutine of its own, in slices, so that the screen stays alive; functions that wait for a
 * run (run:step, run:set, run:pause) yield to the host meanwhile where they may, and block with an
 * eye on interrupts where they may not. See "Lua that never freezes the screen" in CONTRIBUTING.md.
 */
#ifndef IPD_LUA_CORE_HOST_H
#define IPD_LUA_CORE_HOST_H

#include "run/run.h"

#include <lua.h>
#include <poll.h>
#include <stdio.h>

typedef struct ipd_lua ipd_lua;

/* The records of a run, of memory or of the history. Borrowed during the call. */
typedef struct ipd_lua_curves {
    char name[64];
    long id;              /* in the history, or 0 */
    unsigned long number; /* in the session, or 0 */
    const ipd_record *records;
    size_t count;
} ipd_lua_curves;

/* What the interpreter asks of its host; members may be NULL. Called on the main thread. */
typedef struct ipd_lua_host {
    void *context;
    void (*result)(void *context, const char *text); /* a printed result of an expression */
    void (*error)(void *context, const char *text);  /* an error with its traceback */
    void (*repaint)(void *context);        /* called while Lua cannot yield: redraw, read keys */
    void (*quit)(void *context, int code); /* quit() was called */
    /* Draws a run's curves beside those of the run on the screen, with `difference` also the difference; NULL takes
     * all of them away. 0, or -1 and *e. Without a screen: NULL. */
    int (*overlay)(void *context, const struct ipd_lua_curves *curves, int difference,
                   ipd_error *e);
    int overlays; /* how many it has room for */
    /* A run is about to go back to the end of an iteration: its records so far. Without a screen: NULL. */
    void (*rewinding)(void *context, const struct ipd_lua_curves *curves, long iteration);
    const char *history;                              /* database for runs, or NULL for none */
    void (*warning)(void *context, const char *text); /* what the history could not keep */
    void (*note)(void *context, const char *text); /* the line of Lua that a :command stands for */
    int numbered;                   /* 1: results are printed as "_1 = ...": a person is there */
    void (*running)(void *context); /* Lua goes on now: take a progress line away */
    /* A text that stays in its place while it changes; without these there is none. live_size is 0
     * where there is no terminal; live shows the text (NULL: leaves it) and returns a key that was
     * pressed, or 0. */
    int (*live_size)(void *context, int *columns, int *lines);
    int (*live)(void *context, const char *text);
} ipd_lua_host;

int ipd_lua_open(ipd_lua **out, const ipd_lua_host *host, ipd_error *e);
void ipd_lua_close(ipd_lua *lua); /* frees its runs too; takes NULL */
lua_State *ipd_lua_state(ipd_lua *lua);

/* Lets tui register a function as a field of `ip` ("layout"), so that lua knows no curses. */
void ipd_lua_register(ipd_lua *lua, const char *name, lua_CFunction f, void *upvalue);

/* 1 where text is the beginning of a longer chunk (an open function, string or parenthesis). */
int ipd_lua_incomplete(ipd_lua *lua, const char *text);

/* Queues text as a submission (an expression's value is printed through host->result and kept in
 * `_` and `_1`, `_2`, ...: IPD_LUA_HANDLES of these). "?name" asks for help, ":name ..." is a command. */
enum { IPD_LUA_HANDLES = 20 };
int ipd_lua_submit(ipd_lua *lua, const char *text, const char *chunk_name, ipd_error *e);

typedef enum ipd_lua_activity {
    IPD_LUA_IDLE,   /* nothing to do */
    IPD_LUA_BUSY,   /* call again soon */
    IPD_LUA_WAITING /* waits for a run: call again when a run's descriptor is readable */
} ipd_lua_activity;

/* Goes on with the submissions and the callbacks of run:on for about budget_ms; polls every living
 * run first. With a budget of 0 it only polls: IPD_LUA_BUSY then says that Lua has to go on. */
ipd_lua_activity ipd_lua_step(ipd_lua *lua, int budget_ms);

/* Asks for the end of the current submission; from a signal handler or another thread too (it only sets a flag).
 * Sticky: it is raised again at each hook until the submission has ended. */
void ipd_lua_interrupt(ipd_lua *lua);

/* 1 while what Lua does now steps the run (run:step and the like, run:rewind), or has done so. Keys that move it would
 * make another experiment of the line. */
int ipd_lua_steps(ipd_lua *lua, const ipd_run *run);
/* Pauses such a run by hand. Once it rests, what Lua does ends with one sentence, as if interrupted; whether it waited or
 * was between two steps. -1 and *e where the command cannot be given. */
int ipd_lua_pause(ipd_lua *lua, ipd_run *run, ipd_error *e);

/* Runs a script file to its end, blocking, with `arg` set. 0, or -1 and *e (with traceback in
 * host->error); IPD_EINTERRUPT where it was interrupted. */
int ipd_lua_run_file(ipd_lua *lua, const char *path, int argc, char **argv, ipd_error *e);

/* The same with the script's text. */
int ipd_lua_run_text(ipd_lua *lua, const char *text, const char *chunk_name, ipd_error *e);

/* Runs the user's own $XDG_CONFIG_HOME/ipdlam/init.lua where there is one; what goes wrong in it goes to
 * host->error. */
void ipd_lua_run_init(ipd_lua *lua);

/* A run as lists show it, as of the last poll. */
typedef struct ipd_lua_card {
    long id; /* in the history, or 0 */
    char name[64], dataset[64], status[256];
    ipd_run_status state;
    int L, iteration; /* iterations done */
    size_t widths[IPD_MAX_LAYERS + 1];
    ipd_place place;
    int within;              /* 1: in an iteration, 0: between two */
    ipd_parent parent;       /* iteration -1: none */
    double phi, train, test; /* of the last record, or NaN */
    double best;             /* of all; NaN of a run that is not parked */
} ipd_lua_card;
void ipd_lua_fill_card(ipd_lua_card *card, const ipd_run *run);
double ipd_lua_best_test(const ipd_run *run); /* test accuracy; NaN */

/* A run of the session. An idle run that no variable holds is parked: its state is in a file, its memory is free, and
 * whatever uses it opens it again. */
typedef struct ipd_lua_listed {
    unsigned long number;     /* in the session, from 1; no number is used twice */
    ipd_run *run;             /* NULL: it is parked */
    const ipd_lua_card *card; /* of a parked run, else NULL */
} ipd_lua_listed;
/* The runs of the session, newest first; *count of them. Valid until the next call into Lua. */
const ipd_lua_listed *ipd_lua_list(ipd_lua *lua, size_t *count);

/* The run of this number; one that is parked is opened, until the next call into Lua. NULL and *e. */
ipd_run *ipd_lua_use_run(ipd_lua *lua, unsigned long number, ipd_error *e);

/* poll() on the caller's `count` descriptors together with those of all open runs. Returns how many runs have news;
 * -1 if a signal came. Revents of `own` are set in both cases. */
int ipd_lua_poll(ipd_lua *lua, struct pollfd *own, size_t count, int timeout_ms);
/* Whether a run that works asks Lua something from time to time, and waits for that: its descriptor must be polled, always. */
int ipd_lua_is_asked(const ipd_lua *lua);

/* The iterations that the submission waits for, run:step(n). */
typedef struct ipd_lua_progress {
    ipd_run *run;
    long first, last; /* iterations */
    double seconds;   /* since the step began */
} ipd_lua_progress;
/* 1 and *p while a submission waits for iterations, else 0. */
int ipd_lua_get_progress(ipd_lua *lua, ipd_lua_progress *p);

/* The end of a session, after which nothing else is asked of the runs: stops them and saves what is unsaved. Writes a
 * line per run of the history that has worked to `to`, and what is lost to stderr. Without a signal, a person is asked
 * before about checkpoints that checkpoint_space has no room for. to = NULL: no lines, no request. In the history a run
 * that a signal ends at work is "interrupted", one between two iterations at the end of a script that is done "finished",
 * any other "left at iteration 12". 0, or -1 where work is lost. */
typedef enum ipd_lua_end { IPD_LUA_LEFT, IPD_LUA_DONE, IPD_LUA_SIGNALLED } ipd_lua_end;
int ipd_lua_end_runs(ipd_lua *lua, ipd_lua_end how, FILE *to);

/* The run in the global `run`, or NULL; its number in the session, or 0. Valid until the next call into Lua. */
ipd_run *ipd_lua_current_run(ipd_lua *lua);
unsigned long ipd_lua_current_number(ipd_lua *lua);

/* Completions of the word that ends at `point` in a line: words replace line[start .. point); notes are a line
 * of help on each, "" where there is none. */
typedef struct ipd_lua_completions {
    int start;
    size_t count;
    char **words, **notes;
} ipd_lua_completions;

/* Runs no metamethods and no code of the user's. Where there are none, or memory runs out, count is 0.
 * ipd_lua_completions_free frees what it fills in. */
void ipd_lua_complete(ipd_lua *lua, const char *line, int point, ipd_lua_completions *to);
void ipd_lua_completions_free(ipd_lua_completions *c);
/* One line on the call within whose brackets the point is: how it is called. malloc'ed, or NULL. */
char *ipd_lua_signature(ipd_lua *lua, const char *line, int point);

/* Adds to the help (?name) what is not Lua's: keys, views. */
void ipd_lua_add_topic(ipd_lua *lua, const char *name, const char *usage, const char *text);
/* The help on a name, as ?name shows it; malloc'ed, or NULL where there is none. */
char *ipd_lua_help(ipd_lua *lua, const char *name);

#endif
