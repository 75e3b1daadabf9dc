/* layout.h - where the views stand: a tree of panes for each size of screen. */
#ifndef IPD_TUI_LAYOUT_H
#define IPD_TUI_LAYOUT_H

#include "tui/view.h"

/* A leaf with a view, or rows or columns of further panes. */
typedef struct ipd_pane {
    const ipd_view *view; /* NULL: children */
    int columns;          /* 1: children stand side by side, not one below the other */
    const struct ipd_pane *children;
    int count;
    int weight; /* share of the room that is left; 0: as many rows as the view asks for */
    int least;  /* rows (or columns) without which it is left out */
    int rank;   /* where room is short, the highest goes first; 0 stays */
} ipd_pane;

typedef struct ipd_placed {
    const ipd_view *view;
    ipd_area area; /* with its box */
} ipd_placed;

enum { IPD_MAX_PANES = 32 };

/* The panes for a screen of this size; NULL where it is too small for any. */
const ipd_pane *ipd_layout_for(int width, int height);
/* Gives each view of the tree its area; returns how many. */
int ipd_layout_place(const ipd_pane *root, const ipd_model *m, ipd_area area, ipd_placed *placed,
                     int most);
/* The panes of the screen as ipd_layout_draw places them. */
int ipd_layout_panes(const ipd_model *m, int width, int height, ipd_placed *placed, int most);
/* Moves the focus to the next pane that can have it; after the last one, to the prompt (m->focus = NULL). A view
 * that is not on the screen loses it. */
void ipd_layout_focus_next(ipd_model *m, int width, int height);
/* Gives the mouse to what is under it: a press moves the focus, the view then gets it. 1: something may look
 * different now. */
int ipd_layout_mouse(ipd_model *m, int width, int height, const ipd_mouse *e);
/* Draws everything: panes, help where it is shown, or one sentence where the screen is too small.
 */
void ipd_layout_draw(ipd_model *m, ipd_canvas *c);

#endif
