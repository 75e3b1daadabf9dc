/* change_list.h - summarises the changes to a run during training, for comparisons. */
#ifndef IPD_REPORT_CHANGE_LIST_H
#define IPD_REPORT_CHANGE_LIST_H

#include "run/run.h"

/* Starts zeroed. */
typedef struct ipd_change_list {
    struct ipd_listed_change *items;
    size_t count, capacity;
    int failed; /* memory ran out */
} ipd_change_list;

/* Adds an entry of a run's log, except the audit's findings, which change nothing. */
void ipd_change_list_add(ipd_change_list *list, const ipd_place *place, const char *text);
/* Returns, for example, "delta = 0.3, order = increase at iteration 3, batch 38, before a1; switch
 * to adam at iteration 5, before z1". A setting that changed many times in a row is one item: "rho
 * 60 times, last 4 at iteration 60". "" without changes; the caller frees it. NULL if memory ran
 * out. */
char *ipd_change_list_text(const ipd_change_list *list);
void ipd_change_list_free(ipd_change_list *list);

#endif
