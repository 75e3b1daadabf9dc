#include "tui/layout.h"
#include "plot/glyph.h"
#include "tui/popup.h"

#include <stdio.h>
#include <string.h>

#define PANES(array) .children = (array), .count = (int)(sizeof(array) / sizeof *(array))

/* 80 x 24 and around: charts side by side, the layers, the prompt. */
static const ipd_pane charts[] = {
    {.view = &ipd_view_objective, .weight = 1, .least = 24},
    {.view = &ipd_view_accuracy, .weight = 1, .least = 30, .rank = 1},
};
static const ipd_pane usual[] = {
    {.view = &ipd_view_status, .least = 1},
    {PANES(charts), .columns = 1, .weight = 9, .least = 6, .rank = 2},
    {.view = &ipd_view_layers, .least = 4, .rank = 3},
    {.view = &ipd_view_console, .weight = 7, .least = 4},
    {.view = &ipd_view_keys, .least = 1, .rank = 1},
};
static const ipd_pane usual_root = {PANES(usual)};

/* From 132 x 36 on: charts one below the other, and the single blocks and settings beside them. */
static const ipd_pane wide_charts[] = {
    {.view = &ipd_view_objective, .weight = 1, .least = 6},
    {.view = &ipd_view_accuracy, .weight = 1, .least = 6},
};
static const ipd_pane wide_tables[] = {
    {.view = &ipd_view_layers, .least = 4},
    {.view = &ipd_view_settings, .least = 4, .rank = 2},
    {.view = &ipd_view_blocks, .weight = 1, .least = 5, .rank = 3},
};
static const ipd_pane wide_top[] = {
    {PANES(wide_charts), .weight = 3, .least = 40},
    {PANES(wide_tables), .weight = 2, .least = 40},
};
static const ipd_pane wide[] = {
    {.view = &ipd_view_status, .least = 1},
    {PANES(wide_top), .columns = 1, .weight = 3, .least = 18},
    {.view = &ipd_view_console, .weight = 2, .least = 6},
    {.view = &ipd_view_keys, .least = 1},
};
static const ipd_pane wide_root = {PANES(wide)};

const ipd_pane *ipd_layout_for(int width, int height)
{
    if (width < 20 || height < 5)
        return NULL;
    return width >= 132 && height >= 36 ? &wide_root : &usual_root;
}

/* What a child asks for along its parent's direction, 0 where it takes a share. */
static int wanted(const ipd_pane *p, const ipd_model *m, int across)
{
    if (p->weight || !p->view)
        return 0;
    int frame = p->view->framed ? 2 : 0;
    return (p->view->rows ? p->view->rows(m, across - frame) : 1) + frame;
}

/* Leaves out children, the least important first, until the rest have their least. */
static void leave_out(const ipd_pane *parent, int room, int *shown)
{
    for (;;) {
        int needed = 0, worst = -1;
        for (int i = 0; i < parent->count; i++) {
            if (!shown[i])
                continue;
            needed += parent->children[i].least;
            if (worst < 0 || parent->children[i].rank >= parent->children[worst].rank)
                worst = i;
        }
        if (needed <= room || worst < 0 || parent->children[worst].rank == 0)
            return;
        shown[worst] = 0;
    }
}

static void share_out(const ipd_pane *parent, const ipd_model *m, int room, int across,
                      const int *shown, int *sizes)
{
    int weights = 0, rest = room, needed = 0;

    for (int i = 0; i < parent->count; i++) {
        const ipd_pane *p = &parent->children[i];
        sizes[i] = 0;
        if (shown[i] && p->weight) {
            weights += p->weight;
            needed += p->least;
        }
    }
    for (int i = 0; i < parent->count; i++) {
        const ipd_pane *p = &parent->children[i];
        if (!shown[i] || p->weight)
            continue;
        sizes[i] = wanted(p, m, across);
        if (sizes[i] > rest - needed)
            sizes[i] = rest - needed > p->least ? rest - needed : p->least;
        rest -= sizes[i];
    }
    for (int i = 0; i < parent->count && weights; i++) {
        const ipd_pane *p = &parent->children[i];
        if (!shown[i] || !p->weight)
            continue;
        int later = needed - p->least, size = (rest * p->weight + weights / 2) / weights;
        size = size < p->least ? p->least : size;
        size = size > rest - later ? rest - later : size;
        sizes[i] = size;
        rest -= size;
        weights -= p->weight;
        needed = later;
    }
}

