/* audit_z.c - checks each element of z_l against all branches of its prox, and z_L against its
 * loss.
 *
 * For l < L an element costs f(x) = (sigma(x) - w)^2 + r (x - v)^2, up to terms without x. If sigma
 * is piecewise linear, the minimum of f on each piece is known, and x must be the best of them.
 * Otherwise its slope must vanish or change its sign at x, and no point of a grid around v, which
 * reaches as far as a better point can lie, may cost less.
 *
 * For l = L the loss is convex: 0 must lie between the subgradients a rounding error to the left
 * and to the right.
 */
#include "base/parallel.h"
#include "base/vector.h"
#include "solver/audit_checks.h"

#include <math.h>

enum { MAX_OUTPUTS = IPD_MAX_OUTPUTS, GRID = 32, PIECE = 64, MAX_PIECES = IPD_MAX_KINKS + 1 };

typedef struct z_check {
    const ipd_audit *audit;
    const ipd_solver *s;
    const ipd_activation *sigma;     /* NULL if x is fitted to the targets */
    const ipd_matrix *x, *was, *old; /* x^{k+1}, x^k, x^{k-1} */
    const ipd_matrix *p;             /* replaces W a + b, or NULL */
    ipd_prox prox;
    int l, pieces; /* 0: smooth */
    /* sigma(x) = slope x + offset on a piece between two bounds */
    double slope[MAX_PIECES], offset[MAX_PIECES], bound[MAX_PIECES + 1], natural;
    double loose;
    size_t rows, cols, n, first, now;
    double *W, *A, *P, *row_size, *a_size;
    ipd_verdict *tiles;
} z_check;

/* One element: w is its target a_l; size is that of v. */
typedef struct element {
    double w, v, r, size;
} element;

static double square(double x)
{
    return x * x;
}

static double cost(const element *e, double x, double fit)
{
    return square(fit - e->w) + e->r * square(x - e->v);
}

/* Determines the linear pieces from the function itself. */
static void find_pieces(z_check *c, const ipd_activation *sigma)
{
    c->pieces = sigma->kinks < 0 ? 0 : sigma->kinks + 1;
    c->natural = sigma->kinks < 0 ? 1 : 0;
    for (int i = 0; i < c->pieces; i++) {
        double low = i ? (double)sigma->kink[i - 1] : -INFINITY;
        double high = i < sigma->kinks ? (double)sigma->kink[i] : INFINITY;
        double from = i ? low : sigma->kinks ? high - 2 : 0;
        double width = i && i < sigma->kinks ? high - low : 2;
        float x[2] = {(float)(from + width / 4), (float)(from + 3 * width / 4)}, y[2];
        ipd_activation_apply(sigma, x, y, 2);
        c->bound[i] = low;
        c->bound[i + 1] = high;
        c->slope[i] = ((double)y[1] - y[0]) / ((double)x[1] - x[0]);
        c->offset[i] = y[0] - c->slope[i] * x[0];
        if (i)
            c->natural = fmax(c->natural, fabs(low));
    }
}

static double sigma_at(const z_check *c, double x)
{
    int i = 0;
    while (i + 1 < c->pieces && x > c->bound[i + 1])
        i++;
    return c->slope[i] * x + c->offset[i];
}

/* Compares x with the best point of each piece. */
static void check_branches(const z_check *c, const element *e, double x, ipd_verdict *verdict)
{
    double size = e->size + fabs(e->w) + fabs(x) + c->natural;
    double allowed = c->loose * AUDIT_COST * size * size * (1 + e->r), min = INFINITY,
           nearest = INFINITY;
    double best[MAX_PIECES], costs[MAX_PIECES];
    for (int i = 0; i < c->pieces; i++) {
        double s = c->slope[i], target = e->w - c->offset[i];
        double at = (s * target + e->r * e->v) / (s * s + e->r);
        best[i] = fmin(fmax(at, c->bound[i]), c->bound[i + 1]);
        costs[i] = cost(e, best[i], s * best[i] + c->offset[i]);
        min = fmin(min, costs[i]);
    }
    for (int i = 0; i < c->pieces; i++)
        if (costs[i] <= min + allowed)
            nearest = fmin(nearest, fabs(x - best[i]));
    ipd_verdict_worst(verdict, nearest, AUDIT_POSITION * size + AUDIT_TINY);
}

