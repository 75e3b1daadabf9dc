/* model.h - the data that views draw: a copy of the state of the run on the screen.
 *
 * Views use nothing else: no solver, no Lua, no curses. Main thread.
 */
#ifndef IPD_TUI_MODEL_MODEL_H
#define IPD_TUI_MODEL_MODEL_H

#include "base/list.h"
#include "plot/canvas.h"
#include "run/probe.h"
#include "run/run.h"
#include "tui/model/overlay.h"
#include "tui/model/run_list.h"
#include "tui/model/scrollback.h"

enum { IPD_MODEL_BLOCKS = 128 };

/* The quantity on the x axis of the charts; all but the iteration are sums since the start. */
typedef enum ipd_x_quantity {
    IPD_X_ITERATION,
    IPD_X_BATCH,
    IPD_X_SAMPLES,
    IPD_X_SECONDS,
    IPD_X_GFLOP,
    IPD_X_QUANTITIES
} ipd_x_quantity;

enum { IPD_CHARTS = 8 };

/* State shared by all charts; a click, a key or Lua changes it. Each view with a chart has one bit,
 * ipd_curves.bit. */
typedef struct ipd_chart_state {
    double low, high; /* visible iterations; both 0: all */
    int follow;       /* 1: keep the newest iteration visible */
    int cursor;       /* iteration whose values the legends show; 0: the newest */
    int x_log;        /* 1: a log x axis */
    ipd_x_quantity x_quantity;
    double smoothing; /* weight of a moving average, see IPD_AVERAGE; 0: none */
    unsigned y_fixed; /* bits of the views that keep their range of y */
    /* That range, by the number of the bit; if low is not below high, the next frame sets it. */
    double y_range[IPD_CHARTS][2];
    unsigned y_flipped;   /* bits of the views with the other axis than usual, log or linear */
    unsigned last;        /* bit of the chart that used a key last; 0: none */
    char fields[8][32];   /* fields or metrics in the pane of metrics; none: all metrics */
    int coarser;          /* see ipd_chart */
    int parts;            /* draw the parts of the objective: 1 yes, -1 no, 0 if there is room */
    int difference;       /* 1: draw the difference to the first overlay */
    int without_overlays; /* 1: do not draw overlays */
} ipd_chart_state;

/* The line being typed, as Readline shows it. Borrowed for one frame. */
typedef struct ipd_typed {
    const char *prompt; /* \1 ... \2 enclose invisible parts, as in Readline */
    const char *line;
    size_t point; /* bytes of line before the cursor */
} ipd_typed;

/* Edits of a run in the history; the text is the new value. */
typedef enum ipd_run_edit {
    IPD_EDIT_NAME,
    IPD_EDIT_TAGS, /* all tags */
    IPD_EDIT_NOTE,
    IPD_EDIT_REMOVE, /* "1": remove the run when the session ends; "": do not */
    IPD_EDIT_UNDO    /* undoes the last edit of any run; `run` is NULL */
} ipd_run_edit;

/* Actions that views start. The workbench fills them in; in tests they may be NULL, so views call
 * the ipd_act_ functions below. An action on the run returns at once: 0, or -1 and *e if it is
 * impossible. The run's answer, with the place where the change took effect, goes to the output. */
typedef struct ipd_actions {
    void *context;
    /* Sets a setting from text: "delta", "0.3"; "order", "z3 W3 a2 ..."; "freeze", "W1 W2". */
    int (*set)(void *context, const char *name, const char *value, ipd_error *e);
    /* Runs a line of Lua as if it had been typed: echoes it and adds it to the prompt's history. */
    int (*lua)(void *context, const char *line, ipd_error *e);
    /* Edits a run of the table. */
    int (*edit)(void *context, ipd_run_edit what, const ipd_run_row *run, const char *text,
                ipd_error *e);
    /* Adds a line of output. */
    void (*say)(void *context, ipd_text_kind kind, const char *text);
} ipd_actions;

