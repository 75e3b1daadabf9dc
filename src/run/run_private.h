/* run_private.h - what the main thread's side (open.c, ask.c, poll.c, view.c) and the worker's share. */
#ifndef IPD_RUN_RUN_PRIVATE_H
#define IPD_RUN_RUN_PRIVATE_H

#include "base/list.h"
#include "base/parallel.h"
#include "history/history.h"
#include "run/look.h"
#include "run/run.h"
#include "run/time/keep.h"

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
    IPD_DO_LOOK,
    IPD_DO_BRANCH,
    IPD_DO_REWIND,
    IPD_DO_VERIFY,
    IPD_DO_CATCH_UP,
    IPD_DO_BUDGET,
    IPD_DO_FLIP
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
    long bit;               /* IPD_DO_FLIP: of snapshot `count` */
    unsigned long question; /* IPD_DO_ANSWER: its number, the value, or else why there is none */
    double value;
    char why[400];
    char *path; /* IPD_DO_SAVE: malloc'ed, or NULL; count: 1 to write in any case */
    struct ipd_command *next;
} ipd_command;

/* A change as the worker keeps it: a place may come twice where the order changes, units never do. */
typedef struct ipd_logged {
    unsigned long units; /* done before it */
    ipd_log_entry entry;
} ipd_logged;

/* What a run did so far, as the worker keeps it: with the first weights, enough to do it again. */
typedef struct ipd_story {
    unsigned long units; /* of work done */
    ipd_list records;    /* ipd_record */
    ipd_list ends;       /* unsigned long: units done at each record's end */
    ipd_list log;        /* ipd_logged */
} ipd_story;

/* What moves: the run's, or that of a replay beside it. */
typedef struct ipd_actor {
    const ipd_method *method;
    void *state;
    ipd_settings settings; /* as last set */
} ipd_actor;

/* A run at a block boundary: what a replay goes on from. */
typedef struct ipd_moment {
    ipd_actor actor;
    unsigned long units; /* done before it */
    int within;          /* as in ipd_run, */
    int findings;        /* likewise */
    int settled;
    double seconds, seconds_by_block[IPD_MAX_BLOCKS];
    char method[16]; /* a switch that waits; "": none */
    ipd_change change;
} ipd_moment;

typedef struct ipd_snapshot {
    int iteration;        /* as of its end, before what was changed there */
    ipd_archive *archive; /* a moment */
    size_t bytes;
    uint64_t checksum;
} ipd_snapshot;

enum { IPD_MOST_SNAPSHOTS = 64 };
typedef struct ipd_snapshots {
    ipd_snapshot items[IPD_MOST_SNAPSHOTS]; /* by iteration */
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
    ipd_run_status status;
    char status_text[600];
    long id;
    ipd_progress progress, saved; /* of the run; of its newest checkpoint */
    char checkpoint[4096];        /* "": none */
    double checkpoint_bytes;
    ipd_place place;
    ipd_settings settings;
    ipd_order order;
    ipd_question question;
    unsigned long rewinds; /* how often records were taken back */
    size_t snapshot_count;
    ipd_snapshot_info snapshots[IPD_MOST_SNAPSHOTS];
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
    ipd_list records;              /* ipd_record */
    ipd_list log;                  /* ipd_log_entry */
    ipd_answers answers;
    ipd_list notices; /* ipd_notice */
} ipd_run_mail;

struct ipd_run {
    /* Fixed while the worker lives. */
    char name[64];
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
    int answers; /* 1: the main thread answers questions */

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
    ipd_look *next_look; /* made, and not received yet */
    ipd_keep keep;       /* which says what is whose */

