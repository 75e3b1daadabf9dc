#include "tui/model/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Finds or adds the column of these values. NULL if memory runs out. */
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
    /* If memory runs out, there is no summary, and charts read all values. */
    ipd_summary_extend(&one->summary, &values, records->count);
    return one;
}

/* The next value of a derived column, from the next value of its source. */
static double next_value(ipd_column *d, ipd_derivation how, double y)
{
    if (how == IPD_SUM)
        return d->state += isfinite(y) ? y : 0;
    if (!isfinite(y))
        return y;
    d->state = d->parameter * d->state + (1 - d->parameter) * y;
    d->weight = d->parameter * d->weight + (1 - d->parameter);
    return d->state / d->weight; /* corrects the bias of the start at 0 */
}

static int reserve(ipd_column *d, size_t count)
{
    if (count <= d->room)
        return 0;
    double *more = realloc(d->array, 2 * count * sizeof *more);
    if (!more)
        return -1;
    d->array = more;
    d->room = 2 * count;
    return 0;
}

const ipd_column *ipd_columns_derive(const ipd_column *of, ipd_derivation how, double parameter,
                                     size_t count)
{
    ipd_column **at = (ipd_column **)&of->derived[how], *d = *at ? *at : calloc(1, sizeof *d);

    *at = d;
    if (!d || reserve(d, count))
        return NULL;
    if (d->parameter != parameter || d->count > count) {
        d->count = 0;
        ipd_summary_cut(&d->summary, 0);
        d->state = d->weight = 0;
        d->parameter = parameter;
    }
    for (; d->count < count; d->count++)
        d->array[d->count] = next_value(d, how, ipd_value_at(&of->values, d->count));
    d->values = (ipd_values){.array = d->array};
    ipd_summary_extend(&d->summary, &d->values, count); /* as in ipd_columns_get */
    return d;
}

/* Cuts the summary to the first `same` values. A derived column with more values is computed
 * anew. */
static void cut(ipd_column *one, size_t same)
{
    ipd_summary_cut(&one->summary, same);
    for (int k = 0; k < IPD_DERIVATIONS; k++)
        if (one->derived[k] && one->derived[k]->count > same)
            one->derived[k]->parameter = NAN; /* equal to no parameter */
}

static void free_column(ipd_column *one)
{
    for (int k = 0; one && k < IPD_DERIVATIONS; k++)
        free_column(one->derived[k]);
    if (!one)
        return;
    ipd_summary_free(&one->summary);
    free(one->array);
    free(one);
}

int ipd_columns_follow(ipd_columns *c, ipd_records *records, const ipd_records *from)
{
    size_t same = 0;
    int failed = ipd_records_share(records, from, from->count, &same);

    if (failed)
        ipd_records_free(records);
    for (int i = 0; i < c->count; i++)
        cut(c->items[i], same);
    return failed;
}

void ipd_columns_free(ipd_columns *c)
{
    for (int i = 0; i < c->count; i++)
        free_column(c->items[i]);
    free(c->items);
    memset(c, 0, sizeof *c);
}