/* State of the views with pictures. */
typedef struct ipd_image_state {
    int layer;                      /* of the weights and distributions; 0: the first */
    int finer;                      /* zoom steps beyond the best fit */
    size_t first_row, first_sample; /* the first that is shown, from 0 */
    int training;                   /* 1: training samples instead of test samples */
    int cell;                       /* selected cell of the confusion matrix, from 1; 0: none */
    int rows_shown, samples_shown;  /* rows or samples per page */
} ipd_image_state;

/* The quantiles of a layer's variables at one place of the run. */
typedef struct ipd_course_point {
    double x; /* in iterations */
    float quantile[IPD_SPREADS][IPD_QUANTILES];
} ipd_course_point;
/* State of the view of distributions. */
typedef struct ipd_spread_state {
    int which;       /* IPD_SPREAD_W, ... */
    int layer;       /* of the course */
    ipd_list course; /* ipd_course_point, ascending in x; see course.h */
} ipd_spread_state;

/* State of the table of values. */
typedef struct ipd_values_state {
    char sort[64];       /* head of the column that sorts; "": the order of the charts */
    int backwards;       /* 1: reversed */
    int selected, count; /* row, from 0, and number of rows in the last frame */
    int top;             /* first row of the last frame, from 0 */
    int first, columns;  /* hidden columns at the left, after the iteration; number of columns */
} ipd_values_state;

/* The last request for a probe of the run, and the run's state when it was sent. */
typedef struct ipd_probe_state {
    ipd_ticket ticket; /* 0: no probe of this run */
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
    ipd_records records;   /* shared with the run */
    ipd_record last;       /* the newest of them */
    ipd_columns columns;
    ipd_records batches; /* of the iteration in progress, see ipd_run_batch_records; shared */
    ipd_columns batch_columns;
    size_t log_count;
    const ipd_log_entry *(*log)(const void *source, size_t index);
    ipd_chart_state chart;
    int ascii; /* 1: the frame has only ASCII */
    ipd_overlays overlays;
    ipd_overlays left_paths; /* paths that the run on the screen has left, drawn faint */
    ipd_dataset *data;       /* of the run; borrowed */
    const ipd_probe *probe;  /* borrowed until the next update; NULL if there is none */
    int probe_wanted;        /* what the views in the last frame need: IPD_PROBE_WEIGHTS, ... */
    int probe_layer;
    ipd_probe_state probe_asked;
    ipd_image_state images;
    ipd_values_state values;
    ipd_spread_state spread;
    ipd_run_list runs;
    int order_selected, event_selected; /* block of the order, event; from 0 */
    int order_top, event_top;           /* the first of them in the last frame */
    ipd_list futures;                   /* ipd_future_info: the run's paths */
    int path_selected;                  /* row of the tree, from 1; 0: the path of the run */

    char *watches;      /* rows of the view "watch", see watch.c; owned, or NULL */
    int watch_selected; /* row, from 0 */
    int watch_wanted;   /* 1: the last frame has this view */

    long left;         /* iterations to go, see ipd_run_left */
    double memory;     /* bytes that the process uses; 0: not shown */
    int cores;         /* cores that it computes on; 0: not shown */
    int steps_waiting; /* steps requested by keys, without the one in progress */
    int lua_busy;      /* 1: Lua runs a line */

    ipd_scrollback *output;     /* borrowed */
    int output_back;            /* rows scrolled back */
    int output_rows;            /* visible rows */
    char output_note[64];       /* a message in the title until the next key, or "" */
    char output_search[128];    /* text searched for, or "" */
    char output_sought[128];    /* the last one, or "" */
    unsigned long output_found; /* line of the match, see ipd_scrollback_find; 0: none */
    int found_place, found_all; /* number of the match, from 1, and of all matches */
    int output_goto;            /* 1: the next frame scrolls to the match */
    size_t output_top; /* the next frame begins with the first of this many newest lines; 0: no */
    ipd_typed typed;
    char *const *matches, *const *notes; /* completions to list, with a line on each; borrowed */
    size_t match_count;
    const char *signature; /* of the call being typed, or NULL; borrowed */

    int help;                          /* 1: the help is shown */
    int help_top, help_rows, help_all; /* its first row, its visible rows, all its rows */
    int help_typing;                   /* 1: the user types the text to search for */
    char help_search[128];             /* text searched for, or "" */
    int help_found, help_width;        /* row of the match, or -1; columns of the help */
    const struct ipd_view *focus;      /* the view with the focus; NULL: the prompt */
    int editing;                       /* 1: the focused view gets every key, to edit a value */
    const struct ipd_view *zoom;       /* the zoomed view; NULL: none */
    struct ipd_layouts *layouts;       /* borrowed; NULL: the built-in ones */
    ipd_actions actions;
    /* A request to write a chart to a file when it is drawn, and the result. */
    struct ipd_figure_wish {
        const char *path;
        unsigned bit;
        int done, failed;
        ipd_error error;
    } * figure;    /* borrowed; NULL: none */
    char note[64]; /* lower right corner; see ipd_workbench */

    int cursor_x, cursor_y; /* set by the view with the prompt; -1 if there is none */
    int prompt_end;         /* the row below it, or -1 */
} ipd_model;

