/* plot_series.c - makes the series of a figure from the rows of CSV files; see plot.h. */
#include "base/text.h"
#include "cli/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The values of one row. */
typedef struct point {
    int series;       /* -1: the row has no finite x */
    double key, x, y; /* rows of a series with the same key are averaged */
} point;

static int find_column(const ipd_csv *t, const char *path, const char *name, size_t *column,
                       ipd_error *e)
{
    long found = ipd_csv_column(t, name);
    if (found >= 0) {
        *column = (size_t)found;
        return 0;
    }
    ipd_nearest near = {.word = name};
    for (size_t i = 0; i < t->columns; i++)
        ipd_nearest_try(&near, t->name[i]);
    ipd_fail_unknown(e, "column", &near, "The first line of the file names the columns.");
    return ipd_fail_in(e, "%s", path);
}

/* The name of a row's series: "alpha = 0.7, data = mnist", or the name of column y if there is
 * nothing else. */
static char *series_name(const ipd_csv *t, size_t row, const ipd_plot_choice *c, const size_t *by)
{
    char text[512];
    size_t at = 0;
    text[0] = 0;
    if (c->prefix)
        at += (size_t)snprintf(text, sizeof text, "%.200s", c->prefix);
    for (int i = 0; i < c->by_count && at < sizeof text; i++) {
        int bare = c->by_count == 1 && (!strcmp(c->by[i], "run") || !strcmp(c->by[i], "method"));
        at +=
            (size_t)snprintf(text + at, sizeof text - at, "%s%s%s%.100s", at ? ", " : "",
                             bare ? "" : c->by[i], bare ? "" : " = ", ipd_csv_cell(t, row, by[i]));
    }
    return strdup(at ? text : c->y);
}

static int read_number(const ipd_csv *t, const char *path, size_t row, size_t column, double *to,
                       ipd_error *e)
{
    if (!ipd_csv_number(t, row, column, to))
        return 0;
    return ipd_fail(e, IPD_EUSAGE,
                    "%s: column %s holds text (\"%.40s\"), but only numbers can be drawn", path,
                    t->name[column], ipd_csv_cell(t, row, column));
}

static int compare(const void *a, const void *b)
{
    const point *p = a, *q = b;
    if (p->series != q->series)
        return p->series < q->series ? -1 : 1;
    return p->key < q->key ? -1 : p->key > q->key;
}

static int has_name(const ipd_figure_series *s, int first, int count, const char *name)
{
    for (int i = first; i < count; i++)
        if (!strcmp(s[i].name, name))
            return i;
    return -1;
}

/* Finds the series of a row by its name, or appends a new one without values. Returns its index, or
 * -1. */
static int series_of(const ipd_csv *t, size_t row, const ipd_plot_choice *c, const size_t *by,
                     int first, ipd_figure_series **series, int *count)
{
    char *name = series_name(t, row, c, by);
    int found = name ? has_name(*series, first, *count, name) : -1;

    if (found >= 0 || !name) {
        free(name);
        return name ? found : -1;
    }
    ipd_figure_series *more = realloc(*series, ((size_t)*count + 1) * sizeof *more);
    if (!more) {
        free(name);
        return -1;
    }
    *series = more;
    more[*count] = (ipd_figure_series){.name = name, .line = 1, .marks = -1};
    return (*count)++;
}

