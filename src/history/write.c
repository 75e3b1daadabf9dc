/* write.c - writes runs, records, changes, rewinds and status to the history. See history.h.
 *
 * Each record is its own transaction. In WAL mode with synchronous = NORMAL that is a write to the
 * log without waiting for the disk: the end of the process loses nothing, a power cut may lose the
 * last records, and neither damages the file.
 */
#include "base/blas.h"
#include "base/machine.h"
#include "base/parallel.h"
#include "base/text.h"
#include "config.h"
#include "format/export.h"
#include "history/private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Returns the settings as a JSON object, to be freed. */
static char *settings_json(const ipd_settings *settings)
{
    char *text = NULL, value[512];
    size_t size;
    FILE *to = open_memstream(&text, &size);
    const char *comma = "{";
    if (!to)
        return NULL;
    for (const ipd_setting *s = ipd_settings_table; s->name; s++) {
        /* Skip aliases of other settings: inertia (alpha, beta, gamma) and rho (rho_init). */
        if (!ipd_setting_is_first(s) || !ipd_setting_exists(settings, s))
            continue;
        ipd_settings_get(settings, s, value, sizeof value);
        fprintf(to, "%s\"%s\": ", comma, s->name);
        comma = ", ";
        if (ipd_setting_is_text(s, value))
            ipd_json_string(to, value);
        else
            fputs(value, to);
    }
    fputs("}", to);
    if (ipd_text_close(to, &text)) {
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
    if (ipd_text_close(to, &text)) {
        free(text);
        return NULL;
    }
    return text;
}

int ipd_history_begin(ipd_history *h, long *id, const ipd_history_new *run, ipd_error *e)
{
    static const char sql[] =
        "INSERT INTO runs (name, version, openblas, kernel, threads, host, pid, pid_started,"
        " processor, processors, memory, dataset, dataset_source, dataset_checksum, train_samples,"
        " test_samples, validation, held_out, widths, seed, settings, identity, goal, id,"
        " definitions, measure)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0),"
        " (SELECT ?24 WHERE ?24 > 0 AND NOT EXISTS (SELECT * FROM runs WHERE id = ?24)), ?25, ?26)";
    const ipd_dataset *data = run->data;
    sqlite3_stmt *s;
    char host[128] = "";
    ipd_machine machine;
    if (ipd_history_prepare(h, sql, &s, e))
        return -1;
    char *widths_text = widths_json(run->L, run->widths),
         *settings_text = settings_json(run->settings);
    gethostname(host, sizeof host - 1);
    ipd_machine_look(&machine);
    int at = 0;
    sqlite3_bind_text(s, ++at, run->name ? run->name : "", -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(s, ++at, PACKAGE_VERSION, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, ++at, ipd_blas_version(), -1, SQLITE_STATIC);
    sqlite3_bind_text(s, ++at, ipd_blas_kernel(), -1, SQLITE_STATIC);
    sqlite3_bind_int(s, ++at, ipd_threads());
    sqlite3_bind_text(s, ++at, host, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, ++at, getpid());
    sqlite3_bind_int64(s, ++at, ipd_history_process_start(getpid()));
    sqlite3_bind_text(s, ++at, machine.processor, -1, SQLITE_STATIC);
    sqlite3_bind_int(s, ++at, machine.processors);
    sqlite3_bind_int64(s, ++at, (sqlite3_int64)machine.memory);
    sqlite3_bind_text(s, ++at, data->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, ++at, data->source, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, ++at, data->checksum, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, ++at, (sqlite3_int64)data->train.X.cols);
    sqlite3_bind_int64(s, ++at, (sqlite3_int64)data->test.X.cols);
    sqlite3_bind_int64(s, ++at, (sqlite3_int64)data->validation.X.cols);
    sqlite3_bind_int64(s, ++at, (sqlite3_int64)data->held_out);
    sqlite3_bind_text(s, ++at, widths_text, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, ++at, run->settings->seed);
    sqlite3_bind_text(s, ++at, settings_text, -1, SQLITE_STATIC);
    if (run->identity)
        sqlite3_bind_text(s, at + 1, run->identity, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, at + 2, run->goal);
    sqlite3_bind_int64(s, at + 3, run->wanted);
    if (run->definitions && *run->definitions)
        sqlite3_bind_text(s, at + 4, run->definitions, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, at + 5, data->values ? "R2" : "accuracy", -1, SQLITE_STATIC);
    int failed = ipd_history_finish(h, s, e);
    if (!failed)
        *id = (long)sqlite3_last_insert_rowid(h->db);
    free(widths_text);
    free(settings_text);
    return failed;
}

int ipd_history_reopen(ipd_history *h, const char *identity, long *id, long *records, long *changes,
                       ipd_error *e)
{
    sqlite3_stmt *s;
    char host[128] = "";
    *id = *records = *changes = 0;
    gethostname(host, sizeof host - 1);
    if (ipd_history_prepare(h,
                            "UPDATE runs SET status = 'running', host = ?2, pid = ?3,"
                            " pid_started = ?4, updated = CURRENT_TIMESTAMP WHERE identity = ?1",
                            &s, e))
        return -1;
    sqlite3_bind_text(s, 1, identity, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, host, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 3, getpid());
    sqlite3_bind_int64(s, 4, ipd_history_process_start(getpid()));
    if (ipd_history_finish(h, s, e) ||
        ipd_history_prepare(h,
                            "SELECT id, records, (SELECT count(*) FROM changes WHERE run = runs.id"
                            " AND rewind IS NULL) FROM runs WHERE identity = ?1",
                            &s, e))
        return -1;
    sqlite3_bind_text(s, 1, identity, -1, SQLITE_STATIC);
    int got = sqlite3_step(s);
    if (got == SQLITE_ROW) {
        *id = (long)sqlite3_column_int64(s, 0);
        *records = (long)sqlite3_column_int64(s, 1);
        *changes = (long)sqlite3_column_int64(s, 2);
    }
    return ipd_history_end_query(h, s, got, e);
}

/* Prepares the insertion of a record and the update of the run's figures, once per handle. */
static int prepare_record(ipd_history *h, ipd_error *e)
{
    static const char figures[] = /* R^2 has no lower bound */
        "UPDATE runs SET iteration = ?2, records = records + 1,"
        " seconds = seconds + coalesce(?3, 0), phi = ?4, forward_loss = ?5, train_accuracy = ?6,"
        " best_iteration = CASE WHEN CASE WHEN validation > 0"
        " THEN ?8 > coalesce(best_validation_accuracy, -9e999)"
        " ELSE ?7 > coalesce(best_test_accuracy, -9e999) END THEN ?2 ELSE best_iteration END,"
        " best_validation_accuracy = CASE WHEN ?8 > coalesce(best_validation_accuracy, -9e999)"
        " THEN ?8 ELSE best_validation_accuracy END,"
        " best_test_accuracy = CASE WHEN ?7 > coalesce(best_test_accuracy, -9e999) THEN ?7"
        " ELSE best_test_accuracy END,"
        " test_accuracy = ?7, validation_accuracy = ?8, train_rmse = ?9, validation_rmse = ?10,"
        " test_rmse = ?11, updated = CURRENT_TIMESTAMP"
        " WHERE id = ?1 AND coalesce(iteration, 0) < ?2";
    char *sql = NULL, *columns = ipd_history_columns();
    size_t size;
    FILE *to = columns ? open_memstream(&sql, &size) : NULL;
    if (!to) {
        free(columns);
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path);
    }
    fprintf(to, "INSERT OR REPLACE INTO records (run, node, %s) VALUES (?, max(?, 1)", columns);
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        fputs(", ?", to);
    fputs(")", to);
    int failed = ipd_text_close(to, &sql) ? ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path)
                                          : ipd_history_prepare(h, sql, &h->record, e) ||
                                                ipd_history_prepare(h, figures, &h->figures, e);
    free(sql);
    free(columns);
    return failed ? -1 : 0;
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
        if (ipd_text_close(to, &text)) {
            free(text);
            return -1;
        }
        return sqlite3_bind_text(s, at, text, (int)size, free) == SQLITE_OK ? 0 : -1;
    }
    if (f->kind == IPD_STRING)
        return sqlite3_bind_text(s, at, ipd_field_string(f, record), -1, SQLITE_STATIC);
    double x = ipd_field_value(f, record, 0);
    /* SQLite stores NaN as NULL. */
    return f->kind == IPD_DOUBLE ? sqlite3_bind_double(s, at, x)
                                 : sqlite3_bind_int64(s, at, (sqlite3_int64)x);
}

