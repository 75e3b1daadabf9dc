/* moved.c - how far the weights of each layer are from the first ones, relative to these. */
#include "tui/view/curves.h"

#include <stdio.h>

enum { BIT = 1 << 3 };

static void make(ipd_model *m, ipd_curves *c)
{
    *c = (ipd_curves){.y_kind = IPD_LOG, .percent = 0, .bit = BIT, .compared = 2};
    ipd_curves_add_layers(c, "moved_W", m->L);
    for (int i = 0; i < c->count; i++)
        snprintf(c->list[i].name, sizeof c->list[i].name, "W%d", i + 1);
}

IPD_CURVES_VIEW(moved, make, BIT)
