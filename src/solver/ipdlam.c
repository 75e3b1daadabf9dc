/* ipdlam.c - Algorithm 1 of the paper, one block update at a time.
 *
 *   Set alpha, beta, gamma >= 0, delta >= 0, theta >= 1, rho-bar >= rho_0 > 0
 *   z^0, a^0, W^0: W and b as given, z and a by one forward pass
 *   for k = 1, 2, ...
 *     1-3  z^ = z + alpha (z - z_old),  W^ = W + beta (W - W_old),  a^ = a + gamma (a - a_old)
 *     4    z_l := S^sigma(a_l, (W_l a_{l-1} + delta z^_l)/(1 + delta), 1 + delta),   l < L
 *     5    z_L := P^loss(y, (W_L a_{L-1} + delta z^_L)/(1 + delta), rho (1 + delta))
 *     6    W_l (and b_l) := argmin
 *     7    a_l := argmin
 *     8    rho := min(theta rho, rho-bar)
 *
 * Steps 4 to 7 are the blocks of a sweep, visited in the order that is set; each forms its own
 * prediction, from iterates that stay fixed during the sweep. In mini-batches an iteration is an
 * epoch: for each batch z and a start from a forward pass, without history, and take `inner`
 * sweeps; W and b keep their history from batch to batch. DLAM is this with alpha = beta = gamma =
 * delta = 0.
 */
#include "solver/batches.h"
#include "solver/solver.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct ipdlam {
    ipd_solver s;
    ipd_network net; /* W and b */
    ipd_problem problem;
    ipd_batches samples;
    size_t size;               /* of this iteration's mini-batches, 0 = full batch */
    int inner;                 /* of this iteration; what is set meanwhile waits in s.par */
    int k;                     /* iteration, 1, 2, ... */
    int batch, batches, sweep; /* from 0; sweep is within the batch */
    int loaded;                /* 1: the samples of this batch are at hand */
    int done;                  /* 1: all blocks of the iteration are visited */
    char visited[IPD_MAX_BLOCKS];
    int visits;                    /* blocks visited in this sweep */
    int changed;                   /* a setting changed within this sweep */
    ipd_sums start;                /* sums as the sweep began */
    ipd_sums total;                /* parts of Phi, summed over the batches so far */
    size_t correct;                /* samples whose largest z_L is at their label, likewise */
    double change[IPD_MAX_BLOCKS]; /* of Phi by each block, likewise */
    uint64_t flops;                /* of this iteration so far */
} ipdlam;

static void ipdlam_close(void *state)
{
    ipdlam *m = state;
    if (!m)
        return;
    ipd_solver_free(&m->s);
    ipd_network_free(&m->net);
    ipd_batches_free(&m->samples);
    free(m);
}

static void *ipdlam_open(const ipd_problem *problem, const ipd_network *initial,
                         const ipd_parameters *parameters, ipd_error *e)
{
    ipdlam *m = ipd_allocate(1, sizeof *m, e);
    if (!m)
        return NULL;
    m->problem = m->samples.problem = *problem;
    m->s.par = *parameters;
    m->k = parameters->first > 1 ? parameters->first : 1;
    m->batches = 1;
    m->size = (size_t)-1; /* nothing is at hand yet: the first iteration makes room */
    if (ipd_network_copy(&m->net, initial, e)) {
        ipdlam_close(m);
        return NULL;
    }
    return m;
}

/* What only an iteration's beginning may change: batches, and the order of the samples. */
static int begin_iteration(ipdlam *m, ipd_error *e)
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

/* Takes the samples of the batch that comes next, and z and a by a forward pass. */
static int load_batch(ipdlam *m, ipd_error *e)
{
    ipd_batch batch = ipd_batches_take(&m->samples, m->batch);
    m->s.share = (double)batch.X.cols / (double)m->problem.N;
    return ipd_solver_load(&m->s, batch.X, batch.Y, batch.labels, e);
}

/* Makes ready for the next block: the batch's samples, and a new sweep's books. */
static int prepare(ipdlam *m, ipd_error *e)
{
    if (m->batch == 0 && m->sweep == 0 && m->visits == 0 && begin_iteration(m, e))
        return -1;
    if (!m->loaded && load_batch(m, e))
        return -1;
    m->loaded = 1;
    if (m->visits == 0) {
        m->start = m->s.sums;
        m->changed = 0;
    }
    return 0;
}

