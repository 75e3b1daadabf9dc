/* private.h - the types inside a run. Which thread owns a member is stated in ipd_run. */
#ifndef IPD_RUN_PRIVATE_H
#define IPD_RUN_PRIVATE_H

#include "base/list.h"
#include "base/parallel.h"
#include "history/history.h"
#include "run/probe.h"
#include "run/run.h"
#include "run/time/keep.h"
#include "solver/records.h"

#include <pthread.h>
#include <stdatomic.h>

enum { IPD_NO_GOAL = -1 };

typedef enum ipd_command_kind {
    IPD_DO_START,
    IPD_DO_PAUSE,
    IPD_DO_STEP,
    IPD_DO_STEP_BLOCKS,
    IPD_DO_STEP_KIND,
    IPD_DO_STEP_BATCHES,
    IPD_DO_SET,
    IPD_DO_SWITCH,
    IPD_DO_COPY_NETWORK,
    IPD_DO_COPY,
    IPD_DO_WRITE,
    IPD_DO_METRIC,
    IPD_DO_ANSWER,
    IPD_DO_UNDO,
    IPD_DO_BREAKS,
    IPD_DO_CALLS,
    IPD_DO_ARCHIVE,
    IPD_DO_SAVE,
    IPD_DO_PROBE,
    IPD_DO_PATH,
    IPD_DO_BRANCH,
    IPD_DO_REWIND,
    IPD_DO_BACK,
    IPD_DO_FORWARD,
    IPD_DO_REDO,
    IPD_DO_GO,
    IPD_DO_VERIFY,
    IPD_DO_CATCH_UP,
    IPD_DO_BUDGET,
    IPD_DO_RENAME
} ipd_command_kind;

typedef struct ipd_command {
    ipd_command_kind kind;
    ipd_ticket ticket;
    /* Steps, back and forward: how many (forward: -1 to the end of the path). Rewind, branch, go,
     * metric: the iteration (go: -1 for the end of the path). Breaks: their number. Calls: the
     * events. Probe: what. Pause: 1 to be answered even while callbacks are open. Save: 1 to write
     * in any case. Copy of the network: 1 for the running mean. */
    long count;
    ipd_change change;            /* IPD_DO_SET, IPD_DO_SWITCH */
    char method[IPD_METHOD_NAME]; /* IPD_DO_SWITCH */
    ipd_network *net;             /* destinations of copies */
    ipd_archive *archive;         /* IPD_DO_ARCHIVE, IPD_DO_BRANCH: destination */
    ipd_records *records;         /* IPD_DO_PATH: destination */
    ipd_variable variable;        /* IPD_DO_COPY, IPD_DO_WRITE */
    ipd_matrix *matrix;    /* the copy's destination; the new value, which the command owns */
    ipd_block_kind block;  /* IPD_DO_STEP_KIND */
    int layer;             /* IPD_DO_PROBE; IPD_DO_BACK: 1 for mini-batches, 0 for blocks */
    unsigned long future;  /* IPD_DO_GO, IPD_DO_PATH */
    unsigned long request; /* IPD_DO_ANSWER: the number of the request */
    double value;          /* IPD_DO_ANSWER, IPD_DO_METRIC, IPD_DO_BUDGET */
    char why
        [400];  /* IPD_DO_ANSWER: the reason of a refusal, or ""; the new name; the metric's name */
    char *path; /* IPD_DO_SAVE: malloc'ed, or NULL */
    struct ipd_command *next;
} ipd_command;

/* A log entry in the journal. Its place can repeat when the order changes; the count of units never
 * does. Its values are in the lists of the journal; see run/time/log.h. */
typedef struct ipd_journal_entry {
    unsigned long number; /* 1, 2, ... */
    unsigned long parent; /* the number of the entry before it on its path, or 0 */
    unsigned long units;  /* done before it */
    ipd_place place;
    ipd_log_kind kind;
    int values;                            /* number of settings that it changes */
    size_t numbers_at, text_at, floats_at; /* where its values begin in the lists */
} ipd_journal_entry;

/* The journal of a run: with the initial weights, enough to repeat the run. The first four members
 * are the path that the run is on; the others belong to all its paths. */
typedef struct ipd_journal {
    unsigned long units; /* of work done */
    ipd_records records; /* added and cut under the lock */
    ipd_list ends;       /* unsigned long: units done at each record's end */
    ipd_list log;        /* ipd_journal_entry */
    ipd_list all;        /* ipd_journal_entry: by number; entries are never removed */
    ipd_list numbers;    /* double: the values of the entries that are numbers */
    ipd_list
        text; /* char: methods, notes, names and text values of settings, each NUL-terminated */
    ipd_list floats; /* float: the matrices of the writes */
} ipd_journal;

