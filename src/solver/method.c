/* method.c - the table of methods. */
#include "solver/method.h"

#include <string.h>

const ipd_method *ipd_method_find(const char *name)
{
    static const ipd_method *const methods[] = {&ipd_method_ipdlam};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (!strcmp(methods[i]->name, name))
            return methods[i];
    return NULL;
}
