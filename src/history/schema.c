/* schema.c - the tables of the history and their migrations. ipdlam-history(5) describes the
 * tables.
 *
 * PRAGMA user_version is the schema's version; application_id marks the file as ours. A new field
 * of records adds a column to records and rewound without a new version.
 */
#include "base/text.h"
#include "history/private.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    VERSION = 7,
    APPLICATION = 0x6970646c /* "ipdl" */
};

/* migrations[v] upgrades version v to v + 1. */
static const char *const migrations[VERSION] = {
    "CREATE TABLE runs (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,"
    " started TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,"
    " updated TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,"
    " status TEXT NOT NULL DEFAULT 'running', version TEXT, kernel TEXT, threads INTEGER,"
    " host TEXT, pid INTEGER, dataset TEXT, dataset_source TEXT, dataset_checksum TEXT,"
    " train_samples INTEGER, test_samples INTEGER, widths TEXT, settings TEXT);"
    "CREATE TABLE records (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    " iteration INTEGER NOT NULL, PRIMARY KEY (run, iteration));"
    "CREATE TABLE changes (id INTEGER PRIMARY KEY,"
    " run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    " iteration INTEGER, batch INTEGER, sweep INTEGER, block TEXT, text TEXT NOT NULL,"
    " made TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);"
    "CREATE INDEX changes_run ON changes (run);",

    "ALTER TABLE runs ADD COLUMN parent INTEGER REFERENCES runs ON DELETE SET NULL;"
    "ALTER TABLE runs ADD COLUMN parent_name TEXT;"
    "ALTER TABLE runs ADD COLUMN parent_iteration INTEGER;"
    "ALTER TABLE runs ADD COLUMN seed INTEGER;"
    "ALTER TABLE runs ADD COLUMN openblas TEXT;"
    "ALTER TABLE runs ADD COLUMN processor TEXT;"
    "ALTER TABLE runs ADD COLUMN processors INTEGER;"
    "ALTER TABLE runs ADD COLUMN memory INTEGER;"
    "ALTER TABLE runs ADD COLUMN pid_started INTEGER;"
    "ALTER TABLE runs ADD COLUMN note TEXT;"
    "ALTER TABLE runs ADD COLUMN iteration INTEGER;"
    "ALTER TABLE runs ADD COLUMN records INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN seconds REAL NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN phi REAL;"
    "ALTER TABLE runs ADD COLUMN forward_loss REAL;"
    "ALTER TABLE runs ADD COLUMN train_accuracy REAL;"
    "ALTER TABLE runs ADD COLUMN test_accuracy REAL;"
    "ALTER TABLE runs ADD COLUMN best_test_accuracy REAL;"
    "ALTER TABLE runs ADD COLUMN best_iteration INTEGER;"
    "CREATE INDEX runs_parent ON runs (parent);"
    "CREATE INDEX runs_name ON runs (name);"
    "CREATE TABLE tags (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    " tag TEXT NOT NULL, PRIMARY KEY (run, tag)) WITHOUT ROWID;"
    "CREATE TABLE rewinds (id INTEGER PRIMARY KEY,"
    " run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    " iteration INTEGER NOT NULL, from_iteration INTEGER,"
    " made TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);"
    "CREATE INDEX rewinds_run ON rewinds (run);"
    "CREATE TABLE rewound (rewind INTEGER NOT NULL REFERENCES rewinds ON DELETE CASCADE,"
    " iteration INTEGER NOT NULL, PRIMARY KEY (rewind, iteration));"
    "ALTER TABLE changes ADD COLUMN rewind INTEGER REFERENCES rewinds ON DELETE SET NULL;"
    "CREATE TABLE checkpoints (id INTEGER PRIMARY KEY,"
    " run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, path TEXT NOT NULL UNIQUE,"
    " iteration INTEGER NOT NULL, size INTEGER, made TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);"
    "CREATE INDEX checkpoints_run ON checkpoints (run);"
    /* Version 1 stored both in `kernel`: "0.3.21 Haswell". */
    "UPDATE runs SET openblas = substr(kernel, 1, instr(kernel, ' ') - 1),"
    " kernel = substr(kernel, instr(kernel, ' ') + 1) WHERE instr(kernel, ' ') > 0;"
    "UPDATE runs SET seed = json_extract(settings, '$.seed') WHERE json_valid(settings);",

    "ALTER TABLE runs ADD COLUMN validation INTEGER NOT NULL DEFAULT 0;",

    "ALTER TABLE runs ADD COLUMN identity TEXT;"
    "ALTER TABLE runs ADD COLUMN goal INTEGER;"
    "CREATE INDEX runs_identity ON runs (identity);",

    /* Before version 5, `validation` was the number of samples held out in place of the test. */
    "ALTER TABLE runs ADD COLUMN held_out INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN validation_accuracy REAL;"
    "ALTER TABLE runs ADD COLUMN best_validation_accuracy REAL;"
    "ALTER TABLE runs ADD COLUMN definitions TEXT;"
    "UPDATE runs SET held_out = validation, validation = 0;",

    /* Paths of a run. */
    "ALTER TABLE records ADD COLUMN node INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE rewound ADD COLUMN node INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE changes ADD COLUMN entry INTEGER;",

    /* What the accuracies of a run are: "accuracy", or "R2" if the targets are values. */
    "ALTER TABLE runs ADD COLUMN measure TEXT;"
    "ALTER TABLE runs ADD COLUMN train_rmse REAL;"
    "ALTER TABLE runs ADD COLUMN validation_rmse REAL;"
    "ALTER TABLE runs ADD COLUMN test_rmse REAL;"};

