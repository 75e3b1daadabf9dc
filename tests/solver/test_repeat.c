/* test_repeat.c - runs that must have the same bits: in order increase and reverse, with any number of
 * threads, with and without the audit. */
#include "solver/order.h"
#include "tests/solver/problem.h"

enum { ITERATIONS = 4 };

/* Everything that a run leaves: records, and W and b. */
typedef struct outcome {
    ipd_record records[ITERATIONS];
    iterate end;
} outcome;

static void work_by(const ipd_method *method, const problem *p, outcome *out)
{
    ipd_unit unit;
    ipd_error e;
    void *state = method->open(method, &p->problem, &p->net, &p->par, &e);
    if (!state)
        fatal(&e);
    memset(out, 0, sizeof *out);
    for (int k = 0; k < ITERATIONS; k++) {
        do
            if (method->advance(state, &unit, &e))
                fatal(&e);
        while (!unit.iteration_done);
        memset(&out->records[k], 0, sizeof out->records[k]);
        if (method->finish(state, &out->records[k], &e))
            fatal(&e);
    }
    take_iterate(&out->end, method->variables(state), p->net.L, "zWba");
    method->close(state);
}

static void work(const problem *p, outcome *out)
{
    work_by(&ipd_method_ipdlam, p, out);
}

/* Bits of all values of the records but those named. */
static int same_records(const outcome *x, const outcome *y, const char *but)
{
    for (int k = 0; k < ITERATIONS; k++)
        for (const ipd_field *f = ipd_record_fields; f->name; f++) {
            size_t size = f->kind == IPD_STRING        ? f->size
                          : f->kind != IPD_DOUBLE      ? sizeof(int)
                          : f->extent == IPD_BY_BLOCK  ? sizeof(double) * IPD_MAX_BLOCKS
                          : f->extent == IPD_SCALAR    ? sizeof(double)
                          : f->extent == IPD_BY_METRIC ? sizeof(double) * IPD_MAX_METRICS
                                                       : sizeof(double) * (IPD_MAX_LAYERS + 1);
            const char *a = (const char *)&x->records[k], *b = (const char *)&y->records[k];
            if (strstr(but, f->name) || !memcmp(a + f->offset, b + f->offset, size))
                continue;
            printf("# iteration %d: %s differs\n", k + 1, f->name);
            return 0;
        }
    return 1;
}

static int same_end(outcome *x, outcome *y, int L)
{
    for (const char *kind = "zWba"; *kind; kind++)
        for (int l = 1; l <= (*kind == 'a' ? L - 1 : L); l++) {
            const ipd_matrix *a = variable(&x->end, *kind, l), *b = variable(&y->end, *kind, l);
            if (a->rows != b->rows || a->cols != b->cols ||
                memcmp(a->data, b->data, a->rows * a->cols * sizeof *a->data)) {
                printf("# %c%d differs\n", *kind, l);
                return 0;
            }
        }
    return 1;
}

static void orders(ipd_random *r)
{
    int same = 1, differs = 0, count = 0;
    for (int i = 0; i < 60; i++) {
        problem p;
        outcome x, y, z;
        ipd_error e;
        random_problem(&p, r);
        ipd_method_order(&ipd_method_ipdlam, &p.par.order, "increase", p.net.L, &e);
        work(&p, &x);
        ipd_method_order(&ipd_method_ipdlam, &p.par.order, "reverse", p.net.L, &e);
        work(&p, &y);
        ipd_method_order(&ipd_method_ipdlam, &p.par.order, "nested_reverse", p.net.L, &e);
        work(&p, &z);
        /* Phi after a block, and so what each did to it, are sums in another order. */
        same &= same_end(&x, &y, p.net.L) && same_records(&x, &y, "order change_by_block");
        differs += memcmp(&x.records[0].phi, &z.records[0].phi, sizeof(double)) != 0;
        count += p.net.L > 1;
        free_iterate(&x.end, p.net.L);
        free_iterate(&y.end, p.net.L);
        free_iterate(&z.end, p.net.L);
        free_problem(&p);
    }
    ok(same, "increase and reverse give the same bits in 60 problems");
    ok(differs >= count - 5, "nested reverse gives other bits (%d of %d)", differs, count);
}

