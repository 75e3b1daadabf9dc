/* loss.c - see loss.h. To add one: write its three functions and its entry in the table. */
#include "net/loss.h"
#include "base/vector.h"
#include "net/definitions.h"

#include <math.h>
#include <string.h>

/* 1/2 ||z - y||^2 */
static double squared_value(const float *y, const float *z, size_t d, size_t count)
{
    return 0.5 * ipd_sum_squared_difference(z, y, d * count);
}

/* The minimiser is (y + r v)/(1 + r). */
static void squared_prox(const float *y, const float *v, float r, float *x, size_t d, size_t count)
{
    float scale = 1 / (1 + r);
    for (size_t i = 0; i < d * count; i++)
        x[i] = (y[i] + r * v[i]) * scale;
}

static void squared_gradient(const float *y, const float *z, float *g, size_t d, size_t count)
{
    for (size_t i = 0; i < d * count; i++)
        g[i] = z[i] - y[i];
}

/* sum of max(0, 1 - y z), one against the rest: y is +1 or -1 */
static double hinge_value(const float *y, const float *z, size_t d, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < d * count; i++) {
        double short_of = 1 - (double)y[i] * z[i];
        sum += short_of < 0 ? 0 : short_of; /* NaN stays NaN */
    }
    return sum;
}

/* v if its margin is at least 1; v + y/r if that stays below the margin; else exactly on the
 * margin. */
static void hinge_prox(const float *y, const float *v, float r, float *x, size_t d, size_t count)
{
    float step = 1 / r;
    for (size_t i = 0; i < d * count; i++) {
        float margin = y[i] * v[i];
        x[i] = margin >= 1 || margin != margin ? v[i]
               : margin <= 1 - step            ? v[i] + y[i] * step
                                               : y[i];
    }
}

static void hinge_gradient(const float *y, const float *z, float *g, size_t d, size_t count)
{
    for (size_t i = 0; i < d * count; i++)
        g[i] = y[i] * z[i] < 1 ? -y[i] : 0;
}

/* log sum exp(z) - <y, z> for each sample; y is one-hot */
static double cross_entropy_value(const float *y, const float *z, size_t d, size_t count)
{
    double sum = 0;
    for (size_t n = 0; n < count; n++, y += d, z += d) {
        double max = z[0], parts = 0, at = 0;
        for (size_t i = 1; i < d; i++)
            max = z[i] > max ? z[i] : max;
        for (size_t i = 0; i < d; i++) {
            parts += exp(z[i] - max);
            at += (double)y[i] * z[i];
        }
        sum += max + log(parts) - at;
    }
    return sum;
}

enum { MAX_OUTPUTS = IPD_MAX_OUTPUTS };

/* p := softmax(x); returns log sum exp(x) - <y, x> + r/2 ||x - v||^2. */
static double cross_entropy_cost(const double *x, const float *y, const float *v, double r,
                                 size_t d, double *p)
{
    double max = x[0], parts = 0, at = 0, far = 0;
    for (size_t i = 1; i < d; i++)
        max = x[i] > max ? x[i] : max;
    for (size_t i = 0; i < d; i++) {
        p[i] = exp(x[i] - max);
        parts += p[i];
        at += y[i] * x[i];
        far += (x[i] - v[i]) * (x[i] - v[i]);
    }
    for (size_t i = 0; i < d; i++)
        p[i] /= parts;
    return max + log(parts) - at + r / 2 * far;
}

/* step := (diag(p) - p p^T + r I)^{-1} g by Sherman and Morrison; returns <g, step>. */
static double newton_step(const double *p, const double *g, double r, size_t d, double *step)
{
    double across = 0, along = 0, slope = 0;
    for (size_t i = 0; i < d; i++) {
        double inverse = 1 / (p[i] + r);
        across += p[i] * g[i] * inverse;
        along += p[i] * p[i] * inverse;
    }
    across /= 1 - along;
    for (size_t i = 0; i < d; i++) {
        step[i] = (g[i] + across * p[i]) / (p[i] + r);
        slope += g[i] * step[i];
    }
    return slope;
}

