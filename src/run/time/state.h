/* state.h - states of a run at block boundaries: archives, snapshots, how to take changes back. Worker. */
#ifndef IPD_RUN_TIME_STATE_H
#define IPD_RUN_TIME_STATE_H

#include "run/private.h"

/* snapshot.c: worker. */
/* At an iteration's end, if it is due and there is room. */
void ipd_snapshot_take(ipd_run *run);
/* A state as a snapshot has it: all that a replay of it has, too. */
ipd_run_state ipd_snapshot_state(const ipd_trainer *trainer, unsigned long units);
/* The last one of this iteration or before, of which all bits are as they were written, or NULL. */
const ipd_snapshot *ipd_snapshot_before(ipd_run *run, int iteration);
void ipd_snapshots_cut(ipd_run *run, int iteration); /* drops the later ones */
void ipd_snapshots_set_budget(ipd_run *run, double budget);
void ipd_snapshots_free(ipd_snapshots *s);
/* undo.c: worker. */
/* Remembers how to take the change back that the trainer is about to take. */
void ipd_undo_remember(ipd_run *run, const ipd_change *change);
void ipd_undo_cut(ipd_run *run, unsigned long units); /* forgets what came at this point or later */
int ipd_undo_take(ipd_run *run, ipd_undo *undo, ipd_error *e);
/* Those of changes after at most so many units of work; any thread that holds the run still. */
void ipd_undo_write(const ipd_run *run, unsigned long units, ipd_archive *ar);
void ipd_undo_read(ipd_run *run, ipd_archive *ar);
/* archive_records.c: writes the records, or reads so many, of L layers, into *records, which has none. */
void ipd_archive_records(ipd_archive *ar, ipd_records *records, size_t count, int L);
/* archive.c */
/* Writes a state, or reads it, which opens its trainer: the caller closes it, also on failure. */
int ipd_run_state_transfer(const ipd_run *run, ipd_run_state *m, ipd_archive *ar, ipd_error *e);
/* All that a run is opened from but the state, up to so many records and changes of its journal. */
int ipd_journal_write(const ipd_run *run, size_t records, size_t changes, ipd_archive *ar,
                      const ipd_parent *parent, ipd_error *e);
/* Reads what open.c needs before it can read the rest: the first settings and weights. */
int ipd_archive_first(ipd_archive *ar, const ipd_dataset *data, ipd_settings *settings,
                      ipd_network *net, ipd_error *e);
/* Reads the journal and the state into a run opened with those, whose worker is not started. *behind: 1
 * where the state is before the journal's last record. */
int ipd_archive_journal(ipd_archive *ar, ipd_run *run, int *behind, ipd_error *e);
/* Writes the run as it is; one that diverged or failed is refused. Worker. */
int ipd_run_write_whole(ipd_run *run, ipd_archive *ar, ipd_error *e);

#endif
