/* methods.c - see methods.h. */
#include "optim/methods.h"

#include <string.h>

static const ipd_method *const methods[] = {
    &ipd_method_ipdlam,  &ipd_method_bcd,      &ipd_method_relaxed_am, &ipd_method_sgd,
    &ipd_method_adagrad, &ipd_method_adadelta, &ipd_method_rmsprop,    &ipd_method_adam,
    &ipd_method_amsgrad, &ipd_method_adamax};

enum { COUNT = sizeof methods / sizeof *methods };

const ipd_method *ipd_method_find(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (!strcmp(methods[i]->name, name))
            return methods[i];
    return NULL;
}

const char *const *ipd_method_names(void)
{
    static const char *names[COUNT + 1];
    for (size_t i = 0; i < COUNT; i++)
        names[i] = methods[i]->name;
    return names;
}
