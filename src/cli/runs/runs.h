/* runs.h - what the files of `ipdlam runs` share. */
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
    long limit;             /* -1: as the verb likes */
    long keep, checkpoints; /* gc; -1: not given */
    double older;           /* days; < 0: not given */
    ipd_json_output json;
    int csv, lua, yes, dry_run, remove, all;
    char **operands; /* the verb, then what it is about */
    int operand_count;
    int width; /* of the terminal */
    ipd_history *h;
} ipd_runs;

/* For completion: whether a verb has this option (one that is not known has all), and whether its first, second, ...
 * operand is a run. */
int ipd_runs_has_option(const char *verb, const char *option);
int ipd_runs_takes_run(const char *verb, int operand);

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

/* The run that operand `index` names. */
int ipd_runs_find(ipd_runs *r, int index, ipd_history_run *run, ipd_error *e);
/* The field that a name is of, and the index of its value: "phi", "linear_gap_2". */
int ipd_runs_field(const char *name, const ipd_field **field, int *index, ipd_error *e);
/* Charts of runs: one for each field of --field, or of phi, or of forward_loss where a run has no phi. Reading
 * them tells all mistakes; without --field there may be none. */
typedef struct ipd_runs_charts {
    struct ipd_runs_drawing *list;
    int count;
} ipd_runs_charts;
int ipd_runs_read_charts(ipd_runs *r, const ipd_history_run *runs, int count, ipd_runs_charts *out,
                         ipd_error *e);
/* On the terminal, or into the file of --output. */
int ipd_runs_draw_charts(const ipd_runs *r, const ipd_runs_charts *charts, ipd_error *e);
void ipd_runs_free_charts(ipd_runs_charts *charts); /* also after an error */

/* Text as a terminal may have it, where it does not come from a column of the history. */
void ipd_runs_text(char *to, size_t size, const char *text);
/* Writes text in exactly `width` columns, cut with a mark or filled up; right: to the right. */
void ipd_runs_cell(FILE *to, const char *text, int width, int right);
/* "95.20%", "-" for what does not exist. */
void ipd_runs_percent(char to[16], double fraction);
/* "method" of the run's settings, or another text among them; "" where it is not there. */
void ipd_runs_setting(const ipd_history_run *run, const char *name, char *to, size_t size);
/* One line of JSON without its end: all that is known of the run but records. */
void ipd_runs_json(FILE *to, const ipd_history_run *run);
/* 1 where the value of a setting in the history says that the run had none. */
int ipd_runs_is_unset(const char *name, const json_t *value);
/* A setting's value as it is kept, NULL where it is not; lists of numbers, which are kept as text, are arrays. */
void ipd_runs_setting_json(FILE *to, const char *name, const json_t *value);
/* "3 runs", "1 run" */
const char *ipd_runs_plural(long count);
/* Asks on the terminal whether to go on: 1 yes, 0 no; -1 and *e where there is none and --yes is
 * missing. */
int ipd_runs_confirm(const ipd_runs *r, const char *question, ipd_error *e);

#endif
