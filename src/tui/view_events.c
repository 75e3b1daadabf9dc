/* view_events.c - the run's log: what was changed, and what the audit found, with places; the numbers are those of
 * the marks in the charts. Newest first. */
#include "plot/glyph.h"
#include "tui/marks.h"
#include "tui/view.h"

#include <stdio.h>

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    (void)width;
    snprintf(to, size, m->log_count ? "events · %zu" : "events", m->log_count);
}

static int selected(const ipd_model *m)
{
    int most = (int)m->log_count - 1;
    return m->event_selected > most ? most : m->event_selected < 0 ? 0 : m->event_selected;
}

/* The number of the mark that an entry is part of, "" for none. */
static const char *mark_of(const ipd_mark *marks, int count, size_t entry)
{
    for (int i = 0; i < count; i++)
        if (entry >= marks[i].first && entry <= marks[i].last)
            return marks[i].name;
    return "";
}

/* "141, batch 117/118, before W3", shorter than elsewhere: the rows stand below each other. */
static void place_text(const ipd_place *at, char *to, size_t size)
{
    char block[8], batch[48] = "";

    ipd_block_text(at->block, block);
    if (at->batches > 1)
        snprintf(batch, sizeof batch, ", batch %d/%d", at->batch, at->batches);
    snprintf(to, size, "%5d%s, %s%s", at->iteration, batch, *block ? "before " : "end", block);
}

static void draw_entry(ipd_model *m, ipd_canvas *c, ipd_area row, size_t index, const char *mark,
                       int chosen)
{
    const ipd_log_entry *entry = m->log(m->source, index);
    int changed = ipd_mark_counts(m, entry), end = row.x + row.width;
    char place[80];

    place_text(&entry->place, place, sizeof place);
    ipd_canvas_text_right(c, row.x, row.y, 3, IPD_INK_WARNING, IPD_BOLD, changed ? mark : "");
    int x = row.x + 4, wide = row.width >= 60 ? 32 : 0;
    if (wide) {
        ipd_canvas_text(c, x, row.y, wide - 1, IPD_INK_FAINT, 0, place);
        x += wide;
    } else {
        char text[16];
        snprintf(text, sizeof text, "%d", entry->place.iteration);
        ipd_canvas_text_right(c, x, row.y, 5, IPD_INK_FAINT, 0, text);
        x += 6;
    }
    int columns = ipd_text_columns(entry->text, c->charset == IPD_ASCII);
    ipd_canvas_text(c, x, row.y, end - x, changed ? IPD_INK_TEXT : IPD_INK_BAD,
                    chosen ? IPD_REVERSE : 0, entry->text);
    if (columns > end - x && end - x > 3)
        ipd_canvas_text_right(c, x, row.y, end - x, IPD_INK_FAINT, 0, "…");
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    ipd_mark marks[IPD_MAX_MARKS];
    int count = ipd_marks_of(m, marks), at = selected(m), focused = m->focus == &ipd_view_events;
    int first = focused && at >= in.height ? at - in.height + 1 : 0;

    if (!m->log_count) {
        ipd_canvas_text(c, in.x + 1, in.y, in.width - 1, IPD_INK_FAINT, 0,
                        "nothing was changed yet: run:set{ delta = 0.3 }");
        return;
    }
    for (int i = 0; i < in.height && (size_t)(first + i) < m->log_count; i++) {
        size_t index = m->log_count - 1 - (size_t)(first + i);
        draw_entry(m, c, (ipd_area){in.x, in.y + i, in.width, 1}, index,
                   mark_of(marks, count, index), focused && first + i == at);
    }
}

/* In which an event took place, counted from the newest. */
static int iteration_of(const ipd_model *m, int event)
{
    return m->log(m->source, m->log_count - 1 - (size_t)event)->place.iteration;
}

static int key(ipd_model *m, int code)
{
    if (!m->log_count)
        return 0;
    int at = selected(m);
    switch (code) {
    case IPD_KEY_UP:
    case IPD_KEY_DOWN:
        m->event_selected = at + (code == IPD_KEY_DOWN ? 1 : -1);
        m->event_selected = selected(m);
        return 1;
    case IPD_KEY_ENTER:
        m->chart.cursor = iteration_of(m, at);
        return 1;
    case 'R':
        ipd_model_rewind(m, iteration_of(m, at) - 1);
        return 1;
    case 'B':
        ipd_model_branch(m, iteration_of(m, at) - 1);
        return 1;
    default:
        return 0;
    }
}

static int mouse(ipd_model *m, const ipd_mouse *e, ipd_area in)
{
    if (e->kind == IPD_MOUSE_WHEEL_UP || e->kind == IPD_MOUSE_WHEEL_DOWN)
        return key(m, e->kind == IPD_MOUSE_WHEEL_UP ? IPD_KEY_UP : IPD_KEY_DOWN);
    if (e->kind != IPD_MOUSE_PRESS || !m->log_count)
        return 0;
    m->event_selected = e->y - in.y;
    m->event_selected = selected(m);
    return 1;
}

const ipd_view ipd_view_events = {
    .name = "events", .framed = 1, .title = title, .draw = draw, .key = key, .mouse = mouse};
