/* run.h - a run: a method at work on a thread of its own, told by commands, heard through records.
 *
 * The worker owns the variables. Commands are checked when given, wait in a queue, take effect at
 * the next block boundary, and are answered with the place where they did. Everything below is for
 * the main thread: ipd_run_poll takes over what the worker has sent, and only then do the
 * values that the other functions return change.
 */
#ifndef IPD_RUN_RUN_H
#define IPD_RUN_RUN_H

#include "data/dataset.h"
#include "settings/settings.h"
#include "solver/records.h"

typedef struct ipd_run ipd_run;

typedef enum ipd_run_status {
    IPD_PAUSED,   /* ready for commands: also before the start */
    IPD_RUNNING,  /* at work */
    IPD_DIVERGED, /* a value is not finite: see ipd_run_status_text; can be stepped no further */
    IPD_FAILED    /* an error: see ipd_run_status_text */
} ipd_run_status;

/* Where a run comes from that others have begun: a branch, or one that was resumed. */
typedef struct ipd_parent {
    char name[64];
    long id;       /* in the history, 0 without */
    int iteration; /* after which it goes its own way; -1: there is no parent */
} ipd_parent;

/* How a run is kept: see "Checkpoints" below. All zero is the default. */
typedef struct ipd_keeping {
    /* With an archive, 1: the same run goes on, with the archive's identity and name, in its row of the
     * history. 0: a new run, whose parent is the archive's. */
    int reopen;
    /* With an archive: the checkpoint file it was read from, or NULL. It stays the run's newest checkpoint
     * until the run's first own save; a new run links it into its own folder. */
    const char *from;
    const char *folder; /* of its checkpoints; NULL: the folder of the run in its history */
    /* Keep the last two checkpoints made at these intervals; both 0: save by the rules below. */
    long every_iterations;
    double every_seconds;
    long goal; /* iterations asked for, stored in checkpoints and history; 0: unknown */
} ipd_keeping;

typedef struct ipd_run_options {
    const ipd_network *initial; /* weights to start from (copied), or NULL: random by seed */
    const char *initial_file;   /* where `initial` was read from, or NULL: not known */
    const size_t *hidden;       /* widths of hidden layers where initial is NULL */
    int hidden_count;
    const char *history; /* database file, or NULL for none */
    const char *name;    /* shown to people; NULL: "run 1", ... */
    /* What ipd_run_archive wrote, or the same read from a file: the run goes on from there to the same
     * bits, with its records and its log. What is given above but history, name (NULL: the archive's) and
     * `answers`, and the settings, are the archive's then. Borrowed until ipd_run_open returns. */
    ipd_archive *archive;
    /* Where the run comes from, or NULL: as the archive says, if there is one. The history shows it. */
    const ipd_parent *parent;
    double snapshots; /* budget, see ipd_run_set_snapshot_budget; 0: none */
    int answers; /* 1: the caller answers requests (below); without, what would ask is refused */
    ipd_keeping keep;
} ipd_run_options;

/* Makes a run, paused before its first block, or fails saying what would fit where memory is short (but of an archive). Holds a
 * reference to data until it is freed.
 * settings is copied and settled; NULL with an archive. */
/* What ipd_run_open would refuse, but for the archive's part, found without making anything large: 0, or -1 and *e.
 * Any thread. */
int ipd_run_check(ipd_dataset *data, const ipd_settings *settings, const ipd_run_options *options,
                  ipd_error *e);
int ipd_run_open(ipd_run **out, ipd_dataset *data, const ipd_settings *settings,
                 const ipd_run_options *options, ipd_error *e);
/* Ends the run as ipd_run_end does, frees. Takes NULL. */
void ipd_run_free(ipd_run *run);

/* What the history says of this run when it is freed: "finished", "interrupted"; without this, or with "", that it was left,
 * as ipd_run_left_text says it: after so many iterations, or (within = 1) in the next one. */
void ipd_run_set_ending(ipd_run *run, const char *ending);
void ipd_run_left_text(char *to, size_t size, size_t iterations, int within);
/* Takes time the process was stopped (C-z) out of the timings of the blocks at work. */
void ipd_run_skip_clock(double seconds);

