/* list.c - `ipdlam runs list`: prints runs as a table that fits the terminal, as JSON or as CSV. */
#include "base/list.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/machine.h"
#include "cli/runs/runs.h"
#include "format/export.h"
#include "plot/glyph.h"
#include "plot/scale.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    ID,
    STARTED,
    NAME,
    DATA,
    NETWORK,
    METHOD,
    ITERATION,
    PHI,
    FORWARD,
    CURVE,
    TRAIN,
    TEST,
    RMSE,
    TAGS,
    STATUS,
    COLUMNS,
    CELL = 96,
    POINTS = 10 /* of a sparkline */
};

/* If the terminal is too narrow, columns are dropped in order of falling rank; those of rank 0 are
 * never dropped. */
static const struct column {
    const char *title;
    int right, max, rank;
} columns[COLUMNS] = {[ID] = {"id", 1, 8, 0},
                      [STARTED] = {"started", 0, 16, 4},
                      [NAME] = {"name", 0, 26, 1},
                      [DATA] = {"data", 0, 13, 6},
                      [NETWORK] = {"network", 0, 20, 9},
                      [METHOD] = {"method", 0, 8, 8},
                      [ITERATION] = {"iter", 1, 9, 0},
                      [PHI] = {"phi", 1, 9, 3},
                      [FORWARD] = {"fwd loss", 1, 9, 10},
                      [CURVE] = {"", 0, POINTS, 5}, /* the title is the field's name */
                      [TRAIN] = {"train", 1, 10, 2},
                      [TEST] = {"test", 1, 10, 0},
                      [RMSE] = {"RMSE", 1, 9, 3},
                      [TAGS] = {"tags", 0, 20, 7},
                      [STATUS] = {"status", 0, 90, 0}};

struct row {
    long id;
    char cells[COLUMNS][CELL];
};

struct list {
    ipd_runs *r;
    struct row *rows;
    size_t count, capacity;
    ipd_measure measure;   /* of the sparklines */
    const char *curve;     /* their title */
    int values;            /* number of runs with R^2 and RMSE */
    int with_phi, without; /* number of runs with records that have phi, and that lack it */
    int failed;
    long shown;
};

int ipd_runs_is_unset(const char *name, const json_t *value)
{
    const ipd_setting *s = ipd_setting_find(name);
    return s && json_is_number(value) && ipd_setting_is_unset(s, json_number_value(value));
}

void ipd_runs_setting_json(FILE *to, const char *name, const json_t *value)
{
    const ipd_setting *s = ipd_setting_find(name);
    if (s && s->kind == IPD_SET_NUMBERS && json_is_string(value))
        ipd_setting_json(to, s, json_string_value(value));
    else if (ipd_runs_is_unset(name, value))
        fputs("null", to);
    else if (json_is_number(value))
        ipd_json_number(to, json_number_value(value));
    else if (!value || json_dumpf(value, to, JSON_ENCODE_ANY))
        fputs("null", to);
}

static void json_settings(FILE *to, const ipd_history_run *run)
{
    json_t *settings = json_loads(run->settings, 0, NULL), *value;
    const char *name, *comma = "{";
    json_object_foreach(settings, name, value)
    {
        fputs(comma, to);
        ipd_json_string(to, name);
        fputs(": ", to);
        ipd_runs_setting_json(to, name, value);
        comma = ", ";
    }
    fputs(!settings ? "null" : *comma == '{' ? "{}" : "}", to);
    json_decref(settings);
}

void ipd_runs_json(FILE *to, const ipd_history_run *run)
{
    const char *comma = "{";
    for (const ipd_history_field *f = ipd_history_fields; f->name; f++) {
        if (!(f->uses & IPD_RUN_SHOWN))
            continue;
        fprintf(to, "%s\"%s\": ", comma, f->name);
        if (f->type == IPD_RUN_TEXT)
            ipd_json_string(to, ipd_history_field_text(f, run));
        else
            ipd_json_number(to, ipd_history_field_number(f, run));
        comma = ", ";
    }
    fprintf(to, ", \"widths\": [");
    for (int l = 0; run->L && l <= run->L; l++)
        fprintf(to, "%s%zu", l ? ", " : "", run->widths[l]);
    fprintf(to, "], \"tags\": [");
    char tags[sizeof run->tags], *rest = NULL;
    strcpy(tags, run->tags);
    for (char *tag = strtok_r(tags, ",", &rest); tag; tag = strtok_r(NULL, ",", &rest)) {
        fputs(tag == tags ? "" : ", ", to);
        ipd_json_string(to, tag);
    }
    fputs("], \"settings\": ", to);
    json_settings(to, run);
    fputc('}', to);
}

static int json_line(void *context, const ipd_history_run *run)
{
    struct list *l = context;
    ipd_json_item(&l->r->json);
    ipd_runs_json(stdout, run);
    ipd_json_end_item(&l->r->json);
    l->shown++;
    return 0;
}

