/* accuracy.c - the fractions that a forward pass answers right, and the auxiliary variables beside it: the
 * gap between the two is that between the penalty problem and the network. */
#include "tui/view/curves.h"

enum { BIT = 1 << 1 };

/* A curve that only some runs have. */
static void add_known(ipd_model *m, ipd_curves *c, const char *name, const char *field, int ink)
{
    const ipd_column *x = ipd_model_values(m, field, NULL, 0);
    if (!x || !(ipd_extremes_of(x->values, &x->summary, 0, m->record_count).most >= 0))
        return;
    ipd_curves_add(c, name, field, 0);
    c->list[c->count - 1].ink = (ipd_ink)(IPD_INK_SERIES_1 + ink);
}

static void make(ipd_model *m, ipd_curves *c)
{
    *c = (ipd_curves){.y_kind = IPD_LINEAR, .percent = 1, .bit = BIT, .compared = 2};
    ipd_curves_add(c, "train", "train_accuracy", 0);
    ipd_curves_add(c, "test", "test_accuracy", 0);
    c->list[0].ink = (ipd_ink)(IPD_INK_SERIES_1 + 1);
    c->list[1].ink = (ipd_ink)(IPD_INK_SERIES_1 + 2);
    add_known(m, c, "z_L", "auxiliary_accuracy", 3);
    add_known(m, c, "averaged", "averaged_test_accuracy", 4);
}

IPD_CURVES_VIEW(accuracy, make, BIT)
