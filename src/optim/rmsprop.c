/* rmsprop.c - Tieleman and Hinton (2012), with momentum as in PyTorch. */
#include "optim/optimizer.h"

#include <math.h>

/* v := smoothing v + (1 - smoothing) g^2;  m := momentum m + g / (sqrt(v) + eps);  w := w - lr m */
static void rmsprop_update(const ipd_optimizer_parameters *p, long t, float *w, const float *g,
                           float *const *slot, size_t count)
{
    float lr = (float)p->lr, eps = (float)p->eps, smoothing = (float)p->smoothing;
    float rest = (float)(1 - p->smoothing), momentum = (float)p->momentum;
    float *v = slot[0], *m = slot[1];
    (void)t;
    for (size_t i = 0; i < count; i++) {
        v[i] = smoothing * v[i] + rest * g[i] * g[i];
        m[i] = momentum * m[i] + g[i] / (sqrtf(v[i]) + eps);
        w[i] -= lr * m[i];
    }
}

const ipd_method ipd_method_rmsprop = {.name = "rmsprop",
                                       .summary =
                                           "gradients divided by their recent root mean square",
                                       .lr = 1e-2,
                                       .eps = 1e-8,
                                       .uses = IPD_OPTIMIZER_SETTINGS " momentum smoothing eps",
                                       .refuses = "regularizer",
                                       .rule = &(const ipd_rule){2, rmsprop_update},
                                       IPD_OPTIMIZER_MEMBERS};
