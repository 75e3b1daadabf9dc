/* changes.c - the change of the objective by each block in an iteration, as bars; a decrease points
 * to the left. Shows the iteration at the charts' cursor, or the newest. */
#include "plot/scale.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>

enum { NAME = 4, NUMBER = 9, DECADES = 8 };

/* The record to show; returns 0 if there is none. */
static int shown(const ipd_model *m, ipd_record *r)
{
    size_t at = m->records.count;

    if (m->chart.cursor > 0)
        while (at > 1 && ipd_records_number(&m->records, "iteration", at - 1) > m->chart.cursor)
            at--;
    if (at)
        *r = ipd_records_get(&m->records, at - 1);
    return at > 0;
}

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    ipd_record r;

    (void)width;
    if (shown(m, &r))
        snprintf(to, size, "ΔΦ by block · iteration %d", r.iteration);
    else
        snprintf(to, size, "ΔΦ by block");
}

/* The largest change of all blocks, whatever order was in force. */
static double largest(const ipd_model *m, const ipd_record *r)
{
    double max = 0;

    for (int i = 0; i < 3 * m->L - 1; i++)
        max = fmax(max, isfinite(r->change_by_block[i]) ? fabs(r->change_by_block[i]) : 0);
    return max;
}

/* The cells of a bar, on a log scale of eight decades below the largest. */
static int length_of(double change, double max, int width)
{
    double size = fabs(change);

    if (!(size > 0) || !(max > 0))
        return 0;
    double share = 1 + log10(size / max) / DECADES;
    return share <= 0 ? 1 : 1 + (int)lround(share * (width - 1));
}

static void draw_bar(ipd_canvas *c, int x, int y, int width, double change, double max, int raised)
{
    int half = width / 2, cells = isfinite(change) ? length_of(change, max, half) : 0;
    int ascii = c->charset == IPD_ASCII, up = change > 0;

    ipd_canvas_put(c, x + half, y, ascii ? '|' : 0x2502, IPD_INK_FRAME, 0);
    for (int i = 1; i <= cells && i <= half; i++)
        ipd_canvas_put(c, x + half + (up ? i : -i), y, ascii ? (up ? '+' : '=') : 0x2584,
                       raised ? IPD_INK_WARNING : IPD_INK_SERIES_1, 0);
}

static void draw_row(ipd_canvas *c, ipd_area row, ipd_block block, double change, double max,
                     double phi)
{
    char text[32] = "–", name[8];
    int raised = ipd_model_is_rise(change, phi), x = NAME + NUMBER + 2;

    ipd_block_text(block, name);
    if (isfinite(change))
        ipd_short_number(text, sizeof text, change, 3);
    ipd_canvas_text(c, row.x + 1, row.y, NAME, IPD_INK_KEY, 0, name);
    ipd_canvas_text_right(c, row.x + NAME, row.y, NUMBER, raised ? IPD_INK_WARNING : IPD_INK_TEXT,
                          0, text);
    if (row.width > x + 8)
        draw_bar(c, row.x + x, row.y, row.width - x - 1, change, max, raised);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    ipd_record r;
    int count = m->order.count, any = shown(m, &r);

    if (!any || !ipd_model_has_blocks(r.method)) {
        ipd_view_say(c, in, any ? "no blocks: a classical optimizer" : "no iteration yet");
        return;
    }
    int across = count > in.height && in.width >= 56 ? 2 : 1, rows = (count + across - 1) / across;
    int width = in.width / across;
    double max = largest(m, &r);
    for (int i = 0; i < count; i++) {
        ipd_area row = {in.x + i / rows * width, in.y + i % rows, width, 1};
        if (i % rows >= in.height - (rows > in.height))
            continue;
        int index = ipd_block_index(m->order.blocks[i], m->L);
        draw_row(c, row, m->order.blocks[i], index < 0 ? NAN : r.change_by_block[index], max,
                 r.phi);
    }
    if (rows > in.height)
        ipd_canvas_textf(c, in.x + 1, in.y + in.height - 1, in.width - 1, IPD_INK_FAINT, 0,
                         "… %d more blocks", count - across * (in.height - 1));
}

const ipd_view ipd_view_changes = {.name = "changes", .framed = 1, .title = title, .draw = draw};
