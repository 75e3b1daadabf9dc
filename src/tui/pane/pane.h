/* pane.h - a layout as a tree: leaves are views, the rest are rows or columns of further panes.
 *
 * As text, for Lua and for files: rows(status, columns:9(objective, accuracy), layers, console:7, keys). The number is
 * the share of the room that is left; without one, a view in rows that knows how many it needs gets these. Main thread.
 */
#ifndef IPD_TUI_PANE_PANE_H
#define IPD_TUI_PANE_PANE_H

#include "tui/view/view.h"

typedef struct ipd_pane {
    const ipd_view *view; /* NULL: children */
    int columns;          /* 1: children stand side by side, not one below the other */
    int weight;           /* share of the room that is left; 0: as many rows as the view asks for */
    struct ipd_pane *children;
    int count;
    ipd_area area; /* with its box, as last placed; empty where there was no room */
} ipd_pane;

enum { IPD_MAX_PANES = 32, IPD_PANE_TEXT = 4096 };

/* Reads a tree; each view stands in it once, and the console, which holds the prompt, must. *out is freed with
 * ipd_pane_free. */
int ipd_pane_parse(ipd_pane **out, const char *text, ipd_error *e);
void ipd_pane_free(ipd_pane *root); /* takes NULL */
/* The same as text. IPD_PANE_TEXT is room for any: each view stands in it once, within 8 rows or columns. */
void ipd_pane_print(const ipd_pane *root, char *to, size_t size);

/* Gives every pane its area; those without room get none. */
void ipd_pane_place(ipd_pane *root, const ipd_model *m, ipd_area area);
/* The leaves that have an area, in the order of reading; returns how many. */
int ipd_pane_leaves(ipd_pane *root, ipd_pane **leaves, int max);
/* Makes the pane of a view wider (columns: 1) or taller by so many cells, at its neighbour's cost. 1 where that
 * changed something. */
int ipd_pane_resize(ipd_pane *root, const ipd_view *view, int columns, int cells);

/* An edge between two panes, which the mouse may drag. */
typedef struct ipd_edge {
    ipd_pane *parent; /* NULL: none */
    int child;        /* the one before the edge */
} ipd_edge;
ipd_edge ipd_pane_edge(ipd_pane *root, int x, int y);
/* Moves the edge to a cell. 1 where that changed something. */
int ipd_pane_drag(const ipd_edge *edge, int x, int y);

#endif
