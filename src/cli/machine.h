/* machine.h - the computer: processor, memory, terminal. */
#ifndef IPD_CLI_MACHINE_H
#define IPD_CLI_MACHINE_H

#include <stddef.h>

typedef struct ipd_machine {
    char processor[96]; /* "AMD EPYC 7543 32-Core Processor"; "unknown" */
    int processors;     /* that this process may use */
    int avx2, avx512;   /* what the processor and the system offer */
    double memory;      /* bytes in all; 0 where not known */
    double available;   /* bytes to be had without swapping, limits of a container included */
} ipd_machine;

void ipd_machine_look(ipd_machine *m);

/* "1.4 GB", "210 MB" (powers of ten). */
void ipd_machine_bytes(char *to, size_t size, double bytes);

/* Columns of the terminal behind a descriptor, or `otherwise` where it is none. */
int ipd_terminal_width(int descriptor, int otherwise);
/* 1 where ANSI colours are wanted there: a terminal, not dumb, NO_COLOR not set. */
int ipd_terminal_colour(int descriptor);
int ipd_terminal_utf8(void); /* the locale's characters are UTF-8 */

#endif
