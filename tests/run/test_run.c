/* test_run.c - the run layer: commands and their answers, the log and its replay, divergence. */
#include "base/parallel.h"
#include "base/random.h"
#include "base/vector.h"
#include "run/run.h"
#include "tests/run/wait.h"
#include "tests/tap.h"

#include <math.h>
#include <string.h>

static const size_t hidden[] = {30, 20};
static ipd_dataset *data;

static ipd_settings settings(const char *preset, const char *const *pairs)
{
    ipd_settings s;
    ipd_error e;
    if (ipd_settings_set((ipd_settings_init(&s), &s), "preset", preset, &e))
        fatal(&e);
    for (; pairs && *pairs; pairs += 2)
        if (ipd_settings_set(&s, pairs[0], pairs[1], &e))
            fatal(&e);
    return s;
}

static ipd_run *open_run(const char *preset, const char *const *pairs)
{
    ipd_settings s = settings(preset, pairs);
    ipd_run_options o = {.hidden = hidden, .hidden_count = 2};
    ipd_run *run;
    ipd_error e;
    if (ipd_run_open(&run, data, &s, &o, &e))
        fatal(&e);
    return run;
}

static ipd_reply step(ipd_run *run, long n)
{
    ipd_error e;
    ipd_ticket t = ipd_run_step(run, n, &e);
    return wait_for(run, t, &e);
}

static ipd_reply blocks(ipd_run *run, long n)
{
    ipd_error e;
    ipd_ticket t = ipd_run_step_blocks(run, n, &e);
    return wait_for(run, t, &e);
}

static ipd_ticket send_change(ipd_run *run, const char *name, const char *value, ipd_error *e)
{
    ipd_change c = {0};
    if (ipd_change_add(&c, name, value, e))
        return 0;
    return ipd_run_set(run, &c, e);
}

static ipd_reply change(ipd_run *run, const char *name, const char *value)
{
    ipd_error e;
    ipd_ticket t = send_change(run, name, value, &e);
    return wait_for(run, t, &e);
}

/* Compares records except timings. */
static int same_record(ipd_record x, ipd_record y)
{
    x.seconds = y.seconds = 0;
    memset(x.seconds_by_block, 0, sizeof x.seconds_by_block);
    memset(y.seconds_by_block, 0, sizeof y.seconds_by_block);
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        for (int i = 0; i < ipd_field_count(f, x.L); i++) {
            double a = ipd_field_value(f, &x, i), b = ipd_field_value(f, &y, i);
            int same = f->kind == IPD_STRING
                           ? !strcmp(ipd_field_string(f, &x), ipd_field_string(f, &y))
                           : !memcmp(&a, &b, sizeof a) || (isnan(a) && isnan(b));
            if (!same) {
                printf("# iteration %d: %s differs: %.17g and %.17g\n", x.iteration, f->name, a, b);
                return 0;
            }
        }
    return 1;
}

static int same_run(ipd_run *x, ipd_run *y)
{
    ipd_network a = {0}, b = {0};
    ipd_error e;
    int same = ipd_run_record_count(x) == ipd_run_record_count(y);
    if (!same)
        printf("# %zu records and %zu\n", ipd_run_record_count(x), ipd_run_record_count(y));
    for (size_t i = 0; same && i < ipd_run_record_count(x); i++)
        same = same_record(ipd_run_record(x, i), ipd_run_record(y, i));
    wait_for(x, ipd_run_copy_network(x, &a, &e), &e);
    wait_for(y, ipd_run_copy_network(y, &b, &e), &e);
    for (int l = 1; same && l <= a.L; l++)
        same = !memcmp(a.W[l].data, b.W[l].data, a.W[l].rows * a.W[l].cols * sizeof(float)) &&
               !memcmp(a.b[l].data, b.b[l].data, a.b[l].rows * sizeof(float));
    for (int l = 1; !same && l <= a.L; l++)
        printf("# |difference|^2 of W%d: %.3g\n", l,
               ipd_sum_squared_difference(a.W[l].data, b.W[l].data, a.W[l].rows * a.W[l].cols));
    ipd_network_free(&a);
    ipd_network_free(&b);
    return same;
}

static int place_is(const ipd_place *p, int iteration, int batch, const char *block)
{
    char text[8];
    ipd_block_text(p->block, text);
    if (p->iteration == iteration && p->batch == batch && !strcmp(text, block))
        return 1;
    printf("# the place is iteration %d, batch %d, block %s\n", p->iteration, p->batch, text);
    return 0;
}

