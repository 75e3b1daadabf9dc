/* test_blocks.c - every block of random problems is the minimiser, and the solver's Phi, its parts and
 * changes are right.
 *
 * Everything is recomputed in double from the raw arrays; predictions (hats) from copies of the
 * iterates that the test takes itself. Each check keeps its worst case, in units of its tolerance.
 */
#include "base/vector.h"
#include "tests/solver/problem.h"

/* Tolerances, of float storage and float products: */
#define NORMAL 1e-4      /* residual of normal equations, relative to the sizes of their terms */
#define NORMAL_OF_A 2e-5 /* the same of a */
#define POSITION 2e-5    /* z against the branch minimiser, relative to 1 + |w| + |v| */
#define COST 1e-6        /* objectives, relative */
#define LOAD 1e-6        /* a forward pass, relative to the sizes of its terms */
#define PARTS 1e-4       /* Phi and its parts, relative */

enum check {
    NORMAL_W,
    NORMAL_B,
    NORMAL_A,
    MIN_CHANGE,
    BRANCH_Z,
    GRID_Z,
    PERTURBED,
    OTHERS,
    FROZEN,
    PHI,
    CHANGE,
    LOADED,
    PRODUCT,
    RECORD,
    CHANGES,
    XI,
    DESCENT,
    HISTORY,
    CHECKS
};
static const char *const checks[CHECKS] = {
    "normal equations of W",
    "normal equations of b, with the new W",
    "normal equations of a",
    "delta = 0: W moves from its prediction within the span of the samples only",
    "z is a branch minimiser",
    "no point of a grid beats z",
    "no random step from a block lowers its objective",
    "a block leaves all others as they are",
    "a frozen block stays as it is",
    "phi of the unit is Phi of the raw arrays",
    "change of the unit is the difference of Phi",
    "samples begin with a forward pass",
    "remembered products are W a + b",
    "the record's parts are those of the raw arrays",
    "changes by block add up to the difference of Phi",
    "xi and xi_start are those of the raw arrays",
    "xi <= xi_start where it is proved",
    "step norms and accuracies are those of the raw arrays",
};
static struct {
    double ratio; /* worst deviation by tolerance */
    long count;
    char where[320];
} worst[CHECKS];

static char here[240]; /* problem, iteration, block */

static void note(enum check c, double deviation, double tolerance)
{
    double ratio = deviation / tolerance;
    worst[c].count++;
    if (deviation == 0 || ratio <= worst[c].ratio)
        return;
    worst[c].ratio = isnan(ratio) ? INFINITY : ratio;
    snprintf(worst[c].where, sizeof worst[c].where, "%s: %.3g where %.3g is allowed", here,
             deviation, tolerance);
}

/* A problem during its run. */
typedef struct walk {
    problem *p;
    ipd_random *r;
    const ipd_variables *v;
    int L;
    ipd_parameters par; /* in force at this block */
    iterate k, k_1;     /* x^k, as the sweep began, and x^{k-1} */
    iterate now;        /* after the block */
    parts start, total; /* as the sweep began; over the batches of the iteration */
    double changes[IPD_MAX_BLOCKS];
    size_t correct;
    int visits;
} walk;

/* The penalties on W_l, summed over layers: what the samples at hand carry of them. */
static double penalties(walk *w, iterate *x, double share)
{
    double sum = 0;
    for (int l = 1; l <= w->L; l++)
        for (size_t i = 0; i < x->W[l].rows * x->W[l].cols; i++) {
            double v = x->W[l].data[i];
            sum += share * (w->par.penalty[l].l1 * fabs(v) + w->par.penalty[l].l2 / 2 * v * v);
        }
    return sum;
}

static double share_of(walk *w)
{
    return (double)w->v->n / (double)w->p->N;
}

/* The parts of Phi over the samples at hand. */
static parts measured(walk *w, iterate *x)
{
    parts s = measure(w->v->net, x, &w->v->Y);
    s.regularizer = penalties(w, x, share_of(w));
    return s;
}

static int frozen(walk *w, char kind, int l)
{
    return w->par.frozen[ipd_block_index((ipd_block){kind, l}, w->L)];
}

static double hat(walk *w, char kind, int l, size_t i, size_t j, double inertia)
{
    double x = at(variable(&w->k, kind, l), i, j);
    return x + inertia * (x - at(variable(&w->k_1, kind, l), i, j));
}

