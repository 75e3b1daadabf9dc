/* audit_blocks.c - the normal equations of W_l, b_l and a_l, and the changes of their functions. */
#include "base/parallel.h"
#include "base/vector.h"
#include "solver/audit_checks.h"

#include <math.h>
#include <string.h>

void ipd_verdict_worst(ipd_verdict *v, double residual, double explained)
{
    /* residual/explained > v->residual/v->explained, also for 0/0 and NaN */
    if (residual * v->explained > v->residual * explained || (v->explained == 0 && explained > 0) ||
        isnan(residual) || isnan(explained)) {
        v->residual = isnan(residual) || isnan(explained) ? INFINITY : residual;
        v->explained = isnan(explained) ? 0 : explained;
    }
}

double ipd_audit_loose(double delta)
{
    return delta >= 0.3 ? 1 : delta > 0.3 / AUDIT_LOOSE ? 0.3 / delta : AUDIT_LOOSE;
}

void ipd_verdict_add(ipd_verdict *to, const ipd_verdict *from)
{
    to->before += from->before;
    to->after += from->after;
    to->rounding += from->rounding;
    ipd_verdict_worst(to, from->residual, from->explained);
}

void ipd_audit_column_norms(const double *x, size_t rows, size_t cols, double *to)
{
    for (size_t j = 0; j < cols; j++, x += rows) {
        double sum = 0;
        for (size_t i = 0; i < rows; i++)
            sum += x[i] * x[i];
        to[j] = sqrt(sum);
    }
}

void ipd_audit_add_row_norms(const float *x, size_t rows, size_t cols, double *to)
{
    for (size_t i = 0; i < rows; i++) {
        double sum = 0;
        for (size_t j = 0; j < cols; j++)
            sum += (double)x[i + j * rows] * x[i + j * rows];
        to[i] += sqrt(sum);
    }
}

enum { TILES = IPD_AUDIT_CHUNK / IPD_AUDIT_TILE, COLUMNS = 16 };

/* The check of one block: pointers into the audit's scratch. */
typedef struct check {
    const ipd_audit *audit;
    const ipd_solver *s;
    int l;                /* of the block */
    size_t rows, cols;    /* of the W in the block's product */
    size_t n, first, now; /* all samples; first sample of the chunk; samples in the chunk */
    double *W, *W_before; /* rows x cols; of an a-block, the same */
    double *A, *A_before; /* cols x now */
    double *E, *E_before; /* rows x now: z - b - W a */
    double *G;            /* E a^T, rows x cols; of an a-block W^T E, cols x now */
    double *row_size;     /* rows: norms of W's rows */
    double *a_size;       /* now: norms of a's columns, before and after */
    double *squares;      /* cols: sum over samples of a^2; of an a-block: norms of W's columns */
    double *sums;         /* TILES x 3 x rows: sum of E, of sizes, of their squares */
    double *total;        /* 3 x rows: the same over all */
    double limit;         /* of W with kappa = 0: |a| over all inputs; else 0 */
    double *e_size;       /* now: norms over rows of E's sizes */
    ipd_verdict *tiles, *tiles_b;
} check;

static size_t verdict_doubles(size_t count)
{
    return (count * sizeof(ipd_verdict) + sizeof(double) - 1) / sizeof(double);
}

/* Lays out the scratch `at` for a product with a W of `rows` x `cols`. Returns its size in doubles.
 * Writes nothing to it. */
