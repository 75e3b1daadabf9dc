/* loss.h - losses with their proximal operators: one table entry each, and those that the user
 * defines. */
#ifndef IPD_NET_LOSS_H
#define IPD_NET_LOSS_H

#include "data/truth.h"
#include "net/own.h"

enum { IPD_MAX_OUTPUTS = IPD_MAX_LABELS }; /* of a network; prox and audit have arrays of it */

typedef struct ipd_loss {
    const char *name;            /* "squared" */
    const char *summary;         /* one line for help */
    float target_off, target_on; /* targets: of the other classes, of the label's */
    /* The sum of l(y, z) over count samples of d outputs each. */
    double (*value)(const float *y, const float *z, size_t d, size_t count);
    /* x := argmin_x l(y, x) + r/2 ||x - v||^2, sample by sample (d values each); x may be v. */
    void (*prox)(const float *y, const float *v, float r, float *x, size_t d, size_t count);
    /* g := d l(y, z)/dz, sample by sample; g may be z. */
    void (*gradient)(const float *y, const float *z, float *g, size_t d, size_t count);
    int takes_values;   /* 1: targets may be any values, not only classes */
    const ipd_own *own; /* defined by the user: its functions take the place of those above */
} ipd_loss;

/* The three functions of a loss. */
static inline double ipd_loss_value(const ipd_loss *f, const float *y, const float *z, size_t d,
                                    size_t count)
{
    return f->own ? ipd_own_sum(f->own, y, z, d * count) : f->value(y, z, d, count);
}

static inline void ipd_loss_prox(const ipd_loss *f, const float *y, const float *v, float r,
                                 float *x, size_t d, size_t count)
{
    if (f->own)
        ipd_own_loss_prox(f->own, y, v, r, x, d * count);
    else
        f->prox(y, v, r, x, d, count);
}

static inline void ipd_loss_gradient(const ipd_loss *f, const float *y, const float *z, float *g,
                                     size_t d, size_t count)
{
    if (f->own)
        ipd_own_gradient(f->own, y, z, g, d * count);
    else
        f->gradient(y, z, g, d, count);
}

const ipd_loss *ipd_loss_find(const char *name);
const char *const *ipd_loss_names(void);

/* Defines a loss, or reads a definition; see definitions.h. A built-in name is refused. */
const ipd_loss *ipd_loss_define(const char *name, const ipd_program *both, const ipd_program *prox,
                                ipd_error *e);
const ipd_loss *ipd_loss_read(const char *line, int is_current, ipd_error *e);

#endif
