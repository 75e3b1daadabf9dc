/* test_history.c - the history of runs: its schema and older ones, parents, rewinds, tags,
 * notes, checkpoints, names, curves, and what a lock or a full disk holds up. */
#include "base/clock.h"
#include "history/history.h"
#include "tests/tap.h"

#include <math.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/ipdlam-test-XXXXXX", path[256];

static const char *in_folder(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void sql(const char *file, const char *text)
{
    sqlite3 *db;
    char *why = NULL;
    sqlite3_open(file, &db);
    if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
        printf("# %s\n", why);
    sqlite3_free(why);
    sqlite3_close(db);
}

/* A whole number that a query yields. */
static long ask(const char *file, const char *text)
{
    sqlite3 *db;
    sqlite3_stmt *s;
    long value = -1;
    sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL);
    if (sqlite3_prepare_v2(db, text, -1, &s, NULL) != SQLITE_OK)
        printf("# %s\n", sqlite3_errmsg(db));
    else if (sqlite3_step(s) == SQLITE_ROW)
        value = (long)sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return value;
}

static ipd_record make_record(int iteration, double accuracy)
{
    ipd_record r;
    ipd_record_init(&r, 3);
    r.iteration = iteration;
    r.seconds = 0.5;
    r.phi = 100.0 / iteration;
    r.test_accuracy = accuracy;
    r.linear_gap_by_layer[2] = iteration + 0.25;
    r.change_by_block[ipd_block_index((ipd_block){'W', 2}, 3)] = -iteration;
    strcpy(r.method, "ipdlam");
    return r;
}

static long begin_on(ipd_history *h, const char *name, int values)
{
    const ipd_dataset data = {.name = "digits", .source = "generated, seed 1", .values = values};
    const size_t widths[] = {784, 20, 30, 10};
    ipd_settings settings;
    ipd_error e;
    long id = 0;
    ipd_settings_init(&settings);
    settings.seed = 77;
    const ipd_history_new run = {
        .name = name, .settings = &settings, .data = &data, .L = 3, .widths = widths};
    if (ipd_history_begin(h, &id, &run, &e))
        printf("# %s\n", e.text);
    return id;
}

static long begin(ipd_history *h, const char *name)
{
    return begin_on(h, name, 0);
}

static long begin_values(ipd_history *h, const char *name)
{
    return begin_on(h, name, 1);
}

static long node = 1; /* the path of the records that are added */

static int add(ipd_history *h, long id, int from, int to)
{
    ipd_error e;
    for (int i = from; i <= to; i++) {
        ipd_record r = make_record(i, i == 2 ? 0.9 : 0.5);
        if (ipd_history_record(h, id, &r, node, &e)) {
            printf("# %s\n", e.text);
            return -1;
        }
    }
    return 0;
}

/* The tables as the first version made them, with one run of two records and one without. */
static const char version_1[] =
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
    "CREATE INDEX changes_run ON changes (run);"
    "ALTER TABLE records ADD COLUMN seconds REAL;"
    "ALTER TABLE records ADD COLUMN phi REAL;"
    "ALTER TABLE records ADD COLUMN train_accuracy REAL;"
    "ALTER TABLE records ADD COLUMN test_accuracy REAL;"
    "INSERT INTO runs (name, status, version, kernel, host, pid, dataset, widths, settings)"
    " VALUES ('old', 'finished', '0.1.0', '0.3.21 Haswell', 'h', 1, 'digits', '[784, 10]',"
    " '{\"delta\": 0.5, \"seed\": 9}'), ('odd', 'failed: no', NULL, NULL, NULL, NULL, NULL, NULL,"
    " 'not JSON');"
    "INSERT INTO records (run, iteration, seconds, phi, test_accuracy)"
    " VALUES (1, 1, 1.5, 20, 0.75), (1, 2, 2.5, 10, 0.5);"
    "INSERT INTO changes (run, iteration, text) VALUES (1, 2, 'set delta = 0.3');"
    "PRAGMA user_version = 1; PRAGMA application_id = 0x6970646c;";

static int count_change(void *context, const ipd_place *place, const char *text)
{
    (void)place, (void)text;
    ++*(int *)context;
    return 0;
}

