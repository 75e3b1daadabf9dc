/* test_rest.c - blocks that are minimisers already, and gaps that are computed by an identity.
 *
 * The block updates are called one by one on the state of a fresh mini-batch: z and a by a forward
 * pass, without history.
 */
#include "base/vector.h"
#include "solver/solver.h"
#include "tests/solver/problem.h"

enum { L = 3, N = 24 };
static const size_t widths[] = {7, 12, 30, 4};

static ipd_prox prox(const ipd_parameters *par, ipd_block block, int layers)
{
    (void)par, (void)block, (void)layers;
    return (ipd_prox){0.5, 1};
}

static void begin(problem *p, ipd_solver *s, double scale)
{
    ipd_random r;
    ipd_error e;
    ipd_random_seed(&r, 5, 0);
    make_problem(p, &r, L, widths, N, "relu");
    for (int l = 1; l <= L; l++)
        for (size_t i = 0; i < p->net.W[l].rows * p->net.W[l].cols; i++)
            p->net.W[l].data[i] = (float)(scale * ipd_random_normal(&r));
    *s = (ipd_solver){.par = p->par, .prox = prox, .share = 1, .waits = 1};
    s->rho = 1;
    if (ipd_solver_resize(s, &p->net, N, &e) || ipd_solver_load(s, p->X, p->Y, p->labels, &e))
        fatal(&e);
}

static void end(problem *p, ipd_solver *s)
{
    ipd_solver_free(s);
    free_problem(p);
}

/* How many elements of m differ from those of `was`. */
static size_t moved(const ipd_matrix *m, const float *was)
{
    size_t count = 0;
    for (size_t i = 0; i < m->rows * m->cols; i++)
        count += m->data[i] != was[i];
    return count;
}

static float *copy(const ipd_matrix *m)
{
    size_t size = m->rows * m->cols * sizeof *m->data;
    return memcpy(malloc(size), m->data, size);
}

static void test_fresh_batch(void)
{
    problem p;
    ipd_solver s;
    size_t count = 0;
    begin(&p, &s, 0.5);
    uint64_t flops = ipd_flops();
    for (int l = 1; l < L; l++) {
        float *z = copy(&s.v.z[l]), *W = copy(&p.net.W[l]), *a = copy(&s.v.a[l]);
        ipd_z_step(&s, l, NULL);
        ipd_W_step(&s, l, NULL);
        if (l < L - 1)
            ipd_a_step(&s, l, NULL);
        count += moved(&s.v.z[l], z) + moved(&p.net.W[l], W) + moved(&s.v.a[l], a);
        free(z);
        free(W);
        free(a);
    }
    ok(count == 0, "hidden blocks of a fresh batch stay where they are, to the bit");
    ok(ipd_flops() == flops, "and no product is computed for them");
    float *z = copy(&s.v.z[L]), *a = copy(&s.v.a[L - 1]);
    ipd_z_step(&s, L, NULL);
    ipd_a_step(&s, L - 1, NULL);
    ok(moved(&s.v.z[L], z) > 0 && moved(&s.v.a[L - 1], a) > 0, "z_L and then a_{L-1} move");
    free(z);
    free(a);
    end(&p, &s);
}

/* With a past that differs, the prediction pulls although nothing else does. */
static void test_inertia(void)
{
    problem p;
    ipd_solver s;
    begin(&p, &s, 0.5);
    s.v.z_old[1].data[0] -= 1;
    s.sums.step_z[1] = 1;
    float *z = copy(&s.v.z[1]);
    ipd_z_step(&s, 1, NULL);
    ok(moved(&s.v.z[1], z) > 0, "inertia moves a z that is optimal");
    free(z);
    end(&p, &s);
    begin(&p, &s, 0.5);
    s.v.a_old[1].data[0] -= 1;
    s.sums.step_a[1] = 1;
    float *a = copy(&s.v.a[1]);
    ipd_a_step(&s, 1, NULL);
    ok(moved(&s.v.a[1], a) > 0, "inertia moves an a that is optimal");
    free(a);
    end(&p, &s);
    begin(&p, &s, 0.5);

    s.v.W_old[1].data[0] -= 1;
    s.sums.step_W[1] = 1;
    float *W = copy(&p.net.W[1]);
    ipd_W_step(&s, 1, NULL);
    ok(moved(&p.net.W[1], W) > 0, "inertia moves a W that is optimal");
    free(W);
    end(&p, &s);
}

