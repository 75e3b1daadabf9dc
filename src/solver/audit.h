/* audit.h - after each block, its own subproblem once more: from the raw arrays, in double.
 *
 * A block minimises its own function F(x) = Phi_rho + (delta rho/2)|x - x^|^2 with everything else at its
 * newest value. The audit keeps what the update will overwrite, and afterwards computes F before
 * and after and the optimality residual, without any product, sum or Gram matrix that the solver
 * remembers. Beyond rounding, F must not have risen and the residual must be zero. It also follows
 * each variable from visit to visit: the iterate before the last has to be the one that was there.
 *
 * It needs an ipd_solver and a block, nothing of the method that moves them. It changes neither.
 *
 * Tolerances. The size of a product (W a)_in is |W_i| |a_n|; of a sum, the sum of its terms' sizes. Rounding
 * explains 2e-5 of that in a residual or in an element of z, 1e-6 of its square in the cost of an element of
 * z, and 1e-12 of it in a rise of a quadratic function. Below delta = 0.3 it explains more, 40 times from
 * delta = 0.0075 down, since the Gram matrices amplify it. audit_rise and audit_residual are in these units.
 *
 * Blind spots: parameters that were wrong when they were set, the choice of the smallest change if
 * delta = 0, the bookkeeping of Phi, the growth of rho, batches, the order of blocks. The reference cases
 * and tests/solver/test_blocks.c compare these. It costs three to five times the training.
 */
#ifndef IPD_SOLVER_AUDIT_H
#define IPD_SOLVER_AUDIT_H

#include "solver/steps.h"

typedef struct ipd_audit {
    int on;      /* the block at hand is looked at */
    long visits; /* blocks looked at in this iteration */
    long wrong;  /* of these, with a finding */
    double rise; /* worst of this iteration, in units of what rounding explains */
    double residual;
    char first[IPD_FINDING_TEXT];   /* this iteration's first finding, without the iteration */
    char finding[IPD_FINDING_TEXT]; /* the last block's; "" where all is well */
    ipd_matrix x, old, b, b_old;    /* before the block: x^k and x^{k-1} */
    /* What each block left behind, by ipd_block_index: is it still there at the next visit? */
    uint64_t now[IPD_MAX_BLOCKS], past[IPD_MAX_BLOCKS];
    char known[IPD_MAX_BLOCKS]; /* FOLLOWED: both hold; FRESH: x and x_old are alike */
    double *room;               /* for all that is computed */
    size_t room_count;
} ipd_audit;

/* Keeps the block as it is. Does nothing where s->par.audit is 0. Fails where memory runs out; all
 * that the audit needs is taken here. */
int ipd_audit_before(ipd_audit *audit, const ipd_solver *s, ipd_block block, ipd_error *e);

/* Looks at the block that `at` names, now that it is updated, under the parameters in force; on all
 * threads, with the same result for any number of them. Values that are not finite are the
 * method's to report: then nothing is looked at. Returns the finding, one sentence, or NULL; good
 * until the next block. */
const char *ipd_audit_after(ipd_audit *audit, const ipd_solver *s, const ipd_place *at);

/* z and a were set by a forward pass, without history. */
void ipd_audit_loaded(ipd_audit *audit, int L);

/* Fills the record's audit fields, and begins a new iteration's. */
void ipd_audit_record(ipd_audit *audit, ipd_record *r);

/* Bytes that the audit needs besides the solver's. */
double ipd_audit_memory(const ipd_network *net, size_t N, size_t batch);

void ipd_audit_free(ipd_audit *audit);

#endif
