/* reference.h - reference cases: a small problem, its settings, and the expected result of every
 * iteration.
 *
 * ipdlam-verify(1) describes the format.
 */
#ifndef IPD_CHECK_REFERENCE_H
#define IPD_CHECK_REFERENCE_H

#include "base/error.h"

typedef struct ipd_reference_result {
    char name[64];    /* the case's own name */
    double deviation; /* largest |x - x*| / (1 + |x*|); infinite if x is not finite */
    char where[128];  /* place of the deviation: "iteration 3, W2 row 1 column 4"; "" if nothing
                       * deviates */
    long values;      /* number of values compared */
    int iterations;
} ipd_reference_result;

/* Runs the case and compares all values in the file: every variable after every iteration and every
 * value of the record; for the classical optimizers W, b and the loss of every mini-batch. -1 and
 * *e if the file is wrong or needs an unsupported feature. Nothing in the file is trusted. Any
 * thread. method: checked in place of the method that the case names, unless NULL. For methods from
 * files, values that their records do not have are left out. */
int ipd_reference_verify(const char *path, const char *method, ipd_reference_result *result,
                         ipd_error *e);

#endif
