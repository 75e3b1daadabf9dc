/* distribution.c - see distribution.h. */
#include "run/distribution.h"
#include "base/blas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const double ipd_quantiles[IPD_QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};

enum { MAX_VALUES = 1 << 16 };

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Describes `count` values, a sample of `all` of them. Sorts the values. */
static void describe(float *values, size_t count, size_t all, ipd_distribution *to)
{
    size_t finite = 0;
    *to = (ipd_distribution){.all = all};
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i]))
            values[finite++] = values[i];
    to->count = finite;
    if (!finite)
        return;
    qsort(values, finite, sizeof *values, compare);
    to->low = values[0];
    to->high = values[finite - 1];
    for (int i = 0; i < IPD_QUANTILES; i++)
        to->quantile[i] = values[(size_t)(ipd_quantiles[i] * (double)(finite - 1) + 0.5)];
    double width = ((double)to->high - to->low) / IPD_BINS;
    for (size_t i = 0; i < finite; i++) {
        size_t bin = width > 0 ? (size_t)(((double)values[i] - to->low) / width) : IPD_BINS / 2;
        to->bins[bin < IPD_BINS ? bin : IPD_BINS - 1]++;
        to->zeros += values[i] == 0;
    }
}

/* Copies `count` columns of m, spread evenly. to: m.rows x count. */
static void take_columns(const ipd_matrix *m, ipd_matrix *to)
{
    for (size_t n = 0; n < to->cols; n++)
        memcpy(to->data + n * m->rows, m->data + n * m->cols / to->cols * m->rows,
               m->rows * sizeof *m->data);
}

static void describe_weights(const ipd_matrix *W, float *values, ipd_distribution *to)
{
    size_t all = W->rows * W->cols, count = all < MAX_VALUES ? all : MAX_VALUES;
    for (size_t i = 0; i < count; i++)
        values[i] = W->data[(size_t)((double)i * (double)all / (double)count)];
    describe(values, count, all, to);
}

/* Some columns of z and a of a layer, and of its input. */
typedef struct columns {
    ipd_matrix input, z, a, result;
} columns;

/* Samples of the present batch; 0 before the first block. */
static size_t samples_of(const ipd_variables *v, int l)
{
    return v->z[l].data ? v->z[l].cols : v->a[l].data ? v->a[l].cols : 0;
}

static int take(const ipd_network *net, const ipd_variables *v, int l, columns *c, ipd_error *e)
{
    const ipd_matrix *from[] = {&v->a[l - 1], &v->z[l], &v->a[l]};
    ipd_matrix *to[] = {&c->input, &c->z, &c->a};
    size_t rows = net->d[l], n = samples_of(v, l);
    size_t count = rows < MAX_VALUES ? MAX_VALUES / rows : 1;
    count = count < n ? count : n;
    for (int i = 0; i < 3; i++) {
        if (!from[i]->data || !count || from[i]->cols != n)
            continue;
        if (ipd_matrix_init(to[i], from[i]->rows, count, e))
            return -1;
        take_columns(from[i], to[i]);
    }
    return ipd_matrix_init(&c->result, rows, count ? count : 1, e);
}

/* result := z - W a_{l-1} - b */
static void linear_gap(const ipd_network *net, int l, columns *c)
{
    size_t d = net->d[l];
    for (size_t i = 0; i < d * c->z.cols; i++)
        c->result.data[i] = c->z.data[i] - net->b[l].data[i % d];
    ipd_multiply(IPD_PLAIN, IPD_PLAIN, -1, &net->W[l], &c->input, 1, &c->result);
}

/* result := a - sigma(z) */
static void activation_gap(const ipd_network *net, int l, columns *c)
{
    size_t count = c->z.rows * c->z.cols;
    ipd_activation_apply(net->sigma[l], c->z.data, c->result.data, count);
    for (size_t i = 0; i < count; i++)
        c->result.data[i] = c->a.data[i] - c->result.data[i];
}

/* Describes z, a and the gaps. */
static int describe_samples(const ipd_network *net, const ipd_variables *v, int l,
                            ipd_distribution *to, ipd_error *e)
{
    columns c = {0};
    int failed = take(net, v, l, &c, e);
    size_t looked = c.z.rows * c.z.cols, all = net->d[l] * samples_of(v, l);
    if (!failed && c.z.data && c.input.data) {
        linear_gap(net, l, &c);
        describe(c.result.data, looked, all, &to[IPD_SPREAD_LINEAR]);
    }
    if (!failed && c.z.data && c.a.data && l < net->L) {
        activation_gap(net, l, &c);
        describe(c.result.data, looked, all, &to[IPD_SPREAD_ACTIVATION]);
    }
    if (!failed && c.z.data)
        describe(c.z.data, looked, all, &to[IPD_SPREAD_Z]);
    if (!failed && c.a.data)
        describe(c.a.data, c.a.rows * c.a.cols, all, &to[IPD_SPREAD_A]);
    ipd_matrix_free(&c.input);
    ipd_matrix_free(&c.z);
    ipd_matrix_free(&c.a);
    ipd_matrix_free(&c.result);
    return failed;
}

int ipd_distributions(const ipd_method *method, const void *state, int l,
                      ipd_distribution to[IPD_SPREADS], ipd_error *e)
{
    const ipd_variables *v = method->variables ? method->variables(state) : NULL;
    float *values = ipd_allocate_unset(MAX_VALUES, sizeof *values, e);
    if (!values)
        return -1;
    memset(to, 0, IPD_SPREADS * sizeof *to);
    describe_weights(&method->network(state)->W[l], values, &to[IPD_SPREAD_W]);
    free(values);
    return v ? describe_samples(method->network(state), v, l, to, e) : 0;
}
