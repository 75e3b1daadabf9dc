/* run.h - a run: a method that trains on a thread of its own, controlled by commands and observed
 * through records.
 *
 * The worker thread owns the variables. Commands are checked when they are sent, wait in a queue,
 * take effect at the next block boundary, and are answered with the place where they took effect.
 * All functions below are for the main thread unless noted. ipd_run_poll receives the worker's
 * messages; the values that the other functions return change only then.
 */
#ifndef IPD_RUN_RUN_H
#define IPD_RUN_RUN_H

#include "data/dataset.h"
#include "settings/settings.h"
#include "solver/records.h"

typedef struct ipd_run ipd_run;

enum {
    IPD_RUN_NAME = 64,
    IPD_IDENTITY = 17
}; /* bytes of a name and of an identity, with the NUL */

typedef enum ipd_run_status {
    IPD_PAUSED,   /* ready for commands, also before the start */
    IPD_RUNNING,  /* training */
    IPD_DIVERGED, /* a value is not finite, see ipd_run_status_text; it can only be rewound */
    IPD_FAILED    /* an error: see ipd_run_status_text */
} ipd_run_status;

/* The parent of a branch or of a resumed run. */
typedef struct ipd_parent {
    char name[64];
    long id;       /* in the history, 0 without */
    int iteration; /* the last common iteration; -1: no parent */
} ipd_parent;

/* How a run is saved, see "Checkpoints" below. All zero is the default. */
typedef struct ipd_keeping {
    /* With an archive: 1 continues the same run, with the archive's identity and name, in its row
     * of the history; 0 makes a new run whose parent is the archive's run. */
    int reopen;
    /* With an archive: the checkpoint file that it was read from, or NULL. It remains the run's
     * newest checkpoint until the run first saves itself; a new run links it into its own
     * folder. */
    const char *from;
    const char *folder; /* for its checkpoints; NULL: the run's folder in its history */
    /* Keep the last two checkpoints made at these intervals. Both 0: save by the rules below. */
    long every_iterations;
    double every_seconds;
    long goal; /* iterations requested, stored in checkpoints and history; 0: unknown */
} ipd_keeping;

typedef struct ipd_run_options {
    const ipd_network *initial; /* initial weights (copied), or NULL: random by seed */
    const char *initial_file;   /* the file that `initial` was read from, or NULL */
    const size_t *hidden;       /* widths of hidden layers, if initial is NULL */
    int hidden_count;
    const char *history; /* database file, or NULL for none */
    const char *name;    /* shown to people; NULL: made from data, widths and method, see name.c */
    /* The result of ipd_run_archive, possibly read from a file. The run continues from there to the
     * same bits, with its records and its log. Only history, name (NULL: the archive's) and
     * `answers` are used of the members above; everything else and the settings come from the
     * archive. Borrowed until ipd_run_open returns. */
    ipd_archive *archive;
    /* The parent, shown in the history; NULL: the archive's, if any. */
    const ipd_parent *parent;
    double snapshots; /* budget, see ipd_run_set_snapshot_budget; 0: none */
    int answers;      /* 1: the caller answers requests; 0: settings that send them are refused */
    ipd_keeping keep;
} ipd_run_options;

/* Checks, without allocating large memory, whether ipd_run_open would succeed; ignores the archive.
 * 0, or -1 and *e. Any thread. */
int ipd_run_check(ipd_dataset *data, const ipd_settings *settings, const ipd_run_options *options,
                  ipd_error *e);
/* Makes a run, paused before its first block. If memory is short and there is no archive, the error
 * says what would fit. The run holds a reference to data until it is freed. settings is copied and
 * completed; NULL with an archive. */
int ipd_run_open(ipd_run **out, ipd_dataset *data, const ipd_settings *settings,
                 const ipd_run_options *options, ipd_error *e);
/* Ends the run like ipd_run_end and frees it. Accepts NULL. */
void ipd_run_free(ipd_run *run);

/* Sets the final status in the history: "finished", "interrupted". Without this call, or with "",
 * it is the text of ipd_run_left_text. */
