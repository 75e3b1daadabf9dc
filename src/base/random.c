/* random.c - see random.h. */
#include "base/random.h"

#include <math.h>

static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = (*x += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void ipd_random_seed(ipd_random *r, uint64_t seed, uint64_t stream)
{
    uint64_t x = seed;
    uint64_t y = splitmix(&x) ^ (stream * UINT64_C(0xd1342543de82ef95) + 1);
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix(&y);
    r->has_spare = 0;
    r->spare = 0;
}

static uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t ipd_random_bits(ipd_random *r)
{
    uint64_t *s = r->s, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

double ipd_random_uniform(ipd_random *r)
{
    return (double)(ipd_random_bits(r) >> 11) * 0x1.0p-53;
}

uint64_t ipd_random_below(ipd_random *r, uint64_t n)
{
    uint64_t threshold = -n % n, x; /* 2^64 mod n: rejecting smaller values removes the bias */
    do
        x = ipd_random_bits(r);
    while (x < threshold);
    return x % n;
}

double ipd_random_normal(ipd_random *r)
{
    double u, v, s;
    if (r->has_spare) {
        r->has_spare = 0;
        return r->spare;
    }
    do {
        u = 2 * ipd_random_uniform(r) - 1;
        v = 2 * ipd_random_uniform(r) - 1;
        s = u * u + v * v;
    } while (s >= 1 || s == 0);
    s = sqrt(-2 * log(s) / s);
    r->spare = v * s;
    r->has_spare = 1;
    return u * s;
}

void ipd_random_shuffle(ipd_random *r, uint32_t *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = ipd_random_below(r, i);
        uint32_t t = items[i - 1];
        items[i - 1] = items[j];
        items[j] = t;
    }
}
