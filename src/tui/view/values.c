/* values.c - the runs in the charts with their values at the charts' cursor, or at the last
 * iteration that all of them have. */
#include "base/list.h"
#include "plot/glyph.h"
#include "plot/scale.h"
#include "tui/view/curves.h"
#include "tui/view/curves_axis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* MARK: columns before the name. CELL: width of a column of the table. */
enum { MARK = 2, CELL = 11, MAX_COLUMNS = 40 };

typedef enum form { COUNT, NUMBER, QUALITY } form;

/* The columns of the table. The iteration is always shown, another column only if a run has a value
 * other than 0. */
static const struct {
    const char *head, *field;
    form form;
    int gap; /* 1: times rho/2 */
} columns[] = {{"it", "iteration", COUNT, 0},
               {"Φ", "phi", NUMBER, 0},
               {"test", "test_accuracy", QUALITY, 0},
               {"train", "train_accuracy", QUALITY, 0},
               {"validation", "validation_accuracy", QUALITY, 0},
               {"z_L", "auxiliary_accuracy", QUALITY, 0},
               {"averaged", "averaged_test_accuracy", QUALITY, 0},
               {"test RMSE", "test_rmse", NUMBER, 0},
               {"fwd loss", "forward_loss", NUMBER, 0},
               {"loss", "loss", NUMBER, 0},
               {"½ρ lin gap", "linear_gap", NUMBER, 1},
               {"½ρ act gap", "activation_gap", NUMBER, 1},
               {"regularizer", "regularizer", NUMBER, 0}};
enum { FIXED = sizeof columns / sizeof *columns };

/* A column of the table: one of the above, or of a field or metric that :chart chose. */
typedef struct series {
    char head[IPD_METRIC_NAME + 8];
    const char *field;
    int index;
    char metric[IPD_METRIC_NAME]; /* its name, if the field is "metric" */
    form form;
    int gap;
} series;

/* A run. */
typedef struct row {
    const ipd_records *records; /* borrowed */
    const ipd_column *x;        /* NULL if the axis has no values of this run */
    char name[IPD_OVERLAY_LABEL];
    int slot, overlay; /* overlay: index; -1: the run on the screen */
    size_t point;      /* index of the record that is shown; records->count if there is none */
    int is_r2;
    double key; /* to sort by */
} row;

typedef struct table {
    row *rows;
    size_t capacity;
    series columns[MAX_COLUMNS];
    int row_count, column_count;
} table;

/* Reads all fields that the table needs of a run in the history, in one pass. */
static void read_fields(const ipd_model *m, ipd_overlay *o)
{
    enum { CHOSEN = sizeof m->chart.fields / sizeof *m->chart.fields, RMSE = 3 };
    const char *fields[FIXED + CHOSEN + RMSE + 3] = {"metric", "rho", "train_rmse",
                                                     "validation_rmse", "test_rmse"};
    int count = 2 + RMSE;

    for (int k = 0; k < FIXED; k++)
        fields[count++] = columns[k].field;
    for (int k = 0; k < CHOSEN && *m->chart.fields[k]; k++)
        fields[count++] = m->chart.fields[k];
    ipd_overlay_read(o, fields);
}

static void add_row(table *t, ipd_model *m, int overlay)
{
    char room[IPD_OVERLAY_LABEL];
    row *rows = ipd_list_grow(t->rows, (size_t)t->row_count, &t->capacity, sizeof *rows);
    if (!rows) /* out of memory: the table is shorter */
        return;
    t->rows = rows;
    row *r = &t->rows[t->row_count++];
    ipd_overlay *o = overlay < 0 ? NULL : &m->overlays.items[overlay];

    *r = (row){.overlay = overlay, .slot = o ? o->slot : m->overlays.own};
    if (o)
        read_fields(m, o);
    r->records = o ? &o->records : &m->records;
    r->x = o ? ipd_axis_of_overlay(m, o) : ipd_axis_of_run(m);
    snprintf(r->name, sizeof r->name, "%s",
             o ? ipd_overlay_label(&m->overlays, overlay, m->run_name, 0, room) : m->run_name);
}

