/* announce.h - a run in lines for people who do not see a screen: status, records, changes. Main thread. */
#ifndef IPD_CLI_ANNOUNCE_H
#define IPD_CLI_ANNOUNCE_H

#include "lua/core/host.h"

#include <stdio.h>

/* What has been said. */
typedef struct ipd_announcer {
    char name[64], status[256]; /* of the run */
    size_t records, changes;
    double last; /* when a record was said, seconds */
} ipd_announcer;

/* 1 where there is something to say about the run (or NULL). Of a run at work a record is said every two seconds at
 * most, of one that rests the last. */
int ipd_announce_pending(const ipd_announcer *a, ipd_run *run);
/* Says it, a line each. */
void ipd_announce(ipd_announcer *a, ipd_run *run, FILE *to);

#endif
