/* b_step.c - the step of b_l, which ends block W_l, and sums over samples; see W_step.c. */
#include "base/parallel.h"
#include "base/vector.h"
#include "solver/W_forms.h"

#include <stdlib.h>
#include <string.h>

enum { SLABS = 32, FEW_SLABS = 8 }; /* slabs of samples in sums over them */

typedef struct sums_job {
    ipd_matrix *M;
    const ipd_matrix *from; /* NULL, or M := from - M first */
    size_t slabs;
    double *sums; /* rows of M for each slab */
} sums_job;

IPD_CLONES static void subtract_from(const float *from, float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = from[i] - x[i];
}

static void sum_slab(void *context, size_t task, int thread)
{
    const sums_job *j = context;
    size_t rows = j->M->rows, n = j->M->cols;
    (void)thread;
    for (size_t k = n * task / j->slabs; k < n * (task + 1) / j->slabs; k++) {
        if (j->from)
            subtract_from(j->from->data + k * rows, j->M->data + k * rows, rows);
        ipd_accumulate(j->sums + task * rows, j->M->data + k * rows, rows);
    }
}

int ipd_row_sums(ipd_matrix *M, const ipd_matrix *from, double *to, ipd_error *e)
{
    size_t rows = M->rows, n = M->cols;
    sums_job j = {M, from, n >= 1024 ? SLABS : n >= 128 ? FEW_SLABS : 1, NULL};
    if (!(j.sums = ipd_allocate(j.slabs * rows, sizeof *j.sums, e)))
        return -1;
    ipd_parallel_for(j.slabs, sum_slab, &j);
    memset(to, 0, rows * sizeof *to);
    for (size_t slab = 0; slab < j.slabs; slab++)
        for (size_t i = 0; i < rows; i++)
            to[i] += j.sums[slab * rows + i];
    free(j.sums);
    return 0;
}

double ipd_b_step(ipd_solver *s, int l, const double *residuals, float *step)
{
    ipd_variables *v = &s->v;
    float *b = v->net->b[l].data, *old = v->b_old[l].data;
    ipd_prox prox = ipd_prox_of(s, IPD_W, l);
    double n = (double)v->n, delta = prox.weight, change = 0, moved = 0;
    if (s->par.bias_mean)
        delta *= n; /* equivalent to a proximal term n times as strong */
    for (size_t i = 0; i < v->net->d[l]; i++) {
        double ahead = prox.inertia * ((double)b[i] - old[i]); /* b^ - b */
        float new = (float)(b[i] + (residuals[i] + delta * ahead) / (n + delta));
        double by = (double)new - b[i];
        change += n * by * by - 2 * by * residuals[i];
        moved += by * by;
        old[i] = new;
        if (step)
            step[i] = (float)by;
    }
    ipd_matrix_swap(&v->net->b[l], &v->b_old[l]);
    s->sums.step_b[l] = moved;
    return change;
}
