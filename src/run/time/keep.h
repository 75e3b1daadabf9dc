/* keep.h - a run's checkpoints while it lives: what the worker (keep.c), the main thread (ask.c) and the
 * writer (writer.c) share. */
#ifndef IPD_RUN_TIME_KEEP_H
#define IPD_RUN_TIME_KEEP_H

#include "run/run.h"

#include <pthread.h>

/* How far a run has come. Two states of one run with equal progress have the same bits. */
typedef struct ipd_progress {
    unsigned long units, changes, rewinds;
} ipd_progress;

enum { IPD_IDENTITY = 17 };

typedef struct ipd_keep {
    /* Fixed while the worker lives. */
    char identity[IPD_IDENTITY];
    char folder[4096], from[4096]; /* as in ipd_keeping; "": none */
    char history[4096];            /* database file whose folder of checkpoints is used; "": none */
    int reopened;
    long every_iterations, goal;
    double every_seconds, interval; /* seconds; interval: between automatic saves */
    int beyond_said; /* the writer's: 1: the user knows that the file is larger than there is space */
    /* Shared, under the run's lock. */
    ipd_end at_end;
    int busy;        /* 1: a checkpoint is with the writer, which uses the run until this is 0 */
    double cost;     /* seconds that the last save took from training, about */
    ipd_error error; /* why the last save failed; code IPD_OK: it did not */
    /* The worker's. */
    struct ipd_command *asked; /* IPD_DO_SAVE, not begun yet, in order */
    int begun;                 /* 1: it has entered the history */
    char placed[4096];         /* the folder where its files are; "": none yet */
    int at_once; /* 1: nothing else gives this state back; save before the next unit of work */
    int saves;   /* begun so far */
    /* Seconds on the clock of the last save, or when the run began to work; the same of the last one that
     * was wanted at an interval, and the records then. */
    double since, asked_since;
    long iteration;
} ipd_keep;

/* Sets the fixed part. -1 and *e where a path is too long. Main thread, before the worker starts. */
int ipd_keep_init(ipd_run *run, const ipd_run_options *options, ipd_error *e);
void ipd_keep_free(ipd_run *run);

/* The worker's. */
/* The run has entered its history. */
void ipd_keep_begin(ipd_run *run);
/* It begins to work after a rest. */
void ipd_keep_start_clock(ipd_run *run);
/* An iteration has ended, and what was to change there is changed. */
void ipd_keep_iteration(ipd_run *run);
/* At a block boundary: begins the save that was asked for, if any. */
void ipd_keep_turn(ipd_run *run);
/* Whether ipd_keep_turn has something to begin now. Under the lock. */
int ipd_keep_waits(const ipd_run *run);
/* While the run waits for a command: seconds (on the clock) when it is to be saved; INFINITY: not at all. */
double ipd_keep_due(ipd_run *run);
/* Saves the run as it rests. */
void ipd_keep_rest(ipd_run *run);
void ipd_keep_ask(ipd_run *run, const struct ipd_command *c);
/* The last save, and what ipd_run_at_end wants. The writer is done with the run then. */
void ipd_keep_end(ipd_run *run);
ipd_progress ipd_keep_progress(const ipd_run *run);

#endif
