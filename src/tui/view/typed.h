/* typed.h - lays out the line being typed: wrapped, with its cursor. No terminal, no Readline. */
#ifndef IPD_TUI_VIEW_TYPED_H
#define IPD_TUI_VIEW_TYPED_H

#include "tui/model/model.h"

typedef struct ipd_typed_extent {
    int rows;                 /* at least 1 */
    int cursor_row, cursor_x; /* where the cursor stands */
} ipd_typed_extent;

/* How much room it takes at a width (at least 2). */
ipd_typed_extent ipd_typed_measure(const ipd_typed *t, int width, int ascii);
/* Draws the rows from `first` on that fit into the area. */
void ipd_typed_draw(const ipd_typed *t, ipd_canvas *c, ipd_area area, int first);

#endif
