/* order.h - the order in which a sweep visits its 3L - 1 blocks. */
#ifndef IPD_SOLVER_ORDER_H
#define IPD_SOLVER_ORDER_H

#include "base/error.h"
#include "net/network.h"

enum { IPD_MAX_BLOCKS = 3 * IPD_MAX_LAYERS - 1 };

typedef struct ipd_block {
    char kind; /* 'z', 'W' or 'a'; 'g' = a gradient step on all of W and b; 0 = none */
    int layer; /* 1 ... L (a: 1 ... L-1); 0 of a gradient step */
} ipd_block;

typedef struct ipd_order {
    char name[24]; /* "increase", "reverse", "nested_reverse" or "custom" */
    int count;     /* 3L - 1 */
    ipd_block blocks[IPD_MAX_BLOCKS];
} ipd_order;

/* An order by name, or a custom one as block names separated by spaces or commas
 * ("z3 W3 a2 z2 W2 a1 z1 W1"): each block of L layers exactly once. */
int ipd_order_parse(ipd_order *order, const char *text, int L, ipd_error *e);

/* Writes the order's name, or its blocks separated by spaces where it is custom. */
void ipd_order_text(const ipd_order *order, char *to, size_t size);

/* "W2" for {'W', 2}; "step" for a gradient step; "" for none. */
void ipd_block_text(ipd_block block, char to[8]);
/* 0, or -1 where text is not a block of L layers. */
int ipd_block_parse(ipd_block *block, const char *text, int L);

/* A fixed number for each block, whatever the order: z_1...z_L, W_1...W_L, a_1...a_{L-1}. */
int ipd_block_index(ipd_block block, int L);

const char *const *ipd_order_names(void);

#endif
