/* regularizer.h - penalties on the weights: one table entry each. */
#ifndef IPD_NET_REGULARIZER_H
#define IPD_NET_REGULARIZER_H

#include "base/matrix.h"

/* The penalty on a layer's weights, R(W) = l1 ||W||_1 + l2/2 ||W||^2. */
typedef struct ipd_penalty {
    double l1, l2;
} ipd_penalty;

typedef struct ipd_regularizer {
    const char *name;    /* "ridge" */
    const char *summary; /* one line for help */
    /* The penalty of weight lambda >= 0; l1_ratio (0 to 1) is the share of l1 in a
     * mixed penalty. */
    ipd_penalty (*penalty)(double lambda, double l1_ratio);
} ipd_regularizer;

const ipd_regularizer *ipd_regularizer_find(const char *name);
const char *const *ipd_regularizer_names(void);

/* R(W), summed in double in a fixed order. Any thread. */
double ipd_penalty_value(ipd_penalty r, const ipd_matrix *W);

#endif
