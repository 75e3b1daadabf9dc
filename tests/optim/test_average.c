/* test_average.c - the running mean of the weights, for every method: against a plain loop in double, beside the same training,
 * the same bits for any number of threads. */
#include "optim/methods.h"
#include "tests/solver/problem.h"

/* w by mini-batch: on, off, on again from the weights then, all of the latest. */
static const double rates[] = {0.2, 0.2, 0.05, 0.05, 0.05, 0, 0, 0.5, 0.5, 0.5, 1, 0.3};
enum { BATCHES = sizeof rates / sizeof *rates };

/* Parameters that the method needs, on top of the problem's. */
static ipd_parameters parameters(const ipd_method *method, const problem *p)
{
    ipd_error e;
    ipd_parameters par = p->par;
    int L = p->net.L;
    par.batch = 5;
    par.shuffle = 1;
    par.optimizer = (ipd_optimizer_parameters){.lr = method->lr,
                                               .momentum = 0.5,
                                               .beta1 = 0.9,
                                               .beta2 = 0.99,
                                               .smoothing = 0.9,
                                               .decay = 0.9,
                                               .eps = method->eps};
    par.relaxed = (ipd_relaxed_parameters){
        .kappa = 0.1, .bias_share = 0.2, .relax_a = 1.6, .relax_z = 1.6, .relax_cap = 1.95};
    for (int l = 1; l <= L; l++)
        par.relaxed.damping[l] = l < L ? 2 : 30;
    if (method->sweep && ipd_method_order(method, &par.order, "nested_reverse", L, &e))
        fatal(&e);
    return par;
}

/* Weight i of all: W_1, b_1, W_2, ... */
static float weight(const ipd_network *net, size_t i)
{
    for (int l = 1; l <= net->L; l++) {
        size_t count = net->d[l] * net->d[l - 1];
        if (i < count)
            return net->W[l].data[i];
        i -= count;
        if (i < net->d[l])
            return net->b[l].data[i];
        i -= net->d[l];
    }
    return 0;
}

static size_t weights(const ipd_network *net)
{
    size_t count = 0;
    for (int l = 1; l <= net->L; l++)
        count += net->d[l] * (net->d[l - 1] + 1);
    return count;
}

/* Runs to the end of a mini-batch and, after the last one, ends the iteration. */
static void batch(const ipd_method *method, void *state)
{
    ipd_unit unit;
    ipd_record record;
    ipd_error e;
    int now = method->place(state).batch;
    do
        if (method->advance(state, &unit, &e))
            fatal(&e);
    while (!unit.iteration_done && method->place(state).batch == now);
    if (unit.iteration_done && method->finish(state, &record, &e))
        fatal(&e);
}

static void against_a_loop(const ipd_method *method)
{
    static const size_t d[] = {6, 8, 7, 3};
    ipd_random r;
    problem p;
    ipd_error e;
    double mean[200], worst = 0, moved = 0;
    int known = 0, agree = 1;
    ipd_random_seed(&r, 5, 1);
    make_problem(&p, &r, 3, d, 18, "relu");
    ipd_parameters par = parameters(method, &p);
    void *state = method->open(method, &p.problem, &p.net, &par, &e);
    void *without = method->open(method, &p.problem, &p.net, &par, &e);
    if (!state || !without)
        fatal(&e);
    for (int i = 0; i < BATCHES; i++) {
        ipd_parameters now = *method->parameters(state);
        now.average_weights = rates[i];
        method->set(state, &now);
        batch(method, state);
        batch(method, without);
        const ipd_network *net = method->network(state), *found = method->averaged(state);
        agree &= (found != NULL) == (rates[i] > 0);
        for (size_t k = 0; k < weights(net); k++) {
            mean[k] = known ? (1 - rates[i]) * mean[k] + rates[i] * weight(net, k) : weight(net, k);
            if (found)
                worst = fmax(worst, fabs(mean[k] - weight(found, k)));
            moved = fmax(moved, fabs(mean[k] - weight(net, k)));
            agree &= weight(net, k) == weight(method->network(without), k);
        }
        known = rates[i] > 0;
    }
    ok(agree && worst < 1e-6 && moved > 1e-4,
       "%s: mean of a plain loop (off by %.1e), and weights as without a mean", method->name,
       worst);
    method->close(state);
    method->close(without);
    free_problem(&p);
}

static void threads(const ipd_method *method)
{
    static const size_t d[] = {90, 250, 3};
    ipd_random r;
    problem p;
    ipd_network first = {0};
    ipd_error e;
    int same = 1;
    ipd_random_seed(&r, 6, 1);
    make_problem(&p, &r, 2, d, 15, "relu");
    for (int count = 1; count <= 3; count++) {
        ipd_parameters par = parameters(method, &p);
        par.average_weights = 0.3;
        if (ipd_threads_set(count, &e))
            fatal(&e);
        void *state = method->open(method, &p.problem, &p.net, &par, &e);
        if (!state)
            fatal(&e);
        for (int i = 0; i < 4; i++)
            batch(method, state);
        const ipd_network *mean = method->averaged(state);
        if (count == 1 && ipd_network_copy(&first, mean, &e))
            fatal(&e);
        for (size_t k = 0; k < weights(mean); k++)
            same &= weight(mean, k) == weight(&first, k);
        method->close(state);
    }
    ok(same, "%s: the same mean with 1, 2 and 3 threads", method->name);
    ipd_network_free(&first);
    free_problem(&p);
}

int main(void)
{
    ipd_error e;
    if (ipd_threads_set(2, &e))
        fatal(&e);
    for (const char *const *name = ipd_method_names(); *name; name++) {
        against_a_loop(ipd_method_find(*name));
        threads(ipd_method_find(*name));
    }
    return done();
}