/* Commands. Each returns a ticket > 0 at once, or 0 and *e where it cannot be. */
typedef unsigned long ipd_ticket;
ipd_ticket ipd_run_start(ipd_run *run, ipd_error *e); /* go on until paused */
ipd_ticket ipd_run_pause(ipd_run *run, ipd_error *e); /* answered once it rests */
/* Go on for so many iterations (to the iteration's end), or blocks; answered when they are done, or
 * when something else ended them (the reply then says `cut`). */
ipd_ticket ipd_run_step(ipd_run *run, long iterations, ipd_error *e);
ipd_ticket ipd_run_step_blocks(ipd_run *run, long blocks, ipd_error *e);
/* Change settings at the next block boundary (some from the next iteration on: see ipd_setting). */
ipd_ticket ipd_run_set(ipd_run *run, const ipd_change *change, ipd_error *e);
/* Go on with another method from the next iteration on: it takes W and b over and starts with them
 * as with the first weights, without history; lr, eps and rho are as at a start. `change` (or NULL)
 * sets more. Answered once it is done; where the run rests within an iteration, at once, with the
 * place where it will be. A later switch takes the place of one that waits. */
ipd_ticket ipd_run_switch(ipd_run *run, const char *method, const ipd_change *change, ipd_error *e);
/* Give the run another name, of 1 to 63 bytes, here and in the history. */
ipd_ticket ipd_run_rename(ipd_run *run, const char *name, ipd_error *e);
/* Copy W and b at the next block boundary into *net, which the caller has made empty ({0}), keeps
 * in place until the answer, and frees. */
ipd_ticket ipd_run_copy_network(ipd_run *run, ipd_network *net, ipd_error *e);
/* The same of the running mean of W and b; fails where average_weights keeps none. */
ipd_ticket ipd_run_copy_average(ipd_run *run, ipd_network *net, ipd_error *e);
/* Copy z_l or a_l (IPD_Z or IPD_A; a_L is V_L of bcd) as above into *m; fails for methods without them. */
ipd_ticket ipd_run_copy_variable(ipd_run *run, ipd_block_kind kind, int layer, ipd_matrix *m,
                                 ipd_error *e);

/* Write the whole run at the next block boundary into an archive that the caller has made empty, keeps in place
 * until the answer, and frees: settings, data's checksum, first weights, records, log, and all that lasts of the state.
 * Fails for a run that goes no further. */
ipd_ticket ipd_run_archive(ipd_run *run, ipd_archive *archive, ipd_error *e);

/* Steps of another size, answered like the others: until no block of this kind (IPD_NO_BLOCK: that of the
 * block that comes next) is left in the sweep; until the mini-batch is done. */
ipd_ticket ipd_run_step_kind(ipd_run *run, ipd_block_kind kind, long count, ipd_error *e);
ipd_ticket ipd_run_step_batches(ipd_run *run, long count, ipd_error *e);
/* Take the last change by ipd_run_set back: sets what was in force before it. Again: the one before that. What was taken back by
 * a rewind is forgotten. */
ipd_ticket ipd_run_undo(ipd_run *run, ipd_error *e);

/* Time travel. A run keeps snapshots at iterations' ends within a budget, and all that it was told, so
 * that any end of an iteration can be made again, to the same bits: from the nearest snapshot, by a replay
 * of what followed. Each replayed record is compared with the run's. A pause stops a replay.
 *
 * Go back to the end of this iteration (0: the start), before what was changed there: later records and
 * log entries are dropped, a diverged run can go on. The run rests then. Where it fails (a pause, memory), the run
 * stays where it was. */
ipd_ticket ipd_run_rewind(ipd_run *run, long iteration, ipd_error *e);
/* Write the run as of then into an archive, as ipd_run_archive does: opened, it is a branch. What is
 * left of the way from the nearest snapshot is the branch's own to go, beside this run. */
