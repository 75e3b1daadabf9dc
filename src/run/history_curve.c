/* history_curve.c - one value of a run's records over the iterations. See history.h. */
#include "run/history_private.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Value `index` of a field in the statement's column. */
static double value_of(sqlite3_stmt *s, int column, const ipd_field *f, int L, int index)
{
    char name[64];
    if (f->extent == IPD_SCALAR)
        return f->kind == IPD_STRING ? NAN : ipd_history_number(s, column);
    const char *text = (const char *)sqlite3_column_text(s, column);
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    ipd_field_column(f, L, index, name, sizeof name);
    const json_t *value = f->extent == IPD_BY_BLOCK
                              ? json_object_get(json, name + strlen(f->column) + 1)
                              : json_array_get(json, (size_t)index);
    double x = json_is_number(value) ? json_number_value(value) : NAN;
    json_decref(json);
    return x;
}

static int add_point(ipd_history_curve *c, size_t *room, double x, double y)
{
    if (c->count == *room) {
        size_t more = *room ? 2 * *room : 64;
        double *xs = realloc(c->x, more * sizeof *xs);
        if (xs)
            c->x = xs;
        double *ys = xs ? realloc(c->y, more * sizeof *ys) : NULL;
        if (!ys)
            return -1;
        c->y = ys;
        *room = more;
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

/* All values from row to row; or, with `most`, the iterations in as many steps of equal length, each
 * looked up by the primary key: what lies between is not read. */
static int prepare(ipd_history *h, const ipd_field *f, size_t most, sqlite3_stmt **s, ipd_error *e)
{
    char sql[640];
    if (sqlite3_table_column_metadata(h->db, NULL, "records", f->name, NULL, NULL, NULL, NULL,
                                      NULL) != SQLITE_OK)
        return ipd_fail(e, IPD_ESTATE, "%s: the history has no %s", h->path, f->name);
    if (most == 0)
        snprintf(sql, sizeof sql,
                 "SELECT iteration, \"%s\" FROM records WHERE run = ?1 ORDER BY iteration",
                 f->name);
    else
        snprintf(sql, sizeof sql,
                 "WITH RECURSIVE ends(low, high) AS MATERIALIZED (SELECT"
                 " (SELECT min(iteration) FROM records WHERE run = ?1),"
                 " (SELECT max(iteration) FROM records WHERE run = ?1)),"
                 " places(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM places WHERE i + 1 < ?2)"
                 " SELECT DISTINCT iteration, \"%s\" FROM ends, places CROSS JOIN records"
                 " WHERE run = ?1 AND iteration ="
                 " low + CASE WHEN ?2 > 1 THEN i * (high - low) / (?2 - 1) ELSE high - low END"
                 " ORDER BY i",
                 f->name);
    return ipd_history_prepare(h, sql, s, e);
}

int ipd_history_read_curve(ipd_history *h, long id, const ipd_field *f, int index, size_t most,
                           ipd_history_curve *out, ipd_error *e)
{
    sqlite3_stmt *s;
    size_t room = 0;
    int got, full = 0;
    ipd_history_run *run = malloc(sizeof *run);
    *out = (ipd_history_curve){0};
    if (!run)
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path);
    int L = 0, failed = 0;
    if (f->extent != IPD_SCALAR)
        failed = ipd_history_find(h, id, run, e), L = run->L;
    free(run);
    if (failed || prepare(h, f, most, &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    if (most)
        sqlite3_bind_int64(s, 2, (sqlite3_int64)most);
    while ((got = sqlite3_step(s)) == SQLITE_ROW && !full)
        full = add_point(out, &room, sqlite3_column_double(s, 0), value_of(s, 1, f, L, index));
    if (ipd_history_end_query(h, s, got, e) || full) {
        ipd_history_curve_free(out);
        return full ? ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path) : -1;
    }
    return 0;
}
