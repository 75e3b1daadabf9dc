/* internal.h - what the files of this folder share: the interpreter, its tasks, its classes.
 *
 * All of it is for the main thread, except the flags that say so.
 */
#ifndef IPD_LUA_CORE_INTERNAL_H
#define IPD_LUA_CORE_INTERNAL_H

#include "history/history.h"
#include "lua/core/host.h"
#include "net/network.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdatomic.h>

/* The kinds of callbacks that the run does not wait for, in the order in which they are announced. */
enum { IPD_ON_ITERATION, IPD_ON_CHANGE, IPD_ON_KINDS };
extern const char *const ipd_lua_event_names[IPD_EVENTS + 1]; /* by ipd_event */

/* Something that runs in slices, in a coroutine of its own. */
typedef struct ipd_lua_task {
    lua_State *L;              /* NULL: none */
    int reference;             /* keeps L, in the registry */
    int plain;                 /* 1: what is printed is no handle: help, a command */
    int printing;              /* 1: the chunk is done, its results are being printed */
    int prompt;                /* 1: results are printed and kept in _ */
    int resumed;               /* 1: it is on the C stack right now */
    int returns;               /* 1: callbacks, which go on although the run may ask no more */
    struct ipd_lua_run *asker; /* whose request it answers, or NULL */
    struct ipd_lua_run *run;   /* waits for this run's answer, where not NULL */
    ipd_ticket ticket;
    struct ipd_lua_run
        *blocked; /* the same where it cannot yield; meaningless once the call is over */
    ipd_ticket blocked_ticket;
} ipd_lua_task;

/* A run of the session. Lua values are handles, userdata "ipdlam.run" that point here (handle.c). User value 1 of a
 * handle is a table: the callbacks, a list per kind, the function of rho at IPD_LUA_RHO, a list of breakpoints at
 * IPD_LUA_BREAKS. It is not in the registry, because a function may hold its run. */
enum {
    IPD_LUA_RHO = IPD_ON_KINDS + 1,
    IPD_LUA_BREAKS,
    IPD_LUA_FAILURE, /* the error of a callback, until it is raised or printed */
    IPD_LUA_CALLS    /* + event: a list of the callbacks that the run waits for, or nil */
};
typedef struct ipd_lua_run {
    ipd_lua *lua;
    unsigned long number;        /* in the session, from 1 */
    int unheld;                  /* 1: no Lua value leads to its handle */
    int dropped;                 /* 1: its end leaves no checkpoint */
    int dead;                    /* 1: closed, and its handle is gone */
    ipd_run *run;                /* NULL: parked or closed */
    int parked;                  /* 1: its state is in the file of `shelf` */
    struct ipd_lua_shelf *shelf; /* park.c; NULL: it was never parked */
    ipd_ticket parking;          /* of the save before it is parked; 0: none is under way */
    int ended;          /* 1: reopened after it diverged or failed, not told to work since */
    int stuck;          /* 1: it could not be saved, and stays open */
    int unreadable;     /* 1: it could not be opened, which was said */
    int awaited;        /* calls in C that wait for it */
    unsigned long used; /* when, in units of uses: the greatest was last */
    ipd_ticket ticket;  /* the last command given */
    int breaks;         /* breakpoints that it has */
    size_t callbacks[IPD_ON_KINDS]; /* how many there are */
    size_t announced[IPD_ON_KINDS]; /* records, log entries that callbacks have seen */
    size_t call[IPD_ON_KINDS];      /* callbacks already called for the event at hand */
    size_t log_seen;                /* entries of the log that were looked at for findings */
    unsigned long rewinds;          /* see ipd_run_rewinds */
    size_t notices;                 /* the host has been told */
    int has_function;               /* 1: of rho */
    unsigned calls;                 /* events that the run waits at, as in ipd_run_set_calls */
    ipd_ticket declined;            /* the run is being told that a callback failed; 0: it is not */
    int stepped;                    /* 1: by what Lua does now: a pause by hand ends it, too */
    ipd_lua_task asking;            /* at work on the answer to this run's request */
    unsigned long asked;            /* the number of the last request it has begun */
    struct ipd_lua_run *next;
} ipd_lua_run;

/* Userdata "ipdlam.network": W and b are empty where has_weights is 0. activation_given, loss_given: 0 where the
 * function is only the one that stands for none. */
typedef struct ipd_lua_network {
    ipd_network net;
    int has_weights;
    int activation_given, loss_given;
} ipd_lua_network;

