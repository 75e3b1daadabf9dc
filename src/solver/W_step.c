/* W_step.c - step 6 of Algorithm 1: W_l, then b_l.
 *
 *   W_l := ((z_l - b_l) a^T + delta W^_l) (a a^T + delta I)^{-1}      a = a_{l-1}, b_l still the
 * old one b_l := (sum_n (z_l - W_l a)_n + delta b^_l)/(n + delta)           with the new W_l
 *
 * computed as steps from where they are, which keeps rounding in proportion to the step:
 * with E = z_l - p_l,
 *
 *   W_l += (E a^T + delta (W^_l - W_l)) (a a^T + delta I)^{-1}.
 *
 * Where there are fewer samples than inputs the smaller side is inverted instead: with
 * E^ = z_l - b_l - W^_l a and S = E^ (a^T a + delta I)^{-1},
 *
 *   W_l := W^_l + S a^T,   and what is left is z_l - b_l - W_l a = delta S,
 *
 * so the product p_l costs nothing. delta = 0 means the limit delta -> 0: where the Gram matrix is
 * singular, its pseudo-inverse (singular values of a below 1e-5 of the largest count as zero).
 */
#include "base/parallel.h"
#include "base/vector.h"
#include "solver/steps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Singular values of a under this share of the largest count as zero. */
#define RANK_TOLERANCE 1e-5
/* Products of float are good enough while delta is at least this share of the Gram matrix's largest
 * diagonal element. Below it their rounding, which (a a^T + delta I)^{-1} amplifies by up to that
 * ratio, would spoil the fit: everything that it meets is double then. */
#define FLOAT_GRAM 1e-3

void ipd_gram_free(ipd_gram *g)
{
    ipd_matrix64_free(&g->G);
    ipd_matrix64_free(&g->F);
    free(g->values);
    *g = (ipd_gram){0};
}

static double largest_diagonal(const ipd_matrix64 *G)
{
    double most = 0;
    for (size_t i = 0; i < G->rows; i++)
        most = G->data[i * (G->rows + 1)] <= most ? most : G->data[i * (G->rows + 1)];
    return most;
}

static void form_gram(const ipd_matrix *A, int small, ipd_matrix64 *G, int exact)
{
    if (small)
        ipd_inner_gram(A, G, exact);
    else
        ipd_sum_outer(A, A, G, exact);
}

/* F := factor of G + delta I; -1 where it is not positive definite. */
static int factor(const ipd_matrix64 *G, double delta, ipd_matrix64 *F)
{
    memcpy(F->data, G->data, G->rows * G->cols * sizeof *G->data);
    for (size_t i = 0; i < G->rows; i++)
        F->data[i * (G->rows + 1)] += delta;
    return ipd_cholesky64(F);
}

/* delta = 0: a plain inverse where no singular value is near the tolerance, else eigenvectors. */
static int factor_limit(ipd_gram *g, ipd_error *e)
{
    size_t n = g->G.rows;
    double least = RANK_TOLERANCE * RANK_TOLERANCE;
    g->rank = (double)n;
    if (factor(&g->G, 0, &g->F) == 0 &&
        ipd_rcond64(&g->F, ipd_norm1_64(&g->G)) > 10 * (double)n * least)
        return 0;
    memcpy(g->F.data, g->G.data, n * n * sizeof *g->G.data);
    if (!(g->values = ipd_allocate(n, sizeof *g->values, e)) || ipd_eigen64(&g->F, g->values, e))
        return -1;
    g->rank = 0;
    for (size_t i = 0; i < n; i++)
        g->rank += g->values[i] > least * g->values[n - 1];
    return 0;
}

/* Factors g->G for delta. */
static int gram_factor(ipd_gram *g, double delta, ipd_error *e)
{
    g->delta = delta;
    g->rank = NAN;
    free(g->values);
    g->values = NULL;
    for (size_t i = 0; i < g->G.rows * g->G.cols; i++)
        if (!isfinite(g->G.data[i])) {
            g->not_finite = 1;
            return 0;
        }
    if (delta == 0)
        return factor_limit(g, e);
    if (factor(&g->G, delta, &g->F) == 0)
        return 0;
    return ipd_fail(e, IPD_ENUMERIC,
                    "the Gram matrix plus delta = %g is not positive definite in double precision: "
                    "use a larger delta, or 0 for the pseudo-inverse",
                    delta);
}

