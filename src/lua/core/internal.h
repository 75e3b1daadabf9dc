/* internal.h - types and functions shared by the files of this folder, and used by the classes
 * above it (lua/classes.h): the interpreter, its tasks, the runs of the session.
 *
 * Everything here is for the main thread only, unless it says otherwise.
 */
#ifndef IPD_LUA_CORE_INTERNAL_H
#define IPD_LUA_CORE_INTERNAL_H

#include "history/history.h"
#include "lua/core/host.h"
#include "net/network.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdatomic.h>

/* The kinds of callbacks without waiting, in the order in which they are called. */
enum { IPD_ON_ITERATION, IPD_ON_CHANGE, IPD_ON_KINDS };
extern const char *const ipd_lua_event_names[IPD_EVENTS + 1]; /* by ipd_event */

/* Something that runs in time slices, in a coroutine of its own. */
typedef struct ipd_lua_task {
    lua_State *L;  /* NULL: none */
    int reference; /* to L, in the registry */
    int plain;     /* 1: its output gets no handle _N: help, a command */
    int printing;  /* 1: the chunk is done, its results are being printed */
    int prompt;    /* 1: results are printed and kept in _ */
    int resumed;   /* 1: it is on the C stack */
    int returns;   /* 1: callbacks, which continue even if the run has withdrawn the request */
    struct ipd_lua_run *asker; /* the run whose request it answers, or NULL */
    struct ipd_lua_run *run;   /* the run whose reply it waits for, or NULL */
    ipd_ticket ticket;
    struct ipd_lua_run *blocked; /* the same while it cannot yield; invalid after the call */
    ipd_ticket blocked_ticket;
} ipd_lua_task;

/* Keys of the table that is user value 1 of a run's handle. Keys 1 ... IPD_ON_KINDS are lists of
 * callbacks without waiting. The table is not in the registry, because a function may hold its
 * run. */
enum {
    IPD_LUA_VALUES = IPD_ON_KINDS + 1, /* functions of settings, by name */
    IPD_LUA_BREAKS,                    /* a list of breakpoints */
    IPD_LUA_FAILURE,                   /* the error of a callback, until it is raised or printed */
    IPD_LUA_CALLS /* + event: a list of the callbacks that the run waits for, or nil */
};

/* A run of the session. Lua values are handles, userdata "ipdlam.run", which point here
 * (handle.c). */
typedef struct ipd_lua_run {
    ipd_lua *lua;
    unsigned long number;        /* in the session, from 1 */
    int unheld;                  /* 1: no Lua value leads to its handle */
    int dropped;                 /* 1: it leaves no checkpoint at its end */
    int dead;                    /* 1: closed, and its handle is gone */
    ipd_run *run;                /* NULL: parked or closed */
    int parked;                  /* 1: its state is in the file of `shelf` */
    struct ipd_lua_shelf *shelf; /* park.c; NULL: it was never parked */
    ipd_ticket parking;          /* of the save that precedes parking; 0: none is in progress */
    int ended; /* 1: reopened after it diverged or failed, and no command has been given since */
    int stuck; /* 1: it could not be saved, and stays open */
    int unreadable;                 /* 1: it could not be opened, and this was reported */
    int awaited;                    /* C calls that wait for it */
    unsigned long used;             /* the value of ipd_lua.uses at its last use */
    ipd_ticket ticket;              /* the last command given */
    int breaks;                     /* number of breakpoints */
    size_t callbacks[IPD_ON_KINDS]; /* number of callbacks */
    size_t announced[IPD_ON_KINDS]; /* records and log entries that callbacks have had */
    size_t call[IPD_ON_KINDS];      /* callbacks already called for the current event */
    size_t log_seen;                /* log entries searched for findings of the audit */
    unsigned long rewinds;          /* see ipd_run_rewinds */
    size_t notices;                 /* notices passed to the host */
    int has_function;               /* 1: a setting follows a function */
    unsigned calls;      /* events with callbacks that the run waits for, as in ipd_run_set_calls */
    ipd_ticket declined; /* of the message that a callback failed; 0: none is pending */
    int stepped;         /* 1: by the current task, which a pause by hand ends as well */
    ipd_lua_task asking; /* the task that answers this run's request */
    unsigned long asked; /* number of the last request that it began to answer */
    struct ipd_lua_run *next;
} ipd_lua_run;

