/* regularizer.h - penalties on the weights: one table entry each. */
#ifndef IPD_NET_REGULARIZER_H
#define IPD_NET_REGULARIZER_H

#include "base/matrix.h"
#include "net/definitions.h"

/* The penalty on a layer's weights: R(W) = l1 ||W||_1 + l2/2 ||W||^2, or weight times the sum of a
 * function of the user. */
typedef struct ipd_penalty {
    double l1, l2;
    const ipd_own *own; /* or NULL */
    double weight;      /* of `own`, > 0; 0 without one */
} ipd_penalty;

typedef struct ipd_regularizer {
    const char *name;                                       /* "ridge" */
    const char *summary;                                    /* one line for help */
    ipd_penalty (*penalty)(double lambda, double l1_ratio); /* NULL with `own` */
    const ipd_own *own;                                     /* defined by the user, or NULL */
} ipd_regularizer;

const ipd_regularizer *ipd_regularizer_find(const char *name);
const char *const *ipd_regularizer_names(void);

/* Defines a penalty, or reads a definition; see definitions.h. A name has one meaning as long as
 * the process lives, because runs refer to penalties by name. */
const ipd_regularizer *ipd_regularizer_define(const char *name, const ipd_program *both,
                                              const ipd_program *prox, ipd_error *e);
const ipd_regularizer *ipd_regularizer_read(const char *line, ipd_error *e);
/* The penalty of weight lambda >= 0; l1_ratio (0 to 1) is the share of l1 in a mixed penalty. */
ipd_penalty ipd_regularizer_penalty(const ipd_regularizer *r, double lambda, double l1_ratio);

/* R(W), summed in double in a fixed order. Any thread. */
double ipd_penalty_value(ipd_penalty r, const ipd_matrix *W);

#endif
