/* history.h - every run kept in SQLite: settings, records, changes, status, tags, checkpoints.
 *
 * One thread uses one handle; several processes and handles may use one file at the same time. The
 * tables are described in ipdlam-history(5), for people who read them with sqlite3 or pandas.
 *
 * Functions return 0, or -1 and *e. Text that callbacks get is valid during the call.
 */
#ifndef IPD_HISTORY_HISTORY_H
#define IPD_HISTORY_HISTORY_H

#include "data/dataset.h"
#include "settings/settings.h"

typedef struct ipd_history ipd_history;

/* Path of the database by default: $XDG_DATA_HOME/ipdlam/runs.db. */
int ipd_history_path(char *path, size_t size, ipd_error *e);

/* Opens the database at path. With `create` it is made, with its folder, where it is not there;
 * without, a missing file is IPD_ESTATE. An older schema is brought up to date. A newer one, and a
 * database of another program, are refused and never touched. Where nothing can be written, reading
 * goes on. */
int ipd_history_open(ipd_history **out, const char *path, int create, ipd_error *e);
/* The same, waiting for another program's lock for so many milliseconds at most, now and later. */
int ipd_history_open_within(ipd_history **out, const char *path, int create, int patience,
                            ipd_error *e);
void ipd_history_set_patience(ipd_history *h, int patience);
enum { IPD_HISTORY_PATIENCE = 2000 }; /* milliseconds; ipd_history_open's */
/* Whether what is written still goes to the file of this name: it does not where the file, or its write-ahead log alone,
 * was deleted, moved or replaced since it was opened. */
typedef enum ipd_history_place {
    IPD_HISTORY_IN_PLACE,
    IPD_HISTORY_FILE_MOVED,
    IPD_HISTORY_LOG_MOVED
} ipd_history_place;
ipd_history_place ipd_history_moved(const ipd_history *h);
void ipd_history_close(ipd_history *h); /* takes NULL */
const char *ipd_history_file(const ipd_history *h);

/* Writing. What a full disk or another program's lock holds up waits in memory and is written with
 * what comes next: record, change and rewind then return 0. */

/* A run to be added. `identity` (ipd_run_identity) and `name` may be NULL; wanted: the number it is to have
 * if that is free, or 0; goal: iterations asked for, 0: unknown. */
typedef struct ipd_history_new {
    const char *name, *identity;
    long wanted, goal;
    const ipd_settings *settings;
    const ipd_dataset *data;
    int L;
    const size_t *widths;
} ipd_history_new;
/* Adds a run and returns its number (> 0) in *id. */
int ipd_history_begin(ipd_history *h, long *id, const ipd_history_new *run, ipd_error *e);
/* The run of this identity lives in this process from now on: *id, and how many records and changes the
 * history has of it. *id = 0 if it has none. */
int ipd_history_reopen(ipd_history *h, const char *identity, long *id, long *records, long *changes,
                       ipd_error *e);
/* Says where a run comes from: it goes on after `iteration` of run `parent`, as a branch or resumed.
 * The number counts where this history holds a run of it and this name. */
int ipd_history_set_parent(ipd_history *h, long id, long parent, const char *name, int iteration,
                           ipd_error *e);
/* Adds a record, and brings the figures in `runs` up to date; a change with its place. Each is there
 * for good when the call returns: the end of the process does not lose it. */
int ipd_history_record(ipd_history *h, long id, const ipd_record *record, ipd_error *e);
int ipd_history_change(ipd_history *h, long id, const ipd_place *place, const char *text,
                       ipd_error *e);
/* The run goes on after `iteration`, with the first `changes` of its changes: what came later is
 * kept as taken back. */
int ipd_history_rewind(ipd_history *h, long id, int iteration, size_t changes, ipd_error *e);
/* How the run stands, while it lives: "running", "paused ...", "diverged at ...", "failed: ...". */
int ipd_history_stands(ipd_history *h, long id, const char *status, ipd_error *e);
/* How it ended: "finished", "left at iteration 12" (it rests, and can go on), "interrupted", "diverged at ...", "failed: ..."; says so where something still waits in
 * memory then. */
int ipd_history_status(ipd_history *h, long id, const char *status, ipd_error *e);
/* Tries to write what waits in memory, without patience. */
int ipd_history_retry(ipd_history *h, ipd_error *e);
/* What waits in memory: records, changes and rewinds. *why (or NULL) is the sentence of what holds
 * them up. */
size_t ipd_history_waiting(const ipd_history *h, const char **why);

/* A checkpoint of a run as of the end of `iteration`, `size` bytes; the same path again replaces what
 * was known of it. Forgetting says nothing where it was not known. */
int ipd_history_add_checkpoint(ipd_history *h, long id, const char *path, int iteration,
                               long long size, ipd_error *e);
int ipd_history_forget_checkpoint(ipd_history *h, const char *path, ipd_error *e);

/* Tags: words without blanks and commas; adding one twice and removing none are no errors. */
int ipd_history_tag(ipd_history *h, long id, const char *tag, int remove, ipd_error *e);
/* Sets the note, free text; "" removes it. */
int ipd_history_note(ipd_history *h, long id, const char *note, ipd_error *e);
int ipd_history_rename(ipd_history *h, long id, const char *name, ipd_error *e);
/* Removes a run with all that is known of it; files stay. */
int ipd_history_remove(ipd_history *h, long id, ipd_error *e);
/* Gives the room of what was removed back to the file system; not where others use the file. */
void ipd_history_compact(ipd_history *h);

