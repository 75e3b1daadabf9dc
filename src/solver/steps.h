/* steps.h - the three block updates and their shared state.
 *
 * Each update is the closed-form minimiser of Phi_rho plus its proximal term over one block, with
 * everything else at its newest value (paper, section 2; closed forms: CONTRIBUTING.md). A block's
 * new iterate is built in the memory of the one before last and the two are exchanged. So x and
 * x_old are x^{k+1} and x^k for blocks visited in this sweep, x^k and x^{k-1} for the others.
 *
 * Each update also keeps `sums` exact: the loss and the squared gaps after it, over the samples at
 * hand.
 *
 * A product over all samples dominates the cost, so each is computed once and remembered:
 *
 * - p_l is valid until W_l, b_l or a_{l-1} moves. The z-step, the W-step, the objective and the
 *   training accuracy share it; the objective of iteration k and the z-step of k+1 use the same p_l.
 * - The W-step moves W by a step S. Its objective falls by <S, right-hand side>, so the
 *   change of Phi needs no product.
 * - The smaller side is inverted. In the dual (Woodbury) form the residual after the W-step and the
 *   product after the a-step cost nothing.
 * - A block whose residuals are exactly zero and that did not move in the last step is skipped: it
 *   is already optimal. This is common right after a forward pass.
 * - In full batch the Gram matrix of the data is formed once, in double, and kept with its inverse
 *   if its norm is below 1e7 delta and W_1 has no ridge; otherwise with its factor.
 *
 * Products of a full-batch iteration, 784-1500-1500-10, N = 60000, increase order, in 10^9
 * operations:
 *
 *     p_1 141, p_2 270, p_3 2                    a_0 a_0^T 74 (once), a_1 a_1^T 135, a_2 a_2^T 135
 *     E_l a_{l-1}^T 141, 270 and 2               W_2^T E 270, the solve of a_1 270
 *     forward pass 342
 */
#ifndef IPD_SOLVER_STEPS_H
#define IPD_SOLVER_STEPS_H

#include "base/blas.h"
#include "solver/method.h"
#include "solver/sparse.h"

/* The parts of Phi over the samples at hand, and the squared norms of the last steps. */
typedef struct ipd_sums {
    double loss;
    double regularizer[IPD_MAX_LAYERS + 1]; /* R_l(W_l), scaled to the batch */
    double linear[IPD_MAX_LAYERS + 1];      /* ||z_l - W_l a_{l-1} - b_l||^2 */
    double activation[IPD_MAX_LAYERS + 1];  /* ||a_l - sigma(z_l)||^2; of V_L: ||V_L - z_L||^2 */
    double step_z[IPD_MAX_LAYERS + 1], step_W[IPD_MAX_LAYERS + 1];
    double step_b[IPD_MAX_LAYERS + 1], step_a[IPD_MAX_LAYERS + 1];
} ipd_sums;

/* The Gram matrix of one side of a_{l-1}, and its inverse. kappa is added to the diagonal: delta,
 * and the batch's part of an l2 penalty. */
typedef struct ipd_gram {
    ipd_matrix64 G; /* a a^T, or a^T a; no data if F took its memory */
    ipd_matrix64 F; /* as `holds` says */
    enum {
        IPD_GRAM_NOTHING,
        IPD_GRAM_FACTOR, /* Cholesky factor of G + kappa I; or eigenvectors of G */
        IPD_GRAM_INVERSE /* (G + (kappa + shift) I)^{-1}, see ipd_gram_shift */
    } holds;
    double norm;      /* 1-norm of G */
    double diagonal;  /* largest diagonal element of G */
    double kappa;     /* of F, or for the next F */
    double *values;   /* eigenvalues of G if F holds its eigenvectors, else NULL */
    double rank;      /* of G if kappa = 0, else NaN */
    int not_finite;   /* 1: G has a value that is not finite; F is unusable */
    double condition; /* see ipd_gram_condition; NaN until requested */
} ipd_gram;

/* Forms A A^T, or with `dual` A^T A, and sets kappa, without a factor. In double if `exact` or if
 * kappa is small in comparison. g must be empty. */
int ipd_gram_form(ipd_gram *g, const ipd_matrix *A, int dual, double kappa, int exact,
                  ipd_error *e);
