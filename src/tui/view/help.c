/* help.c - the help: the table of keys in groups, the mouse, the prompt. */
#include "base/text.h"
#include "plot/glyph.h"
#include "tui/model/keys.h"
#include "tui/view/field.h"
#include "tui/view/view.h"

#include <stdio.h>
#include <string.h>

/* An entry of the help: a key, a heading, an action of the mouse, or a paragraph. */
typedef struct entry {
    const ipd_key *key;
    const char *heading; /* "" for a blank row */
    const char *name;    /* an action of the mouse, such as "click" */
    const char *words;   /* its description, or a paragraph */
} entry;

static ipd_field_text typed; /* the text to search for; there is one screen */

/* KEYS and LUA: columns for keys and for Lua. ROOMY: columns of a help that shows Lua. */
enum { MOST = 256, KEYS = 15, LUA = 25, ROOMY = 66 };

/* The groups of the keys for everywhere: each begins at the row with this action and, if not NULL,
 * this name. */
static const struct {
    ipd_action first;
    const char *name, *heading;
} groups[] = {{IPD_ACT_HELP, NULL, "Training"},
              {IPD_ACT_FOCUS, NULL, "The screen"},
              {IPD_ACT_ELSEWHERE, "Tab", "The prompt"}};

static const char *const by_mouse[][2] = {
    {"click", "focus the pane; in a chart move the cursor, in a list choose the row"},
    {"wheel", "in a chart: see more or fewer iterations; elsewhere: scroll, or change the setting"},
    {"drag an edge", "resize the panes beside it"},
    {"with Shift",
     "select text, in most terminals; ip.mouse(false) leaves the mouse to the terminal"},
};

static const char *const words[] = {
    "The prompt takes Lua: run:set{ delta = 0.3 }, run:step(10). Help: ?run.set",
    "Lines are edited as in your shell (Readline, ~/.inputrc).",
    "More: man ipdlam-workbench, man 7 ipdlam-lua.",
};

/* Headings of contexts; any other context is a view: "In the weights pane". */
static const struct {
    const char *context, *name;
} named[] = {{"chart", "In a chart"},
             {"console", "In the output after a search"},
             {"runs", "In the table of runs"},
             {"help", "In this help"}};

static void add(entry *entries, int *count, entry e)
{
    if (*count < MOST)
        entries[(*count)++] = e;
}

static void add_heading(entry *entries, int *count, const char *heading)
{
    if (*count)
        add(entries, count, (entry){.heading = ""});
    add(entries, count, (entry){.heading = heading});
}

static const char *heading_of(const ipd_key *k)
{
    for (size_t i = 0; !k->context && i < sizeof groups / sizeof *groups; i++)
        if (k->action == groups[i].first &&
            (!groups[i].name || strcmp(k->name, groups[i].name) == 0))
            return groups[i].heading;
    return NULL;
}

static void add_context(entry *entries, int *count, const char *context, const char *heading)
{
    if (heading)
        add_heading(entries, count, heading);
    for (const ipd_key *k = ipd_keys; k->name; k++) {
        if (context ? !k->context || strcmp(k->context, context) != 0 : !!k->context)
            continue;
        const char *group = heading_of(k);
        if (group)
            add_heading(entries, count, group);
        add(entries, count, (entry){.key = k});
    }
}

/* 1 if this row is the first of its context. */
static int begins_context(const ipd_key *k)
{
    for (const ipd_key *other = ipd_keys; other < k; other++)
        if (other->context && strcmp(other->context, k->context) == 0)
            return 0;
    return 1;
}

/* Writes the heading of a context; `here` is 1 for that of the focused view. */
static void name_context(const char *context, int here, char *to, size_t size)
{
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (!strcmp(named[i].context, context)) {
            snprintf(to, size, "%s%s", here ? "Here: " : "", named[i].name + (here ? 3 : 0));
            return;
        }
    snprintf(to, size, "%sthe %.20s pane", here ? "Here: " : "In ", context);
}

/* Lists all entries: the keys of the focused view, those for everywhere, the mouse, the keys of any
 * pane and those of the other views. Returns their number. */
static int make(const ipd_model *m, entry *entries)
{
    static char names[MOST][40];
    const char *focus = m->focus ? ipd_view_context(m->focus) : NULL;
    int count = 0, used = 0;

    if (focus) {
        name_context(focus, 1, names[used], sizeof names[used]);
        add_context(entries, &count, focus, names[used++]);
    }
    add_context(entries, &count, NULL, NULL);
    add_heading(entries, &count, "The mouse");
    for (size_t i = 0; i < sizeof by_mouse / sizeof *by_mouse; i++)
        add(entries, &count, (entry){.name = by_mouse[i][0], .words = by_mouse[i][1]});
    add_context(entries, &count, "pane", "A pane that has the focus");
    for (const ipd_key *k = ipd_keys; k->name; k++) {
        if (!k->context || strcmp(k->context, "pane") == 0 || !begins_context(k) ||
            (focus && strcmp(k->context, focus) == 0))
            continue;
        name_context(k->context, 0, names[used], sizeof names[used]);
        add_context(entries, &count, k->context, names[used++]);
    }
    add(entries, &count, (entry){.heading = ""});
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        add(entries, &count, (entry){.words = words[i]});
    return count;
}

