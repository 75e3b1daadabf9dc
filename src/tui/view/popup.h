/* popup.h - completions beside the cursor, over whatever is there; and how the call is made that is being
 * typed, below the prompt. */
#ifndef IPD_TUI_VIEW_POPUP_H
#define IPD_TUI_VIEW_POPUP_H

#include "tui/model/model.h"

void ipd_popup_draw(const ipd_model *m, ipd_canvas *c);

#endif
