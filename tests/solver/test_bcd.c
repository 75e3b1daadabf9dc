/* test_bcd.c - block coordinate descent against its formulas, computed slowly and in double, after every
 * block; Phi from the raw arrays; and its descent.
 */
#include "solver/audit.h"
#include "solver/solver.h"
#include "tests/solver/problem.h"

static const char *const losses[] = {"squared", "hinge", "cross_entropy"};

static ipd_random random_state;

/* The variables as the formulas have them: column-major, n samples. V[0] is the data. */
typedef struct reference {
    int L;
    size_t d[DEEPEST + 1], n;
    double *U[DEEPEST + 1], *V[DEEPEST + 1], *W[DEEPEST + 1], *b[DEEPEST + 1], *y;
    double alpha; /* the proximal weight */
    const char *activation, *loss;
} reference;

static double *zeros(size_t count)
{
    double *x = calloc(count ? count : 1, sizeof *x);
    if (!x)
        exit(99);
    return x;
}

static double *as_doubles(const float *from, size_t count)
{
    double *x = zeros(count);
    for (size_t i = 0; i < count; i++)
        x[i] = from[i];
    return x;
}

static double activate(const reference *r, double x)
{
    return x > 0 || !strcmp(r->activation, "identity") ? x
           : !strcmp(r->activation, "leaky_relu")      ? 0.01 * x
                                                       : 0;
}

/* x := A^{-1} x for m right-hand sides, by elimination with pivots; A (n x n) is overwritten. */
static void eliminate(double *A, double *x, size_t n, size_t m)
{
    for (size_t k = 0; k < n; k++) {
        size_t best = k;
        for (size_t i = k; i < n; i++)
            best = fabs(A[i + k * n]) > fabs(A[best + k * n]) ? i : best;
        for (size_t j = 0; j < n + m; j++) {
            double *column = j < n ? A + j * n : x + (j - n) * n, swap = column[k];
            column[k] = column[best];
            column[best] = swap;
        }
        for (size_t i = 0; i < n; i++) {
            double by = i == k ? 0 : A[i + k * n] / A[k + k * n];
            for (size_t j = 0; by != 0 && j < n + m; j++) {
                double *column = j < n ? A + j * n : x + (j - n) * n;
                column[i] -= by * column[k];
            }
        }
    }
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < n; i++)
            x[i + j * n] /= A[i + i * n];
}

/* (W_l V_{l-1} + b_l)_in, with or without b. */
static double product_of(const reference *r, int l, size_t i, size_t n, int with_b)
{
    double sum = with_b ? r->b[l][i] : 0;
    for (size_t k = 0; k < r->d[l - 1]; k++)
        sum += r->W[l][i + k * r->d[l]] * r->V[l - 1][k + n * r->d[l - 1]];
    return sum;
}

/* x := argmin of the loss of one sample and w/2 |x - v|^2. */
static void prox_loss(const reference *r, const double *y, const double *v, double w, double *x)
{
    size_t d = r->d[r->L];
    double p[32], step[32], H[32 * 32];
    if (!strcmp(r->loss, "squared")) {
        for (size_t i = 0; i < d; i++)
            x[i] = (y[i] + w * v[i]) / (1 + w);
        return;
    }
    if (!strcmp(r->loss, "hinge")) {
        for (size_t i = 0; i < d; i++)
            x[i] = y[i] * v[i] >= 1 ? v[i] : y[i] * v[i] <= 1 - 1 / w ? v[i] + y[i] / w : y[i];
        return;
    }
    for (size_t i = 0; i < d; i++)
        x[i] = v[i];
    for (int k = 0; k < 200; k++) { /* damped Newton steps: w is 6 here */
        double largest = x[0], total = 0;
        for (size_t i = 1; i < d; i++)
            largest = fmax(largest, x[i]);
        for (size_t i = 0; i < d; i++)
            total += p[i] = exp(x[i] - largest);
        for (size_t i = 0; i < d; i++)
            step[i] = (p[i] /= total) - y[i] + w * (x[i] - v[i]);
        for (size_t i = 0; i < d; i++)
            for (size_t j = 0; j < d; j++)
                H[i + j * d] = (i == j ? p[i] + w : 0) - p[i] * p[j];
        eliminate(H, step, d, 1);
        for (size_t i = 0; i < d; i++)
            x[i] -= 0.8 * step[i];
    }
}

