#include "plot/canvas.h"
#include "base/text.h"
#include "plot/glyph.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

ipd_charset ipd_charset_of_locale(void)
{
    const char *term = getenv("TERM");

    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        return IPD_ASCII;
    if (term && (strcmp(term, "linux") == 0 || strncmp(term, "linux-", 6) == 0))
        return IPD_BLOCKS; /* its fonts have 512 glyphs and no braille */
    return IPD_BRAILLE;
}

int ipd_canvas_init(ipd_canvas *c, int width, int height, ipd_charset charset, ipd_error *e)
{
    memset(c, 0, sizeof *c);
    if (width < 1 || height < 1 || width > 10000 || height > 10000)
        return ipd_fail(e, IPD_EUSAGE, "cannot draw a canvas of %d x %d cells", width, height);
    c->cells = malloc((size_t)width * (size_t)height * sizeof *c->cells);
    if (!c->cells)
        return ipd_fail(e, IPD_EMEMORY, "no memory for a canvas of %d x %d cells", width, height);
    c->width = width;
    c->height = height;
    c->charset = charset;
    ipd_canvas_limit(c, ipd_canvas_all(c));
    ipd_canvas_clear(c, ipd_canvas_all(c));
    return 0;
}

void ipd_canvas_free(ipd_canvas *c)
{
    free(c->cells);
    memset(c, 0, sizeof *c);
}

ipd_area ipd_canvas_all(const ipd_canvas *c)
{
    return (ipd_area){0, 0, c->width, c->height};
}

void ipd_canvas_limit(ipd_canvas *c, ipd_area a)
{
    c->left = a.x > 0 ? a.x : 0;
    c->top = a.y > 0 ? a.y : 0;
    c->right = a.x + a.width < c->width ? a.x + a.width : c->width;
    c->bottom = a.y + a.height < c->height ? a.y + a.height : c->height;
}

static ipd_cell *cell_at(const ipd_canvas *c, int x, int y)
{
    if (x < c->left || y < c->top || x >= c->right || y >= c->bottom)
        return NULL;
    return &c->cells[(size_t)y * (size_t)c->width + (size_t)x];
}

/* If half of a wide character is overwritten, its other half is blanked. */
static void split_wide(ipd_canvas *c, int x, int y)
{
    ipd_cell *cell = cell_at(c, x, y), *right = cell_at(c, x + 1, y), *left = cell_at(c, x - 1, y);

    if (cell->code == 0 && left)
        left->code = ' ', left->mark = 0;
    if (right && right->code == 0)
        right->code = ' ';
}

void ipd_canvas_put(ipd_canvas *c, int x, int y, uint32_t code, ipd_ink ink, int attributes)
{
    ipd_cell *cell = cell_at(c, x, y);

    if (!cell)
        return;
    split_wide(c, x, y);
    *cell = (ipd_cell){.code = code, .ink = (uint8_t)ink, .attributes = (uint8_t)attributes};
}

void ipd_canvas_colour(ipd_canvas *c, int x, int y, uint32_t fore, uint32_t back)
{
    ipd_cell *cell = cell_at(c, x, y);

    if (!cell)
        return;
    cell->fore = fore;
    cell->back = back;
}

void ipd_canvas_clear(ipd_canvas *c, ipd_area area)
{
    for (int y = area.y; y < area.y + area.height; y++)
        for (int x = area.x; x < area.x + area.width; x++)
            if (cell_at(c, x, y))
                *cell_at(c, x, y) = (ipd_cell){.code = ' '};
}

static void put_wide(ipd_canvas *c, int x, int y, uint32_t code, ipd_ink ink, int attributes)
{
    ipd_canvas_put(c, x, y, code, ink, attributes);
    if (cell_at(c, x + 1, y)) {
        split_wide(c, x + 1, y);
        *cell_at(c, x + 1, y) = (ipd_cell){.ink = (uint8_t)ink, .attributes = (uint8_t)attributes};
    } else {
        ipd_canvas_put(c, x, y, '?', ink, attributes);
    }
}