/* Copies the state of the run as of its last poll; run may be NULL. */
void ipd_model_update(ipd_model *m, ipd_run *run);
/* Requests the probe that the views of the last frame need (m->probe_wanted), once per iteration,
 * or once per step if the run is paused. A later update has the answer. */
void ipd_model_probe(ipd_model *m, ipd_run *run);
/* The part of the update for records. */
void ipd_model_update_records(ipd_model *m, const ipd_records *records);
/* The values of a field in all records; `value` and `index` as in ipd_columns_get. NULL if there
 * are no records or memory runs out. Valid until the next update. */
const ipd_column *ipd_model_values(ipd_model *m, const char *field, ipd_read_fn *value, int index);
/* The same for m->batches. */
const ipd_column *ipd_model_batch_values(ipd_model *m, const char *field, ipd_read_fn *value,
                                         int index);
/* The extremes of these values over all records and batches. */
ipd_extremes ipd_model_extremes(ipd_model *m, const char *field, ipd_read_fn *value, int index);
/* 1 if the method computes Phi after each block; methods from files do so at the end of a batch. */
int ipd_model_measures_blocks(const ipd_model *m);
/* 1 if a change of Phi is a rise by more than rounding. */
static inline int ipd_model_is_rise(double change, double phi)
{
    return change > 1e-6 * (phi < 0 ? -phi : phi);
}
/* 1 if the method called `name` updates blocks and so has an objective Phi; 0 for the classical
 * optimizers. */
int ipd_model_has_blocks(const char *name);
/* Rewinds to the end of an iteration (0: the start), by a line of Lua. Reports errors in the
 * output. */
void ipd_model_rewind(ipd_model *m, int iteration);
/* Branches from there likewise; the old run becomes the global `other`. */
void ipd_model_branch(ipd_model *m, int iteration);
/* The layer that views of one layer show, 1 ... L. */
int ipd_model_layer(const ipd_model *m);
/* 1 if the charts have curves of other runs. */
int ipd_model_has_overlays(const ipd_model *m);
/* The newest iteration in the charts, of the run or of overlays; 0 if there is none. */
int ipd_model_newest(const ipd_model *m);
/* The newest record, or NULL. */
const ipd_record *ipd_model_last(const ipd_model *m);
/* Call m->actions. If an action is NULL, -1 and *e. If e is NULL, errors of actions go to the
 * output. */
int ipd_act_set(ipd_model *m, const char *name, const char *value, ipd_error *e);
int ipd_act_lua(ipd_model *m, const char *line, ipd_error *e);
int ipd_act_edit(ipd_model *m, ipd_run_edit what, const ipd_run_row *run, const char *text,
                 ipd_error *e);
void ipd_act_say(ipd_model *m, ipd_text_kind kind, const char *text);
/* Frees everything that the model owns, but not *m. */
void ipd_model_free(ipd_model *m);

#endif
