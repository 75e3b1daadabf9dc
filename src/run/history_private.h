/* history_private.h - what history.c and history_read.c share. */
#ifndef IPD_RUN_HISTORY_PRIVATE_H
#define IPD_RUN_HISTORY_PRIVATE_H

#include "run/history.h"

#include <sqlite3.h>

struct ipd_history {
    sqlite3 *db;
    char path[4096];
    sqlite3_stmt *record; /* kept prepared: one is added every iteration */
};

/* Fills *e with what the database says, or what went wrong in words; returns -1. */
int ipd_history_fail(ipd_history *h, ipd_error *e);
/* Prepares one statement; -1 and *e. */
int ipd_history_prepare(ipd_history *h, const char *sql, sqlite3_stmt **out, ipd_error *e);

#endif
