/* course.h - the course of the distributions, for their view. Main thread. */
#ifndef IPD_TUI_MODEL_COURSE_H
#define IPD_TUI_MODEL_COURSE_H

#include "tui/model/model.h"

/* Notes the quantiles of a new probe. After a rewind the later ones go; another layer begins anew. */
void ipd_course_note(ipd_model *m);
/* Forgets all: the model shows another run. */
void ipd_course_forget(ipd_model *m);

#endif
