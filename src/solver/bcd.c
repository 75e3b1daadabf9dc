/* bcd.c - block coordinate descent with three-way splitting: Zeng, Lau, Lin and Yao, "Global
 * convergence of block coordinate descent in deep learning", ICML 2019.
 *
 * The output has a variable of its own, V_L. With U_l = z_l, V_l = a_l, and this program's rho
 * = 1 for both gamma and rho of the paper, its objective is
 *
 *   loss(y, V_L) + rho/2 (|V_L - U_L|^2 + sum_{l<L} |V_l - sigma(U_l)|^2
 *                                       + sum_l |U_l - W_l V_{l-1} - b_l|^2).
 *
 * Each update minimises it over one variable; some add delta rho/2 times the squared distance from
 * the variable's current value. The paper's alpha is delta rho, 5 in its experiments. There is no
 * inertia.
 *
 *   V_L := argmin loss(y, V) + rho/2 |V - U_L|^2            + delta rho/2 |V - V_L|^2
 *   U_L := (V_L + W_L V_{L-1} + b_L)/2
 *   W_l, then b_l := argmin |U_l - W V_{l-1} - b|^2         + delta |W - W_l|^2 + delta |b - b_l|^2
 *   V_l := argmin |U_{l+1} - W_{l+1} V - b_{l+1}|^2 + |V - sigma(U_l)|^2
 *   U_l := argmin |V_l - sigma(U)|^2 + |U - W_l V_{l-1} - b_l|^2 + delta |U - U_l|^2,    l < L
 *
 * V_L belongs to block z_L, as b_l does to W_l: the blocks are those of Algorithm 1, in any order;
 * the paper's is nested reverse. V_L begins at U_L of the forward pass, as in its published code.
 * In full batch Phi cannot rise in any block.
 */
#include "solver/sweep.h"

/* V_L (as block IPD_A of layer L), hidden U_l, W_l and b_l have a proximal term; U_L and V_l have
 * none. */
static ipd_prox near(const ipd_parameters *par, ipd_block block, int L)
{
    int has_one = block.kind == IPD_W || (block.kind == IPD_Z) == (block.layer < L);
    return (ipd_prox){0, has_one ? par->delta : 0};
}

static int visit(ipd_solver *s, ipd_block block, ipd_error *e)
{
    int l = block.layer;
    switch (block.kind) {
    case IPD_Z:
        if (l == s->v.net->L && ipd_V_step(s, e))
            return -1;
        return ipd_z_step(s, l, e); /* U_l */
    case IPD_W:
        return ipd_W_step(s, l, e); /* and b_l */
    default:
        return ipd_a_step(s, l, e); /* V_l, l < L */
    }
}

/* Without inertia xi is Phi. */
static void end(const ipd_sweep *m, ipd_record *r)
{
    if (m->size)
        return;
    r->xi_start = ipd_phi(&m->start, m->net.L, m->s.rho);
    r->xi = ipd_phi(&m->s.sums, m->net.L, m->s.rho);
    r->xi_proved = !m->changed;
}

static const ipd_blocks blocks = {.prox = near,
                                  .output_variable = 1,
                                  .load = ipd_solver_load,
                                  .visit = visit,
                                  .stay = ipd_sweep_stay,
                                  .audit = &ipd_audit_proximal,
                                  .end = end};

/* Adds V_L and its previous iterate. */
static double bcd_memory(const ipd_network *net, size_t N, size_t batch)
{
    size_t n = batch && batch < N ? batch : N;
    return ipd_solver_memory(net, N, batch) + 8 * (double)net->d[net->L] * (double)n;
}

const ipd_method ipd_method_bcd = {
    .name = "bcd",
    .summary = "block coordinate descent of Zeng et al., with an output variable",
    .advice = "a larger delta",
    .uses = IPD_PROXIMAL_SETTINGS,
    .refuses = "inertia alpha beta gamma rho rho_init rho_growth rho_schedule",
    .preset = "bcd",
    .sweep = ipd_ipdlam_sweep,
    .blocks = &blocks,
    .memory = bcd_memory,
    IPD_SWEEP_MEMBERS,
};
