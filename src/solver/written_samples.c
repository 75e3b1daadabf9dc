/* written_samples.c - the variables of a method from a file: their memory, and the forward pass of
 * each batch. */
#include "base/blas.h"
#include "base/parallel.h"
#include "solver/written_private.h"

#include <assert.h>
#include <string.h>

void ipd_written_free_samples(ipd_written_state *s)
{
    for (int l = 1; l <= IPD_MAX_LAYERS; l++) {
        ipd_matrix *of[] = {&s->v.z[l], &s->v.z_old[l], &s->v.a[l], &s->v.a_old[l], &s->v.p[l]};
        for (size_t i = 0; i < sizeof of / sizeof *of; i++)
            ipd_matrix_free(of[i]);
        for (int i = 0; i < s->written->own_count; i++)
            if (s->written->own[i].cols == IPD_SIDE_SAMPLES)
                ipd_matrix_free(&s->own[i][l]);
    }
}

static int has_layer(ipd_layers layers, int l, int L)
{
    return layers == IPD_LAYERS_LAST ? l == L : l <= L - (layers == IPD_LAYERS_HIDDEN);
}

static size_t side(const ipd_written_state *s, ipd_side side, int l, size_t n)
{
    return side == IPD_SIDE_WIDTH    ? s->net.d[l]
           : side == IPD_SIDE_INPUTS ? s->net.d[l - 1]
           : side == IPD_SIDE_ONE    ? 1
                                     : n;
}

int ipd_written_make_own(ipd_written_state *s, int by_sample, size_t n, ipd_error *e)
{
    for (int i = 0; i < s->written->own_count; i++)
        for (int l = 1; l <= s->net.L; l++) {
            const ipd_written_variable *x = &s->written->own[i];
            ipd_matrix *m = &s->own[i][l];
            if ((x->cols == IPD_SIDE_SAMPLES) != by_sample || !has_layer(x->layers, l, s->net.L))
                continue;
            if (ipd_matrix_init(m, side(s, x->rows, l, n), side(s, x->cols, l, n), e))
                return -1;
            for (size_t j = 0; j < m->rows * m->cols; j++)
                m->data[j] = x->start;
        }
    return 0;
}

int ipd_written_resize(ipd_written_state *s, size_t n, ipd_error *e)
{
    const ipd_written *written = s->written;
    int L = s->net.L;
    ipd_written_free_samples(s);
    for (int l = 1; l <= L; l++) {
        size_t d = s->net.d[l];
        int has_a = written->a > (l == L);
        if ((written->z && ipd_matrix_init(&s->v.z[l], d, n, e)) ||
            (written->keeps_z && ipd_matrix_init(&s->v.z_old[l], d, n, e)) ||
            (has_a && ipd_matrix_init(&s->v.a[l], d, n, e)) ||
            (has_a && written->keeps_a && ipd_matrix_init(&s->v.a_old[l], d, n, e)) ||
            (written->a && ipd_matrix_init(&s->v.p[l], d, n, e)))
            break;
        if (l == L && !ipd_written_make_own(s, 1, n, e))
            return 0;
    }
    ipd_written_free_samples(s);
    s->size = IPD_NO_BATCHES;
    return -1;
}

void ipd_written_narrow(ipd_written_state *s, size_t n)
{
    s->v.n = n;
    for (int l = 1; l <= s->net.L; l++) {
        s->v.z[l].cols = s->v.z_old[l].cols = s->v.p[l].cols = n;
        if (s->v.a[l].data)
            s->v.a[l].cols = s->v.a_old[l].cols = n;
        for (int i = 0; i < s->written->own_count; i++)
            if (s->written->own[i].cols == IPD_SIDE_SAMPLES)
                s->own[i][l].cols = n;
    }
}

void ipd_written_view(ipd_written_state *s)
{
    ipd_batch at = ipd_batches_at(&s->samples, s->batch - s->done);
    s->share = (double)at.X.cols / (double)s->samples.problem.N;
    s->v.a[0] = at.X;
    s->v.Y = at.Y;
    s->v.labels = at.labels;
}

