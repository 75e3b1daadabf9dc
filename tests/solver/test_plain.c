/* test_plain.c - Algorithm 1 in plain loops over matrices of double, written from the paper alone. The
 * solver agrees with it in every variable after every iteration. Full batch, ReLU, squared loss.
 */
#include "problem.h"
#include "solver/variables.h"

enum { MOST = 24 }; /* of a width, and of samples */

/* A matrix, its previous iterate and its prediction. */
typedef struct plain {
    size_t rows, cols;
    double now[MOST][MOST], old[MOST][MOST], hat[MOST][MOST];
} plain;

static plain z[DEEPEST + 1], a[DEEPEST + 1], W[DEEPEST + 1], b[DEEPEST + 1];
static double Y[MOST][MOST];

/* x := x^{k+1}, element by element; what was there becomes the previous iterate. */
static void take(plain *v, double new[MOST][MOST])
{
    memcpy(v->old, v->now, sizeof v->old);
    memcpy(v->now, new, sizeof v->now);
}

static void predict(plain *v, double inertia)
{
    for (size_t i = 0; i < v->rows; i++)
        for (size_t n = 0; n < v->cols; n++)
            v->hat[i][n] = v->now[i][n] + inertia * (v->now[i][n] - v->old[i][n]);
}

static double relu(double x)
{
    return x > 0 ? x : 0;
}

static double cost(double x, double w, double v, double r)
{
    return pow(relu(x) - w, 2) + r * pow(x - v, 2);
}

/* (W_l a_{l-1})_in */
static double plain_product(int l, size_t i, size_t n)
{
    double sum = 0;
    for (size_t k = 0; k < W[l].cols; k++)
        sum += W[l].now[i][k] * a[l - 1].now[k][n];
    return sum;
}

/* Each row of R := the solution x of x M = R, M symmetric and positive definite, count x count. */
static void solve(double M[MOST][MOST], size_t count, double R[MOST][MOST], size_t rows)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count; k++) {
            double factor = M[k][i] / M[i][i];
            for (size_t c = 0; c < count; c++)
                M[k][c] -= factor * M[i][c];
            for (size_t row = 0; row < rows; row++)
                R[row][k] -= factor * R[row][i];
        }
    for (size_t row = 0; row < rows; row++)
        for (size_t i = count; i-- > 0;) {
            for (size_t c = i + 1; c < count; c++)
                R[row][i] -= M[i][c] * R[row][c];
            R[row][i] /= M[i][i];
        }
}

static void z_update(int l, int L, double delta, double rho)
{
    static double new[MOST][MOST];
    for (size_t i = 0; i < z[l].rows; i++)
        for (size_t n = 0; n < z[l].cols; n++) {
            double v =
                (plain_product(l, i, n) + b[l].now[i][0] + delta * z[l].hat[i][n]) / (1 + delta);
            double r = l < L ? 1 + delta : rho * (1 + delta);
            if (l == L) {
                new[i][n] = (Y[i][n] + r * v) / (1 + r);
                continue;
            }
            double up = relu((a[l].now[i][n] + r * v) / (1 + r)), down = fmin(v, 0);
            new[i][n] =
                cost(up, a[l].now[i][n], v, r) < cost(down, a[l].now[i][n], v, r) ? up : down;
        }
    take(&z[l], new);
}

static void W_update(int l, double delta)
{
    static double new[MOST][MOST], G[MOST][MOST], new_b[MOST][MOST];
    size_t N = a[l - 1].cols;
    for (size_t k = 0; k < W[l].cols; k++) {
        for (size_t c = 0; c < W[l].cols; c++) {
            G[k][c] = k == c ? delta : 0;
            for (size_t n = 0; n < N; n++)
                G[k][c] += a[l - 1].now[k][n] * a[l - 1].now[c][n];
        }
        for (size_t i = 0; i < W[l].rows; i++) {
            new[i][k] = delta *W[l].hat[i][k];
            for (size_t n = 0; n < N; n++)
                new[i][k] += (z[l].now[i][n] - b[l].now[i][0]) * a[l - 1].now[k][n];
        }
    }
    solve(G, W[l].cols, new, W[l].rows);
    take(&W[l], new);
    for (size_t i = 0; i < W[l].rows; i++) {
        new_b[i][0] = delta * b[l].hat[i][0];
        for (size_t n = 0; n < N; n++)
            new_b[i][0] += z[l].now[i][n] - plain_product(l, i, n);
        new_b[i][0] /= (double)N + delta;
    }
    take(&b[l], new_b);
}

static void a_update(int l, double delta)
{
    static double new[MOST][MOST], M[MOST][MOST], rows[MOST][MOST];
    for (size_t i = 0; i < a[l].rows; i++) {
        for (size_t k = 0; k < a[l].rows; k++) {
            M[i][k] = i == k ? 1 + delta : 0;
            for (size_t u = 0; u < W[l + 1].rows; u++)
                M[i][k] += W[l + 1].now[u][i] * W[l + 1].now[u][k];
        }
        for (size_t n = 0; n < a[l].cols; n++) { /* samples as rows */
            rows[n][i] = relu(z[l].now[i][n]) + delta * a[l].hat[i][n];
            for (size_t u = 0; u < W[l + 1].rows; u++)
                rows[n][i] += W[l + 1].now[u][i] * (z[l + 1].now[u][n] - b[l + 1].now[u][0]);
        }
    }
    solve(M, a[l].rows, rows, a[l].cols);
    for (size_t i = 0; i < a[l].rows; i++)
        for (size_t n = 0; n < a[l].cols; n++)
            new[i][n] = rows[n][i];
    take(&a[l], new);
}

