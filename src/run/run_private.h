/* run_private.h - what run.c (the main thread's side) and worker.c (the worker's) share. */
#ifndef IPD_RUN_RUN_PRIVATE_H
#define IPD_RUN_RUN_PRIVATE_H

#include "run/history.h"
#include "run/run.h"

#include <pthread.h>

typedef enum ipd_command_kind {
    IPD_DO_START,
    IPD_DO_PAUSE,
    IPD_DO_STEP,
    IPD_DO_STEP_BLOCKS,
    IPD_DO_SET,
    IPD_DO_SWITCH,
    IPD_DO_COPY_NETWORK,
    IPD_DO_COPY_VARIABLE,
    IPD_DO_ANSWER,
    IPD_DO_QUIT
} ipd_command_kind;

typedef struct ipd_command {
    ipd_command_kind kind;
    ipd_ticket ticket;
    long count;        /* of iterations or blocks */
    ipd_change change; /* IPD_DO_SET, IPD_DO_SWITCH */
    char method[16];   /* IPD_DO_SWITCH */
    ipd_network *net;  /* where copies go */
    ipd_matrix *matrix;
    char variable;
    int layer;
    unsigned long question; /* IPD_DO_ANSWER: its number, the value, or else why there is none */
    double value;
    char why[400];
    struct ipd_command *next;
} ipd_command;

/* A growing array; what it holds is plain values. */
typedef struct ipd_list {
    void *items;
    size_t count, room;
} ipd_list;

enum { IPD_RECENT_BLOCKS = 512 };

/* What the main thread sees of a run: written by the worker under the lock, copied by poll. */
typedef struct ipd_run_view {
    ipd_run_status status;
    char status_text[600];
    char history_warning[500];
    long id;
    ipd_place place;
    ipd_settings settings;
    ipd_order order;
    ipd_question question;
    unsigned long blocks; /* done so far; the last ones are in recent[i % IPD_RECENT_BLOCKS] */
    ipd_block_report recent[IPD_RECENT_BLOCKS];
} ipd_run_view;

/* Messages on their way, or kept. */
typedef struct ipd_run_mail {
    ipd_list records; /* ipd_record */
    ipd_list log;     /* ipd_log_entry */
    ipd_list replies; /* ipd_reply */
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
    int answers;                 /* 1: the main thread answers questions */

    /* Shared, under the lock. */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    ipd_command *first, *last;
    char ending[64];
    ipd_run_view now;
    ipd_run_mail outbox;

    /* The worker's. */
    const ipd_method *method;
    void *state;
    int findings;           /* of the audit, in this iteration's log */
    int within;             /* 1: the iteration has begun and is not finished */
    ipd_command *switching; /* waits for the iteration's end, or NULL */
    ipd_settings settings;  /* as last set */
    ipd_history *history;
    long history_id;
    int goal; /* IPD_DO_START, IPD_DO_STEP, IPD_DO_STEP_BLOCKS, or -1: at rest */
    long left;
    ipd_ticket goal_ticket;
    unsigned long questions; /* asked so far */
    int settled;             /* the iteration whose rho has been answered, or 0 */
    double seconds;          /* of this iteration so far */
    double seconds_by_block[IPD_MAX_BLOCKS];

    /* The main thread's. */
    ipd_ticket tickets;
    ipd_run_view seen;
    ipd_run_mail inbox;
    ipd_listener *listener;
    void *listener_context;
    int telling;                                 /* 1: the listener is being told */
    size_t told_records, told_log, told_replies; /* of the inbox */
    ipd_run_status told_status;
    unsigned long told_question;
};

/* Adds a copy of one item; 0, or -1 where memory runs out. */
int ipd_list_add(ipd_list *list, const void *item, size_t size);

/* Queues a command; see run.h. Main thread. */
ipd_ticket ipd_run_send(ipd_run *run, ipd_command command, ipd_error *e);

/* 0 where the settings ask nothing that nobody would answer. */
int ipd_question_check(const ipd_run *run, const ipd_settings *settings, ipd_error *e);
/* Whether something must be answered before the next unit of work: asks it, or keeps asking. What is
 * not to be answered any more is withdrawn. Worker. */
int ipd_question_due(ipd_run *run);
/* Takes the open question back, where there is one. Worker. */
void ipd_question_withdraw(ipd_run *run);
/* Takes an answer over: fills *change with what it sets, if anything; -1 where the question is asked
 * no more. Worker. */
int ipd_question_take(ipd_run *run, const ipd_command *c, ipd_change *change, ipd_error *e);

/* The thread's body. */
void *ipd_worker(void *run);

/* What switching to the method `name` makes of the settings `now`; checks all. */
int ipd_switch_settings(const ipd_run *run, const ipd_settings *now, const char *name,
                        const ipd_change *change, ipd_settings *out, ipd_error *e);
/* Where a method with these settings starts at this iteration. */
ipd_place ipd_switch_place(const ipd_run *run, const ipd_settings *new, int iteration);
/* Goes over to new->method, between two iterations. On failure all is as before. Worker. */
int ipd_switch_method(ipd_run *run, const ipd_settings *new, ipd_error *e);
/* "switch adam: lr = 0.01" */
void ipd_switch_text(const char *method, const ipd_change *change, char *to, size_t size);

/* Fills place, settings and order of the view from the method's state. Worker, or before it starts.
 */
void ipd_run_refresh(ipd_run *run, ipd_run_view *view);

#endif
