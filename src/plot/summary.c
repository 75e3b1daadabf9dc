#include "plot/summary.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void read_field(const void *records, int column, size_t from, size_t count, double *to)
{
    ipd_records_read(records, column, from, count, to);
}

double ipd_value_at(const ipd_values *v, size_t index)
{
    double value;
    if (v->array)
        return v->array[index];
    v->read(v->source, v->column, index, 1, &value);
    return value;
}

ipd_values ipd_values_of(const ipd_records *records, const char *field, int i)
{
    return (ipd_values){.read = read_field,
                        .source = records,
                        .column = ipd_records_column(records, ipd_field_find(field), i)};
}

static const ipd_extremes nothing = {INFINITY, -INFINITY, INFINITY, 0, 0, 0};

void ipd_extremes_add(ipd_extremes *e, double v)
{
    if (isnan(v)) {
        e->holes = 1;
    } else if (isinf(v)) {
        e->up |= v > 0;
        e->down |= v < 0;
    } else {
        e->min = v < e->min ? v : e->min;
        e->max = v > e->max ? v : e->max;
        if (v > 0 && v < e->min_positive)
            e->min_positive = v;
    }
}

static void add_extremes(ipd_extremes *e, const ipd_extremes *more)
{
    e->min = more->min < e->min ? more->min : e->min;
    e->max = more->max > e->max ? more->max : e->max;
    if (more->min_positive < e->min_positive)
        e->min_positive = more->min_positive;
    e->up |= more->up;
    e->down |= more->down;
    e->holes |= more->holes;
}

/* Adds at most IPD_SUMMARY_BLOCK values. */
static void add_values(ipd_extremes *e, const ipd_values *values, size_t from, size_t count)
{
    double read[IPD_SUMMARY_BLOCK];
    const double *x = values->array ? values->array + from : read;

    if (x == read)
        values->read(values->source, values->column, from, count, read);
    for (size_t i = 0; i < count; i++)
        ipd_extremes_add(e, x[i]);
}

/* Makes the array `count` items long; 0, or -1 if memory runs out. */
static int reserve(ipd_extremes **items, size_t count)
{
    ipd_extremes *more = realloc(*items, count * sizeof *more);
    if (!more)
        return -1;
    *items = more;
    return 0;
}

int ipd_summary_extend(ipd_summary *s, const ipd_values *values, size_t count)
{
    enum { BLOCKS = IPD_SUMMARY_GROUP / IPD_SUMMARY_BLOCK };
    size_t blocks = count / IPD_SUMMARY_BLOCK;

    if (blocks > s->capacity) {
        if (reserve(&s->blocks, 2 * blocks) || reserve(&s->groups, 2 * blocks / BLOCKS + 1))
            return -1;
        s->capacity = 2 * blocks;
    }
    for (size_t b = s->count / IPD_SUMMARY_BLOCK; b < blocks; b++) {
        s->blocks[b] = nothing;
        add_values(&s->blocks[b], values, b * IPD_SUMMARY_BLOCK, IPD_SUMMARY_BLOCK);
    }
    for (size_t g = s->count / IPD_SUMMARY_GROUP; g < blocks / BLOCKS; g++) {
        s->groups[g] = nothing;
        for (size_t b = g * BLOCKS; b < (g + 1) * BLOCKS; b++)
            add_extremes(&s->groups[g], &s->blocks[b]);
    }
    if (count >= IPD_SUMMARY_LONG && !s->asked)
        s->asked = calloc(IPD_SUMMARY_ASKED, sizeof *s->asked); /* or NULL: slower */
    s->count = count > s->count ? count : s->count;
    return 0;
}

void ipd_summary_cut(ipd_summary *s, size_t count)
{
    if (s->count <= count)
        return;
    s->count = count;
    if (s->asked)
        memset(s->asked, 0, IPD_SUMMARY_ASKED * sizeof *s->asked);
}

void ipd_summary_free(ipd_summary *s)
{
    free(s->blocks);
    free(s->groups);
    free(s->asked);
    memset(s, 0, sizeof *s);
}

static ipd_extremes find_extremes(const ipd_values *values, const ipd_summary *s, size_t from,
                                  size_t to)
{
    size_t known = s && s->count < to ? s->count : to;
    ipd_extremes e = nothing;

    for (size_t next; from < to; from = next) {
        next = (from / IPD_SUMMARY_BLOCK + 1) * IPD_SUMMARY_BLOCK;
        if (s && from % IPD_SUMMARY_GROUP == 0 && from + IPD_SUMMARY_GROUP <= known) {
            next = from + IPD_SUMMARY_GROUP;
            add_extremes(&e, &s->groups[from / IPD_SUMMARY_GROUP]);
        } else if (s && from % IPD_SUMMARY_BLOCK == 0 && next <= known) {
            add_extremes(&e, &s->blocks[from / IPD_SUMMARY_BLOCK]);
        } else {
            next = next < to ? next : to;
            add_values(&e, values, from, next - from);
        }
    }
    return e;
}

ipd_extremes ipd_extremes_of(const ipd_values *values, const ipd_summary *s, size_t from, size_t to)
{
    if (!s || !s->asked || from >= to || to > s->count)
        return find_extremes(values, s, from, to);
    /* The golden ratio spreads the multiples of a step evenly over the places. */
    uint64_t mixed = (from + 3 * (to - from)) * UINT64_C(0x9E3779B97F4A7C15);
    ipd_range_extremes *place = &s->asked[mixed >> 53];
    if (place->from != from || place->to != to)
        *place = (ipd_range_extremes){from, to, find_extremes(values, s, from, to)};
    return place->extremes;
}