    /* The worker's. */
    const ipd_method *method;
    void *state;
    int findings;           /* of the audit, in this iteration's log */
    int within;             /* 1: the iteration has begun and is not finished */
    ipd_command *switching; /* waits for the iteration's end, or NULL */
    ipd_settings settings;  /* as last set */
    ipd_story story;
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
        row_changes;    /* of the story: what the row has, where it is as far as that */
    double rests_since; /* seconds, on the clock */
    int rest_said;      /* 1: the history knows that it rests */
    int wait_said;      /* 1: the user knows that the row or its records wait */
    int goal;           /* IPD_AT_REST, IPD_DO_START, IPD_DO_STEP or another IPD_DO_STEP_... */
    long left;
    ipd_block_kind kind; /* IPD_DO_STEP_KIND: whose blocks are to be visited */
    ipd_ticket goal_ticket;
    unsigned long questions; /* asked so far */
    ipd_lookout lookout;     /* for the answer */
    int settled;             /* the iteration whose rho has been answered, or 0 */
    unsigned calls,
        due; /* events that have callbacks; those of this boundary that are still to be asked about */
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
    ipd_lookout question_lookout;
    int ended;      /* 1: the worker has ended */
    ipd_error lost; /* what the end could not keep; the worker's until then */
    ipd_ticket tickets;
    ipd_run_view seen;
    ipd_run_mail inbox;
    ipd_look *look;
    ipd_listener *listener;
    void *listener_context;
    int telling;                                 /* 1: the listener is being told */
    size_t told_records, told_log, told_notices; /* of the inbox */
    ipd_run_status told_status;
    unsigned long told_question, told_rewinds;
};

/* Queues a command; see run.h. Main thread. */
ipd_ticket ipd_run_send(ipd_run *run, ipd_command command, ipd_error *e);

/* The same for commands that go on: not to a run that goes no further. */
ipd_ticket ipd_run_send_work(ipd_run *run, ipd_command command, ipd_error *e);

/* reply.c. Under the lock: a command's answer is expected; given, once it is filled in, or held back until it is
 * released, with the place of then and, where e is not NULL, as a failure. */
void ipd_answer_expect(ipd_run *run, ipd_answer *a);
void ipd_answer_give(ipd_run *run, const ipd_reply *reply, int hold);
void ipd_answers_release(ipd_run *run, const ipd_error *e);
/* Moves answers, all but the forgotten ones; returns how many came. */
size_t ipd_answers_take(ipd_answers *to, ipd_answers *from);
void ipd_answers_free(ipd_answers *list);

/* 0 where the settings ask nothing that nobody would answer. */
int ipd_question_check(const ipd_run *run, const ipd_settings *settings, ipd_error *e);
/* Whether something must be answered before the next unit of work: asks it, or keeps asking. What is
 * not to be answered any more is withdrawn. Worker. */
int ipd_question_due(ipd_run *run);
/* Takes the open question back, where there is one. Worker. */
void ipd_question_withdraw(ipd_run *run);
/* event.c */
/* A callback is open; or some are due, too. */
int ipd_event_open(const ipd_run *run);
int ipd_event_waits(const ipd_run *run);
/* Notes what the end of a unit of work is, where it has callbacks. */
void ipd_event_note(ipd_run *run, const ipd_unit *unit);
void ipd_event_set_calls(ipd_run *run, unsigned calls);
/* After a rewind: what is due is not part of the run any more. */
void ipd_event_forget(ipd_run *run);
void ipd_event_end(ipd_run *run);
/* Asks about the next event that is due; 0 where none is, and none is open. */
int ipd_event_ask(ipd_run *run);
/* Takes an answer over: fills *change with what it sets, if anything; -1 where the question is asked
 * no more; 1 where the run stops at breakpoint c->value. Worker. */
int ipd_question_take(ipd_run *run, const ipd_command *c, ipd_change *change, ipd_error *e);

/* Makes what ipd_run_ask_look asks for. Worker. */
int ipd_look_take(ipd_run *run, const ipd_command *c, ipd_error *e);
/* Takes over the newest look. Main thread. */
void ipd_look_receive(ipd_run *run);

/* The thread's body. */
void *ipd_worker(void *run);

/* rescue.c: main thread. From the start of the worker to its end, run is known to what saves all runs in the last moment. */
void ipd_rescue_add(ipd_run *run);
void ipd_rescue_remove(ipd_run *run);