/* x := argmin (sigma(x) - a)^2 + w (x - v)^2. */
static double prox_activation(const reference *r, double a, double v, double w)
{
    double slope = activate(r, -1) / -1, up = (a + w * v) / (1 + w);
    double down = (slope * a + w * v) / (slope * slope + w);
    if (!strcmp(r->activation, "identity"))
        return up;
    up = up > 0 ? up : 0;
    down = down < 0 ? down : 0;
    double cost_up = (up - a) * (up - a) + w * (up - v) * (up - v);
    double cost_down = (slope * down - a) * (slope * down - a) + w * (down - v) * (down - v);
    return cost_up <= cost_down ? up : down;
}

/* V_L, with y: weight 1 to U_L and alpha to itself; then U_L = (V_L + p_L)/2. */
static void reference_output(reference *r)
{
    int L = r->L;
    size_t d = r->d[L];
    for (size_t n = 0; n < r->n; n++) {
        double v[32];
        for (size_t i = 0; i < d; i++)
            v[i] = (r->U[L][i + n * d] + r->alpha * r->V[L][i + n * d]) / (1 + r->alpha);
        prox_loss(r, r->y + n * d, v, 1 + r->alpha, r->V[L] + n * d);
        for (size_t i = 0; i < d; i++)
            r->U[L][i + n * d] = (r->V[L][i + n * d] + product_of(r, L, i, n, 1)) / 2;
    }
}

static void reference_U(reference *r, int l)
{
    size_t d = r->d[l];
    for (size_t n = 0; n < r->n; n++)
        for (size_t i = 0; i < d; i++) {
            double *U = &r->U[l][i + n * d];
            double v = (product_of(r, l, i, n, 1) + r->alpha * *U) / (1 + r->alpha);
            *U = prox_activation(r, r->V[l][i + n * d], v, 1 + r->alpha);
        }
}

/* W := (alpha W + (U - b) V^T)(alpha I + V V^T)^{-1}; b := (alpha b + sum (U - W V))/(n + alpha). */
static void reference_W(reference *r, int l)
{
    size_t rows = r->d[l], cols = r->d[l - 1];
    const double *V = r->V[l - 1], *U = r->U[l];
    double *A = zeros(cols * cols), *x = zeros(cols * rows); /* x is W^T */
    for (size_t j = 0; j < cols; j++) {
        for (size_t k = 0; k < cols; k++)
            for (size_t n = 0; n < r->n; n++)
                A[k + j * cols] += V[k + n * cols] * V[j + n * cols];
        A[j + j * cols] += r->alpha;
        for (size_t i = 0; i < rows; i++) {
            x[j + i * cols] = r->alpha * r->W[l][i + j * rows];
            for (size_t n = 0; n < r->n; n++)
                x[j + i * cols] += (U[i + n * rows] - r->b[l][i]) * V[j + n * cols];
        }
    }
    eliminate(A, x, cols, rows);
    for (size_t j = 0; j < cols; j++)
        for (size_t i = 0; i < rows; i++)
            r->W[l][i + j * rows] = x[j + i * cols];
    for (size_t i = 0; i < rows; i++) {
        double sum = r->alpha * r->b[l][i];
        for (size_t n = 0; n < r->n; n++)
            sum += U[i + n * rows] - product_of(r, l, i, n, 0);
        r->b[l][i] = sum / ((double)r->n + r->alpha);
    }
    free(A);
    free(x);
}

/* V_l := (W^T W + I)^{-1} (W^T (U_{l+1} - b) + sigma(U_l)), W = W_{l+1}. */
static void reference_V(reference *r, int l)
{
    size_t d = r->d[l], up = r->d[l + 1];
    const double *W = r->W[l + 1];
    double *A = zeros(d * d);
    for (size_t j = 0; j < d; j++)
        for (size_t k = 0; k < d; k++) {
            for (size_t i = 0; i < up; i++)
                A[k + j * d] += W[i + k * up] * W[i + j * up];
            A[k + j * d] += j == k;
        }
    for (size_t n = 0; n < r->n; n++)
        for (size_t k = 0; k < d; k++) {
            double sum = activate(r, r->U[l][k + n * d]);
            for (size_t i = 0; i < up; i++)
                sum += W[i + k * up] * (r->U[l + 1][i + n * up] - r->b[l + 1][i]);
            r->V[l][k + n * d] = sum;
        }
    eliminate(A, r->V[l], d, r->n);
    free(A);
}

