/* activation.h - activation functions with their proximal operators: one table entry each, and
 * those that the user defines. */
#ifndef IPD_NET_ACTIVATION_H
#define IPD_NET_ACTIVATION_H

#include "net/own.h"

enum { IPD_MAX_KINKS = 2, IPD_ANY_KINKS = -2 };

typedef struct ipd_activation {
    const char *name;    /* "relu" */
    const char *summary; /* one line for help */
    int convex_step;     /* 1: the z-step is convex, so descent is proved for alpha < 1 instead of
                          * alpha < 1/2 */
    /* y[i] := sigma(x[i]); y may be x. */
    void (*apply)(const float *x, float *y, size_t count);
    /* x[i] := argmin_x (sigma(x) - w[i])^2 + r (x - v[i])^2, the global minimiser; x may be v. */
    void (*prox)(const float *w, const float *v, float r, float *x, size_t count);
    /* y[i] := sigma'(x[i]), with PyTorch's value at a kink; y may be x. */
    void (*derivative)(const float *x, float *y, size_t count);
    int kinks; /* number of kinks of a piecewise linear sigma; -1: sigma is smooth; IPD_ANY_KINKS */
    float kink[IPD_MAX_KINKS]; /* positions of the kinks, ascending */
    const ipd_own *own; /* defined by the user: its functions take the place of those above */
} ipd_activation;

/* The three functions of f. */
static inline void ipd_activation_apply(const ipd_activation *f, const float *x, float *y,
                                        size_t count)
{
    if (f->own)
        ipd_own_value(f->own, x, y, count);
    else
        f->apply(x, y, count);
}

static inline void ipd_activation_prox(const ipd_activation *f, const float *w, const float *v,
                                       float r, float *x, size_t count)
{
    if (f->own)
        ipd_own_prox(f->own, w, v, r, x, count);
    else
        f->prox(w, v, r, x, count);
}

static inline void ipd_activation_derivative(const ipd_activation *f, const float *x, float *y,
                                             size_t count)
{
    if (f->own)
        ipd_own_slope(f->own, x, y, count);
    else
        f->derivative(x, y, count);
}

/* The entry of this name, or NULL. */
const ipd_activation *ipd_activation_find(const char *name);
/* Defines an activation, or reads a definition; see definitions.h. A built-in
 * name is refused. */
const ipd_activation *ipd_activation_define(const char *name, const ipd_program *both,
                                            const ipd_program *prox, ipd_error *e);
const ipd_activation *ipd_activation_read(const char *line, int is_current, ipd_error *e);
/* The names in order; ends with NULL. */
const char *const *ipd_activation_names(void);

#endif
