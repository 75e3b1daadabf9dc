/* runs.c - the table of runs: those in memory and the whole history. */
#include "plot/glyph.h"
#include "plot/scale.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 9 };

/* By importance: the last columns are dropped if there is no room. */
static const struct {
    const char *head;
    int width, right;
} columns[COLUMNS] = {{"#", 6, 1},    {"name", 14, 0},    {"test", 8, 1},
                      {"it", 6, 1},   {"Φ", 10, 1},       {"status", 14, 0},
                      {"best", 8, 1}, {"network", 24, 0}, {"data", 16, 0}};

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    static const char *const sorts[] = {"number", "name", "iterations", "Φ", "test accuracy"};

    (void)width;
    snprintf(to, size, "runs · %zu, by %s%s", m->runs.count, sorts[m->runs.sort],
             m->runs.backwards ? ", backwards" : "");
}

static void percent(char *to, size_t size, double fraction)
{
    if (isnan(fraction))
        snprintf(to, size, "–");
    else
        snprintf(to, size, "%.2f%%", 100 * fraction);
}

static void cell_text(const ipd_run_row *r, int column, char *to, size_t size)
{
    *to = 0;
    switch (column) {
    case 0:
        if (r->id)
            snprintf(to, size, "%ld", r->id);
        break;
    case 1:
        snprintf(to, size, "%s", r->name);
        break;
    case 2:
        percent(to, size, r->test);
        break;
    case 3:
        snprintf(to, size, "%d", r->iterations);
        break;
    case 4:
        if (isnan(r->phi))
            snprintf(to, size, "–");
        else
            ipd_short_number(to, size, r->phi, 4);
        break;
    case 5:
        snprintf(to, size, "%s", r->status);
        break;
    case 6:
        percent(to, size, r->best);
        break;
    case 7:
        snprintf(to, size, "%s", r->shape);
        break;
    default:
        snprintf(to, size, "%s", r->dataset);
    }
}

/* Left-aligned, cut with an ellipsis. */
static void put_text(ipd_canvas *c, int x, int y, int width, ipd_ink ink, int attributes,
                     const char *text)
{
    int ascii = c->charset == IPD_ASCII;

    ipd_canvas_text(c, x, y, width, ink, attributes, text);
    if (ipd_text_columns(text, ascii) > width && width > 1)
        ipd_canvas_put(c, x + width - 1, y, ascii ? '~' : 0x2026, IPD_INK_FAINT, attributes);
}

static int shown_columns(int width)
{
    int used = 1, count = 0;

    while (count < COLUMNS && used + columns[count].width <= width)
        used += columns[count++].width;
    return count;
}

static void draw_row(const ipd_model *m, ipd_canvas *c, ipd_area row, const ipd_run_row *r,
                     int chosen)
{
    int x = row.x + 1, ascii = c->charset == IPD_ASCII;
    char text[96];

    if (r->shown || ipd_overlay_find(&m->overlays, r->number, r->id))
        ipd_canvas_put(c, row.x, row.y, r->shown ? (ascii ? '>' : 0x25B6) : '+', IPD_INK_KEY,
                       IPD_BOLD);
    for (int i = 0; i < shown_columns(row.width); i++) {
        cell_text(r, i, text, sizeof text);
        ipd_ink ink = r->shown           ? IPD_INK_KEY
                      : r->number        ? IPD_INK_TEXT
                      : i == 1 || i == 2 ? IPD_INK_TEXT
                                         : IPD_INK_FAINT;
        int is_open = r->number && !r->parked;
        int attributes = (chosen && i == 1 ? IPD_REVERSE : 0) | (is_open ? IPD_BOLD : 0);
        if (columns[i].right)
            ipd_canvas_text_right(c, x, row.y, columns[i].width - 1, ink, attributes, text);
        else
            put_text(c, x, row.y, columns[i].width - 1, ink, attributes, text);
        x += columns[i].width;
    }
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    int x = in.x + 1, rows = in.height - 1, first = 0, focused = m->focus == &ipd_view_runs;

    m->runs.wanted = 1;
    for (int i = 0; i < shown_columns(in.width); i++) {
        if (columns[i].right)
            ipd_canvas_text_right(c, x, in.y, columns[i].width - 1, IPD_INK_FAINT, 0,
                                  columns[i].head);
        else
            ipd_canvas_text(c, x, in.y, columns[i].width - 1, IPD_INK_FAINT, 0, columns[i].head);
        x += columns[i].width;
    }
    if (!m->runs.count)
        ipd_canvas_text(c, in.x + 1, in.y + 1, in.width - 1, IPD_INK_FAINT, 0,
                        *m->runs.warning ? m->runs.warning : "no runs yet");
    if (focused && (int)m->runs.selected >= rows)
        first = (int)m->runs.selected - rows + 1;
    for (int i = 0; i < rows && (size_t)(first + i) < m->runs.count; i++)
        draw_row(m, c, (ipd_area){in.x, in.y + 1 + i, in.width, 1}, &m->runs.items[first + i],
                 focused && first + i == (int)m->runs.selected);
}

