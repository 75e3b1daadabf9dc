/* test_prox.c - every proximal operator is the global minimiser: no point of a fine grid and no
 * random perturbation has a lower cost, for random arguments from tiny to huge. Costs are double.
 *
 * Operators round to float, so a cost may exceed the least by what rounding x and choosing between
 * two nearly equal branches costs: (1 + r)(1e-6 scale)^2 + 1e-5 cost.
 */
#include "base/random.h"
#include "net/activation.h"
#include "net/loss.h"
#include "tests/tap.h"

#include <math.h>
#include <string.h>

enum { CASES = 100000, GRID = 96 };

static ipd_random rnd;

static double between(double low, double high)
{
    return low + (high - low) * ipd_random_uniform(&rnd);
}

/* Log-uniform in size from 1e-3 to `max`, either sign; now and then zero or an integer. */
static float any(double max)
{
    double x = pow(10, between(-3, log10(max)));
    switch (ipd_random_below(&rnd, 12)) {
    case 0:
        return 0;
    case 1:
        return (float)ipd_random_below(&rnd, 3) - 1;
    default:
        return (float)(ipd_random_below(&rnd, 2) ? x : -x);
    }
}

/* Reference implementations of the activations, in double. */
static double sigma(const char *name, double x)
{
    if (!strcmp(name, "relu"))
        return x > 0 ? x : 0;
    if (!strcmp(name, "leaky_relu"))
        return x > 0 ? x : 0.01 * x;
    if (!strcmp(name, "identity"))
        return x;
    if (!strcmp(name, "hard_tanh"))
        return x < -1 ? -1 : x > 1 ? 1 : x;
    if (!strcmp(name, "tanh"))
        return tanh(x);
    return 1 / (1 + exp(-x));
}

static double activation_cost(const char *name, double x, double w, double v, double r)
{
    double a = sigma(name, x) - w, b = x - v;
    return a * a + r * b * b;
}

/* The largest decrease of the cost from x to any sampled point, minus the rounding error. */
static double activation_excess(const char *name, double x, double w, double v, double r)
{
    double here = activation_cost(name, x, w, v, r), min = here;
    double reach = fabs(sigma(name, v) - w) / sqrt(r); /* the minimiser is no further from v */
    double scale = fmax(fmax(fabs(x), fabs(v)), fmax(fabs(w), 1));
    reach = fmin(reach, 4 * scale + 20);
    for (int i = 0; i <= GRID; i++) {
        double far = v + reach * (2.0 * i / GRID - 1), near = 6 * (2.0 * i / GRID - 1);
        double by = x + (i % 2 ? 1 : -1) * pow(10, between(-7, 1)) * fmax(1, fabs(x));
        min = fmin(min, activation_cost(name, far, w, v, r));
        min = fmin(min, activation_cost(name, near, w, v, r));
        min = fmin(min, activation_cost(name, by, w, v, r));
    }
    return here - min - ((1 + r) * pow(1e-6 * scale, 2) + 1e-5 * here);
}

static void test_activation(const ipd_activation *a)
{
    double worst = -INFINITY;
    float worst_at[3] = {0};
    int wrong = 0;
    for (int i = 0; i < some_of(CASES); i++) {
        float w = any(i % 3 ? 5 : 1e4), v = any(i % 2 ? 10 : 1e4), x;
        float r = (float)pow(10, between(-6, 6));
        a->prox(&w, &v, r, &x, 1);
        double excess = activation_excess(a->name, x, w, v, r);
        if (!(excess <= 0))
            wrong++;
        if (!(excess <= worst)) {
            worst = excess;
            memcpy(worst_at, (float[]){w, v, r}, sizeof worst_at);
        }
    }
    if (!ok(wrong == 0, "%s: global minimiser of %d arguments", a->name, some_of(CASES)))
        printf("# %d beaten, the worst by %g at w = %g, v = %g, r = %g\n", wrong, worst,
               (double)worst_at[0], (double)worst_at[1], (double)worst_at[2]);
}