/* Fills in the points, and appends an empty series for each new name. */
static int read_points(const ipd_csv *t, const char *path, const ipd_plot_choice *c, point *points,
                       ipd_figure_series **series, int *count, ipd_error *e)
{
    size_t x = 0, y = 0, key, by[IPD_PLOT_MAX_BY] = {0};
    int first = *count;
    if (find_column(t, path, c->x, &x, e) || find_column(t, path, c->y, &y, e))
        return -1;
    for (int i = 0; i < c->by_count; i++)
        if (find_column(t, path, c->by[i], &by[i], e))
            return -1;
    key = ipd_csv_column(t, "iteration") < 0 ? x : (size_t)ipd_csv_column(t, "iteration");
    int of_time = !strcmp(c->x, "seconds") && key != x;
    double before = INFINITY, time = 0;
    for (size_t row = 0; row < t->rows; row++) {
        point *p = &points[row];
        if (read_number(t, path, row, x, &p->x, e) || read_number(t, path, row, y, &p->y, e) ||
            read_number(t, path, row, key, &p->key, e))
            return -1;
        p->series = -1;
        if (!isfinite(p->x) || !isfinite(p->key))
            continue;
        time = of_time && p->key > before ? time + p->x : p->x; /* a new run restarts the time */
        before = p->key;
        p->x = time;
        p->series = series_of(t, row, c, by, first, series, count);
        if (p->series < 0)
            return ipd_fail(e, IPD_EMEMORY, "%s: not enough memory for its series", path);
    }
    return 0;
}

/* The mean of x or, if of_y is 1, of y; avoids overflow of the sum. */
static double mean(const point *points, size_t count, int of_y)
{
    double sum = 0, parts = 0, m = (double)count;
    for (size_t i = 0; i < count; i++) {
        sum += of_y ? points[i].y : points[i].x;
        parts += (of_y ? points[i].y : points[i].x) / m;
    }
    return isfinite(sum) ? sum / m : parts;
}

/* Averages points[0 .. count), all of one series, by key. */
static int fill(ipd_figure_series *s, const point *points, size_t count, ipd_error *e)
{
    double *all = malloc(4 * (count ? count : 1) * sizeof *all);
    size_t n = 0;
    int spread = 0;
    if (!all)
        return ipd_fail(e, IPD_EMEMORY, "not enough memory for a series of %zu points", count);
    double *x = all, *y = all + count, *low = y + count, *high = low + count;
    for (size_t i = 0, end; i < count; i = end, n++) {
        double squares = 0;
        for (end = i + 1; end < count && points[end].key == points[i].key;)
            end++;
        size_t m = end - i;
        x[n] = mean(points + i, m, 0);
        y[n] = mean(points + i, m, 1);
        for (size_t j = i; j < end; j++)
            squares += (points[j].y - y[n]) * (points[j].y - y[n]);
        double deviation = m > 1 ? sqrt(squares / (double)(m - 1)) : 0;
        spread = spread || m > 1;
        low[n] = y[n] - deviation;
        high[n] = y[n] + deviation;
    }
    s->x = x;
    s->y = y;
    s->low = spread ? low : NULL;
    s->high = spread ? high : NULL;
    s->count = n;
    return 0;
}

int ipd_plot_series(const ipd_csv *t, const char *path, const ipd_plot_choice *c,
                    ipd_figure_series **series, int *count, ipd_error *e)
{
    point *points = calloc(t->rows ? t->rows : 1, sizeof *points);
    if (!points)
        return ipd_fail(e, IPD_EMEMORY, "%s: not enough memory for its rows", path);
    int first = *count, failed = read_points(t, path, c, points, series, count, e);
    if (!failed && !t->rows)
        failed = ipd_fail(e, IPD_EFORMAT, "%s: no rows yet", path);
    if (!failed)
        qsort(points, t->rows, sizeof *points, compare);
    size_t at = 0;
    while (!failed && at < t->rows && points[at].series < 0)
        at++;
    for (int i = first; i < *count && !failed; i++) {
        size_t end = at;
        while (end < t->rows && points[end].series == i)
            end++;
        failed = fill(&(*series)[i], points + at, end - at, e);
        at = end;
    }
    free(points);
    return failed;
}

int ipd_plot_has_values(const ipd_figure_series *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (!isnan(s->y[i]))
            return 1;
    return 0;
}

void ipd_plot_free_series(ipd_figure_series *s)
{
    free((char *)s->name);
    free((double *)s->x); /* y, low and high are in the same block */
}

void ipd_plot_free(ipd_figure_series *series, int count)
{
    for (int i = 0; i < count; i++)
        ipd_plot_free_series(&series[i]);
    free(series);
}