static void answers(void)
{
    static const char *const batches[] = {"batch", "100", NULL};
    ipd_error e;
    ipd_reply r;
    char text[80];
    ipd_run *run = open_run("ipdlam", NULL);
    ipd_place p = ipd_run_place(run);
    ok(ipd_run_get_status(run) == IPD_PAUSED && place_is(&p, 1, 1, "z1"),
       "a new run is paused before its first block");
    r = blocks(run, 2);
    ok(place_is(&r.place, 1, 1, "z3") && !r.cut, "after two blocks the third is next");
    r = change(run, "delta", "0.5");
    ok(place_is(&r.place, 1, 1, "z3") && ipd_run_settings(run)->delta == 0.5,
       "a change is answered with its place");
    r = change(run, "order", "reverse");
    ok(place_is(&r.place, 1, 1, "z3"),
       "a new order rearranges the rest of the sweep: z3 is the last z");
    r = blocks(run, 1);
    ok(place_is(&r.place, 1, 1, "W3"), "then comes W3 by the new order");
    ok(ipd_run_log_count(run) == 2 && !strcmp(ipd_run_log(run, 0)->text, "set delta = 0.5") &&
           place_is(&ipd_run_log(run, 1)->place, 1, 1, "z3"),
       "both changes are in the log with their places");
    r = change(run, "order", "increase");
    char effect[160];
    ipd_reply_text(&r, effect, sizeof effect);
    ok(place_is(&r.at, 1, 1, "W3") && place_is(&ipd_run_log(run, 2)->place, 1, 1, "W3") &&
           place_is(&r.place, 1, 1, "W1"),
       "an order that brings another block there: the answer has the place of the log, and what "
       "comes next");
    ok(!strcmp(effect, "iteration 1, before W3; the sweep continues with W1"), "in words: %s",
       effect);
    change(run, "order", "reverse");
    r = step(run, 1);
    ok(place_is(&r.place, 2, 1, "z3") && ipd_run_record_count(run) == 1,
       "a step ends with the iteration");
    ipd_place_text(&r.place, text, sizeof text);
    ok(!strcmp(text, "iteration 2, before z3"), "the place in words");
    ipd_matrix m = copy_variable(run, 'a', 2);
    ok(m.rows == 20 && m.cols == 400, "a2 is 20 x 400");
    ipd_matrix_free(&m);
    ok(!ipd_run_step(run, 0, &e) && e.code == IPD_EUSAGE, "0 steps are refused");

    /* A step that a pause ends early. */
    ipd_ticket t = ipd_run_step(run, 1000000, &e);
    ipd_ticket pause = ipd_run_pause(run, &e);
    wait_for(run, pause, &e);
    ok(ipd_run_replied(run, t, &r) && r.cut && !r.failed,
       "a pause cuts a long step, which is answered first");
    ok(ipd_run_get_status(run) == IPD_PAUSED, "the run is paused after the cut step");
    r = wait_for(run, ipd_run_pause(run, &e), &e);
    ok(!r.failed, "a pause of a paused run is answered");
    t = ipd_run_step(run, 1000000, &e);
    r = step(run, 1);
    ipd_reply first;
    ok(ipd_run_replied(run, t, &first) && first.cut && !r.cut, "a new step cuts the one before");
    ipd_run_free(run);

    run = open_run("paper", batches);
    p = ipd_run_place(run);
    ok(p.batches == 4, "the first place knows the number of batches");
    ipd_place_text(&p, text, sizeof text);
    ok(!strcmp(text, "iteration 1, batch 1 of 4, before z1"), "in words: %s", text);
    r = blocks(run, 10);
    ok(place_is(&r.place, 1, 2, "z3"), "ten blocks of eight a batch lead into the second");
    ipd_run_free(run);
}

/* Random pauses, and block by block, against one go. */
static void pauses(const char *preset, const char *const *pairs, const char *what)
{
    ipd_random r;
    ipd_error e;
    ipd_random_seed(&r, 5, 1);
    ipd_run *x = open_run(preset, pairs), *y = open_run(preset, pairs);
    step(x, 5);
    while (ipd_run_record_count(y) < 5) {
        switch (ipd_random_below(&r, 3)) {
        case 0:
            blocks(y, 1 + (long)ipd_random_below(&r, 9));
            break;
        case 1: {
            ipd_network net = {0};
            wait_for(y, ipd_run_copy_network(y, &net, &e), &e);
            ipd_network_free(&net);
            break;
        }
        default:
            ipd_run_step(y, 1, &e);
            wait_for(y, ipd_run_pause(y, &e), &e);
        }
    }
    /* y was paused at an arbitrary place: in the sixth iteration, or at its end after nine blocks. It
     * goes to the end of the next, and x as far as that. */
    step(y, 1);
    step(x, (long)(ipd_run_record_count(y) - ipd_run_record_count(x)));
    ok(same_run(x, y), "paused at random or not, the bits are the same: %s", what);
    ipd_run_free(x);
    ipd_run_free(y);
}