/* Iteration k of Algorithm 1; returns the next rho. */
static double algorithm_1(int L, const char *order, const ipd_parameters *par, double rho)
{
    for (int l = 1; l <= L; l++) { /* 1 to 3 */
        predict(&z[l], par->alpha);
        predict(&W[l], par->beta);
        predict(&b[l], par->beta);
        predict(&a[l], par->gamma);
    }
    if (!strcmp(order, "nested_reverse")) {
        for (int l = L; l >= 1; l--) {
            if (l < L)
                a_update(l, par->delta);
            z_update(l, L, par->delta, rho);
            W_update(l, par->delta);
        }
    } else {                         /* as printed; reverse gives the same iterates */
        for (int l = 1; l <= L; l++) /* 4, 5 */
            z_update(l, L, par->delta, rho);
        for (int l = 1; l <= L; l++) /* 6 */
            W_update(l, par->delta);
        for (int l = 1; l < L; l++) /* 7 */
            a_update(l, par->delta);
    }
    return fmin(par->theta * rho, par->rho_max); /* 8 */
}

static void read(plain *v, const ipd_matrix *m)
{
    *v = (plain){.rows = m->rows, .cols = m->cols};
    for (size_t i = 0; i < m->rows; i++)
        for (size_t n = 0; n < m->cols; n++)
            v->now[i][n] = v->old[i][n] = (double)m->data[i + n * m->rows];
}

static double off(const plain *v, const ipd_matrix *m)
{
    double max = 0, scale = 1;
    for (size_t i = 0; i < m->rows; i++)
        for (size_t n = 0; n < m->cols; n++) {
            max = fmax(max, fabs(v->now[i][n] - (double)m->data[i + n * m->rows]));
            scale = fmax(scale, fabs(v->now[i][n]));
        }
    return max / scale;
}

/* z and a by one forward pass. */
static void start(const problem *p)
{
    int L = p->net.L;
    read(&a[0], &p->X);
    for (size_t i = 0; i < p->Y.rows; i++)
        for (size_t n = 0; n < p->N; n++)
            Y[i][n] = (double)p->Y.data[i + n * p->Y.rows];
    for (int l = 1; l <= L; l++) {
        read(&W[l], &p->net.W[l]);
        read(&b[l], &p->net.b[l]);
        z[l] = a[l] = (plain){.rows = p->net.d[l], .cols = p->N};
        for (size_t i = 0; i < z[l].rows; i++)
            for (size_t n = 0; n < p->N; n++) {
                z[l].now[i][n] = z[l].old[i][n] = plain_product(l, i, n) + b[l].now[i][0];
                a[l].now[i][n] = a[l].old[i][n] = relu(z[l].now[i][n]);
            }
    }
}

/* The largest relative distance over this many iterations. */
static double compare(problem *p, const char *order, int iterations)
{
    ipd_error e;
    double worst = 0, rho = p->par.rho;
    if (ipd_method_order(&ipd_method_ipdlam, &p->par.order, order, p->net.L, &e))
        fatal(&e);
    void *state = ipd_method_ipdlam.open(&ipd_method_ipdlam, &p->problem, &p->net, &p->par, &e);
    if (!state)
        fatal(&e);
    start(p);
    for (int k = 1; k <= iterations; k++) {
        ipd_unit unit = {0};
        ipd_record record;
        while (!unit.iteration_done)
            if (ipd_method_ipdlam.advance(state, &unit, &e))
                fatal(&e);
        if (ipd_method_ipdlam.finish(state, &record, &e))
            fatal(&e);
        rho = algorithm_1(p->net.L, order, &p->par, rho);
        const ipd_variables *v = ipd_method_ipdlam.variables(state);
        for (int l = 1; l <= p->net.L; l++) {
            worst = fmax(worst, fmax(off(&z[l], &v->z[l]), off(&W[l], &v->net->W[l])));
            worst = fmax(worst, off(&b[l], &v->net->b[l]));
            if (l < p->net.L)
                worst = fmax(worst, off(&a[l], &v->a[l]));
        }
    }
    ipd_method_ipdlam.close(state);
    return worst;
}

int main(void)
{
    static const struct {
        int L;
        size_t d[4], N;
    } shapes[] = {
        {1, {5, 3}, 9}, {2, {6, 7, 3}, 12}, {3, {8, 5, 9, 4}, 20}, {3, {20, 6, 4, 3}, 11}};
    ipd_random r;
    ipd_error e;
    ipd_random_seed(&r, 5, 0);
    if (ipd_threads_set(2, &e))
        fatal(&e);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int o = 0; o < 3; o++) {
            problem p;
            make_problem(&p, &r, shapes[i].L, shapes[i].d, shapes[i].N, "relu");
            p.par.alpha = 0.4;
            p.par.beta = 0.6;
            p.par.gamma = 0.8;
            p.par.delta = 0.7;
            double worst = compare(&p, ipd_order_names()[o], 4);
            ok(worst < 2e-4, "shape %zu, %s: within %.1e of plain loops", i + 1,
               ipd_order_names()[o], worst);
            free_problem(&p);
        }
    return done();
}
