/* workbench_private.h - shared by the files of the workbench. Main thread. */
#ifndef IPD_TUI_WORKBENCH_PRIVATE_H
#define IPD_TUI_WORKBENCH_PRIVATE_H

#include "lua/core/host.h"
#include "tui/model/controller.h"
#include "tui/model/stepping.h"
#include "tui/pane/layout.h"
#include "tui/prompt/prompt.h"
#include "tui/replay.h"
#include "tui/terminal/keyboard.h"
#include "tui/terminal/output.h"
#include "tui/workbench.h"

#include <signal.h>

enum {
    IPD_FRAME_MS = 33,   /* at most about 30 frames per second, */
    IPD_NEWS_MS = 100,   /* 10 if only the run has news, and fewer if they */
    IPD_NEWS_SHARE = 80, /* would take more than 1/80 of a core, */
    IPD_ANSWER_MS = 8,   /* and sooner after a key */
    IPD_MAX_EARLY = 16
};

enum { IPD_MAX_UNDO = 64 };

/* What an edit of a run replaced. */
typedef struct ipd_edit_undo {
    ipd_run_edit what;
    long id;
    unsigned long number; /* in the session, or 0 */
    char text[1024];
} ipd_edit_undo;

/* With IPDLAM_TEST set, the lower right corner shows "keys N frame M idle" (or "busy"): the number
 * of keys read and of frames drawn, and whether everything typed and printed is on the screen.
 * Tests wait for it instead of sleeping. */
typedef struct ipd_workbench {
    ipd_lua *lua;
    ipd_output *output;
    ipd_model model;
    ipd_canvas canvas;
    ipd_stepping stepping;
    ipd_controller controller;
    ipd_action early[IPD_MAX_EARLY]; /* keys pressed while Lua opens their run */
    int early_count;
    /* 1: Lua runs a line of a key, such as B, which may put another run on the screen */
    int key_line;
    ipd_lua_activity activity;
    volatile sig_atomic_t lua_interrupted; /* the last C-c interrupted Lua */
    volatile sig_atomic_t unheard;         /* number of C-c since the main thread last checked */
    double unheard_since;                  /* seconds; the first of these */
    int monochrome, charset;
    int dirty;                  /* the screen may have changed */
    int pressed;                /* by a key */
    int news;                   /* 1: the run has advanced, so the screen must be redrawn */
    double last_frame;          /* seconds */
    double frame_took;          /* seconds of processor time of the last frame */
    double news_seen;           /* seconds; last poll of the runs */
    unsigned long drawn_output; /* version of the scrollback on the screen */
    int testing, drawn_idle;
    ipd_keyboard keyboard;
    unsigned long frames;
    int runs_were_wanted; /* in the previous frame */
    const char *history;  /* database of runs, or NULL */
    /* Numbers in the session: the run on the screen, the newest run, and the branch and parent that
     * were last drawn together. */
    unsigned long shown, newest, compared[2];
    unsigned long session_seen; /* checksum of the progress of all runs at the last check */
    char left[340];             /* what a step back leaves, to be said when it is done */
    /* The run whose curve was added as "before" for a rewind, or 0; its number of rewinds then. */
    unsigned long rewinding, rewinds;
    /* The watch expressions: 1: a line was entered since Lua evaluated them; the run's state then. */
    int watch_stale;
    ipd_place watched;
    size_t watched_records, watched_log;
    int settings_large; /* F2 zoomed the settings */
    ipd_replay replay;
    ipd_edit_undo undo[IPD_MAX_UNDO]; /* edits of runs, the newest last */
    int undo_count;
    int asked_help;    /* 1: the next result is the answer to ?name */
    size_t help_lines; /* lines of a help text that is on its way to the pane */
    int restores; /* 1: the first line opens a session's runs; when it is done, restore the rest */
    int started;  /* init.lua has run */
    int end_refused; /* 1: the last C-d was told that lines wait */
    int done, code;
} ipd_workbench;

/* workbench.c */
int ipd_workbench_is_idle(ipd_workbench *w);
void ipd_workbench_draw(ipd_workbench *w);

/* workbench_keys.c: keys and actions of views. */
void ipd_workbench_keys_init(ipd_workbench *w); /* fills w->keyboard and w->model.actions */
void ipd_workbench_early_keys(ipd_workbench *w);
int ipd_workbench_wait_for_keys(void *workbench);
void ipd_workbench_show(ipd_workbench *w, const ipd_view *view); /* large, if the layout lacks it */
void ipd_workbench_keep_layouts(ipd_workbench *w);               /* saves changed layouts */
/* For ipd_stepping. */
void ipd_workbench_going_back(void *workbench, ipd_run *run, long iteration);
void ipd_workbench_went_back(void *workbench);

/* workbench_runs.c: runs other than the one on the screen. */
/* What is known of a run: the card of a parked one, or *filled. */
const ipd_lua_card *ipd_workbench_card(const ipd_lua_listed *listed, ipd_lua_card *filled);
int ipd_workbench_overlay(void *workbench, const ipd_lua_curves *curves, int difference,
                          ipd_error *e);
/* workbench_session.c: the content of the session's file, to be freed; NULL if memory runs out. Writes that file. */
char *ipd_workbench_session(ipd_workbench *w, size_t *length);
void ipd_workbench_keep_session(const ipd_workbench *w, const char *text, size_t length);
/* Sets the globals of the last session again, before the first line. */
void ipd_workbench_restore_globals(ipd_workbench *w);
/* Brings back pins, cursor and filter of the session, once its runs are open. */
void ipd_workbench_restore(ipd_workbench *w);
/* workbench_runs.c: keeps the curves that a rewind of the run on the screen will discard. */
void ipd_workbench_rewinding(void *workbench, const ipd_lua_curves *curves, long iteration);
/* Updates overlays and the table of runs. */
void ipd_workbench_runs_update(ipd_workbench *w);
/* Before and after a frame: prepares data that only some views need, if they were drawn. */
void ipd_workbench_before_frame(ipd_workbench *w);
void ipd_workbench_after_frame(ipd_workbench *w);

/* workbench_edit.c: ipd_actions.edit, and the removal at the end of the session. */
int ipd_workbench_edit(void *workbench, ipd_run_edit what, const ipd_run_row *run, const char *text,
                       ipd_error *e);
void ipd_workbench_remove_runs(ipd_workbench *w);

/* workbench_watch.c: has Lua evaluate the watch expressions after each stop and each line, if the view was drawn. */
void ipd_workbench_watch(ipd_workbench *w);
void ipd_workbench_watched(void *workbench, const char *text, int show);

/* workbench_copy.c: the clipboard of the terminal, and the log of the output. */
void ipd_workbench_copy_pane(
    ipd_workbench *w); /* the text of the focused pane, without its frame */
void ipd_workbench_copy_open(ipd_workbench *w); /* registers ip.copy and ip.log */

/* workbench_bind.c: registers ip.keys. */
void ipd_workbench_bind_open(ipd_workbench *w);

/* workbench_lua.c: functions of the workbench for Lua. */
void ipd_workbench_lua_open(ipd_workbench *w);

/* workbench_prompt.c: connects the prompt to Lua and the terminal. */
void ipd_workbench_prompt_init(ipd_workbench *w, ipd_prompt_host *host);
void ipd_workbench_say_error(ipd_workbench *w, const ipd_error *e);
/* Shows a help text from its first line on. */
void ipd_workbench_say_help(ipd_workbench *w, ipd_text_kind kind, const char *text);
/* Shows the help for the name at the cursor; 0 if there is none. */
int ipd_workbench_help_on_name(ipd_workbench *w);

#endif
