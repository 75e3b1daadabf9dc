/* train.h - `ipdlam train`: what train.c asks for and report.c shows. */
#ifndef IPD_CLI_TRAIN_TRAIN_H
#define IPD_CLI_TRAIN_TRAIN_H

#include "cli/json_output.h"
#include "cli/setting_options.h"
#include "format/tensorboard.h"
#include "run/time/checkpoint.h"

#include <stdio.h>

typedef struct ipd_train {
    /* As asked for. */
    const char *data, *layers, *csv, *init, *save, *save_averaged, *history, *name;
    const char *tensorboard, *checkpoint_every, *checkpoint_dir, *checkpoint_space, *resume;
    long train, test, iterations, threads;
    int quiet, no_history, no_chart;
    ipd_json_output json;
    ipd_settings settings;
    ipd_given_settings given; /* on the command line */
    /* As made. */
    ipd_dataset *dataset;
    ipd_network initial; /* L = 0: random */
    size_t widths[IPD_MAX_LAYERS + 1];
    int L;
    ipd_run *run;
    FILE *csv_file;
    ipd_tensorboard *events; /* NULL: none */
    char history_path[4096];
    ipd_error output_error; /* a record that could not be written ends the training */
    int output_failed;
    double audited, findings; /* blocks that the audit looked at; of these, with a finding */
    double rise, residual;    /* its worst, in units of what rounding explains */
    /* Checkpoints. */
    long every_iterations; /* 0: not by iterations */
    double every_seconds;  /* 0: not by time */
    ipd_checkpoint from;   /* the one that the run goes on from, */
    ipd_archive *archive;  /* and what it holds; NULL: none */
    /* The display. */
    int live;            /* a line on stderr is kept up to date */
    int plain;           /* a line an iteration goes to stdout */
    double started;      /* seconds */
    double shown;        /* when the live line was last brought up to date */
    double recent[8];    /* when the latest records came */
    size_t recent_count; /* in all */
} ipd_train;

/* What is about to be done, on stdout. `needed`, `available`: bytes. */
void ipd_train_show_plan(const ipd_train *t, double needed, double available);
/* A record has come: the plain line. */
void ipd_train_show_record(ipd_train *t, const ipd_record *record);
/* Brings the live line up to date; wipes it. */
void ipd_train_show_live(ipd_train *t);
void ipd_train_wipe_live(const ipd_train *t);
/* One finding of the audit, on stderr. Passes over other entries of the log. */
void ipd_train_show_finding(const ipd_train *t, const ipd_log_entry *entry);
/* Reads --checkpoint-every. */
int ipd_train_read_every(ipd_train *t, ipd_error *e);
/* Before the run ends: says what is written where that takes long; on a terminal, asks whether a checkpoint that
 * checkpoint_space has no room for is kept. */
void ipd_train_before_end(ipd_train *t, int ask);
/* Finds the checkpoint of --resume, says what is wrong with it, and opens its data. */
int ipd_train_resume(ipd_train *t, ipd_error *e);
/* What the audit came to, the last record in words, and the charts. */
void ipd_train_show_end(const ipd_train *t);

#endif
