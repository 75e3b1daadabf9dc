/* weights.h - weights in files that PyTorch and NumPy users open as they are. */
#ifndef IPD_FORMAT_WEIGHTS_H
#define IPD_FORMAT_WEIGHTS_H

#include "net/network.h"

/* Writes tensors W1, b1, ... WL, bL (float; W_l is d_l x d_{l-1}, row-major), activation, loss and, where
 * it is known, the size of the images ("28x28"): an .npz for a path that ends so, else safetensors. Whole or not at all. */
int ipd_weights_save(const ipd_network *net, const char *path, ipd_error *e);
/* Makes *net (empty before) of what the file holds, either kind; floats or doubles. activation and
 * loss come from the file where it names them, else from the arguments. The file is trusted in
 * nothing. */
int ipd_weights_load(ipd_network *net, const char *path, const ipd_activation *activation,
                     const ipd_loss *loss, ipd_error *e);

#endif
