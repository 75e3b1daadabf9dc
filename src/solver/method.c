/* method.c - what holds for every method: see method.h. */
#include "solver/method.h"

int ipd_method_order(const ipd_method *method, ipd_order *order, const char *text, int L,
                     ipd_error *e)
{
    if (ipd_order_parse(order, text, L, e))
        return -1;
    if (method->sweep)
        method->sweep(order, L);
    return 0;
}
