/* test_resume.c - a run archived at any block boundary and opened again is the run that was never
 * interrupted; an archive that makes no sense opens no run.
 */
#include "tests/run/plan.h"

static const size_t hidden[] = {16, 12};
static ipd_dataset *data;

static const char *const starts[][11] = {
    {"preset", "default", "batch", "50", NULL},
    {"preset", "ipdlam", NULL},
    {"preset", "default", "batch", "70", "inner", "2", "audit", "true", NULL},
    {"preset", "ipdlam", "loss", "cross_entropy", "activation", "tanh,leaky_relu", NULL},
    {"preset", "default", "batch", "100", "regularizer", "lasso", "lambda", "0.1", NULL},
    {"preset", "ipdlam", "regularizer", "elastic_net", "lambda", "0.3", "audit", "true", NULL},
    {"preset", "bcd", NULL},
    {"preset", "fast", "batch", "50", "average_weights", "0.1", NULL},
    {"preset", "default", "method", "adam", "batch", "60", "lr_schedule", "cosine", "length", "9",
     NULL},
    {"preset", "default", "method", "sgd", "momentum", "0.9", NULL},
    {"preset", "default", "method", "rmsprop", NULL},
    {"preset", "default", "method", "adagrad", NULL},
    {"preset", "default", "method", "adadelta", NULL},
    {"preset", "default", "method", "adamax", NULL},
    {"preset", "default", "method", "amsgrad", "average_weights", "0.3", NULL},
};
enum { STARTS = sizeof starts / sizeof *starts };

/* The run through an archive; it is freed. */
static ipd_run *reopen(ipd_run *run)
{
    ipd_error e;
    ipd_archive *ar = ipd_archive_new(&e);
    ipd_run_options options = {.archive = ar, .answers = 1};
    wait_for(run, ipd_run_archive(run, ar, &e), &e);
    ipd_run_free(run);
    if (ipd_run_open(&run, data, NULL, &options, &e))
        fatal(&e);
    ipd_archive_free(ar);
    return run;
}

/* hops: archive it now and then. */
static ipd_run *go(const char *const *start, uint64_t seed, int hops)
{
    ipd_run *run = open_run(data, hidden, 2, start);
    ipd_random plan, other;
    ipd_random_seed(&plan, seed, 1);
    ipd_random_seed(&other, seed, 2);
    for (int i = 0; i < 12; i++) {
        step_blocks(run, 1 + (long)ipd_random_below(&plan, 17));
        random_change(run, &plan, 1);
        if (hops && ipd_random_below(&other, 3) == 0 && ipd_run_get_status(run) == IPD_PAUSED)
            run = reopen(run);
    }
    return run;
}

static void resumes(void)
{
    int seeds = getenv("IPDLAM_TEST_LONG") ? 20 : 2;
    for (int i = 0; i < STARTS; i++) {
        int same = 0;
        for (int seed = 1; seed <= seeds; seed++) {
            uint64_t s = (uint64_t)(100 * i + seed);
            ipd_run *x = go(starts[i], s, 0), *y = go(starts[i], s, 1);
            same += same_runs(x, y);
            ipd_run_free(x);
            ipd_run_free(y);
        }
        ok(same == seeds, "%s%s%s: archived and opened again, the same bits", starts[i][1],
           starts[i][2] ? ", " : "", starts[i][2] ? starts[i][3] : "");
    }
}

static ipd_archive *copy_but(const ipd_archive *from, const char *skip)
{
    ipd_error e;
    ipd_archive *to = ipd_archive_new(&e);
    for (size_t i = 0; i < ipd_archive_count(from); i++) {
        const ipd_entry *x = ipd_archive_entry(from, i);
        if (!strcmp(x->name, skip))
            continue;
        ipd_entry *made = ipd_archive_add(to, x, &e);
        if (!made)
            fatal(&e);
        memcpy(made->data, x->data, x->bytes);
    }
    return to;
}

static int opens(ipd_archive *ar, ipd_dataset *with, ipd_error *e)
{
    ipd_run_options options = {.archive = ar, .answers = 1};
    ipd_run *run;
    if (ipd_run_open(&run, with, NULL, &options, e))
        return 0;
    step_blocks(run, 5);
    ipd_run_free(run);
    return 1;
}

