/* adam.c - Adam (Kingma and Ba, 2015) and AMSGrad (Reddi, Kale and Kumar, 2018). */
#include "optim/optimizer.h"

#include <math.h>

/* One step of Adam, or of AMSGrad if max is not NULL: then max holds the largest v so far and
 * replaces v in the step.
 *
 *     m := beta1 m + (1 - beta1) g;  v := beta2 v + (1 - beta2) g^2;
 *     w := w - lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)
 */
static void step(const ipd_optimizer_parameters *p, long t, float *w, const float *g, float *m,
                 float *v, float *max, size_t count)
{
    double first = 1 - pow(p->beta1, (double)t), second = 1 - pow(p->beta2, (double)t);
    float lr = (float)(p->lr / first), scale = (float)(1 / sqrt(second)), eps = (float)p->eps;
    float beta1 = (float)p->beta1, rest1 = (float)(1 - p->beta1);
    float beta2 = (float)p->beta2, rest2 = (float)(1 - p->beta2);
    for (size_t i = 0; i < count; i++) {
        float size;
        m[i] = beta1 * m[i] + rest1 * g[i];
        size = v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
        if (max)
            size = max[i] = v[i] > max[i] ? v[i] : max[i];
        w[i] -= lr * m[i] / (sqrtf(size) * scale + eps);
    }
}

static void adam_update(const ipd_optimizer_parameters *p, long t, float *w, const float *g,
                        float *const *slot, size_t count)
{
    step(p, t, w, g, slot[0], slot[1], NULL, count);
}

static void amsgrad_update(const ipd_optimizer_parameters *p, long t, float *w, const float *g,
                           float *const *slot, size_t count)
{
    step(p, t, w, g, slot[0], slot[1], slot[2], count);
}

const ipd_method ipd_method_adam = {
    .name = "adam",
    .summary = "running means of the gradients divided by their root mean square",
    .lr = 1e-3,
    .eps = 1e-8,
    .uses = IPD_OPTIMIZER_SETTINGS " beta1 beta2 eps",
    .refuses = "regularizer",
    .rule = &(const ipd_rule){2, adam_update},
    IPD_OPTIMIZER_MEMBERS};

const ipd_method ipd_method_amsgrad = {.name = "amsgrad",
                                       .summary = "Adam with the largest root mean square so far",
                                       .lr = 1e-3,
                                       .eps = 1e-8,
                                       .uses = IPD_OPTIMIZER_SETTINGS " beta1 beta2 eps",
                                       .refuses = "regularizer",
                                       .rule = &(const ipd_rule){3, amsgrad_update},
                                       IPD_OPTIMIZER_MEMBERS};
