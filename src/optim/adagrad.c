/* adagrad.c - Duchi, Hazan and Singer (2011). */
#include "optim/optimizer.h"

#include <math.h>

/* v := v + g^2;  w := w - lr g / (sqrt(v) + eps) */
static void adagrad_update(const ipd_optimizer_parameters *p, long t, float *w, const float *g,
                           float *const *slot, size_t count)
{
    float lr = (float)p->lr, eps = (float)p->eps, *v = slot[0];
    (void)t;
    for (size_t i = 0; i < count; i++) {
        v[i] += g[i] * g[i];
        w[i] -= lr * g[i] / (sqrtf(v[i]) + eps);
    }
}

const ipd_method ipd_method_adagrad = {
    .name = "adagrad",
    .summary = "gradients divided by the root of the sum of all squared gradients",
    .lr = 1e-2,
    .eps = 1e-10,
    .uses = IPD_OPTIMIZER_SETTINGS " eps",
    .refuses = "regularizer",
    .rule = &(const ipd_rule){1, adagrad_update},
    IPD_OPTIMIZER_MEMBERS};
