/* sweep_state.c - writes the state of a method with blocks to an archive, between any two blocks,
 * and reads it back: all values by name. See ipd_method.transfer.
 *
 * Values that follow from the parameters, the data and the place are recomputed: batches and their
 * order, views of the samples, the Gram matrix of the data and its factor. Remembered products are
 * stored: the steps derive them by identities, so their bits differ from those of a product.
 */
#include "solver/sweep.h"

#include <float.h>
#include <limits.h>
#include <math.h>

enum { ANYTHING = INT_MAX - 1 };

/* Number of samples of the batch that was loaded last. */
static size_t samples_at_hand(const ipd_sweep *m)
{
    size_t N = m->problem.N, size = m->size && m->size < N ? m->size : N;
    int batch =
        m->loaded && m->batch < m->batches ? m->batch : (m->batch ? m->batch : m->batches) - 1;
    size_t first = (size_t)batch * size;
    return N - first < size ? N - first : size;
}

static void transfer_sums(ipd_archive *ar, const char *name, ipd_sums *s, int L)
{
    double *parts[] = {s->regularizer, s->linear, s->activation, s->step_z,
                       s->step_W,      s->step_b, s->step_a};
    enum { PARTS = sizeof parts / sizeof *parts };
    double all[1 + PARTS * IPD_MAX_LAYERS] = {s->loss};
    for (int i = 0; i < PARTS * L; i++)
        all[1 + i] = parts[i / L][1 + i % L];
    ipd_archive_doubles(ar, all, (size_t)(1 + PARTS * L), "%s", name);
    s->loss = all[0];
    for (int i = 0; i < PARTS * L; i++)
        parts[i / L][1 + i % L] = all[1 + i];
}

static void transfer_chars(ipd_archive *ar, char *x, int count, int max, const char *name)
{
    int64_t values[IPD_MAX_BLOCKS];
    for (int i = 0; i < count; i++)
        values[i] = x[i];
    ipd_archive_ints(ar, values, (size_t)count, 0, max, "%s", name);
    for (int i = 0; i < count; i++)
        x[i] = (char)values[i];
}

/* The place in the sweep. Only values that do not follow from others are stored. */
static void transfer_place(ipd_archive *ar, ipd_sweep *m)
{
    int64_t size = m->size == IPD_NO_BATCHES ? -1 : (int64_t)m->size;
    int blocks = 3 * m->net.L - 1;
    ipd_archive_ints(ar, &size, 1, -1, (int64_t)m->problem.N, "batch_size");
    m->size = (size_t)size;
    size_t step = size > 0 ? m->size : m->problem.N;
    m->batches = (int)((m->problem.N + step - 1) / step);
    ipd_archive_int(ar, &m->k, 1, ANYTHING, "iteration");
    ipd_archive_int(ar, &m->inner, 0, ANYTHING, "inner");
    ipd_archive_int(ar, &m->batch, 0, size < 0 ? 0 : m->batches, "batch");
    ipd_archive_int(ar, &m->sweep, 0, m->inner > 0 && m->batch < m->batches ? m->inner - 1 : 0,
                    "sweep");
    ipd_archive_int(ar, &m->loaded, size == 0 && m->batch ? 1 : 0,
                    size < 0 || (size > 0 && m->batch == m->batches) ? 0 : 1, "loaded");
    ipd_archive_int(ar, &m->samples.shuffle, 0, size > 0, "shuffled");
    transfer_chars(ar, m->visited, blocks, m->loaded && m->batch < m->batches, "visited");
    m->done = m->batch == m->batches;
    m->visits = 0;
    for (int i = 0; i < blocks; i++)
        m->visits += m->visited[i];
    if (m->visits == blocks)
        ipd_archive_refuse(ar,
                           "the data say that all blocks were visited, but the sweep is not over");
}

