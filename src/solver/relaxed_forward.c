/* relaxed_forward.c - the start of a batch of relaxed_am: predictions, forward pass, and the
 * inverses for the W-steps. See relaxed_steps.h.
 *
 * In small batches the threads would mostly wait for each other: for the Gram matrix of 64 samples
 * on one thread, and at the end of each elementwise pass. So one parallel loop makes the
 * predictions of all layers, and one per layer makes its forward pass: its tasks are the tiles of p
 * with their z and a, and the inverse for the layer's inputs.
 */
#include "base/matrix64.h"
#include "base/parallel.h"
#include "base/vector.h"
#include "solver/relaxed_steps.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to this many samples, one task computes an inverse. */
enum { ONE_TASK = 128 };

/* Elements of W per task. */
enum { CHUNK = 1 << 14 };

static int is_frozen(const ipd_solver *s, int l)
{
    return s->par.frozen[ipd_block_index((ipd_block){IPD_W, l}, s->v.net->L)];
}

static size_t chunks(const ipd_matrix *W)
{
    return (W->rows * W->cols + CHUNK - 1) / CHUNK;
}

/* W^_l := (1 - shrink)(W_l + beta (W_l - W_old)), in the memory of W_old, and b^_l. For a frozen
 * layer they are W_l and b_l. Tasks are numbered through the chunks of all layers. */
static void predict_chunk(void *context, size_t task, int thread)
{
    const ipd_solver *s = context;
    const ipd_parameters *par = &s->par;
    int l = 1;
    (void)thread;
    for (; task >= chunks(&s->v.net->W[l]); l++)
        task -= chunks(&s->v.net->W[l]);
    const ipd_matrix *W = &s->v.net->W[l], *b = &s->v.net->b[l];
    size_t first = task * CHUNK, left = W->rows * W->cols - first;
    size_t count = left < CHUNK ? left : CHUNK;
    float *to = s->v.W_old[l].data + first, *hat = s->v.b_old[l].data;
    float keep = (float)(1 - par->relaxed.shrink);
    int frozen = is_frozen(s, l);
    if (!task)
        ipd_predict(b->data, hat, frozen ? 0 : (float)par->beta, hat, b->rows);
    if (frozen) {
        memcpy(to, W->data + first, count * sizeof *to);
        return;
    }
    ipd_predict(W->data + first, to, (float)par->beta, to, count);
    for (size_t i = 0; keep != 1 && i < count; i++)
        to[i] *= keep;
}

double ipd_relaxed_squares(const ipd_matrix *m)
{
    double sum = 0; /* column by column, so that tiles do not matter */
    for (size_t n = 0; n < m->cols; n++)
        sum += ipd_sum_squared(m->data + n * m->rows, m->rows);
    return sum;
}

/* The mean squared norm of the inputs, above 0: a layer whose inputs are all zero still moves b. */
static double mean_square(const ipd_matrix *A)
{
    return fmax(ipd_relaxed_squares(A) / (double)A->cols, 1e-8);
}

/* Sets s^2 and delta_l from the current parameters. */
static void set_shift(const ipd_solver *s, int l, ipd_relaxed_inverse *i)
{
    const ipd_relaxed_parameters *par = &s->par.relaxed;
    i->s2 = par->bias_share * i->mean_square;
    i->delta = par->damping[l] * (i->mean_square + i->s2);
}

static void add_s2(float *K, size_t n, double s2)
{
    for (size_t c = 0; c < n; c++)
        for (size_t r = c; r < n; r++)
            K[r + c * n] += (float)s2;
}

/* Computes the inverse on the calling thread. */
static void invert_here(ipd_solver *s, int l, const ipd_matrix *A)
{
    ipd_relaxed_inverse *i = &s->inverse[l];
    size_t n = A->cols;
    float *K = i->inverse;
    i->mean_square = mean_square(A);
    set_shift(s, l, i);
    ipd_ssyrk(n, A->rows, A->data, K);
    add_s2(K, n, i->s2);
    for (size_t c = 0; c < n; c++)
        K[c * (n + 1)] += (float)i->delta;
    i->known = ipd_inverse_tile(n, K) ? IPD_INVERSE_FAILED : IPD_INVERSE_KNOWN;
    if (i->known == IPD_INVERSE_KNOWN)
        ipd_mirror32(K, n, 0, n, 0, n);
}

typedef struct inverse_job {
    ipd_solver *s;
    int l;
    const ipd_matrix *A;
} inverse_job;

static void inverse_task(void *context, size_t task, int thread)
{
    const inverse_job *j = context;
    (void)task, (void)thread;
    invert_here(j->s, j->l, j->A);
}

/* Reserves memory for n samples and marks the inverse as unknown. */
static int reserve(ipd_relaxed_inverse *i, size_t n, ipd_error *e)
{
    i->known = IPD_INVERSE_UNKNOWN;
    return ipd_reserve(&i->inverse, &i->floats, n * n, e);
}

/* Computes the inverse on all threads, in memory shared by all layers. */
static const ipd_relaxed_inverse *invert_large(ipd_solver *s, int l, const ipd_matrix *A,
                                               ipd_error *e)
{
    ipd_relaxed_inverse *i = &s->inverse[0];
    size_t n = A->cols;
    ipd_matrix K = {n, n, NULL};
    int failed = 0;
    if (reserve(i, n, e) || ipd_solver_reserve(s, 1, &K, e))
        return NULL;
    i->mean_square = mean_square(A);
    set_shift(s, l, i);
    ipd_multiply_symmetric(IPD_TRANSPOSED, A, (float)i->delta, &K);
    add_s2(K.data, n, i->s2);
    ipd_matrix inverse = {n, n, i->inverse};
    i->known = ipd_cholesky(&K) ? IPD_INVERSE_FAILED : IPD_INVERSE_KNOWN;
    if (i->known == IPD_INVERSE_KNOWN)
        failed = ipd_cholesky_inverse(&K, &inverse, e);
    return failed ? NULL : i;
}