/* A path that the run has left, and can enter again. See run/time/tree.h. */
typedef struct ipd_future {
    unsigned long number;
    unsigned long left; /* the number of moves when it was last left */
    /* As in ipd_journal, but with the numbers of its entries (unsigned long) for the log. */
    unsigned long units;
    ipd_records records;
    ipd_list ends, entries;
    ipd_list undos; /* ipd_undo */
} ipd_future;

/* A place in a run's tree: on path `future`, after so many units of work and changes. */
typedef struct ipd_tree_place {
    unsigned long future, units;
    size_t entries;
} ipd_tree_place;

typedef struct ipd_tree {
    ipd_list futures;    /* ipd_future */
    ipd_list nodes;      /* ipd_tree_node: of path 1, 2, ... */
    unsigned long now;   /* the path that the run is on; 0 before the first unit of work */
    unsigned long moves; /* number of moves so far */
    ipd_list back;       /* ipd_tree_place: where redo returns to, the newest last */
} ipd_tree;

/* Where a path begins: it shares the first `shared` iterations with path `parent` (0: none). */
typedef struct ipd_tree_node {
    unsigned long parent;
    size_t shared;
} ipd_tree_node;

/* The trainer of a run, or of a replay beside it. */
typedef struct ipd_trainer {
    const ipd_method *method;
    void *state;
    ipd_settings settings; /* as last set */
} ipd_trainer;

/* The state of a run at a block boundary, from which a replay continues. */
typedef struct ipd_run_state {
    ipd_trainer trainer;
    unsigned long units;           /* done before it */
    int within, findings, settled; /* as in ipd_run, like the next two */
    double seconds, seconds_by_block[IPD_MAX_BLOCKS];
    char method[IPD_METHOD_NAME]; /* of a pending switch; "": none */
    ipd_change change;            /* of the pending switch */
} ipd_run_state;

typedef struct ipd_snapshot {
    int iteration;        /* the state at its end, before changes made there; or later */
    unsigned long units;  /* done before it */
    size_t entries;       /* log entries before it on its path */
    unsigned long entry;  /* the number of the last of them, or 0 */
    ipd_archive *archive; /* the state */
    size_t bytes;
    uint64_t checksum;
} ipd_snapshot;

enum { IPD_MAX_SNAPSHOTS = 64 };
typedef struct ipd_snapshots {
    ipd_snapshot items[IPD_MAX_SNAPSHOTS]; /* by iteration, of all paths */
    size_t count;
    double budget;       /* bytes; -1: a share of the available memory; 0: no snapshots */
    double cost, worked; /* seconds that the last snapshot took; seconds of training since */
} ipd_snapshots;

/* How to undo a change. */
typedef struct ipd_undo {
    unsigned long units; /* done before the change */
    ipd_place place;     /* of the change */
    ipd_change change, back;
} ipd_undo;

enum { IPD_RECENT_BLOCKS = 512 };

/* The state that the main thread sees: the worker writes it under the lock, poll copies it. */
typedef struct ipd_run_view {
    char name[IPD_RUN_NAME];
    ipd_run_status status;
    char status_text[600];
    long id;
    ipd_progress progress, saved; /* of the run; of its newest checkpoint */
    char checkpoint[4096];        /* "": none */
    double checkpoint_bytes;
    ipd_place place;
    ipd_settings settings;
    ipd_order order;
    ipd_request request;
    size_t records;        /* records that are in the history or queued for it */
    unsigned long rewinds; /* so far */
    unsigned long futures; /* how often `futures` in ipd_run has changed */
    size_t snapshot_count;
    ipd_snapshot_info snapshots[IPD_MAX_SNAPSHOTS];
    double snapshot_budget;
    long left; /* iterations of a step to go, the present one included; 0: no such goal */
    unsigned long blocks; /* done so far; the last ones are in recent[i % IPD_RECENT_BLOCKS] */
    ipd_block_report recent[IPD_RECENT_BLOCKS];
} ipd_run_view;

/* view.c: 0 if the run has diverged or failed, else 1; the same as 0, or -1 and *e. Any thread. */
int ipd_run_goes_on(const ipd_run_view *view);
int ipd_run_can_work(const ipd_run_view *view, ipd_error *e);

typedef struct ipd_notice {
    char text[600];
} ipd_notice;

/* An answer to a command, expected or received. */
typedef struct ipd_answer {
    struct ipd_answer *next;
    int forgotten; /* 1: to be discarded */
    int held;      /* 1: given, but held back until callbacks have returned */
    ipd_reply reply;
} ipd_answer;
typedef struct ipd_answers {
    ipd_answer *first, *last;
} ipd_answers;

/* Messages, in the outbox or the inbox. */
typedef struct ipd_run_mail {
    int cut;                       /* 1: first cut the log */
    size_t records_kept, log_kept; /* how many of the records and entries sent before stay */
    ipd_list log;                  /* ipd_log_entry */
    ipd_answers answers;
    ipd_list notices; /* ipd_notice */
} ipd_run_mail;

