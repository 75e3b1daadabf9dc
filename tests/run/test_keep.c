/* test_keep.c - automatic checkpoints: when and where runs are saved, and how they are resumed. */
#include "base/path.h"
#include "history/history.h"
#include "run/private.h"
#include "run/time/checkpoint.h"
#include "run/time/space.h"
#include "tests/run/plan.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char home[] = "/tmp/ipdlam-test-XXXXXX";
static char db[256], kept[8192];
static ipd_dataset *data;
static const size_t hidden[] = {12, 9};

/* With a history of its own, unless `same`. */
static ipd_run_options options_of(int same)
{
    static int count;
    if (!same)
        snprintf(db, sizeof db, "%s/%d.db", home, ++count);
    return (ipd_run_options){.hidden = hidden, .hidden_count = 2, .name = "kept", .history = db};
}

static ipd_run *open_with(const ipd_run_options *o, const char *const *pairs)
{
    ipd_settings s;
    ipd_run *run;
    ipd_error e;
    ipd_settings_init(&s);
    for (; pairs && *pairs; pairs += 2)
        if (ipd_settings_set(&s, pairs[0], pairs[1], &e))
            fatal(&e);
    if (ipd_run_open(&run, data, o->archive ? NULL : &s, o, &e))
        fatal(&e);
    return run;
}

/* Goes on from a file: as the same run, or as a new one. */
static ipd_run *go_on(const char *path, int reopen, const char *history)
{
    ipd_checkpoint c;
    ipd_run_options o = {.history = history, .keep = {.reopen = reopen, .from = path}};
    ipd_network net = {0};
    ipd_run *run;
    ipd_error e;
    if (ipd_checkpoint_read(&c, path, &o.archive, &e) || ipd_run_open(&run, data, NULL, &o, &e))
        fatal(&e);
    ipd_archive_free(o.archive);
    wait_for(run, ipd_run_copy_network(run, &net, &e), &e); /* it is there */
    ipd_network_free(&net);
    return run;
}

/* The checkpoints in the folder of this run of `db`; the first of them in `kept`. */
static int count_files(const char *folder, const char *part)
{
    struct dirent *entry;
    int count = 0;
    DIR *d = opendir(folder);
    while (d && (entry = readdir(d)))
        if (entry->d_name[0] != '.' && strstr(entry->d_name, part)) {
            snprintf(kept, sizeof kept, "%s/%s", folder, entry->d_name);
            count++;
        }
    if (d)
        closedir(d);
    return count;
}

static int count_of(long id)
{
    char folder[4096];
    ipd_error e;
    return ipd_checkpoint_folder(folder, sizeof folder, db, id, &e)
               ? -1
               : count_files(folder, ".safetensors");
}

static double ask(const char *sql)
{
    sqlite3 *h;
    sqlite3_stmt *s;
    double value = NAN;
    if (sqlite3_open(db, &h) == SQLITE_OK &&
        sqlite3_prepare_v2(h, sql, -1, &s, NULL) == SQLITE_OK) {
        if (sqlite3_step(s) == SQLITE_ROW)
            value = sqlite3_column_double(s, 0);
        sqlite3_finalize(s);
    }
    sqlite3_close(h);
    return value;
}

static int has_notice(const ipd_run *run, const char *part)
{
    for (size_t i = 0; i < ipd_run_notice_count(run); i++)
        if (strstr(ipd_run_notice(run, i), part))
            return 1;
    return 0;
}

/* interval: between automatic saves, seconds. */
static void set_interval(const char *interval)
{
    setenv("IPDLAM_CHECKPOINT_INTERVAL", interval, 1);
}
#define NEVER "1e9"

