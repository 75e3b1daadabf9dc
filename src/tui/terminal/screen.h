/* screen.h - shows a canvas on the terminal. Main thread, between ipd_terminal_start and _stop. */
#ifndef IPD_TUI_TERMINAL_SCREEN_H
#define IPD_TUI_TERMINAL_SCREEN_H

#include "plot/canvas.h"

/* Sets up the theme's colours on the terminal. Returns 1 if it has none, or NO_COLOR is set. */
int ipd_screen_start(void);
/* Chooses a theme by name, at first "auto"; the next ipd_screen_start uses it. -1 and *e if the
 * name is unknown. */
int ipd_screen_theme(const char *name, ipd_error *e);
const char *ipd_screen_theme_name(void);
/* The colours of an ink and of the background in a picture of the screen, as in ipd_cell.fore. */
uint32_t ipd_screen_rgb(ipd_ink ink);
uint32_t ipd_screen_background(void);
/* The colours available to images: ipd_canvas.colours. */
int ipd_screen_colours(void);
/* Shows the canvas with the cursor at (x, y), hidden if either is negative. Sends only
 * differences. */
void ipd_screen_show(const ipd_canvas *c, int x, int y);

#endif
