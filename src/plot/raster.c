#include "plot/raster.h"

#include <stdlib.h>
#include <string.h>

/* One glyph per series if a cell holds one dot. */
static const char *const ascii_glyphs[] = {"*", "+", "x", "o", "%", "@", "&", "$", "=", "~", "!",
                                           "?", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j",
                                           "k", "m", "n", "p", "q", "r", "s", "t", "u", "v"};
enum { GLYPHS = sizeof ascii_glyphs / sizeof *ascii_glyphs };

int ipd_raster_init(ipd_raster *r, int columns, int rows, ipd_charset charset, int monochrome,
                    int series, ipd_error *e)
{
    memset(r, 0, sizeof *r);
    r->columns = columns;
    r->rows = rows;
    r->charset = charset;
    r->monochrome = monochrome;
    r->across = charset == IPD_BRAILLE ? 2 : 1;
    r->down = charset == IPD_BRAILLE ? 4 : charset == IPD_BLOCKS ? 2 : 1;
    r->width = columns * r->across;
    r->height = rows * r->down;
    r->count = series;
    size_t cells = (size_t)columns * (size_t)rows;
    r->dots = calloc(cells ? cells : 1, (size_t)series + 1);
    r->marks = calloc(cells ? cells : 1, sizeof *r->marks);
    r->patterns = calloc((size_t)series + 1, 1);
    r->letters = calloc((size_t)series + 1, 1);
    if (!r->dots || !r->marks || !r->patterns || !r->letters) {
        ipd_raster_free(r);
        return ipd_fail(e, IPD_EMEMORY, "no memory for a chart of %d x %d cells", columns, rows);
    }
    return 0;
}

void ipd_raster_free(ipd_raster *r)
{
    free(r->dots);
    free(r->marks);
    free(r->patterns);
    free(r->letters);
    memset(r, 0, sizeof *r);
}

static int in_pattern(const ipd_raster *r, int series, int x, int y)
{
    int pattern = r->patterns[series], phase = x + y;

    if (pattern == 0 || (r->charset == IPD_ASCII && !r->letters[series]))
        return 1;
    return pattern == 1 ? phase % 6 < 3 : pattern == 2 ? phase % 4 < 1 : phase % 8 < 5;
}

void ipd_raster_dot(ipd_raster *r, int series, int x, int y)
{
    if (x < 0 || y < 0 || x >= r->width || y >= r->height)
        return;
    size_t cell = (size_t)(y / r->down) * (size_t)r->columns + (size_t)(x / r->across);
    size_t plane = (size_t)series * (size_t)r->columns * (size_t)r->rows;
    r->dots[plane + cell] |= (unsigned char)(1u << (y % r->down * r->across + x % r->across));
}

static void dot(ipd_raster *r, int series, int x, int y)
{
    if (in_pattern(r, series, x, y))
        ipd_raster_dot(r, series, x, y);
}

void ipd_raster_line(ipd_raster *r, int series, int x0, int y0, int x1, int y1)
{
    int dx = abs(x1 - x0), dy = -abs(y1 - y0);
    int step_x = x0 < x1 ? 1 : -1, step_y = y0 < y1 ? 1 : -1, error = dx + dy;

    for (;;) {
        dot(r, series, x0, y0);
        if (x0 == x1 && y0 == y1)
            return;
        int twice = 2 * error;
        if (twice >= dy) {
            error += dy;
            x0 += step_x;
        }
        if (twice <= dx) {
            error += dx;
            y0 += step_y;
        }
    }
}

void ipd_raster_mark(ipd_raster *r, int series, int x, int y)
{
    if (x < 0 || y < 0 || x >= r->width || y >= r->height)
        return;
    r->marked = 1;
    int *mark = &r->marks[(size_t)(y / r->down) * (size_t)r->columns + (size_t)(x / r->across)];
    int first = *mark ? abs(*mark) - 1 : series;
    int several = *mark < 0 || first != series;
    first = series < first ? series : first;
    *mark = several ? -(first + 1) : first + 1;
}

/* The character of a series in a cell that holds one dot. */
static uint32_t glyph_of(const ipd_raster *r, int series)
{
    return (unsigned char)(r->letters[series] ? r->letters[series]
                                              : *ascii_glyphs[(size_t)series % GLYPHS]);
}

static uint32_t mark_glyph(const ipd_raster *r, int several, int first)
{
    static const uint32_t forms[] = {0x25CF, 0x25CB, 0x25A0, 0x25A1,
                                     0x25B2, 0x25B3, 0x25C6, 0x25C7};

    if (r->charset == IPD_ASCII)
        return several ? '#' : glyph_of(r, first);
    if (!r->monochrome)
        return forms[0];
    if (r->letters[first] && !several)
        return glyph_of(r, first);
    return several ? 0x25C9 : forms[first & 7];
}

/* In ASCII a line between marks is thin, so that marks stand out. */
static uint32_t dot_glyph(const ipd_raster *r, unsigned dots, int several, int first)
{
    static const unsigned char braille[8] = {0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80};
    uint32_t code = 0x2800;

    if (r->charset == IPD_ASCII)
        return r->marked ? '.' : several ? '#' : glyph_of(r, first);
    if (r->charset == IPD_BLOCKS)
        return dots == 3 ? 0x2588 : dots == 1 ? 0x2580 : 0x2584;
    for (int i = 0; i < 8; i++)
        if (dots >> i & 1)
            code |= braille[i];
    return code;
}

void ipd_raster_draw(const ipd_raster *r, ipd_canvas *c, int x, int y, const ipd_ink *inks)
{
    size_t cells = (size_t)r->columns * (size_t)r->rows;

    for (size_t i = 0; i < cells; i++) {
        unsigned dots = 0;
        int first = -1, several = 0;
        for (int s = 0; s < r->count; s++) {
            unsigned own = r->dots[(size_t)s * cells + i];
            dots |= own;
            several |= own && first >= 0;
            first = own && first < 0 ? s : first;
        }
        if (r->marks[i]) {
            first = abs(r->marks[i]) - 1;
            several = r->marks[i] < 0;
        }
        if (first < 0)
            continue;
        if (!r->monochrome) { /* the first one alone, in its colour */
            several = 0;
            dots = r->dots[(size_t)first * cells + i];
        }
        uint32_t code =
            r->marks[i] ? mark_glyph(r, several, first) : dot_glyph(r, dots, several, first);
        ipd_canvas_put(c, x + (int)(i % (size_t)r->columns), y + (int)(i / (size_t)r->columns),
                       code, inks[first], 0);
    }
}

const char *ipd_raster_mark_sample(ipd_charset charset, int monochrome, int series)
{
    static const char *const forms[] = {"●", "○", "■", "□", "▲", "△", "◆", "◇"};

    if (charset == IPD_ASCII)
        return ipd_raster_sample(charset, series, 0);
    return forms[monochrome ? series & 7 : 0];
}

const char *ipd_raster_sample(ipd_charset charset, int series, int pattern)
{
    static const char *const lines[] = {"──", "╌╌", "┈┈", "─╌"};

    if (charset == IPD_ASCII)
        return ascii_glyphs[(size_t)series % GLYPHS];
    return lines[pattern < 3 ? pattern : 3];
}
