/* smooth.c - the global minimiser of f(x) = (tanh(x) - w)^2 + r (x - v)^2.
 *
 * By symmetry let w >= tanh(v); then the minimiser is at least v. With t = tanh(x),
 *
 *   f'/2 = g(x)  = (t - w)(1 - t^2) + r (x - v)
 *          g'(x) = q(t) + r,   q(t) = (1 - t^2)(1 + 2 w t - 3 t^2).
 *
 * For x >= v with tanh(x) <= w, q is negative only for t in (-1, t1), t1 = (w - sqrt(w^2 + 3))/3,
 * and has one minimum there. So g rises, falls between the two points with q = -r (if they exist),
 * and rises again: f has at most two minima, one on each side of the falling part, and each can be
 * bracketed. The sigmoid reduces to tanh: (s(x) - w)^2 + r (x - v)^2 is a quarter of (tanh(x/2) -
 * (2 w - 1))^2 + 16 r (x/2 - v/2)^2.
 */
#include "net/smooth.h"

#include <math.h>

typedef struct problem {
    double w, v, r;
} problem;

static double cost(const problem *p, double x)
{
    double a = tanh(x) - p->w, b = x - p->v;
    return a * a + p->r * b * b;
}

static double q(const problem *p, double t)
{
    return (1 - t) * (1 + t) * (1 + 2 * p->w * t - 3 * t * t);
}

/* q'(t) = 12 t^3 - 6 w t^2 - 8 t + 2 w */
static double q_slope(const problem *p, double t)
{
    return ((12 * t - 6 * p->w) * t - 8) * t + 2 * p->w;
}

/* The root of g in [low, high], where g rises and g(low) <= 0 <= g(high): Newton's method, with
 * bisection if a step would leave the bracket or does not halve the step before last. */
static double root_of_g(const problem *p, double low, double high)
{
    double x = 0.5 * (low + high), last = high - low, before = last;
    for (int i = 0; i < 200; i++) {
        double t = tanh(x), u = (1 - t) * (1 + t);
        double g = (t - p->w) * u + p->r * (x - p->v);
        double slope = u * (1 + 2 * p->w * t - 3 * t * t) + p->r;
        if (g > 0)
            high = x;
        else
            low = x;
        double next = x - g / slope;
        if (!(next > low && next < high) || fabs(next - x) > 0.5 * before)
            next = 0.5 * (low + high);
        before = last;
        last = fabs(next - x);
        x = next;
        if (last <= 1e-9 * (1 + fabs(x)))
            break;
    }
    return x;
}

/* The t in [low, high] with f(t) + shift = 0, where the sign changes. */
static double bisect(const problem *p, double (*f)(const problem *, double), double shift,
                     double low, double high)
{
    int rising = f(p, high) + shift > 0;
    for (int i = 0; i < 60; i++) {
        double t = 0.5 * (low + high);
        if ((f(p, t) + shift > 0) == rising)
            high = t;
        else
            low = t;
    }
    return 0.5 * (low + high);
}

/* The minimiser of f for w >= tanh(v). */
static double minimiser(const problem *p)
{
    double gap = p->w - tanh(p->v);
    /* f(x) <= f(v) bounds x from above, and tanh(x) <= w does too. */
    double high = p->v + gap / sqrt(p->r);
    if (p->w < 1)
        high = fmin(high, fmax(p->v, atanh(p->w)));
    double t1 = -1 / (p->w + sqrt(p->w * p->w + 3)); /* (w - sqrt(w^2 + 3))/3 */
    if (tanh(p->v) >= t1)
        return root_of_g(p, p->v, high); /* g rises all the way */
    double lowest = bisect(p, q_slope, 0, -1, fmax(t1, -1));
    if (q(p, lowest) >= -p->r)
        return root_of_g(p, p->v, high);
    double fall = atanh(bisect(p, q, p->r, -1, lowest)); /* g falls from here */
    double rise = atanh(bisect(p, q, p->r, lowest, t1)); /* to here */
    double near = p->v, far = high;
    int has_near = fall > p->v, has_far = rise < high;
    if (has_near)
        near = root_of_g(p, p->v, fmin(fall, high));
    if (has_far)
        far = root_of_g(p, fmax(rise, p->v), high);
    if (has_near && has_far)
        return cost(p, near) <= cost(p, far) ? near : far;
    return has_near ? near : has_far ? far : p->v;
}

static double tanh_prox(double w, double v, double r)
{
    if (!isfinite(w) || !isfinite(v))
        return w + v;
    if (w >= tanh(v))
        return minimiser(&(problem){w, v, r});
    return -minimiser(&(problem){-w, -v, r});
}

void ipd_tanh_apply(const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = tanhf(x[i]);
}

void ipd_tanh_prox(const float *w, const float *v, float r, float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (float)tanh_prox(w[i], v[i], r);
}

void ipd_sigmoid_apply(const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = 0.5f + 0.5f * tanhf(0.5f * x[i]);
}

void ipd_sigmoid_prox(const float *w, const float *v, float r, float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (float)(2 * tanh_prox(2.0 * w[i] - 1, 0.5 * v[i], 16.0 * r));
}

/* 1 - tanh^2, without cancellation where tanh is near 1 */
void ipd_tanh_derivative(const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float t = tanhf(x[i]);
        y[i] = (1 - t) * (1 + t);
    }
}

void ipd_sigmoid_derivative(const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float t = tanhf(0.5f * x[i]);
        y[i] = 0.25f * (1 - t) * (1 + t);
    }
}
