#include "tui/model/columns.h"

#include <stdlib.h>
#include <string.h>

/* The column of these values; adds it if it is new. NULL if memory runs out. */
static ipd_column *find(ipd_columns *c, const ipd_values *values)
{
    for (int i = 0; i < c->count; i++) {
        const ipd_values *known = &c->items[i]->values;
        if (known->column == values->column && known->read == values->read)
            return c->items[i];
    }
    ipd_column *one = calloc(1, sizeof *one);
    ipd_column **items =
        one ? realloc(c->items, (size_t)(c->count + 1) * sizeof(ipd_column *)) : NULL;
    if (!items) {
        free(one);
        return NULL;
    }
    c->items = items;
    return c->items[c->count++] = one;
}

const ipd_column *ipd_columns_get(ipd_columns *c, const ipd_records *records, const char *field,
                                  ipd_read_fn *value, int index)
{
    ipd_values values = ipd_values_of(records, field, index);

    if (value)
        values.read = value;
    ipd_column *one = find(c, &values);
    if (!one)
        return NULL;
    one->values = values;
    ipd_summary_extend(&one->summary, &values,
                       records->count); /* no summary: charts read all values */
    return one;
}

int ipd_columns_follow(ipd_columns *c, ipd_records *records, const ipd_records *from)
{
    size_t same = 0;
    int failed = ipd_records_share(records, from, from->count, &same);

    if (failed)
        ipd_records_free(records);
    for (int i = 0; i < c->count; i++)
        ipd_summary_cut(&c->items[i]->summary, same);
    return failed;
}

void ipd_columns_free(ipd_columns *c)
{
    for (int i = 0; i < c->count; i++) {
        ipd_summary_free(&c->items[i]->summary);
        free(c->items[i]);
    }
    free(c->items);
    memset(c, 0, sizeof *c);
}
