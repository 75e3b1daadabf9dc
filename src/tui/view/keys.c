/* keys.c - the bottom line: the most important keys. */
#include "tui/model/keys.h"
#include "plot/glyph.h"
#include "tui/view/view.h"

#include <string.h>

typedef struct line {
    ipd_canvas *c; /* NULL: measure only */
    int x, y, end, gap;
} line;

static void add_hints(const ipd_model *m, line *l, const char *context)
{
    for (const ipd_key *k = ipd_keys; k->name; k++) {
        if (!k->hint || !*k->name ||
            (context ? !k->context || strcmp(k->context, context) != 0 : !!k->context))
            continue;
        const char *hint = k->action == IPD_ACT_RUN && m->status == IPD_RUNNING ? "pause" : k->hint;
        int columns = (int)(strlen(k->name) + 1 + strlen(hint));
        if (l->c && l->x + columns > l->end)
            continue;
        if (l->c) {
            int x =
                l->x + 1 + ipd_canvas_text(l->c, l->x, l->y, 99, IPD_INK_KEY, IPD_BOLD, k->name);
            ipd_canvas_text(l->c, x, l->y, l->end - x, IPD_INK_FAINT, 0, hint);
        }
        l->x += columns + l->gap;
    }
}

/* Adds the keys of any pane, of the focused view and for everywhere. Returns the column at their
 * end. */
static int add_all(const ipd_model *m, line *l)
{
    if (m->focus) {
        add_hints(m, l, "pane");
        add_hints(m, l, ipd_view_context(m->focus));
    }
    add_hints(m, l, NULL);
    return l->x - l->gap;
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area inside)
{
    int note = ipd_text_columns(m->note, c->charset == IPD_ASCII);
    int x = inside.x + 1, end = inside.x + inside.width - (note ? note + 2 : 0);
    line wide = {NULL, x, inside.y, end, 3};

    wide.gap = add_all(m, &wide) <= end ? 3 : 2;
    add_all(m, &(line){c, x, inside.y, end, wide.gap});
    ipd_canvas_text_right(c, inside.x, inside.y, inside.width - 1, IPD_INK_FAINT, 0, m->note);
}

const ipd_view ipd_view_keys = {.name = "keys", .draw = draw};
