/* regularizer.c - see regularizer.h. To add another combination of l1 and l2: an entry in the
 * table. */
#include "net/regularizer.h"
#include "base/vector.h"

#include <string.h>

static ipd_penalty none(double lambda, double l1_ratio)
{
    (void)lambda;
    (void)l1_ratio;
    return (ipd_penalty){0};
}

static ipd_penalty ridge(double lambda, double l1_ratio)
{
    (void)l1_ratio;
    return (ipd_penalty){.l2 = lambda};
}

static ipd_penalty lasso(double lambda, double l1_ratio)
{
    (void)l1_ratio;
    return (ipd_penalty){.l1 = lambda};
}

static ipd_penalty elastic_net(double lambda, double l1_ratio)
{
    return (ipd_penalty){.l1 = lambda * l1_ratio, .l2 = lambda * (1 - l1_ratio)};
}

static const ipd_regularizer regularizers[] = {
    {"none", "nothing", none},
    {"ridge", "lambda/2 |W|^2", ridge},
    {"lasso", "lambda |W|_1, the sum of absolute values: weights become exactly zero", lasso},
    {"elastic_net", "lambda (m |W|_1 + (1 - m)/2 |W|^2), m = l1_ratio", elastic_net},
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
    size_t count = W->rows * W->cols;
    double value = r.l2 > 0 ? r.l2 / 2 * ipd_sum_squared(W->data, count) : 0;
    return r.l1 > 0 ? value + r.l1 * ipd_sum_absolute(W->data, count) : value;
}