static void test_migration(void)
{
    ipd_history *h;
    ipd_error e;
    static ipd_history_run run;
    int changes = 0;
    sql(in_folder("v1.db"), version_1);
    ok(!ipd_history_open(&h, path, 0, &e), "a file of version 1 is opened, also for reading: %s",
       e.text);
    ok(ask(path, "PRAGMA user_version") == 7 && ask(path, "SELECT sum(validation) FROM runs") == 0,
       "the opened file has version 7");
    ok(!ipd_history_find(h, 1, &run, &e) && !strcmp(run.openblas, "0.3.21") &&
           !strcmp(run.kernel, "Haswell") && run.seed == 9,
       "OpenBLAS, kernel and seed get columns of their own");
    ok(run.records == 2 && run.iteration == 2 && run.seconds == 4 && run.phi == 10 &&
           run.test_accuracy == 0.5 && run.best_test_accuracy == 0.75 && run.best_iteration == 1 &&
           isnan(run.train_accuracy),
       "the figures of runs are computed from the records");
    ok(!ipd_history_changes(h, 1, count_change, &changes, &e) && changes == 1, "changes are kept");
    ok(!ipd_history_find(h, 2, &run, &e) && run.records == 0 && run.iteration == 0 &&
           isnan(run.phi) && run.L == 0 && !strcmp(run.settings, "not JSON"),
       "a run without records whose settings are not JSON is kept");
    ipd_history_close(h);
    ok(!ipd_history_open(&h, path, 1, &e) && !add(h, 1, 3, 3) &&
           !ipd_history_find(h, 1, &run, &e) && run.records == 3 && run.phi == 100.0 / 3,
       "the migrated run can be continued");
    ipd_history_close(h);
}

/* Schema 7 names the measure; before it R^2 had the columns of accuracies without a name. */
static void test_measure(void)
{
    ipd_history *h;
    ipd_error e;
    static ipd_history_run run, other;
    ipd_history_open(&h, in_folder("v6.db"), 1, &e);
    long id = begin_values(h, "values"), classes = begin(h, "classes");
    for (int i = 1; i <= 3; i++) {
        ipd_record r = make_record(i, i == 2 ? -3 : -5);
        r.test_rmse = 10.0 / i;
        ipd_history_record(h, id, &r, 1, &e);
    }
    add(h, classes, 1, 2);
    ok(!ipd_history_find(h, id, &run, &e) && ipd_history_is_r2(&run) && run.test_rmse == 10.0 / 3 &&
           run.best_test_accuracy == -3 && run.best_iteration == 2 &&
           !ipd_history_find(h, classes, &other, &e) && !ipd_history_is_r2(&other) &&
           !strcmp(other.measure, "accuracy") && isnan(other.test_rmse),
       "the history names R2 and has the error; the best R2 can be far below 0");
    ipd_history_close(h);
    sql(path, "ALTER TABLE runs DROP COLUMN measure; ALTER TABLE runs DROP COLUMN train_rmse;"
              "ALTER TABLE runs DROP COLUMN validation_rmse;"
              "ALTER TABLE runs DROP COLUMN test_rmse; PRAGMA user_version = 6");
    ok(!ipd_history_open(&h, path, 0, &e) && ask(path, "PRAGMA user_version") == 7 &&
           !ipd_history_find(h, id, &run, &e) && ipd_history_is_r2(&run) &&
           run.test_rmse == 10.0 / 3 && isnan(run.train_rmse) &&
           !ipd_history_find(h, classes, &other, &e) && !strcmp(other.measure, "accuracy"),
       "a file of version 6 gets both from its records: %s", e.text);
    ok(!ipd_history_rewind(h, id, 2, 0, &e) && !ipd_history_find(h, id, &run, &e) &&
           run.test_rmse == 5 && run.best_test_accuracy == -3,
       "also after a rewind: %s", e.text);
    ipd_history_close(h);
}

static void test_best(void)
{
    ipd_history *h;
    ipd_error e;
    static ipd_history_run run;
    ipd_history_open(&h, in_folder("best.db"), 1, &e);
    long id = begin(h, "one");
    sql(path, "UPDATE runs SET validation = 100");
    for (int i = 1; i <= 3; i++) {
        ipd_record r = make_record(i, 0.3 * i);
        r.validation_accuracy = i == 2 ? 0.8 : 0.5;
        ipd_history_record(h, id, &r, 1, &e);
    }
    ok(!ipd_history_find(h, id, &run, &e) && run.best_iteration == 2 &&
           run.best_validation_accuracy == 0.8 && run.validation_accuracy == 0.5,
       "with validation samples the best iteration is the one with the best validation accuracy");
    ok(!ipd_history_rewind(h, id, 1, 0, &e) && !ipd_history_find(h, id, &run, &e) &&
           run.best_iteration == 1 && run.best_validation_accuracy == 0.5,
       "also after a rewind");
    ipd_history_close(h);
}

