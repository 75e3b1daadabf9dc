/* sweep_write.c - ipd_method.write of the methods with blocks: a new value for W_l, b_l, z_l or
 * a_l.
 *
 * The variable's previous iterate becomes the new value too: a write is no step, and inertia must
 * not prolong it. The values that depend on the variable are computed again: p_l, the gaps, the
 * loss.
 */
#include "base/vector.h"
#include "solver/sweep.h"
#include "solver/variable.h"

#include <assert.h>

/* Measures |a_l - sigma(z_l)|^2, column by column. */
static int measure_activation_gap(ipd_solver *s, int l, ipd_error *e)
{
    const ipd_variables *v = &s->v;
    size_t d = v->net->d[l];
    if (ipd_solver_scratch(s, d, 0, 0, e))
        return -1;
    s->sums.activation[l] = 0;
    for (size_t n = 0; n < v->n; n++) {
        ipd_activation_apply(v->net->sigma[l], v->z[l].data + n * d, s->scratch, d);
        s->sums.activation[l] += ipd_sum_squared_difference(v->a[l].data + n * d, s->scratch, d);
    }
    return 0;
}

/* Measures again what depends on z_l. */
static int measure_z(ipd_solver *s, int l, ipd_error *e)
{
    const ipd_variables *v = &s->v;
    int L = v->net->L;
    s->v.p_valid[l] = 0;
    s->sums.step_z[l] = 0;
    if (ipd_product_step(s, l, e))
        return -1;
    if (l < L)
        return measure_activation_gap(s, l, e);
    if (s->output_variable)
        s->sums.activation[L] =
            ipd_sum_squared_difference(v->a[L].data, v->z[L].data, v->net->d[L] * v->n);
    else
        s->sums.loss = ipd_loss_value(v->net->loss, v->Y.data, v->z[L].data, v->net->d[L], v->n);
    return 0;
}

static int measure_a(ipd_solver *s, int l, ipd_error *e)
{
    s->v.p_valid[l + 1] = 0;
    s->sums.step_a[l] = 0;
    return ipd_product_step(s, l + 1, e) || measure_activation_gap(s, l, e) ? -1 : 0;
}

static int measure_W(ipd_solver *s, int l, ipd_error *e)
{
    s->v.p_valid[l] = 0;
    s->sums.step_W[l] = s->sums.step_b[l] = 0;
    ipd_regularizer_step(s, l);
    return ipd_product_step(s, l, e);
}

/* Fails if the method would overwrite the value (z and a are set at the start of every batch) or if
 * it has predicted W^ from the old one. */
static int check_lasts(const ipd_sweep *m, ipd_variable x, ipd_error *e)
{
    int is_weight = x.kind == IPD_VARIABLE_W || x.kind == IPD_VARIABLE_B;
    char text[IPD_VARIABLE_TEXT];
    ipd_variable_text(x, text);
    if (m->method->blocks->forward_lasts && (m->loaded || !is_weight))
        return ipd_fail(e, IPD_ESTATE,
                        is_weight ? "%s predicts %s for the whole batch. Write it between two "
                                    "batches: run:step_batch()"
                                  : "%s computes %s anew in every batch, so it cannot be written",
                        m->method->name, text);
    if (!is_weight && !m->loaded)
        return ipd_fail(e, IPD_ESTATE,
                        "the next block computes %s by a forward pass. Do a block first: "
                        "run:step_block()",
                        text);
    return 0;
}

/* Reserves the memory of the functions above, so that none of them fails halfway. */
static int reserve(ipd_solver *s, int l, ipd_error *e)
{
    size_t d = s->v.net->d[l];
    return ipd_solver_scratch(s, d, ipd_tiling_of(d, s->v.n, 0).count, 1, e);
}

int ipd_sweep_write(void *state, ipd_variable x, const ipd_matrix *value, ipd_error *e)
{
    ipd_sweep *m = state;
    ipd_variables *v = &m->s.v;
    int l = x.layer, L = m->net.L, next = l < L ? l + 1 : l;
    ipd_matrix *now[] = {&m->net.W[l], &m->net.b[l], &v->z[l], &v->a[l]};
    ipd_matrix *old[] = {&v->W_old[l], &v->b_old[l], &v->z_old[l], &v->a_old[l]};
    static const ipd_block_kind blocks[] = {IPD_W, IPD_W, IPD_Z, IPD_A};
    assert(!m->done);
    if (ipd_variable_check(x, L, 1, e) || check_lasts(m, x, e) ||
        ipd_variable_fits(x, now[x.kind], value, e) ||
        (m->loaded && (reserve(&m->s, l, e) || reserve(&m->s, next, e))))
        return -1;
    ipd_matrix_copy(now[x.kind], value);
    if (old[x.kind]->data)
        ipd_matrix_copy(old[x.kind], value);
    m->audit.known[ipd_block_index((ipd_block){blocks[x.kind], l}, L)] = IPD_AUDIT_UNKNOWN;
    m->changed = 1;
    if (!m->loaded)
        return 0;
    switch (x.kind) {
    case IPD_VARIABLE_Z:
        return measure_z(&m->s, l, e);
    case IPD_VARIABLE_A:
        return measure_a(&m->s, l, e);
    default:
        return measure_W(&m->s, l, e);
    }
}
