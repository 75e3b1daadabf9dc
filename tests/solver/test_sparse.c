/* test_sparse.c - W-steps under lasso and elastic net, from the raw arrays in double: no random step
 * lowers a row's objective, the optimality conditions hold, zeros are exact, and the bits do not
 * depend on the number of threads.
 */
#include "tests/solver/problem.h"

/* One full-batch W_1-step of a network without hidden layers. */
typedef struct block {
    problem p;
    ipd_matrix z, W, W_hat, b_old; /* what the step had and made */
    ipd_record record;
    double rho;
} block;

static double worst_fall, worst_residual, worst_report, rounds;
static long perturbed, rows_seen, zeros_seen, weights_seen;
static char worst_where[400], residual_where[400], here[160];

static void advance(void *state, ipd_unit *unit)
{
    ipd_error e;
    if (ipd_method_ipdlam.advance(state, unit, &e))
        fatal(&e);
}

/* Row w's objective, and the size of its terms. */
static double objective(const block *b, size_t i, const double *w, double *size)
{
    const ipd_parameters *par = &b->p.par;
    const ipd_matrix *A = &b->p.X;
    double sum = 0, l1 = par->penalty[1].l1 / b->rho, l2 = par->penalty[1].l2 / b->rho;
    *size = 0;
    for (size_t n = 0; n < A->cols; n++) {
        double left = at(&b->z, i, n) - at(&b->b_old, i, 0), terms = fabs(left);
        for (size_t k = 0; k < A->rows; k++) {
            left -= w[k] * at(A, k, n);
            terms += fabs(w[k] * at(A, k, n));
        }
        sum += left * left / 2;
        *size += terms * terms;
    }
    for (size_t k = 0; k < A->rows; k++) {
        double by = w[k] - at(&b->W_hat, i, k);
        sum += par->delta / 2 * by * by + l2 / 2 * w[k] * w[k] + l1 * fabs(w[k]);
    }
    return sum;
}

static void check_perturbed(const block *b, ipd_random *r, size_t i)
{
    size_t d = b->W.cols;
    double w[64], size, other, min;
    for (size_t k = 0; k < d; k++)
        w[k] = at(&b->W, i, k);
    min = objective(b, i, w, &size);
    for (int t = 0; t < 24; t++) {
        double scale = pow(10, between(r, -5, 0)), max = 1e-3;
        size_t only = ipd_random_below(r, d);
        for (size_t k = 0; k < d; k++)
            max = fmax(max, fabs(at(&b->W, i, k)));
        for (size_t k = 0; k < d; k++) {
            double by = scale * max * ipd_random_normal(r);
            w[k] = at(&b->W, i, k);
            if (t % 4 == 0 ? k == only : t % 4 == 1 || (t % 4 == 2 && w[k] != 0))
                w[k] += by;
            else if (t % 4 == 3 && k == only)
                w[k] = 0;
        }
        double fall = min - objective(b, i, w, &other);
        double ratio = fall / (1e-8 * min + 1e-13 * size + 1e-30);
        perturbed++;
        if (!(ratio <= worst_fall)) {
            worst_fall = isnan(ratio) ? INFINITY : ratio;
            snprintf(worst_where, sizeof worst_where, "%s, row %zu: falls by %g of %g", here, i,
                     fall, min);
        }
    }
}

/* |w - soft(w - g/h, l1/h)| h, in units of what float products and storage leave of it. */
static void check_optimal(const block *b, size_t i)
{
    const ipd_matrix *A = &b->p.X;
    const ipd_parameters *par = &b->p.par;
    double l1 = par->penalty[1].l1 / b->rho, l2 = par->penalty[1].l2 / b->rho;
    for (size_t k = 0; k < A->rows; k++) {
        double w = at(&b->W, i, k), w_hat = at(&b->W_hat, i, k);
        double g = par->delta * (w - w_hat) + l2 * w, h = par->delta + l2;
        double sizes = l1 + par->delta * (fabs(w) + fabs(w_hat)) + l2 * fabs(w), all = 0,
               square = 0;
        for (size_t n = 0; n < A->cols; n++) {
            double left = at(&b->z, i, n) - at(&b->b_old, i, 0), terms = fabs(left);
            for (size_t c = 0; c < A->rows; c++) {
                left -= at(&b->W, i, c) * at(A, c, n);
                terms += fabs(at(&b->W, i, c) * at(A, c, n));
            }
            g -= left * at(A, k, n);
            h += at(A, k, n) * at(A, k, n);
            all += terms * terms;
            square += at(A, k, n) * at(A, k, n);
        }
        sizes += sqrt(all * square);
        double to = w - (h > 0 ? g / h : 0), by = h > 0 ? l1 / h : INFINITY;
        to = to > by ? to - by : to < -by ? to + by : 0;
        double ratio = (h > 0 ? h : 1) * fabs(w - to) / (1e-5 * sizes + 1e-30);
        weights_seen++;
        zeros_seen += w == 0;
        if (!(ratio <= worst_residual)) {
            worst_residual = isnan(ratio) ? INFINITY : ratio;
            snprintf(residual_where, sizeof residual_where,
                     "%s, row %zu, input %zu: %g where h = %g", here, i, k, g, h);
        }
    }
}

