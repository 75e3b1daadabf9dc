#include "tui/model/overlay.h"
#include "base/list.h"
#include "history/history.h"
#include "plot/glyph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void forget(ipd_overlay *o)
{
    ipd_records_free(&o->records);
    ipd_columns_free(&o->columns);
    free(o->changes.items);
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

static int add_slot(ipd_overlays *o)
{
    ipd_slot *slots =
        ipd_list_grow(o->slots, (size_t)o->slot_count, &o->slot_capacity, sizeof *slots);
    if (!slots)
        return -1;
    o->slots = slots;
    o->slots[o->slot_count++] = (ipd_slot){0};
    return 0;
}

/* The slot that the run had, if it is free, or else the first free one. -1 if memory runs out. */
static int free_slot(ipd_overlays *o, const ipd_slot *run)
{
    int first = -1;

    for (int i = 0; i < o->slot_count; i++) {
        const ipd_slot *had = &o->slots[i];
        int same = had->before == run->before &&
                   (run->number ? had->number == run->number : run->id && had->id == run->id);
        if (is_taken(o, i))
            continue;
        if (same)
            return i;
        first = first < 0 ? i : first;
    }
    while (first < 0) {
        if (add_slot(o))
            return -1;
        first = is_taken(o, o->slot_count - 1) ? -1 : o->slot_count - 1;
    }
    return first;
}

void ipd_overlays_show(ipd_overlays *o, unsigned long number, long id)
{
    const ipd_overlay *beside = ipd_overlay_find(o, number, id);
    ipd_slot run = {id, number, 0};

    if (o->own == o->slot_count && add_slot(o))
        return;
    const ipd_slot *had = &o->slots[o->own];
    if (beside)
        o->own = beside->slot;
    else if (!o->count)
        o->own = 0;
    else if (had->number || had->id) {
        int slot = free_slot(o, &run);
        o->own = slot < 0 ? o->own : slot;
    }
    o->slots[o->own] = run;
}

ipd_overlay *ipd_overlay_add(ipd_overlays *o, const ipd_overlay *of)
{
    ipd_overlay *one = find(o, of->number, of->id, of->before);
    ipd_slot run = {of->id, of->number, of->before};
    int slot = one ? one->slot : free_slot(o, &run);
    ipd_overlay *items =
        slot < 0 ? NULL : ipd_list_grow(o->items, (size_t)o->count, &o->capacity, sizeof *items);
    if (!items)
        return NULL;
    o->items = items;
    one = one ? find(o, of->number, of->id, of->before) : NULL;
    if (one)
        forget(one);
    else
        memset(one = &o->items[o->count++], 0, sizeof *one);
    o->slots[slot] = run;
    one->slot = slot;
    memcpy(one->name, of->name, sizeof one->name);
    one->id = of->id;
    one->number = of->number;
    one->before = of->before;
    return one;
}

void ipd_overlay_name_before(char to[64], const char *run)
{
    snprintf(to, 64, "%.50s before", run);
}

const char *ipd_overlay_label(const ipd_overlays *o, int index, const char *shown, int columns,
                              char to[IPD_OVERLAY_LABEL])
{
    const ipd_overlay *one = &o->items[index];
    char name[IPD_RUN_NAME + 4], other[IPD_RUN_NAME + 4];
    int max = columns ? columns : IPD_RUN_NAME;

    ipd_overlay_name_before(name, shown);
    if (one->before == 1 && !strcmp(one->name, name))
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

static int has_field(const ipd_overlay *o, const ipd_field *f)
{
    for (int i = 0; i < o->field_count; i++)
        if (o->fields[i] == f)
            return 1;
    return !f || f->kind == IPD_STRING || !strcmp(f->name, "iteration");
}

/* Adds the fields that the records lack to the list. */
static void want(ipd_overlay *o, const char *const *names)
{
    for (; *names && o->field_count < IPD_OVERLAY_FIELDS; names++) {
        const ipd_field *f = ipd_field_find(*names);
        if (!has_field(o, f))
            o->fields[o->field_count++] = f;
    }
}

int ipd_overlay_read(ipd_overlay *o, const char *const *names)
{
    static const char *const usual[] = {"phi",
                                        "forward_loss",
                                        "train_accuracy",
                                        "test_accuracy",
                                        "validation_accuracy",
                                        "auxiliary_accuracy",
                                        "averaged_test_accuracy",
                                        NULL};
    int had = o->field_count;
    ipd_history *h;

    if (!o->history)
        return 0;
    if (!had)
        want(o, usual);
    want(o, names);
    if (o->field_count == had)
        return 0;
    if (ipd_history_open(&h, o->history, 0, &o->failed))
        return -1;
    int failed = ipd_history_read_fields(h, o->id, o->fields + had, o->field_count - had,
                                         &o->records, &o->failed);
    ipd_history_close(h);
    return failed;
}

const ipd_column *ipd_overlay_values(ipd_overlay *o, const char *field, ipd_read_fn *value,
                                     int index)
{
    const char *const fields[] = {field, value ? "rho" : NULL,
                                  NULL}; /* `value` may read rho, too */

    ipd_overlay_read(o, fields);
    return ipd_columns_get(&o->columns, &o->records, field, value, index);
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

    if (pinned && !pin) {
        ipd_pin *pins =
            ipd_list_grow(o->pins, (size_t)o->pin_count, &o->pin_capacity, sizeof *pins);
        if (!pins)
            return -1;
        o->pins = pins;
        o->pins[o->pin_count++] = (ipd_pin){id, number};
    } else if (!pinned && pin)
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

void ipd_overlays_free(ipd_overlays *o)
{
    ipd_overlays_clear(o, 1);
    free(o->items);
    free(o->pins);
    free(o->slots);
    memset(o, 0, sizeof *o);
}