static void at_the_end(void)
{
    set_interval(NEVER);
    ipd_run_options o = options_of(0);
    ipd_run *run = open_with(&o, NULL),
            *twin = open_with(&(ipd_run_options){.hidden = hidden, .hidden_count = 2}, NULL);
    ipd_error e;
    set_interval(NEVER);
    step(run, 2);
    step_blocks(run, 5);
    ok(ipd_run_unsaved(run) && !*ipd_run_checkpoint(run),
       "a run from its seed is not saved at its start");
    ok(!ipd_run_end(run, &e) && !ipd_run_unsaved(run) && ipd_path_exists(ipd_run_checkpoint(run)),
       "it is saved at its end: %s", ipd_run_checkpoint(run));
    ok(!ipd_run_step(run, 1, &e) && e.code == IPD_ESTATE, "an ended run refuses commands: %s",
       e.text);
    ipd_run_free(run);
    ok(count_of(1) == 1 && ask("SELECT count(*) FROM checkpoints") == 1,
       "it has one file, which is registered in the history");
    run = go_on(kept, 0, NULL);
    step(run, 1);
    step(twin, 3);
    ok(same_runs(run, twin), "the saved run continues to the same bits");
    ipd_run_free(run);
    ipd_run_free(twin);

    o = options_of(0);
    run = open_with(&o, NULL);
    step(run, 1);
    ipd_run_at_end(run, IPD_END_LEAVE);
    ipd_run_free(run);
    ok(count_of(1) == 0, "with IPD_END_LEAVE nothing is saved at the end");
    run = open_with(&o, NULL);
    step(run, 1);
    wait_for(run, ipd_run_save(run, &e), &e);
    ok(count_of(2) == 1, "a run is saved on request");
    wait_for(run, ipd_run_save(run, &e), &e);
    wait_for(run, ipd_run_write_checkpoint(run, NULL, &e), &e);
    ok(count_of(2) == 1, "a requested checkpoint replaces the automatic one");
    step(run, 1);
    wait_for(run, ipd_run_save(run, &e), &e);
    ok(count_of(2) == 2, "it is kept beside the next one");
    ipd_run_at_end(run, IPD_END_DROP);
    ipd_run_free(run);
    ok(count_of(2) == 1 && strstr(kept, "-iteration-1-"),
       "IPD_END_DROP removes automatic checkpoints only");
    run = open_with(&o, NULL);
    ipd_run_free(run);
    ok(ask("SELECT count(*) FROM runs") == 2, "a run that did nothing has no checkpoint");
}

static void by_time(void)
{
    ipd_run_options o = options_of(0);
    ipd_error e;
    set_interval("0");
    ipd_run *run = open_with(&o, NULL);
    step(run, 1);
    while (!count_of(1)) /* the first file, by itself */
        ipd_run_poll(run, 10);
    step(run, 3);
    wait_for(run, ipd_run_save(run, &e), &e);
    ok(count_of(1) == 1 && strstr(kept, "iteration-4") && !strstr(kept, "/000001-"),
       "at iterations' ends the newest checkpoint replaces the one before: %s", kept);
    ok(strstr(kept, ipd_run_identity(run)) != NULL, "its file name has the run's identity");
    ipd_run *twin = open_with(&(ipd_run_options){.hidden = hidden, .hidden_count = 2}, NULL);
    for (int i = 0; i < 20; i++) { /* one that waits for the writer does no work */
        step(run, 1);
        wait_for(run, ipd_run_save(run, &e), &e);
    }
    step(twin, 24);
    ok(same_runs(run, twin), "saving does not move the run");
    ipd_run_free(twin);
    /* This save is automatic, because the run is paused. */
    step_blocks(run, 3);
    while (ipd_run_unsaved(run))
        ipd_run_poll(run, 1000);
    ok(ipd_path_exists(ipd_run_checkpoint(run)), "a paused run is saved");
    change(run, "delta", "0.5");
    while (ipd_run_unsaved(run))
        ipd_run_poll(run, 1000);
    ok(ipd_path_exists(ipd_run_checkpoint(run)), "a change of a paused run is saved");
    ipd_run_free(run);
}