/* A A^T x of one row x of d elements, with the sizes of its terms. */
static void times_gram(const ipd_matrix *A, const double *x, double *y, double *size)
{
    for (size_t k = 0; k < A->rows; k++)
        y[k] = size[k] = 0;
    for (size_t n = 0; n < A->cols; n++) {
        double s = 0, t = 0;
        for (size_t k = 0; k < A->rows; k++) {
            s += x[k] * at(A, k, n);
            t += fabs(x[k] * at(A, k, n));
        }
        for (size_t k = 0; k < A->rows; k++) {
            y[k] += s * at(A, k, n);
            size[k] += t * fabs(at(A, k, n));
        }
    }
}

/* (z - b_old) a^T + delta W^ = W (a a^T + delta I), and b. */
static void check_W(walk *w, int l)
{
    iterate *x = &w->now;
    const ipd_matrix *A = &x->a[l - 1], *W = &x->W[l], *z = &x->z[l];
    size_t d = A->rows, N = A->cols;
    double *row = malloc(4 * d * sizeof *row), *y = row + d, *size = y + d, *right = size + d;
    double delta = w->par.delta, to_block = share_of(w) / w->par.rho;
    double l1 = w->par.penalty[l].l1 * to_block, l2 = w->par.penalty[l].l2 * to_block;
    double delta_b = w->par.bias_mean ? delta * (double)N : delta;
    for (size_t i = 0; i < W->rows; i++) {
        double b_old = w->k.b[l].data[i], sum = 0, sizes = 0, largest = 0;
        for (size_t k = 0; k < d; k++) {
            row[k] = fabs(at(W, i, k)) + fabs(hat(w, 'W', l, i, k, w->par.beta));
            right[k] = 0;
        }
        times_gram(A, row, y, size);
        for (size_t k = 0; k < d; k++)
            largest = fmax(largest, size[k] + (delta + l2) * row[k] + l1);
        for (size_t k = 0; k < d; k++)
            row[k] = at(W, i, k);
        times_gram(A, row, y, size);
        for (size_t n = 0; n < N; n++)
            for (size_t k = 0; k < d; k++)
                right[k] += (at(z, i, n) - b_old) * at(A, k, n);
        for (size_t n = 0; n < N; n++)
            for (size_t k = 0; k < d; k++)
                sizes = fmax(sizes, (fabs(at(z, i, n)) + fabs(b_old)) * fabs(at(A, k, n)));
        for (size_t k = 0; k < d; k++) {
            double left = y[k] + (delta + l2) * row[k], off;
            right[k] += delta * hat(w, 'W', l, i, k, w->par.beta);
            off = left - right[k];
            off = row[k] > 0   ? fabs(off + l1)
                  : row[k] < 0 ? fabs(off - l1)
                               : fmax(0, fabs(off) - l1);
            note(NORMAL_W, off, NORMAL * (largest + sizes * sqrt((double)N)) + 1e-30);
        }
        double b = x->b[l].data[i], b_hat = hat(w, 'b', l, i, 0, w->par.beta);
        sizes = (fabs(b) + fabs(b_old)) * ((double)N + delta_b) + delta_b * fabs(b_hat);
        for (size_t n = 0; n < N; n++) {
            double Wa = product(x, l, i, n) - b;
            sum += at(z, i, n) - Wa;
            sizes += fabs(at(z, i, n)) + product_size(x, l, i, n);
        }
        note(NORMAL_B, fabs(b * ((double)N + delta_b) - sum - delta_b * b_hat),
             NORMAL * sizes + 1e-30);
    }
    free(row);
}

/* delta = 0: rows of W - W^ lie in the span of the samples. By Gram-Schmidt, done twice over. */
static void check_min_change(walk *w, int l)
{
    const ipd_matrix *A = &w->now.a[l - 1], *W = &w->now.W[l];
    size_t d = A->rows, rank = 0;
    double *Q = calloc(d * (A->cols + 1), sizeof *Q), *q, largest = 0;
    for (size_t n = 0; n < A->cols; n++) {
        double norm = 0;
        for (size_t k = 0; k < d; k++)
            norm += at(A, k, n) * at(A, k, n);
        largest = fmax(largest, sqrt(norm));
    }
    for (size_t n = 0; n < A->cols && rank < d; n++) {
        double norm = 0;
        q = Q + rank * d;
        for (size_t k = 0; k < d; k++)
            q[k] = at(A, k, n);
        for (size_t c = 0; c < 2 * rank; c++) {
            double *u = Q + c % rank * d, dot = 0;
            for (size_t k = 0; k < d; k++)
                dot += u[k] * q[k];
            for (size_t k = 0; k < d; k++)
                q[k] -= dot * u[k];
        }
        for (size_t k = 0; k < d; k++)
            norm += q[k] * q[k];
        if (sqrt(norm) <= 1e-9 * largest)
            continue;
        for (size_t k = 0; k < d; k++)
            q[k] /= sqrt(norm);
        rank++;
    }
    q = Q + rank * d;
    for (size_t i = 0; i < W->rows && rank < d; i++) {
        double size = 1e-20, left = 0;
        for (size_t k = 0; k < d; k++) {
            q[k] = at(W, i, k) - hat(w, 'W', l, i, k, w->par.beta);
            size += at(W, i, k) * at(W, i, k) + q[k] * q[k];
        }
        for (size_t c = 0; c < rank; c++) {
            double dot = 0;
            for (size_t k = 0; k < d; k++)
                dot += Q[c * d + k] * q[k];
            for (size_t k = 0; k < d; k++)
                q[k] -= dot * Q[c * d + k];
        }
        for (size_t k = 0; k < d; k++)
            left += q[k] * q[k];
        note(MIN_CHANGE, sqrt(left), 1e-4 * sqrt(size));
    }
    free(Q);
}

