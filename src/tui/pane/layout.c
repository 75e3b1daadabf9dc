#include "tui/pane/layout.h"
#include "plot/glyph.h"
#include "tui/view/popup.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { WHEEL = 3 }; /* rows per step */

ipd_pane *ipd_layout_place(const ipd_model *m, int width, int height)
{
    static ipd_layouts *built_in; /* for models without layouts; never freed */
    ipd_layouts *l = m->layouts;
    ipd_error e;

    if (!l && !built_in)
        built_in = ipd_layouts_new(&e);
    if (!l && !(l = built_in))
        return NULL;
    ipd_pane *root = ipd_layouts_tree(l, m->zoom, width, height);
    if (root)
        ipd_pane_place(root, m, (ipd_area){0, 0, width, height});
    return root;
}

static int leaves_of(ipd_model *m, int width, int height, ipd_pane **leaves)
{
    ipd_pane *root = ipd_layout_place(m, width, height);

    return root ? ipd_pane_leaves(root, leaves, IPD_MAX_PANES) : 0;
}

/* The part of the upper edge to the right of the title. */
static ipd_area rest_of_edge(const ipd_canvas *c, ipd_area box, const char *title)
{
    int used = 5 + ipd_text_columns(title, c->charset == IPD_ASCII);

    return (ipd_area){box.x + used, box.y, box.width - used - 2, 1};
}

/* Redraws a frame in heavy lines, which are visible without colour; in double lines without
 * braille, with "=" in ASCII. */
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

enum { TITLE = 256 };

static void make_title(const ipd_view *view, const ipd_model *m, ipd_area area, char title[TITLE])
{
    snprintf(title, TITLE, "%s", view->name);
    if (view->title)
        view->title(m, area.width - 6, title, TITLE);
}

/* Draws the box of a view; returns the area inside. */
static ipd_area draw_frame(const ipd_view *view, ipd_model *m, ipd_canvas *c, ipd_area area,
                           const char *title)
{
    ipd_area edge = rest_of_edge(c, area, title);
    ipd_area inside = ipd_canvas_box(c, area, title, IPD_INK_FRAME);
    if (m->focus == view)
        draw_focus(c, area);
    if (view->edge && edge.width > 0)
        view->edge(m, c, edge);
    return inside;
}

static void draw_view(const ipd_view *view, ipd_model *m, ipd_canvas *c, ipd_area area)
{
    ipd_area whole = area;
    char title[TITLE], then[TITLE];

    assert(area.x >= 0 && area.x + area.width <= c->width);
    assert(area.y >= 0 && area.y + area.height <= c->height);
    ipd_canvas_clear(c, area);
    if (view->framed) {
        make_title(view, m, area, title);
        area = draw_frame(view, m, c, area, title);
    }
    if (area.width > 0 && area.height > 0) {
        ipd_canvas_limit(c, area);
        view->draw(m, c, area);
        ipd_canvas_limit(c, ipd_canvas_all(c));
    }
    if (!view->framed)
        return;
    make_title(view, m, whole, then); /* it may say how much was drawn, such as rows 1 to 9 */
    if (strcmp(title, then))
        draw_frame(view, m, c, whole, then);
}