/* Userdata "ipdlam.dataset". */
typedef struct ipd_lua_dataset {
    ipd_dataset *data;
} ipd_lua_dataset;

/* A submission that waits. */
typedef struct ipd_lua_text {
    struct ipd_lua_text *next;
    char *chunk_name;
    char text[];
} ipd_lua_text;

/* A block of memory that is kept for the next tensor of its size. */
enum { IPD_LUA_SPARE = 4 };
typedef struct ipd_lua_block {
    void *data;
    size_t size;
} ipd_lua_block;

struct ipd_lua {
    lua_State *L;
    ipd_lua_host host;
    ipd_lua_task chunk, event;  /* a submission or script; a callback without waiting */
    lua_State *current;         /* the task's thread being resumed: the only one that may yield */
    ipd_lua_text *first, *last; /* queued submissions */
    ipd_lua_run *runs;          /* of the session, newest first */
    unsigned long made;         /* runs so far */
    unsigned long uses;         /* of runs so far */
    ipd_lua_listed *list;       /* the last result of ipd_lua_list */
    size_t list_capacity;
    struct pollfd *polled; /* descriptors of the last ipd_lua_poll */
    size_t polled_capacity;
    char parking[4096];         /* folder of parked runs without a history; "": none yet */
    int parking_lock;           /* its descriptor, locked */
    int closing;                /* 1: the session is ending, and finalizers leave runs alone */
    double slice_end;           /* seconds on the monotonic clock, when to yield or repaint */
    double wait_since;          /* when the awaited step began */
    long wait_first, wait_last; /* its iterations; 0 if it is not a step */
    ipd_lua_run *waited;        /* the run that the submission waits for, or NULL */
    size_t memory, memory_max;  /* bytes in use by Lua with spare blocks, and their limit */
    ipd_lua_block spare[IPD_LUA_SPARE]; /* large blocks that were freed last */
    int spare_count;
    int chunk_failed; /* 1: the last chunk ended with an error */
    int unattended;   /* 1: a callback of this script failed while no call waited */
    double repainted; /* when the host last repainted because Lua could not yield */
    /* The run whose callbacks have just returned: it may send the next request at once. It may be
     * closed by now. */
    ipd_run *called;
    int turn;           /* 1: requests of runs used the whole last slice */
    const void *served; /* the run whose request used that slice; never dereferenced */
    int quiet;          /* > 0: no repaint from the hook */
    int dispatching;    /* 1: within a callback called from a blocking wait */
    int quitting, quit_code;
    unsigned long inputs; /* typed so far: prompt[1], prompt[2], ... */
    long handles;         /* results so far: _1, _2, ... */
    int answered;         /* 1: the loaded chunk is the answer to a word ("help") */
    int dropped_chunk;    /* 1: the last chunk was interrupted */
    ipd_lua_run *pausing; /* the run paused by hand whose pause is not answered yet, or NULL */
    ipd_ticket pause;
    char why[192];                  /* the message of an interrupt by a pause by hand, or "" */
    atomic_int interrupted, active; /* also set in signal handlers, on any thread */
    /* Only in a state for a method from a file; NULL in the interpreter of the session. */
    void (*check)(lua_State *L); /* raises an error if the method must stop */
    void *method;
};

/* memory.c */
/* Makes the Lua state of lua, within memory_max (0: half of the machine's); -1 if memory runs
 * out. */
int ipd_lua_new_state(ipd_lua *lua);
/* Opens a state for a method, apart from the session's, without libraries. One thread at a time
 * uses it. `open` runs in it, protected, with `method` in ipd_lua.method. The caller closes it. Any
 * thread. */