/* Factors g->G again for another kappa. */
int ipd_gram_factor(ipd_gram *g, double kappa, ipd_error *e);
/* The same if G is no longer needed: the factor takes its memory, unless kappa = 0. */
int ipd_gram_become_factor(ipd_gram *g, double kappa, ipd_error *e);
/* Sets another kappa; F then holds nothing. */
void ipd_gram_set_kappa(ipd_gram *g, double kappa);
/* The amount to add to kappa to make G + kappa I safely positive definite; usually 0. */
double ipd_gram_shift(const ipd_gram *g);
/* 1 if a product with the inverse in double is as accurate as a solve. */
int ipd_gram_has_good_inverse(const ipd_gram *g);
/* Makes F the inverse, unless it is that already. If double cannot represent it, F holds
 * nothing. */
int ipd_gram_invert(ipd_gram *g, ipd_error *e);
/* 1 if kappa is so small beside G that sums with the inverse must be double. */
int ipd_gram_needs_double(const ipd_gram *g);
/* 1 if float products with the inverse are accurate enough. */
int ipd_gram_is_well_conditioned(const ipd_gram *g);
/* Condition number of G + kappa I in the 1-norm: LAPACK's estimate from a factor, exact from an
 * inverse. If kappa = 0 and G is singular: in the 2-norm of the eigenvalues that count. Computed
 * once per factor. NaN if G is not finite, or if the step under an l1 penalty needed neither factor
 * nor inverse. */
double ipd_gram_condition(ipd_gram *g);
/* R := R (G + kappa I)^{-1}, or R G^+ if kappa = 0. */
int ipd_gram_solve(const ipd_gram *g, ipd_matrix64 *R, ipd_error *e);
/* S := R (G + kappa I)^{-1} by float products with the inverse, which is made in double. g must be
 * well-conditioned and hold a factor. */
int ipd_gram_solve_float(const ipd_gram *g, const ipd_matrix *R, ipd_matrix *S, ipd_error *e);
void ipd_gram_free(ipd_gram *g);

/* Eigenvalues of a Gram matrix, summarised. */
typedef struct ipd_spectrum {
    int known;    /* 0: not computed; in full batch those of the data never change */
    double rank;  /* number that count: above 1e-10 of the largest (singular values above 1e-5) */
    double max;   /* the largest; at least 0 */
    double min;   /* the smallest; at least 0 */
    double inner; /* the smallest that counts */
} ipd_spectrum;
/* Computes G's eigenvalues in double; overwrites G. The values are NaN on failure. */
int ipd_gram_spectrum(ipd_matrix64 *G, ipd_spectrum *spectrum, ipd_error *e);

/* The proximal term of a block's update: (weight rho/2) |x - x^|^2, x^ = x + inertia (x -
 * x_old). */
typedef struct ipd_prox {
    double inertia, weight;
} ipd_prox;
/* The term of a block under the parameters in force. V_L, if there is one, is block IPD_A of layer
 * L here. */
typedef ipd_prox ipd_prox_fn(const ipd_parameters *par, ipd_block block, int L);

/* relaxed_am: the inverse of A^T A + s^2 1 1^T + delta I, n x n, in the W-step of a layer. */
typedef struct ipd_relaxed_inverse {
    float *inverse; /* both triangles; grows to the largest batch */
    size_t floats;
    enum { IPD_INVERSE_UNKNOWN, IPD_INVERSE_KNOWN, IPD_INVERSE_FAILED } known;
    double mean_square, s2, delta; /* of the inputs A, if known */
} ipd_relaxed_inverse;

