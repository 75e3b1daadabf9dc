/* smooth.h - activations whose proximal operator has no closed form: tanh and sigmoid. */
#ifndef IPD_NET_SMOOTH_H
#define IPD_NET_SMOOTH_H

#include <stddef.h>

/* Members of ipd_activation. */
void ipd_tanh_apply(const float *x, float *y, size_t count);
void ipd_tanh_prox(const float *w, const float *v, float r, float *x, size_t count);
void ipd_tanh_derivative(const float *x, float *y, size_t count);
void ipd_sigmoid_apply(const float *x, float *y, size_t count);
void ipd_sigmoid_prox(const float *w, const float *v, float r, float *x, size_t count);
void ipd_sigmoid_derivative(const float *x, float *y, size_t count);

#endif
