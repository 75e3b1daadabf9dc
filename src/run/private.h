/* private.h - a run: the types of its rooms, and what each of them holds. */
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

enum { IPD_AT_REST = -1 }; /* no goal */

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
    IPD_DO_COPY_VARIABLE,
    IPD_DO_ANSWER,
    IPD_DO_UNDO,
    IPD_DO_BREAKS,
    IPD_DO_CALLS,
    IPD_DO_ARCHIVE,
    IPD_DO_SAVE,
    IPD_DO_PROBE,
    IPD_DO_BRANCH,
    IPD_DO_REWIND,
    IPD_DO_VERIFY,
    IPD_DO_CATCH_UP,
    IPD_DO_BUDGET,
    IPD_DO_RENAME
} ipd_command_kind;

typedef struct ipd_command {
    ipd_command_kind kind;
    ipd_ticket ticket;
    long
        count; /* of iterations or blocks; the iteration to go back to; breakpoints; events; 1: pause at once */
    ipd_change change; /* IPD_DO_SET, IPD_DO_SWITCH */
    char method[16];   /* IPD_DO_SWITCH */
    ipd_network *net;  /* where copies go */
    ipd_matrix *matrix;
    ipd_archive *archive; /* IPD_DO_ARCHIVE, IPD_DO_BRANCH: what is filled */
    ipd_block_kind variable;
    int layer;
    unsigned long request; /* IPD_DO_ANSWER: its number, the value, or else why there is none */
    double value;
    char why[400]; /* or, for IPD_DO_RENAME, the name */
    char *path;    /* IPD_DO_SAVE: malloc'ed, or NULL; count: 1 to write in any case */
    struct ipd_command *next;
} ipd_command;

/* An entry of the log as the worker keeps it: a place may come twice where the order changes, units never do.
 * What it says stands in the journal's numbers and text; see run/time/log.h. */
typedef struct ipd_journal_entry {
    unsigned long number, parent; /* 1, 2, ...; of the entry that it follows, 0 for the first */
    unsigned long units;          /* done before it */
    ipd_place place;
    ipd_log_kind kind;
    int values;                 /* settings that it changes */
    size_t numbers_at, text_at; /* where its own begin */
} ipd_journal_entry;

/* What a run did so far, as the worker keeps it: with the first weights, enough to do it again. */
typedef struct ipd_journal {
    unsigned long units; /* of work done */
    ipd_records records; /* added and cut under the lock */
    ipd_list ends;       /* unsigned long: units done at each record's end */
    ipd_list log;        /* ipd_journal_entry */
    ipd_list numbers;    /* double: the values of the log's entries that are numbers */
    ipd_list
        text; /* char: methods, notes, names of settings and values that are text, each up to a zero */
} ipd_journal;

/* What moves: the run's, or that of a replay beside it. */
typedef struct ipd_trainer {
    const ipd_method *method;
    void *state;
    ipd_settings settings; /* as last set */
} ipd_trainer;

/* A run at a block boundary: what a replay goes on from. */
typedef struct ipd_run_state {
    ipd_trainer trainer;
    unsigned long units; /* done before it */
    int within;          /* as in ipd_run, */
    int findings;        /* likewise */
    int settled;
    double seconds, seconds_by_block[IPD_MAX_BLOCKS];
    char method[16]; /* a switch that waits; "": none */
    ipd_change change;
} ipd_run_state;

typedef struct ipd_snapshot {
    int iteration;        /* as of its end, before what was changed there */
    ipd_archive *archive; /* a state */
    size_t bytes;
    uint64_t checksum;
} ipd_snapshot;

enum { IPD_MAX_SNAPSHOTS = 64 };
typedef struct ipd_snapshots {
    ipd_snapshot items[IPD_MAX_SNAPSHOTS]; /* by iteration */
    size_t count;
    double budget;       /* bytes; -1: a share of the memory at hand; 0: none are kept */
    double cost, worked; /* seconds: of the last one, of training since */
} ipd_snapshots;

/* How to take a change back. */
typedef struct ipd_undo {
    unsigned long units; /* done before the change */
    ipd_place place;     /* of the change */
    ipd_change change, back;
} ipd_undo;

enum { IPD_RECENT_BLOCKS = 512 };

/* What the main thread sees of a run: written by the worker under the lock, copied by poll. */
typedef struct ipd_run_view {
    char name[64];
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
    size_t records;        /* of the journal that the history has, too, or is to have later */
    unsigned long rewinds; /* how often records were taken back */
    size_t snapshot_count;
    ipd_snapshot_info snapshots[IPD_MAX_SNAPSHOTS];
    double snapshot_budget;
    unsigned long blocks; /* done so far; the last ones are in recent[i % IPD_RECENT_BLOCKS] */
    ipd_block_report recent[IPD_RECENT_BLOCKS];
} ipd_run_view;

