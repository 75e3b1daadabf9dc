/* written.c - a method from a file: its place, its units of work and its records. See written.h. */
#include "solver/written.h"
#include "solver/solver.h"
#include "solver/sweep.h"
#include "solver/variable.h"
#include "solver/written_private.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Thread_local int (*ipd_written_stopped)(void *context);
_Thread_local void *ipd_written_stopped_by;

static void close_state(void *state)
{
    ipd_written_state *s = state;
    if (!s)
        return;
    if (s->interpreter)
        s->written->close(s->interpreter);
    ipd_written_free_samples(s);
    for (int l = 1; l <= IPD_MAX_LAYERS; l++) {
        ipd_matrix_free(&s->v.W_old[l]);
        ipd_matrix_free(&s->v.b_old[l]);
        for (int i = 0; i < s->written->own_count; i++)
            ipd_matrix_free(&s->own[i][l]);
    }
    ipd_network_free(&s->net);
    ipd_batches_free(&s->samples);
    ipd_average_free(&s->average);
    free(s->by_tile);
    free(s);
}

/* W_old := W and b_old := b */
static int make_history(ipd_written_state *s, ipd_error *e)
{
    for (int l = 1; l <= s->net.L && s->written->keeps_W; l++) {
        if (ipd_matrix_init(&s->v.W_old[l], s->net.d[l], s->net.d[l - 1], e) ||
            ipd_matrix_init(&s->v.b_old[l], s->net.d[l], 1, e))
            return -1;
        ipd_matrix_copy(&s->v.W_old[l], &s->net.W[l]);
        ipd_matrix_copy(&s->v.b_old[l], &s->net.b[l]);
    }
    return 0;
}

/* A record without values, with the metrics of the definition. */
static void begin_record(const ipd_written_state *s, ipd_record *r)
{
    ipd_record_init(r, s->net.L);
    memcpy(r->metric_names, s->written->parts, sizeof s->written->parts);
}

static void clear_sums(ipd_written_state *s)
{
    begin_record(s, &s->sums);
    s->correct = 0;
    s->flops = 0;
}

static void *open_state(const ipd_method *method, const ipd_problem *problem,
                        const ipd_network *initial, const ipd_parameters *parameters, ipd_error *e)
{
    assert(ipd_problem_fits(problem, initial));
    ipd_written_state *s = ipd_allocate(1, sizeof *s, e);
    if (!s)
        return NULL;
    s->method = method;
    s->written = method->written;
    s->samples.problem = *problem;
    s->par = *parameters;
    s->k = parameters->first > 1 ? parameters->first : 1;
    s->batches = 1;
    s->size = IPD_NO_BATCHES;
    if (!ipd_network_copy(&s->net, initial, e)) {
        s->v.net = &s->net;
        clear_sums(s);
        if (!ipd_written_make_own(s, 0, 0, e) && !make_history(s, e) &&
            (s->interpreter = s->written->open(method, s, e)))
            return s;
    }
    close_state(s);
    return NULL;
}

/* 1 if no block of the iteration has been visited. */
static int begins(const ipd_written_state *s)
{
    return s->batch == 0 && s->sweep == 0 && s->visits == 0;
}

/* Sets rho for the next batch or, once all batches are done, for the last one. */
static void set_rho(ipd_written_state *s)
{
    double done = ipd_schedule_done(s->par.length, s->k, s->batch - s->done, s->batches);
    s->rho = ipd_rho_in_force(s->par.schedule, s->par.rho, done);
}

/* Prepares the next block: applies changes that must wait for an iteration's start, loads the
 * batch. */
static int prepare(ipd_written_state *s, ipd_error *e)
{
    if (begins(s)) {
        if (ipd_batches_begin(&s->samples, &s->par, s->k, e))
            return -1;
        if (s->size != s->par.batch) {
            s->loaded = 0;
            if (ipd_written_resize(s, s->samples.size, e))
                return -1;
        }
        s->size = s->par.batch;
        s->inner = s->par.batch ? (size_t)s->par.inner : 1;
        s->batches = s->samples.count;
    }
    set_rho(s);
    if (ipd_average_prepare(&s->average, s->par.average_weights, &s->net, e) ||
        (!s->loaded && ipd_written_load(s, e)))
        return -1;
    s->loaded = 1;
    return 0;
}

int ipd_written_begin(void *state, ipd_error *e)
{
    return prepare(state, e);
}

static int same_block(ipd_block x, ipd_block y)
{
    return x.kind == y.kind && x.layer == y.layer;
}

static ipd_block next_block(const ipd_written_state *s)
{
    const ipd_order *order = &s->par.order;
    for (int i = 0; i < order->count; i++) {
        int seen = 0;
        for (int j = 0; j < s->visits; j++)
            seen |= same_block(s->visited[j], order->blocks[i]);
        if (!seen)
            return order->blocks[i];
    }
    return (ipd_block){0};
}

