/* train.h - `ipdlam train`: data and functions shared by its files. */
#ifndef IPD_CLI_TRAIN_TRAIN_H
#define IPD_CLI_TRAIN_TRAIN_H

#include "cli/data_choice.h"
#include "cli/json_output.h"
#include "cli/setting_options.h"
#include "format/tensorboard.h"
#include "run/time/checkpoint.h"

#include <stdio.h>

typedef struct ipd_train {
    /* From the command line. */
    const char *data, *layers, *csv, *init, *save, *save_averaged, *history, *name;
    const char *tensorboard, *checkpoint_every, *checkpoint_dir, *checkpoint_space, *resume;
    ipd_data_choice choice;
    long iterations, threads;
    int quiet, no_history, no_chart;
    ipd_json_output json;
    ipd_settings settings;
    ipd_given_settings given;
    /* Made from these. */
    ipd_dataset *dataset;
    ipd_network initial; /* L = 0: random */
    size_t widths[IPD_MAX_LAYERS + 1];
    int L;
    ipd_run *run;
    FILE *csv_file;
    ipd_tensorboard *events; /* NULL: none */
    char history_path[4096];
    ipd_error output_error; /* why a record could not be written, which ends the training */
    ipd_error method_error; /* of a method from a file, which ended the training */
    int output_failed;
    double audited, findings; /* number of blocks audited, and of blocks with a finding */
    double rise, residual;    /* the audit's largest, relative to the rounding error */
    /* Checkpoints. */
    long every_iterations; /* 0: not by iterations */
    double every_seconds;  /* 0: not by time */
    ipd_checkpoint from;   /* the checkpoint to resume from, */
    ipd_archive *archive;  /* and its content; NULL: none */
    /* The display. */
    int live;            /* 1: show a progress line on stderr */
    int plain;           /* 1: print a line per iteration on stdout */
    double started;      /* clock time, seconds */
    double shown;        /* clock time of the last update of the progress line */
    double recent[8];    /* clock times of the latest records, as a ring */
    size_t recent_count; /* number of records so far */
} ipd_train;

/* Prints data, network, method and machine on stdout before training. `needed` and `available`
 * memory in bytes. */
void ipd_train_show_plan(const ipd_train *t, double needed, double available);
/* Prints the line of an iteration. */
void ipd_train_show_record(ipd_train *t, const ipd_record *record);
/* Update the progress line; erase it. */
void ipd_train_show_live(ipd_train *t);
void ipd_train_wipe_live(const ipd_train *t);
/* Prints a finding of the audit on stderr. Ignores other entries of the log. */
void ipd_train_show_finding(const ipd_train *t, const ipd_log_entry *entry);
/* output.c. Open --csv and --tensorboard, and write the records of a resumed run. */
int ipd_train_open_outputs(ipd_train *t, ipd_error *e);
/* The listener of the run: prints and writes each record. */
void ipd_train_on_message(void *t, ipd_run *run, ipd_message message, unsigned long index);
/* Prints a record as JSON on stdout. */
int ipd_train_print_json(ipd_train *t, const ipd_record *record, ipd_error *e);
/* Parses --checkpoint-every. */
int ipd_train_read_every(ipd_train *t, ipd_error *e);
/* Call before the run ends: announces the writing of a large checkpoint. With `ask`, asks whether
 * to keep a checkpoint that exceeds checkpoint_space. */
void ipd_train_before_end(ipd_train *t, int ask);
/* Reads the checkpoint of --resume, prints warnings about it, and opens its data set. */
int ipd_train_resume(ipd_train *t, ipd_error *e);
/* Prints the result of the audit, a summary and the charts. */
void ipd_train_show_end(const ipd_train *t);

#endif
