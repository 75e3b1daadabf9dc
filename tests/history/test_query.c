/* test_query.c - a condition of runs reads the history and does nothing else. */
#include "history/private.h"
#include "history/query.h"
#include "tests/tap.h"

#include <string.h>
#include <unistd.h>

/* Conditions that try to inject SQL, to read private columns, or to take too long. */
static const char *const conditions[] = {
    "1); DROP TABLE runs; --",
    "1) OR (1",
    "id = 1; DELETE FROM runs",
    "id = 1 -- comment",
    "id = 1 /* comment */",
    "id = 1) UNION SELECT * FROM runs WHERE (1",
    "1 UNION SELECT sql FROM sqlite_master",
    "(SELECT 1)",
    "id IN (SELECT run FROM records)",
    "EXISTS (SELECT 1 FROM sqlite_master)",
    "(WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x FROM t) SELECT 1 FROM t)",
    "(INSERT INTO tags VALUES (1, 'x'))",
    "(DELETE FROM runs RETURNING 1)",
    "ATTACH DATABASE 'other.db' AS other",
    "DETACH main",
    "PRAGMA writable_schema = 1",
    "pragma_table_list",
    "VACUUM INTO 'copy.db'",
    "VACUUM",
    "REINDEX",
    "ANALYZE",
    "BEGIN",
    "CREATE TABLE x (y)",
    "CREATE TEMP TRIGGER t AFTER INSERT ON runs BEGIN SELECT 1; END",
    "load_extension('x')",
    "load_extension ('x.so', 'init') = 1",
    "zeroblob(1000000000) = 1",
    "randomblob(1000000000) = 1",
    "length(randomblob(1000000000)) > 1",
    "hex(zeroblob(1000000000)) > 1",
    "printf('%1000000000d', 1) = 'x'",
    "replace(name, 'a', name) = 'x'",
    "group_concat(name) = 'x'",
    "count(*) > 1",
    "json_extract(settings, '$.delta') = 1",
    "json_each(settings)",
    "readfile('/etc/passwd') = 'x'",
    "writefile('x', name) = 1",
    "fts3_tokenizer('x') = 1",
    "sqlite_version() = 'x'",
    "changes() > 0",
    "ipd_state(1, 2, 3, 4) = 'lost'",
    "pid > 0",
    "r.pid > 0",
    "runs.pid > 0",
    "main.runs.pid > 0",
    "rowid > 0",
    "oid > 0",
    "\"r\".\"pid\" > 0",
    "[pid] > 0",
    "`pid` > 0",
    "name COLLATE nocase = 'x'",
    "CASE WHEN 1 THEN 1 END",
    "CAST(id AS TEXT) = 1",
    "RAISE(ABORT, 'x')",
    "?1 = 1",
    ":x = 1",
    "@x = 1",
    "$x = 1",
    "x'00' = name",
    "name = 'x' \\ 1",
    "id = 0x",
    "id # 1",
    "name = 'a' || 'b'",
};

/* Statements past the scanner, as if a condition had led there. */
static const char *const statements[] = {
    "INSERT INTO tags VALUES (1, 'x')",
    "INSERT INTO runs (name) VALUES ('x')",
    "REPLACE INTO runs (id, name) VALUES (1, 'x')",
    "UPDATE runs SET name = 'x'",
    "UPDATE sqlite_master SET sql = ''",
    "DELETE FROM runs",
    "DELETE FROM runs RETURNING id",
    "DROP TABLE runs",
    "DROP INDEX runs_name",
    "ALTER TABLE runs ADD COLUMN x",
    "ALTER TABLE runs RENAME TO walks",
    "CREATE TABLE x (y)",
    "CREATE TEMP TABLE x (y)",
    "CREATE TABLE x AS SELECT * FROM runs",
    "CREATE VIEW x AS SELECT * FROM runs",
    "CREATE TEMP VIEW runs AS SELECT 1",
    "CREATE INDEX x ON runs (name)",
    "CREATE TRIGGER t AFTER INSERT ON runs BEGIN SELECT 1; END",
    "CREATE VIRTUAL TABLE x USING fts5(y)",
    "ATTACH 'other.db' AS other",
    "ATTACH ':memory:' AS other",
    "DETACH main",
    "PRAGMA writable_schema = 1",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA user_version",
    "PRAGMA table_info(runs)",
    "VACUUM",
    "VACUUM INTO 'copy.db'",
    "REINDEX",
    "ANALYZE",
    "BEGIN",
    "BEGIN IMMEDIATE",
    "SAVEPOINT x",
    "SELECT sql FROM sqlite_master",
    "SELECT * FROM sqlite_schema",
    "SELECT * FROM temp.sqlite_master",
    "SELECT text FROM changes",
    "SELECT * FROM pragma_table_info('runs')",
    "SELECT * FROM json_each('[1]')",
    "SELECT load_extension('x')",
    "SELECT zeroblob(1000000000)",
    "SELECT randomblob(1000000000)",
    "SELECT printf('%1000000000d', 1)",
    "SELECT hex(name) FROM runs",
    "SELECT sqlite_version()",
    "SELECT last_insert_rowid()",
    "SELECT id FROM runs UNION SELECT 1",
    "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT x FROM t",
    "EXPLAIN DELETE FROM runs",
    "SELECT count(*) FROM runs a, runs b, runs c, runs d, runs e, runs f, runs g, runs h, runs i,"
    " runs j, runs k, runs l",
    "SELECT replace(replace(replace(replace(replace(replace(replace(replace('aaaaaaaaaa', 'a',"
    " 'aaaaaaaaaa'), 'a', 'aaaaaaaaaa'), 'a', 'aaaaaaaaaa'), 'a', 'aaaaaaaaaa'), 'a', "
    "'aaaaaaaaaa'),"
    " 'a', 'aaaaaaaaaa'), 'a', 'aaaaaaaaaa'), 'a', 'aaaaaaaaaa')",
};

