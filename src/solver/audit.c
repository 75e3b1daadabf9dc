/* audit.c - see audit.h: the copy before a block, the report after it. */
#include "base/fingerprint.h"
#include "solver/audit_checks.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The block's variable with its previous iterate, and those of the variable that moves with it: b
 * of W_l, V_L of z_L. */
typedef struct variable {
    const ipd_matrix *x, *old, *b, *b_old;
} variable;

static variable variable_of(const ipd_solver *s, ipd_block block)
{
    const ipd_variables *v = &s->v;
    int l = block.layer;
    switch (block.kind) {
    case IPD_Z:
        if (l == v->net->L && s->output_variable)
            return (variable){&v->z[l], &v->z_old[l], &v->a[l], &v->a_old[l]};
        return (variable){&v->z[l], &v->z_old[l], NULL, NULL};
    case IPD_W:
        return (variable){&v->net->W[l], &v->W_old[l], &v->net->b[l], &v->b_old[l]};
    default:
        return (variable){&v->a[l], &v->a_old[l], NULL, NULL};
    }
}

/* Combines a hash with that of an array. */
static uint64_t fingerprint(uint64_t h, const ipd_matrix *m)
{
    return m ? ipd_fingerprint(h, m->data, m->rows * m->cols * sizeof *m->data)
             : ipd_fingerprint(h, NULL, 0);
}

uint64_t ipd_audit_print(const ipd_matrix *x, const ipd_matrix *b)
{
    return fingerprint(fingerprint(1, x), b);
}

int ipd_audit_keep(ipd_matrix *to, const ipd_matrix *from, ipd_error *e)
{
    if (to->rows != from->rows || to->cols != from->cols) {
        ipd_matrix_free(to);
        if (ipd_matrix_init(to, from->rows, from->cols, e))
            return -1;
    }
    ipd_matrix_copy(to, from);
    return 0;
}

static int alike(const ipd_matrix *x, const ipd_matrix *y)
{
    return x->rows == y->rows && x->cols == y->cols &&
           memcmp(x->data, y->data, x->rows * x->cols * sizeof *x->data) == 0;
}

/* Keeps only the first finding of a block. */
void ipd_audit_find(ipd_audit *audit, const char *format, ...)
{
    va_list list;
    if (*audit->finding)
        return;
    va_start(list, format);
    vsnprintf(audit->finding, sizeof audit->finding, format, list);
    va_end(list);
}

/* Compares the fingerprints of x and x_old with those after the block's last update. */
void ipd_audit_follow(ipd_audit *audit, int index, uint64_t now, uint64_t old)
{
    if (audit->known[index] != IPD_AUDIT_FOLLOWED)
        return;
    if (now != audit->now[index])
        ipd_audit_find(audit, "it changed since its last update");
    if (old != audit->before[index])
        ipd_audit_find(audit, "its previous iterate is not the value before its last update, so "
                              "its prediction is wrong");
}

int ipd_audit_reserve(ipd_audit *audit, const ipd_network *net, ipd_block block, size_t n,
                      ipd_error *e)
{
    size_t scratch = audit->rules->scratch(net, block, n);
    if (scratch > audit->scratch_count) {
        free(audit->scratch);
        audit->scratch_count = 0;
        if (!(audit->scratch = ipd_allocate(scratch, sizeof *audit->scratch, e)))
            return -1;
        audit->scratch_count = scratch;
    }
    return 0;
}

int ipd_audit_loading(ipd_audit *audit, const ipd_solver *s, size_t n, ipd_error *e)
{
    return s->par.audit && audit->rules->loading ? audit->rules->loading(audit, s, n, e) : 0;
}

void ipd_audit_loaded(ipd_audit *audit, const ipd_solver *s)
{
    if (s->par.audit)
        audit->rules->loaded(audit, s);
}

