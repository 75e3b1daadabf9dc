/* backprop.h - the gradient of a mini-batch's loss by back-propagation.
 *
 *     L = 1/n sum_n l(y_n, z_{L,n}),   z_l = W_l a_{l-1} + b_l,   a_l = sigma(z_l)
 *     dz_L = dl/dz / n,   dz_l = (W_{l+1}^T dz_{l+1}) o sigma'(z_l)
 *     dW_l = dz_l a_{l-1}^T,   db_l = sum over samples of dz_l
 */
#ifndef IPD_OPTIM_BACKPROP_H
#define IPD_OPTIM_BACKPROP_H

#include "solver/batches.h"

typedef struct ipd_backprop {
    ipd_matrix z[IPD_MAX_LAYERS + 1];  /* d_l x n: z_l, later overwritten by dz_l */
    ipd_matrix a[IPD_MAX_LAYERS + 1];  /* d_l x n, l = 1 ... L-1 */
    ipd_matrix dW[IPD_MAX_LAYERS + 1]; /* d_l x d_{l-1} */
    ipd_matrix db[IPD_MAX_LAYERS + 1]; /* d_l x 1 */
    size_t capacity;                   /* samples for which z and a are allocated */
} ipd_backprop;

/* Allocates arrays for batches of up to n samples on a network of these widths; b starts zeroed.
 * Can be called again with a larger n. After a failure b is unchanged or can be freed. */
int ipd_backprop_resize(ipd_backprop *b, const ipd_network *net, size_t n, ipd_error *e);

/* Fills dW and db for the batch (at most `capacity` samples) and sets *loss to the mean loss over
 * its samples. On all threads; the same bits for any number of threads. */
int ipd_backprop_gradient(ipd_backprop *b, const ipd_network *net, const ipd_batch *batch,
                          double *loss, ipd_error *e);

/* Bytes of the arrays for batches of n samples. */
double ipd_backprop_memory(const ipd_network *net, size_t n);

void ipd_backprop_free(ipd_backprop *b);

#endif
