/* audit_relaxed.c - checks the blocks of relaxed_am, in double from the raw arrays; see
 * relaxed_am.c.
 *
 * Predictions and the forward pass are checked when samples are loaded. After a block, with p of
 * that pass:
 *
 *   z_L       minimises loss + rho/2 |z - p_L|^2
 *   W_l, b_l  minimise |z_l - W A - b|^2 + delta_l (|W - W^_l|^2 + |b - b^_l|^2/s^2) with
 *             A = sigma(p_{l-1}), and R_l is the residual
 *   a_l       is sigma(p_l) + omega t G, and |z_{l+1} - W a - b|^2 + kappa |a - sigma(p_l)|^2 has
 *             not risen
 *   z_l       is p_l + omega (z* - p_l), and |sigma(z) - a_l|^2 has not risen
 *
 * Rounding: the solver's floats are accurate to a fraction of the sizes of their terms. A W-step
 * inverts a samples x samples matrix, whose condition is at most 1 + n/c_l and amplifies rounding
 * by as much.
 */
#include "base/vector.h"
#include "solver/audit_checks.h"

#include <math.h>
#include <string.h>

/* Explained rounding of products and results from them, of elementwise results, of an objective. */
#define PRODUCT 1e-5
#define ELEMENT 1e-6
#define RISE 1e-6

/* One product W A (rows x cols and cols x n); pointers into the audit's scratch. */
typedef struct relaxed_check {
    ipd_audit *audit;
    const ipd_solver *s;
    int l; /* of W */
    size_t rows, cols, n;
    ipd_matrix64 W, A, E;    /* E: z - W A - b */
    double *W_size, *A_size; /* norms of W's rows, of A's columns */
    double *W_hat, *G;       /* rows x cols each, of W-blocks */
    ipd_matrix64 B, C, F;    /* cols x n twice, rows x n */
} relaxed_check;

static size_t relaxed_scratch(const ipd_network *net, ipd_block block, size_t n)
{
    int l = block.kind == IPD_A ? block.layer + 1 : block.layer;
    size_t rows = net->d[l], cols = net->d[l - 1];
    size_t tiles = (n / IPD_AUDIT_TILE + 2) * sizeof(ipd_verdict) / sizeof(double); /* of z_L */
    return 3 * (rows * cols + cols * n + rows * n) + rows + cols + 2 * n + tiles;
}

static relaxed_check check_of(ipd_audit *audit, const ipd_solver *s, int l)
{
    relaxed_check c = {.audit = audit, .s = s, .l = l, .n = s->v.n};
    double *at = audit->scratch;
    size_t rows = c.rows = s->v.net->d[l], cols = c.cols = s->v.net->d[l - 1], n = c.n;
    c.W = (ipd_matrix64){rows, cols, ipd_audit_carve(&at, rows * cols)};
    c.W_hat = ipd_audit_carve(&at, rows * cols);
    c.G = ipd_audit_carve(&at, rows * cols);
    c.A = (ipd_matrix64){cols, n, ipd_audit_carve(&at, cols * n)};
    c.B = (ipd_matrix64){cols, n, ipd_audit_carve(&at, cols * n)};
    c.C = (ipd_matrix64){cols, n, ipd_audit_carve(&at, cols * n)};
    c.E = (ipd_matrix64){rows, n, ipd_audit_carve(&at, rows * n)};
    c.F = (ipd_matrix64){rows, n, ipd_audit_carve(&at, rows * n)};
    c.W_size = ipd_audit_carve(&at, rows);
    c.A_size = ipd_audit_carve(&at, n);
    return c;
}

static double square(double x)
{
    return x * x;
}

static double sum_squares(const double *x, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += x[i] * x[i];
    return sum;
}

/* sigma(p_l) of sample n, in a buffer of d_l; for l = 0 the sample itself. */
static const float *forward_sample(const ipd_solver *s, int l, size_t n, float *to)
{
    size_t d = s->v.net->d[l];
    if (l == 0)
        return s->v.a[0].data + n * d;
    ipd_activation_apply(s->v.net->sigma[l], s->v.p[l].data + n * d, to, d);
    return to;
}

