/* state.h - states of a run at block boundaries: archives, snapshots, undo. Worker. */
#ifndef IPD_RUN_TIME_STATE_H
#define IPD_RUN_TIME_STATE_H

#include "run/private.h"

/* snapshot.c. Keeps a snapshot at an iteration's end, if one is due (fork = 1: in any case) and it
 * fits in the budget. */
void ipd_snapshot_take(ipd_run *run, int fork);
/* The present place as a snapshot without an archive. */
ipd_snapshot ipd_snapshot_here(const ipd_run *run);
/* The same with the state, in an archive that the caller frees; NULL if memory runs out. */
ipd_snapshot ipd_snapshot_now(const ipd_run *run);
/* The part of a state that a snapshot holds, which a replay reproduces. */
ipd_run_state ipd_snapshot_state(const ipd_trainer *trainer, unsigned long units);
/* Returns 1 if the snapshot lies on this path. */
int ipd_snapshot_fits(const ipd_snapshot *s, const ipd_journal *path);
/* The last snapshot on this path whose checksum is right, or NULL. */
const ipd_snapshot *ipd_snapshot_before(ipd_run *run, const ipd_journal *path);
void ipd_snapshots_set_budget(ipd_run *run, double budget);
void ipd_snapshots_free(ipd_snapshots *s);
/* Adds a snapshot and takes over its archive; frees it if it does not fit in the budget. Worker, or
 * before it starts. */
void ipd_snapshot_add(ipd_run *run, ipd_snapshot *s);
/* snapshot_archive.c. Write the snapshots at forks, at most `room` bytes, to an archive that has
 * the state; read them, after the journal. */
int ipd_snapshots_write(const ipd_run *run, ipd_archive *ar, double room, ipd_error *e);
int ipd_snapshots_read(ipd_run *run, ipd_archive *ar, ipd_error *e);
/* undo.c. Stores the present values of the settings that `change` is about to change. */
void ipd_undo_remember(ipd_run *run, const ipd_change *change);
void ipd_undo_cut(ipd_run *run, unsigned long units); /* forgets changes made then or later */
/* Takes the last change that can be undone; -1 and *e if there is none. */
int ipd_undo_pop(ipd_run *run, ipd_undo *undo, ipd_error *e);
/* Write the changes made after at most this many units of work, or read them. Writing: any thread,
 * while the run does not change. */
void ipd_undo_write(const ipd_run *run, unsigned long units, ipd_archive *ar);
void ipd_undo_read(ipd_run *run, ipd_archive *ar);
/* archive_records.c: writes all records, or reads `count` records of L layers into *records, which
 * is empty. The entries' names begin with `name`. */
void ipd_archive_records(ipd_archive *ar, ipd_records *records, size_t count, int L,
                         const char *name);
/* archive_methods.c: writes the texts of the methods from files that the run uses at its start, in
 * this journal, now and after a pending switch. */
void ipd_methods_write(const ipd_run *run, const ipd_journal *journal, ipd_archive *ar);
/* Makes the methods known whose texts the archive holds. The texts are not trusted. */
int ipd_methods_read(ipd_archive *ar, ipd_error *e);
/* archive.c. Writes a state or reads it. Reading opens its trainer, which the caller closes, even
 * on failure. */
int ipd_run_state_transfer(const ipd_run *run, ipd_run_state *m, ipd_archive *ar, ipd_error *e);
/* Writes everything that opening a run needs except the state, with this many records and log
 * entries of its journal. parent: for a branch, the run and the iteration that it branches from;
 * NULL: the same run. */
int ipd_journal_write(const ipd_run *run, size_t records, size_t changes, ipd_archive *ar,
                      const ipd_parent *parent, ipd_error *e);
/* Reads the initial settings and weights, which open.c needs before it can read the rest. */
int ipd_archive_first(ipd_archive *ar, const ipd_dataset *data, ipd_settings *settings,
                      ipd_network *net, ipd_error *e);
/* Reads the journal and the state into a run made from those, before its worker starts. *behind is
 * 1 if the state is before the journal's last record. */
int ipd_archive_journal(ipd_archive *ar, ipd_run *run, int *behind, ipd_error *e);
/* Writes the run in its present state. Fails for a run that diverged or failed. */
int ipd_run_write_whole(ipd_run *run, ipd_archive *ar, ipd_error *e);

#endif
