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

/* Numbers and whole numbers of the settings object, `missing` where they have none of this name
 * (NaN, or a number below `least`: then it is an error). */
int ipd_reference_number(const json_t *object, const char *name, double missing, double *out,
                         ipd_error *e);
int ipd_reference_whole(const json_t *object, const char *name, long missing, long least, long most,
                        long *out, ipd_error *e);

/* What is compared, and where it stands. */
typedef struct ipd_comparison {
    ipd_reference_result *result;
    int iteration, batch; /* batch 0: not said */
} ipd_comparison;

/* Notes how far x is from x_star; `where` is printed only for the worst. */
__attribute__((format(printf, 4, 5))) void
ipd_reference_compare(ipd_comparison *c, double x, double x_star, const char *where, ...);
/* Compares a state: lists z, W, b (layers 1 ... L) and a (0 ... L-1). v is NULL where there is
 * neither z nor a. */
int ipd_reference_compare_state(ipd_comparison *c, const ipd_network *net, const ipd_variables *v,
                                const json_t *state, ipd_error *e);

/* The classical optimizers: the settings, and the run batch by batch. */
int ipd_reference_read_optimizer(ipd_reference *c, const json_t *settings, ipd_error *e);
int ipd_reference_run_optimizer(const ipd_reference *c, void *state, ipd_reference_result *result,
                                ipd_error *e);

#endif
