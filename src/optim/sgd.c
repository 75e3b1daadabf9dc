/* sgd.c - stochastic gradient descent, with momentum (Polyak, 1964) or Nesterov's (1983), in
 * PyTorch's form, after Sutskever and others (2013).
 */
#include "optim/optimizer.h"

/* m := momentum m + g;  w := w - lr m, or with Nesterov w - lr (g + momentum m) */
static void sgd_update(const ipd_optimizer_parameters *p, long t, float *w, const float *g,
                       float *const *slot, size_t count)
{
    float lr = (float)p->lr, momentum = (float)p->momentum, *m = slot[0];
    (void)t;
    for (size_t i = 0; i < count; i++) {
        m[i] = momentum * m[i] + g[i];
        w[i] -= lr * (p->nesterov ? g[i] + momentum * m[i] : m[i]);
    }
}

const ipd_method ipd_method_sgd = {
    .name = "sgd",
    .summary = "stochastic gradient descent, with momentum or Nesterov momentum",
    .lr = 1e-3,
    .eps = 0,
    .uses = IPD_OPTIMIZER_SETTINGS " momentum nesterov",
    .refuses = "regularizer nesterov",
    .rule = &(const ipd_rule){1, sgd_update},
    IPD_OPTIMIZER_MEMBERS};
