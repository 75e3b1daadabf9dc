/* edit.c - edits of runs: tags, notes, names, checkpoints, removal. See history.h. */
#include "history/private.h"

#include <string.h>

/* Runs one statement with a number and a text, if it has a second parameter. Sets *changed (or
 * NULL) to the number of affected rows. */
static int edit(ipd_history *h, const char *sql, long id, const char *text, int *changed,
                ipd_error *e)
{
    sqlite3_stmt *s;
    if (ipd_history_prepare(h, sql, &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    if (sqlite3_bind_parameter_count(s) > 1)
        sqlite3_bind_text(s, 2, text, -1, SQLITE_STATIC);
    int failed = ipd_history_finish(h, s, e);
    if (changed)
        *changed = sqlite3_changes(h->db);
    return failed;
}

static int fail_not_found(const ipd_history *h, long id, ipd_error *e)
{
    return ipd_fail(e, IPD_ESTATE, "%s: run %ld not found", h->path, id);
}

int ipd_history_tag(ipd_history *h, long id, const char *tag, int remove, ipd_error *e)
{
    if (!*tag || strpbrk(tag, " \t\r\n,"))
        return ipd_fail(e, IPD_EUSAGE, "\"%.60s\" is not a tag. A tag is a word without commas",
                        tag);
    return edit(h,
                remove ? "DELETE FROM tags WHERE run = ?1 AND tag = ?2"
                       : "INSERT OR IGNORE INTO tags (run, tag) VALUES (?1, ?2)",
                id, tag, NULL, e);
}

int ipd_history_set_tags(ipd_history *h, long id, const char *words, ipd_error *e)
{
    char tag[64];

    if (ipd_history_enter(h, e))
        return -1;
    int failed = edit(h, "DELETE FROM tags WHERE run = ?1", id, NULL, NULL, e);
    while (!failed && *(words += strspn(words, " ,"))) {
        size_t n = strcspn(words, " ,");
        failed = n < sizeof tag
                     ? 0
                     : ipd_fail(e, IPD_EUSAGE, "a tag has at most %zu bytes", sizeof tag - 1);
        snprintf(tag, sizeof tag, "%.*s", (int)n, words);
        failed = failed || ipd_history_tag(h, id, tag, 0, e);
        words += n;
    }
    return ipd_history_leave(h, failed, e);
}

int ipd_history_note(ipd_history *h, long id, const char *note, ipd_error *e)
{
    int changed;
    if (edit(h, "UPDATE runs SET note = nullif(?2, '') WHERE id = ?1", id, note, &changed, e))
        return -1;
    return changed ? 0 : fail_not_found(h, id, e);
}

int ipd_history_rename(ipd_history *h, long id, const char *name, ipd_error *e)
{
    int changed;
    if (edit(h, "UPDATE runs SET name = ?2 WHERE id = ?1", id, name, &changed, e))
        return -1;
    return changed ? 0 : fail_not_found(h, id, e);
}

int ipd_history_define(ipd_history *h, long id, const char *definitions, ipd_error *e)
{
    return edit(h, "UPDATE runs SET definitions = ?2 WHERE id = ?1", id, definitions, NULL, e);
}

int ipd_history_holds(ipd_history *h, const ipd_history_run *run, ipd_error *e)
{
    sqlite3_stmt *s;
    if (ipd_history_prepare(
            h,
            "SELECT name = ?2 AND coalesce(note, '') = ?3 AND coalesce((SELECT"
            " group_concat(tag, ',') FROM (SELECT tag FROM tags WHERE run = ?1 ORDER BY tag)), '')"
            " = ?4 FROM runs WHERE id = ?1",
            &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, run->id);
    sqlite3_bind_text(s, 2, run->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 3, run->note, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 4, run->tags, -1, SQLITE_STATIC);
    int got = sqlite3_step(s), same = got == SQLITE_ROW && sqlite3_column_int(s, 0);
    return ipd_history_end_query(h, s, got, e) ? -1 : same;
}

int ipd_history_remove(ipd_history *h, long id, ipd_error *e)
{
    int changed;
    if (edit(h, "DELETE FROM runs WHERE id = ?1", id, NULL, &changed, e))
        return -1;
    return changed ? 0 : fail_not_found(h, id, e);
}

void ipd_history_compact(ipd_history *h)
{
    sqlite3_exec(h->db, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
}

int ipd_history_add_checkpoint(ipd_history *h, long id, const char *path, int iteration,
                               long long size, ipd_error *e)
{
    sqlite3_stmt *s;
    if (ipd_history_prepare(h,
                            "INSERT OR REPLACE INTO checkpoints (run, path, iteration, size)"
                            " VALUES (?, ?, ?, ?)",
                            &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_text(s, 2, path, -1, SQLITE_STATIC);
    sqlite3_bind_int(s, 3, iteration);
    sqlite3_bind_int64(s, 4, size);
    return ipd_history_finish(h, s, e);
}

int ipd_history_forget_checkpoint(ipd_history *h, const char *path, ipd_error *e)
{
    return edit(h, "DELETE FROM checkpoints WHERE ?1 = 0 AND path = ?2", 0, path, NULL, e);
}