int ipd_lua_open_apart(ipd_lua **out, void (*check)(lua_State *L), lua_CFunction open, void *method,
                       ipd_error *e);
void ipd_lua_close_apart(ipd_lua *lua); /* accepts NULL */
/* Limits the memory that Lua may hold, in bytes. */
void ipd_lua_limit_memory(ipd_lua *lua, size_t max);
/* Frees the spare blocks. */
void ipd_lua_drop_spare(ipd_lua *lua);

/* host.c: the interpreter that L belongs to. */
ipd_lua *ipd_lua_of(lua_State *L);
/* Instructions between two calls of the count hook. */
enum { IPD_LUA_HOOK_COUNT = 1000 };
void ipd_lua_hook(lua_State *L, lua_Debug *ar);
/* Pushes "script.lua:12: " for the innermost function of the user's on the stack; "" if there is
 * none. */
void ipd_lua_where_user(lua_State *L);
/* Raises an error if the user has interrupted. */
void ipd_lua_check_interrupt(lua_State *L);

/* catch.c: returns the message with the user's position in place of one in an embedded file. It was
 * raised in `thread`; a new string is left on L. */
const char *ipd_lua_user_message(lua_State *L, lua_State *thread, const char *message);
/* Makes pcall, xpcall and coroutine.resume use it. */
void ipd_lua_set_catch(lua_State *L);

/* hear.c */
/* Receives messages of the runs; allowed between any two Lua instructions. */
void ipd_lua_hear(ipd_lua *lua);
/* Interrupts Lua if the answer to a pause by hand has come. Call it after polling the runs. */
void ipd_lua_heed_pause(ipd_lua *lua);
/* Waits briefly for the next event of the run whose callbacks have just returned: with thousands of
 * events per second this saves a turn of the host for each. Returns 1 if the run has sent
 * something. */
int ipd_lua_look_out(ipd_lua *lua);
/* Milliseconds between two polls of a waiting call, and between two repaints. */
enum { IPD_LUA_WAIT_MS = 20 };
/* Let the host repaint: at once, or unless it did within the last IPD_LUA_WAIT_MS. */
void ipd_lua_repaint_now(ipd_lua *lua);
void ipd_lua_repaint(ipd_lua *lua);
/* Returns 1 if a callback without waiting is due. Pushes nothing. */
int ipd_lua_event_pending(ipd_lua *lua);
/* The kind of callback without waiting that is due for r, or -1. */
int ipd_lua_pending_kind(const ipd_lua_run *r);
/* The number of records or log entries of r, by the kind of callback that gets them. */
size_t ipd_lua_event_count(const ipd_lua_run *r, int kind);
/* Passes a run's new notices to the host. */
void ipd_lua_pass_notices(ipd_lua *lua, ipd_lua_run *r);

/* wait.c */
/* Fills *reply with the answer to a command for the run at stack index 1. Until the answer comes,
 * it yields (it then does not return; k is called and calls it again) or blocks. Raises an error if
 * the user interrupts, which pauses the run, or if the run is closed meanwhile. Set `kept` for
 * commands that write to the caller's memory: they are always waited for. */
void ipd_lua_await(lua_State *L, ipd_ticket ticket, lua_KFunction k, int kept, ipd_reply *reply);
/* Ends a function that has sent a command to r: notes the command and returns what k returns, which
 * awaits the answer. Without a ticket, fails with *e. */
int ipd_lua_command(lua_State *L, ipd_lua_run *r, ipd_ticket ticket, lua_KFunction k,
                    const ipd_error *e);

/* by_hand.c: after a step that ended early, raises an error if a pause by hand ended it. */
void ipd_lua_check_pause(lua_State *L, ipd_lua_run *r);

/* event.c: pushes event_main, a run, a kind, a function and its argument (5 values) for the next
 * callback without waiting that is due, and marks it as called. Returns 0 if none is due. */
