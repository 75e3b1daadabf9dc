/* canvas.h - a grid of character cells to draw on, independent of terminals.
 *
 * Charts, tables and the workbench screen draw here; curses, the command line and the tests show
 * the same cells. Coordinates are cells from the upper left corner (0, 0); drawing outside is
 * clipped. No locks: one thread at a time.
 */
#ifndef IPD_PLOT_CANVAS_H
#define IPD_PLOT_CANVAS_H

#include "base/error.h"

#include <stdint.h>
#include <stdio.h>

/* The characters that a terminal can show. */
typedef enum ipd_charset {
    IPD_ASCII,  /* nothing beyond ASCII: text is transliterated ("Phi") */
    IPD_BLOCKS, /* half blocks and lines: the Linux console */
    IPD_BRAILLE /* also braille patterns, 2 x 4 dots per cell */
} ipd_charset;

/* Colours by meaning; the code that shows the canvas chooses the actual colours. */
typedef enum ipd_ink {
    IPD_INK_TEXT,
    IPD_INK_FAINT, /* less important: grid lines, units */
    IPD_INK_FRAME, /* boxes and axes */
    IPD_INK_TITLE,
    IPD_INK_KEY, /* names of keys */
    IPD_INK_GOOD,
    IPD_INK_WARNING,
    IPD_INK_BAD,
    IPD_INK_SERIES_1, /* the first of IPD_SERIES_INKS */
    IPD_INK_COUNT = IPD_INK_SERIES_1 + 12
} ipd_ink;
/* Inks from IPD_INK_SERIES_1 on: 6 for the curves of a chart, 12 for the runs of a list, of which
 * the first 6 are the same. */
enum { IPD_SERIES_INKS = 6, IPD_RUN_INKS = 12 };

enum { IPD_BOLD = 1, IPD_REVERSE = 2, IPD_UNDERLINE = 4 };

typedef struct ipd_cell {
    uint32_t code;      /* Unicode; 0: the right half of a wide character */
    uint32_t mark;      /* a combining character on it, or 0 */
    uint8_t ink;        /* ipd_ink */
    uint8_t attributes; /* IPD_BOLD | ... */
    /* Colours of images: IPD_RGB | red << 16 | green << 8 | blue, see colour.h. 0: the colour of
     * the ink, and the default background. */
    uint32_t fore, back;
} ipd_cell;
enum { IPD_RGB = 1 << 24 };

typedef struct ipd_canvas {
    int width, height;
    int left, top, right, bottom; /* nothing is drawn outside; see ipd_canvas_limit */
    ipd_charset charset;
    int monochrome;  /* 1: no colours, series must differ in form */
    int colours;     /* available to images: 0 (shades of ink), 8, 256, or 1 << 24 */
    ipd_cell *cells; /* height rows of width */
} ipd_canvas;

/* A rectangle of cells. */
typedef struct ipd_area {
    int x, y, width, height;
} ipd_area;

/* Returns the best character set for the current locale (setlocale) and $TERM. */
ipd_charset ipd_charset_of_locale(void);

/* Makes a blank canvas of 1 to 10000 cells each way. The caller frees it. -1 and *e if the size is
 * another one or memory runs out. */
int ipd_canvas_init(ipd_canvas *c, int width, int height, ipd_charset charset, ipd_error *e);
void ipd_canvas_free(ipd_canvas *c); /* accepts an empty canvas */

ipd_area ipd_canvas_all(const ipd_canvas *c);
/* From now on nothing is drawn outside the area. */
void ipd_canvas_limit(ipd_canvas *c, ipd_area area);
void ipd_canvas_clear(ipd_canvas *c, ipd_area area); /* blanks */

void ipd_canvas_put(ipd_canvas *c, int x, int y, uint32_t code, ipd_ink ink, int attributes);

/* Sets the colours of the cell at (x, y); see ipd_cell. */
void ipd_canvas_colour(ipd_canvas *c, int x, int y, uint32_t fore, uint32_t back);

/* Writes UTF-8 text in one row from (x, y) on, in at most `width` columns, transliterated to the
 * canvas's character set; control characters become blanks, invalid UTF-8 becomes "?". Returns the
 * columns used. */
int ipd_canvas_text(ipd_canvas *c, int x, int y, int width, ipd_ink ink, int attributes,
                    const char *text);
/* The same, but text that does not fit is cut and ends in "…", behind a word if possible. */
int ipd_canvas_text_cut(ipd_canvas *c, int x, int y, int width, ipd_ink ink, int attributes,
                        const char *text);
int ipd_canvas_textf(ipd_canvas *c, int x, int y, int width, ipd_ink ink, int attributes,
                     const char *format, ...) __attribute__((format(printf, 7, 8)));
/* The same, ending at column x + width. */
int ipd_canvas_text_right(ipd_canvas *c, int x, int y, int width, ipd_ink ink, int attributes,
                          const char *text);

/* Reverses every occurrence of the text in the rows of the area; ipd_text_search says what
 * matches. */
void ipd_canvas_highlight(ipd_canvas *c, ipd_area area, const char *text);

/* Draws a frame along the edge of the area, with a title (or NULL) in its upper line. Returns the
 * inside. */
ipd_area ipd_canvas_box(ipd_canvas *c, ipd_area area, const char *title, ipd_ink ink);

/* Writes all rows as UTF-8 lines without trailing blanks, with ANSI colours if `colour`. Returns -1
 * if writing failed. */
int ipd_canvas_print(const ipd_canvas *c, FILE *to, int colour);

#endif
