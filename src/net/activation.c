/* activation.c - see activation.h. To add one: write its three functions and its table entry. */
#include "net/activation.h"
#include "base/vector.h"
#include "net/definitions.h"
#include "net/smooth.h"

#include <math.h>
#include <string.h>

IPD_CLONES static void identity_apply(const float *x, float *y, size_t count)
{
    if (x != y)
        memcpy(y, x, count * sizeof *x);
}

IPD_CLONES static void identity_derivative(const float *x, float *y, size_t count)
{
    (void)x;
    for (size_t i = 0; i < count; i++)
        y[i] = 1;
}

/* The minimiser of (x - w)^2 + r (x - v)^2 is (w + r v)/(1 + r). */
IPD_CLONES static void identity_prox(const float *w, const float *v, float r, float *x,
                                     size_t count)
{
    float scale = 1 / (1 + r);
    for (size_t i = 0; i < count; i++)
        x[i] = (w[i] + r * v[i]) * scale;
}

IPD_CLONES static void relu_apply(const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] < 0 ? 0 : x[i]; /* NaN stays NaN */
}

IPD_CLONES static void relu_derivative(const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] > 0 ? 1 : 0;
}

/* 0, or NaN if an argument is not finite. Comparisons would drop a NaN, so it is added to the
 * result. */
static inline float not_finite(float w, float v)
{
    return (w - w) + (v - v);
}

/* The better of the minimisers of the two branches: max(0, (w + r v)/(1 + r)) and min(v, 0). */
IPD_CLONES static void relu_prox(const float *w, const float *v, float r, float *x, size_t count)
{
    float scale = 1 / (1 + r);
    for (size_t i = 0; i < count; i++) {
        float wi = w[i], vi = v[i];
        float up = (wi + r * vi) * scale, down = vi < 0 ? vi : 0;
        up = up < 0 ? 0 : up;
        float cost_up = (up - wi) * (up - wi) + r * (up - vi) * (up - vi);
        float cost_down = wi * wi + r * (down - vi) * (down - vi);
        x[i] = cost_up <= cost_down ? up : down;
        x[i] += not_finite(wi, vi);
    }
}

#define SLOPE 0.01f /* slope of the leaky branch, as in PyTorch */

IPD_CLONES static void leaky_relu_apply(const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] < 0 ? SLOPE * x[i] : x[i];
}

IPD_CLONES static void leaky_relu_derivative(const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] > 0 ? 1 : SLOPE;
}

/* The better of max(0, (w + r v)/(1 + r)) and min(0, (s w + r v)/(s^2 + r)). */
IPD_CLONES static void leaky_relu_prox(const float *w, const float *v, float r, float *x,
                                       size_t count)
{
    float scale_up = 1 / (1 + r), scale_down = 1 / (SLOPE * SLOPE + r);
    for (size_t i = 0; i < count; i++) {
        float wi = w[i], vi = v[i];
        float up = (wi + r * vi) * scale_up, down = (SLOPE * wi + r * vi) * scale_down;
        up = up < 0 ? 0 : up;
        down = down > 0 ? 0 : down;
        float cost_up = (up - wi) * (up - wi) + r * (up - vi) * (up - vi);
        float cost_down = (SLOPE * down - wi) * (SLOPE * down - wi) + r * (down - vi) * (down - vi);
        x[i] = cost_up <= cost_down ? up : down;
        x[i] += not_finite(wi, vi);
    }
}

IPD_CLONES static void hard_tanh_apply(const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] < -1 ? -1 : x[i] > 1 ? 1 : x[i];
}

IPD_CLONES static void hard_tanh_derivative(const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] > -1 && x[i] < 1 ? 1 : 0;
}

/* The best of the minimisers of the three branches: min(v, -1), (w + r v)/(1 + r) within [-1, 1],
 * and max(v, 1). */
IPD_CLONES static void hard_tanh_prox(const float *w, const float *v, float r, float *x,
                                      size_t count)
{
    float scale = 1 / (1 + r);
    for (size_t i = 0; i < count; i++) {
        float wi = w[i], vi = v[i], best, min;
        float low = vi < -1 ? vi : -1, high = vi > 1 ? vi : 1, mid = (wi + r * vi) * scale;
        mid = mid < -1 ? -1 : mid > 1 ? 1 : mid;
        float cost_low = (-1 - wi) * (-1 - wi) + r * (low - vi) * (low - vi);
        float cost_mid = (mid - wi) * (mid - wi) + r * (mid - vi) * (mid - vi);
        float cost_high = (1 - wi) * (1 - wi) + r * (high - vi) * (high - vi);
        best = cost_low < cost_mid ? low : mid;
        min = cost_low < cost_mid ? cost_low : cost_mid;
        x[i] = cost_high < min ? high : best;
        x[i] += not_finite(wi, vi);
    }
}

static const ipd_activation activations[] = {
    {"relu", "max(0, x)", 0, relu_apply, relu_prox, relu_derivative, 1, {0}, NULL},
    {"leaky_relu",
     "x, or 0.01 x below 0",
     0,
     leaky_relu_apply,
     leaky_relu_prox,
     leaky_relu_derivative,
     1,
     {0},
     NULL},
    {"identity",
     "x: a linear network",
     1,
     identity_apply,
     identity_prox,
     identity_derivative,
     0,
     {0},
     NULL},
    {"hard_tanh",
     "x, clipped to [-1, 1]",
     0,
     hard_tanh_apply,
     hard_tanh_prox,
     hard_tanh_derivative,
     2,
     {-1, 1},
     NULL},
    {"tanh",
     "hyperbolic tangent",
     0,
     ipd_tanh_apply,
     ipd_tanh_prox,
     ipd_tanh_derivative,
     -1,
     {0},
     NULL},
    {"sigmoid",
     "1/(1 + exp(-x))",
     0,
     ipd_sigmoid_apply,
     ipd_sigmoid_prox,
     ipd_sigmoid_derivative,
     -1,
     {0},
     NULL},
};

static void fill_entry(void *entry, const ipd_own *own)
{
    ipd_activation *f = entry;
    *f = (ipd_activation){.name = own->name,
                          .summary = "defined by ip.activation",
                          .kinks = IPD_ANY_KINKS,
                          .own = own};
    int pieces = own->profile[0].pieces;
    if (!pieces || pieces > IPD_MAX_KINKS + 1)
        return;
    f->kinks = pieces - 1;
    memcpy(f->kink, own->profile[0].bound + 1, (size_t)f->kinks * sizeof *f->kink);
}

static const ipd_own_table table = {IPD_OWN_ACTIVATION, activations,
                                    sizeof activations / sizeof *activations, sizeof *activations,
                                    fill_entry};

const ipd_activation *ipd_activation_find(const char *name)
{
    return ipd_own_table_find(&table, name);
}

const char *const *ipd_activation_names(void)
{
    return ipd_own_table_names(&table);
}

const ipd_activation *ipd_activation_define(const char *name, const ipd_program *both,
                                            const ipd_program *prox, ipd_error *e)
{
    return ipd_own_table_define(&table, name, both, prox, 1, e);
}

const ipd_activation *ipd_activation_read(const char *line, int is_current, ipd_error *e)
{
    return ipd_own_table_read(&table, line, is_current, e);
}
