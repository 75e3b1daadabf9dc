/* test_audit.c - the audit finds nothing in correct runs, and changes none of the values it checks.
 * VERBOSE prints how near each run came to a finding.
 */
#include "tests/solver/problem.h"

/* The results of a run's audit. */
typedef struct outcome {
    double blocks, findings, rise, residual;
    char where[IPD_FINDING_TEXT];
    int diverged;
} outcome;

static void add_record(outcome *o, const ipd_record *r)
{
    o->blocks += r->audit_blocks;
    if (r->audit_findings > 0 && !o->findings)
        snprintf(o->where, sizeof o->where, "iteration %d: %.300s", r->iteration, r->audit_where);
    o->findings += r->audit_findings;
    o->rise = fmax(o->rise, r->audit_rise);
    o->residual = fmax(o->residual, r->audit_residual);
}

static outcome run(const problem *p, int iterations)
{
    outcome o = {0};
    ipd_unit unit;
    ipd_record record;
    ipd_error e;
    void *state = open_problem(p);
    for (int k = 0; k < iterations && !o.diverged; k++) {
        do {
            if (ipd_method_ipdlam.advance(state, &unit, &e))
                fatal(&e);
            o.diverged = unit.not_finite;
        } while (!unit.iteration_done && !o.diverged);
        if (o.diverged)
            break;
        if (ipd_method_ipdlam.finish(state, &record, &e))
            fatal(&e);
        add_record(&o, &record);
    }
    ipd_method_ipdlam.close(state);
    return o;
}

/* A random problem of this loss and activation; three layers, so that there are both kinds of sides. */
static void problem_of(problem *p, ipd_random *r, const char *loss, const char *activation)
{
    size_t d[4];
    d[0] = 4 + ipd_random_below(r, 20);
    d[1] = 3 + ipd_random_below(r, 14);
    d[2] = 3 + ipd_random_below(r, 14);
    d[3] = 2 + ipd_random_below(r, 4);
    make_problem(p, r, 3, d, 6 + ipd_random_below(r, 30), activation);
    set_loss(p, loss);
}

/* 80 iterations (24 epochs) of each loss, activation, order and regularizer; mode 0: full batch, 1:
 * mini-batches, fewer samples than inputs among them. */
static void clean(ipd_random *r, const char *loss, int mode)
{
    outcome worst = {0}, o;
    int runs = 0, iterations = some_of(mode ? 24 : 80), min = some_of(80) * 8;
    for (const char *const *activation = ipd_activation_names(); *activation; activation++)
        for (int order = 0; order < 3; order++)
            for (const char *const *penalty = ipd_regularizer_names(); *penalty; penalty++) {
                problem p;
                ipd_error e;
                problem_of(&p, r, loss, *activation);
                if (ipd_method_order(&ipd_method_ipdlam, &p.par.order, ipd_order_names()[order], 3,
                                     &e))
                    fatal(&e);
                set_penalty(&p, *penalty, between(r, 0.001, 0.5));
                p.par.alpha = p.par.beta = p.par.gamma = between(r, 0, 0.9);
                p.par.delta = pow(10, between(r, -2, 0.5));
                p.par.rho = pow(10, between(r, -3, 1));
                p.par.theta = order ? mode ? 3.2 : 1.4 : 1.05; /* to 1e9, and slowly */
                p.par.bias_mean = (int)ipd_random_below(r, 2);
                p.par.audit = 1;
                if (mode) {
                    p.par.batch = 2 + ipd_random_below(r, p.N / 2);
                    p.par.inner = 1 + (int)ipd_random_below(r, 2);
                    p.par.shuffle = 1;
                }
                o = run(&p, iterations);
                free_problem(&p);
                if (getenv("VERBOSE"))
                    printf("# %s, %s, %s, %s, mode %d: rise %.2g, residual %.2g\n", loss,
                           *activation, ipd_order_names()[order], *penalty, mode, o.rise,
                           o.residual);
                runs++;
                if (o.findings && !worst.findings)
                    snprintf(worst.where, sizeof worst.where, "%s, %s, %s: %.250s", *activation,
                             ipd_order_names()[order], *penalty, o.where);
                worst.findings += o.findings;
                worst.blocks += o.blocks;
                worst.rise = fmax(worst.rise, o.rise);
                worst.residual = fmax(worst.residual, o.residual);
                worst.diverged += o.diverged;
            }
    ok(!worst.findings && !worst.diverged && worst.blocks >= runs * min,
       "%s loss, %s: no finding in %d runs, %.0f blocks (rise %.2g, residual %.2g)", loss,
       mode ? "mini-batches" : "full batch", runs, worst.blocks, worst.rise, worst.residual);
    if (worst.findings)
        printf("# %.0f findings, the first: %s\n", worst.findings, worst.where);
}

/* Depths, sides, orders and deltas of every kind, from 0 on; some blocks frozen. */
static void clean_random(ipd_random *r)
{
    outcome worst = {0}, o;
    int problems = some_of(150);
    for (int i = 0; i < problems; i++) {
        problem p;
        random_problem(&p, r);
        set_penalty(&p, ipd_regularizer_names()[ipd_random_below(r, 4)], between(r, 0, 1));
        p.par.bias_mean = i % 4 == 0;
        if (i % 5 == 0)
            p.par.frozen[ipd_random_below(r, (uint64_t)p.par.order.count)] = 1;
        p.par.audit = 1;
        o = run(&p, 40);
        if (o.findings && !worst.findings)
            snprintf(worst.where, sizeof worst.where, "problem %d (delta %g): %.250s", i,
                     p.par.delta, o.where);
        if (getenv("VERBOSE"))
            printf("# problem %d (delta %g): rise %.2g, residual %.2g\n", i, p.par.delta, o.rise,
                   o.residual);
        worst.findings += o.findings;
        worst.blocks += o.blocks;
        worst.rise = fmax(worst.rise, o.rise);
        worst.residual = fmax(worst.residual, o.residual);
        free_problem(&p);
    }
    ok(!worst.findings && worst.blocks > 0,
       "%d problems of every kind: no finding in %.0f blocks (rise %.2g, residual %.2g)", problems,
       worst.blocks, worst.rise, worst.residual);
    if (worst.findings)
        printf("# %.0f findings, the first: %s\n", worst.findings, worst.where);
}

int main(void)
{
    ipd_error e;
    ipd_random r;
    const char *seed = getenv("SEED");
    ipd_random_seed(&r, seed ? strtoull(seed, NULL, 10) : 1, 78);
    if (ipd_threads_set(2, &e))
        fatal(&e);
    for (const char *const *loss = ipd_loss_names(); *loss; loss++)
        for (int mode = 0; mode < 2; mode++)
            clean(&r, *loss, mode);
    clean_random(&r);
    return done();
}