/* Takes samples first ... of p, and U and V of a forward pass; V_L = U_L. */
static void reference_load(reference *r, const problem *p, size_t first, size_t n)
{
    r->n = n;
    free(r->V[0]);
    free(r->y);
    r->V[0] = as_doubles(p->X.data + first * r->d[0], r->d[0] * n);
    r->y = as_doubles(p->Y.data + first * r->d[r->L], r->d[r->L] * n);
    for (int l = 1; l <= r->L; l++) {
        free(r->U[l]);
        free(r->V[l]);
        r->U[l] = zeros(r->d[l] * n);
        r->V[l] = zeros(r->d[l] * n);
        for (size_t k = 0; k < n; k++)
            for (size_t i = 0; i < r->d[l]; i++) {
                double u = r->U[l][i + k * r->d[l]] = product_of(r, l, i, k, 1);
                r->V[l][i + k * r->d[l]] = l < r->L ? activate(r, u) : u;
            }
    }
}

static reference reference_open(const problem *p)
{
    reference r = {.L = p->net.L,
                   .alpha = p->par.delta,
                   .activation = p->net.sigma[1] ? p->net.sigma[1]->name : "identity",
                   .loss = p->net.loss->name};
    memcpy(r.d, p->net.d, sizeof r.d);
    for (int l = 1; l <= r.L; l++) {
        r.W[l] = as_doubles(p->net.W[l].data, r.d[l] * r.d[l - 1]);
        r.b[l] = as_doubles(p->net.b[l].data, r.d[l]);
    }
    return r;
}

static void reference_free(reference *r)
{
    for (int l = 0; l <= r->L; l++) {
        free(r->U[l]);
        free(r->V[l]);
        free(r->W[l]);
        free(r->b[l]);
    }
    free(r->y);
}

static double deviation(const ipd_matrix *x, const double *y)
{
    double max = 0;
    for (size_t i = 0; i < x->rows * x->cols; i++) {
        double by = fabs(x->data[i] - y[i]) / (1 + fabs(y[i]));
        max = by > max || isnan(by) ? by : max;
    }
    return max;
}

/* The largest deviation of any variable. */
static double compare(const ipd_variables *v, const reference *r)
{
    double max = 0;
    for (int l = 1; l <= r->L; l++) {
        const ipd_matrix *x[] = {&v->z[l], &v->a[l], &v->net->W[l], &v->net->b[l]};
        const double *y[] = {r->U[l], r->V[l], r->W[l], r->b[l]};
        for (int i = 0; i < 4; i++)
            max = fmax(max, deviation(x[i], y[i]));
    }
    return max;
}

/* Phi, from the formulas. The loss is the program's own, tested elsewhere. */
static double phi_from(const problem *p, const ipd_variables *v)
{
    const ipd_network *net = v->net;
    int L = net->L;
    double phi = ipd_loss_value(net->loss, v->Y.data, v->a[L].data, net->d[L], v->n), gaps = 0;
    for (int l = 1; l <= L; l++) {
        size_t d = net->d[l], from = net->d[l - 1];
        float *fit = malloc(d * v->n * sizeof *fit);
        if (l < L)
            ipd_activation_apply(net->sigma[l], v->z[l].data, fit, d * v->n);
        else
            memcpy(fit, v->z[l].data, d * v->n * sizeof *fit);
        for (size_t n = 0; n < v->n; n++)
            for (size_t i = 0; i < d; i++) {
                double left = at(&v->z[l], i, n) - net->b[l].data[i];
                for (size_t k = 0; k < from; k++)
                    left -= at(&net->W[l], i, k) * at(&v->a[l - 1], k, n);
                double gap = at(&v->a[l], i, n) - fit[i + n * d];
                gaps += left * left + gap * gap;
            }
        free(fit);
        phi += ipd_penalty_value(p->par.penalty[l], &net->W[l]);
    }
    return phi + gaps / 2;
}

/* Like make_problem, with this loss and the parameters of bcd. */
static void make(problem *p, int L, const char *activation, const char *loss)
{
    ipd_error e;
    size_t d[DEEPEST + 1], N = 3 + ipd_random_below(&random_state, 30);
    for (int l = 0; l <= L; l++)
        d[l] = 2 + ipd_random_below(&random_state, 12);
    make_problem(p, &random_state, L, d, N, activation);
    p->net.loss = ipd_loss_find(loss);
    ipd_matrix_free(&p->Y);
    if (ipd_targets(&p->Y, p->net.loss, p->labels, N, d[L], &e))
        fatal(&e);
    p->par.alpha = p->par.beta = p->par.gamma = 0;
    p->par.delta = 5;
    p->par.theta = p->par.rho_max = 1;
    random_order(&random_state, &p->par.order, L);
}

static void *open_bcd(const problem *p)
{
    ipd_error e;
    void *state = ipd_method_bcd.open(&ipd_method_bcd, &p->problem, &p->net, &p->par, &e);
    if (!state)
        fatal(&e);
    return state;
}

