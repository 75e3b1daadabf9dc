/* sparse.c - see sparse.h.
 *
 * Every round takes for each row the working set S = {k: w_k != 0 or |g_k| > l1} with its signs
 * t_k = sign(w_k), or -sign(g_k) where w_k = 0; solves the quadratic that F is in that orthant on S
 * alone; and goes to the point of the orthant nearest to where that leads. Where F falls too little,
 * it takes the best point on the way instead: F is convex and piecewise quadratic there, so that
 * point is known exactly. Sweeps of coordinate descent, in which F falls until the row is optimal,
 * begin a row and come between where the orthant was the wrong one, so that every row converges.
 *
 * H_SS p = r is solved by its Cholesky factor, or with Z, all but S, where that is smaller: with
 * M = H^{-1}, p = M (r + e) for the e on Z that makes p vanish there, M_ZZ e = -(M r)_Z.
 *
 * Rows are solved in panels that depend on their number alone; the products with H of a panel's rows are one
 * product.
 */
#include "solver/sparse.h"
#include "base/parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PANEL = 8 };

typedef struct breakpoint {
    double at, bend;
    size_t k;
} breakpoint;

/* What a thread works with. */
typedef struct room {
    double *step, *image; /* d x PANEL: steps of rows, and H times them */
    double *right, *way;  /* d x PANEL: -(g + l1 t) on S; Newton's step */
    double *F;            /* the system of a direction */
    double *some;         /* d */
    size_t *index;        /* d */
    breakpoint *breaks;   /* d */
    void *memory;
} room;

typedef struct job {
    ipd_sparse_rows *r;
    room *rooms;      /* by thread */
    double *residual; /* by row */
    double *rounds;
    uint64_t *flops; /* by panel */
} job;

/* The rows of a panel that are still at work. */
typedef struct panel {
    const ipd_sparse_rows *r;
    room *m;
    size_t first, active, row[PANEL];
    double scale[PANEL]; /* l1 + max_k |c_k| */
    double model[PANEL]; /* by how much Newton's step would lower F in the orthant */
    int sweep[PANEL];    /* 1: a sweep comes next */
    int accepted[PANEL];
    uint64_t flops;
} panel;

static double soft(double x, double by)
{
    return x > by ? x - by : x < -by ? x + by : 0;
}

static void add(double *to, double by, const double *x, size_t count)
{
    for (size_t k = 0; k < count; k++)
        to[k] += by * x[k];
}

/* Coordinate descent, once through. */
static void sweep(panel *p, double *w, double *g)
{
    size_t d = p->r->d;
    for (size_t k = 0; k < d; k++) {
        double h = p->r->H[k * (d + 1)], new = soft(w[k] - g[k] / h, p->r->l1 / h);
        if (new == w[k])
            continue;
        add(g, new - w[k], p->r->H + k * d, d);
        w[k] = new;
        p->flops += 2 * d;
    }
}

static double residual(const ipd_sparse_rows *r, const double *w, const double *g)
{
    double most = 0;
    for (size_t k = 0; k < r->d; k++) {
        double h = r->H[k * (r->d + 1)];
        double by = h * fabs(w[k] - soft(w[k] - g[k] / h, r->l1 / h));
        most = by <= most ? most : by; /* NaN stays */
    }
    return most;
}

/* Weights that coordinate descent would make zero are tiny: they become what they stand for. */
static void snap(panel *p, double *w, double *g)
{
    size_t d = p->r->d;
    for (size_t k = 0; k < d; k++) {
        double h = p->r->H[k * (d + 1)];
        if (w[k] == 0 || soft(w[k] - g[k] / h, p->r->l1 / h) != 0)
            continue;
        add(g, -w[k], p->r->H + k * d, d);
        w[k] = 0;
    }
}

/* The sign of the orthant that coordinate k is to stay in; 0: it is to stay 0. */
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