/* Every entry but those that an older version lacks is needed, and no number in it can do harm. */
static void refusals(void)
{
    ipd_run *run = go(starts[2], 5, 0);
    ipd_error e;
    ipd_archive *ar = ipd_archive_new(&e);
    ipd_dataset *other = open_data("digits", 200, 40);
    ipd_random r;
    size_t count;
    int needed = 0, refused = 0, tries = getenv("IPDLAM_TEST_LONG") ? 3000 : 150;
    wait_for(run, ipd_run_archive(run, ar, &e), &e);
    ipd_run_free(run);
    count = ipd_archive_count(ar);
    for (size_t i = 0; i < count; i++) {
        const char *name = ipd_archive_entry(ar, i)->name;
        ipd_archive *but = copy_but(ar, name);
        const char *dot = strrchr(name, '.');
        const ipd_setting *setting = dot ? ipd_setting_find(dot + 1) : NULL;
        int older = (strstr(name, "run.settings.") || strstr(name, "run.first.")) && setting &&
                    setting->later;                 /* than the setting */
        older |= !strcmp(name, "run.undo.entries"); /* nor could its changes be taken back */
        int record = strstr(name, "run.record.") != NULL,
            numbers = record && !strcmp(dot, ".iteration");
        older |= record && !numbers; /* than a field of records */
        int missing = older ? opens(but, data, &e)
                            : !opens(but, data, &e) && (numbers || strstr(e.text, "no ") ||
                                                        strstr(e.text, "missing entry"));
        if (!missing)
            printf("# without %s: %s\n", name, e.text);
        needed += missing;
        ipd_archive_free(but);
    }
    ok(needed == (int)count, "without one of its %zu entries it is refused", count);
    ok(!opens(ar, other, &e) && strstr(e.text, "not trained on these samples"),
       "an archive of other samples is refused: %s", e.text);
    ipd_archive *wide = copy_but(ar, "");
    ((int64_t *)ipd_archive_find(wide, "run.widths")->data)[1] = 1 << 18;
    ok(!opens(wide, data, &e) && strstr(e.text, "no run.start.W1"),
       "widths without their weights allocate no memory: %s", e.text);
    ipd_archive_free(wide);
    ipd_random_seed(&r, 9, 9);
    for (int i = 0; i < tries; i++) {
        ipd_archive *bad = copy_but(ar, "");
        for (int n = 0; n < 2; n++) {
            const ipd_entry *x = ipd_archive_entry(bad, ipd_random_below(&r, count));
            if (x->bytes && x->dtype != IPD_F32)
                ((unsigned char *)x->data)[ipd_random_below(&r, x->bytes)] ^=
                    (unsigned char)(1u << ipd_random_below(&r, 8));
        }
        refused += !opens(bad, data, &e);
        ipd_archive_free(bad);
    }
    ok(refused > tries / 20, "of flipped bits %d of %d are refused, and none does harm", refused,
       tries);
    ipd_archive_free(ar);
    ipd_dataset_unref(other);
}

/* Every kind of value, some of them changed twice, across several places. */
static ipd_run *changed(void)
{
    static const char *const changes[][2] = {{"beta", "0.8"},
                                             {"damping", "1,2,30"},
                                             {"freeze", "W1 a2"},
                                             {"order", "parallel"},
                                             {"audit", "true"},
                                             {"damping", "5"},
                                             {"batch", "70"},
                                             {"beta", "0.7"},
                                             {"freeze", "none"},
                                             {"inertia", "0.3"},
                                             {"relax", "fixed"},
                                             {"damping", "3,2,10"},
                                             {"rho_schedule", "1:1,4:2"}};
    const char *const start[] = {"preset", "fast", "batch", "50", NULL};
    ipd_run *run = open_run(data, hidden, 2, start);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        step_blocks(run, 1 + (long)i % 4);
        if (change(run, changes[i][0], changes[i][1]))
            ok(0, "%s = %s", changes[i][0], changes[i][1]);
    }
    return run;
}

/* Changes made before a run was archived can be undone afterwards, one by one. */
static void undone(void)
{
    ipd_run *x = changed(), *y = reopen(changed());
    ipd_error e;
    int count = 0, same = 1;
    for (; !await(x, ipd_run_undo(x, &e), &e); count++) {
        same &= !await(y, ipd_run_undo(y, &e), &e);
        step_blocks(x, 2);
        step_blocks(y, 2);
        if (count % 4 == 1) /* with those taken back no longer in it */
            y = reopen(y);
    }
    same &= await(y, ipd_run_undo(y, &e), &e) != 0;
    ok(same && count == 13 && same_runs(x, y),
       "%d changes are taken back after the run was archived, to the same bits", count);
    const ipd_settings *s = ipd_run_settings(y);
    ok(s->beta == 0.95 && !strcmp(s->damping, "auto") && !*s->freeze && s->batch == 50 &&
           !strcmp(s->order, "nested_reverse") && !s->audit &&
           !strcmp(s->rho_schedule, "geometric"),
       "after all undos the settings are those of the start");
    ipd_run_free(x);
    ipd_run_free(y);
}

int main(void)
{
    ipd_error e;
    if (ipd_threads_set(2, &e))
        fatal(&e);
    data = open_data("digits", 210, 40);
    resumes();
    undone();
    refusals();
    ipd_dataset_unref(data);
    return done();
}
