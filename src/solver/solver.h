/* solver.h - allocates, loads and frees the state of the block updates. */
#ifndef IPD_SOLVER_SOLVER_H
#define IPD_SOLVER_SOLVER_H

#include "solver/steps.h"

/* Allocates s for n samples of a problem on net (borrowed); W_old and b_old are made only once and
 * kept. On failure s is unchanged. */
int ipd_solver_resize(ipd_solver *s, ipd_network *net, size_t n, ipd_error *e);

/* Loads samples (X is d_0 x n, Y is d_L x n; both are borrowed; n is at most the size of s) and
 * sets z and a by one forward pass; V_L, if there is one, is z_L. There is no history: z_old = z,
 * a_old = a. All gaps are then zero. */
int ipd_solver_load(ipd_solver *s, ipd_matrix X, ipd_matrix Y, const ipd_label *labels,
                    ipd_error *e);

/* Number of samples at hand whose largest z_L is at their label. */
size_t ipd_solver_count_correct(const ipd_solver *s);

/* Measures a forward pass with the newest W and b: train_accuracy and forward_loss over the
 * training samples selected by metrics_samples; forward_gap over the same samples in full batch,
 * over the samples at hand in mini-batches. */
int ipd_solver_forward(const ipd_solver *s, const ipd_problem *problem, ipd_record *r,
                       ipd_error *e);

/* Writes gram_rank and gram_condition of the Gram matrices of a_{l-1} over the samples at hand, by
 * their eigenvalues, in double; in full batch those of the data are kept. NaN if an element is not
 * finite or the eigenvalues do not converge. Costs d^2 n + 4/3 d^3 operations per layer, where d is
 * the smaller and n the larger of inputs and samples. */
int ipd_solver_spectrum(ipd_solver *s, ipd_record *r, ipd_error *e);

/* Bytes per sample: z and a with their previous iterates, and the products. */
double ipd_solver_sample_bytes(const ipd_network *net);

/* ipd_method.memory of the methods with blocks. */
double ipd_solver_memory(const ipd_network *net, size_t N, size_t batch);

void ipd_solver_free(ipd_solver *s);

#endif
