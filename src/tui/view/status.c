/* status.c - one line: the state of the run, its place, its latest numbers. */
#include "base/machine.h"
#include "base/text.h"
#include "plot/glyph.h"
#include "plot/scale.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_PARTS = 16 };

/* A part of the line, with a long and a short name. */
typedef struct part {
    char name[16], short_name[16], value[80], unit[12];
    ipd_ink ink;
} part;

static void add(part *parts, int *count, const char *name, const char *short_name, ipd_ink ink,
                const char *value, const char *unit)
{
    part *p = &parts[(*count)++];

    snprintf(p->name, sizeof p->name, "%s", name);
    snprintf(p->short_name, sizeof p->short_name, "%s", short_name);
    snprintf(p->value, sizeof p->value, "%.79s", value);
    snprintf(p->unit, sizeof p->unit, "%s", unit);
    p->ink = ink;
}

static void add_number(part *parts, int *count, const char *name, double value, int digits)
{
    char text[32];

    ipd_short_number(text, sizeof text, value, digits);
    add(parts, count, name, name, IPD_INK_TEXT, text, "");
}

/* Adds an accuracy in percent, or R². */
static void add_share(const ipd_model *m, part *parts, int *count, const char *name, ipd_ink ink,
                      double fraction)
{
    char text[32] = "–";

    if (m->data && m->data->values) {
        if (isfinite(fraction))
            snprintf(text, sizeof text, "R² %.3f", fraction);
        add(parts, count, name, name, ink, text, "");
        return;
    }
    if (isfinite(fraction))
        snprintf(text, sizeof text, "%.1f", fraction * 100);
    add(parts, count, name, name, ink, text, isfinite(fraction) ? "%" : "");
}

static void add_place(part *parts, int *count, const ipd_model *m)
{
    char text[48], block[8];

    ipd_block_text(m->place.block, block);
    if (!*block)
        snprintf(block, sizeof block, "end");
    if (m->place.batches > 1)
        snprintf(text, sizeof text, "%s %*d/%d", block, m->place.batches > 99 ? 3 : 2,
                 m->place.batch, m->place.batches);
    else
        snprintf(text, sizeof text, "%s", block);
    add(parts, count, "next", "", IPD_INK_TEXT, text, "");
}

static void add_duration(part *parts, int *count, const char *name, const char *brief,
                         double seconds, const char *unit)
{
    char text[16];

    if (!(seconds >= 0 && isfinite(seconds)))
        return;
    if (seconds < 0.1)
        snprintf(text, sizeof text, "%.*fms", seconds < 0.01, 1e3 * seconds);
    else
        ipd_text_duration(text, sizeof text, seconds);
    add(parts, count, name, brief, IPD_INK_TEXT, text, unit);
}

/* The time in seconds that the iterations to go will take if each takes as long as the last one; of
 * the present iteration only the batches that are left count. NaN if it is unknown. */
static double time_left(const ipd_model *m, const ipd_record *last)
{
    const ipd_place *at = &m->place;
    double gone = at->batches > 1 ? (double)(at->batch - 1) / at->batches : 0;

    return m->left > 0 && last ? ((double)m->left - gone) * last->seconds : NAN;
}

/* Adds the time trained, the time per iteration, the rate, memory and cores. */
static void add_cost(ipd_model *m, part *parts, int *count, const ipd_record *last)
{
    const ipd_column *each = ipd_model_values(m, "seconds", NULL, 0);
    const ipd_column *sum = each ? ipd_columns_derive(each, IPD_SUM, 0, m->records.count) : NULL;
    char text[32];

    if (sum)
        add_duration(parts, count, "trained", "in", sum->array[m->records.count - 1], "");
    add_duration(parts, count, "", "", last->seconds, "/it");
    if (last->seconds > 0 && isfinite(last->gflop)) {
        ipd_short_number(text, sizeof text, last->gflop / last->seconds, 2);
        add(parts, count, "", "", IPD_INK_TEXT, text, " Gflop/s");
    }
    if (m->memory > 0) {
        ipd_machine_bytes(text, sizeof text, m->memory);
        add(parts, count, "memory", "", IPD_INK_TEXT, text, "");
    }
    if (m->cores > 0) {
        snprintf(text, sizeof text, "%d", m->cores);
        add(parts, count, "cores", "cores", IPD_INK_TEXT, text, "");
    }
}

