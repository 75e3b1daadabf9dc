/* curve.c - one value of a run's records over the iterations. See history.h. */
#include "history/private.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The value in a column of the statement. */
static double value_of(sqlite3_stmt *s, int column, const ipd_measure *m, int L)
{
    const ipd_field *f = m->field;
    char name[64];
    if (f->extent == IPD_SCALAR)
        return f->kind == IPD_STRING ? NAN : ipd_history_number(s, column);
    const char *text = (const char *)sqlite3_column_text(s, column);
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    ipd_field_column(f, L, m->index, name, sizeof name);
    const char *key = *m->metric ? m->metric : name + strlen(f->column) + 1;
    const json_t *value =
        json_is_object(json) ? json_object_get(json, key) : json_array_get(json, (size_t)m->index);
    double x = json_is_number(value) ? json_number_value(value) : NAN;
    json_decref(json);
    return x;
}

static int add_point(ipd_history_curve *c, size_t *capacity, double x, double y)
{
    if (c->count == *capacity) {
        size_t more = *capacity ? 2 * *capacity : 64;
        double *xs = realloc(c->x, more * sizeof *xs);
        if (xs)
            c->x = xs;
        double *ys = xs ? realloc(c->y, more * sizeof *ys) : NULL;
        if (!ys)
            return -1;
        c->y = ys;
        *capacity = more;
    }
    c->x[c->count] = x;
    c->y[c->count++] = y;
    return 0;
}

void ipd_history_curve_free(ipd_history_curve *c)
{
    free(c->x);
    free(c->y);
    *c = (ipd_history_curve){0};
}

/* Prepares h->curve: all values, or one by its primary key. Kept for the next run. */
static int prepare(ipd_history *h, const ipd_field *f, int one, ipd_error *e)
{
    char sql[160];
    if (h->curve && h->curve_field == f && h->curve_one == one)
        return 0;
    sqlite3_finalize(h->curve);
    h->curve = NULL;
    h->curve_field = f;
    h->curve_one = one;
    if (!ipd_history_has_column(h, "records", f->name))
        return ipd_fail(e, IPD_ESTATE, "%s: the history has no %s", h->path, f->name);
    snprintf(sql, sizeof sql, "SELECT iteration, \"%s\" FROM records WHERE run = ?1 %s", f->name,
             one ? "AND iteration = ?2" : "ORDER BY iteration");
    return ipd_history_prepare(h, sql, &h->curve, e);
}

static int find_depth(ipd_history *h, long id, int *L, ipd_error *e)
{
    ipd_history_run *run = malloc(sizeof *run);
    int failed = run ? ipd_history_find(h, id, run, e)
                     : ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path);
    if (!failed)
        *L = run->L;
    free(run);
    return failed;
}

int ipd_history_hold(ipd_history *h, ipd_error *e)
{
    return ipd_history_sql(h, "BEGIN", e);
}

void ipd_history_release(ipd_history *h)
{
    sqlite3_exec(h->db, "COMMIT", NULL, NULL, NULL);
}

/* The first and the last iteration; 0 and -1 if there are no records. */
static int find_ends(ipd_history *h, long id, long *low, long *high, ipd_error *e)
{
    *low = 0, *high = -1;
    if (!h->ends &&
        ipd_history_prepare(h,
                            "SELECT (SELECT min(iteration) FROM records WHERE run = ?1),"
                            " (SELECT max(iteration) FROM records WHERE run = ?1)",
                            &h->ends, e))
        return -1;
    sqlite3_bind_int64(h->ends, 1, id);
    int got = sqlite3_step(h->ends);
    if (got == SQLITE_ROW && sqlite3_column_type(h->ends, 0) != SQLITE_NULL) {
        *low = (long)sqlite3_column_int64(h->ends, 0);
        *high = (long)sqlite3_column_int64(h->ends, 1);
    }
    int failed = got == SQLITE_ROW ? 0 : ipd_history_fail(h, e);
    sqlite3_reset(h->ends);
    return failed;
}

/* Runs h->curve to its end. */
static int read_points(ipd_history *h, const ipd_measure *m, int L, ipd_history_curve *out,
                       size_t *capacity, ipd_error *e)
{
    sqlite3_stmt *s = h->curve;
    int got, full = 0;
    while ((got = sqlite3_step(s)) == SQLITE_ROW && !full)
        full = add_point(out, capacity, sqlite3_column_double(s, 0), value_of(s, 1, m, L));
    int failed = full                 ? ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path)
                 : got != SQLITE_DONE ? ipd_history_fail(h, e)
                                      : 0;
    sqlite3_reset(s);
    return failed;
}

/* Reads `max` points at equal distances; the rows between are not read. */
static int read_samples(ipd_history *h, long id, const ipd_measure *m, int L, long max,
                        ipd_history_curve *out, size_t *capacity, ipd_error *e)
{
    long low, high, before = -1;
    int failed = find_ends(h, id, &low, &high, e);
    for (long i = 0; i < max && low <= high && !failed; i++) {
        long at = low + (max > 1 ? i * (high - low) / (max - 1) : high - low);
        if (at == before)
            continue;
        sqlite3_bind_int64(h->curve, 2, before = at);
        failed = read_points(h, m, L, out, capacity, e);
    }
    return failed;
}

int ipd_history_read_curve(ipd_history *h, long id, const ipd_measure *m, size_t max,
                           ipd_history_curve *out, ipd_error *e)
{
    size_t capacity = 0;
    int L = 0;
    *out = (ipd_history_curve){0};
    if ((m->field->extent != IPD_SCALAR && find_depth(h, id, &L, e)) ||
        prepare(h, m->field, max > 0, e))
        return -1;
    sqlite3_bind_int64(h->curve, 1, id);
    int failed = max ? read_samples(h, id, m, L, (long)max, out, &capacity, e)
                     : read_points(h, m, L, out, &capacity, e);
    if (failed)
        ipd_history_curve_free(out);
    return failed;
}