/* |z_l - W_l a_{l-1} - b_l|^2 in double. */
static double gap(const ipd_solver *s, int l)
{
    const ipd_network *net = s->v.net;
    double sum = 0;
    for (size_t n = 0; n < s->v.n; n++)
        for (size_t i = 0; i < net->d[l]; i++) {
            double left = s->v.z[l].data[i + n * net->d[l]] - (double)net->b[l].data[i];
            for (size_t k = 0; k < net->d[l - 1]; k++)
                left -= net->W[l].data[i + k * net->d[l]] *
                        (double)s->v.a[l - 1].data[k + n * net->d[l - 1]];
            sum += left * left;
        }
    return sum;
}

/* How far the solver's gap is from that, by what rounding of z_l explains. */
static double deviation(const ipd_solver *s, int l)
{
    const ipd_matrix *z = &s->v.z[l];
    double right = gap(s, l), size = sqrt(ipd_sum_squared(z->data, z->rows * z->cols));
    return fabs(s->sums.linear[l] - right) / (1e-4 * right + 1e-6 * sqrt(right) * size);
}

/* a_1 has 12 units under 30: the large side, where the gap comes from the step alone. */
static void test_gap(void)
{
    double worst = 0;
    for (double scale = 0.1; scale < 1e3; scale *= 10) {
        problem p;
        ipd_solver s;
        begin(&p, &s, scale);
        for (size_t i = 0; i < s.v.z[2].rows * s.v.z[2].cols; i++) {
            /* z_2 as some other a_1 explains it */
            s.v.z[2].data[i] += (float)(scale * (double)p.net.W[2].data[i % (30 * 12)]);
            s.v.z_old[2].data[i] = s.v.z[2].data[i];
        }
        s.sums.linear[2] = gap(&s, 2);
        ipd_a_step(&s, 1, NULL);
        worst = fmax(worst, deviation(&s, 2));
        end(&p, &s);
    }
    ok(worst < 1, "the gap after an a-step is that of the raw arrays: %.1g of what is allowed",
       worst);
}

/* The same where z_2 is within reach of a_1, so that hardly any gap is left. */
static void test_small_gap(void)
{
    problem p;
    ipd_solver s;
    begin(&p, &s, 2);
    for (size_t n = 0; n < N; n++)
        for (size_t i = 0; i < widths[2]; i++) {
            s.v.z[2].data[i + n * widths[2]] += p.net.W[2].data[i + widths[2] * (n % 12)];
            s.v.z_old[2].data[i + n * widths[2]] = s.v.z[2].data[i + n * widths[2]];
        }
    s.sums.linear[2] = gap(&s, 2);
    double before = s.sums.linear[2];
    ipd_a_step(&s, 1, NULL);
    ok(gap(&s, 2) < 1e-2 * before, "a gap of %.2g falls to %.2g", before, gap(&s, 2));
    ok(fabs(s.sums.linear[2] - gap(&s, 2)) < 1e-5 * gap(&s, 2),
       "the small gap is that of the raw arrays: %.3g and %.3g", s.sums.linear[2], gap(&s, 2));
    end(&p, &s);
}

/* a_2 has 30 units under 4: the small side, where the product comes from the step. */
static void test_product(void)
{
    double worst = 0;
    for (double scale = 0.1; scale < 1e4; scale *= 10) {
        problem p;
        ipd_solver s;
        ipd_error e;
        begin(&p, &s, scale);
        for (size_t i = 4; i-- > 1;) /* rows that hardly differ: large numbers that cancel */
            for (size_t k = 0; k < 30; k++)
                p.net.W[3].data[i + 4 * k] =
                    p.net.W[3].data[4 * k] + 1e-2F * p.net.W[3].data[i + 4 * k];
        if (ipd_solver_load(&s, p.X, p.Y, p.labels, &e))
            fatal(&e);
        ipd_z_step(&s, 3, NULL);
        ipd_a_step(&s, 2, NULL);
        worst = fmax(worst, deviation(&s, 3));
        end(&p, &s);
    }
    ok(worst < 1, "so is the gap of the dual form: %.1g of what is allowed", worst);
}

/* The gradient of a_2's subproblem after its step, by the length of the step. */
static double slope(const ipd_solver *s, const float *before)
{
    const ipd_network *net = s->v.net;
    size_t d = net->d[2], up = net->d[3];
    double max = 0, step = 0;
    for (size_t n = 0; n < s->v.n; n++) {
        double left[4];
        const float *a = s->v.a[2].data + n * d;
        for (size_t i = 0; i < up; i++) {
            left[i] = s->v.z[3].data[i + n * up] - (double)net->b[3].data[i];
            for (size_t k = 0; k < d; k++)
                left[i] -= net->W[3].data[i + k * up] * (double)a[k];
        }
        for (size_t k = 0; k < d; k++) {
            double g = fmax(s->v.z[2].data[k + n * d], 0) - (double)a[k];
            g += s->par.delta * ((double)before[k + n * d] - a[k]);
            for (size_t i = 0; i < up; i++)
                g += net->W[3].data[i + k * up] * left[i];
            max = fmax(max, fabs(g));
            step = fmax(step, fabs(a[k] - (double)before[k + n * d]));
        }
    }
    return max / step;
}

