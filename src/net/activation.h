/* activation.h - activation functions with their proximal operators: one table entry each. */
#ifndef IPD_NET_ACTIVATION_H
#define IPD_NET_ACTIVATION_H

#include <stddef.h>

enum { IPD_MAX_KINKS = 2 };

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
    int kinks; /* number of kinks of a piecewise linear sigma; -1: sigma is smooth */
    float kink[IPD_MAX_KINKS]; /* positions of the kinks, ascending */
} ipd_activation;

/* The entry of this name, or NULL. */
const ipd_activation *ipd_activation_find(const char *name);
/* The names in order, NULL-terminated. */
const char *const *ipd_activation_names(void);

#endif