void ipd_run_set_ending(ipd_run *run, const char *ending);
/* Writes "left at iteration 12" or, with within = 1, "left in iteration 13". Any thread. */
void ipd_run_left_text(char *to, size_t size, size_t iterations, int within);
/* Subtracts the time that the process was stopped (C-z) from the timings of running blocks. */
void ipd_run_skip_clock(double seconds);

/* Commands. Each returns a ticket > 0 at once, or 0 and *e if the command is not possible. */
typedef unsigned long ipd_ticket;
ipd_ticket ipd_run_start(ipd_run *run, ipd_error *e); /* train until paused */
ipd_ticket ipd_run_pause(ipd_run *run, ipd_error *e); /* answered when it is paused */
/* Train for this many iterations (to the end of the last one) or blocks. Answered when they are
 * done; `cut` is 1 if something else ended them. */
ipd_ticket ipd_run_step(ipd_run *run, long iterations, ipd_error *e);
ipd_ticket ipd_run_step_blocks(ipd_run *run, long blocks, ipd_error *e);
/* Change settings at the next block boundary; some take effect in the next iteration, see
 * ipd_setting_when. */
ipd_ticket ipd_run_set(ipd_run *run, const ipd_change *change, ipd_error *e);
/* Continue with another method from the next iteration on. It starts from the current W and b as
 * from initial weights, without previous iterates; lr, eps and rho have their values at a start.
 * `change` (or NULL) sets more. Answered when it is done or, if the run is paused within an
 * iteration, at once with the place where it will happen. A later switch replaces a pending one. */
ipd_ticket ipd_run_switch(ipd_run *run, const char *method, const ipd_change *change, ipd_error *e);
/* Rename the run, here and in the history; 1 to 63 bytes. */
ipd_ticket ipd_run_rename(ipd_run *run, const char *name, ipd_error *e);
/* Copy W and b at the next block boundary into *net. The caller passes it empty ({0}), keeps it in
 * place until the answer, and frees it. */
ipd_ticket ipd_run_copy_network(ipd_run *run, ipd_network *net, ipd_error *e);
/* The same for the running mean of W and b; fails if average_weights is 0. */
ipd_ticket ipd_run_copy_average(ipd_run *run, ipd_network *net, ipd_error *e);

/* Copy a variable at the next block boundary into *to, which the caller passes empty, keeps in
 * place until the answer, and frees. The reply fails if the method has no such variable or it has
 * no value yet. */
ipd_ticket ipd_run_copy(ipd_run *run, ipd_variable x, ipd_matrix *to, ipd_error *e);
/* Write a matrix, which is copied, to W, b, z or a of a layer at the next block boundary, see
 * ipd_method.write. It enters the log with its elements, so a replay repeats it; undo does not take
 * it back. Answered like ipd_run_set. */
ipd_ticket ipd_run_write(ipd_run *run, ipd_variable x, const ipd_matrix *value, ipd_error *e);
/* Add a metric of the user to the record of `iteration`, which must be the last one: for a callback
 * on the iteration, before training goes on. It changes no variable, so a replay does without
 * it. */
ipd_ticket ipd_run_put_metric(ipd_run *run, long iteration, const char *name, double value,
                              ipd_error *e);

/* Write the whole run at the next block boundary into an archive: settings, checksum of the data,
 * initial weights, records, log and state. The caller passes the archive empty, keeps it in place
 * until the answer, and frees it. Fails for a run that diverged or failed. */
ipd_ticket ipd_run_archive(ipd_run *run, ipd_archive *archive, ipd_error *e);

/* Steps of other sizes, answered like the others. A step of a kind ends when no block of this kind
 * (IPD_NO_BLOCK: the kind of the next block) is left in the sweep; a step of a batch with the
 * mini-batch. */
ipd_ticket ipd_run_step_kind(ipd_run *run, ipd_block_kind kind, long count, ipd_error *e);
ipd_ticket ipd_run_step_batches(ipd_run *run, long count, ipd_error *e);
/* Undo the last change by ipd_run_set: set the values in force before it. Called again, it undoes
 * the change before that. Changes removed by a rewind are forgotten. */