typedef struct ipd_solver {
    ipd_variables v;
    ipd_parameters par;
    ipd_prox_fn *prox; /* the method's */
    ipd_sums sums;
    double rho;   /* penalty in force on the samples at hand: see ipd_rho_in_force */
    double share; /* fraction of all samples that are at hand: scales R_l for a batch */
    /* 1: the output has a variable of its own, a_L = V_L; set before anything else */
    int output_variable;
    /* In W_l's step, 1: a_{l-1} moves later in this sweep, so that computing p_l now would be in
     * vain. In a_l's step, 1: W_{l+1} moves later. */
    int waits;
    int same_data;              /* 1: v.a[0] holds the same samples in every sweep of the run */
    ipd_gram data_gram;         /* with same_data: theirs; empty before W_1's first update */
    ipd_spectrum data_spectrum; /* of data_gram */
    double rank[IPD_MAX_LAYERS + 1];              /* of W_l's Gram matrix, NaN if not determined */
    ipd_sparse_report sparse[IPD_MAX_LAYERS + 1]; /* worst of this iteration, NaN without l1 */
    int measure;                          /* 1: measure the W-steps of this batch for the record */
    double condition[IPD_MAX_LAYERS + 1]; /* of the matrix inverted by W_l's step, if measured */
    double omega[IPD_MAX_LAYERS + 1];     /* relaxed_am: relaxation of z_l, chosen by the a-step */
    ipd_relaxed_inverse inverse[IPD_MAX_LAYERS + 1]; /* of the current batch; 0: of any layer */
    float *scratch;                                  /* one piece per thread */
    size_t scratch_floats;                           /* total size */
    double *partial;                                 /* sums by task, added in order */
    size_t partial_count;
    float *reserved[2]; /* see ipd_solver_reserve */
    size_t reserved_floats[2];
} ipd_solver;

/* The tasks of the elements of a d x n matrix. They depend on its shape alone. */
typedef struct ipd_tiling {
    size_t d, n, rows, samples; /* of a tile; the last ones may be smaller */
    size_t down, count;         /* tiles per column, tiles in all */
} ipd_tiling;
typedef struct ipd_tile {
    size_t row, rows, first, samples;
} ipd_tile;
/* With whole_columns every tile has all d rows. */
ipd_tiling ipd_tiling_of(size_t d, size_t n, int whole_columns);
ipd_tile ipd_tile_at(const ipd_tiling *t, size_t task);

/* Reserves `each` floats per thread, and for `tasks` rows of `columns` partial sums (zeroed). */
int ipd_solver_scratch(ipd_solver *s, size_t each, size_t tasks, size_t columns, ipd_error *e);

/* Frees the scratch for other steps; the a-step's is large. */
void ipd_solver_free_scratch(ipd_solver *s);

/* Sets m->data to memory for m's rows and columns, uninitialised. which: 0 or 1, one of two pieces
 * of memory, each reused from step to step. The solver frees it. */
int ipd_solver_reserve(ipd_solver *s, int which, ipd_matrix *m, ipd_error *e);

/* p_l := W_l a_{l-1} + b_l, unless it is remembered, with sums.linear[l]. */
int ipd_product_step(ipd_solver *s, int l, ipd_error *e);

/* The proximal term of a block of this kind and layer. */
static inline ipd_prox ipd_prox_of(const ipd_solver *s, ipd_block_kind kind, int layer)
{
    return s->prox(&s->par, (ipd_block){kind, layer}, s->v.net->L);
}

/* The updates. If a factorisation fails on values that are not finite, `sums` holds NaN; other
 * failures return -1. */
int ipd_z_step(ipd_solver *s, int l, ipd_error *e);
int ipd_W_step(ipd_solver *s, int l, ipd_error *e);
int ipd_a_step(ipd_solver *s, int l, ipd_error *e);
/* Updates V_L: P^loss(y, (z_L + delta V^_L)/(1 + delta), rho (1 + delta)), with V_L's own proximal
 * weight delta. For methods with such a variable. */
int ipd_V_step(ipd_solver *s, ipd_error *e);

/* The amount that W_l's step adds to the diagonal of the Gram matrix. */
double ipd_W_kappa(const ipd_solver *s, int l);
/* The weight of the l1 penalty in W_l's block, in units of rho. */
double ipd_l1_share(const ipd_solver *s, int l);
/* W_l's step if ipd_l1_share is above 0. R is minus the gradient of the block's quadratic at W_l
 * (the right-hand side of a step). D := the step to the minimiser with the penalty; R := R minus
 * the quadratic's gradient there. */
int ipd_sparse_step(ipd_solver *s, int l, ipd_gram *g, ipd_matrix64 *R, ipd_matrix64 *D,
                    ipd_error *e);
/* The same under a penalty of the user; D leads to a point where no single weight can be
 * improved. */
int ipd_penalty_step(ipd_solver *s, int l, ipd_gram *g, ipd_matrix64 *R, ipd_matrix64 *D,
                     ipd_error *e);

/* Computes sums.regularizer[l] for the current W_l. */
void ipd_regularizer_step(ipd_solver *s, int l);

/* Phi_rho of the sums. */
double ipd_phi(const ipd_sums *sums, int L, double rho);

#endif