/* Runs a prepared statement and resets it for the next use. */
static int step_prepared(ipd_history *h, sqlite3_stmt *s, ipd_error *e)
{
    int failed = sqlite3_step(s) == SQLITE_DONE ? 0 : ipd_history_fail(h, e);
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return failed;
}

static int write_figures(ipd_history *h, long id, const ipd_record *record, ipd_error *e)
{
    const double values[] = {record->seconds,       record->phi,
                             record->forward_loss,  record->train_accuracy,
                             record->test_accuracy, record->validation_accuracy,
                             record->train_rmse,    record->validation_rmse,
                             record->test_rmse};
    sqlite3_bind_int64(h->figures, 1, id);
    sqlite3_bind_int(h->figures, 2, record->iteration);
    for (int i = 0; i < 9; i++)
        sqlite3_bind_double(h->figures, 3 + i, values[i]);
    if (step_prepared(h, h->figures, e))
        return -1;
    /* The iteration existed already: recompute the figures. */
    return sqlite3_changes(h->db) ? 0 : ipd_history_recount(h, id, e);
}

/* Runs one statement with up to three integers. %s in it is replaced by the columns of records. */
static int run_with(ipd_history *h, const char *sql, long a, long b, long c, ipd_error *e)
{
    sqlite3_stmt *s;
    char *text = NULL, *columns = ipd_history_columns();
    size_t size;
    FILE *to = columns ? open_memstream(&text, &size) : NULL;
    for (const char *at = sql; to && *at; at++)
        if (at[0] == '%' && at[1] == 's')
            fputs(columns, to), at++;
        else
            fputc(*at, to);
    free(columns);
    if (!to || ipd_text_close(to, &text))
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path);
    int failed = ipd_history_prepare(h, text, &s, e);
    free(text);
    if (failed)
        return -1;
    sqlite3_bind_int64(s, 1, a);
    sqlite3_bind_int64(s, 2, b);
    sqlite3_bind_int64(s, 3, c);
    return ipd_history_finish(h, s, e);
}

