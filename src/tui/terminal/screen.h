/* screen.h - shows a canvas on the terminal. Main thread, between ipd_terminal_start and _stop. */
#ifndef IPD_TUI_TERMINAL_SCREEN_H
#define IPD_TUI_TERMINAL_SCREEN_H

#include "plot/canvas.h"

/* Chooses colours for the terminal; returns 1 if there are none, or NO_COLOR is set. */
int ipd_screen_start(void);
/* Chooses a theme by name, "auto" at first; takes effect with ipd_screen_start. */
int ipd_screen_theme(const char *name, ipd_error *e);
const char *ipd_screen_theme_name(void);
/* The colours of an ink, and of the background, as in ipd_cell.fore, in a picture of the screen. */
uint32_t ipd_screen_rgb(ipd_ink ink);
uint32_t ipd_screen_background(void);
/* Colours available to images: ipd_canvas.colours. */
int ipd_screen_colours(void);
/* Shows the canvas with the cursor at (x, y), hidden if x < 0: one update of the differences. */
void ipd_screen_show(const ipd_canvas *c, int x, int y);

#endif
