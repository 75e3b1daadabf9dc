/* reference.h - reference cases: a small problem, its settings, and what every iteration must give.
 *
 * The format is described in ipdlam-verify(1).
 */
#ifndef IPD_CHECK_REFERENCE_H
#define IPD_CHECK_REFERENCE_H

#include "base/error.h"

typedef struct ipd_reference_result {
    char name[64];    /* the case's own name */
    double deviation; /* largest |x - x*| / (1 + |x*|); infinite where x is not finite */
    char where[128];  /* "iteration 3, W2 row 1 column 4"; "" where nothing deviates */
    long values;      /* how many were compared */
    int iterations;
} ipd_reference_result;

/* Runs the case of the file and compares all it says: every variable after every iteration and
 * every value of the record; for the classical optimizers W, b and the loss of every mini-batch. -1 and *e
 * where the file is wrong or asks for what is not offered. The file is trusted in nothing. Any thread. */
int ipd_reference_verify(const char *path, ipd_reference_result *result, ipd_error *e);

#endif