/* (W^T W + (1 + delta) I) a = W^T (z - b) + sigma(z_l) + delta a^. */
static void check_a(walk *w, int l)
{
    iterate *x = &w->now;
    const ipd_matrix *W = &x->W[l + 1], *a = &x->a[l];
    double delta = w->par.delta;
    for (size_t n = 0; n < a->cols; n++)
        for (size_t k = 0; k < a->rows; k++) {
            double fit = sigma(w->v->net, at(&x->z[l], k, n)),
                   hat_a = hat(w, 'a', l, k, n, w->par.gamma);
            double left = (1 + delta) * at(a, k, n), right = fit + delta * hat_a;
            /* The solver may step from a^k: what is left of it where a is small is rounding of a^k. */
            double was = fabs(at(&w->k.a[l], k, n)), old = fabs(at(&w->k_1.a[l], k, n));
            double size =
                fabs(left) + fabs(fit) + (1 + delta) * was + delta * w->par.gamma * (was + old);
            for (size_t i = 0; i < W->rows; i++) {
                double b = x->b[l + 1].data[i], z = at(&x->z[l + 1], i, n), Wa = 0;
                for (size_t c = 0; c < a->rows; c++) {
                    Wa += at(W, i, c) * at(a, c, n);
                    size += fabs(at(W, i, k) * at(W, i, c)) *
                            (fabs(at(a, c, n)) + fabs(at(&w->k.a[l], c, n)));
                }
                left += at(W, i, k) * Wa;
                right += at(W, i, k) * (z - b);
                size += fabs(at(W, i, k) * z) + fabs(at(W, i, k) * b);
            }
            note(NORMAL_A, fabs(left - right), NORMAL_OF_A * size + 1e-30);
        }
}

/* The objective of one element of z_l: (sigma(x) - w)^2 + r (x - v)^2, or with the loss. */
typedef struct element {
    walk *w;
    int last;
    double target, v, r;
} element;

static double cost(const element *e, double x)
{
    double fit = (e->last ? x : sigma(e->w->v->net, x)) - e->target;
    if (e->last && !strcmp(e->w->v->net->loss->name, "hinge"))
        return fmax(0, 1 - e->target * x) + 0.5 * e->r * (x - e->v) * (x - e->v);
    return (e->last ? 0.5 : 1) * fit * fit + (e->last ? 0.5 : 1) * e->r * (x - e->v) * (x - e->v);
}

static void check_z(walk *w, int l)
{
    enum { GRID = 2000 };
    iterate *x = &w->now;
    double delta = w->par.delta;
    const char *kind = l == w->L ? w->v->net->loss->name : w->v->net->sigma[l]->name;
    int branched = !strcmp(kind, "squared") || !strcmp(kind, "identity") || !strcmp(kind, "relu");
    if (!strcmp(kind, "cross_entropy"))
        return; /* outputs of a sample go together: random steps only */
    for (size_t n = 0; n < x->z[l].cols; n++)
        for (size_t i = 0; i < x->z[l].rows; i++) {
            element e = {.w = w, .last = l == w->L};
            double z = at(&x->z[l], i, n), z_hat = hat(w, 'z', l, i, n, w->par.alpha);
            e.v = (product(x, l, i, n) + delta * z_hat) / (1 + delta);
            e.r = e.last ? w->par.rho * (1 + delta) : 1 + delta;
            e.target = e.last ? at(&w->v->Y, i, n) : at(&x->a[l], i, n);
            /* v is known to float rounding of its parts, which the inertia may amplify. */
            double size = 1 + product_size(x, l, i, n) + fabs(e.target) + fabs(z_hat) +
                          fabs(at(&w->k.z[l], i, n)) + fabs(at(&w->k_1.z[l], i, n));
            double branch[2] = {(e.target + e.r * e.v) / (1 + e.r), fmin(e.v, 0)};
            int branches = e.last || sigma(w->v->net, -1) != 0 ? 1 : 2;
            if (branches == 2)
                branch[0] = fmax(branch[0], 0);
            double best = INFINITY, nearest = INFINITY, allowed = COST * size * size * (1 + e.r);
            for (int c = 0; c < branches && branched; c++)
                best = fmin(best, cost(&e, branch[c]));
            for (int c = 0; c < branches && branched; c++)
                if (cost(&e, branch[c]) <= best + allowed)
                    nearest = fmin(nearest, fabs(z - branch[c]));
            if (branched)
                note(BRANCH_Z, nearest, POSITION * size);
            if ((i + n) % 5) /* every fifth element is enough for the grid */
                continue;
            double reach = 2 * (fabs(e.target) + fabs(e.v)) + 1;
            for (int g = 0; g <= GRID; g++)
                best = fmin(best, cost(&e, reach * (2.0 * g / GRID - 1)));
            note(GRID_Z, fmax(0, cost(&e, z) - best), allowed);
        }
}

