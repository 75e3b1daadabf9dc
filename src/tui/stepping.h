/* stepping.h - the keys that move the run: run, pause, one iteration, one block, all blocks of a kind, one batch, one
 * iteration back. They reach the run directly, so they work while Lua is busy. Main thread. */
#ifndef IPD_TUI_STEPPING_H
#define IPD_TUI_STEPPING_H

#include "run/run.h"
#include "tui/keys.h"

/* Steps asked for by keys that wait for the one before to be done: a step given while another is
 * under way would end it. */
typedef struct ipd_stepping {
    ipd_run *run; /* of the ticket */
    ipd_ticket ticket;
    enum {
        IPD_NO_STEP,
        IPD_STEPS_ITERATION,
        IPD_STEPS_BLOCK,
        IPD_STEPS_KIND,
        IPD_STEPS_BATCH,
        IPD_STEPS_BACK
    } kind;
    int waiting; /* further steps of this kind */
} ipd_stepping;

/* The end of the iteration that one step back leads to: of the last one that is done, or where the run stands there, of
 * the one before; -1 at the start. */
long ipd_stepping_back_to(const ipd_run *run);
/* Does what a key asks. run may be NULL. -1 and *e where that is not possible. */
int ipd_stepping_act(ipd_stepping *s, ipd_run *run, ipd_action action, ipd_error *e);
/* Goes on with steps that wait, once the one before is done. To be called after the run was polled.
 * -1 and *e where a step failed. */
int ipd_stepping_work(ipd_stepping *s, ipd_run *run, ipd_error *e);
/* 1 while steps are under way. */
int ipd_stepping_busy(const ipd_stepping *s);

#endif