/* Reading. */

/* Between these two, what others write is not seen, and the file is locked once: for many small reads. */
int ipd_history_hold(ipd_history *h, ipd_error *e);
void ipd_history_release(ipd_history *h);

enum { IPD_HISTORY_SETTINGS = 6144 };

/* What is known of a run, for lists. Text that does not fit is cut. Figures are of the last record;
 * what does not exist is NaN, 0 or "". */
typedef struct ipd_history_run {
    long id;
    char name[64], started[32], updated[32]; /* times are UTC: "2024-05-01 13:45:10" */
    char status[200];                        /* "lost" where its process is gone but it never said
                                                how it ended */
    int alive;                               /* 1: the process that last worked on it is there */
    long parent;                             /* a branch or resumed: the run it comes from, */
    char parent_name[64];
    int parent_iteration; /* whose iterations up to this it shares */
    char dataset[64], source[512], checksum[65];
    long train, test; /* samples */
    long validation;  /* > 0: the test samples are so many of training held out */
    int L;
    size_t widths[IPD_MAX_LAYERS + 1];
    char network[400];                          /* "784-300-10" */
    char version[32], openblas[32], kernel[32]; /* of ipdlam; of OpenBLAS, and its kernel */
    char host[128], processor[96];
    int processors, threads;
    double memory; /* bytes */
    long seed;
    char settings[IPD_HISTORY_SETTINGS]; /* at the start: a JSON object; names as in
                                            ipd_settings_table */
    char tags[512], note[1024];          /* tags: in order, separated by commas */
    int iteration;                       /* the last */
    long records;                        /* how many */
    double seconds;                      /* their sum */
    double phi, forward_loss, train_accuracy, test_accuracy;
    double best_test_accuracy;
    int best_iteration;
    char identity[17]; /* "": made by 0.1.0 */
    long goal;         /* iterations asked for, 0: unknown */
} ipd_history_run;

/* One value of a run by its public name: lists, CSV, Lua and conditions take all of theirs from this table. */
typedef struct ipd_history_field {
    const char *name, *sql; /* the value over runs r */
    enum { IPD_RUN_INT, IPD_RUN_LONG, IPD_RUN_DOUBLE, IPD_RUN_TEXT, IPD_RUN_TAGS } type;
    enum {
        IPD_RUN_READ = 1,      /* `sql` is read into ipd_history_run */
        IPD_RUN_SHOWN = 2,     /* in JSON and Lua */
        IPD_RUN_CSV = 4,       /* a column of CSV */
        IPD_RUN_CONDITION = 8, /* a name in conditions; IPD_RUN_TAGS only there */
        IPD_RUN_ALL = 15
    } uses;
    size_t offset, size;
    const char *const *choices; /* all values there are, or NULL */
} ipd_history_field;
extern const ipd_history_field ipd_history_fields[]; /* ends with a NULL name */
/* A number, NaN if there is none; a text. */
double ipd_history_field_number(const ipd_history_field *f, const ipd_history_run *run);
const char *ipd_history_field_text(const ipd_history_field *f, const ipd_history_run *run);

/* The settings at the start of a run. */
int ipd_history_settings(const ipd_history_run *run, ipd_settings *settings, ipd_error *e);

/* "digits" of "status": running, paused, finished, diverged, failed, interrupted, lost. Writes the
 * first word of the status. */
void ipd_history_state(const ipd_history_run *run, char *to, size_t size);
extern const char *const ipd_history_states[]; /* all of them, ends with NULL */

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
/* The run that was worked on last. */
int ipd_history_last_worked(ipd_history *h, ipd_history_run *out, ipd_error *e);
/* A run by what people write: its number, "last", its name, or the beginning of its name where that
 * is of one run only. What is not found or not clear is IPD_ESTATE, with what would be. */
int ipd_history_look_up(ipd_history *h, const char *text, ipd_history_run *out, ipd_error *e);
/* A run's records by iteration, and its changes as they came; without what a rewind took back. */
int ipd_history_records(ipd_history *h, long id, ipd_history_record_fn *each, void *context,
                        ipd_error *e);
int ipd_history_changes(ipd_history *h, long id, ipd_history_change_fn *each, void *context,
                        ipd_error *e);

/* One value of the records over the iterations: quicker than records. */
typedef struct ipd_history_curve {
    size_t count;
    double *x, *y; /* iterations; values, NaN where they do not exist */
} ipd_history_curve;
/* Value `index` (see ipd_field_value) of field f; with `max` > 0 at most so many, spread evenly over
 * the iterations. The caller frees. */
int ipd_history_read_curve(ipd_history *h, long id, const ipd_field *f, int index, size_t max,
                           ipd_history_curve *out, ipd_error *e);
void ipd_history_curve_free(ipd_history_curve *curve); /* takes an empty one */

/* What rewinds took back: from which iteration to which, and when. */
typedef struct ipd_history_rewound {
    int iteration, from_iteration;
    long records;
    const char *made; /* UTC */
} ipd_history_rewound;
typedef int ipd_history_rewound_fn(void *context, const ipd_history_rewound *rewind);
int ipd_history_rewinds(ipd_history *h, long id, ipd_history_rewound_fn *each, void *context,
                        ipd_error *e);

/* A run's checkpoints (id 0: all runs'), oldest first. Whether the file is still there is for the
 * caller to see. */
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
