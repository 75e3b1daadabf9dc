/* view_objective.c - the penalty objective by iteration and its parts, on a log axis. */
#include "plot/glyph.h"
#include "tui/curves.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BIT = 1 << 0, ROOM_FOR_PARTS = 12 };

/* "objective Φ · run 1 · digits 784-300-10", or less where that does not fit. */
static void title(const ipd_model *m, int width, char *to, size_t size)
{
    char shape[128] = "";
    size_t used = 0;

    for (int l = 0; m->has_run && l <= m->L && used < sizeof shape - 24; l++)
        used += (size_t)snprintf(shape + used, sizeof shape - used, "%s%zu", l ? "-" : "",
                                 m->widths[l]);
    snprintf(to, size, "objective Φ · %s · %s %s", m->run_name, m->dataset, shape);
    if (!m->has_run)
        snprintf(to, size, "objective Φ");
    else if (ipd_text_columns(to, 0) > width)
        snprintf(to, size, "Φ · %s · %s %s", m->run_name, m->dataset, shape);
    if (m->has_run && ipd_text_columns(to, 0) > width) /* half a shape would be another one */
        snprintf(to, size, "Φ · %s · %s", m->run_name, m->dataset);
}

static double linear_part(const ipd_record *r, int index)
{
    (void)index;
    return r->rho / 2 * r->linear_gap;
}

static double activation_part(const ipd_record *r, int index)
{
    (void)index;
    return r->rho / 2 * r->activation_gap;
}

static ipd_extremes extremes(const ipd_column *c, size_t count)
{
    return ipd_extremes_of(c->values, &c->summary, 0, count);
}

/* The parts that are somewhere more than nothing. */
static void add_parts(ipd_model *m, ipd_curves *c)
{
    static const struct {
        const char *name, *field;
        ipd_value_fn *value;
    } parts[] = {{"loss", "loss", NULL},
                 {"½ρ linear gap", NULL, linear_part},
                 {"½ρ activation gap", NULL, activation_part},
                 {"regularizer", "regularizer", NULL}};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const ipd_column *column = ipd_model_values(m, parts[i].field, parts[i].value, 0);
        if (column && extremes(column, m->record_count).most > 0) {
            ipd_curves_add(c, parts[i].name, parts[i].field, 0);
            c->list[c->count - 1].value = parts[i].value;
        }
    }
}

/* The classical optimizers have no Phi: their records are shown by the loss of the forward pass. */
static void make(ipd_model *m, ipd_area inside, ipd_curves *c)
{
    const ipd_column *phi = ipd_model_values(m, "phi", NULL, 0);
    int others = m->overlays.count > 0 && !m->chart.without_overlays;
    int roomy = inside.height >= ROOM_FOR_PARTS && inside.width >= 50 && !others;
    int parts = m->chart.parts > 0 || (m->chart.parts == 0 && roomy);

    *c = (ipd_curves){.y_kind = IPD_LOG, .bit = BIT, .compared = 1};
    if (!phi)
        return;
    ipd_extremes e = extremes(phi, m->record_count);
    int with = e.least <= e.most || e.up || e.down;
    if (with)
        ipd_curves_add(c, "Φ", "phi", 0);
    if (with && parts)
        add_parts(m, c);
    if (e.holes || !with) /* the classical optimizers have no Phi */
        ipd_curves_add(c, "forward loss", "forward_loss", 0);
    c->legend_inside = c->count > 1 || m->chart.cursor > 0 || m->overlays.count > 0;
}

/* The first iteration of much data takes a while: how far it is. */
static void draw_first(const ipd_model *m, ipd_canvas *c, ipd_area in)
{
    const ipd_place *at = &m->place;
    int width = in.width > 34 ? 30 : in.width - 4, x = in.x + (in.width - width) / 2;
    int y = in.y + in.height / 2 - 1, index = 0, ascii = c->charset == IPD_ASCII;
    char block[8];

    while (index < m->order.count && memcmp(&m->order.blocks[index], &at->block, sizeof at->block))
        index++;
    double part = m->order.count ? (double)index / m->order.count : 0;
    double share = at->batches ? (at->batch - 1 + part) / at->batches : 0;
    ipd_block_text(at->block, block);
    ipd_canvas_text(c, x, y, width, IPD_INK_FAINT, 0, "the first iteration");
    for (int i = 0; i < width; i++)
        ipd_canvas_put(c, x + i, y + 1,
                       i < share * width ? (ascii ? '#' : 0x2584)
                       : ascii           ? '.'
                                         : 0x2500,
                       i < share * width ? IPD_INK_SERIES_1 : IPD_INK_FRAME, 0);
    if (at->batches > 1)
        ipd_canvas_textf(c, x, y + 2, width, IPD_INK_FAINT, 0, "batch %d of %d, %s", at->batch,
                         at->batches, block);
    else
        ipd_canvas_textf(c, x, y + 2, width, IPD_INK_FAINT, 0, "block %s", block);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area inside)
{
    ipd_curves curves;

    if (m->record_count) {
        make(m, inside, &curves);
        ipd_curves_draw(m, c, inside, &curves);
        return;
    }
    if (m->has_run && m->status == IPD_RUNNING) {
        draw_first(m, c, inside);
        return;
    }
    static const char *const ready[] = {"F5 runs", "F10 does one iteration", "F11 does one block"};
    static const char *const empty[] = {"no run: type", "run = ip.run{ data = \"digits\" }", ""};
    for (int i = 0; i < 3; i++) {
        const char *text = m->has_run ? ready[i] : empty[i];
        int x = inside.width > 30 ? (inside.width - 30) / 2 : 0;
        ipd_canvas_text(c, inside.x + x, inside.y + inside.height / 2 - 1 + i, inside.width - x,
                        IPD_INK_FAINT, 0, text);
    }
}

static int key(ipd_model *m, int code)
{
    return ipd_curves_key(m, code, BIT);
}

static int mouse(ipd_model *m, const ipd_mouse *e, ipd_area inside)
{
    ipd_curves curves;

    make(m, inside, &curves);
    return ipd_curves_mouse(m, e, inside, &curves);
}

const ipd_view ipd_view_objective = {.name = "objective",
                                     .context = "chart",
                                     .framed = 1,
                                     .title = title,
                                     .draw = draw,
                                     .key = key,
                                     .mouse = mouse};
