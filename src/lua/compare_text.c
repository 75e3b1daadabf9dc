/* compare_text.c - the output of ip.compare: the figures of two runs at their last common
 * iteration, their changes and, without a screen, their curves. */
#include "base/text.h"
#include "lua/classes.h"
#include "plot/chart.h"
#include "plot/glyph.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 76, CHART_HEIGHT = 14, DIFFERENCE_HEIGHT = 9, NAME = 20, CELL = 14 };

static size_t lesser_count(const ipd_lua_curves *a, const ipd_lua_curves *b)
{
    return a->records->count < b->records->count ? a->records->count : b->records->count;
}

/* Advances i and k to the next common iteration; returns 0 if there is none. */
static int next_pair(const ipd_lua_curves *a, const ipd_lua_curves *b, size_t *i, size_t *k)
{
    while (*i < a->records->count && *k < b->records->count) {
        double x = ipd_records_number(a->records, "iteration", *i);
        double y = ipd_records_number(b->records, "iteration", *k);
        if (x == y)
            return 1;
        *(x < y ? i : k) += 1;
    }
    return 0;
}

/* Finds the records of the last common iteration; returns 0 if there is none. */
static int last_pair(const ipd_lua_curves *a, const ipd_lua_curves *b, size_t *x, size_t *y)
{
    int found = 0;

    for (size_t i = 0, k = 0; next_pair(a, b, &i, &k); i++, k++, found = 1) {
        *x = i;
        *y = k;
    }
    return found;
}

static int differ(const ipd_lua_curves *a, const ipd_lua_curves *b, const char *field, size_t i,
                  size_t k)
{
    double x = ipd_records_number(a->records, field, i);
    double y = ipd_records_number(b->records, field, k);
    return x != y && !(isnan(x) && isnan(y));
}

int ipd_lua_first_difference(const ipd_lua_curves *a, const ipd_lua_curves *b)
{
    for (size_t i = 0, k = 0; next_pair(a, b, &i, &k); i++, k++) {
        /* Accuracies on different samples, or missing ones, do not compare the training. */
        int same_samples = ipd_records_number(a->records, "metrics_samples", i) ==
                           ipd_records_number(b->records, "metrics_samples", k);
        if (differ(a, b, "phi", i, k) || differ(a, b, "rho", i, k) ||
            (same_samples &&
             (differ(a, b, "forward_loss", i, k) || differ(a, b, "test_accuracy", i, k))))
            return (int)ipd_records_number(a->records, "iteration", i);
    }
    return 0;
}

/* Writes the text right-aligned in a cell, cut to its width. */
static void put_cell(FILE *to, const char *text)
{
    size_t length = strlen(text), at = 0, bytes;
    int columns = 0;

    for (; at < length; at += bytes) {
        int width = ipd_glyph_columns(text + at, length - at, &bytes);
        if (columns + width > CELL)
            break;
        columns += width;
    }
    fprintf(to, " %*s%.*s", CELL - columns, "", (int)at, text);
}

static void put_number(FILE *to, double value, int digits)
{
    char text[24];

    ipd_short_number(text, sizeof text, value, digits);
    put_cell(to, !isnan(value) ? text : ipd_charset_of_locale() == IPD_ASCII ? "-" : "–");
}

/* Writes both names; equal names are followed by their numbers. */
static void put_names(FILE *to, const ipd_lua_curves *a, const ipd_lua_curves *b)
{
    const ipd_lua_curves *both[] = {a, b};
    char name[96];

    fprintf(to, "%-*s", NAME, "");
    for (int i = 0; i < 2; i++) {
        int number = !strcmp(a->name, b->name) && both[i]->id > 0;
        snprintf(name, sizeof name, number ? "%2$ld: %1$s" : "%1$s", both[i]->name, both[i]->id);
        put_cell(to, name);
    }
    put_cell(to, "difference");
    fputc('\n', to);
}

static void write_table(FILE *to, const ipd_lua_curves *a, const ipd_lua_curves *b)
{
    static const char *const fields[] = {
        "phi",          "loss",           "linear_gap",    "activation_gap",     "rho",
        "forward_loss", "train_accuracy", "test_accuracy", "auxiliary_accuracy", NULL};
    size_t x, y;
    int first = ipd_lua_first_difference(a, b);

    put_names(to, a, b);
    fprintf(to, "%-*s %*zu %*zu\n", NAME, "iterations", CELL, a->records->count, CELL,
            b->records->count);
    if (!last_pair(a, b, &x, &y)) {
        fprintf(to, "no iteration in common");
        return;
    }
    for (int i = 0; fields[i]; i++) {
        double u = ipd_records_number(a->records, fields[i], x);
        double v = ipd_records_number(b->records, fields[i], y);
        if (isnan(u) && isnan(v))
            continue;
        fprintf(to, "%-*s", NAME, fields[i]);
        put_number(to, u, 5);
        put_number(to, v, 5);
        put_number(to, u - v, 3);
        fputc('\n', to);
    }
    fprintf(to, "(at iteration %.0f; ", ipd_records_number(a->records, "iteration", x));
    if (first)
        fprintf(to, "they differ from iteration %d on)", first);
    else
        fprintf(to, "they are the same so far)");
}

