/* test_rewind.c - going back and branching give the bits of a run that was never interrupted, whatever it was
 * told; the proof of it finds one bit that is another.
 */
#include "run/private.h"
#include "tests/run/plan.h"

static const size_t hidden[] = {16, 12};
static ipd_dataset *data;

/* Iterations first ... last of a run that gets two commands in each, at block boundaries. */
static void follow(ipd_run *run, uint64_t seed, int first, int last)
{
    for (int k = first; k <= last; k++) {
        ipd_random r;
        ipd_random_seed(&r, seed, (uint64_t)k);
        for (int i = 0; i < 2; i++) {
            ipd_place at = ipd_run_place(run);
            long blocks = (long)ipd_random_below(&r, 3);
            /* A switch holds from an iteration's end on: it is given at one. */
            if (i && blocks && (at.batches > 2 || at.block.kind != 'g'))
                step_blocks(run, blocks);
            random_change(run, &r, i == 0);
        }
        step(run, 1);
    }
}

static ipd_run *followed(ipd_dataset *of, const size_t *widths, const char *const *start,
                         uint64_t seed, int last)
{
    ipd_run *run = open_run(of, widths, 2, start);
    follow(run, seed, 1, last);
    return run;
}

/* Opens a branch and waits until it has caught up. */
static ipd_run *branch(ipd_run *run, ipd_dataset *of, long iteration)
{
    ipd_error e;
    ipd_archive *ar = ipd_archive_new(&e);
    ipd_run_options options = {
        .archive = ar, .answers = 1, .name = "branch", .snapshots = snapshot_budget};
    ipd_run *other;
    wait_for(run, ipd_run_branch(run, iteration, ar, &e), &e);
    if (ipd_run_open(&other, of, NULL, &options, &e))
        fatal(&e);
    ipd_archive_free(ar);
    while (ipd_run_get_status(other) == IPD_RUNNING)
        ipd_run_poll(other, 1000);
    return other;
}

static int verifies(ipd_run *run)
{
    ipd_error e;
    if (!await(run, ipd_run_verify(run, &e), &e))
        return 1;
    printf("# %s\n", e.text);
    return 0;
}

/* Back to the end of iteration k, and on as before; and a branch of that. */
static int travel(ipd_dataset *of, const size_t *widths, const char *const *start, uint64_t seed,
                  int last, int k)
{
    ipd_error e;
    ipd_run *whole = followed(of, widths, start, seed, last);
    ipd_run *part = followed(of, widths, start, seed, k);
    ipd_run *run = followed(of, widths, start, seed, last);
    ipd_run *other = branch(run, of, k);
    const ipd_parent *parent = ipd_run_parent(other);
    int same = same_runs(other, part) && parent && parent->iteration == k &&
               !strcmp(parent->name, ipd_run_name(run));
    same = same && same_runs(run, whole);
    wait_for(run, ipd_run_rewind(run, k, &e), &e);
    same = same && same_runs(run, part);
    follow(run, seed, k + 1, last);
    follow(other, seed, k + 1, last);
    same = same && same_runs(run, whole) && same_runs(other, whole);
    same = same && verifies(run) && verifies(other) && verifies(whole);
    ipd_run_free(whole);
    ipd_run_free(part);
    ipd_run_free(run);
    ipd_run_free(other);
    return same;
}

static void travels(void)
{
    static const char *const starts[][11] = {
        {"preset", "default", "batch", "50", NULL},
        {"preset", "ipdlam", NULL},
        {"preset", "default", "batch", "60", "inner", "2", "audit", "true", NULL},
        {"preset", "ipdlam", "regularizer", "lasso", "lambda", "0.2", NULL},
        {"preset", "bcd", NULL},
        {"preset", "fast", "batch", "40", "average_weights", "0.1", NULL},
        {"preset", "default", "method", "adam", "batch", "50", "lr_schedule", "anneal", "length",
         "9", NULL}};
    static const double budgets[] = {-1, 0, 250000};
    int rounds = getenv("IPDLAM_TEST_LONG") ? 30 : 1, last = 10;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        int same = 0;
        for (int round = 0; round < rounds; round++) {
            ipd_random r;
            ipd_random_seed(&r, (uint64_t)round, 100 + i);
            snapshot_budget = budgets[(size_t)round % 3 == 0 ? i % 3 : ipd_random_below(&r, 3)];
            same += travel(data, hidden, starts[i], 1000 * i + (uint64_t)round, last,
                           (int)ipd_random_below(&r, (uint64_t)last + 1));
        }
        ok(same == rounds, "%s%s%s, 20 changes: back and on, branched, verified, the same bits",
           starts[i][1], starts[i][2] ? ", " : "", starts[i][2] ? starts[i][3] : "");
    }
    snapshot_budget = -1;
}

