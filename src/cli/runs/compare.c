/* compare.c - `ipdlam runs compare`: the differences between runs, their results and their
 * curves. */
#include "base/text.h"
#include "cli/runs/runs.h"
#include "format/export.h"
#include "plot/glyph.h"
#include "report/change_list.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST = IPD_RUNS_COMPARED,
    VALUE = 160,
    ROWS = 96,
    CHECKSUM = 16 /* digits shown */
};

/* A row of the comparison: a name, and each run's value as text, possibly shortened, and as
 * JSON. */
struct row {
    const char *name;
    char shown[MOST][VALUE];
    char *json[MOST];
};

struct comparison {
    ipd_history_run runs[MOST];
    int count;
    struct row rows[ROWS];
    int row_count;      /* of which the first `settings` are settings that differ; results */
    int settings, ends; /* follow up to `ends`, then those of the common iteration */
    int common;         /* last iteration that all runs have; 0: none */
    ipd_change_list changes[MOST];
    char *changed[MOST]; /* the changes as text */
    int failed;          /* memory ran out */
};

static struct row *new_row(struct comparison *c, const char *name)
{
    struct row *row = &c->rows[c->row_count];
    for (int i = 0; i < MOST; i++)
        free(row->json[i]);
    *row = (struct row){.name = name};
    return row;
}

/* Keeps the row if the runs differ in it. */
static void keep_difference(struct comparison *c)
{
    const struct row *row = &c->rows[c->row_count];
    int differs = 0;
    for (int i = 1; i < c->count; i++)
        differs |= row->json[0] && row->json[i] && strcmp(row->json[0], row->json[i]);
    c->row_count += differs && c->row_count < ROWS - 16;
}

/* Writes a value as JSON. Numbers have all their digits; those that are not finite are null. */
static void put_json(struct comparison *c, struct row *row, int i, const json_t *value)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to) {
        c->failed = 1;
        return;
    }
    if (ipd_setting_find(row->name)) {
        ipd_runs_setting_json(to, row->name, value);
    } else if (json_is_string(value)) {
        ipd_json_string(to, json_string_value(value));
    } else if (json_is_number(value)) {
        ipd_json_number(to, json_number_value(value));
    } else {
        char *other = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
        fputs(other ? other : "null", to);
        free(other);
    }
    c->failed |= ipd_text_close(to, &text);
    row->json[i] = text;
}

static void put_text(struct comparison *c, struct row *row, int i, const char *text)
{
    json_t *value = json_stringn_nocheck(text, strlen(text));
    ipd_runs_text(row->shown[i], VALUE, text);
    put_json(c, row, i, value);
    json_decref(value);
}

static void put_number(struct comparison *c, struct row *row, int i, double value)
{
    json_t *number = isfinite(value) ? json_real(value) : NULL;
    if (strstr(row->name, "accuracy"))
        ipd_runs_quality(row->shown[i], &c->runs[i], value);
    else if (isnan(value))
        strcpy(row->shown[i], "-");
    else
        snprintf(row->shown[i], VALUE, "%.*g", fabs(value) < 1e15 && value == floor(value) ? 15 : 5,
                 value);
    put_json(c, row, i, number);
    json_decref(number);
}

static void put_setting(struct comparison *c, struct row *row, int i, const json_t *value)
{
    put_json(c, row, i, value);
    const char *text = json_is_string(value) ? json_string_value(value) : row->json[i];
    int none = !value || !text || ipd_runs_is_unset(row->name, value);
    ipd_runs_text(row->shown[i], VALUE, none ? "-" : text);
}

/* Adds the row of a field, by its name. */
static void put_field(struct comparison *c, const char *name)
{
    const ipd_history_field *f = ipd_history_fields;
    struct row *row = new_row(c, name);
    while (strcmp(f->name, name))
        f++;
    for (int i = 0; i < c->count; i++)
        if (f->type == IPD_RUN_TEXT)
            put_text(c, row, i, ipd_history_field_text(f, &c->runs[i]));
        else
            put_number(c, row, i, ipd_history_field_number(f, &c->runs[i]));
}

static void add_text(struct comparison *c, const char *name)
{
    put_field(c, name);
    keep_difference(c);
}

static void find_differences(struct comparison *c)
{
    json_t *settings[MOST];
    add_text(c, "dataset");
    int before = c->row_count;
    add_text(c, "checksum");
    for (int i = 0; i < c->count && before < c->row_count; i++)
        c->rows[before].shown[i][CHECKSUM] = 0;
    add_text(c, "network");
    for (int i = 0; i < c->count; i++)
        settings[i] = json_loads(c->runs[i].settings, 0, NULL);
    for (const ipd_setting *s = ipd_settings_table; s->name; s++) {
        struct row *row = new_row(c, s->name);
        for (int i = 0; i < c->count; i++)
            put_setting(c, row, i, json_object_get(settings[i], s->name));
        keep_difference(c);
    }
    for (int i = 0; i < c->count; i++)
        json_decref(settings[i]);
    add_text(c, "version");
    add_text(c, "openblas");
    add_text(c, "kernel");
    c->settings = c->row_count;
}

