/* test_relaxed.c - no block of relaxed_am rises or misses what its page says, on random problems: depths, widths, activations,
 * losses, frozen blocks, changes at any block. `test_relaxed N` tests N batches (default 400).
 */
#include "tests/solver/problem.h"

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || defined __clang__
#define COUNTED 0
static long arrays;
#else
#define COUNTED 1
/* Replaces the C library's function, of which ipd_allocate gets its memory. */
static _Atomic long arrays;
void *aligned_alloc(size_t alignment, size_t size)
{
    void *p;
    arrays++;
    return posix_memalign(&p, alignment, size) ? NULL : p;
}
#endif

static const char *const losses[] = {"squared", "cross_entropy", "hinge"};

/* A change of one setting that may come at any block boundary. */
static void change(ipd_parameters *p, int L, ipd_random *r)
{
    switch (ipd_random_below(r, 6)) {
    case 0:
        settle_relaxed(NULL, p, r);
        return;
    case 1:
        p->beta = between(r, 0, 0.98);
        return;
    case 2:
        p->rho = between(r, 0.5, 3);
        return;
    case 3:
        p->relaxed.kappa = pow(10, between(r, -3, 1));
        return;
    case 4:
        p->relaxed.bias_share = pow(10, between(r, -3, 1));
        return;
    default:
        p->frozen[ipd_random_below(r, (size_t)(3 * L - 1))] ^= 1;
    }
}

static int gaps_wrong;

/* |z_l - W_l a_{l-1} - b_l|^2 of the record, whatever moved last, from the arrays. */
static void compare_gaps(const void *state, const problem *p, const ipd_record *record)
{
    iterate x = {0};
    int L = p->net.L;
    take_iterate(&x, ipd_method_relaxed_am.variables(state), L, "zWba");
    parts s = measure(ipd_method_relaxed_am.network(state), &x, &p->Y);
    for (int l = 1; l <= L; l++)
        gaps_wrong += fabs(record->linear_gap_by_layer[l] - s.linear[l]) >
                      1e-3 * s.linear[l] + 10 * rounding_floor(&x, L);
    free_iterate(&x, L);
}

/* Runs one problem for some batches. Returns their number and adds the results of the audit. */
static long run(ipd_random *r, long max, ipd_record *worst)
{
    const ipd_method *method = &ipd_method_relaxed_am;
    problem p;
    ipd_unit unit;
    ipd_record record;
    ipd_error e;
    long batches = 0;
    random_problem(&p, r);
    set_loss(&p, losses[ipd_random_below(r, 3)]);
    settle_relaxed(&p, &p.par, r);
    p.par.audit = 1;
    void *state = method->open(method, &p.problem, &p.net, &p.par, &e);
    if (!state)
        fatal(&e);
    for (int k = 0; k < 4 && batches < max; k++) {
        do {
            if (!ipd_random_below(r, 20)) {
                ipd_parameters par = *method->parameters(state);
                change(&par, p.net.L, r);
                method->set(state, &par);
            }
            if (method->advance(state, &unit, &e))
                fatal(&e);
            batches += unit.at.block.kind == IPD_Z && unit.at.block.layer == p.net.L;
            if (unit.finding && !*worst->audit_where)
                snprintf(worst->audit_where, sizeof worst->audit_where, "L %d, n %zu, %s: %.200s",
                         p.net.L, p.par.batch, p.net.loss->name, unit.finding);
        } while (!unit.iteration_done && !unit.not_finite);
        if (unit.not_finite)
            break;
        if (method->finish(state, &record, &e))
            fatal(&e);
        if (unit.at.batches == 1)
            compare_gaps(state, &p, &record);
        worst->audit_blocks += record.audit_blocks;
        worst->audit_findings += record.audit_findings;
        worst->audit_rise = fmax(worst->audit_rise, record.audit_rise);
        worst->audit_residual = fmax(worst->audit_residual, record.audit_residual);
    }
    method->close(state);
    free_problem(&p);
    return batches;
}

/* A batch finds its memory as the one before left it; only large ones, whose inverses take all threads, allocate. */
static void test_memory(ipd_random *r)
{
    static const size_t d[] = {100, 300, 200, 10}, sizes[] = {64, 128};
    const ipd_method *method = &ipd_method_relaxed_am;
    for (int i = 0; i < 4; i++) {
        problem p;
        ipd_unit unit;
        ipd_record record;
        ipd_error e;
        long before = 0;
        make_problem(&p, r, 3, d, 600, "relu");
        settle_relaxed(&p, &p.par, r);
        p.par.batch = sizes[i / 2];
        if (ipd_method_order(method, &p.par.order, i % 2 ? "parallel" : "nested_reverse", 3, &e))
            fatal(&e);
        void *state = method->open(method, &p.problem, &p.net, &p.par, &e);
        if (!state)
            fatal(&e);
        for (int k = 0; k < 2; k++) {
            before = arrays;
            do
                if (method->advance(state, &unit, &e))
                    fatal(&e);
            while (!unit.iteration_done);
            before = arrays - before;
            if (method->finish(state, &record, &e))
                fatal(&e);
        }
        ok(!before, "batches of %zu, %s, allocate no array in the second iteration (%ld)",
           p.par.batch, p.par.order.name, before);
        method->close(state);
        free_problem(&p);
    }
}

/* Batches whose inverses take all threads: the audit finds nothing either. */
static void test_large(ipd_random *r)
{
    static const size_t d[] = {30, 40, 20, 5};
    const ipd_method *method = &ipd_method_relaxed_am;
    problem p;
    ipd_unit unit;
    ipd_record record;
    ipd_error e;
    make_problem(&p, r, 3, d, 300, "relu");
    settle_relaxed(&p, &p.par, r);
    p.par.batch = 150;
    p.par.audit = 1;
    void *state = method->open(method, &p.problem, &p.net, &p.par, &e);
    if (!state)
        fatal(&e);
    do
        if (method->advance(state, &unit, &e))
            fatal(&e);
    while (!unit.iteration_done && !unit.not_finite);
    if (unit.not_finite || method->finish(state, &record, &e))
        record = (ipd_record){.audit_findings = NAN};
    ok(record.audit_findings == 0 && record.audit_blocks > 10,
       "batches of 150: of %.0f blocks the audit finds %g", record.audit_blocks,
       record.audit_findings);
    method->close(state);
    free_problem(&p);
}

int main(int argc, char **argv)
{
    long max = argc > 1 ? strtol(argv[1], NULL, 10) : 400, batches = 0;
    ipd_record worst = {0};
    ipd_random r;
    ipd_error e;
    const char *seed = getenv("SEED");
    ipd_random_seed(&r, seed ? strtoull(seed, NULL, 10) : 1, 79);
    if (ipd_threads_set(2, &e))
        fatal(&e);
    while (batches < max)
        batches += run(&r, max - batches, &worst);
    ok(!worst.audit_findings && worst.audit_blocks >= 2.0 * (double)max,
       "%ld batches, %.0f blocks: no finding (rise %.2g, residual %.2g)", batches,
       worst.audit_blocks, worst.audit_rise, worst.audit_residual);
    if (*worst.audit_where)
        printf("# %.0f findings, the first: %s\n", worst.audit_findings, worst.audit_where);
    ok(!gaps_wrong, "the gaps of the records are those of the variables (%d are not)", gaps_wrong);
    test_large(&r);
    if (COUNTED)
        test_memory(&r);
    else
        skip("four tests: allocations are counted in gcc's build without sanitizers");
    return done();
}