/* The same damping as one value with that of the last layer, and as a list: at the start and as a live change. */
static void damped(void)
{
    const char *const one[] = {"preset",  "fast", "batch",        "40",  "relax", "fixed",
                               "damping", "1.7",  "damping_last", "9.3", NULL};
    const char *const list[] = {"preset", "fast",    "batch",       "40", "relax",
                                "fixed",  "damping", "1.7,1.7,9.3", NULL};
    const char *const other[] = {"preset", "fast",    "batch",       "40", "relax",
                                 "fixed",  "damping", "1.7,1.8,9.3", NULL};
    ipd_run *x = open_run(data, hidden, 2, one), *y = open_run(data, hidden, 2, list);
    ipd_run *z = open_run(data, hidden, 2, other);
    step(x, 2), step(y, 2), step(z, 2);
    ok(same_weights(x, y), "a list of equal dampings has the bits of one value");
    ok(!same_weights(x, z), "a list in which one layer differs has other bits");
    step_blocks(x, 5), step_blocks(y, 5);
    ok(!change(x, "damping_last", "2.5") && !change(x, "damping", "auto") &&
           !change(y, "damping", "4,4,2.5"),
       "both forms can be changed within a sweep");
    step(x, 2), step(y, 2);
    ok(same_weights(x, y) && verifies(x) && verifies(y),
       "the changes give the same bits, and a replay has them");
    ok(change(y, "damping", "4,4"), "a list of another length is refused");
    ipd_run_free(x);
    ipd_run_free(y);
    ipd_run_free(z);
}

/* Flips one bit of a snapshot while the run is paused. */
static void flip(ipd_run *run, size_t index, size_t bit)
{
    const ipd_archive *ar = run->snapshots.items[index].archive;
    size_t at = bit / 8 % ipd_archive_bytes(ar), i = 0;
    for (; at >= ipd_archive_entry(ar, i)->bytes; i++)
        at -= ipd_archive_entry(ar, i)->bytes;
    ((unsigned char *)ipd_archive_entry(ar, i)->data)[at] ^= (unsigned char)(1U << bit % 8);
}

/* If one bit of a snapshot changes, verify reports it, and a rewind does not use the snapshot. */
static void flipped(void)
{
    const char *const start[] = {"preset", "default", "batch", "50", NULL};
    ipd_run *run = followed(data, hidden, start, 7, 8), *part = followed(data, hidden, start, 7, 6);
    ipd_error e;
    size_t count;
    const ipd_snapshot_info *s = ipd_run_snapshots(run, &count);
    ok(count > 0 && s[0].iteration >= 1 && s[0].bytes > 1000, "the run has %zu snapshots", count);
    int found = 0, tries = 12;
    ipd_random r;
    ipd_random_seed(&r, 1, 1);
    ok(verifies(run), "a replay has the bits of the snapshots");
    for (int i = 0; i < tries; i++) {
        size_t which = ipd_random_below(&r, count), bit = ipd_random_below(&r, 1 << 22);
        flip(run, which, bit);
        found +=
            await(run, ipd_run_verify(run, &e), &e) && strstr(e.text, "the snapshot of iteration");
        flip(run, which, bit);
    }
    ok(found == tries, "verify finds a flipped bit of a snapshot, %d times: %s", tries, e.text);
    ok(verifies(run), "with the bit flipped back the run verifies");
    for (size_t i = 0; i < count; i++)
        flip(run, i, 77777);
    wait_for(run, ipd_run_rewind(run, 6, &e), &e);
    ok(same_runs(run, part), "a rewind does not use a damaged snapshot");
    ipd_run_free(run);
    ipd_run_free(part);
}

static void diverged(void)
{
    const char *const start[] = {"preset", "default", "batch", "50", NULL};
    ipd_run *run = open_run(data, hidden, 2, start), *twin = open_run(data, hidden, 2, start);
    ipd_error e;
    step(run, 4);
    step(twin, 3);
    change(run, "inertia", "900");
    for (int i = 0; i < 200 && ipd_run_get_status(run) != IPD_DIVERGED; i++)
        step_blocks(run, 5);
    ok(ipd_run_get_status(run) == IPD_DIVERGED, "%s", ipd_run_status_text(run));
    ok(verifies(run), "the rewound run can be verified");
    wait_for(run, ipd_run_rewind(run, 3, &e), &e);
    ok(ipd_run_get_status(run) == IPD_PAUSED && same_runs(run, twin), "left for iteration 3");
    step(run, 2);
    step(twin, 2);
    ok(same_runs(run, twin) && verifies(run), "the run goes on from there");
    ok(!await(run, ipd_run_rewind(run, 0, &e), &e) && ipd_run_record_count(run) == 0,
       "a rewind to the start");
    ok(await(run, ipd_run_rewind(run, 1, &e), &e) && strstr(e.text, "not completed iteration 1"),
       "%s", e.text);
    ipd_run_free(run);
    ipd_run_free(twin);
}

