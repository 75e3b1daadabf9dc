/* popup.h - the list of completions, over the other views. */
#ifndef IPD_TUI_POPUP_H
#define IPD_TUI_POPUP_H

#include "tui/model.h"

/* Draws the model's completions in columns above the cursor, or below where there is more room. */
void ipd_popup_draw(const ipd_model *m, ipd_canvas *c);

#endif
