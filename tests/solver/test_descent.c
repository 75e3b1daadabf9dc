/* test_descent.c - xi <= xi_start, up to 1e-6 of Phi, wherever it is proved.
 *
 * Full batch; alpha < 1/2, or < 1 where every z-step is convex; beta, gamma < 1. A rise below the
 * rounding of the gaps (rounding_floor) does not count.
 */
#include "tests/solver/problem.h"

enum { ITERATIONS = 40 };

/* The result of a group of runs: the largest rise, relative to the tolerance. */
typedef struct outcome {
    double max;
    int counted, missing; /* iterations; those that should be proved and are not */
    char where[320];
} outcome;

/* Runs some iterations. Returns 1 if xi_proved must hold for all of them. */
static void descend(outcome *o, problem *p, int proved, const char *name)
{
    ipd_record record;
    ipd_unit unit;
    ipd_error e;
    void *state = open_problem(p);
    const ipd_variables *v = ipd_method_ipdlam.variables(state);
    for (int k = 0; k < ITERATIONS; k++) {
        iterate x = {0};
        do
            if (ipd_method_ipdlam.advance(state, &unit, &e))
                fatal(&e);
        while (!unit.iteration_done);
        if (ipd_method_ipdlam.finish(state, &record, &e))
            fatal(&e);
        o->missing += !record.xi_proved && proved;
        if (!record.xi_proved || largest_weight(v) > 1e3)
            continue;
        take_iterate(&x, v, p->net.L, "zWba");
        double rise = (record.xi - record.xi_start) /
                      (1e-6 * record.phi + record.rho * rounding_floor(&x, p->net.L) + 1e-30);
        free_iterate(&x, p->net.L);
        o->counted++;
        if (!(rise <= o->max)) {
            o->max = isnan(rise) ? INFINITY : rise;
            snprintf(o->where, sizeof o->where,
                     "%s (delta %g), iteration %d: from %.9g to %.9g, phi %.9g, rho %g", name,
                     p->par.delta, k + 1, record.xi_start, record.xi, record.phi, record.rho);
        }
    }
    ipd_method_ipdlam.close(state);
}

static void report(const outcome *o, int min, const char *what)
{
    ok(o->counted >= min && !o->missing && o->max <= 1,
       "xi never rises where descent is proved: %s (%d iterations, at most %.2g of what is "
       "allowed)",
       what, o->counted, o->max);
    if (o->max > 1)
        printf("# %s\n", o->where);
    if (o->missing)
        printf("# not called proved in %d iterations\n", o->missing);
}

/* Inertias within what the proof asks, of a problem in full batch. */
static void within_proof(problem *p, ipd_random *r)
{
    int convex = 1;
    for (int l = 1; l < p->net.L; l++)
        convex &= p->net.sigma[l]->convex_step;
    p->par.batch = 0;
    p->par.alpha = between(r, 0, convex ? 0.99 : 0.49);
    p->par.beta = between(r, 0, 0.99);
    p->par.gamma = between(r, 0, 0.99);
}

/* The paper's case: ReLU and identity, squared loss. */
static void plain(ipd_random *r)
{
    outcome o = {0};
    for (int i = 0; i < some_of(100); i++) {
        problem p;
        char name[64];
        random_problem(&p, r);
        p.par.delta = i % 4 ? between(r, 0.05, 2) : p.par.delta;
        within_proof(&p, r);
        snprintf(name, sizeof name, "problem %d", i);
        descend(&o, &p, 1, name);
        free_problem(&p);
    }
    report(&o, some_of(1500), "ReLU with alpha < 1/2, identity with alpha < 1");
}

/* Every loss, activation and penalty; every other problem with some blocks frozen. */
static void all_operators(ipd_random *r, const char *loss)
{
    outcome o = {0};
    char what[160];
    for (const char *const *activation = ipd_activation_names(); *activation; activation++)
        for (const char *const *penalty = ipd_regularizer_names(); *penalty; penalty++)
            for (int i = 0; i < some_of(12); i++) {
                size_t d[DEEPEST + 1];
                int L = 2 + (int)ipd_random_below(r, DEEPEST - 1);
                problem p;
                char name[160];
                for (int l = 0; l <= L; l++)
                    d[l] = 2 + ipd_random_below(r, 18);
                make_problem(&p, r, L, d, 4 + ipd_random_below(r, 36), *activation);
                set_loss(&p, loss);
                set_penalty(&p, *penalty, pow(10, between(r, -3, 0.5)));
                random_order(r, &p.par.order, L);
                p.par.delta = pow(10, between(r, -1.5, 0.7));
                p.par.rho = pow(10, between(r, -2, 2));
                p.par.theta = i % 3 ? 1.2 : 1;
                for (int f = 0; f < i % 4; f++)
                    p.par.frozen[ipd_random_below(r, (uint64_t)p.par.order.count)] = 1;
                within_proof(&p, r);
                snprintf(name, sizeof name, "%s, %s, %s, %d blocks frozen", loss, *activation,
                         *penalty, i % 4);
                descend(&o, &p, 1, name);
                free_problem(&p);
            }
    snprintf(what, sizeof what, "%s loss, each activation and penalty, frozen blocks", loss);
    report(&o, some_of(2000), what);
}

/* Out of range, or with another proximal weight for b, nothing may be called proved. */
static void unproved(ipd_random *r)
{
    int proved = 0;
    for (int i = 0; i < 20; i++) {
        static const size_t widths[] = {5, 6, 3};
        problem p;
        ipd_record record;
        ipd_unit unit;
        ipd_error e;
        make_problem(&p, r, 2, widths, 12, i % 5 == 4 ? "identity" : "relu");
        within_proof(&p, r);
        switch (i % 5) {
        case 0:
            p.par.alpha = 0.5;
            break;
        case 1:
            p.par.beta = 1;
            break;
        case 2:
            p.par.bias_mean = 1;
            break;
        case 3:
            p.par.batch = 6;
            break;
        default:
            p.par.alpha = 1;
        }
        void *state = open_problem(&p);
        do
            if (ipd_method_ipdlam.advance(state, &unit, &e))
                fatal(&e);
        while (!unit.iteration_done);
        if (ipd_method_ipdlam.finish(state, &record, &e))
            fatal(&e);
        proved += record.xi_proved;
        ipd_method_ipdlam.close(state);
        free_problem(&p);
    }
    ok(!proved, "xi_proved is 0 where descent is not proved");
}

int main(void)
{
    ipd_error e;
    ipd_random r;
    const char *seed = getenv("SEED");
    ipd_random_seed(&r, seed ? strtoull(seed, NULL, 10) : 1, 79);
    if (ipd_threads_set(2, &e))
        fatal(&e);
    plain(&r);
    for (const char *const *loss = ipd_loss_names(); *loss; loss++)
        all_operators(&r, *loss);
    unproved(&r);
    return done();
}
