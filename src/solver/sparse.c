/* sparse.c - see sparse.h.
 *
 * In every round, each row has a working set S = {k: w_k != 0 or |g_k| > l1} with signs t_k =
 * sign(w_k), or -sign(g_k) if w_k = 0. In the orthant of these signs F is a quadratic. The round
 * minimises it over S and moves to the nearest point of the orthant. If F falls too little, it
 * moves towards the minimiser instead, keeps each coordinate that becomes zero there, and stops at
 * the first minimum of F: F is quadratic between two such points. A row starts with a sweep of
 * coordinate descent, in which F falls unless the row is optimal, and has one after each such path,
 * so that every row converges.
 *
 * H_SS p = r is solved by its Cholesky factor, or on Z, the complement of S, if that is smaller:
 * with M = H^{-1}, p = M (r + e) for the e on Z that makes p vanish there, M_ZZ e = -(M r)_Z.
 *
 * Rows are solved in panels that depend only on the number of rows; the rows of a panel share one
 * product with H.
 */
#include "solver/sparse.h"
#include "base/parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    PANEL = 16,       /* rows */
    WIDE_ROUNDS = 60, /* from then on, the working set grows by one at a time */
    REFRESH = 50      /* rounds between recomputations of the gradients */
};

typedef struct breakpoint {
    double at;    /* distance along the direction at which coordinate k becomes zero */
    double slope; /* of l1 |w_k| before that */
    size_t k;
} breakpoint;

/* Scratch of a thread. */
typedef struct workspace {
    double *step, *image; /* d x PANEL: steps of rows, and H times them */
    double *right, *way;  /* d x PANEL: -(g + l1 t) on S; Newton's step */
    double *product;      /* d x PANEL */
    double *F;            /* the system of a direction */
    double *some;         /* d */
    size_t *index;        /* d */
    breakpoint *breaks;   /* d */
    void *memory;
} workspace;

typedef struct job {
    ipd_sparse_rows *r;
    workspace *workspaces; /* by thread */
    double *c;             /* d x count: right-hand sides */
    double *residual;      /* by row */
    double *rounds;
    uint64_t *flops; /* by panel */
} job;

/* The active rows of a panel. */
typedef struct panel {
    const ipd_sparse_rows *r;
    workspace *m;
    size_t first, active, row[PANEL];
    double scale[PANEL]; /* l1 + max_k |c_k| */
    double model[PANEL]; /* predicted decrease of F by Newton's step in the orthant */
    int sweep[PANEL];    /* 1: do a sweep next */
    int accepted[PANEL];
    uint64_t flops;
} panel;

static double soft(double x, double by)
{
    return x > by ? x - by : x < -by ? x + by : 0;
}

/* One pass of coordinate descent. */
static void sweep(panel *p, double *w, double *g)
{
    size_t d = p->r->d;
    for (size_t k = 0; k < d; k++) {
        double h = p->r->H[k * (d + 1)], new = soft(w[k] - g[k] / h, p->r->l1 / h);
        if (new == w[k])
            continue;
        ipd_daxpy(d, new - w[k], p->r->H + k * d, g);
        w[k] = new;
        p->flops += 2 * d;
    }
}

static double residual(const ipd_sparse_rows *r, const double *w, const double *g)
{
    double max = 0;
    for (size_t k = 0; k < r->d; k++) {
        double h = r->H[k * (r->d + 1)];
        double by = h * fabs(w[k] - soft(w[k] - g[k] / h, r->l1 / h));
        max = by <= max ? max : by; /* NaN stays */
    }
    return max;
}

/* Sets weights to zero that coordinate descent would set to zero; they are tiny. */
static void snap(panel *p, double *w, double *g)
{
    size_t d = p->r->d;
    for (size_t k = 0; k < d; k++) {
        double h = p->r->H[k * (d + 1)];
        if (w[k] == 0 || soft(w[k] - g[k] / h, p->r->l1 / h) != 0)
            continue;
        ipd_daxpy(d, -w[k], p->r->H + k * d, g);
        w[k] = 0;
    }
}

