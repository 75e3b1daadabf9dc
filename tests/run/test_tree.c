/* test_tree.c - random walks in a run's tree: training, changes, rewinds, returns. Every path has the bits of a run that went
 * straight to its end, in memory and from an archive. IPDLAM_TEST_LONG=1: 200 walks.
 */
#include "run/private.h"
#include "run/time/log.h"
#include "solver/variable.h"
#include "tests/run/plan.h"

static const size_t hidden[] = {16, 12};
static ipd_dataset *data;
static const char *const *options;
static ipd_error e;

static int is_over(const ipd_run *run)
{
    return ipd_run_get_status(run) == IPD_DIVERGED || ipd_run_get_status(run) == IPD_FAILED;
}

static void write_weights(ipd_run *run, double by)
{
    ipd_variable x;
    ipd_matrix m = {0};
    ipd_error why;
    ipd_variable_parse(&x, "W2");
    if (!await(run, ipd_run_copy(run, x, &m, &why), &why)) {
        for (size_t i = 0; i < m.rows * m.cols; i++)
            m.data[i] *= (float)by;
        await(run, ipd_run_write(run, x, &m, &why), &why);
    }
    ipd_matrix_free(&m);
}

static ipd_run *resume(ipd_run *run)
{
    ipd_archive *ar = ipd_archive_new(&e);
    ipd_run_options how = {
        .archive = ar, .answers = 1, .snapshots = snapshot_budget, .keep.reopen = 1};
    ipd_run *other = NULL;
    wait_for(run, ipd_run_archive(run, ar, &e), &e);
    ipd_run_free(run);
    ipd_archive_rewind(ar);
    if (ipd_run_open(&other, data, NULL, &how, &e))
        fatal(&e);
    ipd_archive_free(ar);
    return other;
}

/* A random move. Those that are impossible here fail and change nothing. */
static void move(ipd_run *run, ipd_random *r)
{
    size_t paths;
    long k = (long)ipd_random_below(r, ipd_run_record_count(run) + 1);
    ipd_run_futures(run, &paths);
    unsigned long path = 1 + (unsigned long)ipd_random_below(r, paths + 1);
    switch (ipd_random_below(r, 7)) {
    case 0:
        await(run, ipd_run_rewind(run, k, &e), &e);
        return;
    case 1:
        await(run, ipd_run_forward(run, k ? k : -1, &e), &e);
        return;
    case 2:
        await(run, ipd_run_redo(run, &e), &e);
        return;
    case 3:
        await(run, ipd_run_go(run, path, -1, &e), &e);
        return;
    case 4:
        await(run, ipd_run_go(run, path, k, &e), &e);
        return;
    case 5:
        await(run, ipd_run_back(run, 0, 1 + k, &e), &e);
        return;
    default:
        await(run, ipd_run_back(run, 1, 1 + k % 3, &e), &e);
    }
}

static ipd_run *walk(uint64_t seed, int steps)
{
    ipd_run *run = open_run(data, hidden, 2, options);
    ipd_random r;
    ipd_random_seed(&r, seed, 20);
    for (int i = 0; i < steps; i++) {
        uint64_t what = ipd_random_below(&r, 14);
        long n = 1 + (long)ipd_random_below(&r, 6);
        if (is_over(run) || what < 4)
            move(run, &r);
        else if (what < 7)
            await(run, ipd_run_step(run, 1 + n / 3, &e), &e);
        else if (what < 9)
            await(run, ipd_run_step_blocks(run, n, &e), &e);
        else if (what < 11)
            random_change(run, &r, ipd_run_place(run).batch == 1);
        else if (what == 11)
            write_weights(run, 0.9 + 0.01 * (double)n);
        else if (what == 12)
            await(run, ipd_run_undo(run, &e), &e);
        else
            run = resume(run);
    }
    return run;
}

static void go_to(ipd_run *run, unsigned long units)
{
    unsigned long done = run->journal.units;
    if (units > done && await(run, ipd_run_step_blocks(run, (long)(units - done), &e), &e) &&
        !is_over(run))
        fatal(&e);
}

static void repeat_entry(ipd_run *run, const ipd_journal *j, size_t i)
{
    const char *word;
    ipd_change c;
    ipd_variable x;
    ipd_matrix m;
    switch (ipd_journal_read(j, i, &word, &c)) {
    case IPD_LOG_SET:
        wait_for(run, ipd_run_set(run, &c, &e), &e);
        return;
    case IPD_LOG_SWITCH:
        wait_for(run, ipd_run_switch(run, word, &c, &e), &e);
        return;
    case IPD_LOG_WRITE:
        if (ipd_journal_read_write(j, i, &x, &m, &e))
            fatal(&e);
        wait_for(run, ipd_run_write(run, x, &m, &e), &e);
        return;
    default:
        return;
    }
}

/* Does in a new run what the journal says. */
static ipd_run *straight(const ipd_run *run)
{
    const ipd_journal *j = &run->journal;
    const ipd_journal_entry *log = j->log.items;
    ipd_run *other = open_run(data, hidden, 2, options);
    for (size_t i = 0; i < j->log.count; i++) {
        go_to(other, log[i].units);
        repeat_entry(other, j, i);
    }
    go_to(other, j->units);
    return other;
}

static int is_straight(ipd_run *run)
{
    ipd_run *other = straight(run);
    int over = is_over(run), same = over == is_over(other);
    same = same && (over || same_states(run, other));
    ipd_run_free(other);
    if (await(run, ipd_run_verify(run, &e), &e)) {
        printf("# %s\n", e.text);
        same = 0;
    }
    return same;
}