int ipd_lua_push_event(ipd_lua *lua, lua_State *L);

/* callback.c */
int ipd_lua_run_on(lua_State *L); /* run:on */
/* Prepares the thread to call the callbacks for the request of the run at the index; returns 0 if
 * there are none. */
int ipd_lua_push_callbacks(lua_State *L, int run, lua_State *thread);
/* Prints the error of a callback unless a waiting call will raise it. Call it once the run knows
 * that the callback failed. */
void ipd_lua_report_failure(ipd_lua *lua, ipd_lua_run *r);
/* Raises the stored error of a callback of the run at index 1, after a reply that failed with
 * IPD_ECALLBACK. */
int ipd_lua_raise_failure(lua_State *L, const ipd_reply *reply);
/* Returns 1 if callbacks that r waits for are running or about to be called. */
int ipd_lua_is_called(const ipd_lua_run *r);
/* The running task: a run's, a callback without waiting, or else the submission. */
ipd_lua_task *ipd_lua_current_task(ipd_lua *lua);
/* Whether r can continue only after the calling function has returned. The second raises an error
 * then. */
int ipd_lua_waits_for_caller(lua_State *L, const ipd_lua_run *r);
void ipd_lua_check_can_wait(lua_State *L, const ipd_lua_run *r);

/* report.c */
/* Passes the traceback, or if it is NULL the error value at the top of L, to the host; pops that
 * value. */
void ipd_lua_report(ipd_lua *lua, lua_State *L, const char *traceback);
/* Message handler of callbacks and functions: adds the traceback. */
int ipd_lua_with_traceback(lua_State *L);
/* Lua function (value, thread) -> the error's message, with a traceback if that adds something.
 * Call it protected: a __tostring of the user's may fail. */
int ipd_lua_describe_error(lua_State *L);

/* task.c */
/* Returns 1 for "?name" and ":name", which are one line and not Lua. */
int ipd_lua_is_command(const char *text);
/* Creates the coroutine of the submission whose ipd_lua_text is at index 1. Returns the thread, or
 * nil and a message. */
int ipd_lua_load(lua_State *L);
/* Frees the submissions that wait; returns their number. */
long ipd_lua_drop_submissions(ipd_lua *lua);
/* Clears the interrupt if every task has ended. */
void ipd_lua_clear_interrupt(ipd_lua *lua);
/* Moves the thread at the top of L into the task. */
void ipd_lua_adopt(ipd_lua *lua, ipd_lua_task *task, int prompt);
/* Runs the task until lua->slice_end. */
void ipd_lua_resume(ipd_lua *lua, ipd_lua_task *task);
/* Returns 1 if the task waits for a reply that has not come. */
int ipd_lua_task_waits(ipd_lua *lua, const ipd_lua_task *task);
/* Ends a task that is not being resumed, wherever it stands. */
void ipd_lua_drop_task(ipd_lua *lua, ipd_lua_task *task);
/* Returns 1 if a task answers a run's request. */
int ipd_lua_request_pending(ipd_lua *lua);
/* Tells the run that request `number` has no answer, and why; prints the reason unless a step will
 * report it. */
void ipd_lua_decline(ipd_lua *lua, lua_State *L, ipd_lua_run *r, unsigned long number,
                     const char *why, const char *traceback);
/* Declines the request of a task that failed outside the function: the run must not wait for it. */
void ipd_lua_request_lost(ipd_lua *lua, ipd_lua_run *asker);

/* request.c */
/* Returns a task that answers a run's request and can continue, or NULL. Starts tasks for new
 * requests and drops those of withdrawn ones. */
ipd_lua_task *ipd_lua_request(ipd_lua *lua);
/* Copies the functions of settings in the table at the index to the run at stack index `run`. */
void ipd_lua_keep_functions(lua_State *L, int run, int index);
/* The first setting that follows a function by these settings, while the table at the index has
 * none for it; NULL if there is no such setting. */
