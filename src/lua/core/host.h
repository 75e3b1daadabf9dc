/* host.h - the interface of the Lua interpreter to its hosts: the workbench, the repl and the
 * script runner.
 *
 * There is one interpreter, on the main thread. Typed text or a script is a submission. It runs in
 * a coroutine, in time slices, so that the screen stays responsive. Functions that wait for a run
 * (run:step, run:set, run:pause) yield to the host; where they cannot yield, they block and check
 * for interrupts.
 */
#ifndef IPD_LUA_CORE_HOST_H
#define IPD_LUA_CORE_HOST_H

#include "run/run.h"

#include <lua.h>
#include <poll.h>
#include <stdio.h>

typedef struct ipd_lua ipd_lua;

/* A run whose curves the host draws: open, or of the history. Valid during the call. */
typedef struct ipd_lua_curves {
    char name[64];
    long id;                    /* in the history, or 0 */
    unsigned long number;       /* in the session, or 0 */
    unsigned long path;         /* the number of a path that the run has left, or 0 */
    int faint;                  /* 1: drawn behind the others, without colour and name */
    const ipd_records *records; /* NULL, only for `overlay`: the host reads them from the history */
} ipd_lua_curves;

/* Functions of the host that the interpreter calls, on the main thread; members may be NULL. */
typedef struct ipd_lua_host {
    void *context;
    void (*result)(void *context, const char *text); /* a printed result of an expression */
    void (*error)(void *context, const char *text);  /* an error with its traceback */
    void (*repaint)(void *context);        /* called while Lua cannot yield: redraw, read keys */
    void (*quit)(void *context, int code); /* quit() was called */
    /* Draws a run's curves beside those of the run on the screen and, with `difference`, the
     * difference as well; curves = NULL removes them all. Returns 0, or -1 and *e. The member is
     * NULL without a screen. */
    int (*overlay)(void *context, const struct ipd_lua_curves *curves, int difference,
                   ipd_error *e);
    /* Called before a rewind to the end of an iteration, with the records so far. NULL without a
     * screen. */
    void (*rewinding)(void *context, const struct ipd_lua_curves *curves, long iteration);
    const char *history; /* database for runs, or NULL for none */
    void (*warning)(void *context,
                    const char *text); /* a notice of a run, or a setting without effect */
    /* The watch expressions and breakpoints, as lines for the view "watch"; show = 1: make it
     * visible. NULL without a screen. */
    void (*watched)(void *context, const char *text, int show);
    void (*note)(void *context, const char *text); /* the line of Lua that a :command runs */
    int numbered;                   /* 1: results are printed as "_1 = ...", for a person */
    void (*running)(void *context); /* Lua continues: remove a progress line */
    /* A text that is updated in place; NULL if the host has none. live_size sets the size, 0
     * without a terminal; live shows the text (NULL leaves it there) and returns a key that was
     * pressed, or 0. */
    int (*live_size)(void *context, int *columns, int *lines);
    int (*live)(void *context, const char *text);
} ipd_lua_host;

int ipd_lua_open(ipd_lua **out, const ipd_lua_host *host, ipd_error *e);
void ipd_lua_close(ipd_lua *lua); /* frees its runs too; takes NULL */
lua_State *ipd_lua_state(ipd_lua *lua);

/* Registers a function as a field of `ip` ("layout"): how tui adds its own, as lua does not know
 * curses. */
void ipd_lua_register(ipd_lua *lua, const char *name, lua_CFunction f, void *upvalue);

/* Returns 1 if text is an incomplete chunk (an open function, string or parenthesis). */
int ipd_lua_incomplete(ipd_lua *lua, const char *text);

/* Queues text as a submission. An expression's value is printed through host->result and stored in
 * `_` and in `_1`, `_2`, ...; the last IPD_LUA_HANDLES are kept. "?name" shows help, ":name ..." is
 * a command. chunk_name NULL: "=prompt[1]", "=prompt[2]", ..., by which messages tell inputs
 * apart. */
enum { IPD_LUA_HANDLES = 20 };
int ipd_lua_submit(ipd_lua *lua, const char *text, const char *chunk_name, ipd_error *e);

typedef enum ipd_lua_activity {
    IPD_LUA_IDLE,   /* nothing to do */
    IPD_LUA_BUSY,   /* call again soon */
    IPD_LUA_WAITING /* waits for a run: call again when a run's descriptor is readable */
} ipd_lua_activity;

/* Polls every open run, then runs submissions and callbacks for about budget_ms. With a budget of 0
 * it only polls; IPD_LUA_BUSY then means that Lua has work to do. */
ipd_lua_activity ipd_lua_step(ipd_lua *lua, int budget_ms);

/* Interrupts the current submission. Only sets a flag: any thread, also signal handlers. The error
 * is raised again at each hook until the submission has ended. */
void ipd_lua_interrupt(ipd_lua *lua);

/* Returns how many submissions wait for the current one to end. */
size_t ipd_lua_waiting(const ipd_lua *lua);

/* Returns 1 if the current submission steps the run or has done so (run:step and the like,
 * run:rewind). Keys that move the run would then change its experiment. */
int ipd_lua_steps(ipd_lua *lua, const ipd_run *run);
/* Pauses such a run by hand. Once the run is paused, the submission ends with one message, as if
 * interrupted, even if it was between two steps. -1 and *e if the command cannot be sent. */
int ipd_lua_pause(ipd_lua *lua, ipd_run *run, ipd_error *e);

/* Runs a script file to its end, blocking, with `arg` set. 0, or -1 and *e (with traceback in
 * host->error); IPD_EINTERRUPT where it was interrupted. */
int ipd_lua_run_file(ipd_lua *lua, const char *path, int argc, char **argv, ipd_error *e);

