/* kernel.h - which of OpenBLAS's kernels works, and the better one where it chose badly.
 *
 * OpenBLAS chooses when it is loaded, by the processors that it knew when it was made: older versions
 * give a recent AVX-512 processor their AVX2 kernels, at half the speed. The choice can only be made for
 * it before it is loaded.
 */
#ifndef IPD_BASE_KERNEL_H
#define IPD_BASE_KERNEL_H

/* The kernel that this processor and system have the instructions for, where `kernel` uses less; NULL
 * where `kernel` is as good, or what it is is not known. Any thread. */
const char *ipd_kernel_better(const char *kernel);

/* To be called first in main. Where OpenBLAS works with less than the processor offers, and
 * OPENBLAS_CORETYPE does not say otherwise, the program starts itself again with the better kernel:
 * then it does not return. */
void ipd_kernel_choose(char **argv);

/* Why this kernel: "chosen by ipdlam instead of Haswell", "asked for by OPENBLAS_CORETYPE", or "" where
 * OpenBLAS chose it. Static. */
const char *ipd_kernel_reason(void);

#endif