/* Returns 1 if a problem ends with the same bits and records for every number of threads. */
static int same_for_threads(const ipd_method *method, problem *p, const int *counts, int n)
{
    outcome first;
    int same = 1;
    for (int t = 0; t < n; t++) {
        outcome x;
        ipd_error e;
        if (ipd_threads_set(counts[t], &e))
            fatal(&e);
        work_by(method, p, t ? &x : &first);
        if (!t)
            continue;
        same &= same_end(&first, &x, p->net.L) && same_records(&first, &x, "");
        free_iterate(&x.end, p->net.L);
    }
    free_iterate(&first.end, p->net.L);
    return same;
}

static void threads(ipd_random *r)
{
    static const int counts[] = {1, 2, 3, 5};
    static const size_t widths[][4] = {{60, 70, 300, 10}, {300, 40, 30, 10}, {20, 25, 12, 3}};
    for (int i = 0; i < 6; i++) {
        problem p;
        ipd_error e;
        int L = 3;
        make_problem(&p, r, L, widths[i / 2], i < 4 ? 430 : 1200, "relu");
        ipd_method_order(&ipd_method_ipdlam, &p.par.order, ipd_order_names()[i % 3], L, &e);
        p.par.delta = i == 5 ? 0 : 1;
        p.par.batch = i % 2 ? 100 : 0;
        p.par.inner = 2;
        p.par.shuffle = i % 4 == 1;
        p.par.audit = i % 3 == 0;
        ok(same_for_threads(&ipd_method_ipdlam, &p, counts, 4),
           "1, 2, 3 and 5 threads give the same bits: %zu-%zu-%zu-%zu, %s, batch %zu", p.net.d[0],
           p.net.d[1], p.net.d[2], p.net.d[3], p.par.order.name, p.par.batch);
        free_problem(&p);
    }
}

static void relaxed(problem *p, const char *order)
{
    ipd_error e;
    p->par.batch = 100;
    p->par.beta = 0.95;
    p->par.relaxed = (ipd_relaxed_parameters){.damping = {0, 4, 4, 0.5}, /* L = 3 */
                                              .kappa = 0.5,
                                              .bias_share = 0.2,
                                              .relax_a = 1.6,
                                              .relax_z = 1.6,
                                              .relax_cap = 1.95,
                                              .shrink = 1e-5};
    if (ipd_method_order(&ipd_method_relaxed_am, &p->par.order, order, p->net.L, &e))
        fatal(&e);
}

static void relaxed_threads(ipd_random *r)
{
    static const int counts[] = {1, 2, 3};
    static const size_t widths[][4] = {{60, 70, 300, 10}, {300, 40, 30, 10}, {20, 25, 12, 3}};
    for (int i = 0; i < 6; i++) {
        problem p;
        int L = 3;
        make_problem(&p, r, L, widths[i / 2], 430, "relu");
        relaxed(&p, i % 2 ? "parallel" : "nested_reverse");
        p.par.batch = i < 4 ? 100 : 200; /* whose inverses are made in other ways */
        p.par.relaxed.by_norm = i < 3;
        p.par.shuffle = i % 3 != 0;
        p.par.audit = i == 2;
        p.par.frozen[ipd_block_index((ipd_block){IPD_W, 2}, L)] = i == 4;
        ok(same_for_threads(&ipd_method_relaxed_am, &p, counts, 3),
           "relaxed_am: 1, 2 and 3 threads give the same bits: %zu-%zu-%zu-%zu, %s, %s", p.net.d[0],
           p.net.d[1], p.net.d[2], p.net.d[3], p.par.order.name,
           p.par.relaxed.by_norm ? "norm" : "fixed");
        free_problem(&p);
    }
}

