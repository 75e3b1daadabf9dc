/* history.h - the SQLite database of all runs: settings, records, changes, status, tags,
 * checkpoints.
 *
 * A handle belongs to one thread; several processes and handles can use one file at the same time.
 * ipdlam-history(5) describes the tables for readers with sqlite3 or pandas.
 *
 * Functions return 0, or -1 and *e. Text passed to callbacks is valid during the call.
 */
#ifndef IPD_HISTORY_HISTORY_H
#define IPD_HISTORY_HISTORY_H

#include "data/dataset.h"
#include "settings/settings.h"
#include "solver/records.h"

typedef struct ipd_history ipd_history;

/* Default path of the database: $XDG_DATA_HOME/ipdlam/runs.db. */
int ipd_history_path(char *path, size_t size, ipd_error *e);

/* Opens the database at path. With `create` a missing file is created, with its folder; without, it
 * is IPD_ESTATE. An older schema is migrated. A newer schema, and a database of another program,
 * are errors, and the file is not touched. A file that cannot be written is opened for reading. */
int ipd_history_open(ipd_history **out, const char *path, int create, ipd_error *e);
/* The same, with the maximum wait in milliseconds for another program's lock, for now and all later
 * calls. */
int ipd_history_open_within(ipd_history **out, const char *path, int create, int patience,
                            ipd_error *e);
void ipd_history_set_patience(ipd_history *h, int patience);
enum { IPD_HISTORY_PATIENCE = 2000 }; /* milliseconds; the default of ipd_history_open */
/* Whether writes still reach the file of this name. They do not if the file, or only its
 * write-ahead log, was deleted, moved or replaced since it was opened. */
typedef enum ipd_history_place {
    IPD_HISTORY_IN_PLACE,
    IPD_HISTORY_FILE_MOVED,
    IPD_HISTORY_LOG_MOVED
} ipd_history_place;
ipd_history_place ipd_history_moved(const ipd_history *h);
void ipd_history_close(ipd_history *h); /* accepts NULL */
const char *ipd_history_file(const ipd_history *h);

/* Writing. If a full disk or another program's lock prevents a write,
 * ipd_history_record, _change, _rewind and _update_status queue it in memory and return 0; the
 * queue is written before the next entry. */

/* A run to add. `identity` (ipd_run_identity) and `name` may be NULL. wanted: the number that it
 * gets if that is free; 0: any. goal: requested iterations; 0: unknown. */
typedef struct ipd_history_new {
    const char *name, *identity;
    long wanted, goal;
    const ipd_settings *settings;
    const char *definitions; /* of the user's functions, one per line; "": none */
    const ipd_dataset *data;
    int L;
    const size_t *widths;
} ipd_history_new;
/* Adds a run and sets *id to its number (> 0). */
int ipd_history_begin(ipd_history *h, long *id, const ipd_history_new *run, ipd_error *e);
/* Sets *next to the number that the next run gets if it wants none. */
int ipd_history_next(ipd_history *h, long *next, ipd_error *e);
/* Registers this process as the one that continues the run of this identity. Sets *id and the
 * numbers of records and changes in the history; *id = 0 if the history has no such run. */
int ipd_history_reopen(ipd_history *h, const char *identity, long *id, long *records, long *changes,
                       ipd_error *e);
/* Records the parent of a branched or resumed run: the run continues after `iteration` of `parent`.
 * The number is stored only if this history has a run with that number and name. */
int ipd_history_set_parent(ipd_history *h, long id, long parent, const char *name, int iteration,
                           ipd_error *e);
/* Adds a record, which was computed on path `node` of the run's tree, and updates the figures in
 * `runs`; adds a change with its place and its number in the journal (0: none). When the call
 * returns, the data survive the end of the process. */
int ipd_history_record(ipd_history *h, long id, const ipd_record *record, long node, ipd_error *e);
/* Writes the user's metrics of a record that is there already. */
int ipd_history_metrics(ipd_history *h, long id, const ipd_record *record, ipd_error *e);
int ipd_history_change(ipd_history *h, long id, const ipd_place *place, const char *text,
                       long entry, ipd_error *e);
/* Rewinds the run to the end of `iteration` and to its first `changes` changes. Later records and
 * changes are kept as rewound, with their paths (nodes); writing them again makes them current. */
int ipd_history_rewind(ipd_history *h, long id, int iteration, size_t changes, ipd_error *e);
/* Sets the status of a live run: "running", "paused ...", "diverged at ...", "failed: ...". */
int ipd_history_update_status(ipd_history *h, long id, const char *status, ipd_error *e);
/* Sets the final status: "finished", "left at iteration 12" (stopped, can be resumed),
 * "interrupted", "diverged at ...", "failed: ...". If entries are still queued, the
 * status says so. */