static size_t layout(check *c, char kind, double *at)
{
    size_t f = c->cols, d = c->rows, chunk = c->n < IPD_AUDIT_CHUNK ? c->n : IPD_AUDIT_CHUNK;
    size_t tiles = f / COLUMNS + 1 > TILES ? f / COLUMNS + 1 : TILES;
    double *start = at;
    c->W = ipd_audit_carve(&at, d * f);
    c->W_before = kind == IPD_W ? ipd_audit_carve(&at, d * f) : c->W;
    c->A = ipd_audit_carve(&at, f * chunk);
    c->A_before = kind == IPD_A ? ipd_audit_carve(&at, f * chunk) : c->A;
    c->E = ipd_audit_carve(&at, d * chunk);
    c->E_before = ipd_audit_carve(&at, d * chunk);
    c->G = ipd_audit_carve(&at, kind == IPD_W ? d * f : f * chunk);
    c->row_size = ipd_audit_carve(&at, d);
    c->a_size = ipd_audit_carve(&at, chunk);
    c->squares = ipd_audit_carve(&at, f);
    c->sums = ipd_audit_carve(&at, TILES * 3 * d);
    c->total = ipd_audit_carve(&at, 3 * d);
    c->e_size = ipd_audit_carve(&at, chunk);
    c->tiles = (ipd_verdict *)(void *)ipd_audit_carve(&at, verdict_doubles(tiles));
    c->tiles_b = (ipd_verdict *)(void *)ipd_audit_carve(&at, verdict_doubles(tiles));
    return (size_t)(at - start);
}

size_t ipd_audit_scratch(const ipd_network *net, ipd_block block, size_t n)
{
    int l = block.kind == IPD_A ? block.layer + 1 : block.layer;
    check c = {.rows = net->d[l], .cols = net->d[l - 1], .n = n};
    double none;
    size_t tiles = verdict_doubles(TILES), chunk = n < IPD_AUDIT_CHUNK ? n : IPD_AUDIT_CHUNK;
    if (block.kind == IPD_Z)
        return c.rows * c.cols + (c.rows + c.cols + 1) * chunk + c.rows + tiles;
    return layout(&c, block.kind, &none);
}

static ipd_matrix64 as(double *data, size_t rows, size_t cols)
{
    return (ipd_matrix64){.rows = rows, .cols = cols, .data = data};
}

/* C := W A of the chunk. */
static void multiply(const check *c, double *W, double *A, double *C)
{
    ipd_matrix64 w = as(W, c->rows, c->cols), a = as(A, c->cols, c->now),
                 to = as(C, c->rows, c->now);
    ipd_multiply64(IPD_PLAIN, IPD_PLAIN, 1, &w, &a, 0, &to);
}

/* The weight of a penalty in the block, in units of rho. */
static double share_of(const ipd_solver *s, double weight)
{
    return s->share * weight / s->rho;
}

static double sign(double x)
{
    return (x > 0) - (x < 0);
}

/* A tile of the chunk: turns products into residuals, with the old b, and sums them. */
static void W_samples(void *context, size_t task, int thread)
{
    check *c = context;
    const ipd_variables *v = &c->s->v;
    size_t d = c->rows, from = task * IPD_AUDIT_TILE, to = from + IPD_AUDIT_TILE;
    double *sum = c->sums + task * 3 * d, *size_sum = sum + d, *square_sum = size_sum + d;
    const float *b_old = c->audit->b.data, *b = v->net->b[c->l].data;
    ipd_verdict *W = &c->tiles[task], *B = &c->tiles_b[task];
    (void)thread;
    *W = *B = (ipd_verdict){0};
    memset(sum, 0, 3 * d * sizeof *sum);
    for (size_t n = from; n < to && n < c->now; n++) {
        const float *z = v->z[c->l].data + (c->first + n) * d;
        const float *z_old = v->z_old[c->l].data + (c->first + n) * d;
        double *e = c->E + n * d, *e_before = c->E_before + n * d;
        for (size_t i = 0; i < d; i++) {
            double was = (double)z[i] - b_old[i] - e_before[i];
            /* The solver may have derived the product from the residual of the previous z. */
            double size = fabs((double)z[i]) + fabs((double)z_old[i]) + fabs((double)b_old[i]) +
                          fabs((double)b[i]) + c->row_size[i] * c->a_size[n];
            e[i] = (double)z[i] - b_old[i] - e[i];
            double new = e[i] + b_old[i] - b[i];
            W->before += was * was;
            W->after += e[i] * e[i];
            B->after += new *new;
            sum[i] += e[i];
            size_sum[i] += size;
            square_sum[i] += size * size;
        }
    }
}