/* Answers all requests until the ticket is answered. */
static int asked;
static void answer_until(ipd_run *run, ipd_ticket ticket, unsigned long stop_at)
{
    ipd_reply reply;
    unsigned long number = 0;
    ipd_error e;
    while (!ipd_run_replied(run, ticket, &reply)) {
        const ipd_request *q = ipd_run_request(run);
        if (q->number > number) {
            number = q->number;
            asked++;
            double value =
                q->kind == IPD_ASK_VALUE
                    ? pow(1.1, q->place.iteration)
                    : (double)(stop_at && q->place.block.kind == 'W' && q->place.block.layer == 2);
            if (!ipd_run_answer(run, number, value, &e))
                fatal(&e);
        }
        ipd_run_poll(run, 1000);
    }
}

static void requests(void)
{
    const char *const start[] = {"preset", "ipdlam", "rho_schedule", "function", NULL};
    ipd_run *run = open_run(data, hidden, 2, start), *twin = open_run(data, hidden, 2, start);
    ipd_error e;
    snapshot_budget = 0;
    answer_until(twin, ipd_run_step(twin, 6, &e), 0);
    answer_until(run, ipd_run_step(run, 8, &e), 0);
    int before = asked;
    wait_for(run, ipd_run_rewind(run, 6, &e), &e);
    ok(asked == before && before == 14,
       "rho from a function is requested once per iteration, never in a replay");
    ok(same_runs(run, twin) && verifies(run), "the replay has the same bits");
    answer_until(run, ipd_run_step(run, 2, &e), 0);
    ok(asked == before + 2 && ipd_run_record_count(run) == 8,
       "rho is requested again when the run goes on");
    ipd_run_free(run);
    ipd_run_free(twin);
    snapshot_budget = -1;
}

static void breakpoints(void)
{
    const char *const start[] = {"preset", "ipdlam", NULL};
    ipd_run *run = open_run(data, hidden, 2, start);
    ipd_error e;
    ipd_place at;
    wait_for(run, ipd_run_set_breaks(run, 1, &e), &e);
    answer_until(run, ipd_run_step(run, 3, &e), 1);
    at = ipd_run_place(run);
    ok(at.iteration == 1 && at.block.kind == 'W' && at.block.layer == 2 &&
           strstr(ipd_run_status_text(run), "paused at breakpoint 1: iteration 1, before W2"),
       "a breakpoint stops before W2: %s", ipd_run_status_text(run));
    answer_until(run, ipd_run_step(run, 3, &e), 1);
    at = ipd_run_place(run);
    ok(at.iteration == 2 && at.block.kind == 'W' && at.block.layer == 2,
       "the breakpoint stops again one sweep later");
    asked = 0;
    wait_for(run, ipd_run_set_breaks(run, 0, &e), &e);
    answer_until(run, ipd_run_step(run, 3, &e), 1);
    ok(asked == 0 && ipd_run_record_count(run) == 4, "without breakpoints no request is sent");
    ok(verifies(run), "breakpoints leave no trace in the run");
    ipd_run_free(run);
}

static const char *place(const ipd_run *run)
{
    static char text[128];
    ipd_place at = ipd_run_place(run);
    ipd_place_text(&at, text, sizeof text);
    return text;
}

static void steps(void)
{
    const char *const start[] = {"preset", "ipdlam", "batch", "70", "inner", "2", NULL};
    ipd_run *run = open_run(data, hidden, 2, start);
    ipd_error e;
    wait_for(run, ipd_run_step_kind(run, 0, 1, &e), &e);
    ok(strstr(place(run), "batch 1 of 3, before W1"), "a step of all z of a sweep: %s", place(run));
    wait_for(run, ipd_run_step_kind(run, 'a', 1, &e), &e);
    ok(strstr(place(run), "batch 1 of 3, before z1"), "a step to the last a of the sweep: %s",
       place(run));
    wait_for(run, ipd_run_step_batches(run, 1, &e), &e);
    ok(strstr(place(run), "batch 2 of 3, before z1"), "a step to the end of the batch: %s",
       place(run));
    wait_for(run, ipd_run_step_batches(run, 2, &e), &e);
    ok(strstr(place(run), "iteration 2, batch 1 of 3, before z1"), "a step of two batches: %s",
       place(run));
    change(run, "order", "nested_reverse");
    wait_for(run, ipd_run_step_kind(run, 'z', 1, &e), &e);
    ok(strstr(place(run), "before W1"), "in nested reverse z1 is the last: %s", place(run));
    ok(!ipd_run_step_kind(run, 'q', 1, &e) && strstr(e.text, "unknown kind of blocks 'q'"), "%s",
       e.text);
    ipd_run_free(run);
}