/* The sums of the iteration and of the sweep. */
static void transfer_totals(ipd_archive *ar, ipd_sweep *m)
{
    ipd_solver *s = &m->s;
    int L = m->net.L;
    size_t blocks = (size_t)(3 * L - 1);
    int64_t correct = (int64_t)m->correct, flops = (int64_t)m->flops;
    double max = HUGE_VAL;
    ipd_archive_double(ar, &s->par.rho, DBL_TRUE_MIN, max, "rho");
    ipd_archive_int(ar, &m->changed, 0, 1, "changed");
    transfer_sums(ar, "sums", &s->sums, L);
    transfer_sums(ar, "sums_at_start", &m->start, L);
    transfer_sums(ar, "sums_of_batches", &m->total, L);
    ipd_archive_ints(ar, &correct, 1, 0, (int64_t)m->problem.N, "correct");
    m->correct = (size_t)correct;
    ipd_archive_ints(ar, &flops, 1, 0, INT64_MAX, "operations");
    m->flops = (uint64_t)flops;
    ipd_archive_doubles(ar, m->change, blocks, "change_by_block");
    ipd_archive_doubles(ar, s->rank + 1, (size_t)L, "gram_rank");
    ipd_archive_doubles(ar, s->condition + 1, (size_t)L, "gram_condition");
    for (int l = 1; l <= L; l++) {
        double report[] = {s->sparse[l].residual, s->sparse[l].rounds};
        ipd_archive_doubles(ar, report, 2, "sparse%d", l);
        s->sparse[l] = (ipd_sparse_report){report[0], report[1]};
    }
}

static void transfer_audit(ipd_archive *ar, ipd_audit *audit, int L)
{
    int blocks = 3 * L - 1;
    int64_t counts[] = {audit->visits, audit->wrong}, prints[2 * IPD_MAX_BLOCKS];
    double worst[] = {audit->rise, audit->residual};
    for (int i = 0; i < blocks; i++) {
        prints[i] = (int64_t)audit->now[i];
        prints[blocks + i] = (int64_t)audit->before[i];
    }
    ipd_archive_ints(ar, counts, 2, 0, LONG_MAX, "audit_counts");
    ipd_archive_doubles(ar, worst, 2, "audit_worst");
    ipd_archive_text(ar, audit->first, sizeof audit->first, "audit_first");
    ipd_archive_ints(ar, prints, 2 * (size_t)blocks, INT64_MIN, INT64_MAX, "audit_fingerprints");
    transfer_chars(ar, audit->known, blocks, 2, "audit_known");
    audit->visits = (long)counts[0];
    audit->wrong = (long)counts[1];
    audit->rise = worst[0];
    audit->residual = worst[1];
    for (int i = 0; i < blocks; i++) {
        audit->now[i] = (uint64_t)prints[i];
        audit->before[i] = (uint64_t)prints[blocks + i];
    }
}

static void transfer_weights(ipd_archive *ar, ipd_sweep *m)
{
    for (int l = 1; l <= m->net.L; l++) {
        ipd_archive_matrix(ar, &m->net.W[l], "W%d", l);
        ipd_archive_matrix(ar, &m->net.b[l], "b%d", l);
        if (m->size == IPD_NO_BATCHES)
            continue; /* before the first iteration W and b are their own previous iterate */
        ipd_archive_matrix(ar, &m->s.v.W_old[l], "W%d_old", l);
        ipd_archive_matrix(ar, &m->s.v.b_old[l], "b%d_old", l);
    }
}

/* z and a, which can be viewed at any time, and what else a later block reads. */
static void transfer_samples(ipd_archive *ar, ipd_sweep *m)
{
    ipd_variables *v = &m->s.v;
    int needed = m->loaded || m->done;
    for (int l = 1; l <= m->net.L; l++) {
        ipd_archive_matrix(ar, &v->z[l], "z%d", l);
        if (v->a[l].data)
            ipd_archive_matrix(ar, &v->a[l], "a%d", l);
        if (!needed)
            continue;
        ipd_archive_matrix(ar, &v->z_old[l], "z%d_old", l);
        if (v->a[l].data)
            ipd_archive_matrix(ar, &v->a_old[l], "a%d_old", l);
        ipd_archive_int(ar, &v->p_valid[l], 0, 1, "p%d_valid", l);
        if (v->p_valid[l] || m->method->blocks->forward_lasts)
            ipd_archive_matrix(ar, &v->p[l], "p%d", l);
        if (m->method->blocks->forward_lasts)
            ipd_archive_double(ar, &m->s.omega[l], 0, 2, "omega%d", l);
    }
}