/* Finds the record of each run that a chart of all these runs would have in its legend. */
static void find_points(table *t, ipd_model *m)
{
    ipd_series *all = calloc((size_t)t->row_count + 1, sizeof *all);
    char text[48];
    ipd_chart chart = {.series = all, .series_count = t->row_count};

    if (!all)
        t->row_count = 0;
    for (int i = 0; i < t->row_count; i++) {
        const row *r = &t->rows[i];
        all[i] = (ipd_series){.count = r->x ? r->records->count : 0};
        if (r->x)
            all[i].x = all[i].y = r->x->values;
    }
    ipd_axis_set(m, &chart, text);
    double place = ipd_chart_legend_place(&chart);
    for (int i = 0; i < t->row_count; i++) {
        row *r = &t->rows[i];
        r->point = ipd_chart_legend_point(&chart, &all[i], place);
        r->point = r->point < all[i].count ? r->point : r->records->count;
        if (r->point < r->records->count) {
            ipd_record record = ipd_records_get(r->records, r->point);
            r->is_r2 = ipd_record_is_r2(&record);
        }
    }
    free(all);
}

/* The value of a run in a column; NaN if there is none. */
static double value_of(const row *r, const series *s)
{
    const ipd_field *field = ipd_field_find(s->field);
    char names[sizeof((ipd_record *)0)->metric_names];
    int index = s->index;

    if (r->point >= r->records->count)
        return NAN;
    if (*s->metric) {
        ipd_records_string(r->records, ipd_field_find("metric_names"), r->point, names);
        index = ipd_metric_find(names, s->metric);
    }
    if (index < 0 ||
        index >= (*s->metric ? IPD_MAX_METRICS : ipd_field_count(field, r->records->L)))
        return NAN;
    double value =
        ipd_records_at(r->records, ipd_records_column(r->records, field, index), r->point);
    return s->gap ? value * ipd_records_number(r->records, "rho", r->point) / 2 : value;
}

static void add_column(table *t, const series *s, int always)
{
    int any = always;

    for (int i = 0; i < t->row_count; i++) {
        double value = value_of(&t->rows[i], s);
        any |= !isnan(value) && (value != 0 || s->form == QUALITY);
    }
    if (any && t->column_count < MAX_COLUMNS)
        t->columns[t->column_count++] = *s;
}

/* Adds columns of the fields and metrics that :chart chose, or of all metrics. */
static void add_chosen(table *t, const ipd_model *m)
{
    const ipd_record *last = ipd_model_last(m);
    enum { FIELDS = sizeof m->chart.fields / sizeof *m->chart.fields };

    for (int k = 0; k < FIELDS && *m->chart.fields[k]; k++) {
        const ipd_field *f = ipd_field_find(m->chart.fields[k]);
        series s = {.field = f ? f->name : "metric", .form = NUMBER};
        for (int i = 0; f && i < ipd_field_count(f, m->L); i++) {
            s.index = i;
            ipd_field_column(f, m->L, i, s.head, sizeof s.head);
            add_column(t, &s, 0);
        }
        snprintf(s.metric, sizeof s.metric, "%s", f ? "" : m->chart.fields[k]);
        snprintf(s.head, sizeof s.head, "%s", s.metric);
        if (!f)
            add_column(t, &s, 0);
    }
    series s = {.field = "metric", .form = NUMBER};
    for (int i = 0;
         last && !*m->chart.fields[0] && ipd_metric_name(last->metric_names, i, s.metric); i++) {
        snprintf(s.head, sizeof s.head, "%s", s.metric);
        add_column(t, &s, 0);
    }
}

static int compare(const void *a, const void *b)
{
    const row *x = a, *y = b;

    if (isnan(x->key) || isnan(y->key))
        return isnan(x->key) - isnan(y->key);
    return (x->key > y->key) - (x->key < y->key);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const row *)a)->name, ((const row *)b)->name);
}

/* The column that sorts; -1: the name; -2: none, the order is that of the charts. */
static int sort_column(const table *t, const ipd_values_state *s)
{
    int at = -2;

    for (int k = -1; k < t->column_count; k++)
        if (!strcmp(s->sort, k < 0 ? "name" : t->columns[k].head))
            at = k;
    return at;
}

