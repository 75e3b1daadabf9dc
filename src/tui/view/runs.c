/* runs.c - the table of runs: those of the session and of the history. */
#include "plot/glyph.h"
#include "plot/scale.h"
#include "tui/view/field.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    NUMBER,
    NAME_COLUMN,
    TEST,
    ITERATIONS,
    PHI,
    STATUS,
    BEST,
    RMSE,
    NETWORK,
    DATA,
    TAGS_COLUMN,
    COLUMNS
};

enum { MARK = 2 }; /* columns before the number */

/* By importance: the last columns are dropped if there is no room. RMSE is for runs with R^2. */
static const struct {
    const char *head;
    int width, right;
} columns[COLUMNS] = {[NUMBER] = {"#", 6, 1},         [NAME_COLUMN] = {"name", 14, 0},
                      [TEST] = {"test", 8, 1},        [ITERATIONS] = {"it", 6, 1},
                      [PHI] = {"Φ", 10, 1},           [STATUS] = {"status", 14, 0},
                      [BEST] = {"best", 8, 1},        [RMSE] = {"RMSE", 10, 1},
                      [NETWORK] = {"network", 24, 0}, [DATA] = {"data", 16, 0},
                      [TAGS_COLUMN] = {"tags", 16, 0}};

/* The column that each order sorts by. */
static const int sorted[IPD_SORTS] = {[IPD_SORT_NUMBER] = NUMBER,
                                      [IPD_SORT_NAME] = NAME_COLUMN,
                                      [IPD_SORT_ITERATIONS] = ITERATIONS,
                                      [IPD_SORT_PHI] = PHI,
                                      [IPD_SORT_TEST] = TEST};

/* The text that the user types in the last row; there is one screen. */
static enum { FILTER, NAME, TAGS, NOTE } typing;
static ipd_field_text field;
static char complaint[256]; /* about the filter, or "" */

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    static const char *const sorts[] = {"number", "name", "iterations", "Φ", "test"};

    (void)width;
    snprintf(to, size, "runs · %zu, by %s%s%s", m->runs.count, sorts[m->runs.sort],
             m->runs.sort != IPD_SORT_TEST ? ""
             : m->runs.values              ? " accuracy or R²"
                                           : " accuracy",
             m->runs.backwards ? ", backwards" : "");
}

static void quality(char *to, size_t size, const ipd_run_row *r, double value)
{
    char text[IPD_QUALITY_TEXT];

    ipd_quality_text(text, value, r->is_r2, r->is_r2 ? 4 : 2);
    snprintf(to, size, "%s", isfinite(value) ? text : "–");
}

static void number(char *to, size_t size, double value)
{
    if (isnan(value))
        snprintf(to, size, "–");
    else
        ipd_short_number(to, size, value, 4);
}

static void cell_text(const ipd_run_row *r, int column, char *to, size_t size)
{
    *to = 0;
    switch (column) {
    case NUMBER:
        if (r->id)
            snprintf(to, size, "%ld", r->id);
        break;
    case NAME_COLUMN:
        snprintf(to, size, "%s", r->name);
        break;
    case TEST:
        quality(to, size, r, r->test);
        break;
    case ITERATIONS:
        snprintf(to, size, "%d", r->iterations);
        break;
    case PHI:
        number(to, size, r->phi);
        break;
    case STATUS:
        snprintf(to, size, "%s", r->status);
        break;
    case BEST:
        quality(to, size, r, r->best);
        break;
    case RMSE:
        if (r->is_r2)
            number(to, size, r->rmse);
        break;
    case NETWORK:
        snprintf(to, size, "%s", r->shape);
        break;
    case DATA:
        snprintf(to, size, "%s", r->dataset);
        break;
    default:
        snprintf(to, size, "%s", r->tags ? r->tags : "");
    }
}

/* Writes a text, left-aligned and cut with an ellipsis. */
static void put_text(ipd_canvas *c, int x, int y, int width, ipd_ink ink, int attributes,
                     const char *text)
{
    int ascii = c->charset == IPD_ASCII;

    ipd_canvas_text(c, x, y, width, ink, attributes, text);
    if (ipd_text_columns(text, ascii) > width && width > 1)
        ipd_canvas_put(c, x + width - 1, y, ascii ? '~' : 0x2026, IPD_INK_FAINT, attributes);
}

/* The width of a column; 0 if it is not shown. */
static int width_of(const ipd_model *m, int column)
{
    int values = m->runs.values;

    return column == RMSE && !values                      ? 0
           : (column == TEST || column == BEST) && values ? 11
                                                          : columns[column].width;
}

/* Finds the widths of the columns that fit; the name gets spare width. Returns the number of
 * columns. */