ipd_ticket ipd_run_branch(ipd_run *run, long iteration, ipd_archive *archive, ipd_error *e);
/* Replay everything from the first weights and compare each record, each snapshot and the state, bit for
 * bit. The reply fails with the first difference. */
ipd_ticket ipd_run_verify(ipd_run *run, ipd_error *e);
/* How often records were taken back: who keeps what was made of them begins anew. */
unsigned long ipd_run_rewinds(const ipd_run *run);

typedef struct ipd_snapshot_info {
    int iteration;
    double bytes;
} ipd_snapshot_info;
/* The snapshots, by iteration; *count of them. The budget in bytes: -1 is a quarter of the memory at hand, 0 keeps none. */
const ipd_snapshot_info *ipd_run_snapshots(const ipd_run *run, size_t *count);
double ipd_run_snapshot_budget(const ipd_run *run);
ipd_ticket ipd_run_set_snapshot_budget(ipd_run *run, double bytes, ipd_error *e);

/* Checkpoints. A run with a history saves itself, whatever the main thread does: soon after it began to
 * work, then about once a minute at an iteration's end, when it rests with unsaved work, and in
 * ipd_run_end. A run without history saves itself only at the intervals of ipd_keeping. The newest
 * automatic checkpoint replaces the one before. A run that diverged or failed is saved as of the end of
 * its last good iteration.
 *
 * Save what is unsaved, now. The reply comes when the file is synced and in place, at once if nothing is
 * unsaved, or fails. */
ipd_ticket ipd_run_save(ipd_run *run, ipd_error *e);
/* Write a checkpoint of the run as it is, which no automatic one replaces: to `path`, or for NULL into the
 * run's folder, where the last two of these are kept. The reply comes as above. */
ipd_ticket ipd_run_write_checkpoint(ipd_run *run, const char *path, ipd_error *e);
/* 1 where the run has work or changes that its newest checkpoint has not. As of the last poll. */
int ipd_run_unsaved(const ipd_run *run);
/* Path of the newest checkpoint in the run's folder, "" where there is none. */
const char *ipd_run_checkpoint(const ipd_run *run);
/* Bytes that the next checkpoint takes, about; 0 before the run has worked. */
double ipd_run_checkpoint_bytes(const ipd_run *run);
/* Whether that is within checkpoint_space once the checkpoints of finished runs are removed; *limit in bytes.
 * What is not is written all the same: ask people before. */
int ipd_run_checkpoint_fits(const ipd_run *run, double *limit);
/* What ipd_run_end does about unsaved work: IPD_END_SAVE saves it (the default), IPD_END_LEAVE keeps older
 * checkpoints as they are, IPD_END_DROP removes the run's automatic checkpoints. */
typedef enum ipd_end { IPD_END_SAVE, IPD_END_LEAVE, IPD_END_DROP } ipd_end;
void ipd_run_at_end(ipd_run *run, ipd_end end);
/* Stops the worker at the next block boundary, saves unsaved work, ends the history, and takes over
 * what is left to poll. After it the run can only be looked at and freed. -1 and *e where work or records
 * are lost. */
int ipd_run_end(ipd_run *run, ipd_error *e);

/* Requests. What only the main thread can say is asked of it before the unit of work that needs it.
 * The run is at work meanwhile, but rests at that boundary and obeys commands. A command that ends
 * the need (a pause, another schedule) withdraws the request; when it arises again it has a new
 * number. An event for callbacks is never withdrawn, but by the run's end. */
typedef enum ipd_request_kind {
    IPD_ASK_RHO,     /* rho of the iteration that begins: rho_schedule = function */
    IPD_ASK_BREAK,   /* whether to stop before this block: 0, or the number of a breakpoint */
    IPD_ASK_CALLBACK /* an event: it is answered, with any value, once its callbacks have returned */
} ipd_request_kind;

/* Events, in the order in which those of one boundary are asked about. The last block of a mini-batch, and of an
 * iteration, is the end of that, too. */
