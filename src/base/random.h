/* random.h - repeatable random numbers: xoshiro256** (Blackman and Vigna, 2018).
 *
 * Integers and uniforms are exact on every machine. Normals go through log and sqrt of the
 * C library (polar method of Marsaglia), which may differ in the last bit between libraries.
 */
#ifndef IPD_BASE_RANDOM_H
#define IPD_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct ipd_random {
    uint64_t s[4];
    double spare; /* the second normal of a pair */
    int has_spare;
} ipd_random;

/* Starts a sequence that is independent for each (seed, stream). */
void ipd_random_seed(ipd_random *r, uint64_t seed, uint64_t stream);
uint64_t ipd_random_bits(ipd_random *r);              /* 64 uniform bits */
double ipd_random_uniform(ipd_random *r);             /* in [0, 1) */
uint64_t ipd_random_below(ipd_random *r, uint64_t n); /* 0 ... n-1, without bias; n > 0 */
double ipd_random_normal(ipd_random *r);              /* N(0, 1) */
void ipd_random_shuffle(ipd_random *r, uint32_t *items, size_t count);

#endif
