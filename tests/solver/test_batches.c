/* test_batches.c - the order of the samples, shuffled as a whole or in blocks, and targets made of
 * labels. */
#include "solver/batches.h"
#include "tests/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 100, CLASSES = 3, MANY = 2900 };

/* Samples whose first input is their number. */
typedef struct set {
    ipd_matrix X, Y, none;
    ipd_label *labels;
    ipd_problem problem;
} set;

static void make(set *s, size_t N)
{
    ipd_error e;
    s->labels = calloc(N, sizeof *s->labels);
    if (!s->labels || ipd_matrix_init(&s->X, WIDTH, N, &e))
        exit(99);
    for (size_t n = 0; n < N; n++) {
        s->X.data[n * WIDTH] = (float)n;
        s->labels[n] = (ipd_label)(n * 7 % CLASSES);
    }
    const ipd_loss *loss = ipd_loss_find("squared");
    if (ipd_targets(&s->Y, loss, s->labels, N, CLASSES, &e))
        exit(99);
    s->none = (ipd_matrix){CLASSES, N, NULL};
    s->problem = (ipd_problem){
        .X = ipd_inputs_of(&s->X), .Y = &s->none, .labels = s->labels, .N = N, .loss = loss};
}

static void release(set *s)
{
    ipd_matrix_free(&s->X);
    ipd_matrix_free(&s->Y);
    free(s->labels);
}

/* Reads an epoch; counts samples that have wrong labels or targets, or do not come once. */
static size_t read_epoch(ipd_batches *b, const set *s, const ipd_parameters *p, int epoch,
                         uint32_t *order)
{
    ipd_error e;
    size_t wrong = 0, at = 0, N = s->problem.N;
    char *seen = calloc(N, 1);
    if (!seen || ipd_batches_begin(b, p, epoch, &e))
        exit(99);
    for (int i = 0; i < b->count; i++) {
        ipd_batch batch = ipd_batches_at(b, i);
        for (size_t k = 0; k < batch.X.cols; k++, at++) {
            size_t n = (size_t)batch.X.data[k * WIDTH];
            wrong += n >= N || seen[n]++ || batch.labels[k] != s->labels[n] ||
                     memcmp(batch.Y.data + k * CLASSES, s->Y.data + n * CLASSES,
                            CLASSES * sizeof(float));
            order[at] = (uint32_t)n;
        }
    }
    free(seen);
    return wrong + (at != N);
}

static void test_orders(size_t N, size_t batch)
{
    set s;
    make(&s, N);
    ipd_parameters p = {.batch = batch, .shuffle = 1, .seed = 5, .shuffle_space = 1};
    ipd_batches b = {.problem = s.problem}, c = {.problem = s.problem};
    uint32_t *order = calloc(3 * N, sizeof *order);
    size_t wrong = read_epoch(&b, &s, &p, 1, order) + read_epoch(&b, &s, &p, 2, order + N),
           moved = 0;
    ok(!wrong, "%zu samples in batches of %zu: each comes once, with its label and target", N,
       batch);
    ok(memcmp(order, order + N, N * sizeof *order) != 0, "each epoch has its own order");
    size_t again = read_epoch(&c, &s, &p, 2, order + 2 * N);
    ok(!again && !memcmp(order + N, order + 2 * N, N * sizeof *order),
       "the same seed gives the same order");
    again = 0;
    for (int i = b.count - 1; i >= 0; i -= b.count / 3 + 1) /* as after a resume */
        again += (uint32_t)ipd_batches_at(&b, i).X.data[0] != order[N + (size_t)i * batch];
    ok(!again, "the same order if an epoch is entered at any batch");
    for (size_t i = 1; i < N; i++)
        moved += order[i] != order[i - 1] + 1;
    ok(moved > N - N / 10, "neighbours in the data are separated");
    int blocks = b.blocks != NULL;
    ok(blocks == (N * (WIDTH + 1) * sizeof(float) > 1 << 20), "blocks are used only above 1 MiB");
    p.seed = 6;
    (void)read_epoch(&b, &s, &p, 2, order);
    ok(memcmp(order, order + N, N * sizeof *order) != 0, "another seed gives another order");
    p.shuffle = 0;
    wrong = read_epoch(&b, &s, &p, 3, order);
    for (size_t i = 0; i < N; i++)
        wrong += order[i] != i;
    ok(!wrong, "without shuffling the order is that of the data");
    p.batch = 0;
    ok(!read_epoch(&b, &s, &p, 4, order) && !read_epoch(&b, &s, &p, 5, order), "full batch");
    ipd_batches_free(&b);
    ipd_batches_free(&c);
    free(order);
    release(&s);
}

int main(void)
{
    test_orders(50, 7);
    for (size_t N = MANY; N < MANY + 4; N++) /* the last block is whole or not */
        test_orders(N, N % 2 ? 64 : 333);
    return done();
}
