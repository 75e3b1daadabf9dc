/* reading.h - a data set that is being read: the fields that a reader fills in, and the steps that
 * are the same for all readers.
 *
 * A reader puts raw inputs into d->train.X (and, if the source has a test part of its own, into
 * d->test.X), missing values as NaN, and the targets into either the labels or `targets`. Then
 * ipd_reading_finish chooses the targets, splits, scales and computes the checksum.
 */
#ifndef IPD_DATA_READING_H
#define IPD_DATA_READING_H

#include "data/dataset.h"

enum { IPD_PART_TRAIN, IPD_PART_VALIDATION, IPD_PART_TEST, IPD_PARTS };

typedef struct ipd_reading {
    ipd_dataset *d; /* with its encoding */
    const ipd_dataset_options *o;
    const char *text; /* of the table, `length` bytes; borrowed; NULL: the text of `path` */
    size_t length;
    const ipd_encoding *old; /* of saved weights, or NULL */
    const char *path;        /* for messages; borrowed */
    /* Further files with the rows of a table, ends with NULL; NULL: none. Borrowed. */
    const char *const *more;
    /* Of the training and the test part: outputs x N raw targets, owned; NULL: labels or none. */
    double *targets[2];
    size_t outputs;         /* rows of targets */
    ipd_names output_names; /* of targets; owned */
    char *label;            /* column that was chosen as the label; owned; NULL: named, or none */
    int only_inputs;        /* 1: for predictions, without targets; nothing is held out */
    int integers;           /* 1: the source stores the targets as integers */
    int keep_order;         /* 1: as for MNIST, hold out the last training samples */
    uint8_t *parts;         /* IPD_PART_... of each sample, from a column; owned; NULL: none */
    ipd_scaling natural;    /* the scale if none is chosen */
    int has_test_file;      /* 1: another file has the test samples and is read later */
    int complete;           /* 1: the reader has done all steps itself */
    const ipd_data_progress *progress; /* or NULL */
} ipd_reading;

/* -1 and *e if there are not as many inputs as the network of r->old has. A reader that knows them
 * early checks them first; ipd_reading_finish always does. */
int ipd_reading_check_inputs(const ipd_reading *r, ipd_error *e);
/* Does all steps after the reader's. On failure the caller releases the data set and the
 * reading. */
int ipd_reading_finish(ipd_reading *r, ipd_error *e);
void ipd_reading_free(ipd_reading *r);

/* Appends a line to d->warnings, if it fits. */
void ipd_reading_warn(ipd_reading *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reports the fraction of a step that is done; progress may be NULL. -1 and *e if the user stops
 * it. */
int ipd_data_report(const ipd_data_progress *progress, const char *step, double share,
                    ipd_error *e);

/* Reports, once per 2^20 inputs, that n of N samples of d inputs are done. */
int ipd_data_report_sample(const ipd_data_progress *progress, const char *step, size_t n, size_t N,
                           size_t d, ipd_error *e);

/* Sets the numbers of samples that the options choose from a source with a test part. */
int ipd_reading_numbers(const ipd_reading *r, size_t *train, size_t *validation, size_t *test,
                        ipd_error *e);
/* Sets s->weight from the values of the samples. */
int ipd_reading_weigh(const ipd_dataset *d, ipd_samples *s, ipd_error *e);
/* Sets d->unit. */
int ipd_reading_unit(ipd_dataset *d, ipd_error *e);
/* Writes the checksum of the samples. */
int ipd_reading_sum(const ipd_dataset *d, char to[65], const ipd_data_progress *progress,
                    ipd_error *e);

/* The steps, in order. */
int ipd_reading_targets(ipd_reading *r, ipd_error *e); /* targets.c */
int ipd_reading_split(ipd_reading *r, ipd_error *e);   /* split.c */
int ipd_reading_scale(ipd_reading *r, ipd_error *e);   /* scale.c */

/* The readers. Each fills in *r from r->path. */
int ipd_read_table(ipd_reading *r, ipd_error *e);    /* table.c */
int ipd_read_arrays(ipd_reading *r, ipd_error *e);   /* arrays.c */
int ipd_read_pictures(ipd_reading *r, ipd_error *e); /* pictures.c */

/* 1 if the folder, or a folder in it at any depth, holds PNG or PGM files. */
int ipd_pictures_hold(const char *folder);

/* Reads a file, unpacked if gzip has packed it, into the space (NULL: memory). Release the text
 * with ipd_space_free, and do not change it. NULL and *e on failure. */
char *ipd_read_unpacked(ipd_space *space, const char *path, size_t *length,
                        const ipd_data_progress *progress, ipd_error *e);

#endif