/* The last iteration that all curves have; 0 if there is none. The points are in the order of
 * iterations. */
static int last_common(const ipd_history_curve *curves, int count)
{
    size_t at[MOST];
    for (int i = 0; i < count; i++)
        at[i] = curves[i].count;
    for (;;) {
        double least = INFINITY;
        int all = 1;
        for (int i = 0; i < count; i++) {
            if (!at[i])
                return 0;
            least = fmin(least, curves[i].x[at[i] - 1]);
        }
        for (int i = 0; i < count; i++)
            while (at[i] && curves[i].x[at[i] - 1] > least) {
                at[i]--;
                all = 0;
            }
        if (all)
            return (int)least;
    }
}

static double value_at(const ipd_history_curve *curve, int iteration)
{
    for (size_t k = curve->count; k > 0 && curve->x[k - 1] >= iteration; k--)
        if (curve->x[k - 1] == iteration)
            return curve->y[k - 1];
    return NAN;
}

/* Adds a row of values of the last common iteration. */
static int put_common(ipd_runs *r, struct comparison *c, const char *name, ipd_error *e)
{
    ipd_history_curve curves[MOST] = {0};
    ipd_measure m = {.field = ipd_field_find(name)};
    int failed = 0;
    for (int i = 0; i < c->count && !failed; i++)
        failed = ipd_history_read_curve(r->h, c->runs[i].id, &m, 0, &curves[i], e);
    if (!failed && !c->common)
        c->common = last_common(curves, c->count);
    if (!failed && c->common) {
        struct row *row = new_row(c, name);
        for (int i = 0; i < c->count; i++)
            put_number(c, row, i, value_at(&curves[i], c->common));
        c->row_count++;
    }
    for (int i = 0; i < c->count; i++)
        ipd_history_curve_free(&curves[i]);
    return failed ? -1 : 0;
}

/* Returns 1 if this row of results applies to the runs. measure: 1 to show the row `measure` in any
 * case. */
static int has_figure(const struct comparison *c, const char *name, int measure)
{
    int validates = 0, values = 0;
    for (int i = 0; i < c->count; i++) {
        validates = validates || c->runs[i].validation;
        values = values || ipd_history_is_r2(&c->runs[i]);
    }
    return (validates || !strstr(name, "validation")) && (values || !strstr(name, "rmse")) &&
           (values || measure || strcmp(name, "measure") != 0);
}

/* Adds the rows of results, even if they are equal. In JSON these are all figures of the last
 * records; in text those of the run as a whole. The values of the last common iteration follow. */
static int add_figures(ipd_runs *r, struct comparison *c, int json, ipd_error *e)
{
    static const char *const figures[] = {"status",
                                          "iteration",
                                          "seconds",
                                          "phi",
                                          "forward_loss",
                                          "measure",
                                          "train_accuracy",
                                          "validation_accuracy",
                                          "best_validation_accuracy",
                                          "test_accuracy",
                                          "best_test_accuracy",
                                          "train_rmse",
                                          "validation_rmse",
                                          "test_rmse"};
    enum { FIGURES = sizeof figures / sizeof *figures };
    for (int k = 0; k < FIGURES; k++)
        if (has_figure(c, figures[k], json) &&
            (json || !ipd_field_find(figures[k]) || !strcmp(figures[k], "iteration") ||
             !strcmp(figures[k], "seconds"))) {
            put_field(c, figures[k]);
            c->row_count++;
        }
    c->ends = c->row_count;
    for (int k = 0; k < FIGURES; k++)
        if (has_figure(c, figures[k], 0) && ipd_field_find(figures[k]) &&
            strcmp(figures[k], "iteration") != 0 && strcmp(figures[k], "seconds") != 0 &&
            put_common(r, c, figures[k], e))
            return -1;
    return 0;
}

static int add_change(void *context, const ipd_place *place, const char *text)
{
    ipd_change_list_add(context, place, text);
    return 0;
}

static int read_changes(ipd_runs *r, struct comparison *c, ipd_error *e)
{
    for (int i = 0; i < c->count; i++) {
        if (ipd_history_changes(r->h, c->runs[i].id, add_change, &c->changes[i], e))
            return -1;
        c->changed[i] = ipd_change_list_text(&c->changes[i]);
        c->failed |= !c->changed[i];
    }
    return 0;
}

static void print_rows(const ipd_runs *r, const struct comparison *c, int from, int to)
{
    int widest = 8, each = 8;
    for (int i = 0; i < c->row_count; i++) {
        widest = (int)fmax(widest, strlen(c->rows[i].name));
        for (int k = 0; k < c->count; k++)
            each = (int)fmax(each, ipd_text_columns(c->rows[i].shown[k], 0));
    }
    int room = (r->width - widest) / c->count - 2;
    each = (int)fmax(4, fmin(each, room));
    for (int i = from; i < to; i++) {
        ipd_runs_cell(stdout, c->rows[i].name, widest, 0);
        for (int k = 0; k < c->count; k++) {
            fputs("  ", stdout);
            ipd_runs_cell(stdout, c->rows[i].shown[k], each, 1);
        }
        putchar('\n');
    }
}