/* relax_z is changed after a_1 and before z_1: z_1 is linear in it, and so in equal steps equally apart. */
static void relaxed_change(ipd_random *r)
{
    static const size_t widths[] = {12, 15, 9, 4};
    problem p;
    iterate at[3] = {0};
    ipd_error e;
    double step = 0, bend = 0;
    make_problem(&p, r, 3, widths, 100, "relu");
    relaxed(&p, "nested_reverse");
    for (int i = 0; i < 3; i++) {
        ipd_unit unit;
        ipd_place place;
        void *state =
            ipd_method_relaxed_am.open(&ipd_method_relaxed_am, &p.problem, &p.net, &p.par, &e);
        if (!state)
            fatal(&e);
        do {
            place = ipd_method_relaxed_am.place(state);
            if (place.block.kind == IPD_Z && place.block.layer == 1) {
                ipd_parameters par = *ipd_method_relaxed_am.parameters(state);
                par.relaxed.relax_z = 0.4 * (i + 1);
                ipd_method_relaxed_am.set(state, &par);
            }
            if (ipd_method_relaxed_am.advance(state, &unit, &e))
                fatal(&e);
        } while (place.block.kind != IPD_Z || place.block.layer != 1);
        take_iterate(&at[i], ipd_method_relaxed_am.variables(state), p.net.L, "z");
        ipd_method_relaxed_am.close(state);
    }
    for (size_t i = 0; i < widths[1] * 100; i++) {
        const double x = at[0].z[1].data[i], y = at[1].z[1].data[i], z = at[2].z[1].data[i];
        step = fmax(step, fabs(z - y));
        bend = fmax(bend, fabs(z - 2 * y + x));
    }
    ok(step > 1e-3 && bend < 1e-4 * step + 1e-6,
       "relaxed_am: relax_z changed between a_1 and z_1 holds for z_1 (%g, %g)", step, bend);
    for (int i = 0; i < 3; i++)
        free_iterate(&at[i], p.net.L);
    free_problem(&p);
}

/* The audit moves nothing, switched on throughout or between some blocks only. */
static void audited(ipd_random *r)
{
    int same = 1, found = 0;
    for (int i = 0; i < 40; i++) {
        problem p;
        outcome plain, audit;
        random_problem(&p, r);
        work(&p, &plain);
        p.par.audit = 1;
        work(&p, &audit);
        same &= same_end(&plain, &audit, p.net.L) &&
                same_records(&plain, &audit,
                             "audit_blocks audit_findings audit_rise audit_residual audit_where "
                             "gflop");
        for (int k = 0; k < ITERATIONS; k++)
            found += audit.records[k].audit_findings != 0 || !isnan(plain.records[k].audit_blocks);
        free_iterate(&plain.end, p.net.L);
        free_iterate(&audit.end, p.net.L);
        free_problem(&p);
    }
    ok(same, "training with the audit gives the same bits as without, in 40 problems");
    ok(!found, "the audit finds nothing, and is off by default");
}

/* Switched on and off between any two blocks, it still finds nothing: what it knew is forgotten. */
static void audited_by_turns(ipd_random *r)
{
    double findings = 0, blocks = 0;
    for (int i = 0; i < 40; i++) {
        problem p;
        ipd_record record;
        ipd_unit unit;
        ipd_error e;
        random_problem(&p, r);
        void *state = open_problem(&p);
        for (int k = 0; k < ITERATIONS; k++) {
            do {
                ipd_parameters par = *ipd_method_ipdlam.parameters(state);
                par.audit = (int)ipd_random_below(r, 2);
                par.alpha = between(r, 0, 0.9);
                par.delta = par.delta > 0 ? between(r, 0.1, 2) : 0;
                ipd_method_ipdlam.set(state, &par);
                if (ipd_method_ipdlam.advance(state, &unit, &e))
                    fatal(&e);
            } while (!unit.iteration_done);
            if (ipd_method_ipdlam.finish(state, &record, &e))
                fatal(&e);
            if (record.audit_blocks > 0) {
                blocks += record.audit_blocks;
                findings += record.audit_findings;
            }
        }
        ipd_method_ipdlam.close(state);
        free_problem(&p);
    }
    ok(blocks > 500 && !findings, "the audit, switched at random, finds nothing in %.0f blocks",
       blocks);
}