static void test_figures(void)
{
    ipd_history *h;
    ipd_error e;
    static ipd_history_run run;
    ipd_history_open(&h, in_folder("figures.db"), 1, &e);
    long id = begin(h, "one");
    ok(!ipd_history_find(h, id, &run, &e) && run.seed == 77 && run.memory > 1e8 && *run.processor &&
           run.processors >= 1 && *run.version && *run.openblas && *run.kernel,
       "a run has its seed, machine and versions");
    ok(run.records == 0 && isnan(run.best_test_accuracy),
       "a run has no figures before its first record");
    ok(!add(h, id, 1, 3) && !ipd_history_find(h, id, &run, &e) && run.records == 3 &&
           run.iteration == 3 && run.seconds == 1.5 && run.test_accuracy == 0.5 &&
           run.best_test_accuracy == 0.9 && run.best_iteration == 2,
       "figures follow the records");
    ipd_record r = make_record(2, 0.4);
    ok(!ipd_history_record(h, id, &r, 1, &e) && !ipd_history_find(h, id, &run, &e) &&
           run.records == 3 && run.best_test_accuracy == 0.5 && run.best_iteration == 1,
       "the figures also follow an iteration that is written again");
    ok(ipd_history_record(h, 99, &r, 1, &e) && strstr(e.text, "removed"), "%s", e.text);
    ipd_history_close(h);
}

static int take_rewind(void *context, const ipd_history_rewound *rewind)
{
    *(ipd_history_rewound *)context = *rewind;
    return 0;
}

static void test_rewind(void)
{
    ipd_history *h;
    ipd_error e;
    static ipd_history_run run;
    ipd_history_rewound rewind = {0};
    int changes = 0;
    ipd_history_open(&h, in_folder("rewind.db"), 1, &e);
    long id = begin(h, "there and back");
    const ipd_place at = {.iteration = 2, .block = {'z', 3}};
    add(h, id, 1, 2);
    ipd_history_change(h, id, &at, "set delta = 0.3", 0, &e);
    add(h, id, 3, 5);
    ipd_history_change(h, id, &at, "set delta = 0.5", 0, &e);
    ok(!ipd_history_rewind(h, id, 3, 1, &e), "a rewind is written");
    ok(!ipd_history_find(h, id, &run, &e) && run.records == 3 && run.iteration == 3 &&
           run.phi == 100.0 / 3,
       "the rewind removes records");
    ok(!ipd_history_changes(h, id, count_change, &changes, &e) && changes == 1,
       "the rewind removes changes");
    node++;
    ok(!add(h, id, 4, 6) && !ipd_history_find(h, id, &run, &e) && run.records == 6,
       "the run is continued after the rewind");
    ok(!ipd_history_rewinds(h, id, take_rewind, &rewind, &e) && rewind.iteration == 3 &&
           rewind.from_iteration == 5 && rewind.records == 2,
       "removed records are kept as rewound");
    ok(ask(path, "SELECT count(*) FROM rewound WHERE phi = 20 AND iteration = 5") == 1 &&
           ask(path, "SELECT count(*) FROM changes WHERE rewind = 1") == 1,
       "rewound records have all their values");
    node = 1;
    ok(!ipd_history_rewind(h, id, 3, 1, &e) && !add(h, id, 4, 5) &&
           !ipd_history_change(h, id, &at, "set delta = 0.5", 7, &e) &&
           ask(path, "SELECT count(*) FROM rewound WHERE node = 1") == 0 &&
           ask(path, "SELECT count(*) FROM rewound WHERE node = 2") == 3 &&
           ask(path, "SELECT sum(node) FROM records") == 5 &&
           !ipd_history_rewind(h, id, 3, 1, &e) &&
           !ipd_history_change(h, id, &at, "set delta = 0.5", 7, &e) &&
           ask(path, "SELECT count(*) FROM changes WHERE entry = 7 AND rewind IS NULL") == 1 &&
           ask(path, "SELECT count(*) FROM changes") == 3,
       "a rewound record becomes current again if the run returns to it");
    node++;
    add(h, id, 4, 6);
    long child = begin(h, "child"), stranger = begin(h, "stranger");
    ok(!ipd_history_set_parent(h, child, id, "there and back", 4, &e) && !add(h, child, 1, 4) &&
           !ipd_history_find(h, child, &run, &e) && run.parent == id && run.parent_iteration == 4,
       "a branch has a parent");
    ok(!ipd_history_set_parent(h, stranger, id, "elsewhere", 7, &e) &&
           !ipd_history_find(h, stranger, &run, &e) && run.parent == 0 &&
           run.parent_iteration == 7 && !strcmp(run.parent_name, "elsewhere"),
       "a parent in another history is stored by name only");
    ok(!ipd_history_remove(h, id, &e) && ipd_history_find(h, id, &run, &e) &&
           !ipd_history_find(h, child, &run, &e) && run.parent == 0 && run.records == 4 &&
           !strcmp(run.parent_name, "there and back"),
       "a branch stays when its parent is removed");
    ok(ask(path,
           "SELECT (SELECT count(*) FROM records WHERE run = 1) + (SELECT count(*) FROM rewound)"
           " + (SELECT count(*) FROM changes WHERE run = 1)") == 0,
       "nothing of a removed run is left");
    ok(ipd_history_remove(h, id, &e) && e.code == IPD_ESTATE, "%s", e.text);
    ipd_history_close(h);
}

