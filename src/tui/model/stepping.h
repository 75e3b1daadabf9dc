/* stepping.h - the keys that move the run: run, pause, one iteration, one block, all blocks of a
 * kind, one batch, back by each of these, and forward again. They act on the run directly, so they work while Lua is
 * busy. Main thread. */
#ifndef IPD_TUI_MODEL_STEPPING_H
#define IPD_TUI_MODEL_STEPPING_H

#include "run/run.h"
#include "tui/model/keys.h"

typedef enum ipd_step_kind {
    IPD_STEP_ITERATION,
    IPD_STEP_BLOCK,
    IPD_STEP_KIND,
    IPD_STEP_BATCH,
    IPD_STEP_BACK,
    IPD_STEP_BACK_BLOCK,
    IPD_STEP_BACK_BATCH,
    IPD_STEP_REDO
} ipd_step_kind;

enum { IPD_STEPS_MAX = 64 };

/* A queue of steps requested by keys. A step sent while another is in progress would end it, so
 * each waits for the previous one. */
typedef struct ipd_stepping {
    /* Called before a step back to the end of an iteration, while the run is paused. Set it before
     * all else. */
    void (*going_back)(void *context, ipd_run *run, long iteration);
    void (*went_back)(void *context); /* that step is done */
    void *context;
    ipd_run *run;                       /* the run of all steps */
    ipd_ticket ticket;                  /* of the first step; 0: a new branch is not ready yet */
    ipd_step_kind kinds[IPD_STEPS_MAX]; /* the first is in progress if there is a ticket */
    int count;
    int is_full; /* 1: "queue full" was reported; a key held down reports it once */
} ipd_stepping;

/* Carries out the action of a key. run may be NULL. -1 and *e if that is impossible. */
int ipd_stepping_act(ipd_stepping *s, ipd_run *run, ipd_action action, ipd_error *e);
/* Sends the next step when the previous one is done. Call after polling the run. -1 and *e if a
 * step failed. */
int ipd_stepping_work(ipd_stepping *s, ipd_run *run, ipd_error *e);
/* 1 while steps are in progress. */
int ipd_stepping_busy(const ipd_stepping *s);
/* How many wait behind the one in progress. */
int ipd_stepping_waiting(const ipd_stepping *s);
/* Drops the waiting ones; returns how many. */
int ipd_stepping_cancel(ipd_stepping *s);
/* Stops a step back or a return that is in progress; the run is then where it was. Returns 1 if there was one. */
int ipd_stepping_stop_jump(ipd_stepping *s);

#endif