/* Checks that no single weight of a column of W can be improved under a penalty of the user. g:
 * minus the gradient of the other terms at W; sizes: of the terms of g. */
static void own_column(const check *c, size_t k, const double *g, const double *sizes,
                       ipd_verdict *verdict)
{
    enum { PIECE = 64 };
    const ipd_penalty *penalty = &c->s->par.penalty[c->l];
    const float *new = c->s->v.net->W[c->l].data + k * c->rows;
    const float *was = c->audit->x.data + k * c->rows;
    double weight = share_of(c->s, penalty->weight);
    double h = c->squares[k] + ipd_prox_of(c->s, IPD_W, c->l).weight;
    float v[PIECE], x[PIECE];
    /* in units of F; in Phi it is multiplied by rho/2 */
    double before = 2 * weight * ipd_own_penalty(penalty->own, was, c->rows);
    double after = 2 * weight * ipd_own_penalty(penalty->own, new, c->rows);
    verdict->before += before;
    verdict->after += after;
    verdict->rounding += 4e-7 / AUDIT_RISE * (fabs(before) + fabs(after)); /* sums of floats */
    for (size_t first = 0; first < c->rows && h > 0; first += PIECE) {
        size_t count = c->rows - first < PIECE ? c->rows - first : PIECE;
        for (size_t i = 0; i < count; i++)
            v[i] = (float)(new[first + i] + g[first + i] / h);
        ipd_own_penalty_prox(penalty->own, v, (float)(h / weight), x, count);
        for (size_t i = 0; i < count; i++) {
            double off = h * fabs((double)new[first + i] - x[i]);
            double size = sizes[first + i] + h * (fabs((double)v[i]) + 1e-2);
            ipd_verdict_worst(verdict, off, AUDIT_NORMAL * size + AUDIT_TINY);
            /* F may be higher by the square of what is explained: a prox without a formula is found
             * in floats, from slopes that nearly cancel. */
            double explained = AUDIT_NORMAL * size;
            verdict->rounding += explained * explained / h / AUDIT_RISE;
        }
    }
}

/* Gradient of a column of W, with its proximal term and penalty. */
static void W_columns(void *context, size_t task, int thread)
{
    check *c = context;
    const ipd_solver *s = c->s;
    const ipd_parameters *par = &s->par;
    size_t d = c->rows, from = task * COLUMNS, to = from + COLUMNS;
    ipd_prox prox = ipd_prox_of(s, IPD_W, c->l);
    double delta = prox.weight, beta = prox.inertia, l2 = share_of(s, par->penalty[c->l].l2);
    double l1 = share_of(s, par->penalty[c->l].l1), weight = par->penalty[c->l].weight;
    ipd_verdict *verdict = &c->tiles[task];
    (void)thread;
    *verdict = (ipd_verdict){0};
    for (size_t k = from; k < to && k < c->cols; k++) {
        for (size_t i = 0; i < d; i++) {
            size_t at = i + k * d;
            double new = c->W[at], was = c->W_before[at], old = c->audit->old.data[at];
            double hat = was + beta * (was - old);
            double g = c->G[at] + delta * (hat - new) - l2 * new;
            double sizes =
                (delta * (1 + beta) + l2) * (fabs(new) + fabs(was)) + delta * beta * fabs(old) + l1;
            verdict->before +=
                delta * (was - hat) * (was - hat) + l2 * was * was + 2 * l1 * fabs(was);
            verdict->after += delta * (new - hat) * (new - hat) + l2 * new *new + 2 * l1 *fabs(new);
            verdict->rounding += (delta + l2) * (new *new + was *was + old *old);
            double size = sqrt(c->total[2 * d + i]) * (sqrt(c->squares[k]) + c->limit) + sizes;
            c->G[at] = g;
            c->W[at] = size;
            if (weight > 0)
                continue;
            g = new != 0 ? g - l1 *sign(new) : fmax(0, fabs(g) - l1);
            ipd_verdict_worst(verdict, fabs(g), AUDIT_NORMAL * size + AUDIT_TINY);
            /* In the limit, an input that is zero in all samples does not matter: W stays at the
             * hat. */
            if (delta + l2 + l1 == 0 && c->squares[k] == 0)
                ipd_verdict_worst(verdict, fabs(new - hat),
                                  1e-6 * (fabs(was) + beta * (fabs(was) + fabs(old))) + AUDIT_TINY);
        }
        if (weight > 0)
            own_column(c, k, c->G + k * d, c->W + k * d, verdict);
    }
}

