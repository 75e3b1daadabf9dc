/* written_audit.c - the audit of methods from files. A block of a kind that is declared exact must
 * minimise
 *
 *     F(x) = phi + weight/2 |x - hat|^2
 *
 * over its own variables, with phi from the file's objective and hat and weight from its
 * `proximal`. After the update F is computed at the new values, at the old ones, on the line
 * through both and in random directions. F must not be lower anywhere, up to its rounding. W is
 * checked with the old b, and b with the new W.
 */
#include "base/random.h"
#include "base/vector.h"
#include "solver/written_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rounding explains this part of F: sums of squares of floats. */
#define TOLERANCE 2e-5

void ipd_written_audit_end(ipd_written_audit *a)
{
    for (int i = 0; i < a->count; i++) {
        ipd_matrix_free(&a->of[i].old);
        ipd_matrix_free(&a->of[i].new);
        ipd_matrix_free(&a->of[i].hat);
    }
    a->count = 0;
}

int ipd_written_audit_begin(ipd_written_state *s, ipd_block block, ipd_written_audit *a,
                            ipd_error *e)
{
    const char kinds[] = {(char)block.kind, 0};
    const char *names[] = {block.kind == IPD_W ? "W" : kinds, block.kind == IPD_W ? "b" : NULL};
    a->count = 0;
    a->block = block;
    for (int i = 0; i < 2 && names[i]; i++) {
        ipd_matrix *now = ipd_written_find(s, names[i], block.layer);
        ipd_audited *x = &a->of[a->count];
        if (!now)
            continue;
        *x = (ipd_audited){.now = now};
        snprintf(x->name, sizeof x->name, "%s", names[i]);
        a->count++;
        if (ipd_matrix_init(&x->old, now->rows, now->cols, e) ||
            ipd_matrix_init(&x->new, now->rows, now->cols, e) ||
            ipd_matrix_init(&x->hat, now->rows, now->cols, e))
            return -1;
        ipd_matrix_copy(&x->old, now);
    }
    return s->written->around(s->interpreter, block, a, e);
}

/* F at the present values. */
static int value(ipd_written_state *s, const ipd_written_audit *a, double *F, ipd_error *e)
{
    ipd_record r;
    ipd_record_init(&r, s->net.L);
    memset(s->v.p_valid, 0, sizeof s->v.p_valid);
    if (s->written->measure(s->interpreter, &r, e))
        return -1;
    if (isnan(r.phi) && isnan(s->audited))
        return ipd_fail(e, IPD_ECALLBACK,
                        "audit: the objective has no phi, which blocks declared exact need");
    *F = isnan(s->audited) ? r.phi : s->audited;
    if (!isnan(r.regularizer)) /* a batch has its share of the penalty */
        *F -= (1 - s->share) * r.regularizer;
    for (int i = 0; i < a->count; i++)
        if (a->of[i].weight > 0)
            *F += a->of[i].weight / 2 *
                  ipd_sum_squared_difference(a->of[i].now->data, a->of[i].hat.data,
                                             a->of[i].now->rows * a->of[i].now->cols);
    return 0;
}

/* Moves x to new + t (old - new), or with `random` from new in a random direction, by t times the
 * root mean square of its elements. */
static void move(const ipd_audited *x, double t, ipd_random *random)
{
    size_t n = x->now->rows * x->now->cols;
    double size = random ? sqrt(ipd_sum_squared(x->new.data, n) / (double)n) + 1e-3 : 0;
    for (size_t j = 0; j < n; j++) {
        double by = random ? size * ipd_random_normal(random) : x->old.data[j] - x->new.data[j];
        x->now->data[j] = (float)(x->new.data[j] + t *by);
    }
}

static void finding(ipd_written_state *s, const ipd_written_audit *a, const char *name,
                    const char *where, double F, double other)
{
    char block[8], batch[32] = "";
    ipd_block_text(a->block, block);
    if (s->batches > 1)
        snprintf(batch, sizeof batch, "batch %d, ", s->batch + 1);
    snprintf(s->finding, sizeof s->finding,
             "block %s: its objective is %.9g after the update of %s and %.9g %s", block, F, name,
             other, where);
    if (!*s->sums.audit_where)
        snprintf(s->sums.audit_where, sizeof s->sums.audit_where, "%s%.320s", batch, s->finding);
}

static void add(double *to, double x, int largest)
{
    double before = isnan(*to) ? 0 : *to;
    *to = largest ? fmax(before, x) : before + x;
}

/* Checks one variable at the present values of the others. */
static int check(ipd_written_state *s, ipd_written_audit *a, ipd_audited *x, ipd_random *random,
                 ipd_error *e)
{
    static const double line[] = {1, 0.5, 0.1, 0.01, -0.01, -0.1, -0.5};
    static const double sizes[] = {0.1, 0.01, 0.001};
    enum { LINE = sizeof line / sizeof *line, RANDOM = 6 };
    double F, other, worst = 0, worst_value = 0, rise = 0;
    const char *where = "";
    if (value(s, a, &F, e))
        return -1;
    for (int i = 0; i < LINE + RANDOM && isfinite(F); i++) {
        int is_line = i < LINE;
        move(x, is_line ? line[i] : sizes[i % 3], is_line ? NULL : random);
        if (value(s, a, &other, e))
            return -1;
        double by = (F - other) / (TOLERANCE * (fabs(F) + 1e-6));
        rise = i ? rise : by;
        if (by > worst) {
            worst = by;
            worst_value = other;
            where = i == 0    ? "before it"
                    : is_line ? "on the line from the value before it"
                              : "at a random point near it";
        }
    }
    add(&s->sums.audit_rise, rise, 1);
    add(&s->sums.audit_residual, worst, 1);
    if (worst > 1 && !*s->finding)
        finding(s, a, x->name, where, F, worst_value);
    return 0;
}

int ipd_written_audit_check(ipd_written_state *s, ipd_written_audit *a, ipd_error *e)
{
    ipd_random random;
    int failed = 0;
    ipd_random_seed(&random, (uint64_t)s->k, (uint64_t)a->block.layer);
    for (int i = 0; i < a->count; i++) {
        ipd_matrix_copy(&a->of[i].new, a->of[i].now);
        if (i > 0)
            ipd_matrix_copy(a->of[i].now, &a->of[i].old);
    }
    for (int i = 0; i < a->count && !failed; i++) {
        ipd_matrix_copy(a->of[i].now, &a->of[i].new);
        if (a->of[i].skipped)
            continue;
        failed = check(s, a, &a->of[i], &random, e);
        ipd_matrix_copy(a->of[i].now, &a->of[i].new);
    }
    memset(s->v.p_valid, 0, sizeof s->v.p_valid);
    if (failed)
        return -1;
    add(&s->sums.audit_blocks, 1, 0);
    add(&s->sums.audit_findings, *s->finding != 0, 0);
    return 0;
}
