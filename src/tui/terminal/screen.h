/* screen.h - from a canvas to the terminal. Main thread, between ipd_terminal_start and _stop. */
#ifndef IPD_TUI_TERMINAL_SCREEN_H
#define IPD_TUI_TERMINAL_SCREEN_H

#include "plot/canvas.h"

/* Chooses colours for the terminal at hand; 1 where there are none, or NO_COLOR is set. */
int ipd_screen_start(void);
/* Chooses a theme by its name, "auto" at first; ipd_screen_start then makes it seen. */
int ipd_screen_theme(const char *name, ipd_error *e);
const char *ipd_screen_theme_name(void);
/* How many colours images may have: ipd_canvas.colours. */
int ipd_screen_colours(void);
/* Shows the canvas with the cursor at (x, y), hidden where x < 0: one update of what differs. */
void ipd_screen_show(const ipd_canvas *c, int x, int y);

#endif
