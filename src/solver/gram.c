/* gram.c - the Gram matrix of a W-step and its inverse; see steps.h. */
#include "base/vector.h"
#include "solver/steps.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Singular values of a below this fraction of the largest count as zero. */
#define RANK_TOLERANCE 1e-5
/* Sums with the inverse may be float while kappa is at least this fraction of the Gram matrix's
 * largest diagonal element. Below it they are double: (a a^T + kappa I)^{-1} amplifies rounding by
 * up to that ratio, which would spoil the fit. */
#define FLOAT_GRAM 1e-3
/* The same for float products with the inverse, which round a little more. */
#define FLOAT_INVERSE 2e-3
/* A shift that makes a singular matrix invertible, as a fraction of the largest diagonal
 * element. */
#define SHIFT 1e-10
/* The Gram matrix itself tolerates more, since its rounding is noise without a direction: with n
 * rows and sums over `length` float products in slabs, the noise has a norm of about NOISE
 * sqrt(n/length) of the largest diagonal element (measured: 1.3e-7 at n = 300, length = 60000). It
 * may be a twentieth of kappa, and is a relative error of the step in the directions that the data
 * determine least. */
#define NOISE 2e-6
/* |G|/kappa bounds the condition. Up to this bound an inverse in double is as accurate as solves:
 * its error is far below float precision. */
#define WELL_CONDITIONED 1e7
/* Below this many operations the extra cost of double is negligible. */
#define CHEAP 1e8

void ipd_gram_free(ipd_gram *g)
{
    ipd_matrix64_free(&g->G);
    ipd_matrix64_free(&g->F);
    free(g->values);
    *g = (ipd_gram){0};
}

static double largest_diagonal(const ipd_matrix64 *G)
{
    double max = 0;
    for (size_t i = 0; i < G->rows; i++)
        max = G->data[i * (G->rows + 1)] <= max ? max : G->data[i * (G->rows + 1)];
    return max;
}

static int form_gram(const ipd_matrix *A, int dual, ipd_matrix64 *G, int exact, ipd_error *e)
{
    return dual ? ipd_inner_gram(A, G, exact, e) : ipd_sum_outer(A, A, G, exact, e);
}

/* F := factor of F + kappa I; -1 if it is not positive definite. */
static int factor_in_place(ipd_matrix64 *F, double kappa)
{
    for (size_t i = 0; i < F->rows; i++)
        F->data[i * (F->rows + 1)] += kappa;
    return ipd_cholesky64(F);
}

/* F := factor of G + kappa I. */
static int factor(const ipd_matrix64 *G, double kappa, ipd_matrix64 *F)
{
    ipd_matrix64_copy(G, F);
    return factor_in_place(F, kappa);
}

/* kappa = 0: a plain inverse if no singular value is near the tolerance, else eigenvectors. */
static int factor_limit(ipd_gram *g, ipd_error *e)
{
    size_t n = g->G.rows;
    double min = RANK_TOLERANCE * RANK_TOLERANCE;
    g->rank = (double)n;
    if (factor(&g->G, 0, &g->F) == 0 && ipd_rcond64(&g->F, g->norm) > 10 * (double)n * min)
        return 0;
    ipd_matrix64_copy(&g->G, &g->F);
    if (!(g->values = ipd_allocate(n, sizeof *g->values, e)) || ipd_eigen64(&g->F, g->values, e))
        return -1;
    g->rank = 0;
    for (size_t i = 0; i < n; i++)
        g->rank += g->values[i] > min * g->values[n - 1];
    return 0;
}

void ipd_gram_set_kappa(ipd_gram *g, double kappa)
{
    g->kappa = kappa;
    g->holds = IPD_GRAM_NOTHING;
    g->rank = g->condition = NAN;
    free(g->values);
    g->values = NULL;
}

static int reserve(ipd_gram *g, ipd_error *e)
{
    return g->F.data ? 0 : ipd_matrix64_unset(&g->F, g->G.rows, g->G.cols, e);
}

static int not_definite(double kappa, ipd_error *e)
{
    return ipd_fail(e, IPD_ENUMERIC,
                    "the Gram matrix plus delta = %g is not positive definite in double precision. "
                    "Use a larger delta, or 0 for the pseudo-inverse",
                    kappa);
}