static int same_place(const ipd_place *a, const ipd_place *b)
{
    return a->iteration == b->iteration && a->batch == b->batch && a->sweep == b->sweep &&
           a->block.kind == b->block.kind && a->block.layer == b->block.layer;
}

/* Applies the text of a log entry. */
static void replay_entry(ipd_run *run, const char *text)
{
    char copy[600], *at = copy + 4; /* "set " */
    ipd_change c = {0};
    ipd_error e;
    snprintf(copy, sizeof copy, "%s", text);
    while (at && *at) {
        char *next = strstr(at, ", "), *equals = strstr(at, " = ");
        if (next)
            *next = 0;
        *equals = 0;
        if (ipd_change_add(&c, at, equals + 3, &e))
            fatal(&e);
        at = next ? next + 2 : NULL;
    }
    ipd_ticket t = ipd_run_set(run, &c, &e);
    wait_for(run, t, &e);
}

static void random_change(ipd_random *r, ipd_change *c)
{
    static const char *const values[][2] = {{"delta", "0.3"},
                                            {"delta", "2"},
                                            {"inertia", "0.4"},
                                            {"alpha", "0.1"},
                                            {"beta", "0.9"},
                                            {"gamma", "0"},
                                            {"rho", "2.5"},
                                            {"rho_growth", "1.3"},
                                            {"order", "increase"},
                                            {"order", "reverse"},
                                            {"order", "nested_reverse"},
                                            {"order", "z3 W3 a2 a1 z2 z1 W2 W1"},
                                            {"order", "a1 W2 z1 z3 W1 a2 z2 W3"},
                                            {"batch", "64"},
                                            {"batch", "0"},
                                            {"inner", "2"},
                                            {"shuffle", "true"},
                                            {"rho_max", "50"}};
    ipd_error e;
    for (int n = 1 + (int)ipd_random_below(r, 2); n; n--) {
        size_t i = ipd_random_below(r, sizeof values / sizeof *values);
        if (ipd_change_add(c, values[i][0], values[i][1], &e))
            fatal(&e);
    }
}

/* Changes sent to a running run take effect at arbitrary places; then they are replayed from the log alone. */
static void replay(uint64_t seed)
{
    ipd_random r;
    ipd_error e;
    ipd_random_seed(&r, seed, 2);
    const char *const *none = NULL;
    ipd_run *x = open_run(seed % 2 ? "ipdlam" : "default", none);
    for (int i = 0; i < 12; i++) {
        ipd_change c = {0};
        random_change(&r, &c);
        if (i % 3)
            blocks(x, 1 + (long)ipd_random_below(&r, 11));
        ipd_ticket work = i % 4 == 3 ? ipd_run_start(x, &e) : 0;
        ipd_ticket t = ipd_run_set(x, &c, &e);
        ipd_reply reply;
        if (t)
            ipd_run_wait(x, t, &reply, &e); /* may be refused: rho over rho_max */
        if (work)
            wait_for(x, ipd_run_pause(x, &e), &e);
    }
    step(x, 2);
    ipd_run *y = open_run(seed % 2 ? "ipdlam" : "default", none);
    size_t entry = 0;
    while (ipd_run_record_count(y) < ipd_run_record_count(x) &&
           ipd_run_get_status(y) == IPD_PAUSED) {
        ipd_place p = ipd_run_place(y);
        if (entry < ipd_run_log_count(x) && same_place(&p, &ipd_run_log(x, entry)->place))
            replay_entry(y, ipd_run_log(x, entry++)->text);
        else
            blocks(y, 1);
    }
    ok(entry == ipd_run_log_count(x) && entry > 5 && same_run(x, y),
       "%zu changes at random places, replayed from the log: the same bits (%d)", entry, (int)seed);
    ipd_run_free(x);
    ipd_run_free(y);
}

