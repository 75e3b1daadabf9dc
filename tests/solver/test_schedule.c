/* test_schedule.c - rho from iteration to iteration, in the solver, for every schedule. */
#include "solver/schedule.h"
#include "tests/solver/problem.h"

static problem p;

/* Trains with the schedule from rho = 1.5, theta = 2, rho_max = 9; `at` of the iteration's blocks
 * (0: before the first) of iteration `change` are done when par becomes `later`. */
static void follow(const char *what, ipd_rho_schedule schedule, int first, const double *wanted,
                   int change, int at, void (*later)(ipd_parameters *))
{
    const ipd_method *method = &ipd_method_ipdlam;
    ipd_error e;
    ipd_unit unit = {0};
    ipd_record record;
    ipd_parameters par = p.par;
    int same = 1, k = first;
    par.rho = 1.5;
    par.theta = 2;
    par.rho_max = 9;
    par.first = first;
    par.schedule = schedule;
    void *state = method->open(method, &p.problem, &p.net, &par, &e);
    if (!state)
        fatal(&e);
    for (; *wanted; wanted++, k++) {
        int block = 0;
        do {
            if (k == change && block++ == at) {
                ipd_parameters new = *method->parameters(state);
                later(&new);
                method->set(state, &new);
            }
            if (method->advance(state, &unit, &e))
                fatal(&e);
        } while (!unit.iteration_done);
        if (method->finish(state, &record, &e))
            fatal(&e);
        int near = fabs(record.rho - *wanted) <= 1e-14 * *wanted;
        same &= near && record.iteration == k;
        if (!near)
            printf("# iteration %d: rho is %g, not %g\n", k, record.rho, *wanted);
    }
    ok(same, "%s", what);
    method->close(state);
}

static void to_constant(ipd_parameters *par)
{
    par->schedule = IPD_RHO_CONSTANT;
}

static void to_geometric(ipd_parameters *par)
{
    par->schedule = IPD_RHO_GEOMETRIC;
}

static void by_hand(ipd_parameters *par)
{
    par->rho = 7;
}

static void test_values(void)
{
    follow("geometric, with its cap", IPD_RHO_GEOMETRIC, 1, (double[]){1.5, 3, 6, 9, 9, 0}, 0, 0,
           NULL);
    follow("constant", IPD_RHO_CONSTANT, 1, (double[]){1.5, 1.5, 1.5, 0}, 0, 0, NULL);
    follow("growth ends at once", IPD_RHO_GEOMETRIC, 1, (double[]){1.5, 3, 3, 3, 0}, 2, 3,
           to_constant);
    follow("and begins at an iteration's end", IPD_RHO_CONSTANT, 1,
           (double[]){1.5, 1.5, 3, 6, 9, 0}, 2, 1, to_geometric);
    follow("what is set stays where it is constant", IPD_RHO_CONSTANT, 1, (double[]){1.5, 7, 7, 0},
           2, 0, by_hand);
    follow("and grows where it grows", IPD_RHO_GEOMETRIC, 1, (double[]){1.5, 7, 9, 0}, 2, 0,
           by_hand);
}

/* For a run of 10 iterations with 3 batches each: u of the last batch of iterations 1, 4, 7, 10 and of later ones. */
static void test_anneal(void)
{
    const double u[] = {2.0 / 30, 11.0 / 30, 20.0 / 30, 29.0 / 30, 1, 1};
    const int k[] = {1, 4, 7, 10, 11, 20};
    int same = 1;
    for (int i = 0; i < 6; i++) {
        double f = u[i] <= 0.3 ? 1 : 1 - 0.99 * (u[i] - 0.3) / 0.7,
               done = ipd_schedule_done(10, k[i], 2, 3);
        same &= fabs(ipd_schedule_factor(IPD_SCHEDULE_ANNEAL, done) - f) < 1e-14;
        same &= ipd_schedule_factor(IPD_SCHEDULE_CONSTANT, done) == 1;
        follow("annealed, with its last batch's", IPD_RHO_ANNEAL, k[i], (double[]){2.5 / f - 1, 0},
               0, 0, NULL);
        follow("and from the next block on by what is set by hand", IPD_RHO_ANNEAL, k[i],
               (double[]){8 / f - 1, 0}, k[i], 25, by_hand);
    }
    ok(same && ipd_schedule_done(0, 5, 1, 3) == 0 &&
           ipd_schedule_factor(IPD_SCHEDULE_ANNEAL, 0) == 1,
       "the factor is 1 as far as 0.3 and where no length is known, and 0.01 from 1 on");
}

/* A penalty of 0 would divide the weights' penalty by 0. */
static void test_above_zero(void)
{
    double rho = 1;
    for (int k = 1; k < 100; k++)
        rho = ipd_rho_next(IPD_RHO_GEOMETRIC, rho, 1e-30, 9);
    ok(rho > 0, "a shrinking rho stays above 0 (%g)", rho);
    ok(ipd_rho_in_force(IPD_RHO_ANNEAL, 1e-20, 0) == 1e-20 &&
           ipd_rho_in_force(IPD_RHO_ANNEAL, 1e-20, 1) > 1,
       "an annealed rho begins where it is set, also below rounding");
}

int main(void)
{
    static const size_t d[] = {5, 4, 3};
    ipd_random r;
    ipd_random_seed(&r, 1, 1);
    make_problem(&p, &r, 2, d, 12, "relu");
    test_values();
    p.par.batch = 5;
    p.par.inner = 2;
    follow("in mini-batches rho goes on once an epoch", IPD_RHO_GEOMETRIC, 1,
           (double[]){1.5, 3, 6, 9, 9, 0}, 0, 0, NULL);
    p.par.length = 10;
    test_anneal();
    test_above_zero();
    free_problem(&p);
    return done();
}