static void arrange(table *t, const ipd_values_state *s)
{
    int by = sort_column(t, s), n = t->row_count;

    if (by == -2)
        return;
    for (int i = 0; i < n && by >= 0; i++)
        t->rows[i].key = (s->backwards ? -1 : 1) * value_of(&t->rows[i], &t->columns[by]);
    qsort(t->rows, (size_t)n, sizeof *t->rows, by < 0 ? compare_names : compare);
    for (int i = 0; i < n / 2 && by < 0 && s->backwards; i++) {
        row other = t->rows[i];
        t->rows[i] = t->rows[n - 1 - i];
        t->rows[n - 1 - i] = other;
    }
}

/* Fills the table. */
static void make(ipd_model *m, table *t)
{
    t->row_count = t->column_count = 0;
    if (m->has_run)
        add_row(t, m, -1);
    for (int i = 0; i < m->overlays.count && ipd_model_has_overlays(m); i++)
        add_row(t, m, i);
    find_points(t, m);
    for (int k = 0; k < FIXED; k++) {
        series s = {.field = columns[k].field, .form = columns[k].form, .gap = columns[k].gap};
        snprintf(s.head, sizeof s.head, "%s", columns[k].head);
        add_column(t, &s, k == 0);
    }
    add_chosen(t, m);
    arrange(t, &m->values);
}

/* --- drawing --- */

static void cell_text(const row *r, const series *s, int ascii, char *to, size_t size)
{
    double value = value_of(r, s);
    char quality[IPD_QUALITY_TEXT];

    if (isnan(value)) {
        snprintf(to, size, ascii ? "-" : "–");
    } else if (s->form == QUALITY) {
        ipd_quality_text(quality, value, r->is_r2, r->is_r2 ? 4 : 2);
        snprintf(to, size, "%s", quality);
    } else if (s->form == COUNT) {
        snprintf(to, size, "%.0f", value);
    } else {
        ipd_short_number(to, size, value, 4);
    }
}

static int width_of(const series *s)
{
    enum { NARROW = 6 };
    int head = ipd_text_columns(s->head, 0) + 2;

    return s->form == COUNT ? NARROW : head > CELL ? head : CELL;
}

/* The width of the names: at most a third of the pane, or more if the columns leave it. */
static int name_width(const table *t, int ascii, int width)
{
    int longest = 4, rest = width - MARK;

    for (int i = 0; i < t->row_count; i++) {
        int wide = ipd_text_columns(t->rows[i].name, ascii);
        longest = wide > longest ? wide : longest;
    }
    for (int k = 0; k < t->column_count; k++)
        rest -= width_of(&t->columns[k]);
    int room = rest > width / 3 ? rest : width / 3;
    return longest < room ? longest : room;
}

/* Draws the visible columns of a row, or their heads if r is NULL. Returns the index of the first
 * column beyond the right end. */
static int draw_cells(const ipd_model *m, const table *t, ipd_canvas *c, ipd_area at, const row *r)
{
    int ascii = c->charset == IPD_ASCII, x = at.x, by = sort_column(t, &m->values), k;
    char text[64];

    for (k = 0; k < t->column_count; k++) {
        const series *s = &t->columns[k];
        if (k && k <= m->values.first) /* the iteration is always visible */
            continue;
        if (x + width_of(s) > at.x + at.width)
            break;
        if (r)
            cell_text(r, s, ascii, text, sizeof text);
        ipd_ink ink = r ? IPD_INK_TEXT : by == k ? IPD_INK_KEY : IPD_INK_FAINT;
        ipd_canvas_text_right(c, x, at.y, width_of(s), ink,
                              !r && by == k ? IPD_BOLD | IPD_UNDERLINE : 0, r ? text : s->head);
        x += width_of(s);
    }
    return k;
}

