/* scrollback.h - the lines of the output pane: output of scripts, results, errors.
 *
 * One thread writes, another draws; each call locks. Bytes come as one stream, so that the output
 * of scripts and the messages of the program stay in order. A line that begins with IPD_MARK and a
 * letter changes the kind of the text after it.
 */
#ifndef IPD_TUI_MODEL_SCROLLBACK_H
#define IPD_TUI_MODEL_SCROLLBACK_H

#include "base/error.h"
#include "plot/canvas.h"

#include <stddef.h>

typedef enum ipd_text_kind {
    IPD_TEXT_OUTPUT, /* printed by scripts and their child processes */
    IPD_TEXT_ECHO,   /* typed lines */
    IPD_TEXT_RESULT,
    IPD_TEXT_ERROR,
    IPD_TEXT_NOTICE, /* messages of the workbench */
    IPD_TEXT_KINDS
} ipd_text_kind;

enum { IPD_MARK = 0x1E, IPD_SCROLLBACK_LINES = 5000 };

typedef struct ipd_scrollback ipd_scrollback;

ipd_scrollback *ipd_scrollback_new(ipd_error *e); /* NULL and *e if memory runs out */
void ipd_scrollback_free(ipd_scrollback *s);      /* accepts NULL */

/* Adds bytes. \n ends a line; \r alone restarts it (progress bars); terminal escapes are dropped.
 * Beyond IPD_SCROLLBACK_LINES the oldest lines are dropped. Any thread. */
void ipd_scrollback_write(ipd_scrollback *s, const char *bytes, size_t count);

/* Draws the newest text that fits, wrapped, ending `back` rows before the end, at the lower end of
 * the area; *back is limited to the existing rows. Returns the rows used. Any thread. */
int ipd_scrollback_draw(ipd_scrollback *s, ipd_canvas *c, ipd_area area, int *back);

/* 1: the text so far is not drawn; 0: all is. Any thread. */
void ipd_scrollback_hide(ipd_scrollback *s, int hidden);

/* Rows of the newest `lines` lines at this width. Any thread. */
int ipd_scrollback_rows(ipd_scrollback *s, size_t lines, int width, int ascii);

/* Search. Lines have numbers, from 1 for the first ever. A text without capitals finds them too. Any thread.
 *
 * The nearest line with the text above the line `from` (step -1; from 0: the newest of all) or below it (1); 0: there
 * is none. *place and *all: its place among all lines with the text, from the oldest, and their number. */
unsigned long ipd_scrollback_find(ipd_scrollback *s, const char *text, unsigned long from, int step,
                                  int *place, int *all);
/* Rows of the lines below a line at this width. */
int ipd_scrollback_below(ipd_scrollback *s, unsigned long number, int width, int ascii);

/* The last output: the lines after the last typed one, with their ends; free() it. NULL if memory runs out. Any thread. */
char *ipd_scrollback_last(ipd_scrollback *s);

/* Appends each line that ends from now on to a file, without marks and escapes; path NULL: no longer. A full disk ends
 * it, see ipd_scrollback_log_failed. 0, or -1 and *e. Any thread. */
int ipd_scrollback_log(ipd_scrollback *s, const char *path, ipd_error *e);
/* The path of that file, to be freed; NULL if there is none. */
char *ipd_scrollback_log_path(ipd_scrollback *s);
/* Returns 1 once if writing the file failed since the last call. */
int ipd_scrollback_log_failed(ipd_scrollback *s, ipd_error *e);

/* Number of changes so far: if it differs, there is something new to draw. */
unsigned long ipd_scrollback_version(ipd_scrollback *s);

#endif