int ipd_history_status(ipd_history *h, long id, const char *status, ipd_error *e);
/* Tries to write the queue, without waiting for a lock. */
int ipd_history_retry(ipd_history *h, ipd_error *e);
/* The length of the queue: records, changes, rewinds and status. *why (unless NULL) is the error
 * that blocks it. */
size_t ipd_history_waiting(const ipd_history *h, const char **why);

/* Adds a checkpoint of a run at the end of `iteration`, `size` bytes; replaces an earlier entry of
 * the same path. Forgetting an unknown path is not an error. */
int ipd_history_add_checkpoint(ipd_history *h, long id, const char *path, int iteration,
                               long long size, ipd_error *e);
int ipd_history_forget_checkpoint(ipd_history *h, const char *path, ipd_error *e);

/* Tags: words without spaces and commas. Adding one twice or removing a missing one is not an
 * error. */
int ipd_history_tag(ipd_history *h, long id, const char *tag, int remove, ipd_error *e);
/* Replaces all tags by the words of a text, which spaces or commas separate; "" removes all. */
int ipd_history_set_tags(ipd_history *h, long id, const char *words, ipd_error *e);
/* Sets the note, free text; "" removes it. */
int ipd_history_note(ipd_history *h, long id, const char *note, ipd_error *e);
int ipd_history_rename(ipd_history *h, long id, const char *name, ipd_error *e);
/* Sets the definitions of a run's functions and methods, one per line. */
int ipd_history_define(ipd_history *h, long id, const char *definitions, ipd_error *e);
/* Removes a run with all its data; its files stay. */
int ipd_history_remove(ipd_history *h, long id, ipd_error *e);
/* Returns the space of removed runs to the file system, unless others use the file. */
void ipd_history_compact(ipd_history *h);

/* Reading. */

/* Call before and after many small reads: between these calls the file is locked only once, and
 * writes of others are not seen. */
int ipd_history_hold(ipd_history *h, ipd_error *e);
void ipd_history_release(ipd_history *h);

enum { IPD_HISTORY_SETTINGS = 6144 };

/* A run, for lists. Text that does not fit is truncated. Figures are of the last record; missing
 * values are NaN, 0 or "". */
typedef struct ipd_history_run {
    long id;
    char name[64], started[32], updated[32]; /* times are UTC: "2024-05-01 13:45:10" */
    char status[200];                        /* "lost" if its process is gone without a
                                              * final status */
    int alive;                               /* 1: the process that last worked on it is running */
    long parent;                             /* the parent of a branched or resumed run */
    char parent_name[64];
    int parent_iteration; /* last iteration shared with the parent */
    char dataset[64], source[512], checksum[65];
    long train, validation, test; /* samples */
    long held_out; /* > 0: the test samples are this many held-out training samples */
    int L;
    size_t widths[IPD_MAX_LAYERS + 1];
    char network[400];                          /* "784-300-10" */
    char version[32], openblas[32], kernel[32]; /* of ipdlam, of OpenBLAS, and OpenBLAS's kernel */
    char host[128], processor[96];
    int processors, threads;
    double memory; /* bytes */
    long seed;
    char settings[IPD_HISTORY_SETTINGS]; /* at the start: a JSON object with the names of
                                          * ipd_settings_table */
    char tags[512], note[1024];          /* tags: sorted, comma-separated */
    int iteration;                       /* of the last record */
    long records;                        /* number of records */
    double seconds;                      /* total over the records */
    char measure[12];                    /* of the accuracies: "accuracy" or "R2" */
    double phi, forward_loss, train_accuracy, validation_accuracy, test_accuracy;
    double train_rmse, validation_rmse, test_rmse; /* NaN unless the measure is R2 */
    double best_validation_accuracy, best_test_accuracy;
    int best_iteration; /* of the best validation accuracy, or without one of the test accuracy */
    char identity[17];  /* "": made by 0.1.0 */
    long goal;          /* requested iterations, 0: unknown */
} ipd_history_run;
/* Whether the accuracies of the run are R^2. */
int ipd_history_is_r2(const ipd_history_run *run);

/* One value of a run by its public name. Lists, CSV, Lua and conditions all use this table. */
typedef struct ipd_history_field {
    const char *name, *sql; /* sql: an expression over runs r */
    enum { IPD_RUN_INT, IPD_RUN_LONG, IPD_RUN_DOUBLE, IPD_RUN_TEXT, IPD_RUN_TAGS } type;
    enum {
        IPD_RUN_READ = 1,      /* `sql` is read into ipd_history_run */
        IPD_RUN_SHOWN = 2,     /* in JSON and Lua */
        IPD_RUN_CSV = 4,       /* a column of CSV */
        IPD_RUN_CONDITION = 8, /* a name in conditions; the only use of IPD_RUN_TAGS */
        IPD_RUN_ALL = 15
    } uses;
    size_t offset, size;
    const char *const *choices; /* all possible values, or NULL */
} ipd_history_field;
extern const ipd_history_field ipd_history_fields[]; /* terminated by a NULL name */
/* The value as a number (NaN if missing) or as text. */
double ipd_history_field_number(const ipd_history_field *f, const ipd_history_run *run);
const char *ipd_history_field_text(const ipd_history_field *f, const ipd_history_run *run);