static int find_widths(const ipd_model *m, int ascii, int width, int to[COLUMNS])
{
    int used = MARK, count = 0, longest = columns[NAME_COLUMN].width;

    while (count < COLUMNS && used + width_of(m, count) <= width) {
        to[count] = width_of(m, count);
        used += to[count++];
    }
    for (size_t i = 0; i < m->runs.count && used < width; i++) {
        int name = ipd_text_columns(m->runs.items[i].name, ascii) + 1;
        longest = name > longest ? name : longest;
    }
    if (count > NAME_COLUMN) {
        int room = to[NAME_COLUMN] + width - used;
        to[NAME_COLUMN] = longest < room ? longest : room;
    }
    return count;
}

/* Marks a run that is on the screen or pinned. If the charts have overlays, also draws the letter
 * of a run in the charts, in its colour. */
static void draw_mark(const ipd_model *m, ipd_canvas *c, ipd_area row, const ipd_run_row *r)
{
    const ipd_overlay *beside = ipd_overlay_find(&m->overlays, r->number, r->id);
    int ascii = c->charset == IPD_ASCII, slot = r->shown ? m->overlays.own
                                                : beside ? beside->slot
                                                         : 0;
    const char *mark = r->shown ? (ascii ? ">" : "▶") : (ascii ? "*" : "●");

    if (r->shown || ipd_pin_find(&m->overlays, r->number, r->id))
        ipd_canvas_text(c, row.x, row.y, 1, IPD_INK_KEY, IPD_BOLD, mark);
    if (m->overlays.count && (r->shown || beside))
        ipd_canvas_put(c, row.x + 1, row.y, (unsigned char)ipd_slot_letter(slot),
                       ipd_slot_ink(slot), IPD_BOLD);
}

/* Draws a cell of the heads (r is NULL) or of a row. */
static void draw_cell(const ipd_model *m, ipd_canvas *c, ipd_area cell, int column,
                      const ipd_run_row *r, int chosen)
{
    int sorts = sorted[m->runs.sort] == column, named = column == NAME_COLUMN;
    int attributes = sorts ? IPD_BOLD | IPD_UNDERLINE : 0;
    ipd_ink ink = sorts ? IPD_INK_KEY : IPD_INK_FAINT;
    char text[128];

    snprintf(text, sizeof text, "%s", columns[column].head);
    if (r) {
        cell_text(r, column, text, sizeof text);
        if (named)
            ipd_text_middle(text, sizeof text, r->name, cell.width, c->charset == IPD_ASCII);
        ink = r->shown                               ? IPD_INK_KEY
              : r->number || named || column == TEST ? IPD_INK_TEXT
                                                     : IPD_INK_FAINT;
        attributes = (chosen && named ? IPD_REVERSE : 0) | (r->number && !r->parked ? IPD_BOLD : 0);
    }
    if (columns[column].right)
        ipd_canvas_text_right(c, cell.x, cell.y, cell.width, ink, attributes, text);
    else
        put_text(c, cell.x, cell.y, cell.width, ink, attributes, text);
}

/* Draws the heads of the columns (r is NULL) or a row. */
static void draw_row(const ipd_model *m, ipd_canvas *c, ipd_area row, const ipd_run_row *r,
                     int chosen)
{
    int widths[COLUMNS], x = row.x + MARK;
    int count = find_widths(m, c->charset == IPD_ASCII, row.width, widths);

    if (r)
        draw_mark(m, c, row, r);
    for (int i = 0; i < count; x += widths[i++])
        if (widths[i])
            draw_cell(m, c, (ipd_area){x, row.y, widths[i] - 1, 1}, i, r, chosen);
}

static int is_typing(const ipd_model *m)
{
    return m->editing && m->focus == &ipd_view_runs;
}

/* Draws the filter, or the text being typed. */
static void draw_field(const ipd_model *m, ipd_canvas *c, ipd_area row)
{
    static const char *const labels[] = {"/", "name", "tags", "note"};
    const ipd_run_list *l = &m->runs;
    int x = row.x + 1, end = row.x + row.width, active = is_typing(m);
    int ascii = c->charset == IPD_ASCII;
    const char *text = active ? field.text : l->filter;
    char room[64];

    x += ipd_canvas_text(c, x, row.y, end - x, IPD_INK_KEY, IPD_BOLD,
                         labels[active ? typing : FILTER]) +
         1;
    while (*text && ipd_text_columns(text, ascii) > end - x - 2) /* the end stays visible */
        do
            text++;
        while ((*text & 0xC0) == 0x80);
    x += ipd_canvas_text(c, x, row.y, end - x, IPD_INK_TEXT, 0, text);
    if (active)
        x += ipd_canvas_text(c, x, row.y, end - x, IPD_INK_KEY, 0, "_");
    if (active && *complaint)
        ipd_canvas_text_cut(c, x + 2, row.y, end - x - 2, IPD_INK_BAD, 0, complaint);
    else if (!active || typing == FILTER) {
        snprintf(room, sizeof room, "%zu of %zu runs", l->count, l->all);
        ipd_canvas_text_cut(c, x + 2, row.y, end - x - 2, IPD_INK_FAINT, 0, room);
    }
}

