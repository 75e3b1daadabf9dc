/* vector.h - elementwise work and sums over contiguous floats, in a fixed order of additions.
 *
 * Sums are double, in sixteen lanes that are added at the end, so that compilers can vectorise them
 * without changing a bit. Any thread, also within tasks.
 */
#ifndef IPD_BASE_VECTOR_H
#define IPD_BASE_VECTOR_H

#include <stddef.h>

/* Compiles a function for several instruction sets; the program uses the best that the processor
 * has. The bits are the same for all: products are never contracted with sums, and sums have a
 * fixed order. (ThreadSanitizer is not initialised yet when the choice is made.) */
#if defined __x86_64__ && defined __GNUC__ && !defined __clang__ && !defined __SANITIZE_THREAD__
#define IPD_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define IPD_CLONES
#endif

/* Before a loop over elements: no iteration reads what another one writes, although pointers may be
 * the same. */
#if defined __GNUC__ && !defined __clang__
#define IPD_INDEPENDENT _Pragma("GCC ivdep")
#else
#define IPD_INDEPENDENT
#endif

/* A static function that becomes part of its callers, also of clones. */
#define IPD_INLINE static inline __attribute__((always_inline))

/* sum of (x[i] - y[i])^2: differences in float, which are exact if they are small compared with x,
 * squared and added in double */
double ipd_sum_squared_difference(const float *x, const float *y, size_t count);
/* sum of x[i]^2 */
double ipd_sum_squared(const float *x, size_t count);
/* sum of |x[i]| */
double ipd_sum_absolute(const float *x, size_t count);
/* sum of x[i] (y[i] - c x[i]) */
double ipd_dot_difference(const float *x, const float *y, float c, size_t count);
/* to[i] := from[i] */
void ipd_widen(const float *from, double *to, size_t count);
void ipd_narrow(const double *from, float *to, size_t count);
/* to[i] += x[i] */
void ipd_accumulate(double *to, const float *x, size_t count);
/* x^[i] = x[i] + inertia (x[i] - old[i]), the inertial prediction; to may be old. */
void ipd_predict(const float *x, const float *old, float inertia, float *to, size_t count);

#endif
