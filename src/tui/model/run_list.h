/* run_list.h - the table of runs: those in memory and the whole history. Main thread. */
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
    char *text;        /* lines for the filter: the note, the tags, data, network, settings */
    int iterations;
    int is_r2;                     /* 1: train, test and best are R^2, else accuracies */
    double phi, train, test, best; /* of the last record; NaN if there is none */
    double rmse;                   /* test samples, likewise; NaN for accuracies */
    unsigned long number;          /* in the session; 0 if it is not there */
    int parked;                    /* 1: of the session, saved on disk */
    size_t at;                     /* index in the list of ip.living(), from 1; 0 likewise */
    int shown;                     /* 1: on the screen */
    signed char matches;           /* of the text: 1 yes, -1 no, 0 not known yet */
    int hidden;                    /* 1: the filter leaves it out, or it will be removed */
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
    size_t count; /* rows shown, which are the first */
    size_t all, capacity, selected;
    size_t top;                  /* first row of the last frame, from 0 */
    int values;                  /* 1: a row that is shown has R^2 */
    char filter[IPD_RUN_FILTER]; /* see ipd_run_list_filter; "": all runs */
    regex_t expression;
    int filtered;                /* 1: expression is compiled */
    long chosen_id;              /* the selected run, while the rows are made anew */
    unsigned long chosen_number; /* the same in the session */
    ipd_list removed;            /* long: numbers of runs that the end of the session removes */
    ipd_run_sort sort;
    int backwards;
    int wanted;        /* 1: a view of it was drawn */
    int stale;         /* 1: must be read again */
    char warning[200]; /* why the history could not be read */
} ipd_run_list;

/* Reads the history at path (NULL: none) if it is stale or was never read, merges the session's
 * runs and sorts. shown: the number of the run on the screen, or 0. */
void ipd_run_list_update(ipd_run_list *l, const char *path, const ipd_lua_listed *session,
                         size_t count, unsigned long shown);
/* Shows only runs of which the name, a tag, the note, the data, the network or a setting at the
 * start ("delta=0.3") matches an extended regular expression of POSIX; "" shows all. -1 and *e if it
 * is not one: the rows stay as they were. */
int ipd_run_list_filter(ipd_run_list *l, const char *expression, ipd_error *e);
/* Sorts, and puts rows that are not shown behind the others. The selected run stays selected. */
void ipd_run_list_arrange(ipd_run_list *l);
/* Whether the end of the session will remove the run; changes that. */
int ipd_run_list_is_removed(const ipd_run_list *l, long id);
int ipd_run_list_remove(ipd_run_list *l, long id, int remove);
void ipd_run_list_free(ipd_run_list *l);

#endif
