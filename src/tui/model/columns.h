/* columns.h - columns of records that charts draw, each with a summary that is extended as records come. Main thread. */
#ifndef IPD_TUI_MODEL_COLUMNS_H
#define IPD_TUI_MODEL_COLUMNS_H

#include "plot/summary.h"
#include "solver/records.h"

typedef struct ipd_column {
    ipd_values values;
    ipd_summary summary;
} ipd_column;

typedef struct ipd_columns {
    ipd_column **items;
    int count;
} ipd_columns;

/* The column of a field, or what `value` (NULL: the values themselves) reads of it: its `source` is the records, its `column`
 * the field's. NULL where memory ran out. Valid until the next call for it, or for
 * ipd_columns_follow or _free. */
const ipd_column *ipd_columns_get(ipd_columns *c, const ipd_records *records, const char *field,
                                  ipd_read_fn *value, int index);
/* Makes `records`, whose columns these are, the same as `from`. 0, or -1 where memory runs out: then there are none. */
int ipd_columns_follow(ipd_columns *c, ipd_records *records, const ipd_records *from);
void ipd_columns_free(ipd_columns *c);

#endif
