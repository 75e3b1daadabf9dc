#include "tui/view/typed.h"
#include "lua/tokens.h"
#include "plot/glyph.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

/* The colours of a line of Lua, while its bytes are drawn from left to right. */
typedef struct colours {
    size_t end; /* offset of the end of the present token; 0 before the first */
    ipd_ink ink;
    size_t pair[2]; /* offsets of the brackets to highlight; SIZE_MAX: none */
    int on;
} colours;

/* 1 if a line is Lua and not a search, help or a command; 0 also for a text so long that colouring
 * it would delay keys. */
static int is_lua(const char *line, size_t length)
{
    enum { MAX = 1 << 15 };
    const char *start = line + strspn(line, " \t");

    return length <= MAX && *line != '/' && *start != '?' &&
           !((*start == ':' || *start == '%') && isalpha((unsigned char)start[1]));
}

/* Finds the pair of the bracket before the cursor or, if there is none, of the one at the cursor.
 * Brackets in strings and comments do not count. */
static void find_pair(colours *to, const char *line, size_t length, size_t point)
{
    enum { DEEP = 128 };
    size_t open[DEEP], n;
    int depth = 0, rank = 0;
    ipd_token kind;

    for (size_t at = 0; (n = ipd_token_at(line, length, at, &kind)); at += n) {
        if (kind == IPD_TOKEN_OPEN && depth++ < DEEP)
            open[depth - 1] = at;
        if (kind != IPD_TOKEN_CLOSE || !depth || --depth >= DEEP)
            continue;
        int before = open[depth] + 1 == point || at + 1 == point;
        int here = open[depth] == point || at == point;
        if (strchr("()[]{}", line[open[depth]])[1] != line[at] || rank >= before * 2 + here)
            continue;
        rank = before * 2 + here;
        to->pair[0] = open[depth];
        to->pair[1] = at;
    }
}

static colours begin_colours(const ipd_canvas *c, const ipd_typed *t, size_t length)
{
    colours to = {.ink = IPD_INK_TEXT, .pair = {SIZE_MAX, SIZE_MAX}};

    if (c && is_lua(t->line, length)) {
        to.on = !c->monochrome;
        find_pair(&to, t->line, length, t->point);
    }
    return to;
}

/* Sets the ink for the byte at an offset. */
static void colour_byte(colours *to, const char *line, size_t length, size_t at)
{
    static const ipd_ink inks[] = {
        [IPD_TOKEN_SPACE] = IPD_INK_TEXT,  [IPD_TOKEN_NAME] = IPD_INK_TEXT,
        [IPD_TOKEN_KEYWORD] = IPD_INK_KEY, [IPD_TOKEN_NUMBER] = IPD_INK_WARNING,
        [IPD_TOKEN_STRING] = IPD_INK_GOOD, [IPD_TOKEN_COMMENT] = IPD_INK_FAINT,
        [IPD_TOKEN_OPEN] = IPD_INK_TEXT,   [IPD_TOKEN_CLOSE] = IPD_INK_TEXT,
        [IPD_TOKEN_OTHER] = IPD_INK_TEXT};
    ipd_token kind;

    if (!to->on || at < to->end)
        return;
    to->end = at + ipd_token_at(line, length, at, &kind);
    to->ink = inks[kind];
}

/* A walk over the characters of a line, which wraps them and draws them. */
typedef struct walk {
    int row, x, width, ascii;
    ipd_canvas *canvas; /* NULL: only measure */
    ipd_area area;
    int first; /* first row to draw */
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
    colours c = begin_colours(w->canvas, t, length);

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
        colour_byte(&c, t->line, length, at);
        int paired = at == c.pair[0] || at == c.pair[1];
        at += walk_one(w, t->line + at, length - at, c.ink, paired ? IPD_BOLD | IPD_UNDERLINE : 0);
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