/* Samples of every kind: few, many, linearly dependent, with dead inputs, of extreme scales. */
static void random_block(problem *p, ipd_random *r, int kind)
{
    static const double deltas[] = {0, 1e-6, 0.01, 1, 100};
    size_t d[2] = {1 + ipd_random_below(r, 30), 1 + ipd_random_below(r, 12)};
    size_t N = kind % 2 ? 1 + ipd_random_below(r, d[0]) : d[0] + ipd_random_below(r, 60);
    make_problem(p, r, 1, d, N, "relu");
    double scale = kind % 7 == 3 ? pow(10, between(r, -4, 4)) : 1;
    for (size_t n = 0; n < N; n++)
        for (size_t k = 0; k < d[0]; k++) {
            float *x = &p->X.data[k + n * d[0]];
            if (kind % 5 == 1 && k > 0 && k % 2) /* the same input twice, nearly or exactly */
                *x = (float)(x[-1] * (1 + (kind % 2) * 1e-4 * ipd_random_normal(r)));
            if (kind % 3 == 2 && k % 4 == 0)
                *x = 0;
            *x = (float)(*x * scale);
        }
    double square = scale * scale * (double)N;
    p->par.delta = deltas[ipd_random_below(r, 5)] * (ipd_random_below(r, 2) ? square : 1);
    p->par.rho = pow(10, between(r, -1, 2));
    p->par.beta = between(r, 0, 0.9);
    double lambda = pow(10, between(r, -6, 2)) * p->par.rho * scale * (double)N;
    p->par.penalty[1] = ipd_regularizer_find(kind % 4 == 3 ? "elastic_net" : "lasso")
                            ->penalty(lambda, between(r, 0.1, 0.9));
}

/* Two iterations; checks the second step, which has inertia. */
static void check_block(int kind, ipd_random *r)
{
    block b = {0};
    ipd_unit unit;
    ipd_error e;
    random_block(&b.p, r, kind);
    void *state = open_problem(&b.p);
    ipd_matrix before = {0}; /* W as the iteration before began */
    set_matrix(&before, &b.p.net.W[1]);
    for (int k = 0; k < 2; k++) {
        advance(state, &unit); /* z */
        set_matrix(&b.W, &ipd_method_ipdlam.network(state)->W[1]);
        set_matrix(&b.b_old, &ipd_method_ipdlam.network(state)->b[1]);
        set_matrix(&b.W_hat, &b.W);
        for (size_t i = 0; i < b.W.rows * b.W.cols; i++)
            b.W_hat.data[i] += (float)b.p.par.beta * (b.W.data[i] - before.data[i]);
        set_matrix(&before, &b.W);
        b.rho = ipd_method_ipdlam.parameters(state)->rho;
        advance(state, &unit); /* W */
        set_matrix(&b.z, &ipd_method_ipdlam.variables(state)->z[1]);
        set_matrix(&b.W, &ipd_method_ipdlam.network(state)->W[1]);
        snprintf(here, sizeof here, "problem %d (%zu inputs, %zu samples, delta %g, l1 %g), %d",
                 kind, b.W.cols, b.z.cols, b.p.par.delta, b.p.par.penalty[1].l1, k + 1);
        for (size_t i = 0; i < b.W.rows; i++) {
            check_perturbed(&b, r, i);
            check_optimal(&b, i);
            rows_seen++;
        }
        if (ipd_method_ipdlam.finish(state, &b.record, &e))
            fatal(&e);
        if (b.p.par.delta > 0) {
            worst_report = fmax(worst_report, b.record.sparse_residual[1]);
            rounds += b.record.sparse_rounds[1];
        }
    }
    ipd_method_ipdlam.close(state);
    ipd_matrix *all[] = {&b.z, &b.W, &b.W_hat, &b.b_old, &before};
    for (int i = 0; i < 5; i++)
        ipd_matrix_free(all[i]);
    free_problem(&b.p);
}

/* Runs some iterations of a problem with a penalty. Returns the weights, which the caller frees. */
static iterate train(const char *name, double lambda, double ratio, size_t batch,
                     ipd_record *record)
{
    static const size_t d[] = {50, 40, 12, 5};
    problem p;
    iterate x = {0};
    ipd_random r;
    ipd_unit unit;
    ipd_error e;
    ipd_random_seed(&r, 3, 5);
    make_problem(&p, &r, 3, d, 200, "relu");
    p.par.batch = batch;
    for (int l = 1; l <= 3; l++)
        p.par.penalty[l] = ipd_regularizer_find(name)->penalty(lambda, ratio);
    void *state = open_problem(&p);
    for (int k = 0; k < 3; k++) {
        do
            advance(state, &unit);
        while (!unit.iteration_done);
        if (ipd_method_ipdlam.finish(state, record, &e))
            fatal(&e);
    }
    take_iterate(&x, ipd_method_ipdlam.variables(state), 3, "Wb");
    ipd_method_ipdlam.close(state);
    free_problem(&p);
    return x;
}

