/* keep.h - when an open run is saved: data shared by the worker (keep.c), the main thread (ask.c)
 * and the writer thread (writer.c). */
#ifndef IPD_RUN_TIME_KEEP_H
#define IPD_RUN_TIME_KEEP_H

#include "run/run.h"

#include <pthread.h>

/* The progress of a run. Two states of one run with equal progress have the same bits. */
typedef struct ipd_progress {
    unsigned long units, changes, rewinds;
} ipd_progress;
int ipd_progress_is_same(ipd_progress a, ipd_progress b); /* view.c */

typedef struct ipd_keep {
    /* Fixed while the worker lives. */
    char identity[IPD_IDENTITY];
    char folder[4096], from[4096]; /* as in ipd_keeping; "": none */
    char history[4096];            /* database file, which decides the folder; "": none */
    int reopened;
    long every_iterations, goal;
    double every_seconds, interval; /* seconds; interval: between automatic saves */
    int beyond_reported; /* writer: 1: the user was told that the file exceeds checkpoint_space */
    /* Shared, under the run's lock. */
    ipd_end at_end;
    int busy;        /* 1: the writer has a checkpoint, and uses the run until this is 0 */
    double cost;     /* approximate training time that the last save cost, in seconds */
    ipd_error error; /* why the last save failed; code IPD_OK: it did not */
    /* The worker's. */
    struct ipd_command *asked; /* queue of IPD_DO_SAVE commands that have not begun */
    int begun;                 /* 1: the run has entered the history */
    char placed[4096];         /* the folder that holds its files; "": none yet */
    int at_once; /* 1: nothing else can restore this state; save before the next unit of work */
    int saves;   /* number of saves begun */
    /* Clock times, in seconds, of the last save and of the last save at an interval of ipd_keeping;
     * before the first save, of the start of training. `iteration` is the number of records at
     * asked_since. */
    double since, asked_since;
    long iteration;
} ipd_keep;

/* Sets the fixed part. -1 and *e if a path is too long. Main thread, before the worker starts. */
int ipd_keep_init(ipd_run *run, const ipd_run_options *options, ipd_error *e);
void ipd_keep_free(ipd_run *run);

/* For the worker. Call when the run has entered its history. */
void ipd_keep_begin(ipd_run *run);
/* Call when training starts after a pause. */
void ipd_keep_start_clock(ipd_run *run);
/* Call after an iteration, when its changes and callbacks are done: saves the run if it is due. */
void ipd_keep_iteration(ipd_run *run);
/* Call at each block boundary: begins the next requested save, if any. */
void ipd_keep_turn(ipd_run *run);
/* Returns 1 if ipd_keep_turn would begin a save now. Under the lock. */
int ipd_keep_waits(const ipd_run *run);
/* While the run waits for a command: the clock time, in seconds, at which to call
 * ipd_keep_save_paused; INFINITY: never. */
double ipd_keep_due(ipd_run *run);
/* Saves a paused run. */
void ipd_keep_save_paused(ipd_run *run);
/* Queues the command IPD_DO_SAVE. */
void ipd_keep_ask(ipd_run *run, const struct ipd_command *c);
/* Completes all saves and carries out ipd_run_at_end. Afterwards the writer no longer uses the
 * run. */
void ipd_keep_end(ipd_run *run);
/* The current progress. */
ipd_progress ipd_keep_progress(const ipd_run *run);

#endif