int ipd_history_write_record(ipd_history *h, long id, const ipd_record *record, long node,
                             ipd_error *e)
{
    int at = 1, failed = 0;
    if (!h->figures && prepare_record(h, e))
        return -1;
    if (ipd_history_enter(h, e))
        return -1;
    sqlite3_bind_int64(h->record, at++, id);
    sqlite3_bind_int64(h->record, at++, node);
    for (const ipd_field *f = ipd_record_fields; f->name && !failed; f++)
        failed = bind_field(h->record, at++, f, record);
    if (failed)
        ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path);
    failed = failed || step_prepared(h, h->record, e) || write_figures(h, id, record, e) ||
             run_with(h,
                      /* the same one, which the run has entered again */
                      "DELETE FROM rewound WHERE iteration = ?2 AND node = max(?3, 1)"
                      " AND rewind IN (SELECT id FROM rewinds WHERE run = ?1)"
                      " AND (seconds, phi) IS (SELECT seconds, phi FROM records"
                      " WHERE run = ?1 AND iteration = ?2)",
                      id, record->iteration, node, e);
    return ipd_history_leave(h, failed, e);
}

int ipd_history_write_metrics(ipd_history *h, long id, const ipd_record *record, ipd_error *e)
{
    static const char *const fields[] = {"metric_names", "metric"};
    sqlite3_stmt *s;
    if (ipd_history_prepare(h,
                            "UPDATE records SET metric_names = ?1, metric = ?2"
                            " WHERE run = ?3 AND iteration = ?4",
                            &s, e))
        return -1;
    for (int i = 0; i < 2; i++)
        if (bind_field(s, i + 1, ipd_field_find(fields[i]), record)) {
            sqlite3_finalize(s);
            return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path);
        }
    sqlite3_bind_int64(s, 3, id);
    sqlite3_bind_int(s, 4, record->iteration);
    return ipd_history_finish(h, s, e);
}

