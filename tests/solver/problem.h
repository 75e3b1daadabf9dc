/* problem.h - small random problems for the tests of the solver, and Phi recomputed in double from
 * the raw arrays, without any of the solver's own sums or products.
 */
#ifndef TESTS_SOLVER_PROBLEM_H
#define TESTS_SOLVER_PROBLEM_H

#include "base/parallel.h"
#include "base/random.h"
#include "solver/method.h"
#include "tests/tap.h"

#include <math.h>
#include <string.h>

enum { DEEPEST = 5 };

typedef struct problem {
    size_t N;
    ipd_matrix X, Y;
    ipd_label *labels;
    ipd_network net; /* the first weights */
    ipd_parameters par;
    ipd_problem problem;
} problem;

__attribute__((unused)) static void fatal(const ipd_error *e)
{
    printf("Bail out! %s\n", e->text);
    exit(99);
}

__attribute__((unused)) static double between(ipd_random *r, double min, double max)
{
    return min + (max - min) * ipd_random_uniform(r);
}

__attribute__((unused)) static void random_order(ipd_random *r, ipd_order *order, int L)
{
    uint32_t index[IPD_MAX_BLOCKS];
    size_t which = ipd_random_below(r, 4);
    ipd_error e;
    if (ipd_method_order(&ipd_method_ipdlam, order,
                         which < 3 ? ipd_order_names()[which] : "increase", L, &e))
        fatal(&e);
    if (which < 3)
        return;
    ipd_block blocks[IPD_MAX_BLOCKS];
    memcpy(blocks, order->blocks, sizeof blocks);
    for (int i = 0; i < order->count; i++)
        index[i] = (uint32_t)i;
    ipd_random_shuffle(r, index, (size_t)order->count);
    for (int i = 0; i < order->count; i++)
        order->blocks[i] = blocks[index[i]];
    strcpy(order->name, "custom");
}

/* Samples, labels, targets and weights for given widths. */
__attribute__((unused)) static void make_problem(problem *p, ipd_random *r, int L, const size_t *d,
                                                 size_t N, const char *activation)
{
    ipd_error e;
    memset(p, 0, sizeof *p);
    p->N = N;
    p->labels = malloc(N * sizeof *p->labels);
    for (size_t n = 0; n < N; n++)
        p->labels[n] = (ipd_label)ipd_random_below(r, d[L]);
    if (ipd_matrix_init(&p->X, d[0], N, &e) ||
        ipd_network_init(&p->net, L, d, ipd_activation_find(activation), ipd_loss_find("squared"),
                         &e) ||
        ipd_targets(&p->Y, p->net.loss, p->labels, N, d[L], &e))
        fatal(&e);
    for (size_t i = 0; i < d[0] * N; i++)
        p->X.data[i] = (float)ipd_random_normal(r);
    for (int l = 1; l <= L; l++) {
        for (size_t i = 0; i < d[l] * d[l - 1]; i++)
            p->net.W[l].data[i] = (float)(ipd_random_normal(r) / sqrt((double)d[l - 1]));
        for (size_t i = 0; i < d[l]; i++)
            p->net.b[l].data[i] = (float)(0.3 * ipd_random_normal(r));
    }
    p->problem = (ipd_problem){.X = ipd_inputs_of(&p->X), .Y = &p->Y, .labels = p->labels, .N = N};
    p->par = (ipd_parameters){.alpha = 0.7,
                              .beta = 0.7,
                              .gamma = 0.7,
                              .delta = 1,
                              .rho = 1,
                              .theta = 1.1,
                              .rho_max = 1e9,
                              .inner = 1,
                              .seed = 1};
    if (ipd_method_order(&ipd_method_ipdlam, &p->par.order, "increase", L, &e))
        fatal(&e);
}