static void draw_row(const ipd_model *m, const table *t, ipd_canvas *c, ipd_area at, const row *r,
                     int name, int chosen)
{
    ipd_ink ink = ipd_slot_ink(r->slot);

    if (ipd_model_has_overlays(m))
        ipd_canvas_put(c, at.x, at.y, (unsigned char)ipd_slot_letter(r->slot), ink, IPD_BOLD);
    ipd_canvas_text_cut(c, at.x + MARK, at.y, name, r->overlay < 0 ? IPD_INK_KEY : IPD_INK_TEXT,
                        chosen ? IPD_REVERSE : 0, r->name);
    at.x += MARK + name;
    at.width -= MARK + name;
    draw_cells(m, t, c, at, r);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    static table t; /* there is one screen */
    ipd_values_state *s = &m->values;
    int rows = in.height - 1, focused = m->focus == &ipd_view_values;

    make(m, &t);
    s->count = t.row_count;
    s->selected = s->selected < t.row_count ? s->selected : t.row_count ? t.row_count - 1 : 0;
    s->first = s->first < t.column_count - 1 ? s->first : 0;
    if (!t.row_count) {
        ipd_view_say(c, in, "no run");
        return;
    }
    int name = name_width(&t, c->charset == IPD_ASCII, in.width), by = sort_column(&t, s);
    ipd_area cells = {in.x + MARK + name, in.y, in.width - MARK - name, 1};
    ipd_canvas_text(c, in.x + MARK, in.y, name, by == -1 ? IPD_INK_KEY : IPD_INK_FAINT,
                    by == -1 ? IPD_BOLD | IPD_UNDERLINE : 0, "run");
    s->columns = t.column_count;
    if (draw_cells(m, &t, c, cells, NULL) < t.column_count)
        ipd_canvas_text(c, in.x + in.width - 1, in.y, 1, IPD_INK_KEY, 0,
                        c->charset == IPD_ASCII ? ">" : "›");
    s->top = focused ? ipd_view_first(s->selected, rows) : 0;
    for (int i = 0; i < rows && s->top + i < t.row_count; i++)
        draw_row(m, &t, c, (ipd_area){in.x, in.y + 1 + i, in.width, 1}, &t.rows[s->top + i], name,
                 focused && s->top + i == s->selected);
}

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    const ipd_values_state *s = &m->values;
    char at[32] = "";

    (void)width;
    if (m->chart.cursor > 0)
        snprintf(at, sizeof at, " · at iteration %d", m->chart.cursor);
    snprintf(to, size, "values%s%s%s%s", at, *s->sort ? " · by " : "", s->sort,
             *s->sort && s->backwards ? ", backwards" : "");
}

/* --- keys --- */

/* Sorts by the next of: the order of the charts, the name, each column. */
static void sort_on(ipd_model *m)
{
    static table t;
    ipd_values_state *s = &m->values;

    make(m, &t);
    int by = sort_column(&t, s) + 1;
    snprintf(s->sort, sizeof s->sort, "%s",
             by == -1              ? "name"
             : by < t.column_count ? t.columns[by].head
                                   : "");
}

/* Removes the selected run from the charts. */
static void take_away(ipd_model *m)
{
    static table t;

    make(m, &t);
    if (m->values.selected >= t.row_count)
        return;
    int overlay = t.rows[m->values.selected].overlay;
    if (overlay < 0)
        ipd_act_say(m, IPD_TEXT_NOTICE, "the run on the screen stays in the charts");
    else
        ipd_overlay_remove(&m->overlays, &m->overlays.items[overlay]);
}

static int key(ipd_model *m, int code)
{
    ipd_values_state *s = &m->values;

    switch (code) {
    case IPD_KEY_UP:
        s->selected -= s->selected > 0;
        return 1;
    case IPD_KEY_DOWN:
        s->selected += s->selected + 1 < s->count;
        return 1;
    case 's':
        sort_on(m);
        return 1;
    case 'S':
        s->backwards = !s->backwards;
        return 1;
    case 'l':
        s->first += s->first + 2 < s->columns;
        return 1;
    case 'h':
        s->first -= s->first > 0;
        return 1;
    case 'd':
    case IPD_KEY_DELETE:
        take_away(m);
        return 1;
    default:
        return m->records.count ? ipd_curves_cursor_key(m, code) : 0;
    }
}

static int mouse(ipd_model *m, const ipd_mouse *e, ipd_area in)
{
    int below = e->y - in.y - 1, at = m->values.top + below;

    if (e->kind != IPD_MOUSE_PRESS || below < 0 || at >= m->values.count)
        return 0;
    m->values.selected = at;
    return 1;
}

const ipd_view ipd_view_values = {.name = "values",
                                  .framed = 1,
                                  .title = title,
                                  .draw = draw,
                                  .key = key,
                                  .wheel = {IPD_KEY_UP, IPD_KEY_DOWN},
                                  .mouse = mouse};
