/* course.h - the course of the distributions over the iterations, for their view. Main thread. */
#ifndef IPD_TUI_MODEL_COURSE_H
#define IPD_TUI_MODEL_COURSE_H

#include "tui/model/model.h"

/* Adds the quantiles of m->probe if it is new. Removes points that a rewind has undone, and all
 * points if the probe is of another layer. */
void ipd_course_note(ipd_model *m);
/* Removes all points, for another run. */
void ipd_course_forget(ipd_model *m);

#endif
