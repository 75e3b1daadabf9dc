/* columns.h - columns of records for charts, each with a summary that is extended as records
 * arrive. Main thread. */
#ifndef IPD_TUI_MODEL_COLUMNS_H
#define IPD_TUI_MODEL_COLUMNS_H

#include "plot/summary.h"
#include "solver/records.h"

/* What a column is computed from another: its running sum, or its
 * exponential moving average, where each value has the weight 1 - w and w times the average so far. */
typedef enum ipd_derivation { IPD_SUM, IPD_AVERAGE, IPD_DERIVATIONS } ipd_derivation;

typedef struct ipd_column {
    ipd_values values;
    ipd_summary summary;
    struct ipd_column *derived[IPD_DERIVATIONS]; /* or NULL */
    /* Of a derived column, which owns its values. */
    double *array;
    size_t count, room;
    double parameter, state, weight;
} ipd_column;

typedef struct ipd_columns {
    ipd_column **items;
    int count;
} ipd_columns;

/* Returns the column of a field, or of `value` read from it (NULL: the values themselves): `source` is the records, `column` the field's column. NULL if memory runs out. Valid until the next call for the same column, or to ipd_columns_follow or _free. */
const ipd_column *ipd_columns_get(ipd_columns *c, const ipd_records *records, const char *field,
                                  ipd_read_fn *value, int index);
/* Returns what is derived from the first `count` values of a column of `c`. The parameter is
 * the weight w from 0 to below 1, or 0 for a sum. A value that is not finite adds nothing to a sum, and an average
 * passes it through. NULL if memory runs out. Valid until the next call for the same column and
 * derivation, or to ipd_columns_follow or _free. */
const ipd_column *ipd_columns_derive(const ipd_column *of, ipd_derivation how, double parameter,
                                     size_t count);
/* Makes `records`, to which these columns belong, equal to `from`. Returns 0, or -1 if memory runs
 * out: then there are none. */
int ipd_columns_follow(ipd_columns *c, ipd_records *records, const ipd_records *from);
void ipd_columns_free(ipd_columns *c);

#endif
