/* machine.h - the computer and its terminal. */
#ifndef IPD_CLI_MACHINE_H
#define IPD_CLI_MACHINE_H

#include "base/machine.h"

/* 1 where ANSI colours are wanted there: a terminal, not dumb, NO_COLOR not set. */
int ipd_terminal_colour(int descriptor);
int ipd_terminal_utf8(void); /* the locale's characters are UTF-8 */

#endif
