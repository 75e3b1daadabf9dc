/* view_help.c - the table of keys in groups, over the other views. */
#include "tui/keys.h"
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

typedef struct entry {
    const ipd_key *key;  /* or NULL: */
    const char *heading; /* a heading, or "" */
    const char *words;   /* or a line of text */
} entry;

enum { MOST = 160 };

/* Rows of the table that hold everywhere, cut where the row of this name begins. */
static const struct {
    const char *first, *heading;
} groups[] = {{"F1", "Training"}, {"F6", "The screen"}, {"Tab", "The prompt"}};

static const char *const words[] = {
    "The prompt takes Lua: run:set{ delta = 0.3 }, run:step(10). Help: ?run.set",
    "Lines are edited as in your shell (Readline, ~/.inputrc).",
    "More: man ipdlam-workbench, man 7 ipdlam-lua.",
};

static void add(entry *entries, int *count, entry e)
{
    if (*count < MOST)
        entries[(*count)++] = e;
}

static const char *heading_of(const ipd_key *k)
{
    for (size_t i = 0; !k->context && i < sizeof groups / sizeof *groups; i++)
        if (strcmp(k->name, groups[i].first) == 0)
            return groups[i].heading;
    return NULL;
}

static void add_context(entry *entries, int *count, const char *context, const char *heading)
{
    if (heading) {
        add(entries, count, (entry){.heading = ""});
        add(entries, count, (entry){.heading = heading});
    }
    for (const ipd_key *k = ipd_keys; k->name; k++) {
        if (context ? !k->context || strcmp(k->context, context) != 0 : !!k->context)
            continue;
        const char *group = heading_of(k);
        if (group && *count)
            add(entries, count, (entry){.heading = ""});
        if (group)
            add(entries, count, (entry){.heading = group});
        add(entries, count, (entry){.key = k});
    }
}

/* Whether this row is the first of its context. */
static int begins_context(const ipd_key *k)
{
    for (const ipd_key *other = ipd_keys; other < k; other++)
        if (other->context && strcmp(other->context, k->context) == 0)
            return 0;
    return 1;
}

/* What holds here first: everywhere, the focused view, any pane, then the other views. */
static int make(const ipd_model *m, entry *entries)
{
    static char names[MOST][32];
    const char *focus = m->focus ? ipd_view_context(m->focus) : NULL;
    int count = 0, used = 0;

    if (focus) {
        snprintf(names[used], sizeof names[used], "Here: %.20s", focus);
        add_context(entries, &count, focus, names[used++]);
    }
    add_context(entries, &count, NULL, NULL);
    add_context(entries, &count, "pane", "A pane that has the focus (F6)");
    for (const ipd_key *k = ipd_keys; k->name; k++) {
        if (!k->context || strcmp(k->context, "pane") == 0 || !begins_context(k) ||
            (focus && strcmp(k->context, focus) == 0))
            continue;
        snprintf(names[used], sizeof names[used], "In %.20s", k->context);
        add_context(entries, &count, k->context, names[used++]);
    }
    add(entries, &count, (entry){.heading = ""});
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        add(entries, &count, (entry){.words = words[i]});
    return count;
}

static int rows(const ipd_model *m, int width)
{
    static entry entries[MOST];

    (void)width;
    return make(m, entries);
}

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    int all = rows(m, width);

    if (m->help_rows < all)
        snprintf(to, size, "help · F1 closes · %d–%d of %d, PageDown", m->help_top + 1,
                 m->help_top + m->help_rows, all);
    else
        snprintf(to, size, "help · F1 closes");
}

static void draw_key(const ipd_key *k, ipd_canvas *c, ipd_area in, int y)
{
    int end = in.x + in.width, roomy = in.width >= 60, help = roomy ? 40 : 17;

    ipd_canvas_text(c, in.x + 1, y, 9, IPD_INK_KEY, IPD_BOLD, k->name);
    if (k->also)
        ipd_canvas_text(c, in.x + 10, y, 6, IPD_INK_KEY, 0, k->also);
    if (k->lua && roomy)
        ipd_canvas_text(c, in.x + 15, y, 25, IPD_INK_TEXT, 0, k->lua);
    ipd_canvas_text(c, in.x + help, y, end - in.x - help, IPD_INK_FAINT, 0, k->help);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    static entry entries[MOST];
    int count = make(m, entries);

    for (int i = 0; i < in.height && i + m->help_top < count; i++) {
        const entry *e = &entries[i + m->help_top];
        if (e->key)
            draw_key(e->key, c, in, in.y + i);
        else
            ipd_canvas_text(c, in.x + 1, in.y + i, in.width - 1, IPD_INK_TEXT,
                            e->heading ? IPD_BOLD : 0, e->heading ? e->heading : e->words);
    }
}

static int key(ipd_model *m, int code)
{
    int page = m->help_rows > 2 ? m->help_rows - 1 : 1;

    switch (code) {
    case IPD_KEY_ESCAPE:
        m->help = 0;
        return 1;
    case IPD_KEY_UP:
        m->help_top--;
        return 1;
    case IPD_KEY_DOWN:
        m->help_top++;
        return 1;
    case IPD_KEY_PAGE_UP:
        m->help_top -= page;
        return 1;
    case IPD_KEY_PAGE_DOWN:
        m->help_top += page;
        return 1;
    case IPD_KEY_HOME:
        m->help_top = 0;
        return 1;
    case IPD_KEY_END:
        m->help_top = MOST;
        return 1;
    default:
        return 0;
    }
}

const ipd_view ipd_view_help = {
    .name = "help", .framed = 1, .title = title, .rows = rows, .draw = draw, .key = key};
