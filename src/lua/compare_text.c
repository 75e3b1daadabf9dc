/* compare_text.c - what ip.compare prints: figures of two runs at their last common iteration, what was changed on
 * the way, and without a screen their curves. */
#include "base/text.h"
#include "lua/core/internal.h"
#include "plot/chart.h"
#include "plot/glyph.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 76, CHART_HEIGHT = 14, DIFFERENCE_HEIGHT = 9, NAME = 20, CELL = 14 };

/* Goes to the next iteration that both have, from records i and k on; 0 where there is none. */
static int next_pair(const ipd_lua_curves *a, const ipd_lua_curves *b, size_t *i, size_t *k)
{
    while (*i < a->count && *k < b->count) {
        int x = a->records[*i].iteration, y = b->records[*k].iteration;
        if (x == y)
            return 1;
        *(x < y ? i : k) += 1;
    }
    return 0;
}

/* The records of the last iteration that both have; 0 where there is none. */
static int last_pair(const ipd_lua_curves *a, const ipd_lua_curves *b, const ipd_record **x,
                     const ipd_record **y)
{
    int found = 0;

    for (size_t i = 0, k = 0; next_pair(a, b, &i, &k); i++, k++, found = 1) {
        *x = &a->records[i];
        *y = &b->records[k];
    }
    return found;
}

static int differ(double x, double y)
{
    return x != y && !(isnan(x) && isnan(y));
}

int ipd_lua_first_difference(const ipd_lua_curves *a, const ipd_lua_curves *b)
{
    for (size_t i = 0, k = 0; next_pair(a, b, &i, &k); i++, k++) {
        const ipd_record *x = &a->records[i], *y = &b->records[k];
        /* Found on other samples, or not at all, they say nothing of the training. */
        int same_samples = x->metrics_samples == y->metrics_samples;
        if (differ(x->phi, y->phi) || differ(x->rho, y->rho) ||
            (same_samples && (differ(x->forward_loss, y->forward_loss) ||
                              differ(x->test_accuracy, y->test_accuracy))))
            return x->iteration;
    }
    return 0;
}

/* The text at the right end of a cell, cut to its width. */
static void put_cell(FILE *to, const char *text)
{
    size_t length = strlen(text), at = 0;
    int columns = 0;

    while (at < length) {
        uint32_t code;
        size_t n = ipd_utf8_decode(text + at, length - at, &code);
        int width = ipd_glyph_width(code);
        if (columns + (width < 0 ? 1 : width) > CELL)
            break;
        columns += width < 0 ? 1 : width;
        at += n;
    }
    fprintf(to, " %*s%.*s", CELL - columns, "", (int)at, text);
}

static void put_number(FILE *to, double value, int digits)
{
    char text[24];

    ipd_short_number(text, sizeof text, value, digits);
    put_cell(to, !isnan(value) ? text : ipd_charset_of_locale() == IPD_ASCII ? "-" : "–");
}

/* Names that are alike have their numbers with them. */
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
    const ipd_record *x, *y;
    int first = ipd_lua_first_difference(a, b);

    put_names(to, a, b);
    fprintf(to, "%-*s %*zu %*zu\n", NAME, "iterations", CELL, a->count, CELL, b->count);
    if (!last_pair(a, b, &x, &y)) {
        fprintf(to, "no iteration in common");
        return;
    }
    for (int i = 0; fields[i]; i++) {
        const ipd_field *f = ipd_field_find(fields[i]);
        double u = ipd_field_value(f, x, 0), v = ipd_field_value(f, y, 0);
        if (isnan(u) && isnan(v))
            continue;
        fprintf(to, "%-*s", NAME, fields[i]);
        put_number(to, u, 5);
        put_number(to, v, 5);
        put_number(to, u - v, 3);
        fputc('\n', to);
    }
    fprintf(to, "(at iteration %d; ", x->iteration);
    if (first)
        fprintf(to, "they differ from iteration %d on)", first);
    else
        fprintf(to, "they are the same so far)");
}

static int has_values(const ipd_lua_curves *c, const ipd_field *f)
{
    for (size_t i = 0; i < c->count; i++)
        if (!isnan(ipd_field_value(f, &c->records[i], 0)))
            return 1;
    return 0;
}

/* What both have: phi, else the loss of the forward pass; NULL where they have neither in common. */
static const ipd_field *objective(const ipd_lua_curves *a, const ipd_lua_curves *b)
{
    static const char *const names[] = {"phi", "forward_loss"};

    for (int i = 0; i < 2; i++) {
        const ipd_field *f = ipd_field_find(names[i]);
        if (has_values(a, f) && has_values(b, f))
            return f;
    }
    return NULL;
}

/* values: room for 2 (a->count + b->count + the lesser count). */
static void write_charts(FILE *to, const ipd_lua_curves *a, const ipd_lua_curves *b, double *values)
{
    const ipd_lua_curves *both[] = {a, b};
    const ipd_field *f = objective(a, b);
    ipd_series series[2], minus = {.name = "difference", .ink = IPD_INK_SERIES_1};
    int any = 0;

    if (!f)
        return;
    for (int k = 0; k < 2; k++) {
        size_t count = both[k]->count;
        series[k] = (ipd_series){.name = both[k]->name,
                                 .x = values,
                                 .y = values + count,
                                 .count = count,
                                 .ink = (ipd_ink)(IPD_INK_SERIES_1 + k)};
        for (size_t i = 0; i < count; i++) {
            values[i] = both[k]->records[i].iteration;
            values[count + i] = ipd_field_value(f, &both[k]->records[i], 0);
        }
        values += 2 * count;
    }
    double *x = values, *y = values + (a->count < b->count ? a->count : b->count);
    for (size_t i = 0, k = 0; next_pair(a, b, &i, &k); i++, k++, minus.count++) {
        x[minus.count] = a->records[i].iteration;
        y[minus.count] = series[0].y[i] - series[1].y[k];
        any |= !isnan(y[minus.count]);
    }
    minus.x = x;
    minus.y = y;
    ipd_chart chart = {.title = f->name,
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

/* Nothing where neither run was changed. */
static void write_changes(FILE *to, const ipd_lua_curves both[2], char *const changes[2])
{
    char line[96];

    if (!*changes[0] && !*changes[1])
        return;
    fputs("\nchanged on the way:\n", to);
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
    size_t min = a->count < b->count ? a->count : b->count, size;
    double *values = lua_newuserdatauv(L, 2 * (a->count + b->count + min + 1) * sizeof *values, 0);
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
        L, text,
        size - (size && text[size - 1] == '\n')); /* raising loses the text with the state */
    free(text);
    return 1;
}
