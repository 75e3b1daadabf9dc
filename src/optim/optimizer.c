/* optimizer.c - see optimizer.h. */
#include "optim/optimizer.h"
#include "base/blas.h"
#include "base/parallel.h"
#include "base/vector.h"
#include "optim/backprop.h"
#include "solver/average.h"
#include "solver/variable.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct optimizer {
    const ipd_method *method;
    ipd_network net;
    ipd_parameters par;
    ipd_batches samples;
    ipd_backprop backprop;
    ipd_average average;
    float *slots[IPD_MAX_SLOTS]; /* of all weights, in the order W_1, b_1, W_2, ... */
    int k;                       /* iteration, 1, 2, ... */
    int batch;                   /* the next mini-batch, from 0 */
    int batches;                 /* mini-batches of this iteration */
    int done;                    /* 1: all mini-batches of the iteration are done */
    long t;                      /* mini-batches since the start */
    double step_W[IPD_MAX_LAYERS + 1], step_b[IPD_MAX_LAYERS + 1]; /* norms of the latest step */
    uint64_t flops;                                                /* of this iteration so far */
    double loss; /* only for so_far: mean loss of the latest batch, before its step */
} optimizer;

/* The number of mini-batches of an iteration that would begin now. */
static int batches_ahead(const optimizer *o)
{
    return ipd_batches_count(&o->par, o->samples.problem.N);
}

void ipd_optimizer_close(void *state)
{
    optimizer *o = state;
    if (!o)
        return;
    for (int i = 0; i < IPD_MAX_SLOTS; i++)
        free(o->slots[i]);
    ipd_backprop_free(&o->backprop);
    ipd_average_free(&o->average);
    ipd_batches_free(&o->samples);
    ipd_network_free(&o->net);
    free(o);
}

void *ipd_optimizer_open(const ipd_method *method, const ipd_problem *problem,
                         const ipd_network *initial, const ipd_parameters *parameters, ipd_error *e)
{
    assert(ipd_problem_fits(problem, initial));
    optimizer *o = ipd_allocate(1, sizeof *o, e);
    size_t weights = 0;
    if (!o)
        return NULL;
    o->method = method;
    o->samples.problem = *problem;
    o->par = *parameters;
    o->k = parameters->first > 1 ? parameters->first : 1;
    o->batches = batches_ahead(o);
    for (int l = 1; l <= initial->L; l++)
        weights += initial->d[l] * (initial->d[l - 1] + 1);
    int failed = ipd_network_copy(&o->net, initial, e);
    for (int i = 0; i < method->rule->slots && !failed; i++)
        failed = !(o->slots[i] = ipd_allocate(weights, sizeof *o->slots[i], e));
    if (!failed)
        return o;
    ipd_optimizer_close(o);
    return NULL;
}

double ipd_optimizer_memory(const ipd_network *net, size_t N, size_t batch)
{
    size_t n = batch && batch < N ? batch : N;
    double weights = 0, shuffled = batch ? (double)n * (double)(net->d[0] + net->d[net->L]) : 0;
    for (int l = 1; l <= net->L; l++)
        weights += (double)net->d[l] * (double)(net->d[l - 1] + 1);
    return 4 * ((1 + IPD_MAX_SLOTS) * weights + shuffled + (double)N * (double)net->d[net->L]) +
           ipd_backprop_memory(net, n);
}

enum { CHUNK = 1 << 14 }; /* weights per task */

typedef struct update_job {
    optimizer *o;
    ipd_optimizer_parameters p; /* with the current lr */
    float *w;
    const float *g;
    size_t count, offset; /* of the array; offset: its position in the slots */
    double *moved;        /* squared norms of the chunks' steps; NULL: not needed */
    atomic_int not_finite;
} update_job;

static void update_chunk(void *context, size_t task, int thread)
{
    update_job *j = context;
    optimizer *o = j->o;
    size_t first = task * CHUNK, count = j->count - first < CHUNK ? j->count - first : CHUNK;
    float *slot[IPD_MAX_SLOTS] = {0}, *w = j->w + first, before[CHUNK];
    float keep = (float)(1 - j->p.lr * j->p.weight_decay);
    int bad = 0;
    (void)thread;
    for (int i = 0; i < o->method->rule->slots; i++)
        slot[i] = o->slots[i] + j->offset + first;
    if (j->moved)
        memcpy(before, w, count * sizeof *w);
    if (j->p.weight_decay > 0)
        for (size_t i = 0; i < count; i++)
            w[i] *= keep;
    o->method->rule->update(&j->p, o->t, w, j->g + first, slot, count);
    for (size_t i = 0; i < count; i++)
        bad |= !isfinite(w[i]);
    if (j->moved)
        j->moved[task] = ipd_sum_squared_difference(w, before, count);
    if (bad)
        atomic_store(&j->not_finite, 1);
}

