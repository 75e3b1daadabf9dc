/* loss.c - see loss.h. To add one: write its two functions and its entry in the table. */
#include "net/loss.h"
#include "base/vector.h"

#include <string.h>

/* 1/2 ||z - y||^2 */
static double squared_value(const float *y, const float *z, size_t d, size_t count)
{
    return 0.5 * ipd_sum_squared_difference(z, y, d * count);
}

/* Least at (y + r v)/(1 + r). */
static void squared_prox(const float *y, const float *v, float r, float *x, size_t d, size_t count)
{
    float scale = 1 / (1 + r);
    for (size_t i = 0; i < d * count; i++)
        x[i] = (y[i] + r * v[i]) * scale;
}

static const ipd_loss losses[] = {
    {"squared", "1/2 |z - y|^2 to one-hot targets", 0, 1, squared_value, squared_prox},
};

enum { COUNT = sizeof losses / sizeof *losses };

const ipd_loss *ipd_loss_find(const char *name)
{
    for (int i = 0; i < COUNT; i++)
        if (!strcmp(losses[i].name, name))
            return &losses[i];
    return NULL;
}

const char *const *ipd_loss_names(void)
{
    static const char *names[COUNT + 1];
    for (int i = 0; i < COUNT; i++)
        names[i] = losses[i].name;
    return names;
}
