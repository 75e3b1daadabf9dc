/* dataset.h - labelled images: the embedded digits, MNIST, Fashion-MNIST, or a folder of IDX files.
 */
#ifndef IPD_DATA_DATASET_H
#define IPD_DATA_DATASET_H

#include "base/error.h"
#include "base/matrix.h"

#include <stdint.h>

typedef struct ipd_samples {
    ipd_matrix X;    /* inputs x N, pixels divided by 255; column n is sample n, row-major image */
    uint8_t *labels; /* N labels, 0 ... classes - 1 */
} ipd_samples;

typedef struct ipd_dataset {
    char name[64];        /* "digits", "mnist", "fashion-mnist" or the folder as given */
    char source[4096];    /* the folder read, or "generated, seed 1" */
    char checksum[65];    /* SHA-256 in hex of the samples in use (pixels as bytes, then labels,
                           * train, validation, test) */
    size_t width, height; /* of an image; inputs = width * height */
    size_t inputs, classes;
    size_t held_out;               /* > 0: `test` is this many of the last training samples */
    ipd_samples train, validation; /* validation: the last training samples, or none */
    ipd_samples test;
    int references;
} ipd_dataset;

typedef struct ipd_dataset_options {
    size_t train, test; /* number of samples, from the front; 0 = all (digits: 6000 and 1000) */
    uint64_t seed;      /* seed of the digits generator; 0 = its default, 1 */
    /* At most one of these three: */
    size_t validation;         /* hold out this many of the last training samples */
    double validation_percent; /* the same as a percentage of all training samples */
    size_t held_out;           /* hold out this many in place of the test samples */
} ipd_dataset_options;

/* Parses a number of validation samples, "5000" or "10%", into *o. */
int ipd_dataset_parse_validation(const char *text, ipd_dataset_options *o, ipd_error *e);

/* Opens a data set by name ("digits", "mnist", "fashion-mnist") or by folder (a name that has a
 * slash or is a folder). Named sets are searched in $IPDLAM_DATA/NAME, then in $IPDLAM_DATA itself
 * if its last component is NAME, then in the XDG data folder. options may be NULL. On success *out
 * holds one reference. The error for an unknown name suggests the nearest known one. Any thread. */
int ipd_dataset_open(ipd_dataset **out, const char *name, const ipd_dataset_options *options,
                     ipd_error *e);
ipd_dataset *ipd_dataset_ref(ipd_dataset *d); /* main thread; returns d */
void ipd_dataset_unref(ipd_dataset *d);       /* main thread; the last one frees; accepts NULL */

/* The known names, in order, NULL-terminated: for completion and messages. */
const char *const *ipd_dataset_names(void);

/* Finds a named set: 0 and its folder in `path`, or -1. "digits" is built in: path is "". */
int ipd_dataset_find(const char *name, char *path, size_t size);

/* Writes the name of a class to `to`: "Sneaker" for Fashion-MNIST, for other sets the label as a
 * number. Any thread. */
void ipd_dataset_class_name(const ipd_dataset *d, size_t label, char *to, size_t size);

#endif