static void reopened(void)
{
    ipd_run_options o = options_of(0);
    ipd_error e;
    char path[4096], identity[32];
    set_interval(NEVER);
    ipd_run *run = open_with(&o, NULL),
            *twin = open_with(&(ipd_run_options){.hidden = hidden, .hidden_count = 2}, NULL);
    step(run, 2);
    change(run, "delta", "0.5");
    wait_for(run, ipd_run_save(run, &e), &e);
    snprintf(path, sizeof path, "%s", ipd_run_checkpoint(run));
    snprintf(identity, sizeof identity, "%s", ipd_run_identity(run));
    ipd_run_set_ending(run, "paused");
    ipd_run_free(run);
    run = go_on(path, 1, db);
    ok(ipd_run_id(run) == 1 && !strcmp(ipd_run_name(run), "kept") &&
           !strcmp(ipd_run_identity(run), identity) && !ipd_run_unsaved(run) &&
           !strcmp(ipd_run_checkpoint(run), path),
       "a reopened run is the same run");
    step(run, 2);
    ipd_run_free(run);
    step(twin, 2);
    change(twin, "delta", "0.5");
    step(twin, 2);
    ok(ask("SELECT count(*) FROM runs") == 1 && ask("SELECT records FROM runs") == 4 &&
           ask("SELECT count(*) FROM changes") == 1 && ask("SELECT count(*) FROM rewinds") == 0,
       "a reopened run has its row of the history");
    ok(count_of(1) == 1 && strstr(kept, "iteration-4"), "a reopened run has one checkpoint");
    run = go_on(kept, 1, db);
    ok(same_runs(run, twin), "the resumed run has the same bits");
    step(run, 1);
    ipd_run_at_end(run, IPD_END_LEAVE); /* the row is ahead of the file */
    ipd_run_free(run);
    run = go_on(kept, 1, db);
    step(run, 1);
    step(twin, 1);
    ok(same_runs(run, twin), "a run is reopened although the history has later records");
    ipd_run_free(run);
    ok(ask("SELECT records FROM runs") == 5 && ask("SELECT count(*) FROM records") == 5 &&
           ask("SELECT count(*) FROM rewound") == 1,
       "those later records are rewound");
    ipd_run_free(twin);
}

static void from_the_start(void)
{
    ipd_run_options o = options_of(0);
    ipd_network net = {0};
    struct stat s;
    ipd_error e;
    char path[512], folder[4096];
    set_interval(NEVER);
    ipd_run *run = open_with(&o, NULL);
    step(run, 1);
    wait_for(run, ipd_run_copy_network(run, &net, &e), &e);
    ipd_run_free(run);
    count_of(1);
    strcpy(path, kept);
    run = go_on(path, 0, db);
    step_blocks(run, 1);
    ok(ipd_run_id(run) == 2 && count_of(2) == 1 && !strcmp(kept, ipd_run_checkpoint(run)) &&
           !stat(kept, &s) && s.st_nlink == 2,
       "a resumed run has the file that it began from: %s", kept);
    ipd_run_at_end(run, IPD_END_LEAVE);
    ipd_run_free(run);
    ok(ask("SELECT count(*) FROM checkpoints WHERE run = 2") == 1,
       "the file is registered in the history");
    o.initial = &net;
    run = open_with(&o, NULL);
    step_blocks(run, 1);
    ipd_run_at_end(run, IPD_END_LEAVE);
    ipd_run_free(run);
    ok(count_of(3) == 1 && strstr(kept, "iteration-0"),
       "a run with given weights is saved when it begins");
    run = go_on(kept, 0, NULL);
    ipd_run *twin = open_with(&(ipd_run_options){.initial = &net}, NULL);
    step(run, 1);
    step(twin, 1);
    ok(same_runs(run, twin), "the resumed run has the same bits");
    ipd_run_free(run);

    ipd_run_options branch = {.history = db, .name = "branch"};
    branch.archive = ipd_archive_new(&e);
    wait_for(twin, ipd_run_branch(twin, 1, branch.archive, &e), &e);
    run = open_with(&branch, NULL);
    ipd_archive_free(branch.archive);
    step_blocks(run, 1);
    ipd_run_at_end(run, IPD_END_LEAVE);
    ipd_run_free(run);
    ok(count_of(4) == 1 && strstr(kept, "iteration-1"), "a branch is saved when it begins");
    ipd_run_free(twin);
    ipd_network_free(&net);

    snprintf(folder, sizeof folder, "%s/both", home);
    o = (ipd_run_options){
        .hidden = hidden, .hidden_count = 2, .keep = {.folder = folder, .every_iterations = 1}};
    run = open_with(&o, NULL);
    twin = open_with(&o, NULL);
    for (int i = 0; i < 4; i++) {
        step(run, 1);
        step(twin, 1);
    }
    snprintf(path, sizeof path, "%s", ipd_run_identity(twin));
    ipd_run_free(run);
    ipd_run_free(twin);
    ok(count_files(folder, path) == 2, "of two runs in one folder each has its two files");
    ok(count_files(folder, "iteration-3") == 2 && count_files(folder, "iteration-4") == 2,
       "they are the last two of each run");
}

