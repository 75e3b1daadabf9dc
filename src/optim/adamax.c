/* adamax.c - Kingma and Ba (2015), section 7.1. */
#include "optim/optimizer.h"

#include <math.h>

/*     m := beta1 m + (1 - beta1) g;  u := max(beta2 u, |g| + eps);
 *     w := w - lr m / (1 - beta1^t) / u */
static void adamax_update(const ipd_optimizer_parameters *p, long t, float *w, const float *g,
                          float *const *slot, size_t count)
{
    float lr = (float)(p->lr / (1 - pow(p->beta1, (double)t))), eps = (float)p->eps;
    float beta1 = (float)p->beta1, rest1 = (float)(1 - p->beta1), beta2 = (float)p->beta2;
    float *m = slot[0], *u = slot[1];
    for (size_t i = 0; i < count; i++) {
        float size = fabsf(g[i]) + eps, before = beta2 * u[i];
        m[i] = beta1 * m[i] + rest1 * g[i];
        u[i] = size > before ? size : before;
        w[i] -= lr * m[i] / u[i];
    }
}

const ipd_method ipd_method_adamax = {
    .name = "adamax",
    .summary = "Adam with the largest recent gradient in place of the root mean square",
    .lr = 2e-3,
    .eps = 1e-8,
    .uses = IPD_OPTIMIZER_SETTINGS " beta1 beta2 eps",
    .refuses = "regularizer",
    .rule = &(const ipd_rule){2, adamax_update},
    IPD_OPTIMIZER_MEMBERS};
