/* marks.h - the marks in the charts: the changes of runs, numbered by iteration. Main thread. */
#ifndef IPD_TUI_VIEW_MARKS_H
#define IPD_TUI_VIEW_MARKS_H

#include "tui/model/changes.h"
#include "tui/model/model.h"

enum { IPD_MAX_MARKS = 64 };

/* The changes of a run in one iteration. */
typedef struct ipd_mark {
    int overlay; /* index of the run among the overlays; -1: the run on the screen */
    int iteration;
    size_t first, last; /* its entries in the run's log, or in the changes of the overlay */
    char name[16];      /* its number in the run, "3"; for overlays with the run's letter, "b3" */
    double x;           /* for the caller */
} ipd_mark;

/* Finds the newest marks of the run on the screen, at most IPD_MAX_MARKS, by iteration. Returns
 * their number. Only changes count, see ipd_change_counts. */
int ipd_marks_of(const ipd_model *m, ipd_mark marks[IPD_MAX_MARKS]);
/* The same, and marks of the overlays that are drawn, as long as there is room. Leaves out marks
 * that the run on the screen has, too, as a branch has those of its parent. */
int ipd_marks_of_all(const ipd_model *m, ipd_mark marks[IPD_MAX_MARKS]);
/* Writes the changes of a mark: "delta = 0.3; order = increase". */
void ipd_mark_text(const ipd_model *m, const ipd_mark *mark, char *to, size_t size);

#endif
