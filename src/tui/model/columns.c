#include "tui/model/columns.h"

#include <stdlib.h>
#include <string.h>

static ipd_column *find(const ipd_columns *c, const char *field, ipd_value_fn *value, int index)
{
    for (int i = 0; i < c->count; i++) {
        ipd_column *one = c->items[i];
        if (one->index == index && one->value == value && strcmp(one->field->name, field) == 0)
            return one;
    }
    return NULL;
}

static ipd_column *add(ipd_columns *c, const char *field, ipd_value_fn *value, int index)
{
    const ipd_field *known = ipd_field_find(field);

    if (!known)
        return NULL;
    if (c->count == c->room) {
        int room = c->room ? 2 * c->room : 16;
        ipd_column **items = realloc(c->items, (size_t)room * sizeof(ipd_column *));
        if (!items)
            return NULL;
        c->items = items;
        c->room = room;
    }
    ipd_column *one = calloc(1, sizeof *one);
    if (!one)
        return NULL;
    one->field = known;
    one->value = value;
    one->index = index;
    c->items[c->count++] = one;
    return one;
}

const ipd_column *ipd_columns_get(ipd_columns *c, const ipd_records *records, const char *field,
                                  ipd_value_fn *value, int index)
{
    ipd_column *one = find(c, field, value, index);

    if (!one && !(one = add(c, field, value, index)))
        return NULL;
    one->values = ipd_values_of(records, field, index);
    if (value)
        one->values.at = value;
    ipd_summary_extend(&one->summary, &one->values,
                       records->count); /* without it, charts read all */
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