/* Draws the part of an entry within `clip`, or only measures it if c is NULL. Returns its rows. */
static int show(const entry *e, ipd_canvas *c, ipd_area in, ipd_area clip, int ascii)
{
    const ipd_key *k = e->key;
    int roomy = in.width >= ROOMY, indent = !k && !e->name ? 1
                                            : k && roomy   ? 1 + KEYS + LUA
                                                           : 1 + KEYS;
    int width = in.width - indent > 8 ? in.width - indent : 8;
    const char *text = k ? k->help : e->heading ? e->heading : e->words, *row;
    ipd_text_rows rows = {.text = text,
                          .length = strlen(text),
                          .first = width,
                          .rest = width,
                          .columns = ascii ? ipd_glyph_columns_ascii : ipd_glyph_columns};
    size_t bytes;
    int count = 0;

    for (; ipd_text_next_row(&rows, &row, &bytes); count++) {
        int y = in.y + count;
        char shown[256];
        if (!c || y < clip.y || y >= clip.y + clip.height)
            continue;
        snprintf(shown, sizeof shown, "%.*s", (int)bytes, row);
        ipd_canvas_text(c, in.x + indent, y, width, k || e->name ? IPD_INK_FAINT : IPD_INK_TEXT,
                        e->heading ? IPD_BOLD : 0, shown);
        if (count || (!k && !e->name))
            continue;
        int used = ipd_canvas_text(c, in.x + 1, y, KEYS, IPD_INK_KEY, IPD_BOLD,
                                   !k         ? e->name
                                   : *k->name ? k->name
                                              : "no key");
        if (k && k->also)
            ipd_canvas_text(c, in.x + 1 + (strlen(k->also) <= 5 ? 9 : used + 1), y, KEYS,
                            IPD_INK_KEY, 0, k->also);
        if (k && k->lua && roomy)
            ipd_canvas_text_cut(c, in.x + 1 + KEYS, y, LUA - 1, IPD_INK_TEXT, 0, k->lua);
    }
    return count;
}

static int rows_of(const ipd_model *m, const entry *e, int width)
{
    return show(e, NULL, (ipd_area){.width = width}, (ipd_area){0}, m->ascii);
}

static int rows(const ipd_model *m, int width)
{
    static entry entries[MOST];
    int count = make(m, entries), all = 0;

    for (int i = 0; i < count; i++)
        all += rows_of(m, &entries[i], width);
    return all;
}

/* 1 if an entry has the text searched for. */
static int has_match(const ipd_model *m, const entry *e)
{
    const ipd_key *k = e->key;
    const char *texts[] = {k ? k->name : e->heading, k && k->also ? k->also : e->name,
                           k && k->lua ? k->lua : e->words, k ? k->help : NULL};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i] && ipd_text_search(texts[i], m->help_search))
            return 1;
    return 0;
}

/* The row of the first match after row `from`, or of the last one before it (step -1); begins again
 * at the other end. -1 if there is no match. */
static int find_match(const ipd_model *m, int width, int from, int step)
{
    static entry entries[MOST];
    int count = make(m, entries), row = 0, before = -1, after = -1, first = -1, last = -1;

    for (int i = 0; i < count; i++) {
        if (*m->help_search && has_match(m, &entries[i])) {
            before = row < from ? row : before;
            after = after < 0 && row > from ? row : after;
            first = first < 0 ? row : first;
            last = row;
        }
        row += rows_of(m, &entries[i], width);
    }
    return step > 0 ? (after >= 0 ? after : first) : before >= 0 ? before : last;
}

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    int all = m->help_all;
    const char *close = ipd_key_or(IPD_ACT_HELP, "Escape");

    (void)width;
    if (m->help_typing) {
        snprintf(to, size, "help · /%s_", typed.text);
        return;
    }
    if (*m->help_search) {
        if (m->help_found >= 0)
            snprintf(to, size, "help · '%.30s' · n next, N previous, %s closes", m->help_search,
                     close);
        else
            snprintf(to, size, "help · '%.30s' not found · %s closes", m->help_search, close);
        return;
    }
    if (m->help_rows < all)
        snprintf(to, size, "help · %s closes · %d–%d of %d, PageDown", close, m->help_top + 1,
                 m->help_top + m->help_rows, all);
    else
        snprintf(to, size, "help · %s closes", close);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    static entry entries[MOST];
    int count = make(m, entries), ascii = c->charset == IPD_ASCII;
    ipd_area at = in;

    at.y -= m->help_top;
    for (int i = 0; i < count; i++)
        at.y += show(&entries[i], c, at, in, ascii);
    m->help_width = in.width;
    ipd_canvas_highlight(c, in, m->help_search);
}

/* Goes to a match and shows it near the top, with the two rows above it. */
static void go_to_match(ipd_model *m, int from, int step)
{
    m->help_found = find_match(m, m->help_width, from, step);
    if (m->help_found >= 0)
        m->help_top = m->help_found > 2 ? m->help_found - 2 : 0;
}

static int key(ipd_model *m, int code)
{
    int page = m->help_rows > 2 ? m->help_rows - 1 : 1;

    if (m->help_typing) {
        ipd_field_event event = ipd_field_key(&typed, code);
        m->help_typing = event == IPD_FIELD_CHANGED;
        if (event == IPD_FIELD_ENTERED) {
            snprintf(m->help_search, sizeof m->help_search, "%.127s", typed.text);
            go_to_match(m, m->help_top - 1, 1);
        }
        return event != IPD_FIELD_UNUSED;
    }
    switch (code) {
    case '/':
        ipd_field_start(&typed, "", sizeof m->help_search - 1);
        m->help_typing = 1;
        return 1;
    case 'n':
    case 'N':
        if (*m->help_search)
            go_to_match(m, m->help_found, code == 'n' ? 1 : -1);
        return 1;
    case IPD_KEY_ESCAPE:
        m->help = 0;
        m->help_search[0] = 0;
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
        m->help_top = m->help_all;
        return 1;
    default:
        return 0;
    }
}

const ipd_view ipd_view_help = {
    .name = "help", .framed = 1, .title = title, .rows = rows, .draw = draw, .key = key};
