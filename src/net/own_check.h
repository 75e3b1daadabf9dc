/* own_check.h - checks a definition when it is made. */
#ifndef IPD_NET_OWN_CHECK_H
#define IPD_NET_OWN_CHECK_H

#include "net/own.h"

/* -1 and *e if, on a grid, the value is not finite, the slope is not its derivative, or the prox
 * does not minimise. */
int ipd_own_check(const ipd_own *f, ipd_error *e);

#endif
