#include "tui/view/typed.h"
#include "plot/glyph.h"

#include <string.h>

/* Walks over the characters, wrapping; draws unless the canvas is NULL. */
typedef struct walk {
    int row, x, width, ascii;
    ipd_canvas *canvas;
    ipd_area area;
    int first;
} walk;

static void step(walk *w, const char *text, int columns, ipd_ink ink, int attributes)
{
    if (w->x + columns > w->width) {
        w->row++;
        w->x = 0;
    }
    int y = w->row - w->first;
    if (w->canvas && y >= 0 && y < w->area.height)
        ipd_canvas_text(w->canvas, w->area.x + w->x, w->area.y + y, w->area.width - w->x, ink,
                        attributes, text);
    w->x += columns;
}

/* Handles one character of `text`; returns its bytes. */
static size_t walk_one(walk *w, const char *text, size_t length, ipd_ink ink, int attributes)
{
    char shown[8];
    uint32_t code;
    size_t n = ipd_utf8_decode(text, length, &code);

    if (code == '\n') {
        w->row++;
        w->x = 0;
    } else if (code == '\t') {
        step(w, "    ", 4, ink, attributes);
    } else if (code < 0x20 || code == 0x7F) {
        char control[3] = {'^', (char)(code ^ 0x40), 0};
        step(w, control, 2, IPD_INK_FAINT, attributes);
    } else {
        int columns = ipd_glyph_width(code);
        if (w->ascii && code > 0x7E)
            columns = (int)strlen(ipd_glyph_ascii(code));
        ipd_utf8_encode(shown, code);
        if (columns > 0)
            step(w, shown, columns, ink, attributes);
    }
    return n;
}

static ipd_typed_extent walk_all(walk *w, const ipd_typed *t)
{
    ipd_typed_extent extent = {0};
    size_t length = strlen(t->line), at = 0;
    int hidden = 0;

    for (const char *p = t->prompt; *p;) {
        if (*p == '\1' || *p == '\2') {
            hidden = *p == '\1';
            p++;
        } else if (hidden) {
            p++;
        } else {
            p += walk_one(w, p, strlen(p), IPD_INK_KEY, IPD_BOLD);
        }
    }
    for (;;) {
        if (at >= t->point && !extent.rows) {
            extent.cursor_row = w->x >= w->width ? w->row + 1 : w->row;
            extent.cursor_x = w->x >= w->width ? 0 : w->x;
            extent.rows = 1;
        }
        if (at >= length)
            break;
        at += walk_one(w, t->line + at, length - at, IPD_INK_TEXT, 0);
    }
    extent.rows = (w->row > extent.cursor_row ? w->row : extent.cursor_row) + 1;
    return extent;
}

ipd_typed_extent ipd_typed_measure(const ipd_typed *t, int width, int ascii)
{
    walk w = {.width = width < 2 ? 2 : width, .ascii = ascii};

    return walk_all(&w, t);
}

void ipd_typed_draw(const ipd_typed *t, ipd_canvas *c, ipd_area area, int first)
{
    walk w = {.width = area.width < 2 ? 2 : area.width,
              .ascii = c->charset == IPD_ASCII,
              .canvas = c,
              .area = area,
              .first = first};

    walk_all(&w, t);
}
