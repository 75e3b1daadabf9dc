/* audit.h - recomputes the subproblem of each block after its update, from the raw arrays, in
 * double.
 *
 * A block minimises F(x) = Phi_rho + (delta rho/2)|x - x^|^2 with everything else at its newest
 * value. The audit keeps a copy of the arrays that the update will overwrite. Afterwards it
 * computes F before and after and the optimality residual, without the products, sums and Gram
 * matrices that the solver remembers. Up to rounding, F must not rise and the residual must be
 * zero. It also follows each variable from visit to visit: x_old must be the value of x at the last
 * visit.
 *
 * ipd_audit_proximal does this; ipd_audit_relaxed knows the objectives of the blocks of relaxed_am.
 * An audit changes nothing in the solver.
 *
 * Tolerances. The size of a product (W a)_in is |W_i| |a_n|; of a sum, the sum of its terms' sizes.
 * Rounding explains 2e-5 of the size in a residual or in an element of z, 1e-6 of its square in the
 * cost of an element of z, and 1e-12 of its square in the rise of a quadratic function. Below delta
 * = 0.3 it explains more, up to 40 times from delta = 0.0075 down, since the Gram matrices amplify
 * it. audit_rise and audit_residual are in these units.
 *
 * Not checked: wrong parameters, the choice of the smallest change if delta = 0, the bookkeeping of
 * Phi, the growth of rho, batches, the order of blocks. The reference cases and
 * tests/solver/test_blocks.c compare these. An audit takes three to five times as long as the
 * training.
 */
#ifndef IPD_SOLVER_AUDIT_H
#define IPD_SOLVER_AUDIT_H

#include "solver/steps.h"

typedef struct ipd_audit ipd_audit;

/* State of a block's fingerprints. FOLLOWED: both are known; FRESH: x and x_old are equal. */
enum { IPD_AUDIT_UNKNOWN, IPD_AUDIT_FRESH, IPD_AUDIT_FOLLOWED };

/* The checks for the blocks of a method. */
typedef struct ipd_audit_rules {
    /* Doubles of scratch for the checks of a block, and for those of loading. */
    size_t (*scratch)(const ipd_network *net, ipd_block block, size_t n);
    /* 1: x_old must be the previous iterate at every visit, and must equal x after loading */
    int history;
    /* Keeps the arrays that loading samples overwrites, and checks the loaded ones; NULL:
     * neither. */
    int (*loading)(ipd_audit *audit, const ipd_solver *s, size_t n, ipd_error *e);
    void (*loaded)(ipd_audit *audit, const ipd_solver *s);
    /* Checks a block after its update. */
    void (*check)(ipd_audit *audit, const ipd_solver *s, ipd_block block);
} ipd_audit_rules;
extern const ipd_audit_rules ipd_audit_proximal, ipd_audit_relaxed;

struct ipd_audit {
    const ipd_audit_rules *rules;
    int on;      /* the current block is audited */
    long visits; /* blocks audited in this iteration */
    long wrong;  /* of these, blocks with a finding */
    double rise; /* worst of this iteration, in units of the rounding tolerance */
    double residual;
    char first[IPD_FINDING_TEXT];    /* this iteration's first finding, without the iteration */
    char finding[IPD_FINDING_TEXT];  /* of the current block; "" if there is none so far */
    char reported[IPD_FINDING_TEXT]; /* of the last block with a finding */
    ipd_matrix x, old, b, b_old;     /* x^k and x^{k-1}, from before the update */
    /* Hashes of x and x_old after each block's update, by ipd_block_index, to compare at the next
     * visit. */
    uint64_t now[IPD_MAX_BLOCKS], before[IPD_MAX_BLOCKS];
    char known[IPD_MAX_BLOCKS];

    double *scratch; /* scratch for all checks */
    size_t scratch_count;
    /* W_old, b_old before loading */
    ipd_matrix past[IPD_MAX_LAYERS + 1], past_b[IPD_MAX_LAYERS + 1];
};

/* Copies the block before its update. Does nothing if s->par.audit is 0. Fails if memory runs out;
 * all memory of the audit is allocated here. */
int ipd_audit_before(ipd_audit *audit, const ipd_solver *s, ipd_block block, ipd_error *e);

/* Checks the block named by `at` after its update, under the parameters in force. On all threads;
 * the result does not depend on their number. Values that are not finite are reported by the
 * method, so then nothing is checked. Returns the finding, one sentence, valid until the next
 * block, or NULL. */
const char *ipd_audit_after(ipd_audit *audit, const ipd_solver *s, const ipd_place *at);

/* Called before and after the n samples of a batch are loaded. A finding is reported with the next
 * block. */
int ipd_audit_loading(ipd_audit *audit, const ipd_solver *s, size_t n, ipd_error *e);
void ipd_audit_loaded(ipd_audit *audit, const ipd_solver *s);

/* Fills the audit fields of the record and starts a new iteration. */
void ipd_audit_record(ipd_audit *audit, ipd_record *r);

/* Bytes of the audit, in addition to the solver's. */
double ipd_audit_memory(const ipd_audit_rules *rules, const ipd_network *net, size_t N,
                        size_t batch);

void ipd_audit_free(ipd_audit *audit);

#endif
