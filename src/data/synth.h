/* synth.h - makes small data sets for teaching: two inputs and classes, or a curve. */
#ifndef IPD_DATA_SYNTH_H
#define IPD_DATA_SYNTH_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct ipd_synth {
    const char *name, *summary;
    double noise; /* standard deviation of the added noise, if none is given */
} ipd_synth;

/* "blobs", "moons" ...; ends with a NULL name. */
extern const ipd_synth ipd_synth_kinds[];

/* Writes a table of N samples as CSV: inputs and class, or inputs and y. A negative noise means the
 * kind's default. A seed always gives the same bits. Fails if the kind is unknown or writing
 * fails. */
int ipd_synth_write(FILE *to, const char *kind, size_t N, double noise, uint64_t seed,
                    ipd_error *e);

#endif
