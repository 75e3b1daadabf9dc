/* accuracy.c - the fractions that a forward pass answers right, and the auxiliary variables beside it: the
 * gap between the two is that between the penalty problem and the network. */
#include "tui/view/curves.h"

enum { BIT = 1 << 1 };

static void make(ipd_model *m, ipd_curves *c)
{
    const ipd_column *auxiliary = ipd_model_values(m, "auxiliary_accuracy", NULL, 0);

    *c = (ipd_curves){.y_kind = IPD_LINEAR, .percent = 1, .bit = BIT, .compared = 2};
    ipd_curves_add(c, "train", "train_accuracy", 0);
    ipd_curves_add(c, "test", "test_accuracy", 0);
    c->list[0].ink = (ipd_ink)(IPD_INK_SERIES_1 + 1);
    c->list[1].ink = (ipd_ink)(IPD_INK_SERIES_1 + 2);
    if (auxiliary &&
        ipd_extremes_of(auxiliary->values, &auxiliary->summary, 0, m->record_count).most >= 0) {
        ipd_curves_add(c, "z_L", "auxiliary_accuracy", 0);
        c->list[2].ink = (ipd_ink)(IPD_INK_SERIES_1 + 3);
    }
}

IPD_CURVES_VIEW(accuracy, make, BIT)
