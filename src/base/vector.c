/* vector.c - see vector.h. */
#include "base/vector.h"

#include <math.h>

/* Independent partial sums: two of the widest registers, since additions to a single one would wait
 * for each other. */
enum { LANES = 16 };

/* Inlined: gcc leaves the upper halves of vector registers in use when a clone calls it, and slows
 * down all that follows, such as tanhf. */
IPD_INLINE double add_lanes(const double *lane)
{
    double pair[LANES / 2], four[LANES / 4];
    for (int k = 0; k < LANES / 2; k++)
        pair[k] = lane[2 * k] + lane[2 * k + 1];
    for (int k = 0; k < LANES / 4; k++)
        four[k] = pair[2 * k] + pair[2 * k + 1];
    return (four[0] + four[1]) + (four[2] + four[3]);
}

IPD_CLONES double ipd_sum_squared_difference(const float *x, const float *y, size_t count)
{
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int k = 0; k < LANES; k++) {
            double d = (double)(x[i + k] - y[i + k]);
            lane[k] += d * d;
        }
    for (int k = 0; i < count; i++, k++) {
        double d = (double)(x[i] - y[i]);
        lane[k] += d * d;
    }
    return add_lanes(lane);
}

IPD_CLONES double ipd_sum_squared(const float *x, size_t count)
{
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] += (double)x[i + k] * (double)x[i + k];
    for (int k = 0; i < count; i++, k++)
        lane[k] += (double)x[i] * (double)x[i];
    return add_lanes(lane);
}

IPD_CLONES double ipd_sum_absolute(const float *x, size_t count)
{
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] += fabs((double)x[i + k]);
    for (int k = 0; i < count; i++, k++)
        lane[k] += fabs((double)x[i]);
    return add_lanes(lane);
}

IPD_CLONES double ipd_dot_difference(const float *x, const float *y, float c, size_t count)
{
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] += (double)x[i + k] * ((double)y[i + k] - (double)c * (double)x[i + k]);
    for (int k = 0; i < count; i++, k++)
        lane[k] += (double)x[i] * ((double)y[i] - (double)c * (double)x[i]);
    return add_lanes(lane);
}

IPD_CLONES void ipd_widen(const float *from, double *to, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = from[i];
}

IPD_CLONES void ipd_narrow(const double *from, float *to, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (float)from[i];
}

IPD_CLONES void ipd_accumulate(double *to, const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] += (double)x[i];
}

IPD_CLONES void ipd_predict(const float *x, const float *old, float inertia, float *to,
                            size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = x[i] + inertia * (x[i] - old[i]);
}