static ipd_block next_block(const ipdlam *m)
{
    const ipd_order *order = &m->s.par.order;
    for (int i = 0; i < order->count; i++)
        if (!m->visited[ipd_block_index(order->blocks[i], m->net.L)])
            return order->blocks[i];
    return (ipd_block){0};
}

/* A frozen block is visited and left as it is: its new iterate is the old one. */
static int stay(ipdlam *m, ipd_block block, ipd_error *e)
{
    ipd_variables *v = &m->s.v;
    int l = block.layer;
    switch (block.kind) {
    case 'z':
        ipd_matrix_copy(&v->z_old[l], &v->z[l]);
        m->s.sums.step_z[l] = 0;
        return ipd_product_step(&m->s, l, e);
    case 'W':
        ipd_matrix_copy(&v->W_old[l], &m->net.W[l]);
        ipd_matrix_copy(&v->b_old[l], &m->net.b[l]);
        m->s.sums.step_W[l] = m->s.sums.step_b[l] = 0;
        return 0;
    default:
        ipd_matrix_copy(&v->a_old[l], &v->a[l]);
        m->s.sums.step_a[l] = 0;
        return ipd_product_step(&m->s, l + 1, e); /* W_{l+1} may have relied on a move */
    }
}

/* Steps 4 to 7: the block's minimiser, everything else at its newest value. */
static int update(ipdlam *m, ipd_block block, ipd_error *e)
{
    int l = block.layer, later;
    if (m->s.par.frozen[ipd_block_index(block, m->net.L)])
        return stay(m, block, e);
    switch (block.kind) {
    case 'z':
        return ipd_z_step(&m->s, l, e); /* S^sigma, or P^loss for l = L */
    case 'W':
        later = l > 1 && !m->visited[ipd_block_index((ipd_block){'a', l - 1}, m->net.L)];
        return ipd_W_step(&m->s, l, later, e); /* and b_l */
    default:
        return ipd_a_step(&m->s, l, e);
    }
}

/* Books the batch that has had its last sweep. */
static void end_batch(ipdlam *m)
{
    m->total.loss += m->s.sums.loss;
    for (int l = 1; l <= m->net.L; l++) {
        m->total.linear[l] += m->s.sums.linear[l];
        m->total.activation[l] += m->s.sums.activation[l];
    }
    m->correct += ipd_solver_count_correct(&m->s);
    m->sweep = 0;
    if (m->size)
        m->loaded = 0;
    if (++m->batch == m->batches)
        m->done = 1;
}

static ipd_place ipdlam_place(const void *state)
{
    const ipdlam *m = state;
    ipd_place at = {m->k, m->batch + 1, m->batches, m->sweep + 1, next_block(m)};
    if (m->batch == 0 && m->sweep == 0 && m->visits == 0) /* another batch may be set by now */
        at.batches = ipd_batches_count(&m->s.par, m->problem.N);
    if (m->done) {
        at.batch = m->batches;
        at.block = (ipd_block){0};
    }
    return at;
}

