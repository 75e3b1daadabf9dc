/* own_check.c - see own_check.h. */
#include "net/own_check.h"

#include <math.h>

static const char *const kinds[] = {"activation"};

enum { POINTS = 128, W_POINTS = 9, V_POINTS = 25, PAIRS = W_POINTS * V_POINTS };
#define RANGE 8.0
#define STEP 0x1p-9f /* of differences */

/* Whether d is one of the slopes near x, up to rounding of values of this size. */
static int is_slope(float d, const float *slopes, float size)
{
    float low = fminf(slopes[0], fminf(slopes[1], slopes[2]));
    float high = fmaxf(slopes[0], fmaxf(slopes[1], slopes[2]));
    float loose = 2e-3f * (1 + fmaxf(fabsf(low), fabsf(high))) + 2e-7f * size / STEP;
    return d >= low - loose && d <= high + loose;
}

/* By the mean value theorem the difference quotient lies among the slopes nearby. */
static int check_slope(const ipd_own *f, ipd_error *e)
{
    for (int i = 0; i < POINTS; i++) {
        float at = (float)(RANGE * (2.0 * i + 0.74) / POINTS - RANGE);
        float x[3] = {at - STEP, at, at + STEP}, value[3], slope[3];
        ipd_own_value(f, x, value, 3);
        ipd_own_slope(f, x, slope, 3);
        float d = (value[2] - value[0]) / (x[2] - x[0]);
        if (!isfinite(value[1]) || !isfinite(d))
            return ipd_fail(e, IPD_EUSAGE,
                            "%s '%s': value(%.4g) is %g. Define it so that it is finite for every "
                            "number",
                            kinds[f->kind], f->name, (double)at, (double)value[1]);
        if (!is_slope(d, slope, fabsf(value[1])))
            return ipd_fail(e, IPD_EUSAGE,
                            "%s '%s': slope(%.4g) is %.4g, but value rises by %.4g per unit there. "
                            "Make slope the derivative of value",
                            kinds[f->kind], f->name, (double)at, (double)slope[1], (double)d);
    }
    return 0;
}

static double cost(float value, float w, float x, float v, float r)
{
    double fit = (double)value - w, off = (double)x - v;
    return fit * fit + r * off * off;
}

static int check_prox_at(const ipd_own *f, float r, ipd_error *e)
{
    float w[PAIRS], v[PAIRS], given[PAIRS], found[PAIRS], at_given[PAIRS], at_found[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        w[i] = (float)(i % W_POINTS - W_POINTS / 2) * 0.73f + 0.11f;
        v[i] = (float)(i / W_POINTS - V_POINTS / 2) * 0.31f + 0.07f;
    }
    ipd_own_prox(f, w, v, r, given, PAIRS);
    ipd_profile_minimise(&f->profile, w, v, r, found, PAIRS);
    ipd_own_value(f, given, at_given, PAIRS);
    ipd_own_value(f, found, at_found, PAIRS);
    for (int i = 0; i < PAIRS; i++) {
        double mine = cost(at_given[i], w[i], given[i], v[i], r);
        double best = cost(at_found[i], w[i], found[i], v[i], r);
        double size = 1 + fabs((double)w[i]) + fabs((double)v[i]);
        if (mine <= best + 2e-6 * size * size * (1 + r))
            continue;
        return ipd_fail(e, IPD_EUSAGE,
                        "%s '%s': prox(w = %.4g, v = %.4g, r = %g) is %.4g, where (value(x) - "
                        "w)^2 + r (x - v)^2 is %.4g; at x = %.4g it is %.4g. Make prox the "
                        "minimiser, or leave it out",
                        kinds[f->kind], f->name, (double)w[i], (double)v[i], (double)r,
                        (double)given[i], mine, (double)found[i], best);
    }
    return 0;
}

int ipd_own_check(const ipd_own *f, ipd_error *e)
{
    static const float weights[] = {1, 1.5f, 2, 6, 101};
    if (check_slope(f, e))
        return -1;
    for (size_t i = 0; f->has_prox && i < sizeof weights / sizeof *weights; i++)
        if (check_prox_at(f, weights[i], e))
            return -1;
    return 0;
}
