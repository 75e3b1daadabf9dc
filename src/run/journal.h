/* journal.h - what a run did so far, added to and cut by the worker, with its row in the history. */
#ifndef IPD_RUN_JOURNAL_H
#define IPD_RUN_JOURNAL_H

#include "run/private.h"

/* Ends the goal: its ticket is answered, the run rests. */
void ipd_run_rest(ipd_run *run, int cut, ipd_run_status status, const char *text,
                  const ipd_error *e);
void ipd_run_diverged(ipd_run *run, const ipd_place *at);
/* To the log and to the history; the view shows what is in force now. See ipd_journal_add. */
void ipd_run_log_change(ipd_run *run, const ipd_place *place, ipd_log_kind kind, const char *word,
                        const ipd_change *change);
/* A record, complete, to the journal, the history and the main thread. */
int ipd_run_report_record(ipd_run *run, const ipd_record *record, ipd_error *e);
void ipd_run_report_block(ipd_run *run, const ipd_unit *unit, double seconds);
/* What the audit found goes to the log. The record counts all; here are an iteration's first. */
void ipd_run_report_finding(ipd_run *run, const ipd_unit *unit);
/* Drops what the journal has beyond so many records and changes, here, in what the main thread has and in
 * the history. */
void ipd_run_cut(ipd_run *run, size_t records, size_t changes);
/* row.c: the run in its history. Worker. */
/* A run enters the history when it begins to work. */
void ipd_run_begin_history(ipd_run *run);
/* What has just been added to the journal. */
void ipd_run_history_record(ipd_run *run, const ipd_record *record);
void ipd_run_history_change(ipd_run *run, const ipd_log_entry *entry);
/* The journal has been cut to what it is now. */
void ipd_run_history_rewind(ipd_run *run);
void ipd_run_history_name(ipd_run *run);
/* While the run waits for a command: seconds (on the clock) when its history is to be told how it stands. */
double ipd_run_history_due(const ipd_run *run);
/* Tells it how the run stands now. */
void ipd_run_tell_history(ipd_run *run);
void ipd_run_end_history(ipd_run *run);

#endif