static void undo(void)
{
    const char *const start[] = {"preset", "ipdlam", "inertia", "0.4", NULL};
    ipd_run *run = open_run(data, hidden, 2, start);
    ipd_error e;
    const ipd_settings *s = ipd_run_settings(run);
    ipd_settings first = *s;
    step_blocks(run, 11);
    change(run, "inertia", "0.6");
    change(run, "order", "W2 z1 a1 z2 W1 W3 a2 z3");
    change(run, "freeze", "W1");
    wait_for(run, ipd_run_undo(run, &e), &e);
    s = ipd_run_settings(run);
    ok(!*s->freeze && s->alpha == 0.6, "undo reverses the last change");
    wait_for(run, ipd_run_undo(run, &e), &e);
    wait_for(run, ipd_run_undo(run, &e), &e);
    s = ipd_run_settings(run);
    ok(s->alpha == first.alpha && s->beta == first.beta && !strcmp(s->order, first.order),
       "repeated, undo reverses the changes before it");
    size_t n = ipd_run_log_count(run);
    ok(n == 9 && !strcmp(ipd_run_log(run, n - 2)->text, "undo: inertia = 0.6 of iteration 2") &&
           !strcmp(ipd_run_log(run, n - 1)->text, "set alpha = 0.4, beta = 0.4, gamma = 0.4"),
       "the log has a note and the undo: %s; %s", ipd_run_log(run, n - 2)->text,
       ipd_run_log(run, n - 1)->text);
    ok(await(run, ipd_run_undo(run, &e), &e) && strstr(e.text, "no change of settings"), "%s",
       e.text);
    step(run, 2);
    ok(verifies(run), "a replay repeats the undo");
    change(run, "delta", "0.5");
    wait_for(run, ipd_run_rewind(run, 2, &e), &e);
    ok(await(run, ipd_run_undo(run, &e), &e), "a change that a rewind removed cannot be undone");
    ipd_run_free(run);
}

static int rewound;
static void hear(void *context, ipd_run *run, ipd_message message, unsigned long index)
{
    (void)context;
    (void)run;
    if (message == IPD_REWOUND)
        rewound = (int)index;
}

/* Lets all records of an idle run say that their iterations took so long. */
static void pretend(ipd_run *run, double seconds)
{
    ipd_records *r = &run->journal.records;
    ipd_records old = *r;
    *r = (ipd_records){0};
    for (size_t i = 0; i < old.count; i++) {
        ipd_record record = ipd_records_get(&old, i);
        record.seconds = seconds;
        ipd_records_add(r, &record);
    }
    ipd_records_free(&old);
}

/* What the jump says beforehand. */
static int announces(ipd_run *run, ipd_ticket jump, size_t known, const char *expected)
{
    ipd_error e = {0};
    wait_for(run, jump, &e);
    size_t n = ipd_run_notice_count(run);
    const char *said = n > known ? ipd_run_notice(run, n - 1) : "";
    printf("# %zu notices, %s\n", n, said);
    return expected ? n == known + 1 && !strcmp(said, expected) : n == known;
}

/* A jump that needs a long replay says how long. */
static void announced(void)
{
    const char *const start[] = {"preset", "default", NULL};
    snapshot_budget = 0;
    ipd_run *run = open_run(data, hidden, 2, start);
    ipd_error e;
    step(run, 6);
    pretend(run, 1.4);
    ok(announces(run, ipd_run_rewind(run, 3, &e), 0, NULL),
       "a replay of three iterations of 1.4 s has no notice");
    ok(announces(run, ipd_run_redo(run, &e), 0, NULL),
       "nor has one of the three iterations after them");
    ok(announces(run, ipd_run_rewind(run, 5, &e), 0,
                 "repeats 5 iterations, about 7.0s; C-c cancels"),
       "the notice on five iterations has the time and how to cancel");
    wait_for(run, ipd_run_rewind(run, 0, &e), &e);
    ok(announces(run, ipd_run_forward(run, 6, &e), 1,
                 "repeats 6 iterations, about 8.4s; C-c cancels"),
       "so has the notice on a jump forward");
    ipd_run_free(run);
    snapshot_budget = -1;
}

