/* query.h - runs of the history by a condition and in an order, as people write them:
 * "delta < 1 and status = finished", "-test_accuracy".
 *
 *     condition:  and, or, not, ( ), = != < <= > >=, ~ (text: holds, or matches with * and ?), !~
 *     values:     numbers (95% is 0.95), 'text' or "text", true, false, + - * /
 *     names:      of ipd_history_names, settings, scalar fields of a record (of the run's last one; also
 *                 as last.NAME where a setting has the name) and its CSV columns (linear_gap_2)
 *
 * It is parsed and checked here; SQL is made of names from the tables alone, values are bound.
 */
#ifndef IPD_HISTORY_QUERY_H
#define IPD_HISTORY_QUERY_H

#include "history/history.h"

typedef struct ipd_history_query {
    const char *where; /* NULL: all */
    const char *sort;  /* names by commas, "-" before one: largest first; NULL: "-id" */
    long limit;        /* 0: none */
} ipd_history_query;

/* Calls `each` for the runs of the query, in its order, until it returns nonzero. Mistakes in it are
 * IPD_EUSAGE, with the nearest name where one is not known. */
int ipd_history_select(ipd_history *h, const ipd_history_query *query, ipd_history_run_fn *each,
                       void *context, ipd_error *e);

/* The names that a condition knows, 0, 1, ...; NULL at the end. The context is not used. */
const char *ipd_history_names(void *context, size_t index);

/* For query.c: what a name is. */
typedef enum ipd_history_kind {
    IPD_HISTORY_NUMBER,
    IPD_HISTORY_TEXT,
    IPD_HISTORY_TAGS,
    IPD_HISTORY_TRUTH
} ipd_history_kind;

typedef struct ipd_history_name {
    ipd_history_kind kind;
    const char *const *choices; /* all values there are, or NULL */
    char sql[400];              /* an expression over runs r */
} ipd_history_name;

/* 0, or -1 where there is no such name. */
int ipd_history_find_name(const char *name, ipd_history_name *out);

#endif