/* Userdata "ipdlam.dataset". */
typedef struct ipd_lua_dataset {
    ipd_dataset *data;
} ipd_lua_dataset;

typedef struct ipd_lua_text {
    struct ipd_lua_text *next;
    char *chunk_name;
    char text[];
} ipd_lua_text;

struct ipd_lua {
    lua_State *L;
    ipd_lua_host host;
    ipd_lua_task chunk, event;  /* a submission or script; a callback of run:on */
    lua_State *current;         /* the task's thread being resumed: the only one that may yield */
    ipd_lua_text *first, *last; /* submissions that wait for their turn */
    ipd_lua_run *runs;          /* of the session, newest first */
    unsigned long made;         /* runs so far */
    unsigned long uses;         /* of runs so far */
    ipd_lua_listed *list;       /* what ipd_lua_list returned last */
    size_t list_room;
    struct pollfd *polled; /* by ipd_lua_poll */
    size_t polled_room;
    char parking[4096];         /* folder of the runs that no history keeps, "": none yet */
    int parking_lock;           /* its descriptor, locked */
    int closing;                /* 1: the session ends: finalizers leave runs alone */
    double slice_end;           /* seconds on the monotonic clock: yield or repaint then */
    double wait_since;          /* when the step that is waited for began */
    long wait_first, wait_last; /* its iterations, 0 where it is no step */
    ipd_lua_run *waited;
    size_t memory, memory_max; /* bytes in use by Lua, and its limit */
    int chunk_failed;          /* how the last chunk ended */
    int unattended;            /* 1: a callback failed while no call waited, in this script */
    double repainted;          /* seconds on the clock: the host, while nothing could yield */
    ipd_run *
        called; /* whose callbacks have just returned: it may ask again at once; it may be closed */
    int turn;   /* 1: what runs ask had the last slice to its end */
    const void *served; /* the run that had it; not to be followed */
    int quiet;          /* > 0: no repaint from the hook */
    int dispatching;    /* 1: within a callback called from a wait that blocks */
    int quitting, quit_code;
    long handles;         /* results so far: _1, _2, ... */
    int answered;         /* the chunk that was loaded is the answer to a word */
    int dropped_chunk;    /* the last chunk was interrupted */
    ipd_lua_run *pausing; /* paused by hand, by the command `pause`, which is not answered yet */
    ipd_ticket pause;
    char why[192]; /* of an interrupt that is a pause by hand: its sentence, or "" */
    atomic_int interrupted, active; /* set in signal handlers, too, on whichever thread */
};

/* The interpreter that L belongs to. */
ipd_lua *ipd_lua_of(lua_State *L);
/* Limits the memory that Lua may hold, in bytes. */
void ipd_lua_limit_memory(ipd_lua *lua, size_t max);
/* The count hook is called after so many instructions. */
enum { IPD_LUA_HOOK_COUNT = 1000 };
void ipd_lua_hook(lua_State *L, lua_Debug *ar);
/* os.setlocale for scripts (locale.c). */
int ipd_lua_setlocale(lua_State *L);
/* Pushes "script.lua:12: " for the innermost function of the user's on the stack, "" if there is none there. */
void ipd_lua_where_user(lua_State *L);
/* catch.c: a message that has a position in an embedded file, with the user's in its place. `thread` is where it was raised;
 * what is new is left on L. */
const char *ipd_lua_user_message(lua_State *L, lua_State *thread, const char *message);
/* Makes pcall, xpcall and coroutine.resume use it. */
void ipd_lua_set_catch(lua_State *L);
/* The chunk name of all embedded files, which messages do not name: their functions stand for C functions. */
extern const char ipd_lua_embedded[];
/* Raises where the user has asked for the end. */
void ipd_lua_check_interrupt(lua_State *L);

/* hear.c, wait.c */
/* After callbacks have returned: waits for the next event for a short while, which saves the host's turn for each of
 * thousands a second. 1 where a run rang. */
