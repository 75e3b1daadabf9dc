/* own.c - see own.h. */
#include "net/own.h"

void ipd_own_value(const ipd_own *f, const float *x, float *y, size_t count)
{
    ipd_program_run(&f->value, (const float *const[]){x}, (float *const[]){y}, count);
}

void ipd_own_slope(const ipd_own *f, const float *x, float *y, size_t count)
{
    ipd_program_run(&f->slope, (const float *const[]){x}, (float *const[]){y}, count);
}

void ipd_own_prox(const ipd_own *f, const float *w, const float *v, float r, float *x, size_t count)
{
    if (f->has_prox)
        ipd_program_run(&f->prox, (const float *const[]){w, v, &r}, (float *const[]){x}, count);
    else
        ipd_profile_minimise(&f->profile, w, v, r, x, count);
}