int ipd_audit_before(ipd_audit *audit, const ipd_solver *s, ipd_block block, ipd_error *e)
{
    variable x = variable_of(s, block);
    int index = ipd_block_index(block, s->v.net->L), fresh = audit->known[index] == IPD_AUDIT_FRESH;
    audit->on = s->par.audit;
    if (!audit->on) {
        memset(audit->known, IPD_AUDIT_UNKNOWN, sizeof audit->known);
        return 0;
    }
    if (ipd_audit_reserve(audit, s->v.net, block, s->v.n, e) || ipd_audit_keep(&audit->x, x.x, e) ||
        ipd_audit_keep(&audit->old, x.old, e) ||
        (x.b && (ipd_audit_keep(&audit->b, x.b, e) || ipd_audit_keep(&audit->b_old, x.b_old, e))))
        return -1;
    uint64_t now = ipd_audit_print(x.x, x.b);
    if (audit->rules->history && fresh && !alike(&audit->x, &audit->old))
        ipd_audit_find(audit, "a newly loaded variable already has a previous iterate");
    if (audit->rules->history)
        ipd_audit_follow(audit, index, now, ipd_audit_print(x.old, x.b_old));
    audit->before[index] = now;
    return 0;
}

/* Compares rise and residual of one variable with the explained amounts. */
void ipd_audit_judge(ipd_audit *audit, const ipd_verdict *v, int l, double loose)
{
    double rise = v->after - v->before, explained = v->explained * loose;
    /* A quadratic function rises with the square of an error. */
    double rounding = v->rounding * (v->part == 'z' ? loose : loose * loose);
    double by = rise <= 0 ? 0 : rise / rounding, off = v->residual / explained;
    if (v->residual == 0)
        off = 0;
    if (isnan(by))
        by = INFINITY;
    audit->rise = fmax(audit->rise, by);
    audit->residual = fmax(audit->residual, off);
    if (off > 1)
        ipd_audit_find(
            audit,
            "%c%d misses its minimum: the worst residual is %.3g, but rounding explains only %.2g",
            v->part, l, v->residual, explained);
    if (by > 1)
        ipd_audit_find(
            audit, "%c%d raised its own objective, %.9g, by %.3g, but rounding explains only %.2g",
            v->part, l, v->before, rise, rounding);
}

static void check_proximal(ipd_audit *audit, const ipd_solver *s, ipd_block block)
{
    variable x = variable_of(s, block);
    ipd_verdict v, b;
    int l = block.layer;
    double loose = ipd_audit_loose(ipd_prox_of(s, block.kind, l).weight);
    if (!alike(x.old, &audit->x) || (x.b && !alike(x.b_old, &audit->b)))
        ipd_audit_find(audit, "its previous iterate is lost");
    if (s->par.frozen[ipd_block_index(block, s->v.net->L)])
        return;
    switch (block.kind) {
    case IPD_Z:
        if (x.b) { /* V_L has moved first */
            ipd_prox prox = ipd_prox_of(s, IPD_A, l);
            ipd_audit_fit(audit, s, x.b, &audit->b, &audit->b_old, &audit->x, prox, &b);
            b.part = 'V';
            ipd_audit_judge(audit, &b, l, ipd_audit_loose(prox.weight));
        }
        ipd_audit_z(audit, s, l, &v);
        break;
    case IPD_W:
        ipd_audit_W(audit, s, l, &v, &b);
        ipd_audit_judge(audit, &b, l, loose);
        break;
    default:
        ipd_audit_a(audit, s, l, &v);
    }
    ipd_audit_judge(audit, &v, l, loose);
}

/* z and a have no history after a forward pass. */
static void loaded_proximal(ipd_audit *audit, const ipd_solver *s)
{
    int L = s->v.net->L;
    for (int l = 1; l <= L; l++) {
        audit->known[ipd_block_index((ipd_block){IPD_Z, l}, L)] = IPD_AUDIT_FRESH;
        if (l < L)
            audit->known[ipd_block_index((ipd_block){IPD_A, l}, L)] = IPD_AUDIT_FRESH;
    }
}