/* 1 if the last row is the filter or the text being typed. */
static int has_field(const ipd_model *m, ipd_area in)
{
    return in.height > 2 && (is_typing(m) || *m->runs.filter);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    int rows = in.height - 1 - has_field(m, in), focused = m->focus == &ipd_view_runs;
    const char *none = m->runs.all ? "no run matches" : "no runs yet";

    m->runs.wanted = 1;
    draw_row(m, c, in, NULL, 0);
    if (has_field(m, in))
        draw_field(m, c, (ipd_area){in.x, in.y + in.height - 1, in.width, 1});
    if (!m->runs.count && rows > 0)
        ipd_view_say(c, (ipd_area){in.x, in.y + 1, in.width, 1},
                     *m->runs.warning ? m->runs.warning : none);
    int first = focused ? ipd_view_first((int)m->runs.selected, rows) : 0;
    m->runs.top = (size_t)first;
    for (int i = 0; i < rows && (size_t)(first + i) < m->runs.count; i++)
        draw_row(m, c, (ipd_area){in.x, in.y + 1 + i, in.width, 1}, &m->runs.items[first + i],
                 focused && first + i == (int)m->runs.selected);
}

/* Writes an argument of ip.overlay. */
static void write_run(const ipd_run_row *r, char *to, size_t size)
{
    if (r->id)
        snprintf(to, size, "%ld", r->id);
    else
        snprintf(to, size, "ip.living()[%zu]", r->at);
}

/* Adds an overlay of a run, or removes it. */
static void overlay(ipd_model *m, const ipd_run_row *r)
{
    char line[128], run[48];
    ipd_overlay *beside = ipd_overlay_find(&m->overlays, r->number, r->id);

    if (beside) {
        ipd_overlay_remove(&m->overlays, beside);
        return;
    }
    write_run(r, run, sizeof run);
    snprintf(line, sizeof line, "ip.overlay(%s)", run);
    m->chart.without_overlays = 0;
    ipd_act_lua(m, line, NULL);
}

/* Adds overlays of all visible runs, or removes them if all runs have one. */
static void overlay_all(ipd_model *m)
{
    enum { ARGUMENTS = 100 }; /* per call: Lua allows about 250 */
    char *line = NULL, run[48];
    size_t size = 0;
    int count = 0;
    FILE *to = open_memstream(&line, &size);

    for (size_t i = 0; to && i < m->runs.count; i++) {
        const ipd_run_row *r = &m->runs.items[i];
        if (r->shown || ipd_overlay_find(&m->overlays, r->number, r->id))
            continue;
        write_run(r, run, sizeof run);
        fprintf(to, "%s%s",
                count % ARGUMENTS ? ", "
                : count           ? ") ip.overlay("
                                  : "ip.overlay(",
                run);
        count++;
    }
    m->chart.without_overlays = 0;
    if (count)
        fputs(")", to);
    if (to && !fclose(to) && count)
        ipd_act_lua(m, line, NULL);
    free(line);
    for (size_t i = 0; i < m->runs.count && !count; i++) {
        const ipd_run_row *r = &m->runs.items[i];
        ipd_overlay *beside = ipd_overlay_find(&m->overlays, r->number, r->id);
        if (beside)
            ipd_overlay_remove(&m->overlays, beside);
    }
}

/* Puts a run on the screen; the previous one becomes the global `other`. A run of the history
 * continues from its checkpoint, or with `again` is repeated from its start. */
static void show(ipd_model *m, const ipd_run_row *r, int again)
{
    char line[128], run[48];

    write_run(r, run, sizeof run);
    if (r->number)
        snprintf(line, sizeof line,
                 r->id ? "other, run = run, ip.living(%s)" : "other, run = run, %s", run);
    else
        snprintf(line, sizeof line, "other, run = run, assert(ip.%s(%ld))",
                 again ? "again" : "resume", r->id);
    if (r->number && again)
        ipd_act_say(m, IPD_TEXT_NOTICE, "that run is open: press o to show it");
    else
        ipd_act_lua(m, line, NULL);
}

