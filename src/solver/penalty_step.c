/* penalty_step.c - the step of the W-step under a penalty of the user.
 *
 * With H = a a^T + kappa I, C the right-hand side of the W-step and R the penalty in units of rho,
 * it minimises
 *
 *   F(W) = 1/2 tr(W H W^T) - tr(W C^T) + sum_ik R(W_ik).
 *
 * First by splitting (ADMM): X is free, U has the penalty, and Y is the scaled multiplier of X = U,
 *
 *   X := W + (C - W H + tau (U - Y - W)) (H + tau I)^{-1},   U := prox(X + Y),   Y := X + Y - U,
 *
 * with prox(v) = argmin_x R(x) + tau/2 (x - v)^2. It converges fast where R is convex and kappa >
 * 0: for a quadratic R the error halves in each iteration, because tau is the larger of kappa and
 * the curvature of R. Then by coordinate descent, from U or, for a row that is not better there,
 * from W: a pass sets each weight in turn to argmin_x R(x) + H_kk/2 (x - v)^2 with v = W_ik - (W H
 * - C)_ik / H_kk, so F never rises. Passes end when no weight of the row moves by more than
 * TOLERANCE of the largest.
 */
#include "base/blas.h"
#include "base/parallel.h"
#include "base/vector.h"
#include "solver/steps.h"

#include <math.h>
#include <stdlib.h>

enum { PANEL = 16, PASSES = 100, SPLITTINGS = 200, PIECE = 64, COLUMNS = 16 };
#define TOLERANCE 3e-7
#define LEAST 1e-3 /* weights below it count as this large in tolerances */

typedef struct descent {
    const ipd_own *own;
    double weight; /* of the penalty, in units of rho */
    double kappa, tau;
    const ipd_matrix64 *G; /* d x d */
    const ipd_matrix *W;
    ipd_matrix64 *R, *D;  /* minus the gradient at W, later at the result; the step */
    ipd_matrix64 X, U, Y; /* rows x d */
    double *moved;        /* by task: largest move, largest weight */
    double *memory;       /* by thread: weights and gradients of a panel, each d x PANEL */
} descent;

/* X := C - W H + tau (U - Y - W), some columns. */
static void right_side(void *context, size_t task, int thread)
{
    descent *j = context;
    size_t rows = j->W->rows, at = task * COLUMNS * rows, end = at + COLUMNS * rows;
    (void)thread;
    for (; at < end && at < rows * j->W->cols; at++)
        j->X.data[at] = j->R->data[at] + j->tau * (j->U.data[at] - j->Y.data[at] - j->W->data[at]);
}

