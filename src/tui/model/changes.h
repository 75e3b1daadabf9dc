/* changes.h - the changes of runs that the charts mark. Main thread. */
#ifndef IPD_TUI_MODEL_CHANGES_H
#define IPD_TUI_MODEL_CHANGES_H

#include "tui/model/overlay.h"

/* 1 if an entry of the log is a change made by a user: no finding of the audit, and no value that a function set in a run with these
 * settings. */
int ipd_change_counts(const ipd_settings *settings, const ipd_log_entry *entry);
/* Copies the changes of an overlay's run, as of its last poll, into o->changes if there are others than before; the newest ones
 * only. */
void ipd_changes_follow(ipd_overlay *o, const ipd_run *run);
/* Reads them from a history. -1 and *e on failure. */
int ipd_changes_read(ipd_overlay *o, const char *history, ipd_error *e);

#endif