typedef enum ipd_event {
    IPD_EVENT_BLOCK,
    IPD_EVENT_BATCH,
    IPD_EVENT_ITERATION,
    IPD_EVENT_CHANGE, /* the log has a new entry; also while the run rests */
    IPD_EVENTS
} ipd_event;

typedef struct ipd_request {
    unsigned long number; /* 1, 2, ...; 0: nothing is asked */
    ipd_request_kind kind;
    ipd_place place; /* the unit of work that waits for the answer */
    int stepping;    /* 1: a step waits for it: its reply will say why, should there be no answer */
    ipd_event
        event; /* IPD_ASK_CALLBACK: with what it is about, a record (the last one) or an entry of the log, */
    size_t index; /* which a rewind may have taken back by now */
} ipd_request;

/* How many breakpoints there are: with any, each block is asked about before it, but the one that the run sets
 * out with. Answered 1 or more, the run pauses there. */
ipd_ticket ipd_run_set_breaks(ipd_run *run, int count, ipd_error *e);
/* Which events have callbacks, 1u << IPD_EVENT_BLOCK and so on: these are asked about from now on. While one is open,
 * and others of the same boundary are to come, the run works no further, and these replies wait: of a step, of a pause,
 * of what changes settings while no callback is open. Where an event is declined they fail, with IPD_ECALLBACK. */
ipd_ticket ipd_run_set_calls(ipd_run *run, unsigned events, ipd_error *e);
/* A pause that is answered at once, also while callbacks are open: for these themselves. */
ipd_ticket ipd_run_pause_within(ipd_run *run, ipd_error *e);
/* What is asked, as of the last poll. */
const ipd_request *ipd_run_request(const ipd_run *run);
/* Answers a request. IPD_ASK_RHO: rho, at most rho_max is used; it enters the log as a change where
 * it is another than the one in force, so that the log says all without asking. 0 and *e where the
 * value is not possible; the reply fails where the request is no longer open. */
ipd_ticket ipd_run_answer(ipd_run *run, unsigned long number, double value, ipd_error *e);
/* Says that there is no answer, and why in one sentence: the run pauses with it and can go on, with
 * the same request or without. */
ipd_ticket ipd_run_decline(ipd_run *run, unsigned long number, const char *why, ipd_error *e);

typedef struct ipd_reply {
    ipd_ticket ticket;
    int failed;      /* 1: error says why, nothing was changed */
    int cut;         /* 1: a step ended early */
    ipd_place place; /* the unit of work that comes next after it took effect */
    ipd_place
        at; /* of a change: the unit before which it took effect, as its entry of the log says; another order
                        may bring another one to this place. Else as place */
    ipd_error error;
} ipd_reply;

/* "iteration 8, before a1; the sweep goes on with z1": where a change took effect. */
void ipd_reply_text(const ipd_reply *reply, char *to, size_t size);

/* A descriptor that is readable while there is something to poll. */
int ipd_run_fd(const ipd_run *run);
/* Looks out for the next message for some microseconds, after an answer to a run that may ask again at once. 1 where there
 * is something to poll. */
int ipd_run_look_out(ipd_run *run);
/* Takes over what the worker has sent, waiting at most timeout_ms for something (0: not at all; -1:
 * as long as it takes or a signal comes). Calls the listener. Returns how many messages came. */
int ipd_run_poll(ipd_run *run, int timeout_ms);
/* 1 and *reply once the ticket is answered, 0 before. The reply is kept until it is forgotten. */
int ipd_run_replied(const ipd_run *run, ipd_ticket ticket, ipd_reply *reply);
/* 1 once the ticket is answered, whether its reply is kept or not. */
int ipd_run_answered(ipd_run *run, ipd_ticket ticket);
/* Nobody reads the reply to this ticket any more, which may be still to come. Every ticket is forgotten once; a
 * reply that nobody forgets takes memory until the run is freed. Takes 0. */
void ipd_run_forget(ipd_run *run, ipd_ticket ticket);
/* Polls until the ticket is answered, and forgets it. A signal ends the wait: -1 with IPD_EINTERRUPT (the command
 * still stands). -1 and *e also where the reply failed. */
