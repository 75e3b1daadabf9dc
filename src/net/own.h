/* own.h - a function that the user defines by programs: an activation, a loss, or a penalty on
 * weights, with its proximal operator. A loss is a sum over the outputs, with targets 0 and 1; a
 * penalty is a sum over the weights. Any thread.
 */
#ifndef IPD_NET_OWN_H
#define IPD_NET_OWN_H

#include "net/minimise.h"

enum {
    IPD_OWN_NAME = 32,    /* bytes of a name */
    IPD_OWN_TEXT = 16500, /* bytes that suffice for the text of a definition */
    IPD_OWN_TEXTS = 65536 /* for the texts of all functions of a network, a newline after each */
};

typedef enum ipd_own_kind {
    IPD_OWN_ACTIVATION,
    IPD_OWN_LOSS,
    IPD_OWN_PENALTY,
    IPD_OWN_KINDS
} ipd_own_kind;
/* The word that begins a definition, and with an article. */
extern const char *const ipd_own_kinds[IPD_OWN_KINDS], *const ipd_own_with_article[IPD_OWN_KINDS];

typedef struct ipd_own {
    ipd_own_kind kind;
    char name[IPD_OWN_NAME];
    ipd_program both;         /* of x, or of y and z for a loss: its outputs are value and slope */
    ipd_program value, slope; /* the same, each alone */
    int has_prox;
    ipd_program prox;       /* if has_prox; otherwise `profile` serves to find the minimiser */
    ipd_profile profile[2]; /* of a loss, for y = 0 and y = 1; otherwise only the first */
    void *entry;            /* its entry as an activation, loss or penalty; see definitions.h */
    char text[IPD_OWN_TEXT];
} ipd_own;

/* The letters of the inputs of value and slope; those of prox; and which of these are uniform, as
 * in ipd_program: only the last, r. */
const char *ipd_own_inputs(ipd_own_kind kind);
const char *ipd_own_prox_inputs(ipd_own_kind kind);
unsigned ipd_own_prox_uniform(ipd_own_kind kind);

/* For an activation. y := its value or its slope; y may be x. */
void ipd_own_value(const ipd_own *f, const float *x, float *y, size_t count);
void ipd_own_slope(const ipd_own *f, const float *x, float *y, size_t count);
/* x := argmin (f(x) - w)^2 + r (x - v)^2; x may be v. */
void ipd_own_prox(const ipd_own *f, const float *w, const float *v, float r, float *x,
                  size_t count);

/* For a loss l. Returns the sum of its values; g := its slope in z, where g may be z; x := argmin
 * l(y, x) + r/2 (x - v)^2, where x may be v. */
double ipd_own_sum(const ipd_own *f, const float *y, const float *z, size_t count);
void ipd_own_gradient(const ipd_own *f, const float *y, const float *z, float *g, size_t count);
void ipd_own_loss_prox(const ipd_own *f, const float *y, const float *v, float r, float *x,
                       size_t count);

/* For a penalty R. Returns the sum of its values; x := argmin R(x) + r/2 (x - v)^2, where r > 0 and
 * x may be v. */
double ipd_own_penalty(const ipd_own *f, const float *x, size_t count);
void ipd_own_penalty_prox(const ipd_own *f, const float *v, float r, float *x, size_t count);

#endif
