/* tree.c - the paths of the run: where each path forks, how long it is, its last values, its
 * changes, and its letter in the charts. */
#include "plot/glyph.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_DEPTH = 12, BAR = 24 };

static const ipd_future_info *paths(const ipd_model *m)
{
    return m->futures.items;
}

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    size_t n = m->futures.count;
    (void)width;
    snprintf(to, size, n > 1 ? "tree · %zu paths" : "tree", n);
}

/* A row of the pane: a path and its depth in the tree. */
typedef struct row {
    size_t path;
    int depth;
} row;

/* Adds the paths that fork from a path (0: the first path), by their numbers; each is followed by
 * its own forks. */
static int add_children(const ipd_model *m, unsigned long parent, int depth, row *rows, int count,
                        int max)
{
    for (size_t i = 0; i < m->futures.count && count < max; i++)
        if (paths(m)[i].parent == parent) {
            rows[count++] = (row){i, depth < MAX_DEPTH ? depth : MAX_DEPTH};
            count = add_children(m, paths(m)[i].number, depth + 1, rows, count, max);
        }
    return count;
}

enum { MAX_ROWS = 512 };

static int rows_of(const ipd_model *m, row rows[MAX_ROWS])
{
    return add_children(m, 0, 0, rows, 0, MAX_ROWS);
}

/* The row of the path that the run is on. */
static int here(const ipd_model *m, const row *rows, int count)
{
    for (int i = 0; i < count; i++)
        if (paths(m)[rows[i].path].here)
            return i;
    return 0;
}

/* The selected row; until a key or a click selects one, that of the path that the run is on. */
static int selected(const ipd_model *m, const row *rows, int count)
{
    int at = m->path_selected ? m->path_selected - 1 : here(m, rows, count);
    return at < count ? at : count - 1;
}

/* Draws a path as a line: dotted where it shares the iterations of its parent, with a mark at the
 * run's place. */
static void draw_bar(const ipd_model *m, ipd_canvas *c, int x, int y, const ipd_future_info *f,
                     long longest)
{
    double scale = longest > 0 ? (double)(BAR - 1) / (double)longest : 0;
    int from = f->parent ? (int)(scale * (double)f->shared) : 0;
    int to = (int)(scale * (double)f->iterations);
    int at = (int)(scale * (double)m->records.count);

    for (int i = 0; i <= to; i++) {
        int own = i >= from;
        ipd_canvas_put(c, x + i, y, own ? (m->ascii ? '=' : 0x2501) : (m->ascii ? '.' : 0xB7),
                       own ? IPD_INK_TEXT : IPD_INK_FAINT, 0);
    }
    if (f->here)
        ipd_canvas_put(c, x + (at < BAR ? at : BAR - 1), y, m->ascii ? '@' : 0x25CF, IPD_INK_GOOD,
                       IPD_BOLD);
}

/* Writes the number of iterations and the last values of a path. */
static void figures(const ipd_future_info *f, int wide, int is_r2, char *to, size_t size)
{
    char phi[24] = "", accuracy[IPD_QUALITY_TEXT] = "";
    double a = isnan(f->validation) ? f->test : f->validation;

    if (!isnan(f->phi))
        snprintf(phi, sizeof phi, "Φ %.4g", f->phi);
    if (!isnan(a))
        ipd_quality_text(accuracy, a, is_r2, is_r2 ? 3 : 1);
    if (wide)
        snprintf(to, size, "%6ld it   %-10s %6s", f->iterations, phi, accuracy);
    else
        snprintf(to, size, "%3ld it %6s", f->iterations, accuracy);
}

/* The slot of a path in the charts; -1 if it has no curve. */
static int slot_of(const ipd_model *m, const ipd_future_info *f)
{
    const ipd_overlays *all = &m->overlays;

    if (f->here || m->chart.without_overlays)
        return all->count && f->here && !m->chart.without_overlays ? all->own : -1;
    for (int i = 0; i < all->count; i++) {
        const ipd_overlay *o = &all->items[i];
        size_t n = o->records.count;
        if (o->before > 1 && (unsigned long)o->before == f->number + 1 &&
            !strcmp(o->name, m->run_name))
            return o->slot;
        if (o->before == 1 && n && f->iterations == (long)n &&
            f->phi == ipd_records_number(&o->records, "phi", n - 1))
            return o->slot;
    }
    return -1;
}