/* Forms and factors the Gram matrix of A on the smaller side. */
static int gram_make(ipd_gram *g, const ipd_matrix *A, int small, double delta, int exact,
                     ipd_error *e)
{
    size_t n = small ? A->cols : A->rows;
    if (ipd_matrix64_init(&g->G, n, n, e) || ipd_matrix64_init(&g->F, n, n, e))
        return -1;
    exact |= delta == 0;
    form_gram(A, small, &g->G, exact);
    if (!exact && delta < FLOAT_GRAM * largest_diagonal(&g->G))
        form_gram(A, small, &g->G, 1);
    return gram_factor(g, delta, e);
}

/* R := R (G + delta I)^{-1}, or R G^+. */
static int gram_solve(const ipd_gram *g, ipd_matrix64 *R, ipd_error *e)
{
    size_t n = g->G.rows;
    ipd_matrix64 T;
    if (!g->values) {
        ipd_cholesky_solve_right64(&g->F, R);
        return 0;
    }
    if (ipd_matrix64_init(&T, R->rows, n, e))
        return -1;
    ipd_multiply64(IPD_PLAIN, IPD_PLAIN, 1, R, &g->F, 0, &T);
    for (size_t i = 0; i < n; i++) {
        double least = RANK_TOLERANCE * RANK_TOLERANCE * g->values[n - 1];
        double scale = g->values[i] > least ? 1 / g->values[i] : 0;
        for (size_t r = 0; r < T.rows; r++)
            T.data[r + i * T.rows] *= scale;
    }
    ipd_multiply64(IPD_PLAIN, IPD_TRANSPOSED, 1, &T, &g->F, 0, R);
    ipd_matrix64_free(&T);
    return 0;
}

typedef struct W_job {
    ipd_solver *s;
    int l;
    ipd_tiling tiling; /* of d_l x n */
    const ipd_matrix *W_hat;
    const ipd_matrix64 *S;
    double scale; /* what is left is scale S */
    const float *b_step;
} W_job;

/* p := z - p, what W_l has still to explain. */
static void residual_tile(void *context, size_t task, int thread)
{
    W_job *j = context;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d;
    (void)thread;
    for (size_t n = t.first; n < t.first + t.samples; n++) {
        const float *z = j->s->v.z[j->l].data + t.row + n * d;
        float *p = j->s->v.p[j->l].data + t.row + n * d;
        for (size_t i = 0; i < t.rows; i++)
            p[i] = z[i] - p[i];
    }
}

/* p := z - b - W^ a, the same for the predicted W. */
static void predicted_residual_tile(void *context, size_t task, int thread)
{
    W_job *j = context;
    ipd_variables *v = &j->s->v;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d, from = v->net->d[j->l - 1];
    float *p = v->p[j->l].data + t.row + t.first * d;
    const float *z = v->z[j->l].data + t.row + t.first * d, *b = v->net->b[j->l].data + t.row;
    (void)thread;
    for (size_t n = 0; n < t.samples; n++)
        for (size_t i = 0; i < t.rows; i++)
            p[i + n * d] = z[i + n * d] - b[i];
    ipd_sgemm(IPD_PLAIN, IPD_PLAIN, t.rows, t.samples, from, -1, j->W_hat->data + t.row, d,
              v->a[j->l - 1].data + t.first * from, from, 1, p, d);
}

/* p := z - scale S + (b - b_old), the product with the new W and b. */
static void product_tile(void *context, size_t task, int thread)
{
    W_job *j = context;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d;
    (void)thread;
    for (size_t n = t.first; n < t.first + t.samples; n++) {
        const float *z = j->s->v.z[j->l].data + t.row + n * d;
        const double *S = j->S->data + t.row + n * d;
        float *p = j->s->v.p[j->l].data + t.row + n * d;
        for (size_t i = 0; i < t.rows; i++)
            p[i] = (float)(z[i] - j->scale * S[i] + j->b_step[t.row + i]);
        j->s->partial[task] += ipd_sum_squared_difference(z, p, t.rows);
    }
}

/* sum over columns of M, as double; rows are few enough for one thread. */
static void row_sums(const ipd_matrix *M, double *to)
{
    memset(to, 0, M->rows * sizeof *to);
    for (size_t n = 0; n < M->cols; n++)
        ipd_accumulate(to, M->data + n * M->rows, M->rows);
}

/* b_l moves by (left + delta (b^ - b))/(n + delta), where left[i] is the sum of what is left with
 * the new W and the old b. Writes the step to b_step (may be NULL); returns the sum of squares of
 * the steps in *moved, and in *pulled by how much the proximal term grew, without delta. */