static void draw_help(ipd_model *m, ipd_canvas *c)
{
    int width = c->width < 78 ? c->width : 78;
    int height = ipd_view_help.rows(m, width - 2) + 2;

    int max = height;
    m->help_all = height - 2;
    height = height > c->height ? c->height : height;
    m->help_rows = height - 2;
    m->help_top = m->help_top > max - height ? max - height : m->help_top < 0 ? 0 : m->help_top;
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

static int can_focus(const ipd_view *v)
{
    return v->framed && v != &ipd_view_console;
}

void ipd_layout_focus_next(ipd_model *m, int step, int width, int height)
{
    ipd_pane *leaves[IPD_MAX_PANES];
    int count = leaves_of(m, width, height, leaves), at = step < 0 ? count : -1;

    for (int i = 0; i < count; i++)
        if (leaves[i]->view == m->focus)
            at = i;
    m->focus = NULL;
    m->editing = 0;
    for (int i = at + step; i >= 0 && i < count && !m->focus; i += step)
        if (can_focus(leaves[i]->view))
            m->focus = leaves[i]->view;
}

int ipd_layout_focus(ipd_model *m, const ipd_view *view, int width, int height)
{
    ipd_pane *leaves[IPD_MAX_PANES];
    int count = leaves_of(m, width, height, leaves);

    for (int i = 0; i < count; i++)
        if (leaves[i]->view == view && can_focus(view)) {
            m->focus = view;
            return 1;
        }
    return 0;
}

static ipd_area inside_of(const ipd_pane *p)
{
    ipd_area a = p->area;

    return p->view->framed ? (ipd_area){a.x + 1, a.y + 1, a.width - 2, a.height - 2} : a;
}

static int is_in(ipd_area a, int x, int y)
{
    return x >= a.x && x < a.x + a.width && y >= a.y && y < a.y + a.height;
}

static int contains(const ipd_pane *root, const ipd_pane *p)
{
    int found = root == p;

    for (int i = 0; i < root->count && !found; i++)
        found = contains(&root->children[i], p);
    return found;
}

/* Drags an edge, which is held from a press to its release. Returns 1 if an edge is held. */
static int drag(ipd_model *m, ipd_pane *root, const ipd_mouse *e)
{
    static ipd_edge held; /* its parent may be freed when the layout changes; see contains */

    if (e->kind == IPD_MOUSE_PRESS) {
        held = m->zoom ? (ipd_edge){0} : ipd_pane_edge(root, e->x, e->y);
        return held.parent != NULL;
    }
    if (e->kind == IPD_MOUSE_DRAG && held.parent) {
        if (contains(root, held.parent) && ipd_pane_drag(&held, e->x, e->y) && m->layouts)
            ipd_layouts_touch(m->layouts);
        return 1;
    }
    held = (ipd_edge){0};
    return 0;
}

int ipd_layout_mouse(ipd_model *m, int width, int height, const ipd_mouse *e)
{
    ipd_pane *leaves[IPD_MAX_PANES], *root = ipd_layout_place(m, width, height);
    int count = root ? ipd_pane_leaves(root, leaves, IPD_MAX_PANES) : 0;

    int down = e->kind == IPD_MOUSE_WHEEL_DOWN, wheel = down || e->kind == IPD_MOUSE_WHEEL_UP;
    if (m->help) { /* it covers the panes */
        m->help_top += wheel ? down ? WHEEL : -WHEEL : 0;
        return wheel;
    }
    if (!root)
        return 0;
    int dragged = drag(m, root, e);
    if (dragged && e->kind != IPD_MOUSE_PRESS)
        return 1;
    for (int i = 0; i < count; i++) {
        const ipd_view *v = leaves[i]->view;
        if (!is_in(leaves[i]->area, e->x, e->y))
            continue;
        if (e->kind == IPD_MOUSE_PRESS)
            m->focus = can_focus(v) ? v : NULL;
        m->editing = m->editing && e->kind != IPD_MOUSE_PRESS;
        int inside = is_in(inside_of(leaves[i]), e->x, e->y) || e->kind == IPD_MOUSE_RELEASE;
        if (inside && wheel && v->wheel[down])
            return v->key(m, v->wheel[down]);
        return (inside && v->mouse && v->mouse(m, e, inside_of(leaves[i]))) ||
               e->kind == IPD_MOUSE_PRESS;
    }
    return 0;
}

void ipd_layout_draw(ipd_model *m, ipd_canvas *c)
{
    ipd_pane *leaves[IPD_MAX_PANES];
    int count = leaves_of(m, c->width, c->height, leaves), focused = 0;

    m->ascii = c->charset == IPD_ASCII;
    ipd_canvas_clear(c, ipd_canvas_all(c));
    m->cursor_x = m->cursor_y = -1;
    if (!count) {
        draw_too_small(m, c);
        return;
    }
    for (int i = 0; i < count; i++)
        focused |= leaves[i]->view == m->focus;
    if (!focused)
        m->focus = NULL;
    if (!m->focus)
        m->editing = 0;
    for (int i = 0; i < count; i++)
        draw_view(leaves[i]->view, m, c, leaves[i]->area);
    if (m->help)
        draw_help(m, c);
    else
        ipd_popup_draw(m, c);
}
