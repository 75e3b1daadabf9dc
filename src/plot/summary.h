/* summary.h - the extremes of any range of many values, without reading them all. Any thread, one
 * at a time. */
#ifndef IPD_PLOT_SUMMARY_H
#define IPD_PLOT_SUMMARY_H

#include "base/error.h"
#include "solver/records.h"

#include <stddef.h>

enum { IPD_SUMMARY_BLOCK = 64, IPD_SUMMARY_GROUP = 64 * IPD_SUMMARY_BLOCK }; /* values */

/* Reads values of a column from index `from` on, at most IPD_SUMMARY_BLOCK. */
typedef void ipd_read_fn(const void *source, int column, size_t from, size_t count, double *to);
/* Values by index: an array, or (NULL) what `read` reads. Borrowed. */
typedef struct ipd_values {
    const double *array;
    ipd_read_fn *read;
    const void *source;
    int column;
} ipd_values;

double ipd_value_at(const ipd_values *v, size_t index);

/* The i-th column of a field of records, by its name. */
ipd_values ipd_values_of(const ipd_records *records, const char *field, int i);

/* The extremes of a range of values. */
typedef struct ipd_extremes {
    double min, max;        /* of the finite values; INFINITY and -INFINITY if there are none */
    double min_positive;    /* of the finite values above 0; INFINITY if there are none */
    unsigned char up, down; /* 1: there is a +inf, a -inf */
    unsigned char holes;    /* 1: there is a NaN */
} ipd_extremes;

/* A range and its extremes, kept in the cache. to = 0: none. */
typedef struct ipd_range_extremes {
    size_t from, to;
    ipd_extremes extremes;
} ipd_range_extremes;

/* Sizes of the cache: a chart asks for the same ranges in every frame, and their values lie far
 * apart in memory. LONG: values from which on there is a cache. */
enum { IPD_SUMMARY_ASKED = 2048, IPD_SUMMARY_LONG = 4096 };

typedef struct ipd_summary {
    ipd_extremes *blocks; /* of each complete block among the first `count` values */
    ipd_extremes *groups; /* of each complete group of blocks */
    size_t count, capacity;
    ipd_range_extremes *asked; /* the cache, IPD_SUMMARY_ASKED places; NULL: there is none */
} ipd_summary;

/* Adds the values up to `count`; the earlier ones must be unchanged. Returns -1, with the summary
 * unchanged, if memory runs out. */
int ipd_summary_extend(ipd_summary *s, const ipd_values *values, size_t count);
/* Drops everything after the first `count` values. */
void ipd_summary_cut(ipd_summary *s, size_t count);
void ipd_summary_free(ipd_summary *s);

void ipd_extremes_add(ipd_extremes *e, double value);
/* The extremes of values[from .. to). s may be NULL, or cover only the first of them; its cache, if
 * there is one, keeps the result. */
ipd_extremes ipd_extremes_of(const ipd_values *values, const ipd_summary *s, size_t from,
                             size_t to);

#endif
