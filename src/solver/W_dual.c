/* W_dual.c - the W-step in dual form, for fewer samples than inputs, see W_step.c: the least
 * change to W^ that fits them. */
#include "base/parallel.h"
#include "base/vector.h"
#include "solver/W_forms.h"

#include <stdlib.h>

typedef struct W_job {
    ipd_solver *s;
    int l;
    ipd_tiling tiling; /* of d_l x n */
    const ipd_matrix *W, *W_hat;
    float shrink;      /* of W^ */
    int exact;         /* S is double, else float */
    ipd_matrix64 *S64; /* d_l x n */
    ipd_matrix *S;
    double scale; /* the residual is scale S */
    const float *b_step;
} W_job;

/* p := z - b - W^ a, the residual of the predicted W. */
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

/* Some columns of W^, built in W_old's memory, shrunk for the l2 penalty. */
static void predict_tile(void *context, size_t task, int thread)
{
    W_job *j = context;
    size_t rows = j->W->rows, first = task * IPD_W_COLUMNS,
           count = ipd_W_columns_at(j->W, task) * rows;
    float *to = j->W_hat->data + first * rows;
    (void)thread;
    ipd_predict(j->W->data + first * rows, to, (float)ipd_prox_of(j->s, IPD_W, j->l).inertia, to,
                count);
    for (size_t i = 0; j->shrink != 1 && i < count; i++)
        to[i] *= j->shrink;
}

static void step_tile(void *context, size_t task, int thread)
{
    W_job *j = context;
    size_t at = task * IPD_W_COLUMNS * j->W->rows;
    (void)thread;
    j->s->partial[task] = ipd_sum_squared_difference(j->W->data + at, j->W_hat->data + at,
                                                     ipd_W_columns_at(j->W, task) * j->W->rows);
}

IPD_CLONES static void new_product64(const float *z, const double *S, const float *b, double scale,
                                     float *p, size_t count)
{
    for (size_t i = 0; i < count; i++)
        p[i] = (float)(z[i] - scale * S[i] + b[i]);
}

IPD_CLONES static void new_product(const float *z, const float *S, const float *b, double scale,
                                   float *p, size_t count)
{
    for (size_t i = 0; i < count; i++)
        p[i] = (float)(z[i] - scale * S[i] + b[i]);
}

/* p := z - scale S + (b - b_old), the product with the new W and b. */
static void product_tile(void *context, size_t task, int thread)
{
    W_job *j = context;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d;
    (void)thread;
    for (size_t n = t.first; n < t.first + t.samples; n++) {
        size_t at = t.row + n * d;
        const float *z = j->s->v.z[j->l].data + at, *b = j->b_step + t.row;
        float *p = j->s->v.p[j->l].data + at;
        if (j->exact)
            new_product64(z, j->S64->data + at, b, j->scale, p, t.rows);
        else
            new_product(z, j->S->data + at, b, j->scale, p, t.rows);
        j->s->partial[task] += ipd_sum_squared_difference(z, p, t.rows);
    }
}

/* S := p (G + kappa I)^{-1}. In float if S is moderate; otherwise its columns are large and cancel,
 * which needs double. An inverse pays off only for enough rows. */
static int solve_dual(W_job *j, const ipd_gram *g, ipd_error *e)
{
    const ipd_matrix *p = &j->s->v.p[j->l];
    size_t rows = p->rows, n = p->cols;
    ipd_matrix64 S = {0};
    int result = -1;
    if (ipd_gram_is_well_conditioned(g) && 2 * rows >= n)
        return ipd_gram_solve_float(g, p, j->S, e);
    if (!j->exact && ipd_matrix64_unset(&S, rows, n, e))
        return -1;
    ipd_matrix64 *to = j->exact ? j->S64 : &S;
    ipd_widen(p->data, to->data, rows * n);
    if (ipd_gram_solve(g, to, e))
        goto cleanup;
    if (!j->exact)
        ipd_narrow(to->data, j->S->data, rows * n);
    result = 0;
cleanup:
    ipd_matrix64_free(&S);
    return result;
}