static int ipdlam_advance(void *state, ipd_unit *unit, ipd_error *e)
{
    ipdlam *m = state;
    uint64_t flops = ipd_flops();
    if (prepare(m, e))
        return -1;
    ipd_block block = next_block(m);
    double before = ipd_phi(&m->s.sums, m->net.L, m->s.par.rho);
    *unit = (ipd_unit){.at = ipdlam_place(m)};
    if (update(m, block, e))
        return -1;
    unit->phi = ipd_phi(&m->s.sums, m->net.L, m->s.par.rho);
    unit->change = unit->phi - before;
    unit->not_finite = !isfinite(unit->phi);
    m->change[ipd_block_index(block, m->net.L)] += unit->change;
    m->visited[ipd_block_index(block, m->net.L)] = 1;
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

/* The Lyapunov function xi of Lemma 1 for these sums, under the settings of the sweep. */
static double lyapunov(const ipdlam *m, const ipd_sums *sums)
{
    const ipd_parameters *par = &m->s.par;
    double z = 0, W = 0, a = 0;
    for (int l = 1; l <= m->net.L; l++) {
        z += sums->step_z[l];
        W += sums->step_W[l] + sums->step_b[l];
        a += l < m->net.L ? sums->step_a[l] : 0;
    }
    return ipd_phi(sums, m->net.L, par->rho) +
           par->delta * par->rho / 2 * (par->alpha * z + par->beta * W + par->gamma * a);
}

/* Descent of xi is proved: full batch, nothing changed within the sweep, inertias in range. */
static int descent_is_proved(const ipdlam *m)
{
    const ipd_parameters *par = &m->s.par;
    double most = 1; /* alpha < 1 where every z-step is convex, else < 1/2 */
    for (int l = 1; l < m->net.L; l++)
        if (!m->net.sigma[l]->convex_step)
            most = 0.5;
    if (m->size || m->changed)
        return 0;
    if (par->bias_mean && par->delta > 0)
        return 0; /* b's own proximal weight is another */
    return par->delta == 0 || (par->alpha < most && par->beta < 1 && par->gamma < 1);
}

static void record_sums(const ipdlam *m, ipd_record *r)
{
    const ipd_sums *t = &m->total, *last = &m->s.sums;
    int L = m->net.L;
    r->loss = t->loss;
    r->regularizer = r->linear_gap = r->activation_gap = 0;
    for (int l = 1; l <= L; l++) {
        r->regularizer += ipd_penalty_value(m->s.par.penalty[l], &m->net.W[l]);
        r->linear_gap += r->linear_gap_by_layer[l] = t->linear[l];
        r->step_z[l] = sqrt(last->step_z[l]);
        r->step_W[l] = sqrt(last->step_W[l]);
        r->step_b[l] = sqrt(last->step_b[l]);
        r->gram_rank[l] = m->s.rank[l];
        if (l == L)
            break;
        r->activation_gap += r->activation_gap_by_layer[l] = t->activation[l];
        r->step_a[l] = sqrt(last->step_a[l]);
    }
    r->phi = r->loss + r->regularizer + m->s.par.rho / 2 * (r->linear_gap + r->activation_gap);
    for (int i = 0; i < 3 * L - 1; i++)
        r->change_by_block[i] = m->change[i];
    if (m->size == 0) {
        r->xi_start = lyapunov(m, &m->start);
        r->xi = lyapunov(m, last);
        r->xi_proved = descent_is_proved(m);
    }
}

static int ipdlam_finish(void *state, ipd_record *r, ipd_error *e)
{
    ipdlam *m = state;
    ipd_parameters *par = &m->s.par;
    const ipd_variables *v = &m->s.v;
    ipd_evaluation forward;
    uint64_t flops = ipd_flops();
    int known = m->size == 0 && v->p_valid[1];
    if (ipd_network_evaluate(&m->net, m->problem.X, m->problem.labels, known ? &v->p[1] : NULL,
                             &forward, NULL, NULL, e))
        return -1;
    m->flops += ipd_flops() - flops;
    ipd_record_init(r, m->net.L);
    r->iteration = m->k;
    r->samples = (double)m->problem.N;
    r->rho = par->rho;
    r->alpha = par->alpha;
    r->beta = par->beta;
    r->gamma = par->gamma;
    r->delta = par->delta;
    memcpy(r->order, par->order.name, sizeof r->order);
    strcpy(r->method, "ipdlam");
    record_sums(m, r);
    r->train_accuracy = forward.accuracy;
    r->forward_loss = forward.loss;
    r->auxiliary_accuracy = (double)m->correct / (double)m->problem.N;
    r->gflop = (double)m->flops / 1e9;
    par->rho = fmin(par->theta * par->rho, par->rho_max); /* step 8 */
    m->k++;
    m->batch = m->done = 0;
    m->total = (ipd_sums){0};
    m->correct = 0;
    m->flops = 0;
    memset(m->change, 0, sizeof m->change);
    return 0;
}

static void ipdlam_set(void *state, const ipd_parameters *p)
{
    ipdlam *m = state;
    m->s.par = *p;
    m->changed = 1; /* forgotten when a sweep begins */
    for (int l = 1; l <= m->net.L && m->loaded; l++)
        ipd_regularizer_step(&m->s, l);
}

static const ipd_parameters *ipdlam_parameters(const void *state)
{
    return &((const ipdlam *)state)->s.par;
}

static const ipd_network *ipdlam_network(const void *state)
{
    return &((const ipdlam *)state)->net;
}

static const ipd_variables *ipdlam_variables(const void *state)
{
    return &((const ipdlam *)state)->s.v;
}

const ipd_method ipd_method_ipdlam = {
    .name = "ipdlam",
    .summary = "inertial proximal alternating minimisation, block by block",
    .open = ipdlam_open,
    .advance = ipdlam_advance,
    .finish = ipdlam_finish,
    .set = ipdlam_set,
    .parameters = ipdlam_parameters,
    .place = ipdlam_place,
    .network = ipdlam_network,
    .memory = ipd_solver_memory,
    .variables = ipdlam_variables,
    .close = ipdlam_close,
};