typedef struct ipd_notice {
    char text[600];
} ipd_notice;

/* An answer to a command: on its way, or kept. */
typedef struct ipd_answer {
    struct ipd_answer *next;
    int forgotten; /* 1: nobody wants it */
    int held;      /* 1: given, but it waits for callbacks */
    ipd_reply reply;
} ipd_answer;
typedef struct ipd_answers {
    ipd_answer *first, *last;
} ipd_answers;

/* Messages on their way, or kept. */
typedef struct ipd_run_mail {
    int cut;                       /* 1: first of all, */
    size_t records_kept, log_kept; /* only so many of what was sent before stay */
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
    int given;                   /* 1: the first weights are not by seed */
    char initial[4096];          /* the file they come from, "" = not known */
    ipd_network start;           /* the first weights */
    ipd_parent parent;
    int answers; /* 1: the main thread answers requests */

    /* Shared, under the lock. */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    ipd_command *first, *last;
    ipd_answers sent;  /* of commands that are not answered yet */
    atomic_int called; /* 1: a command came */
    atomic_int rang;   /* 1: the descriptor is readable */
    int quit;          /* 1: the worker ends once it has obeyed the commands that it has */
    char ending[64];
    ipd_run_view now;
    ipd_run_mail outbox;
    ipd_probe *next_probe; /* made, and not received yet */
    ipd_keep keep;         /* which says what is whose */

    /* The worker's. */
    const ipd_method *method;
    void *state;
    int findings;           /* of the audit, in this iteration's log */
    int within;             /* 1: the iteration has begun and is not finished */
    ipd_command *switching; /* waits for the iteration's end, or NULL */
    ipd_settings settings;  /* as last set */
    ipd_journal journal;
    ipd_snapshots snapshots;
    size_t
        applied; /* changes that the state has which an opened archive is behind with; 0: not known */
    ipd_list undos;       /* ipd_undo */
    int breaks;           /* breakpoints that are to be asked for */
    unsigned long passed; /* units done at the boundary that they have let pass, + 1 */
    ipd_history *history; /* NULL: none, or the row waits */
    long history_id;      /* the row; 0: none yet */
    int row_waits;        /* 1: a lock or a full disk keeps the run from its row */
    double row_tried;     /* seconds on the clock, when that was last tried */
    size_t row_records,
        row_changes;    /* of the journal: what the row has, where it is as far as that */
    double rests_since; /* seconds, on the clock */
    int rest_said;      /* 1: the history knows that it rests */
    int wait_said;      /* 1: the user knows that the row or its records wait */
    int goal;           /* IPD_AT_REST, IPD_DO_START, IPD_DO_STEP or another IPD_DO_STEP_... */
    long left;
    ipd_block_kind kind; /* IPD_DO_STEP_KIND: whose blocks are to be visited */
    ipd_ticket goal_ticket;
    unsigned long requests; /* asked so far */
    ipd_lookout lookout;    /* for the answer */
    int settled;            /* the iteration whose rho has been answered, or 0 */
    unsigned calls,
        due; /* events that have callbacks; those of this boundary that are still to be asked about */
    unsigned long renames;
    size_t
        changes_told; /* entries of the log that were asked about, or are before the first callback */
    int save_due; /* 1: the iteration's end is to be saved, perhaps, once its callbacks have returned */
    int reached;          /* 1: so does the goal end */
    int held;             /* 1: replies are held back */
    ipd_error call_error; /* why an event was declined, for these */
    double seconds;       /* of this iteration so far */
    double seconds_by_block[IPD_MAX_BLOCKS];

    /* For rescue.c. */
    atomic_int finished;       /* 1: the worker has ended */
    struct ipd_run *next_open; /* under the lock of rescue.c */

    /* The main thread's. */
    ipd_lookout request_lookout;
    int ended;      /* 1: the worker has ended */
    ipd_error lost; /* what the end could not keep; the worker's until then */
    ipd_ticket tickets;
    ipd_run_view seen;
    ipd_run_mail inbox;
    ipd_records records; /* a share of the journal's */
    ipd_probe *probe;
    ipd_listener *listener;
    void *listener_context;
    int telling;                                 /* 1: the listener is being told */
    size_t told_records, told_log, told_notices; /* of what it has */
    ipd_run_status told_status;
    unsigned long told_request, told_rewinds;
};

#endif
