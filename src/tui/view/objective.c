/* objective.c - the objective by iteration and its parts; what to do next if there are no
 * records. */
#include "plot/glyph.h"
#include "tui/model/keys.h"
#include "tui/view/curves.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BIT = 1 << 0, ROOM_FOR_PARTS = 12 };

/* 1 if the newest records of all runs in the charts have Phi. The classical optimizers have none;
 * if one of them is in the charts, all runs show the loss of the forward pass instead. */
static int shows_phi(const ipd_model *m)
{
    const ipd_record *last = ipd_model_last(m);
    int phi = last ? !isnan(last->phi) : ipd_model_has_blocks(m->settings.method);

    for (int i = 0; i < m->overlays.count && ipd_model_has_overlays(m); i++) {
        const ipd_overlay *o = &m->overlays.items[i];
        size_t count = o->records.count;
        phi = phi && (!count || !isnan(ipd_records_number(&o->records, "phi", count - 1)));
    }
    return phi;
}

/* Writes "objective Φ · digits-300-ipdlam-1 · digits 784-300-10", or less of it if that does not
 * fit. */
static void title(const ipd_model *m, int width, char *to, size_t size)
{
    char shape[128] = "", name[IPD_RUN_NAME + 4];
    size_t used = 0;

    if (!m->has_run) {
        snprintf(to, size, "objective Φ");
        return;
    }
    int phi = shows_phi(m);
    const char *what = phi ? "Φ" : "loss";
    for (int l = 0; l <= m->L && used < sizeof shape - 24; l++)
        used += (size_t)snprintf(shape + used, sizeof shape - used, "%s%zu", l ? "-" : "",
                                 m->widths[l]);
    snprintf(to, size, "%s · %s · %s %s", phi ? "objective Φ" : "forward loss", m->run_name,
             m->dataset, shape);
    if (ipd_text_columns(to, 0) > width)
        snprintf(to, size, "%s · %s · %s %s", what, m->run_name, m->dataset, shape);
    if (ipd_text_columns(to, 0) > width) /* the shape is never cut */
        snprintf(to, size, "%s · %s · %s", what, m->run_name, m->dataset);
    if (ipd_text_columns(to, 0) > width) {
        ipd_text_middle(name, sizeof name, m->run_name, width - 3 - ipd_text_columns(what, 0), 0);
        snprintf(to, size, "%s · %s", what, name);
    }
}

/* Reads a gap times rho/2. */
static void weighted(const void *records, int column, size_t from, size_t count, double *to)
{
    double rho[IPD_SUMMARY_BLOCK];

    ipd_records_read(records, column, from, count, to);
    ipd_records_read(records, ipd_records_column(records, ipd_field_find("rho"), 0), from, count,
                     rho);
    for (size_t i = 0; i < count; i++)
        to[i] *= rho[i] / 2;
}

/* Adds the parts of the objective that are above 0 in some iteration. */
static void add_parts(ipd_model *m, ipd_curves *c)
{
    static const struct {
        const char *name, *field;
        ipd_read_fn *value;
    } parts[] = {{"loss", "loss", NULL},
                 {"½ρ linear gap", "linear_gap", weighted},
                 {"½ρ activation gap", "activation_gap", weighted},
                 {"regularizer", "regularizer", NULL}};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (ipd_model_extremes(m, parts[i].field, parts[i].value, 0).max > 0) {
            ipd_curves_add(c, parts[i].name, parts[i].field, 0);
            c->list[c->count - 1].value = parts[i].value;
        }
    }
}

/* Fills *c. A run that changed its method has a curve of Phi and one of the loss, one after the
 * other; beside other runs it has the curve that all runs have. */
static void make(ipd_model *m, ipd_area inside, ipd_curves *c)
{
    int others = ipd_model_has_overlays(m), all = shows_phi(m);
    int roomy = inside.height >= ROOM_FOR_PARTS && inside.width >= 50 && !others;
    int parts = m->chart.parts > 0 || (m->chart.parts == 0 && roomy);

    *c = (ipd_curves){.y_kind = IPD_LOG, .bit = BIT, .compared = 1};
    ipd_extremes e = ipd_model_extremes(m, "phi", NULL, 0);
    int with = others ? all : e.min <= e.max || e.up || e.down;
    if (with) {
        ipd_curves_add(c, "Φ", "phi", 0);
        c->list[0].past = !all;
    }
    if (with && parts)
        add_parts(m, c);
    if (!with || (e.holes && !others))
        ipd_curves_add(c, "forward loss", "forward_loss", 0);
    for (int i = 1; i < c->count && !all; i++)
        c->list[i].past = strcmp(c->list[i].name, "forward loss") != 0;
    c->legend_inside = c->count > 1 || m->chart.cursor > 0 || m->overlays.count > 0;
}