static ipd_place place_of(const void *state)
{
    const ipd_written_state *s = state;
    ipd_place at = {s->k, s->batch + 1, s->batches, s->sweep + 1, next_block(s)};
    if (begins(s)) /* the batch size may have changed */
        at.batches = ipd_batches_count(&s->par, s->samples.problem.N);
    if (s->done) {
        at.batch = s->batches;
        at.block = (ipd_block){0};
    }
    return at;
}

/* 1 if the field is a sum over samples. */
static int is_sum(const ipd_field *f)
{
    return !strcmp(f->column, "loss") || !strcmp(f->column, "linear_gap") ||
           !strcmp(f->column, "activation_gap") || !strcmp(f->column, "phi");
}

/* Adds the fields that are sums over samples; the other fields keep the last batch's value. */
static void add_measured(ipd_written_state *s, const ipd_record *r)
{
    ipd_record *sums = &s->sums;
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        for (int i = 0; f->kind == IPD_DOUBLE && i < ipd_field_count(f, s->net.L); i++) {
            double x = ipd_field_value(f, r, i), before = ipd_field_value(f, sums, i);
            if (f->extent ==
                IPD_BY_METRIC) /* `before` is NaN if another text did earlier batches */
                ipd_field_put(f, sums, i, s->batch ? before + x : x);
            else if (!isnan(x))
                ipd_field_put(f, sums, i, is_sum(f) && !isnan(before) ? before + x : x);
        }
    }
}

static void end_batch(ipd_written_state *s, const ipd_record *measured)
{
    const ipd_matrix *z = &s->v.z[s->net.L];
    if (!isnan(measured->phi) && !isnan(measured->regularizer) && !isnan(s->sums.phi))
        s->sums.phi -= s->sums.regularizer; /* counted once, at the end */
    add_measured(s, measured);
    for (size_t n = 0; z->data && n < s->v.n; n++)
        s->correct += s->v.labels && ipd_argmax(z->data + n * z->rows, z->rows) == s->v.labels[n];
    ipd_average_add(&s->average, s->par.average_weights, &s->net);
    s->sweep = 0;
    if (s->size)
        s->loaded = 0;
    if (++s->batch == s->batches)
        s->done = 1;
}

/* Undoes prepare and the products of a failed block. Products that were remembered before it and
 * are lost are computed again, so that the operations of the iteration are counted as without the
 * failure. Returns -1. */
static int forget(ipd_written_state *s, const int *had, int loaded)
{
    ipd_error other;
    s->loaded = loaded;
    for (int l = 1; l <= s->net.L; l++) {
        int valid = s->v.p_valid[l];
        s->v.p_valid[l] = loaded && had[l] && valid;
        if (loaded && had[l] && !valid)
            ipd_written_product(s, l, &other);
    }
    return -1;
}

static int is_frozen(const ipd_written_state *s, ipd_block block)
{
    int index = ipd_block_index(block, s->net.L);
    return index >= 0 && s->par.frozen[index];
}

static int advance(void *state, ipd_unit *unit, ipd_error *e)
{
    ipd_written_state *s = state;
    uint64_t flops = ipd_flops();
    ipd_record measured;
    int loaded = s->loaded, had[IPD_MAX_LAYERS + 1];
    assert(!s->done);
    memcpy(had, s->v.p_valid, sizeof had);
    if (prepare(s, e))
        return -1;
    ipd_block block = next_block(s);
    int last = s->visits + 1 == s->par.order.count && (size_t)s->sweep + 1 >= s->inner;
    begin_record(s, &measured);
    *unit = (ipd_unit){.at = place_of(s), .phi = NAN, .change = NAN};
    ipd_written_audit audit = {.count = 0};
    int audited = s->par.audit && block.kind && strchr(s->written->exact, (int)block.kind) &&
                  !is_frozen(s, block);
    int failed = audited && ipd_written_audit_begin(s, block, &audit, e);
    s->keeps = last || audited;
    s->not_finite = 0;
    s->finding[0] = 0;
    if (!failed && is_frozen(s, block))
        ipd_written_stay(s, block);
    else if (!failed)
        failed = s->written->update(s->interpreter, block, e);
    if (!failed && audited)
        failed = ipd_written_audit_check(s, &audit, e);
    ipd_written_audit_end(&audit);
    if (!failed && last)
        failed = s->written->measure(s->interpreter, &measured, e);
    ipd_written_release(s, failed);
    s->keeps = 0;
    if (failed)
        return forget(s, had, loaded);
    unit->not_finite = s->not_finite;
    s->visited[s->visits++] = block;
    unit->finding = *s->finding ? s->finding : NULL;
    if (last)
        unit->phi = isnan(measured.phi) ? measured.loss : measured.phi;
    if (s->visits == s->par.order.count) {
        s->visits = 0;
        if ((size_t)++s->sweep >= s->inner)
            end_batch(s, &measured);
    }
    unit->iteration_done = s->done;
    s->flops += ipd_flops() - flops;
    return 0;
}

