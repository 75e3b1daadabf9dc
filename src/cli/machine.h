/* machine.h - properties of the terminal. */
#ifndef IPD_CLI_MACHINE_H
#define IPD_CLI_MACHINE_H

#include "base/machine.h"

/* Returns 1 if the descriptor is a terminal with colours: not dumb, and NO_COLOR is not set. */
int ipd_terminal_colour(int descriptor);
int ipd_terminal_utf8(void); /* 1 if the locale uses UTF-8 */

#endif
