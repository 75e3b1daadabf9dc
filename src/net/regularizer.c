/* regularizer.c - see regularizer.h. To add one whose W-step keeps its closed form: an entry in the
 * table. */
#include "net/regularizer.h"
#include "base/vector.h"

#include <string.h>

static ipd_penalty none(double lambda)
{
    (void)lambda;
    return (ipd_penalty){0};
}

static ipd_penalty ridge(double lambda)
{
    return (ipd_penalty){.l2 = lambda};
}

static const ipd_regularizer regularizers[] = {
    {"none", "nothing", none},
    {"ridge", "lambda/2 |W|^2", ridge},
};

enum { COUNT = sizeof regularizers / sizeof *regularizers };

const ipd_regularizer *ipd_regularizer_find(const char *name)
{
    for (int i = 0; i < COUNT; i++)
        if (!strcmp(regularizers[i].name, name))
            return &regularizers[i];
    return NULL;
}

const char *const *ipd_regularizer_names(void)
{
    static const char *names[COUNT + 1];
    for (int i = 0; i < COUNT; i++)
        names[i] = regularizers[i].name;
    return names;
}

double ipd_penalty_value(ipd_penalty r, const ipd_matrix *W)
{
    return r.l2 > 0 ? r.l2 / 2 * ipd_sum_squared(W->data, W->rows * W->cols) : 0;
}