/* W^ += S a^T, in the memory of W_hat. */
static int add_outer(W_job *j, const ipd_matrix *A, ipd_matrix *W_hat, ipd_error *e)
{
    ipd_matrix64 A64 = {0}, sum = {0};
    int result = -1;
    if (!j->exact) {
        ipd_multiply(IPD_PLAIN, IPD_TRANSPOSED, 1, j->S, A, 1, W_hat);
        return 0;
    }
    if (ipd_matrix64_unset(&A64, A->rows, A->cols, e) ||
        ipd_matrix64_unset(&sum, W_hat->rows, W_hat->cols, e))
        goto cleanup;
    ipd_widen(A->data, A64.data, A->rows * A->cols);
    ipd_multiply64(IPD_PLAIN, IPD_TRANSPOSED, 1, j->S64, &A64, 0, &sum);
    for (size_t i = 0; i < W_hat->rows * W_hat->cols; i++)
        W_hat->data[i] = (float)(W_hat->data[i] + sum.data[i]);
    result = 0;
cleanup:
    ipd_matrix64_free(&A64);
    ipd_matrix64_free(&sum);
    return result;
}

/* residuals[i] := the sum over samples of scale S. */
static int sum_residuals(const W_job *j, double *residuals, ipd_error *e)
{
    size_t rows = j->tiling.d;
    if (!j->exact && ipd_row_sums(j->S, NULL, residuals, e))
        return -1;
    for (size_t k = 0; j->exact && k < j->tiling.n; k++)
        for (size_t i = 0; i < rows; i++)
            residuals[i] += j->S64->data[i + k * rows];
    for (size_t i = 0; i < rows; i++)
        residuals[i] *= j->scale;
    return 0;
}

/* Computes W_l in dual form, and the residual of z_l - b_l - W_l a as scale S. */
static int fit_dual(W_job *j, const ipd_gram *g, ipd_error *e)
{
    ipd_solver *s = j->s;
    ipd_variables *v = &s->v;
    ipd_matrix *W = &v->net->W[j->l], *old = &v->W_old[j->l];
    size_t tasks = ipd_W_column_tasks(W);
    uint64_t product = 2 * (uint64_t)W->rows * W->cols * v->n;
    j->W = W;
    j->W_hat = old;
    ipd_parallel_for(tasks, predict_tile, j);
    ipd_parallel_for(j->tiling.count, predicted_residual_tile, j);
    ipd_flops_add(product);
    if (solve_dual(j, g, e) || add_outer(j, &v->a[j->l - 1], old, e))
        return -1;
    ipd_parallel_for(tasks, step_tile, j);
    ipd_matrix_swap(&v->net->W[j->l], &v->W_old[j->l]);
    s->sums.step_W[j->l] = 0;
    for (size_t t = 0; t < tasks; t++)
        s->sums.step_W[j->l] += s->partial[t];
    if (g->values) { /* the residual is not kappa S but the part that no W can fit */
        j->W_hat = W;
        j->scale = 1;
        ipd_parallel_for(j->tiling.count, predicted_residual_tile, j);
        ipd_widen(v->p[j->l].data, j->S64->data, W->rows * v->n);
        ipd_flops_add(product);
    }
    return 0;
}

int ipd_W_dual_form(ipd_solver *s, int l, const ipd_gram *g, ipd_error *e)
{
    ipd_variables *v = &s->v;
    size_t rows = v->net->d[l], n = v->n;
    ipd_matrix step = {0}, S = {rows, n, NULL};
    ipd_matrix64 S64 = {0};
    double *residuals = NULL;
    W_job j = {.s = s,
               .l = l,
               .tiling = ipd_tiling_of(rows, n, 0),
               .shrink = g->kappa > 0 ? (float)(ipd_prox_of(s, IPD_W, l).weight / g->kappa) : 1,
               .exact = g->values || ipd_gram_needs_double(g),
               .S64 = &S64,
               .S = &S,
               .scale = g->kappa};
    int result = -1;
    if ((j.exact ? ipd_matrix64_unset(&S64, rows, n, e)
                 : !(S.data = ipd_allocate_unset(rows * n, sizeof *S.data, e))) ||
        ipd_matrix_init(&step, rows, 1, e) ||
        !(residuals = ipd_allocate(rows, sizeof *residuals, e)) ||
        ipd_solver_scratch(s, 0, j.tiling.count + ipd_W_column_tasks(&v->net->W[l]), 1, e) ||
        fit_dual(&j, g, e) || sum_residuals(&j, residuals, e))
        goto cleanup;
    ipd_b_step(s, l, residuals, step.data);
    j.b_step = step.data;
    if (ipd_solver_scratch(s, 0, j.tiling.count, 1, e))
        goto cleanup;
    ipd_parallel_for(j.tiling.count, product_tile, &j);
    s->sums.linear[l] = 0;
    for (size_t t = 0; t < j.tiling.count; t++)
        s->sums.linear[l] += s->partial[t];
    v->p_valid[l] = 1;
    result = 0;
cleanup:
    ipd_matrix64_free(&S64);
    free(S.data);
    ipd_matrix_free(&step);
    free(residuals);
    return result;
}
