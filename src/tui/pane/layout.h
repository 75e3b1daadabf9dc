/* layout.h - the screen as panes: drawn, focused, touched by the mouse. The layout is that of m->layouts; where there
 * is none, the one built in. */
#ifndef IPD_TUI_PANE_LAYOUT_H
#define IPD_TUI_PANE_LAYOUT_H

#include "tui/pane/layouts.h"

/* The panes of a screen of this size, placed; NULL where it is too small for any. */
ipd_pane *ipd_layout_place(const ipd_model *m, int width, int height);
/* Moves the focus to the next pane that can have it; after the last one, to the prompt (m->focus = NULL). A view
 * that is not on the screen loses it. */
void ipd_layout_focus_next(ipd_model *m, int width, int height);
/* Gives the focus to a view where it is on the screen: 1, else 0. */
int ipd_layout_focus(ipd_model *m, const ipd_view *view, int width, int height);
/* Gives the mouse to what is under it: a press moves the focus, or takes hold of an edge; the view then gets it. 1:
 * something may look different now. */
int ipd_layout_mouse(ipd_model *m, int width, int height, const ipd_mouse *e);
/* Draws everything: panes, help where it is shown, or one sentence where the screen is too small.
 */
void ipd_layout_draw(ipd_model *m, ipd_canvas *c);

#endif