/* Phi of x plus the block's proximal term. */
static double objective(walk *w, iterate *x, char kind, int l, double inertia)
{
    parts s = measured(w, x);
    const ipd_matrix *m = variable(x, kind, l);
    double pull = 0;
    for (size_t j = 0; j < m->cols; j++)
        for (size_t i = 0; i < m->rows; i++) {
            double by = at(m, i, j) - hat(w, kind, l, i, j, inertia);
            pull += by * by;
        }
    double delta = w->par.delta * (kind == 'b' && w->par.bias_mean ? (double)w->v->n : 1);
    return phi_of(&s, w->L, w->par.rho) + delta * w->par.rho / 2 * pull;
}

/* Random steps of several sizes from the block's minimiser. `kind` may be 'b'; W is tried with the
 * old b. */
static void check_perturbed(walk *w, char kind, int l)
{
    double inertia = kind == 'z' ? w->par.alpha : kind == 'a' ? w->par.gamma : w->par.beta;
    iterate x = {0};
    copy_iterate(&x, &w->now, w->L, "zWba");
    if (kind == 'W')
        set_matrix(&x.b[l], &w->k.b[l]);
    double min = objective(w, &x, kind, l, inertia);
    ipd_matrix *m = variable(&x, kind, l), keep = {0};
    set_matrix(&keep, m);
    for (double size = 1; size > 1e-4; size /= 10) {
        for (size_t i = 0; i < m->rows * m->cols; i++)
            m->data[i] = (float)(keep.data[i] + size * ipd_random_normal(w->r));
        note(PERTURBED, fmax(0, min - objective(w, &x, kind, l, inertia)),
             COST * (min + w->par.rho * 1e-6));
    }
    ipd_matrix_free(&keep);
    free_iterate(&x, w->L);
}

static void check_block(walk *w, ipd_block b)
{
    if (frozen(w, b.kind, b.layer)) {
        const ipd_matrix *x = variable(&w->now, b.kind, b.layer);
        note(FROZEN, sqrt(distance(x, variable(&w->k, b.kind, b.layer))), 1e-30);
        if (b.kind == 'W')
            note(FROZEN, sqrt(distance(&w->now.b[b.layer], &w->k.b[b.layer])), 1e-30);
        return;
    }
    if (b.kind == 'z')
        check_z(w, b.layer);
    else if (b.kind == 'a')
        check_a(w, b.layer);
    else {
        check_W(w, b.layer);
        if (w->par.delta + w->par.penalty[b.layer].l1 + w->par.penalty[b.layer].l2 == 0)
            check_min_change(w, b.layer);
        check_perturbed(w, 'b', b.layer);
    }
    check_perturbed(w, b.kind, b.layer);
}

/* How far a Phi of this size, kept by the solver, may be from the one recomputed. */
static double tolerance_of_phi(walk *w, double phi)
{
    double rounding = w->par.rho * rounding_floor(&w->now, w->L);
    const ipd_matrix *z = &w->now.z[w->L];
    for (size_t i = 0; i < z->rows * z->cols && strcmp(w->v->net->loss->name, "squared"); i++)
        rounding += 2e-7 * (1 + fabs(z->data[i])); /* a loss that is linear in it somewhere */
    return PARTS * phi + 2 * sqrt(phi * rounding) + rounding + 1e-12;
}

