/* changes.h - the changes of runs that the charts mark. Main thread. */
#ifndef IPD_TUI_MODEL_CHANGES_H
#define IPD_TUI_MODEL_CHANGES_H

#include "tui/model/overlay.h"

/* 1 if a user made this change: 0 for findings of the audit and for values that a function of the
 * user set in a run with these settings. */
int ipd_change_counts(const ipd_settings *settings, const ipd_log_entry *entry);
/* Copies the newest changes of an overlay's run, as of its last poll, into o->changes. Does nothing
 * if the log is the same as at the last call. */
void ipd_changes_follow(ipd_overlay *o, const ipd_run *run);
/* Reads the changes of an overlay's run from a history. -1 and *e on failure. */
int ipd_changes_read(ipd_overlay *o, const char *history, ipd_error *e);

#endif
