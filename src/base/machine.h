/* machine.h - the computer: processor and memory. Any thread. */
#ifndef IPD_BASE_MACHINE_H
#define IPD_BASE_MACHINE_H

#include <stddef.h>

typedef struct ipd_machine {
    char processor[96]; /* "AMD EPYC 7543 32-Core Processor"; "unknown" */
    int processors;     /* that this process may use */
    int avx2, avx512;   /* what the processor and the system offer */
    double memory;      /* as ipd_machine_memory */
    double available;
} ipd_machine;

void ipd_machine_look(ipd_machine *m);

/* Bytes that this process may have in all, and those it could have now without swapping: the least of what the machine has, what control
 * groups (version 1 and 2) allow, and the process's own limits. 0 where it is not known. root: "", or where a test has
 * /proc and /sys. */
void ipd_machine_memory(const char *root, double *total, double *available);

/* "1.4 GiB", "210 MiB", "12 KiB", "7 B" (powers of 1024). */
void ipd_machine_bytes(char *to, size_t size, double bytes);

#endif