static void check_products(walk *w)
{
    for (int l = 1; l <= w->L; l++) {
        if (!w->v->p_valid[l])
            continue;
        for (size_t n = 0; n < w->v->n; n++)
            for (size_t i = 0; i < w->v->p[l].rows; i++) {
                /* The step of W begins at its prediction, whose product may be larger. */
                double size = 1e-3 + fabs(at(&w->now.z[l], i, n)) + product_size(&w->now, l, i, n);
                for (size_t k = 0; k < w->now.W[l].cols; k++)
                    size += fabs(hat(w, 'W', l, i, k, w->par.beta) * at(&w->now.a[l - 1], k, n));
                note(PRODUCT, fabs(at(&w->v->p[l], i, n) - product(&w->now, l, i, n)), 3e-5 * size);
            }
    }
}

/* z and a by a forward pass, in double. */
static void forward(iterate *x, const ipd_network *net)
{
    ipd_error e;
    for (int l = 1; l <= net->L; l++) {
        ipd_matrix_free(&x->z[l]);
        if (ipd_matrix_init(&x->z[l], net->d[l], x->a[0].cols, &e))
            fatal(&e);
        for (size_t n = 0; n < x->a[0].cols; n++)
            for (size_t i = 0; i < net->d[l]; i++)
                x->z[l].data[i + n * net->d[l]] = (float)product(x, l, i, n);
        if (l == net->L)
            break;
        set_matrix(&x->a[l], &x->z[l]);
        for (size_t i = 0; i < net->d[l] * x->a[0].cols; i++)
            x->a[l].data[i] = (float)sigma(net, x->z[l].data[i]);
    }
}

/* z and a as the samples were loaded: from what the solver holds after its first block. */
static void take_loaded(walk *w, ipd_block b)
{
    const ipd_variables *v = w->v;
    iterate *x = &w->k;
    set_matrix(&x->a[0], &v->a[0]);
    for (int l = 1; l <= w->L; l++) {
        int moved = b.layer == l ? b.kind : 0;
        set_matrix(&x->z[l], moved == 'z' ? &v->z_old[l] : &v->z[l]);
        if (l < w->L)
            set_matrix(&x->a[l], moved == 'a' ? &v->a_old[l] : &v->a[l]);
        for (size_t n = 0; n < v->n; n++)
            for (size_t i = 0; i < x->z[l].rows; i++) {
                double z = at(&x->z[l], i, n), fit = sigma(v->net, z);
                note(LOADED, fabs(z - product(x, l, i, n)), LOAD * product_size(x, l, i, n));
                if (l < w->L)
                    note(LOADED, fabs(at(&x->a[l], i, n) - fit), LOAD * (fabs(fit) + 0.1));
            }
    }
}

/* After the first block of a sweep, b: what x^k and x^{k-1} are. `before` was taken before it. */
static void begin_sweep(walk *w, iterate *before, int load, ipd_block b)
{
    copy_iterate(&w->k_1, &w->k, w->L, "Wb");
    copy_iterate(&w->k, before, w->L, "Wb");
    if (load) {
        take_loaded(w, b);
        copy_iterate(&w->k_1, &w->k, w->L, "za");
    } else {
        copy_iterate(&w->k_1, &w->k, w->L, "za");
        copy_iterate(&w->k, before, w->L, "za");
    }
    w->start = measured(w, &w->k);
}

static double lyapunov(walk *w, const parts *s, iterate *new, iterate *old,
                       const ipd_parameters *par)
{
    double sum = phi_of(s, w->L, par->rho);
    for (const char *kind = "zWba"; *kind; kind++) {
        double inertia = *kind == 'z' ? par->alpha : *kind == 'a' ? par->gamma : par->beta;
        for (int l = 1; l <= (*kind == 'a' ? w->L - 1 : w->L); l++)
            sum += par->delta * par->rho / 2 * inertia *
                   distance(variable(new, *kind, l), variable(old, *kind, l));
    }
    return sum;
}

static void check_others(walk *w, iterate *before, ipd_block b)
{
    for (const char *kind = "zWba"; *kind; kind++)
        for (int l = *kind == 'a' ? 0 : 1; l <= (*kind == 'a' ? w->L - 1 : w->L); l++) {
            if (l == b.layer &&
                ((ipd_block_kind)*kind == b.kind || (*kind == 'b' && b.kind == 'W')))
                continue;
            note(OTHERS, sqrt(distance(variable(&w->now, *kind, l), variable(before, *kind, l))),
                 1e-30);
        }
}

static void check_steps(walk *w, const ipd_record *record)
{
    for (int l = 1; l <= w->L; l++) {
        const double steps[] = {record->step_z[l], record->step_W[l], record->step_b[l],
                                record->step_a[l]};
        for (int i = 0; i < (l < w->L ? 4 : 3); i++) {
            const ipd_matrix *new = variable(&w->now, "zWba"[i], l);
            double by = sqrt(distance(new, variable(&w->k, "zWba"[i], l)));
            double size = sqrt(ipd_sum_squared(new->data, new->rows *new->cols));
            note(HISTORY, fabs(steps[i] - by), 1e-4 * by + 1e-6 * size + 1e-12);
        }
    }
}

