#include "tui/model/overlay.h"
#include "plot/glyph.h"

#include <stdio.h>
#include <string.h>

static void forget(ipd_overlay *o)
{
    ipd_records_free(&o->records);
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

static int is_taken(const ipd_overlays *o, int slot)
{
    int taken = slot == o->own;

    for (int i = 0; i < o->count; i++)
        taken |= o->items[i].slot == slot;
    return taken;
}

/* The slot that the run had, if it is free, or the first free one. There are two more slots than overlays. */
static int free_slot(const ipd_overlays *o, const ipd_slot *run)
{
    int first = -1;

    for (int i = 0; i < IPD_SLOTS; i++) {
        const ipd_slot *had = &o->slots[i];
        int same = had->before == run->before &&
                   (run->number ? had->number == run->number : run->id && had->id == run->id);
        if (is_taken(o, i))
            continue;
        if (same)
            return i;
        first = first < 0 ? i : first;
    }
    return first;
}

void ipd_overlays_show(ipd_overlays *o, unsigned long number, long id)
{
    const ipd_overlay *beside = ipd_overlay_find(o, number, id);
    ipd_slot run = {id, number, 0}, *had = &o->slots[o->own];

    if (beside)
        o->own = beside->slot;
    else if (!o->count)
        o->own = 0;
    else if (had->number || had->id)
        o->own = free_slot(o, &run);
    o->slots[o->own] = run;
}

ipd_overlay *ipd_overlay_add(ipd_overlays *o, const ipd_overlay *of)
{
    ipd_overlay *one = find(o, of->number, of->id, of->before);

    ipd_slot run = {of->id, of->number, of->before};

    if (!one && o->count == IPD_MAX_OVERLAYS)
        return NULL;
    int slot = one ? one->slot : free_slot(o, &run);
    if (one)
        forget(one);
    else
        one = &o->items[o->count++];
    o->slots[slot] = run;
    one->slot = slot;
    memcpy(one->name, of->name, sizeof one->name);
    one->id = of->id;
    one->number = of->number;
    one->before = of->before;
    return one;
}

const char *ipd_overlay_label(const ipd_overlays *o, int index, const char *shown, int columns,
                              char to[IPD_OVERLAY_LABEL])
{
    const ipd_overlay *one = &o->items[index];
    char name[IPD_RUN_NAME + 4], other[IPD_RUN_NAME + 4];
    int max = columns ? columns : IPD_RUN_NAME;

    if (one->before == 1 && !strncmp(one->name, shown, strlen(shown)))
        return "before";
    if (one->before > 1) {
        snprintf(to, IPD_OVERLAY_LABEL, strcmp(one->name, shown) ? "path %d of %.60s" : "path %d",
                 one->before - 1, one->name);
        return to;
    }
    ipd_text_middle(name, sizeof name, one->name, max, 0);
    ipd_text_middle(other, sizeof other, shown, max, 0);
    int alike = !strcmp(name, other);
    for (int i = 0; i < o->count && !alike; i++) {
        ipd_text_middle(other, sizeof other, o->items[i].name, max, 0);
        alike = i != index && !strcmp(name, other);
    }
    if (alike)
        snprintf(to, IPD_OVERLAY_LABEL, "%lu: %s", one->id ? (unsigned long)one->id : one->number,
                 name);
    else
        snprintf(to, IPD_OVERLAY_LABEL, "%s", name);
    return to;
}

void ipd_overlay_follow(ipd_overlay *o, const ipd_run *run)
{
    snprintf(o->name, sizeof o->name, "%s", ipd_run_name(run));
    ipd_columns_follow(&o->columns, &o->records, ipd_run_records(run));
}

void ipd_overlay_remove(ipd_overlays *o, ipd_overlay *one)
{
    forget(one);
    int at = (int)(one - o->items);
    memmove(one, one + 1, (size_t)(o->count - at - 1) * sizeof *one);
    memset(&o->items[--o->count], 0, sizeof *one);
}

ipd_pin *ipd_pin_find(const ipd_overlays *o, unsigned long number, long id)
{
    for (int i = 0; i < o->pin_count; i++)
        if ((number && o->pins[i].number == number) || (id && o->pins[i].id == id))
            return (ipd_pin *)&o->pins[i];
    return NULL;
}

int ipd_pin_set(ipd_overlays *o, unsigned long number, long id, int pinned)
{
    ipd_pin *pin = ipd_pin_find(o, number, id);

    if (pinned && !pin && o->pin_count == IPD_MAX_OVERLAYS)
        return -1;
    if (pinned && !pin)
        o->pins[o->pin_count++] = (ipd_pin){id, number};
    else if (!pinned && pin)
        *pin = o->pins[--o->pin_count];
    return 0;
}

void ipd_overlays_clear(ipd_overlays *o, int pinned)
{
    for (int i = o->count - 1; i >= 0; i--) {
        ipd_overlay *one = &o->items[i];
        if (pinned || one->before || !ipd_pin_find(o, one->number, one->id))
            ipd_overlay_remove(o, one);
    }
    if (pinned)
        o->pin_count = 0;
}