int ipd_lua_look_out(ipd_lua *lua);
enum { IPD_LUA_WAIT_MS = 20 }; /* until it looks again, and between two of these: */
/* Lets the host repaint; the second, but not more often than anybody sees. */
void ipd_lua_repaint_now(ipd_lua *lua);
void ipd_lua_repaint(ipd_lua *lua);
/* Takes over what the runs have sent; lets runs that rest be collected. */
void ipd_lua_pump(ipd_lua *lua);
/* The former alone, which may be done between any two instructions of Lua. */
void ipd_lua_hear(ipd_lua *lua);
/* Fills *reply with the answer to a command for the run at stack index 1. Until it comes, yields
 * (and then does not return: k is called, which calls this again) or blocks. Raises where the
 * user interrupts (and pauses the run), or where the run is closed meanwhile. `kept` is 1
 * for commands that write to memory of the caller: these are always waited for. */
void ipd_lua_await(lua_State *L, ipd_ticket ticket, lua_KFunction k, int kept, ipd_reply *reply);
/* by_hand.c: to be called after the runs were polled; interrupts Lua once a pause by hand is answered. */
void ipd_lua_heed_pause(ipd_lua *lua);
/* After a step that ended early: raises where that was a pause by hand. */
void ipd_lua_check_pause(lua_State *L, ipd_lua_run *r);
/* Whether a callback is due; pushes nothing. */
int ipd_lua_event_pending(ipd_lua *lua);
/* Pushes event_main, a run, kind, function and argument (5 values) for the next callback that is
 * due and moves on; 0 where none is. */
int ipd_lua_push_event(ipd_lua *lua, lua_State *L);
/* The kind of callback of r that is due, -1: none; records or log entries that one of a kind is about. */
int ipd_lua_pending_kind(const ipd_lua_run *r);
/* Tells the host what a run has to say to the user. */
void ipd_lua_tell_notices(ipd_lua *lua, ipd_lua_run *r);
/* callback.c */
int ipd_lua_run_on(lua_State *L);
/* Makes the thread the one that calls what the run at index is asked about; 0 where there is nothing to call. */
int ipd_lua_push_callbacks(lua_State *L, int run, lua_State *thread);
/* Once the run has heard that a callback failed: prints the error where no call that waits will raise it. */
void ipd_lua_settle_failure(ipd_lua *lua, ipd_lua_run *r);
/* Raises the error of the callback of the run at index 1 that the reply is about. */
int ipd_lua_raise_failure(lua_State *L, const ipd_reply *reply);
/* Whether callbacks that r waits for are at work, or about to be called. */
int ipd_lua_is_called(const ipd_lua_run *r);
/* The task that is at work: one of a run, a callback that does not wait, or else the submission. */
ipd_lua_task *ipd_lua_current_task(ipd_lua *lua);
/* Whether r cannot go on before the calling function has returned; raises then. */
int ipd_lua_waits_for_caller(lua_State *L, const ipd_lua_run *r);
void ipd_lua_check_can_wait(lua_State *L, const ipd_lua_run *r);

/* Calls host->error with the error value at the top of L (and pops it). */
void ipd_lua_report(ipd_lua *lua, lua_State *L, const char *traceback);

/* The message handler of callbacks and functions: the traceback, where the error is still to be
 * seen. */
int ipd_lua_with_traceback(lua_State *L);
/* The message of an error value and, where it says more, a traceback, as one string: value, thread. Protected, since a
 * __tostring of the user's may fail in turn. */
int ipd_lua_describe_error(lua_State *L);

/* task.c */
/* 1 for "?name" and ":name": one line, and no Lua. */
int ipd_lua_is_command(const char *text);
/* Makes the coroutine of the next submission: its text is at index 1. Returns thread, or nil and
 * the message. */
int ipd_lua_load(lua_State *L);
/* Where everything has ended, the interrupt has done its work. */
void ipd_lua_settle(ipd_lua *lua);
/* Makes the thread at the top of L the task's, and pops it. */
void ipd_lua_adopt(ipd_lua *lua, ipd_lua_task *task, int prompt);
/* One slice of the task, until lua->slice_end. */
void ipd_lua_resume(ipd_lua *lua, ipd_lua_task *task);
/* Whether the task waits for an answer that is not there yet. */
int ipd_lua_task_waits(ipd_lua *lua, const ipd_lua_task *task);
/* Gives the task up, wherever it is; not while it is resumed. */
void ipd_lua_drop_task(ipd_lua *lua, ipd_lua_task *task);

/* request.c */
/* The function of rho that is at work on an answer and can go on; NULL where there is none. Begins
 * on what is asked, gives up what is asked no more. */