/* The learning rate of the next mini-batch or, once all are done, of the last one. */
static double current_lr(const optimizer *o)
{
    const ipd_optimizer_parameters *p = &o->par.optimizer;
    double done = ipd_schedule_done(o->par.length, o->k, o->batch - o->done, o->batches);
    return p->lr * ipd_schedule_factor(p->lr_schedule, done);
}

/* The number of chunks of an array of `count` weights. */
static size_t chunks(size_t count)
{
    return (count + CHUNK - 1) / CHUNK;
}

/* Applies the rule to all layers that are not frozen; frozen ones keep their slots too. moved:
 * NULL, or scratch for the chunks of the largest array, to compute the norms of the steps. Returns
 * whether a weight is no longer finite. */
static int update(optimizer *o, double *moved)
{
    update_job j = {.o = o, .p = o->par.optimizer, .moved = moved};
    j.p.lr = current_lr(o);
    for (int l = 1; l <= o->net.L; l++)
        for (int bias = 0; bias < 2; bias++) {
            ipd_matrix *w = bias ? &o->net.b[l] : &o->net.W[l];
            double sum = 0;
            j.w = w->data;
            j.g = (bias ? &o->backprop.db[l] : &o->backprop.dW[l])->data;
            j.count = w->rows * w->cols;
            if (!o->par.frozen[ipd_block_index((ipd_block){IPD_W, l}, o->net.L)]) {
                ipd_parallel_for(chunks(j.count), update_chunk, &j);
                for (size_t i = 0; moved && i < chunks(j.count); i++)
                    sum += moved[i];
            }
            (bias ? o->step_b : o->step_W)[l] = sqrt(sum);
            j.offset += j.count;
        }
    return atomic_load(&j.not_finite);
}

ipd_place ipd_optimizer_place(const void *state)
{
    const optimizer *o = state;
    if (o->done)
        return (ipd_place){o->k, o->batches, o->batches, 1, {0, 0}};
    return (ipd_place){
        o->k, o->batch + 1, o->batch ? o->batches : batches_ahead(o), 1, {IPD_STEP, 0}};
}

int ipd_optimizer_advance(void *state, ipd_unit *unit, ipd_error *e)
{
    optimizer *o = state;
    uint64_t flops = ipd_flops();
    double loss, *moved = NULL;
    size_t largest = 0;
    assert(!o->done); /* finish comes first */
    if (o->batch == 0) {
        if (ipd_batches_begin(&o->samples, &o->par, o->k, e) ||
            ipd_backprop_resize(&o->backprop, &o->net, o->samples.size, e))
            return -1;
        o->batches = o->samples.count;
    }
    *unit = (ipd_unit){.at = ipd_optimizer_place(o), .change = NAN};
    ipd_batch batch = ipd_batches_at(&o->samples, o->batch);
    for (int l = 1; l <= o->net.L; l++) {
        size_t count = chunks(o->net.d[l] * o->net.d[l - 1]);
        largest = count > largest ? count : largest;
    }
    if (ipd_average_prepare(&o->average, o->par.average_weights, &o->net, e) ||
        (o->batch + 1 == o->batches && !(moved = ipd_allocate(largest, sizeof *moved, e))) ||
        ipd_backprop_gradient(&o->backprop, &o->net, &batch, &loss, e)) {
        free(moved);
        return -1;
    }
    o->t++;
    unit->phi = o->loss = loss;
    unit->not_finite = update(o, moved) || !isfinite(loss);
    free(moved);
    ipd_average_add(&o->average, o->par.average_weights, &o->net);
    o->done = unit->iteration_done = ++o->batch == o->batches;
    o->flops += ipd_flops() - flops;
    return 0;
}

int ipd_optimizer_so_far(const void *state, ipd_record *r)
{
    const optimizer *o = state;
    double N = (double)o->samples.problem.N;
    if (!o->batch || o->batches < 2)
        return 0;
    ipd_record_init(r, o->net.L);
    r->iteration = o->k;
    r->samples = fmin((double)o->batch * (double)o->samples.size, N);
    r->batches = o->batch;
    r->forward_loss = o->loss * N;
    r->lr = current_lr(o);
    r->gflop = (double)o->flops / 1e9;
    return 1;
}