/* A := sigma(p_{l-1}), E := z_l - W A - b, and their sizes. C is scratch. */
static void residual_of(relaxed_check *c, const ipd_matrix *W, const ipd_matrix *b)
{
    const ipd_variables *v = &c->s->v;
    ipd_widen(W->data, c->W.data, c->rows * c->cols);
    memset(c->W_size, 0, c->rows * sizeof *c->W_size);
    ipd_audit_add_row_norms(W->data, c->rows, c->cols, c->W_size);
    for (size_t n = 0; n < c->n; n++)
        ipd_widen(forward_sample(c->s, c->l - 1, n, (float *)(void *)c->C.data),
                  c->A.data + n * c->cols, c->cols);
    ipd_audit_column_norms(c->A.data, c->cols, c->n, c->A_size);
    ipd_multiply64(IPD_PLAIN, IPD_PLAIN, -1, &c->W, &c->A, 0, &c->E);
    for (size_t at = 0; at < c->rows * c->n; at++)
        c->E.data[at] += (double)v->z[c->l].data[at] - b->data[at % c->rows];
}

/* Size of the terms of (z - W A - b)_in. */
static double term_size(const relaxed_check *c, const ipd_matrix *b, size_t i, size_t n)
{
    return fabs((double)c->s->v.z[c->l].data[i + n * c->rows]) + fabs((double)b->data[i]) +
           c->W_size[i] * c->A_size[n];
}

static int keep_past(ipd_audit *audit, const ipd_solver *s, size_t n, ipd_error *e)
{
    const ipd_variables *v = &s->v;
    for (int l = 1; l <= v->net->L; l++) {
        int index = ipd_block_index((ipd_block){IPD_W, l}, v->net->L);
        if (ipd_audit_reserve(audit, v->net, (ipd_block){IPD_W, l}, n, e) ||
            ipd_audit_keep(&audit->past[l], &v->W_old[l], e) ||
            ipd_audit_keep(&audit->past_b[l], &v->b_old[l], e))
            return -1;
        ipd_audit_follow(audit, index, ipd_audit_print(&v->net->W[l], &v->net->b[l]),
                         ipd_audit_print(&v->W_old[l], &v->b_old[l]));
    }
    return 0;
}

/* Compares hat with keep (x + beta (x - old)). */
static void check_prediction(const ipd_matrix *x, const ipd_matrix *old, const ipd_matrix *hat,
                             double beta, double keep, ipd_verdict *v)
{
    for (size_t i = 0; i < x->rows * x->cols; i++) {
        double now = x->data[i], was = old->data[i];
        ipd_verdict_worst(v, fabs(hat->data[i] - keep * (now + beta * (now - was))),
                          ELEMENT * ((1 + beta) * fabs(now) + beta * fabs(was)) + AUDIT_TINY);
    }
}

/* Reports an error of loading before any finding of blocks. */
static void judge_loading(ipd_audit *audit, const ipd_verdict *v, const char *what, int l)
{
    if (v->residual > v->explained)
        ipd_audit_find(audit, "%s %d is off by %.3g where rounding explains %.2g", what, l,
                       v->residual, v->explained);
    ipd_audit_judge(audit, v, l, 1);
}

static void loaded(ipd_audit *audit, const ipd_solver *s)
{
    const ipd_variables *v = &s->v;
    for (int l = 1; l <= v->net->L; l++) {
        relaxed_check c = check_of(audit, s, l);
        int frozen = s->par.frozen[ipd_block_index((ipd_block){IPD_W, l}, v->net->L)];
        double beta = frozen ? 0 : s->par.beta, keep = frozen ? 1 : 1 - s->par.relaxed.shrink;
        ipd_verdict hat = {.part = 'W'}, p = {.part = 'p'};
        check_prediction(&v->net->W[l], &audit->past[l], &v->W_old[l], beta, keep, &hat);
        check_prediction(&v->net->b[l], &audit->past_b[l], &v->b_old[l], beta, 1, &hat);
        judge_loading(audit, &hat, "the prediction of W in layer", l);
        residual_of(&c, &v->W_old[l], &v->b_old[l]); /* z is still p */
        for (size_t n = 0; n < c.n; n++)
            for (size_t i = 0; i < c.rows; i++)
                ipd_verdict_worst(&p, fabs(c.E.data[i + n * c.rows]),
                                  PRODUCT * term_size(&c, &v->b_old[l], i, n) + AUDIT_TINY);
        if (memcmp(v->z[l].data, v->p[l].data, c.rows * c.n * sizeof(float)))
            ipd_audit_find(audit, "z%d does not begin at the forward pass", l);
        judge_loading(audit, &p, "the forward pass in layer", l);
    }
}

