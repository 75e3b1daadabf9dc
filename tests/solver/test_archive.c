/* test_archive.c - a state that is written between any two blocks and read again goes on to the same
 * bits, for every method; archives that do not fit are refused.
 */
#include "base/archive.h"
#include "optim/methods.h"
#include "tests/solver/problem.h"

static const ipd_method *pick_method(ipd_random *r)
{
    const char *const *names = ipd_method_names();
    size_t count = 0;
    while (names[count])
        count++;
    /* The methods by block have more to lose. */
    static const char *const by_block[] = {"ipdlam", "ipdlam", "bcd", "relaxed_am"};
    return ipd_random_below(r, 3) ? ipd_method_find(by_block[ipd_random_below(r, 4)])
                                  : ipd_method_find(names[ipd_random_below(r, count)]);
}

/* A change that may come at any block boundary. */
static void change(ipd_parameters *p, const problem *of, ipd_random *r)
{
    int L = of->net.L;
    switch (ipd_random_below(r, 10)) {
    case 0:
        p->delta = between(r, 0.05, 3);
        return;
    case 1:
        p->alpha = p->beta = p->gamma = between(r, 0, 0.9);
        return;
    case 2:
        random_order(r, &p->order, L);
        return;
    case 3:
        p->frozen[ipd_random_below(r, (size_t)(3 * L - 1))] ^= 1;
        return;
    case 4:
        p->batch = ipd_random_below(r, 3) ? 1 + ipd_random_below(r, of->N) : 0;
        p->inner = 1 + (int)ipd_random_below(r, 3);
        p->shuffle = (int)ipd_random_below(r, 2);
        return;
    case 5:
        p->audit ^= 1;
        return;
    case 6:
        p->spectrum ^= 1;
        return;
    case 8:
        p->average_weights = ipd_random_below(r, 2) ? 0 : 0.3;
        return;
    case 7:
        p->rho = between(r, 0.5, 3);
        p->optimizer.lr = between(r, 1e-4, 1e-2);
        p->optimizer.weight_decay = between(r, 0, 0.1);
        p->optimizer.lr_schedule = (ipd_schedule_kind)ipd_random_below(r, 3);
        p->length = 2;
        return;
    default:
        p->length = 1 + (int)ipd_random_below(r, 6);
        p->schedule = (ipd_rho_schedule)ipd_random_below(r, 3);
    }
}

static void settle(problem *p, const ipd_method *method, ipd_random *r)
{
    static const char *const losses[] = {"squared", "cross_entropy", "hinge"};
    static const char *const penalties[] = {"none", "ridge", "lasso", "elastic_net"};
    const char *const *activations = ipd_activation_names();
    size_t count = 0;
    while (activations[count])
        count++;
    for (int l = 1; l < p->net.L; l++)
        p->net.sigma[l] = ipd_activation_find(activations[ipd_random_below(r, count)]);
    set_loss(p, losses[ipd_random_below(r, 3)]);
    for (int l = 1; l <= p->net.L && method->variables; l++)
        p->par.penalty[l] = ipd_regularizer_find(penalties[ipd_random_below(r, 4)])
                                ->penalty(between(r, 0.01, 2), 0.5);
    p->par.average_weights = ipd_random_below(r, 2) ? 0 : 0.1;
    p->par.audit = !ipd_random_below(r, 3);
    p->par.spectrum = !ipd_random_below(r, 3);
    p->par.bias_mean = !ipd_random_below(r, 4);
    p->par.optimizer = (ipd_optimizer_parameters){.lr = method->lr,
                                                  .momentum = 0.9,
                                                  .nesterov = (int)ipd_random_below(r, 2),
                                                  .beta1 = 0.9,
                                                  .beta2 = 0.99,
                                                  .smoothing = 0.9,
                                                  .decay = 0.9,
                                                  .eps = method->eps};
    if (method == &ipd_method_relaxed_am)
        settle_relaxed(p, &p->par, r);
}

static ipd_archive *write_state(const ipd_method *method, void *state)
{
    ipd_error e;
    ipd_archive *ar = ipd_archive_new(&e);
    if (!ar || method->transfer(state, ar, &e))
        fatal(&e);
    return ar;
}

static void *open_state(const ipd_method *method, const problem *p, const ipd_parameters *par)
{
    ipd_error e;
    void *state = method->open(method, &p->problem, &p->net, par, &e);
    if (!state)
        fatal(&e);
    return state;
}

/* The state's twin, through an archive; the state is closed. */
static void *hop(const ipd_method *method, const problem *p, void *state)
{
    ipd_error e;
    ipd_archive *ar = write_state(method, state);
    ipd_parameters par = *method->parameters(state);
    void *twin = open_state(method, p, &par);
    method->close(state);
    ipd_archive_rewind(ar);
    if (method->transfer(twin, ar, &e))
        fatal(&e);
    ipd_archive_free(ar);
    return twin;
}