int ipd_gram_factor(ipd_gram *g, double kappa, ipd_error *e)
{
    ipd_gram_set_kappa(g, kappa);
    if (reserve(g, e))
        return -1;
    if (!g->not_finite && kappa == 0 && factor_limit(g, e))
        return -1;
    if (!g->not_finite && kappa != 0 && factor(&g->G, kappa, &g->F))
        return not_definite(kappa, e);
    g->holds = IPD_GRAM_FACTOR;
    return 0;
}

int ipd_gram_become_factor(ipd_gram *g, double kappa, ipd_error *e)
{
    if (kappa == 0 || g->not_finite)
        return ipd_gram_factor(g, kappa, e);
    ipd_gram_set_kappa(g, kappa);
    ipd_matrix64_free(&g->F);
    g->F = g->G;
    g->G.data = NULL;
    if (factor_in_place(&g->F, kappa))
        return not_definite(kappa, e);
    g->holds = IPD_GRAM_FACTOR;
    return 0;
}

int ipd_gram_spectrum(ipd_matrix64 *G, ipd_spectrum *spectrum, ipd_error *e)
{
    size_t n = G->rows, i = 0;
    double *values, limit;
    ipd_error none;
    *spectrum = (ipd_spectrum){1, NAN, NAN, NAN, NAN};
    for (i = 0; i < n * n; i++)
        if (!isfinite(G->data[i]))
            return 0;
    if (!(values = ipd_allocate(n, sizeof *values, e)))
        return -1;
    if (ipd_eigenvalues64(G, values, &none) == 0) {
        limit = RANK_TOLERANCE * RANK_TOLERANCE * values[n - 1];
        for (i = 0; i < n && values[i] <= limit;)
            i++;
        *spectrum = (ipd_spectrum){1, (double)(n - i), fmax(values[n - 1], 0), fmax(values[0], 0),
                                   i < n ? values[i] : 0};
    }
    free(values);
    return 0;
}

double ipd_gram_condition(ipd_gram *g)
{
    if (g->not_finite || !isnan(g->condition))
        return g->condition;
    if (g->holds == IPD_GRAM_NOTHING || (g->holds == IPD_GRAM_INVERSE && ipd_gram_shift(g) > 0))
        return NAN;
    if (g->holds == IPD_GRAM_INVERSE)
        return g->condition = (g->norm + g->kappa) * ipd_norm1_64(&g->F);
    if (!g->values) {
        g->condition = 1 / ipd_rcond64(&g->F, g->norm + g->kappa);
        return g->condition;
    }
    size_t n = g->G.rows, min = n - 1;
    double limit = RANK_TOLERANCE * RANK_TOLERANCE * g->values[n - 1];
    while (min > 0 && g->values[min - 1] > limit)
        min--;
    return g->condition = g->values[n - 1] / g->values[min];
}

int ipd_gram_needs_double(const ipd_gram *g)
{
    return g->kappa < FLOAT_GRAM * g->diagonal;
}

int ipd_gram_is_well_conditioned(const ipd_gram *g)
{
    return !g->values && g->kappa >= FLOAT_INVERSE * g->diagonal;
}

/* 1 if float products would leave too much noise beside kappa. */
static int too_noisy(const ipd_gram *g, size_t length)
{
    double noise = NOISE * sqrt((double)g->G.rows / (double)length) * g->diagonal;
    return g->kappa < 20 * noise;
}

int ipd_gram_form(ipd_gram *g, const ipd_matrix *A, int dual, double kappa, int exact, ipd_error *e)
{
    assert(!g->values && kappa >= 0);
    size_t n = dual ? A->cols : A->rows, length = dual ? A->rows : A->cols;
    if (ipd_matrix64_unset(&g->G, n, n, e))
        return -1;
    ipd_gram_set_kappa(g, kappa);
    exact |= kappa == 0 || (double)n * (double)n * (double)length < CHEAP;
    if (form_gram(A, dual, &g->G, exact, e))
        return -1;
    g->diagonal = largest_diagonal(&g->G);
    if (!exact && too_noisy(g, length) && form_gram(A, dual, &g->G, 1, e))
        return -1;
    g->norm = ipd_norm1_64(&g->G);
    g->not_finite = !isfinite(g->norm);
    return 0;
}

double ipd_gram_shift(const ipd_gram *g)
{
    double min = SHIFT * g->diagonal;
    return g->kappa < min ? min - g->kappa : 0;
}

