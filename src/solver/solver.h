/* solver.h - making, loading and freeing what the block updates work on. */
#ifndef IPD_SOLVER_SOLVER_H
#define IPD_SOLVER_SOLVER_H

#include "solver/steps.h"

/* Room in s for n samples of a problem on net (borrowed); W_old and b_old are made only once and
 * kept. On failure s is as before. */
int ipd_solver_resize(ipd_solver *s, ipd_network *net, size_t n, ipd_error *e);

/* Takes the samples at hand (views: X is d_0 x n, Y is d_L x n; n at most the room), and sets z and
 * a by one forward pass (V_L, where there is one, is z_L), without history: z_old = z, a_old = a. All gaps are zero then. */
int ipd_solver_load(ipd_solver *s, ipd_matrix X, ipd_matrix Y, const uint8_t *labels, ipd_error *e);

/* How many of the samples at hand have their largest z_L at their label. */
size_t ipd_solver_count_correct(const ipd_solver *s);

/* What a forward pass with the newest W and b says, into r: train_accuracy and forward_loss over the
 * samples of the problem that metrics_samples asks for, forward_gap over the same in full batch, where the pass
 * is one, and in mini-batches over the samples at hand. */
int ipd_solver_forward(const ipd_solver *s, const ipd_problem *problem, ipd_record *r,
                       ipd_error *e);

/* gram_rank and gram_condition into r: of the Gram matrices of a_{l-1} as it is now over the samples
 * at hand, by their eigenvalues, in double; those of the data are kept in full batch. NaN where an
 * element is not finite or the eigenvalues do not converge. d^2 n + 4/3 d^3 operations a layer,
 * where d is the smaller of inputs and samples and n the larger. */
int ipd_solver_spectrum(ipd_solver *s, ipd_record *r, ipd_error *e);

/* Bytes of what one sample needs: z and a with their previous iterates, and the products. */
double ipd_solver_sample_bytes(const ipd_network *net);

/* ipd_method.memory of the methods by block. */
double ipd_solver_memory(const ipd_network *net, size_t N, size_t batch);

void ipd_solver_free(ipd_solver *s);

#endif
