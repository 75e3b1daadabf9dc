/* layouts.h - the named layouts, built in or defined by the user, and the one that is shown.
 *
 * A layout can have trees for several screen sizes; the largest that fits is used. They are saved
 * in $XDG_CONFIG_HOME/ipdlam/layouts as lines "NAME = TREE" or "NAME@132x36 = TREE", and "show
 * NAME". Main thread.
 */
#ifndef IPD_TUI_PANE_LAYOUTS_H
#define IPD_TUI_PANE_LAYOUTS_H

#include "tui/pane/pane.h"

typedef struct ipd_layouts ipd_layouts;

/* Creates the built-in layouts and shows the first. */
ipd_layouts *ipd_layouts_new(ipd_error *e);
void ipd_layouts_free(ipd_layouts *l); /* accepts NULL */

/* The tree for a screen of this size, or of the zoomed view if there is one; NULL if the screen is
 * too small for any (below 20 x 5). Borrowed until the next call that changes layouts. */
ipd_pane *ipd_layouts_tree(ipd_layouts *l, const ipd_view *zoom, int width, int height);

/* Defines or redefines a layout for all sizes. The name has letters, digits, "-" and "_". */
int ipd_layouts_define(ipd_layouts *l, const char *name, const char *tree, ipd_error *e);
/* Shows a layout by its name, or by its number from 1 on. */
int ipd_layouts_choose(ipd_layouts *l, const char *name, ipd_error *e);
int ipd_layouts_choose_number(ipd_layouts *l, int number, ipd_error *e);
/* The name of layout number 1, 2, ..., NULL after the last; the number of the one shown. */
const char *ipd_layouts_name(const ipd_layouts *l, int number);
int ipd_layouts_current(const ipd_layouts *l);
/* Marks the current tree as changed by hand, to be saved. */
void ipd_layouts_touch(ipd_layouts *l);
/* Restores the current layout as it was defined. */
void ipd_layouts_restore(ipd_layouts *l);

/* Read and write the file. A missing file is not an error; without changes none is written. Lines
 * with errors are skipped and written back unchanged; *e reports the first. */
int ipd_layouts_load(ipd_layouts *l, ipd_error *e);
int ipd_layouts_save(ipd_layouts *l, ipd_error *e);

#endif
