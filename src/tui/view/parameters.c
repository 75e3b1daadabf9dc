/* parameters.c - the penalty and the parameters in force, by iteration. */
#include "tui/view/curves.h"

enum { BIT = 1 << 5 };

static int has_values(const ipd_column *c, size_t count)
{
    ipd_extremes e = ipd_extremes_of(c->values, &c->summary, 0, count);
    return e.least <= e.most;
}

static void make(ipd_model *m, ipd_curves *c)
{
    static const struct {
        const char *name, *field;
    } blocks[] = {{"ρ", "rho"},  {"δ", "delta"}, {"α", "alpha"},
                  {"β", "beta"}, {"γ", "gamma"}, {"lr", "lr"}};

    *c = (ipd_curves){.y_kind = IPD_LOG, .bit = BIT};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        const ipd_column *column = ipd_model_values(m, blocks[i].field, NULL, 0);
        if (column && has_values(column, m->record_count))
            ipd_curves_add(c, blocks[i].name, blocks[i].field, 0);
    }
}

IPD_CURVES_VIEW(parameters, make, BIT)
