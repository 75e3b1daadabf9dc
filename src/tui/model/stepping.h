/* stepping.h - the keys that run and pause the run, step it by an iteration, block, kind of blocks
 * or batch, and go back and forward again. They do not need Lua, so they work while it is busy.
 * Main thread. */
#ifndef IPD_TUI_MODEL_STEPPING_H
#define IPD_TUI_MODEL_STEPPING_H

#include "run/run.h"
#include "tui/model/keys.h"

enum { IPD_STEPS_MAX = 64 };

/* A queue of steps requested by keys. A command ends the step in progress, so each step is sent
 * when the previous one is done. */
typedef struct ipd_stepping {
    /* Called before a step back by an iteration, while the run is paused, and after it. The caller
     * sets both. */
    void (*going_back)(void *context, ipd_run *run, long iteration);
    void (*went_back)(void *context);
    void *context;
    ipd_run *run;                    /* the run of all steps */
    ipd_ticket ticket;               /* of the first step; 0: not sent, a branch is not ready */
    ipd_action steps[IPD_STEPS_MAX]; /* the first is in progress if there is a ticket */
    int count;
    int is_full; /* 1: a full queue was reported; a key held down reports it once */
} ipd_stepping;

/* Carries out the action of a key. run may be NULL. -1 and *e if the action is impossible. */
int ipd_stepping_act(ipd_stepping *s, ipd_run *run, ipd_action action, ipd_error *e);
/* Sends the next step if the previous one is done. Call it after each poll of the run. -1 and *e if
 * a step failed. */
int ipd_stepping_work(ipd_stepping *s, ipd_run *run, ipd_error *e);
/* 1 if a step is in progress or waits. */
int ipd_stepping_busy(const ipd_stepping *s);
/* The number of steps that wait for the one in progress. */
int ipd_stepping_waiting(const ipd_stepping *s);
/* Drops the steps that wait; returns their number. */
int ipd_stepping_cancel(ipd_stepping *s);
/* Stops the step in progress if it goes back or returns; the run stays where it was before. Returns
 * 1 if there was such a step. */
int ipd_stepping_stop_jump(ipd_stepping *s);

#endif
