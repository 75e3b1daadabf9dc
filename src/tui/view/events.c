/* events.c - the run's log, newest first: changes, numbered as the marks in the charts, and
 * findings of the audit, with their places. Events are counted from 0 for the newest. */
#include "base/text.h"
#include "plot/glyph.h"
#include "tui/view/marks.h"
#include "tui/view/view.h"

#include <stdio.h>
#include <string.h>

enum { HANG = 2 };

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    (void)width;
    snprintf(to, size, m->log_count ? "events · %zu" : "events", m->log_count);
}

static int selected(const ipd_model *m)
{
    int max = (int)m->log_count - 1;
    return m->event_selected > max ? max : m->event_selected < 0 ? 0 : m->event_selected;
}

/* The name of the mark that contains an entry of the log; "" if there is none. */
static const char *mark_of(const ipd_mark *marks, int count, size_t entry)
{
    for (int i = 0; i < count; i++)
        if (entry >= marks[i].first && entry <= marks[i].last)
            return marks[i].name;
    return "";
}

/* Writes a place in a short form: "141, batch 117/118, before W3". */
static void place_text(const ipd_place *at, char *to, size_t size)
{
    char block[8], batch[48] = "";

    ipd_block_text(at->block, block);
    if (at->batches > 1)
        snprintf(batch, sizeof batch, ", batch %d/%d", at->batch, at->batches);
    snprintf(to, size, "%5d%s, %s%s", at->iteration, batch, *block ? "before " : "end", block);
}

/* The columns before the text of an entry: for the mark and the place, or only its iteration. */
static int text_column(int width)
{
    return width >= 60 ? 36 : 10;
}

static ipd_text_rows rows_in(const ipd_model *m, const ipd_log_entry *entry, int width)
{
    int columns = width - text_column(width);

    columns = columns > 8 ? columns : 8;
    return (ipd_text_rows){.text = entry->text,
                           .length = strlen(entry->text),
                           .first = columns,
                           .rest = columns > 16 ? columns - HANG : columns,
                           .columns = m->ascii ? ipd_glyph_columns_ascii : ipd_glyph_columns};
}

static const ipd_log_entry *entry_of(const ipd_model *m, int event)
{
    return m->log(m->source, m->log_count - 1 - (size_t)event);
}

static int rows_of(const ipd_model *m, int event, int width)
{
    ipd_text_rows rows = rows_in(m, entry_of(m, event), width);
    const char *row;
    size_t bytes;

    while (ipd_text_next_row(&rows, &row, &bytes))
        ;
    return rows.row - 1;
}

/* The first event to draw, such that the selected one is visible as a whole. */
static int first_of(const ipd_model *m, ipd_area in)
{
    int at = selected(m), first = at, used;

    if (m->focus != &ipd_view_events)
        return 0;
    for (used = rows_of(m, at, in.width); first > 0; first--) {
        used += rows_of(m, first - 1, in.width);
        if (used > in.height)
            break;
    }
    return first;
}

/* Draws an entry, cut to the rows of the area; returns its rows. */
static int draw_entry(ipd_model *m, ipd_canvas *c, ipd_area in, int event, const char *mark,
                      int chosen)
{
    const ipd_log_entry *entry = entry_of(m, event);
    ipd_text_rows rows = rows_in(m, entry, in.width);
    int changed = ipd_change_counts(&m->settings, entry), x = in.x + text_column(in.width),
        count = 0;
    char text[IPD_LOG_TEXT + 1], place[80];
    const char *row;
    size_t bytes;

    ipd_canvas_text_right(c, in.x, in.y, 3, IPD_INK_WARNING, IPD_BOLD, changed ? mark : "");
    place_text(&entry->place, place, sizeof place);
    snprintf(text, sizeof text, "%d", entry->place.iteration);
    if (text_column(in.width) > 10)
        ipd_canvas_text(c, in.x + 4, in.y, 31, IPD_INK_FAINT, 0, place);
    else
        ipd_canvas_text_right(c, in.x + 4, in.y, 5, IPD_INK_FAINT, 0, text);
    for (; count < in.height && ipd_text_next_row(&rows, &row, &bytes); count++) {
        snprintf(text, sizeof text, "%.*s", (int)bytes, row);
        ipd_canvas_text(c, x + (count && rows.rest < rows.first ? HANG : 0), in.y + count,
                        rows.first, changed ? IPD_INK_TEXT : IPD_INK_BAD, chosen ? IPD_REVERSE : 0,
                        text);
    }
    return count;
}

/* 1 if the run's method uses the setting. */
static int uses(const ipd_model *m, const char *name)
{
    return !m->has_run || ipd_settings_use(&m->settings, ipd_setting_find(name));
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    ipd_mark marks[IPD_MAX_MARKS];
    int count = ipd_marks_of(m, marks), focused = m->focus == &ipd_view_events;
    ipd_area at = in;

    if (!m->log_count) {
        ipd_view_say(c, in,
                     uses(m, "delta") ? "no changes yet. Type run:set{ delta = 0.3 }"
                     : uses(m, "lr")  ? "no changes yet. Type run:set{ lr = 0.01 }"
                                      : "no changes yet. Type run:set{ rho = 2 }");
        return;
    }
    m->event_top = first_of(m, in);
    for (int i = m->event_top; at.height > 0 && (size_t)i < m->log_count; i++) {
        size_t index = m->log_count - 1 - (size_t)i;
        int rows =
            draw_entry(m, c, at, i, mark_of(marks, count, index), focused && i == selected(m));
        at.y += rows;
        at.height -= rows;
    }
}

static int iteration_of(const ipd_model *m, int event)
{
    return entry_of(m, event)->place.iteration;
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
    if (e->kind != IPD_MOUSE_PRESS || !m->log_count)
        return 0;
    int i = m->event_top;
    for (int y = in.y; (size_t)i + 1 < m->log_count; i++)
        if ((y += rows_of(m, i, in.width)) > e->y)
            break;
    m->event_selected = i;
    return 1;
}

const ipd_view ipd_view_events = {.name = "events",
                                  .framed = 1,
                                  .title = title,
                                  .draw = draw,
                                  .key = key,
                                  .wheel = {IPD_KEY_UP, IPD_KEY_DOWN},
                                  .mouse = mouse};