/* way := (H_SS + shift I)^{-1} right on S, 0 elsewhere. Returns -1 where there is no such. */
static int direction(panel *p, const double *sign, const double *right, double *way)
{
    const ipd_sparse_rows *r = p->r;
    room *m = p->m;
    size_t d = r->d, count = 0, inside = 0;
    for (size_t k = 0; k < d; k++)
        inside += sign[k] != 0;
    int outer = r->inverse && 2 * inside > d;
    for (size_t k = 0; k < d; k++)
        if ((sign[k] == 0) == outer)
            m->index[count++] = k;
    gather(outer ? r->inverse : r->H, d, m->index, count, outer ? 0 : r->shift, m->F);
    memset(way, 0, d * sizeof *way);
    p->flops += (uint64_t)count * count * count / 3 + 2 * (uint64_t)count * count;
    if (!outer) {
        for (size_t i = 0; i < count; i++)
            m->some[i] = right[m->index[i]];
        if (ipd_solve_tile64(m->F, count, m->some))
            return -1;
        for (size_t i = 0; i < count; i++)
            way[m->index[i]] = m->some[i];
        return 0;
    }
    for (size_t k = 0; k < d; k++)
        if (sign[k] != 0)
            add(way, right[k], r->inverse + k * d, d);
    for (size_t i = 0; i < count; i++)
        m->some[i] = -way[m->index[i]];
    if (ipd_solve_tile64(m->F, count, m->some))
        return -1;
    for (size_t i = 0; i < count; i++)
        add(way, m->some[i], r->inverse + m->index[i] * d, d);
    for (size_t i = 0; i < count; i++)
        way[m->index[i]] = 0;
    p->flops += 2 * (uint64_t)d * d;
    return 0;
}

/* Row a's Newton step, and the step to the nearest point of the orthant. */
static void newton(panel *p, size_t a)
{
    const ipd_sparse_rows *r = p->r;
    size_t d = r->d;
    double *w = r->w + p->row[a] * d, *g = r->g + p->row[a] * d;
    double *step = p->m->step + a * d, *right = p->m->right + a * d, *way = p->m->way + a * d;
    double *sign = step; /* until the step is known */
    for (size_t k = 0; k < d; k++) {
        sign[k] = orthant(w[k], g[k], r->l1);
        right[k] = sign[k] != 0 ? -(g[k] + r->l1 * sign[k]) : 0;
    }
    p->model[a] = 0;
    if (direction(p, sign, right, way))
        memset(way, 0, d * sizeof *way);
    for (size_t k = 0; k < d; k++) {
        if (w[k] == 0 && way[k] * sign[k] < 0)
            way[k] = 0;
        double to = (w[k] + way[k]) * sign[k] > 0 ? w[k] + way[k] : 0;
        p->model[a] += right[k] * way[k] / 2;
        step[k] = to - w[k];
    }
}

/* image := H step for the first `count` columns. */
static void multiply(panel *p, size_t count)
{
    size_t d = p->r->d;
    ipd_dgemm(IPD_PLAIN, IPD_PLAIN, d, count, d, 1, p->r->H, d, p->m->step, d, 0, p->m->image, d);
    p->flops += 2 * (uint64_t)d * d * count;
}

/* Takes the step within the orthant where F falls enough by it. */
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

/* Goes to the least F on the ray from w along way, where image = H way. */
static void search(panel *p, size_t row, const double *way, const double *image)
{
    size_t d = p->r->d, count = 0, i = 0;
    double *w = p->r->w + row * d, *g = p->r->g + row * d, slope = 0, bend = 0, at = 0;
    breakpoint *b = p->m->breaks;
    for (size_t k = 0; k < d; k++) {
        if (way[k] == 0)
            continue;
        double sign = w[k] != 0 ? (w[k] > 0 ? 1 : -1) : way[k] > 0 ? 1 : -1;
        slope += way[k] * (g[k] + p->r->l1 * sign);
        bend += way[k] * image[k];
        if (w[k] * way[k] < 0)
            b[count++] = (breakpoint){-w[k] / way[k], 2 * p->r->l1 * fabs(way[k]), k};
    }
    if (!(slope < 0))
        return;
    qsort(b, count, sizeof *b, by_place);
    for (; i < count; i++) {
        if (slope + bend * (b[i].at - at) >= 0)
            break; /* the least is before this one */
        slope += bend * (b[i].at - at) + b[i].bend;
        at = b[i].at;
        if (slope >= 0)
            break; /* it is this one */
    }
    int kink = i < count && slope >= 0;
    if (!kink && bend > 0)
        at -= slope / bend;
    if (!isfinite(at))
        return;
    add(w, at, way, d);
    add(g, at, image, d);
    if (kink)
        w[b[i].k] = 0;
}

