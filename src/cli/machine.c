/* machine.c - properties of the terminal; see machine.h. */
#include "cli/machine.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int ipd_terminal_colour(int descriptor)
{
    const char *term = getenv("TERM"), *no = getenv("NO_COLOR");
    return isatty(descriptor) && term && *term && strcmp(term, "dumb") && !(no && *no);
}

int ipd_terminal_utf8(void)
{
    return !strcmp(nl_langinfo(CODESET), "UTF-8");
}
