#include "tui/popup.h"
#include "plot/glyph.h"

#include <stdio.h>

static int widest(const ipd_model *m, int ascii)
{
    int most = 1;

    for (size_t i = 0; i < m->match_count; i++) {
        int columns = ipd_text_columns(m->matches[i], ascii);
        most = columns > most ? columns : most;
    }
    return most;
}

void ipd_popup_draw(const ipd_model *m, ipd_canvas *c)
{
    if (!m->match_count || m->cursor_y < 0 || c->width < 8)
        return;
    int inner = c->width - 4, cell = widest(m, c->charset == IPD_ASCII) + 2;
    cell = cell > inner ? inner : cell;
    int across = inner / cell, count = (int)m->match_count;
    across = across > count ? count : across;
    int rows = (count + across - 1) / across, above = m->cursor_y;
    int below = c->height - 1 - m->cursor_y, up = above >= rows + 2 || above >= below;
    int room = (up ? above : below) - 2, shown = rows > room ? room : rows;
    if (shown < 1)
        return;
    char title[48];
    snprintf(title, sizeof title,
             shown < rows ? "%d completions, the first are shown" : "%d completions", count);
    /* In columns, read downwards, as ls does. */
    int width = across * cell + 3;
    width = width < 20 ? (c->width < 20 ? c->width : 20) : width;
    ipd_area box = {m->cursor_x, up ? m->cursor_y - shown - 2 : m->cursor_y + 1, width, shown + 2};
    box.x = box.x + box.width > c->width ? c->width - box.width : box.x;
    box.x = box.x < 0 ? 0 : box.x;
    ipd_canvas_clear(c, box);
    ipd_area in = ipd_canvas_box(c, box, title, IPD_INK_KEY);
    for (int i = 0; i < count; i++) {
        int row = i % rows, column = i / rows;
        if (row < shown)
            ipd_canvas_text(c, in.x + 1 + column * cell, in.y + row, cell, IPD_INK_TEXT, 0,
                            m->matches[i]);
    }
}
