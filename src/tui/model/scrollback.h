/* scrollback.h - the lines of the output pane: what scripts print, results, errors.
 *
 * One thread writes, another draws; each call locks. Bytes come as one stream, so that what a
 * script prints and what the program says about it stay in order: a line that begins with IPD_MARK
 * and a letter changes what follows into another kind of text.
 */
#ifndef IPD_TUI_MODEL_SCROLLBACK_H
#define IPD_TUI_MODEL_SCROLLBACK_H

#include "base/error.h"
#include "plot/canvas.h"

#include <stddef.h>

typedef enum ipd_text_kind {
    IPD_TEXT_OUTPUT, /* printed by scripts and their children */
    IPD_TEXT_ECHO,   /* what was typed */
    IPD_TEXT_RESULT,
    IPD_TEXT_ERROR,
    IPD_TEXT_NOTICE, /* the workbench speaking */
    IPD_TEXT_KINDS
} ipd_text_kind;

enum { IPD_MARK = 0x1E, IPD_SCROLLBACK_LINES = 5000 };

typedef struct ipd_scrollback ipd_scrollback;

ipd_scrollback *ipd_scrollback_new(ipd_error *e); /* NULL and *e where memory runs out */
void ipd_scrollback_free(ipd_scrollback *s);      /* takes NULL */

/* Adds bytes: lines end with \n; \r alone begins the line anew (progress bars); terminal escapes
 * are dropped. The oldest lines go when there are more than IPD_SCROLLBACK_LINES. Any thread. */
void ipd_scrollback_write(ipd_scrollback *s, const char *bytes, size_t count);

/* Draws the newest text that fits, wrapped, ending `back` rows before the end; *back is reduced to
 * what there is. Returns the rows used, drawn at the area's lower end. Any thread. */
int ipd_scrollback_draw(ipd_scrollback *s, ipd_canvas *c, ipd_area area, int *back);

/* Rows that the newest so many lines take in this width. Any thread. */
int ipd_scrollback_rows(ipd_scrollback *s, size_t lines, int width, int ascii);

/* Number of changes so far: differs when there is something new to draw. */
unsigned long ipd_scrollback_version(ipd_scrollback *s);

#endif