int ipd_run_wait(ipd_run *run, ipd_ticket ticket, ipd_reply *reply, ipd_error *e);

typedef enum ipd_message {
    IPD_NEW_RECORD,
    IPD_NEW_STATUS,
    IPD_NEW_CHANGE,
    IPD_NEW_REQUEST,
    IPD_NEW_NOTICE,
    IPD_REWOUND /* records and log were cut: as many as there are now are the old ones */
} ipd_message;
/* Called from ipd_run_poll, on the main thread, once a message; `index` is that of the record or of
 * the log entry or of the notice, the ticket, or the number of the request. It may give commands and wait for them:
 * what comes meanwhile is told after it has returned. It must not free the run. */
typedef void ipd_listener(void *context, ipd_run *run, ipd_message message, unsigned long index);
void ipd_run_listen(ipd_run *run, ipd_listener *listener, void *context);

/* What is known as of the last poll. */
ipd_run_status ipd_run_get_status(const ipd_run *run);
/* "paused", "paused: ..." where a request was declined, "running", "running, waits for rho of
 * iteration 7", "diverged at iteration 7, batch 3, block W2", "failed: ..." */
const char *ipd_run_status_text(const ipd_run *run);
/* 1 while a new branch is on its way to where it begins; it rests there. */
int ipd_run_is_catching_up(const ipd_run *run);
const char *ipd_run_name(const ipd_run *run);
long ipd_run_id(const ipd_run *run); /* number in the history, 0 without */
/* Sentences for the user about what could not be kept, or was removed to make room; training goes on. */
size_t ipd_run_notice_count(const ipd_run *run);
const char *ipd_run_notice(const ipd_run *run, size_t index); /* until the next poll */
/* Sixteen hexadecimal digits, made at random when a run is opened anew; reopening keeps them. */
const char *ipd_run_identity(const ipd_run *run);
size_t ipd_run_record_count(const ipd_run *run);
ipd_record ipd_run_record(const ipd_run *run, size_t index); /* 0 ... count-1 */
const ipd_records *ipd_run_records(const ipd_run *run);   /* all, until the next poll; share them */
ipd_place ipd_run_place(const ipd_run *run);              /* what comes next */
const ipd_settings *ipd_run_settings(const ipd_run *run); /* in force, rho included */
const ipd_settings *ipd_run_first_settings(const ipd_run *run); /* before any change */
/* The first weights, and the file they come from: "" where no file is known, NULL where they are by
 * seed. */
const ipd_network *ipd_run_first_network(const ipd_run *run);
const char *ipd_run_initial(const ipd_run *run);
const ipd_parent *ipd_run_parent(const ipd_run *run); /* or NULL */
ipd_dataset *ipd_run_dataset(const ipd_run *run);
int ipd_run_depth(const ipd_run *run);            /* L */
const size_t *ipd_run_widths(const ipd_run *run); /* d[0] ... d[L] */
const ipd_order *ipd_run_order(const ipd_run *run);

/* The latest block updates of the run, newest last; at most `max`. For the screen. */
typedef struct ipd_block_report {
    ipd_place at;
    double phi, change, seconds;
} ipd_block_report;
size_t ipd_run_recent_blocks(const ipd_run *run, ipd_block_report *to, size_t max);

/* The log: commands that changed something, what and where; and the first findings of the audit in
 * each iteration, whose place is that of the block itself and whose text begins with IPD_LOG_AUDIT. */
#define IPD_LOG_AUDIT "audit: "
/* In the history only, at the start: the file of first weights that no seed gives, or "memory". */
#define IPD_LOG_WEIGHTS "weights from "
enum { IPD_LOG_TEXT = 600 };
typedef struct ipd_log_entry {
    ipd_place place;         /* what came next when it was applied: where a replay applies it */
    char text[IPD_LOG_TEXT]; /* "set delta = 0.3", "switch adam: lr = 0.01" */
} ipd_log_entry;
size_t ipd_run_log_count(const ipd_run *run);
const ipd_log_entry *ipd_run_log(const ipd_run *run, size_t index);

#endif
