#include "tui/terminal/picture.h"
#include "base/file.h"
#include "base/text.h"
#include "plot/glyph.h"
#include "tui/terminal/screen.h"

#include <stdio.h>
#include <string.h>

/* In pixels: the size of a cell, the baseline of letters from its top, the margin of the
 * picture. */
enum { WIDTH = 9, HEIGHT = 18, BASE = 14, EDGE = 8 };

enum { LEFT = 1, RIGHT = 2, UP = 4, DOWN = 8, DOTTED = 16 };

/* The arms of a box-drawing character; 0 for other characters. */
static int arms_of(uint32_t code)
{
    static const struct {
        uint32_t code;
        int arms;
    } lines[] = {{0x2500, LEFT | RIGHT},
                 {0x2501, LEFT | RIGHT},
                 {0x2502, UP | DOWN},
                 {0x2503, UP | DOWN},
                 {0x250c, RIGHT | DOWN},
                 {0x2510, LEFT | DOWN},
                 {0x2514, RIGHT | UP},
                 {0x2518, LEFT | UP},
                 {0x251c, UP | DOWN | RIGHT},
                 {0x2524, UP | DOWN | LEFT},
                 {0x252c, LEFT | RIGHT | DOWN},
                 {0x2534, LEFT | RIGHT | UP},
                 {0x253c, LEFT | RIGHT | UP | DOWN},
                 {0x256d, RIGHT | DOWN},
                 {0x256e, LEFT | DOWN},
                 {0x2570, RIGHT | UP},
                 {0x256f, LEFT | UP},
                 {0x2508, LEFT | RIGHT | DOTTED},
                 {0x254c, LEFT | RIGHT | DOTTED},
                 {0x250a, UP | DOWN | DOTTED},
                 {0x2506, UP | DOWN | DOTTED}};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (lines[i].code == code)
            return lines[i].arms;
    return 0;
}

static int is_shape(uint32_t code)
{
    return arms_of(code) || (code >= 0x2580 && code <= 0x2590) || (code > 0x2800 && code <= 0x28ff);
}

static void draw_arms(FILE *to, int arms, double x, double y)
{
    double middle = x + WIDTH / 2.0, centre = y + HEIGHT / 2.0;
    if (arms & DOTTED && arms & LEFT)
        fprintf(to, "M%g %gh2m2.5 0h2", x + 1, centre);
    else if (arms & DOTTED)
        fprintf(to, "M%g %gv3m3 0v3m3 0v3", middle, y + 1);
    if (arms & DOTTED)
        return;
    if (arms & LEFT)
        fprintf(to, "M%g %gH%g", x, centre, middle);
    if (arms & RIGHT)
        fprintf(to, "M%g %gH%g", middle, centre, x + WIDTH);
    if (arms & UP)
        fprintf(to, "M%g %gV%g", middle, y, centre);
    if (arms & DOWN)
        fprintf(to, "M%g %gV%g", middle, centre, y + HEIGHT);
}

/* Fills half a cell, or some eighths of it: from below, or from the left for 0x2589 and later. */
static void draw_block(FILE *to, uint32_t code, double x, double y)
{
    double part = code <= 0x2588 ? (code - 0x2580) / 8.0 : (0x2590 - code) / 8.0;
    if (code == 0x2580)
        fprintf(to, "M%g %gh%dv%gh-%dz", x, y, WIDTH, HEIGHT / 2.0, WIDTH);
    else if (code == 0x2590)
        fprintf(to, "M%g %gh%gv%dh-%gz", x + WIDTH / 2.0, y, WIDTH / 2.0, HEIGHT, WIDTH / 2.0);
    else if (code <= 0x2588)
        fprintf(to, "M%g %gh%dv%gh-%dz", x, y + HEIGHT * (1 - part), WIDTH, HEIGHT * part, WIDTH);
    else
        fprintf(to, "M%g %gh%gv%dh-%gz", x, y, WIDTH * part, HEIGHT, WIDTH * part);
}

static void draw_braille(FILE *to, uint32_t code, double x, double y)
{
    /* bits of the dots, row by row */
    static const int bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    for (int row = 0; row < 4; row++)
        for (int column = 0; column < 2; column++)
            if (code & (uint32_t)bits[row][column])
                fprintf(to, "M%g %gh2v2h-2z", x + WIDTH * (column + 0.5) / 2 - 1,
                        y + HEIGHT * (row + 0.5) / 4 - 1);
}

static int same_style(const ipd_cell *a, const ipd_cell *b)
{
    return a->ink == b->ink && a->attributes == b->attributes && a->fore == b->fore &&
           a->back == b->back;
}