/* One sample: Newton with backtracking, since plain Newton diverges for small r. */
static void cross_entropy_prox_sample(const float *y, const float *v, double r, float *to, size_t d)
{
    double x[MAX_OUTPUTS], trial[MAX_OUTPUTS], p[MAX_OUTPUTS], g[MAX_OUTPUTS];
    double step[MAX_OUTPUTS];
    for (size_t i = 0; i < d; i++)
        x[i] = v[i];
    double cost = cross_entropy_cost(x, y, v, r, d, p);
    for (int k = 0; k < 200 && isfinite(cost); k++) {
        double max = 0, t = 1, next = cost;
        for (size_t i = 0; i < d; i++) {
            g[i] = p[i] - y[i] + r * (x[i] - v[i]);
            max = fmax(max, fabs(g[i]));
        }
        if (max < 1e-10)
            break;
        double slope = newton_step(p, g, r, d, step);
        for (int half = 0; half < 60; half++, t /= 2) {
            for (size_t i = 0; i < d; i++)
                trial[i] = x[i] - t * step[i];
            next = cross_entropy_cost(trial, y, v, r, d, p);
            /* Near the minimum rounding hides the descent: then take the full step. */
            if (slope < 1e-9 || next <= cost - 1e-4 * t * slope)
                break;
        }
        memcpy(x, trial, d * sizeof *x);
        cost = next;
    }
    for (size_t i = 0; i < d; i++)
        to[i] = (float)(isfinite(cost) ? x[i] : cost);
}

static void cross_entropy_prox(const float *y, const float *v, float r, float *x, size_t d,
                               size_t count)
{
    for (size_t n = 0; n < count; n++)
        cross_entropy_prox_sample(y + n * d, v + n * d, r, x + n * d, d);
}

/* softmax(z) - y */
static void cross_entropy_gradient(const float *y, const float *z, float *g, size_t d, size_t count)
{
    for (size_t n = 0; n < count; n++, y += d, z += d, g += d) {
        double max = z[0], parts = 0;
        for (size_t i = 1; i < d; i++)
            max = z[i] > max ? z[i] : max;
        for (size_t i = 0; i < d; i++)
            parts += exp(z[i] - max);
        for (size_t i = 0; i < d; i++)
            g[i] = (float)(exp(z[i] - max) / parts - y[i]);
    }
}

static const ipd_loss losses[] = {
    {"squared", "1/2 |z - y|^2, y one-hot or values", 0, 1, squared_value, squared_prox,
     squared_gradient, 1, NULL},
    {"hinge", "max(0, 1 - y z), one class against the rest, y = +1 or -1; needs classes", -1, 1,
     hinge_value, hinge_prox, hinge_gradient, 0, NULL},
    {"cross_entropy", "softmax cross-entropy; needs classes", 0, 1, cross_entropy_value,
     cross_entropy_prox, cross_entropy_gradient, 0, NULL},
};

static void fill_entry(void *entry, const ipd_own *own)
{
    *(ipd_loss *)entry = (ipd_loss){.name = own->name,
                                    .summary = "defined by ip.loss",
                                    .target_on = 1,
                                    .takes_values = 1,
                                    .own = own};
}

static const ipd_own_table table = {IPD_OWN_LOSS, losses, sizeof losses / sizeof *losses,
                                    sizeof *losses, fill_entry};

const ipd_loss *ipd_loss_find(const char *name)
{
    return ipd_own_table_find(&table, name);
}

const char *const *ipd_loss_names(void)
{
    return ipd_own_table_names(&table);
}

const ipd_loss *ipd_loss_define(const char *name, const ipd_program *both, const ipd_program *prox,
                                ipd_error *e)
{
    return ipd_own_table_define(&table, name, both, prox, 1, e);
}

const ipd_loss *ipd_loss_read(const char *line, int is_current, ipd_error *e)
{
    return ipd_own_table_read(&table, line, is_current, e);
}
