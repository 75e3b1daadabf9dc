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

/* Shortest times between frames, in milliseconds. If only the run has advanced, the time is also
 * IPD_NEWS_SHARE times what the last frame took, so that drawing uses at most 1/80 of a core. */
enum { IPD_FRAME_MS = 33, IPD_ANSWER_MS = 8 /* after a key */, IPD_NEWS_MS = 100 };
enum { IPD_NEWS_SHARE = 80 };

enum { IPD_MAX_EARLY = 16, IPD_MAX_UNDO = 64 };

/* An edit of a run, as the edit that takes it back. */
typedef struct ipd_edit_undo {
    ipd_run_edit what;
    long id;              /* in the history */
    unsigned long number; /* in the session, or 0 */
    char text[1024];      /* as in ipd_actions.edit */
} ipd_edit_undo;

/* With IPDLAM_TEST set, the lower right corner shows "keys N frame M idle" (or "busy"): how many
 * keys were read and frames drawn, and "idle" if everything typed and printed is on the screen.
 * Tests wait for it instead of sleeping. */
typedef struct ipd_workbench {
    ipd_lua *lua;
    ipd_output *output;
    ipd_model model;
    ipd_canvas canvas;
    ipd_stepping stepping;
    ipd_controller controller;
    ipd_action early[IPD_MAX_EARLY]; /* keys pressed while Lua opens the run that they act on */
    int early_count;
    /* 1: Lua runs the line of a key, such as B, which may put another run on the screen */
    int key_line;
    ipd_lua_activity activity;
    volatile sig_atomic_t lua_interrupted; /* 1: the last C-c interrupted Lua */
    volatile sig_atomic_t unheard;         /* number of C-c since the main thread last checked */
    double unheard_since;                  /* time of the first of these, in seconds */
    int monochrome, charset;
    int dirty;                  /* 1: the screen may have changed */
    int pressed;                /* 1: a key may have changed the screen */
    int news;                   /* 1: the run has advanced */
    double last_frame;          /* time of the last frame, in seconds */
    double frame_took;          /* processor time of the last frame, in seconds */
    double news_seen;           /* time of the last poll of the runs, in seconds */
    unsigned long drawn_output; /* version of the scrollback on the screen */
    int testing, drawn_idle;    /* 1: IPDLAM_TEST is set; the screen says "idle" */
    ipd_keyboard keyboard;
    unsigned long frames; /* drawn so far */
    int runs_were_wanted; /* 1: the previous frame has the table of runs */
    const char *history;  /* database of runs, or NULL */
    /* Numbers in the session: the run on the screen, the newest run, and the branch and parent that
     * were last drawn together. */
    unsigned long shown, newest, compared[2];
    unsigned long session_seen; /* checksum of the progress of all runs at the last check */
    char left[340];             /* message for the end of a step back: what it discards */
    /* The run whose curve was added as "before" for a rewind, or 0; its number of rewinds then. */
    unsigned long rewinding, rewinds;
    int watch_stale; /* 1: a line was entered since Lua evaluated the watch expressions */
    /* The run's state when Lua evaluated them. */
    ipd_place watched;
    size_t watched_records, watched_log;
    int settings_large; /* 1: F2 zoomed the settings */
    ipd_replay replay;
    ipd_edit_undo undo[IPD_MAX_UNDO]; /* the newest edit last */
    int undo_count;
    int asked_help;    /* 1: the next result is the answer to ?NAME */
    size_t help_lines; /* number of lines of a help text that the pane does not show yet, or 0 */
    int restores;      /* 1: restore the rest of the session when its runs are open */
    int started;       /* 1: init.lua has run */
    int end_waits;     /* 1: leave when the lines typed ahead of C-d have been run */
    int done, code;    /* 1: leave, with this exit code */
} ipd_workbench;

/* workbench_draw.c. Idle: Lua, the prompt, the output and keys have nothing left to do. */
int ipd_workbench_is_idle(ipd_workbench *w);
void ipd_workbench_draw(ipd_workbench *w); /* draws a frame */

