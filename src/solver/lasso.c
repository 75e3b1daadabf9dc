/* lasso.c - the W-step's small convex problem where R_l has an l1 part; see steps.h. */
#include "base/parallel.h"
#include "solver/steps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 1e-7
enum { MOST_SWEEPS = 2000 };

typedef struct lasso_job {
    const ipd_matrix64 *G, *R;
    const ipd_matrix *W;
    double kappa, l1, tolerance;
    ipd_matrix64 *D;
} lasso_job;

static double soft(double x, double threshold)
{
    return x > threshold ? x - threshold : x < -threshold ? x + threshold : 0;
}

/* One row w = W_i + D_i: coordinate k is the minimiser of its own quadratic plus l1 |w_k|. */
static void solve_row(const lasso_job *j, size_t row, double *left, double *d)
{
    size_t n = j->G->rows, rows = j->D->rows;
    for (size_t k = 0; k < n; k++)
        left[k] = j->R->data[row + k * rows]; /* R - d (G + kappa I) */
    memset(d, 0, n * sizeof *d);
    for (int sweep = 0; sweep < MOST_SWEEPS; sweep++) {
        double most = 0;
        for (size_t k = 0; k < n; k++) {
            const double *column = j->G->data + k * n;
            double curve = column[k] + j->kappa, w = j->W->data[row + k * j->W->rows] + d[k];
            double to = curve > 0 ? soft(curve * w + left[k], j->l1) / curve : 0;
            double by = to - w;
            if (by == 0)
                continue;
            for (size_t i = 0; i < n; i++)
                left[i] -= by * column[i];
            left[k] -= by * j->kappa;
            d[k] += by;
            most = fmax(most, fabs(by) * curve);
        }
        if (!(most > j->tolerance))
            break;
    }
    for (size_t k = 0; k < n; k++)
        j->D->data[row + k * rows] = d[k];
}

static void lasso_task(void *context, size_t row, int thread)
{
    const lasso_job *j = context;
    size_t n = j->G->rows;
    double *room = malloc(2 * n * sizeof *room);
    (void)thread;
    if (!room)
        abort(); /* some kilobytes are not to be had: nothing can go on */
    solve_row(j, row, room, room + n);
    free(room);
}

void ipd_lasso_solve(const ipd_matrix64 *G, double kappa, const ipd_matrix64 *R,
                     const ipd_matrix *W, double l1, ipd_matrix64 *D)
{
    double most = l1;
    for (size_t i = 0; i < R->rows * R->cols; i++)
        most = fmax(most, fabs(R->data[i]));
    lasso_job j = {G, R, W, kappa, l1, TOLERANCE * most, D};
    ipd_parallel_for(D->rows, lasso_task, &j);
}