int ipd_optimizer_finish(void *state, ipd_record *r, ipd_error *e)
{
    optimizer *o = state;
    const ipd_problem *all = &o->samples.problem;
    uint64_t flops = ipd_flops();
    size_t step = ipd_metrics_step(&o->par, all->N);
    ipd_evaluation forward = {.accuracy = NAN, .rmse = NAN, .loss = NAN};
    assert(o->done);
    if (ipd_metrics_due(&o->par, o->k) &&
        ipd_network_evaluate_some(&o->net, all->X, ipd_problem_truth(all), step, &forward, e))
        return -1;
    o->flops += ipd_flops() - flops;
    ipd_record_init(r, o->net.L);
    r->metrics_samples = forward.samples ? (double)forward.samples : NAN;
    r->lr = current_lr(o);
    r->iteration = o->k++;
    r->train_accuracy = forward.accuracy;
    r->train_rmse = forward.rmse;
    r->forward_loss = forward.loss;
    for (int l = 1; l <= o->net.L; l++) {
        r->step_W[l] = o->step_W[l];
        r->step_b[l] = o->step_b[l];
    }
    r->gflop = (double)o->flops / 1e9;
    r->samples = (double)all->N;
    r->batches = o->batches;
    for (int l = 1; l <= o->net.L; l++)
        r->zeros[l] = ipd_matrix_zeros(&o->net.W[l]);
    snprintf(r->method, sizeof r->method, "%s", o->method->name);
    o->batch = o->done = 0;
    o->flops = 0;
    return 0;
}

void ipd_optimizer_set(void *state, const ipd_parameters *p)
{
    ((optimizer *)state)->par = *p;
}

const ipd_parameters *ipd_optimizer_parameters_of(const void *state)
{
    return &((const optimizer *)state)->par;
}

const ipd_network *ipd_optimizer_network(const void *state)
{
    return &((const optimizer *)state)->net;
}

const ipd_network *ipd_optimizer_averaged(const void *state)
{
    return ipd_average_of(&((const optimizer *)state)->average);
}

/* The slots, momentum and the like, stay. */
int ipd_optimizer_write(void *state, ipd_variable x, const ipd_matrix *value, ipd_error *e)
{
    optimizer *o = state;
    char text[IPD_VARIABLE_TEXT];
    if (ipd_variable_check(x, o->net.L, 1, e))
        return -1;
    ipd_variable_text(x, text);
    if (x.kind != IPD_VARIABLE_W && x.kind != IPD_VARIABLE_B)
        return ipd_fail(e, IPD_ESTATE, "%s has no %s: its variables are W and b", o->method->name,
                        text);
    ipd_matrix *now = x.kind == IPD_VARIABLE_W ? &o->net.W[x.layer] : &o->net.b[x.layer];
    if (ipd_variable_fits(x, now, value, e))
        return -1;
    ipd_matrix_copy(now, value);
    return 0;
}

/* Restores the mini-batches of an iteration that has begun: batch size and shuffling were fixed
 * then. */
static int restore_batches(optimizer *o, int64_t size, ipd_error *e)
{
    ipd_parameters as = o->par;
    as.batch = (size_t)size;
    as.shuffle = o->samples.shuffle;
    return ipd_batches_begin(&o->samples, &as, o->k, e) ||
                   ipd_backprop_resize(&o->backprop, &o->net, o->samples.size, e)
               ? -1
               : 0;
}

int ipd_optimizer_transfer(void *state, ipd_archive *ar, ipd_error *e)
{
    optimizer *o = state;
    size_t weights = 0, N = o->samples.problem.N, L = (size_t)o->net.L;
    int64_t size = o->batch ? (int64_t)o->samples.size : 0, t = o->t, flops = (int64_t)o->flops;
    ipd_archive_ints(ar, &size, 1, 0, (int64_t)N, "batch_size"); /* 0: no iteration has begun */
    o->batches = size ? (int)((N + (size_t)size - 1) / (size_t)size) : batches_ahead(o);
    ipd_archive_int(ar, &o->k, 1, INT_MAX - 1, "iteration");
    ipd_archive_int(ar, &o->batch, size > 0, size ? o->batches : 0, "batch");
    ipd_archive_int(ar, &o->samples.shuffle, 0, 1, "shuffled");
    ipd_archive_ints(ar, &t, 1, 0, LONG_MAX - 1, "steps");
    ipd_archive_ints(ar, &flops, 1, 0, INT64_MAX, "operations");
    o->done = size && o->batch == o->batches;
    o->t = (long)t;
    o->loss = ipd_archive_reading(ar) ? NAN : o->loss;
    o->flops = (uint64_t)flops;
    ipd_archive_doubles(ar, o->step_W + 1, L, "step_W");
    ipd_archive_doubles(ar, o->step_b + 1, L, "step_b");
    for (int l = 1; l <= o->net.L; l++) {
        weights += o->net.d[l] * (o->net.d[l - 1] + 1);
        ipd_archive_matrix(ar, &o->net.W[l], "W%d", l);
        ipd_archive_matrix(ar, &o->net.b[l], "b%d", l);
    }
    for (int i = 0; i < o->method->rule->slots; i++)
        ipd_archive_floats(ar, o->slots[i], weights, "slot%d", i + 1);
    return ipd_average_transfer(&o->average, &o->net, ar, e) ||
                   (ipd_archive_reading(ar) && size && restore_batches(o, size, e))
               ? -1
               : 0;
}