static double loss_cost(const ipd_loss *loss, const float *y, const double *x, const float *v,
                        double r, size_t d)
{
    double sum = 0, max = x[0], parts = 0;
    for (size_t i = 0; i < d; i++)
        max = fmax(max, x[i]);
    for (size_t i = 0; i < d; i++) {
        sum += r / 2 * (x[i] - v[i]) * (x[i] - v[i]);
        if (!strcmp(loss->name, "squared"))
            sum += 0.5 * (x[i] - y[i]) * (x[i] - y[i]);
        else if (!strcmp(loss->name, "hinge"))
            sum += fmax(0, 1 - y[i] * x[i]);
        else
            sum -= y[i] * x[i];
        parts += exp(x[i] - max);
    }
    return !strcmp(loss->name, "cross_entropy") ? sum + max + log(parts) : sum;
}

/* Losses are convex, so no neighbour lower means nothing lower anywhere. */
static void test_loss(const ipd_loss *loss)
{
    enum { D = 10 };
    int wrong = 0;
    for (int i = 0; i < some_of(CASES); i++) {
        float y[D], v[D], x[D], r = (float)pow(10, between(-6, 6));
        double at[D], scale = 1;
        size_t label = ipd_random_below(&rnd, D);
        for (int k = 0; k < D; k++) {
            y[k] = (size_t)k == label ? loss->target_on : loss->target_off;
            v[k] = any(i % 2 ? 10 : 1e4);
        }
        loss->prox(y, v, r, x, D, 1);
        for (int k = 0; k < D; k++)
            scale = fmax(scale, fmax(fabsf(x[k]), fabsf(v[k])));
        for (int k = 0; k < D; k++)
            at[k] = x[k];
        double here = loss_cost(loss, y, at, v, r, D);
        double allowed = (1 + r) * D * pow(1e-6 * scale, 2) + 2e-7 * scale + 1e-6 * fabs(here);
        for (int trial = 0; trial < 24; trial++) {
            double size = pow(10, between(-5, 1));
            for (int k = 0; k < D; k++)
                at[k] = x[k] + (trial % 3 && k != trial % D ? 0 : size * ipd_random_normal(&rnd));
            if (!(here <= loss_cost(loss, y, at, v, r, D) + allowed)) {
                if (!wrong++)
                    printf("# r = %g, |v| to %g: cost %g\n", (double)r, scale, here);
                break;
            }
        }
    }
    ok(wrong == 0, "%s: global minimiser of %d arguments", loss->name, some_of(CASES));
}

/* softmax(x) - y + r (x - v) = 0, at the penalty where plain Newton diverges. */
static void test_cross_entropy_residual(void)
{
    enum { D = 10 };
    const ipd_loss *loss = ipd_loss_find("cross_entropy");
    double worst = 0;
    for (int i = 0; i < 20000; i++) {
        float y[D] = {0}, v[D], x[D];
        double r = 2e-3, max = -INFINITY, parts = 0;
        y[ipd_random_below(&rnd, D)] = 1;
        for (int k = 0; k < D; k++)
            v[k] = (float)(3 * ipd_random_normal(&rnd));
        loss->prox(y, v, (float)r, x, D, 1);
        for (int k = 0; k < D; k++)
            max = fmax(max, x[k]);
        for (int k = 0; k < D; k++)
            parts += exp(x[k] - max);
        for (int k = 0; k < D; k++)
            worst = fmax(worst, fabs(exp(x[k] - max) / parts - y[k] + (float)r * (x[k] - v[k])));
    }
    ok(worst < 1e-5, "cross-entropy: the largest residual at r = 2e-3 is %.1e", worst);
}

static void test_not_finite(const ipd_activation *a)
{
    float w[] = {NAN, 1, INFINITY}, v[] = {1, NAN, 0.5f}, x[3];
    a->prox(w, v, 2, x, 3);
    ok(isnan(x[0]) && isnan(x[1]) && !(fabsf(x[2]) < 1e30f),
       "%s: arguments that are not finite give such results", a->name);
}

int main(void)
{
    ipd_random_seed(&rnd, 1, 0);
    for (const char *const *name = ipd_activation_names(); *name; name++) {
        test_activation(ipd_activation_find(*name));
        test_not_finite(ipd_activation_find(*name));
    }
    for (const char *const *name = ipd_loss_names(); *name; name++)
        test_loss(ipd_loss_find(*name));
    test_cross_entropy_residual();
    return done();
}
