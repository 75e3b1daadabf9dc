/* layout.h - the screen as panes: drawing, focus and the mouse. The layout is that of m->layouts,
 * or a built-in one if there is none. */
#ifndef IPD_TUI_PANE_LAYOUT_H
#define IPD_TUI_PANE_LAYOUT_H

#include "tui/pane/layouts.h"

/* The panes of a screen of this size with their areas; NULL if it is too small for any. */
ipd_pane *ipd_layout_place(const ipd_model *m, int width, int height);
/* Moves the focus to the next pane that can have it; after the last one, to the prompt (m->focus =
 * NULL). A view that is not on the screen loses the focus. */
void ipd_layout_focus_next(ipd_model *m, int step, int width, int height);
/* Focuses a view if it is on the screen; returns 1, else 0. */
int ipd_layout_focus(ipd_model *m, const ipd_view *view, int width, int height);
/* Passes a mouse event to the pane under it; a press also moves the focus or grabs an edge. Returns
 * 1 if the screen may have changed. */
int ipd_layout_mouse(ipd_model *m, int width, int height, const ipd_mouse *e);
/* Draws the panes, and the help if it is shown; one sentence if the screen is too small. */
void ipd_layout_draw(ipd_model *m, ipd_canvas *c);

#endif
