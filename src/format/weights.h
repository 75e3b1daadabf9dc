/* weights.h - weights in files that PyTorch and NumPy can open directly. */
#ifndef IPD_FORMAT_WEIGHTS_H
#define IPD_FORMAT_WEIGHTS_H

#include "net/network.h"

/* Writes tensors W1, b1, ... WL, bL (float; W_l is d_l x d_{l-1}, row-major), activation, loss and,
 * if known, the size of the images ("28x28"): as .npz if the path ends in that, else as
 * safetensors. The file is either complete or absent. */
int ipd_weights_save(const ipd_network *net, const char *path, ipd_error *e);
/* Initialises *net (empty before) from a file of either format, floats or doubles. activation and
 * loss come from the file if it names them, else from the arguments. Nothing in the file is
 * trusted. */
int ipd_weights_load(ipd_network *net, const char *path, const ipd_activation *activation,
                     const ipd_loss *loss, ipd_error *e);

#endif