ipd_lua_task *ipd_lua_request(ipd_lua *lua);
/* Whether one is at work or about to begin. */
int ipd_lua_request_pending(ipd_lua *lua);
/* Tells the run that request `number` has no answer, and why; prints it where no step will say so. */
void ipd_lua_decline(ipd_lua *lua, lua_State *L, ipd_lua_run *r, unsigned long number,
                     const char *why, const char *traceback);
/* The task ended with an error outside the function: the run must not wait for it. */
void ipd_lua_request_lost(ipd_lua *lua, ipd_lua_run *asker);
/* Takes "rho" out of the table at index, where it is a function, as the one of the run at stack
 * index `run`. */
void ipd_lua_keep_function(lua_State *L, int run, int index);
/* Raises where the settings need a function of rho that neither the table at index nor the run r
 * (NULL: a new one) has. */
void ipd_lua_check_function(lua_State *L, int index, const ipd_lua_run *r);

/* A class of userdata: methods, and fields read by a function of the object. Its metatable has
 * the tables __methods and __fields, for completion and help. */
typedef struct ipd_lua_class {
    const char *name; /* "ipdlam.run" */
    const luaL_Reg *methods, *fields, *meta;
} ipd_lua_class;
void ipd_lua_class_open(lua_State *L, const ipd_lua_class *c);

/* Raises a programmer's mistake (IPD_EUSAGE, with the call's position) and interrupts; for what
 * the world did, pushes nil and the sentence and returns 2. */
int ipd_lua_fail(lua_State *L, const ipd_error *e);
/* Raises "PREFIX 'word'" with the nearest of the words. */
int ipd_lua_unknown(lua_State *L, const char *what, const char *word, const char *const *words);

/* In the registry: all data sets, as weak keys. */
#define IPD_LUA_DATASETS "ipdlam.datasets"
/* Pushes an empty data set that its metatable frees. */
ipd_lua_dataset *ipd_lua_push_dataset(lua_State *L);
/* A data set that Lua holds, with this checksum and source, or NULL. The caller's to release. */
ipd_dataset *ipd_lua_known_dataset(lua_State *L, const char *checksum, const char *source);

/* Each opens its class. */
void ipd_lua_open_dataset(lua_State *L);
void ipd_lua_open_network(lua_State *L);
void ipd_lua_open_matrix(lua_State *L);
void ipd_lua_open_run(lua_State *L);
void ipd_lua_open_record(lua_State *L);
void ipd_lua_open_history(lua_State *L);
void ipd_lua_open_figure(lua_State *L);
/* live.c: what lua/sweep.lua needs of the terminal, into the table at the top. */
void ipd_lua_add_live(lua_State *L);
/* Opens the module: leaves the table on the stack. */
int ipd_lua_open_module(lua_State *L);

/* For the embedded files, complete.c: unknown(name, list, kind, otherwise) -> the sentence of ipd_fail_unknown;
 * paths(text) -> the files and folders (these end with "/") that a path may go on with. */
int ipd_lua_unknown_text(lua_State *L);
int ipd_lua_paths(lua_State *L);

/* Pushes the function `name` of the embedded files. */
void ipd_lua_push_prelude(lua_State *L, const char *name);

/* history.c: ip.runs and ip.history; the records and the run of an old run at index (ip.history), NULL
 * where it is something else. Borrowed. */
int ipd_lua_list_runs(lua_State *L);
int ipd_lua_open_old_run(lua_State *L);
int ipd_lua_again(lua_State *L);
const ipd_record *ipd_lua_history_records(lua_State *L, int index, size_t *count);
const ipd_history_run *ipd_lua_history_run(lua_State *L, int index);

/* run_fields.c */
extern const luaL_Reg ipd_lua_run_fields[];
int ipd_lua_run_tostring(lua_State *L);

/* run:learned() */
int ipd_lua_run_learned(lua_State *L);

/* handle.c */
void ipd_lua_open_handles(lua_State *L);
/* Pushes the handle of a new run without contents, known to the interpreter. */
ipd_lua_run *ipd_lua_push_run(lua_State *L);
/* Pushes the handle of a known run; 0, and pushes nothing, where it is closed and nobody has it. */
int ipd_lua_push_handle(lua_State *L, ipd_lua_run *r);
/* The handle at index is in use, whatever its finalizer thought. */
void ipd_lua_hold(lua_State *L, int index);
/* The run at index, open, parked or closed; NULL or an error where there is something else. */
ipd_lua_run *ipd_lua_test_run(lua_State *L, int index);
ipd_lua_run *ipd_lua_to_run(lua_State *L, int index);
/* Drops the handle of a dead run. */
void ipd_lua_drop_handle(ipd_lua *lua, ipd_lua_run *r);
/* Frees what is dead. No C function may hold such a run then. */
void ipd_lua_reap(ipd_lua *lua);

