/* plan.h - runs that get random commands at random block boundaries, the same for the same seed, and
 * whether two runs have the same bits.
 */
#ifndef TESTS_RUN_PLAN_H
#define TESTS_RUN_PLAN_H

#include "base/parallel.h"
#include "base/random.h"
#include "run/run.h"
#include "tests/run/wait.h"
#include "tests/tap.h"

#include <math.h>
#include <string.h>

__attribute__((unused)) static ipd_dataset *open_data(const char *name, size_t train, size_t test)
{
    ipd_dataset_options options = {.train = train, .test = test};
    ipd_dataset *data;
    ipd_error e;
    if (ipd_dataset_open(&data, name, &options, &e))
        fatal(&e);
    return data;
}

/* Options of the runs that are opened later. */
__attribute__((unused)) static double snapshot_budget = -1;

/* pairs: name, value, ..., NULL. */
__attribute__((unused)) static ipd_run *open_run(ipd_dataset *data, const size_t *hidden, int count,
                                                 const char *const *pairs)
{
    ipd_run_options options = {
        .hidden = hidden, .hidden_count = count, .answers = 1, .snapshots = snapshot_budget};
    ipd_settings s;
    ipd_run *run;
    ipd_error e;
    ipd_settings_init(&s);
    for (int rank = 0; rank < IPD_SETTING_RANKS; rank++)
        for (const char *const *p = pairs; p && *p; p += 2)
            if (ipd_setting_rank(p[0]) == rank && ipd_settings_set(&s, p[0], p[1], &e))
                fatal(&e);
    if (ipd_run_open(&run, data, &s, &options, &e))
        fatal(&e);
    return run;
}

/* Waits for the answer. Returns 0, or -1 if the command failed, which the tests allow. */
__attribute__((unused)) static int await(ipd_run *run, ipd_ticket ticket, ipd_error *e)
{
    ipd_reply reply;
    return ticket && !ipd_run_wait(run, ticket, &reply, e) ? 0 : -1;
}

__attribute__((unused)) static void step(ipd_run *run, long n)
{
    ipd_error e;
    wait_for(run, ipd_run_step(run, n, &e), &e);
}

__attribute__((unused)) static void step_blocks(ipd_run *run, long n)
{
    ipd_error e;
    ipd_ticket ticket = ipd_run_step_blocks(run, n, &e);
    if (!ticket || await(run, ticket, &e)) {
        if (ipd_run_get_status(run) != IPD_DIVERGED)
            fatal(&e);
    }
}

__attribute__((unused)) static int change(ipd_run *run, const char *name, const char *value)
{
    ipd_change c = {0};
    ipd_error e;
    return ipd_change_add(&c, name, value, &e) || await(run, ipd_run_set(run, &c, &e), &e);
}

/* Changes one of relaxed_am's own settings or beta; does nothing for other methods. */
__attribute__((unused)) static void relaxed_change(ipd_run *run, ipd_random *r)
{
    static const struct {
        const char *name;
        double min, max;
    } numbers[] = {{"damping", 1, 4},      {"damping_last", 0.2, 2}, {"kappa", 0.1, 1},
                   {"bias_share", 0.1, 1}, {"relax_a", 0.5, 1.7},    {"relax_z", 0.5, 1.7},
                   {"relax_cap", 1, 1.9},  {"shrink", 0, 1e-3},      {"beta", 0.3, 0.95}};
    enum { COUNT = sizeof numbers / sizeof *numbers };
    uint64_t i = ipd_random_below(r, COUNT + 4);
    double u = ipd_random_uniform(r);
    char number[64];
    if (strcmp(ipd_run_settings(run)->method, "relaxed_am"))
        return;
    if (i < COUNT) {
        snprintf(number, sizeof number, "%.6f",
                 numbers[i].min + u * (numbers[i].max - numbers[i].min));
        change(run, numbers[i].name, number);
    } else if (i == COUNT) {
        change(run, "damping", "auto");
    } else if (i == COUNT + 1) { /* one per layer, of three */
        snprintf(number, sizeof number, "%.4f,%.6f,%.4f", 1 + u, 4 - u, 0.2 + u);
        change(run, "damping", number);
    } else {
        change(run, "relax", u < 0.5 ? "fixed" : "norm");
    }
}

