/* order.h - the order in which a sweep visits its 3L - 1 blocks. */
#ifndef IPD_SOLVER_ORDER_H
#define IPD_SOLVER_ORDER_H

#include "base/error.h"
#include "net/network.h"

enum { IPD_MAX_BLOCKS = 3 * IPD_MAX_LAYERS - 1 };

/* The values are the letters shown to users. */
typedef enum ipd_block_kind {
    IPD_NO_BLOCK = 0,
    IPD_Z = 'z',
    IPD_W = 'W', /* with b */
    IPD_A = 'a',
    IPD_STEP = 'g' /* a gradient step on all of W and b */
} ipd_block_kind;

typedef struct ipd_block {
    ipd_block_kind kind;
    int layer; /* 1 ... L (a: 1 ... L-1); 0 for a gradient step */
} ipd_block;

/* The visits of one sweep. For an order by name, a method lists them (ipd_method.sweep). */
typedef struct ipd_order {
    char name[24]; /* "increase", "reverse", "nested_reverse", "parallel" or "custom" */
    int count;     /* 3L - 1; 0 until a method has listed the visits */
    ipd_block blocks[IPD_MAX_BLOCKS];
} ipd_order;

/* Parses the name of an order, whose visits a method lists later, or a custom order as block names
 * separated by spaces or commas ("z3 W3 a2 z2 W2 a1 z1 W1"), with each block of L layers exactly
 * once. */
int ipd_order_parse(ipd_order *order, const char *text, int L, ipd_error *e);
/* Appends a visit. There must be space for it. */
void ipd_order_visit(ipd_order *order, ipd_block_kind kind, int layer);

/* Writes the order's name, or, for a custom order, its blocks separated by spaces. */
void ipd_order_text(const ipd_order *order, char *to, size_t size);

/* "W2" for {IPD_W, 2}; "step" for a gradient step; "" for none. */
void ipd_block_text(ipd_block block, char to[8]);
/* Returns 0, or -1 if text is not a block of L layers. */
int ipd_block_parse(ipd_block *block, const char *text, int L);

/* A fixed number for each block, in any order: z_1...z_L, W_1...W_L, a_1...a_{L-1}. -1 for other
 * blocks, which methods from files may have. */
int ipd_block_index(ipd_block block, int L);

const char *const *ipd_order_names(void);

#endif
