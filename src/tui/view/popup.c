#include "tui/view/popup.h"
#include "plot/glyph.h"

#include <stdio.h>

enum { MIN_NOTE = 20, MAX_NOTE = 90 }; /* columns */

static int widest(char *const *texts, size_t count, int ascii)
{
    int max = 1;

    for (size_t i = 0; i < count; i++) {
        int columns = ipd_text_columns(texts[i], ascii);
        max = columns > max ? columns : max;
    }
    return max;
}

/* The area of a box with `rows` rows inside, or fewer if there is no room, above the cursor or
 * below it. */
static ipd_area place(const ipd_model *m, const ipd_canvas *c, int rows, int width)
{
    int above = m->cursor_y, below = c->height - 1 - m->cursor_y;
    int up = above >= rows + 2 || above >= below, room = (up ? above : below) - 2;
    int shown = rows > room ? room : rows;

    width = width < 20 ? 20 : width;
    width = width > c->width ? c->width : width;
    ipd_area box = {m->cursor_x, up ? m->cursor_y - shown - 2 : m->cursor_y + 1, width, shown + 2};
    box.x = box.x + box.width > c->width ? c->width - box.width : box.x;
    return box;
}

static ipd_area open_box(const ipd_model *m, ipd_canvas *c, ipd_area box, int rows)
{
    char title[48];

    snprintf(title, sizeof title,
             box.height - 2 < rows ? "%d completions, the first are shown" : "%d completions",
             (int)m->match_count);
    ipd_canvas_clear(c, box);
    return ipd_canvas_box(c, box, title, IPD_INK_KEY);
}

/* Draws one match per row with its help. Returns 0 and draws nothing if they do not all fit. */
static int draw_with_notes(const ipd_model *m, ipd_canvas *c)
{
    int ascii = c->charset == IPD_ASCII, rows = (int)m->match_count;

    if (!m->notes)
        return 0;
    int note = widest(m->notes, m->match_count, ascii),
        cell = widest(m->matches, m->match_count, ascii);
    note = note > MAX_NOTE ? MAX_NOTE : note;
    ipd_area box = place(m, c, rows, cell + note + 6);
    int left = box.width - cell - 6;
    if (note <= 1 || box.height - 2 < rows || left < (note < MIN_NOTE ? note : MIN_NOTE))
        return 0;
    ipd_area in = open_box(m, c, box, rows);
    for (int i = 0; i < rows; i++) {
        ipd_canvas_text(c, in.x + 1, in.y + i, cell, IPD_INK_TEXT, 0, m->matches[i]);
        ipd_canvas_text_cut(c, in.x + cell + 3, in.y + i, left, IPD_INK_FAINT, 0, m->notes[i]);
    }
    return 1;
}

/* Draws the matches in columns from top to bottom, as ls does. */
static void draw_in_columns(const ipd_model *m, ipd_canvas *c)
{
    int inner = c->width - 4, count = (int)m->match_count;
    int cell = widest(m->matches, m->match_count, c->charset == IPD_ASCII) + 2;
    cell = cell > inner ? inner : cell;
    int across = inner / cell > count ? count : inner / cell, rows = (count + across - 1) / across;
    ipd_area box = place(m, c, rows, across * cell + 3);

    if (box.height < 3)
        return;
    ipd_area in = open_box(m, c, box, rows);
    for (int i = 0; i < count; i++) {
        int row = i % rows, column = i / rows;
        if (row < in.height)
            ipd_canvas_text_cut(c, in.x + 1 + column * cell, in.y + row, cell, IPD_INK_TEXT, 0,
                                m->matches[i]);
    }
}

void ipd_popup_draw(const ipd_model *m, ipd_canvas *c)
{
    if (m->cursor_y < 0 || c->width < 8)
        return;
    if (m->match_count && !draw_with_notes(m, c))
        draw_in_columns(m, c);
    else if (!m->match_count && m->signature && m->prompt_end < c->height)
        ipd_canvas_text_cut(c, 2, m->prompt_end, c->width - 4, IPD_INK_FAINT, 0, m->signature);
}
