#include "tui/model/columns.h"

#include <stdlib.h>
#include <string.h>

static ipd_column *find(const ipd_columns *c, const char *field, ipd_value_fn *value, int index)
{
    for (int i = 0; i < c->count; i++) {
        ipd_column *one = c->items[i];
        if (one->index == index && one->value == value &&
            (value || strcmp(one->field->name, field) == 0))
            return one;
    }
    return NULL;
}

static ipd_column *add(ipd_columns *c, const char *field, ipd_value_fn *value, int index)
{
    const ipd_field *known = value ? NULL : ipd_field_find(field);

    if (!value && !known)
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

const ipd_column *ipd_columns_get(ipd_columns *c, const char *field, ipd_value_fn *value, int index,
                                  ipd_record_fn *record, const void *source, size_t count)
{
    ipd_column *one = find(c, field, value, index);

    if (!one && !(one = add(c, field, value, index)))
        return NULL;
    if (count > one->capacity) {
        size_t capacity = count * 2 + 64;
        double *values = realloc(one->values, capacity * sizeof *values);
        if (!values)
            return NULL;
        one->values = values;
        one->capacity = capacity;
    }
    for (; one->filled < count; one->filled++) {
        const ipd_record *r = record(source, one->filled);
        one->values[one->filled] = value ? value(r, index) : ipd_field_value(one->field, r, index);
    }
    ipd_summary_extend(&one->summary, one->values, count); /* without it, charts read all */
    return one;
}

void ipd_columns_cut(ipd_columns *c, size_t count)
{
    for (int i = 0; i < c->count; i++) {
        if (c->items[i]->filled > count)
            c->items[i]->filled = count;
        ipd_summary_cut(&c->items[i]->summary, count);
    }
}

void ipd_columns_free(ipd_columns *c)
{
    for (int i = 0; i < c->count; i++) {
        free(c->items[i]->values);
        ipd_summary_free(&c->items[i]->summary);
        free(c->items[i]);
    }
    free(c->items);
    memset(c, 0, sizeof *c);
}
