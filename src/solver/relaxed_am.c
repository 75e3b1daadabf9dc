/* relaxed_am.c - alternating minimisation that catches Adam: how far each block goes is what differs from Algorithm 1.
 *
 * For each mini-batch of n samples, e_l = z_l - p_l:
 *
 *   W^_l = (1 - shrink)(W_l + beta (W_l - W_l^old)),  b^_l = b_l + beta (b_l - b_l^old)     all l, first
 *   a_0 = X,  p_l = W^_l a_{l-1} + b^_l,  z_l = p_l,  a_l = sigma(p_l)     a forward pass at the predictions
 *   z_L := P^loss(y, p_L, rho)
 *   for l = L ... 1, with A = a_{l-1}:
 *     W_l, b_l := argmin |z_l - W A - b|^2 + delta_l (|W - W^_l|^2 + |b - b^_l|^2/s^2)
 *                 = W^_l + D A^T, b^_l + s^2 D 1,  D = e_l (A^T A + s^2 1 1^T + delta_l I)^-1,
 *                 which leaves R = delta_l D;  q = |A|^2/n,  s^2 = bias_share q,  delta_l = c_l (q + s^2)
 *     a_{l-1} := sigma(p_{l-1}) + omega_a t G,  G = sigma'(p_{l-1}) o W_l^T R,  t = |G|^2/(|W_l G|^2 + kappa |G|^2)
 *     z_{l-1} := p_{l-1} + omega_z (z* - p_{l-1}),  z* explains a_{l-1}
 *   rho := min(theta rho, rho-bar), after each epoch
 *
 * Each block lowers its own objective: z_L and (W_l, b_l) are minimisers, a step of a along its ray does for any
 * 0 < omega < 2, and so does one of z. That is descent within a batch, not a proof of convergence. The direction of
 * a's step is that of back-propagation, applied to the residual R and the new W; no gradient of the loss runs through
 * the network.
 */
#include "solver/relaxed_steps.h"
#include "solver/sweep.h"

/* Nothing else holds a block back. */
static ipd_prox none(const ipd_parameters *par, ipd_block block, int L)
{
    (void)par, (void)block, (void)L;
    return (ipd_prox){0, 0};
}

/* z_L, then W_l, a_{l-1}, z_{l-1} downwards. */
static void relaxed_sweep(ipd_order *order, int L)
{
    order->count = 0;
    ipd_order_visit(order, IPD_Z, L);
    for (int l = L; l >= 1; l--) {
        ipd_order_visit(order, IPD_W, l);
        if (l == 1)
            break;
        ipd_order_visit(order, IPD_A, l - 1);
        ipd_order_visit(order, IPD_Z, l - 1);
    }
}

static int visit(ipd_sweep *m, ipd_block block, ipd_error *e)
{
    int l = block.layer, frozen = m->s.par.frozen[ipd_block_index(block, m->net.L)];
    switch (block.kind) {
    case IPD_W:
        return ipd_relaxed_W_step(&m->s, l, frozen, e);
    case IPD_A:
        return frozen ? 0 : ipd_relaxed_a_step(&m->s, l, e);
    default:
        return frozen          ? 0
               : l == m->net.L ? ipd_relaxed_output_step(&m->s, e)
                               : ipd_relaxed_z_step(&m->s, l, e);
    }
}

static void *relaxed_open(const ipd_problem *problem, const ipd_network *initial,
                          const ipd_parameters *parameters, ipd_error *e)
{
    ipd_sweep *m = ipd_sweep_open(problem, initial, parameters, none, e);
    if (m)
        m->load = ipd_relaxed_load;
    return m;
}

static int relaxed_advance(void *state, ipd_unit *unit, ipd_error *e)
{
    return ipd_sweep_advance(state, visit, unit, e);
}

static int relaxed_finish(void *state, ipd_record *r, ipd_error *e)
{
    ipd_sweep *m = state;
    ipd_parameters *par = &m->s.par;
    if (ipd_sweep_record(m, ipd_method_relaxed_am.name, r, e))
        return -1;
    ipd_sweep_next(m);
    par->rho = ipd_rho_next(&par->schedule, m->k, par->rho, par->theta, par->rho_max);
    return 0;
}

const ipd_method ipd_method_relaxed_am = {
    .name = "relaxed_am",
    .summary = "over-relaxed alternating minimisation in mini-batches, about as fast as Adam",
    .advice = "a larger damping, or a smaller relax_a and relax_z",
    .sweep = relaxed_sweep,
    .open = relaxed_open,
    .advance = relaxed_advance,
    .finish = relaxed_finish,
    .set = ipd_sweep_set,
    .parameters = ipd_sweep_parameters,
    .place = ipd_sweep_place,
    .network = ipd_sweep_network,
    .averaged = ipd_sweep_averaged,
    .memory = ipd_solver_memory,
    .variables = ipd_sweep_variables,
    .transfer = ipd_sweep_transfer,
    .close = ipd_sweep_close,
};
