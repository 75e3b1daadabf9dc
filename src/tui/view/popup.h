/* popup.h - draws the completions in a box beside the cursor, over the other views, or else the
 * signature of the call being typed below the prompt. Main thread. */
#ifndef IPD_TUI_VIEW_POPUP_H
#define IPD_TUI_VIEW_POPUP_H

#include "tui/model/model.h"

void ipd_popup_draw(const ipd_model *m, ipd_canvas *c);

#endif