/* Returns by how much 0 lies outside the slopes of half the cost a rounding error to the left and
 * to the right of x: sigma may have a kink between them. */
static double slope_beside(const ipd_activation *sigma, const element *e, double x, double size)
{
    double step = AUDIT_POSITION / 10 * size, low = INFINITY, high = -INFINITY;
    float at[2] = {(float)(x - step), (float)(x + step)}, fit[2], slope[2];
    ipd_activation_apply(sigma, at, fit, 2);
    ipd_activation_derivative(sigma, at, slope, 2);
    for (int i = 0; i < 2; i++) {
        double g = (fit[i] - e->w) * slope[i] + e->r * (at[i] - e->v);
        low = isnan(g) ? g : fmin(low, g);
        high = fmax(high, g);
    }
    return low > 0 ? low : high < 0 ? -high : isnan(low) ? low : 0;
}

/* Checks the slope at x and compares x with a grid; fit and slope are sigma and its derivative at
 * x. */
static void check_smooth(const z_check *c, const ipd_activation *sigma, const element *e, double x,
                         double fit, double slope, ipd_verdict *verdict)
{
    float grid[GRID + 1], at[GRID + 1], v = (float)e->v, middle;
    ipd_activation_apply(sigma, &v, &middle, 1);
    double size = e->size + fabs(e->w) + fabs(x) + c->natural;
    double reach = fabs(e->w - middle) / sqrt(e->r), min = INFINITY, mine = cost(e, x, fit);
    double residual = fabs((fit - e->w) * slope + e->r * (x - e->v));
    double beside = sigma->kinks == IPD_ANY_KINKS ? slope_beside(sigma, e, x, size) : residual;
    residual = beside < residual ? beside : residual;
    ipd_verdict_worst(verdict, residual, AUDIT_POSITION * size * (1 + e->r) + AUDIT_TINY);
    for (int i = 0; i <= GRID; i++)
        grid[i] = (float)(e->v + reach * (2.0 * i / GRID - 1));
    ipd_activation_apply(sigma, grid, at, GRID + 1);
    for (int i = 0; i <= GRID; i++)
        min = fmin(min, cost(e, grid[i], at[i]));
    ipd_verdict_worst(verdict, fmax(0, mine - min),
                      AUDIT_COST * size * size * (1 + e->r) + AUDIT_TINY);
}

/* Checks a sample of a hidden layer. */
static void hidden_sample(const z_check *c, size_t n, ipd_verdict *verdict)
{
    const ipd_variables *v = &c->s->v;
    const ipd_activation *sigma = c->sigma;
    size_t at = (c->first + n) * c->rows;
    const float *x = c->x->data + at, *was = c->was->data + at, *old = c->old->data + at,
                *a = v->a[c->l].data + at;
    const float *b = v->net->b[c->l].data;
    double delta = c->prox.weight, alpha = c->prox.inertia;
    float fit[PIECE], fit_was[PIECE], slope[PIECE];
    for (size_t i = 0; i < c->rows; i++) {
        size_t left = c->rows - i < PIECE ? c->rows - i : PIECE, in = i % PIECE;
        if (in == 0) {
            ipd_activation_apply(sigma, x + i, fit, left);
            ipd_activation_apply(sigma, was + i, fit_was, left);
            if (!c->pieces)
                ipd_activation_derivative(sigma, x + i, slope, left);
        }
        double p = c->P[i + n * c->rows] + b[i], hat = was[i] + alpha * ((double)was[i] - old[i]);
        /* The solver may have derived the product from the residual of z^k. */
        double sizes = fabs((double)b[i]) + c->row_size[i] * c->a_size[n] + fabs((double)was[i]) +
                       delta * ((1 + alpha) * fabs((double)was[i]) + alpha * fabs((double)old[i]));
        element e = {a[i], (p + delta * hat) / (1 + delta), 1 + delta, sizes / (1 + delta)};
        double mine = c->pieces ? sigma_at(c, x[i]) : fit[in];
        if (c->pieces)
            check_branches(c, &e, x[i], verdict);
        else
            check_smooth(c, sigma, &e, x[i], fit[in], slope[in], verdict);
        verdict->after += square(x[i] - p) + delta * square(x[i] - hat) + square(mine - a[i]);
        verdict->before +=
            square(was[i] - p) + delta * square(was[i] - hat) + square((double)fit_was[in] - a[i]);
        verdict->rounding +=
            AUDIT_COST * (1 + e.r) * square(e.size + fabs(e.w) + fabs((double)x[i]) + c->natural);
    }
}

