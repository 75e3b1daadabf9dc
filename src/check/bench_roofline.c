/* bench_roofline.c - a lower bound on the time of a batch of relaxed_am; see bench_private.h.
 *
 * The products, each as one plain call of sgemm or ssyrk per thread, with nothing between them:
 *
 *     W^_l A (d_l x d_{l-1} x n);  A^T A and its inverse (potrf, potri), one layer per thread;
 *     E K^-1 (d_l x n x n);  D A^T, added to W^_l (d_l x n x d_{l-1});
 *     for l > 1 also W_l^T R and W_l G.
 *
 * The elementwise parts, as passes x := y + c z over arrays of the same sizes, each with 3 floats
 * read or written per element. One pass per weight (the prediction reads W and W_old and writes
 * W^), and per sample:
 *
 *     an input       1  a copy into the batch
 *     hidden layers  5  z and a from p; z and e from a and p; D summed for b; G from p and W^T R,
 *                       with its norms; the sums over W G and R; a moved by G
 *     last layer     2  z from p and y; e, D and W G read
 *
 * Between these, values stay in registers, and a thread passes over its share without waiting for
 * the others.
 */
#include "base/clock.h"
#include "base/parallel.h"
#include "base/vector.h"
#include "check/bench_private.h"

#include <stdlib.h>
#include <string.h>

enum { HIDDEN_PASSES = 5, LAST_PASSES = 2 };
/* Minimum distance of arrays in floats, a page: no two arrays then start at the same place of a
 * cache. */
enum { APART = 1040 };

static size_t place_array(float **at, size_t *used, float *memory, size_t count)
{
    *at = memory ? memory + *used : NULL;
    *used += (count + APART + 15) / 16 * 16;
    return *used;
}

/* Sets the pointers into memory, if it is allocated; returns the total number of floats. */
static size_t place(ipd_bench_roofline *r)
{
    size_t used = 0, n = r->n;
    place_array(&r->a[0], &used, r->memory, r->d[0] * n);
    place_array(&r->G[0], &used, r->memory, r->d[0] * n);
    for (int l = 1; l <= r->L; l++) {
        size_t d = r->d[l], weights = d * r->d[l - 1];
        place_array(&r->W[l], &used, r->memory, weights);
        place_array(&r->ahead[l], &used, r->memory, weights);
        place_array(&r->a[l], &used, r->memory, d * n);
        place_array(&r->p[l], &used, r->memory, d * n);
        place_array(&r->D[l], &used, r->memory, d * n);
        place_array(&r->R[l], &used, r->memory, d * n);
        place_array(&r->G[l], &used, r->memory, d * n);
        place_array(&r->K[l], &used, r->memory, n * n);
    }
    return used;
}

int ipd_bench_roofline_init(ipd_bench_roofline *r, const ipd_network *net, size_t n, ipd_error *e)
{
    *r = (ipd_bench_roofline){.L = net->L, .n = n};
    memcpy(r->d, net->d, sizeof r->d);
    size_t floats = place(r);
    if (!(r->memory = ipd_allocate(floats, sizeof *r->memory, e)))
        return -1;
    place(r);
    for (size_t i = 0; i < floats; i++) /* irregular and small values: sums stay finite */
        r->memory[i] = (float)((i * 7919) % 1009) / 1009 - 0.5F;
    return 0;
}

void ipd_bench_roofline_free(ipd_bench_roofline *r)
{
    free(r->memory);
    *r = (ipd_bench_roofline){0};
}

void ipd_bench_roofline_begin(ipd_bench_roofline *r)
{
    r->products = r->elementwise = 0;
    r->batches = 0;
}

/* C := op(A) op(B) + beta C. */
typedef struct product_job {
    ipd_transpose ta, tb;
    size_t m, n, k;
    const float *A, *B;
    float beta, *C;
    size_t piece; /* per task, of C's longer side */
} product_job;

static void product_piece(void *context, size_t task, int thread)
{
    const product_job *j = context;
    size_t at = task * j->piece, side = j->m >= j->n ? j->m : j->n;
    size_t count = side - at < j->piece ? side - at : j->piece;
    size_t lda = j->ta ? j->k : j->m, ldb = j->tb ? j->n : j->k;
    (void)thread;
    if (j->m >= j->n)
        ipd_sgemm(j->ta, j->tb, count, j->n, j->k, 1, j->A + (j->ta ? at * lda : at), lda, j->B,
                  ldb, j->beta, j->C + at, j->m);
    else
        ipd_sgemm(j->ta, j->tb, j->m, count, j->k, 1, j->A, lda, j->B + (j->tb ? at : at * ldb),
                  ldb, j->beta, j->C + at * j->m, j->m);
}

