/* variable.c - see variable.h. */
#include "solver/variable.h"
#include "base/blas.h"
#include "solver/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const ipd_variable_names[IPD_VARIABLES + 1] = {
    "W", "b", "z", "a", "W_old", "b_old", "z_old", "a_old", "linear_gap", "activation_gap",
    "Y", NULL};

void ipd_variable_text(ipd_variable x, char to[IPD_VARIABLE_TEXT])
{
    const char *name = ipd_variable_names[x.kind], *old = strstr(name, "_old");
    if (x.kind == IPD_VARIABLE_Y)
        snprintf(to, IPD_VARIABLE_TEXT, "Y");
    else if (x.kind == IPD_VARIABLE_A && x.layer == 0)
        snprintf(to, IPD_VARIABLE_TEXT, "X");
    else
        snprintf(to, IPD_VARIABLE_TEXT, "%.*s%d%s", old ? 1 : (int)strlen(name), name, x.layer,
                 old ? old : "");
}

int ipd_variable_parse(ipd_variable *x, const char *text)
{
    char again[IPD_VARIABLE_TEXT];
    size_t length = strcspn(text, "0123456789");
    x->layer = text[length] ? atoi(text + length) : 0;
    for (int kind = 0; kind < IPD_VARIABLES; kind++) {
        x->kind = (ipd_variable_kind)kind;
        ipd_variable_text(*x, again);
        if (!strcmp(again, text))
            return 0;
    }
    return -1;
}

int ipd_variable_check(ipd_variable x, int L, int write, ipd_error *e)
{
    const char *name = ipd_variable_names[x.kind];
    int is_a = x.kind == IPD_VARIABLE_A || x.kind == IPD_VARIABLE_A_OLD ||
               x.kind == IPD_VARIABLE_ACTIVATION_GAP;
    int first = x.kind == IPD_VARIABLE_A && !write ? 0 : 1, last = L - is_a;
    if (write && (x.kind > IPD_VARIABLE_A || x.layer == 0))
        return ipd_fail(e, IPD_EUSAGE, "only W, b, z and a of a layer can be written");
    if (x.kind == IPD_VARIABLE_Y || (x.layer >= first && x.layer <= last))
        return 0;
    if (last < first)
        return ipd_fail(e, IPD_EUSAGE, "a network of one layer has no %s", name);
    return ipd_fail(e, IPD_EUSAGE, "%s has no layer %d. Use %d to %d", name, x.layer, first, last);
}

/* to := z_l - W_l a_{l-1} - b_l */
static void linear_gap(const ipd_variables *v, int l, ipd_matrix *to)
{
    const ipd_matrix *b = &v->net->b[l], *z = &v->z[l];
    ipd_multiply(IPD_PLAIN, IPD_PLAIN, -1, &v->net->W[l], &v->a[l - 1], 0, to);
    for (size_t n = 0, at = 0; n < to->cols; n++)
        for (size_t i = 0; i < to->rows; i++, at++)
            to->data[at] = z->data[at] + (to->data[at] - b->data[i]);
}

/* to := a_l - sigma(z_l) */
static void activation_gap(const ipd_variables *v, int l, ipd_matrix *to)
{
    ipd_activation_apply(v->net->sigma[l], v->z[l].data, to->data, to->rows * to->cols);
    for (size_t i = 0; i < to->rows * to->cols; i++)
        to->data[i] = v->a[l].data[i] - to->data[i];
}

/* The array of a variable; of a gap, an array of its shape. Before the first iteration W and b are
 * their own previous iterates. */
static const ipd_matrix *array_of(const ipd_network *net, const ipd_variables *v, ipd_variable x)
{
    int l = x.layer;
    switch (x.kind) {
    case IPD_VARIABLE_W:
        return &net->W[l];
    case IPD_VARIABLE_B:
        return &net->b[l];
    case IPD_VARIABLE_W_OLD:
        return v->W_old[l].data ? &v->W_old[l] : &net->W[l];
    case IPD_VARIABLE_B_OLD:
        return v->b_old[l].data ? &v->b_old[l] : &net->b[l];
    case IPD_VARIABLE_Z:
    case IPD_VARIABLE_LINEAR_GAP:
        return &v->z[l];
    case IPD_VARIABLE_Z_OLD:
        return &v->z_old[l];
    case IPD_VARIABLE_A_OLD:
        return &v->a_old[l];
    case IPD_VARIABLE_Y:
        return &v->Y;
    default:
        return &v->a[l];
    }
}

int ipd_variable_copy(const ipd_method *method, const void *state, ipd_variable x, ipd_matrix *to,
                      ipd_error *e)
{
    const ipd_network *net = method->network(state);
    const ipd_variables *v = method->variables ? method->variables(state) : NULL;
    char text[IPD_VARIABLE_TEXT];
    ipd_variable_text(x, text);
    if (ipd_variable_check(x, net->L, 0, e))
        return -1;
    if (!v && x.kind != IPD_VARIABLE_W && x.kind != IPD_VARIABLE_B)
        return ipd_fail(e, IPD_ESTATE, "%s has no %s: its variables are W and b", method->name,
                        text);
    if (v && method->blocks->forward_lasts && x.kind >= IPD_VARIABLE_W_OLD &&
        x.kind <= IPD_VARIABLE_A_OLD)
        return ipd_fail(e, IPD_ESTATE, "%s keeps no previous iterates, so it has no %s",
                        method->name, text);
    const ipd_matrix *from = array_of(net, v, x);
    if (!from->data || (x.kind == IPD_VARIABLE_LINEAR_GAP && !v->a[x.layer - 1].data))
        return ipd_fail(e, IPD_ESTATE, "%s has no value yet. Do a block first: run:step_block()",
                        text);
    if (ipd_matrix_init(to, from->rows, from->cols, e))
        return -1;
    if (x.kind == IPD_VARIABLE_LINEAR_GAP)
        linear_gap(v, x.layer, to);
    else if (x.kind == IPD_VARIABLE_ACTIVATION_GAP)
        activation_gap(v, x.layer, to);
    else
        ipd_matrix_copy(to, from);
    return 0;
}

int ipd_variable_fits(ipd_variable x, const ipd_matrix *now, const ipd_matrix *value, ipd_error *e)
{
    char text[IPD_VARIABLE_TEXT];
    ipd_variable_text(x, text);
    if (value->rows != now->rows || value->cols != now->cols)
        return ipd_fail(e, IPD_EUSAGE, "%s is %zu x %zu, but the tensor is %zu x %zu", text,
                        now->rows, now->cols, value->rows, value->cols);
    for (size_t i = 0; i < value->rows * value->cols; i++)
        if (!isfinite(value->data[i]))
            return ipd_fail(e, IPD_EUSAGE, "element (%zu, %zu) of the tensor for %s is not finite",
                            i % value->rows + 1, i / value->rows + 1, text);
    return 0;
}
