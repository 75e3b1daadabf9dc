/* order.c - see order.h. */
#include "solver/order.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"increase", "reverse", "nested_reverse", NULL};

const char *const *ipd_order_names(void)
{
    return names;
}

void ipd_block_text(ipd_block block, char to[8])
{
    to[0] = 0;
    if (block.kind == 'g')
        snprintf(to, 8, "step");
    else if (block.kind)
        snprintf(to, 8, "%c%d", block.kind, block.layer);
}

int ipd_block_parse(ipd_block *block, const char *text, int L)
{
    long layer;
    if ((*text != 'z' && *text != 'W' && *text != 'a') || ipd_text_to_long(text + 1, &layer))
        return -1;
    if (layer < 1 || layer > (*text == 'a' ? L - 1 : L))
        return -1;
    *block = (ipd_block){*text, (int)layer};
    return 0;
}

int ipd_block_index(ipd_block block, int L)
{
    return block.layer - 1 + (block.kind == 'z' ? 0 : block.kind == 'W' ? L : 2 * L);
}

static void add(ipd_order *order, char kind, int layer)
{
    order->blocks[order->count++] = (ipd_block){kind, layer};
}

/* z_1...z_L, W_1...W_L, a_1...a_{L-1}, or each of the three backwards. */
static void by_kind(ipd_order *order, int L, int backwards)
{
    for (const char *kind = "zWa"; *kind; kind++) {
        int last = *kind == 'a' ? L - 1 : L;
        for (int i = 1; i <= last; i++)
            add(order, *kind, backwards ? last + 1 - i : i);
    }
}

/* z_L, W_L, a_{L-1}, z_{L-1}, W_{L-1}, ..., a_1, z_1, W_1 */
static void nested_reverse(ipd_order *order, int L)
{
    for (int l = L; l >= 1; l--) {
        if (l < L)
            add(order, 'a', l);
        add(order, 'z', l);
        add(order, 'W', l);
    }
}

static int not_a_block(const char *word, int L, ipd_error *e)
{
    const char *near = ipd_text_nearest_in(word, names);
    if (near)
        return ipd_fail_unknown(e, "order", word, near, "");
    if (L == 1)
        return ipd_fail(e, IPD_EUSAGE,
                        "order: '%s' is no block of this network: name z1 and W1 once each", word);
    return ipd_fail(e, IPD_EUSAGE,
                    "order: '%s' is neither an order nor a block of this network: use increase, "
                    "reverse, nested_reverse, or z1...z%d, W1...W%d, a1...a%d once each",
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
            return ipd_fail(e, IPD_EUSAGE, "order: block %s stands twice; name each block once",
                            word);
        add(order, block.kind, block.layer);
    }
    for (int i = 0; i < all; i++)
        if (!seen[i]) {
            ipd_block missing = {i < L ? 'z' : i < 2 * L ? 'W' : 'a', i % L + 1};
            ipd_block_text(missing, name);
            return ipd_fail(e, IPD_EUSAGE, "order: block %s is missing; name each block once",
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
    if (!strcmp(new.name, "nested_reverse"))
        nested_reverse(&new, L);
    else if (strcmp(new.name, "custom"))
        by_kind(&new, L, !strcmp(new.name, "reverse"));
    else if (custom(&new, text, L, e))
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
