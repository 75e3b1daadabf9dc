/* gaps.c - how far the variables are from the network, a layer: the linear gaps, then the activation gaps. */
#include "tui/view/curves.h"

#include <stdio.h>

enum { BIT = 1 << 2 };

static void make(ipd_model *m, ipd_curves *c)
{
    char name[24];

    *c = (ipd_curves){.y_kind = IPD_LOG, .bit = BIT};
    for (int l = 1; l <= m->L; l++) {
        snprintf(name, sizeof name, "lin %d", l);
        ipd_curves_add(c, name, "linear_gap_by_layer", l - 1);
    }
    for (int l = 1; l < m->L; l++) {
        snprintf(name, sizeof name, "act %d", l);
        ipd_curves_add(c, name, "activation_gap_by_layer", l - 1);
    }
}

IPD_CURVES_VIEW(gaps, make, BIT)
