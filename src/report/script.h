/* script.h - a run as a Lua script that repeats it to the same bits: the one writer of
 * `ipdlam runs export ID --lua`, run:script(path) and the prompt's `:record`.
 *
 *     ipd_script s;
 *     ipd_script_of_run(&s, run);          or fill it in from a history
 *     s.number = 2;                        where the file holds several runs: data2, run2
 *     s.weights = "start.safetensors";     where s.given: the caller has saved ipd_run_first_network there
 *     ipd_script_head(file);               once a file
 *     ipd_script_write(file, &s, &e);      once a run
 *
 * The script makes the data set and the run, checks the checksum, and goes from place to place of
 * the log with run:step_to{ iteration =, batch =, sweep =, block = }, where it sets and switches
 * again. A script that is not literals and known calls (script_check.h) is an error and not written. It asks no function of rho: what that said is in the log. `ipdlam run FILE` replays it.
 */
#ifndef IPD_REPORT_SCRIPT_H
#define IPD_REPORT_SCRIPT_H

#include "history/history.h"
#include "run/run.h"

#include <stdio.h>

typedef struct ipd_script {
    int number;                   /* 0: the only run of its file */
    const char *title;            /* a comment: what run this is; one line */
    const char *name;             /* of the run */
    const ipd_settings *settings; /* at the start, before any change */
    const char *data, *source;    /* as in ipd_dataset */
    const char *checksum;         /* "": not checked */
    size_t train, test;           /* samples */
    size_t validation;            /* > 0: so many training samples are the test samples */
    int L;                        /* layers */
    const size_t *widths;         /* L + 1 */
    int given;                    /* 1: the first weights are not by seed */
    const char *weights;          /* file of these */
    const ipd_log_entry *log;     /* changes as they came; what is no change is passed over */
    size_t log_count;             /* entries */
    ipd_place end;                /* where the run stands: the script goes so far */
    int ended;                    /* 1: it goes no further than that: diverged */
    int returns;  /* 1: the script returns the run and prints nothing; see ipd_script_write_again */
    int asks_rho; /* 1: and where it stands, its argument becomes the function of rho */
} ipd_script;

/* Takes all from a run, as of the last poll; what it points to is the run's, until the next poll. */
void ipd_script_of_run(ipd_script *s, const ipd_run *run);

/* The first lines of a file. */
void ipd_script_head(FILE *to);
/* Appends one run. -1 and *e where it cannot be repeated, or writing fails. */
int ipd_script_write(FILE *to, const ipd_script *s, ipd_error *e);

/* All of a file: a run of the history. */
int ipd_script_write_history(FILE *to, ipd_history *h, const ipd_history_run *run, ipd_error *e);
/* The same as a chunk that prints nothing and returns the run. Where a function decides on rho at the run's end, the chunk
 * takes it as its argument; without one (has_function 0) that is refused, IPD_EUSAGE. */
int ipd_script_write_again(FILE *to, ipd_history *h, const ipd_history_run *run, int has_function,
                           ipd_error *e);

#endif
