/* picture.h - the screen as a file: SVG, text, or text with colours for a terminal. Main thread. */
#ifndef IPD_TUI_TERMINAL_PICTURE_H
#define IPD_TUI_TERMINAL_PICTURE_H

#include "plot/canvas.h"

/* Writes the canvas to a file whose name ends in .svg, .txt or .ans. The colours of SVG are those of the
 * theme. Lines, blocks and braille dots are drawn as shapes, so that they do not depend on a font. */
int ipd_picture_write(const ipd_canvas *c, const char *path, ipd_error *e);

#endif
