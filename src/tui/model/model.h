/* model.h - what the views draw: copies of what is known about the run on the screen.
 *
 * Views see nothing else: no solver, no Lua, no curses. Main thread.
 */
#ifndef IPD_TUI_MODEL_MODEL_H
#define IPD_TUI_MODEL_MODEL_H

#include "plot/canvas.h"
#include "run/probe.h"
#include "run/run.h"
#include "tui/model/overlay.h"
#include "tui/model/run_list.h"
#include "tui/model/scrollback.h"

enum { IPD_MODEL_BLOCKS = 128 };

/* What the charts have in common: what is seen of the iterations, and how. A click, a key or Lua changes it for
 * all of them. */
typedef struct ipd_chart_state {
    double low, high; /* iterations that are seen; both 0: all */
    int follow;       /* 1: the newest iteration stays in sight */
    int cursor;       /* iteration whose values the legends tell; 0: the newest one's */
    int x_log;        /* 1: iterations on a log axis */
    unsigned
        y_flipped;  /* bit of a view (ipd_curves.bit): log where it is linear by itself, and back */
    int coarser;    /* see ipd_chart */
    int parts;      /* of the objective: 0 where there is room, 1 yes, -1 no */
    int difference; /* 1: what a chart shows minus the first overlay */
    int without_overlays; /* 1: overlays are not drawn */
} ipd_chart_state;

/* The line being typed, as Readline shows it. Borrowed for one frame. */
typedef struct ipd_typed {
    const char *prompt; /* with Readline's \1 ... \2 around what takes no room, or without */
    const char *line;
    size_t point; /* bytes of line before the cursor */
} ipd_typed;

/* What a view may do to the run on the screen, and say. The workbench fills it in; in tests it may be empty, so
 * views call the ipd_act_ functions below. A function that changes the run returns at once: 0, or -1 and *e
 * where it cannot be; the answer with the place where it took effect goes to the output. */
typedef struct ipd_actions {
    void *context;
    /* A setting by name, from text: "delta", "0.3"; "order", "z3 W3 a2 ..."; "freeze", "W1 W2". */
    int (*set)(void *context, const char *name, const char *value, ipd_error *e);
    /* A line of Lua, as if it had been typed: echoed, kept in the prompt's history, run. */
    int (*lua)(void *context, const char *line, ipd_error *e);
    /* A line of output. */
    void (*say)(void *context, ipd_text_kind kind, const char *text);
} ipd_actions;

/* What the views with pictures show. */
typedef struct ipd_image_state {
    int layer;                      /* of the weights; 0: the first */
    int finer;                      /* pictures so much larger than what fits best */
    size_t first_row, first_sample; /* that are shown, from 0 */
    int training;                   /* 1: training samples, not those of the test */
    int cell;                       /* of the confusion matrix, from 1; 0: none */
    int rows_shown, samples_shown;  /* a page */
} ipd_image_state;

/* What was asked of the run for views that look at weights or at the test samples, and when. */
typedef struct ipd_probe_state {
    ipd_ticket ticket; /* 0: nothing was asked of this run */
    int what, layer;
    size_t records;
    ipd_place place;
} ipd_probe_state;

typedef struct ipd_model {
    int has_run;
    char identity[17]; /* of the run */
    char run_name[64], dataset[64];
    char status_text[256];
    ipd_run_status status;
    ipd_settings settings;
    int L;
    size_t widths[IPD_MAX_LAYERS + 1];
    ipd_order order;
    ipd_place place;
    ipd_block_report recent[IPD_MODEL_BLOCKS]; /* newest last */
    size_t recent_count;

    const ipd_run *source; /* the run */
    ipd_records records;   /* a share of its own */
    ipd_record last;       /* the newest of them */
    ipd_columns columns;
    size_t log_count;
    const ipd_log_entry *(*log)(const void *source, size_t index);
    ipd_chart_state chart;
    int ascii; /* 1: what is shown has only ASCII */
    ipd_overlays overlays;
    ipd_dataset *data;      /* of the run; borrowed */
    const ipd_probe *probe; /* borrowed, until the next update; NULL where nothing was looked at */
    int probe_wanted, probe_layer; /* views that are drawn ask for it: IPD_PROBE_WEIGHTS, ... */
    ipd_probe_state probe_asked;
    ipd_image_state images;
    ipd_run_list runs;
    int order_selected, event_selected; /* of the views that have rows or blocks to choose from */

    int steps_waiting;      /* asked for by keys, beside the one under way */
    int lua_busy;           /* a submission is at work */
    ipd_scrollback *output; /* borrowed */
    int output_back;        /* rows scrolled back */
    int output_rows;        /* of the output that are seen */
    size_t output_top;      /* once: so many lines are to be seen from their first on; 0: none */
    ipd_typed typed;
    char *const *matches, *const *notes; /* completions to list, and a line on each; borrowed */
    size_t match_count;
    const char *signature;             /* of the call that is being typed, or NULL; borrowed */
    int help;                          /* 1: the help is shown */
    int help_top, help_rows, help_all; /* its first row, how many there is room for, and all */
    const struct ipd_view *focus;      /* the view that has the keys; NULL: the prompt */
    int editing;                 /* 1: the focused view takes every key: a value is edited in it */
    const struct ipd_view *zoom; /* the view that is shown large; NULL: none */
    struct ipd_layouts *layouts; /* borrowed; NULL: those built in */
    ipd_actions actions;
    char note[64]; /* lower right corner; see IPDLAM_TEST in workbench.c */

    int cursor_x, cursor_y; /* set by the view that holds the prompt; -1 where there is none */
    int prompt_end;         /* the row below it, likewise */
} ipd_model;

/* Takes over what is known about the run as of its last poll; run may be NULL. When it is another
 * run than before, columns start anew. */
void ipd_model_update(ipd_model *m, ipd_run *run);
/* Asks for what the views of the last frame wanted to see (m->probe_wanted): once an iteration, or once a step while
 * the run rests. The answer is there at a later update. */
void ipd_model_probe(ipd_model *m, ipd_run *run);
/* The part of the update that is about records. */
void ipd_model_take_records(ipd_model *m, const ipd_records *records);
/* The values of a field (by layer or block: index from 0) in all records, or what `value` makes of it, valid until the
 * next update; see ipd_columns_get. NULL where there are none or memory ran out. */
const ipd_column *ipd_model_values(ipd_model *m, const char *field, ipd_read_fn *value, int index);
/* 1 where the method called `name` moves blocks and so has an objective Phi; 0 for the classical
 * optimizers. */
int ipd_model_has_blocks(const char *name);
/* Back to the end of this iteration, or another way from there beside the old one (in the global `other`): as the line of Lua
 * that does it. 0: the start. Says where that cannot be. */
void ipd_model_rewind(ipd_model *m, int iteration);
void ipd_model_branch(ipd_model *m, int iteration);
/* The newest iteration that the charts draw, of the run or of overlays; 0 where there is none. */
int ipd_model_newest(const ipd_model *m);
/* The newest record, or NULL. */
const ipd_record *ipd_model_last(const ipd_model *m);
/* m->actions, safe where there are none: then -1 and a sentence. What goes wrong is said in the output too
 * where e is NULL. */
int ipd_act_set(ipd_model *m, const char *name, const char *value, ipd_error *e);
int ipd_act_lua(ipd_model *m, const char *line, ipd_error *e);
void ipd_act_say(ipd_model *m, ipd_text_kind kind, const char *text);
void ipd_model_free(ipd_model *m); /* frees what the columns hold */

#endif