static void divergence(void)
{
    static const char *const inertia[] = {"inertia", "30", "batch", "100", NULL};
    static const char *const scale[] = {"init_scale", "1e6",  "init_bias", "1e6", "delta",
                                        "0",          "beta", "900",       NULL};
    const char *const *cases[] = {inertia, scale};
    for (int i = 0; i < 2; i++) {
        ipd_error e;
        ipd_reply r;
        ipd_run *run = open_run(i ? "ipdlam" : "paper", cases[i]);
        int failed = 0;
        ipd_ticket t = ipd_run_step(run, 400, &e);
        failed = ipd_run_wait(run, t, &r, &e) != 0;
        char block[8], expect[80];
        const char *text = ipd_run_status_text(run);
        ok(!failed && r.cut && ipd_run_get_status(run) == IPD_DIVERGED,
           "divergence is a status: %s", text);
        ipd_block_report last;
        if (ipd_run_recent_blocks(run, &last, 1)) {
            ipd_block_text(last.at.block, block);
            if (last.at.batches > 1)
                snprintf(expect, sizeof expect,
                         "diverged at iteration %d, batch %d of %d, block %s (layer %d)",
                         last.at.iteration, last.at.batch, last.at.batches, block,
                         last.at.block.layer);
            else
                snprintf(expect, sizeof expect, "diverged at iteration %d, block %s (layer %d)",
                         last.at.iteration, block, last.at.block.layer);
            ok(!strncmp(text, expect, strlen(expect)),
               "the status names iteration, batch, block and layer");
        }
        ok(!ipd_run_step(run, 1, &e) && strstr(e.text, "cannot continue: diverged at"),
           "a diverged run takes no step");
        ok(!ipd_run_start(run, &e) && !ipd_run_step_blocks(run, 1, &e),
           "a diverged run cannot be started");
        ok(!send_change(run, "delta", "1", &e) && e.code == IPD_ESTATE,
           "a diverged run cannot be changed");
        wait_for(run, ipd_run_pause(run, &e), &e);
        ipd_network net = {0};
        wait_for(run, ipd_run_copy_network(run, &net, &e), &e);
        ok(net.L == 3, "the weights of a diverged run can be copied");
        ipd_network_free(&net);
        ipd_run_free(run);
    }
    /* Commands sent before the divergence is known here are answered, not lost. */
    ipd_error e;
    ipd_reply r;
    ipd_run *run = open_run("paper", inertia);
    ipd_ticket tickets[] = {ipd_run_step(run, 400, &e), ipd_run_step(run, 400, &e),
                            send_change(run, "delta", "2", &e), ipd_run_step_blocks(run, 5, &e)};
    int answered = 0;
    for (int i = 0; i < 4; i++)
        answered += ipd_run_wait(run, tickets[i], &r, &e) <= 0;
    ok(answered == 4, "every command is answered");
    ipd_run_free(run);
}

/* A reply stays until it is forgotten, however many come after it. */
static void replies(void)
{
    enum { LATER = 2000 };
    ipd_error e;
    ipd_reply r;
    ipd_run *run = open_run("default", NULL);
    ipd_ticket first = ipd_run_step_blocks(run, 1, &e), last = 0;
    for (int i = 0; i < LATER; i++) {
        ipd_run_forget(run, last);
        last = ipd_run_pause(run, &e);
    }
    ok(!ipd_run_wait(run, last, &r, &e) && ipd_run_replied(run, first, &r) && r.ticket == first,
       "a reply is kept while %d others arrive", LATER);
    ok(!ipd_run_replied(run, last, &r) && ipd_run_answered(run, last) &&
           ipd_run_wait(run, last, &r, &e) && e.code == IPD_EUSAGE,
       "a reply that was waited for is discarded: %s", e.text);
    ipd_run_forget(run, first);
    ok(!ipd_run_replied(run, first, &r) && ipd_run_answered(run, first), "so is the first reply");
    ipd_ticket unread = ipd_run_pause(run, &e);
    ok(!ipd_run_answered(run, unread),
       "a command is not answered before the worker has received it");
    ipd_run_forget(run, unread);
    wait_for(run, ipd_run_pause(run, &e), &e);
    ok(!ipd_run_replied(run, unread, &r) && ipd_run_answered(run, unread),
       "a discarded reply is not kept");
    ipd_run_free(run);
}