static void multiply(ipd_transpose ta, ipd_transpose tb, size_t m, size_t n, size_t k,
                     const float *A, const float *B, float beta, float *C)
{
    product_job j = {ta, tb, m, n, k, A, B, beta, C, 0};
    size_t side = m >= n ? m : n, threads = (size_t)ipd_threads();
    j.piece = ipd_piece_size(side, (side + threads - 1) / threads, 0);
    ipd_parallel_for((side + j.piece - 1) / j.piece, product_piece, &j);
}

/* Inverts a layer's Gram matrix. */
static void invert_layer(void *context, size_t task, int thread)
{
    ipd_bench_roofline *r = context;
    float *K = r->K[task + 1];
    size_t n = r->n, d = r->d[task];
    (void)thread;
    ipd_ssyrk(n, d, r->a[task], K);
    for (size_t i = 0; i < n; i++)
        K[i * (n + 1)] += (float)d;
    ipd_inverse_tile(n, K);
}

static void multiply_all(ipd_bench_roofline *r)
{
    const size_t *d = r->d, n = r->n;
    for (int l = 1; l <= r->L; l++)
        multiply(IPD_PLAIN, IPD_PLAIN, d[l], n, d[l - 1], r->ahead[l], r->a[l - 1], 0, r->p[l]);
    ipd_parallel_for((size_t)r->L, invert_layer, r);
    for (int l = r->L; l >= 1; l--) {
        multiply(IPD_PLAIN, IPD_PLAIN, d[l], n, n, r->D[l], r->K[l], 0, r->R[l]);
        multiply(IPD_PLAIN, IPD_TRANSPOSED, d[l], d[l - 1], n, r->D[l], r->a[l - 1], 1,
                 r->ahead[l]);
        if (l == 1)
            break;
        multiply(IPD_TRANSPOSED, IPD_PLAIN, d[l - 1], n, d[l], r->ahead[l], r->D[l], 0,
                 r->G[l - 1]);
        multiply(IPD_PLAIN, IPD_PLAIN, d[l], n, d[l - 1], r->ahead[l], r->a[l - 1], 0, r->p[l]);
    }
}

/* The start of a task's share of 0 ... count - 1, a multiple of 16. */
static size_t share(size_t count, size_t task)
{
    size_t threads = (size_t)ipd_threads(), at = count * task / threads / 16 * 16;
    return task == threads ? count : at;
}

static void pass(size_t count, size_t task, const float *y, float *x)
{
    size_t first = share(count, task), end = share(count, task + 1);
    ipd_predict(y + first, x + first, 0.95F, x + first, end - first);
}

static void pass_weights(void *context, size_t task, int thread)
{
    ipd_bench_roofline *r = context;
    (void)thread;
    for (int l = 1; l <= r->L; l++)
        pass(r->d[l] * r->d[l - 1], task, r->W[l], r->ahead[l]);
}

static void pass_samples(void *context, size_t task, int thread)
{
    ipd_bench_roofline *r = context;
    (void)thread;
    pass(r->d[0] * r->n, task, r->a[0], r->G[0]);
    for (int l = 1; l <= r->L; l++) {
        float *const to[HIDDEN_PASSES] = {r->p[l], r->R[l], r->G[l], r->p[l], r->R[l]};
        for (int i = 0; i < (l < r->L ? HIDDEN_PASSES : LAST_PASSES); i++)
            pass(r->d[l] * r->n, task, i % 2 ? r->D[l] : r->a[l], to[i]);
    }
}

void ipd_bench_roofline_run(ipd_bench_roofline *r, double seconds)
{
    double start = ipd_seconds(), last = start, now;
    do {
        ipd_parallel_for((size_t)ipd_threads(), pass_weights, r);
        now = ipd_seconds();
        r->elementwise += now - last;
        last = now;
        multiply_all(r);
        now = ipd_seconds();
        r->products += now - last;
        last = now;
        ipd_parallel_for((size_t)ipd_threads(), pass_samples, r);
        now = ipd_seconds();
        r->elementwise += now - last;
        last = now;
        r->batches++;
    } while (now - start < seconds);
}

double ipd_bench_roofline_gflop(const ipd_bench_roofline *r)
{
    double n = (double)r->n, sum = 0;
    for (int l = 1; l <= r->L; l++) {
        double d = (double)r->d[l], from = (double)r->d[l - 1];
        sum += (l > 1 ? 8 : 4) * d * from * n + n * n * from + n * n * n + 2 * n * n * d;
    }
    return 1e-9 * sum;
}