/* Norm over samples of the terms of row i of W's residual, plus their rounding as amplified by the
 * inverse. */
static double row_size(const relaxed_check *c, const ipd_matrix *b, size_t i, double condition)
{
    double terms = 0, left = 0;
    for (size_t n = 0; n < c->n; n++) {
        terms += square(term_size(c, b, i, n));
        left += square(c->F.data[i + n * c->rows]);
    }
    return sqrt(terms) + condition * sqrt(left);
}

/* Normal equations of W_l and b_l: E A^T = delta (W - W^), E 1 = delta/s^2 (b - b^); and R_l is
 * E. */
static void check_equations(relaxed_check *c, double s2, double delta, ipd_verdict *W,
                            ipd_verdict *b, ipd_verdict *R)
{
    const ipd_variables *v = &c->s->v;
    const ipd_matrix *bias = &v->net->b[c->l], *hat = &c->audit->b_old;
    ipd_matrix64 G = {c->rows, c->cols, c->G};
    double condition = 1;
    condition += sum_squares(c->A.data, c->cols * c->n) / delta + (double)c->n * s2 / delta;
    ipd_multiply64(IPD_PLAIN, IPD_TRANSPOSED, 1, &c->E, &c->A, 0, &G);
    double *inputs = c->C.data; /* norms of A's rows */
    memset(inputs, 0, c->cols * sizeof *inputs);
    for (size_t at = 0; at < c->cols * c->n; at++)
        inputs[at % c->cols] += square(c->A.data[at]);
    for (size_t i = 0; i < c->rows; i++) {
        double size = row_size(c, bias, i, condition), sum = 0;
        for (size_t k = 0; k < c->cols; k++) {
            double now = c->W.data[i + k * c->rows], was = c->W_hat[i + k * c->rows];
            ipd_verdict_worst(W, fabs(c->G[i + k * c->rows] - delta * (now - was)),
                              PRODUCT * size * sqrt(inputs[k]) +
                                  ELEMENT * delta * (fabs(now) + fabs(was)) + AUDIT_TINY);
        }
        for (size_t n = 0; n < c->n; n++) {
            double left = c->E.data[i + n * c->rows];
            sum += left;
            ipd_verdict_worst(R, fabs(v->z_old[c->l].data[i + n * c->rows] - left),
                              PRODUCT * (term_size(c, bias, i, n) + size / sqrt((double)c->n)) +
                                  AUDIT_TINY);
        }
        double now = bias->data[i], was = hat->data[i];
        ipd_verdict_worst(b, fabs(sum - delta / s2 * (now - was)),
                          PRODUCT * size * sqrt((double)c->n) +
                              ELEMENT * delta / s2 * (fabs(now) + fabs(was)) + AUDIT_TINY);
    }
}

