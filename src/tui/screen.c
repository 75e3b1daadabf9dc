#include "tui/screen.h"

#include <curses.h>
#include <stdlib.h>

typedef struct look {
    short many, few; /* of 256 colours, of 8; -1: the terminal's own */
    attr_t added;    /* with few colours, or with none */
} look;

/* Colours that are legible on dark and on light grounds. */
static const look looks[IPD_INK_COUNT] = {
    [IPD_INK_TEXT] = {-1, -1, 0},
    [IPD_INK_FAINT] = {244, -1, A_DIM},
    [IPD_INK_FRAME] = {240, -1, A_DIM},
    [IPD_INK_TITLE] = {-1, -1, 0},
    [IPD_INK_KEY] = {75, COLOR_CYAN, A_BOLD},
    [IPD_INK_GOOD] = {71, COLOR_GREEN, 0},
    [IPD_INK_WARNING] = {179, COLOR_YELLOW, 0},
    [IPD_INK_BAD] = {203, COLOR_RED, A_BOLD},
    [IPD_INK_MIXED] = {-1, -1, A_BOLD},
    [IPD_INK_SERIES_1] = {80, COLOR_CYAN, 0},
    [IPD_INK_SERIES_1 + 1] = {215, COLOR_YELLOW, 0},
    [IPD_INK_SERIES_1 + 2] = {141, COLOR_MAGENTA, 0},
    [IPD_INK_SERIES_1 + 3] = {114, COLOR_GREEN, 0},
    [IPD_INK_SERIES_1 + 4] = {69, COLOR_BLUE, 0},
    [IPD_INK_SERIES_1 + 5] = {204, COLOR_RED, 0},
};
static int colours; /* 0, 8 or 256 */

int ipd_screen_start(void)
{
    const char *no_colour = getenv("NO_COLOR");

    colours = 0;
    if ((no_colour && *no_colour) || !has_colors() || start_color() == ERR)
        return 1;
    use_default_colors();
    colours = COLORS >= 256 && COLOR_PAIRS > IPD_INK_COUNT ? 256 : COLORS >= 8 ? 8 : 0;
    for (int i = 0; i < IPD_INK_COUNT && colours; i++)
        init_pair((short)(i + 1), colours == 256 ? looks[i].many : looks[i].few, -1);
    return colours == 0;
}

static void put_cell(const ipd_cell *cell, int x, int y)
{
    wchar_t text[3] = {(wchar_t)cell->code, (wchar_t)cell->mark, 0};
    const look *l = &looks[cell->ink < IPD_INK_COUNT ? cell->ink : 0];
    attr_t attributes = colours == 256 ? 0 : l->added;
    cchar_t c;

    if (cell->attributes & IPD_BOLD)
        attributes = (attributes | A_BOLD) & ~A_DIM;
    if (cell->attributes & IPD_REVERSE)
        attributes |= A_REVERSE;
    if (cell->attributes & IPD_UNDERLINE)
        attributes |= A_UNDERLINE;
    setcchar(&c, text, attributes, colours ? (short)(cell->ink + 1) : 0, NULL);
    mvadd_wch(y, x, &c);
}

void ipd_screen_show(const ipd_canvas *c, int x, int y)
{
    for (int row = 0; row < c->height; row++)
        for (int column = 0; column < c->width; column++) {
            const ipd_cell *cell = &c->cells[row * c->width + column];
            if (cell->code)
                put_cell(cell, column, row);
        }
    curs_set(x >= 0 && y >= 0);
    move(y >= 0 ? y : c->height - 1, x >= 0 ? x : c->width - 1);
    wnoutrefresh(stdscr);
    doupdate();
}
