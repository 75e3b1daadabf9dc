/* order.c - see order.h. */
#include "solver/order.h"
#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"increase", "reverse", "nested_reverse", "parallel", NULL};

const char *const *ipd_order_names(void)
{
    return names;
}

void ipd_block_text(ipd_block block, char to[8])
{
    to[0] = 0;
    if (block.kind == IPD_STEP)
        snprintf(to, 8, "step");
    else if (block.kind) {
        assert(block.layer > 0 && block.layer <= IPD_MAX_LAYERS);
        snprintf(to, 8, "%c%d", block.kind, block.layer);
    }
}

int ipd_block_parse(ipd_block *block, const char *text, int L)
{
    long layer;
    if ((*text != IPD_Z && *text != IPD_W && *text != IPD_A) || ipd_text_to_long(text + 1, &layer))
        return -1;
    if (layer < 1 || layer > (*text == IPD_A ? L - 1 : L))
        return -1;
    *block = (ipd_block){(ipd_block_kind)*text, (int)layer};
    return 0;
}

int ipd_block_index(ipd_block block, int L)
{
    int is_a = block.kind == IPD_A;
    if ((block.kind != IPD_Z && block.kind != IPD_W && !is_a) || block.layer < 1 ||
        block.layer > L - is_a)
        return -1;
    return block.layer - 1 + (block.kind == IPD_Z ? 0 : block.kind == IPD_W ? L : 2 * L);
}

void ipd_order_visit(ipd_order *order, ipd_block_kind kind, int layer)
{
    assert(order->count < IPD_MAX_BLOCKS);
    order->blocks[order->count++] = (ipd_block){kind, layer};
}

static int not_a_block(const char *word, int L, ipd_error *e)
{
    ipd_nearest near = ipd_nearest_in(word, names);
    if (near.best)
        return ipd_fail_unknown(e, "order", &near, "");
    if (L == 1)
        return ipd_fail(e, IPD_EUSAGE,
                        "order: this network has no block '%s'. Name z1 and W1 once each", word);
    return ipd_fail(e, IPD_EUSAGE,
                    "order: '%s' is neither an order nor a block of this network. Use increase, "
                    "reverse, nested_reverse, parallel, or z1...z%d, W1...W%d, a1...a%d once each",
                    word, L, L, L - 1);
}

static int custom(ipd_order *order, const char *text, int L, ipd_error *e)
{
    static const char separators[] = " ,\t\n";
    char seen[IPD_MAX_BLOCKS] = {0}, word[16], name[8];
    int all = 3 * L - 1;
    for (;;) {
        ipd_block block;
        text += strspn(text, separators);
        size_t n = strcspn(text, separators);
        if (!n)
            break;
        snprintf(word, sizeof word, "%.*s", (int)(n < 15 ? n : 15), text);
        text += n;
        if (ipd_block_parse(&block, word, L))
            return not_a_block(word, L, e);
        if (seen[ipd_block_index(block, L)]++)
            return ipd_fail(e, IPD_EUSAGE, "order: block %s is named twice. Name each block once",
                            word);
        ipd_order_visit(order, block.kind, block.layer);
    }
    for (int i = 0; i < all; i++)
        if (!seen[i]) {
            ipd_block missing = {i < L ? IPD_Z : i < 2 * L ? IPD_W : IPD_A, i % L + 1};
            ipd_block_text(missing, name);
            return ipd_fail(e, IPD_EUSAGE, "order: block %s is missing. Name each block once",
                            name);
        }
    return 0;
}

int ipd_order_parse(ipd_order *order, const char *text, int L, ipd_error *e)
{
    ipd_order new = {.name = "custom"};
    for (int i = 0; names[i]; i++)
        if (!strcmp(text, names[i]))
            snprintf(new.name, sizeof new.name, "%s", names[i]);
    if (!strcmp(new.name, "custom") && custom(&new, text, L, e))
        return -1;
    *order = new;
    return 0;
}

void ipd_order_text(const ipd_order *order, char *to, size_t size)
{
    size_t at = 0;
    if (strcmp(order->name, "custom")) {
        snprintf(to, size, "%s", order->name);
        return;
    }
    if (size)
        to[0] = 0;
    for (int i = 0; i < order->count && at < size; i++) {
        char name[8];
        ipd_block_text(order->blocks[i], name);
        at += (size_t)snprintf(to + at, size - at, "%s%s", i ? " " : "", name);
    }
}
