/* script.h - writes a run as a Lua script that repeats it bit for bit, for `ipdlam runs export ID
 * --lua`, run:script(path) and the prompt's `:record`.
 *
 *     ipd_script s;
 *     ipd_script_of_run(&s, run);          or filled in from a history
 *     s.number = 2;                        if the file holds several runs: data2, run2; from 1
 *     s.weights = "start.safetensors";     if s.given: the caller saved ipd_run_first_network there
 *     ipd_script_write(file, &s, &e);      once per run
 *
 * The script creates the data set and the run, verifies the checksum, moves through the places of
 * the log with run:step_to{ iteration =, batch =, sweep =, block = }, and sets and switches there.
 * It does not call the function of rho: its results are in the log. `ipdlam run FILE` replays it. A
 * script is written only if it consists of literals and known calls (script_check.h).
 */
#ifndef IPD_REPORT_SCRIPT_H
#define IPD_REPORT_SCRIPT_H

#include "history/history.h"
#include "run/run.h"

#include <stdio.h>

typedef struct ipd_script {
    int number;                   /* 0: the only run of its file */
    const char *title;            /* a comment that names the run; one line */
    const char *name;             /* of the run */
    const ipd_settings *settings; /* at the start, before any change */
    const char *data, *source;    /* as in ipd_dataset */
    const char *checksum;         /* "": not checked */
    size_t train, validation;     /* numbers of samples */
    size_t test;
    size_t held_out;          /* > 0: the test samples are this many held-out training samples */
    int L;                    /* layers */
    const size_t *widths;     /* L + 1 */
    const char *definitions;  /* of the user's functions, one per line */
    int given;                /* 1: the initial weights do not come from the seed */
    const char *weights;      /* if given: the file of the initial weights; NULL or "": none */
    const ipd_log_entry *log; /* changes in order; other entries are ignored */
    size_t log_count;         /* entries */
    ipd_place end;            /* the current place of the run, where the script stops */
    int ended;                /* 1: the run cannot continue: it diverged or failed */
    int returns;  /* 1: the script returns the run and prints nothing; see ipd_script_write_again */
    int asks_rho; /* 1: at the end, the script's argument becomes the function of rho */
} ipd_script;

/* Fills *s from a run at its last poll; pointers are borrowed until the next poll. */
void ipd_script_of_run(ipd_script *s, const ipd_run *run);

/* Appends one run; the first one (number 0 or 1) after the first lines of the file. Writes nothing and
 * returns -1 and *e if it cannot be repeated or writing fails. */
int ipd_script_write(FILE *to, const ipd_script *s, ipd_error *e);

/* Writes a whole file: one run of the history. */
int ipd_script_write_history(FILE *to, ipd_history *h, const ipd_history_run *run, ipd_error *e);
/* Writes the same as a chunk that prints nothing and returns the run. If a function sets rho at the
 * run's end, the chunk takes it as its argument; if the caller has none (has_function = 0), that is
 * an error, IPD_EUSAGE. */
int ipd_script_write_again(FILE *to, ipd_history *h, const ipd_history_run *run, int has_function,
                           ipd_error *e);

#endif