static int has_values(const ipd_lua_curves *c, const char *field)
{
    for (size_t i = 0; i < c->records->count; i++)
        if (!isnan(ipd_records_number(c->records, field, i)))
            return 1;
    return 0;
}

/* The objective that both runs have: phi, else forward_loss; NULL if there is none. */
static const char *objective(const ipd_lua_curves *a, const ipd_lua_curves *b)
{
    static const char *const names[] = {"phi", "forward_loss"};

    for (int i = 0; i < 2; i++)
        if (has_values(a, names[i]) && has_values(b, names[i]))
            return names[i];
    return NULL;
}

/* values: a buffer of twice the smaller count. */
static void write_charts(FILE *to, const ipd_lua_curves *a, const ipd_lua_curves *b, double *values)
{
    const ipd_lua_curves *both[] = {a, b};
    const char *field = objective(a, b);
    ipd_series series[2], minus = {.name = "difference", .ink = IPD_INK_SERIES_1};
    int any = 0;

    if (!field)
        return;
    for (int k = 0; k < 2; k++)
        series[k] = (ipd_series){.name = both[k]->name,
                                 .x = ipd_values_of(both[k]->records, "iteration", 0),
                                 .y = ipd_values_of(both[k]->records, field, 0),
                                 .count = both[k]->records->count,
                                 .ink = (ipd_ink)(IPD_INK_SERIES_1 + k)};
    double *y = values + lesser_count(a, b);
    for (size_t i = 0, k = 0; next_pair(a, b, &i, &k); i++, k++, minus.count++) {
        values[minus.count] = ipd_value_at(&series[0].x, i);
        y[minus.count] = ipd_value_at(&series[0].y, i) - ipd_value_at(&series[1].y, k);
        any |= !isnan(y[minus.count]);
    }
    minus.x.array = values;
    minus.y.array = y;
    ipd_chart chart = {.title = field,
                       .x_label = "iteration",
                       .y_kind = IPD_LOG,
                       .x_whole = 1,
                       .series = series,
                       .series_count = 2,
                       .legend = 1};
    ipd_chart_text(to, &chart, WIDTH, CHART_HEIGHT, ipd_charset_of_locale(), 0, NULL);
    chart.title = NULL;
    chart.y_kind = IPD_LINEAR;
    chart.series = &minus;
    chart.series_count = 1;
    if (any)
        ipd_chart_text(to, &chart, WIDTH, DIFFERENCE_HEIGHT, ipd_charset_of_locale(), 0, NULL);
}

/* Writes nothing if neither run was changed. */
static void write_changes(FILE *to, const ipd_lua_curves both[2], char *const changes[2])
{
    char line[96];

    if (!*changes[0] && !*changes[1])
        return;
    fputs("\nchanged during the run:\n", to);
    for (int i = 0; i < 2; i++) {
        snprintf(line, sizeof line, "  %s: ", both[i].name);
        fputs(line, to);
        ipd_text_wrap(to, *changes[i] ? changes[i] : "nothing", (int)strlen(line), 4, WIDTH);
    }
}

int ipd_lua_push_comparison(lua_State *L, const ipd_lua_curves both[2], char *const changes[2],
                            int charts)
{
    const ipd_lua_curves *a = &both[0], *b = &both[1];
    size_t size;
    double *values = lua_newuserdatauv(L, 2 * (lesser_count(a, b) + 1) * sizeof *values, 0);
    char *text = NULL;
    FILE *to = open_memstream(&text, &size);

    if (!to)
        return luaL_error(L, "not enough memory for a comparison");
    if (charts)
        write_charts(to, a, b, values);
    write_table(to, a, b);
    write_changes(to, both, changes);
    if (ipd_text_close(to, &text)) {
        free(text);
        return luaL_error(L, "not enough memory for a comparison");
    }
    size = strlen(text);
    lua_pushlstring(
        L, text, size - (size && text[size - 1] == '\n')); /* out of memory here loses the text */
    free(text);
    return 1;
}