int ipd_canvas_text(ipd_canvas *c, int x, int y, int width, ipd_ink ink, int attributes,
                    const char *text)
{
    size_t length = strlen(text);
    int used = 0;

    while (length) {
        uint32_t code;
        size_t n = ipd_utf8_decode(text, length, &code);
        int columns = ipd_glyph_width(code);

        text += n;
        length -= n;
        if (columns < 0)
            code = ' ', columns = 1;
        if (c->charset == IPD_ASCII && code > 0x7E) {
            for (const char *s = ipd_glyph_ascii(code); *s && used < width; s++)
                ipd_canvas_put(c, x + used++, y, (uint32_t)*s, ink, attributes);
        } else if (columns == 0) {
            ipd_cell *cell = used ? cell_at(c, x + used - 1, y) : NULL;
            if (cell && cell->code)
                cell->mark = code;
        } else if (used + columns > width) {
            break;
        } else if (columns == 2) {
            put_wide(c, x + used, y, code, ink, attributes);
            used += 2;
        } else {
            ipd_canvas_put(c, x + used++, y, code, ink, attributes);
        }
    }
    return used;
}

int ipd_canvas_text_cut(ipd_canvas *c, int x, int y, int width, ipd_ink ink, int attributes,
                        const char *text)
{
    int ascii = c->charset == IPD_ASCII, dots = ipd_text_columns("…", ascii), used = 0;
    size_t length = strlen(text), fits = 0, space = 0, n;

    if (ipd_text_columns(text, ascii) <= width)
        return ipd_canvas_text(c, x, y, width, ink, attributes, text);
    for (; fits < length; fits += n) {
        int columns = ascii ? ipd_glyph_columns_ascii(text + fits, length - fits, &n)
                            : ipd_glyph_columns(text + fits, length - fits, &n);
        if (text[fits] == ' ' && used > width / 2)
            space = fits;
        if ((used += columns) > width - dots)
            break;
    }
    char *shown = strndup(text, space ? space : fits);
    if (!shown)
        return 0;
    used = ipd_canvas_text(c, x, y, width - dots, ink, attributes, shown);
    free(shown);
    return used + ipd_canvas_text(c, x + used, y, width - used, ink, attributes, "…");
}

int ipd_canvas_textf(ipd_canvas *c, int x, int y, int width, ipd_ink ink, int attributes,
                     const char *format, ...)
{
    char text[1024];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    return ipd_canvas_text(c, x, y, width, ink, attributes, text);
}

int ipd_canvas_text_right(ipd_canvas *c, int x, int y, int width, ipd_ink ink, int attributes,
                          const char *text)
{
    int columns = ipd_text_columns(text, c->charset == IPD_ASCII);

    if (columns > width) /* a number that is cut would be another number */
        return ipd_canvas_text_cut(c, x, y, width, ink, attributes, text);
    return ipd_canvas_text(c, x + width - columns, y, columns, ink, attributes, text);
}

/* One row at a time: its text, and for each byte the cell that it comes from. */
void ipd_canvas_highlight(ipd_canvas *c, ipd_area a, const char *text)
{
    enum { ROW = 4096 };
    char row[ROW + 5];
    int cell[ROW + 5];

    for (int y = a.y; y < a.y + a.height && *text; y++) {
        size_t n = 0, bytes;
        for (int x = a.x; x < a.x + a.width && n < ROW; x++) {
            uint32_t code = c->cells[y * c->width + x].code;
            for (bytes = code ? ipd_utf8_encode(row + n, code) : 0; bytes > 0; bytes--)
                cell[n++] = x;
        }
        row[n] = 0;
        for (const char *at = row; (at = ipd_text_search(at, text)); at += strlen(text))
            for (size_t i = 0; i < strlen(text); i++)
                c->cells[y * c->width + cell[at - row + (ptrdiff_t)i]].attributes |= IPD_REVERSE;
    }
}