static int same_record(const ipd_record *x, const ipd_record *y)
{
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        for (int i = 0; i < ipd_field_count(f, x->L); i++) {
            double a = ipd_field_value(f, x, i), b = ipd_field_value(f, y, i);
            if (f->kind == IPD_STRING ? !strcmp(ipd_field_string(f, x), ipd_field_string(f, y))
                                      : !memcmp(&a, &b, sizeof a) || (isnan(a) && isnan(b)))
                continue;
            printf("# iteration %d: %s differs: %.17g, %.17g\n", x->iteration, f->name, a, b);
            return 0;
        }
    return 1;
}

/* Every entry that both states have to say. */
static int same_state(const ipd_method *method, void *x, void *y)
{
    ipd_archive *a = write_state(method, x), *b = write_state(method, y);
    int same = ipd_archive_checksum(a) == ipd_archive_checksum(b);
    for (size_t i = 0; !same && i < ipd_archive_count(a) && i < ipd_archive_count(b); i++) {
        const ipd_entry *u = ipd_archive_entry(a, i), *v = ipd_archive_entry(b, i);
        if (strcmp(u->name, v->name) || u->bytes != v->bytes || memcmp(u->data, v->data, u->bytes))
            printf("# %s: %s, %s differ\n", method->name, u->name, v->name);
    }
    ipd_archive_free(a);
    ipd_archive_free(b);
    return same;
}

static int same_place(const ipd_place *x, const ipd_place *y)
{
    return x->iteration == y->iteration && x->batch == y->batch && x->batches == y->batches &&
           x->sweep == y->sweep && x->block.kind == y->block.kind &&
           x->block.layer == y->block.layer;
}

/* Advances both by one unit, and finishes the iteration if it is complete. */
static int advance_both(const ipd_method *method, void *x, void *y, int *end)
{
    ipd_unit u, v;
    ipd_record a, b;
    ipd_error e;
    if (method->advance(x, &u, &e) || method->advance(y, &v, &e))
        fatal(&e);
    *end = u.not_finite;
    int same = !memcmp(&u.phi, &v.phi, sizeof u.phi) && same_place(&u.at, &v.at) &&
               (u.finding ? v.finding && !strcmp(u.finding, v.finding) : !v.finding);
    if (!same)
        printf("# iteration %d: phi %.17g, %.17g; %s; %s\n", u.at.iteration, u.phi, v.phi,
               u.finding ? u.finding : "", v.finding ? v.finding : "");
    if (!u.iteration_done || *end)
        return same;
    same &= same_state(method, x, y); /* between the last block and finish, too */
    if (method->finish(x, &a, &e) || method->finish(y, &b, &e))
        fatal(&e);
    return same && same_record(&a, &b);
}

static int units_of(const ipd_method *method, const problem *p)
{
    return method->variables ? 6 * (3 * p->net.L - 1) : 12;
}

/* A run beside one that is written and read now and then. */
static int lockstep(ipd_random *r, int *hops)
{
    const ipd_method *method = pick_method(r);
    problem p;
    random_problem(&p, r);
    settle(&p, method, r);
    void *x = open_state(method, &p, &p.par), *y = open_state(method, &p, &p.par);
    int same = 1, end = 0, units = units_of(method, &p);
    for (int i = 0; i < units && same && !end; i++) {
        if (!ipd_random_below(r, 6)) {
            ipd_parameters par = *method->parameters(x);
            change(&par, &p, r);
            if (method == &ipd_method_relaxed_am)
                settle_relaxed(NULL, &par, r);
            method->set(x, &par);
            method->set(y, &par);
        }
        if (!ipd_random_below(r, 4)) {
            y = hop(method, &p, y);
            same &= same_state(method, x, y);
            ++*hops;
        }
        same &= advance_both(method, x, y, &end);
    }
    if (!same)
        printf("# %s, %d layers, %zu samples, batch %zu\n", method->name, p.net.L, p.N,
               p.par.batch);
    method->close(x);
    method->close(y);
    free_problem(&p);
    return same;
}

static void boundaries(ipd_random *r)
{
    int count = getenv("IPDLAM_TEST_LONG") ? 4000 : 250, same = 0, hops = 0;
    for (int i = 0; i < count; i++)
        same += lockstep(r, &hops);
    ok(same == count, "%d runs, written and read %d times in all, keep their bits", count, hops);
}

/* Copies all entries but those the caller wants otherwise. */
static ipd_archive *copy_but(const ipd_archive *from, const char *skip, const char *reshape)
{
    ipd_error e;
    ipd_archive *to = ipd_archive_new(&e);
    for (size_t i = 0; i < ipd_archive_count(from); i++) {
        const ipd_entry *x = ipd_archive_entry(from, i);
        ipd_entry what = *x, *made;
        if (skip && !strcmp(x->name, skip))
            continue;
        if (reshape && !strcmp(x->name, reshape))
            what.shape[0]++;
        if (!(made = ipd_archive_add(to, &what, &e)))
            fatal(&e);
        memcpy(made->data, x->data, x->bytes);
    }
    ipd_archive_rewind(to);
    return to;
}