static void diverges(double snapshots, const char *interval)
{
    static const char *const start[] = {"preset", "default", "batch", "50", NULL};
    ipd_run_options o = options_of(0);
    ipd_error e;
    set_interval(interval);
    o.snapshots = snapshots;
    ipd_run *run = open_with(&o, start);
    step(run, 4);
    step_blocks(run, 3);
    change(run, "inertia", "900");
    for (int i = 0; i < 200 && ipd_run_get_status(run) != IPD_DIVERGED; i++)
        step_blocks(run, 5);
    int iterations = (int)ipd_run_record_count(run);
    if (!ok(ipd_run_get_status(run) == IPD_DIVERGED && iterations > 3, "%s",
            ipd_run_status_text(run)))
        return;
    ok(!ipd_run_end(run, &e) && count_of(1) == 1, "a diverged run is saved");
    ipd_run *again = go_on(ipd_run_checkpoint(run), 0, NULL);
    int same = (int)ipd_run_record_count(again) == iterations &&
               ipd_run_place(again).iteration == iterations + 1;
    for (int i = 0; same && i < iterations; i++)
        same = same_record(ipd_run_record(run, (size_t)i), ipd_run_record(again, (size_t)i));
    ok(same && ipd_run_get_status(again) == IPD_PAUSED,
       "it is saved as of the end of its last good iteration, %d: %s", iterations,
       ipd_run_status_text(again));
    change(again, "inertia", "0.1");
    ipd_run_free(again);
    ipd_run_free(run);
}

/* If there is no memory for a copy, the file is written from the live arrays. */
static void without_memory(void)
{
#ifdef __SANITIZE_ADDRESS__
    skip("an address space cannot be limited here");
#else
    static const size_t wide[] = {2000};
    ipd_run_options o = options_of(0);
    struct rlimit old = {0}, limit;
    ipd_error e;
    char path[4096];
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    set_interval(NEVER);
    o.hidden = wide;
    o.hidden_count = 1;
    ipd_run *run = open_with(&o, NULL);
    step(run, 2);
    if (!f || fscanf(f, "%ld", &pages) != 1 || getrlimit(RLIMIT_AS, &old))
        printf("# no limit\n");
    limit = old;
    limit.rlim_cur = (rlim_t)(pages * sysconf(_SC_PAGESIZE) + (4 << 20));
    setrlimit(RLIMIT_AS, &limit);
    int failed = await(run, ipd_run_save(run, &e), &e);
    setrlimit(RLIMIT_AS, &old);
    ok(!failed && ipd_run_checkpoint_bytes(run) > (16 << 20),
       "without memory for a copy: saved%s%s", failed ? ": " : "", failed ? e.text : "");
    snprintf(path, sizeof path, "%s", ipd_run_checkpoint(run));
    ipd_run *again = go_on(path, 0, NULL);
    step(run, 1);
    step(again, 1);
    ok(same_runs(run, again), "the resumed run has the same bits");
    ipd_run_free(run);
    ipd_run_free(again);
    fclose(f);
#endif
}

static int count_in_root(void)
{
    char root[512], path[1024];
    struct dirent *entry;
    int count = 0;
    snprintf(root, sizeof root, "%s.checkpoints", db);
    DIR *d = opendir(root);
    while (d && (entry = readdir(d)))
        if (*entry->d_name != '.') {
            snprintf(path, sizeof path, "%s/%s", root, entry->d_name);
            count += count_files(path, ".safetensors");
        }
    if (d)
        closedir(d);
    return count;
}

/* A run of one iteration, which ends so. */
static void make_one(const ipd_run_options *o, const char *ending)
{
    ipd_run *run = open_with(o, NULL);
    step(run, 1);
    ipd_run_set_ending(run, ending);
    ipd_run_free(run);
}

static void age(int id, long seconds)
{
    struct timespec times[2] = {{seconds, 0}, {seconds, 0}};
    count_of(id);
    utimensat(AT_FDCWD, kept, times, 0);
}

