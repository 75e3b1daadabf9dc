/* kernel.h - finds the OpenBLAS kernel in use and replaces it if OpenBLAS chose a slow one.
 *
 * OpenBLAS chooses its kernel at load time from the processors it knew at its release: older
 * versions use AVX2 kernels on a recent AVX-512 processor, at half the speed. The choice can only
 * be overridden before it is loaded.
 */
#ifndef IPD_BASE_KERNEL_H
#define IPD_BASE_KERNEL_H

/* A kernel for this processor and system that uses more instructions than `kernel`; NULL if
 * `kernel` is as good or unknown. Any thread. */
const char *ipd_kernel_better(const char *kernel);

/* Call first in main. If OpenBLAS uses less than the processor offers and OPENBLAS_CORETYPE is not
 * set, this re-executes the program with the better kernel and does not return. */
void ipd_kernel_choose(char **argv);

/* The reason for the kernel: "chosen by ipdlam instead of Haswell", "set by OPENBLAS_CORETYPE", or
 * "" if OpenBLAS chose it. Static. */
const char *ipd_kernel_reason(void);

#endif