/* actor.c: what the run and a replay do alike. None of it logs or tells. */
ipd_actor ipd_run_actor(const ipd_run *run);
/* Makes the actor's state with its settings from the first weights. */
int ipd_actor_open(const ipd_run *run, ipd_actor *a, const ipd_settings *settings, ipd_error *e);
void ipd_actor_close(ipd_actor *a); /* takes an empty one */
/* Changes settings; goes over to the settings' method, between two iterations. On failure all is as before. */
int ipd_actor_set(const ipd_run *run, ipd_actor *a, const ipd_change *change, ipd_error *e);
int ipd_actor_switch(const ipd_run *run, ipd_actor *a, const ipd_settings *new, ipd_error *e);
/* Ends the iteration: the record, all but its seconds. */
int ipd_actor_finish(const ipd_run *run, ipd_actor *a, ipd_record *record, ipd_error *e);

/* apply.c: commands that change the run, each answered. Worker. */
void ipd_run_change_settings(ipd_run *run, const ipd_command *c);
void ipd_run_undo_change(ipd_run *run, const ipd_command *c);
void ipd_run_take_answer(ipd_run *run, const ipd_command *c);
void ipd_run_switch_method(ipd_run *run, const ipd_command *c);
/* Between two iterations: the switch that waits, if there is one. */
void ipd_run_carry_out_switch(ipd_run *run);
/* A switch that waits while the run rests is answered with the place where it will be; one that
 * cannot be any more fails. */
void ipd_run_answer_switch(ipd_run *run);
/* 0, or -1 where the run goes no further. */
int ipd_run_can_work(ipd_run *run, ipd_error *e);

/* mailbox.c and publish.c: worker. */
/* There is something to poll. */
void ipd_run_ring(ipd_run *run);
/* Under the lock. */
void ipd_run_set_status(ipd_run *run, ipd_run_status status, const char *text);
/* Under the lock: answers with places (NULL: with what comes next), held back until callbacks have returned if hold. */
void ipd_run_add_reply(ipd_run *run, ipd_ticket ticket, int cut, const ipd_place *place,
                       const ipd_place *at, const ipd_error *e, int hold);
/* Answers with a place; NULL, and ipd_run_reply: with what comes next. */
void ipd_run_reply_at(ipd_run *run, ipd_ticket ticket, int cut, const ipd_place *place,
                      const ipd_error *e);
void ipd_run_reply(ipd_run *run, ipd_ticket ticket, int cut, const ipd_error *e);
/* Answers once callbacks have returned, at the latest when this pass of the worker ends; or at once, to be heard of with
 * what comes next. */
void ipd_run_hold_reply(ipd_run *run, ipd_ticket ticket);
void ipd_run_reply_quietly(ipd_run *run, ipd_ticket ticket);
/* Answers a change that took effect at a place; hold: as above. */
void ipd_run_reply_change(ipd_run *run, ipd_ticket ticket, const ipd_place *at, int hold);
/* Ends the goal: its ticket is answered, the run rests. */
void ipd_run_rest(ipd_run *run, int cut, ipd_run_status status, const char *text,
                  const ipd_error *e);
