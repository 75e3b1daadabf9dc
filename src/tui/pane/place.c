/* place.c - divides the space among panes, and resizes panes by hand. */
#include "tui/pane/pane.h"

#include <assert.h>

/* If space is short, panes of the highest rank are hidden first; those of rank 0 never are. The
 * rank of rows or columns is the lowest of their panes. */
static int rank_of(const ipd_pane *p)
{
    int min = 9;

    if (p->view)
        return p->view == &ipd_view_console || p->view == &ipd_view_status       ? 0
               : p->view == &ipd_view_keys                                       ? 1
               : p->view == &ipd_view_objective || p->view == &ipd_view_accuracy ? 2
                                                                                 : 3;
    for (int i = 0; i < p->count; i++) {
        int rank = rank_of(&p->children[i]);
        min = rank < min ? rank : min;
    }
    return min;
}

/* The smallest useful size in rows, or in columns. A parent in this direction needs only its first
 * child, since the others can be hidden; across it, the largest of its children. */
static int min_of(const ipd_pane *p, int columns)
{
    int min = 1;

    if (p->view && !p->view->framed)
        return 1;
    if (p->view && columns)
        return p->view == &ipd_view_accuracy ? 30 : 24;
    if (p->view)
        return p->view == &ipd_view_objective || p->view == &ipd_view_accuracy ? 6 : 4;
    for (int i = 0; i < (p->columns == columns ? 1 : p->count); i++) {
        int other = min_of(&p->children[i], columns);
        min = other > min ? other : min;
    }
    return min;
}

/* The rows that a child without weight needs, `across` columns wide; 0 if it takes a share. */
static int wanted(const ipd_pane *p, const ipd_model *m, int across)
{
    if (p->weight || !p->view)
        return 0;
    int frame = p->view->framed ? 2 : 0;
    return (p->view->rows ? p->view->rows(m, across - frame) : 1) + frame;
}

/* Hides children, those of the highest rank first, until the others have their minimum or one is
 * left. */
static void leave_out(const ipd_pane *parent, int room, int *shown)
{
    for (;;) {
        int needed = 0, worst = -1, worst_rank = 0, count = 0;
        for (int i = 0; i < parent->count; i++) {
            if (!shown[i])
                continue;
            int rank = rank_of(&parent->children[i]);
            needed += min_of(&parent->children[i], parent->columns);
            count++;
            if (worst < 0 || rank >= worst_rank) {
                worst = i;
                worst_rank = rank;
            }
        }
        if (needed <= room || count < 2 || worst_rank == 0)
            return;
        shown[worst] = 0;
    }
}

/* Divides the rest among the children that take a share. */
static void share_rest(const ipd_pane *parent, const int *shown, int rest, int *sizes)
{
    int weights = 0, needed = 0;

    for (int i = 0; i < parent->count; i++)
        if (shown[i] && parent->children[i].weight) {
            weights += parent->children[i].weight;
            needed += min_of(&parent->children[i], parent->columns);
        }
    for (int i = 0; i < parent->count && weights; i++) {
        const ipd_pane *p = &parent->children[i];
        if (!shown[i] || !p->weight)
            continue;
        int min = min_of(p, parent->columns), later = needed - min;
        int size = (rest * p->weight + weights / 2) / weights;
        size = size < min ? min : size;
        size = size > rest - later ? rest - later : size;
        size = size < 0 ? 0 : size;
        sizes[i] = size;
        rest -= size;
        weights -= p->weight;
        needed = later;
    }
}

/* Divides `room` among the children that are shown. */
static void share_out(const ipd_pane *parent, const ipd_model *m, int room, int across,
                      const int *shown, int *sizes)
{
    int rest = room, needed = 0, last = -1, any = 0;

    for (int i = 0; i < parent->count; i++) {
        const ipd_pane *p = &parent->children[i];
        sizes[i] = 0;
        if (shown[i] && p->weight) {
            needed += min_of(p, parent->columns);
            any = 1;
        }
        if (shown[i] && (last < 0 || !p->view || p->view->framed))
            last = i;
    }
    for (int i = 0; i < parent->count; i++) {
        const ipd_pane *p = &parent->children[i];
        int min = min_of(p, parent->columns);
        if (!shown[i] || p->weight)
            continue;
        sizes[i] = wanted(p, m, across);
        if (sizes[i] > rest - needed)
            sizes[i] = rest - needed > min ? rest - needed : min;
        sizes[i] = sizes[i] > rest ? rest : sizes[i];
        rest -= sizes[i];
    }
    if (any)
        share_rest(parent, shown, rest, sizes);
    else if (last >= 0) /* no child takes a share: the last one gets the rest */
        sizes[last] += rest;
}

