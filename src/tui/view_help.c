/* view_help.c - the table of keys, over the other views. */
#include "tui/keys.h"
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    (void)width;
    (void)m;
    snprintf(to, size, "help · F1 closes");
}

static const char *const words[] = {
    "The prompt takes Lua: run:set{ delta = 0.3 }, run:step(10). Help: ?run.set",
    "Lines are edited as in your shell (Readline, ~/.inputrc).",
    "More: man ipdlam-workbench, man 7 ipdlam-lua.",
};
enum { WORDS = sizeof words / sizeof *words };

/* Keys of another view than the focused one do nothing now. */
static int is_shown(const ipd_model *m, const ipd_key *k)
{
    return !k->context || strcmp(k->context, "pane") == 0 ||
           (m->focus && strcmp(k->context, ipd_view_context(m->focus)) == 0);
}

static int rows(const ipd_model *m, int width)
{
    int count = 0;

    (void)width;
    for (const ipd_key *k = ipd_keys; k->name; k++)
        count += is_shown(m, k);
    return count + 1 + WORDS;
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    int y = in.y, end = in.x + in.width, roomy = in.width >= 60;
    int help = roomy ? 40 : 17;

    for (const ipd_key *k = ipd_keys; k->name && y < in.y + in.height; k++) {
        if (!is_shown(m, k))
            continue;
        ipd_canvas_text(c, in.x + 1, y, 9, IPD_INK_KEY, IPD_BOLD, k->name);
        if (k->also)
            ipd_canvas_text(c, in.x + 10, y, 6, IPD_INK_KEY, 0, k->also);
        if (k->lua && roomy)
            ipd_canvas_text(c, in.x + 15, y, 25, IPD_INK_TEXT, 0, k->lua);
        ipd_canvas_text(c, in.x + help, y, end - in.x - help, IPD_INK_FAINT, 0, k->help);
        y++;
    }
    y++;
    for (int i = 0; i < WORDS && y < in.y + in.height; i++, y++)
        ipd_canvas_text(c, in.x + 1, y, in.width - 1, IPD_INK_TEXT, 0, words[i]);
}

const ipd_view ipd_view_help = {
    .name = "help", .framed = 1, .title = title, .rows = rows, .draw = draw};
