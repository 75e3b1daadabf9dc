/* sweep.c - see sweep.h. */
#include "solver/sweep.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ipd_sweep_close(void *state)
{
    ipd_sweep *m = state;
    if (!m)
        return;
    ipd_solver_free(&m->s);
    ipd_network_free(&m->net);
    ipd_batches_free(&m->samples);
    ipd_audit_free(&m->audit);
    ipd_average_free(&m->average);
    free(m);
}

/* Resets the reports of this iteration's W-steps under an l1 penalty. */
static void forget_sparse(ipd_sweep *m)
{
    for (int l = 1; l <= IPD_MAX_LAYERS; l++)
        m->s.sparse[l] = (ipd_sparse_report){NAN, NAN};
}

/* Sets rho for the next batch or, once all batches are done, for the last one. */
static void set_rho(ipd_sweep *m)
{
    const ipd_parameters *par = &m->s.par;
    double done = ipd_schedule_done(par->length, m->k, m->batch - m->done, m->batches);
    m->s.rho = ipd_rho_in_force(par->schedule, par->rho, done);
}

void *ipd_sweep_open(const ipd_method *method, const ipd_problem *problem,
                     const ipd_network *initial, const ipd_parameters *parameters, ipd_error *e)
{
    assert(ipd_problem_fits(problem, initial) && parameters->order.count > 0);
    ipd_sweep *m = ipd_allocate(1, sizeof *m, e);
    if (!m)
        return NULL;
    m->method = method;
    m->audit.rules = method->blocks->audit;
    m->problem = m->samples.problem = *problem;
    m->s.par = *parameters;
    m->s.prox = method->blocks->prox;
    m->s.output_variable = method->blocks->output_variable;
    m->k = parameters->first > 1 ? parameters->first : 1;
    m->batches = 1;
    forget_sparse(m);
    m->forward_loss = NAN;
    m->size = IPD_NO_BATCHES; /* nothing is loaded: the first iteration allocates */
    if (ipd_network_copy(&m->net, initial, e)) {
        ipd_sweep_close(m);
        return NULL;
    }
    return m;
}

/* 1 if no block of the iteration has been visited. */
static int begins(const ipd_sweep *m)
{
    return m->batch == 0 && m->sweep == 0 && m->visits == 0;
}

/* Applies changes that must wait for an iteration's start: batches and the order of the samples. */
static int begin_iteration(ipd_sweep *m, ipd_error *e)
{
    const ipd_parameters *par = &m->s.par;
    if (ipd_batches_begin(&m->samples, par, m->k, e))
        return -1;
    if (m->size != par->batch) {
        if (ipd_solver_resize(&m->s, &m->net, m->samples.size, e))
            return -1;
        m->loaded = 0;
        m->s.same_data = par->batch == 0;
    }
    m->size = par->batch;
    m->inner = par->batch ? par->inner : 1;
    m->batches = m->samples.count;
    return 0;
}

/* Loads the samples of the next batch, and sets z and a by a forward pass. */
static int load_batch(ipd_sweep *m, ipd_error *e)
{
    ipd_batch batch = ipd_batches_at(&m->samples, m->batch);
    m->s.share = (double)batch.X.cols / (double)m->problem.N;
    if (ipd_audit_loading(&m->audit, &m->s, batch.X.cols, e) ||
        m->method->blocks->load(&m->s, batch.X, batch.Y, batch.labels, e))
        return -1;
    m->forward_loss = m->s.sums.loss / m->s.share;
    ipd_audit_loaded(&m->audit, &m->s);
    return 0;
}

/* Prepares the next block: loads the batch, starts the sums of a new sweep. */
static int prepare(ipd_sweep *m, ipd_error *e)
{
    if (begins(m) && begin_iteration(m, e))
        return -1;
    set_rho(m);
    if (ipd_average_prepare(&m->average, m->s.par.average_weights, &m->net, e) ||
        (!m->loaded && load_batch(m, e)))
        return -1;
    m->loaded = 1;
    m->s.measure = m->batch == m->batches - 1;
    if (m->visits == 0) {
        m->start = m->s.sums;
        m->changed = 0;
    }
    return 0;
}

/* 1 if the block has yet to be visited in this sweep. */
static int awaits(const ipd_sweep *m, ipd_block_kind kind, int layer)
{
    return !m->visited[ipd_block_index((ipd_block){kind, layer}, m->net.L)];
}

static ipd_block next_block(const ipd_sweep *m)
{
    const ipd_order *order = &m->s.par.order;
    for (int i = 0; i < order->count; i++)
        if (!m->visited[ipd_block_index(order->blocks[i], m->net.L)])
            return order->blocks[i];
    return (ipd_block){0};
}