static void draw_row(ipd_model *m, ipd_canvas *c, ipd_area in, const row *r, int chosen,
                     long longest)
{
    const ipd_future_info *f = &paths(m)[r->path];
    char name[64], text[96];
    int wide = in.width >= 64, x = in.x, right = in.x + in.width, slot = slot_of(m, f);

    if (f->parent)
        snprintf(name, sizeof name, "%*s%s%lu from %ld", 2 * r->depth - 2, "",
                 m->ascii ? "`-" : "└ ", f->number, f->shared);
    else
        snprintf(name, sizeof name, "%lu", f->number);
    ipd_canvas_text(c, x, in.y, 2, IPD_INK_GOOD, IPD_BOLD, f->here ? (m->ascii ? ">" : "▶") : "");
    if (slot >= 0)
        ipd_canvas_put(c, x + 1, in.y, (unsigned char)ipd_slot_letter(slot), ipd_slot_ink(slot),
                       IPD_BOLD);
    x += 2;
    ipd_canvas_text(c, x, in.y, wide ? 18 : 14, IPD_INK_TEXT, chosen ? IPD_REVERSE : 0, name);
    x += wide ? 19 : 15;
    if (in.width >= 100) {
        draw_bar(m, c, x, in.y, f, longest);
        x += BAR + 1;
    }
    figures(f, wide, m->data && m->data->values, text, sizeof text);
    x += ipd_canvas_text(c, x, in.y, right - x, IPD_INK_TEXT, 0, text) + 2;
    if (x < right)
        ipd_canvas_text_cut(c, x, in.y, right - x, IPD_INK_FAINT, 0, f->set);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    row rows[MAX_ROWS];
    int count = rows_of(m, rows), at = selected(m, rows, count);
    int first = ipd_view_first(at, in.height);
    long longest = 0;

    if (!count) {
        char text[96];

        snprintf(text, sizeof text, "no paths yet. %s goes back; training then begins a new path",
                 ipd_key_or(IPD_ACT_REWIND, "run:rewind(-1)"));
        ipd_view_say(c, in, text);
        return;
    }
    for (size_t i = 0; i < m->futures.count; i++)
        longest = paths(m)[i].iterations > longest ? paths(m)[i].iterations : longest;
    for (int i = first; i < count && i - first < in.height; i++) {
        ipd_area line = {in.x, in.y + i - first, in.width, 1};
        draw_row(m, c, line, &rows[i], m->focus == &ipd_view_tree && i == at, longest);
    }
}

static int key(ipd_model *m, int code)
{
    row rows[MAX_ROWS];
    int count = rows_of(m, rows), at = selected(m, rows, count);
    char line[64];

    if (!count)
        return 0;
    switch (code) {
    case IPD_KEY_UP:
    case IPD_KEY_DOWN:
        at += code == IPD_KEY_DOWN ? 1 : -1;
        m->path_selected = 1 + (at < 0 ? 0 : at >= count ? count - 1 : at);
        return 1;
    case 'o':
        snprintf(line, sizeof line, "run:draw_path(%lu)", paths(m)[rows[at].path].number);
        ipd_act_lua(m, line, NULL);
        return 1;
    case 'A':
        if (m->left_paths.count)
            ipd_overlays_clear(&m->left_paths, 1);
        else
            ipd_act_lua(m, "run:draw_path()", NULL);
        return 1;
    case IPD_KEY_ENTER:
        snprintf(line, sizeof line, "run:go(%lu)", paths(m)[rows[at].path].number);
        ipd_act_lua(m, line, NULL);
        m->path_selected = 0;
        return 1;
    default:
        return 0;
    }
}

static int mouse(ipd_model *m, const ipd_mouse *e, ipd_area in)
{
    row rows[MAX_ROWS];
    int count = rows_of(m, rows);
    int at = ipd_view_first(selected(m, rows, count), in.height) + e->y - in.y;

    if (e->kind != IPD_MOUSE_PRESS || at >= count)
        return 0;
    m->path_selected = 1 + at;
    return 1;
}

const ipd_view ipd_view_tree = {.name = "tree",
                                .framed = 1,
                                .title = title,
                                .draw = draw,
                                .key = key,
                                .wheel = {IPD_KEY_UP, IPD_KEY_DOWN},
                                .mouse = mouse};