int ipd_gram_has_good_inverse(const ipd_gram *g)
{
    return !g->not_finite && g->norm < WELL_CONDITIONED * g->kappa;
}

int ipd_gram_invert(ipd_gram *g, ipd_error *e)
{
    ipd_matrix64 inverse;
    size_t n = g->G.rows;
    if (g->holds == IPD_GRAM_INVERSE)
        return 0;
    ipd_gram_set_kappa(g, g->kappa);
    if (reserve(g, e))
        return -1;
    if (factor(&g->G, g->kappa + ipd_gram_shift(g), &g->F))
        return 0;
    if (ipd_matrix64_unset(&inverse, n, n, e))
        return -1;
    if (ipd_cholesky_inverse64(&g->F, &inverse, e)) {
        ipd_matrix64_free(&inverse);
        return -1;
    }
    ipd_matrix64_free(&g->F);
    g->F = inverse;
    g->holds = IPD_GRAM_INVERSE;
    return 0;
}

/* R := R A, for a square A. */
static int multiply_right(ipd_matrix64 *R, const ipd_matrix64 *A, ipd_error *e)
{
    ipd_matrix64 T;
    if (ipd_matrix64_unset(&T, R->rows, A->cols, e))
        return -1;
    ipd_multiply64(IPD_PLAIN, IPD_PLAIN, 1, R, A, 0, &T);
    ipd_matrix64_free(R);
    *R = T;
    return 0;
}

/* R := R times the inverse, in one product: for many rows. */
static int multiply_by_inverse(const ipd_gram *g, ipd_matrix64 *R, ipd_error *e)
{
    ipd_matrix64 inverse;
    size_t n = g->G.rows;
    if (ipd_matrix64_unset(&inverse, n, n, e))
        return -1;
    int result = ipd_cholesky_inverse64(&g->F, &inverse, e) || multiply_right(R, &inverse, e);
    ipd_matrix64_free(&inverse);
    return result ? -1 : 0;
}

int ipd_gram_solve_float(const ipd_gram *g, const ipd_matrix *R, ipd_matrix *S, ipd_error *e)
{
    assert(R->cols == g->G.rows && S->rows == R->rows && S->cols == R->cols);
    size_t n = g->G.rows;
    ipd_matrix64 inverse = {0};
    ipd_matrix narrow = {n, n, ipd_allocate_unset(n * n, sizeof *narrow.data, e)};
    int result = -1;
    if (!narrow.data || ipd_matrix64_unset(&inverse, n, n, e) ||
        ipd_cholesky_inverse64(&g->F, &inverse, e))
        goto cleanup;
    ipd_matrix64_narrow(&inverse, &narrow);
    ipd_multiply(IPD_PLAIN, IPD_PLAIN, 1, R, &narrow, 0, S);
    result = 0;
cleanup:
    ipd_matrix64_free(&inverse);
    free(narrow.data);
    return result;
}

int ipd_gram_solve(const ipd_gram *g, ipd_matrix64 *R, ipd_error *e)
{
    assert(R->cols == g->G.rows && g->holds != IPD_GRAM_NOTHING);
    size_t n = g->G.rows;
    ipd_matrix64 T;
    if (g->holds == IPD_GRAM_INVERSE)
        return multiply_right(R, &g->F, e);
    if (!g->values && R->rows >= 2 * n && ipd_gram_has_good_inverse(g))
        return multiply_by_inverse(g, R, e);
    if (!g->values)
        return ipd_cholesky_solve_right64(&g->F, R, e);
    if (ipd_matrix64_unset(&T, R->rows, n, e))
        return -1;
    ipd_multiply64(IPD_PLAIN, IPD_PLAIN, 1, R, &g->F, 0, &T);
    for (size_t i = 0; i < n; i++) {
        double min = RANK_TOLERANCE * RANK_TOLERANCE * g->values[n - 1];
        double scale = g->values[i] > min ? 1 / g->values[i] : 0;
        for (size_t r = 0; r < T.rows; r++)
            T.data[r + i * T.rows] *= scale;
    }
    ipd_multiply64(IPD_PLAIN, IPD_TRANSPOSED, 1, &T, &g->F, 0, R);
    ipd_matrix64_free(&T);
    return 0;
}