/* b, with the new W. */
static void check_b(const check *c, ipd_verdict *verdict)
{
    const ipd_parameters *par = &c->s->par;
    const float *b = c->s->v.net->b[c->l].data;
    ipd_prox prox = ipd_prox_of(c->s, IPD_W, c->l);
    double n = (double)c->n, beta = prox.inertia;
    double delta = par->bias_mean ? prox.weight * n : prox.weight;
    for (size_t i = 0; i < c->rows; i++) {
        double new = b[i], was = c->audit->b.data[i], old = c->audit->b_old.data[i];
        double hat = was + beta * (was - old);
        double g = c->total[i] + n * (was - new) + delta * (hat - new);
        double sizes = delta * (fabs(new) + (1 + beta) * fabs(was) + beta * fabs(old));
        ipd_verdict_worst(verdict, fabs(g),
                          AUDIT_NORMAL * (c->total[c->rows + i] + sizes) + AUDIT_TINY);
        verdict->before += delta * (was - hat) * (was - hat);
        verdict->after += delta * (new - hat) * (new - hat);
        verdict->rounding += c->total[2 * c->rows + i] + delta * (new *new + was *was + old *old);
    }
}

/* Adds the sums of the chunk's tiles in order, and the squares of a. */
static void W_gather(check *c, size_t tiles, ipd_verdict *W, ipd_verdict *b)
{
    size_t width = 3 * c->rows;
    for (size_t t = 0; t < tiles; t++) {
        ipd_verdict_add(W, &c->tiles[t]);
        ipd_verdict_add(b, &c->tiles_b[t]);
        b->before += c->tiles[t].after;
        for (size_t i = 0; i < width; i++)
            c->total[i] += c->sums[t * width + i];
    }
    for (size_t n = 0; n < c->now; n++)
        for (size_t k = 0; k < c->cols; k++)
            c->squares[k] += c->A[k + n * c->cols] * c->A[k + n * c->cols];
}

/* F in units of Phi, and its possible rounding. In the limit kappa -> 0, directions in which a is
 * nearly zero (singular values below 1e-5 of the largest) stay at the hat, at a small cost. */
static void W_finish(const check *c, ipd_verdict *W, ipd_verdict *b)
{
    double rho = c->s->rho, beta = ipd_prox_of(c->s, IPD_W, c->l).inertia, jump = 0;
    for (size_t i = 0; i < c->rows; i++)
        W->rounding += c->total[2 * c->rows + i];
    W->rounding *= AUDIT_RISE;
    if (c->limit > 0) {
        for (size_t at = 0; at < c->rows * c->cols; at++) {
            double by = beta * (c->W_before[at] - c->audit->old.data[at]);
            jump += by * by;
        }
        double a = 1e-5 * c->limit;
        W->rounding += 2 * a * sqrt(jump * W->before) + a * a * jump;
    }
    b->rounding *= AUDIT_RISE;
    for (int i = 0; i < 2; i++) {
        ipd_verdict *v = i ? b : W;
        v->before *= rho / 2;
        v->after *= rho / 2;
        v->rounding *= rho / 2;
    }
}

