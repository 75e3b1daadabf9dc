/* relaxed_am.c - over-relaxed alternating minimisation in mini-batches, about as fast as Adam. It
 * differs from Algorithm 1 in how far each block moves.
 *
 * For each mini-batch of n samples, with e_l = z_l - p_l:
 *
 *   W^_l = (1 - shrink)(W_l + beta (W_l - W_l^old)),  b^_l = b_l + beta (b_l - b_l^old),  all l
 *   a_0 = X;  for l = 1 ... L: p_l = W^_l a_{l-1} + b^_l,  z_l = p_l,  a_l = sigma(p_l)
 *   z_L := P^loss(y, p_L, rho)
 *   for l = L ... 1, with A = a_{l-1}, q = |A|^2/n, s^2 = bias_share q, delta_l = c_l (q + s^2):
 *     W_l, b_l := argmin |z_l - W A - b|^2 + delta_l (|W - W^_l|^2 + |b - b^_l|^2/s^2)
 *               = W^_l + D A^T, b^_l + s^2 D 1,   D = e_l (A^T A + s^2 1 1^T + delta_l I)^-1
 *     R := z_l - W_l A - b_l = delta_l D
 *     a_{l-1} := sigma(p_{l-1}) + omega_a t G,   G = sigma'(p_{l-1}) o W_l^T R,
 *                                                t = |G|^2/(|W_l G|^2 + kappa |G|^2)
 *     z_{l-1} := p_{l-1} + omega_z (z* - p_{l-1})
 *   rho := min(theta rho, rho-bar), after each epoch
 *
 * c_l is the setting damping. z* brings sigma(z) nearer to a: element by element max(a, 0) where p
 * > 0, otherwise p + s (a - s p), where s is the slope of sigma below 0; for the identity z* = a.
 *
 * W_l may also come later in the sweep: a_{l-1} then takes W^_l and e_l in place of W_l and R, and
 * W_l the A of the forward pass.
 *
 * Each block lowers its own objective: z_L and (W_l, b_l) are minimisers, and a step of a or z
 * lowers it for any 0 < omega < 2. This is descent within a batch, not a proof of convergence. The
 * direction of a's step is that of back-propagation, applied to the residual R and the new W; no
 * gradient of the loss runs through the network.
 */
#include "solver/relaxed_steps.h"
#include "solver/sweep.h"

#include <string.h>

/* No ipd_prox term: the blocks have their own damping. */
static ipd_prox none(const ipd_parameters *par, ipd_block block, int L)
{
    (void)par, (void)block, (void)L;
    return (ipd_prox){0, 0};
}

/* z_L, then W_l, a_{l-1}, z_{l-1} downwards. In "parallel" all W come last, and read the forward
 * pass. */
static void relaxed_sweep(ipd_order *order, int L)
{
    int parallel = !strcmp(order->name, "parallel");
    if (!parallel && strcmp(order->name, "nested_reverse"))
        return;
    for (int l = L; l >= 1; l--) {
        if (l < L)
            ipd_order_visit(order, IPD_A, l);
        ipd_order_visit(order, IPD_Z, l);
        if (!parallel)
            ipd_order_visit(order, IPD_W, l);
    }
    for (int l = L; parallel && l >= 1; l--)
        ipd_order_visit(order, IPD_W, l);
}

/* 1 if z_L comes first, each a_l before z_l downwards, and W_l after z_l. */
static int goes_down(const ipd_order *order, int L)
{
    ipd_block next = {IPD_Z, L};
    for (int i = 0; i < order->count; i++) {
        ipd_block block = order->blocks[i];
        if (block.kind == IPD_W) {
            if (block.layer <= next.layer) /* its z is still to come */
                return 0;
            continue;
        }
        if (block.kind != next.kind || block.layer != next.layer)
            return 0;
        next = block.kind == IPD_Z ? (ipd_block){IPD_A, block.layer - 1}
                                   : (ipd_block){IPD_Z, block.layer};
    }
    return 1;
}

static int visit(ipd_solver *s, ipd_block block, ipd_error *e)
{
    int l = block.layer;
    switch (block.kind) {
    case IPD_W:
        return ipd_relaxed_W_step(s, l, e); /* and b_l */
    case IPD_A:
        return ipd_relaxed_a_step(s, l, e);
    default:
        return l == s->v.net->L ? ipd_relaxed_output_step(s, e) : ipd_relaxed_z_step(s, l, e);
    }
}

/* z and a stay at the forward pass; the whole e_l becomes the residual R_l. */
static int stay(ipd_solver *s, ipd_block block, ipd_error *e)
{
    return block.kind == IPD_W ? ipd_relaxed_W_stay(s, block.layer, e) : 0;
}

static int check(const ipd_parameters *p, int L, const ipd_activation *const *sigma, ipd_error *e)
{
    enum { MAX_BATCH = 4096 }; /* a samples x samples matrix is inverted */
    if (p->batch == 0 || p->batch > MAX_BATCH)
        return ipd_fail(e, IPD_EUSAGE,
                        "relaxed_am trains in mini-batches of at most %d samples. Set batch = 64",
                        MAX_BATCH);
    if (p->inner != 1)
        return ipd_fail(e, IPD_EUSAGE, "relaxed_am takes one sweep per mini-batch. Set inner = 1");
    if (p->beta >= 1)
        return ipd_fail(e, IPD_EUSAGE, "relaxed_am needs beta < 1. Set beta = 0.95");
    if (!goes_down(&p->order, L))
        return ipd_fail(e, IPD_EUSAGE,
                        "relaxed_am visits z%d first, then a and z downwards, and each W after its "
                        "z. Set order = nested_reverse or parallel",
                        L);
    for (int l = 1; l < L; l++)
        if (strcmp(sigma[l]->name, "relu") && strcmp(sigma[l]->name, "leaky_relu") &&
            strcmp(sigma[l]->name, "identity"))
            return ipd_fail(e, IPD_EUSAGE,
                            "relaxed_am has no step for %s. Use relu, leaky_relu or identity",
                            sigma[l]->name);
    return 0;
}

static const ipd_blocks blocks = {.prox = none,
                                  .forward_lasts = 1,
                                  .load = ipd_relaxed_load,
                                  .visit = visit,
                                  .stay = stay,
                                  .audit = &ipd_audit_relaxed};

const ipd_method ipd_method_relaxed_am = {
    .name = "relaxed_am",
    .summary = "over-relaxed alternating minimisation in mini-batches, about as fast as Adam",
    .advice = "a larger damping, or a smaller relax_a and relax_z",
    .uses =
        "order beta rho rho_growth rho_max rho_schedule audit spectrum damping damping_last kappa "
        "bias_share relax relax_a relax_z relax_cap shrink",
    .refuses = "regularizer",
    .preset = "fast",
    .takes = "order inner batch",
    .sweep = relaxed_sweep,
    .blocks = &blocks,
    .check = check,
    .memory = ipd_solver_memory,
    IPD_SWEEP_MEMBERS,
};