static int take_checkpoint(void *context, const ipd_history_checkpoint *c)
{
    char *to = context;
    snprintf(to + strlen(to), 200 - strlen(to), "%ld %d %lld %s;", c->run, c->iteration, c->size,
             c->path);
    return 0;
}

static void test_edits(void)
{
    ipd_history *h;
    ipd_error e;
    static ipd_history_run run;
    char text[200] = "";
    ipd_history_open(&h, in_folder("edits.db"), 1, &e);
    long id = begin(h, "lr-1"), other = begin(h, "lr-10");
    ok(!ipd_history_tag(h, id, "good", 0, &e) && !ipd_history_tag(h, id, "better", 0, &e) &&
           !ipd_history_tag(h, id, "good", 0, &e) && !ipd_history_tag(h, id, "none", 1, &e) &&
           !ipd_history_find(h, id, &run, &e) && !strcmp(run.tags, "better,good"),
       "tags are listed in order, each once");
    ok(!ipd_history_tag(h, id, "good", 1, &e) && !ipd_history_find(h, id, &run, &e) &&
           !strcmp(run.tags, "better"),
       "a tag is removed");
    ok(ipd_history_tag(h, id, "a b", 0, &e) && ipd_history_tag(h, id, "", 0, &e), "%s", e.text);
    ok(ipd_history_tag(h, 99, "good", 0, &e), "%s", e.text);
    ok(!ipd_history_note(h, id, "it's \"fine\"", &e) && !ipd_history_find(h, id, &run, &e) &&
           !strcmp(run.note, "it's \"fine\"") && ipd_history_note(h, 99, "x", &e),
       "a note is stored: %s", e.text);
    ok(!ipd_history_add_checkpoint(h, id, "/c/1", 1, 100, &e) &&
           !ipd_history_add_checkpoint(h, id, "/c/2", 2, 200, &e) &&
           !ipd_history_add_checkpoint(h, id, "/c/1", 3, 300, &e) &&
           !ipd_history_add_checkpoint(h, other, "/c/3", 9, 1, &e) &&
           !ipd_history_forget_checkpoint(h, "/c/3", &e) &&
           !ipd_history_checkpoints(h, 0, take_checkpoint, text, &e),
       "checkpoints are listed");
    ok(!strcmp(text, "1 2 200 /c/2;1 3 300 /c/1;"), "%s", text);
    ok(!ipd_history_look_up(h, "lr-1", &run, &e) && run.id == id,
       "an exact name precedes names that begin with it");
    ok(!ipd_history_look_up(h, "lr-10", &run, &e) && run.id == other, "runs are found by name");
    ok(ipd_history_look_up(h, "lr", &run, &e) && strstr(e.text, "2 runs") && strstr(e.text, "2, 1"),
       "%s", e.text);
    begin(h, "lr-10");
    ok(ipd_history_look_up(h, "lr-10", &run, &e) && strstr(e.text, "2 runs are called"), "%s",
       e.text);
    ok(ipd_history_look_up(h, "%", &run, &e) && strstr(e.text, "no run is named \"%\""), "%s",
       e.text);
    ok(!ipd_history_look_up(h, "last", &run, &e) && run.id == 3 &&
           !ipd_history_look_up(h, "2", &run, &e) && run.id == 2,
       "runs are found by last and by number");
    ipd_history_close(h);
}