/* A change that was rewound becomes current again. */
static int restore_change(ipd_history *h, long id, const char *text, long entry, ipd_error *e)
{
    sqlite3_stmt *s;
    if (!entry)
        return 0;
    if (ipd_history_prepare(h,
                            "UPDATE changes SET rewind = NULL"
                            " WHERE run = ? AND entry = ? AND text = ? AND rewind IS NOT NULL",
                            &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int64(s, 2, entry);
    sqlite3_bind_text(s, 3, text, -1, SQLITE_STATIC);
    return ipd_history_finish(h, s, e) ? -1 : sqlite3_changes(h->db);
}

int ipd_history_write_change(ipd_history *h, long id, const ipd_place *place, const char *text,
                             long entry, ipd_error *e)
{
    sqlite3_stmt *s;
    char block[8];
    int restored = restore_change(h, id, text, entry, e);
    if (restored)
        return restored > 0 ? 0 : -1;
    if (ipd_history_prepare(h,
                            "INSERT INTO changes (run, iteration, batch, sweep, block, text, entry)"
                            " VALUES (?, ?, ?, ?, ?, ?, nullif(?, 0))",
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
    sqlite3_bind_int64(s, 7, entry);
    return ipd_history_finish(h, s, e);
}

int ipd_history_write_rewind(ipd_history *h, long id, int iteration, size_t changes, ipd_error *e)
{
    if (ipd_history_enter(h, e))
        return -1;
    int failed = run_with(h,
                          "INSERT INTO rewinds (run, iteration, from_iteration)"
                          " SELECT id, ?2, iteration FROM runs WHERE id = ?1",
                          id, iteration, 0, e);
    long rewind = (long)sqlite3_last_insert_rowid(h->db);
    failed =
        failed ||
        run_with(h,
                 "INSERT INTO rewound (rewind, node, %s) SELECT ?3, node, %s FROM records"
                 " WHERE run = ?1 AND iteration > ?2",
                 id, iteration, rewind, e) ||
        run_with(h, "DELETE FROM records WHERE run = ?1 AND iteration > ?2", id, iteration, 0, e) ||
        run_with(h,
                 "UPDATE changes SET rewind = ?3 WHERE run = ?1 AND rewind IS NULL AND id IN"
                 " (SELECT id FROM changes WHERE run = ?1 AND rewind IS NULL"
                 " ORDER BY id LIMIT -1 OFFSET ?2)",
                 id, (long)changes, rewind, e) ||
        ipd_history_recount(h, id, e);
    return ipd_history_leave(h, failed, e);
}

int ipd_history_write_status(ipd_history *h, long id, const char *status, ipd_error *e)
{
    sqlite3_stmt *s;
    if (ipd_history_prepare(
            h, "UPDATE runs SET status = ?, updated = CURRENT_TIMESTAMP WHERE id = ?", &s, e))
        return -1;
    sqlite3_bind_text(s, 1, status, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, id);
    return ipd_history_finish(h, s, e);
}

int ipd_history_set_parent(ipd_history *h, long id, long parent, const char *name, int iteration,
                           ipd_error *e)
{
    sqlite3_stmt *s;
    if (ipd_history_prepare(h,
                            "UPDATE runs SET parent = (SELECT id FROM runs WHERE id = ?2"
                            " AND name = ?3), parent_name = ?3, parent_iteration = ?4"
                            " WHERE id = ?1",
                            &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int64(s, 2, parent);
    sqlite3_bind_text(s, 3, name, -1, SQLITE_STATIC);
    sqlite3_bind_int(s, 4, iteration);
    return ipd_history_finish(h, s, e);
}
