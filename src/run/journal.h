/* journal.h - the journal of a run, which the worker extends and cuts, and the run's row in the history. */
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
/* Publishes what the record would hold if the iteration ended here, after a mini-batch of several; done: its place. */
void ipd_run_report_batch(ipd_run *run, const ipd_place *done);
/* Logs a finding of the audit. The record counts all findings; the log has the first ones of an iteration. */
void ipd_run_report_finding(ipd_run *run, const ipd_unit *unit);
/* Moves journal, history and the main thread's copy to this path, whose parts the journal takes over. */
void ipd_run_move(ipd_run *run, ipd_journal *path);
/* row.c: the run in its history. Worker. */
/* Adds the run to the history, when it starts training. */
void ipd_run_begin_history(ipd_run *run);
/* Add to the history what was just added to the journal. */
void ipd_run_history_record(ipd_run *run, const ipd_record *record);
void ipd_run_history_metrics(ipd_run *run, const ipd_record *record); /* of the last record */
void ipd_run_history_change(ipd_run *run); /* the last entry of the log, with its method */
/* Makes the history like the journal, of which it has this many records and changes, and others (left = 1) that the run left. */
void ipd_run_history_move(ipd_run *run, size_t records, size_t changes, int left);
void ipd_run_history_name(ipd_run *run);
/* The name of a run that was given none: from its data, widths and method, with this number. Any thread. */
void ipd_run_default_name(const ipd_run *run, long number, char to[IPD_RUN_NAME]);
/* Names a new run by default: with the next number of its history, or of this process without a history. Main thread, before the worker
 * starts. */
void ipd_run_name_by_default(ipd_run *run);
/* While the run waits for a command: the time, in seconds on the clock, of the next ipd_run_update_history. */
double ipd_run_history_due(const ipd_run *run);
/* Updates the run's status in the history. */
void ipd_run_update_history(ipd_run *run);
void ipd_run_end_history(ipd_run *run);

#endif
