/* kernel.c - see kernel.h. */
#include "base/kernel.h"
#include "base/blas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Passes the name of the replaced kernel to the re-executed program. */
#define INSTEAD "IPDLAM_KERNEL_INSTEAD_OF"

static char reason[96];

static int among(const char *kernel, const char *const *names)
{
    for (int i = 0; names[i]; i++)
        if (!strcasecmp(kernel, names[i]))
            return 1;
    return 0;
}

const char *ipd_kernel_better(const char *kernel)
{
#if defined(__x86_64__)
    static const char *const with_avx2[] = {"Haswell", "Zen", "Excavator", NULL};
    static const char *const older[] = {
        "Prescott",    "Core2",  "Penryn",      "Dunnington",   "Nehalem",
        "Atom",        "Athlon", "Opteron",     "Opteron_SSE3", "Barcelona",
        "Bobcat",      "Nano",   "Sandybridge", "Bulldozer",    "Piledriver",
        "Steamroller", "Katmai", "Coppermine",  "Northwood",    "Banias",
        NULL};
    int slow = among(kernel, older);
    /* The instructions that the AVX-512 kernels use; the system must also save the registers. */
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return slow || among(kernel, with_avx2) ? "SkylakeX" : NULL;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return slow ? "Haswell" : NULL;
#else
    (void)kernel;
    (void)among;
#endif
    return NULL;
}

void ipd_kernel_choose(char **argv)
{
    const char *instead = getenv(INSTEAD), *asked = getenv("OPENBLAS_CORETYPE");
    const char *kernel = ipd_blas_kernel(), *better;
    char was[64];
    if (instead) {
        snprintf(reason, sizeof reason, "chosen by ipdlam instead of %.40s", instead);
        unsetenv(INSTEAD); /* child programs choose for themselves */
        unsetenv("OPENBLAS_CORETYPE");
        return;
    }
    if (asked && *asked) {
        snprintf(reason, sizeof reason, "set by OPENBLAS_CORETYPE");
        return;
    }
    if (!(better = ipd_kernel_better(kernel)) || !ipd_blas_is_dynamic())
        return;
    snprintf(was, sizeof was, "%s", kernel);
    if (setenv(INSTEAD, was, 1) || setenv("OPENBLAS_CORETYPE", better, 1))
        return;
    execv("/proc/self/exe", argv);
    unsetenv(INSTEAD); /* exec failed: go on with the slower kernel */
    unsetenv("OPENBLAS_CORETYPE");
}

const char *ipd_kernel_reason(void)
{
    return reason;
}