static void without_space(void)
{
    ipd_run_options o = options_of(0);
    ipd_error e;
    double limit;
    char text[64];
    set_interval(NEVER);
    ok(ipd_space_set("5X", &e) && ipd_space_set("", &e) && ipd_space_set("-1", &e) &&
           ipd_space_set("101%", &e),
       "%s", e.text);
    ok(!ipd_space_set("2K", &e) && ipd_space_limit("/", 5) == 2048 && !ipd_space_set("50%", &e) &&
           ipd_space_limit("/tmp/none/none", 1e15) >= 5e14,
       "checkpoint_space is a number of bytes or a share");
    ipd_space_set("1T", &e);
    make_one(&o, "finished");
    ipd_run *run, *living = open_with(&o, NULL);
    step(living, 1);
    wait_for(living, ipd_run_save(living, &e), &e);
    double bytes = ipd_run_checkpoint_bytes(living);
    make_one(&o, "finished");
    make_one(&o, "finished");
    /* 2 lives, the others are finished. Four fit. */
    age(1, 1000);
    age(2, 1000);
    snprintf(text, sizeof text, "%.0f", 4.8 * bytes);
    ipd_space_set(text, &e);
    run = open_with(&o, NULL);
    step(run, 1);
    ok(ipd_run_checkpoint_fits(run, &limit) && count_in_root() == 4,
       "a checkpoint fits where a finished run's can go");
    wait_for(run, ipd_run_save(run, &e), &e);
    ok(count_of(1) == 0 && count_of(2) == 1 && count_of(3) == 1 && count_of(5) == 1 &&
           count_in_root() == 4 && ipd_run_notice_count(run) == 1 &&
           has_notice(run, "removed the checkpoint of run 1, kept"),
       "which is the oldest's, and said: %s",
       ipd_run_notice_count(run) ? ipd_run_notice(run, 0) : "nothing");
    ok(ask("SELECT count(*) FROM checkpoints WHERE run = 1") == 0, "the removal is in the history");
    ipd_space_set("10", &e);
    step(run, 1);
    ok(!ipd_run_checkpoint_fits(run, &limit) && limit == 10,
       "ipd_run_checkpoint_fits knows that a checkpoint does not fit");
    wait_for(run, ipd_run_save(run, &e), &e);
    step(run, 1);
    wait_for(run, ipd_run_save(run, &e), &e);
    ok(count_in_root() == 2 && count_of(2) == 1 && ipd_run_notice_count(run) == 4 &&
           has_notice(run, "exceeds checkpoint_space"),
       "a checkpoint that does not fit is written, with one notice");
    ipd_run_free(run);
    ipd_run_free(living);
    ipd_space_set("1T", &e);
}

/* The checkpoints of a run that has not ended are kept, however old; those of a diverged run while it is open. */
static void without_space_for_the_living(void)
{
    static const char *const endings[] = {"", "interrupted", "diverged at iteration 2", "finished"};
    ipd_run_options o = options_of(0);
    ipd_error e;
    char text[64];
    set_interval(NEVER);
    for (int i = 0; i < 4; i++) {
        make_one(&o, endings[i]);
        age(i + 1, 1000 * (i + 1));
    }
    double bytes = (double)ask("SELECT size FROM checkpoints WHERE run = 1");
    snprintf(text, sizeof text, "%.0f", 4.5 * bytes);
    ipd_space_set(text, &e);
    make_one(&o, "finished");
    ok(count_of(1) && count_of(2) && count_of(3) && !count_of(4) && count_of(5),
       "of left, interrupted, diverged and finished runs only the finished one loses its file");
    ok(ask("SELECT count(*) FROM runs WHERE id = 1 AND status = 'left at iteration 1'") == 1,
       "the first was left at iteration 1");
    ask("UPDATE runs SET pid = 99999999 WHERE id IN (1, 2, 3) RETURNING id");
    snprintf(text, sizeof text, "%.0f", 3.5 * bytes);
    ipd_space_set(text, &e);
    make_one(&o, "finished");
    ok(count_of(1) && count_of(2) && !count_of(3) && !count_of(5) && count_of(6),
       "once the diverged run is closed, it loses its file, too");
    ipd_space_set("1T", &e);
}