/* The sign of coordinate k's orthant; 0: it stays 0. */
static double orthant(double w, double g, double l1)
{
    return w > 0 ? 1 : w < 0 ? -1 : g > l1 ? -1 : g < -l1 ? 1 : 0;
}

/* F := the rows and columns `index` of A, lower triangle. */
static void gather(const double *A, size_t d, const size_t *index, size_t count, double shift,
                   double *F)
{
    for (size_t c = 0; c < count; c++) {
        const double *from = A + index[c] * d;
        for (size_t i = c; i < count; i++)
            F[i + c * count] = from[index[i]];
        F[c * (count + 1)] += shift;
    }
}

/* Lists in m->index the coordinates whose sign is zero or, with zero = 0, is not; returns their
 * number. */
static size_t list_coordinates(workspace *m, const double *sign, size_t d, int zero)
{
    size_t count = 0;
    for (size_t k = 0; k < d; k++)
        if ((sign[k] == 0) == zero)
            m->index[count++] = k;
    return count;
}

/* way := (H_SS + shift I)^{-1} right on S, 0 elsewhere; all 0 if the matrix is not positive
 * definite in double. */
static void solve_inside(panel *p, const double *sign, const double *right, double *way)
{
    workspace *m = p->m;
    size_t d = p->r->d, count = list_coordinates(m, sign, d, 0);
    gather(p->r->H, d, m->index, count, p->r->shift, m->F);
    memset(way, 0, d * sizeof *way);
    for (size_t i = 0; i < count; i++)
        m->some[i] = right[m->index[i]];
    p->flops += (uint64_t)count * count * count / 3 + 2 * (uint64_t)count * count;
    if (ipd_solve_tile64(m->F, count, m->some))
        return;
    for (size_t i = 0; i < count; i++)
        way[m->index[i]] = m->some[i];
}

/* right := right + e, where image is the inverse times right. Returns -1 if e cannot be
 * computed. */
static int solve_outside(panel *p, const double *sign, const double *image, double *right)
{
    workspace *m = p->m;
    size_t d = p->r->d, count = list_coordinates(m, sign, d, 1);
    gather(p->r->inverse, d, m->index, count, 0, m->F);
    for (size_t i = 0; i < count; i++)
        m->some[i] = -image[m->index[i]];
    p->flops += (uint64_t)count * count * count / 3 + 2 * (uint64_t)count * count;
    if (ipd_solve_tile64(m->F, count, m->some))
        return -1;
    for (size_t i = 0; i < count; i++)
        right[m->index[i]] = m->some[i];
    return 0;
}

static void multiply(panel *p, const double *A, const double *X, double *Y, size_t count)
{
    size_t d = p->r->d;
    ipd_dgemm(IPD_PLAIN, IPD_PLAIN, d, count, d, 1, A, d, X, d, 0, Y, d);
    p->flops += 2 * (uint64_t)d * d * count;
}

/* The directions of all active rows; the signs of their orthants are in m->step. */
static void directions(panel *p)
{
    workspace *m = p->m;
    size_t d = p->r->d, count = 0, which[PANEL];
    for (size_t a = 0; a < p->active; a++) {
        size_t outside = 0;
        for (size_t k = 0; k < d; k++)
            outside += m->step[k + a * d] == 0;
        if (!p->r->inverse || 2 * outside > d) {
            solve_inside(p, m->step + a * d, m->right + a * d, m->way + a * d);
            continue;
        }
        memcpy(m->image + count * d, m->right + a * d, d * sizeof *m->image);
        which[count++] = a;
    }
    if (count == 0)
        return;
    multiply(p, p->r->inverse, m->image, m->product, count);
    for (size_t c = 0; c < count; c++)
        if (solve_outside(p, m->step + which[c] * d, m->product + c * d, m->image + c * d))
            memset(m->image + c * d, 0, d * sizeof *m->image);
    multiply(p, p->r->inverse, m->image, m->product, count);
    for (size_t c = 0; c < count; c++)
        for (size_t k = 0; k < d; k++)
            m->way[k + which[c] * d] = m->step[k + which[c] * d] != 0 ? m->product[k + c * d] : 0;
}