/* Depth 1 to 5, widths 1 to 20, more and fewer samples than widths, any order, delta from 0 on. */
__attribute__((unused)) static void random_problem(problem *p, ipd_random *r)
{
    static const double deltas[] = {0, 1e-4, 0.01, 0.3, 1, 5};
    int L = 1 + (int)ipd_random_below(r, DEEPEST);
    size_t d[DEEPEST + 1], N = 2 + ipd_random_below(r, 40);
    for (int l = 0; l <= L; l++)
        d[l] = 1 + ipd_random_below(r, 20);
    make_problem(p, r, L, d, N, ipd_random_below(r, 3) ? "relu" : "identity");
    p->par.alpha = ipd_random_below(r, 5) ? between(r, 0, 0.95) : 0;
    p->par.beta = ipd_random_below(r, 5) ? between(r, 0, 0.95) : 0;
    p->par.gamma = ipd_random_below(r, 5) ? between(r, 0, 0.95) : 0;
    p->par.delta = deltas[ipd_random_below(r, 6)];
    p->par.rho = pow(10, between(r, -1, 2));
    p->par.theta = ipd_random_below(r, 2) ? 1.2 : 1;
    p->par.rho_max = 1e6;
    p->par.seed = ipd_random_below(r, 1000);
    random_order(r, &p->par.order, L);
    if (ipd_random_below(r, 2)) { /* mini-batches, often with a short last one */
        p->par.batch = 1 + ipd_random_below(r, N);
        p->par.inner = 1 + (int)ipd_random_below(r, 3);
        p->par.shuffle = (int)ipd_random_below(r, 2);
    }
}

__attribute__((unused)) static void free_problem(problem *p)
{
    ipd_matrix_free(&p->X);
    ipd_matrix_free(&p->Y);
    ipd_network_free(&p->net);
    free(p->labels);
}

__attribute__((unused)) static void *open_problem(const problem *p)
{
    ipd_error e;
    void *state = ipd_method_ipdlam.open(&ipd_method_ipdlam, &p->problem, &p->net, &p->par, &e);
    if (!state)
        fatal(&e);
    return state;
}

/* Copies of everything that moves. */
typedef struct iterate {
    ipd_matrix z[DEEPEST + 2], W[DEEPEST + 2], b[DEEPEST + 2], a[DEEPEST + 2];
} iterate;

/* The variable of a block, 'b' counting as one. */
__attribute__((unused)) static ipd_matrix *variable(iterate *x, char kind, int l)
{
    return kind == 'z' ? &x->z[l] : kind == 'W' ? &x->W[l] : kind == 'b' ? &x->b[l] : &x->a[l];
}

__attribute__((unused)) static const ipd_matrix *newest(const ipd_variables *v, char kind, int l)
{
    return kind == 'z'   ? &v->z[l]
           : kind == 'W' ? &v->net->W[l]
           : kind == 'b' ? &v->net->b[l]
                         : &v->a[l];
}

__attribute__((unused)) static void set_matrix(ipd_matrix *to, const ipd_matrix *from)
{
    ipd_error e;
    ipd_matrix_free(to);
    if (ipd_matrix_init(to, from->rows, from->cols, &e))
        fatal(&e);
    if (from->data)
        ipd_matrix_copy(to, from);
}

/* Copies the variables of these kinds; a_0 is among the a. */
__attribute__((unused)) static void take_iterate(iterate *to, const ipd_variables *v, int L,
                                                 const char *kinds)
{
    for (; *kinds; kinds++)
        for (int l = *kinds == 'a' ? 0 : 1; l <= (*kinds == 'a' ? L - 1 : L); l++)
            set_matrix(variable(to, *kinds, l), newest(v, *kinds, l));
}

__attribute__((unused)) static void copy_iterate(iterate *to, iterate *from, int L,
                                                 const char *kinds)
{
    for (; *kinds; kinds++)
        for (int l = *kinds == 'a' ? 0 : 1; l <= (*kinds == 'a' ? L - 1 : L); l++)
            set_matrix(variable(to, *kinds, l), variable(from, *kinds, l));
}

__attribute__((unused)) static void free_iterate(iterate *x, int L)
{
    for (int l = 0; l <= L; l++)
        for (const char *kind = "zWba"; *kind; kind++)
            ipd_matrix_free(variable(x, *kind, l));
}