/* For runs of schemas before 7, whose records may have errors of values. */
static const char fill_measures[] =
    "UPDATE runs SET (train_rmse, validation_rmse, test_rmse) ="
    " (SELECT train_rmse, validation_rmse, test_rmse FROM records WHERE run = runs.id"
    " ORDER BY iteration DESC LIMIT 1),"
    " measure = CASE WHEN EXISTS (SELECT * FROM records WHERE run = runs.id"
    " AND coalesce(train_rmse, validation_rmse, test_rmse) IS NOT NULL) THEN 'R2'"
    " ELSE 'accuracy' END";

/* Reads the first number of a query. */
static int read_number(ipd_history *h, const char *sql, long long *value, ipd_error *e)
{
    sqlite3_stmt *s;
    if (ipd_history_prepare(h, sql, &s, e))
        return -1;
    int got = sqlite3_step(s);
    if (got == SQLITE_ROW)
        *value = sqlite3_column_int64(s, 0);
    int failed = got == SQLITE_ROW ? 0 : ipd_history_fail(h, e);
    sqlite3_finalize(s);
    return failed;
}

int ipd_history_check_owner(ipd_history *h, long long *version, ipd_error *e)
{
    long long application = 0, tables = 0;
    if (read_number(h, "PRAGMA user_version", version, e) ||
        read_number(h, "PRAGMA application_id", &application, e) ||
        read_number(h, "SELECT count(*) FROM sqlite_master", &tables, e))
        return -1;
    if (tables == 0 && *version == 0)
        return 0;
    if (application != APPLICATION)
        return ipd_fail(e, IPD_EFORMAT, "%s: is the database of another program. Name another file",
                        h->path);
    if (*version > VERSION)
        return ipd_fail(e, IPD_EFORMAT,
                        "%s: the history was made by a newer ipdlam (schema %lld, here %d) and is "
                        "left untouched. Update ipdlam or name another file",
                        h->path, *version, VERSION);
    return 0;
}

int ipd_history_has_column(ipd_history *h, const char *table, const char *column)
{
    return sqlite3_table_column_metadata(h->db, NULL, table, column, NULL, NULL, NULL, NULL,
                                         NULL) == SQLITE_OK;
}

/* Adds the columns of new fields. */
static int add_columns(ipd_history *h, const char *table, ipd_error *e)
{
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        char sql[256];
        if (ipd_history_has_column(h, table, f->name))
            continue;
        const char *type = f->extent != IPD_SCALAR || f->kind == IPD_STRING ? "TEXT"
                           : f->kind == IPD_DOUBLE                          ? "REAL"
                                                                            : "INTEGER";
        snprintf(sql, sizeof sql, "ALTER TABLE %s ADD COLUMN \"%s\" %s", table, f->name, type);
        if (ipd_history_sql(h, sql, e))
            return -1;
    }
    return 0;
}

int ipd_history_recount(ipd_history *h, long id, ipd_error *e)
{
    static const char sql[] =
        "UPDATE runs SET (records, seconds, iteration, best_validation_accuracy,"
        " best_test_accuracy) = (SELECT count(*), coalesce(sum(seconds), 0), max(iteration),"
        " max(validation_accuracy), max(test_accuracy) FROM records WHERE run = runs.id),"
        " (phi, forward_loss, train_accuracy, validation_accuracy, test_accuracy, train_rmse,"
        " validation_rmse, test_rmse) ="
        " (SELECT phi, forward_loss, train_accuracy, validation_accuracy, test_accuracy,"
        " train_rmse, validation_rmse, test_rmse FROM records WHERE run = runs.id ORDER BY "
        "iteration DESC LIMIT 1),"
        " best_iteration = CASE WHEN validation > 0 THEN"
        " (SELECT iteration FROM records WHERE run = runs.id AND validation_accuracy IS NOT NULL"
        " ORDER BY validation_accuracy DESC, iteration LIMIT 1) ELSE"
        " (SELECT iteration FROM records WHERE run = runs.id AND test_accuracy IS NOT NULL"
        " ORDER BY test_accuracy DESC, iteration LIMIT 1) END"
        " WHERE ?1 = 0 OR id = ?1";
    sqlite3_stmt *s;
    if (ipd_history_prepare(h, sql, &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    return ipd_history_finish(h, s, e);
}

int ipd_history_migrate(ipd_history *h, ipd_error *e)
{
    long long version;
    char sql[96];
    if (ipd_history_enter(h, e))
        return -1;
    int failed = ipd_history_check_owner(h, &version, e);
    for (long long v = version; v < VERSION && !failed; v++)
        failed = ipd_history_sql(h, migrations[v], e);
    failed = failed || add_columns(h, "records", e) || add_columns(h, "rewound", e);
    if (!failed && version < 7)
        failed = ipd_history_sql(h, fill_measures, e);
    if (!failed && version == 1) /* version 1 had no figures in runs */
        failed = ipd_history_recount(h, 0, e);
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d; PRAGMA application_id = %d", VERSION,
             APPLICATION);
    failed = failed || ipd_history_sql(h, sql, e);
    return ipd_history_leave(h, failed, e);
}

int ipd_history_is_current(ipd_history *h, long long version, int fields)
{
    if (version < VERSION)
        return 0;
    for (const ipd_field *f = ipd_record_fields; fields && f->name; f++)
        if (!ipd_history_has_column(h, "records", f->name) ||
            !ipd_history_has_column(h, "rewound", f->name))
            return 0;
    return 1;
}

char *ipd_history_columns(void)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        fprintf(to, "%s\"%s\"", f == ipd_record_fields ? "" : ", ", f->name);
    if (ipd_text_close(to, &text)) {
        free(text);
        return NULL;
    }
    return text;
}