void ipd_audit_W(const ipd_audit *audit, const ipd_solver *s, int l, ipd_verdict *W, ipd_verdict *b)
{
    const ipd_network *net = s->v.net;
    check c = {
        .audit = audit, .s = s, .l = l, .rows = net->d[l], .cols = net->d[l - 1], .n = s->v.n};
    size_t weights = c.rows * c.cols, blocks = (c.cols + COLUMNS - 1) / COLUMNS;
    layout(&c, IPD_W, audit->scratch);
    *W = (ipd_verdict){.part = 'W'};
    *b = (ipd_verdict){.part = 'b'};
    ipd_widen(net->W[l].data, c.W, weights);
    ipd_widen(audit->x.data, c.W_before, weights);
    memset(c.row_size, 0, c.rows * sizeof *c.row_size);
    ipd_audit_add_row_norms(net->W[l].data, c.rows, c.cols, c.row_size);
    ipd_audit_add_row_norms(audit->x.data, c.rows, c.cols, c.row_size);
    memset(c.squares, 0, c.cols * sizeof *c.squares);
    memset(c.total, 0, 3 * c.rows * sizeof *c.total);
    for (c.first = 0; c.first < c.n; c.first += IPD_AUDIT_CHUNK) {
        c.now = c.n - c.first < IPD_AUDIT_CHUNK ? c.n - c.first : IPD_AUDIT_CHUNK;
        size_t tiles = (c.now + IPD_AUDIT_TILE - 1) / IPD_AUDIT_TILE;
        ipd_matrix64 E = as(c.E, c.rows, c.now), A = as(c.A, c.cols, c.now),
                     G = as(c.G, c.rows, c.cols);
        ipd_widen(s->v.a[l - 1].data + c.first * c.cols, c.A, c.cols * c.now);
        ipd_audit_column_norms(c.A, c.cols, c.now, c.a_size);
        multiply(&c, c.W, c.A, c.E);
        multiply(&c, c.W_before, c.A, c.E_before);
        ipd_parallel_for(tiles, W_samples, &c);
        W_gather(&c, tiles, W, b);
        ipd_multiply64(IPD_PLAIN, IPD_TRANSPOSED, 1, &E, &A, c.first ? 1 : 0, &G);
    }
    /* The pseudo-inverse of a Gram matrix is accurate in norm, not column by column, and neglects
     * singular values under 1e-5 of the largest. */
    double squares = 0;
    for (size_t k = 0; k < c.cols; k++)
        squares += c.squares[k];
    const ipd_penalty *penalty = &s->par.penalty[l];
    c.limit = ipd_prox_of(s, IPD_W, l).weight + penalty->l1 + penalty->l2 + penalty->weight == 0
                  ? sqrt(squares)
                  : 0;
    check_b(&c, b);
    ipd_parallel_for(blocks, W_columns, &c);
    for (size_t t = 0; t < blocks; t++)
        ipd_verdict_add(W, &c.tiles[t]);
    W_finish(&c, W, b);
}

/* A tile of the chunk: turns products into residuals. */
static void a_samples(void *context, size_t task, int thread)
{
    check *c = context;
    const ipd_variables *v = &c->s->v;
    size_t d = c->rows, from = task * IPD_AUDIT_TILE, to = from + IPD_AUDIT_TILE;
    const float *b = v->net->b[c->l + 1].data;
    ipd_verdict *verdict = &c->tiles[task];
    (void)thread;
    *verdict = (ipd_verdict){0};
    for (size_t n = from; n < to && n < c->now; n++) {
        const float *z = v->z[c->l + 1].data + (c->first + n) * d;
        double *e = c->E + n * d, *e_before = c->E_before + n * d, squares = 0;
        for (size_t i = 0; i < d; i++) {
            double was = (double)z[i] - b[i] - e_before[i];
            double size = fabs((double)z[i]) + fabs((double)b[i]) +
                          c->row_size[i] * (c->a_size[n] + c->e_size[n]);
            e[i] = (double)z[i] - b[i] - e[i];
            verdict->before += was * was;
            verdict->after += e[i] * e[i];
            squares += size * size;
        }
        c->e_size[n] = sqrt(squares);
        verdict->rounding += squares;
    }
}