__attribute__((unused)) static double sigma(const ipd_network *net, double x)
{
    const char *name = net->L > 1 ? net->sigma[1]->name : "identity";
    if (!strcmp(name, "relu"))
        return x < 0 ? 0 : x;
    if (!strcmp(name, "leaky_relu"))
        return x < 0 ? (double)0.01f * x : x;
    if (!strcmp(name, "hard_tanh"))
        return x < -1 ? -1 : x > 1 ? 1 : x;
    if (!strcmp(name, "tanh"))
        return tanh(x);
    return strcmp(name, "sigmoid") ? x : 1 / (1 + exp(-x));
}

__attribute__((unused)) static double at(const ipd_matrix *m, size_t i, size_t j)
{
    return m->data[i + j * m->rows];
}

/* (W_l a_{l-1} + b_l)_in, from the raw arrays. */
__attribute__((unused)) static double product(iterate *x, int l, size_t i, size_t n)
{
    const ipd_matrix *W = &x->W[l], *a = &x->a[l - 1];
    double sum = x->b[l].data[i];
    for (size_t k = 0; k < W->cols; k++)
        sum += at(W, i, k) * at(a, k, n);
    return sum;
}

/* The sizes of its terms: float rounding is in proportion to this, however small the sum. */
__attribute__((unused)) static double product_size(iterate *x, int l, size_t i, size_t n)
{
    const ipd_matrix *W = &x->W[l], *a = &x->a[l - 1];
    double sum = fabs(x->b[l].data[i]);
    for (size_t k = 0; k < W->cols; k++)
        sum += fabs(at(W, i, k) * at(a, k, n));
    return sum;
}

/* The loss of one sample's d outputs. */
__attribute__((unused)) static double loss_of(const ipd_network *net, const float *y,
                                              const float *z, size_t d)
{
    double sum = 0, max = -INFINITY;
    if (!strcmp(net->loss->name, "cross_entropy")) {
        for (size_t i = 0; i < d; i++)
            max = fmax(max, z[i]);
        for (size_t i = 0; i < d; i++)
            sum += exp(z[i] - max);
        sum = max + log(sum);
        for (size_t i = 0; i < d; i++)
            sum -= (double)y[i] * z[i];
        return sum;
    }
    for (size_t i = 0; i < d; i++)
        sum += !strcmp(net->loss->name, "hinge")
                   ? fmax(0, 1 - (double)y[i] * z[i])
                   : 0.5 * ((double)z[i] - y[i]) * ((double)z[i] - y[i]);
    return sum;
}

/* The parts of Phi; the regularizer is the caller's to set. */
typedef struct parts {
    double loss, regularizer, linear[DEEPEST + 2], activation[DEEPEST + 2];
} parts;

__attribute__((unused)) static parts measure(const ipd_network *net, iterate *x,
                                             const ipd_matrix *Y)
{
    parts s = {0};
    for (int l = 1; l <= net->L; l++)
        for (size_t n = 0; n < x->z[l].cols; n++)
            for (size_t i = 0; i < x->z[l].rows; i++) {
                double z = at(&x->z[l], i, n), gap = z - product(x, l, i, n), fit;
                s.linear[l] += gap * gap;
                if (l == net->L && i == 0)
                    s.loss +=
                        loss_of(net, Y->data + n * Y->rows, x->z[l].data + n * Y->rows, Y->rows);
                if (l < net->L) {
                    fit = at(&x->a[l], i, n) - sigma(net, z);
                    s.activation[l] += fit * fit;
                }
            }
    return s;
}

__attribute__((unused)) static double phi_of(const parts *s, int L, double rho)
{
    double gaps = 0;
    for (int l = 1; l <= L; l++)
        gaps += s->linear[l] + (l < L ? s->activation[l] : 0);
    return s->loss + s->regularizer + rho / 2 * gaps;
}

__attribute__((unused)) static double distance(const ipd_matrix *x, const ipd_matrix *y)
{
    double sum = 0;
    for (size_t i = 0; i < x->rows * x->cols; i++)
        sum += ((double)x->data[i] - y->data[i]) * ((double)x->data[i] - y->data[i]);
    return sum;
}