static void test_curves(void)
{
    ipd_history *h;
    ipd_error e;
    ipd_history_curve c;
    ipd_history_open(&h, in_folder("curves.db"), 1, &e);
    long id = begin(h, "one");
    add(h, id, 11, 30);
    ok(!ipd_history_read_curve(h, id, &(ipd_measure){ipd_field_find("phi"), 0, ""}, 0, &c, &e) &&
           c.count == 20 && c.x[0] == 11 && c.y[19] == 100.0 / 30,
       "a curve has all points");
    ipd_history_curve_free(&c);
    ok(!ipd_history_read_curve(h, id, &(ipd_measure){ipd_field_find("phi"), 0, ""}, 4, &c, &e) &&
           c.count == 4 && c.x[0] == 11 && c.x[1] == 17 && c.x[3] == 30 && c.y[3] == 100.0 / 30,
       "a curve of few points spans all iterations");
    ipd_history_curve_free(&c);
    ok(!ipd_history_read_curve(h, id, &(ipd_measure){ipd_field_find("phi"), 0, ""}, 50, &c, &e) &&
           c.count == 20,
       "a curve has no point twice");
    ipd_history_curve_free(&c);
    ok(!ipd_history_read_curve(h, id, &(ipd_measure){ipd_field_find("linear_gap_by_layer"), 1, ""},
                               0, &c, &e) &&
           c.y[0] == 11.25,
       "a curve of a layer");
    ipd_history_curve_free(&c);
    ok(!ipd_history_read_curve(h, id,
                               &(ipd_measure){ipd_field_find("change_by_block"),
                                              ipd_block_index((ipd_block){'W', 2}, 3), ""},
                               0, &c, &e) &&
           c.y[0] == -11,
       "a curve of a block");
    ipd_history_curve_free(&c);
    ipd_history_close(h);
}

static void test_waiting(void)
{
    ipd_history *h;
    ipd_error e;
    static ipd_history_run run;
    sqlite3 *other;
    const char *why = "";
    ipd_history_open(&h, in_folder("waiting.db"), 1, &e);
    long id = begin(h, "one");
    add(h, id, 1, 2);
    sqlite3_open(path, &other);
    sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    int added = !add(h, id, 3, 5) && ipd_history_waiting(h, &why) == 3;
    ok(added && strstr(why, "locked"), "records wait for another program's lock");
    ok(!ipd_history_find(h, id, &run, &e) && run.records == 2,
       "reading works while another program has the lock");
    ok(!ipd_history_rewind(h, id, 4, 0, &e), "a rewind waits too");
    ok(!ipd_history_update_status(h, id, "paused", &e) && ipd_history_waiting(h, NULL) == 5,
       "so does the status");
    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
    node++;
    ok(!add(h, id, 5, 5) && ipd_history_waiting(h, NULL) == 0 &&
           !ipd_history_find(h, id, &run, &e) && run.records == 5 &&
           ask(path, "SELECT count(*) FROM rewound") == 1 && !strcmp(run.status, "paused"),
       "all waiting writes are done in order once the lock is gone");
    sqlite3_close(other);
    ipd_history_close(h);
}

/* test_history FILE RUNS RECORDS: makes a history to measure with. */
static int make(const char *file, int runs, int records)
{
    ipd_history *h;
    ipd_error e;
    char name[32];
    double seconds = ipd_seconds();
    if (ipd_history_open(&h, file, 1, &e))
        return EXIT_FAILURE;
    for (int i = 1; i <= runs; i++) {
        snprintf(name, sizeof name, "made %d", i);
        long id = begin(h, name);
        if (add(h, id, 1, records) || ipd_history_status(h, id, "finished", &e))
            return EXIT_FAILURE;
    }
    ipd_history_close(h);
    seconds = ipd_seconds() - seconds;
    printf("%.1f s, %.1f us a record\n", seconds, 1e6 * seconds / runs / records);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    char command[300];
    if (argc == 4)
        return make(argv[1], atoi(argv[2]), atoi(argv[3]));
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    test_migration();
    test_figures();
    test_measure();
    test_best();
    test_rewind();
    test_edits();
    test_curves();
    test_waiting();
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ok(system(command) == 0, "the files are removed");
    return done();
}