int ipd_layout_place(const ipd_pane *p, const ipd_model *m, ipd_area area, ipd_placed *placed,
                     int most)
{
    int shown[IPD_MAX_PANES], sizes[IPD_MAX_PANES], used = 0, at = 0;

    if (p->view) {
        if (most < 1 || area.width < 1 || area.height < 1)
            return 0;
        placed[0] = (ipd_placed){p->view, area};
        return 1;
    }
    for (int i = 0; i < p->count; i++)
        shown[i] = 1;
    leave_out(p, p->columns ? area.width : area.height, shown);
    share_out(p, m, p->columns ? area.width : area.height, p->columns ? area.height : area.width,
              shown, sizes);
    for (int i = 0; i < p->count; i++) {
        ipd_area part = area;
        if (p->columns) {
            part.x += at;
            part.width = sizes[i];
        } else {
            part.y += at;
            part.height = sizes[i];
        }
        at += sizes[i];
        if (sizes[i] > 0)
            used += ipd_layout_place(&p->children[i], m, part, placed + used, most - used);
    }
    return used;
}

/* The title with blanks around it, and a piece of the edge at each end. */
static ipd_area rest_of_edge(const ipd_canvas *c, ipd_area box, const char *title)
{
    int used = 5 + ipd_text_columns(title, c->charset == IPD_ASCII);

    return (ipd_area){box.x + used, box.y, box.width - used - 2, 1};
}

/* The frame of the focused view has heavy lines (double ones where the font has no others, "=" in ASCII): seen
 * without colour too. */
static void draw_focus(ipd_canvas *c, ipd_area a)
{
    static const uint32_t forms[][4] = {
        /* light, heavy, double, ASCII */
        {0x2500, 0x2501, 0x2550, '='}, {0x2502, 0x2503, 0x2551, '|'}, {0x256D, 0x250F, 0x2554, '+'},
        {0x256E, 0x2513, 0x2557, '+'}, {0x2570, 0x2517, 0x255A, '+'}, {0x256F, 0x251B, 0x255D, '+'},
        {0x250C, 0x250F, 0x2554, '+'}, {0x2510, 0x2513, 0x2557, '+'}, {0x2514, 0x2517, 0x255A, '+'},
        {0x2518, 0x251B, 0x255D, '+'}, {'-', '=', '=', '='},          {'|', '|', '|', '|'},
        {'+', '+', '+', '+'}};
    int form = c->charset == IPD_BRAILLE ? 1 : c->charset == IPD_BLOCKS ? 2 : 3;

    for (int y = a.y; y < a.y + a.height && y < c->height; y++)
        for (int x = a.x; x < a.x + a.width && x < c->width; x++) {
            int edge = y == a.y || y == a.y + a.height - 1 || x == a.x || x == a.x + a.width - 1;
            ipd_cell *cell = &c->cells[y * c->width + x];
            for (size_t i = 0; edge && i < sizeof forms / sizeof *forms; i++)
                if (cell->ink == IPD_INK_FRAME && cell->code == forms[i][0]) {
                    cell->code = forms[i][form];
                    cell->ink = IPD_INK_KEY;
                    cell->attributes = IPD_BOLD;
                    break;
                }
        }
}

static void draw_view(const ipd_view *view, ipd_model *m, ipd_canvas *c, ipd_area area)
{
    ipd_area whole = area;
    char title[256];

    ipd_canvas_clear(c, area);
    if (view->framed) {
        snprintf(title, sizeof title, "%s", view->name);
        if (view->title)
            view->title(m, area.width - 6, title, sizeof title);
        ipd_area edge = rest_of_edge(c, area, title);
        area = ipd_canvas_box(c, area, title, IPD_INK_FRAME);
        if (m->focus == view)
            draw_focus(c, whole);
        if (view->edge && edge.width > 0)
            view->edge(m, c, edge);
    }
    if (area.width > 0 && area.height > 0)
        view->draw(m, c, area);
}

