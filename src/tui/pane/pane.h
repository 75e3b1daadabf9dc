/* pane.h - a layout as a tree: a leaf is a view, any other pane has rows or columns of panes. Main
 * thread.
 *
 * As text, for Lua and files: rows(status, columns:9(objective, accuracy), layers, console:7,
 * keys). The number is the pane's weight: panes divide the remaining space by their weights. A view
 * in rows without a number gets the rows it needs.
 */
#ifndef IPD_TUI_PANE_PANE_H
#define IPD_TUI_PANE_PANE_H

#include "tui/view/view.h"

typedef struct ipd_pane {
    const ipd_view *view; /* NULL: children */
    int columns;          /* 1: children side by side; 0: one below the other */
    int weight;           /* share of the remaining space; 0: takes the rows that the view needs */
    struct ipd_pane *children;
    int count;
    ipd_area area; /* with its frame, as last placed; empty if there was no space */
} ipd_pane;

enum { IPD_MAX_PANES = 32, IPD_PANE_TEXT = 4096 };

/* Parses a tree. A view can occur once; the console, which has the prompt, must occur. Free *out
 * with ipd_pane_free. -1, *out = NULL and *e on failure. */
int ipd_pane_parse(ipd_pane **out, const char *text, ipd_error *e);
void ipd_pane_free(ipd_pane *root); /* accepts NULL */
/* Writes the tree as text. IPD_PANE_TEXT bytes are enough. */
void ipd_pane_print(const ipd_pane *root, char *to, size_t size);

/* Places every pane; panes without space get an empty area. */
void ipd_pane_place(ipd_pane *root, const ipd_model *m, ipd_area area);
/* Collects at most `max` leaves that have an area, in reading order; returns their number. */
int ipd_pane_leaves(ipd_pane *root, ipd_pane **leaves, int max);
/* Makes the pane of a view wider (columns = 1) or taller (0) by some cells, which a neighbour
 * loses; fewer than 0 make it narrower or lower. Returns 1 if that changed anything. */
int ipd_pane_resize(ipd_pane *root, const ipd_view *view, int columns, int cells);

/* An edge between two panes. */
typedef struct ipd_edge {
    ipd_pane *parent; /* NULL: no edge */
    int child;        /* index of the pane before the edge */
} ipd_edge;
/* The edge at a cell. */
ipd_edge ipd_pane_edge(ipd_pane *root, int x, int y);
/* Moves the edge to a cell. Returns 1 if that changed anything. */
int ipd_pane_drag(const ipd_edge *edge, int x, int y);

#endif