void ipd_run_diverged(ipd_run *run, const ipd_place *at);
/* To the log and to the history; the view shows what is in force now. */
void ipd_run_log_change(ipd_run *run, const ipd_log_entry *entry);
/* A record, complete, to the story, the history and the main thread. */
int ipd_run_report_record(ipd_run *run, const ipd_record *record, ipd_error *e);
void ipd_run_report_block(ipd_run *run, const ipd_unit *unit, double seconds);
/* What the audit found goes to the log. The record counts all; here are an iteration's first. */
void ipd_run_report_finding(ipd_run *run, const ipd_unit *unit);
/* A sentence for the user. Worker, or the writer's thread. */
void ipd_run_notify(ipd_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* row.c: the run in its history. Worker. */
/* A run enters the history when it begins to work. */
void ipd_run_begin_history(ipd_run *run);
/* What has just been added to the story. */
void ipd_run_history_record(ipd_run *run, const ipd_record *record);
void ipd_run_history_change(ipd_run *run, const ipd_log_entry *entry);
/* The story has been cut to what it is now. */
void ipd_run_history_rewind(ipd_run *run);
/* While the run waits for a command: seconds (on the clock) when its history is to be told how it stands. */
double ipd_run_history_due(const ipd_run *run);
/* Tells it how the run stands now. */
void ipd_run_tell_history(ipd_run *run);
void ipd_run_end_history(ipd_run *run);

/* Drops what the story has beyond so many records and changes, here, in what the main thread has and in
 * the history. */
void ipd_run_cut(ipd_run *run, size_t records, size_t changes);

/* snapshot.c: worker. */
/* At an iteration's end, if it is due and there is room. */
void ipd_snapshot_take(ipd_run *run);
/* A state as a snapshot has it: all that a replay of it has, too. */
ipd_moment ipd_snapshot_moment(const ipd_actor *actor, unsigned long units);
/* The last one of this iteration or before, of which all bits are as they were written, or NULL. */
const ipd_snapshot *ipd_snapshot_before(ipd_run *run, int iteration);
void ipd_snapshots_cut(ipd_run *run, int iteration); /* drops the later ones */
void ipd_snapshots_set_budget(ipd_run *run, double budget);
void ipd_snapshots_show(ipd_run *run);
void ipd_snapshots_free(ipd_snapshots *s);
int ipd_snapshot_flip(ipd_run *run, long index, long bit, ipd_error *e);

/* rewind.c: worker; commands, answered. */
void ipd_run_go_back(ipd_run *run, const ipd_command *c);
void ipd_run_verify_story(ipd_run *run, const ipd_command *c);
/* A run that was opened at a state before its last record goes on as far as that. */
void ipd_run_catch_up(ipd_run *run);
/* replay.c: worker. Writes the run as of the end of an iteration: for a branch. */
int ipd_run_write_branch(ipd_run *run, const ipd_command *c, ipd_error *e);
/* Writes the run as of the end of its last good iteration. Who opens it takes the rest of the way from a
 * snapshot, the start, or the state in `older` (an earlier checkpoint of the run, or NULL), whichever is
 * nearest. */
int ipd_run_write_last_good(ipd_run *run, const ipd_archive *older, ipd_archive *ar, ipd_error *e);

/* undo.c: worker. */
/* Remembers how to take the change back that the actor is about to take. */
void ipd_undo_remember(ipd_run *run, const ipd_change *change);
void ipd_undo_cut(ipd_run *run, unsigned long units); /* forgets what came at this point or later */
int ipd_undo_take(ipd_run *run, ipd_undo *undo, ipd_error *e);
/* Those of changes after at most so many units of work; any thread that holds the run still. */
void ipd_undo_write(const ipd_run *run, unsigned long units, ipd_archive *ar);
void ipd_undo_read(ipd_run *run, ipd_archive *ar);

/* archive.c */
/* Where the worker stands; the state stays the run's. */
void ipd_run_moment(const ipd_run *run, ipd_moment *m);
/* Writes a moment, or reads it, which opens its actor: the caller closes it, also on failure. */
int ipd_moment_transfer(const ipd_run *run, ipd_moment *m, ipd_archive *ar, ipd_error *e);
/* All that a run is opened from but the moment, up to so many records and changes of its story. */
int ipd_story_write(const ipd_run *run, size_t records, size_t changes, ipd_archive *ar,
                    const ipd_parent *parent, ipd_error *e);
/* Reads what open.c needs before it can read the rest: the first settings and weights. */
int ipd_archive_first(ipd_archive *ar, const ipd_dataset *data, ipd_settings *settings,
                      ipd_network *net, ipd_error *e);
/* Reads the story and the moment into a run opened with those, whose worker is not started. *behind: 1
 * where the moment is before the story's last record. */
int ipd_archive_story(ipd_archive *ar, ipd_run *run, int *behind, ipd_error *e);
/* Writes the run as it is; one that diverged or failed is refused. Worker. */
int ipd_run_write_whole(ipd_run *run, ipd_archive *ar, ipd_error *e);

/* What switching to the method `name` makes of the settings `now`; checks all. */
int ipd_switch_settings(const ipd_run *run, const ipd_settings *now, const char *name,
                        const ipd_change *change, ipd_settings *out, ipd_error *e);
/* Where a method with these settings starts at this iteration. */
ipd_place ipd_switch_place(const ipd_run *run, const ipd_settings *new, int iteration);
/* "switch adam: lr = 0.01" */
void ipd_switch_text(const char *method, const ipd_change *change, char *to, size_t size);

/* Fills place, settings and order of the view from the method's state. Worker, or before it starts.
 */
void ipd_run_refresh(ipd_run *run, ipd_run_view *view);

#endif
