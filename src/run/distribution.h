/* distribution.h - how the values of the variables of a layer are spread, for views. Any thread. */
#ifndef IPD_RUN_DISTRIBUTION_H
#define IPD_RUN_DISTRIBUTION_H

#include "solver/method.h"

enum { IPD_BINS = 64, IPD_QUANTILES = 5 };
extern const double ipd_quantiles[IPD_QUANTILES]; /* 0.05, 0.25, 0.5, 0.75, 0.95 */

/* Which values: W_l, z_l, a_l, the gaps z_l - W_l a_{l-1} - b_l and a_l - sigma(z_l). */
enum {
    IPD_SPREAD_W,
    IPD_SPREAD_Z,
    IPD_SPREAD_A,
    IPD_SPREAD_LINEAR,
    IPD_SPREAD_ACTIVATION,
    IPD_SPREADS
};

typedef struct ipd_distribution {
    size_t all;   /* values of the variable; 0: it does not exist in this layer */
    size_t count; /* finite ones of those that were read, which are spread evenly */
    size_t zeros; /* of these */
    float low, high, quantile[IPD_QUANTILES];
    unsigned bins[IPD_BINS]; /* of equal width from low to high */
} ipd_distribution;

/* Describes the variables of layer l (1 ... L) in a method's state, each from at most 65536 values
 * of the present batch. -1 and *e if memory runs out. */
int ipd_distributions(const ipd_method *method, const void *state, int l,
                      ipd_distribution to[IPD_SPREADS], ipd_error *e);

#endif