/* U := prox(W + D + Y), Y := W + D + Y - U, some columns. */
static void split(void *context, size_t task, int thread)
{
    descent *j = context;
    size_t rows = j->W->rows, at = task * COLUMNS * rows, all = rows * j->W->cols;
    size_t end = at + COLUMNS * rows < all ? at + COLUMNS * rows : all;
    double moved = 0, largest = LEAST;
    float v[PIECE], u[PIECE];
    (void)thread;
    for (; at < end; at += PIECE) {
        size_t count = end - at < PIECE ? end - at : PIECE;
        double *U = j->U.data + at, *Y = j->Y.data + at;
        const double *step = j->D->data + at;
        const float *W = j->W->data + at;
        for (size_t i = 0; i < count; i++)
            v[i] = (float)(W[i] + step[i] + Y[i]);
        ipd_own_penalty_prox(j->own, v, (float)(j->tau / j->weight), u, count);
        for (size_t i = 0; i < count; i++) {
            double x = W[i] + step[i];
            moved = fmax(moved, fmax(fabs(u[i] - U[i]), fabs(x - u[i])));
            moved = isnan(u[i]) ? INFINITY : moved;
            largest = fmax(largest, fabs(x));
            Y[i] += x - u[i];
            U[i] = u[i];
        }
    }
    j->moved[2 * task] = moved;
    j->moved[2 * task + 1] = largest;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median curvature of the penalty at some of the weights, in units of rho. */
static double curvature(const descent *j)
{
    enum { SOME = 255 };
    const float near = 0x1p-9f;
    double all[SOME];
    size_t count = j->W->rows * j->W->cols, stride = count / SOME + 1, n = 0;
    for (size_t i = 0; i < count && n < SOME; i += stride) {
        float x[2] = {j->W->data[i] - near, j->W->data[i] + near}, slope[2];
        ipd_own_slope(j->own, x, slope, 2);
        all[n++] = j->weight * fmax(0, (double)(slope[1] - slope[0]) / (x[1] - x[0]));
    }
    qsort(all, n, sizeof *all, compare);
    return n ? all[n / 2] : 0;
}

static double mean_diagonal(const ipd_matrix64 *G)
{
    double sum = 0;
    for (size_t k = 0; k < G->rows; k++)
        sum += G->data[k * (G->rows + 1)];
    return sum / (double)G->rows;
}

/* (H + tau I)^{-1}; returns 1 if it is not positive definite. */
static int invert(const descent *j, ipd_matrix64 *inverse, ipd_error *e)
{
    ipd_matrix64 F = {0};
    int result = -1;
    if (ipd_matrix64_unset(&F, j->G->rows, j->G->rows, e) ||
        ipd_matrix64_unset(inverse, j->G->rows, j->G->rows, e))
        goto cleanup;
    ipd_matrix64_copy(j->G, &F);
    for (size_t k = 0; k < F.rows; k++)
        F.data[k * (F.rows + 1)] += j->kappa + j->tau;
    result = ipd_cholesky64(&F) ? 1 : ipd_cholesky_inverse64(&F, inverse, e);
cleanup:
    ipd_matrix64_free(&F);
    return result;
}

/* Leaves the result in U. */
static int split_all(descent *j, ipd_error *e)
{
    size_t rows = j->W->rows, cols = j->W->cols, tasks = (cols + COLUMNS - 1) / COLUMNS;
    double moved = INFINITY, largest = 0;
    ipd_matrix64 inverse = {0};
    ipd_widen(j->W->data, j->U.data, rows * cols);
    j->tau = fmax(j->kappa, fmin(curvature(j), j->kappa + mean_diagonal(j->G)));
    int failed = j->tau > 0 ? invert(j, &inverse, e) : 1;
    for (int i = 0; i < SPLITTINGS && !failed && moved > TOLERANCE * largest; i++) {
        ipd_parallel_for(tasks, right_side, j);
        ipd_multiply64(IPD_PLAIN, IPD_PLAIN, 1, &j->X, &inverse, 0, j->D);
        ipd_parallel_for(tasks, split, j);
        moved = largest = 0;
        for (size_t t = 0; t < tasks; t++) {
            moved = fmax(moved, j->moved[2 * t]);
            largest = fmax(largest, j->moved[2 * t + 1]);
        }
    }
    ipd_matrix64_free(&inverse);
    return failed < 0 ? -1 : 0;
}

/* X := (U - W) H */
static void multiply_step(descent *j)
{
    size_t all = j->W->rows * j->W->cols;
    for (size_t i = 0; i < all; i++)
        j->D->data[i] = j->U.data[i] - j->W->data[i];
    ipd_multiply64(IPD_PLAIN, IPD_PLAIN, 1, j->D, j->G, 0, &j->X);
    for (size_t i = 0; i < all; i++)
        j->X.data[i] += j->kappa * j->D->data[i];
}

static double penalty(const descent *j, const double *w)
{
    float x[PIECE];
    double sum = 0;
    for (size_t k = 0; k < j->G->rows; k += PIECE) {
        size_t count = j->G->rows - k < PIECE ? j->G->rows - k : PIECE;
        for (size_t i = 0; i < count; i++)
            x[i] = (float)w[k + i];
        sum += ipd_own_penalty(j->own, x, count);
    }
    return j->weight * sum;
}

/* A row of the panel: starts at U if F is smaller there, else at W. */
static void start_row(const descent *j, size_t row, double *w, double *g)
{
    size_t d = j->G->rows, rows = j->W->rows;
    double rise = 0;
    for (size_t k = 0; k < d; k++) {
        size_t at = row + k * rows;
        double by = j->U.data[at] - j->W->data[at];
        rise += by * (j->X.data[at] / 2 - j->R->data[at]);
        g[k] = j->W->data[at];
        w[k] = j->U.data[at];
    }
    int better = rise + penalty(j, w) - penalty(j, g) < 0;
    for (size_t k = 0; k < d; k++) {
        size_t at = row + k * rows;
        w[k] = better ? w[k] : j->W->data[at];
        g[k] = (better ? j->X.data[at] : 0) - j->R->data[at];
    }
}

/* Sets weight k of the panel's rows; returns the largest move, relative to the row's largest
 * weight. */
static double move(const descent *j, double *w, double *g, size_t k, size_t rows,
                   const double *largest)
{
    size_t d = j->G->rows;
    const double *G = j->G->data + k * d, h = G[k] + j->kappa;
    float v[PANEL], x[PANEL];
    double most = 0;
    if (!(h > 0))
        return 0;
    for (size_t i = 0; i < rows; i++)
        v[i] = (float)(w[k + i * d] - g[k + i * d] / h);
    ipd_own_penalty_prox(j->own, v, (float)(h / j->weight), x, rows);
    for (size_t i = 0; i < rows; i++) {
        double *gi = g + i * d, *wi = w + i * d, by = x[i] - wi[k];
        if (by == 0)
            continue;
        for (size_t c = 0; c < d; c++)
            gi[c] += by * G[c];
        gi[k] += by * j->kappa;
        wi[k] = x[i];
        most = fmax(most, fabs(by) / largest[i]);
        most = isnan(by) ? INFINITY : most;
    }
    return most;
}

static double largest_of(const double *w, size_t d)
{
    double most = LEAST;
    for (size_t k = 0; k < d; k++)
        most = fmax(most, fabs(w[k]));
    return most;
}

static void descend(void *context, size_t task, int thread)
{
    const descent *j = context;
    size_t d = j->G->rows, first = task * PANEL, all = j->W->rows;
    size_t rows = all - first < PANEL ? all - first : PANEL;
    double *w = j->memory + (size_t)thread * 2 * d * PANEL, *g = w + d * PANEL, largest[PANEL];
    double moved = INFINITY;
    for (size_t i = 0; i < rows; i++)
        start_row(j, first + i, w + i * d, g + i * d);
    for (int pass = 0; pass < PASSES && moved > TOLERANCE; pass++) {
        moved = 0;
        for (size_t i = 0; i < rows; i++)
            largest[i] = largest_of(w + i * d, d);
        for (size_t k = 0; k < d; k++)
            moved = fmax(moved, move(j, w, g, k, rows, largest));
    }
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < d; k++) {
            size_t at = first + i + k * all;
            j->D->data[at] = w[k + i * d] - j->W->data[at];
            j->R->data[at] -= g[k + i * d];
        }
}

