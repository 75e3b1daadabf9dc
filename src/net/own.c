/* own.c - see own.h. */
#include "net/own.h"

#include <string.h>

enum { TILE = 256 };

const char *const ipd_own_kinds[] = {"activation", "loss", "penalty"};
const char *const ipd_own_with_article[] = {"an activation", "a loss", "a penalty"};

const char *ipd_own_inputs(ipd_own_kind kind)
{
    return kind == IPD_OWN_LOSS ? "yz" : "x";
}

const char *ipd_own_prox_inputs(ipd_own_kind kind)
{
    return kind == IPD_OWN_LOSS ? "yvr" : kind == IPD_OWN_PENALTY ? "vr" : "wvr";
}

unsigned ipd_own_prox_uniform(ipd_own_kind kind)
{
    return 1U << (strlen(ipd_own_prox_inputs(kind)) - 1);
}

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
        ipd_profile_minimise(&f->profile[0], w, v, r, x, count);
}

double ipd_own_sum(const ipd_own *f, const float *y, const float *z, size_t count)
{
    float value[TILE];
    double sum = 0;
    for (size_t at = 0; at < count; at += TILE) {
        size_t n = count - at < TILE ? count - at : TILE;
        ipd_program_run(&f->value, (const float *const[]){y + at, z + at}, (float *const[]){value},
                        n);
        for (size_t i = 0; i < n; i++)
            sum += value[i];
    }
    return sum;
}

void ipd_own_gradient(const ipd_own *f, const float *y, const float *z, float *g, size_t count)
{
    ipd_program_run(&f->slope, (const float *const[]){y, z}, (float *const[]){g}, count);
}

/* Minimises for those elements of a tile whose target is k. */
static void minimise_target(const ipd_own *f, int k, const float *y, const float *v, float r,
                            float *x, size_t count)
{
    float some[TILE] = {0};
    size_t index[TILE], n = 0;
    for (size_t i = 0; i < count; i++)
        if ((y[i] > 0.5f) == k) {
            some[n] = v[i];
            index[n++] = i;
        }
    ipd_profile_minimise(&f->profile[k], NULL, some, r, some, n);
    for (size_t i = 0; i < n; i++)
        x[index[i]] = some[i];
}

void ipd_own_loss_prox(const ipd_own *f, const float *y, const float *v, float r, float *x,
                       size_t count)
{
    if (f->has_prox) {
        ipd_program_run(&f->prox, (const float *const[]){y, v, &r}, (float *const[]){x}, count);
        return;
    }
    for (size_t at = 0; at < count; at += TILE)
        for (int k = 0; k < 2; k++)
            minimise_target(f, k, y + at, v + at, r, x + at, count - at < TILE ? count - at : TILE);
}

double ipd_own_penalty(const ipd_own *f, const float *x, size_t count)
{
    float value[TILE];
    double sum = 0;
    for (size_t at = 0; at < count; at += TILE) {
        size_t n = count - at < TILE ? count - at : TILE;
        ipd_own_value(f, x + at, value, n);
        for (size_t i = 0; i < n; i++)
            sum += value[i];
    }
    return sum;
}

void ipd_own_penalty_prox(const ipd_own *f, const float *v, float r, float *x, size_t count)
{
    if (f->has_prox)
        ipd_program_run(&f->prox, (const float *const[]){v, &r}, (float *const[]){x}, count);
    else
        ipd_profile_minimise(&f->profile[0], NULL, v, r, x, count);
}