ipd_ticket ipd_run_undo(ipd_run *run, ipd_error *e);

/* Time travel. A run keeps snapshots of iterations' ends within a budget, and a log of all changes.
 * Any iteration's end can therefore be restored to the same bits: from the nearest snapshot, by a
 * replay. Each replayed record is compared with the original.
 *
 * A rewind loses nothing, because a run is a tree of paths. The path that the run leaves is stored,
 * with its records and changes, in memory and in checkpoints, and can be entered again. After each
 * of these commands the run is paused; if one fails (a pause stopped the replay, memory ran out),
 * the run is where it was.
 *
 * Go back to the end of this iteration (0: the start), before the changes made there. A diverged
 * run can continue from there. */
ipd_ticket ipd_run_rewind(ipd_run *run, long iteration, ipd_error *e);
/* Go back some blocks or, with batches = 1, mini-batches. */
ipd_ticket ipd_run_back(ipd_run *run, int batches, long count, ipd_error *e);
/* Go forward some iterations on the stored path that continues the present one; -1: to its end,
 * with the changes there. If several paths do, on the one that was left last. Fails if there is
 * none. */
ipd_ticket ipd_run_forward(ipd_run *run, long iterations, ipd_error *e);
/* Return to the place before the last rewind, ipd_run_back or ipd_run_go; repeated, to the one
 * before that. Fails if the run has worked or was changed since. */
ipd_ticket ipd_run_redo(ipd_run *run, ipd_error *e);
/* Go to the end of a path or (iteration >= 0) to the end of its iteration, before the changes made
 * there. */
ipd_ticket ipd_run_go(ipd_run *run, unsigned long future, long iteration, ipd_error *e);

/* A path of the run. */
typedef struct ipd_future_info {
    unsigned long number;
    unsigned long parent;                /* the path that it left; 0: none */
    long shared;                         /* iterations in common with the parent */
    long iterations;                     /* in all */
    int within;                          /* 1: it ends within an iteration */
    int here;                            /* 1: the run is on it */
    int open;                            /* 1: the run is at its end */
    int ahead;                           /* 1: ipd_run_forward follows it */
    double phi, train, test, validation; /* Phi and accuracies of its last iteration; NaN: none */
    size_t entries;                      /* log entries in common with the parent */
    size_t log;                          /* log entries in all */
    char set[160]; /* its changes since it left the parent: "delta = 0.3, order = increase" */
} ipd_future_info;
/* The paths by number, as of the last poll. *count is 0 before the run has worked. */
const ipd_future_info *ipd_run_futures(const ipd_run *run, size_t *count);
/* Copy the records of a path at the next block boundary into *to. The caller passes it empty ({0}),
 * keeps it in place until the answer, and frees it. */
ipd_ticket ipd_run_copy_path(ipd_run *run, unsigned long future, ipd_records *to, ipd_error *e);
/* Fills in iterations and figures from a path's records. Any thread. */
void ipd_future_figures(ipd_future_info *info, const ipd_records *records);

/* Write the run as of the end of this iteration into an archive, like ipd_run_archive; opening it
 * makes a branch. The branch does the replay from the nearest snapshot, while this run
 * continues. */
ipd_ticket ipd_run_branch(ipd_run *run, long iteration, ipd_archive *archive, ipd_error *e);
/* Replay everything from the initial weights and compare every record, every snapshot and the
 * state, bit for bit. The reply fails with the first difference. */
ipd_ticket ipd_run_verify(ipd_run *run, ipd_error *e);
/* The number of rewinds so far. If it has changed, data derived from records is stale. */
unsigned long ipd_run_rewinds(const ipd_run *run);

typedef struct ipd_snapshot_info {
    int iteration;
    double bytes;
} ipd_snapshot_info;
/* The snapshots, in order of iterations. The budget is in bytes: -1 is a quarter of the available
 * memory, 0 keeps none. */
const ipd_snapshot_info *ipd_run_snapshots(const ipd_run *run, size_t *count);
double ipd_run_snapshot_budget(const ipd_run *run);
ipd_ticket ipd_run_set_snapshot_budget(ipd_run *run, double bytes, ipd_error *e);

