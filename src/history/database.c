/* database.c - statements and error messages; the lowest layer of the history. See private.h. */
#include "base/file.h"
#include "base/path.h"
#include "history/private.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *ipd_history_file(const ipd_history *h)
{
    return h->path;
}

int ipd_history_fail(ipd_history *h, ipd_error *e)
{
    ipd_error why;
    int code = sqlite3_errcode(h->db), system = sqlite3_system_errno(h->db);
    if ((code == SQLITE_IOERR || code == SQLITE_CANTOPEN) && (system == ENOSPC || system == EDQUOT))
        code = SQLITE_FULL;
    switch (code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ipd_fail(e, IPD_EBUSY, "%s: another program holds the history locked", h->path);
    case SQLITE_NOTADB:
        return ipd_fail(e, IPD_EFORMAT,
                        "%s: is not a history of runs. Name another file with --history", h->path);
    case SQLITE_CORRUPT:
        return ipd_fail(
            e, IPD_EFORMAT,
            "%s: the history is damaged. Move the file away, or repair it with sqlite3's .recover",
            h->path);
    case SQLITE_FULL:
        return ipd_fail(e, IPD_EBUSY, "%s: the disk is full", h->path);
    case SQLITE_READONLY:
        return ipd_fail(e, IPD_EIO, "%s: the history cannot be written: it is read-only", h->path);
    case SQLITE_CANTOPEN:
        /* SQLite needs a second file, which it cannot create in a read-only folder. */
        if (ipd_path_exists(h->path) && access(h->path, W_OK))
            return ipd_fail(e, IPD_EIO, "%s: the history cannot be written: %s", h->path,
                            strerror(errno));
        /* SQLite then retries read-only, so its errno is not the first cause. */
        if (!ipd_path_exists(h->path) && ipd_new_file_check(h->path, &why))
            return ipd_fail(e, IPD_EIO, "%.430s. Name another file with --history", why.text);
        return ipd_fail(e, IPD_EIO, "%s: the history cannot be opened: %s", h->path,
                        system ? strerror(system) : "no file can be created next to it");
    case SQLITE_IOERR:
        return ipd_fail(e, IPD_EBUSY, "%s: the disk failed: %s", h->path,
                        system ? strerror(system) : sqlite3_errmsg(h->db));
    case SQLITE_CONSTRAINT:
        return ipd_fail(e, IPD_ESTATE, "%s: the run was removed from the history", h->path);
    default:
        return ipd_fail(e, IPD_EIO, "%s: %s", h->path, sqlite3_errmsg(h->db));
    }
}

int ipd_history_prepare(ipd_history *h, const char *sql, sqlite3_stmt **out, ipd_error *e)
{
    return sqlite3_prepare_v2(h->db, sql, -1, out, NULL) == SQLITE_OK ? 0 : ipd_history_fail(h, e);
}

int ipd_history_sql(ipd_history *h, const char *sql, ipd_error *e)
{
    return sqlite3_exec(h->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : ipd_history_fail(h, e);
}

int ipd_history_finish(ipd_history *h, sqlite3_stmt *s, ipd_error *e)
{
    int failed = sqlite3_step(s) == SQLITE_DONE ? 0 : ipd_history_fail(h, e);
    sqlite3_finalize(s);
    return failed;
}

int ipd_history_enter(ipd_history *h, ipd_error *e)
{
    return ipd_history_sql(h, "BEGIN IMMEDIATE", e);
}

int ipd_history_leave(ipd_history *h, int failed, ipd_error *e)
{
    if (!failed)
        failed = ipd_history_sql(h, "COMMIT", e);
    /* After some errors SQLite has rolled back already. */
    if (failed && !sqlite3_get_autocommit(h->db))
        sqlite3_exec(h->db, "ROLLBACK", NULL, NULL, NULL);
    return failed ? -1 : 0;
}

int ipd_history_stat_log(const ipd_history *h, char *path, size_t size, struct stat *s)
{
    snprintf(path, size, "%s-wal", h->path);
    return stat(path, s);
}

void ipd_history_remember_log(ipd_history *h)
{
    char path[sizeof h->path + 8];
    struct stat s;
    if (ipd_history_stat_log(h, path, sizeof path, &s))
        return;
    h->log_device = s.st_dev;
    h->log_file = s.st_ino;
}

/* Whether the log that this connection opened still has its name; *none: there is no log. */
static int has_log(const ipd_history *h, int *none)
{
    char path[sizeof h->path + 8];
    struct stat s;
    *none = ipd_history_stat_log(h, path, sizeof path, &s) && errno == ENOENT;
    return !*none && s.st_dev == h->log_device && s.st_ino == h->log_file;
}

ipd_history_place ipd_history_moved(const ipd_history *h)
{
    int moved = 0, none;
    if (sqlite3_file_control(h->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved)
        return IPD_HISTORY_FILE_MOVED;
    return h->log_file && !has_log(h, &none) ? IPD_HISTORY_LOG_MOVED : IPD_HISTORY_IN_PLACE;
}

void ipd_history_close_log(ipd_history *h, ipd_history_place place)
{
    char path[sizeof h->path + 8];
    int on = 1, none, ours = has_log(h, &none);
    sqlite3_file_control(h->db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
    if (!ours && !none) {
        sqlite3_db_config(h->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        return;
    }
    sqlite3_busy_timeout(h->db, IPD_HISTORY_PATIENCE);
    sqlite3_wal_checkpoint_v2(h->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    for (int index = 0; index < 2 && ours && place == IPD_HISTORY_FILE_MOVED; index++) {
        snprintf(path, sizeof path, "%s-%s", h->path, index ? "shm" : "wal");
        unlink(path);
    }
}

void ipd_history_set_patience(ipd_history *h, int patience)
{
    h->patience = patience;
    sqlite3_busy_timeout(h->db, patience);
}

int ipd_history_end_query(ipd_history *h, sqlite3_stmt *s, int got, ipd_error *e)
{
    int failed = got == SQLITE_ROW || got == SQLITE_DONE ? 0 : ipd_history_fail(h, e);
    sqlite3_finalize(s);
    return failed;
}

void ipd_history_copy_text(char *to, size_t size, sqlite3_stmt *s, int column)
{
    const unsigned char *text = sqlite3_column_text(s, column);
    snprintf(to, size, "%s", text ? (const char *)text : "");
    ipd_make_line(to);
}

double ipd_history_number(sqlite3_stmt *s, int column)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL ? NAN : sqlite3_column_double(s, column);
}