/* Prints the heading: the runs' numbers and names. Their rows are stored at the end of the
 * array. */
static void print_heads(const ipd_runs *r, struct comparison *c)
{
    int first = c->row_count;
    struct row *row = new_row(c, "run");
    for (int i = 0; i < c->count; i++)
        put_number(c, row, i, (double)c->runs[i].id);
    c->row_count++;
    add_text(c, "name");
    print_rows(r, c, first, c->row_count);
}

/* Prints the changes during each run; the settings above are those at the start. */
static void print_changes(const ipd_runs *r, const struct comparison *c)
{
    int any = 0;
    for (int i = 0; i < c->count; i++)
        any |= *c->changed[i] != 0;
    if (!any)
        return;
    printf("changed during the run:\n");
    for (int i = 0; i < c->count; i++) {
        int at = printf("  %ld: ", c->runs[i].id);
        for (char *s = c->changed[i]; *s; s++) /* as ipd_runs_text does */
            *s = (unsigned char)*s < ' ' || *s == 0x7F ? ' ' : *s;
        ipd_text_wrap(stdout, *c->changed[i] ? c->changed[i] : "nothing", at, 6, r->width);
    }
}

static void print_json_rows(const struct comparison *c, const char *name, int from, int to)
{
    printf(", \"%s\": {", name);
    for (int i = from; i < to; i++) {
        printf("%s\"%s\": [", i > from ? ", " : "", c->rows[i].name);
        for (int k = 0; k < c->count; k++)
            printf("%s%s", k ? ", " : "", c->rows[i].json[k]);
        putchar(']');
    }
    putchar('}');
}

static int json_change(void *context, const ipd_place *place, const char *text)
{
    const char **comma = context;
    fputs(*comma, stdout);
    ipd_runs_change_json(place, text);
    *comma = ", ";
    return 0;
}

static int print_json(ipd_runs *r, const struct comparison *c, ipd_error *e)
{
    printf("{\"runs\": [");
    for (int i = 0; i < c->count; i++)
        printf("%s%ld", i ? ", " : "", c->runs[i].id);
    putchar(']');
    print_json_rows(c, "differences", 0, c->settings);
    printf(", \"changes\": [");
    int failed = 0;
    for (int i = 0; i < c->count; i++) {
        const char *comma = "";
        printf("%s[", i ? ", " : "");
        failed = failed || ipd_history_changes(r->h, c->runs[i].id, json_change, &comma, e);
        putchar(']');
    }
    putchar(']');
    print_json_rows(c, "figures", c->settings, c->ends);
    printf(", \"common_iteration\": ");
    if (c->common)
        printf("%d", c->common);
    else
        printf("null");
    print_json_rows(c, "common", c->ends, c->row_count);
    printf("}\n");
    return failed ? -1 : 0;
}

static void free_comparison(struct comparison *c)
{
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < MOST; k++)
            free(c->rows[i].json[k]);
    for (int i = 0; i < MOST; i++) {
        ipd_change_list_free(&c->changes[i]);
        free(c->changed[i]);
    }
    free(c);
}

/* Reads the runs that the operands name, and makes all rows. */
static int compare(ipd_runs *r, struct comparison *c, ipd_error *e)
{
    for (int i = 1; i < r->operand_count; i++)
        if (ipd_runs_find(r, i, &c->runs[c->count++], e))
            return -1;
    find_differences(c);
    if (add_figures(r, c, ipd_json_asked(&r->json), e) || read_changes(r, c, e))
        return -1;
    return c->failed ? ipd_fail(e, IPD_EMEMORY, "not enough memory for the comparison") : 0;
}

static void print_comparison(const ipd_runs *r, struct comparison *c)
{
    int settings = c->settings, all = c->row_count;
    print_heads(r, c);
    putchar('\n');
    print_rows(r, c, 0, settings);
    if (!settings)
        printf("no setting differs at the start\n");
    print_changes(r, c);
    putchar('\n');
    print_rows(r, c, settings, c->ends);
    if (c->common)
        printf("\nat iteration %d, the last one of all runs:\n", c->common);
    else
        printf("\nno iteration in common\n");
    print_rows(r, c, c->ends, all);
}

int ipd_runs_compare(ipd_runs *r, ipd_error *e)
{
    struct comparison *c = calloc(1, sizeof *c);
    ipd_runs_charts charts = {0};
    if (!c)
        return ipd_fail(e, IPD_EMEMORY, "not enough memory for the comparison");
    /* Read everything that can fail before the first line of output. */
    int failed = compare(r, c, e);
    if (!failed && !ipd_json_asked(&r->json))
        failed = ipd_runs_read_charts(r, c->runs, c->count, &charts, e);
    if (!failed && ipd_json_asked(&r->json))
        failed = print_json(r, c, e);
    else if (!failed)
        print_comparison(r, c);
    failed = failed || ipd_runs_draw_charts(r, &charts, e);
    ipd_runs_free_charts(&charts);
    free_comparison(c);
    return failed ? -1 : 0;
}