struct ipd_run {
    /* Fixed while the worker lives. */
    ipd_dataset *data;
    ipd_matrix Y;
    ipd_problem problem;
    int L;
    size_t d[IPD_MAX_LAYERS + 1];
    int descriptor; /* eventfd */
    pthread_t thread;
    int thread_started;
    char history_path[4096];     /* "" = none */
    double first_rho;            /* at the start */
    ipd_settings first_settings; /* before any change */
    int given;                   /* 1: the initial weights are not random by seed */
    char initial[4096];          /* the file that they come from; "": unknown */
    ipd_network start;           /* the first weights */
    char *definitions;           /* of the user's functions in it, as ipd_network_definitions */
    ipd_parent parent;
    int answers; /* 1: the main thread answers requests */

    /* Shared, under the lock. */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    ipd_command *first, *last;
    ipd_answers sent;  /* expected answers */
    atomic_int called; /* 1: a command came */
    atomic_int rang;   /* 1: the descriptor is readable */
    int quit;          /* 1: the worker ends after the queued commands */
    char ending[64];
    ipd_run_view view; /* written under the lock (ipd_run_view_lock), or before the worker starts */
    const ipd_run_view *now; /* &view: the worker reads it without the lock, but for the members
                                that the thread of checkpoints writes */
    ipd_run_mail outbox;
    ipd_probe *next_probe; /* made, but not received yet */
    ipd_list futures;      /* ipd_future_info */
    /* One per mini-batch of this iteration (every batch_step-th), as ipd_method.so_far; at most
     * IPD_BATCH_RECORDS. */
    ipd_records batches;
    ipd_keep keep; /* keep.h states the owners of its members */

    /* The worker's. */
    const ipd_method *method;
    void *state;
    int batch_step;         /* of `batches` */
    int findings;           /* of the audit, in this iteration's log */
    int within;             /* 1: the iteration has begun and is not finished */
    ipd_command *switching; /* waits for the iteration's end, or NULL */
    ipd_settings settings;  /* as last set */
    ipd_journal journal;
    ipd_tree tree;
    ipd_snapshots snapshots;
    size_t applied;       /* log entries that are part of the opened archive's state; 0: unknown */
    ipd_list undos;       /* ipd_undo */
    int breaks;           /* number of breakpoints */
    unsigned long passed; /* 1 + units done at the last boundary whose breakpoints were checked */
    ipd_history *history; /* NULL: none, or the row cannot be written yet */
    long history_id;      /* the row; 0: none yet */
    long wanted;          /* the number in its default name; 0: none */
    int row_waits;        /* 1: a lock or a full disk keeps the run from its row */
    double row_tried;     /* seconds on the clock, at the last attempt */
    double paused_since;  /* seconds, on the clock */
    int pause_written;    /* 1: the history shows the pause */
    int wait_reported;    /* 1: the user was told that the row or its records are delayed */
    int goal;             /* IPD_NO_GOAL, IPD_DO_START, IPD_DO_STEP or another IPD_DO_STEP_... */
    long left;
    ipd_block_kind kind; /* IPD_DO_STEP_KIND: the kind of blocks */
    ipd_ticket goal_ticket;
    unsigned long requests; /* sent so far */
    ipd_lookout lookout;    /* how long to spin for an answer */
    int settled;            /* the iteration whose values by Lua functions are all set; 0: none */
    int values;             /* number of such values set for the iteration after that */
    unsigned calls;         /* events with callbacks */
    unsigned due;           /* those of this boundary that are not sent yet */
    unsigned long renames;  /* so far */
    size_t changes_sent;    /* log entries sent as events, or older than the first callback */
    int save_due; /* 1: consider saving the iteration's end once its callbacks have returned */
    int reached;  /* 1: the goal is reached as well */
    int held;     /* 1: replies are held back */
    ipd_error call_error; /* why an event was declined: the error of the replies held back */
    double seconds;       /* of this iteration so far */
    double seconds_by_block[IPD_MAX_BLOCKS];

    /* For rescue.c. */
    atomic_int finished;       /* 1: the worker has ended */
    struct ipd_run *next_open; /* under the lock of rescue.c */

    /* The main thread's. */
    ipd_lookout request_lookout;
    int ended;      /* 1: the worker has ended */
    ipd_error lost; /* what could not be saved at the end; the worker's until then */
    ipd_ticket tickets;
    ipd_run_view seen;
    ipd_run_mail inbox;
    ipd_records records; /* the journal's records; shares their memory */
    ipd_records batches_seen;
    ipd_probe *probe;
    ipd_list futures_seen; /* ipd_future_info */
    ipd_listener *listener;
    void *listener_context;
    int in_listener; /* 1: the listener is running */
    /* What the listener knows. */
    size_t passed_records, passed_log, passed_notices;
    ipd_run_status passed_status;
    unsigned long passed_request, passed_rewinds;
};

#endif