void ipd_pane_place(ipd_pane *p, const ipd_model *m, ipd_area area)
{
    int shown[IPD_MAX_PANES], sizes[IPD_MAX_PANES], at = 0;

    p->area = area;
    if (p->view)
        return;
    for (int i = 0; i < p->count; i++)
        shown[i] = area.width > 0 && area.height > 0;
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
        ipd_pane_place(&p->children[i], m, part);
    }
    assert(at <= (p->columns ? area.width : area.height));
}

/* --- by hand --- */

static int size_of(const ipd_pane *p, int columns)
{
    return columns ? p->area.width : p->area.height;
}

static int can_move(const ipd_pane *p)
{
    return size_of(p, 0) > 0 && size_of(p, 1) > 0 && (!p->view || p->view->framed);
}

/* The index of the next or previous child if it can be resized, else -1. */
static int neighbour(const ipd_pane *parent, int i, int step)
{
    i += step;
    return i >= 0 && i < parent->count && can_move(&parent->children[i]) ? i : -1;
}

/* Moves up to `cells` cells from one child to another; sizes on the screen become weights. Returns
 * the number moved. */
static int give(ipd_pane *parent, ipd_pane *from, ipd_pane *to, int cells)
{
    int columns = parent->columns, max = size_of(from, columns) - min_of(from, columns);

    cells = cells > max ? max : cells;
    if (cells <= 0)
        return 0;
    for (int k = 0; k < parent->count; k++) {
        ipd_pane *p = &parent->children[k];
        if (can_move(p) && (p->weight || p == from || p == to))
            p->weight = size_of(p, columns);
    }
    to->weight += cells;
    from->weight -= cells;
    if (columns) { /* valid until the next placement */
        to->area.width += cells;
        from->area.width -= cells;
    } else {
        to->area.height += cells;
        from->area.height -= cells;
    }
    return cells;
}

/* Moves the edge after child i by some cells. If the next pane has no space to give, the one after
 * it does. */
static int move_edge(ipd_pane *parent, int i, int cells)
{
    int step = cells > 0 ? 1 : -1, to = cells > 0 ? i : neighbour(parent, i, 1), moved = 0;
    int from = cells > 0 ? neighbour(parent, i, 1) : i;

    cells *= step;
    if (to < 0)
        return 0;
    for (; from >= 0 && cells > moved; from = neighbour(parent, from, step))
        moved += give(parent, &parent->children[from], &parent->children[to], cells - moved);
    return moved > 0;
}

/* Resizes the innermost row or column of panes around the view that has an edge to move. */
static int resize(ipd_pane *p, const ipd_view *view, int columns, int cells, int *found)
{
    *found = p->view == view;
    for (int i = 0; i < p->count; i++) {
        int changed = resize(&p->children[i], view, columns, cells, found);
        if (!*found)
            continue;
        if (changed || p->columns != columns || !can_move(&p->children[i]))
            return changed;
        return neighbour(p, i, 1) >= 0    ? move_edge(p, i, cells)
               : neighbour(p, i, -1) >= 0 ? move_edge(p, i - 1, -cells)
                                          : 0;
    }
    return 0;
}

int ipd_pane_resize(ipd_pane *root, const ipd_view *view, int columns, int cells)
{
    int found;

    return resize(root, view, columns, cells, &found);
}

ipd_edge ipd_pane_edge(ipd_pane *p, int x, int y)
{
    ipd_area a = p->area;

    if (p->view || x < a.x || y < a.y || x >= a.x + a.width || y >= a.y + a.height)
        return (ipd_edge){0};
    for (int i = 0; i < p->count; i++) {
        ipd_edge inner = ipd_pane_edge(&p->children[i], x, y);
        if (inner.parent)
            return inner;
    }
    for (int i = 0; i < p->count; i++) {
        int j = neighbour(p, i, 1);
        if (j < 0 || !can_move(&p->children[i]))
            continue;
        int at = p->columns ? x : y;
        int edge = p->columns ? p->children[j].area.x : p->children[j].area.y;
        if (at == edge || at == edge - 1)
            return (ipd_edge){p, i};
    }
    return (ipd_edge){0};
}

int ipd_pane_drag(const ipd_edge *edge, int x, int y)
{
    int j = neighbour(edge->parent, edge->child, 1);

    if (j < 0)
        return 0;
    ipd_area next = edge->parent->children[j].area;
    return move_edge(edge->parent, edge->child, edge->parent->columns ? x - next.x : y - next.y);
}