/* Checkpoints. A run with a history saves itself, independently of the main thread: soon after it
 * started training, then about once a minute at an iteration's end, when it is paused with unsaved
 * work, and in ipd_run_end. A run without a history saves itself only at the intervals of
 * ipd_keeping. Each automatic checkpoint replaces the one before. A run that diverged or failed is
 * saved as of the end of its last good iteration.
 *
 * Save unsaved work now. The reply comes when the file is synced and in place; at once if nothing
 * is unsaved. */
ipd_ticket ipd_run_save(ipd_run *run, ipd_error *e);
/* Write a checkpoint that automatic ones do not replace: to `path` or, if NULL, into the run's
 * folder, which keeps the last two of them. The reply comes as above. */
ipd_ticket ipd_run_write_checkpoint(ipd_run *run, const char *path, ipd_error *e);
/* 1 if the newest checkpoint lacks work or changes, as of the last poll. */
int ipd_run_unsaved(const ipd_run *run);
/* Path of the newest checkpoint in the run's folder, or "". */
const char *ipd_run_checkpoint(const ipd_run *run);
/* Approximate size of the next checkpoint in bytes; 0 before the run has trained. */
double ipd_run_checkpoint_bytes(const ipd_run *run);
/* Returns 1 if that fits in checkpoint_space after removing checkpoints of finished runs; *limit is
 * in bytes. A larger checkpoint is written all the same, so ask the user first. */
int ipd_run_checkpoint_fits(const ipd_run *run, double *limit);
/* What ipd_run_end does with unsaved work: IPD_END_SAVE saves it (the default), IPD_END_LEAVE keeps
 * older checkpoints as they are, IPD_END_DROP removes the run's automatic checkpoints. */
typedef enum ipd_end { IPD_END_SAVE, IPD_END_LEAVE, IPD_END_DROP } ipd_end;
void ipd_run_at_end(ipd_run *run, ipd_end end);
/* Stops the worker at the next block boundary, saves unsaved work, sets the final status in the
 * history and polls once more. Afterwards the run can only be read and freed. -1 and *e if work or
 * records are lost. */
int ipd_run_end(ipd_run *run, ipd_error *e);

/* Requests. Before a unit of work that needs an answer from the main thread, the run sends a
 * request. It waits at that boundary, with the status running, and obeys commands. A command that
 * makes the request unnecessary (a pause, another schedule) withdraws it; if it is needed again, it
 * gets a new number. Only the run's end withdraws an event for callbacks. */
typedef enum ipd_request_kind {
    IPD_ASK_VALUE,   /* of a setting in the iteration that begins, by a schedule `function` */
    IPD_ASK_BREAK,   /* stop before this block? 0, or the number of a breakpoint */
    IPD_ASK_CALLBACK /* an event; answered, with any value, after its callbacks have returned */
} ipd_request_kind;

/* Events, in the order in which those of one boundary are sent. The last block of a mini-batch or
 * an iteration causes that event, too. */
typedef enum ipd_event {
    IPD_EVENT_BLOCK,
    IPD_EVENT_BATCH,
    IPD_EVENT_ITERATION,
    IPD_EVENT_CHANGE, /* the log has a new entry; also while paused */
    IPD_EVENTS
} ipd_event;

typedef struct ipd_request {
    unsigned long number; /* 1, 2, ...; 0: there is no request */
    ipd_request_kind kind;
    ipd_place place;            /* the unit of work that waits for the answer */
    const ipd_setting *setting; /* only for IPD_ASK_VALUE */
    int stepping;    /* 1: a step waits for the answer; if it is declined, the step's reply fails */
    ipd_event event; /* only for IPD_ASK_CALLBACK */
    size_t index;    /* of the event's record or log entry, which a rewind may have removed */
} ipd_request;

/* Set the number of breakpoints. If it is not 0, a request precedes every block except the first
 * one after a start. An answer of 1 or more pauses the run there. */
