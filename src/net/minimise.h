/* minimise.h - the proximal operator of a function that is known by value and slope alone.
 *
 *     activation s:       x := argmin (s(x) - w)^2 + r (x - v)^2
 *     loss or penalty l:  x := argmin 2 l(x) + r (x - v)^2
 *
 * The function is tabulated once, so that intervals with a local minimum are found without
 * evaluations; in the best of them a secant method with bisection finds the stationary point. A
 * function of few linear pieces has a closed form. The result is the global minimiser if the
 * function has no features narrower than 1/8 between -8 and 8, or than a tenth of |x| beyond.
 */
#ifndef IPD_NET_MINIMISE_H
#define IPD_NET_MINIMISE_H

#include "net/program.h"

enum { IPD_PROFILE_POINTS = 400, IPD_PROFILE_PIECES = 6 };

typedef struct ipd_profile {
    const ipd_program *program; /* outputs: value and slope; the last input is x; borrowed */
    float y;                    /* the first of two inputs, of a loss */
    int count;
    /* Ascending points with the value and the slope there. Two points enclose each kink. */
    float at[IPD_PROFILE_POINTS], value[IPD_PROFILE_POINTS], slope[IPD_PROFILE_POINTS];
    float least; /* no value is smaller */
    /* Number of pieces if the function is linear between kinks, otherwise 0. Piece i lies between
     * bound[i] and bound[i + 1]; the first and the last bound are infinite. */
    int pieces;
    float piece_slope[IPD_PROFILE_PIECES], piece_offset[IPD_PROFILE_PIECES];
    float bound[IPD_PROFILE_PIECES + 1];
} ipd_profile;

/* Value and slope of the program at each x; y: the first of two inputs, for all. */
void ipd_profile_evaluate(const ipd_program *program, float y, const float *x, float *value,
                          float *slope, size_t count);

/* Tabulates the program; y: the first of two inputs. */
void ipd_profile_make(ipd_profile *c, const ipd_program *program, float y);

/* x[i] := the minimiser; x may be v. w is NULL for a loss. NaN if an argument is not finite. */
void ipd_profile_minimise(const ipd_profile *c, const float *w, const float *v, float r, float *x,
                          size_t count);

#endif
