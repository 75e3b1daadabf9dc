/* synth.c - see synth.h. */
#include "data/synth.h"

#include "base/random.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

enum { BLOBS, MOONS, SPIRALS, XOR, SINE, REGRESSION, WIDE, KINDS, WIDE_INPUTS = 28 };

const ipd_synth ipd_synth_kinds[KINDS + 1] = {
    [BLOBS] = {"blobs", "three round clouds", 0.5},
    [MOONS] = {"moons", "two half circles that interlock", 0.1},
    [SPIRALS] = {"spirals", "two spirals of two turns", 0.03},
    [XOR] = {"xor", "four squares, of which opposite ones are one class", 0},
    [SINE] = {"sine", "a curve, y = sin(2 x) + x/2, to learn as values", 0.1},
    [REGRESSION] = {"regression", "a surface, y = sin(x1) + x1 x2/3, to learn as values", 0.1},
    [WIDE] = {"wide", "28 inputs, as in the HIGGS set, and two classes with a curved border", 0.5}};

/* Sample n, without noise. Returns its class. */
static int place(int kind, size_t n, ipd_random *r, double *x, double *y)
{
    static const double centres[][2] = {{-1.5, -1}, {1.5, -1}, {0, 1.5}};
    double u = ipd_random_uniform(r), t = M_PI * u;
    int class = (int)(n % (kind == BLOBS ? 3 : 2));
    switch (kind) {
    case BLOBS:
        *x = centres[class][0];
        *y = centres[class][1];
        break;
    case MOONS:
        *x = class ? 1 - cos(t) : cos(t);
        *y = class ? 0.5 - sin(t) : sin(t);
        break;
    case SPIRALS:
        t = 0.3 + sqrt(u); /* evenly along the spiral */
        *x = t * cos(4 * M_PI * t + M_PI * class);
        *y = t * sin(4 * M_PI * t + M_PI * class);
        break;
    case XOR:
        *x = (u - 0.5) * 2;
        *y = ipd_random_uniform(r);
        *y = (*x < 0) == (class == 0) ? *y : -*y;
        break;
    default:
        *x = 6 * u - 3;
        *y = sin(2 * *x) + *x / 2;
    }
    return class;
}

/* Samples of 28 inputs, of which seven decide. */
static void write_wide(FILE *to, size_t N, double noise, ipd_random *r)
{
    for (int i = 1; i <= WIDE_INPUTS; i++)
        fprintf(to, "x%d,", i);
    fputs("class\n", to);
    for (size_t n = 0; n < N; n++) {
        double x[WIDE_INPUTS];
        for (int i = 0; i < WIDE_INPUTS; i++) {
            x[i] = ipd_random_normal(r);
            fprintf(to, "%.4f,", x[i]);
        }
        double side = x[0] * x[1] + x[2] * x[2] - 1 + sin(2 * x[3]) + x[4] * x[5] * x[6] / 2;
        fputs(side + noise * ipd_random_normal(r) > 0 ? "signal\n" : "background\n", to);
    }
}

/* Points of a square and the surface above them. */
static void write_surface(FILE *to, size_t N, double noise, ipd_random *r)
{
    fputs("x1,x2,y\n", to);
    for (size_t n = 0; n < N; n++) {
        double x = 6 * ipd_random_uniform(r) - 3, y = 6 * ipd_random_uniform(r) - 3;
        fprintf(to, "%.6f,%.6f,%.6f\n", x, y, sin(x) + x * y / 3 + noise * ipd_random_normal(r));
    }
}

int ipd_synth_write(FILE *to, const char *kind, size_t N, double noise, uint64_t seed, ipd_error *e)
{
    ipd_nearest near = {.word = kind};
    ipd_random r;
    int k = 0;
    while (k < KINDS && strcmp(kind, ipd_synth_kinds[k].name))
        ipd_nearest_try(&near, ipd_synth_kinds[k++].name);
    if (k == KINDS)
        return ipd_fail_unknown(e, "kind of data", &near,
                                "Use blobs, moons, spirals, xor, sine, regression or wide.");
    noise = noise < 0 ? ipd_synth_kinds[k].noise : noise;
    ipd_random_seed(&r, seed, 1 << 25);
    if (k == WIDE || k == REGRESSION) {
        (k == WIDE ? write_wide : write_surface)(to, N, noise, &r);
        return ferror(to) ? ipd_fail(e, IPD_EIO, "the table cannot be written") : 0;
    }
    fputs(k == SINE ? "x,y\n" : "x1,x2,class\n", to);
    for (size_t n = 0; n < N; n++) {
        double x, y;
        int class = place(k, n, &r, &x, &y);
        x += k == SINE ? 0 : noise * ipd_random_normal(&r);
        y += noise * ipd_random_normal(&r);
        if (k == SINE)
            fprintf(to, "%.6f,%.6f\n", x, y);
        else
            fprintf(to, "%.6f,%.6f,%c\n", x, y, 'a' + class);
    }
    return ferror(to) ? ipd_fail(e, IPD_EIO, "the table cannot be written") : 0;
}