/* 25 iterations beside the reference, compared after every block. */
static void test_against_reference(int L, const char *activation, const char *loss, int batches)
{
    problem p;
    ipd_unit u;
    ipd_record record;
    ipd_error e;
    double max = 0;
    int order_known = 1;
    make(&p, L, activation, loss);
    if (batches)
        p.par.batch = p.N / 2 + 1;
    else if (ipd_method_order(&ipd_method_ipdlam, &p.par.order, "nested_reverse", L, &e))
        fatal(&e);
    reference r = reference_open(&p);
    void *state = open_bcd(&p);
    for (int k = 0; k < 25; k++) {
        do {
            ipd_place place = ipd_method_bcd.place(state);
            size_t first = (size_t)(place.batch - 1) * p.par.batch;
            size_t left = p.N - first, n = batches && p.par.batch < left ? p.par.batch : left;
            int begins = place.block.kind == p.par.order.blocks[0].kind &&
                         place.block.layer == p.par.order.blocks[0].layer;
            if (begins && (batches || k == 0))
                reference_load(&r, &p, first, n);
            if (ipd_method_bcd.advance(state, &u, &e))
                fatal(&e);
            int l = u.at.block.layer;
            if (u.at.block.kind == 'z' && l == L)
                reference_output(&r);
            else if (u.at.block.kind == 'z')
                reference_U(&r, l);
            else if (u.at.block.kind == 'W')
                reference_W(&r, l);
            else
                reference_V(&r, l);
            max = fmax(max, compare(ipd_method_bcd.variables(state), &r));
        } while (!u.iteration_done);
        if (ipd_method_bcd.finish(state, &record, &e))
            fatal(&e);
        order_known = order_known && !strcmp(record.order, p.par.order.name);
    }
    ok(max <= 1e-4 && order_known, "%d layers, %s, %s, %s: within %.1e of the formulas", L,
       activation, loss, batches ? "mini-batches" : "full batch", max);
    ipd_method_bcd.close(state);
    reference_free(&r);
    free_problem(&p);
}

/* 50 iterations: what each block did to Phi is what Phi from the raw arrays says, and never a rise. */
static void test_descent(const char *activation, const char *loss, int trials)
{
    double off = 0, rise = 0, fall = 0;
    int proved = 1, found = 0;
    for (int trial = 0; trial < trials; trial++) {
        problem p;
        ipd_unit u;
        ipd_record r;
        ipd_error e;
        int L = 1 + (int)ipd_random_below(&random_state, DEEPEST);
        make(&p, L, activation, loss);
        p.par.audit = 1;
        p.par.delta = trial % 3 ? 5 : between(&random_state, 0.1, 10);
        for (int l = 1; l <= L && trial % 2; l++)
            p.par.penalty[l].l2 = 0.1;
        void *state = open_bcd(&p);
        const ipd_variables *v = ipd_method_bcd.variables(state);
        double before = NAN, first = NAN;
        for (int k = 0; k < 50; k++) {
            double start = before, changes = 0;
            do {
                if (ipd_method_bcd.advance(state, &u, &e))
                    fatal(&e);
                if (u.finding && !found++)
                    printf("# %s\n", u.finding);
                double phi = phi_from(&p, v);
                first = isnan(first) ? u.phi - u.change : first;
                off = fmax(off, fabs(u.phi - phi) / (1e-3 * fabs(first) + fabs(phi)));
                if (!isnan(before)) {
                    off = fmax(off, fabs(u.change - (phi - before)) / fabs(first));
                    rise = fmax(rise, (phi - before) / fabs(first));
                }
                before = phi;
            } while (!u.iteration_done);
            if (ipd_method_bcd.finish(state, &r, &e))
                fatal(&e);
            for (int i = 0; i < 3 * L - 1; i++)
                changes += r.change_by_block[i];
            if (k)
                off = fmax(off, fabs(before - start - changes) / fabs(first));
            off = fmax(off, fabs(r.phi - before) / (1e-3 * fabs(first) + fabs(before)));
            proved = proved && r.xi_proved && r.xi <= r.xi_start + 1e-6 * fabs(first) &&
                     fabs(r.xi - r.phi) <= 1e-12 * fabs(r.phi);
        }
        fall = fmax(fall, before / first);
        ipd_method_bcd.close(state);
        free_problem(&p);
    }
    ok(off <= 1e-5 && proved, "%s, %s: change_by_block is the change of Phi, within %.1e",
       activation, loss, off);
    ok(!found, "%s, %s: the audit finds nothing", activation, loss);
    ok(rise <= 1e-6 && fall < 1,
       "%s, %s: no block raises Phi (most: %.1e), which falls to %.2g or less", activation, loss,
       rise, fall);
}

