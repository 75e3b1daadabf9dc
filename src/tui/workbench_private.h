/* workbench_private.h - what the files of the workbench share. Main thread. */
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
    IPD_FRAME_MS = 33, /* at most about 30 frames a second, */
    IPD_NEWS_MS = 100, /* 10 of them where only the run has news, */
    IPD_ANSWER_MS = 8, /* and sooner where a key was pressed */
    IPD_MAX_EARLY = 16
};

/* With IPDLAM_TEST set, the lower right corner shows "keys N frame M idle" (or "busy"): how many
 * keys were taken, how often the screen was drawn, and whether everything typed and printed is on
 * it. Tests wait for it instead of sleeping. */
typedef struct ipd_workbench {
    ipd_lua *lua;
    ipd_output *output;
    ipd_model model;
    ipd_canvas canvas;
    ipd_stepping stepping;
    ipd_controller controller;
    ipd_action early[IPD_MAX_EARLY]; /* keys pressed while Lua makes the run that they are for */
    int early_count;
    int key_line; /* 1: Lua has a line of a key, such as B, which may put another run on the screen */
    ipd_lua_activity activity;
    volatile sig_atomic_t lua_interrupted; /* the last C-c was for Lua */
    volatile sig_atomic_t unheard;         /* C-c pressed since the main thread last looked */
    double unheard_since;                  /* seconds; the first of these */
    int monochrome, charset;
    int dirty;                  /* something may look different */
    int pressed;                /* because of a key */
    int news;                   /* the run is further: enough to be drawn now and then */
    double last_frame;          /* seconds */
    double news_seen;           /* seconds; the last of runs */
    unsigned long drawn_output; /* version of the scrollback that is on the screen */
    int testing, drawn_idle;
    ipd_keyboard keyboard;
    unsigned long frames;
    int runs_were_wanted; /* in the frame before */
    const char *history;  /* database of runs, or NULL */
    /* Numbers in the session: the run on the screen, the newest run, and the branch and its parent that were
     * drawn beside each other last. */
    unsigned long shown, newest, compared[2];
    unsigned long session_seen; /* what its runs had done at the last look, as a checksum */
    int settings_large;         /* F2 zoomed them */
    ipd_replay replay;
    int asked_help;    /* 1: the next result is the answer to ?name */
    size_t help_lines; /* of that, which is on its way to the pane */
    int started;       /* init.lua is done */
    int done, code;
} ipd_workbench;

/* workbench.c */
int ipd_workbench_is_idle(ipd_workbench *w);
void ipd_workbench_draw(ipd_workbench *w);

/* workbench_keys.c: the keyboard's and the views' side. */
void ipd_workbench_keys_init(ipd_workbench *w); /* fills w->keyboard and w->model.actions */
void ipd_workbench_early_keys(ipd_workbench *w);
int ipd_workbench_wait_for_keys(void *workbench);
void ipd_workbench_keep_layouts(ipd_workbench *w); /* writes what was changed */
void ipd_workbench_going_back(void *workbench, ipd_run *run, long iteration); /* for ipd_stepping */

/* workbench_runs.c: other runs than the one on the screen. */
int ipd_workbench_overlay(void *workbench, const ipd_lua_curves *curves, int difference,
                          ipd_error *e);
/* Keeps the curves of what a rewind of the run on the screen will take back. */
void ipd_workbench_rewinding(void *workbench, const ipd_lua_curves *curves, long iteration);
/* Takes over what the overlays' runs and the table of runs show. */
void ipd_workbench_runs_update(ipd_workbench *w);
/* Before and after a frame: what only some views need is made for those that were drawn. */
void ipd_workbench_before_frame(ipd_workbench *w);
void ipd_workbench_after_frame(ipd_workbench *w);

/* workbench_lua.c: the functions that Lua finds in the workbench. */
void ipd_workbench_lua_open(ipd_workbench *w);

/* workbench_prompt.c: fills in what the prompt asks of Lua and of the terminal. */
void ipd_workbench_prompt_init(ipd_workbench *w, ipd_prompt_host *host);
void ipd_workbench_say_error(ipd_workbench *w, const ipd_error *e);
/* A help text, to be read from its first line on. */
void ipd_workbench_say_help(ipd_workbench *w, ipd_text_kind kind, const char *text);
/* Shows the help on the name at the cursor; 0 where there is none. */
int ipd_workbench_help_on_name(ipd_workbench *w);

#endif
