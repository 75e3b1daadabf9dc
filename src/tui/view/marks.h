/* marks.h - where something was changed: the entries of the run's log by iteration, numbered. Main thread. */
#ifndef IPD_TUI_VIEW_MARKS_H
#define IPD_TUI_VIEW_MARKS_H

#include "tui/model/model.h"

enum { IPD_MAX_MARKS = 64 };

typedef struct ipd_mark {
    int number; /* 1, 2, ... among all of the run */
    int iteration;
    size_t first, last; /* its entries in the log */
    char name[16];      /* the number */
} ipd_mark;

/* The newest IPD_MAX_MARKS at most, by iteration. Findings of the audit, and what a function of rho answers every
 * iteration, are no marks. Returns how many. */
int ipd_marks_of(const ipd_model *m, ipd_mark *marks);
/* "delta = 0.3; order = increase": what was done, in short. */
void ipd_mark_text(const ipd_model *m, const ipd_mark *mark, char *to, size_t size);
/* 1 where an entry of the log counts as a change made by somebody. */
int ipd_mark_counts(const ipd_model *m, const ipd_log_entry *entry);

#endif