/* Rows whose step was refused: the best point on the way to where Newton's step leads. */
static void search_refused(panel *p)
{
    size_t d = p->r->d, count = 0, which[PANEL];
    for (size_t a = 0; a < p->active; a++) {
        p->sweep[a] = !p->accepted[a];
        if (p->accepted[a])
            continue;
        memcpy(p->m->step + count * d, p->m->way + a * d, d * sizeof *p->m->step);
        which[count++] = p->row[a];
    }
    if (count)
        multiply(p, count);
    for (size_t c = 0; c < count; c++)
        search(p, which[c], p->m->step + c * d, p->m->image + c * d);
}

/* c = w H - g, of the first w: the scale of the tolerance. */
static void set_scales(panel *p)
{
    size_t d = p->r->d;
    memcpy(p->m->step, p->r->w + p->first * d, p->active * d * sizeof *p->m->step);
    multiply(p, p->active);
    for (size_t a = 0; a < p->active; a++) {
        const double *g = p->r->g + p->row[a] * d, *image = p->m->image + a * d;
        double most = 0;
        for (size_t k = 0; k < d; k++)
            most = fmax(most, fabs(image[k] - g[k]));
        p->scale[a] = p->r->l1 + most;
    }
}

/* Sweeps where one is due, and drops the rows that are done. */
static void look(job *j, panel *p, int round)
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

static void solve_panel(void *context, size_t task, int thread)
{
    job *j = context;
    panel p = {.r = j->r, .m = &j->rooms[thread], .first = task * PANEL};
    for (size_t row = p.first; row < j->r->count && row < p.first + PANEL; row++) {
        p.sweep[p.active] = 1;
        p.row[p.active++] = row;
    }
    set_scales(&p);
    for (int round = 0;; round++) {
        look(j, &p, round);
        if (p.active == 0 || round == IPD_SPARSE_ROUNDS)
            break;
        for (size_t a = 0; a < p.active; a++)
            newton(&p, a);
        multiply(&p, p.active);
        for (size_t a = 0; a < p.active; a++)
            p.accepted[a] = try_step(&p, a);
        search_refused(&p);
    }
    j->flops[task] = p.flops;
}

static int make_room(room *m, size_t d, int has_inverse, ipd_error *e)
{
    size_t side = has_inverse ? d / 2 + 1 : d, wide = d * PANEL;
    double *x = m->memory = ipd_allocate(4 * wide + side * side + d, sizeof *x, e);
    if (!x || !(m->index = ipd_allocate(d, sizeof *m->index, e)) ||
        !(m->breaks = ipd_allocate(d, sizeof *m->breaks, e)))
        return -1;
    m->step = x;
    m->image = x + wide;
    m->right = x + 2 * wide;
    m->way = x + 3 * wide;
    m->F = x + 4 * wide;
    m->some = m->F + side * side;
    return 0;
}

static void free_job(job *j, int threads)
{
    for (int i = 0; j->rooms && i < threads; i++) {
        free(j->rooms[i].memory);
        free(j->rooms[i].index);
        free(j->rooms[i].breaks);
    }
    free(j->rooms);
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
    if (!(j.rooms = ipd_allocate((size_t)threads, sizeof *j.rooms, e)) ||
        !(j.residual = ipd_allocate(r->count, sizeof *j.residual, e)) ||
        !(j.rounds = ipd_allocate(r->count, sizeof *j.rounds, e)) ||
        !(j.flops = ipd_allocate(panels, sizeof *j.flops, e)))
        goto cleanup;
    for (int i = 0; i < threads; i++)
        if (make_room(&j.rooms[i], r->d, r->inverse != NULL, e))
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