static int check_paths(ipd_run *run)
{
    size_t count;
    int same = is_straight(run);
    ipd_run_futures(run, &count);
    unsigned long *paths = calloc(count + 1, sizeof *paths);
    for (size_t i = 0; i < count; i++)
        paths[i] = ipd_run_futures(run, &count)[i].number;
    for (size_t i = 0; i < count; i++) {
        same &= !await(run, ipd_run_go(run, paths[i], -1, &e), &e);
        if (!same)
            printf("# path %lu: %s\n", paths[i], e.text);
        same = same && is_straight(run);
    }
    free(paths);
    return same;
}

static void walks(void)
{
    static const char *const kinds[][9] = {{"preset", "default", "batch", "60", NULL},
                                           {"preset", "ipdlam", NULL},
                                           {"preset", "fast", "batch", "100", NULL},
                                           {"preset", "bcd", NULL}};
    static const double budgets[] = {-1, 0, 250000};
    int count = getenv("IPDLAM_TEST_LONG") ? 200 : 8, same = 0;
    size_t paths = 0, all = 0;
    for (int i = 0; i < count; i++) {
        options = kinds[i % 4];
        snapshot_budget = budgets[i % 3];
        ipd_run *run = walk((uint64_t)i, 40);
        ipd_run_futures(run, &paths);
        all += paths;
        if (!is_over(run))
            run = resume(run);
        size_t after;
        ipd_run_futures(run, &after);
        int right = after == paths && check_paths(run);
        if (!right)
            printf("# walk %d, %zu paths, %zu from the archive\n", i, paths, after);
        same += right;
        ipd_run_free(run);
    }
    ok(same == count, "%d walks with %zu paths: the bits of straight runs", count, all);
    snapshot_budget = -1;
}

/* Nothing is stored twice, and the same change again leads to the same path. */
static void again(void)
{
    static const char *const plain[] = {"preset", "default", "batch", "100", NULL};
    size_t count;
    options = plain;
    ipd_run *run = open_run(data, hidden, 2, options);
    step(run, 5);
    wait_for(run, ipd_run_rewind(run, 2, &e), &e);
    const ipd_future_info *f = ipd_run_futures(run, &count);
    ok(count == 1 && f[0].here && f[0].iterations == 5 && f[0].ahead,
       "after a rewind the run has one path, which continues ahead");
    step(run, 1);
    wait_for(run, ipd_run_rewind(run, 1, &e), &e);
    ipd_run_futures(run, &count);
    ok(count == 1, "training along a stored path makes no other path");
    change(run, "delta", "0.5");
    step(run, 2);
    wait_for(run, ipd_run_rewind(run, 1, &e), &e);
    change(run, "delta", "0.5");
    step(run, 4);
    wait_for(run, ipd_run_rewind(run, 0, &e), &e);
    f = ipd_run_futures(run, &count);
    ok(count == 2 && f[1].parent == 1 && f[1].shared == 1 && f[1].iterations == 5 &&
           !strcmp(f[1].set, "delta = 0.5"),
       "the same change again: the same path, %ld iterations, %s", f[1].iterations, f[1].set);
    ok(!await(run, ipd_run_redo(run, &e), &e) && ipd_run_record_count(run) == 5,
       "redo returns to where the run was");
    wait_for(run, ipd_run_rewind(run, 2, &e), &e);
    wait_for(run, ipd_run_back(run, 0, 1, &e), &e);
    wait_for(run, ipd_run_redo(run, &e), &e);
    ok(ipd_run_record_count(run) == 2, "redo returns by one move");
    wait_for(run, ipd_run_redo(run, &e), &e);
    ok(ipd_run_record_count(run) == 5, "repeated, redo returns by the move before");
    ok(await(run, ipd_run_redo(run, &e), &e) && strstr(e.text, "has gone on"), "%s", e.text);
    ok(await(run, ipd_run_forward(run, -1, &e), &e) && strstr(e.text, "no path"), "%s", e.text);
    ok(!ipd_run_forward(run, 0, &e) && strstr(e.text, "Use 1 or more"), "forward: %s", e.text);
    ok(await(run, ipd_run_go(run, 3, -1, &e), &e) && strstr(e.text, "no path 3"), "%s", e.text);
    ok(await(run, ipd_run_go(run, 1, 6, &e), &e) && strstr(e.text, "has not completed"), "%s",
       e.text);
    ipd_run_free(run);
}

/* A path that ended in values that are not finite ends there again. */
static void diverged(void)
{
    static const char *const wild[] = {"preset", "default", "method", "sgd", "lr",
                                       "1e6",    "batch",   "50",     NULL};
    options = wild;
    ipd_run *run = open_run(data, hidden, 2, options);
    char text[600];
    await(run, ipd_run_step(run, 9, &e), &e);
    snprintf(text, sizeof text, "%s", ipd_run_status_text(run));
    ok(ipd_run_get_status(run) == IPD_DIVERGED, "%s", text);
    wait_for(run, ipd_run_rewind(run, 0, &e), &e);
    change(run, "lr", "0.01");
    step(run, 2);
    wait_for(run, ipd_run_go(run, 1, -1, &e), &e);
    ok(ipd_run_get_status(run) == IPD_DIVERGED && !strcmp(ipd_run_status_text(run), text),
       "again: %s", ipd_run_status_text(run));
    wait_for(run, ipd_run_redo(run, &e), &e);
    ok(ipd_run_get_status(run) == IPD_PAUSED && ipd_run_record_count(run) == 2,
       "the run returns from there");
    ipd_run_free(run);
}

int main(void)
{
    data = open_data("digits", 300, 60);
    again();
    diverged();
    walks();
    ipd_dataset_unref(data);
    return done();
}