/* Lists the parts by importance, since those that do not fit are dropped from the end. Returns
 * their number. */
static int make_parts(ipd_model *m, part *parts)
{
    static const ipd_ink inks[] = {[IPD_PAUSED] = IPD_INK_WARNING,
                                   [IPD_RUNNING] = IPD_INK_GOOD,
                                   [IPD_DIVERGED] = IPD_INK_BAD,
                                   [IPD_FAILED] = IPD_INK_BAD};
    const ipd_record *last = ipd_model_last(m);
    char text[320];
    int count = 0;

    if (!m->has_run) {
        add(parts, &count, "", "", IPD_INK_WARNING, m->lua_busy ? "Lua is at work" : "no run", "");
        return count;
    }
    snprintf(text, sizeof text, "%s %s",
             m->status == IPD_RUNNING  ? "▶"
             : m->status == IPD_PAUSED ? "●"
                                       : "!",
             m->status_text);
    add(parts, &count, "", "", inks[m->status], text, "");
    snprintf(text, sizeof text, "%d", last ? last->iteration : 0);
    add(parts, &count, "iteration", "it", IPD_INK_TEXT, text, "");
    if (m->steps_waiting) {
        snprintf(text, sizeof text, "(+%d to do)", m->steps_waiting);
        add(parts, &count, "", "", IPD_INK_WARNING, text, "");
    }
    if (m->status == IPD_PAUSED || m->status == IPD_RUNNING)
        add_place(parts, &count, m);
    add_duration(parts, &count, "to go", "to go", time_left(m, last), "");
    if (!last) {
        if (ipd_model_has_blocks(m->settings.method))
            add_number(parts, &count, "ρ", m->settings.rho, 3);
        return count;
    }
    if (ipd_model_has_blocks(last->method))
        add_number(parts, &count, "Φ", last->phi, 4);
    else
        add_number(parts, &count, "loss", last->forward_loss, 4);
    if (!isnan(last->validation_accuracy))
        add_share(m, parts, &count, "validation", IPD_INK_SERIES_1 + 3, last->validation_accuracy);
    add_share(m, parts, &count, "test", IPD_INK_SERIES_1 + 2, last->test_accuracy);
    add_share(m, parts, &count, "train", IPD_INK_SERIES_1 + 1, last->train_accuracy);
    if (ipd_model_has_blocks(m->settings.method))
        add_number(parts, &count, "ρ", m->settings.rho, 3);
    add_cost(m, parts, &count, last);
    return count;
}

static int columns_of(const part *p, int brief, int ascii)
{
    const char *name = brief ? p->short_name : p->name;

    return ipd_text_columns(name, ascii) + (*name ? 1 : 0) + ipd_text_columns(p->value, ascii) +
           ipd_text_columns(p->unit, ascii);
}

static int columns_of_all(const part *parts, int count, int brief, int gap, int ascii)
{
    int columns = 1;

    for (int i = 0; i < count; i++)
        columns += columns_of(&parts[i], brief, ascii) + (i ? gap : 0);
    return columns;
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area inside)
{
    part parts[MAX_PARTS];
    int ascii = c->charset == IPD_ASCII, count = make_parts(m, parts), x = inside.x + 1;
    int end = inside.x + inside.width;
    int brief = columns_of_all(parts, count, 0, 3, ascii) > inside.width;
    int gap = columns_of_all(parts, count, brief, 3, ascii) > inside.width ? 2 : 3;

    while (count > 1 && columns_of_all(parts, count, brief, gap, ascii) > inside.width)
        count--;
    for (int i = 0; i < count; i++) {
        const char *name = brief ? parts[i].short_name : parts[i].name;
        if (*name)
            x += ipd_canvas_text(c, x, inside.y, end - x, IPD_INK_FAINT, 0, name) + 1;
        x += ipd_canvas_text(c, x, inside.y, end - x, parts[i].ink, IPD_BOLD, parts[i].value);
        x += ipd_canvas_text(c, x, inside.y, end - x, IPD_INK_FAINT, 0, parts[i].unit) + gap;
    }
}

const ipd_view ipd_view_status = {.name = "status", .draw = draw};
