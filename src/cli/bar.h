/* bar.h - the bar of long commands, and the signal that stops them. Main thread. */
#ifndef IPD_CLI_BAR_H
#define IPD_CLI_BAR_H

#include "base/error.h"
#include "data/dataset.h"

enum { IPD_BAR = 24 };

/* Writes "=======>                " for a share of 0 to 1. */
void ipd_bar_text(char to[IPD_BAR + 1], double share);

/* The bar of a data set that is read: on stderr, if it is a terminal, after a second. */
typedef struct ipd_bar {
    int terminal, drawn;
    double began, last; /* clock times: of its start, and of the last update */
} ipd_bar;

/* Returns what draws it, which refers to *b. */
ipd_data_progress ipd_bar_start(ipd_bar *b);
/* Wipes it. */
void ipd_bar_end(ipd_bar *b);

/* From here on, signals that end the process ask it to stop, until ipd_ending_stop. */
int ipd_bar_begin(ipd_error *e);
/* 1 if it has been asked. */
int ipd_bar_stopped(void);

#endif