/* park.c */
/* Goes on parking the idle runs that nobody holds. */
void ipd_lua_park(ipd_lua *lua);
/* Before a run is opened: collects, and waits until what nobody holds is parked. */
void ipd_lua_make_space(lua_State *L);
/* ipd_run_open; where memory is short, parks what was not used for longest and tries again. Fills r. */
int ipd_lua_open_run_of(ipd_lua_run *r, ipd_dataset *data, const ipd_settings *settings,
                        const ipd_run_options *options, ipd_error *e);
/* Opens a run that is parked, if it is. */
int ipd_lua_unpark(ipd_lua_run *r, ipd_error *e);
/* Parks an idle run at once; -1 and *e where it cannot be saved: it stays open. */
int ipd_lua_park_now(ipd_lua_run *r, ipd_error *e);
/* Whether an open or parked run did anything. */
int ipd_lua_is_begun(const ipd_lua_run *r);
/* What is known of an open or parked run. */
const ipd_lua_card *ipd_lua_card_of(const ipd_lua_run *r, ipd_lua_card *room);
/* Forgets where r was parked, with the file if it is temporary. */
void ipd_lua_forget_shelf(ipd_lua_run *r);

/* parking.c: the folder of the session for runs that no history knows. A path in it; removes it. */
int ipd_lua_parking_path(ipd_lua *lua, unsigned long number, char *path, size_t size, ipd_error *e);
void ipd_lua_remove_parking(ipd_lua *lua);
/* The run in the global `run`, open or parked, or NULL. */
ipd_lua_run *ipd_lua_current(ipd_lua *lua);
/* Opens it where a screen shows it. */
void ipd_lua_show_current(ipd_lua *lua);
/* Frees all runs: first their workers, and, after Lua is closed, the rest. */
/* Fills what is known of a run's curves; records are borrowed. */
void ipd_lua_curves_of(ipd_lua_curves *curves, const ipd_lua_run *r);
void ipd_lua_stop_runs(ipd_lua *lua);
void ipd_lua_free_runs(ipd_lua *lua);

/* Userdata that holds an archive while a call waits; its metatable frees it. */
ipd_archive **ipd_lua_push_archive(lua_State *L);

/* run_step.c: the place where a command took effect; steps. */
int ipd_lua_place_k(lua_State *L, int status, lua_KContext ticket);

int ipd_lua_run_start(lua_State *L);
int ipd_lua_run_step(lua_State *L);
int ipd_lua_run_step_block(lua_State *L);
int ipd_lua_run_step_kind(lua_State *L);
int ipd_lua_run_step_batch(lua_State *L);

/* run_travel.c: methods and fields; the budget at index, in bytes. */
int ipd_lua_run_rewind(lua_State *L);
int ipd_lua_run_branch(lua_State *L);
int ipd_lua_run_verify(lua_State *L);
int ipd_lua_run_undo(lua_State *L);
int ipd_lua_run_break_at(lua_State *L);
int ipd_lua_run_clear_breaks(lua_State *L);
int ipd_lua_get_breakpoints(lua_State *L);
int ipd_lua_get_parent(lua_State *L);
int ipd_lua_get_snapshots(lua_State *L);
int ipd_lua_get_snapshot_budget(lua_State *L);
int ipd_lua_set_snapshot_budget(lua_State *L);
double ipd_lua_snapshot_budget_at(lua_State *L, int index);

/* run_settings.c: run:set{...}, run:switch(method, {...}), run.delta = ..., run.delta */
int ipd_lua_run_set(lua_State *L);
int ipd_lua_run_switch(lua_State *L);
int ipd_lua_run_assign(lua_State *L);
int ipd_lua_run_setting(lua_State *L);
/* checkpoint.c: run:checkpoint(path), ip.resume(what) */
int ipd_lua_run_checkpoint(lua_State *L);
int ipd_lua_resume_run(lua_State *L);
void ipd_lua_open_checkpoint(lua_State *L);

/* ending.c: run:close(), and as __close */
int ipd_lua_run_close(lua_State *L);
int ipd_lua_run_close_variable(lua_State *L);

/* run_export.c: run:script(path) */
int ipd_lua_run_script(lua_State *L);