static uint32_t fore_of(const ipd_cell *c)
{
    uint32_t colour = c->fore ? c->fore : ipd_screen_rgb((ipd_ink)c->ink);
    return c->attributes & IPD_REVERSE ? ipd_screen_background() : colour;
}

static uint32_t back_of(const ipd_cell *c)
{
    uint32_t colour = c->fore ? c->fore : ipd_screen_rgb((ipd_ink)c->ink);
    return c->attributes & IPD_REVERSE ? colour : c->back;
}

static void put_letter(FILE *to, uint32_t code)
{
    char text[8];
    ipd_utf8_encode(text, code ? code : ' ');
    fputs(code == '<' ? "&lt;" : code == '&' ? "&amp;" : text, to);
}

/* Draws the cells from ... end - 1 of a row, which have one style. */
static void draw_run(FILE *to, const ipd_canvas *c, int row, int from, int end)
{
    const ipd_cell *cells = &c->cells[row * c->width], *first = &cells[from];
    unsigned fore = fore_of(first) & (IPD_RGB - 1), back = back_of(first) & (IPD_RGB - 1);
    double x = EDGE + from * WIDTH, y = EDGE + row * HEIGHT;
    int shapes = 0, letters = 0;
    if (back_of(first))
        fprintf(to, "<rect x=\"%g\" y=\"%g\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n", x, y,
                (end - from) * WIDTH, HEIGHT, back);
    for (int i = from; i < end; i++) {
        shapes |= is_shape(cells[i].code) ? 1 + (arms_of(cells[i].code) == 0) : 0;
        letters |= !is_shape(cells[i].code) && cells[i].code > ' ';
    }
    for (int kind = 1; kind <= 2; kind++) { /* lines, areas */
        if (!(shapes & kind))
            continue;
        fputs("<path d=\"", to);
        for (int i = from; i < end; i++) {
            uint32_t code = cells[i].code;
            double at = EDGE + i * WIDTH;
            if (!is_shape(code) || (arms_of(code) ? 1 : 2) != kind)
                continue;
            if (kind == 1)
                draw_arms(to, arms_of(code), at, y);
            else if (code < 0x2800)
                draw_block(to, code, at, y);
            else
                draw_braille(to, code, at, y);
        }
        fprintf(to, kind == 1 ? "\" stroke=\"#%06x\" fill=\"none\"/>\n" : "\" fill=\"#%06x\"/>\n",
                fore);
    }
    if (!letters)
        return;
    fprintf(to, "<text x=\"%g\" y=\"%g\" fill=\"#%06x\" textLength=\"%d\"%s%s>", x, y + BASE, fore,
            (end - from) * WIDTH, first->attributes & IPD_BOLD ? " font-weight=\"bold\"" : "",
            first->attributes & IPD_UNDERLINE ? " text-decoration=\"underline\"" : "");
    for (int i = from; i < end; i++)
        put_letter(to, is_shape(cells[i].code) ? ' ' : cells[i].code);
    fputs("</text>\n", to);
}

static void write_svg(FILE *to, const ipd_canvas *c)
{
    int width = c->width * WIDTH + 2 * EDGE, height = c->height * HEIGHT + 2 * EDGE;
    fprintf(
        to,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
        "height=\"%d\"\n     font-family=\"monospace\" font-size=\"15\" xml:space=\"preserve\">\n"
        "<rect width=\"100%%\" height=\"100%%\" rx=\"6\" fill=\"#%06x\"/>\n",
        width, height, width, height, (unsigned)(ipd_screen_background() & (IPD_RGB - 1)));
    for (int row = 0; row < c->height; row++)
        for (int from = 0, end; from < c->width; from = end) {
            const ipd_cell *cells = &c->cells[row * c->width];
            for (end = from + 1; end < c->width && same_style(&cells[from], &cells[end]);)
                end++;
            draw_run(to, c, row, from, end);
        }
    fputs("</svg>\n", to);
}

int ipd_picture_write(const ipd_canvas *c, const char *path, ipd_error *e)
{
    static const char *const kinds[] = {".svg", ".txt", ".ans", NULL};
    const char *dot = strrchr(path, '.');
    int kind = dot ? ipd_text_index(dot, kinds) : -1;
    ipd_new_file f;
    if (kind < 0)
        return ipd_fail(e, IPD_EUSAGE, "%.300s: unknown format. End the name in .svg, .txt or .ans",
                        path);
    if (ipd_new_file_open(&f, path, e))
        return -1;
    if (kind == 0)
        write_svg(f.stream, c);
    else
        ipd_canvas_print(c, f.stream, kind == 2);
    return ipd_new_file_commit(&f, e); /* reports write errors, too */
}