static int refused(const problem *p, ipd_archive *ar, const char *method, const char *says)
{
    ipd_error e = {0};
    void *state = open_state(ipd_method_find(method), p, &p->par);
    int failed = ipd_method_find(method)->transfer(state, ar, &e) && strstr(e.text, says);
    if (!failed)
        printf("# said: %s\n", e.text);
    ipd_method_find(method)->close(state);
    ipd_archive_free(ar);
    return failed;
}

static ipd_archive *middle(const problem *p)
{
    void *state = open_problem(p);
    ipd_unit unit;
    ipd_record record;
    ipd_error e;
    for (int i = 0; i < 4; i++)
        if (ipd_method_ipdlam.advance(state, &unit, &e) ||
            (unit.iteration_done && ipd_method_ipdlam.finish(state, &record, &e)))
            fatal(&e);
    ipd_archive *ar = write_state(&ipd_method_ipdlam, state);
    ipd_method_ipdlam.close(state);
    return ar;
}

static void refusals(ipd_random *r)
{
    static const size_t widths[] = {6, 5, 4, 3}, others[] = {6, 5, 5, 3};
    problem p, other;
    ipd_error e;
    make_problem(&p, r, 3, widths, 20, "relu");
    make_problem(&other, r, 3, others, 20, "relu");
    ipd_archive *ar = middle(&p);
    uint64_t sum = ipd_archive_checksum(ar);
    ok(refused(&p, copy_but(ar, "W2_old", NULL), "ipdlam", "missing entry 'W2_old'"),
       "refused: a missing entry");
    ok(refused(&p, copy_but(ar, NULL, "z1"), "ipdlam", "'z1' is 21 x 5 of type float"),
       "refused: an entry of another shape");
    ok(refused(&other, copy_but(ar, NULL, NULL), "ipdlam", "'W2' is"),
       "refused: an archive of another network");
    ok(refused(&p, copy_but(ar, NULL, NULL), "adam", "missing entry "),
       "refused: an archive of another method");
    ok(!ipd_archive_add(ar, ipd_archive_entry(ar, 3), &e) && strstr(e.text, "duplicate"),
       "refused: an entry that is there already");
    ipd_entry huge = {.name = "huge", .dtype = IPD_F64, .dims = 2, .shape = {SIZE_MAX / 4, 16}};
    ok(!ipd_archive_add(ar, &huge, &e) && strstr(e.text, "too large"),
       "refused: an entry that is too large");
    ok(ipd_archive_checksum(ar) == sum, "refused entries leave the archive as it is");
    int found = 0, bits = 400;
    for (int i = 0; i < bits; i++) {
        const ipd_entry *x;
        do
            x = ipd_archive_entry(ar, ipd_random_below(r, ipd_archive_count(ar)));
        while (!x->bytes);
        unsigned char *at = (unsigned char *)x->data + ipd_random_below(r, x->bytes);
        unsigned char bit = (unsigned char)(1u << ipd_random_below(r, 8));
        *at ^= bit;
        found += ipd_archive_checksum(ar) != sum;
        *at ^= bit;
    }
    ok(found == bits, "the checksum sees one bit of %d", bits);
    ipd_archive_free(ar);
    free_problem(&p);
    free_problem(&other);
}

/* Whatever the whole numbers say, it is read or refused, and never out of bounds. */
static void nonsense(ipd_random *r)
{
    int refused_ones = 0, tries = 250;
    for (int i = 0; i < tries; i++) {
        problem p;
        ipd_unit unit;
        ipd_error e;
        random_problem(&p, r);
        p.par.audit = 1;
        ipd_archive *from = middle(&p), *ar = copy_but(from, NULL, NULL);
        void *state = open_problem(&p);
        for (int n = 0; n < 3; n++) {
            const ipd_entry *x = ipd_archive_entry(ar, ipd_random_below(r, ipd_archive_count(ar)));
            int64_t *at = x->data;
            if (x->dtype == IPD_I64 && x->bytes)
                at[ipd_random_below(r, x->bytes / 8)] = ipd_random_below(r, 2)
                                                            ? (int64_t)ipd_random_below(r, 4) - 1
                                                            : (int64_t)ipd_random_bits(r);
        }
        if (ipd_method_ipdlam.transfer(state, ar, &e))
            refused_ones++;
        else
            for (int n = 0; n < 20; n++) {
                ipd_record record;
                if (!ipd_method_ipdlam.place(state).block.kind)
                    ipd_method_ipdlam.finish(state, &record, &e);
                if (ipd_method_ipdlam.advance(state, &unit, &e))
                    break;
            }
        ipd_method_ipdlam.close(state);
        ipd_archive_free(ar);
        ipd_archive_free(from);
        free_problem(&p);
    }
    ok(refused_ones > tries / 10, "random whole numbers: %d of %d refused", refused_ones, tries);
}

int main(void)
{
    ipd_random r;
    ipd_error e;
    if (ipd_threads_set(2, &e))
        fatal(&e);
    ipd_random_seed(&r, 3, 14);
    boundaries(&r);
    refusals(&r);
    nonsense(&r);
    return done();
}