/* Functions of the module `ip`. */
int ipd_lua_new_dataset(lua_State *L);
int ipd_lua_new_network(lua_State *L);
int ipd_lua_load_network(lua_State *L);
int ipd_lua_average_networks(lua_State *L);
int ipd_lua_new_run(lua_State *L);
/* For the embedded files: check_run(table of ip.run) -> true and { setting = why it has no effect } where ip.run would make
 * the run, else as ip.run; make_run(table), as ip.run without warnings; warn(text). */
int ipd_lua_check_run_table(lua_State *L);
int ipd_lua_make_run(lua_State *L);
int ipd_lua_warn_text(lua_State *L);
/* The known setting nearest to an unknown name, or NULL. */
const char *ipd_lua_nearest_setting(const char *name);
/* Warns once per place where the setting, just given, has no effect beside the others. has_weights: as
 * ipd_settings_unused. */
void ipd_lua_warn_unused(lua_State *L, const ipd_settings *s, const char *name, int has_weights);
int ipd_lua_living(lua_State *L);
int ipd_lua_overlay(lua_State *L);
int ipd_lua_compare(lua_State *L);
/* compare_text.c: the first iteration whose figures differ, or 0; pushes a comparison as text, with what was changed in
 * each run (see change_list.h). */
int ipd_lua_first_difference(const ipd_lua_curves *a, const ipd_lua_curves *b);
int ipd_lua_push_comparison(lua_State *L, const ipd_lua_curves both[2], char *const changes[2],
                            int charts);
int ipd_lua_new_figure(lua_State *L);
int ipd_lua_describe(lua_State *L);
int ipd_lua_record_session(lua_State *L);

/* The data set at index: userdata or name. 0, or -1 and *e (as ipd_dataset_open). Borrowed: it
 * is left on the stack's top as userdata. */
int ipd_lua_to_dataset(lua_State *L, int index, ipd_dataset **out, ipd_error *e);
/* The network at index: userdata or a table of widths; left on the stack's top as userdata. */
ipd_lua_network *ipd_lua_to_network(lua_State *L, int index);
/* Fills net with widths and functions, without weights. */
ipd_lua_network *ipd_lua_push_network(lua_State *L);
/* Pushes a copy. */
void ipd_lua_push_matrix(lua_State *L, const ipd_matrix *m);
/* Pushes a record as a table; a place; a log entry; a block report; settings by name. */
void ipd_lua_push_record(lua_State *L, const ipd_record *r);
void ipd_lua_push_place(lua_State *L, const ipd_place *place, const char *prefix);
/* Where a change took effect, as the log says; the text also says what comes next where that is something else. */
void ipd_lua_push_effect(lua_State *L, const ipd_reply *reply);
void ipd_lua_push_log_entry(lua_State *L, const ipd_log_entry *entry);
void ipd_lua_push_block_report(lua_State *L, const ipd_block_report *r, const ipd_place *next);
void ipd_lua_push_settings(lua_State *L, const ipd_settings *s);
/* Pushes the view run.metrics of the run at index. */
void ipd_lua_push_metrics(lua_State *L, int index);
/* The run at index, which is opened where it is parked; raises where that fails, or it is closed or something
 * else. Other runs may be parked meanwhile, but for the one that was checked before. */
ipd_lua_run *ipd_lua_check_run(lua_State *L, int index);
/* Notes that a command was given, unless the ticket is 0; returns the ticket. */
ipd_ticket ipd_lua_given(ipd_lua_run *r, ipd_ticket ticket);
int ipd_lua_run_weights(lua_State *L); /* methods in run_weights.c */
int ipd_lua_run_bias(lua_State *L);
int ipd_lua_run_save(lua_State *L);
int ipd_lua_run_network(lua_State *L);
/* For lua/sweep.lua: writes the weights of a finished run, which are all that its end leaves then. */
int ipd_lua_keep_weights(lua_State *L);

/* Reads settings from the table at index, ready for ipd_settings_set: calls put for each, in the
 * order of the table of settings. `others` are names that the caller takes itself. With `live`,
 * a number for rho is the one in force, else the first. Raises for names that are not known. */
typedef int ipd_lua_put_fn(void *context, const char *name, const char *value, ipd_error *e);
void ipd_lua_read_settings(lua_State *L, int index, const char *const *others, int live,
                           ipd_lua_put_fn *put, void *context);

#endif