static void b_step(ipd_solver *s, int l, const double *left, float *step, double *moved,
                   double *pulled)
{
    ipd_variables *v = &s->v;
    float *b = v->net->b[l].data, *old = v->b_old[l].data;
    double n = (double)v->n, delta = s->par.delta, beta = s->par.beta;
    *moved = *pulled = 0;
    for (size_t i = 0; i < v->net->d[l]; i++) {
        double ahead = beta * ((double)b[i] - old[i]); /* b^ - b */
        float new = (float)(b[i] + (left[i] + delta * ahead) / (n + delta));
        double by = (double)new - b[i];
        *moved += by * by;
        *pulled += (by - ahead) * (by - ahead) - ahead * ahead;
        old[i] = new;
        if (step)
            step[i] = (float)by;
    }
    ipd_matrix_swap(&v->net->b[l], &v->b_old[l]);
    s->sums.step_b[l] = *moved;
}

/* Fewer inputs than samples: a step from where W is. */
static int large_side(ipd_solver *s, int l, const ipd_gram *g, int later, ipd_error *e)
{
    ipd_variables *v = &s->v;
    ipd_matrix *W = &v->net->W[l], *old = &v->W_old[l];
    size_t rows = W->rows, cols = W->cols;
    double delta = s->par.delta, beta = s->par.beta;
    W_job j = {.s = s, .l = l, .tiling = ipd_tiling_of(rows, v->n, 0)};
    ipd_matrix64 R = {0}, D = {0};
    double *a_sum = NULL, *left = NULL;
    int result = -1;
    if (ipd_product_step(s, l, e) || ipd_matrix64_init(&R, rows, cols, e) ||
        ipd_matrix64_init(&D, rows, cols, e) || !(a_sum = ipd_allocate(cols, sizeof *a_sum, e)) ||
        !(left = ipd_allocate(rows, sizeof *left, e)))
        goto cleanup;
    ipd_parallel_for(j.tiling.count, residual_tile, &j);
    v->p_valid[l] = 0;
    row_sums(&v->p[l], left);
    row_sums(&v->a[l - 1], a_sum);
    ipd_sum_outer(&v->p[l], &v->a[l - 1], &R, g->values != NULL);
    if (g->values) { /* the limit: nothing pulls but where a has no say, and there it is W^ that
                        stays */
        for (size_t i = 0; i < rows * cols; i++)
            D.data[i] = beta * ((double)W->data[i] - old->data[i]);
        ipd_multiply64(IPD_PLAIN, IPD_PLAIN, -1, &D, &g->G, 1, &R);
    } else {
        for (size_t i = 0; i < rows * cols; i++)
            R.data[i] += delta * beta * ((double)W->data[i] - old->data[i]);
    }
    memcpy(D.data, R.data, rows * cols * sizeof *D.data);
    if (gram_solve(g, &D, e))
        goto cleanup;
    /* The block's objective falls by <step, right-hand side>, so the gap needs no product. */
    double gap = s->sums.linear[l], moved = 0;
    for (size_t i = 0; i < rows * cols; i++) {
        double ahead = beta * ((double)W->data[i] - old->data[i]);
        float new = (float)(W->data[i] + D.data[i] + (g->values ? ahead : 0));
        double by = (double)new - W->data[i];
        gap -= D.data[i] * R.data[i] + delta * ((by - ahead) * (by - ahead) - ahead * ahead);
        moved += by * by;
        D.data[i] = by;
        old->data[i] = new;
    }
    for (size_t k = 0; k < cols; k++)
        for (size_t i = 0; i < rows; i++)
            left[i] -= D.data[i + k * rows] * a_sum[k];
    ipd_matrix_swap(&v->net->W[l], &v->W_old[l]);
    s->sums.step_W[l] = moved;
    double b_moved, b_pulled;
    b_step(s, l, left, NULL, &b_moved, &b_pulled);
    gap -= ((double)v->n + delta) * b_moved + delta * b_pulled;
    s->sums.linear[l] = gap < 0 ? 0 : gap; /* rounding */
    result = later && !g->values ? 0 : ipd_product_step(s, l, e);
cleanup:
    ipd_matrix64_free(&R);
    ipd_matrix64_free(&D);
    free(a_sum);
    free(left);
    return result;
}

/* W^ += S a^T, where W_hat is. Little is added where S is moderate, and float does; else the
 * columns of S are large and cancel, and only in double do they. */
