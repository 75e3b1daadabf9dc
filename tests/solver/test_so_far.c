/* test_so_far.c - ipd_method.so_far after every mini-batch: at the last one it is the record, to the
 * bit; before, sums are scaled up to all samples. Nothing changes in the run. */
#include "optim/methods.h"
#include "tests/solver/problem.h"

static int same(const ipd_record *x, const ipd_record *y, const char *field)
{
    const ipd_field *f = ipd_field_find(field);
    int alike = 1;
    for (int i = 0; i < ipd_field_count(f, x->L); i++) {
        double a = ipd_field_value(f, x, i), b = ipd_field_value(f, y, i);
        alike &= !memcmp(&a, &b, sizeof a) || (isnan(a) && isnan(b));
    }
    return alike;
}

/* Fields of the record that are known, to the bits, after the last mini-batch. */
static const char *const of_blocks[] = {"phi",
                                        "loss",
                                        "regularizer",
                                        "rho",
                                        "linear_gap",
                                        "linear_gap_by_layer",
                                        "samples",
                                        "batches",
                                        "activation_gap_by_layer",
                                        "iteration",
                                        "auxiliary_accuracy",
                                        NULL};
static const char *const of_steps[] = {"iteration", "samples", "batches", "lr", NULL};

static int wrong_ends, wrong_sums, wrong_bits, wrong_counts, epochs;

/* One iteration, looked at after every unit of work; sums of phi as the units report it. */
static void run_epoch(const ipd_method *method, void *state, const problem *p, ipd_record *record)
{
    ipd_record so_far;
    ipd_unit unit;
    ipd_error e;
    double sum = 0, N = (double)p->N;
    size_t size = p->par.batch;
    int penalised = p->par.penalty[1].l2 > 0;
    do {
        if (method->advance(state, &unit, &e))
            fatal(&e);
        ipd_place next = method->place(state);
        if (!unit.iteration_done && next.batch == unit.at.batch)
            continue;
        int got = method->so_far(state, &so_far);
        double done = fmin((double)size * unit.at.batch, N), share = done / N;
        wrong_counts += !got || so_far.batches != unit.at.batch || so_far.samples != done;
        if (method->variables) {
            sum += unit.phi;
            wrong_sums +=
                !penalised && !(fabs(so_far.phi - sum / share) <= 1e-9 * fabs(sum / share));
        } else {
            wrong_sums += so_far.forward_loss != unit.phi * N;
        }
    } while (!unit.iteration_done);
    if (method->finish(state, record, &e))
        fatal(&e);
    for (const char *const *f = method->variables ? of_blocks : of_steps; *f; f++)
        wrong_ends += !same(&so_far, record, *f);
    wrong_counts += method->so_far(state, &so_far) != 0;
    epochs++;
}

/* The same without looking. */
static void run_blind(const ipd_method *method, void *state, ipd_record *record)
{
    ipd_unit unit;
    ipd_error e;
    do {
        if (method->advance(state, &unit, &e))
            fatal(&e);
    } while (!unit.iteration_done);
    if (method->finish(state, record, &e))
        fatal(&e);
}

static void run(const char *name, ipd_random *r)
{
    const ipd_method *method = ipd_method_find(name);
    ipd_record seen, blind;
    ipd_error e;
    problem p;
    random_problem(&p, r);
    p.par.batch = 1 + ipd_random_below(r, p.N - 1);
    p.par.delta = fmax(p.par.delta, 0.1); /* no value overflows */
    p.par.alpha = p.par.beta = p.par.gamma = 0.2;
    p.par.optimizer.lr = 0.001;
    if (!strcmp(name, "relaxed_am"))
        settle_relaxed(&p, &p.par, r);
    else if (method->variables && ipd_random_below(r, 2))
        set_penalty(&p, "ridge", 0.1);
    void *one = method->open(method, &p.problem, &p.net, &p.par, &e);
    void *other = one ? method->open(method, &p.problem, &p.net, &p.par, &e) : NULL;
    if (!other)
        fatal(&e);
    for (int k = 0; k < 3; k++) {
        run_epoch(method, one, &p, &seen);
        run_blind(method, other, &blind);
        for (const ipd_field *f = ipd_record_fields; f->name; f++)
            wrong_bits += f->kind != IPD_STRING && !same(&seen, &blind, f->name);
    }
    method->close(one);
    method->close(other);
    free_problem(&p);
}

int main(void)
{
    static const char *const names[] = {"ipdlam", "bcd", "relaxed_am", "sgd"};
    ipd_random r;
    ipd_random_seed(&r, 3, 0);
    ipd_threads_set(1, NULL);
    for (int m = 0; m < 4; m++) {
        wrong_ends = wrong_sums = wrong_bits = wrong_counts = epochs = 0;
        for (int i = 0; i < 60; i++)
            run(names[m], &r);
        ok(epochs == 180 && !wrong_ends,
           "%s: so_far after the last mini-batch is the record, to the bit", names[m]);
        ok(!wrong_sums, "so_far scales sums up to all samples");
        ok(!wrong_counts, "so_far counts mini-batches and samples, and ends with the iteration");
        ok(!wrong_bits, "so_far changes no bit of the records");
    }
    return done();
}
