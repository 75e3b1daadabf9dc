/* view.h - what a view is: one file that ends in one of these tables.
 *
 * To add a view: write its file, name its table below, and give it a place in layout.c.
 */
#ifndef IPD_TUI_VIEW_H
#define IPD_TUI_VIEW_H

#include "tui/model.h"

typedef struct ipd_view {
    const char *name;
    int framed; /* 1: in a box with a title */
    /* Writes the box's title, of which `width` columns are shown; NULL: the name. */
    void (*title)(const ipd_model *m, int width, char *to, size_t size);
    /* Draws into what the title leaves of the upper edge; NULL: nothing. */
    void (*edge)(ipd_model *m, ipd_canvas *c, ipd_area edge);
    /* Rows it would like inside of its box; NULL: what there is. */
    int (*rows)(const ipd_model *m, int width);
    /* Draws into the inside, which is blank. May ask the model for columns and set its cursor. */
    void (*draw)(ipd_model *m, ipd_canvas *c, ipd_area inside);
} ipd_view;

extern const ipd_view ipd_view_status;
extern const ipd_view ipd_view_objective;
extern const ipd_view ipd_view_accuracy;
extern const ipd_view ipd_view_layers;
extern const ipd_view ipd_view_blocks;
extern const ipd_view ipd_view_settings;
extern const ipd_view ipd_view_console;
extern const ipd_view ipd_view_keys;
extern const ipd_view ipd_view_help;

#endif