/* What float rounding of a forward pass, layer after layer, can make of sample n's loss. *unsure is
 * raised by 1 where it can make another output the largest. */
static double forward_rounding(walk *w, iterate *f, size_t n, double *unsure)
{
    enum { WIDEST = 512 };
    double *off = calloc(2 * WIDEST, sizeof *off), *next = off + WIDEST, sum = 0;
    const ipd_matrix *z = &f->z[w->L];
    size_t max = ipd_argmax(z->data + n * z->rows, z->rows), near = 0;
    for (int l = 1; l <= w->L; l++) {
        const ipd_matrix *W = &f->W[l];
        for (size_t i = 0; i < W->rows; i++) {
            next[i] = 1e-7 * (product_size(f, l, i, n) + fabs(at(&f->z[l], i, n)));
            for (size_t k = 0; k < W->cols; k++)
                next[i] += fabs(at(W, i, k)) * off[k];
        }
        memcpy(off, next, W->rows * sizeof *off); /* no activation is steeper than 1 */
    }
    for (size_t i = 0; i < z->rows; i++) {
        double slope = 1;
        if (!strcmp(w->v->net->loss->name, "squared"))
            slope = fabs((double)z->data[i + n * z->rows] - w->p->Y.data[i + n * z->rows]);
        sum += slope * off[i] + off[i] * off[i];
        near += i != max && at(z, i, n) + off[i] >= at(z, max, n) - off[max];
    }
    *unsure += near > 0;
    free(off);
    return sum;
}

static void check_record(walk *w, const ipd_record *record)
{
    double regularizer = w->total.regularizer = penalties(w, &w->now, 1);
    double linear = 0, activation = 0, total = phi_of(&w->total, w->L, record->rho);
    double allowed = tolerance_of_phi(w, total) * (double)w->p->N;
    iterate f = {0};
    size_t correct = 0;
    double loss = 0, rounding = 0, unsure = 0;
    note(RECORD, fabs(record->loss - w->total.loss), allowed);
    for (int l = 1; l <= w->L; l++) {
        linear += w->total.linear[l];
        activation += w->total.activation[l];
        note(RECORD, fabs(record->linear_gap_by_layer[l] - w->total.linear[l]),
             allowed / record->rho);
        if (l < w->L)
            note(RECORD, fabs(record->activation_gap_by_layer[l] - w->total.activation[l]),
                 allowed / record->rho);
    }
    note(RECORD, fabs(record->linear_gap - linear), allowed / record->rho);
    note(RECORD, fabs(record->activation_gap - activation), allowed / record->rho);
    note(RECORD, fabs(record->phi - total), allowed);
    note(RECORD, fabs(record->regularizer - regularizer), 1e-6 * regularizer + 1e-30);
    check_steps(w, record);
    /* A forward pass over all samples. */
    copy_iterate(&f, &w->now, w->L, "Wb");
    set_matrix(&f.a[0], &w->p->X);
    forward(&f, w->v->net);
    for (size_t n = 0; n < w->p->N; n++) {
        const ipd_matrix *z = &f.z[w->L];
        correct += ipd_argmax(z->data + n * z->rows, z->rows) == w->p->labels[n];
        loss += loss_of(w->v->net, w->p->Y.data + n * z->rows, z->data + n * z->rows, z->rows);
        rounding += forward_rounding(w, &f, n, &unsure);
    }
    note(HISTORY, fabs(record->forward_loss - loss), 1e-4 * (loss + 0.1) + rounding);
    note(HISTORY, fabs(record->train_accuracy * (double)w->p->N - (double)correct), 0.5 + unsure);
    note(HISTORY, fabs(record->auxiliary_accuracy * (double)w->p->N - (double)w->correct), 0.5);
    free_iterate(&f, w->L);
}

