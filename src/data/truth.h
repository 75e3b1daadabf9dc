/* truth.h - what the outputs of a network are compared with: labels, or values. */
#ifndef IPD_DATA_TRUTH_H
#define IPD_DATA_TRUTH_H

#include <stdint.h>

typedef uint32_t ipd_label; /* 0 ... classes - 1 */
enum { IPD_MAX_LABELS = 16384 };

/* Borrows all of it. */
typedef struct ipd_truth {
    const ipd_label *labels; /* of N samples; NULL: the truth is `values` */
    const float *values;     /* outputs x N; only without labels */
    /* Only without labels; NULL: 1 for every output.
     * unit: what 1 of the output means in the data's own unit;
     * weight: R^2 is 1 minus the sum of weighted squared errors. */
    const double *unit, *weight;
} ipd_truth;

static inline ipd_truth ipd_truth_labels(const ipd_label *labels)
{
    return (ipd_truth){.labels = labels};
}

#endif
