/* fields.c - some fields of all records of a run, in columns: much faster than ipd_history_records.
 * See history.h. */
#include "base/list.h"
#include "history/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A reading of fields into columns. */
typedef struct reading {
    const ipd_field *const *fields;
    int count;
    ipd_record
        row; /* has L, the names of the metrics, and a row's values of fields with an extent */
    ipd_list iterations; /* double: of the rows */
    ipd_list *columns;   /* double: the values so far, of all columns of the fields in order */
    int column_count;
} reading;

/* The names of the run's metrics: later records may have more, at the end. */
static int read_metric_names(ipd_history *h, long id, ipd_record *to, ipd_error *e)
{
    sqlite3_stmt *s;
    if (ipd_history_prepare(
            h, "SELECT metric_names FROM records WHERE run = ? ORDER BY iteration DESC LIMIT 1", &s,
            e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    int got = sqlite3_step(s);
    if (got == SQLITE_ROW)
        ipd_history_copy_text(to->metric_names, sizeof to->metric_names, s, 0);
    return ipd_history_end_query(h, s, got, e);
}

/* Adds the values of the statement's row, or NaN if s is NULL, to all columns. -1 if memory runs
 * out. */
static int add_row(reading *r, sqlite3_stmt *s)
{
    ipd_list *c = r->columns;
    int full = 0;
    for (int k = 0; k < r->count; k++) {
        const ipd_field *f = r->fields[k];
        int n = ipd_field_count(f, r->row.L), scalar = f->extent == IPD_SCALAR;
        for (int i = 0; i < n && !scalar; i++)
            ipd_field_put(f, &r->row, i, NAN);
        if (s && !scalar)
            ipd_history_read_field(s, k + 1, f, &r->row);
        for (int i = 0; i < n; i++, c++) {
            double x = !scalar ? ipd_field_value(f, &r->row, i)
                       : s     ? ipd_history_number(s, k + 1)
                               : NAN;
            full |= ipd_list_add(c, &x, sizeof x);
        }
    }
    return full;
}

/* Reads all rows. known: 1 if `iterations` has the rows already; other rows are left out then, and
 * missing ones are NaN. */
static int read_rows(ipd_history *h, long id, reading *r, int known, ipd_error *e)
{
    sqlite3_stmt *s;
    size_t at = 0;
    int got, full = 0;
    if (ipd_history_select_records(h, r->fields, r->count, &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    while (!full && (got = sqlite3_step(s)) == SQLITE_ROW) {
        double iteration = sqlite3_column_double(s, 0);
        if (!known)
            full = ipd_list_add(&r->iterations, &iteration, sizeof iteration);
        const double *rows = r->iterations.items;
        while (!full && at < r->iterations.count && rows[at] < iteration) {
            full = add_row(r, NULL);
            at++;
        }
        if (at < r->iterations.count && rows[at] == iteration) {
            full = full || add_row(r, s);
            at++;
        }
    }
    for (; !full && at < r->iterations.count; at++)
        full = add_row(r, NULL);
    int failed = ipd_history_end_query(h, s, full ? SQLITE_DONE : got, e);
    return full ? ipd_fail(e, IPD_EMEMORY, "out of memory for the records of a run") : failed;
}

/* Makes the columns, once the records are known to have L layers. */
static int make_columns(reading *r, ipd_error *e)
{
    int all = 0;
    for (int k = 0; k < r->count; k++)
        all += ipd_field_count(r->fields[k], r->row.L);
    r->columns = ipd_allocate((size_t)all + 1, sizeof *r->columns, e);
    r->column_count = all;
    return r->columns ? 0 : -1;
}

/* Copies the columns to the records; if these are empty, makes a row per iteration first. */
static int fill(reading *r, ipd_records *to)
{
    const ipd_list *c = r->columns;
    int full = 0;
    if (!to->count)
        full = ipd_records_make(to, &r->row, r->iterations.count) ||
               ipd_records_fill(to, ipd_records_column(to, ipd_field_find("iteration"), 0),
                                r->iterations.items);
    for (int k = 0; k < r->count && !full && to->count; k++)
        for (int i = 0; i < ipd_field_count(r->fields[k], r->row.L) && !full; i++, c++)
            full = ipd_records_fill(to, ipd_records_column(to, r->fields[k], i), c->items);
    return full;
}

int ipd_history_read_fields(ipd_history *h, long id, const ipd_field *const *fields, int count,
                            ipd_records *to, ipd_error *e)
{
    ipd_history_run *run = ipd_allocate(1, sizeof *run, e);
    reading *r = run ? ipd_allocate(1, sizeof *r, e) : NULL;
    int known = to->count > 0;
    int failed = !r || ipd_history_find(h, id, run, e);
    if (!failed) {
        r->fields = fields;
        r->count = count;
        ipd_record_init(&r->row, known ? to->L : run->L);
        failed = read_metric_names(h, id, &r->row, e) || make_columns(r, e);
    }
    for (size_t i = 0; i < to->count && !failed; i++) {
        double iteration = ipd_records_number(to, "iteration", i);
        failed = ipd_list_add(&r->iterations, &iteration, sizeof iteration) &&
                 ipd_fail(e, IPD_EMEMORY, "out of memory for the records of a run");
    }
    failed = failed || read_rows(h, id, r, known, e) ||
             (fill(r, to) && ipd_fail(e, IPD_EMEMORY, "out of memory for the records of a run"));
    for (int i = 0; r && r->columns && i < r->column_count; i++)
        free(r->columns[i].items);
    if (r) {
        free(r->columns);
        free(r->iterations.items);
    }
    free(r);
    free(run);
    return failed ? -1 : 0;
}
