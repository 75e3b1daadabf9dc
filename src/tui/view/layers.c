/* layers.c - one row per layer: the gaps, the change of the objective by its blocks, the distance
 * of the weights from the initial ones and of z from the forward pass, and the time of its
 * blocks. */
#include "plot/scale.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_ROWS = 8, COLUMNS = 10 };
enum { GAPS = 2, CHANGES = 4, SHARES = 7, TIME = 9 }; /* first column of each group */

/* The values shown for one block. */
typedef struct block_value {
    double change, seconds;
    int fresh; /* 1: of the iteration in progress */
} block_value;

static const struct {
    const char *head;
    int width;
} columns[COLUMNS] = {{"l", 2},     {"width", 6}, {"lin gap", 8}, {"act gap", 8}, {"ΔΦ z", 10},
                      {"ΔΦ W", 10}, {"ΔΦ a", 10}, {"W moved", 8}, {"fwd gap", 8}, {"time", 8}};

/* The columns, the most important first. */
static const int importance[COLUMNS] = {0, 2, 3, 7, 8, 1, 4, 5, 6, 9};

/* Chooses the columns that fit into `room`; returns their width and *count. */
static int choose_columns(int room, int *is_shown, int *count)
{
    int needed = 0;

    *count = 0;
    for (int i = 0; i < COLUMNS; i++)
        is_shown[i] = 0;
    for (int i = 0; i < COLUMNS && needed + columns[importance[i]].width <= room; i++) {
        is_shown[importance[i]] = 1;
        needed += columns[importance[i]].width;
        ++*count;
    }
    return needed;
}

/* 1 if the run has stopped within an iteration; *from is the iteration of the latest block. */
static int under_way(const ipd_model *m, int *from)
{
    const ipd_record *last = ipd_model_last(m);
    int done = last ? last->iteration : 0;

    *from = m->recent_count ? m->recent[m->recent_count - 1].at.iteration : 0;
    return m->status != IPD_RUNNING && *from > done;
}

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    const ipd_record *last = ipd_model_last(m);
    int iteration;

    (void)width;
    if (under_way(m, &iteration))
        snprintf(to, size, "layers · iteration %d, under way", iteration);
    else if (last)
        snprintf(to, size, "layers · iteration %d", last->iteration);
    else
        snprintf(to, size, "layers");
}

static int rows(const ipd_model *m, int width)
{
    (void)width;
    return 1 + (!m->has_run ? 1 : m->L < MAX_ROWS ? m->L : MAX_ROWS);
}

/* The values of a block: sums over the last iteration, from its record, or if the run has stopped
 * within an iteration, those of the block's latest update. */
static block_value value_of(const ipd_model *m, ipd_block_kind kind, int layer)
{
    const ipd_record *last = ipd_model_last(m);
    int index = ipd_block_index((ipd_block){kind, layer}, m->L), iteration;
    block_value v = {last ? last->change_by_block[index] : NAN,
                     last ? last->seconds_by_block[index] : NAN, 0};

    if (!under_way(m, &iteration))
        return v;
    for (size_t i = m->recent_count; i > 0 && m->recent[i - 1].at.iteration == iteration; i--) {
        const ipd_block_report *r = &m->recent[i - 1];
        if (r->at.block.kind == kind && r->at.block.layer == layer)
            return (block_value){r->change, r->seconds, ipd_model_measures_blocks(m)};
    }
    return v;
}

static void put_number(ipd_canvas *c, int x, int y, int width, double value, int sign, int fresh)
{
    char text[32] = "–";

    if (isfinite(value)) {
        text[0] = '+';
        for (int digits = 3; digits > 0; digits--) { /* keep one column free */
            ipd_short_number(text + (sign && value > 0), sizeof text - 1, value, digits);
            if ((int)strlen(text) < width)
                break;
        }
    } else if (!isnan(value)) {
        snprintf(text, sizeof text, "inf");
    }
    if (fresh && isnan(value)) {
        ipd_canvas_text_right(c, x, y, width, IPD_INK_BAD, IPD_BOLD, "nan");
        return;
    }
    ipd_canvas_text_right(c, x, y, width,
                          isnan(value)        ? IPD_INK_FAINT
                          : sign && value > 0 ? IPD_INK_WARNING
                                              : IPD_INK_TEXT,
                          fresh ? IPD_BOLD : 0, text);
}