ipd_area ipd_canvas_box(ipd_canvas *c, ipd_area a, const char *title, ipd_ink ink)
{
    static const uint32_t lines[][6] = {
        [IPD_ASCII] = {'-', '|', '+', '+', '+', '+'},
        [IPD_BLOCKS] = {0x2500, 0x2502, 0x250C, 0x2510, 0x2514, 0x2518},
        [IPD_BRAILLE] = {0x2500, 0x2502, 0x256D, 0x256E, 0x2570, 0x256F}};
    const uint32_t *g = lines[c->charset];
    int right = a.x + a.width - 1, bottom = a.y + a.height - 1;

    for (int x = a.x; x <= right; x++) {
        ipd_canvas_put(c, x, a.y, g[0], ink, 0);
        ipd_canvas_put(c, x, bottom, g[0], ink, 0);
    }
    for (int y = a.y; y <= bottom; y++) {
        ipd_canvas_put(c, a.x, y, g[1], ink, 0);
        ipd_canvas_put(c, right, y, g[1], ink, 0);
    }
    ipd_canvas_put(c, a.x, a.y, g[2], ink, 0);
    ipd_canvas_put(c, right, a.y, g[3], ink, 0);
    ipd_canvas_put(c, a.x, bottom, g[4], ink, 0);
    ipd_canvas_put(c, right, bottom, g[5], ink, 0);
    if (title && a.width > 6) {
        int used =
            ipd_canvas_text_cut(c, a.x + 3, a.y, a.width - 6, IPD_INK_TITLE, IPD_BOLD, title);
        ipd_canvas_put(c, a.x + 2, a.y, ' ', ink, 0);
        ipd_canvas_put(c, a.x + 3 + used, a.y, ' ', ink, 0);
    }
    return (ipd_area){a.x + 1, a.y + 1, a.width > 2 ? a.width - 2 : 0,
                      a.height > 2 ? a.height - 2 : 0};
}

/* ANSI colours that are legible on dark and light backgrounds. */
static const char *ansi_of(const ipd_cell *cell)
{
    static const char *const codes[IPD_INK_COUNT] = {[IPD_INK_TEXT] = "",
                                                     [IPD_INK_FAINT] = ";90",
                                                     [IPD_INK_FRAME] = ";90",
                                                     [IPD_INK_TITLE] = ";1",
                                                     [IPD_INK_KEY] = ";36",
                                                     [IPD_INK_GOOD] = ";32",
                                                     [IPD_INK_WARNING] = ";33",
                                                     [IPD_INK_BAD] = ";31",
                                                     [IPD_INK_SERIES_1] = ";36",
                                                     ";33",
                                                     ";35",
                                                     ";32",
                                                     ";34",
                                                     ";31",
                                                     ";96",
                                                     ";93",
                                                     ";95",
                                                     ";92",
                                                     ";94",
                                                     ";91"};

    return cell->ink < IPD_INK_COUNT ? codes[cell->ink] : "";
}

static int looks_alike(const ipd_cell *x, const ipd_cell *y)
{
    return x->ink == y->ink && x->attributes == y->attributes && x->fore == y->fore &&
           x->back == y->back;
}

static void print_rgb(FILE *to, int layer, uint32_t rgb)
{
    if (rgb & IPD_RGB)
        fprintf(to, ";%d;2;%u;%u;%u", layer, rgb >> 16 & 0xFF, rgb >> 8 & 0xFF, rgb & 0xFF);
}

static int print_row(const ipd_canvas *c, int y, FILE *to, int colour)
{
    const ipd_cell *row = &c->cells[(size_t)y * (size_t)c->width];
    int end = c->width, styled = 0;
    char text[5];

    while (end > 0 && row[end - 1].code == ' ' && !row[end - 1].back &&
           !(row[end - 1].attributes & IPD_REVERSE))
        end--;
    for (int x = 0; x < end; x++) {
        if (row[x].code == 0)
            continue;
        if (colour && (x == 0 || !looks_alike(&row[x], &row[x - 1]))) {
            fprintf(to, "\033[0%s%s%s%s", ansi_of(&row[x]),
                    row[x].attributes & IPD_BOLD ? ";1" : "",
                    row[x].attributes & IPD_REVERSE ? ";7" : "",
                    row[x].attributes & IPD_UNDERLINE ? ";4" : "");
            print_rgb(to, 38, row[x].fore);
            print_rgb(to, 48, row[x].back);
            fputc('m', to);
            styled = 1;
        }
        ipd_utf8_encode(text, row[x].code);
        fputs(text, to);
        if (row[x].mark) {
            ipd_utf8_encode(text, row[x].mark);
            fputs(text, to);
        }
    }
    if (styled)
        fputs("\033[0m", to);
    return fputc('\n', to) == EOF ? -1 : 0;
}

int ipd_canvas_print(const ipd_canvas *c, FILE *to, int colour)
{
    for (int y = 0; y < c->height; y++)
        if (print_row(c, y, to, colour) < 0)
            return -1;
    return ferror(to) ? -1 : 0;
}
