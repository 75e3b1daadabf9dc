/* columns.h - measured values by iteration, extended as records come, with a summary for the charts. Main
 * thread. */
#ifndef IPD_TUI_MODEL_COLUMNS_H
#define IPD_TUI_MODEL_COLUMNS_H

#include "plot/summary.h"
#include "solver/record.h"

/* A value that is no field by itself. */
typedef double ipd_value_fn(const ipd_record *r, int index);
typedef const ipd_record *ipd_record_fn(const void *source, size_t index);

typedef struct ipd_column {
    const ipd_field *field; /* NULL: value */
    ipd_value_fn *value;
    int index;      /* of a field by layer or block, from 0; or as `value` takes it */
    double *values; /* of the first `filled` records */
    size_t filled, capacity;
    ipd_summary summary;
} ipd_column;

typedef struct ipd_columns {
    ipd_column **items;
    int count, room;
} ipd_columns;

/* The column of a field (or of `value` where that is not NULL), complete for `count` records. NULL where
 * the field is unknown or memory ran out. Valid until records are cut or the columns freed. */
const ipd_column *ipd_columns_get(ipd_columns *c, const char *field, ipd_value_fn *value, int index,
                                  ipd_record_fn *record, const void *source, size_t count);
/* Forgets all but the first `count` records. */
void ipd_columns_cut(ipd_columns *c, size_t count);
void ipd_columns_free(ipd_columns *c);

#endif