/* The same for a script given as text; chunk_name is its name in messages. */
int ipd_lua_run_text(ipd_lua *lua, const char *text, const char *chunk_name, ipd_error *e);

/* Runs the user's $XDG_CONFIG_HOME/ipdlam/init.lua if it exists; its errors go to host->error. */
void ipd_lua_run_init(ipd_lua *lua);

/* kept.c: globals that were set at the prompt, as text for the next session. No function of these
 * runs code of the user's. */
/* Leaves out the globals of now, such as those of init.lua. Call it before the first input. */
void ipd_lua_begin_globals(ipd_lua *lua);
/* Returns the globals as text of *size bytes, malloc'ed, with the reasons for those that cannot be
 * kept; NULL if there are none or memory runs out. */
char *ipd_lua_keep_globals(ipd_lua *lua, size_t *size);
/* The globals, except `run`, that hold runs which can be resumed, as lines "named ID NAME". ID is
 * the number in the history of the run or, if it has none, of its parent. malloc'ed, or NULL. */
char *ipd_lua_keep_names(ipd_lua *lua);
/* Sets the globals of such a text. *set and *lost are sentences for the user about the globals that
 * were set and those that could not be kept, malloc'ed, or NULL. 0, or -1 and *e if the text is
 * damaged; nothing is set then. */
int ipd_lua_restore_globals(ipd_lua *lua, const char *text, size_t size, char **set, char **lost,
                            ipd_error *e);

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
    double best;             /* the best accuracy of all records, for a parked run; else NaN */
    int is_r2;               /* 1: train, test and best are R^2, else accuracies */
    double rmse;             /* of the test samples; NaN for accuracies */
} ipd_lua_card;
void ipd_lua_fill_card(ipd_lua_card *card, const ipd_run *run);
/* The best accuracy on the validation samples or, if there are none, the test samples; NaN if none
 * was measured. */
double ipd_lua_best_accuracy(const ipd_run *run);

/* A run of the session. An idle run that no variable refers to is parked: its state is in a file
 * and its memory is free. The next use opens it again. */
typedef struct ipd_lua_listed {
    unsigned long number;     /* in the session, from 1; no number is used twice */
    ipd_run *run;             /* NULL: it is parked */
    const ipd_lua_card *card; /* of a parked run, else NULL */
} ipd_lua_listed;
/* The runs of the session, newest first; *count of them. Valid until the next call into Lua. */
const ipd_lua_listed *ipd_lua_list(ipd_lua *lua, size_t *count);

/* The run of this number, opened if it is parked; valid until the next call into Lua. NULL and *e
 * on failure. */
ipd_run *ipd_lua_use_run(ipd_lua *lua, unsigned long number, ipd_error *e);

/* poll() on the caller's `count` descriptors together with those of all open runs. Returns how many
 * runs have news; -1 if a signal came. Revents of `own` are set in both cases. */
int ipd_lua_poll(ipd_lua *lua, struct pollfd *own, size_t count, int timeout_ms);
/* Returns 1 if a working run sends requests to Lua: its descriptor must then be polled without a
 * pause, since the run waits for the answers. */
int ipd_lua_is_asked(const ipd_lua *lua);

/* The iterations of the step that the submission waits for, run:step(n). */
typedef struct ipd_lua_progress {
    ipd_run *run;
    long first, last; /* iterations */
    double seconds;   /* since the step began */
} ipd_lua_progress;
/* Fills in *p and returns 1 while a submission waits for iterations, else returns 0. */
int ipd_lua_get_progress(ipd_lua *lua, ipd_lua_progress *p);

/* Ends the session: stops all runs and saves unsaved work; nothing may use the runs afterwards.
 * Writes a line to `to` for each run of the history that has worked, and errors to stderr. Unless a
 * signal ends the session, first asks on a terminal whether to keep checkpoints that exceed
 * checkpoint_space. With to = NULL it neither writes lines nor asks.
 *
 * The status in the history becomes "interrupted" for a run that a signal stops, "finished" for a
 * run between two iterations at the end of a script, otherwise "left at iteration 12". Returns 0,
 * or -1 if work is lost. */
typedef enum ipd_lua_end { IPD_LUA_LEFT, IPD_LUA_DONE, IPD_LUA_SIGNALLED } ipd_lua_end;
int ipd_lua_end_runs(ipd_lua *lua, ipd_lua_end how, FILE *to);

/* The run in the global `run`, NULL if there is none or it is parked; valid until the next call
 * into Lua. Its number in the session, or 0. */
ipd_run *ipd_lua_current_run(ipd_lua *lua);
unsigned long ipd_lua_current_number(ipd_lua *lua);

/* Completions of the word that ends at `point` in a line. words replace line[start .. point); notes
 * holds one line of help for each, or "". */
typedef struct ipd_lua_completions {
    int start;
    size_t count;
    char **words, **notes;
} ipd_lua_completions;

/* Runs neither metamethods nor user code. count is 0 if there are none or memory runs out. Free
 * with ipd_lua_completions_free. */
void ipd_lua_complete(ipd_lua *lua, const char *line, int point, ipd_lua_completions *to);
void ipd_lua_completions_free(ipd_lua_completions *c);
/* One line of help on the function call whose parentheses enclose the point. malloc'ed, or NULL. */
char *ipd_lua_signature(ipd_lua *lua, const char *line, int point);

/* Adds a topic that is not Lua to the help (?name): a key, a view. */
void ipd_lua_add_topic(ipd_lua *lua, const char *name, const char *usage, const char *text);
/* Removes the topics whose usage begins with this text. */
void ipd_lua_drop_topics(ipd_lua *lua, const char *usage);
/* The help on a name, as ?name shows it; malloc'ed, or NULL if there is none. */
char *ipd_lua_help(ipd_lua *lua, const char *name);

#endif