/* The end of an iteration. */
static void end_iteration(walk *w, void *state)
{
    ipd_record record;
    ipd_error e;
    ipd_parameters par = w->par;
    if (ipd_method_ipdlam.finish(state, &record, &e))
        fatal(&e);
    check_record(w, &record);
    for (int i = 0; i < 3 * w->L - 1; i++)
        note(CHANGES, fabs(record.change_by_block[i] - w->changes[i]),
             1e-9 * (1 + fabs(w->changes[i])));
    memset(w->changes, 0, sizeof w->changes);
    if (par.batch == 0) {
        parts end = measured(w, &w->now);
        double xi = lyapunov(w, &end, &w->now, &w->k, &par);
        double xi_start = lyapunov(w, &w->start, &w->k, &w->k_1, &par);
        double sum = 0, before = phi_of(&w->start, w->L, par.rho),
               rounding = par.rho * rounding_floor(&w->now, w->L);
        note(XI, fabs(record.xi - xi), tolerance_of_phi(w, xi));
        note(XI, fabs(record.xi_start - xi_start), tolerance_of_phi(w, xi_start));
        for (int i = 0; i < 3 * w->L - 1; i++)
            sum += record.change_by_block[i];
        note(CHANGES, fabs(sum - (record.phi - before)), tolerance_of_phi(w, before));
        int convex = w->L == 1 || !strcmp(w->v->net->sigma[1]->name, "identity");
        int proved = par.delta == 0 || (par.alpha < (convex ? 1 : 0.5) && par.beta < 1 &&
                                        par.gamma < 1 && !par.bias_mean);
        note(XI, record.xi_proved != proved, 0.5);
        if (proved)
            note(DESCENT, fmax(0, record.xi - record.xi_start),
                 1e-6 * record.phi + rounding + 1e-12);
    } else {
        note(XI, !isnan(record.xi) || !isnan(record.xi_start) || record.xi_proved, 0.5);
    }
    note(RECORD, fabs(w->par.rho - record.rho), 1e-30);
    note(RECORD,
         fabs(ipd_method_ipdlam.parameters(state)->rho - fmin(par.theta * par.rho, par.rho_max)),
         1e-12 * par.rho);
    w->total = (parts){0};
    w->correct = 0;
}

/* Checks one block. Returns 1 if the iteration is done, -1 if the test should stop. */
static int step(walk *w, void *state, const char *name)
{
    ipd_place place = ipd_method_ipdlam.place(state);
    ipd_unit unit;
    ipd_error e;
    char block[8];
    iterate before = {0};
    int first = w->visits == 0,
        load = first && place.sweep == 1 && (w->par.batch || place.iteration == 1);
    w->par = *ipd_method_ipdlam.parameters(state);
    for (int l = 1; l <= w->L; l++) {
        set_matrix(&before.W[l], &ipd_method_ipdlam.network(state)->W[l]);
        set_matrix(&before.b[l], &ipd_method_ipdlam.network(state)->b[l]);
    }
    if (!load)
        take_iterate(&before, w->v, w->L, "za");
    if (ipd_method_ipdlam.advance(state, &unit, &e))
        fatal(&e);
    ipd_block_text(unit.at.block, block);
    snprintf(here, sizeof here, "%s, iteration %d, batch %d, sweep %d, %s", name, unit.at.iteration,
             unit.at.batch, unit.at.sweep, block);
    w->v = ipd_method_ipdlam.variables(state);
    if (unit.not_finite || largest_weight(w->v) > 1e4) {
        free_iterate(&before, w->L);
        return -1;
    }
    take_iterate(&w->now, w->v, w->L, "zWba");
    if (first)
        begin_sweep(w, &before, load, unit.at.block);
    if (!load)
        check_others(w, &before, unit.at.block);
    check_block(w, unit.at.block);
    check_products(w);
    /* Phi and its parts. The state before the block is the one after it with the block put back. */
    copy_iterate(&before, &w->now, w->L, "zWba");
    set_matrix(variable(&before, unit.at.block.kind, unit.at.block.layer),
               variable(&w->k, unit.at.block.kind, unit.at.block.layer));
    if (unit.at.block.kind == 'W')
        set_matrix(&before.b[unit.at.block.layer], &w->k.b[unit.at.block.layer]);
    parts was = measured(w, &before), is = measured(w, &w->now);
    double phi_was = phi_of(&was, w->L, w->par.rho), phi_is = phi_of(&is, w->L, w->par.rho);
    note(PHI, fabs(unit.phi - phi_is), tolerance_of_phi(w, phi_is) + 1e-6 * phi_was);
    note(CHANGE, fabs(unit.change - (phi_is - phi_was)), tolerance_of_phi(w, phi_is + phi_was));
    w->changes[ipd_block_index(unit.at.block, w->L)] += unit.change;
    free_iterate(&before, w->L);
    if (++w->visits == 3 * w->L - 1) {
        w->visits = 0;
        int inner = w->par.batch ? w->par.inner : 1;
        if (place.sweep == inner) {
            w->total.loss += is.loss;
            for (int l = 1; l <= w->L; l++) {
                w->total.linear[l] += is.linear[l];
                w->total.activation[l] += is.activation[l];
            }
            const ipd_matrix *z = &w->now.z[w->L];
            for (size_t n = 0; n < z->cols; n++)
                w->correct += ipd_argmax(z->data + n * z->rows, z->rows) == w->v->labels[n];
        }
    }
    return unit.iteration_done;
}

