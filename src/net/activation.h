/* activation.h - activation functions with their proximal operators: one table entry each. */
#ifndef IPD_NET_ACTIVATION_H
#define IPD_NET_ACTIVATION_H

#include <stddef.h>

enum { IPD_MAX_KINKS = 2 };

typedef struct ipd_activation {
    const char *name;    /* "relu" */
    const char *summary; /* one line for help */
    int convex_step;     /* the z-step is convex: descent is proved for alpha < 1, not only 1/2 */
    /* y[i] := sigma(x[i]); y may be x. */
    void (*apply)(const float *x, float *y, size_t count);
    /* x[i] := argmin_x (sigma(x) - w[i])^2 + r (x - v[i])^2, the global minimiser; x may be v. */
    void (*prox)(const float *w, const float *v, float r, float *x, size_t count);
    /* y[i] := sigma'(x[i]), PyTorch's choice where there is a kink; y may be x. */
    void (*derivative)(const float *x, float *y, size_t count);
    int kinks; /* how many, where sigma is made of linear pieces; -1: it is smooth */
    float kink[IPD_MAX_KINKS]; /* where the pieces meet, ascending */
} ipd_activation;

/* The entry called `name`, or NULL. */
const ipd_activation *ipd_activation_find(const char *name);
/* Names in order, ending with NULL. */
const char *const *ipd_activation_names(void);

#endif
