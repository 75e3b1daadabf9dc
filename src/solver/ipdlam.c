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
 *     8    rho := min(theta rho, rho-bar), or what the schedule says
 *
 * Steps 4 to 7 are the blocks of a sweep, visited in the order in force; each forms its own
 * prediction, from iterates that stay fixed during the sweep. In mini-batches an iteration is an
 * epoch: for each batch z and a start from a forward pass, without history, and take `inner`
 * sweeps; W and b keep their history from batch to batch. DLAM is this with alpha = beta = gamma =
 * delta = 0.
 */
#include "solver/sweep.h"

#include <string.h>

/* Steps 1 to 3: (delta rho/2) |x - x^|^2 draws each block to its prediction x^ = x + inertia (x -
 * x_old). */
static ipd_prox predict(const ipd_parameters *par, ipd_block block, int L)
{
    (void)L;
    switch (block.kind) {
    case IPD_Z:
        return (ipd_prox){par->alpha, par->delta};
    case IPD_W:
        return (ipd_prox){par->beta, par->delta};
    default:
        return (ipd_prox){par->gamma, par->delta};
    }
}

/* Steps 4 to 7, the sweep: z_l (4; 5 for l = L), W_l with b_l (6) and a_l (7), each l once, in the
 * order in force. A custom order already has its visits. */
void ipd_ipdlam_sweep(ipd_order *order, int L)
{
    if (!strcmp(order->name, "increase")) { /* as in the paper */
        for (int l = 1; l <= L; l++)
            ipd_order_visit(order, IPD_Z, l);
        for (int l = 1; l <= L; l++)
            ipd_order_visit(order, IPD_W, l);
        for (int l = 1; l < L; l++)
            ipd_order_visit(order, IPD_A, l);
    } else if (!strcmp(order->name, "reverse")) {
        for (int l = L; l >= 1; l--)
            ipd_order_visit(order, IPD_Z, l);
        for (int l = L; l >= 1; l--)
            ipd_order_visit(order, IPD_W, l);
        for (int l = L - 1; l >= 1; l--)
            ipd_order_visit(order, IPD_A, l);
    } else if (!strcmp(order->name, "nested_reverse")) {
        for (int l = L; l >= 1; l--) {
            if (l < L)
                ipd_order_visit(order, IPD_A, l);
            ipd_order_visit(order, IPD_Z, l);
            ipd_order_visit(order, IPD_W, l);
        }
    }
}

/* A visit moves the block to its minimiser, with everything else at its newest value. */
static int visit(ipd_solver *s, ipd_block block, ipd_error *e)
{
    switch (block.kind) {
    case IPD_Z:
        return ipd_z_step(s, block.layer, e); /* S^sigma; P^loss for l = L */
    case IPD_W:
        return ipd_W_step(s, block.layer, e); /* and b_l */
    default:
        return ipd_a_step(s, block.layer, e);
    }
}

/* The Lyapunov function xi of Lemma 1 for these sums, under the settings of the sweep. */
static double lyapunov(const ipd_sweep *m, const ipd_sums *sums)
{
    const ipd_parameters *par = &m->s.par;
    double z = 0, W = 0, a = 0;
    for (int l = 1; l <= m->net.L; l++) {
        z += sums->step_z[l];
        W += sums->step_W[l] + sums->step_b[l];
        a += l < m->net.L ? sums->step_a[l] : 0;
    }
    return ipd_phi(sums, m->net.L, m->s.rho) +
           par->delta * m->s.rho / 2 * (par->alpha * z + par->beta * W + par->gamma * a);
}

/* Descent of xi is proved: full batch, nothing changed within the sweep, inertias in range. */
static int descent_is_proved(const ipd_sweep *m)
{
    const ipd_parameters *par = &m->s.par;
    double max = 1; /* alpha < 1 if every z-step is convex, else < 1/2 */
    for (int l = 1; l < m->net.L; l++)
        if (!m->net.sigma[l]->convex_step)
            max = 0.5;
    if (m->net.loss->own) /* it may not be convex */
        max = 0.5;
    for (int l = 1; l <= m->net.L; l++)
        if (par->penalty[l].own) /* coordinate descent may end above the minimum */
            return 0;
    if (m->size || m->changed)
        return 0;
    if (par->bias_mean && par->delta > 0)
        return 0; /* b has another proximal weight */
    return par->delta == 0 || (par->alpha < max && par->beta < 1 && par->gamma < 1);
}

static void end(const ipd_sweep *m, ipd_record *r)
{
    if (m->size)
        return;
    r->xi_start = lyapunov(m, &m->start);
    r->xi = lyapunov(m, &m->s.sums);
    r->xi_proved = descent_is_proved(m);
}

static const ipd_blocks blocks = {.prox = predict,
                                  .load = ipd_solver_load,
                                  .visit = visit,
                                  .stay = ipd_sweep_stay,
                                  .audit = &ipd_audit_proximal,
                                  .end = end};

const ipd_method ipd_method_ipdlam = {
    .name = "ipdlam",
    .summary = "inertial proximal alternating minimisation, block by block",
    .advice = "less inertia or a larger delta",
    .uses = IPD_PROXIMAL_SETTINGS " alpha beta gamma rho rho_growth rho_max rho_schedule",
    .sweep = ipd_ipdlam_sweep,
    .blocks = &blocks,
    .memory = ipd_solver_memory,
    IPD_SWEEP_MEMBERS,
};
