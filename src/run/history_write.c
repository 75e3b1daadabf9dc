/* history_write.c - adding runs, records and changes to the history. See history.h. */
#include "base/blas.h"
#include "base/parallel.h"
#include "config.h"
#include "run/export.h"
#include "run/history_private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The settings as a JSON object, malloc'ed. */
static char *settings_json(const ipd_settings *settings)
{
    char *text = NULL, value[512];
    size_t size;
    FILE *to = open_memstream(&text, &size);
    const char *comma = "{";
    if (!to)
        return NULL;
    for (const ipd_setting *s = ipd_settings_table; s->name; s++) {
        /* They stand for others: alpha, beta, gamma; rho_init. */
        if (!strcmp(s->name, "inertia") || !strcmp(s->name, "rho"))
            continue;
        ipd_settings_get(settings, s, value, sizeof value);
        fprintf(to, "%s\"%s\": ", comma, s->name);
        comma = ", ";
        if (ipd_setting_is_text(s->kind))
            ipd_json_string(to, value);
        else
            fputs(value, to);
    }
    fputs("}", to);
    if (fclose(to)) {
        free(text);
        return NULL;
    }
    return text;
}

static char *widths_json(int L, const size_t *widths)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    for (int l = 0; l <= L; l++)
        fprintf(to, "%s%zu", l ? ", " : "[", widths[l]);
    fputs("]", to);
    if (fclose(to)) {
        free(text);
        return NULL;
    }
    return text;
}

/* Runs a statement whose values are bound to its end and frees it. */
static int finish(ipd_history *h, sqlite3_stmt *s, ipd_error *e)
{
    int failed = sqlite3_step(s) == SQLITE_DONE ? 0 : ipd_history_fail(h, e);
    sqlite3_finalize(s);
    return failed;
}

int ipd_history_begin(ipd_history *h, long *id, const char *name, const ipd_settings *settings,
                      const ipd_dataset *data, int L, const size_t *widths, ipd_error *e)
{
    static const char sql[] =
        "INSERT INTO runs (name, version, kernel, threads, host, pid, dataset, dataset_source,"
        " dataset_checksum, train_samples, test_samples, widths, settings)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    sqlite3_stmt *s;
    char host[128] = "", kernel[64];
    if (ipd_history_prepare(h, sql, &s, e))
        return -1;
    char *widths_text = widths_json(L, widths), *settings_text = settings_json(settings);
    gethostname(host, sizeof host - 1);
    snprintf(kernel, sizeof kernel, "%s %s", ipd_blas_version(), ipd_blas_kernel());
    int at = 0;
    sqlite3_bind_text(s, ++at, name ? name : "", -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(s, ++at, PACKAGE_VERSION, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, ++at, kernel, -1, SQLITE_STATIC);
    sqlite3_bind_int(s, ++at, ipd_threads());
    sqlite3_bind_text(s, ++at, host, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, ++at, getpid());
    sqlite3_bind_text(s, ++at, data->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, ++at, data->source, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, ++at, data->checksum, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, ++at, (sqlite3_int64)data->train.X.cols);
    sqlite3_bind_int64(s, ++at, (sqlite3_int64)data->test.X.cols);
    sqlite3_bind_text(s, ++at, widths_text, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, ++at, settings_text, -1, SQLITE_STATIC);
    int failed = finish(h, s, e);
    if (!failed)
        *id = (long)sqlite3_last_insert_rowid(h->db);
    free(widths_text);
    free(settings_text);
    return failed;
}

/* INSERT INTO records with every field, prepared once a handle. */
static int prepare_record(ipd_history *h, ipd_error *e)
{
    char *sql = NULL;
    size_t size;
    FILE *to = open_memstream(&sql, &size);
    if (!to)
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path);
    fputs("INSERT OR REPLACE INTO records (run", to);
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        fprintf(to, ", \"%s\"", f->name);
    fputs(") VALUES (?", to);
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        fputs(", ?", to);
    fputs(")", to);
    int failed = fclose(to) ? ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path)
                            : ipd_history_prepare(h, sql, &h->record, e);
    free(sql);
    return failed;
}

static int bind_field(sqlite3_stmt *s, int at, const ipd_field *f, const ipd_record *record)
{
    if (f->extent != IPD_SCALAR) {
        char *text = NULL;
        size_t size;
        FILE *to = open_memstream(&text, &size);
        if (!to)
            return -1;
        ipd_json_field(to, f, record);
        if (fclose(to)) {
            free(text);
            return -1;
        }
        return sqlite3_bind_text(s, at, text, (int)size, free) == SQLITE_OK ? 0 : -1;
    }
    if (f->kind == IPD_STRING)
        return sqlite3_bind_text(s, at, ipd_field_string(f, record), -1, SQLITE_STATIC);
    double x = ipd_field_value(f, record, 0);
    /* SQLite stores NaN as NULL by itself. */
    return f->kind == IPD_DOUBLE ? sqlite3_bind_double(s, at, x)
                                 : sqlite3_bind_int64(s, at, (sqlite3_int64)x);
}

int ipd_history_record(ipd_history *h, long id, const ipd_record *record, ipd_error *e)
{
    int at = 1;
    if (!h->record && prepare_record(h, e))
        return -1;
    sqlite3_bind_int64(h->record, at++, id);
    int failed = 0;
    for (const ipd_field *f = ipd_record_fields; f->name && !failed; f++)
        failed = bind_field(h->record, at++, f, record);
    if (failed)
        failed = ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path);
    else if (sqlite3_step(h->record) != SQLITE_DONE)
        failed = ipd_history_fail(h, e);
    sqlite3_reset(h->record);
    sqlite3_clear_bindings(h->record);
    return failed;
}

int ipd_history_change(ipd_history *h, long id, const ipd_place *place, const char *text,
                       ipd_error *e)
{
    sqlite3_stmt *s;
    char block[8];
    if (ipd_history_prepare(h,
                            "INSERT INTO changes (run, iteration, batch, sweep, block, text)"
                            " VALUES (?, ?, ?, ?, ?, ?)",
                            &s, e))
        return -1;
    ipd_block_text(place->block, block);
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int(s, 2, place->iteration);
    sqlite3_bind_int(s, 3, place->batch);
    sqlite3_bind_int(s, 4, place->sweep);
    if (*block)
        sqlite3_bind_text(s, 5, block, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 6, text, -1, SQLITE_STATIC);
    return finish(h, s, e);
}

int ipd_history_status(ipd_history *h, long id, const char *status, ipd_error *e)
{
    sqlite3_stmt *s;
    if (ipd_history_prepare(
            h, "UPDATE runs SET status = ?, updated = CURRENT_TIMESTAMP WHERE id = ?", &s, e))
        return -1;
    sqlite3_bind_text(s, 1, status, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, id);
    return finish(h, s, e);
}