/* Checks a sample of the output layer: 0 must lie between the subgradients on both sides. */
static void output_sample(const z_check *c, size_t n, ipd_verdict *verdict)
{
    const ipd_variables *v = &c->s->v;
    size_t d = c->rows, at = (c->first + n) * d;
    const float *x = c->x->data + at, *was = c->was->data + at, *old = c->old->data + at,
                *y = v->Y.data + at;
    const float *b = c->p ? NULL : v->net->b[c->l].data;
    double delta = c->prox.weight, alpha = c->prox.inertia, rho = c->s->rho, r = rho * (1 + delta);
    float low[MAX_OUTPUTS], high[MAX_OUTPUTS];
    double size[MAX_OUTPUTS], off[MAX_OUTPUTS], gaps = 0, gaps_was = 0;
    for (size_t i = 0; i < d; i++) {
        double p = c->p ? c->p->data[at + i] : c->P[i + n * d] + b[i];
        double hat = was[i] + alpha * ((double)was[i] - old[i]);
        double sizes =
            (c->p ? fabs(p)
                  : fabs((double)b[i]) + c->row_size[i] * c->a_size[n] + fabs((double)was[i])) +
            delta * ((1 + alpha) * fabs((double)was[i]) + alpha * fabs((double)old[i]));
        off[i] = x[i] - (p + delta * hat) / (1 + delta);
        size[i] = sizes / (1 + delta) + fabs((double)x[i]);
        gaps += square(x[i] - p) + delta * square(x[i] - hat);
        gaps_was += square(was[i] - p) + delta * square(was[i] - hat);
        low[i] = (float)(x[i] - AUDIT_POSITION / 10 * (size[i] + fabs((double)y[i])));
        high[i] = (float)(x[i] + AUDIT_POSITION / 10 * (size[i] + fabs((double)y[i])));
    }
    ipd_loss_gradient(v->net->loss, y, low, low, d, 1);
    ipd_loss_gradient(v->net->loss, y, high, high, d, 1);
    for (size_t i = 0; i < d; i++) {
        double g_low = fmin(low[i], high[i]) + r * off[i],
               g_high = fmax(low[i], high[i]) + r * off[i];
        double residual = g_low > 0 ? g_low : g_high < 0 ? -g_high : g_low == g_low ? 0 : NAN;
        ipd_verdict_worst(verdict, residual,
                          AUDIT_POSITION / 10 * (r * size[i] + fabs((double)y[i]) + size[i]) +
                              AUDIT_TINY * (1 + r));
        verdict->rounding += AUDIT_COST * (rho / 2 * (1 + delta) * square(size[i]) +
                                           square(size[i]) + fabs((double)y[i]));
    }
    verdict->after += ipd_loss_value(v->net->loss, y, x, d, 1) + rho / 2 * gaps;
    verdict->before += ipd_loss_value(v->net->loss, y, was, d, 1) + rho / 2 * gaps_was;
}

static void z_samples(void *context, size_t task, int thread)
{
    z_check *c = context;
    size_t from = task * IPD_AUDIT_TILE, to = from + IPD_AUDIT_TILE;
    (void)thread;
    c->tiles[task] = (ipd_verdict){0};
    for (size_t n = from; n < to && n < c->now; n++)
        if (c->sigma)
            hidden_sample(c, n, &c->tiles[task]);
        else
            output_sample(c, n, &c->tiles[task]);
}