/* A Lua expression for a run of the session, by id or index: a name may contain anything. */
static void write_run(const ipd_run_row *r, char *to, size_t size)
{
    if (r->id)
        snprintf(to, size, "ip.living(%ld)", r->id);
    else
        snprintf(to, size, "ip.living()[%zu]", r->at);
}

/* Enter: adds its curves to the charts of the run on the screen, or removes them. */
static void overlay(ipd_model *m, const ipd_run_row *r)
{
    char line[128], run[48];
    ipd_overlay *beside = ipd_overlay_find(&m->overlays, r->number, r->id);

    if (beside) {
        ipd_overlay_remove(&m->overlays, beside);
        return;
    }
    write_run(r, run, sizeof run);
    if (r->id)
        snprintf(line, sizeof line, "ip.overlay(%ld)", r->id);
    else
        snprintf(line, sizeof line, "ip.overlay(%s)", run);
    m->chart.without_overlays = 0;
    ipd_act_lua(m, line, NULL);
}

/* o: shows the run. One of the history continues from its checkpoint, or is repeated with `again`.
 * The previous run becomes `other`. */
static void show(ipd_model *m, const ipd_run_row *r, int again)
{
    char line[128], run[48];

    write_run(r, run, sizeof run);
    if (r->number)
        snprintf(line, sizeof line, "other, run = run, %s", run);
    else
        snprintf(line, sizeof line, "other, run = run, assert(ip.%s(%ld))",
                 again ? "again" : "resume", r->id);
    if (r->number && again)
        ipd_act_say(m, IPD_TEXT_NOTICE, "that run is open: press o to show it");
    else
        ipd_act_lua(m, line, NULL);
}

static int key(ipd_model *m, int code)
{
    ipd_run_list *l = &m->runs;

    if (code == 's' || code == 'S' || code == 'r') {
        l->sort = code == 's' ? (l->sort + 1) % IPD_SORTS : l->sort;
        l->backwards ^= code == 'S';
        l->stale |= code == 'r';
        return 1;
    }
    if (!l->count)
        return 0;
    switch (code) {
    case IPD_KEY_UP:
        l->selected -= l->selected > 0;
        return 1;
    case IPD_KEY_DOWN:
        l->selected += l->selected + 1 < l->count;
        return 1;
    case IPD_KEY_ENTER:
        overlay(m, &l->items[l->selected]);
        return 1;
    case 'o':
    case 'a':
        show(m, &l->items[l->selected], code == 'a');
        return 1;
    default:
        return 0;
    }
}

static int mouse(ipd_model *m, const ipd_mouse *e, ipd_area in)
{
    int row = e->y - in.y - 1;
    if (e->kind != IPD_MOUSE_PRESS || row < 0 || (size_t)row >= m->runs.count ||
        in.height - 1 < (int)m->runs.selected)
        return 0;
    m->runs.selected = (size_t)row;
    return 1;
}

const ipd_view ipd_view_runs = {.name = "runs",
                                .framed = 1,
                                .title = title,
                                .draw = draw,
                                .key = key,
                                .wheel = {IPD_KEY_UP, IPD_KEY_DOWN},
                                .mouse = mouse};