static int count_run(void *context, const ipd_history_run *run)
{
    (void)run;
    ++*(int *)context;
    return 0;
}

/* The number of runs that the condition finds; -1 if it is refused. */
static int found(ipd_history *h, const char *where, ipd_error *e)
{
    int count = 0;
    const ipd_history_query query = {.where = where};
    return ipd_history_select(h, &query, count_run, &count, e) ? -1 : count;
}

/* Returns 1 if a statement completes within the limit on its time. */
static int gets_through(ipd_history *h, const char *sql)
{
    ipd_history_guarded guarded;
    sqlite3_stmt *s = NULL;
    ipd_history_guard(h, &guarded, 1);
    int got = sqlite3_prepare_v2(h->db, sql, -1, &s, NULL);
    while (got == SQLITE_OK || got == SQLITE_ROW)
        got = sqlite3_step(s);
    sqlite3_finalize(s);
    ipd_history_guard(h, &guarded, 0);
    return got == SQLITE_DONE;
}

static void check_refused(ipd_history *h)
{
    int passed = 0, through = 0, changes = sqlite3_total_changes(h->db);
    ipd_error e = {0};
    enum { CONDITIONS = sizeof conditions / sizeof *conditions };
    enum { STATEMENTS = sizeof statements / sizeof *statements };
    for (int i = 0; i < CONDITIONS; i++)
        if (found(h, conditions[i], &e) >= 0 || e.code != IPD_EUSAGE || strchr(e.text, '\n')) {
            printf("# %s: %s\n", conditions[i], e.text);
            passed++;
        }
    ok(passed == 0, "%d hostile conditions are refused, each with a sentence", (int)CONDITIONS);
    for (int i = 0; i < STATEMENTS; i++)
        if (gets_through(h, statements[i])) {
            printf("# %s\n", statements[i]);
            through++;
        }
    ok(through == 0, "%d hostile statements do not get through", (int)STATEMENTS);
    ok(gets_through(h, "SELECT r.id, json_extract(r.settings, '$.delta') FROM runs r"),
       "a statement that reads runs does");
    ok(sqlite3_total_changes(h->db) == changes && access("other.db", F_OK) &&
           access("copy.db", F_OK) && found(h, "", &e) == 8,
       "the history is unchanged");
}

int main(void)
{
    char folder[] = "/tmp/ipdlam-test-XXXXXX", remove[64];
    ipd_history *h;
    ipd_error e = {0};
    long id;
    if (!mkdtemp(folder) || chdir(folder) || ipd_history_open(&h, "runs.db", 1, &e))
        return 1;
    ipd_settings settings;
    ipd_settings_init(&settings);
    for (int i = 0; i < 8; i++) {
        const size_t widths[] = {4, 3};
        const ipd_dataset data = {.name = "none"};
        const ipd_history_new run = {
            .name = "a'b", .settings = &settings, .data = &data, .L = 1, .widths = widths};
        if (ipd_history_begin(h, &id, &run, &e))
            printf("# %s\n", e.text);
    }
    check_refused(h);
    ok(found(h, "name = 'a''b'", &e) == 8 && found(h, "name ~ \"a'\"", &e) == 8,
       "quotes in a text are part of the text");
    ok(found(h, "name = 'a' or 1", &e) == 8 && found(h, "not (1 = 1)", &e) == 0,
       "conditions that are always true or false");
    ok(!ipd_history_tag(h, id, "x", 0, &e), "afterwards the history can be written again");
    ok(found(h, "tag = x", &e) == 1 && found(h, "tag = or", &e) == 0 &&
           found(h, "tag != x", &e) == 7,
       "conditions on tags");
    ipd_history_close(h);
    snprintf(remove, sizeof remove, "rm -r %s", folder);
    return system(remove) ? 1 : done();
}