/* V_L's proximal weight alone; and another. */
static ipd_prox right(const ipd_parameters *par, ipd_block block, int L)
{
    (void)par;
    return (ipd_prox){0, block.kind == IPD_A && block.layer == L ? 5 : 0};
}

static ipd_prox another(const ipd_parameters *par, ipd_block block, int L)
{
    ipd_prox prox = right(par, block, L);
    prox.weight *= 0.8;
    return prox;
}

/* The audit sees a V_L that is not at its minimum, and one that is. */
static void test_audit(void)
{
    problem p;
    ipd_error e;
    for (int i = 0; i < 3; i++)
        for (int wrong = 0; wrong <= 1; wrong++) {
            ipd_solver s = {.output_variable = 1, .prox = right, .share = 1};
            ipd_audit audit = {.rules = &ipd_audit_proximal};
            const ipd_place at = {.iteration = 1, .batch = 1, .batches = 1, .block = {IPD_Z, 2}};
            make(&p, 2, "relu", losses[i]);
            s.par = p.par;
            s.rho = p.par.rho;
            s.par.audit = 1;
            s.rho = p.par.rho;
            if (ipd_solver_resize(&s, &p.net, p.N, &e) ||
                ipd_solver_load(&s, p.X, p.Y, p.labels, &e) ||
                ipd_audit_before(&audit, &s, at.block, &e))
                fatal(&e);
            s.prox = wrong ? another : right;
            if (ipd_V_step(&s, &e) || ipd_z_step(&s, 2, &e))
                fatal(&e);
            s.prox = right;
            const char *finding = ipd_audit_after(&audit, &s, &at);
            ok(wrong ? finding && strstr(finding, "V2 misses its minimum") : !finding,
               "audit, %s, %s V_L: %s", losses[i], wrong ? "another" : "the right",
               finding ? finding : "nothing");
            ipd_audit_free(&audit);
            ipd_solver_free(&s);
            free_problem(&p);
        }
}

/* A frozen z_L leaves V_L and U_L alone; V_L starts at U_L. */
static void test_output(void)
{
    problem p;
    ipd_unit u;
    ipd_record r;
    ipd_error e;
    make(&p, 2, "relu", "squared");
    if (ipd_method_order(&ipd_method_ipdlam, &p.par.order, "nested_reverse", 2, &e))
        fatal(&e);
    p.par.frozen[ipd_block_index((ipd_block){IPD_Z, 2}, 2)] = 1;
    void *state = open_bcd(&p);
    const ipd_variables *v = ipd_method_bcd.variables(state);
    if (ipd_method_bcd.advance(state, &u, &e))
        fatal(&e);
    size_t bytes = v->n * p.net.d[2] * sizeof(float);
    ok(u.change == 0 && !memcmp(v->a[2].data, v->z[2].data, bytes),
       "V_L begins at U_L and stays where frozen");
    p.par.frozen[ipd_block_index((ipd_block){IPD_Z, 2}, 2)] = 0;
    ipd_method_bcd.set(state, &p.par);
    for (int k = 0; k < 2; k++) {
        do
            if (ipd_method_bcd.advance(state, &u, &e))
                fatal(&e);
        while (!u.iteration_done);
        if (ipd_method_bcd.finish(state, &r, &e))
            fatal(&e);
    }
    double gap = distance(&v->a[2], &v->z[2]),
           counted = r.activation_gap - r.activation_gap_by_layer[1];
    ok(gap > 0 && fabs(counted - gap) < 1e-5 * gap &&
           fabs(r.activation_gap_by_layer[2] - gap) < 1e-5 * gap,
       "the record's activation gap has |V_L - U_L|^2: %g", gap);
    ok(!strcmp(r.method, "bcd") && r.rho == 1 && r.delta == 5, "the record names the method");
    ipd_method_bcd.close(state);
    free_problem(&p);
}

int main(void)
{
    static const char *const activations[] = {"relu", "leaky_relu", "identity"};
    ipd_error e;
    if (ipd_threads_set(2, &e))
        fatal(&e);
    ipd_random_seed(&random_state, 20, 1);
    for (int L = 1; L <= 4; L++)
        for (int i = 0; i < 3; i++) {
            test_against_reference(L, activations[(L + i) % 3], losses[i], 0);
            test_against_reference(L, activations[(L + i) % 3], losses[(i + 1) % 3], 1);
        }
    for (int i = 0; i < 3; i++)
        for (const char *const *name = ipd_activation_names(); *name; name++)
            test_descent(*name, losses[i], 6);
    test_output();
    test_audit();
    return done();
}
