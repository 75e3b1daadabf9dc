/* announce.h - reports a run line by line, for screen readers and plain terminals: status, records,
 * changes. Main thread. */
#ifndef IPD_CLI_ANNOUNCE_H
#define IPD_CLI_ANNOUNCE_H

#include "lua/core/host.h"

#include <stdio.h>

/* What has been reported so far. */
typedef struct ipd_announcer {
    char name[64], status[256]; /* of the run */
    size_t records, changes;
    double last; /* clock time of the last reported record, seconds */
} ipd_announcer;

/* Returns 1 if there is something to report about the run; 0 for NULL. While the run trains, a
 * record is reported at most every two seconds; when it pauses, the last one. */
int ipd_announce_pending(const ipd_announcer *a, ipd_run *run);
/* Writes one line per report. */
void ipd_announce(ipd_announcer *a, ipd_run *run, FILE *to);

#endif