/* workbench_keys.c: keys and actions of views. */
/* Fills w->keyboard and w->model.actions. */
void ipd_workbench_keys_init(ipd_workbench *w);
/* Carries out the keys in w->early once their run is open. */
void ipd_workbench_early_keys(ipd_workbench *w);
/* ipd_prompt_host.wait. */
int ipd_workbench_wait_for_keys(void *workbench);
/* Shows a view: zooms it if the layout lacks it. */
void ipd_workbench_show(ipd_workbench *w, const ipd_view *view);
/* Saves changed layouts. */
void ipd_workbench_keep_layouts(ipd_workbench *w);
/* For ipd_stepping. */
void ipd_workbench_going_back(void *workbench, ipd_run *run, long iteration);
void ipd_workbench_went_back(void *workbench);

/* The workbench of a function that ipd_lua_register has registered. */
static inline ipd_workbench *ipd_workbench_of(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

/* workbench_runs.c: runs other than the one on the screen. */
/* The curves of an open run, by its number in the session. */
ipd_lua_curves ipd_workbench_curves(const ipd_run *run, unsigned long number);
/* Returns the card of a parked run; of an open run *filled, with its present values. */
const ipd_lua_card *ipd_workbench_card(const ipd_lua_listed *listed, ipd_lua_card *filled);
/* ipd_lua_host.overlay and .rewinding. The latter keeps the curves that a rewind will discard. */
int ipd_workbench_overlay(void *workbench, const ipd_lua_curves *curves, int difference,
                          ipd_error *e);
void ipd_workbench_rewinding(void *workbench, const ipd_lua_curves *curves, long iteration);
/* Updates overlays and the table of runs. */
void ipd_workbench_runs_update(ipd_workbench *w);
/* Called before and after a frame. The latter prepares data that only some views need, if the frame
 * has these views. */
void ipd_workbench_before_frame(ipd_workbench *w);
void ipd_workbench_after_frame(ipd_workbench *w);

/* workbench_session.c: the file of the session. */
/* Returns the content of the file, to be freed; NULL if memory runs out. */
char *ipd_workbench_session(ipd_workbench *w, size_t *length);
/* Writes the file. */
void ipd_workbench_keep_session(const ipd_workbench *w, const char *text, size_t length);
/* Sets the globals of the last session; call it before the first line. */
void ipd_workbench_restore_globals(ipd_workbench *w);
/* Restores pins, cursor and filter; call it when the runs of the session are open. */
void ipd_workbench_restore(ipd_workbench *w);

/* workbench_edit.c: ipd_actions.edit. */
int ipd_workbench_edit(void *workbench, ipd_run_edit what, const ipd_run_row *run, const char *text,
                       ipd_error *e);
/* Removes the runs that the user deleted; call it after all runs have ended. */
void ipd_workbench_remove_runs(ipd_workbench *w);

/* workbench_watch.c: has Lua evaluate the watch expressions after each stop and each line, if the
 * view was drawn. */
void ipd_workbench_watch(ipd_workbench *w);
/* ipd_lua_host.watched. */
void ipd_workbench_watched(void *workbench, const char *text, int show);

/* workbench_copy.c: copies the text of the focused pane, without its frame, to the clipboard. */
void ipd_workbench_copy_pane(ipd_workbench *w);
/* Registers ip.copy and ip.log. */
void ipd_workbench_copy_open(ipd_workbench *w);

/* workbench_bind.c: registers ip.keys. */
void ipd_workbench_bind_open(ipd_workbench *w);

/* workbench_lua.c: registers all functions of the workbench. */
void ipd_workbench_lua_open(ipd_workbench *w);

/* workbench_prompt.c: fills the callbacks that connect the prompt to Lua and the terminal. */
void ipd_workbench_prompt_init(ipd_workbench *w, ipd_prompt_host *host);
void ipd_workbench_say_error(ipd_workbench *w, const ipd_error *e);
/* Shows a help text from its first line on. */
void ipd_workbench_say_help(ipd_workbench *w, ipd_text_kind kind, const char *text);
/* Shows the help for the name at the cursor; returns 0 if there is none. */
int ipd_workbench_help_on_name(ipd_workbench *w);

#endif
