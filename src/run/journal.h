/* journal.h - what the worker adds to a run's journal, to its row in the history, and to the main
 * thread's copy. */
#ifndef IPD_RUN_JOURNAL_H
#define IPD_RUN_JOURNAL_H

#include "run/private.h"

/* Ends the current goal: answers its ticket and pauses the run. */
void ipd_run_end_goal(ipd_run *run, int cut, ipd_run_status status, const char *text,
                      const ipd_error *e);
/* End it with the status diverged, or failed. */
void ipd_run_diverged(ipd_run *run, const ipd_place *at);
void ipd_run_failed(ipd_run *run, const ipd_error *e);
/* Adds a change to the log and the history and updates the view. See ipd_journal_add. */
void ipd_run_log_change(ipd_run *run, const ipd_place *place, ipd_log_kind kind, const char *word,
                        const ipd_change *change);
/* Does the same for the entry that was added to the journal last. */
void ipd_run_publish_entry(ipd_run *run);
/* Publishes a complete record: to the journal, the history and the main thread. */
int ipd_run_report_record(ipd_run *run, const ipd_record *record, ipd_error *e);
/* Adds a user's metric to the last record, see ipd_run_put_metric. Worker. */
int ipd_run_amend(ipd_run *run, const ipd_command *c, ipd_error *e);
void ipd_run_report_block(ipd_run *run, const ipd_unit *unit, double seconds);
/* After one of several mini-batches, at the place `done`: publishes a record as if the iteration
 * ended here. */
void ipd_run_report_batch(ipd_run *run, const ipd_place *done);
/* Logs a finding of the audit. The record counts all findings; the log has the first ones of an
 * iteration. */
void ipd_run_report_finding(ipd_run *run, const ipd_unit *unit);
/* Moves the journal, the history and the main thread's copy to this path. The journal takes over
 * the path's lists. */
void ipd_run_move(ipd_run *run, ipd_journal *path);
/* row.c: the run in its history. Worker. */
/* Adds the run to the history, when it starts training. */
void ipd_run_begin_history(ipd_run *run);
/* Add to the history what was just added to the journal. */
void ipd_run_history_record(ipd_run *run, const ipd_record *record);
void ipd_run_history_metrics(ipd_run *run, const ipd_record *record); /* of the last record */
void ipd_run_history_change(ipd_run *run); /* the last entry of the log, with its method */
/* Makes the history like the journal. It has the journal's first `records` records and `changes`
 * changes already. left: 1 if it also has later ones, of the path that the run left. */
void ipd_run_history_move(ipd_run *run, size_t records, size_t changes, int left);
void ipd_run_history_name(ipd_run *run);
/* Makes the default name of a run, from its data, widths, method and this number. Any thread. */
void ipd_run_default_name(const ipd_run *run, long number, char to[IPD_RUN_NAME]);
/* Gives a new run its default name, with the next number of its history; without a history, of this
 * process. Main thread, before the worker starts. */
void ipd_run_name_by_default(ipd_run *run);
/* While the run waits for a command: the clock time, in seconds, at which to call
 * ipd_run_update_history. */
double ipd_run_history_due(const ipd_run *run);
/* Updates the run's status in the history. */
void ipd_run_update_history(ipd_run *run);
void ipd_run_end_history(ipd_run *run);

#endif