const ipd_audit_rules ipd_audit_proximal = {
    .scratch = ipd_audit_scratch, .history = 1, .loaded = loaded_proximal, .check = check_proximal};

/* Prefixes the finding with "block W1 (layer 1): ", and keeps the iteration's first, with its
 * batch. */
static void put_place(ipd_audit *audit, const ipd_place *at)
{
    char block[8], batch[32] = "", text[IPD_FINDING_TEXT];
    memcpy(text, audit->finding, sizeof text);
    ipd_block_text(at->block, block);
    snprintf(audit->finding, sizeof audit->finding, "block %s (layer %d): %.*s", block,
             at->block.layer, (int)sizeof audit->finding - 64, text);
    if (at->batches > 1)
        snprintf(batch, sizeof batch, "batch %d, ", at->batch);
    if (!*audit->first)
        snprintf(audit->first, sizeof audit->first, "%s%.*s", batch,
                 (int)(sizeof audit->first - sizeof batch), audit->finding);
}

const char *ipd_audit_after(ipd_audit *audit, const ipd_solver *s, const ipd_place *at)
{
    variable x = variable_of(s, at->block);
    int index = ipd_block_index(at->block, s->v.net->L);
    if (!audit->on || !isfinite(ipd_phi(&s->sums, s->v.net->L, s->rho)))
        return NULL;
    if (s->par.frozen[index] && (ipd_audit_print(x.x, x.b) != audit->before[index]))
        ipd_audit_find(audit, "it is frozen but has moved");
    audit->rules->check(audit, s, at->block);
    audit->now[index] = ipd_audit_print(x.x, x.b);
    audit->known[index] = IPD_AUDIT_FOLLOWED;
    audit->visits++;
    if (!*audit->finding)
        return NULL;
    audit->wrong++;
    put_place(audit, at);
    memcpy(audit->reported, audit->finding, sizeof audit->reported);
    audit->finding[0] = 0;
    return audit->reported;
}

void ipd_audit_record(ipd_audit *audit, ipd_record *r)
{
    if (audit->visits) {
        r->audit_blocks = (double)audit->visits;
        r->audit_findings = (double)audit->wrong;
        r->audit_rise = audit->rise;
        r->audit_residual = audit->residual;
        memcpy(r->audit_where, audit->first, sizeof r->audit_where);
    }
    audit->visits = audit->wrong = 0;
    audit->rise = audit->residual = 0;
    audit->first[0] = 0;
}

double ipd_audit_memory(const ipd_audit_rules *rules, const ipd_network *net, size_t N,
                        size_t batch)
{
    size_t n = batch && batch < N ? batch : N;
    double scratch = 0, copies = 0, past = 0;
    for (int l = 1; l <= net->L; l++)
        for (const char *kind = "zWa"; *kind; kind++) {
            if (*kind == IPD_A && l == net->L)
                break;
            double own = (double)net->d[l] * (double)(*kind == IPD_W ? net->d[l - 1] + 1 : n);
            scratch = fmax(scratch,
                           (double)rules->scratch(net, (ipd_block){(ipd_block_kind)*kind, l}, n));
            copies = fmax(copies, own);
            past += *kind == IPD_W && rules->loading ? own : 0;
        }
    return 8 * scratch + 8 * copies + 4 * past;
}

void ipd_audit_free(ipd_audit *audit)
{
    ipd_matrix_free(&audit->x);
    ipd_matrix_free(&audit->old);
    ipd_matrix_free(&audit->b);
    ipd_matrix_free(&audit->b_old);
    for (int l = 1; l <= IPD_MAX_LAYERS; l++) {
        ipd_matrix_free(&audit->past[l]);
        ipd_matrix_free(&audit->past_b[l]);
    }
    free(audit->scratch);
    *audit = (ipd_audit){0};
}
