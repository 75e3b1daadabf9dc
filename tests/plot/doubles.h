/* doubles.h - random doubles of all kinds: subnormal and huge ones, equal ones, NaN and
 * infinities. */
#ifndef TESTS_PLOT_DOUBLES_H
#define TESTS_PLOT_DOUBLES_H

#include "base/random.h"

#include <float.h>
#include <math.h>
#include <string.h>

static ipd_random random_state;

__attribute__((unused)) static int one_of(int count)
{
    return (int)ipd_random_below(&random_state, (uint64_t)count);
}

/* The kinds of numbers of which a set is made; each set has a few of them. */
__attribute__((unused)) static double number(int kind)
{
    static const double special[] = {0,       -0.0,     1,      DBL_MAX,        -DBL_MAX,
                                     DBL_MIN, 1e-310,   2e-310, DBL_TRUE_MIN,   -DBL_TRUE_MIN,
                                     1.7e308, -1.7e308, 1,      1 + DBL_EPSILON};
    uint64_t bits = ipd_random_bits(&random_state);
    double value;

    switch (kind) {
    case 0:
        return special[one_of(sizeof special / sizeof *special)];
    case 1:
        return ipd_random_uniform(&random_state);
    case 2:
        return ipd_random_normal(&random_state) * pow(10, one_of(617) - 308);
    case 3:
        return 1e15 + one_of(3);
    case 4:
        return 0.1 + one_of(4) * DBL_EPSILON;
    case 5:
        return one_of(100) - 20;
    case 6:
        return one_of(2) ? NAN : one_of(2) ? INFINITY : -INFINITY;
    case 7:
        return DBL_TRUE_MIN * (double)one_of(5000);
    default:
        memcpy(&value, &bits, sizeof value);
        return value;
    }
}

__attribute__((unused)) static void fill(double *to, size_t count)
{
    int first = one_of(9), second = one_of(9), third = one_of(9);

    for (size_t i = 0; i < count; i++)
        to[i] = number(one_of(8) ? first : one_of(2) ? second : third);
}

#endif