/* Draws the progress of the first iteration, which takes long on large data. */
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

/* 1 if Phi and the loss were due, but all their values are NaN: the run has diverged. */
static int is_lost(ipd_model *m)
{
    const ipd_record *last = ipd_model_last(m);
    int every = m->settings.metrics_every;
    ipd_extremes phi = ipd_model_extremes(m, "phi", NULL, 0),
                 loss = ipd_model_extremes(m, "forward_loss", NULL, 0);

    return last && (every < 2 || last->iteration % every == 0) && phi.min > phi.max && !phi.up &&
           !phi.down && loss.min > loss.max && !loss.up && !loss.down;
}

enum { HINTS = 6 }; /* maximum number of lines */

/* Returns "F5 runs", with the key or else the Lua of the action. Each number has its own buffer. */
static const char *with_key(int number, ipd_action action, const char *lua, const char *does)
{
    static char texts[3][64];

    snprintf(texts[number], sizeof texts[0], "%s %s", ipd_key_or(action, lua), does);
    return texts[number];
}

/* Lists what to do next if there is no value yet. Returns the number of lines. */
static int hints(const ipd_model *m, const char *lines[HINTS])
{
    int blocks = m->has_run && ipd_model_has_blocks(m->settings.method);

    if (!m->has_run && m->lua_busy) {
        lines[0] = "no run yet: Lua is at work";
        lines[1] = "C-c stops it";
        return 2;
    }
    if (!m->has_run) {
        lines[0] = "no run: type";
        lines[1] = "run = ip.run{ data = \"digits\" }";
        lines[2] = "add preset = \"fast\" to learn fast";
        return 3;
    }
    if (m->status == IPD_DIVERGED || m->records.count) {
        lines[0] =
            m->records.count ? "diverged: the loss is not a number" : "diverged in iteration 1";
        lines[1] = m->records.count > 1
                       ? "run:rewind(0) goes back to the start"
                       : with_key(1, IPD_ACT_REWIND, "run:rewind(-1)", "goes back to the start");
        lines[2] = with_key(2, IPD_ACT_SETTINGS, "run:set{ }",
                            blocks ? "changes inertia and delta" : "changes lr");
        return 3;
    }
    if (m->status == IPD_FAILED) {
        lines[0] = m->status_text;
        lines[1] = with_key(1, IPD_ACT_REWIND, "run:rewind(-1)", "goes back to the start");
        return 2;
    }
    lines[0] = with_key(0, IPD_ACT_RUN, "run:start()", "runs");
    lines[1] = with_key(1, IPD_ACT_ITERATION, "run:step()", "does one iteration");
    lines[2] = with_key(2, IPD_ACT_BLOCK, "run:step_block()", "does one block");
    if (strcmp(m->settings.preset, "default"))
        return 3;
    lines[3] = "";
    lines[4] = "add preset = \"fast\" to ip.run{ }";
    lines[5] = "to learn about as fast as Adam";
    return HINTS;
}

/* Draws the hints in the middle, or at the bottom if other runs have curves above. */
static void draw_hints(const ipd_model *m, ipd_canvas *c, ipd_area inside, int below)
{
    const char *lines[HINTS];
    int all = hints(m, lines), count = all < inside.height ? all : inside.height, width = 0;

    for (int i = 0; i < count; i++)
        width = (int)fmax(width, ipd_text_columns(lines[i], c->charset == IPD_ASCII));
    int x = inside.width > width ? (inside.width - width) / 2 : 0;
    int y = below ? inside.height - count : (inside.height - count + 1) / 2;
    for (int i = 0; i < count; i++)
        ipd_canvas_text(c, inside.x + x, inside.y + y + i, inside.width - x,
                        i == 0 && (m->status >= IPD_DIVERGED || m->records.count) ? IPD_INK_BAD
                                                                                  : IPD_INK_FAINT,
                        0, lines[i]);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area inside)
{
    const char *lines[HINTS];
    ipd_curves curves;
    int others = ipd_model_has_overlays(m);

    int lost = is_lost(m), points = !lost && (m->records.count || m->batches.count);

    if (points || (others && inside.height > 12)) {
        ipd_area chart = inside;
        chart.height -= points ? 0 : hints(m, lines);
        make(m, chart, &curves);
        ipd_curves_draw(m, c, chart, &curves);
        if (points)
            return;
    }
    if (m->has_run && m->status == IPD_RUNNING && !others && !lost)
        draw_first(m, c, inside);
    else
        draw_hints(m, c, inside, others && inside.height > 12);
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
                                     .wheel = {'+', '-'},
                                     .mouse = mouse};