static int so_far(const void *state, ipd_record *r)
{
    const ipd_written_state *s = state;
    double N = (double)s->samples.problem.N, done = fmin((double)s->batch * (double)s->size, N);
    if (!s->size || !s->batch)
        return 0;
    *r = s->sums;
    double once = isnan(r->phi) || isnan(r->regularizer) || done == N ? 0 : r->regularizer;
    r->phi -= once;
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        for (int i = 0; is_sum(f) && i < ipd_field_count(f, s->net.L); i++)
            ipd_field_put(f, r, i, ipd_field_value(f, r, i) * (N / done));
    r->phi += once; /* the regularizer is not a sum over samples */
    r->iteration = s->k;
    r->samples = done;
    r->batches = s->batch;
    if (ipd_method_uses(s->method, "rho"))
        r->rho = s->rho;
    if (s->written->z && s->samples.problem.labels)
        r->auxiliary_accuracy = (double)s->correct / done;
    r->gflop = (double)s->flops / 1e9;
    return 1;
}

static int finish(void *state, ipd_record *r, ipd_error *e)
{
    ipd_written_state *s = state;
    ipd_parameters *par = &s->par;
    const ipd_problem *all = &s->samples.problem;
    uint64_t flops = ipd_flops();
    ipd_evaluation forward = {.accuracy = NAN, .rmse = NAN, .loss = NAN};
    assert(s->done);
    set_rho(s); /* a restored state has none */
    if (ipd_metrics_due(par, s->k) &&
        ipd_network_evaluate_some(&s->net, all->X, ipd_problem_truth(all),
                                  ipd_metrics_step(par, all->N), &forward, e))
        return -1;
    s->flops += ipd_flops() - flops;
    *r = s->sums;
    r->metrics_samples = forward.samples ? (double)forward.samples : NAN;
    r->train_accuracy = forward.accuracy;
    r->train_rmse = forward.rmse;
    r->forward_loss = forward.loss;
    r->iteration = s->k++;
    r->samples = (double)all->N;
    r->batches = s->batches;
    if (ipd_method_uses(s->method, "rho"))
        r->rho = s->rho;
    r->alpha = ipd_method_uses(s->method, "alpha") ? par->alpha : NAN;
    r->beta = ipd_method_uses(s->method, "beta") ? par->beta : NAN;
    r->gamma = ipd_method_uses(s->method, "gamma") ? par->gamma : NAN;
    r->delta = ipd_method_uses(s->method, "delta") ? par->delta : NAN;
    for (int l = 1; l <= s->net.L; l++) {
        r->step_W[l] = s->step[0][l];
        r->step_b[l] = s->step[1][l];
        if (s->written->z)
            r->step_z[l] = s->step[2][l];
        if (s->written->a > (l == s->net.L))
            r->step_a[l] = s->step[3][l];
        r->zeros[l] = ipd_matrix_zeros(&s->net.W[l]);
    }
    if (s->written->z && all->labels)
        r->auxiliary_accuracy = (double)s->correct / (double)all->N;
    r->gflop = (double)s->flops / 1e9;
    memcpy(r->order, par->order.name, sizeof r->order);
    snprintf(r->method, sizeof r->method, "%s", s->method->name);
    s->batch = s->done = 0;
    clear_sums(s);
    par->rho = ipd_rho_next(par->schedule, par->rho, par->theta, par->rho_max);
    return 0;
}

static void set_parameters(void *state, const ipd_parameters *p)
{
    ipd_written_state *s = state;
    s->par = *p;
}

static const ipd_parameters *parameters_of(const void *state)
{
    return &((const ipd_written_state *)state)->par;
}

static const ipd_network *network_of(const void *state)
{
    return &((const ipd_written_state *)state)->net;
}

static const ipd_network *averaged_of(const void *state)
{
    return ipd_average_of(&((const ipd_written_state *)state)->average);
}

static const ipd_variables *variables_of(const void *state)
{
    return &((const ipd_written_state *)state)->v;
}

int ipd_written_check(const ipd_method *method, const ipd_parameters *p, ipd_error *e)
{
    if (method->written->full_batch && p->batch)
        return ipd_fail(e, IPD_EUSAGE, "%s needs the full batch. Set batch = 0", method->name);
    return 0;
}

void ipd_written_fill(ipd_method *m, const ipd_written *written)
{
    static const struct ipd_blocks blocks = {.audit = NULL};
    m->written = written;
    m->open = open_state;
    m->advance = advance;
    m->finish = finish;
    m->so_far = so_far;
    m->set = set_parameters;
    m->parameters = parameters_of;
    m->place = place_of;
    m->network = network_of;
    m->averaged = averaged_of;
    m->memory = ipd_solver_memory;
    m->write = ipd_written_write;
    m->transfer = ipd_written_transfer;
    m->close = close_state;
    if (!written->z && !written->a)
        return;
    m->variables = variables_of;
    m->blocks = &blocks;
}