/* A pause stops a rewind, and the run stays where it was; a branch that catches up stops where it is. */
static void stopped(void)
{
    const char *const start[] = {"preset", "default", "batch", "10", NULL};
    snapshot_budget = 0;
    ipd_run *run = open_run(data, hidden, 2, start), *other;
    ipd_error e;
    rewound = -1;
    ipd_run_listen(run, hear, NULL);
    step(run, 60);
    ipd_ticket back = ipd_run_rewind(run, 59, &e), pause = ipd_run_pause(run, &e);
    ok(await(run, back, &e) && e.code == IPD_EINTERRUPT &&
           strstr(e.text, "the run is where it was"),
       "a pause stops a rewind: %s", e.text);
    wait_for(run, pause, &e);
    ok(ipd_run_record_count(run) == 60 && ipd_run_get_status(run) == IPD_PAUSED && rewound == -1,
       "after a stopped rewind the run is where it was");
    ipd_run *never = open_run(data, hidden, 2, start);
    step(never, 60);
    ok(same_runs(run, never) && verifies(run), "after a stopped rewind the run has the same bits");
    ipd_run_free(never);
    ipd_archive *ar = ipd_archive_new(&e);
    wait_for(run, ipd_run_branch(run, 60, ar, &e), &e);
    ipd_run_options options = {.archive = ar};
    if (ipd_run_open(&other, data, NULL, &options, &e))
        fatal(&e);
    ok(ipd_run_record_count(other) == 60, "a branch has its records at once");
    wait_for(other, ipd_run_pause(other, &e), &e);
    size_t n = ipd_run_record_count(other);
    ok(n < 60 && strstr(ipd_run_status_text(other), "stopped at iteration"),
       "a stopped branch has as many records as it replayed: %zu", n);
    step(other, 60 - (long)n);
    ok(same_runs(other, run), "a stopped branch can go on");
    wait_for(run, ipd_run_rewind(run, 4, &e), &e);
    ok(rewound == 4 && ipd_run_rewinds(run) == 1 && ipd_run_record_count(run) == 4,
       "the listener is called for the rewind");
    ipd_archive_free(ar);
    ipd_run_free(run);
    ipd_run_free(other);
    snapshot_budget = -1;
}

/* The snapshots stay within the budget and are dense near the end. */
static void budget(void)
{
    const char *const start[] = {"preset", "default", "batch", "50", NULL};
    ipd_run *run = open_run(data, hidden, 2, start);
    ipd_error e;
    size_t count;
    step(run, 1);
    const ipd_snapshot_info *s = ipd_run_snapshots(run, &count);
    double one = s[0].bytes, sum = 0;
    wait_for(run, ipd_run_set_snapshot_budget(run, 6.5 * one, &e), &e);
    step(run, 60);
    s = ipd_run_snapshots(run, &count);
    for (size_t i = 0; i < count; i++)
        sum += s[i].bytes;
    ok(count >= 2 && count <= 6 && sum <= 6.5 * one, "%zu snapshots within the budget of six",
       count);
    for (size_t i = 0; i < count; i++)
        printf("# iteration %d\n", s[i].iteration);
    ok(s[0].iteration < 40, "the snapshots reach far back");
    wait_for(run, ipd_run_set_snapshot_budget(run, 0, &e), &e);
    ipd_run_snapshots(run, &count);
    ok(count == 0, "without a budget there are no snapshots");
    ok(!ipd_run_set_snapshot_budget(run, -2, &e) && strstr(e.text, "out of range"), "%s", e.text);
    ipd_run_free(run);
}

/* MNIST, if it is there. */
static void mnist(void)
{
    const char *const start[] = {"preset", "default", "batch", "256", NULL};
    static const size_t wide[] = {100, 80};
    ipd_dataset_options options = {.train = 2000, .test = 300};
    ipd_dataset *set;
    ipd_error e;
    if (!getenv("IPDLAM_DATA") || ipd_dataset_open(&set, "mnist", &options, &e)) {
        skip("MNIST is not here");
        return;
    }
    ok(travel(set, wide, start, 5, 10, 4), "MNIST in mini-batches, 20 changes: the same bits");
    ipd_dataset_unref(set);
}

int main(void)
{
    ipd_error e;
    if (ipd_threads_set(2, &e))
        fatal(&e);
    data = open_data("digits", 210, 40);
    travels();
    damped();
    flipped();
    diverged();
    requests();
    breakpoints();
    steps();
    undo();
    announced();
    stopped();
    budget();
    mnist();
    ipd_dataset_unref(data);
    return done();
}
