/* reference_private.h - a reference case in memory: read by reference_read.c, run by reference.c.
 */
#ifndef IPD_CHECK_REFERENCE_PRIVATE_H
#define IPD_CHECK_REFERENCE_PRIVATE_H

#include "check/reference.h"
#include "settings/settings.h"

#include <jansson.h>

typedef struct ipd_reference {
    json_t *json; /* the whole file; changes and expected borrow from it */
    char name[64];
    ipd_matrix X, Y;
    ipd_label *labels; /* NULL: the targets are values */
    double *weight;    /* of values, for R^2 */
    ipd_network net;
    const ipd_method *method;
    ipd_settings settings;     /* at the start */
    ipd_parameters parameters; /* the same, for the method */
    int iterations;
    const json_t *changes;  /* an array, or NULL */
    const json_t *expected; /* array: of records or, for methods without blocks, of mini-batches */
} ipd_reference;

/* Reads and checks the case, except the values in changes and expected. */
int ipd_reference_read(ipd_reference *c, const char *path, const char *method, ipd_error *e);
void ipd_reference_free(ipd_reference *c);

/* Sets a setting of the method from a JSON number, or the order from a name or a list. */
int ipd_reference_set(ipd_settings *s, const char *name, const json_t *value, ipd_error *e);
/* Checks the settings as a whole and converts them to the method's parameters. */
int ipd_reference_check(const ipd_reference *c, ipd_settings *s, ipd_parameters *p, ipd_error *e);

/* Initialises *m from a list of rows of numbers, or (column) from a list of numbers. The caller
 * frees it. */
int ipd_reference_matrix(const json_t *json, const char *name, int column, size_t max_columns,
                         ipd_matrix *m, ipd_error *e);

#endif
