/* layouts.h - the named layouts: those built in, those of the user, and which one is shown.
 *
 * A layout may have trees for several sizes of screen; the largest that fits is used. Kept in
 * $XDG_CONFIG_HOME/ipdlam/layouts as lines "NAME = TREE" or "NAME@132x36 = TREE", and "show NAME". Main thread.
 */
#ifndef IPD_TUI_PANE_LAYOUTS_H
#define IPD_TUI_PANE_LAYOUTS_H

#include "tui/pane/pane.h"

typedef struct ipd_layouts ipd_layouts;

/* With the built-in ones, the first of them shown. */
ipd_layouts *ipd_layouts_new(ipd_error *e);
void ipd_layouts_free(ipd_layouts *l); /* takes NULL */

/* The tree for a screen of this size, the zoomed view's where there is one; NULL where the screen is too small for
 * any (below 20 x 5). Borrowed until the next call that changes layouts. */
ipd_pane *ipd_layouts_tree(ipd_layouts *l, const ipd_view *zoom, int width, int height);

/* Defines a layout for all sizes, or defines it anew. The name is of letters, digits, "-" and "_". */
int ipd_layouts_define(ipd_layouts *l, const char *name, const char *tree, ipd_error *e);
/* Shows one by its name, or by its number from 1 on. */
int ipd_layouts_choose(ipd_layouts *l, const char *name, ipd_error *e);
int ipd_layouts_choose_number(ipd_layouts *l, int number, ipd_error *e);
/* Name of number 1 ..., NULL at the end; the number shown. */
const char *ipd_layouts_name(const ipd_layouts *l, int number);
int ipd_layouts_current(const ipd_layouts *l);
/* The tree of the current one was changed by hand: it is to be kept. */
void ipd_layouts_touch(ipd_layouts *l);
/* The current one as it was defined. */
void ipd_layouts_restore(ipd_layouts *l);

/* Reads and writes the file; no file is well, and none is made where nothing was changed. A wrong line is skipped, and
 * written again as it is: *e then says the first one. */
int ipd_layouts_load(ipd_layouts *l, ipd_error *e);
int ipd_layouts_save(ipd_layouts *l, ipd_error *e);

#endif
