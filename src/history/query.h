/* query.h - selects runs by a condition and an order that users write: "delta < 1 and status =
 * finished", "-test_accuracy".
 *
 *     condition:  an SQLite expression: and, or, not, = != < <= > >=, + - * /, in, is null, like,
 *                 functions such as round; also ~ (text: contains, or matches with * and ?), !~
 *     values:     numbers (95% is 0.95), 'text' or "text", true, false; next to a text, a word
 *                 that is not a name
 *     names:      of ipd_history_names, settings, scalar fields of the run's last record (as
 *                 last.NAME if a setting has the same name) and its CSV columns (linear_gap_2)
 *
 * A condition can only read the history: no SELECT, no other statement, no other table, in bounded
 * time and memory.
 */
#ifndef IPD_HISTORY_QUERY_H
#define IPD_HISTORY_QUERY_H

#include "history/history.h"

typedef struct ipd_history_query {
    const char *where, *also; /* both must hold; NULL: all runs */
    const char *sort;         /* comma-separated names, "-" before one: descending; NULL: "-id" */
    long limit;               /* 0: none */
} ipd_history_query;

/* Calls `each` for the runs of the query, in its order, until it returns nonzero. A mistake in the
 * query is IPD_EUSAGE; for an unknown name the error suggests the nearest one. */
int ipd_history_select(ipd_history *h, const ipd_history_query *query, ipd_history_run_fn *each,
                       void *context, ipd_error *e);

/* The names usable in conditions; NULL at the end. */
const char *const *ipd_history_names(void);

/* For query.c: the meaning of a name. */
typedef struct ipd_history_name {
    int is_text, is_tags;       /* tags are also text */
    const char *const *choices; /* all possible values, or NULL */
    char sql[400];              /* an expression over runs r */
} ipd_history_name;

/* 0, or -1 if there is no such name. */
int ipd_history_find_name(const char *name, ipd_history_name *out);

#endif
