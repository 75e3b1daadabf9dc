#include "plot/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double value_of_field(const void *records, int column, size_t row)
{
    return ipd_records_at(records, column, row);
}

ipd_values ipd_values_of(const ipd_records *records, const char *field, int i)
{
    return (ipd_values){.at = value_of_field,
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

int ipd_summary_extend(ipd_summary *s, const ipd_values *values, size_t count)
{
    size_t blocks = count / IPD_SUMMARY_BLOCK;

    if (blocks > s->room) {
        size_t room = 2 * blocks;
        ipd_extremes *more = realloc(s->blocks, room * sizeof *more);
        if (!more)
            return -1;
        s->blocks = more;
        s->room = room;
    }
    for (size_t b = s->count / IPD_SUMMARY_BLOCK; b < blocks; b++) {
        s->blocks[b] = nothing;
        for (size_t i = 0; i < IPD_SUMMARY_BLOCK; i++)
            ipd_extremes_add(&s->blocks[b], ipd_value_at(values, b * IPD_SUMMARY_BLOCK + i));
    }
    s->count = count > s->count ? count : s->count;
    return 0;
}

void ipd_summary_cut(ipd_summary *s, size_t count)
{
    if (s->count > count)
        s->count = count;
}

void ipd_summary_free(ipd_summary *s)
{
    free(s->blocks);
    memset(s, 0, sizeof *s);
}

ipd_extremes ipd_extremes_of(const ipd_values *values, const ipd_summary *s, size_t from, size_t to)
{
    size_t known = s ? s->count / IPD_SUMMARY_BLOCK * IPD_SUMMARY_BLOCK : 0;
    ipd_extremes e = nothing;

    while (from < to) {
        if (from % IPD_SUMMARY_BLOCK == 0 && from + IPD_SUMMARY_BLOCK <= to &&
            from + IPD_SUMMARY_BLOCK <= known) {
            add_extremes(&e, &s->blocks[from / IPD_SUMMARY_BLOCK]);
            from += IPD_SUMMARY_BLOCK;
        } else {
            ipd_extremes_add(&e, ipd_value_at(values, from++));
        }
    }
    return e;
}