static int same_weights(iterate *x, iterate *y)
{
    int same = 1;
    for (int l = 1; l <= 3; l++)
        same &= distance(&x->W[l], &y->W[l]) == 0 && distance(&x->b[l], &y->b[l]) == 0;
    return same;
}

static void compare(const char *what, const char *one, double lambda_1, double ratio_1,
                    const char *two, double lambda_2, double ratio_2)
{
    for (size_t batch = 0; batch <= 30; batch += 30) {
        ipd_record record;
        iterate x = train(one, lambda_1, ratio_1, batch, &record),
                y = train(two, lambda_2, ratio_2, batch, &record);
        ok(same_weights(&x, &y), "%s, batch %zu", what, batch);
        free_iterate(&x, 3);
        free_iterate(&y, 3);
    }
}

static void threads(size_t batch)
{
    ipd_error e;
    ipd_record record;
    iterate x = {0};
    for (int count = 1; count <= 3; count++) {
        if (ipd_threads_set(count, &e))
            fatal(&e);
        iterate y = train("lasso", 0.3, 1, batch, &record);
        if (count > 1)
            ok(same_weights(&x, &y), "the same bits with 1 and %d threads, batch %zu", count,
               batch);
        else
            copy_iterate(&x, &y, 3, "Wb");
        free_iterate(&y, 3);
    }
    free_iterate(&x, 3);
}

static void zeros(void)
{
    ipd_record record;
    iterate x = train("lasso", 1e6, 1, 0, &record);
    double sum = 0, share = 0;
    for (int l = 1; l <= 3; l++)
        for (size_t i = 0; i < x.W[l].rows * x.W[l].cols; i++)
            sum += fabs(x.W[l].data[i]);
    ok(sum == 0 && record.zeros[1] == 1 && record.zeros[3] == 1,
       "a huge penalty: all weights zero");
    free_iterate(&x, 3);
    x = train("lasso", 1, 1, 0, &record);
    for (size_t i = 0; i < x.W[1].rows * x.W[1].cols; i++)
        share += x.W[1].data[i] == 0;
    share /= (double)(x.W[1].rows * x.W[1].cols);
    ok(share > 0.05 && share < 0.999 && record.zeros[1] == share, "the record counts the zeros: %g",
       share);
    ok(record.sparse_residual[1] <= 1e-9 && record.sparse_rounds[1] >= 1,
       "the record has the residual (%g) and the rounds (%g)", record.sparse_residual[1],
       record.sparse_rounds[1]);
    free_iterate(&x, 3);
    x = train("ridge", 1, 1, 0, &record);
    ok(record.zeros[1] < 0.01 && isnan(record.sparse_residual[1]),
       "without lasso there is no residual, and hardly a zero");
    free_iterate(&x, 3);
}

int main(void)
{
    ipd_error e;
    ipd_random r;
    const char *seed = getenv("SEED"), *count = getenv("PROBLEMS");
    ipd_random_seed(&r, seed ? strtoull(seed, NULL, 10) : 1, 78);
    if (ipd_threads_set(2, &e))
        fatal(&e);
    for (int i = 0, n = count ? atoi(count) : 420; i < n; i++)
        check_block(i, &r);
    ok(perturbed >= (count ? 1 : 100000L) && worst_fall <= 1,
       "none of %ld random steps from %ld rows lowers the objective (%.2g of the tolerance)",
       perturbed, rows_seen, worst_fall);
    printf("# %s\n", worst_where);
    ok(worst_residual <= 1, "the optimality conditions hold (%.2g of the tolerance)",
       worst_residual);
    printf("# %s\n", residual_where);
    ok(zeros_seen > weights_seen / 20 && zeros_seen < weights_seen, "%ld of %ld weights are zero",
       zeros_seen, weights_seen);
    ok(worst_report <= 1e-9, "with delta > 0 the stated tolerance is reached: %.2g", worst_report);
    ok(count || rounds < 4000,
       "in %g rounds; half as many again would mean that a search stops at the wrong place",
       rounds);
    zeros();
    compare("an elastic net without lasso is a ridge", "ridge", 0.4, 0.5, "elastic_net", 0.4, 0);
    compare("an elastic net without ridge is a lasso", "lasso", 0.4, 0.5, "elastic_net", 0.4, 1);
    compare("a lasso of weight 0 is nothing", "none", 0, 0.5, "lasso", 0, 1);
    threads(0);
    threads(30);
    return done();
}
