/* relaxed_steps.h - the blocks of relaxed_am; see relaxed_am.c for the method.
 *
 * Within a batch v.p[l] is W^_l a_{l-1} + b^_l of the forward pass, v.W_old[l] and v.b_old[l] hold
 * the predictions until W_l is visited and the previous iterate from then on, v.z_old[l] holds R_l
 * from then on, and v.a_old[l] the direction G of a_l. Call from the stepping thread; the work is
 * spread over the pool, with the same bits for any number of threads.
 */
#ifndef IPD_SOLVER_RELAXED_STEPS_H
#define IPD_SOLVER_RELAXED_STEPS_H

#include "solver/steps.h"

/* Loads the samples of a batch (views, as in ipd_solver_load): predicts all W_l and b_l, and sets z
 * and a by a forward pass with them. All gaps are zero afterwards. */
int ipd_relaxed_load(ipd_solver *s, ipd_matrix X, ipd_matrix Y, const ipd_label *labels,
                     ipd_error *e);
/* The inverse for W_l's step, with A = sigma(p_{l-1}): that of load unless damping has changed
 * since. Valid until the next call; NULL and *e if memory runs out. */
const ipd_relaxed_inverse *ipd_relaxed_invert(ipd_solver *s, int l, const ipd_matrix *A,
                                              ipd_error *e);
/* |m|^2 */
double ipd_relaxed_squares(const ipd_matrix *m);
/* The tiling of products d x n and of the elementwise work on them: cut by rows, into an even
 * number of tiles, since W is larger than a batch. */
ipd_tiling ipd_relaxed_tiling(size_t d, size_t n);
/* z_L := argmin loss(y, z) + rho/2 |z - p_L|^2. */
int ipd_relaxed_output_step(ipd_solver *s, ipd_error *e);
/* W_l, b_l := argmin |z_l - W A - b|^2 + delta_l (|W - W^_l|^2 + |b - b^_l|^2/s^2), A = a_{l-1};
 * and R_l. */
int ipd_relaxed_W_step(ipd_solver *s, int l, ipd_error *e);
/* Visits a frozen W_l: only R_l := z_l - W_l A - b_l. */
int ipd_relaxed_W_stay(ipd_solver *s, int l, ipd_error *e);
/* a_l := sigma(p_l) + omega t G, a step towards argmin |z_{l+1} - W_{l+1} a - b_{l+1}|^2 + kappa |a
 * - sigma(p_l)|^2; with the predictions if W_{l+1} is visited later. */
int ipd_relaxed_a_step(ipd_solver *s, int l, ipd_error *e);
/* z_l := p_l + omega (z* - p_l), with z* of relaxed_am.c. */
int ipd_relaxed_z_step(ipd_solver *s, int l, ipd_error *e);

#endif