static void check_W(ipd_audit *audit, const ipd_solver *s, int l)
{
    const ipd_variables *v = &s->v;
    const ipd_relaxed_parameters *par = &s->par.relaxed;
    relaxed_check c = check_of(audit, s, l);
    ipd_verdict W = {.part = 'W'}, b = {.part = 'b'}, R = {.part = 'R'};
    size_t count = c.rows * c.n, weights = c.rows * c.cols;
    residual_of(&c, &audit->old, &audit->b_old);
    memcpy(c.F.data, c.E.data, count * sizeof *c.F.data); /* at the prediction */
    residual_of(&c, &v->net->W[l], &v->net->b[l]);
    ipd_widen(audit->old.data, c.W_hat, weights);
    double q = fmax(sum_squares(c.A.data, c.cols * c.n) / (double)c.n, 1e-8);
    double s2 = par->bias_share * q, delta = par->damping[l] * (q + s2);
    check_equations(&c, s2, delta, &W, &b, &R);
    W.before = sum_squares(c.F.data, count);
    W.after = sum_squares(c.E.data, count);
    for (size_t at = 0; at < weights; at++)
        W.after += delta * square(c.W.data[at] - c.W_hat[at]);
    for (size_t i = 0; i < c.rows; i++)
        W.after += delta / s2 * square((double)v->net->b[l].data[i] - audit->b_old.data[i]);
    W.rounding = RISE * W.before;
    for (size_t n = 0; n < c.n; n++)
        for (size_t i = 0; i < c.rows; i++)
            W.rounding += AUDIT_RISE * square(term_size(&c, &v->net->b[l], i, n));
    for (size_t at = 0; at < weights; at++)
        W.rounding += AUDIT_RISE * delta * square(c.W.data[at]);
    ipd_audit_judge(audit, &W, l, 1);
    ipd_audit_judge(audit, &b, l, 1);
    ipd_audit_judge(audit, &R, l, 1);
}

/* omega of a_l, as in relaxed_steps.c. have: |sigma' o t G|. */
static double omega_of(const relaxed_check *c, int l, double have)
{
    const ipd_relaxed_parameters *par = &c->s->par.relaxed;
    const ipd_variables *v = &c->s->v;
    double error = 0;
    if (!par->by_norm || l == v->net->L - 1)
        return par->relax_a;
    for (size_t at = 0; at < c->rows * c->n; at++)
        error += square((double)v->z[c->l].data[at] - v->p[c->l].data[at]);
    double want = sqrt(error * (double)c->cols / (double)c->rows);
    return have > 0 ? fmin(par->relax_cap, sqrt(want / have)) : 0;
}

/* Checks that a - sigma(p) is by G, by = omega t. Rounding of G has the size of W's columns times
 * R's terms; the first pass sums the squares of these sizes, since t depends on all of G. */
static void check_step(const relaxed_check *c, const ipd_matrix *b, double by, ipd_verdict *a)
{
    const float *new = c->s->v.a[c->l - 1].data;
    double size2 = 0, G2 = sum_squares(c->C.data, c->cols * c->n);
    double *W_cols = c->G; /* norms of W's columns */
    ipd_audit_column_norms(c->W.data, c->rows, c->cols, W_cols);
    for (int pass = 0; pass < 2; pass++)
        for (size_t n = 0; n < c->n; n++) {
            double terms = 0;
            for (size_t i = 0; i < c->rows; i++)
                terms += square(term_size(c, b, i, n));
            for (size_t k = 0; k < c->cols; k++) {
                size_t at = k + n * c->cols;
                double G = c->C.data[at], was = c->A.data[at], size = W_cols[k] * sqrt(terms);
                size2 += pass ? 0 : size * size;
                if (pass)
                    ipd_verdict_worst(
                        a, fabs(new[at] - was - by *G),
                        ELEMENT * (fabs((double)new[at]) + fabs(was)) +
                            PRODUCT * by *
                                (size + (G != 0 ? fabs(G) * (1 + sqrt(size2 / G2)) : 0)) +
                            AUDIT_TINY);
            }
        }
}

