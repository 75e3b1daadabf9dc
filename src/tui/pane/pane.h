/* pane.h - a layout as a tree: leaves are views, the rest are rows or columns of further panes.
 *
 * As text, for Lua and files: rows(status, columns:9(objective, accuracy), layers, console:7,
 * keys). The number is the weight among panes that share the remaining space; a view in rows
 * without a number gets the rows it needs. Main thread.
 */
#ifndef IPD_TUI_PANE_PANE_H
#define IPD_TUI_PANE_PANE_H

#include "tui/view/view.h"

typedef struct ipd_pane {
    const ipd_view *view; /* NULL: children */
    int columns;          /* 1: children side by side; 0: one below the other */
    int weight;           /* share of the remaining space; 0: the rows that the view needs */
    struct ipd_pane *children;
    int count;
    ipd_area area; /* with its frame, as last placed; empty if there was no space */
} ipd_pane;

enum { IPD_MAX_PANES = 32, IPD_PANE_TEXT = 4096 };

/* Parses a tree. Each view can occur once, and the console, which holds the prompt, must. Free *out
 * with ipd_pane_free. */
int ipd_pane_parse(ipd_pane **out, const char *text, ipd_error *e);
void ipd_pane_free(ipd_pane *root); /* accepts NULL */
/* The tree as text. IPD_PANE_TEXT bytes are enough: each view occurs once, within 8 rows or
 * columns. */
void ipd_pane_print(const ipd_pane *root, char *to, size_t size);

/* Places every pane; panes without space get an empty area. */
void ipd_pane_place(ipd_pane *root, const ipd_model *m, ipd_area area);
/* Collects the leaves that have an area, in reading order; returns their number. */
int ipd_pane_leaves(ipd_pane *root, ipd_pane **leaves, int max);
/* Makes the pane of a view wider (columns: 1) or taller by some cells, at the expense of its
 * neighbour. Returns 1 if that changed anything. */
int ipd_pane_resize(ipd_pane *root, const ipd_view *view, int columns, int cells);

/* An edge between two panes, for dragging with the mouse. */
typedef struct ipd_edge {
    ipd_pane *parent; /* NULL: none */
    int child;        /* index of the pane before the edge */
} ipd_edge;
ipd_edge ipd_pane_edge(ipd_pane *root, int x, int y);
/* Moves the edge to a cell. Returns 1 if that changed anything. */
int ipd_pane_drag(const ipd_edge *edge, int x, int y);

#endif
