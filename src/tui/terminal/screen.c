#include "tui/terminal/screen.h"
#include "base/contract.h"
#include "base/text.h"
#include "plot/colour.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>

/* The look of an ink. */
typedef struct look {
    short many, few; /* colour out of 256, and out of 8; -1: the terminal's default */
    attr_t added;    /* attributes with fewer than 256 colours */
} look;

typedef struct theme {
    const char *name;
    look looks[IPD_INK_COUNT];
} theme;

#define PLAIN(faint, frame)                                                                        \
    [IPD_INK_TEXT] = {-1, -1, 0}, [IPD_INK_FAINT] = {faint, -1, A_DIM},                            \
    [IPD_INK_FRAME] = {frame, -1, A_DIM}, [IPD_INK_TITLE] = {-1, -1, 0}
#define MEANINGS(key, good, warning, bad)                                                          \
    [IPD_INK_KEY] = {key, COLOR_CYAN, A_BOLD}, [IPD_INK_GOOD] = {good, COLOR_GREEN, 0},            \
    [IPD_INK_WARNING] = {warning, COLOR_YELLOW, 0}, [IPD_INK_BAD] = {bad, COLOR_RED, A_BOLD}
#define SERIES(a, b, c, d, e, f)                                                                   \
    [IPD_INK_SERIES_1] = {a, COLOR_CYAN, 0}, [IPD_INK_SERIES_1 + 1] = {b, COLOR_YELLOW, 0},        \
    [IPD_INK_SERIES_1 + 2] = {c, COLOR_MAGENTA, 0}, [IPD_INK_SERIES_1 + 3] = {d, COLOR_GREEN, 0},  \
    [IPD_INK_SERIES_1 + 4] = {e, COLOR_BLUE, 0}, [IPD_INK_SERIES_1 + 5] = {f, COLOR_RED, 0}
/* With 8 colours, the six of SERIES again, bold. */
#define MORE(a, b, c, d, e, f)                                                                     \
    [IPD_INK_SERIES_1 + 6] = {a, COLOR_CYAN, A_BOLD},                                              \
                        [IPD_INK_SERIES_1 + 7] = {b, COLOR_YELLOW, A_BOLD},                        \
                        [IPD_INK_SERIES_1 + 8] = {c, COLOR_MAGENTA, A_BOLD},                       \
                        [IPD_INK_SERIES_1 + 9] = {d, COLOR_GREEN, A_BOLD},                         \
                        [IPD_INK_SERIES_1 + 10] = {e, COLOR_BLUE, A_BOLD},                         \
                        [IPD_INK_SERIES_1 + 11] = {f, COLOR_RED, A_BOLD}

/* "auto" is legible on dark and light backgrounds. */
static const theme themes[] = {
    {"auto",
     {PLAIN(244, 240), MEANINGS(75, 71, 179, 203), SERIES(80, 215, 141, 114, 69, 204),
      MORE(37, 178, 175, 107, 103, 167)}},
    {"dark",
     {PLAIN(246, 241), MEANINGS(117, 114, 221, 210), SERIES(87, 221, 183, 157, 111, 211),
      MORE(79, 209, 219, 191, 147, 174)}},
    {"light",
     {PLAIN(242, 247), MEANINGS(25, 28, 130, 160), SERIES(30, 166, 91, 28, 26, 161),
      MORE(24, 94, 133, 64, 60, 124)}},
    {"contrast",
     {[IPD_INK_TEXT] = {-1, -1, A_BOLD},
      [IPD_INK_FAINT] = {-1, -1, 0},
      [IPD_INK_FRAME] = {-1, -1, 0},
      [IPD_INK_TITLE] = {-1, -1, A_BOLD},
      MEANINGS(51, 46, 226, 196),
      SERIES(51, 226, 201, 46, 33, 196),
      MORE(37, 208, 213, 118, 99, 174)}},
    {"none",
     {PLAIN(-1, -1), MEANINGS(-1, -1, -1, -1), SERIES(-1, -1, -1, -1, -1, -1),
      MORE(-1, -1, -1, -1, -1, -1)}},
};
enum { CONTRAST = 3, THEMES = sizeof themes / sizeof *themes };

static const theme *chosen = &themes[0];
static int colours; /* 0, 8 or 256 */
static int direct;  /* 1: the terminal has direct colours: a colour is its RGB value */

