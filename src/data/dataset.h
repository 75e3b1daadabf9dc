/* dataset.h - samples to train on: the embedded digits, MNIST, Fashion-MNIST, or any file or folder
 * of the user's.
 *
 * A name may carry options, "iris.csv?label=species&test=20%"; see data_options.h. Name and options
 * determine the samples, so checkpoints, the history and scripts store them.
 */
#ifndef IPD_DATA_DATASET_H
#define IPD_DATA_DATASET_H

#include "base/error.h"
#include "base/matrix.h"
#include "base/space.h"
#include "data/data_options.h"
#include "data/encoding.h"
#include "data/inputs.h"
#include "data/truth.h"

#include <stdint.h>

/* N samples. Their inputs are floats in X, or bytes that are scaled when they are read; read them
 * through ipd_samples_inputs. Images are row-major, one colour after another. */
typedef struct ipd_samples {
    ipd_matrix X;         /* inputs x N, column n is sample n; without data if `bytes` is set */
    const uint8_t *bytes; /* inputs x N, mapped; NULL: X has the inputs */
    const ipd_encoding *encoding; /* scales the bytes; borrowed */
    ipd_label *labels;            /* N labels, 0 ... classes - 1; NULL: Y has the targets */
    ipd_matrix Y;                 /* classes x N values, or empty; of an autoencoder a view of X */
    double *weight;               /* with Y: see truth.h */
} ipd_samples;

typedef struct ipd_dataset {
    char name[64];        /* "digits", "mnist", "fashion-mnist" or the end of the path as given */
    char source[4096];    /* the path read, "generated, seed 1", or a name with options */
    char checksum[65];    /* SHA-256 in hex of the samples in use: inputs, then labels or values, of
                           * train, validation, test. Pixels count as bytes, whatever the format. */
    size_t width, height; /* of an image, colours below each other; tables: inputs x 1 */
    size_t inputs;        /* width * height */
    size_t classes;       /* number of outputs: classes, or values per sample */
    int values;           /* 1: the targets are values (regression, autoencoder) */
    size_t held_out;      /* > 0: `test` is this many of the last training samples */
    ipd_samples train, validation;
    ipd_samples test;
    ipd_encoding *encoding; /* how the inputs were made; owned */
    double *unit;           /* of values: see truth.h; NULL: 1 */
    ipd_space *space;       /* of the samples, if files back them; owned; NULL: memory */
    char *encoding_text;    /* the encoding as JSON; owned */
    char warnings[960];     /* lines about the data, "" if there is nothing to say */
    int references;
} ipd_dataset;

/* Follows a long read. report gets the name of a step and the fraction of it that is done; a
 * nonzero result stops the read. */
typedef struct ipd_data_progress {
    int (*report)(void *context, const char *step, double share);
    void *context;
} ipd_data_progress;

/* Opens a data set by name ("digits", "mnist", "fashion-mnist"), file or folder, with options in
 * the name, in *options (may be NULL), or both. Named sets are searched in $IPDLAM_DATA/NAME, then
 * in $IPDLAM_DATA itself if its last component is NAME, then in the XDG data folder. encoding: of
 * saved weights, whose columns, classes and scale are used instead of the file's own. Both it and
 * progress may be NULL.
 * On success *out holds one reference. The error for an unknown name suggests the nearest known
 * one. Any thread. */
int ipd_dataset_open_as(ipd_dataset **out, const char *name, const ipd_dataset_options *options,
                        const ipd_encoding *encoding, const ipd_data_progress *progress,
                        ipd_error *e);
int ipd_dataset_open(ipd_dataset **out, const char *name, const ipd_dataset_options *options,
                     ipd_error *e);
/* The same, with the samples in `space`, which it owns from then on; NULL: in memory. more:
 * further files of a table, whose rows follow; ends with NULL; may be NULL. */
int ipd_dataset_open_in(ipd_dataset **out, const char *name, const char *const *more,
                        const ipd_dataset_options *options, ipd_space *space,
                        const ipd_data_progress *progress, ipd_error *e);
/* Opens a file for predictions: all samples, scaled as the encoding says, in d->train.X, without
 * targets. The columns of a table are found by their names, or in a table without names by their
 * places if it has as many as the encoding. */
int ipd_dataset_open_inputs(ipd_dataset **out, const char *path, const ipd_encoding *encoding,
                            const ipd_data_progress *progress, ipd_error *e);
/* The same for the text of a table; `name` is for messages; bare: it has no names of columns. */
int ipd_dataset_open_text(ipd_dataset **out, const char *name, const char *text, size_t length,
                          int bare, const ipd_encoding *encoding, ipd_error *e);
/* Makes a data set of values in memory. X: inputs x N; labels (0 ... classes-1) or Y (outputs x N);
 * all are copied. It cannot be opened again by its source. */
int ipd_dataset_of_values(ipd_dataset **out, const ipd_matrix *X, const ipd_matrix *Y,
                          const ipd_dataset_options *options, ipd_error *e);
ipd_dataset *ipd_dataset_ref(ipd_dataset *d); /* main thread; returns d */
void ipd_dataset_unref(ipd_dataset *d);       /* main thread; the last one frees; accepts NULL */

/* The weights of R^2 (see truth.h) for targets Y, outputs x N; free() them. NULL and *e if memory
 * runs out. R^2 is the mean over the outputs that vary; with `pooled` it is 1 minus the squared
 * error of all outputs divided by their total variance, for autoencoders, whose border pixels
 * hardly vary. */
double *ipd_r2_weights(const ipd_matrix *Y, int pooled, ipd_error *e);
/* The inputs, floats or bytes; borrowed from s. */
ipd_inputs ipd_samples_inputs(const ipd_samples *s);
/* The targets to compare outputs with; borrowed from d. */
ipd_truth ipd_samples_truth(const ipd_dataset *d, const ipd_samples *s);
/* Releases samples of d and empties *s. Accepts an empty *s. */
void ipd_samples_free(ipd_dataset *d, ipd_samples *s);

/* The known names, in order, NULL-terminated: for completion and messages. */
const char *const *ipd_dataset_names(void);

/* Finds a named set: 0 and its folder in `path`, or -1. "digits" is built in: path is "". */
int ipd_dataset_find(const char *name, char *path, size_t size);

/* Returns an empty data set with one reference; NULL if memory runs out. */
ipd_dataset *ipd_dataset_new(const char *name, ipd_error *e);

/* 1 if the inputs are pictures. */
int ipd_dataset_has_images(const ipd_dataset *d);

/* Writes the name of a class to `to`: "Sneaker" for Fashion-MNIST, the name in the file, or the
 * label as a number; of values the name of the output. Any thread. */
void ipd_dataset_class_name(const ipd_dataset *d, size_t label, char *to, size_t size);

#endif
