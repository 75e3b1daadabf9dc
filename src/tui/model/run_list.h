/* run_list.h - the table of runs: those of the session and of the history. Main thread. */
#ifndef IPD_TUI_MODEL_RUN_LIST_H
#define IPD_TUI_MODEL_RUN_LIST_H

#include "base/list.h"
#include "lua/core/host.h"

#include <regex.h>

enum { IPD_RUN_FILTER = 128 };

typedef struct ipd_run_row {
    long id; /* in the history; 0 if it is not there */
    char name[64], status[40], dataset[40], shape[48], started[20];
    char *tags, *note; /* owned; NULL: none, or not in the history */
    char *text; /* what the filter searches, a line each: note, tags, data, network, settings */
    int iterations;
    int is_r2;                     /* 1: train, test and best are R^2, else accuracies */
    double phi, train, test, best; /* of the last record; NaN: no value */
    double rmse;                   /* of the test samples, if is_r2; else NaN */
    unsigned long number;          /* in the session; 0 if it is not there */
    int parked;                    /* 1: in the session, but saved on disk and not in memory */
    size_t at;                     /* index in ip.living(), from 1; 0: not in the session */
    int shown;                     /* 1: on the screen */
    signed char matches;           /* 1: the text matches the filter; -1: not; 0: not known yet */
    int hidden;                    /* 1: excluded by the filter, or to be removed */
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
    ipd_run_row *items; /* the visible rows, then the hidden ones */
    size_t count;       /* of visible rows */
    size_t all, capacity, selected;
    size_t top;                  /* first row of the last frame, from 0 */
    int values;                  /* 1: a visible row has R^2 */
    char filter[IPD_RUN_FILTER]; /* see ipd_run_list_filter; "": all runs */
    regex_t expression;
    int filtered;                /* 1: expression is compiled */
    long chosen_id;              /* the selected run, while the rows are made anew */
    unsigned long chosen_number; /* its number in the session */
    ipd_list removed;            /* long: ids of runs that the end of the session removes */
    ipd_run_sort sort;
    int backwards;     /* 1: reversed */
    int wanted;        /* 1: the last frame has the table */
    int stale;         /* 1: the history must be read again */
    char warning[200]; /* why the history could not be read, or "" */
} ipd_run_list;

/* Reads the history at path (NULL: none) if it is stale or was never read, merges the session's
 * runs and sorts. shown: the number of the run on the screen, or 0. */
void ipd_run_list_update(ipd_run_list *l, const char *path, const ipd_lua_listed *session,
                         size_t count, unsigned long shown);
/* Shows only runs whose name, tag, note, data, network or initial setting ("delta=0.3") matches a
 * POSIX extended regular expression; "" shows all. If the expression is wrong, -1 and *e, and the
 * rows stay the same. */
int ipd_run_list_filter(ipd_run_list *l, const char *expression, ipd_error *e);
/* Filters and sorts the rows. The selected run stays selected. */
void ipd_run_list_arrange(ipd_run_list *l);
/* 1 if the end of the session will remove the run. */
int ipd_run_list_is_removed(const ipd_run_list *l, long id);
/* Marks a run for removal, or with `remove` = 0 unmarks it. Nonzero if memory runs out. */
int ipd_run_list_remove(ipd_run_list *l, long id, int remove);
void ipd_run_list_free(ipd_run_list *l);

#endif