ipd_ticket ipd_run_set_breaks(ipd_run *run, int count, ipd_error *e);
/* Set the events that have callbacks (1u << IPD_EVENT_BLOCK and so on); from now on they are sent
 * as requests. Until all events of a boundary are answered, the run does not continue, and it holds
 * back the replies of steps, of pauses, and of changes sent while no callback was open. If an event
 * is declined, these replies fail with IPD_ECALLBACK. */
ipd_ticket ipd_run_set_calls(ipd_run *run, unsigned events, ipd_error *e);
/* A pause that is answered at once even while callbacks are open: for use in callbacks. */
ipd_ticket ipd_run_pause_within(ipd_run *run, ipd_error *e);
/* The current request, as of the last poll. */
const ipd_request *ipd_run_request(const ipd_run *run);
/* Answer a request. IPD_ASK_VALUE: with the value of the setting; rho is limited to rho_max. A
 * value that differs from the one in force enters the log as a change, so that a replay needs no
 * requests. 0 and *e if the value is out of range; the reply fails if the request is no longer
 * open. */
ipd_ticket ipd_run_answer(ipd_run *run, unsigned long number, double value, ipd_error *e);
/* Decline a request, with the reason in one sentence. The run pauses with that reason and can be
 * continued. */
ipd_ticket ipd_run_decline(ipd_run *run, unsigned long number, const char *why, ipd_error *e);

typedef struct ipd_reply {
    ipd_ticket ticket;
    int failed;      /* 1: see error; nothing was changed */
    int cut;         /* 1: a step ended early */
    ipd_place place; /* the next unit of work after the command took effect */
    ipd_place at;    /* as place; for a change, the next unit before it, as in the log */
    ipd_error error;
} ipd_reply;

/* Writes where a change took effect: "iteration 8, before a1; the sweep continues with z1". */
void ipd_reply_text(const ipd_reply *reply, char *to, size_t size);

/* A descriptor that is readable while there is something to poll. */
int ipd_run_fd(const ipd_run *run);
/* Spins for some microseconds until the next message: for use after an answer to a run that may
 * send its next request at once. Returns 1 if there is something to poll. */
int ipd_run_look_out(ipd_run *run);
/* Receives the worker's messages and calls the listener. Waits at most timeout_ms (0: not at all;
 * -1: until a message or a signal comes). Returns the number of messages. */
int ipd_run_poll(ipd_run *run, int timeout_ms);
/* Returns 1 and fills in *reply once the ticket is answered, 0 before. The reply is kept until
 * ipd_run_forget. */
int ipd_run_replied(const ipd_run *run, ipd_ticket ticket, ipd_reply *reply);
/* Returns 1 once the ticket is answered, even if its reply was discarded. */
int ipd_run_answered(ipd_run *run, ipd_ticket ticket);
/* Discards the reply to this ticket, now or when it comes. Call it once for each ticket; replies
 * that are not discarded occupy memory until the run is freed. Accepts 0. */
void ipd_run_forget(ipd_run *run, ipd_ticket ticket);
/* Polls until the ticket is answered, copies the reply to *reply and discards it. -1 and *e if the
 * reply failed, or with IPD_EINTERRUPT if a signal ended the wait; the command is still carried out
 * then. */
int ipd_run_wait(ipd_run *run, ipd_ticket ticket, ipd_reply *reply, ipd_error *e);

typedef enum ipd_message {
    IPD_NEW_RECORD,
    IPD_NEW_STATUS,
    IPD_NEW_CHANGE,
    IPD_NEW_REQUEST,
    IPD_NEW_NOTICE,
    IPD_REWOUND /* records and log were cut to their current lengths */
} ipd_message;
/* Called from ipd_run_poll, on the main thread, once per message. `index` is the index of the
 * record, log entry or notice, or the number of the request. A listener may send commands and wait
 * for them; messages that arrive meanwhile follow after it has returned. It must not free the
 * run. */
typedef void ipd_listener(void *context, ipd_run *run, ipd_message message, unsigned long index);
void ipd_run_listen(ipd_run *run, ipd_listener *listener, void *context);