/* For a slow row: only coordinates with w != 0, until these are solved; then also the one that is
 * furthest from optimal. So F falls from one orthant's minimum to another's, and there are finitely
 * many. */
static void narrow(const panel *p, size_t a, const double *w, double *sign, double *right)
{
    size_t d = p->r->d, furthest = d;
    double inside = 0, max = 0;
    for (size_t k = 0; k < d; k++) {
        if (w[k] != 0)
            inside = fmax(inside, fabs(right[k]));
        else if (fabs(right[k]) > max) {
            max = fabs(right[k]);
            furthest = k;
        }
    }
    int solved = inside <= IPD_SPARSE_TOLERANCE / 2 * p->scale[a];
    for (size_t k = 0; k < d; k++)
        if (w[k] == 0 && !(solved && k == furthest))
            sign[k] = right[k] = 0;
}

/* Newton's steps of the active rows, and the steps to the nearest points of their orthants. */
static void newton(panel *p, int round)
{
    const ipd_sparse_rows *r = p->r;
    workspace *m = p->m;
    size_t d = r->d;
    for (size_t a = 0; a < p->active; a++) {
        const double *w = r->w + p->row[a] * d, *g = r->g + p->row[a] * d;
        double *sign = m->step + a * d, *right = m->right + a * d;
        for (size_t k = 0; k < d; k++) {
            sign[k] = orthant(w[k], g[k], r->l1);
            right[k] = sign[k] != 0 ? -(g[k] + r->l1 * sign[k]) : 0;
        }
        if (round >= WIDE_ROUNDS)
            narrow(p, a, w, sign, right);
    }
    directions(p);
    for (size_t a = 0; a < p->active; a++) {
        const double *w = r->w + p->row[a] * d, *right = m->right + a * d;
        double *step = m->step + a * d, *way = m->way + a * d;
        p->model[a] = 0;
        for (size_t k = 0; k < d; k++) { /* step[k] is still the sign */
            if (w[k] == 0 && way[k] * step[k] < 0)
                way[k] = 0;
            double to = (w[k] + way[k]) * step[k] > 0 ? w[k] + way[k] : 0;
            p->model[a] += right[k] * way[k] / 2;
            step[k] = to - w[k];
        }
    }
}

/* Takes the step within the orthant if F falls enough. */
static int try_step(panel *p, size_t a)
{
    size_t d = p->r->d;
    double *w = p->r->w + p->row[a] * d, *g = p->r->g + p->row[a] * d;
    const double *step = p->m->step + a * d, *image = p->m->image + a * d,
                 *right = p->m->right + a * d;
    double fall = 0;
    for (size_t k = 0; k < d; k++)
        fall += step[k] * (right[k] - image[k] / 2); /* |w|_1 is linear within the orthant */
    if (!(fall > 0 && fall >= 0.1 * p->model[a]))
        return 0;
    for (size_t k = 0; k < d; k++) {
        w[k] += step[k];
        g[k] += image[k];
    }
    return 1;
}

static int by_place(const void *x, const void *y)
{
    const breakpoint *a = x, *b = y;
    return a->at < b->at ? -1 : a->at > b->at ? 1 : a->k < b->k ? -1 : a->k > b->k;
}

/* Moves from w along way, where image = H way, to the first minimum of F; coordinates that become
 * zero are dropped on the way. Overwrites way and image. */