const ipd_relaxed_inverse *ipd_relaxed_invert(ipd_solver *s, int l, const ipd_matrix *A,
                                              ipd_error *e)
{
    ipd_relaxed_inverse *i = &s->inverse[l], now = *i;
    size_t n = A->cols;
    inverse_job j = {s, l, A};
    assert(n == s->v.n && A->rows == s->v.net->d[l - 1]);
    if (n > ONE_TASK)
        return invert_large(s, l, A, e);
    /* Operations are counted here even if load did the work, so that a replay after a rewind counts
     * the same. */
    ipd_flops_add((uint64_t)n * n * A->rows + (uint64_t)n * n * n);
    set_shift(s, l, &now);
    if (i->known && now.s2 == i->s2 && now.delta == i->delta)
        return i;
    if (reserve(i, n, e))
        return NULL;
    ipd_parallel_for(1, inverse_task, &j);
    return i;
}

/* The forward pass of a layer. */
typedef struct forward_job {
    ipd_solver *s;
    int l;
    ipd_tiling tiling;
    size_t inverses; /* 1: the first task computes the inverse */
} forward_job;

/* p := W^ a + b^, z := p, a := sigma(p). Clears R and G of the last batch, so that a saved state is
 * complete. */
static void forward_tile(const forward_job *j, size_t task)
{
    ipd_variables *v = &j->s->v;
    int l = j->l;
    ipd_tile t = ipd_tile_at(&j->tiling, task);
    size_t d = j->tiling.d, from = v->net->d[l - 1], at = t.row + t.first * d;
    size_t bytes = t.rows * sizeof(float);
    float *p = v->p[l].data + at;
    for (size_t n = 0; n < t.samples; n++)
        memcpy(p + n * d, v->b_old[l].data + t.row, bytes);
    ipd_sgemm(IPD_PLAIN, IPD_PLAIN, t.rows, t.samples, from, 1, v->W_old[l].data + t.row, d,
              v->a[l - 1].data + t.first * from, from, 1, p, d);
    for (size_t n = 0; n < t.samples; n++, at += d) {
        memcpy(v->z[l].data + at, p + n * d, bytes);
        memset(v->z_old[l].data + at, 0, bytes);
        if (l == v->net->L)
            continue;
        ipd_activation_apply(v->net->sigma[l], p + n * d, v->a[l].data + at, t.rows);
        memset(v->a_old[l].data + at, 0, bytes);
    }
}

static void forward_task(void *context, size_t task, int thread)
{
    const forward_job *j = context;
    (void)thread;
    if (task < j->inverses)
        invert_here(j->s, j->l, &j->s->v.a[j->l - 1]);
    else
        forward_tile(j, task - j->inverses);
}

ipd_tiling ipd_relaxed_tiling(size_t d, size_t n)
{
    enum {
        FEW = 32,
        FEW_SAMPLES = 16,
        MAX_SAMPLES = 256,
        MAX_ROWS = 384,
        MIN_ROWS = 24,
        PIECES = 4
    };
    ipd_tiling t = {.d = d, .n = n, .rows = d};
    if (d > FEW) {
        size_t rows = (d + PIECES - 1) / PIECES;
        rows = rows < MIN_ROWS ? MIN_ROWS : rows > MAX_ROWS ? MAX_ROWS : rows;
        t.rows = ipd_piece_size(d, rows, 1);
    }
    t.samples = ipd_piece_size(n, d > FEW ? MAX_SAMPLES : FEW_SAMPLES, 0);
    t.down = (d + t.rows - 1) / t.rows;
    t.count = t.down * ((n + t.samples - 1) / t.samples);
    return t;
}

int ipd_relaxed_load(ipd_solver *s, ipd_matrix X, ipd_matrix Y, const ipd_label *labels,
                     ipd_error *e)
{
    ipd_variables *v = &s->v;
    int L = v->net->L;
    size_t n = X.cols, predictions = 0;
    assert(n >= 1 && n == Y.cols);
    v->n = n;
    v->a[0] = X;
    v->Y = Y;
    v->labels = labels;
    for (int l = 1; l <= L; l++) {
        v->z[l].cols = v->z_old[l].cols = v->p[l].cols = n;
        if (l < L)
            v->a[l].cols = v->a_old[l].cols = n;
        v->p_valid[l] = 0; /* p belongs to the predictions */
        s->sums.linear[l] = s->sums.activation[l] = s->sums.regularizer[l] = 0;
        s->sums.step_z[l] = s->sums.step_a[l] = 0;
        s->rank[l] = s->condition[l] = NAN; /* no matrix of the inputs' size is inverted */
        s->omega[l] = 0;
        predictions += chunks(&v->net->W[l]);
        if (n <= ONE_TASK && reserve(&s->inverse[l], n, e))
            return -1;
    }
    ipd_parallel_for(predictions, predict_chunk, s);
    for (int l = 1; l <= L; l++) {
        forward_job j = {s, l, ipd_relaxed_tiling(v->net->d[l], n),
                         n <= ONE_TASK && !is_frozen(s, l)};
        ipd_parallel_for(j.inverses + j.tiling.count, forward_task, &j);
        ipd_flops_add(2 * (uint64_t)v->net->d[l] * v->net->d[l - 1] * n);
    }
    s->sums.loss = ipd_loss_value(v->net->loss, Y.data, v->z[L].data, v->net->d[L], n);
    return 0;
}
