/* vector.h - elementwise work and sums over contiguous floats, in a fixed order of additions.
 *
 * Sums are double, in eight lanes that are added at the end, so that compilers may vectorise them
 * without changing a bit. Any thread, also within tasks.
 */
#ifndef IPD_BASE_VECTOR_H
#define IPD_BASE_VECTOR_H

#include <stddef.h>

/* sum of (x[i] - y[i])^2 */
double ipd_sum_squared_difference(const float *x, const float *y, size_t count);
/* sum of x[i]^2 */
double ipd_sum_squared(const float *x, size_t count);
/* sum of |x[i]| */
double ipd_sum_absolute(const float *x, size_t count);
/* sum of x[i] */
double ipd_sum(const float *x, size_t count);
/* to[i] += x[i] */
void ipd_accumulate(double *to, const float *x, size_t count);
/* x^[i] = x[i] + inertia (x[i] - old[i]), the inertial prediction; to may be old. */
void ipd_predict(const float *x, const float *old, float inertia, float *to, size_t count);

#endif