const char *ipd_lua_missing_function(lua_State *L, int index, const ipd_settings *s);
/* Raises an error if these schedules need a function that neither the table at the index nor the
 * run at stack index `run` (0: a new run) has. */
void ipd_lua_check_functions(lua_State *L, int index, int run, const char *rho_schedule,
                             const char *schedule);

/* class.c: a class of userdata: methods, and fields read by a function of the object. Its metatable
 * has the tables __methods and __fields, for completion and help. */
typedef struct ipd_lua_class {
    const char *name; /* "ipdlam.run" */
    const luaL_Reg *methods, *fields, *meta;
} ipd_lua_class;
void ipd_lua_class_open(lua_State *L, const ipd_lua_class *c);
/* Like luaL_checkudata; if a method was called with a dot, the error says so. */
void *ipd_lua_check_object(lua_State *L, int index, const char *class);
/* Defines a function for such a table that pushes VALUE, an expression of L. */
#define IPD_LUA_GETTER(NAME, TYPE, VALUE)                                                          \
    static int NAME(lua_State *L)                                                                  \
    {                                                                                              \
        lua_push##TYPE(L, VALUE);                                                                  \
        return 1;                                                                                  \
    }
/* Sets a field of the table at the top: IPD_LUA_SET(L, "layer", integer, l). */
#define IPD_LUA_SET(L, NAME, TYPE, ...) (lua_push##TYPE(L, __VA_ARGS__), lua_setfield(L, -2, NAME))
/* Raises misuse (IPD_EUSAGE, with the call's position) and interrupts as errors. For external
 * failures, pushes nil and the message and returns 2. */
int ipd_lua_fail(lua_State *L, const ipd_error *e);
/* Raises "unknown WHAT 'word'" with the nearest of the words. */
int ipd_lua_unknown(lua_State *L, const char *what, const char *word, const char *const *words);
/* Raises such an error unless each key of the table at the index is one of the names. */
void ipd_lua_check_keys(lua_State *L, int index, const char *what, const char *const *names);

/* push.c */
/* The chunk name of all embedded files. Messages do not show it: their functions act as C
 * functions. */
extern const char ipd_lua_embedded[];
/* Pushes the function `name` of the embedded files. */
void ipd_lua_push_prelude(lua_State *L, const char *name);
/* Makes the table at the top weak: "k" in its keys, "v" in its values. */
void ipd_lua_set_weak(lua_State *L, const char *mode);
/* Registry key of a table of all data sets, as weak keys. */
#define IPD_LUA_DATASETS "ipdlam.datasets"
/* Pushes an empty data set that its metatable frees. */
ipd_lua_dataset *ipd_lua_push_dataset(lua_State *L);
/* A data set in Lua with this checksum and source, or NULL. The caller releases it. */
ipd_dataset *ipd_lua_known_dataset(lua_State *L, const char *checksum, const char *source);
/* Pushes a field's value: a number, a text, a list by layer, or a table by block name. */
void ipd_lua_push_field(lua_State *L, const ipd_field *f, const ipd_record *r);
/* Push tables: a record, a place, a log entry, a block report, settings by name. `prefix` begins
 * the place's text. */
void ipd_lua_push_record(lua_State *L, const ipd_records *records, size_t row);
void ipd_lua_push_place(lua_State *L, const ipd_place *place, const char *prefix);
void ipd_lua_push_log_entry(lua_State *L, const ipd_log_entry *entry);
void ipd_lua_push_block_report(lua_State *L, const ipd_block_report *r, const ipd_place *next);
void ipd_lua_push_settings(lua_State *L, const ipd_settings *s);
/* Pushes the place where a change took effect, as in the log. If the run continues with another
 * block, the text adds it. */
void ipd_lua_push_effect(lua_State *L, const ipd_reply *reply);
/* Pushes a list of numbers; returns 1. */
int ipd_lua_push_widths(lua_State *L, const size_t *widths, int count);
/* Pushes the view run.metrics of the run at the index. */
void ipd_lua_push_metrics(lua_State *L, int index);

