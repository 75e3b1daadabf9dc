/* steps.c - how long the last sweep's steps were, by variable: Euclidean norms over all layers. */
#include "tui/view/curves.h"

#include <math.h>
#include <stdio.h>

enum { BIT = 1 << 4 };

/* Of all layers together; NaN where there is no such variable. */
static double step(const ipd_record *r, int kind)
{
    const double *norms = kind == IPD_Z   ? r->step_z
                          : kind == IPD_W ? r->step_W
                          : kind == IPD_A ? r->step_a
                                          : r->step_b;
    double sum = 0;
    int any = 0;

    for (int l = 1; l <= r->L; l++)
        if (!isnan(norms[l])) {
            sum += norms[l] * norms[l];
            any = 1;
        }
    return any ? sqrt(sum) : NAN;
}

static void make(ipd_model *m, ipd_curves *c)
{
    static const char kinds[] = "zWab";
    char name[24];

    *c = (ipd_curves){.y_kind = IPD_LOG, .bit = BIT, .compared = 1};
    for (int i = 0; kinds[i]; i++) {
        const ipd_column *column = ipd_model_values(m, NULL, step, kinds[i]);
        if (!column ||
            !(ipd_extremes_of(column->values, &column->summary, 0, m->record_count).most > 0))
            continue;
        snprintf(name, sizeof name, "|Δ%c|", kinds[i]);
        ipd_curves_add(c, name, NULL, kinds[i]);
        c->list[c->count - 1].value = step;
    }
}

IPD_CURVES_VIEW(steps, make, BIT)
