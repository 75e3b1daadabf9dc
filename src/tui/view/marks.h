/* marks.h - changes of a run: the entries of its log by iteration, numbered. Main thread. */
#ifndef IPD_TUI_VIEW_MARKS_H
#define IPD_TUI_VIEW_MARKS_H

#include "tui/model/model.h"

enum { IPD_MAX_MARKS = 64 };

typedef struct ipd_mark {
    int number; /* 1, 2, ... in the order of the run */
    int iteration;
    size_t first, last; /* its entries in the log */
    char name[16];      /* the number */
} ipd_mark;

/* Finds at most the newest IPD_MAX_MARKS, by iteration; returns how many. Findings of the audit and
 * values from a rho function are not marks. */
int ipd_marks_of(const ipd_model *m, ipd_mark *marks);
/* "delta = 0.3; order = increase": the changes, in short. */
void ipd_mark_text(const ipd_model *m, const ipd_mark *mark, char *to, size_t size);
/* 1 if an entry of the log is a change made by a user. */
int ipd_mark_counts(const ipd_model *m, const ipd_log_entry *entry);

#endif