/* A frightful start, or weights that are not finite: a status in time, never a crash or a hang. */
static void not_finite(ipd_random *r)
{
    static const float bad[] = {NAN, INFINITY, 1e30f, 3e38f};
    int noticed = 0, runs = 0, wrong = 0;
    for (int i = 0; i < 120; i++) {
        problem p;
        ipd_unit unit;
        ipd_error e;
        random_problem(&p, r);
        p.par.audit = i % 2;
        int l = 1 + (int)ipd_random_below(r, (uint64_t)p.net.L);
        ipd_matrix *m = i % 3 ? &p.net.W[l] : &p.net.b[l];
        size_t where = ipd_random_below(r, m->rows * m->cols);
        m->data[where] = bad[i % 4];
        void *state = open_problem(&p);
        int at = 0, stopped = 0;
        for (; at < 200 && !stopped; at++) {
            if (ipd_method_ipdlam.advance(state, &unit, &e)) {
                stopped = 1; /* an error that says so is right, too */
                wrong += e.code != IPD_ENUMERIC;
            } else {
                stopped = unit.not_finite;
                if (!stopped && unit.iteration_done) {
                    ipd_record record;
                    if (ipd_method_ipdlam.finish(state, &record, &e))
                        fatal(&e);
                }
            }
        }
        /* ReLU hides what is minus infinity, and small layers may recover from large numbers. */
        if (i % 4 == 0) {
            runs++;
            noticed += stopped && at <= 3 * p.net.L;
        }
        ipd_method_ipdlam.close(state);
        free_problem(&p);
    }
    ok(noticed == runs, "NaN in W or b is noticed within a sweep (%d of %d)", noticed, runs);
    ok(!wrong, "failures on huge numbers are numerical errors");
}

/* A change within a sweep ends what is proved of xi in it; one between sweeps does not. */
static void changed_within(ipd_random *r)
{
    static const size_t widths[] = {5, 6, 3};
    int proved[3];
    problem p;
    ipd_record record;
    ipd_unit unit;
    ipd_error e;
    make_problem(&p, r, 2, widths, 20, "relu");
    p.par.alpha = 0.4;
    void *state = open_problem(&p);
    for (int k = 0; k < 3; k++) {
        for (int block = 0; block < 5; block++) {
            ipd_parameters par = *ipd_method_ipdlam.parameters(state);
            par.delta = k ? 0.5 : 1;
            if ((k == 1 && block == 0) || (k == 2 && block == 3))
                ipd_method_ipdlam.set(state, &par);
            if (ipd_method_ipdlam.advance(state, &unit, &e))
                fatal(&e);
        }
        if (ipd_method_ipdlam.finish(state, &record, &e))
            fatal(&e);
        proved[k] = record.xi_proved;
    }
    ok(proved[0] && proved[1] && !proved[2],
       "descent is not called proved after a change in a sweep");
    ipd_method_ipdlam.close(state);
    free_problem(&p);
}

int main(void)
{
    ipd_error e;
    ipd_random r;
    ipd_random_seed(&r, 3, 1);
    if (ipd_threads_set(2, &e))
        fatal(&e);
    orders(&r);
    changed_within(&r);
    audited(&r);
    audited_by_turns(&r);
    not_finite(&r);
    threads(&r);
    relaxed_threads(&r);
    relaxed_change(&r);
    return done();
}