/* Allocates the variables of the batch that was loaded, and makes the views of its samples. */
static int take_samples(ipd_sweep *m, ipd_error *e)
{
    ipd_variables *v = &m->s.v;
    ipd_parameters as = m->s.par;
    int needed = m->loaded || m->done;
    as.batch = m->size;
    as.shuffle = m->samples.shuffle;
    if (ipd_batches_begin(&m->samples, &as, m->k, e) ||
        ipd_solver_resize(&m->s, &m->net, m->samples.size, e))
        return -1;
    m->s.same_data = m->size == 0;
    v->n = samples_at_hand(m);
    for (int l = 1; l <= m->net.L; l++) {
        v->z[l].cols = v->z_old[l].cols = v->p[l].cols = v->n;
        if (v->a[l].data)
            v->a[l].cols = v->a_old[l].cols = v->n;
    }
    if (!needed)
        return 0;
    ipd_batch at = ipd_batches_at(&m->samples, m->batch - m->done);
    m->s.share = (double)at.X.cols / (double)m->problem.N;
    v->a[0] = at.X;
    v->Y = at.Y;
    v->labels = at.labels;
    return 0;
}

/* The Gram matrix of the data: stores which of its two forms it has and what it holds, and computes
 * it again, to the same bits. These operations are not counted in the iteration: m->flops adds only
 * those of blocks. */
static int transfer_data_gram(ipd_archive *ar, ipd_sweep *m, ipd_error *e)
{
    ipd_gram *g = &m->s.data_gram;
    ipd_spectrum *spectrum = &m->s.data_spectrum;
    double found[] = {spectrum->rank, spectrum->max, spectrum->min, spectrum->inner};
    const ipd_matrix *X = &m->s.v.a[0];
    int side = !g->G.data ? 0 : g->G.rows == m->problem.X.rows ? 1 : 2, holds = (int)g->holds;
    double kappa = g->kappa;
    ipd_archive_int(ar, &spectrum->known, 0, 1, "data_spectrum_known");
    ipd_archive_doubles(ar, found, 4, "data_spectrum");
    ipd_archive_int(ar, &side, 0, m->s.same_data && X->data ? 2 : 0, "data_gram_side");
    ipd_archive_int(ar, &holds, IPD_GRAM_NOTHING, side ? IPD_GRAM_INVERSE : IPD_GRAM_NOTHING,
                    "data_gram_holds");
    ipd_archive_double(ar, &kappa, 0, 1e300, "data_gram_kappa");
    *spectrum = (ipd_spectrum){spectrum->known, found[0], found[1], found[2], found[3]};
    if (ipd_archive_result(ar, e))
        return -1;
    if (!ipd_archive_reading(ar) || !side)
        return 0;
    if (ipd_gram_form(g, X, side == 2, kappa, 1, e))
        return -1;
    return holds == IPD_GRAM_FACTOR    ? ipd_gram_factor(g, kappa, e)
           : holds == IPD_GRAM_INVERSE ? ipd_gram_invert(g, e)
                                       : 0;
}

int ipd_sweep_transfer(void *state, ipd_archive *ar, ipd_error *e)
{
    ipd_sweep *m = state;
    if (ipd_archive_reading(ar))
        m->forward_loss = NAN;
    transfer_place(ar, m);
    transfer_totals(ar, m);
    transfer_audit(ar, &m->audit, m->net.L);
    if (ipd_archive_result(ar, e) ||
        (ipd_archive_reading(ar) && m->size != IPD_NO_BATCHES && take_samples(m, e)))
        return -1;
    transfer_weights(ar, m);
    if (m->size != IPD_NO_BATCHES)
        transfer_samples(ar, m);
    return ipd_average_transfer(&m->average, &m->net, ar, e) || transfer_data_gram(ar, m, e) ? -1
                                                                                             : 0;
}