int ipd_screen_theme(const char *name, ipd_error *e)
{
    const char *names[THEMES + 1] = {NULL};

    for (int i = 0; i < THEMES; i++)
        names[i] = themes[i].name;
    int found = ipd_text_index(name, names);
    if (found < 0)
        return ipd_fail_unknown_in(e, "theme", name, names);
    chosen = &themes[found];
    return 0;
}

const char *ipd_screen_theme_name(void)
{
    return chosen->name;
}

int ipd_screen_start(void)
{
    const char *no_colour = getenv("NO_COLOR");

    colours = 0;
    if ((no_colour && *no_colour) || !has_colors() || strcmp(chosen->name, "none") == 0 ||
        start_color() == ERR)
        return 1;
    use_default_colors();
    colours = COLORS >= 256 && COLOR_PAIRS > IPD_INK_COUNT ? 256 : COLORS >= 8 ? 8 : 0;
    direct = COLORS >= IPD_RGB && tigetflag("RGB") > 0;
    for (int i = 0; i < IPD_INK_COUNT && colours; i++) {
        int many = chosen->looks[i].many;
        if (direct && many >= 16)
            many = (int)(ipd_colour_of_256(many) & (IPD_RGB - 1));
        init_extended_pair(i + 1, colours == 256 ? many : chosen->looks[i].few, -1);
    }
    return colours == 0;
}

static int is_light(void)
{
    return strcmp(chosen->name, "light") == 0;
}

uint32_t ipd_screen_rgb(ipd_ink ink)
{
    int many = chosen->looks[ink < IPD_INK_COUNT ? ink : 0].many;

    return many >= 16   ? ipd_colour_of_256(many)
           : is_light() ? ipd_rgb(0x20, 0x24, 0x28)
                        : ipd_rgb(0xd4, 0xd7, 0xdd);
}

uint32_t ipd_screen_background(void)
{
    return is_light() ? ipd_rgb(0xff, 0xff, 0xff) : ipd_rgb(0x16, 0x18, 0x1d);
}

int ipd_screen_colours(void)
{
    return direct ? IPD_RGB : colours == 256 ? 256 : 0;
}

static int colour_of(uint32_t rgb)
{
    return !rgb ? -1 : direct ? (int)(rgb & (IPD_RGB - 1)) : ipd_colour_256(rgb);
}

/* The colour pair of a cell. Cells of images get new pairs, for which curses reuses the oldest. */
static int pair_of(const ipd_cell *cell)
{
    static uint32_t fore, back; /* of the previous cell, whose pair a neighbour often shares */
    static int pair;

    if (!colours)
        return 0;
    if (!cell->fore && !cell->back)
        return cell->ink + 1;
    if (pair <= 0 || fore != cell->fore || back != cell->back)
        pair = alloc_pair(colour_of(cell->fore), colour_of(cell->back));
    fore = cell->fore;
    back = cell->back;
    return pair > 0 ? pair : cell->ink + 1;
}

static void put_cell(const ipd_cell *cell, int x, int y)
{
    wchar_t text[3] = {(wchar_t)cell->code, (wchar_t)cell->mark, 0};
    const look *l = &chosen->looks[cell->ink < IPD_INK_COUNT ? cell->ink : 0];
    attr_t attributes = colours == 256 && chosen != &themes[CONTRAST] ? 0 : l->added;
    cchar_t c;

    if (cell->attributes & IPD_BOLD)
        attributes = (attributes | A_BOLD) & ~A_DIM;
    if (cell->attributes & IPD_REVERSE)
        attributes |= A_REVERSE;
    if (cell->attributes & IPD_UNDERLINE)
        attributes |= A_UNDERLINE;
    int pair = pair_of(cell);
    if (setcchar(&c, text, attributes, 0, &pair) == OK)
        mvadd_wch(y, x, &c);
}

void ipd_screen_show(const ipd_canvas *c, int x, int y)
{
    IPD_MAIN_THREAD();
    for (int row = 0; row < c->height; row++)
        for (int column = 0; column < c->width; column++) {
            const ipd_cell *cell = &c->cells[row * c->width + column];
            /* To write the last cell of the screen, curses may insert the cell to its left, which
             * it reads outside its memory if there is only one column. */
            int last = c->width == 1 && row == c->height - 1;
            if (cell->code && !last)
                put_cell(cell, column, row);
        }
    curs_set(x >= 0 && y >= 0);
    move(y >= 0 ? y : c->height - 1, x >= 0 ? x : c->width - 1);
    wnoutrefresh(stdscr);
    doupdate();
}
