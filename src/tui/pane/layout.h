/* layout.h - the screen as panes: drawing, focus and the mouse, by the layout of m->layouts or, if
 * that is NULL, the first built-in one. Main thread. */
#ifndef IPD_TUI_PANE_LAYOUT_H
#define IPD_TUI_PANE_LAYOUT_H

#include "tui/pane/layouts.h"

/* The panes of a screen of this size with their areas; NULL if the screen is too small. Borrowed,
 * as from ipd_layouts_tree. */
ipd_pane *ipd_layout_place(const ipd_model *m, int width, int height);
/* Moves the focus to the next pane (step 1) or the previous one (-1) that can have it, or beyond
 * the last to the prompt (m->focus = NULL). */
void ipd_layout_focus_next(ipd_model *m, int step, int width, int height);
/* Focuses a view and returns 1; returns 0 if it is not on the screen. */
int ipd_layout_focus(ipd_model *m, const ipd_view *view, int width, int height);
/* Passes a mouse event to the pane under it; a press also moves the focus or grabs an edge. Returns
 * 1 if the screen may have changed. */
int ipd_layout_mouse(ipd_model *m, int width, int height, const ipd_mouse *e);
/* Draws the panes and, over them, the help or the completions. Draws one sentence if the screen is
 * too small. A view that is not on the screen loses the focus. */
void ipd_layout_draw(ipd_model *m, ipd_canvas *c);

#endif
