/* method.c - common to all methods: see method.h. */
#include "solver/method.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

int ipd_method_uses(const ipd_method *method, const char *setting)
{
    size_t length = strlen(setting);
    for (const char *at = method->uses; at && (at = strstr(at, setting)); at += length)
        if ((at == method->uses || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return 1;
    return 0;
}

int ipd_metrics_due(const ipd_parameters *p, int k)
{
    return p->metrics_every < 2 || k % p->metrics_every == 0;
}

size_t ipd_metrics_step(const ipd_parameters *p, size_t N)
{
    return p->metrics_samples && p->metrics_samples < N
               ? (N + p->metrics_samples - 1) / p->metrics_samples
               : 1;
}

void ipd_method_visits(const ipd_method *method, ipd_order *order, int L)
{
    if (method->sweep) {
        method->sweep(order, L);
        return;
    }
    int index = ipd_text_index(order->name, ipd_order_names());
    if (!method->visits || index < 0)
        return;
    const ipd_order *visits = &method->visits[index * IPD_MAX_LAYERS + L - 1];
    for (int i = 0; i < visits->count; i++)
        ipd_order_visit(order, visits->blocks[i].kind, visits->blocks[i].layer);
}

/* A custom order must have the blocks of the method's own orders. */
static int check_blocks(const ipd_method *method, const ipd_order *order, int L, ipd_error *e)
{
    const ipd_order *own = &method->visits[L - 1];
    int found = 0;
    for (int o = 1; !own->count && ipd_order_names()[o]; o++)
        own = &method->visits[o * IPD_MAX_LAYERS + L - 1];
    for (int i = 0; i < own->count; i++)
        for (int j = 0; j < order->count; j++)
            found += own->blocks[i].kind == order->blocks[j].kind &&
                     own->blocks[i].layer == order->blocks[j].layer;
    if (found == own->count && order->count == own->count)
        return 0;
    return ipd_fail(e, IPD_EUSAGE, "%s has other blocks than this order. Name an order",
                    method->name);
}

int ipd_method_order(const ipd_method *method, ipd_order *order, const char *text, int L,
                     ipd_error *e)
{
    if (ipd_order_parse(order, text, L, e))
        return -1;
    if (method->visits && order->count && check_blocks(method, order, L, e))
        return -1;
    ipd_method_visits(method, order, L);
    if ((method->sweep || method->visits) && !order->count)
        return ipd_fail(e, IPD_EUSAGE, "%s has no order %s. Set order = nested_reverse",
                        method->name, order->name);
    return 0;
}

int ipd_place_is_same(const ipd_place *a, const ipd_place *b)
{
    return a->iteration == b->iteration && a->batch == b->batch && a->sweep == b->sweep &&
           a->block.kind == b->block.kind && a->block.layer == b->block.layer;
}

void ipd_place_text(const ipd_place *place, char *to, size_t size)
{
    char block[8];
    ipd_block_text(place->block, block);
    int n = snprintf(to, size, "iteration %d", place->iteration);
    size_t at = (size_t)n < size ? (size_t)n : size;
    if (place->batches > 1)
        n += snprintf(to + at, size - at, ", batch %d of %d", place->batch, place->batches);
    else if (place->batch > 1) /* from a history, which does not store the number of batches */
        n += snprintf(to + at, size - at, ", batch %d", place->batch);
    at = (size_t)n < size ? (size_t)n : size;
    if (!place->block.kind)
        snprintf(to + at, size - at, ", at its end");
    else if (place->block.kind != IPD_STEP) /* a gradient step takes the whole batch */
        snprintf(to + at, size - at, ", before %s", block);
}