/* Writes a fraction of a norm in percent, or as a multiple ("12.3 x") above 999.95%. */
static void put_percent(ipd_canvas *c, int x, int y, int width, double share)
{
    double percent = 100 * share;
    char text[32] = "–";

    if (percent > 0 && percent < 0.005)
        snprintf(text, sizeof text, "<0.01%%");
    else if (percent < 999.95)
        snprintf(text, sizeof text, "%.*f%%", percent < 9.995 ? 2 : 1, percent);
    else if (share < 9999.5)
        snprintf(text, sizeof text, "%.*f x", share < 99.95 ? 1 : 0, share);
    else if (!isnan(share))
        snprintf(text, sizeof text, isinf(share) ? "inf" : "%.0e x", share);
    ipd_canvas_text_right(c, x, y, width, isnan(share) ? IPD_INK_FAINT : IPD_INK_TEXT, 0, text);
}

static void put_time(ipd_canvas *c, int x, int y, int width, double seconds)
{
    char text[32] = "–";

    if (isfinite(seconds) && seconds < 0.9995)
        snprintf(text, sizeof text, "%.*f ms",
                 seconds < 0.00995  ? 2
                 : seconds < 0.0995 ? 1
                                    : 0,
                 seconds * 1e3);
    else if (isfinite(seconds))
        snprintf(text, sizeof text, "%.2f s", seconds);
    ipd_canvas_text_right(c, x, y, width, isnan(seconds) ? IPD_INK_FAINT : IPD_INK_TEXT, 0, text);
}

static void draw_cell(ipd_model *m, ipd_canvas *c, int column, int l, int x, int y, int width)
{
    static const char kinds[] = "zWa";
    const ipd_record *last = ipd_model_last(m);
    char text[24];

    if (column <= 1) {
        snprintf(text, sizeof text, "%zu", column ? m->widths[l] : (size_t)l);
        ipd_canvas_text_right(c, x, y, width, column ? IPD_INK_TEXT : IPD_INK_KEY, 0, text);
    } else if (column < CHANGES) {
        double gap = !last            ? NAN
                     : column == GAPS ? last->linear_gap_by_layer[l]
                                      : last->activation_gap_by_layer[l];
        put_number(c, x, y, width, gap, 0, 0);
    } else if (column < SHARES) {
        ipd_block_kind kind = (ipd_block_kind)kinds[column - CHANGES];
        int none = kind == IPD_A && l == m->L;
        block_value v = none ? (block_value){NAN, NAN, 0} : value_of(m, kind, l);
        put_number(c, x, y, width, v.change, 1, v.fresh);
        if (!none && m->place.block.kind == kind && m->place.block.layer == l &&
            m->status == IPD_PAUSED)
            ipd_canvas_put(c, x, y, c->charset == IPD_ASCII ? '>' : 0x25B6, IPD_INK_KEY, IPD_BOLD);
    } else if (column < TIME) {
        const double *shares = !last ? NULL : column == SHARES ? last->moved_W : last->forward_gap;
        put_percent(c, x, y, width, shares ? shares[l] : NAN);
    } else {
        double seconds = value_of(m, IPD_Z, l).seconds + value_of(m, IPD_W, l).seconds;
        put_time(c, x, y, width, l < m->L ? seconds + value_of(m, IPD_A, l).seconds : seconds);
    }
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area inside)
{
    int x = inside.x, extra = 0, shown, is_shown[COLUMNS];

    if (!m->has_run)
        return;
    int needed = choose_columns(inside.width, is_shown, &shown);
    /* Spare columns widen the table, but not so much that a row is hard to follow. */
    extra = shown ? (inside.width - needed) / shown : 0;
    extra = extra > 5 ? 5 : extra;
    for (int i = 0; i < COLUMNS; i++) {
        int width = columns[i].width + (i ? extra : 0);
        if (!is_shown[i])
            continue;
        ipd_canvas_text_right(c, x, inside.y, width, IPD_INK_FAINT, 0, columns[i].head);
        for (int l = 1; l <= m->L && l < inside.height; l++)
            draw_cell(m, c, i, l, x + (i >= CHANGES), inside.y + l, width - (i >= CHANGES));
        x += width;
    }
    if (m->L > inside.height - 1 && inside.height > 2) {
        int y = inside.y + inside.height - 1;
        ipd_canvas_clear(c, (ipd_area){inside.x, y, inside.width, 1});
        ipd_canvas_textf(c, inside.x + 1, y, inside.width - 1, IPD_INK_FAINT, 0, "… %d more layers",
                         m->L - inside.height + 2);
    }
}

const ipd_view ipd_view_layers = {
    .name = "layers", .framed = 1, .title = title, .rows = rows, .draw = draw};
