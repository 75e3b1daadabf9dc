/* replay.h - a replay: a state of its own that takes the units of work which the run took. Worker. */
#ifndef IPD_RUN_TIME_REPLAY_H
#define IPD_RUN_TIME_REPLAY_H

#include "run/private.h"

typedef struct ipd_replay {
    ipd_run *run;
    ipd_trainer trainer;
    unsigned long units;
    size_t records, log; /* iterations finished; changes applied */
    int within;
    const char *verb; /* "rewinds" */
    size_t last;      /* iteration */
    double told;      /* when the main thread was last told, seconds */
    int stubborn;     /* 1: a pause does not stop it */
} ipd_replay;

/* Begins at the first weights, or at a snapshot; ipd_trainer_close(&r->trainer) in any case. */
int ipd_replay_begin(ipd_replay *r, ipd_error *e);
int ipd_replay_begin_at(ipd_replay *r, const ipd_snapshot *snapshot, ipd_error *e);
/* Applies what was changed at this boundary. */
int ipd_replay_apply(ipd_replay *r, ipd_error *e);
/* The next unit of work, with what was changed before it. *done: 1 at an iteration's end; -1: a value is
 * not finite. */
int ipd_replay_advance(ipd_replay *r, int *done, ipd_error *e);
/* Goes on to the end of so many iterations. */
int ipd_replay_go_to(ipd_replay *r, size_t records, ipd_error *e);

/* Units done at the end of this iteration, and changes that came before it. */
unsigned long ipd_replay_end_of(const ipd_run *run, size_t records);
size_t ipd_replay_changes_before(const ipd_run *run, size_t records);
/* 1 where the run has this iteration's end; else 0 and *e. */
int ipd_replay_check(const ipd_run *run, long iteration, ipd_error *e);

/* rewind.c: worker; commands, answered. */
void ipd_run_go_back(ipd_run *run, const ipd_command *c);
void ipd_run_verify_journal(ipd_run *run, const ipd_command *c);
/* A run that was opened at a state before its last record goes on as far as that. */
void ipd_run_catch_up(ipd_run *run);
/* replay.c: worker. Writes the run as of the end of an iteration: for a branch. */
int ipd_run_write_branch(ipd_run *run, const ipd_command *c, ipd_error *e);
/* Writes the run as of the end of its last good iteration. Who opens it takes the rest of the way from a
 * snapshot, the start, or the state in `older` (an earlier checkpoint of the run, or NULL), whichever is
 * nearest. */
int ipd_run_write_last_good(ipd_run *run, const ipd_archive *older, ipd_archive *ar, ipd_error *e);

#endif