/* W_3 of rows that differ by little: one large eigenvalue, and others about as large as delta. */
static void test_large_weights(void)
{
    for (float common = 0.5F; common < 100; common *= 40) {
        problem p;
        ipd_solver s;
        ipd_error e;
        begin(&p, &s, 0.5);
        for (size_t i = 0; i < 4; i++)
            for (size_t k = 0; k < 30; k++)
                p.net.W[3].data[i + 4 * k] = 0.3F * p.net.W[3].data[i + 4 * k] + common;
        if (ipd_solver_load(&s, p.X, p.Y, p.labels, &e))
            fatal(&e);
        ipd_z_step(&s, 3, NULL);
        float *a = copy(&s.v.a[2]);
        ipd_a_step(&s, 2, NULL);
        ok(slope(&s, a) < 0.05, "weights about %g: a_2 is at its minimum, within %.1g", common,
           slope(&s, a));
        free(a);
        end(&p, &s);
    }
}

/* Elements from 0 to 1. The caller frees it. */
static void uniform_matrix(ipd_matrix *A, size_t rows, size_t cols, uint64_t seed)
{
    ipd_random r;
    ipd_error e;
    ipd_random_seed(&r, seed, 0);
    if (ipd_matrix_init(A, rows, cols, &e))
        fatal(&e);
    for (size_t i = 0; i < rows * cols; i++)
        A->data[i] = (float)ipd_random_uniform(&r);
}

/* The worst of some elements of a Gram matrix, relative; of 300 rows and 2000 samples it is too large to be cheap. */
static double gram_error(double kappa, size_t rows)
{
    ipd_matrix A;
    ipd_gram g = {0};
    ipd_error e;
    double worst = 0;
    uniform_matrix(&A, rows, 2000, 6);
    if (ipd_gram_form(&g, &A, 0, kappa, 0, &e))
        fatal(&e);
    for (size_t i = 0; i < A.rows; i++) {
        size_t j = (7 * i + 3) % A.rows;
        double sum = 0;
        for (size_t n = 0; n < A.cols; n++)
            sum += (double)A.data[i + n * A.rows] * A.data[j + n * A.rows];
        worst = fmax(worst, fabs(g.G.data[i + j * A.rows] / sum - 1));
    }
    ipd_gram_free(&g);
    ipd_matrix_free(&A);
    return worst;
}

/* The condition that an inverse says beside LAPACK's estimate, which is at most that, from the factor. */
static void test_condition_of_inverse(void)
{
    ipd_matrix A;
    ipd_gram g = {0};
    ipd_error e;
    uniform_matrix(&A, 40, 200, 8);
    if (ipd_gram_form(&g, &A, 0, 0.5, 1, &e) || ipd_gram_factor(&g, 0.5, &e))
        fatal(&e);
    double estimate = ipd_gram_condition(&g);
    if (ipd_gram_invert(&g, &e))
        fatal(&e);
    double exact = ipd_gram_condition(&g);
    ok(estimate <= exact * (1 + 1e-9) && estimate > exact / 3 && exact > 100,
       "the condition from the inverse: %g, and from the factor: %g", exact, estimate);
    ipd_gram_free(&g);
    ipd_matrix_free(&A);
}