static void check_a(ipd_audit *audit, const ipd_solver *s, int l)
{
    const ipd_variables *v = &s->v;
    relaxed_check c = check_of(audit, s, l + 1);
    const ipd_matrix *W = s->waits ? &v->W_old[l + 1] : &v->net->W[l + 1];
    const ipd_matrix *b = s->waits ? &v->b_old[l + 1] : &v->net->b[l + 1];
    double kappa = s->par.relaxed.kappa, have = 0;
    ipd_verdict a = {.part = 'a'};
    residual_of(&c, W, b);
    ipd_multiply64(IPD_TRANSPOSED, IPD_PLAIN, 1, &c.W, &c.E, 0, &c.C);
    for (size_t at = 0; at < c.cols * c.n; at++) { /* C := G */
        float slope;
        ipd_activation_derivative(v->net->sigma[l], v->p[l].data + at, &slope, 1);
        c.C.data[at] *= slope;
        have += square(slope * c.C.data[at]);
        c.B.data[at] = v->a[l].data[at] - c.A.data[at]; /* the step taken */
    }
    double G2 = sum_squares(c.C.data, c.cols * c.n);
    ipd_multiply64(IPD_PLAIN, IPD_PLAIN, 1, &c.W, &c.C, 0, &c.F);
    double t = G2 > 0 ? G2 / (sum_squares(c.F.data, c.rows * c.n) + kappa * G2) : 0;
    check_step(&c, b, t * omega_of(&c, l, t * sqrt(have)), &a);
    ipd_multiply64(IPD_PLAIN, IPD_PLAIN, 1, &c.W, &c.B, 0, &c.F);
    a.before = sum_squares(c.E.data, c.rows * c.n);
    a.after = kappa * sum_squares(c.B.data, c.cols * c.n);
    a.rounding = RISE * a.before;
    for (size_t n = 0; n < c.n; n++)
        for (size_t i = 0; i < c.rows; i++) {
            a.after += square(c.E.data[i + n * c.rows] - c.F.data[i + n * c.rows]);
            a.rounding += AUDIT_RISE * square(term_size(&c, b, i, n));
        }
    ipd_audit_judge(audit, &a, l, 1);
}

static void check_z(ipd_audit *audit, const ipd_solver *s, int l)
{
    const ipd_variables *v = &s->v;
    const ipd_activation *sigma = v->net->sigma[l];
    const ipd_relaxed_parameters *par = &s->par.relaxed;
    int by_norm = par->by_norm && l < v->net->L - 1, linear = !strcmp(sigma->name, "identity");
    double omega = by_norm ? s->omega[l] : par->relax_z;
    const float minus = -1;
    float below;
    ipd_verdict verdict = {.part = 'z'};
    ipd_activation_derivative(sigma, &minus, &below, 1);
    for (size_t at = 0; at < v->net->d[l] * s->v.n; at++) {
        double p = v->p[l].data[at], a = v->a[l].data[at], z = v->z[l].data[at];
        float fit[2], from[2] = {v->p[l].data[at], v->z[l].data[at]};
        ipd_activation_apply(sigma, from, fit, 2);
        double best = linear ? a : p > 0 ? fmax(a, 0) : p + below * (a - fit[0]);
        ipd_verdict_worst(&verdict, fabs(z - p - omega * (best - p)),
                          ELEMENT * (fabs(p) + fabs(z) + 2 * fabs(a)) + AUDIT_TINY);
        verdict.before += square(fit[0] - a);
        verdict.after += square(fit[1] - a);
        verdict.rounding += AUDIT_RISE * (square(p) + square(a));
    }
    verdict.rounding += RISE * verdict.before;
    ipd_audit_judge(audit, &verdict, l, 1);
}

static void check_relaxed(ipd_audit *audit, const ipd_solver *s, ipd_block block)
{
    int l = block.layer, L = s->v.net->L;
    ipd_verdict output;
    if (s->par.frozen[ipd_block_index(block, L)])
        return;
    switch (block.kind) {
    case IPD_W:
        check_W(audit, s, l);
        return;
    case IPD_A:
        check_a(audit, s, l);
        return;
    default:
        if (l < L) {
            check_z(audit, s, l);
            return;
        }
        ipd_audit_fit(audit, s, &s->v.z[L], &audit->x, &audit->x, &s->v.p[L], (ipd_prox){0, 0},
                      &output);
        output.part = 'z';
        ipd_audit_judge(audit, &output, L, 1);
    }
}

const ipd_audit_rules ipd_audit_relaxed = {
    .scratch = relaxed_scratch, .loading = keep_past, .loaded = loaded, .check = check_relaxed};
