/* marks.h - changes of runs: the entries of their logs by iteration, numbered. Main thread. */
#ifndef IPD_TUI_VIEW_MARKS_H
#define IPD_TUI_VIEW_MARKS_H

#include "tui/model/changes.h"
#include "tui/model/model.h"

enum { IPD_MAX_MARKS = 64 };

typedef struct ipd_mark {
    int overlay; /* the index of its run among the overlays; -1: the run on the screen */
    int iteration;
    size_t first, last; /* its entries in the log, or in the changes of the overlay */
    char name[16]; /* "3": the number, in the order of the run; of overlays "b3", with the letter */
    double x;      /* for the caller */
} ipd_mark;

/* Finds the marks of the run on the screen, at most the newest IPD_MAX_MARKS, by iteration; returns how many. Findings of the audit
 * and values from a rho function are not marks. */
int ipd_marks_of(const ipd_model *m, ipd_mark marks[IPD_MAX_MARKS]);
/* Finds also those of the overlays that are drawn, as far as there is room, but for changes that the run on the screen has as well,
 * since it was branched from the other. By iteration. */
int ipd_marks_of_all(const ipd_model *m, ipd_mark marks[IPD_MAX_MARKS]);
/* "delta = 0.3; order = increase": the changes, in short. */
void ipd_mark_text(const ipd_model *m, const ipd_mark *mark, char *to, size_t size);

#endif
