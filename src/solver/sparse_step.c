/* sparse_step.c - the step of the W-step under an l1 penalty, without dead inputs.
 *
 * An input is dead if it is zero in every sample, like a pixel of the margin. It does not interact
 * with the others: its weights have a closed form, and the problem of the rows is smaller without
 * it.
 */
#include "solver/sparse.h"
#include "solver/steps.h"

#include <math.h>
#include <stdlib.h>

double ipd_l1_share(const ipd_solver *s, int l)
{
    return s->share * s->par.penalty[l].l1 / s->rho;
}

/* Lists the inputs that are not zero in all samples. */
static size_t find_live(const ipd_gram *g, size_t *live)
{
    size_t count = 0;
    for (size_t k = 0; k < g->G.rows; k++)
        if (g->G.data[k * (g->G.rows + 1)] > 0)
            live[count++] = k;
    return count;
}

/* to := the rows and columns `live` of A, with `diagonal` added. */
static int select_live(const ipd_matrix64 *A, const size_t *live, size_t count, double diagonal,
                       ipd_matrix64 *to, ipd_error *e)
{
    if (ipd_matrix64_init(to, count, count, e))
        return -1;
    for (size_t c = 0; c < count; c++) {
        for (size_t i = 0; i < count; i++)
            to->data[i + c * count] = A->data[live[i] + live[c] * A->rows];
        to->data[c * (count + 1)] += diagonal;
    }
    return 0;
}

/* 1 if a row starts with more than half of its weights nonzero: then the smaller side of its
 * problem may be the other weights, which needs the inverse. */
static int is_dense(const ipd_sparse_rows *r)
{
    for (size_t i = 0; i < r->count; i++) {
        size_t inside = 0;
        for (size_t k = 0; k < r->d; k++)
            inside += r->w[k + i * r->d] != 0;
        if (2 * inside > r->d)
            return 1;
    }
    return 0;
}

/* Weights of dead inputs: minimise kappa/2 x^2 - c x + l1 |x|, where R = c - kappa w. */
static void solve_dead(const ipd_gram *g, double l1, const ipd_matrix *W, ipd_matrix64 *R,
                       ipd_matrix64 *D)
{
    for (size_t k = 0; k < W->cols; k++) {
        if (g->G.data[k * (W->cols + 1)] > 0)
            continue;
        for (size_t i = 0; i < W->rows; i++) {
            double w = W->data[i + k * W->rows], *right = &R->data[i + k * W->rows];
            double c = *right + g->kappa * w, far = fabs(c) - l1;
            double new = far > 0 && g->kappa > 0 ? copysign(far, c) / g->kappa : 0;
            D->data[i + k * W->rows] = new - w;
            *right += c - g->kappa * new; /* R minus the new gradient */
        }
    }
}

/* Copies the start, W and -R, into the problem of the rows. */
static void copy_rows(const ipd_matrix *W, const ipd_matrix64 *R, const size_t *live,
                      ipd_sparse_rows *r)
{
    for (size_t i = 0; i < W->rows; i++)
        for (size_t k = 0; k < r->d; k++) {
            size_t at = i + live[k] * W->rows;
            r->w[k + i * r->d] = W->data[at];
            r->g[k + i * r->d] = -R->data[at];
        }
}

/* Sets D, and subtracts the new gradient from R. */
static void copy_solution(const ipd_sparse_rows *r, const size_t *live, const ipd_matrix *W,
                          ipd_matrix64 *R, ipd_matrix64 *D)
{
    for (size_t i = 0; i < W->rows; i++)
        for (size_t k = 0; k < r->d; k++) {
            size_t at = i + live[k] * W->rows;
            D->data[at] = r->w[k + i * r->d] - W->data[at];
            R->data[at] -= r->g[k + i * r->d];
        }
}

static int is_finite(const ipd_matrix64 *R)
{
    for (size_t i = 0; i < R->rows * R->cols; i++)
        if (!isfinite(R->data[i]))
            return 0;
    return 1;
}

int ipd_sparse_step(ipd_solver *s, int l, ipd_gram *g, ipd_matrix64 *R, ipd_matrix64 *D,
                    ipd_error *e)
{
    const ipd_matrix *W = &s->v.net->W[l];
    ipd_sparse_rows r = {.count = W->rows, .l1 = ipd_l1_share(s, l)};
    ipd_sparse_report report;
    ipd_matrix64 H = {0}, M = {0}, w = {0}, gradient = {0};
    size_t *live = ipd_allocate(W->cols, sizeof *live, e);
    int result = -1;
    if (!live)
        return -1;
    if (!is_finite(R)) { /* D equals R here, so W becomes not finite either */
        free(live);
        return 0;
    }
    r.d = find_live(g, live);
    if (select_live(&g->G, live, r.d, g->kappa, &H, e) || ipd_matrix64_init(&w, r.d, r.count, e) ||
        ipd_matrix64_init(&gradient, r.d, r.count, e))
        goto cleanup;
    r.H = H.data;
    r.w = w.data;
    r.g = gradient.data;
    r.shift = ipd_gram_shift(g);
    copy_rows(W, R, live, &r);
    if (is_dense(&r)) {
        if (ipd_gram_invert(g, e))
            goto cleanup;
        if (g->holds == IPD_GRAM_INVERSE && select_live(&g->F, live, r.d, 0, &M, e))
            goto cleanup;
        r.inverse = M.data;
    }
    if (ipd_sparse_solve(&r, &report, e))
        goto cleanup;
    solve_dead(g, r.l1, W, R, D);
    copy_solution(&r, live, W, R, D);
    s->sparse[l].residual = fmax(s->sparse[l].residual, report.residual);
    s->sparse[l].rounds = fmax(s->sparse[l].rounds, report.rounds);
    result = 0;
cleanup:
    ipd_matrix64_free(&H);
    ipd_matrix64_free(&M);
    ipd_matrix64_free(&w);
    ipd_matrix64_free(&gradient);
    free(live);
    return result;
}