/* Every third sample of a forward pass beside a pass over copies of these, and what it says of z. */
static void test_some_samples(void)
{
    enum { MANY = 100, STEP = 3, SOME = 34 };
    const size_t d[] = {5, 7, 3};
    ipd_network net;
    ipd_matrix X, Z[3] = {{0}}, some, some_Z[3] = {{0}};
    ipd_label labels[MANY], some_labels[SOME];
    ipd_evaluation all, few, compared;
    ipd_error e;
    ipd_random r;
    ipd_random_seed(&r, 9, 0);
    if (ipd_network_init(&net, 2, d, ipd_activation_find("relu"), ipd_loss_find("squared"), &e) ||
        ipd_matrix_init(&X, d[0], MANY, &e) || ipd_matrix_init(&some, d[0], SOME, &e))
        fatal(&e);
    ipd_network_randomize(&net, 1, 1, 0.1);
    for (int l = 1; l <= 2; l++)
        if (ipd_matrix_init(&Z[l], d[l], MANY, &e) || ipd_matrix_init(&some_Z[l], d[l], SOME, &e))
            fatal(&e);
    for (size_t n = 0; n < MANY; n++) {
        labels[n] = (ipd_label)(n % d[2]);
        for (size_t i = 0; i < d[0]; i++)
            X.data[i + n * d[0]] = (float)ipd_random_normal(&r);
        for (int l = 1; l <= 2; l++)
            for (size_t i = 0; i < d[l]; i++)
                Z[l].data[i + n * d[l]] = (float)ipd_random_normal(&r);
    }
    for (size_t n = 0; n < SOME; n++) {
        some_labels[n] = labels[n * STEP];
        memcpy(some.data + n * d[0], X.data + n * STEP * d[0], d[0] * sizeof(float));
        for (int l = 1; l <= 2; l++)
            memcpy(some_Z[l].data + n * d[l], Z[l].data + n * STEP * d[l], d[l] * sizeof(float));
    }
    ipd_forward_gap gap = {.z = Z}, of_some = {.z = some_Z};
    if (ipd_network_evaluate_some(&net, ipd_inputs_of(&X), ipd_truth_labels(labels), STEP, &few,
                                  &e) ||
        ipd_network_compare(&net, ipd_inputs_of(&X), ipd_truth_labels(labels), NULL, STEP,
                            &compared, &gap, &e) ||
        ipd_network_compare(&net, ipd_inputs_of(&some), ipd_truth_labels(some_labels), NULL, 1,
                            &all, &of_some, &e))
        fatal(&e);
    ok(few.correct == all.correct && few.accuracy == all.accuracy && few.correct < SOME,
       "every third sample: the accuracy");
    ok(fabs(few.loss * SOME / MANY / all.loss - 1) < 1e-12 && few.loss == compared.loss,
       "every third sample: the loss, scaled up");
    ok(fabs(gap.distance[1] / of_some.distance[1] - 1) < 1e-12 &&
           fabs(gap.size[2] / of_some.size[2] - 1) < 1e-12,
       "every third sample: the distance from z");
    ipd_network_free(&net);
    ipd_matrix_free(&X);
    ipd_matrix_free(&some);
    for (int l = 1; l <= 2; l++) {
        ipd_matrix_free(&Z[l]);
        ipd_matrix_free(&some_Z[l]);
    }
}

/* Classes 0, 0, 0, 0, 1 answered by 0, 0, 2, 1, 1; no sample of class 2. */
static void test_recall(void)
{
    const size_t d[] = {3, 3};
    const ipd_label labels[] = {0, 0, 0, 0, 1}, answers[] = {0, 0, 2, 1, 1};
    ipd_network net;
    ipd_matrix X;
    ipd_evaluation found;
    ipd_recall recall;
    ipd_error e;
    if (ipd_network_init(&net, 1, d, ipd_activation_find("relu"), ipd_loss_find("squared"), &e) ||
        ipd_matrix_init(&X, 3, 5, &e))
        fatal(&e);
    for (size_t i = 0; i < 3; i++)
        net.W[1].data[i + 3 * i] = 1;
    for (size_t n = 0; n < 5; n++)
        X.data[answers[n] + 3 * n] = 1;
    if (ipd_network_recall(&net, ipd_inputs_of(&X), labels, 1, &found, &recall, &e))
        fatal(&e);
    ok(recall.classes == 3 && recall.samples[0] == 4 && recall.correct[0] == 2 &&
           recall.samples[1] == 1 && recall.correct[1] == 1 && recall.samples[2] == 0 &&
           recall.balanced == 0.75 && found.accuracy == 0.6,
       "2 of 4 and 1 of 1: balanced accuracy %g", recall.balanced);
    ipd_recall_free(&recall);
    if (ipd_network_recall(&net, ipd_inputs_of(&X), labels, 2, &found, &recall, &e))
        fatal(&e);
    ok(recall.samples[0] == 2 && recall.correct[0] == 1 && recall.correct[1] == 1 &&
           recall.balanced == 0.75 && found.samples == 3,
       "every second sample: 1 of 2 and 1 of 1");
    ipd_recall_free(&recall);
    ipd_network_free(&net);
    ipd_matrix_free(&X);
}

int main(void)
{
    ipd_threads_set(2, NULL);
    test_recall();
    test_condition_of_inverse();
    test_some_samples();
    test_fresh_batch();
    test_inertia();
    test_gap();
    test_small_gap();
    test_product();
    test_large_weights();
    ok(gram_error(1e-4, 300) < 1e-12, "a Gram matrix beside a small delta is double");
    ok(gram_error(1e4, 300) > 1e-12, "a Gram matrix beside a large delta is float");
    ok(gram_error(1e4, 100) < 1e-12, "a small Gram matrix is double");
    return done();
}