static void at_work(void)
{
    ipd_error e;
    ipd_reply r;
    ipd_run *runs[5];
    int copies = 0;
    for (int i = 0; i < 5; i++) {
        runs[i] = open_run(i % 2 ? "ipdlam" : "default", NULL);
        wait_for(runs[i], ipd_run_start(runs[i], &e), &e);
    }
    for (int n = 0; n < 20; n++)
        for (int i = 0; i < 5; i++) {
            ipd_network net = {0};
            ipd_ticket t = ipd_run_copy_network(runs[i], &net, &e);
            copies += !ipd_run_wait(runs[i], t, &r, &e) && net.L == 3 && isfinite(net.W[1].data[0]);
            ipd_network_free(&net);
        }
    ok(copies == 100, "the networks of five training runs are copied");
    ok(ipd_run_get_status(runs[0]) == IPD_RUNNING, "the five runs go on");
    wait_for(runs[0], ipd_run_pause(runs[0], &e), &e);
    for (int i = 0; i < 5; i++)
        ipd_run_free(runs[i]); /* four of them running */
    ok(1, "training runs are freed");

    ipd_run *alone = open_run("default", NULL), *x = open_run("default", NULL),
            *y = open_run("ipdlam", NULL);
    step(alone, 3);
    wait_for(y, ipd_run_start(y, &e), &e);
    step(x, 3);
    ok(same_run(alone, x), "a run beside another one has the same bits as alone");
    ipd_run_free(alone);
    ipd_run_free(x);
    ipd_run_free(y);
    y = open_run("ipdlam", NULL);
    for (int i = 0; i < 50; i++)
        ipd_run_step(y, 1000, &e);
    ipd_run_free(y);
    ok(1, "a run with waiting commands is freed");
}

/* Random commands to small runs, with fixed seeds; only documented behaviour is checked. */
static void any_commands(uint64_t seed, int count)
{
    ipd_random r;
    ipd_error e;
    ipd_random_seed(&r, seed, 3);
    ipd_run *run = open_run(ipd_preset_names()[seed % 4], NULL);
    int unanswered = 0, opened = 1;
    for (int i = 0; i < count; i++) {
        ipd_ticket t = 0;
        ipd_reply reply;
        ipd_network net = {0};
        ipd_change c = {0};
        switch (ipd_random_below(&r, 10)) {
        case 0:
            t = ipd_run_start(run, &e);
            break;
        case 1:
            t = ipd_run_pause(run, &e);
            break;
        case 2:
            t = ipd_run_step(run, (long)ipd_random_below(&r, 3), &e);
            break;
        case 3:
        case 4:
            t = ipd_run_step_blocks(run, (long)ipd_random_below(&r, 12), &e);
            break;
        case 5:
            t = ipd_run_copy_network(run, &net, &e);
            break;
        case 6:
            t = ipd_run_step_kind(run, ipd_random_below(&r, 2) ? 'z' : 'a',
                                  (long)ipd_random_below(&r, 5), &e);
            break;
        case 7:
            if (ipd_random_below(&r, 6) == 0) { /* a setting that soon diverges */
                if (ipd_change_add(&c, "inertia", "40", &e))
                    fatal(&e);
            } else if (ipd_random_below(&r, 6) == 0) {
                if (ipd_change_add(&c, "delta", ipd_random_below(&r, 2) ? "0" : "1e-7", &e))
                    fatal(&e);
            } else {
                random_change(&r, &c);
            }
            t = ipd_run_set(run, &c, &e);
            break;
        case 8:
            random_change(&r, &c);
            t = ipd_run_set(run, &c, &e);
            break;
        default:
            ipd_run_poll(run, 0);
        }
        e.text[0] = 0;
        if (t && ipd_run_wait(run, t, &reply, &e) && !*e.text)
            unanswered++; /* a refusal says why */
        ipd_network_free(&net);
        if (ipd_run_get_status(run) == IPD_DIVERGED || ipd_run_get_status(run) == IPD_FAILED ||
            ipd_random_below(&r, 150) == 0) {
            ipd_run_free(run);
            run = open_run(ipd_preset_names()[ipd_random_below(&r, 4)], NULL);
            opened++;
        }
    }
    ok(!unanswered, "%d random commands to %d runs (seed %d)", count, opened, (int)seed);
    ipd_run_free(run);
}

int main(void)
{
    static const char *const inner[] = {"batch", "90", "inner", "3", NULL};
    ipd_error e;
    if (ipd_threads_set(2, &e) ||
        ipd_dataset_open(&data, "digits", &(ipd_dataset_options){.train = 400, .test = 50}, &e))
        fatal(&e);
    answers();
    pauses("ipdlam", NULL, "full batch");
    pauses("default", NULL, "shuffled mini-batches");
    pauses("paper", inner, "mini-batches with inner sweeps");
    for (uint64_t seed = 1; seed <= 6; seed++)
        replay(seed);
    divergence();
    replies();
    at_work();
    for (uint64_t seed = 1; seed <= 3; seed++)
        any_commands(seed, 700);
    ipd_dataset_unref(data);
    return done();
}
