#include "tui/model/overlay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void forget(ipd_overlay *o)
{
    free(o->records);
    ipd_columns_free(&o->columns);
    memset(o, 0, sizeof *o);
}

static ipd_overlay *find(const ipd_overlays *o, unsigned long number, long id, int before)
{
    for (int i = 0; i < o->count; i++) {
        const ipd_overlay *one = &o->items[i];
        if (one->before == before && (number ? one->number == number : one->id == id))
            return (ipd_overlay *)one;
    }
    return NULL;
}

ipd_overlay *ipd_overlay_find(const ipd_overlays *o, unsigned long number, long id)
{
    return find(o, number, id, 0);
}

ipd_overlay *ipd_overlay_add(ipd_overlays *o, const ipd_overlay *of)
{
    ipd_overlay *one = find(o, of->number, of->id, of->before);

    if (one)
        forget(one);
    else if (o->count == IPD_MAX_OVERLAYS)
        return NULL;
    else
        one = &o->items[o->count++];
    memcpy(one->name, of->name, sizeof one->name);
    one->id = of->id;
    one->number = of->number;
    one->before = of->before;
    return one;
}

const char *ipd_overlay_label(const ipd_overlays *o, int index, const char *shown, char to[96])
{
    const ipd_overlay *one = &o->items[index];
    int alike = !strcmp(one->name, shown);

    for (int i = 0; i < o->count; i++)
        alike |= i != index && !strcmp(one->name, o->items[i].name);
    if (alike)
        snprintf(to, 96, "%lu: %s", one->id ? (unsigned long)one->id : one->number, one->name);
    return alike ? to : one->name;
}

int ipd_overlay_record(ipd_overlay *o, const ipd_record *record)
{
    if (o->count == o->room) {
        size_t room = o->room ? 2 * o->room : 64;
        ipd_record *records = realloc(o->records, room * sizeof *records);
        if (!records)
            return -1;
        o->records = records;
        o->room = room;
    }
    o->records[o->count++] = *record;
    return 0;
}

static void cut(ipd_overlay *o, size_t count)
{
    ipd_columns_cut(&o->columns, count);
    o->count = count;
}

void ipd_overlay_follow(ipd_overlay *o, const ipd_run *run)
{
    size_t count = ipd_run_record_count(run);

    snprintf(o->name, sizeof o->name, "%s", ipd_run_name(run));
    if (count < o->count)
        cut(o, count);
    /* Back and forth again since the last look: no two sweeps take the same time. */
    while (o->count &&
           o->records[o->count - 1].seconds != ipd_run_record(run, o->count - 1)->seconds)
        cut(o, o->count - 1);
    while (o->count < count && ipd_overlay_record(o, ipd_run_record(run, o->count)) == 0)
        ;
}

static const ipd_record *record_of(const void *source, size_t index)
{
    return (const ipd_record *)source + index;
}

const ipd_column *ipd_overlay_column(ipd_overlay *o, const char *field, ipd_value_fn *value,
                                     int index)
{
    return ipd_columns_get(&o->columns, field, value, index, record_of, o->records, o->count);
}

void ipd_overlay_remove(ipd_overlays *o, ipd_overlay *one)
{
    forget(one);
    int at = (int)(one - o->items);
    memmove(one, one + 1, (size_t)(o->count - at - 1) * sizeof *one);
    memset(&o->items[--o->count], 0, sizeof *one);
}

void ipd_overlays_clear(ipd_overlays *o)
{
    for (int i = 0; i < o->count; i++)
        forget(&o->items[i]);
    o->count = 0;
}
