/* change_list.h - what was changed while a run trained, in a few words, for comparisons. */
#ifndef IPD_REPORT_CHANGE_LIST_H
#define IPD_REPORT_CHANGE_LIST_H

#include "run/run.h"

/* Zero it first. */
typedef struct ipd_change_list {
    struct ipd_listed_change *items;
    size_t count, room;
    int failed; /* memory ran out */
} ipd_change_list;

/* Adds an entry of a run's log; what changed nothing (the audit's findings) is passed over. */
void ipd_change_list_add(ipd_change_list *list, const ipd_place *place, const char *text);
/* "delta = 0.3, order = increase at iteration 3, batch 38, before a1; switch to adam at iteration 5, before z1".
 * A setting that changed many times in a row is one item: "rho 60 times, at last 4 at iteration 60". "" without
 * changes; the caller frees. NULL where memory ran out. */
char *ipd_change_list_text(const ipd_change_list *list);
void ipd_change_list_free(ipd_change_list *list);

#endif
