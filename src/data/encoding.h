/* encoding.h - how raw data become the inputs and targets of a network.
 *
 * Weights carry it as JSON, so that `eval` and `predict` treat new data exactly as training did.
 */
#ifndef IPD_DATA_ENCODING_H
#define IPD_DATA_ENCODING_H

#include "base/error.h"

#include <jansson.h>
#include <stddef.h>

typedef enum ipd_scaling {
    IPD_SCALE_NONE,
    IPD_SCALE_UNIT,
    IPD_SCALE_STANDARD,
    IPD_SCALE_PIXEL
} ipd_scaling;
typedef enum ipd_target { IPD_TARGET_CLASSES, IPD_TARGET_VALUES, IPD_TARGET_INPUTS } ipd_target;

extern const char *const ipd_scale_names[], *const ipd_target_names[];

/* A list of names, each malloc'ed. */
typedef struct ipd_names {
    char **item;
    size_t count;
} ipd_names;

/* An input column of a table: a number, or one input per value of a category. */
typedef struct ipd_encoding_column {
    char *name;
    ipd_names values; /* empty: numbers */
} ipd_encoding_column;

/* Owns all arrays; each may be NULL where nothing is known or needed. */
typedef struct ipd_encoding {
    char *options;                /* of the data set, "label=species&test=20%" */
    ipd_encoding_column *columns; /* of a table, column_count of them */
    size_t column_count;
    size_t inputs, width, height;
    int pictures; /* 1: the samples were PNG files, taken as they are */
    ipd_scaling scale;
    /* inputs each, for UNIT and STANDARD: input = (raw - offset)/divisor */
    float *offset, *divisor;
    float *fill; /* inputs: replaces missing raw values; NULL: none may be missing */
    ipd_target target;
    ipd_names classes;                     /* names of classes, or of the outputs */
    size_t outputs;                        /* of values */
    float *target_offset, *target_divisor; /* outputs each: target = (raw - offset)/divisor */
} ipd_encoding;

ipd_encoding *ipd_encoding_new(ipd_error *e);
void ipd_encoding_free(ipd_encoding *r); /* accepts NULL */

/* Returns the encoding as JSON of ASCII, to be freed; NULL if memory runs out. */
char *ipd_encoding_text(const ipd_encoding *r);
/* Parses it, trusting nothing: the numbers of inputs and outputs must be those given. */
ipd_encoding *ipd_encoding_parse(const char *text, size_t inputs, size_t outputs, ipd_error *e);

/* 1 if both give the same inputs and targets for the same raw data without missing values. */
int ipd_encoding_alike(const ipd_encoding *a, const ipd_encoding *b);

/* A JSON string. If the text is not UTF-8, bytes beyond ASCII become "?". */
json_t *ipd_text_json(const char *text);

/* Scales one sample of raw inputs in place. Missing values are NaN; `fill` replaces them, and
 * without it they stay NaN. */
void ipd_encoding_apply(const ipd_encoding *r, float *x);

/* Turns one sample of inputs back into raw values, in place. Missing values stay replaced. */
void ipd_encoding_undo(const ipd_encoding *r, float *x);

int ipd_names_add(ipd_names *n, const char *name, ipd_error *e);
long ipd_names_find(const ipd_names *n, const char *name); /* -1: not there */
void ipd_names_free(ipd_names *n);

#endif