static int add_outer(const ipd_matrix64 *S, const ipd_matrix *A, int exact, ipd_matrix *room,
                     ipd_matrix *W_hat, ipd_error *e)
{
    ipd_matrix64 A64 = {0}, sum = {0};
    int result = -1;
    if (!exact) {
        for (size_t i = 0; i < S->rows * S->cols; i++)
            room->data[i] = (float)S->data[i];
        ipd_multiply(IPD_PLAIN, IPD_TRANSPOSED, 1, room, A, 1, W_hat);
        return 0;
    }
    if (ipd_matrix64_init(&A64, A->rows, A->cols, e) ||
        ipd_matrix64_init(&sum, W_hat->rows, W_hat->cols, e))
        goto cleanup;
    for (size_t i = 0; i < A->rows * A->cols; i++)
        A64.data[i] = A->data[i];
    ipd_multiply64(IPD_PLAIN, IPD_TRANSPOSED, 1, S, &A64, 0, &sum);
    for (size_t i = 0; i < W_hat->rows * W_hat->cols; i++)
        W_hat->data[i] = (float)(W_hat->data[i] + sum.data[i]);
    result = 0;
cleanup:
    ipd_matrix64_free(&A64);
    ipd_matrix64_free(&sum);
    return result;
}

/* Fewer samples than inputs: the least change to W^ that fits them. */
static int small_side(ipd_solver *s, int l, const ipd_gram *g, ipd_error *e)
{
    ipd_variables *v = &s->v;
    ipd_matrix *W = &v->net->W[l], *old = &v->W_old[l], step = {0};
    size_t rows = W->rows, cols = W->cols, n = v->n;
    double delta = s->par.delta, *left = NULL, moved, pulled;
    ipd_matrix64 S = {0};
    W_job j = {
        .s = s, .l = l, .tiling = ipd_tiling_of(rows, n, 0), .W_hat = old, .S = &S, .scale = delta};
    int result = -1;
    if (ipd_matrix64_init(&S, rows, n, e) || ipd_matrix_init(&step, rows, 1, e) ||
        !(left = ipd_allocate(rows, sizeof *left, e)) ||
        ipd_solver_room(s, 0, j.tiling.count, 1, e))
        goto cleanup;
    ipd_predict(W->data, old->data, (float)s->par.beta, old->data, rows * cols); /* W^ */
    ipd_parallel_for(j.tiling.count, predicted_residual_tile, &j);
    ipd_flops_add(2 * (uint64_t)rows * cols * n);
    for (size_t i = 0; i < rows * n; i++)
        S.data[i] = v->p[l].data[i];
    if (gram_solve(g, &S, e))
        goto cleanup;
    if (add_outer(&S, &v->a[l - 1], delta < FLOAT_GRAM * largest_diagonal(&g->G), &v->p[l], old, e))
        goto cleanup;
    ipd_matrix_swap(&v->net->W[l], &v->W_old[l]);
    s->sums.step_W[l] = ipd_sum_squared_difference(W->data, old->data, rows * cols);
    v->p_valid[l] = 0;
    if (g->values) { /* what is left is not delta S but what no W can fit */
        j.W_hat = W;
        j.scale = 1;
        ipd_parallel_for(j.tiling.count, predicted_residual_tile, &j);
        ipd_flops_add(2 * (uint64_t)rows * cols * n);
        for (size_t i = 0; i < rows * n; i++)
            S.data[i] = v->p[l].data[i];
    }
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < rows; i++)
            left[i] += j.scale * S.data[i + k * rows];
    b_step(s, l, left, step.data, &moved, &pulled);
    j.b_step = step.data;
    ipd_parallel_for(j.tiling.count, product_tile, &j);
    s->sums.linear[l] = 0;
    for (size_t t = 0; t < j.tiling.count; t++)
        s->sums.linear[l] += s->partial[t];
    v->p_valid[l] = 1;
    result = 0;
cleanup:
    ipd_matrix64_free(&S);
    ipd_matrix_free(&step);
    free(left);
    return result;
}

/* Finds g for W_l: made, or what is kept of the data. What is made goes to *made, for the caller to
 * free. */
static int gram_for(ipd_solver *s, int l, int small, ipd_gram **g, ipd_gram *made, ipd_error *e)
{
    ipd_gram *kept = &s->data_gram;
    if (l > 1 || !s->same_data) {
        *g = made;
        return gram_make(made, &s->v.a[l - 1], small, s->par.delta, 0, e);
    }
    *g = kept;
    if (kept->G.data && kept->delta == s->par.delta)
        return 0;
    if (kept->G.data)
        return gram_factor(kept, s->par.delta, e);
    return gram_make(kept, &s->v.a[0], small, s->par.delta, 1, e); /* once a run: all in double */
}

int ipd_W_step(ipd_solver *s, int l, int later, ipd_error *e)
{
    int small = s->v.n < s->v.net->d[l - 1], result;
    ipd_gram made = {0}, *g;
    if ((result = gram_for(s, l, small, &g, &made, e)) == 0) {
        s->rank[l] = g->rank;
        if (g->not_finite)
            s->sums.linear[l] = NAN;
        else
            result = small ? small_side(s, l, g, e) : large_side(s, l, g, later, e);
    }
    ipd_gram_free(&made);
    return result;
}