int ipd_sweep_stay(ipd_solver *s, ipd_block block, ipd_error *e)
{
    ipd_variables *v = &s->v;
    int l = block.layer;
    switch (block.kind) {
    case IPD_Z:
        ipd_matrix_copy(&v->z_old[l], &v->z[l]);
        s->sums.step_z[l] = 0;
        if (l == v->net->L && s->output_variable) {
            ipd_matrix_copy(&v->a_old[l], &v->a[l]);
            s->sums.step_a[l] = 0;
        }
        return ipd_product_step(s, l, e);
    case IPD_W:
        ipd_matrix_copy(&v->W_old[l], &v->net->W[l]);
        ipd_matrix_copy(&v->b_old[l], &v->net->b[l]);
        s->sums.step_W[l] = s->sums.step_b[l] = 0;
        s->rank[l] = s->condition[l] = NAN;
        return 0;
    default:
        ipd_matrix_copy(&v->a_old[l], &v->a[l]);
        s->sums.step_a[l] = 0;
        /* The W-step of layer l+1 may have left out the product, which a moving a_l would
         * change. */
        return ipd_product_step(s, l + 1, e);
    }
}

/* Adds a batch to the totals of the iteration, after its last sweep. */
static void end_batch(ipd_sweep *m)
{
    m->total.loss += m->s.sums.loss;
    for (int l = 1; l <= m->net.L; l++) {
        m->total.linear[l] += m->s.sums.linear[l];
        m->total.activation[l] += m->s.sums.activation[l];
    }
    m->correct += ipd_solver_count_correct(&m->s);
    ipd_average_add(&m->average, m->s.par.average_weights, &m->net);
    m->sweep = 0;
    if (m->size)
        m->loaded = 0;
    if (++m->batch == m->batches)
        m->done = 1;
}

ipd_place ipd_sweep_place(const void *state)
{
    const ipd_sweep *m = state;
    ipd_place at = {m->k, m->batch + 1, m->batches, m->sweep + 1, next_block(m)};
    if (begins(m)) /* the batch size may have changed */
        at.batches = ipd_batches_count(&m->s.par, m->problem.N);
    if (m->done) {
        at.batch = m->batches;
        at.block = (ipd_block){0};
    }
    return at;
}

int ipd_sweep_advance(void *state, ipd_unit *unit, ipd_error *e)
{
    ipd_sweep *m = state;
    const ipd_blocks *blocks = m->method->blocks;
    uint64_t flops = ipd_flops();
    assert(!m->done); /* the caller must finish first */
    if (prepare(m, e))
        return -1;
    assert(ipd_variables_fit(&m->s.v));
    ipd_block block = next_block(m);
    int index = ipd_block_index(block, m->net.L);
    double before = ipd_phi(&m->s.sums, m->net.L, m->s.rho);
    *unit = (ipd_unit){.at = ipd_sweep_place(m)};
    if (ipd_audit_before(&m->audit, &m->s, block, e))
        return -1;
    m->s.waits = block.kind == IPD_W ? block.layer > 1 && awaits(m, IPD_A, block.layer - 1)
                                     : block.kind == IPD_A && awaits(m, IPD_W, block.layer + 1);
    if ((m->s.par.frozen[index] ? blocks->stay : blocks->visit)(&m->s, block, e))
        return -1;
    unit->finding = ipd_audit_after(&m->audit, &m->s, &unit->at);
    unit->phi = ipd_phi(&m->s.sums, m->net.L, m->s.rho);
    unit->change = unit->phi - before;
    unit->not_finite = !isfinite(unit->phi);
    m->change[index] += unit->change;
    m->visited[index] = 1;
    if (++m->visits == m->s.par.order.count) {
        memset(m->visited, 0, sizeof m->visited);
        m->visits = 0;
        if (++m->sweep >= m->inner)
            end_batch(m);
    }
    unit->iteration_done = m->done;
    m->flops += ipd_flops() - flops;
    return 0;
}

/* Records Phi and its parts, with the sums over the batches so far times `scale`. */
static void record_phi(const ipd_sweep *m, double scale, ipd_record *r)
{
    const ipd_sums *t = &m->total;
    int L = m->net.L;
    r->rho = m->s.rho;
    r->loss = scale * t->loss;
    r->regularizer = r->linear_gap = r->activation_gap = 0;
    for (int l = 1; l <= L; l++) {
        r->regularizer += ipd_penalty_value(m->s.par.penalty[l], &m->net.W[l]);
        r->linear_gap += r->linear_gap_by_layer[l] = scale * t->linear[l];
        if (l < L || m->s.output_variable)
            r->activation_gap += r->activation_gap_by_layer[l] = scale * t->activation[l];
    }
    r->phi = r->loss + r->regularizer + m->s.rho / 2 * (r->linear_gap + r->activation_gap);
}

