/* written_transfer.c - saves and restores all lasting values of a method from a file, and lets the
 * user write to its variables.
 *
 * Products and views of the samples are not saved, but computed again to the same bits. The
 * interpreter starts afresh.
 */
#include "solver/variable.h"
#include "solver/written.h"
#include "solver/written_private.h"

#include <assert.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void transfer_place(ipd_archive *ar, ipd_written_state *s)
{
    int64_t size = s->size == IPD_NO_BATCHES ? -1 : (int64_t)s->size, inner = (int64_t)s->inner,
            visited[2 * IPD_MAX_BLOCKS];
    size_t N = s->samples.problem.N;
    ipd_archive_ints(ar, &size, 1, -1, (int64_t)N, "batch_size");
    s->size = (size_t)size;
    size_t step = size > 0 ? s->size : N;
    s->batches = (int)((N + step - 1) / step);
    ipd_archive_int(ar, &s->k, 1, INT_MAX - 1, "iteration");
    ipd_archive_ints(ar, &inner, 1, 0, INT_MAX - 1, "inner");
    s->inner = (size_t)inner;
    ipd_archive_int(ar, &s->batch, 0, size < 0 ? 0 : s->batches, "batch");
    ipd_archive_int(ar, &s->sweep, 0, inner > 0 && s->batch < s->batches ? (int)inner - 1 : 0,
                    "sweep");
    ipd_archive_int(ar, &s->loaded, size == 0 && s->batch ? 1 : 0,
                    size < 0 || (size > 0 && s->batch == s->batches) ? 0 : 1, "loaded");
    ipd_archive_int(ar, &s->samples.shuffle, 0, size > 0, "shuffled");
    ipd_archive_int(ar, &s->visits, 0,
                    s->loaded && s->batch < s->batches ? s->par.order.count - 1 : 0, "visits");
    s->done = s->batch == s->batches;
    for (int i = 0; i < s->visits; i++) {
        visited[2 * i] = s->visited[i].kind;
        visited[2 * i + 1] = s->visited[i].layer;
    }
    if (s->visits)
        ipd_archive_ints(ar, visited, 2 * (size_t)s->visits, 0, 255, "visited");
    for (int i = 0; i < s->visits; i++)
        s->visited[i] = (ipd_block){(ipd_block_kind)visited[2 * i], (int)visited[2 * i + 1]};
}

static void transfer_sums(ipd_archive *ar, ipd_written_state *s)
{
    char parts[sizeof s->sums.metric_names] = "";
    memcpy(parts, s->sums.metric_names, sizeof parts);
    int64_t correct = (int64_t)s->correct, flops = (int64_t)s->flops;
    ipd_archive_double(ar, &s->par.rho, DBL_TRUE_MIN, HUGE_VAL, "rho");
    ipd_archive_ints(ar, &correct, 1, 0, (int64_t)s->samples.problem.N, "correct");
    ipd_archive_ints(ar, &flops, 1, 0, INT64_MAX, "operations");
    s->correct = (size_t)correct;
    s->flops = (uint64_t)flops;
    ipd_archive_text(ar, s->sums.audit_where, sizeof s->sums.audit_where, "audit_where");
    if (!ipd_archive_reading(ar) || ipd_archive_find(ar, "parts"))
        ipd_archive_text(ar, parts, sizeof parts, "parts");
    for (int i = 0; i < 4; i++)
        ipd_archive_doubles(ar, s->step[i] + 1, (size_t)s->net.L, "step%d", i);
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        double values[IPD_MAX_BLOCKS];
        char name[IPD_ENTRY_NAME];
        int count = ipd_field_count(f, s->net.L), known = 0;
        if (f->kind != IPD_DOUBLE || !count)
            continue;
        for (int i = 0; i < count; i++) {
            values[i] = ipd_field_value(f, &s->sums, i);
            known |= !isnan(values[i]);
        }
        snprintf(name, sizeof name, "sum.%s", f->name);
        if (ipd_archive_reading(ar) ? ipd_archive_find(ar, name) != NULL : known)
            ipd_archive_doubles(ar, values, (size_t)count, "%s", name);
        for (int i = 0; i < count; i++)
            ipd_field_put(f, &s->sums, i, values[i]);
    }
    if (strcmp(parts, s->written->parts)) { /* another text of the method made the sums */
        memcpy(s->sums.metric_names, s->written->parts, sizeof parts);
        for (int i = 0; i < IPD_MAX_METRICS; i++)
            s->sums.metric[i] = NAN;
    }
}

/* Allocates the samples at hand and makes views of them. */
static int take_samples(ipd_written_state *s, ipd_error *e)
{
    ipd_parameters as = s->par;
    as.batch = s->size;
    as.shuffle = s->samples.shuffle;
    if (ipd_batches_begin(&s->samples, &as, s->k, e) || ipd_written_resize(s, s->samples.size, e))
        return -1;
    int batch = s->batch - s->done;
    size_t first = (size_t)batch * s->samples.size, left = s->samples.problem.N - first;
    ipd_written_narrow(s, left < s->samples.size ? left : s->samples.size);
    if (s->loaded || s->done)
        ipd_written_view(s);
    return 0;
}

