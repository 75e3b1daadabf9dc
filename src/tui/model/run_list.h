/* run_list.h - the table of runs: those in memory and the whole history. Main thread. */
#ifndef IPD_TUI_MODEL_RUN_LIST_H
#define IPD_TUI_MODEL_RUN_LIST_H

#include "lua/core/host.h"

typedef struct ipd_run_row {
    long id; /* in the history; 0 if it is not there */
    char name[64], status[40], dataset[40], shape[48], started[20];
    int iterations;
    double phi, train, test, best; /* of the last record; NaN if there is none */
    unsigned long number;          /* in the session; 0 if it is not there */
    int parked;                    /* 1: of the session, saved on disk */
    size_t at;                     /* index in the list of ip.living(), from 1; 0 likewise */
    int shown;                     /* 1: on the screen */
} ipd_run_row;

typedef enum ipd_run_sort {
    IPD_SORT_NUMBER, /* newest first */
    IPD_SORT_NAME,
    IPD_SORT_ITERATIONS,
    IPD_SORT_PHI,
    IPD_SORT_TEST, /* best first */
    IPD_SORTS
} ipd_run_sort;

typedef struct ipd_run_list {
    ipd_run_row *items;
    size_t count, capacity, selected;
    ipd_run_sort sort;
    int backwards;
    int wanted;          /* 1: a view of it was drawn */
    int stale;           /* 1: must be read again */
    size_t from_history; /* rows of the history; those behind belong to the session only */
    char warning[200];   /* why the history could not be read */
} ipd_run_list;

/* Reads the history at path (NULL: none) if it is stale or was never read, merges the session's
 * runs and sorts. shown: the number of the run on the screen, or 0. */
void ipd_run_list_update(ipd_run_list *l, const char *path, const ipd_lua_listed *session,
                         size_t count, unsigned long shown);
void ipd_run_list_free(ipd_run_list *l);

#endif
