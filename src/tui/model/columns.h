/* columns.h - columns of records for charts, each with a summary that is extended as records
 * arrive. Main thread. */
#ifndef IPD_TUI_MODEL_COLUMNS_H
#define IPD_TUI_MODEL_COLUMNS_H

#include "plot/summary.h"
#include "solver/records.h"

/* How a column is computed from another: as its running sum, or as its exponential moving average w
 * * average + (1 - w) * value. */
typedef enum ipd_derivation { IPD_SUM, IPD_AVERAGE, IPD_DERIVATIONS } ipd_derivation;

typedef struct ipd_column {
    ipd_values values;
    ipd_summary summary;
    struct ipd_column *derived[IPD_DERIVATIONS]; /* or NULL */
    /* A derived column only: its values, owned, and what the next value is computed from. */
    double *array;
    size_t count, room;
    double parameter, state, weight;
} ipd_column;

typedef struct ipd_columns {
    ipd_column **items;
    int count;
} ipd_columns;

/* Returns the column of a field; `index` is the layer, block or metric, from 0. If `value` is not
 * NULL, it reads the values: its `source` is the records, its `column` the field's column. NULL if
 * memory runs out. Valid until the next call for the same column, ipd_columns_follow or _free. */
const ipd_column *ipd_columns_get(ipd_columns *c, const ipd_records *records, const char *field,
                                  ipd_read_fn *value, int index);
/* Returns the derivation of the first `count` values of a column. The parameter is the weight w, at
 * least 0 and below 1; 0 for a sum. A value that is not finite adds nothing to a sum; an average
 * passes it through. NULL if memory runs out. Valid until the next call for the same column and
 * derivation, ipd_columns_follow or _free. */
const ipd_column *ipd_columns_derive(const ipd_column *of, ipd_derivation how, double parameter,
                                     size_t count);
/* Makes `records`, to which these columns belong, equal to `from`. Returns -1 if memory runs out;
 * `records` is then empty. */
int ipd_columns_follow(ipd_columns *c, ipd_records *records, const ipd_records *from);
void ipd_columns_free(ipd_columns *c);

#endif
