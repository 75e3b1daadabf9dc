/* schedule.c - see schedule.h. */
#include "solver/schedule.h"

#include <float.h>
#include <math.h>
#include <string.h>

const char *const *ipd_schedule_names(void)
{
    static const char *const names[] = {"constant", "anneal", "cosine", NULL};
    return names;
}

ipd_schedule_kind ipd_schedule_find(const char *name)
{
    int kind = IPD_SCHEDULE_COSINE;
    while (kind > IPD_SCHEDULE_CONSTANT && strcmp(name, ipd_schedule_names()[kind]))
        kind--;
    return (ipd_schedule_kind)kind;
}

double ipd_schedule_factor(ipd_schedule_kind kind, double u)
{
    const double hold = 0.3, last = 0.01, pi = 3.14159265358979323846;
    double fallen = fmin(fmax((u - hold) / (1 - hold), 0), 1);
    if (kind == IPD_SCHEDULE_COSINE)
        return (1 + cos(pi * fmin(u, 1))) / 2;
    return kind == IPD_SCHEDULE_ANNEAL ? 1 - (1 - last) * fallen : 1;
}

double ipd_schedule_done(int length, int k, int batch, int batches)
{
    return length > 0 ? ((k - 1.0) * batches + batch) / ((double)length * batches) : 0;
}

const char *const *ipd_rho_schedule_names(void)
{
    static const char *const names[] = {"geometric", "constant", "anneal", NULL};
    return names;
}

ipd_rho_schedule ipd_rho_schedule_find(const char *name)
{
    for (int kind = 0; ipd_rho_schedule_names()[kind]; kind++)
        if (!strcmp(name, ipd_rho_schedule_names()[kind]))
            return (ipd_rho_schedule)kind;
    return IPD_RHO_CONSTANT;
}

double ipd_rho_next(ipd_rho_schedule s, double rho, double theta, double rho_max)
{
    if (s != IPD_RHO_GEOMETRIC)
        return rho;
    return fmax(fmin(theta * rho, rho_max), DBL_TRUE_MIN); /* theta < 1 would reach 0 by rounding */
}

double ipd_rho_in_force(ipd_rho_schedule s, double rho, double u)
{
    if (s != IPD_RHO_ANNEAL)
        return rho;
    /* 1 + rho loses the digits of a small rho, so the result may be below it */
    return fmax((1 + rho) / ipd_schedule_factor(IPD_SCHEDULE_ANNEAL, u) - 1, rho);
}
