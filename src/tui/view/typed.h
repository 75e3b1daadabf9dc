/* typed.h - wraps, measures and draws the line being typed. Needs no terminal and no Readline. Main
 * thread. */
#ifndef IPD_TUI_VIEW_TYPED_H
#define IPD_TUI_VIEW_TYPED_H

#include "tui/model/model.h"

typedef struct ipd_typed_extent {
    int rows;                 /* at least 1 */
    int cursor_row, cursor_x; /* of the cursor, from 0 */
} ipd_typed_extent;

/* Measures the line at a width of at least 2. */
ipd_typed_extent ipd_typed_measure(const ipd_typed *t, int width, int ascii);
/* Draws the rows from `first` on that fit into the area. */
void ipd_typed_draw(const ipd_typed *t, ipd_canvas *c, ipd_area area, int first);

#endif