const ipd_matrix *ipd_written_product(ipd_written_state *s, int l, ipd_error *e)
{
    ipd_matrix *p = &s->v.p[l];
    (void)e;
    assert(p->data);
    if (s->v.p_valid[l])
        return p;
    for (size_t n = 0; n < p->cols; n++)
        memcpy(p->data + n * p->rows, s->net.b[l].data, p->rows * sizeof *p->data);
    ipd_multiply(IPD_PLAIN, IPD_PLAIN, 1, &s->net.W[l], &s->v.a[l - 1], 1, p);
    s->v.p_valid[l] = 1;
    return p;
}

typedef struct start_job {
    const ipd_variables *v;
    int l;
    const ipd_activation *sigma; /* NULL: the identity */
    size_t count;
} start_job;

enum { TILE = 1 << 14 };

/* z := z_old := p and a := a_old := sigma(p) on a tile, as far as these exist. */
static void start_tile(void *context, size_t task, int thread)
{
    const start_job *j = context;
    const ipd_variables *v = j->v;
    size_t first = task * TILE, left = j->count - first, count = left < TILE ? left : TILE;
    const float *p = v->p[j->l].data + first, *from = p;
    float *const to[] = {v->z[j->l].data, v->z_old[j->l].data, v->a[j->l].data,
                         v->a_old[j->l].data};
    (void)thread;
    for (int i = 0; i < 4; i++) {
        if (!to[i])
            continue;
        if (i == 2 && j->sigma)
            ipd_activation_apply(j->sigma, p, to[i] + first, count);
        else
            memcpy(to[i] + first, from, count * sizeof *from);
        if (i == 2)
            from = to[i] + first;
    }
}

int ipd_written_load(ipd_written_state *s, ipd_error *e)
{
    ipd_variables *v = &s->v;
    ipd_written_view(s);
    ipd_written_narrow(s, v->a[0].cols);
    memset(v->p_valid, 0, sizeof v->p_valid);
    for (int l = 1; l <= s->net.L && s->written->a; l++) {
        if (!ipd_written_product(s, l, e))
            return -1;
        start_job j = {v, l, l < s->net.L ? s->net.sigma[l] : NULL, v->p[l].rows * v->p[l].cols};
        ipd_parallel_for((j.count + TILE - 1) / TILE, start_tile, &j);
    }
    for (int i = 0; i < s->written->own_count; i++)
        for (int l = 1; l <= s->net.L && s->written->own[i].cols == IPD_SIDE_SAMPLES; l++)
            for (size_t j = 0; j < s->own[i][l].rows * s->own[i][l].cols; j++)
                s->own[i][l].data[j] = s->written->own[i].start;
    return s->written->starts ? s->written->update(s->interpreter, (ipd_block){0}, e) : 0;
}

ipd_matrix *ipd_written_find(ipd_written_state *s, const char *name, int l)
{
    ipd_variables *v = &s->v;
    ipd_matrix *m = NULL;
    const struct {
        const char *name;
        ipd_matrix *by_layer;
    } all[] = {{"z", v->z},         {"a", v->a},         {"W", s->net.W},     {"b", s->net.b},
               {"z_old", v->z_old}, {"a_old", v->a_old}, {"W_old", v->W_old}, {"b_old", v->b_old}};
    if (l < 0 || l > s->net.L)
        return NULL;
    if (!strcmp(name, "X") || !strcmp(name, "Y"))
        m = *name == 'X' ? &v->a[0] : &v->Y;
    for (size_t i = 0; i < sizeof all / sizeof *all && !m; i++)
        if (!strcmp(all[i].name, name))
            m = &all[i].by_layer[l];
    for (int i = 0; i < s->written->own_count && !m; i++)
        if (!strcmp(s->written->own[i].name, name))
            m = &s->own[i][l];
    return m && m->data ? m : NULL;
}