/* Sends a random command, which may be refused. The choice does not depend on the run. */
__attribute__((unused)) static void random_change(ipd_run *run, ipd_random *r, int switches)
{
    static const char *const blocks[] = {"z1", "W1", "z2 W2", "none", "a1", "W1 W2", "none"};
    static const char *const orders[] = {"increase", "reverse", "nested_reverse",
                                         "W2 z1 a1 z2 W1 W3 a2 z3"};
    static const char *const schedules[] = {"geometric", "constant", "2:1.5,3:1.7,5:2", "anneal"};
    static const char *const methods[] = {"adam", "ipdlam", "bcd", "sgd", "relaxed_am"};
    char number[32];
    ipd_error e;
    uint64_t kind = ipd_random_below(r, switches ? 13 : 12), which = ipd_random_below(r, 105);
    snprintf(number, sizeof number, "%.3f", 0.1 + 0.8 * ipd_random_uniform(r));
    relaxed_change(run, r);
    switch (kind) {
    case 0:
    case 1:
        change(run, "delta", number);
        return;
    case 2:
        change(run, "inertia", number);
        return;
    case 3:
    case 4:
        change(run, "order", orders[which % 4]);
        return;
    case 5:
        change(run, "freeze", blocks[which % 7]);
        return;
    case 6:
        snprintf(number, sizeof number, "%d", which % 3 ? (int)(20 + which) : 0);
        change(run, "batch", number);
        return;
    case 7:
        change(run, "inner", which % 2 ? "2" : "1");
        return;
    case 8:
        change(run, "shuffle", which % 2 ? "true" : "false");
        return;
    case 9:
        change(run, "length", which % 2 ? "4" : "9");
        change(run, "rho_schedule", schedules[which % 4]);
        return;
    case 10:
        change(run, "rho", number);
        return;
    case 11:
        change(run, which % 2 ? "audit" : "spectrum", which % 4 < 2 ? "true" : "false");
        return;
    default:
        await(run, ipd_run_switch(run, methods[which % 5], NULL, &e), &e);
    }
}

__attribute__((unused)) static int same_record(ipd_record x, ipd_record y)
{
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        for (int i = 0; i < ipd_field_count(f, x.L); i++) {
            double a = ipd_field_value(f, &x, i), b = ipd_field_value(f, &y, i);
            if (!strcmp(f->column, "seconds"))
                continue;
            if (f->kind == IPD_STRING ? !strcmp(ipd_field_string(f, &x), ipd_field_string(f, &y))
                                      : !memcmp(&a, &b, sizeof a) || (isnan(a) && isnan(b)))
                continue;
            printf("# iteration %d: %s is %.17g and %.17g\n", x.iteration, f->name, a, b);
            return 0;
        }
    return 1;
}

static int same_matrix(const ipd_matrix *x, const ipd_matrix *y)
{
    return x->rows == y->rows && x->cols == y->cols &&
           !memcmp(x->data, y->data, x->rows * x->cols * sizeof *x->data);
}

__attribute__((unused)) static int same_weights(ipd_run *x, ipd_run *y)
{
    ipd_network u = {0}, v = {0};
    ipd_error e;
    int same = 1;
    wait_for(x, ipd_run_copy_network(x, &u, &e), &e);
    wait_for(y, ipd_run_copy_network(y, &v, &e), &e);
    for (int l = 1; l <= u.L; l++)
        same &= same_matrix(&u.W[l], &v.W[l]) && same_matrix(&u.b[l], &v.b[l]);
    if (!same)
        printf("# other weights\n");
    ipd_network_free(&u);
    ipd_network_free(&v);
    return same;
}

__attribute__((unused)) static int same_logs(ipd_run *x, ipd_run *y)
{
    char u[128], v[128];
    int same = ipd_run_log_count(x) == ipd_run_log_count(y);
    if (!same)
        printf("# %zu and %zu log entries\n", ipd_run_log_count(x), ipd_run_log_count(y));
    for (size_t i = 0; same && i < ipd_run_log_count(x); i++) {
        const ipd_log_entry *a = ipd_run_log(x, i), *b = ipd_run_log(y, i);
        ipd_place_text(&a->place, u, sizeof u);
        ipd_place_text(&b->place, v, sizeof v);
        same = !strcmp(a->text, b->text) && !strcmp(u, v);
        if (!same)
            printf("# log: %s: %s; %s: %s\n", u, a->text, v, b->text);
    }
    return same;
}

/* Records, weights, place and settings. */
__attribute__((unused)) static int same_states(ipd_run *x, ipd_run *y)
{
    char u[128], v[128];
    ipd_place at = ipd_run_place(x), there = ipd_run_place(y);
    int same = ipd_run_record_count(x) == ipd_run_record_count(y);
    if (!same)
        printf("# %zu and %zu records\n", ipd_run_record_count(x), ipd_run_record_count(y));
    for (size_t i = 0; same && i < ipd_run_record_count(x); i++)
        same = same_record(ipd_run_record(x, i), ipd_run_record(y, i));
    ipd_place_text(&at, u, sizeof u);
    ipd_place_text(&there, v, sizeof v);
    if (strcmp(u, v)) {
        printf("# %s and %s\n", u, v);
        same = 0;
    }
    for (const ipd_setting *s = ipd_settings_table; s->name; s++) {
        char a[600], b[600];
        ipd_settings_get(ipd_run_settings(x), s, a, sizeof a);
        ipd_settings_get(ipd_run_settings(y), s, b, sizeof b);
        if (strcmp(a, b)) {
            printf("# %s = %s and %s\n", s->name, a, b);
            same = 0;
        }
    }
    return same && same_weights(x, y);
}

__attribute__((unused)) static int same_runs(ipd_run *x, ipd_run *y)
{
    int same = same_states(x, y);
    return same_logs(x, y) && same;
}

#endif