static void csv_settings(const ipd_history_run *run)
{
    json_t *settings = run ? json_loads(run->settings, 0, NULL) : NULL;
    for (const ipd_setting *s = ipd_settings_table; s->name; s++) {
        if (!ipd_setting_is_first(s))
            continue;
        putchar(',');
        if (!run) {
            fputs(s->name, stdout);
            continue;
        }
        const json_t *value = json_object_get(settings, s->name);
        if (json_is_string(value)) {
            ipd_csv_string(stdout, json_string_value(value));
        } else if (json_is_number(value) && !ipd_runs_is_unset(s->name, value)) {
            char number[IPD_NUMBER_TEXT];
            ipd_number_text(json_number_value(value), number);
            fputs(number, stdout);
        } else if (json_is_boolean(value)) {
            fputs(json_is_true(value) ? "true" : "false", stdout);
        }
    }
    putchar('\n');
    json_decref(settings);
}

/* Prints the fields of a run, or their names if run is NULL. */
static void csv_fields(const ipd_history_run *run)
{
    const char *comma = "";
    for (const ipd_history_field *f = ipd_history_fields; f->name; f++) {
        char number[IPD_NUMBER_TEXT] = "";
        if (!(f->uses & IPD_RUN_CSV))
            continue;
        fputs(comma, stdout);
        comma = ",";
        if (!run)
            fputs(f->name, stdout);
        else if (f->type == IPD_RUN_TEXT)
            ipd_csv_string(stdout, ipd_history_field_text(f, run));
        else if (!isnan(ipd_history_field_number(f, run)))
            ipd_number_text(ipd_history_field_number(f, run), number);
        fputs(number, stdout);
    }
    csv_settings(run);
}

static int csv_line(void *context, const ipd_history_run *run)
{
    struct list *l = context;
    if (l->shown++ == 0)
        csv_fields(NULL);
    csv_fields(run);
    return 0;
}

static void put_number(char *to, double value)
{
    if (isnan(value))
        strcpy(to, "-");
    else
        ipd_short_number(to, CELL, value, 4);
}

static int add_row(void *context, const ipd_history_run *run)
{
    struct list *l = context;
    struct row *rows = ipd_list_grow(l->rows, l->count, &l->capacity, sizeof *rows);
    if (!rows)
        return l->failed = 1;
    l->rows = rows;
    struct row *row = &l->rows[l->count++];
    memset(row, 0, sizeof *row);
    row->id = run->id;
    l->with_phi += !isnan(run->phi);
    l->without += isnan(run->phi) && run->records > 0;
    snprintf(row->cells[ID], CELL, "%ld", run->id);
    snprintf(row->cells[STARTED], CELL, "%.16s", run->started);
    char name[sizeof run->name];
    ipd_runs_text(name, sizeof name, run->name);
    ipd_text_middle(row->cells[NAME], CELL, name,
                    ipd_terminal_utf8() ? columns[NAME].max : (int)sizeof name, 0);
    ipd_runs_text(row->cells[DATA], CELL, run->dataset);
    ipd_runs_text(row->cells[NETWORK], CELL, run->network);
    ipd_runs_setting(run, "method", row->cells[METHOD], CELL);
    snprintf(row->cells[ITERATION], CELL, "%d", run->iteration);
    put_number(row->cells[PHI], run->phi);
    put_number(row->cells[FORWARD], run->forward_loss);
    ipd_runs_quality(row->cells[TRAIN], run, run->train_accuracy);
    ipd_runs_quality(row->cells[TEST], run, run->test_accuracy);
    l->values += ipd_history_is_r2(run);
    put_number(row->cells[RMSE], run->test_rmse);
    ipd_runs_text(row->cells[TAGS], CELL, run->tags);
    ipd_runs_text(row->cells[STATUS], CELL, run->status);
    return 0;
}

/* Draws a sparkline with eight heights, on a logarithmic scale if the values are positive and span
 * more than a decade. */
static void draw_curve(const ipd_history_curve *c, int utf8, char *to)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const ascii[] = {"_", ".", ",", "-", "~", "=", "+", "#"};
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < c->count; i++)
        if (isfinite(c->y[i])) {
            low = fmin(low, c->y[i]);
            high = fmax(high, c->y[i]);
        }
    ipd_scale scale = ipd_scale_fit(low > 0 && high > 10 * low ? IPD_LOG : IPD_LINEAR, low, high);
    *to = 0;
    for (size_t i = 0; i < c->count && i < POINTS; i++) {
        double place = ipd_scale_place(&scale, c->y[i]);
        if (isnan(place)) {
            strcat(to, isnan(c->y[i]) ? " " : "!");
            continue;
        }
        int level = (int)(fmin(fmax(place, 0), 1) * 7.999);
        strcat(to, utf8 ? blocks[level] : ascii[level]);
    }
}