int ipd_penalty_step(ipd_solver *s, int l, ipd_gram *g, ipd_matrix64 *R, ipd_matrix64 *D,
                     ipd_error *e)
{
    const ipd_matrix *W = &s->v.net->W[l];
    descent j = {.own = s->par.penalty[l].own,
                 .weight = s->share * s->par.penalty[l].weight / s->rho,
                 .kappa = g->kappa,
                 .G = &g->G,
                 .W = W,
                 .R = R,
                 .D = D};
    size_t rows = W->rows, cols = W->cols;
    int result = -1;
    if (!ipd_matrix64_unset(&j.X, rows, cols, e) && !ipd_matrix64_unset(&j.U, rows, cols, e) &&
        !ipd_matrix64_init(&j.Y, rows, cols, e) &&
        (j.moved = ipd_allocate(2 * (cols / COLUMNS + 1), sizeof *j.moved, e)) &&
        (j.memory =
             ipd_allocate_unset((size_t)ipd_threads() * 2 * cols * PANEL, sizeof *j.memory, e)) &&
        !split_all(&j, e)) {
        multiply_step(&j);
        ipd_parallel_for((rows + PANEL - 1) / PANEL, descend, &j);
        result = 0;
    }
    free(j.memory);
    free(j.moved);
    ipd_matrix64_free(&j.X);
    ipd_matrix64_free(&j.U);
    ipd_matrix64_free(&j.Y);
    return result;
}
