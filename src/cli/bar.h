/* bar.h - the progress bar of long commands, and the signals that stop them. Main thread. */
#ifndef IPD_CLI_BAR_H
#define IPD_CLI_BAR_H

#include "base/error.h"
#include "data/dataset.h"

enum { IPD_BAR = 24 };

/* Writes the bar of a fraction from 0 to 1: "=======>                ". */
void ipd_bar_text(char to[IPD_BAR + 1], double share);

/* The progress bar of reading a data set. It appears on stderr after a second, if that is a
 * terminal. */
typedef struct ipd_bar {
    int terminal, drawn;
    double began, last; /* clock times: of its start, and of the last update */
} ipd_bar;

/* Starts the bar. Returns a callback that draws it; *b must stay in place until ipd_bar_end. */
ipd_data_progress ipd_bar_start(ipd_bar *b);
/* Erases the bar. */
void ipd_bar_end(ipd_bar *b);

/* Until ipd_ending_stop, signals that end the process only set ipd_bar_stopped. */
int ipd_bar_begin(ipd_error *e);
/* Returns 1 once such a signal came. */
int ipd_bar_stopped(void);

#endif
