/* view_keys.c - the bottom line: the keys that one needs first. */
#include "plot/glyph.h"
#include "tui/keys.h"
#include "tui/view.h"

#include <string.h>

static void draw(ipd_model *m, ipd_canvas *c, ipd_area inside)
{
    int ascii = c->charset == IPD_ASCII, note = ipd_text_columns(m->note, ascii);
    int x = inside.x + 1, end = inside.x + inside.width - (note ? note + 2 : 0);

    for (const ipd_key *k = ipd_keys; k->name; k++) {
        if (!k->hint)
            continue;
        const char *hint = k->action == IPD_ACT_RUN && m->status == IPD_RUNNING ? "pause" : k->hint;
        int columns = (int)(strlen(k->name) + 1 + strlen(hint));
        if (x + columns > end)
            continue;
        x += ipd_canvas_text(c, x, inside.y, end - x, IPD_INK_KEY, IPD_BOLD, k->name) + 1;
        x += ipd_canvas_text(c, x, inside.y, end - x, IPD_INK_FAINT, 0, hint) + 3;
    }
    ipd_canvas_text_right(c, inside.x, inside.y, inside.width - 1, IPD_INK_FAINT, 0, m->note);
}

const ipd_view ipd_view_keys = {.name = "keys", .draw = draw};
