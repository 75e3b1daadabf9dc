/* history.h - every run kept in SQLite: settings, records, changes, status. */
#ifndef IPD_RUN_HISTORY_H
#define IPD_RUN_HISTORY_H

#include "data/dataset.h"
#include "run/settings.h"

typedef struct ipd_history ipd_history;

/* Path of the database by default: $XDG_DATA_HOME/ipdlam/runs.db. */
int ipd_history_path(char *path, size_t size, ipd_error *e);

/* Opens (and, with `create`, makes) the database at path. A newer schema is refused, never touched.
 * One thread uses one handle; several processes and handles may use one file (WAL). */
int ipd_history_open(ipd_history **out, const char *path, int create, ipd_error *e);
void ipd_history_close(ipd_history *h); /* takes NULL */

/* Adds a run and returns its number (> 0) in *id. */
int ipd_history_begin(ipd_history *h, long *id, const char *name, const ipd_settings *settings,
                      const ipd_dataset *data, int L, const size_t *widths, ipd_error *e);
/* Adds a record; a change with its place; each its own transaction. */
int ipd_history_record(ipd_history *h, long id, const ipd_record *record, ipd_error *e);
int ipd_history_change(ipd_history *h, long id, const ipd_place *place, const char *text,
                       ipd_error *e);
/* "running", "paused", "finished", "diverged at ...", "failed: ...", "interrupted". */
int ipd_history_status(ipd_history *h, long id, const char *status, ipd_error *e);

#endif
