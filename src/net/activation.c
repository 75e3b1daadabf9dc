/* activation.c - see activation.h. To add one: write its two functions and its entry in the table.
 */
#include "net/activation.h"

#include <string.h>

static void identity_apply(const float *x, float *y, size_t count)
{
    if (x != y)
        memcpy(y, x, count * sizeof *x);
}

/* (x - w)^2 + r (x - v)^2 is least at (w + r v)/(1 + r). */
static void identity_prox(const float *w, const float *v, float r, float *x, size_t count)
{
    float scale = 1 / (1 + r);
    for (size_t i = 0; i < count; i++)
        x[i] = (w[i] + r * v[i]) * scale;
}

static void relu_apply(const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] < 0 ? 0 : x[i]; /* NaN stays NaN */
}

/* The better of the minimisers of the two branches: max(0, (w + r v)/(1 + r)) and min(v, 0). */
static void relu_prox(const float *w, const float *v, float r, float *x, size_t count)
{
    float scale = 1 / (1 + r);
    for (size_t i = 0; i < count; i++) {
        float wi = w[i], vi = v[i];
        float up = (wi + r * vi) * scale, down = vi < 0 ? vi : 0;
        up = up < 0 ? 0 : up;
        float cost_up = (up - wi) * (up - wi) + r * (up - vi) * (up - vi);
        float cost_down = wi * wi + r * (down - vi) * (down - vi);
        x[i] = cost_up <= cost_down ? up : down;
        x[i] = vi != vi || wi != wi ? vi + wi : x[i]; /* NaN must not vanish in a comparison */
    }
}

static const ipd_activation activations[] = {
    {"relu", "max(0, x)", 0, relu_apply, relu_prox},
    {"identity", "x: a linear network", 1, identity_apply, identity_prox},
};

enum { COUNT = sizeof activations / sizeof *activations };

const ipd_activation *ipd_activation_find(const char *name)
{
    for (int i = 0; i < COUNT; i++)
        if (!strcmp(activations[i].name, name))
            return &activations[i];
    return NULL;
}

const char *const *ipd_activation_names(void)
{
    static const char *names[COUNT + 1];
    for (int i = 0; i < COUNT; i++)
        names[i] = activations[i].name;
    return names;
}