/* Pins a run and adds its overlay, or removes the pin. */
static void pin(ipd_model *m, const ipd_run_row *r)
{
    int pinned = ipd_pin_find(&m->overlays, r->number, r->id) != NULL;

    if (ipd_pin_set(&m->overlays, r->number, r->id, !pinned))
        ipd_act_say(m, IPD_TEXT_ERROR, "out of memory for one more pinned run");
    else if (!pinned && !r->shown && !ipd_overlay_find(&m->overlays, r->number, r->id))
        overlay(m, r);
}

/* --- typing --- */

static void begin_typing(ipd_model *m, int what, const ipd_run_row *r)
{
    const char *text = what == FILTER ? m->runs.filter
                       : what == NAME ? r->name
                       : what == TAGS ? r->tags
                                      : r->note;

    typing = what;
    complaint[0] = 0;
    ipd_field_start(&field, text ? text : "",
                    what == FILTER ? IPD_RUN_FILTER - 1
                    : what == NAME ? sizeof r->name - 1
                                   : IPD_FIELD - 2);
    m->editing = 1;
}

/* Handles a key of the text being typed. A filter takes effect at once, the other texts on
 * Enter. */
static int type(ipd_model *m, int code)
{
    ipd_field_event event = ipd_field_key(&field, code);
    ipd_error e;

    if (event == IPD_FIELD_UNUSED)
        return 0;
    m->editing = event == IPD_FIELD_CHANGED;
    if (typing == FILTER) {
        if (event == IPD_FIELD_LEFT)
            field.text[0] = 0;
        complaint[0] = 0;
        if (ipd_run_list_filter(&m->runs, field.text, &e)) {
            snprintf(complaint, sizeof complaint, "%.250s", e.text);
            m->editing = 1;
        }
    } else if (event == IPD_FIELD_ENTERED && m->runs.selected < m->runs.count) {
        static const ipd_run_edit edits[] = {
            [NAME] = IPD_EDIT_NAME, [TAGS] = IPD_EDIT_TAGS, [NOTE] = IPD_EDIT_NOTE};
        ipd_act_edit(m, edits[typing], &m->runs.items[m->runs.selected], field.text, NULL);
    }
    return 1;
}

/* Keys that need no run. */
static int list_key(ipd_model *m, int code)
{
    ipd_run_list *l = &m->runs;

    switch (code) {
    case 's':
        l->sort = (l->sort + 1) % IPD_SORTS;
        ipd_run_list_arrange(l);
        break;
    case 'S':
        l->backwards = !l->backwards;
        ipd_run_list_arrange(l);
        break;
    case 'r':
        l->stale = 1;
        break;
    case '/':
        begin_typing(m, FILTER, NULL);
        break;
    case 'u':
        ipd_act_edit(m, IPD_EDIT_UNDO, NULL, "", NULL);
        break;
    default:
        return 0;
    }
    return 1;
}

static int key(ipd_model *m, int code)
{
    ipd_run_list *l = &m->runs;

    if (m->editing)
        return type(m, code);
    if (list_key(m, code))
        return 1;
    if (!l->count)
        return 0;
    const ipd_run_row *r = &l->items[l->selected];
    switch (code) {
    case IPD_KEY_UP:
        l->selected -= l->selected > 0;
        return 1;
    case IPD_KEY_DOWN:
        l->selected += l->selected + 1 < l->count;
        return 1;
    case IPD_KEY_ENTER:
        overlay(m, r);
        return 1;
    case 'A':
        overlay_all(m);
        return 1;
    case 'p':
        pin(m, r);
        return 1;
    case 'o':
    case 'a':
        show(m, r, code == 'a');
        return 1;
    case 'n':
    case 't':
    case 'N':
        begin_typing(m, code == 'n' ? NAME : code == 't' ? TAGS : NOTE, r);
        return 1;
    case 'd':
    case IPD_KEY_DELETE:
        ipd_act_edit(m, IPD_EDIT_REMOVE, r, "1", NULL);
        return 1;
    default:
        return 0;
    }
}

static int mouse(ipd_model *m, const ipd_mouse *e, ipd_area in)
{
    int row = e->y - in.y - 1;
    size_t at = m->runs.top + (size_t)row;

    if (e->kind != IPD_MOUSE_PRESS || row < 0 || row >= in.height - 1 - has_field(m, in) ||
        at >= m->runs.count)
        return 0;
    m->runs.selected = at;
    return 1;
}

const ipd_view ipd_view_runs = {.name = "runs",
                                .framed = 1,
                                .title = title,
                                .draw = draw,
                                .key = key,
                                .wheel = {IPD_KEY_UP, IPD_KEY_DOWN},
                                .mouse = mouse};
