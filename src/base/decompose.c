/* decompose.c - see decompose.h. */
#include "base/decompose.h"
#include "base/blas.h"
#include "base/min.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

extern void dgesv_(const int *n, const int *columns, double *a, const int *lda, int *pivots,
                   double *b, const int *ldb, int *info);
extern void dgelsd_(const int *m, const int *n, const int *columns, double *a, const int *lda,
                    double *b, const int *ldb, double *s, const double *rcond, int *rank,
                    double *work, const int *lwork, int *iwork, int *info);
extern void dgesdd_(const char *job, const int *m, const int *n, double *a, const int *lda,
                    double *s, double *u, const int *ldu, double *vt, const int *ldvt, double *work,
                    const int *lwork, int *iwork, int *info);
extern void dgeqrf_(const int *m, const int *n, double *a, const int *lda, double *tau,
                    double *work, const int *lwork, int *info);
extern void dorgqr_(const int *m, const int *n, const int *k, double *a, const int *lda,
                    const double *tau, double *work, const int *lwork, int *info);

/* LAPACK's workspace. */
typedef struct work {
    double *reals;
    int count; /* of reals */
    int *ints;
    double *vector; /* singular values, or the factors of reflections */
} work;

static void free_work(work *w)
{
    free(w->reals);
    free(w->vector);
    free(w->ints);
}

/* Allocates the workspace. size: LAPACK's answer to a query, in doubles. */
static int make_work(work *w, double size, size_t ints, ipd_error *e)
{
    if (!(size >= 1 && size < INT_MAX))
        return ipd_fail(e, IPD_EUSAGE, "the matrix is too large for LAPACK. Use a smaller one");
    w->count = (int)size;
    w->reals = ipd_allocate_unset((size_t)w->count, sizeof *w->reals, e);
    return w->reals && (w->ints = ipd_allocate_unset(ints, sizeof *w->ints, e)) ? 0 : -1;
}

/* LAPACK may loop forever on values that are not finite, and counts elements in int. */
static int check(const ipd_matrix64 *A, ipd_error *e)
{
    size_t count = A->rows * A->cols;
    enum { LARGEST = 32766 };
    if (A->rows > INT_MAX || A->cols > INT_MAX || IPD_MIN(A->rows, A->cols) > LARGEST)
        return ipd_fail(
            e, IPD_EUSAGE,
            "a %zu x %zu matrix is too large for LAPACK. Use at most %d rows or columns", A->rows,
            A->cols, LARGEST);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(A->data[i]))
            return ipd_fail(e, IPD_EUSAGE,
                            "the element in row %zu, column %zu of the %zu x %zu matrix is not "
                            "finite. Use finite values",
                            i % A->rows + 1, i / A->rows + 1, A->rows, A->cols);
    return 0;
}

int ipd_solve64(ipd_matrix64 *A, ipd_matrix64 *B, ipd_error *e)
{
    int n = (int)A->rows, columns = (int)B->cols, info = 0;
    assert(A->rows == A->cols && B->rows == A->rows);
    if (check(A, e) || check(B, e))
        return -1;
    if (!n || !columns)
        return 0;
    int *pivots = ipd_allocate_unset(A->rows, sizeof *pivots, e);
    if (!pivots)
        return -1;
    dgesv_(&n, &columns, A->data, &n, pivots, B->data, &n, &info);
    free(pivots);
    ipd_flops_add(2 * (uint64_t)n * (uint64_t)n * ((uint64_t)n / 3 + (uint64_t)columns));
    return info
               ? ipd_fail(e, IPD_ENUMERIC,
                          "the %d x %d matrix is singular: pivot %d is zero. Use lstsq", n, n, info)
               : 0;
}