/* All sparklines show the same field, so that they can be compared: phi if every run has it. */
static void choose_curve(struct list *l)
{
    if (l->measure.field) {
        l->curve = l->r->field;
        return;
    }
    l->measure.field = ipd_field_find(l->without ? "forward_loss" : "phi");
    l->curve = l->without ? "fwd curve" : "phi curve";
}

static int add_curves(struct list *l, ipd_error *e)
{
    int utf8 = ipd_terminal_utf8();
    for (size_t i = 0; i < l->count; i++) {
        ipd_history_curve c;
        int known = 0;
        if (ipd_history_read_curve(l->r->h, l->rows[i].id, &l->measure, POINTS, &c, e))
            return -1;
        for (size_t k = 0; k < c.count; k++)
            known |= !isnan(c.y[k]);
        if (known)
            draw_curve(&c, utf8, l->rows[i].cells[CURVE]);
        ipd_history_curve_free(&c);
    }
    return 0;
}

/* The rank of a column. If some run lacks phi, phi and forward loss exchange their ranks. */
static int rank_of(const struct list *l, int column)
{
    if (l->without && (column == PHI || column == FORWARD))
        return column == PHI ? columns[FORWARD].rank : columns[PHI].rank;
    return columns[column].rank;
}

/* Computes the widths of the columns; 0 for those that do not fit in the terminal. */
static void lay_out(const struct list *l, int widths[COLUMNS])
{
    int narrow = l->r->width < 110;
    for (int c = 0; c < COLUMNS; c++) {
        int widest = 0;
        for (size_t i = 0; i < l->count; i++)
            widest = (int)fmax(widest, ipd_text_columns(l->rows[i].cells[c], 0));
        widths[c] = (int)fmin(widest, columns[c].max);
        if (widest)
            widths[c] = (int)fmax(widths[c], strlen(columns[c].title));
    }
    widths[CURVE] = POINTS;
    if (!l->with_phi)
        widths[PHI] = 0;
    if (!l->values)
        widths[RMSE] = 0;
    if (narrow) /* without the year */
        widths[STARTED] = 11;
    for (;;) {
        int total = -2, drop = -1;
        for (int c = 0; c < COLUMNS; c++) {
            if (!widths[c])
                continue;
            total += 2 + (c == STATUS ? (int)fmin(widths[c], 12) : widths[c]);
            if (rank_of(l, c) && (drop < 0 || rank_of(l, c) > rank_of(l, drop)))
                drop = c;
        }
        if (total <= l->r->width || drop < 0) {
            int status = l->r->width - total + (int)fmin(widths[STATUS], 12);
            widths[STATUS] = (int)fmin(widths[STATUS], fmax(status, 8));
            return;
        }
        widths[drop] = 0;
    }
}

/* Prints a row, or the titles if row is NULL. */
static void print_row(const struct list *l, const struct row *row, const int widths[COLUMNS])
{
    int last = COLUMNS - 1;
    for (int c = 0; c < COLUMNS; c++) {
        if (!widths[c])
            continue;
        const char *text = row ? row->cells[c] : c == CURVE ? l->curve : columns[c].title;
        if (row && c == STARTED && widths[c] == 11 && strlen(text) > 5)
            text += 5;
        int own = ipd_text_columns(text, 0);
        ipd_runs_cell(stdout, text, c == last && own < widths[c] ? own : widths[c],
                      columns[c].right);
        fputs(c == last ? "\n" : "  ", stdout);
    }
}

static int print_table(struct list *l, ipd_error *e)
{
    int widths[COLUMNS];
    choose_curve(l);
    lay_out(l, widths);
    if (widths[CURVE] && add_curves(l, e))
        return -1;
    print_row(l, NULL, widths);
    for (size_t i = 0; i < l->count; i++)
        print_row(l, &l->rows[i], widths);
    return 0;
}

int ipd_runs_list(ipd_runs *r, ipd_error *e)
{
    struct list l = {.r = r};
    const ipd_history_query query = {r->where, NULL, r->sort, r->limit < 0 ? 20 : r->limit};
    if (r->field && ipd_runs_field(r->field, &l.measure, e))
        return -1;
    if (ipd_history_hold(r->h, e))
        return -1;
    int failed = ipd_history_select(r->h, &query,
                                    ipd_json_asked(&r->json) ? json_line
                                    : r->csv                 ? csv_line
                                                             : add_row,
                                    &l, e);
    if (!failed && l.failed)
        failed = ipd_fail(e, IPD_EMEMORY, "out of memory for the list");
    if (!failed && l.count)
        failed = print_table(&l, e);
    else if (!failed && !ipd_json_asked(&r->json) && !r->csv)
        printf(r->where ? "no run meets the condition\n" : "no runs yet: ipdlam train makes one\n");
    if (!failed)
        ipd_json_begin(&r->json);
    ipd_json_close(&r->json);
    ipd_history_release(r->h);
    free(l.rows);
    return failed;
}