/* The definitions of the run's functions, one per line; free() it. NULL and *e on failure. */
char *ipd_history_definitions(ipd_history *h, long id, ipd_error *e);

/* Parses the settings at the start of a run, whose definitions must have been read. */
int ipd_history_settings(const ipd_history_run *run, ipd_settings *settings, ipd_error *e);

/* Writes the first word of the status: running, paused, finished, left, diverged, failed,
 * interrupted, lost. */
void ipd_history_state(const ipd_history_run *run, char *to, size_t size);
/* 1 if a process has the run open: it is running or paused. */
int ipd_history_is_open(const ipd_history_run *run);
extern const char *const ipd_history_states[]; /* all of them, NULL-terminated */

/* These call `each` until it returns nonzero (not an error). The values are valid
 * during the call. */
typedef int ipd_history_run_fn(void *context, const ipd_history_run *run);
typedef int ipd_history_record_fn(void *context, const ipd_record *record);
typedef int ipd_history_change_fn(void *context, const ipd_place *place, const char *text);

/* The newest `limit` runs (0: all), newest first. */
int ipd_history_runs(ipd_history *h, long limit, ipd_history_run_fn *each, void *context,
                     ipd_error *e);
/* One run; IPD_ESTATE if there is none of this number. */
int ipd_history_find(ipd_history *h, long id, ipd_history_run *out, ipd_error *e);
/* Returns 1 if name, note and tags of *run are exactly those in the history, 0 if not, -1 and *e if
 * they cannot be read. Reading a run makes its note one line and cuts long texts: an edit of such a
 * copy would lose the rest. */
int ipd_history_holds(ipd_history *h, const ipd_history_run *run, ipd_error *e);
/* The run with the latest update. */
int ipd_history_last_worked(ipd_history *h, ipd_history_run *out, ipd_error *e);
/* Finds a run by a user's text: its number, "last", its name, or a prefix of its name if that is
 * unique. If there is no match, or several, the error is IPD_ESTATE and says which texts would
 * match. */
int ipd_history_look_up(ipd_history *h, const char *text, ipd_history_run *out, ipd_error *e);
/* Sets *same to the number of the run's first records that took exactly these seconds: a record
 * that was computed again took others. */
int ipd_history_same_records(ipd_history *h, long id, const double *seconds, size_t count,
                             size_t *same, ipd_error *e);
/* A run's records by iteration, and its changes in order, without those that were rewound. */
int ipd_history_records(ipd_history *h, long id, ipd_history_record_fn *each, void *context,
                        ipd_error *e);
int ipd_history_changes(ipd_history *h, long id, ipd_history_change_fn *each, void *context,
                        ipd_error *e);

/* Reads some fields of a run's records, except strings, into the columns of `to`: much faster than
 * reading all fields. If `to` is empty, it gets a row per record, with the iteration, these fields
 * and, in each row, the metrics' names of the last record; other fields are empty. If it has rows
 * from such a call, these fields are added; records that no longer exist have NaN. On failure `to`
 * may lack fields. */
int ipd_history_read_fields(ipd_history *h, long id, const ipd_field *const *fields, int count,
                            ipd_records *to, ipd_error *e);

/* One value of the records over the iterations: faster than ipd_history_records. */
typedef struct ipd_history_curve {
    size_t count;
    double *x, *y; /* iterations; values, NaN if missing */
} ipd_history_curve;
/* With `max` > 0 at most `max` points, spread evenly over the iterations. The caller frees *out. */
int ipd_history_read_curve(ipd_history *h, long id, const ipd_measure *m, size_t max,
                           ipd_history_curve *out, ipd_error *e);
void ipd_history_curve_free(ipd_history_curve *curve); /* accepts an empty one */

/* A rewind: from_iteration is where it started, iteration where it went. */
typedef struct ipd_history_rewound {
    int iteration, from_iteration;
    long records;
    const char *made; /* UTC */
} ipd_history_rewound;
typedef int ipd_history_rewound_fn(void *context, const ipd_history_rewound *rewind);
int ipd_history_rewinds(ipd_history *h, long id, ipd_history_rewound_fn *each, void *context,
                        ipd_error *e);

/* A run's checkpoints (id 0: of all runs), oldest first. Does not check that the files
 * still exist. */
typedef struct ipd_history_checkpoint {
    long run;
    int iteration;
    long long size;
    const char *path, *made; /* UTC */
} ipd_history_checkpoint;
typedef int ipd_history_checkpoint_fn(void *context, const ipd_history_checkpoint *checkpoint);
int ipd_history_checkpoints(ipd_history *h, long id, ipd_history_checkpoint_fn *each, void *context,
                            ipd_error *e);

#endif