static void search(panel *p, size_t row, double *way, double *image)
{
    size_t d = p->r->d, count = 0;
    double *w = p->r->w + row * d, *g = p->r->g + row * d, slope = 0, bend = 0, at = 0;
    breakpoint *b = p->m->breaks;
    for (size_t k = 0; k < d; k++) {
        if (way[k] == 0)
            continue;
        double sign = w[k] != 0 ? (w[k] > 0 ? 1 : -1) : way[k] > 0 ? 1 : -1;
        slope += way[k] * (g[k] + p->r->l1 * sign);
        bend += way[k] * image[k];
        if (w[k] * way[k] < 0)
            b[count++] = (breakpoint){-w[k] / way[k], p->r->l1 * sign, k};
    }
    qsort(b, count, sizeof *b, by_place);
    for (size_t i = 0; slope < 0; i++) {
        double far = bend > 0 ? -slope / bend : INFINITY;
        int last = i == count || far <= b[i].at - at;
        double by = last ? far : b[i].at - at;
        if (!isfinite(by))
            return;
        ipd_daxpy(d, by, way, w);
        ipd_daxpy(d, by, image, g);
        if (last)
            return;
        size_t k = b[i].k;
        slope += bend * by;
        at = b[i].at;
        slope -= way[k] * (g[k] + b[i].slope);
        bend += way[k] * (way[k] * p->r->H[k * (d + 1)] - 2 * image[k]);
        ipd_daxpy(d, -way[k], p->r->H + k * d, image);
        way[k] = w[k] = 0;
    }
}

/* Searches along the path for rows whose step was refused. */
static void search_refused(panel *p, int round)
{
    size_t d = p->r->d, count = 0, which[PANEL];
    for (size_t a = 0; a < p->active; a++) {
        p->sweep[a] = !p->accepted[a] && round < WIDE_ROUNDS;
        if (p->accepted[a])
            continue;
        memcpy(p->m->step + count * d, p->m->way + a * d, d * sizeof *p->m->step);
        which[count++] = p->row[a];
    }
    if (count)
        multiply(p, p->r->H, p->m->step, p->m->image, count);
    for (size_t c = 0; c < count; c++)
        search(p, which[c], p->m->step + c * d, p->m->image + c * d);
}

/* Computes c = w H - g of the initial w, and from it the scale of the tolerance. */
static void set_scales(job *j, panel *p)
{
    size_t d = p->r->d;
    memcpy(p->m->step, p->r->w + p->first * d, p->active * d * sizeof *p->m->step);
    multiply(p, p->r->H, p->m->step, p->m->image, p->active);
    for (size_t a = 0; a < p->active; a++) {
        const double *g = p->r->g + p->row[a] * d, *image = p->m->image + a * d;
        double max = 0, *c = j->c + p->row[a] * d;
        for (size_t k = 0; k < d; k++) {
            c[k] = image[k] - g[k];
            max = fmax(max, fabs(c[k]));
        }
        p->scale[a] = p->r->l1 + max;
    }
}

/* Sweeps the rows that need it and drops the finished ones. */
static void drop_finished(job *j, panel *p, int round)
{
    size_t d = p->r->d, left = 0;
    for (size_t a = 0; a < p->active; a++) {
        size_t row = p->row[a];
        double *w = p->r->w + row * d, *g = p->r->g + row * d;
        if (p->sweep[a])
            sweep(p, w, g);
        j->residual[row] = residual(p->r, w, g) / p->scale[a];
        j->rounds[row] = round;
        if (!(j->residual[row] > IPD_SPARSE_TOLERANCE)) {
            snap(p, w, g);
            continue;
        }
        p->row[left] = row;
        p->scale[left++] = p->scale[a];
    }
    p->active = left;
}

/* Recomputes the gradients of all rows of the panel from w. Steps leave rounding in them, on
 * singular matrices possibly more than the tolerance. Rows that miss the tolerance become active
 * again. */
static void refresh(job *j, panel *p, const double *scale)
{
    size_t d = p->r->d, rows = p->r->count - p->first;
    rows = rows < PANEL ? rows : PANEL;
    memcpy(p->m->step, p->r->w + p->first * d, rows * d * sizeof *p->m->step);
    multiply(p, p->r->H, p->m->step, p->m->image, rows);
    p->active = 0;
    for (size_t i = 0; i < rows; i++) {
        size_t row = p->first + i;
        double *g = p->r->g + row * d;
        for (size_t k = 0; k < d; k++)
            g[k] = p->m->image[k + i * d] - j->c[k + row * d];
        j->residual[row] = residual(p->r, p->r->w + row * d, g) / scale[i];
        if (!(j->residual[row] > IPD_SPARSE_TOLERANCE))
            continue;
        p->scale[p->active] = scale[i];
        p->sweep[p->active] = 1;
        p->row[p->active++] = row;
    }
}

