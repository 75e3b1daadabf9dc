/* typed.h - layout of the line being typed: wrapped, with the cursor. No terminal, no Readline. */
#ifndef IPD_TUI_VIEW_TYPED_H
#define IPD_TUI_VIEW_TYPED_H

#include "tui/model/model.h"

typedef struct ipd_typed_extent {
    int rows;                 /* at least 1 */
    int cursor_row, cursor_x; /* place of the cursor */
} ipd_typed_extent;

/* Measures the line at a width of at least 2. */
ipd_typed_extent ipd_typed_measure(const ipd_typed *t, int width, int ascii);
/* Draws the rows from `first` on, as far as they fit. */
void ipd_typed_draw(const ipd_typed *t, ipd_canvas *c, ipd_area area, int first);

#endif
