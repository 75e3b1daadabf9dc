/* methods.h - the table of all training methods. To add one: write its file and add its
 * line here. */
#ifndef IPD_OPTIM_METHODS_H
#define IPD_OPTIM_METHODS_H

#include "solver/method.h"

/* The classical optimizers on back-propagation, as PyTorch defines them. */
extern const ipd_method ipd_method_sgd, ipd_method_adagrad, ipd_method_adadelta, ipd_method_rmsprop,
    ipd_method_adam, ipd_method_amsgrad, ipd_method_adamax;

/* The method of this name, or NULL. */
const ipd_method *ipd_method_find(const char *name);
/* The names in order, NULL-terminated. */
const char *const *ipd_method_names(void);

#endif