/* Square of what float rounding of products and of what is stored brings into the gaps. */
__attribute__((unused)) static double rounding_floor(iterate *x, int L)
{
    double sum = 0;
    for (int l = 1; l <= L; l++)
        for (size_t n = 0; n < x->z[l].cols; n++)
            for (size_t i = 0; i < x->z[l].rows; i++) {
                double size = fabs(at(&x->z[l], i, n)) + product_size(x, l, i, n);
                sum += size * size;
            }
    return 1e-13 * sum;
}

/* delta = 0 with inertia may diverge, as it should: beyond some size nothing can be told from
 * rounding. */
__attribute__((unused)) static double largest_weight(const ipd_variables *v)
{
    double max = 0;
    for (int l = 1; l <= v->net->L; l++)
        for (size_t i = 0; i < v->net->W[l].rows * v->net->W[l].cols; i++)
            max = fmax(max, fabs(v->net->W[l].data[i]));
    return max;
}

/* Another loss for a problem that is made: its targets. */
__attribute__((unused)) static void set_loss(problem *p, const char *loss)
{
    ipd_error e;
    p->net.loss = ipd_loss_find(loss);
    ipd_matrix_free(&p->Y);
    if (ipd_targets(&p->Y, p->net.loss, p->labels, p->N, p->net.d[p->net.L], &e))
        fatal(&e);
}

/* The penalty of this weight on all layers. */
__attribute__((unused)) static void set_penalty(problem *p, const char *name, double lambda)
{
    for (int l = 1; l <= p->net.L; l++)
        p->par.penalty[l] = ipd_regularizer_find(name)->penalty(lambda, 0.5);
}

/* A random order that relaxed_am accepts: a name, or a list with each W after its z. */
__attribute__((unused)) static void downward_order(ipd_random *r, ipd_order *order, int L)
{
    ipd_error e;
    size_t which = ipd_random_below(r, 3);
    if (ipd_method_order(&ipd_method_relaxed_am, order, which ? "parallel" : "nested_reverse", L,
                         &e))
        fatal(&e);
    for (int l = 1; l <= L && which > 1; l++) { /* from the end on, W_1 being the last */
        int at = order->count - 1;
        while (order->blocks[at].kind != IPD_W || order->blocks[at].layer != l)
            at--;
        for (; ipd_random_below(r, 4); at--) {
            ipd_block before = order->blocks[at - 1];
            if (before.kind == IPD_Z && before.layer == l)
                break;
            order->blocks[at - 1] = order->blocks[at];
            order->blocks[at] = before;
        }
    }
    if (which > 1)
        strcpy(order->name, "custom");
}

/* Changes the parameters to ones that relaxed_am accepts, see its check in ipd_settings_check. */
__attribute__((unused)) static void settle_relaxed(problem *p, ipd_parameters *par, ipd_random *r)
{
    static const char *const activations[] = {"relu", "leaky_relu", "identity"};
    for (int l = 1; p && l < p->net.L; l++)
        p->net.sigma[l] = ipd_activation_find(activations[ipd_random_below(r, 3)]);
    memset(par->penalty, 0, sizeof par->penalty);
    par->batch = par->batch ? par->batch : 2;
    par->inner = 1;
    par->beta = par->beta < 1 ? par->beta : 0.9;
    par->relaxed = (ipd_relaxed_parameters){.kappa = 0.1,
                                            .bias_share = 0.2,
                                            .relax_a = between(r, 0.5, 1.9),
                                            .relax_z = 1.6,
                                            .relax_cap = 1.95,
                                            .shrink = ipd_random_below(r, 2) ? 0 : 0.01,
                                            .by_norm = (int)ipd_random_below(r, 2)};
    int L = (par->order.count + 1) / 3, rule = (int)ipd_random_below(r, 3);
    double hidden = rule ? between(r, 1, 5) : 2.0 * (L - 1);
    for (int l = 1; l <= L; l++) /* by layer; one for the hidden layers; auto */
        par->relaxed.damping[l] = l == L      ? between(r, 3, 30)
                                  : rule == 2 ? between(r, 0.5, 8)
                                              : hidden;
    downward_order(r, &par->order, L);
}

#endif