int ipd_least_squares64(ipd_matrix64 *A, ipd_matrix64 *B, ipd_matrix64 *X, int *rank, ipd_error *e)
{
    const double rcond = 1e-6;
    int m = (int)A->rows, n = (int)A->cols, columns = (int)B->cols, info = 0, query = -1, ints = 0;
    size_t rows = A->rows > A->cols ? A->rows : A->cols, r = IPD_MIN(A->rows, A->cols);
    int ld = (int)rows, result = -1;
    work w = {0};
    double size = 0;
    ipd_matrix64 R = {0};
    *X = (ipd_matrix64){0};
    *rank = 0;
    assert(B->rows == A->rows);
    if (check(A, e) || check(B, e) || ipd_matrix64_init(X, A->cols, B->cols, e))
        return -1;
    if (!r || !columns)
        return 0;
    if (ipd_matrix64_init(&R, rows, B->cols, e)) /* B, then X; needs the rows of both */
        goto cleanup;
    for (size_t c = 0; c < B->cols; c++)
        memcpy(R.data + c * rows, B->data + c * B->rows, B->rows * sizeof *R.data);
    dgelsd_(&m, &n, &columns, A->data, &m, R.data, &ld, NULL, &rcond, rank, &size, &query, &ints,
            &info);
    if (make_work(&w, size, (size_t)ints, e) ||
        !(w.vector = ipd_allocate_unset(r, sizeof *w.vector, e)))
        goto cleanup;
    dgelsd_(&m, &n, &columns, A->data, &m, R.data, &ld, w.vector, &rcond, rank, w.reals, &w.count,
            w.ints, &info);
    ipd_flops_add(4 * (uint64_t)m * (uint64_t)n * (uint64_t)r);
    if (info) {
        ipd_fail(e, IPD_ENUMERIC, "the singular values of a %d x %d matrix do not converge", m, n);
        goto cleanup;
    }
    for (size_t c = 0; c < B->cols; c++)
        memcpy(X->data + c * A->cols, R.data + c * rows, A->cols * sizeof *R.data);
    result = 0;
cleanup:
    if (result)
        ipd_matrix64_free(X);
    ipd_matrix64_free(&R);
    free_work(&w);
    return result;
}

int ipd_svd64(ipd_matrix64 *A, ipd_matrix64 *U, ipd_matrix64 *S, ipd_matrix64 *Vt, ipd_error *e)
{
    int m = (int)A->rows, n = (int)A->cols, info = 0, query = -1, result = -1;
    size_t r = IPD_MIN(A->rows, A->cols);
    int ld = (int)r;
    work w = {0};
    double size = 0;
    *U = *S = *Vt = (ipd_matrix64){0};
    if (check(A, e) || ipd_matrix64_init(U, A->rows, r, e) || ipd_matrix64_init(S, r, 1, e) ||
        ipd_matrix64_init(Vt, r, A->cols, e))
        goto cleanup;
    if (!r)
        return 0;
    dgesdd_("S", &m, &n, A->data, &m, S->data, U->data, &m, Vt->data, &ld, &size, &query, NULL,
            &info);
    if (make_work(&w, size, 8 * r, e))
        goto cleanup;
    dgesdd_("S", &m, &n, A->data, &m, S->data, U->data, &m, Vt->data, &ld, w.reals, &w.count,
            w.ints, &info);
    ipd_flops_add(8 * (uint64_t)m * (uint64_t)n * (uint64_t)r);
    if (info)
        ipd_fail(e, IPD_ENUMERIC, "the singular values of a %d x %d matrix do not converge", m, n);
    else
        result = 0;
cleanup:
    free_work(&w);
    if (result) {
        ipd_matrix64_free(U);
        ipd_matrix64_free(S);
        ipd_matrix64_free(Vt);
    }
    return result;
}

int ipd_qr64(ipd_matrix64 *A, ipd_matrix64 *Q, ipd_matrix64 *R, ipd_error *e)
{
    int m = (int)A->rows, n = (int)A->cols, info = 0, query = -1, result = -1;
    size_t r = IPD_MIN(A->rows, A->cols);
    int k = (int)r;
    work w = {0};
    double size = 0, more = 0;
    *Q = *R = (ipd_matrix64){0};
    if (check(A, e) || ipd_matrix64_init(Q, A->rows, r, e) || ipd_matrix64_init(R, r, A->cols, e))
        goto cleanup;
    if (!r)
        return 0;
    dgeqrf_(&m, &n, A->data, &m, NULL, &size, &query, &info);
    dorgqr_(&m, &k, &k, Q->data, &m, NULL, &more, &query, &info);
    if (make_work(&w, fmax(size, more), 1, e) ||
        !(w.vector = ipd_allocate_unset(r, sizeof *w.vector, e)))
        goto cleanup;
    dgeqrf_(&m, &n, A->data, &m, w.vector, w.reals, &w.count, &info);
    for (size_t c = 0; c < A->cols; c++)
        memcpy(R->data + c * r, A->data + c * A->rows, IPD_MIN(c + 1, r) * sizeof *R->data);
    memcpy(Q->data, A->data, A->rows * r * sizeof *Q->data);
    dorgqr_(&m, &k, &k, Q->data, &m, w.vector, w.reals, &w.count, &info);
    ipd_flops_add(4 * (uint64_t)m * (uint64_t)n * (uint64_t)r);
    result = 0;
cleanup:
    free_work(&w);
    if (result) {
        ipd_matrix64_free(Q);
        ipd_matrix64_free(R);
    }
    return result;
}