static void walk_problem(problem *p, ipd_random *r, int iterations, const char *name)
{
    void *state = open_problem(p);
    walk w = {
        .p = p, .r = r, .v = ipd_method_ipdlam.variables(state), .L = p->net.L, .par = p->par};
    for (int l = 1; l <= w.L; l++) {
        set_matrix(&w.k.W[l], &p->net.W[l]);
        set_matrix(&w.k.b[l], &p->net.b[l]);
    }
    for (int k = 0, done = 0; k < iterations && done >= 0; k++) {
        while (!(done = step(&w, state, name)))
            ;
        if (done > 0)
            end_iteration(&w, state);
    }
    ipd_method_ipdlam.close(state);
    free_iterate(&w.k, w.L);
    free_iterate(&w.k_1, w.L);
    free_iterate(&w.now, w.L);
}

/* Widths and samples beyond the sizes of tiles and chunks, both sides of every choice. */
static void large_problems(ipd_random *r)
{
    static const struct {
        int L;
        size_t d[4], N;
        const char *order;
        size_t batch;
    } cases[] = {
        {2, {20, 30, 5}, 1100, "nested_reverse", 0},
        {2, {70, 270, 10}, 290, "increase", 0},
        {3, {90, 20, 260, 3}, 150, "reverse", 70},
    };
    for (int i = 0; i < 3; i++) {
        problem p;
        ipd_error e;
        char name[32];
        make_problem(&p, r, cases[i].L, cases[i].d, cases[i].N, "relu");
        if (ipd_method_order(&ipd_method_ipdlam, &p.par.order, cases[i].order, cases[i].L, &e))
            fatal(&e);
        p.par.batch = cases[i].batch;
        snprintf(name, sizeof name, "large problem %d", i);
        walk_problem(&p, r, 1, name);
        free_problem(&p);
    }
}

/* Every activation and loss, penalties by layer, b from a mean, a frozen block. */
static void vary(problem *p, ipd_random *r)
{
    ipd_error e;
    int L = p->net.L;
    size_t activations = 0;
    for (; ipd_activation_names()[activations]; activations++)
        ;
    const char *activation = ipd_activation_names()[ipd_random_below(r, activations)];
    for (int l = 1; l < L; l++)
        p->net.sigma[l] = ipd_activation_find(activation);
    p->net.loss = ipd_loss_find(ipd_loss_names()[ipd_random_below(r, 3)]);
    ipd_matrix_free(&p->Y);
    if (ipd_targets(&p->Y, p->net.loss, p->labels, p->N, p->net.d[L], &e))
        fatal(&e);
    for (int l = 1; l <= L; l++)
        p->par.penalty[l] = ipd_regularizer_find(ipd_regularizer_names()[ipd_random_below(r, 4)])
                                ->penalty(pow(10, between(r, -3, 1)) * p->par.rho, 0.5);
    p->par.bias_mean = (int)ipd_random_below(r, 2);
    if (ipd_random_below(r, 2))
        p->par.frozen[ipd_random_below(r, (uint64_t)(3 * L - 1))] = 1;
}

int main(void)
{
    ipd_error e;
    ipd_random r;
    const char *seed = getenv("SEED"), *count = getenv("PROBLEMS");
    ipd_random_seed(&r, seed ? strtoull(seed, NULL, 10) : 1, 77);
    if (ipd_threads_set(2, &e))
        fatal(&e);
    for (int i = 0, n = count ? atoi(count) : some_of(240); i < n; i++) {
        problem p;
        char name[160];
        random_problem(&p, &r);
        if (i % 2)
            vary(&p, &r);
        snprintf(name, sizeof name, "problem %d (%s, %s, L %d, N %zu, batch %zu, delta %g)", i,
                 p.net.L > 1 ? p.net.sigma[1]->name : "no", p.net.loss->name, p.net.L, p.N,
                 p.par.batch, p.par.delta);
        walk_problem(&p, &r, 3, name);
        free_problem(&p);
    }
    large_problems(&r);
    for (int c = 0; c < CHECKS; c++) {
        ok(worst[c].count > 0 && worst[c].ratio <= 1,
           "%s (%ld values, at most %.2g of the tolerance)", checks[c], worst[c].count,
           worst[c].ratio);
        if (getenv("VERBOSE") || worst[c].ratio > 1)
            printf("# worst: %s\n", worst[c].where);
    }
    return done();
}
