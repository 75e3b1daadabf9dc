/* history.c - opens the database of runs. See history.h. */
#include "base/path.h"
#include "history/private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int ipd_history_path(char *path, size_t size, ipd_error *e)
{
    return ipd_path_home(path, size, IPD_DATA_HOME, "runs.db", e);
}

/* Configures the connection and migrates the schema if possible. */
static int set_up(ipd_history *h, int create, ipd_error *e)
{
    long long version = 0;
    sqlite3_busy_timeout(h->db, h->patience);
    if (ipd_history_register(h, e) || ipd_history_check_owner(h, &version, e))
        return -1;
    if (!create && version == 0)
        return ipd_fail(e, IPD_ESTATE, "%s: holds no runs yet", h->path);
    int written = sqlite3_db_readonly(h->db, "main") == 0;
    /* Some network file systems do not support WAL; they keep the rollback journal. */
    if (create && written)
        sqlite3_exec(h->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    if (ipd_history_sql(h, "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON", e))
        return -1;
    if (ipd_history_is_current(h, version, create))
        return 0;
    if (!ipd_history_migrate(h, e))
        return 0;
    return create ? -1
                  : ipd_fail_in(e, "the history was made by an older ipdlam and cannot be updated");
}

/* Whether the write-ahead log is empty or absent. */
static int log_is_empty(const ipd_history *h)
{
    char log[sizeof h->path + 8];
    struct stat s;
    return ipd_history_stat_log(h, log, sizeof log, &s) ? errno == ENOENT : s.st_size == 0;
}

static int open_as(ipd_history *h, int flags, const char *how, int create, ipd_error *e)
{
    char uri[3 * 4096 + 64];
    size_t at = (size_t)snprintf(uri, sizeof uri, "file:");
    for (const char *c = h->path; *c; c++)
        at += (size_t)snprintf(uri + at, sizeof uri - at,
                               *c == '?' || *c == '#' || *c == '%' ? "%%%02X" : "%c",
                               (unsigned char)*c);
    snprintf(uri + at, sizeof uri - at, "%s", how);
    if (sqlite3_open_v2(uri, &h->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL) !=
        SQLITE_OK)
        return ipd_history_fail(h, e);
    return set_up(h, create, e);
}

/* Falls back to reading a file that cannot be written. In a folder that cannot be written either,
 * SQLite can open it only as immutable. */
static int open_any(ipd_history *h, int create, ipd_error *e)
{
    if (!open_as(h, SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0), "", create, e))
        return 0;
    int code = sqlite3_errcode(h->db);
    if (create || (code != SQLITE_CANTOPEN && code != SQLITE_READONLY && code != SQLITE_IOERR) ||
        access(h->path, R_OK) || !log_is_empty(h))
        return -1;
    sqlite3_close(h->db);
    h->db = NULL;
    return open_as(h, SQLITE_OPEN_READONLY, "?immutable=1", 0, e);
}

int ipd_history_open(ipd_history **out, const char *path, int create, ipd_error *e)
{
    return ipd_history_open_within(out, path, create, IPD_HISTORY_PATIENCE, e);
}

int ipd_history_open_within(ipd_history **out, const char *path, int create, int patience,
                            ipd_error *e)
{
    ipd_history *h = calloc(1, sizeof *h);
    struct stat s;
    *out = NULL;
    if (!h)
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", path);
    h->patience = patience;
    if (ipd_path_copy(h->path, sizeof h->path, path, e)) {
        free(h);
        return -1;
    }
    if (create ? ipd_path_make_parent(path, e) : !ipd_path_exists(path)) {
        free(h);
        return create ? -1 : ipd_fail(e, IPD_ESTATE, "%s: no history of runs yet", path);
    }
    if (!stat(path, &s) && !S_ISREG(s.st_mode)) { /* SQLite would wait for a FIFO */
        free(h);
        return ipd_fail(e, IPD_EIO, "%s: is not a file. Name a file with --history", path);
    }
    if (open_any(h, create, e)) {
        ipd_history_close(h);
        return -1;
    }
    ipd_history_remember_log(h);
    *out = h;
    return 0;
}
