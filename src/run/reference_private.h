/* reference_private.h - a reference case in memory: read by reference_read.c, run by reference.c.
 */
#ifndef IPD_RUN_REFERENCE_PRIVATE_H
#define IPD_RUN_REFERENCE_PRIVATE_H

#include "run/reference.h"
#include "solver/method.h"

#include <jansson.h>

typedef struct ipd_reference {
    json_t *json; /* the whole file; what is below borrows from it */
    char name[64];
    ipd_matrix X, Y;
    uint8_t *labels;
    ipd_network net;
    ipd_parameters parameters;
    int iterations;
    const json_t *changes;  /* an array, or NULL */
    const json_t *expected; /* an array of `iterations` records */
} ipd_reference;

/* Reads and checks all but the values in changes and expected. */
int ipd_reference_read(ipd_reference *c, const char *path, ipd_error *e);
void ipd_reference_free(ipd_reference *c);

/* Sets one parameter (alpha, beta, gamma, delta, rho, theta, rho_max, order) from JSON. */
int ipd_reference_set(ipd_parameters *p, const char *name, const json_t *value, int L,
                      ipd_error *e);

#endif
