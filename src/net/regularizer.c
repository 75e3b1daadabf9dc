/* regularizer.c - see regularizer.h. To add one that is a mix of squares and absolute values: an
 * entry in the table. */
#include "net/regularizer.h"
#include "base/vector.h"

#include <math.h>
#include <string.h>

static ipd_penalty none(double lambda, double ratio)
{
    (void)lambda;
    (void)ratio;
    return (ipd_penalty){0};
}

static ipd_penalty ridge(double lambda, double ratio)
{
    (void)ratio;
    return (ipd_penalty){.l2 = lambda};
}

static ipd_penalty lasso(double lambda, double ratio)
{
    (void)ratio;
    return (ipd_penalty){.l1 = lambda};
}

static ipd_penalty elastic_net(double lambda, double ratio)
{
    return (ipd_penalty){.l2 = lambda * (1 - ratio), .l1 = lambda * ratio};
}

static const ipd_regularizer regularizers[] = {
    {"none", "nothing", none},
    {"ridge", "lambda/2 |W|^2", ridge},
    {"lasso", "lambda |W|_1: many weights become zero", lasso},
    {"elastic_net", "lambda ((1 - l1_ratio)/2 |W|^2 + l1_ratio |W|_1)", elastic_net},
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
    double value = 0, sum = 0;
    if (r.l2 > 0)
        value += r.l2 / 2 * ipd_sum_squared(W->data, W->rows * W->cols);
    if (r.l1 > 0) {
        for (size_t i = 0; i < W->rows * W->cols; i++)
            sum += fabs((double)W->data[i]);
        value += r.l1 * sum;
    }
    return value;
}
