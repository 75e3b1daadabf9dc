/* tiles.c - division of a layer into tasks, scratch memory, and remembered products; see
 * steps.h. */
#include "base/parallel.h"
#include "base/vector.h"
#include "solver/steps.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* From this many samples on, tiles are whole columns: a product reads W once for all samples of a
 * tile. */
enum { MANY = 4096 };

/* For many samples tiles are long, so that their products run at full speed. For few they are
 * small, so that threads share the work; longer if rows are cut too. */
static size_t samples_per_tile(size_t n, int whole_columns)
{
    if (n >= MANY)
        return ipd_piece_size(n, n >= 32768 ? 1024 : n >= 8192 ? 896 : 256, 1);
    return n >= 512 && !whole_columns ? 256 : n >= 256 ? 128 : 32;
}

ipd_tiling ipd_tiling_of(size_t d, size_t n, int whole_columns)
{
    enum { ROWS = 256, LARGE = 1024, MORE_ROWS = 384 };
    ipd_tiling t = {.d = d, .n = n, .rows = d, .samples = samples_per_tile(n, whole_columns)};
    if (!whole_columns && n < MANY)
        t.rows = ipd_piece_size(d, d > LARGE ? MORE_ROWS : ROWS, 0);
    t.down = (d + t.rows - 1) / t.rows;
    t.count = t.down * ((n + t.samples - 1) / t.samples);
    return t;
}

ipd_tile ipd_tile_at(const ipd_tiling *t, size_t task)
{
    ipd_tile at = {task % t->down * t->rows, t->rows, task / t->down * t->samples, t->samples};
    if (at.row + at.rows > t->d)
        at.rows = t->d - at.row;
    if (at.first + at.samples > t->n)
        at.samples = t->n - at.first;
    return at;
}

void ipd_solver_free_scratch(ipd_solver *s)
{
    free(s->scratch);
    s->scratch = NULL;
    s->scratch_floats = 0;
}

int ipd_solver_scratch(ipd_solver *s, size_t each, size_t tasks, size_t columns, ipd_error *e)
{
    if (ipd_reserve(&s->scratch, &s->scratch_floats, each * (size_t)ipd_threads(), e))
        return -1;
    if (tasks * columns > s->partial_count) {
        free(s->partial);
        s->partial_count = 0;
        if (!(s->partial = ipd_allocate(tasks * columns, sizeof *s->partial, e)))
            return -1;
        s->partial_count = tasks * columns;
    }
    if (s->partial)
        memset(s->partial, 0, tasks * columns * sizeof *s->partial);
    return 0;
}

int ipd_solver_reserve(ipd_solver *s, int which, ipd_matrix *m, ipd_error *e)
{
    if (ipd_reserve(&s->reserved[which], &s->reserved_floats[which], m->rows * m->cols, e))
        return -1;
    m->data = s->reserved[which];
    return 0;
}

double ipd_phi(const ipd_sums *sums, int L, double rho)
{
    double gaps = 0, regularizer = 0;
    for (int l = 1; l <= L; l++) {
        gaps += sums->linear[l] + sums->activation[l];
        regularizer += sums->regularizer[l];
    }
    return sums->loss + regularizer + rho / 2 * gaps;
}

void ipd_regularizer_step(ipd_solver *s, int l)
{
    s->sums.regularizer[l] = s->share * ipd_penalty_value(s->par.penalty[l], &s->v.net->W[l]);
}

typedef struct product_job {
    ipd_solver *s;
    int l;
    ipd_tiling tiling;
} product_job;

static void product_tile(void *context, size_t task, int thread)
{
    product_job *j = context;
    ipd_variables *v = &j->s->v;
    int l = j->l;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = v->net->d[l], from = v->net->d[l - 1];
    float *p = v->p[l].data + t.row + t.first * d;
    const float *z = v->z[l].data + t.row + t.first * d;
    (void)thread;
    for (size_t n = 0; n < t.samples; n++)
        memcpy(p + n * d, v->net->b[l].data + t.row, t.rows * sizeof *p);
    ipd_sgemm(IPD_PLAIN, IPD_PLAIN, t.rows, t.samples, from, 1, v->net->W[l].data + t.row, d,
              v->a[l - 1].data + t.first * from, from, 1, p, d);
    for (size_t n = 0; n < t.samples; n++)
        j->s->partial[task] += ipd_sum_squared_difference(z + n * d, p + n * d, t.rows);
}

int ipd_product_step(ipd_solver *s, int l, ipd_error *e)
{
    ipd_variables *v = &s->v;
    product_job j = {s, l, ipd_tiling_of(v->net->d[l], v->n, 0)};
    assert(l >= 1 && l <= v->net->L && v->a[l - 1].cols == v->n && v->p[l].cols == v->n);
    if (v->p_valid[l])
        return 0;
    if (ipd_solver_scratch(s, 0, j.tiling.count, 1, e))
        return -1;
    ipd_parallel_for(j.tiling.count, product_tile, &j);
    ipd_flops_add(2 * (uint64_t)v->net->d[l] * v->net->d[l - 1] * v->n);
    s->sums.linear[l] = 0;
    for (size_t t = 0; t < j.tiling.count; t++)
        s->sums.linear[l] += s->partial[t];
    v->p_valid[l] = 1;
    return 0;
}
