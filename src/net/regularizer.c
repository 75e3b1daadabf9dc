/* regularizer.c - see regularizer.h. To add another combination of l1 and l2, add it to the
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
    {"none", "nothing", none, NULL},
    {"ridge", "lambda/2 |W|^2", ridge, NULL},
    {"lasso", "lambda |W|_1, the sum of absolute values: weights become exactly zero", lasso, NULL},
    {"elastic_net", "lambda (m |W|_1 + (1 - m)/2 |W|^2), m = l1_ratio", elastic_net, NULL},
};

static void fill_entry(void *entry, const ipd_own *own)
{
    *(ipd_regularizer *)entry =
        (ipd_regularizer){.name = own->name, .summary = "defined by ip.penalty", .own = own};
}

static const ipd_own_table table = {IPD_OWN_PENALTY, regularizers,
                                    sizeof regularizers / sizeof *regularizers,
                                    sizeof *regularizers, fill_entry};

const ipd_regularizer *ipd_regularizer_find(const char *name)
{
    return ipd_own_table_find(&table, name);
}

const char *const *ipd_regularizer_names(void)
{
    return ipd_own_table_names(&table);
}

/* Fails if the name means another definition. */
static const ipd_regularizer *same_meaning(const ipd_regularizer *r, ipd_error *e)
{
    if (!r || ipd_regularizer_find(r->name) == r)
        return r;
    ipd_fail(e, IPD_EUSAGE,
             "the penalty '%s' has another definition in this session. Choose another name, or "
             "start ipdlam again",
             r->name);
    return NULL;
}

const ipd_regularizer *ipd_regularizer_define(const char *name, const ipd_program *both,
                                              const ipd_program *prox, ipd_error *e)
{
    return same_meaning(ipd_own_table_define(&table, name, both, prox, 0, e), e);
}

const ipd_regularizer *ipd_regularizer_read(const char *line, ipd_error *e)
{
    return same_meaning(ipd_own_table_read(&table, line, 0, e), e);
}

ipd_penalty ipd_regularizer_penalty(const ipd_regularizer *r, double lambda, double l1_ratio)
{
    if (!r->own)
        return r->penalty(lambda, l1_ratio);
    return lambda > 0 ? (ipd_penalty){.own = r->own, .weight = lambda} : (ipd_penalty){0};
}

double ipd_penalty_value(ipd_penalty r, const ipd_matrix *W)
{
    size_t count = W->rows * W->cols;
    if (r.own)
        return r.weight * ipd_own_penalty(r.own, W->data, count);
    double value = r.l2 > 0 ? r.l2 / 2 * ipd_sum_squared(W->data, count) : 0;
    return r.l1 > 0 ? value + r.l1 * ipd_sum_absolute(W->data, count) : value;
}
