/* query.h - runs of the history by a condition and in an order, as people write them:
 * "delta < 1 and status = finished", "-test_accuracy".
 *
 *     condition:  an expression of SQLite: and, or, not, = != < <= > >=, + - * /, in, is null, like, functions such as
 *                 round; also ~ (text: holds, or matches with * and ?), !~
 *     values:     numbers (95% is 0.95), 'text' or "text", true, false; a word that is no name beside a text
 *     names:      of ipd_history_names, settings, scalar fields of a record (of the run's last one; also
 *                 as last.NAME where a setting has the name) and its CSV columns (linear_gap_2)
 *
 * It reads the history and does nothing else: no SELECT, no other statement, no other table, in bounded time and memory.
 */
#ifndef IPD_HISTORY_QUERY_H
#define IPD_HISTORY_QUERY_H

#include "history/history.h"

typedef struct ipd_history_query {
    const char *where, *also; /* both must hold; NULL: all */
    const char *sort;         /* names by commas, "-" before one: largest first; NULL: "-id" */
    long limit;               /* 0: none */
} ipd_history_query;

/* Calls `each` for the runs of the query, in its order, until it returns nonzero. Mistakes in it are
 * IPD_EUSAGE, with the nearest name where one is not known. */
int ipd_history_select(ipd_history *h, const ipd_history_query *query, ipd_history_run_fn *each,
                       void *context, ipd_error *e);

/* The names that a condition knows, 0, 1, ...; NULL at the end. The context is not used. */
const char *ipd_history_names(void *context, size_t index);

/* For query.c: what a name is. */
typedef struct ipd_history_name {
    int is_text, is_tags;       /* tags are text, too */
    const char *const *choices; /* all values there are, or NULL */
    char sql[400];              /* an expression over runs r */
} ipd_history_name;

/* 0, or -1 where there is no such name. */
int ipd_history_find_name(const char *name, ipd_history_name *out);

#endif
