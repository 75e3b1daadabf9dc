/* replay.h - a replay: a second state that repeats the run's units of work. Worker. */
#ifndef IPD_RUN_TIME_REPLAY_H
#define IPD_RUN_TIME_REPLAY_H

#include "run/private.h"

typedef struct ipd_replay {
    ipd_run *run;
    const ipd_journal *journal; /* the path that it repeats */
    ipd_trainer trainer;
    unsigned long units;
    size_t records, log; /* iterations finished; log entries applied */
    int within;
    ipd_place at;     /* of the last unit of work */
    const char *verb; /* begins the status text: "rewinds" */
    size_t last;      /* iteration, for the status text */
    double published; /* clock time of the last status text, seconds */
    int stubborn;     /* 1: a pause does not stop the replay */
} ipd_replay;

/* Begins at the initial weights or at a snapshot of the path. Call ipd_trainer_close(&r->trainer)
 * afterwards, even on failure. */
int ipd_replay_begin(ipd_replay *r, ipd_error *e);
int ipd_replay_begin_at(ipd_replay *r, const ipd_snapshot *snapshot, ipd_error *e);
/* If the rest will take more than about 5 s, tells the user how long, and how to cancel it. */
void ipd_replay_announce(const ipd_replay *r);
/* Applies the changes that the log has at this boundary. */
int ipd_replay_apply(ipd_replay *r, ipd_error *e);
/* Applies the changes before the next unit of work, then repeats that unit. *done is 1 at an
 * iteration's end, and -1 if a value is not finite. */
int ipd_replay_advance(ipd_replay *r, int *done, ipd_error *e);
/* Continues until this many iterations are complete. */
int ipd_replay_go_to(ipd_replay *r, size_t records, ipd_error *e);
/* Continues to the end of the path. *diverged is 1 if its last unit of work is not finite, as it
 * was. */
int ipd_replay_finish(ipd_replay *r, int *diverged, ipd_error *e);
/* Fails because a value of the present iteration is not finite, but was in the run. */
int ipd_replay_not_finite(const ipd_replay *r, ipd_error *e);

/* The number of units done at the end of this iteration, and of log entries before that end. */
unsigned long ipd_replay_end_of(const ipd_journal *path, size_t records);
size_t ipd_replay_changes_before(const ipd_journal *path, size_t records);
/* Returns 1 if the run has completed this iteration, else 0 and *e. */
int ipd_replay_check(const ipd_run *run, long iteration, ipd_error *e);

/* rewind.c: commands, each answered. Worker. */
void ipd_run_travel(ipd_run *run, const ipd_command *c);
void ipd_run_verify_journal(ipd_run *run, const ipd_command *c);
/* Replays a run that was opened at a state before its last record up to that record. */
void ipd_run_catch_up(ipd_run *run);
/* replay.c: worker. Writes the run as of the end of an iteration, for a branch. */
int ipd_run_write_branch(ipd_run *run, const ipd_command *c, ipd_error *e);
/* Writes the run as of the end of its last complete iteration, with the nearest state: a snapshot,
 * the start, or the state in `older` (an earlier checkpoint of the run, or NULL). Opening the
 * archive replays the rest. */
int ipd_run_write_last_good(ipd_run *run, const ipd_archive *older, ipd_archive *ar, ipd_error *e);

#endif