void ipd_audit_z(const ipd_audit *audit, const ipd_solver *s, int l, ipd_verdict *z)
{
    const ipd_network *net = s->v.net;
    size_t n = s->v.n, chunk = n < IPD_AUDIT_CHUNK ? n : IPD_AUDIT_CHUNK;
    z_check c = {.audit = audit,
                 .s = s,
                 .x = &s->v.z[l],
                 .was = &audit->x,
                 .old = &audit->old,
                 .prox = ipd_prox_of(s, IPD_Z, l),
                 .l = l,
                 .rows = net->d[l],
                 .cols = net->d[l - 1],
                 .n = n};
    c.W = audit->scratch;
    c.A = c.W + c.rows * c.cols;
    c.P = c.A + c.cols * chunk;
    c.row_size = c.P + c.rows * chunk;
    c.a_size = c.row_size + c.rows;
    c.tiles = (ipd_verdict *)(void *)(c.a_size + chunk);
    *z = (ipd_verdict){.part = 'z'};
    c.loose = ipd_audit_loose(c.prox.weight);
    c.sigma = l < net->L           ? net->sigma[l]
              : s->output_variable ? ipd_activation_find("identity")
                                   : NULL;
    if (c.sigma)
        find_pieces(&c, c.sigma);
    ipd_widen(net->W[l].data, c.W, c.rows * c.cols);
    for (size_t i = 0; i < c.rows; i++)
        c.row_size[i] = 0;
    ipd_audit_add_row_norms(net->W[l].data, c.rows, c.cols, c.row_size);
    for (c.first = 0; c.first < n; c.first += IPD_AUDIT_CHUNK) {
        c.now = n - c.first < IPD_AUDIT_CHUNK ? n - c.first : IPD_AUDIT_CHUNK;
        size_t tiles = (c.now + IPD_AUDIT_TILE - 1) / IPD_AUDIT_TILE;
        ipd_matrix64 W = {.rows = c.rows, .cols = c.cols, .data = c.W};
        ipd_matrix64 A = {.rows = c.cols, .cols = c.now, .data = c.A};
        ipd_matrix64 P = {.rows = c.rows, .cols = c.now, .data = c.P};
        ipd_widen(s->v.a[l - 1].data + c.first * c.cols, c.A, c.cols * c.now);
        ipd_audit_column_norms(c.A, c.cols, c.now, c.a_size);
        ipd_multiply64(IPD_PLAIN, IPD_PLAIN, 1, &W, &A, 0, &P);
        ipd_parallel_for(tiles, z_samples, &c);
        for (size_t t = 0; t < tiles; t++)
            ipd_verdict_add(z, &c.tiles[t]);
    }
    if (c.sigma) {
        z->before *= s->rho / 2;
        z->after *= s->rho / 2;
        z->rounding *= s->rho / 2;
    }
}

void ipd_audit_fit(const ipd_audit *audit, const ipd_solver *s, const ipd_matrix *x,
                   const ipd_matrix *was, const ipd_matrix *old, const ipd_matrix *p, ipd_prox prox,
                   ipd_verdict *v)
{
    z_check c = {.audit = audit,
                 .s = s,
                 .x = x,
                 .was = was,
                 .old = old,
                 .p = p,
                 .prox = prox,
                 .loose = ipd_audit_loose(prox.weight),
                 .rows = x->rows,
                 .n = s->v.n,
                 .tiles = (ipd_verdict *)(void *)audit->scratch};
    *v = (ipd_verdict){0};
    for (c.first = 0; c.first < c.n; c.first += IPD_AUDIT_CHUNK) {
        c.now = c.n - c.first < IPD_AUDIT_CHUNK ? c.n - c.first : IPD_AUDIT_CHUNK;
        size_t tiles = (c.now + IPD_AUDIT_TILE - 1) / IPD_AUDIT_TILE;
        ipd_parallel_for(tiles, z_samples, &c);
        for (size_t t = 0; t < tiles; t++)
            ipd_verdict_add(v, &c.tiles[t]);
    }
}
