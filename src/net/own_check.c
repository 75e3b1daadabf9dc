/* own_check.c - see own_check.h. */
#include "net/own_check.h"

#include <math.h>
#include <stdio.h>

enum { POINTS = 128, W_POINTS = 9, V_POINTS = 25, PAIRS = W_POINTS * V_POINTS };
#define RANGE 8.0
#define STEP 0x1p-9f /* of the difference quotients */

/* 1 if d lies among the three slopes, up to rounding of values of this size. */
static int is_slope(float d, const float *slopes, float size)
{
    float low = fminf(slopes[0], fminf(slopes[1], slopes[2]));
    float high = fmaxf(slopes[0], fmaxf(slopes[1], slopes[2]));
    float loose = 2e-3f * (1 + fmaxf(fabsf(low), fabsf(high))) + 2e-7f * size / STEP;
    return d >= low - loose && d <= high + loose;
}

/* Compares difference quotients with the slopes nearby, among which they must lie by the mean value
 * theorem. y is the target of a loss. */
static int check_slope(const ipd_own *f, float y, ipd_error *e)
{
    const char *name = f->kind == IPD_OWN_LOSS ? "gradient" : "slope";
    char target[24] = "";
    if (f->kind == IPD_OWN_LOSS)
        snprintf(target, sizeof target, "y = %g, z = ", (double)y);
    for (int i = 0; i < POINTS; i++) {
        float at = (float)(RANGE * (2.0 * i + 0.74) / POINTS - RANGE);
        float x[3] = {at - STEP, at, at + STEP}, value[3], slope[3];
        ipd_profile_evaluate(&f->both, y, x, value, slope, 3);
        float d = (value[2] - value[0]) / (x[2] - x[0]);
        if (!isfinite(value[1]) || !isfinite(d))
            return ipd_fail(e, IPD_EUSAGE,
                            "%s '%s': value(%s%.4g) is %g. Define it so that it is finite for "
                            "every number",
                            ipd_own_kinds[f->kind], f->name, target, (double)at, (double)value[1]);
        if (!is_slope(d, slope, fabsf(value[1])))
            return ipd_fail(e, IPD_EUSAGE,
                            "%s '%s': %s(%s%.4g) is %.4g, but value rises by %.4g per unit there. "
                            "Make %s the derivative of value",
                            ipd_own_kinds[f->kind], f->name, name, target, (double)at,
                            (double)slope[1], (double)d, name);
    }
    return 0;
}

/* The function that prox minimises, written in cost_text. */
static double cost(const ipd_own *f, float value, float w, float x, float v, float r)
{
    double fit = (double)value - w, off = (double)x - v;
    return f->kind == IPD_OWN_ACTIVATION ? fit * fit + r * off * off
                                         : (double)value + r / 2 * off * off;
}

static const char *const cost_text[] = {[IPD_OWN_ACTIVATION] = "(value(x) - w)^2 + r (x - v)^2",
                                        [IPD_OWN_LOSS] = "value(y, x) + r/2 (x - v)^2",
                                        [IPD_OWN_PENALTY] = "value(x) + r/2 (x - v)^2"};

static void minimise(const ipd_own *f, const float *w, const float *v, float r, float *x,
                     size_t count)
{
    if (f->kind == IPD_OWN_LOSS)
        ipd_own_loss_prox(f, w, v, r, x, count);
    else if (f->kind == IPD_OWN_PENALTY)
        ipd_own_penalty_prox(f, v, r, x, count);
    else
        ipd_own_prox(f, w, v, r, x, count);
}

/* Compares prox with the minimiser found by the profile, at pairs of v and w, or y for a loss. */
static int check_prox_at(const ipd_own *f, float r, ipd_error *e)
{
    int is_loss = f->kind == IPD_OWN_LOSS, fits = f->kind == IPD_OWN_ACTIVATION;
    float w[PAIRS], v[PAIRS], given[PAIRS], found[PAIRS], at_given, at_found, slope;
    for (int i = 0; i < PAIRS; i++) {
        w[i] = is_loss ? (float)(i % 2) : (float)(i % W_POINTS - W_POINTS / 2) * 0.73f + 0.11f;
        v[i] = (float)(i / W_POINTS - V_POINTS / 2) * 0.31f + 0.07f;
    }
    minimise(f, w, v, r, given, PAIRS);
    for (int i = 0; i < PAIRS; i++) {
        const ipd_profile *profile = &f->profile[is_loss && w[i] > 0.5f];
        ipd_profile_minimise(profile, fits ? &w[i] : NULL, &v[i], r, &found[i], 1);
        ipd_profile_evaluate(&f->both, w[i], &given[i], &at_given, &slope, 1);
        ipd_profile_evaluate(&f->both, w[i], &found[i], &at_found, &slope, 1);
        double mine = cost(f, at_given, w[i], given[i], v[i], r);
        double best = cost(f, at_found, w[i], found[i], v[i], r);
        double size = 1 + fabs((double)w[i]) + fabs((double)v[i]);
        if (mine <= best + 2e-6 * size * size * (1 + r))
            continue;
        char first[24] = "";
        if (f->kind != IPD_OWN_PENALTY)
            snprintf(first, sizeof first, "%s = %.4g, ", is_loss ? "y" : "w", (double)w[i]);
        return ipd_fail(e, IPD_EUSAGE,
                        "%s '%s': prox(%sv = %.4g, r = %g) is %.4g, where %s is %.4g; at "
                        "x = %.4g it is %.4g. Make prox the minimiser, or leave it out",
                        ipd_own_kinds[f->kind], f->name, first, (double)v[i], (double)r,
                        (double)given[i], cost_text[f->kind], mine, (double)found[i], best);
    }
    return 0;
}

int ipd_own_check(const ipd_own *f, ipd_error *e)
{
    static const float weights[] = {1, 1.5f, 2, 6, 101};
    if (check_slope(f, 0, e) || (f->kind == IPD_OWN_LOSS && check_slope(f, 1, e)))
        return -1;
    for (size_t i = 0; f->has_prox && i < sizeof weights / sizeof *weights; i++)
        if (check_prox_at(f, weights[i], e))
            return -1;
    return 0;
}