static void record_steps(const ipd_sweep *m, ipd_record *r)
{
    const ipd_sums *last = &m->s.sums;
    int L = m->net.L;
    for (int l = 1; l <= L; l++) {
        r->step_z[l] = sqrt(last->step_z[l]);
        r->step_W[l] = sqrt(last->step_W[l]);
        r->step_b[l] = sqrt(last->step_b[l]);
        r->gram_rank[l] = m->s.rank[l];
        r->gram_condition[l] = m->s.condition[l];
        r->zeros[l] = ipd_matrix_zeros(&m->net.W[l]);
        r->sparse_residual[l] = m->s.sparse[l].residual;
        r->sparse_rounds[l] = m->s.sparse[l].rounds;
        if (l < L || m->s.output_variable)
            r->step_a[l] = sqrt(last->step_a[l]);
    }
    for (int i = 0; i < 3 * L - 1; i++)
        r->change_by_block[i] = m->change[i];
}

/* Fills the record at an iteration's end, except xi. */
static int record(ipd_sweep *m, ipd_record *r, ipd_error *e)
{
    const ipd_parameters *par = &m->s.par;
    uint64_t flops = ipd_flops();
    set_rho(m); /* a restored state has none */
    ipd_record_init(r, m->net.L);
    record_phi(m, 1, r);
    record_steps(m, r);
    if ((ipd_metrics_due(par, m->k) && ipd_solver_forward(&m->s, &m->problem, r, e)) ||
        (par->spectrum && ipd_solver_spectrum(&m->s, r, e)))
        return -1;
    m->flops += ipd_flops() - flops;
    r->iteration = m->k;
    r->samples = (double)m->problem.N;
    r->batches = m->batches;
    r->alpha = par->alpha;
    r->beta = par->beta;
    r->gamma = par->gamma;
    r->delta = par->delta;
    memcpy(r->order, par->order.name, sizeof r->order);
    snprintf(r->method, sizeof r->method, "%s", m->method->name);
    ipd_audit_record(&m->audit, r);
    if (m->problem.labels)
        r->auxiliary_accuracy = (double)m->correct / (double)m->problem.N;
    r->gflop = (double)m->flops / 1e9;
    return 0;
}

int ipd_sweep_so_far(const void *state, ipd_record *r)
{
    const ipd_sweep *m = state;
    double N = (double)m->problem.N, done = (double)m->batch * (double)m->size;
    if (!m->size || !m->batch)
        return 0;
    done = fmin(done, N);
    ipd_record_init(r, m->net.L);
    record_phi(m, N / done, r);
    r->iteration = m->k;
    r->samples = done;
    r->batches = m->batch;
    r->forward_loss = m->forward_loss;
    if (m->problem.labels)
        r->auxiliary_accuracy = (double)m->correct / done;
    r->gflop = (double)m->flops / 1e9;
    return 1;
}

int ipd_sweep_finish(void *state, ipd_record *r, ipd_error *e)
{
    ipd_sweep *m = state;
    ipd_parameters *par = &m->s.par;
    assert(m->done);
    if (record(m, r, e))
        return -1;
    if (m->method->blocks->end)
        m->method->blocks->end(m, r);
    m->k++;
    m->batch = m->done = 0;
    m->total = (ipd_sums){0};
    m->correct = 0;
    m->flops = 0;
    memset(m->change, 0, sizeof m->change);
    forget_sparse(m);
    par->rho = ipd_rho_next(par->schedule, par->rho, par->theta, par->rho_max);
    return 0;
}

void ipd_sweep_set(void *state, const ipd_parameters *p)
{
    ipd_sweep *m = state;
    m->s.par = *p;
    m->changed = 1; /* cleared when a sweep begins */
    for (int l = 1; l <= m->net.L && m->loaded; l++)
        ipd_regularizer_step(&m->s, l);
}

const ipd_parameters *ipd_sweep_parameters(const void *state)
{
    return &((const ipd_sweep *)state)->s.par;
}

const ipd_network *ipd_sweep_network(const void *state)
{
    return &((const ipd_sweep *)state)->net;
}

const ipd_network *ipd_sweep_averaged(const void *state)
{
    return ipd_average_of(&((const ipd_sweep *)state)->average);
}

const ipd_variables *ipd_sweep_variables(const void *state)
{
    return &((const ipd_sweep *)state)->s.v;
}
