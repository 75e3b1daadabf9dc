/* history.c - the database of runs: its schema, opening and closing. See history.h.
 *
 * Tables, for readers with sqlite3 or pandas:
 *
 *   runs      one row a run: id, name, started, updated (UTC), status, version, kernel, threads,
 *             host, pid, dataset, dataset_source, dataset_checksum, train_samples, test_samples,
 *             widths (JSON array), settings (JSON object: settings ->> 'delta')
 *   records   one row a run and iteration: run, then every field of the metric record by its name;
 *             scalars are numbers, values by layer a JSON array (layer 1 first), values by block a
 *             JSON object (change_by_block ->> 'W2'); what does not exist is NULL
 *   changes   one row a change made by hand: run, iteration, batch, sweep, block (in force from
 *             there on), text, made (UTC)
 *
 * PRAGMA user_version is the schema's version, application_id marks the file as ours. A
 * measured value that is new adds a column to records without a new version.
 */
#include "base/path.h"
#include "run/history_private.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    VERSION = 1,
    APPLICATION = 0x6970646c, /* "ipdl" */
    PATIENCE = 2000           /* milliseconds to wait for another process */
};

/* migrations[v] leads from version v to v + 1. */
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
    "CREATE INDEX changes_run ON changes (run);"};

int ipd_history_path(char *path, size_t size, ipd_error *e)
{
    return ipd_path_home(path, size, IPD_DATA_HOME, "runs.db", e);
}

int ipd_history_fail(ipd_history *h, ipd_error *e)
{
    switch (sqlite3_errcode(h->db)) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ipd_fail(e, IPD_EIO, "%s: another program holds the history locked", h->path);
    case SQLITE_NOTADB:
        return ipd_fail(e, IPD_EFORMAT, "%s: is not a history of runs: move the file away",
                        h->path);
    case SQLITE_CORRUPT:
        return ipd_fail(e, IPD_EFORMAT,
                        "%s: the history is damaged: move the file away, or mend it with sqlite3's "
                        ".recover",
                        h->path);
    case SQLITE_FULL:
        return ipd_fail(e, IPD_EIO, "%s: the disk is full", h->path);
    default:
        return ipd_fail(e, IPD_EIO, "%s: %s", h->path, sqlite3_errmsg(h->db));
    }
}

int ipd_history_prepare(ipd_history *h, const char *sql, sqlite3_stmt **out, ipd_error *e)
{
    return sqlite3_prepare_v2(h->db, sql, -1, out, NULL) == SQLITE_OK ? 0 : ipd_history_fail(h, e);
}

static int run_sql(ipd_history *h, const char *sql, ipd_error *e)
{
    return sqlite3_exec(h->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : ipd_history_fail(h, e);
}

/* The first number that a query yields. */
static int ask(ipd_history *h, const char *sql, long long *value, ipd_error *e)
{
    sqlite3_stmt *s;
    if (ipd_history_prepare(h, sql, &s, e))
        return -1;
    int got = sqlite3_step(s);
    if (got == SQLITE_ROW)
        *value = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return got == SQLITE_ROW ? 0 : ipd_history_fail(h, e);
}

/* Refuses what is not ours or is from a later version. *version is 0 for an empty database. */
static int check_owner(ipd_history *h, long long *version, ipd_error *e)
{
    long long application, tables;
    if (ask(h, "PRAGMA user_version", version, e) ||
        ask(h, "PRAGMA application_id", &application, e) ||
        ask(h, "SELECT count(*) FROM sqlite_master", &tables, e))
        return -1;
    if (tables == 0 && *version == 0)
        return 0;
    if (application != APPLICATION)
        return ipd_fail(e, IPD_EFORMAT, "%s: is the database of another program: name another file",
                        h->path);
    if (*version > VERSION)
        return ipd_fail(e, IPD_EFORMAT,
                        "%s: the history is of a newer ipdlam (schema %lld, here %d): it is left "
                        "untouched; update ipdlam or name another file",
                        h->path, *version, VERSION);
    return 0;
}

/* Adds the columns of records that this program measures and the file does not know yet. */
static int add_columns(ipd_history *h, ipd_error *e)
{
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        char sql[256];
        long long there = 0;
        snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM pragma_table_info('records') WHERE name = '%s'", f->name);
        if (ask(h, sql, &there, e))
            return -1;
        if (there)
            continue;
        const char *type = f->extent != IPD_SCALAR || f->kind == IPD_STRING ? "TEXT"
                           : f->kind == IPD_DOUBLE                          ? "REAL"
                                                                            : "INTEGER";
        snprintf(sql, sizeof sql, "ALTER TABLE records ADD COLUMN \"%s\" %s", f->name, type);
        if (run_sql(h, sql, e))
            return -1;
    }
    return 0;
}

/* Brings the schema up to date, all or nothing; another process may be at it too. */
static int migrate(ipd_history *h, ipd_error *e)
{
    long long version;
    char sql[96];
    if (run_sql(h, "BEGIN IMMEDIATE", e))
        return -1;
    if (check_owner(h, &version, e))
        goto undo;
    for (long long v = version; v < VERSION; v++)
        if (run_sql(h, migrations[v], e))
            goto undo;
    if (add_columns(h, e))
        goto undo;
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d; PRAGMA application_id = %d", VERSION,
             APPLICATION);
    if (run_sql(h, sql, e) || run_sql(h, "COMMIT", e))
        goto undo;
    return 0;
undo:
    sqlite3_exec(h->db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}

/* Whether every field of this program has its column. */
static int has_columns(ipd_history *h)
{
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        if (sqlite3_table_column_metadata(h->db, NULL, "records", f->name, NULL, NULL, NULL, NULL,
                                          NULL) != SQLITE_OK)
            return 0;
    return 1;
}

static int set_up(ipd_history *h, int create, ipd_error *e)
{
    long long version = 0;
    sqlite3_busy_timeout(h->db, PATIENCE);
    if (check_owner(h, &version, e))
        return -1;
    if (!create) {
        if (version == 0)
            return ipd_fail(e, IPD_ESTATE, "%s: holds no runs yet", h->path);
        return 0;
    }
    /* WAL is refused by some network file systems; the journal of old serves there. */
    sqlite3_exec(h->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    if (run_sql(h, "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON", e))
        return -1;
    if (version < VERSION || !has_columns(h))
        return migrate(h, e);
    return 0;
}

int ipd_history_open(ipd_history **out, const char *path, int create, ipd_error *e)
{
    ipd_history *h = calloc(1, sizeof *h);
    *out = NULL;
    if (!h)
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", path);
    if (snprintf(h->path, sizeof h->path, "%s", path) >= (int)sizeof h->path) {
        free(h);
        return ipd_fail(e, IPD_EIO, "%.60s...: the path is too long", path);
    }
    if (create ? ipd_path_make_parent(path, e) : !ipd_path_exists(path)) {
        free(h);
        return create ? -1 : ipd_fail(e, IPD_ESTATE, "%s: there is no history of runs yet", path);
    }
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0);
    if (sqlite3_open_v2(path, &h->db, flags, NULL) != SQLITE_OK) {
        ipd_history_fail(h, e);
        ipd_history_close(h);
        return -1;
    }
    if (set_up(h, create, e)) {
        ipd_history_close(h);
        return -1;
    }
    *out = h;
    return 0;
}

void ipd_history_close(ipd_history *h)
{
    if (!h)
        return;
    sqlite3_finalize(h->record);
    sqlite3_close(h->db);
    free(h);
}
