/* order.c - the sweep as a row of blocks: the next block is highlighted; frozen blocks and blocks
 * that raised the objective are marked. Keys move and freeze blocks. */
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CELL = 6 };

static int is_frozen(const ipd_model *m, ipd_block block)
{
    char name[8], all[sizeof m->settings.freeze + 2], word[12];

    ipd_block_text(block, name);
    snprintf(all, sizeof all, " %s ", m->settings.freeze);
    for (char *p = all; *p; p++)
        *p = *p == ',' ? ' ' : *p;
    snprintf(word, sizeof word, " %s ", name);
    return strstr(all, word) != NULL;
}

static int is_same(ipd_block x, ipd_block y)
{
    return x.kind == y.kind && x.layer == y.layer;
}

/* 1 if the block's latest update raised the objective by more than rounding. */
static int has_raised(const ipd_model *m, ipd_block block)
{
    for (size_t i = m->recent_count; i > 0; i--)
        if (is_same(m->recent[i - 1].at.block, block))
            return ipd_model_is_rise(m->recent[i - 1].change, m->recent[i - 1].phi);
    return 0;
}

static int has_order(const ipd_model *m)
{
    return m->has_run && ipd_model_has_blocks(m->settings.method);
}

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    (void)width;
    if (has_order(m))
        snprintf(to, size, "order · %s", m->order.name);
    else
        snprintf(to, size, "order");
}

static int per_row(int width)
{
    return width / CELL > 0 ? width / CELL : 1;
}

static int rows(const ipd_model *m, int width)
{
    int count = has_order(m) ? m->order.count : 1;
    int max = (count + per_row(width) - 1) / per_row(width);

    return max > 6 ? 6 : max;
}

static int selected(const ipd_model *m)
{
    int at = m->order_selected;
    return at < 0 ? 0 : at >= m->order.count ? m->order.count - 1 : at;
}

/* Draws a block: "z3", "W3!" if its latest update raised the objective, "W3*" if it is frozen.
 * `lit` marks the next block. */
static void draw_block(const ipd_model *m, ipd_canvas *c, int x, int y, int i, int lit)
{
    ipd_block block = m->order.blocks[i];
    int frozen = is_frozen(m, block), raised = has_raised(m, block);
    int chosen = m->focus == &ipd_view_order && i == selected(m);
    char name[8], text[16];

    ipd_block_text(block, name);
    snprintf(text, sizeof text, "%s%s", name, frozen ? "*" : raised ? "!" : "");
    if (lit)
        ipd_canvas_put(c, x, y, c->charset == IPD_ASCII ? '>' : 0x25B6, IPD_INK_GOOD, IPD_BOLD);
    ipd_canvas_text(c, x + 1, y, CELL - 1,
                    lit      ? IPD_INK_GOOD
                    : frozen ? IPD_INK_FAINT
                    : raised ? IPD_INK_WARNING
                             : IPD_INK_TEXT,
                    (lit ? IPD_BOLD : 0) | (chosen ? IPD_REVERSE : 0), text);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    int across = per_row(in.width), visible = across * in.height;

    if (!has_order(m)) {
        ipd_view_say(c, in, m->has_run ? "no blocks: a classical optimizer" : "no run");
        return;
    }
    int first = 0, count = m->order.count, at = m->focus == &ipd_view_order ? selected(m) : 0;
    while (at >= first + visible)
        first += across;
    m->order_top = first;
    for (int i = first; i < count && i < first + visible; i++)
        draw_block(m, c, in.x + i % across * CELL, in.y + (i - first) / across, i,
                   is_same(m->order.blocks[i], m->place.block));
    if (first + visible < count && in.width > 2)
        ipd_canvas_text_right(c, in.x, in.y + in.height - 1, in.width, IPD_INK_FAINT, 0, "…");
}

/* Sets the order to the current one with blocks i and k exchanged. */
static void exchange(ipd_model *m, int i, int k)
{
    ipd_order order = m->order;
    char text[512];

    if (i < 0 || k < 0 || i >= order.count || k >= order.count)
        return;
    ipd_block one = order.blocks[i];
    order.blocks[i] = order.blocks[k];
    order.blocks[k] = one;
    strcpy(order.name, "custom");
    ipd_order_text(&order, text, sizeof text);
    if (ipd_act_set(m, "order", text, NULL) == 0)
        m->order_selected = k;
}

/* Freezes a block, or unfreezes it. */
static void freeze(ipd_model *m, ipd_block block)
{
    char text[sizeof m->settings.freeze + 16] = "", name[8];
    size_t used = 0;

    for (int i = 0; i < m->order.count; i++)
        if (is_frozen(m, m->order.blocks[i]) != is_same(m->order.blocks[i], block)) {
            ipd_block_text(m->order.blocks[i], name);
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? " " : "", name);
        }
    ipd_act_set(m, "freeze", text, NULL);
}

static int key(ipd_model *m, int code)
{
    int at = selected(m);

    if (!has_order(m))
        return 0;
    switch (code) {
    case IPD_KEY_LEFT:
    case IPD_KEY_RIGHT:
        m->order_selected = at + (code == IPD_KEY_RIGHT ? 1 : -1);
        m->order_selected = selected(m);
        return 1;
    case IPD_KEY_S_LEFT:
    case 'h':
        exchange(m, at, at - 1);
        return 1;
    case IPD_KEY_S_RIGHT:
    case 'l':
        exchange(m, at, at + 1);
        return 1;
    case 'f':
        freeze(m, m->order.blocks[at]);
        return 1;
    default:
        return 0;
    }
}

static int mouse(ipd_model *m, const ipd_mouse *e, ipd_area in)
{
    int column = (e->x - in.x) / CELL, across = per_row(in.width);
    int i = m->order_top + (e->y - in.y) * across + column;

    if (e->kind != IPD_MOUSE_PRESS || !has_order(m) || column >= across || i >= m->order.count)
        return 0;
    m->order_selected = i;
    return 1;
}

const ipd_view ipd_view_order = {.name = "order",
                                 .framed = 1,
                                 .title = title,
                                 .rows = rows,
                                 .draw = draw,
                                 .key = key,
                                 .mouse = mouse};
