/* layouts.h - the named layouts, built in or defined by the user, and the one that is shown. Main
 * thread.
 *
 * A layout can have trees for several screen sizes; the largest that fits is used. The file
 * $XDG_CONFIG_HOME/ipdlam/layouts has lines "NAME = TREE", "NAME@132x36 = TREE" and "show NAME".
 */
#ifndef IPD_TUI_PANE_LAYOUTS_H
#define IPD_TUI_PANE_LAYOUTS_H

#include "tui/pane/pane.h"

typedef struct ipd_layouts ipd_layouts;

/* Creates the built-in layouts and shows the first. */
ipd_layouts *ipd_layouts_new(ipd_error *e);
void ipd_layouts_free(ipd_layouts *l); /* accepts NULL */

/* The tree of the shown layout for a screen of this size, or of the view `zoom` if it is not NULL.
 * NULL if the screen is smaller than 20 x 5. Borrowed until the next call that changes layouts. */
ipd_pane *ipd_layouts_tree(ipd_layouts *l, const ipd_view *zoom, int width, int height);

/* Defines or redefines a layout for all sizes; the tree is as in pane.h. -1 and *e if the name or
 * the tree is wrong. */
int ipd_layouts_define(ipd_layouts *l, const char *name, const char *tree, ipd_error *e);
/* Shows a layout by its name, or by its number from 1. -1 and *e if there is none. */
int ipd_layouts_choose(ipd_layouts *l, const char *name, ipd_error *e);
int ipd_layouts_choose_number(ipd_layouts *l, int number, ipd_error *e);
/* The name of a layout by its number, from 1; NULL after the last. */
const char *ipd_layouts_name(const ipd_layouts *l, int number);
/* The number of the layout that is shown. */
int ipd_layouts_current(const ipd_layouts *l);
/* Marks the tree that was returned last as changed by hand, to be saved. */
void ipd_layouts_touch(ipd_layouts *l);
/* Restores the shown layout as it was defined. */
void ipd_layouts_restore(ipd_layouts *l);

/* Reads the file. A missing file is not an error. Lines with errors are skipped, and
 * ipd_layouts_save writes them back unchanged; -1 and *e report the first. */
int ipd_layouts_load(ipd_layouts *l, ipd_error *e);
/* Writes the file if a layout was changed. -1 and *e on failure. */
int ipd_layouts_save(ipd_layouts *l, ipd_error *e);

#endif
