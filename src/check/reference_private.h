/* reference_private.h - a reference case in memory: read by reference_read.c, run by reference.c.
 */
#ifndef IPD_CHECK_REFERENCE_PRIVATE_H
#define IPD_CHECK_REFERENCE_PRIVATE_H

#include "check/reference.h"
#include "optim/methods.h"

#include <jansson.h>

typedef struct ipd_reference {
    json_t *json; /* the whole file; what is below borrows from it */
    char name[64];
    ipd_matrix X, Y;
    uint8_t *labels;
    ipd_network net;
    const ipd_method *method;
    ipd_parameters parameters;
    int iterations;
    const json_t *changes;  /* an array, or NULL */
    const json_t *expected; /* an array of `iterations` records; of a method without blocks: of
                               every mini-batch of every iteration */
} ipd_reference;

/* Reads and checks all but the values in changes and expected. */
int ipd_reference_read(ipd_reference *c, const char *path, ipd_error *e);
void ipd_reference_free(ipd_reference *c);

/* Sets one parameter (alpha, beta, gamma, delta, rho, theta, rho_max, order) from JSON. */
int ipd_reference_set(ipd_parameters *p, const char *name, const json_t *value, int L,
                      ipd_error *e);

#endif
