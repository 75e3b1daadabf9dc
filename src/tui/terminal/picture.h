/* picture.h - the screen as a file: SVG, text, or text with colours for a terminal. Main thread. */
#ifndef IPD_TUI_TERMINAL_PICTURE_H
#define IPD_TUI_TERMINAL_PICTURE_H

#include "plot/canvas.h"

/* Writes the canvas to a file whose name ends in .svg, .txt or .ans. SVG has the colours of the
 * theme, and lines, blocks and braille dots are shapes, which do not depend on a font. -1 and *e on
 * failure; IPD_EUSAGE for another ending. */
int ipd_picture_write(const ipd_canvas *c, const char *path, ipd_error *e);

#endif
