/* history.h - every run kept in SQLite: settings, records, changes, status.
 *
 * One thread uses one handle; several processes and handles may use one file. The tables are
 * described in history.c, for people who read them with sqlite3 or pandas.
 */
#ifndef IPD_RUN_HISTORY_H
#define IPD_RUN_HISTORY_H

#include "data/dataset.h"
#include "run/settings.h"

typedef struct ipd_history ipd_history;

/* Path of the database by default: $XDG_DATA_HOME/ipdlam/runs.db. */
int ipd_history_path(char *path, size_t size, ipd_error *e);

/* Opens the database at path. With `create` it is made, with its folder, where it is not there, and
 * an older schema is brought up to date; without, a missing file is IPD_ESTATE and nothing is
 * written. A newer schema, and a database of another program, are refused and never touched. */
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

/* What is known of a run, for lists. Text that does not fit is cut. */
typedef struct ipd_history_run {
    long id;
    char name[64], started[32], updated[32]; /* times are UTC: "2024-05-01 13:45:10" */
    char status[200];                        /* "lost" where its process is gone but it never said
                                                how it ended */
    char dataset[64], source[512], checksum[65];
    long train, test; /* samples */
    int L;
    size_t widths[IPD_MAX_LAYERS + 1];
    char version[32], kernel[32]; /* of ipdlam; OpenBLAS version and kernel */
    int threads;
    char settings[2048]; /* a JSON object; names as in ipd_settings_table */
    long records;        /* how many */
    double seconds;      /* their sum */
    double phi, train_accuracy, test_accuracy, best_test_accuracy; /* of the last record; NaN */
} ipd_history_run;

/* Each calls `each` until it returns nonzero (which is no error). The values are valid during the
 * call. */
typedef int ipd_history_run_fn(void *context, const ipd_history_run *run);
typedef int ipd_history_record_fn(void *context, const ipd_record *record);
typedef int ipd_history_change_fn(void *context, const ipd_place *place, const char *text);

/* The newest `limit` runs (0: all), newest first. */
int ipd_history_runs(ipd_history *h, long limit, ipd_history_run_fn *each, void *context,
                     ipd_error *e);
/* One run; IPD_ESTATE where there is none of this number. */
int ipd_history_find(ipd_history *h, long id, ipd_history_run *out, ipd_error *e);
/* The newest run. */
int ipd_history_last(ipd_history *h, ipd_history_run *out, ipd_error *e);
/* A run's records by iteration, and its changes as they came. */
int ipd_history_records(ipd_history *h, long id, ipd_history_record_fn *each, void *context,
                        ipd_error *e);
int ipd_history_changes(ipd_history *h, long id, ipd_history_change_fn *each, void *context,
                        ipd_error *e);

#endif
