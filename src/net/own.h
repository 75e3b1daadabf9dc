/* own.h - a function that the user defines by programs: an activation with its proximal operator.
 * Any thread.
 */
#ifndef IPD_NET_OWN_H
#define IPD_NET_OWN_H

#include "net/minimise.h"

enum {
    IPD_OWN_NAME = 32,    /* bytes of a name */
    IPD_OWN_TEXT = 16500, /* bytes that suffice for the text of a definition */
    IPD_OWN_TEXTS = 65536 /* for the texts of all functions of a network, a newline after each */
};

typedef enum ipd_own_kind { IPD_OWN_ACTIVATION, IPD_OWN_KINDS } ipd_own_kind;

typedef struct ipd_own {
    ipd_own_kind kind;
    char name[IPD_OWN_NAME];
    ipd_program both;         /* value and slope */
    ipd_program value, slope; /* the same, each alone */
    int has_prox;
    ipd_program prox; /* if has_prox; else the minimiser is found by its profile */
    ipd_profile profile;
    char text[IPD_OWN_TEXT];
} ipd_own;

/* Letters of the inputs of value and slope, and of prox; what is uniform in the latter. */
#define IPD_OWN_INPUTS "x"
#define IPD_OWN_PROX_INPUTS "wvr"
enum { IPD_OWN_PROX_UNIFORM = 1 << 2 };

/* y := value, slope. y may be x. */
void ipd_own_value(const ipd_own *f, const float *x, float *y, size_t count);
void ipd_own_slope(const ipd_own *f, const float *x, float *y, size_t count);
/* x := argmin (f(x) - w)^2 + r (x - v)^2; x may be v. */
void ipd_own_prox(const ipd_own *f, const float *w, const float *v, float r, float *x,
                  size_t count);

#endif