static sqlite3 *lock(void)
{
    sqlite3 *h;
    if (sqlite3_open(db, &h) != SQLITE_OK ||
        sqlite3_exec(h, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        printf("# %s\n", sqlite3_errmsg(h));
    return h;
}

static void without_its_history(void)
{
    static const char *const sizes[] = {"delta", "2", NULL};
    ipd_run_options o = options_of(0);
    ipd_error e;
    char folder[512];
    set_interval("0");
    ipd_run *run = open_with(&o, NULL), *first;
    step(run, 1);
    ipd_run_free(run);

    sqlite3 *held = lock();
    run = open_with(&o, NULL);
    step(run, 2);
    change(run, "delta", "0.7");
    wait_for(run, ipd_run_save(run, &e), &e);
    snprintf(folder, sizeof folder, "%s.checkpoints/new-%s", db, ipd_run_identity(run));
    ok(has_notice(run, "holds the history locked") && !ipd_run_id(run) &&
           count_files(folder, ".safetensors") == 1,
       "a run trains and is saved although the history is locked at its start");
    sqlite3_close(held);
    ok(!ipd_run_end(run, &e) && ipd_run_id(run) == 2 && count_of(2) == 1 &&
           !strcmp(kept, ipd_run_checkpoint(run)) && !ipd_path_exists(folder),
       "when the lock is gone, the run enters the history: %s", ipd_run_checkpoint(run));
    ok(ask("SELECT records FROM runs WHERE id = 2") == 2 &&
           ask("SELECT count(*) FROM changes") == 1 &&
           ask("SELECT count(*) FROM checkpoints WHERE run = 2") == 1,
       "the run enters with all its records and changes");
    ipd_run_free(run);

    /* Nothing is saved by itself from here on: the thread that writes checkpoints enters them into the history through a
     * connection of its own, which would read the log of the old file as that of the new one. */
    set_interval(NEVER);
    run = open_with(&o, sizes);
    step(run, 2);
    first = go_on(kept, 0, NULL);
    unlink(db);
    step(run, 1);
    ok(has_notice(run, "removed or replaced") && ipd_run_notice_count(run) == 1,
       "a removed history is reported once");
    ok(ask("SELECT count(*) FROM runs") == 1 && ask("SELECT id FROM runs") == 3 &&
           ask("SELECT records FROM runs") == 3,
       "the history is made anew, with the run under its number");
    step(run, 1);
    ok(ask("SELECT records FROM runs") == 4, "the run in the new history goes on");
    wait_for(run, ipd_run_save(run, &e), &e); /* the writer has the log open, too, while it works */
    snprintf(folder, sizeof folder, "%s-wal", db);
    unlink(folder);
    step(run, 1);
    ok(has_notice(run, "-wal: part of the history was removed") && ipd_path_exists(folder) &&
           ask("SELECT records FROM runs") == 5 && ask("SELECT count(*) FROM records") == 5,
       "the same if only its write-ahead log is removed");
    /* Do it in one step: a paused run would write a missing file again. */
    snprintf(folder, sizeof folder, "%s.other", db);
    sqlite3 *h;
    sqlite3_open(folder, &h);
    sqlite3_exec(h, "PRAGMA application_id = 5; CREATE TABLE t (x)", NULL, NULL, NULL);
    sqlite3_close(h);
    wait_for(run, ipd_run_save(run, &e), &e);
    rename(folder, db);
    step(run, 2);
    ok(has_notice(run, "another program") && ask("SELECT count(*) FROM t") == 0 &&
           ask("SELECT count(*) FROM sqlite_master") == 1,
       "another program's file in its place stays as it is");
    wait_for(run, ipd_run_save(run, &e), &e);
    ok(count_of(3) == 1 && strstr(kept, "iteration-7"),
       "the run is saved although its history was replaced");
    size_t said = ipd_run_notice_count(run);
    step(run, 1);
    ok(ipd_run_notice_count(run) == said, "no notice comes twice");
    ipd_run_free(run);
    ipd_run_free(first);

    o = options_of(0);
    snprintf(folder, sizeof folder, "%s.checkpoints", db);
    fclose(fopen(folder, "w"));
    run = open_with(&o, NULL);
    step(run, 1);
    ok(has_notice(run, "no checkpoint: ") && ipd_run_notice_count(run) == 1,
       "a file in the place of the folder is reported at once: %s", ipd_run_notice(run, 0));
    ok(ipd_run_end(run, &e) && ipd_run_notice_count(run) == 1,
       "the end of that run adds no notice: %s", e.text);
    ipd_run_free(run);

    o.history = "/proc/none/runs.db";
    run = open_with(&o, NULL);
    step(run, 1);
    ok(has_notice(run, "has no checkpoints"),
       "that there can be neither history nor checkpoints is reported at once: %s",
       ipd_run_notice(run, 0));
    ok(!ipd_run_end(run, &e), "the end of that run reports no error");
    ipd_run_free(run);
}

static ipd_archive *read_archive(const char *path)
{
    ipd_checkpoint c;
    ipd_archive *ar;
    ipd_error e;
    if (ipd_checkpoint_read(&c, path, &ar, &e))
        fatal(&e);
    return ar;
}

/* Opens a run that knows its first weights wrongly, so that no replay from the start succeeds. */
static ipd_run *without_start(ipd_archive *ar, ipd_error *e)
{
    const ipd_run_options o = {.archive = ar, .snapshots = -1};
    ipd_run *run;
    ipd_archive_rewind(ar);
    if (ipd_run_open(&run, data, NULL, &o, e))
        return NULL;
    memset(run->start.W[1].data, 0, sizeof(float) * run->start.W[1].rows * run->start.W[1].cols);
    return run;
}

/* A checkpoint has the snapshots at forks, as far as there is space, so that a jump there repeats nothing. */
static void at_forks(void)
{
    ipd_run_options o = options_of(0);
    char path[300], text[32];
    ipd_error e;
    set_interval(NEVER);
    o.snapshots = -1;
    ipd_run *run = open_with(&o, NULL),
            *twin = open_with(&(ipd_run_options){.hidden = hidden, .hidden_count = 2}, NULL), *back;
    step(run, 4);
    wait_for(run, ipd_run_rewind(run, 2, &e), &e);
    change(run, "delta", "0.5");
    step(run, 3);
    snprintf(path, sizeof path, "%s/forks.safetensors", home);
    wait_for(run, ipd_run_write_checkpoint(run, path, &e), &e);
    ipd_archive *ar = read_archive(path);
    ok(ipd_archive_find(ar, "run.snapshots") && ipd_archive_find(ar, "run.snapshot1.W1"),
       "the fork is in the checkpoint");
    step(twin, 2);
    back = without_start(ar, &e);
    wait_for(back, ipd_run_rewind(back, 2, &e), &e);
    ok(same_states(back, twin),
       "a jump to the fork replays nothing and has the bits of a straight run");
    ok(await(back, ipd_run_rewind(back, 1, &e), &e) && e.code == IPD_ENUMERIC,
       "a jump to before the fork replays: %s", e.text);
    ipd_run_free(back);

    const ipd_entry *rows = ipd_archive_find(ar, "run.snapshots");
    int64_t *row = rows->data, number = row[3];
    row[3] = 99;
    ok(!without_start(ar, &e) && strstr(e.text, "contradicts its journal"),
       "a damaged snapshot is refused: %s", e.text);
    row[3] = number;
    for (int i = 0; i < 2; i++) { /* at a place that is not the state's */
        row[i]++;
        back = without_start(ar, &e);
        ok(back && await(back, ipd_run_rewind(back, 2, &e), &e),
           "a snapshot at a wrong place is refused: %s", e.text);
        ok(back && ipd_run_record_count(back) == 5, "the run is where it was");
        ipd_run_free(back);
        row[i]--;
    }
    double state = (double)ipd_archive_bytes(ar);
    ipd_archive_free(ar);

    snprintf(text, sizeof text, "%.0f", 1.05 * state);
    ipd_space_set(text, &e);
    wait_for(run, ipd_run_write_checkpoint(run, NULL, &e), &e);
    ar = read_archive(ipd_run_checkpoint(run));
    ok(ipd_archive_find(ar, "run.snapshots") != NULL,
       "snapshots are saved within checkpoint_space");
    ipd_archive_free(ar);
    snprintf(text, sizeof text, "%.0f", 0.7 * state);
    ipd_space_set(text, &e);
    step(run, 1);
    wait_for(run, ipd_run_write_checkpoint(run, NULL, &e), &e);
    ar = read_archive(ipd_run_checkpoint(run));
    ok(!ipd_archive_find(ar, "run.snapshots"), "snapshots are not saved beyond checkpoint_space");
    ipd_archive_free(ar);
    ipd_space_set("1T", &e);
    ipd_run_free(run);
    ipd_run_free(twin);
}

int main(void)
{
    const ipd_dataset_options options = {.train = 150, .test = 40};
    ipd_error e;
    if (!mkdtemp(home) || ipd_dataset_open(&data, "digits", &options, &e))
        return 1;
    setenv("XDG_DATA_HOME", home, 1);
    at_the_end();
    by_time();
    reopened();
    from_the_start();
    diverges(0, NEVER);
    diverges(-1, NEVER);
    diverges(0, "0");
    at_forks();
    without_its_history();
    without_memory();
    without_space();
    without_space_for_the_living();
    ipd_dataset_unref(data);
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", home);
    return system(command) ? 1 : done();
}