/* 1 if the archive being read lacks the value: another text of the method, without it, made it. */
static int is_new(const ipd_archive *ar, const char *name)
{
    return ipd_archive_reading(ar) && !ipd_archive_find(ar, name);
}

static const char *own_name(const ipd_written_state *s, int i, int l, char name[IPD_ENTRY_NAME])
{
    snprintf(name, IPD_ENTRY_NAME, "own.%s%d", s->written->own[i].name, l);
    return name;
}

static void transfer_layer(ipd_archive *ar, ipd_written_state *s, int l)
{
    ipd_matrix *of[] = {&s->net.W[l], &s->net.b[l], &s->v.W_old[l], &s->v.b_old[l],
                        &s->v.z[l],   &s->v.a[l],   &s->v.z_old[l], &s->v.a_old[l]};
    static const char *const names[] = {"W%d", "b%d", "W%d_old", "b%d_old",
                                        "z%d", "a%d", "z%d_old", "a%d_old"};
    static const char is_old[] = {0, 0, 1, 1, 0, 0, 1, 1};
    char name[IPD_ENTRY_NAME];
    for (int i = 0; i < 8; i++) {
        if (!of[i]->data || (i >= 4 && !s->loaded && !s->done))
            continue;
        snprintf(name, sizeof name, names[i], l);
        if (is_old[i] && is_new(ar, name))
            ipd_matrix_copy(of[i], of[i - 2]); /* no previous iterate yet */
        else
            ipd_archive_matrix(ar, of[i], "%s", name);
    }
    for (int i = 0; i < s->written->own_count; i++)
        if (s->own[i][l].data && !is_new(ar, own_name(s, i, l, name)) &&
            (s->written->own[i].cols != IPD_SIDE_SAMPLES || s->loaded || s->done))
            ipd_archive_matrix(ar, &s->own[i][l], "%s", name);
}

/* Computes the remembered products again, since records count the operations of a block. */
static int transfer_products(ipd_archive *ar, ipd_written_state *s, ipd_error *e)
{
    int known[IPD_MAX_LAYERS + 1] = {0};
    for (int l = 1; l <= s->net.L; l++) {
        known[l] = s->v.p_valid[l] && (s->loaded || s->done);
        ipd_archive_int(ar, &known[l], 0, s->v.p[l].data != NULL && (s->loaded || s->done),
                        "p%d_valid", l);
    }
    if (ipd_archive_result(ar, e))
        return -1;
    for (int l = 1; l <= s->net.L && ipd_archive_reading(ar); l++)
        if (known[l] && !ipd_written_product(s, l, e))
            return -1;
    return 0;
}

int ipd_written_transfer(void *state, ipd_archive *ar, ipd_error *e)
{
    ipd_written_state *s = state;
    transfer_place(ar, s);
    transfer_sums(ar, s);
    if (ipd_archive_result(ar, e) ||
        (ipd_archive_reading(ar) && s->size != IPD_NO_BATCHES && take_samples(s, e)))
        return -1;
    for (int l = 1; l <= s->net.L; l++)
        transfer_layer(ar, s, l);
    if (transfer_products(ar, s, e))
        return -1;
    return ipd_average_transfer(&s->average, &s->net, ar, e);
}

int ipd_written_write(void *state, ipd_variable x, const ipd_matrix *value, ipd_error *e)
{
    ipd_written_state *s = state;
    int l = x.layer, is_weight = x.kind == IPD_VARIABLE_W || x.kind == IPD_VARIABLE_B;
    char text[IPD_VARIABLE_TEXT];
    assert(!s->done);
    if (ipd_variable_check(x, s->net.L, 1, e))
        return -1;
    ipd_variable_text(x, text);
    ipd_matrix *now[] = {&s->net.W[l], &s->net.b[l], &s->v.z[l], &s->v.a[l]};
    ipd_matrix *old[] = {&s->v.W_old[l], &s->v.b_old[l], &s->v.z_old[l], &s->v.a_old[l]};
    if (!is_weight && !s->loaded)
        return ipd_fail(e, IPD_ESTATE,
                        "the next block computes %s by a forward pass. Do a block first: "
                        "run:step_block()",
                        text);
    if (!now[x.kind]->data)
        return ipd_fail(e, IPD_ESTATE, "%s has no %s", s->method->name, text);
    if (ipd_variable_fits(x, now[x.kind], value, e))
        return -1;
    ipd_matrix_copy(now[x.kind], value);
    if (old[x.kind]->data)
        ipd_matrix_copy(old[x.kind], value);
    s->v.p_valid[l] = 0;
    if (l < s->net.L)
        s->v.p_valid[l + 1] = 0;
    return 0;
}
