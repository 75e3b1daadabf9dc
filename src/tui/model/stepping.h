/* stepping.h - the keys that move the run: run, pause, one iteration, one block, all blocks of a kind, one batch, one
 * iteration back. They reach the run directly, so they work while Lua is busy. Main thread. */
#ifndef IPD_TUI_MODEL_STEPPING_H
#define IPD_TUI_MODEL_STEPPING_H

#include "run/run.h"
#include "tui/model/keys.h"

typedef enum ipd_step_kind {
    IPD_STEP_ITERATION,
    IPD_STEP_BLOCK,
    IPD_STEP_KIND,
    IPD_STEP_BATCH,
    IPD_STEP_BACK
} ipd_step_kind;

enum { IPD_STEPS_MAX = 64 };

/* Steps asked for by keys, each of which waits for the one before to be done: a step given while another is under way
 * would end it. */
typedef struct ipd_stepping {
    /* Called before a step back to the end of an iteration, while the run rests. Set it before all else. */
    void (*going_back)(void *context, ipd_run *run, long iteration);
    void *context;
    ipd_run *run;                       /* of all of them */
    ipd_ticket ticket;                  /* the first one's; 0: a branch does not rest yet */
    ipd_step_kind kinds[IPD_STEPS_MAX]; /* the first is under way, if it has a ticket */
    int count;
    int is_full; /* a key that is held down hears so once */
} ipd_stepping;

/* Does what a key asks. run may be NULL. -1 and *e where that is not possible. */
int ipd_stepping_act(ipd_stepping *s, ipd_run *run, ipd_action action, ipd_error *e);
/* Goes on with steps that wait, once the one before is done. To be called after the run was polled.
 * -1 and *e where a step failed. */
int ipd_stepping_work(ipd_stepping *s, ipd_run *run, ipd_error *e);
/* 1 while steps are under way. */
int ipd_stepping_busy(const ipd_stepping *s);
/* How many wait for the one under way. */
int ipd_stepping_waiting(const ipd_stepping *s);
/* Drops those; returns how many they were. */
int ipd_stepping_cancel(ipd_stepping *s);

#endif
