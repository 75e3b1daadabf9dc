/* runs.h - data and functions shared by the files of `ipdlam runs`. */
#ifndef IPD_CLI_RUNS_RUNS_H
#define IPD_CLI_RUNS_RUNS_H

#include "cli/json_output.h"
#include "history/history.h"
#include "history/query.h"

#include <jansson.h>
#include <stdio.h>

enum { IPD_RUNS_OPERANDS = 62, IPD_RUNS_COMPARED = 12 };

typedef struct ipd_runs {
    const char *history, *where, *sort, *field, *output, *status, *tensorboard;
    long limit;             /* -1: the verb's default */
    long keep, checkpoints; /* gc; -1: not given */
    double older;           /* days; < 0: not given */
    ipd_json_output json;
    int csv, lua, yes, dry_run, remove, all;
    char **operands; /* the verb and its operands */
    int operand_count;
    int width; /* of the terminal */
    ipd_history *h;
} ipd_runs;

/* For completion: return 1 if the verb has this option (an unknown verb has all options); if its
 * operand 1, 2, ... is a run. */
int ipd_runs_has_option(const char *verb, const char *option);
int ipd_runs_operand_is_run(const char *verb, int operand);

/* The verbs: 0, or -1 and *e. */
int ipd_runs_list(ipd_runs *r, ipd_error *e);    /* list.c */
int ipd_runs_show(ipd_runs *r, ipd_error *e);    /* show.c */
int ipd_runs_export(ipd_runs *r, ipd_error *e);  /* export.c */
int ipd_runs_compare(ipd_runs *r, ipd_error *e); /* compare.c */
int ipd_runs_plot(ipd_runs *r, ipd_error *e);    /* charts.c */
int ipd_runs_tag(ipd_runs *r, ipd_error *e);     /* edit.c */
int ipd_runs_note(ipd_runs *r, ipd_error *e);
int ipd_runs_rm(ipd_runs *r, ipd_error *e);
int ipd_runs_gc(ipd_runs *r, ipd_error *e);

/* Finds the run that operand `index` names. */
int ipd_runs_find(ipd_runs *r, int index, ipd_history_run *run, ipd_error *e);
/* Parses the name of a value of records: "phi", "linear_gap_2", "metric.NAME". */
int ipd_runs_field(const char *name, ipd_measure *m, ipd_error *e);
/* Charts of runs: one per field of --field; by default one of phi, or of forward_loss if a run has
 * no phi. Reading them finds all errors, so that drawing cannot fail halfway. Without --field there
 * may be no chart. */
typedef struct ipd_runs_charts {
    struct ipd_runs_drawing *list;
    int count;
} ipd_runs_charts;
int ipd_runs_read_charts(ipd_runs *r, const ipd_history_run *runs, int count, ipd_runs_charts *out,
                         ipd_error *e);
/* Draws on the terminal, or into the file of --output. */
int ipd_runs_draw_charts(const ipd_runs *r, const ipd_runs_charts *charts, ipd_error *e);
void ipd_runs_free_charts(ipd_runs_charts *charts); /* also after an error */

/* Copies text as one line, with control characters replaced. */
void ipd_runs_text(char *to, size_t size, const char *text);
/* Writes text in exactly `width` columns: shortened with a mark or padded with spaces. right: 1 to
 * align right. */
void ipd_runs_cell(FILE *to, const char *text, int width, int right);
/* An accuracy of the run: "95.20%", "R² 0.8532", or "-" if it is missing. */
void ipd_runs_quality(char to[IPD_QUALITY_TEXT], const ipd_history_run *run, double value);
/* Copies a text setting of the run, such as "method"; "" if it is missing. */
void ipd_runs_setting(const ipd_history_run *run, const char *name, char *to, size_t size);
/* Writes everything about the run except its records as JSON, without a newline. */
void ipd_runs_json(FILE *to, const ipd_history_run *run);
/* Returns 1 if the value of a setting in the history means that it is unset. */
int ipd_runs_is_unset(const char *name, const json_t *value);
/* Writes a setting's value in the history as JSON (NULL: null). Lists of numbers, which the history
 * has as text, become arrays. */
void ipd_runs_setting_json(FILE *to, const char *name, const json_t *value);
/* Returns "" for 1, otherwise "s". */
const char *ipd_runs_plural(long count);
/* Prints a change of a run as a JSON object on stdout. */
void ipd_runs_change_json(const ipd_place *place, const char *text);
/* Asks on the terminal. Returns 1 for yes (also with --yes), 0 for no, and -1 and *e if there is no
 * terminal. */
int ipd_runs_confirm(const ipd_runs *r, const char *question, ipd_error *e);

#endif
