/* reading.h - a data set while it is read: what every reader fills in, and what follows for all.
 *
 * A reader puts raw inputs into d->train.X (and, where the source has a test part of its own, into
 * d->test.X), missing values as NaN, and the targets into one of labels and `targets`. Then
 * ipd_reading_finish chooses the target, splits, scales and sums up.
 */
#ifndef IPD_DATA_READING_H
#define IPD_DATA_READING_H

#include "data/dataset.h"

enum { IPD_PART_TRAIN, IPD_PART_VALIDATION, IPD_PART_TEST, IPD_PARTS };

typedef struct ipd_reading {
    ipd_dataset *d; /* d->encoding is being made */
    const ipd_dataset_options *o;
    const char *text; /* of the table; borrowed; NULL: that of path */
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
    int keep_order;         /* 1: split as MNIST, with the last training samples held out */
    uint8_t *parts;         /* IPD_PART_... of each sample, from a column; owned; NULL: none */
    ipd_scaling natural;    /* the scale if none is chosen */
    int has_test_file;      /* 1: the test samples come from another file later */
    int complete;           /* 1: the reader has made the whole data set */
    const ipd_data_progress *progress; /* or NULL */
} ipd_reading;

/* Makes the rest of the data set. On failure the caller releases it and the reading. */
int ipd_reading_finish(ipd_reading *r, ipd_error *e);
void ipd_reading_free(ipd_reading *r);

/* Appends a line to d->warnings, if it fits. */
void ipd_reading_warn(ipd_reading *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Publishes the share of a step that is done; progress may be NULL. -1 if the user wants to stop. */
int ipd_data_report(const ipd_data_progress *progress, const char *step, double share,
                    ipd_error *e);

/* The same now and then, after sample n of N, of d inputs each. */
int ipd_data_report_sample(const ipd_data_progress *progress, const char *step, size_t n, size_t N,
                           size_t d, ipd_error *e);

/* The numbers of samples that the options choose of a source with test samples. */
int ipd_reading_numbers(const ipd_reading *r, size_t *train, size_t *validation, size_t *test,
                        ipd_error *e);
/* Sets s->weight of samples with values, and d->unit. */
int ipd_reading_weigh(const ipd_dataset *d, ipd_samples *s, ipd_error *e);
int ipd_reading_unit(ipd_dataset *d, ipd_error *e);
/* Writes the checksum of the samples. */
int ipd_reading_sum(const ipd_dataset *d, char to[65], const ipd_data_progress *progress,
                    ipd_error *e);

/* The steps, in order. */
int ipd_reading_targets(ipd_reading *r, ipd_error *e); /* targets.c */
int ipd_reading_split(ipd_reading *r, ipd_error *e);   /* split.c */
int ipd_reading_scale(ipd_reading *r, ipd_error *e);   /* scale.c */

/* The readers; each fills in *r from r->path. */
int ipd_read_table(ipd_reading *r, ipd_error *e);    /* table.c */
int ipd_read_arrays(ipd_reading *r, ipd_error *e);   /* arrays.c */
int ipd_read_pictures(ipd_reading *r, ipd_error *e); /* pictures.c: a folder of PNG */

/* 1 if the folder holds PNG or PGM files, itself or in a folder of its own. */
int ipd_pictures_hold(const char *folder);

/* Reads the file as it was before gzip, into the space, or memory if that is NULL. Release it with
 * ipd_space_free. The text must not be changed. */
char *ipd_read_unpacked(ipd_space *space, const char *path, size_t *length,
                        const ipd_data_progress *progress, ipd_error *e);

#endif
