/* scrollback.h - the lines of the output pane: output of scripts, results, errors. Any thread.
 *
 * One thread writes, another draws; each function locks. Output of scripts and messages of the
 * program come as one stream of bytes, which keeps them in order. IPD_MARK and a letter change the
 * kind of the text that follows.
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
 * Beyond IPD_SCROLLBACK_LINES lines, the oldest are dropped. */
void ipd_scrollback_write(ipd_scrollback *s, const char *bytes, size_t count);

/* Draws wrapped lines at the bottom of the area, without the newest `back` rows. Limits *back to
 * the existing rows. Returns the number of rows drawn. */
int ipd_scrollback_draw(ipd_scrollback *s, ipd_canvas *c, ipd_area area, int *back);

/* 1: hides the text so far; 0: shows all. */
void ipd_scrollback_hide(ipd_scrollback *s, int hidden);

/* The number of rows of the newest `lines` lines at this width. */
int ipd_scrollback_rows(ipd_scrollback *s, size_t lines, int width, int ascii);

/* Searches for a line with the text, ignoring case if the text has no capitals. Lines are numbered
 * from 1 since the start. Returns the nearest one above line `from` (step -1; from = 0: the newest)
 * or below it (step 1); 0 if there is none. *all is the number of lines with the text, *place the
 * place of this one among them, from 1 for the oldest. */
unsigned long ipd_scrollback_find(ipd_scrollback *s, const char *text, unsigned long from, int step,
                                  int *place, int *all);
/* The number of rows of all lines below a line at this width. */
int ipd_scrollback_below(ipd_scrollback *s, unsigned long number, int width, int ascii);

/* The output of the last submission, to be freed: the lines after the newest echo of a typed line,
 * or after the one before if nothing follows the newest. NULL if memory runs out. */
char *ipd_scrollback_last(ipd_scrollback *s);

/* Appends every line to a file from now on, without marks and escapes; stops if path is NULL. A
 * write error stops it, see ipd_scrollback_log_failed. 0, or -1 and *e. */
int ipd_scrollback_log(ipd_scrollback *s, const char *path, ipd_error *e);
/* The path of that file, to be freed; NULL if there is none. */
char *ipd_scrollback_log_path(ipd_scrollback *s);
/* Returns 1 and *e, once, if a write to the file has failed. */
int ipd_scrollback_log_failed(ipd_scrollback *s, ipd_error *e);

/* The number of changes so far; if it differs from the one drawn, the pane must be drawn again. */
unsigned long ipd_scrollback_version(ipd_scrollback *s);

#endif
