/* bar.h - the bar of long commands, and the signal that stops them. Main thread. */
#ifndef IPD_CLI_DATA_BAR_H
#define IPD_CLI_DATA_BAR_H

#include "base/error.h"

enum { IPD_BAR = 24 };

/* Writes "=======>                " for a share of 0 to 1. */
void ipd_bar_text(char to[IPD_BAR + 1], double share);

/* From here on, signals that end the process ask it to stop, until ipd_ending_stop. */
int ipd_bar_begin(ipd_error *e);
/* 1 if it has been asked. */
int ipd_bar_stopped(void);

#endif