/* handle.c */
void ipd_lua_open_handles(lua_State *L);
/* Adds an empty run to the session and pushes its handle. */
ipd_lua_run *ipd_lua_push_run(lua_State *L);
/* Pushes the handle of a run of the session; returns 0 and pushes nothing if it is closed and
 * unreferenced. */
int ipd_lua_push_handle(lua_State *L, ipd_lua_run *r);
/* Marks the handle at the index as referenced, even if its finalizer has run. */
void ipd_lua_hold(lua_State *L, int index);
/* The run at the index: open, parked or closed. For any other value the first returns NULL, the
 * second raises an error. */
ipd_lua_run *ipd_lua_test_run(lua_State *L, int index);
ipd_lua_run *ipd_lua_to_run(lua_State *L, int index);
/* Drops the handle of a dead run. */
void ipd_lua_drop_handle(ipd_lua *lua, ipd_lua_run *r);
/* The run in the global `run`, open or parked, or NULL. */
ipd_lua_run *ipd_lua_current(ipd_lua *lua);

/* park.c */
/* Continues to park idle runs that nothing refers to. */
void ipd_lua_park(ipd_lua *lua);
/* Collects garbage and waits until unreferenced runs are parked. Call it before a run is opened. */
void ipd_lua_make_space(lua_State *L);
/* Calls ipd_run_open and fills r; if memory is short, parks the least recently used runs and tries
 * again. */
int ipd_lua_open_run_of(ipd_lua_run *r, ipd_dataset *data, const ipd_settings *settings,
                        const ipd_run_options *options, ipd_error *e);
/* Opens r if it is parked. */
int ipd_lua_unpark(ipd_lua_run *r, ipd_error *e);
/* Parks an idle run at once. -1 and *e if it cannot be saved; it then stays open. */
int ipd_lua_park_now(ipd_lua_run *r, ipd_error *e);
/* Returns 1 if an open or parked run has worked. */
int ipd_lua_is_begun(const ipd_lua_run *r);
/* The card of an open run, in *buffer, or of a parked one. */
const ipd_lua_card *ipd_lua_card_of(const ipd_lua_run *r, ipd_lua_card *buffer);
/* Forgets where r was parked, with the file if it is temporary. */
void ipd_lua_forget_shelf(ipd_lua_run *r);
/* Opens the run in the global `run` if a screen shows it. */
void ipd_lua_show_current(ipd_lua *lua);
/* The run at the index; a parked run is opened. Raises an error if that fails, or if the run is
 * closed or the value no run. Opening may park other runs, except the one checked before. */
ipd_lua_run *ipd_lua_check_run(lua_State *L, int index);
/* Notes that a command was given, unless the ticket is 0; returns the ticket. A step of iterations
 * sets ipd_lua.wait_last afterwards. */
ipd_ticket ipd_lua_given(ipd_lua_run *r, ipd_ticket ticket);

/* parking.c: a path in the session's folder for parked runs without a history; removes that
 * folder. */
int ipd_lua_parking_path(ipd_lua *lua, unsigned long number, char *path, size_t size, ipd_error *e);
void ipd_lua_remove_parking(ipd_lua *lua);

/* runs.c */
/* Receives the runs' messages, passes them to the host and lets idle runs be parked. */
void ipd_lua_pump(ipd_lua *lua);
/* Frees dead runs. No C function may hold one at that time. */
void ipd_lua_reap(ipd_lua *lua);
/* Fills in the curves of an open run; records are borrowed. */
void ipd_lua_curves_of(ipd_lua_curves *curves, const ipd_lua_run *r);
/* Free all runs: first their workers and, after Lua is closed, the rest. */
void ipd_lua_stop_runs(ipd_lua *lua);
void ipd_lua_free_runs(ipd_lua *lua);

#endif
