/* summary.h - the least and the largest of any stretch of many values, without reading them all. Any
 * thread, one at a time. */
#ifndef IPD_PLOT_SUMMARY_H
#define IPD_PLOT_SUMMARY_H

#include "base/error.h"

#include <stddef.h>

/* What a stretch of values holds. */
typedef struct ipd_extremes {
    double min, max;        /* of the finite ones; INFINITY and -INFINITY where there are none */
    double min_positive;    /* of the finite ones above 0; INFINITY where there are none */
    unsigned char up, down; /* 1: there is a +inf, a -inf */
    unsigned char holes;    /* 1: there is a NaN */
} ipd_extremes;

enum { IPD_SUMMARY_BLOCK = 64 }; /* values */

typedef struct ipd_summary {
    ipd_extremes *blocks; /* of the whole blocks of the first `count` values */
    size_t count, room;
} ipd_summary;

/* Takes over values up to `count`; the values before are as they were. 0, or -1 where memory runs
 * out: it is as before then. */
int ipd_summary_extend(ipd_summary *s, const double *values, size_t count);
/* Forgets what comes after the first `count` values. */
void ipd_summary_cut(ipd_summary *s, size_t count);
void ipd_summary_free(ipd_summary *s);

void ipd_extremes_add(ipd_extremes *e, double value);
/* Of values[from .. to). s may be NULL, or know only the first of them. */
ipd_extremes ipd_extremes_of(const double *values, const ipd_summary *s, size_t from, size_t to);

#endif