static void draw_help(ipd_model *m, ipd_canvas *c)
{
    int width = c->width < 78 ? c->width : 78;
    int height = ipd_view_help.rows(m, width - 2) + 2;

    height = height > c->height ? c->height : height;
    draw_view(&ipd_view_help, m, c,
              (ipd_area){(c->width - width) / 2, (c->height - height) / 2, width, height});
    m->cursor_x = m->cursor_y = -1;
}

static void draw_too_small(ipd_model *m, ipd_canvas *c)
{
    char text[64];

    snprintf(text, sizeof text, "too small: %dx%d, needs 20x5", c->width, c->height);
    for (int y = 0, at = 0; y < c->height && at < (int)strlen(text); y++, at += c->width)
        ipd_canvas_text(c, 0, y, c->width, IPD_INK_WARNING, 0, text + at);
    m->cursor_x = m->cursor_y = -1;
}

int ipd_layout_panes(const ipd_model *m, int width, int height, ipd_placed *placed, int most)
{
    const ipd_pane *root = ipd_layout_for(width, height);

    return root ? ipd_layout_place(root, m, (ipd_area){0, 0, width, height}, placed, most) : 0;
}

static int can_focus(const ipd_view *v)
{
    return v->framed && v != &ipd_view_console;
}

void ipd_layout_focus_next(ipd_model *m, int width, int height)
{
    ipd_placed placed[IPD_MAX_PANES];
    int count = ipd_layout_panes(m, width, height, placed, IPD_MAX_PANES), at = -1;

    for (int i = 0; i < count; i++)
        if (placed[i].view == m->focus)
            at = i;
    m->focus = NULL;
    for (int i = at + 1; i < count && !m->focus; i++)
        if (can_focus(placed[i].view))
            m->focus = placed[i].view;
}

static ipd_area inside_of(const ipd_placed *p)
{
    ipd_area a = p->area;

    return p->view->framed ? (ipd_area){a.x + 1, a.y + 1, a.width - 2, a.height - 2} : a;
}

int ipd_layout_mouse(ipd_model *m, int width, int height, const ipd_mouse *e)
{
    ipd_placed placed[IPD_MAX_PANES];
    int count = ipd_layout_panes(m, width, height, placed, IPD_MAX_PANES);

    for (int i = 0; i < count; i++) {
        const ipd_view *v = placed[i].view;
        ipd_area a = placed[i].area;
        if (e->x < a.x || e->x >= a.x + a.width || e->y < a.y || e->y >= a.y + a.height)
            continue;
        if (e->kind == IPD_MOUSE_PRESS)
            m->focus = can_focus(v) ? v : NULL;
        return (v->mouse && v->mouse(m, e, inside_of(&placed[i]))) || e->kind == IPD_MOUSE_PRESS;
    }
    return 0;
}

void ipd_layout_draw(ipd_model *m, ipd_canvas *c)
{
    ipd_placed placed[IPD_MAX_PANES];

    ipd_canvas_clear(c, ipd_canvas_all(c));
    m->cursor_x = m->cursor_y = -1;
    if (!ipd_layout_for(c->width, c->height)) {
        draw_too_small(m, c);
        return;
    }
    int count = ipd_layout_panes(m, c->width, c->height, placed, IPD_MAX_PANES), focused = 0;
    for (int i = 0; i < count; i++)
        focused |= placed[i].view == m->focus;
    if (!focused) /* it is not on this screen */
        m->focus = NULL;
    for (int i = 0; i < count; i++)
        draw_view(placed[i].view, m, c, placed[i].area);
    if (m->help)
        draw_help(m, c);
    else
        ipd_popup_draw(m, c);
}