/* The state as of the last poll. */
ipd_run_status ipd_run_get_status(const ipd_run *run);
/* "paused", "paused: ..." after a declined request, "running", "running, waits for rho of
 * iteration 7", "diverged at iteration 7, batch 3, block W2", "failed: ..." */
const char *ipd_run_status_text(const ipd_run *run);
/* 1 while a new branch replays up to the place where it begins; it pauses there. */
int ipd_run_is_catching_up(const ipd_run *run);
const char *ipd_run_name(const ipd_run *run);
long ipd_run_id(const ipd_run *run); /* number in the history, 0 without */
/* Notices: sentences for the user, about data that could not be saved or was removed for space, and
 * about long replays. Training continues. */
size_t ipd_run_notice_count(const ipd_run *run);
const char *ipd_run_notice(const ipd_run *run, size_t index); /* until the next poll */
/* Sixteen random hexadecimal digits of a new run; reopening keeps them. */
const char *ipd_run_identity(const ipd_run *run);
size_t ipd_run_record_count(const ipd_run *run);
ipd_record ipd_run_record(const ipd_run *run, size_t index); /* 0 ... count-1 */
const ipd_records *ipd_run_records(const ipd_run *run); /* all, until the next poll; share them */
/* For the screen, while an iteration of mini-batches runs: one record per batch, as if the
 * iteration ended there, see ipd_method.so_far. At most IPD_BATCH_RECORDS, evenly thinned; none
 * once the iteration's record exists or the run has moved. Valid until the next poll; share
 * them. */
enum { IPD_BATCH_RECORDS = 512 };
const ipd_records *ipd_run_batch_records(const ipd_run *run);
ipd_place ipd_run_place(const ipd_run *run); /* the next unit of work */
/* Iterations until the present step ends, the present one included; 0 if the run does not step by
 * iterations. */
long ipd_run_left(const ipd_run *run);
const ipd_settings *ipd_run_settings(const ipd_run *run); /* in force, rho included */
/* The definitions of the user's functions in its network, one per line. */
const char *ipd_run_definitions(const ipd_run *run);
const ipd_settings *ipd_run_first_settings(const ipd_run *run); /* before the first change */
/* The initial weights; and the file that they come from, "" if it is unknown, NULL if they are
 * random by seed. */
const ipd_network *ipd_run_first_network(const ipd_run *run);
const char *ipd_run_initial(const ipd_run *run);
const ipd_parent *ipd_run_parent(const ipd_run *run); /* or NULL */
ipd_dataset *ipd_run_dataset(const ipd_run *run);
int ipd_run_depth(const ipd_run *run);            /* L */
const size_t *ipd_run_widths(const ipd_run *run); /* d[0] ... d[L] */
const ipd_order *ipd_run_order(const ipd_run *run);

/* The latest block updates, newest last; at most `max`. For the screen. */
typedef struct ipd_block_report {
    ipd_place at;
    double phi, change, seconds;
} ipd_block_report;
size_t ipd_run_recent_blocks(const ipd_run *run, ipd_block_report *to, size_t max);

/* The log: every change with its place, and the first findings of the audit in each iteration, with
 * the place of the block and a text that begins with IPD_LOG_AUDIT. */
#define IPD_LOG_AUDIT "audit: "
/* Only in the history, at the start: the file of initial weights that are not random, or
 * "memory". */
#define IPD_LOG_WEIGHTS "weights from "
enum { IPD_LOG_TEXT = 600 };
typedef struct ipd_log_entry {
    ipd_place place;         /* of the next unit of work: a replay applies the entry before that */
    char text[IPD_LOG_TEXT]; /* "set delta = 0.3", "switch adam: lr = 0.01" */
} ipd_log_entry;
size_t ipd_run_log_count(const ipd_run *run);
/* Adds an entry's text to a list of changes, "delta = 0.3, order = increase", unless the entry
 * changes nothing. A list that does not fit ends in "...". Any thread. */
void ipd_log_add_text(const char *entry, char *to, size_t size);
const ipd_log_entry *ipd_run_log(const ipd_run *run, size_t index);

#endif
