/* machine.h - the computer: processor and memory. Any thread. */
#ifndef IPD_BASE_MACHINE_H
#define IPD_BASE_MACHINE_H

#include <stddef.h>

typedef struct ipd_machine {
    char processor[96]; /* "AMD EPYC 7543 32-Core Processor"; "unknown" */
    int processors;     /* from ipd_machine_processors */
    int avx2, avx512;   /* supported by the processor and the system */
    double memory;      /* bytes, from ipd_machine_memory */
    double available;
} ipd_machine;

void ipd_machine_look(ipd_machine *m);

/* Number of processors that this process may use, at least 1. */
int ipd_machine_processors(void);

/* Bytes that this process may use in total, and bytes available now without swapping: the minimum
 * over the machine, its control groups (version 1 and 2), and the process's limits. 0 if unknown.
 * root: "", or the folder that holds a test's /proc and /sys. */
void ipd_machine_memory(const char *root, double *total, double *available);

/* The kilobytes after `key` in /proc/self/status, in bytes; 0 if unknown. "VmRSS:" is the memory in
 * use by the process. */
double ipd_machine_status(const char *key);

/* "1.4 GiB", "210 MiB", "12 KiB", "7 B" (powers of 1024). */
void ipd_machine_bytes(char *to, size_t size, double bytes);

/* Columns of the terminal behind a descriptor; `otherwise` if it is not a terminal. */
int ipd_terminal_width(int descriptor, int otherwise);

#endif
