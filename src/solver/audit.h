/* audit.h - after each block, its own subproblem once more: from the raw arrays, in double.
 *
 * A block minimises its own function F(x) = Phi_rho + (delta rho/2)|x - x^|^2 with everything else at its
 * newest value. The audit keeps what the update will overwrite, and afterwards computes F before
 * and after and the optimality residual, without any product, sum or Gram matrix that the solver
 * remembers. Beyond rounding, F must not have risen and the residual must be zero. It also follows
 * each variable from visit to visit: the iterate before the last has to be the one that was there.
 *
 * That is ipd_audit_proximal; ipd_audit_relaxed knows the objectives that the blocks of relaxed_am have. An audit changes
 * nothing of what it looks at.
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

typedef struct ipd_audit ipd_audit;

/* What is known of a block's fingerprints: FOLLOWED: both hold; FRESH: x and x_old are alike. */
enum { IPD_AUDIT_UNKNOWN, IPD_AUDIT_FRESH, IPD_AUDIT_FOLLOWED };

/* What the blocks of a method are to do. */
typedef struct ipd_audit_rules {
    /* Doubles of room that a block's checks need, and those of the samples taken. */
    size_t (*room)(const ipd_network *net, ipd_block block, size_t n);
    int history; /* 1: x_old is the iterate before at every visit, and x after samples are taken */
    /* Keeps what taking samples overwrites, and looks at what was made of it; NULL: neither. */
    int (*loading)(ipd_audit *audit, const ipd_solver *s, size_t n, ipd_error *e);
    void (*loaded)(ipd_audit *audit, const ipd_solver *s);
    /* Looks at a block that has moved. */
    void (*check)(ipd_audit *audit, const ipd_solver *s, ipd_block block);
} ipd_audit_rules;
extern const ipd_audit_rules ipd_audit_proximal, ipd_audit_relaxed;

struct ipd_audit {
    const ipd_audit_rules *rules;
    int on;      /* the block at hand is looked at */
    long visits; /* blocks looked at in this iteration */
    long wrong;  /* of these, with a finding */
    double rise; /* worst of this iteration, in units of what rounding explains */
    double residual;
    char first[IPD_FINDING_TEXT];   /* this iteration's first finding, without the iteration */
    char finding[IPD_FINDING_TEXT]; /* of the block at hand; "" where all is well so far */
    char told[IPD_FINDING_TEXT];    /* of the last that had one */
    ipd_matrix x, old, b, b_old;    /* before the block: x^k and x^{k-1} */
    /* What each block left behind, by ipd_block_index: is it still there at the next visit? */
    uint64_t now[IPD_MAX_BLOCKS], before[IPD_MAX_BLOCKS];
    char known[IPD_MAX_BLOCKS];

    double *room; /* for all that is computed */
    size_t room_count;
    ipd_matrix past[IPD_MAX_LAYERS + 1],
        past_b[IPD_MAX_LAYERS + 1]; /* W_old, b_old before loading */
};

/* Keeps the block as it is. Does nothing where s->par.audit is 0. Fails where memory runs out; all
 * that the audit needs is taken here. */
int ipd_audit_before(ipd_audit *audit, const ipd_solver *s, ipd_block block, ipd_error *e);

/* Looks at the block that `at` names, now that it is updated, under the parameters in force; on all
 * threads, with the same result for any number of them. Values that are not finite are the
 * method's to report: then nothing is looked at. Returns the finding, one sentence, or NULL; good
 * until the next block. */
const char *ipd_audit_after(ipd_audit *audit, const ipd_solver *s, const ipd_place *at);

/* Before and after a batch's n samples are taken. A finding is the next block's. */
int ipd_audit_loading(ipd_audit *audit, const ipd_solver *s, size_t n, ipd_error *e);
void ipd_audit_loaded(ipd_audit *audit, const ipd_solver *s);

/* Fills the record's audit fields, and begins a new iteration's. */
void ipd_audit_record(ipd_audit *audit, ipd_record *r);

/* Bytes that the audit needs besides the solver's. */
double ipd_audit_memory(const ipd_audit_rules *rules, const ipd_network *net, size_t N,
                        size_t batch);

void ipd_audit_free(ipd_audit *audit);

#endif
