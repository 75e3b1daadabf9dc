/* machine.h - the computer: processor and memory. Any thread. */
#ifndef IPD_BASE_MACHINE_H
#define IPD_BASE_MACHINE_H

#include <stddef.h>

typedef struct ipd_machine {
    char processor[96]; /* "AMD EPYC 7543 32-Core Processor"; "unknown" */
    int processors;     /* that this process may use */
    int avx2, avx512;   /* what the processor and the system offer */
    double memory;      /* bytes in all; 0 where not known */
    double available;   /* bytes to be had without swapping, limits of a container included */
} ipd_machine;

void ipd_machine_look(ipd_machine *m);

/* "1.4 GiB", "210 MiB", "12 KiB", "7 B" (powers of 1024). */
void ipd_machine_bytes(char *to, size_t size, double bytes);

#endif
