/* truth.h - the targets that outputs of a network are compared with: labels or values. */
#ifndef IPD_DATA_TRUTH_H
#define IPD_DATA_TRUTH_H

#include <stdint.h>

typedef uint32_t ipd_label; /* 0 ... classes - 1 */
enum { IPD_MAX_LABELS = 16384 };

/* Borrows all of it. */
typedef struct ipd_truth {
    const ipd_label *labels; /* of N samples; NULL: values */
    const float *values;     /* outputs x N; only without labels */
    /* By output, only without labels. unit: size of 1 in the data's own unit; NULL: 1. weight: R^2
     * is 1 minus the sum of squared errors times weight; NULL: no R^2. */
    const double *unit, *weight;
} ipd_truth;

static inline ipd_truth ipd_truth_labels(const ipd_label *labels)
{
    return (ipd_truth){.labels = labels};
}

#endif