static void solve_panel(void *context, size_t task, int thread)
{
    job *j = context;
    panel p = {.r = j->r, .m = &j->workspaces[thread], .first = task * PANEL};
    double scale[PANEL];
    for (size_t row = p.first; row < j->r->count && row < p.first + PANEL; row++) {
        p.sweep[p.active] = 1;
        p.row[p.active++] = row;
    }
    set_scales(j, &p);
    memcpy(scale, p.scale, sizeof scale);
    for (int round = 0;; round++) {
        drop_finished(j, &p, round);
        if (p.active == 0 || round % REFRESH == REFRESH - 1)
            refresh(j, &p, scale);
        if (p.active == 0 || round == IPD_SPARSE_ROUNDS)
            break;
        newton(&p, round);
        multiply(&p, p.r->H, p.m->step, p.m->image, p.active);
        for (size_t a = 0; a < p.active; a++)
            p.accepted[a] = try_step(&p, a);
        search_refused(&p, round);
    }
    j->flops[task] = p.flops;
}

static int reserve(workspace *m, size_t d, int has_inverse, ipd_error *e)
{
    size_t side = has_inverse ? d / 2 + 1 : d, wide = d * PANEL;
    double *x = m->memory = ipd_allocate(5 * wide + side * side + d, sizeof *x, e);
    if (!x || !(m->index = ipd_allocate(d, sizeof *m->index, e)) ||
        !(m->breaks = ipd_allocate(d, sizeof *m->breaks, e)))
        return -1;
    m->step = x;
    m->image = x + wide;
    m->right = x + 2 * wide;
    m->way = x + 3 * wide;
    m->product = x + 4 * wide;
    m->F = x + 5 * wide;
    m->some = m->F + side * side;
    return 0;
}

static void free_job(job *j, int threads)
{
    for (int i = 0; j->workspaces && i < threads; i++) {
        free(j->workspaces[i].memory);
        free(j->workspaces[i].index);
        free(j->workspaces[i].breaks);
    }
    free(j->workspaces);
    free(j->c);
    free(j->residual);
    free(j->rounds);
    free(j->flops);
}

int ipd_sparse_solve(ipd_sparse_rows *r, ipd_sparse_report *report, ipd_error *e)
{
    job j = {.r = r};
    size_t panels = (r->count + PANEL - 1) / PANEL;
    int threads = ipd_threads(), result = -1;
    *report = (ipd_sparse_report){0};
    if (!(j.workspaces = ipd_allocate((size_t)threads, sizeof *j.workspaces, e)) ||
        !(j.c = ipd_allocate(r->d * r->count, sizeof *j.c, e)) ||
        !(j.residual = ipd_allocate(r->count, sizeof *j.residual, e)) ||
        !(j.rounds = ipd_allocate(r->count, sizeof *j.rounds, e)) ||
        !(j.flops = ipd_allocate(panels, sizeof *j.flops, e)))
        goto cleanup;
    for (int i = 0; i < threads; i++)
        if (reserve(&j.workspaces[i], r->d, r->inverse != NULL, e))
            goto cleanup;
    ipd_parallel_for(panels, solve_panel, &j);
    for (size_t i = 0; i < panels; i++)
        ipd_flops_add(j.flops[i]);
    for (size_t i = 0; i < r->count; i++) {
        report->residual = j.residual[i] <= report->residual ? report->residual : j.residual[i];
        report->rounds = fmax(report->rounds, j.rounds[i]);
    }
    result = 0;
cleanup:
    free_job(&j, threads);
    return result;
}
