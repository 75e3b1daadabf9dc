/* adadelta.c - Zeiler (2012). */
#include "optim/optimizer.h"

#include <math.h>

/* v := decay v + (1 - decay) g^2;  d := sqrt(u + eps) / sqrt(v + eps) g;
 * u := decay u + (1 - decay) d^2;  w := w - lr d */
static void adadelta_update(const ipd_optimizer_parameters *p, long t, float *w, const float *g,
                            float *const *slot, size_t count)
{
    float lr = (float)p->lr, eps = (float)p->eps, decay = (float)p->decay;
    float rest = (float)(1 - p->decay), *v = slot[0], *u = slot[1];
    (void)t;
    for (size_t i = 0; i < count; i++) {
        v[i] = decay * v[i] + rest * g[i] * g[i];
        float d = sqrtf(u[i] + eps) / sqrtf(v[i] + eps) * g[i];
        u[i] = decay * u[i] + rest * d * d;
        w[i] -= lr * d;
    }
}

const ipd_method ipd_method_adadelta = {
    .name = "adadelta",
    .summary = "gradients scaled by the recent root mean squares of steps and gradients",
    .lr = 1,
    .eps = 1e-6,
    .uses = IPD_OPTIMIZER_SETTINGS " decay eps",
    .refuses = "regularizer",
    .rule = &(const ipd_rule){2, adadelta_update},
    IPD_OPTIMIZER_MEMBERS};