/* Gradient of a, and the rest of its function. */
static void a_gradient(void *context, size_t task, int thread)
{
    enum { PIECE = 64 };
    check *c = context;
    const ipd_variables *v = &c->s->v;
    size_t d = c->cols, from = task * IPD_AUDIT_TILE, to = from + IPD_AUDIT_TILE;
    ipd_prox prox = ipd_prox_of(c->s, IPD_A, c->l);
    double delta = prox.weight, gamma = prox.inertia;
    ipd_verdict *verdict = &c->tiles[task];
    float fit[PIECE];
    (void)thread;
    for (size_t n = from; n < to && n < c->now; n++)
        for (size_t k = 0; k < d; k++) {
            size_t at = k + (c->first + n) * d;
            if (k % PIECE == 0)
                ipd_activation_apply(v->net->sigma[c->l], v->z[c->l].data + at, fit,
                                     d - k < PIECE ? d - k : PIECE);
            double new = c->A[k + n * d], was = c->A_before[k + n * d],
                   old = c->audit->old.data[at], f = fit[k % PIECE];
            double hat = was + gamma * (was - old);
            double g = c->G[k + n * d] + f - new + delta *(hat - new);
            /* The step starts at a^k. */
            double size = fabs(f) + fabs(new) + fabs(was) +
                          delta * (fabs(new) + (1 + gamma) * fabs(was) + gamma * fabs(old));
            verdict->before += (was - f) * (was - f) + delta * (was - hat) * (was - hat);
            verdict->after += (new - f) * (new - f) + delta * (new - hat) * (new - hat);
            size += c->e_size[n] * c->squares[k];
            /* A residual g raises F by at most |g|^2/(2 (1 + delta)). */
            verdict->rounding += size * size / (1 + delta);
            ipd_verdict_worst(verdict, fabs(g), AUDIT_NORMAL * size + AUDIT_TINY);
        }
}

void ipd_audit_a(const ipd_audit *audit, const ipd_solver *s, int l, ipd_verdict *a)
{
    const ipd_network *net = s->v.net;
    check c = {
        .audit = audit, .s = s, .l = l, .rows = net->d[l + 1], .cols = net->d[l], .n = s->v.n};
    layout(&c, IPD_A, audit->scratch);
    *a = (ipd_verdict){.part = 'a'};
    ipd_widen(net->W[l + 1].data, c.W, c.rows * c.cols);
    memset(c.row_size, 0, c.rows * sizeof *c.row_size);
    ipd_audit_add_row_norms(net->W[l + 1].data, c.rows, c.cols, c.row_size);
    ipd_audit_column_norms(c.W, c.rows, c.cols, c.squares);
    for (c.first = 0; c.first < c.n; c.first += IPD_AUDIT_CHUNK) {
        c.now = c.n - c.first < IPD_AUDIT_CHUNK ? c.n - c.first : IPD_AUDIT_CHUNK;
        size_t tiles = (c.now + IPD_AUDIT_TILE - 1) / IPD_AUDIT_TILE, at = c.first * c.cols;
        ipd_matrix64 W = as(c.W, c.rows, c.cols), E = as(c.E, c.rows, c.now),
                     G = as(c.G, c.cols, c.now);
        ipd_widen(s->v.a[l].data + at, c.A, c.cols * c.now);
        ipd_widen(audit->x.data + at, c.A_before, c.cols * c.now);
        ipd_audit_column_norms(c.A, c.cols, c.now, c.a_size);
        ipd_audit_column_norms(c.A_before, c.cols, c.now,
                               c.e_size); /* scratch until it holds E's norms */
        multiply(&c, c.W, c.A, c.E);
        multiply(&c, c.W, c.A_before, c.E_before);
        ipd_parallel_for(tiles, a_samples, &c);
        ipd_multiply64(IPD_TRANSPOSED, IPD_PLAIN, 1, &W, &E, 0, &G);
        ipd_parallel_for(tiles, a_gradient, &c);
        for (size_t t = 0; t < tiles; t++)
            ipd_verdict_add(a, &c.tiles[t]);
    }
    a->before *= s->rho / 2;
    a->after *= s->rho / 2;
    a->rounding *= AUDIT_RISE * s->rho / 2;
}
