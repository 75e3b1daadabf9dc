/* test_base.c - matrices, sums over samples, random numbers, text. */
#include "base/blas.h"
#include "base/clock.h"
#include "base/machine.h"
#include "base/parallel.h"
#include "base/random.h"
#include "base/text.h"
#include "base/vector.h"
#include "tests/tap.h"

#include <float.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

/* The larger of two errors; infinity if one is NaN. */
static double worse(double a, double b)
{
    return isnan(b) ? INFINITY : fmax(a, b);
}

static void fill(ipd_matrix *m, uint64_t seed)
{
    ipd_random r;
    ipd_random_seed(&r, seed, 0);
    for (size_t i = 0; i < m->rows * m->cols; i++)
        m->data[i] = (float)ipd_random_normal(&r);
}

/* Largest |R - X Y^T| by three loops in double. */
static double outer_error(const ipd_matrix *X, const ipd_matrix *Y, const ipd_matrix64 *R)
{
    double worst = 0;
    for (size_t i = 0; i < X->rows; i++)
        for (size_t j = 0; j < Y->rows; j++) {
            double sum = 0;
            for (size_t n = 0; n < X->cols; n++)
                sum += (double)X->data[i + n * X->rows] * Y->data[j + n * Y->rows];
            worst = worse(worst, fabs(sum - R->data[i + j * R->rows]));
        }
    return worst;
}

static void test_sums(void)
{
    ipd_matrix X, Y;
    ipd_matrix64 R, S, G;
    ipd_matrix_init(&X, 300, 2500, NULL);
    ipd_matrix_init(&Y, 270, 2500, NULL);
    ipd_matrix64_init(&R, 300, 270, NULL);
    ipd_matrix64_init(&S, 300, 270, NULL);
    ipd_matrix64_init(&G, 300, 300, NULL);
    fill(&X, 1);
    fill(&Y, 2);
    ipd_threads_set(1, NULL);
    ipd_sum_outer(&X, &Y, &R, 0, NULL);
    ok(outer_error(&X, &Y, &R) < 1e-2, "X Y^T by float chunks");
    ipd_threads_set(3, NULL);
    ipd_sum_outer(&X, &Y, &S, 0, NULL);
    ok(memcmp(R.data, S.data, 300 * 270 * sizeof *R.data) == 0, "the same bits with 3 threads");
    ipd_sum_outer(&X, &Y, &S, 1, NULL);
    ok(outer_error(&X, &Y, &S) < 1e-9, "X Y^T in double");
    ipd_sum_outer(&X, &X, &G, 1, NULL);
    ok(outer_error(&X, &X, &G) < 1e-9, "X X^T in double, both triangles");
    ipd_matrix64 F = {G.rows, G.cols, malloc(300 * 300 * sizeof(double))};
    memcpy(F.data, G.data, 300 * 300 * sizeof(double));
    ok(ipd_cholesky64(&F) == 0, "the Gram matrix has a Cholesky factor");
    memcpy(R.data, S.data, 300 * 270 * sizeof(double)); /* R := X Y^T; solve for its transpose */
    ipd_matrix64 T, Z;
    ipd_matrix64_init(&T, 270, 300, NULL);
    ipd_matrix64_init(&Z, 270, 300, NULL);
    ipd_sum_outer(&Y, &X, &T, 1, NULL);
    memcpy(Z.data, T.data, 270 * 300 * sizeof(double));
    ok(ipd_cholesky_solve_right64(&F, &Z, NULL) == 0, "a system is solved with the factor");
    ipd_multiply64(IPD_PLAIN, IPD_PLAIN, 1, &Z, &G, -1, &T);
    double worst = 0;
    for (size_t i = 0; i < 270 * 300; i++)
        worst = worse(worst, fabs(T.data[i]));
    ok(worst < 1e-8, "solving from the right undoes the product");
    ipd_matrix64 inverse, I;
    ipd_matrix64_init(&inverse, 300, 300, NULL);
    ipd_matrix64_init(&I, 300, 300, NULL);
    ok(ipd_cholesky_inverse64(&F, &inverse, NULL) == 0, "the inverse is computed from the factor");
    ipd_multiply64(IPD_PLAIN, IPD_PLAIN, 1, &inverse, &G, 0, &I);
    worst = 0;
    for (size_t i = 0; i < 300 * 300; i++)
        worst = worse(worst, fabs(I.data[i] - (i % 301 == 0)));
    ok(worst < 1e-9, "inverse times matrix is the identity");
    ipd_matrix64_free(&inverse);
    ipd_matrix64_free(&I);
    ipd_matrix64_free(&F);
    ipd_matrix64_free(&T);
    ipd_matrix64_free(&Z);
    ipd_matrix64_free(&R);
    ipd_matrix64_free(&S);
    ipd_matrix64_free(&G);
    ipd_matrix_free(&X);
    ipd_matrix_free(&Y);
}

/* Products with few rows are made in pieces. */
static void test_few_rows(ipd_transpose tb)
{
    enum { M = 10, N = 300, K = 3000 };
    ipd_matrix A, B, C;
    double worst = 0;
    ipd_matrix_init(&A, M, K, NULL);
    ipd_matrix_init(&B, tb ? N : K, tb ? K : N, NULL);
    ipd_matrix_init(&C, M, N, NULL);
    fill(&A, 3);
    fill(&B, 4);
    for (int i = 0; i < M * N; i++)
        C.data[i] = 1;
    ipd_multiply(IPD_PLAIN, tb, 2, &A, &B, 1, &C);
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++) {
            double sum = 1;
            for (int k = 0; k < K; k++)
                sum += 2.0 * A.data[i + k * M] * B.data[tb ? j + k * N : k + j * K];
            worst = worse(worst, fabs(sum - C.data[i + j * M]));
        }
    ok(worst < 1e-2, "product of few rows (off by %.1e)", worst);
    ipd_matrix_free(&A);
    ipd_matrix_free(&B);
    ipd_matrix_free(&C);
}

/* Inverses of a well-conditioned matrix whose last block is smaller. */
static void test_inverse(size_t n)
{
    ipd_matrix A, F, inverse, again, M, I;
    ipd_matrix64 F64, inverse64;
    ipd_matrix *all[] = {&A, &F, &inverse, &again, &M, &I};
    for (int i = 0; i < 6; i++)
        ipd_matrix_init(all[i], i ? n : 40, n, NULL);
    ipd_matrix64_init(&F64, n, n, NULL);
    ipd_matrix64_init(&inverse64, n, n, NULL);
    fill(&A, 5);
    ipd_multiply(IPD_TRANSPOSED, IPD_PLAIN, 1, &A, &A, 0, &M);
    for (size_t i = 0; i < n; i++)
        M.data[i * (n + 1)] += 30;
    memcpy(F.data, M.data, n * n * sizeof *F.data);
    ipd_widen(M.data, F64.data, n * n);
    ipd_threads_set(1, NULL);
    ok(ipd_cholesky(&F) == 0 && ipd_cholesky_inverse(&F, &inverse, NULL) == 0,
       "inverse in float from the factor, %zu rows", n);
    ipd_multiply(IPD_PLAIN, IPD_PLAIN, 1, &inverse, &M, 0, &I);
    double worst = 0, differ = 0;
    for (size_t i = 0; i < n * n; i++)
        worst = worse(worst, fabs(I.data[i] - (i % (n + 1) == 0)));
    ok(worst < 4e-5, "inverse times matrix is the identity (off by %.1e)", worst);
    ipd_threads_set(3, NULL);
    ok(ipd_cholesky_inverse(&F, &again, NULL) == 0 &&
           memcmp(again.data, inverse.data, n * n * sizeof *inverse.data) == 0,
       "the same bits with 3 threads");
    ok(ipd_cholesky64(&F64) == 0 && ipd_cholesky_inverse64(&F64, &inverse64, NULL) == 0,
       "inverse in double from the factor");
    for (size_t i = 0; i < n * n; i++)
        differ = worse(differ, fabs(inverse64.data[i] - inverse.data[i]));
    ok(differ < 1e-6, "float and double inverse differ by rounding (%.1e)", differ);
    F64.data[(n - 2) * (n + 1)] = -1;
    ok(ipd_cholesky64(&F64) == -1, "a matrix that is not positive definite has no factor");
    for (int i = 0; i < 6; i++)
        ipd_matrix_free(all[i]);
    ipd_matrix64_free(&F64);
    ipd_matrix64_free(&inverse64);
}

/* Few right-hand sides, which are solved for by columns of the factor, and the condition, which takes such solves. */
static void test_few_sides(size_t n)
{
    enum { MOST = 10 };
    static const size_t many[] = {1, MOST};
    ipd_matrix A;
    ipd_matrix64 G, F, R, X, again, inverse;
    ipd_matrix64 *square[] = {&G, &F, &inverse}, *wide[] = {&R, &X, &again};
    ipd_matrix_init(&A, 40, n, NULL);
    for (int i = 0; i < 3; i++)
        ipd_matrix64_init(square[i], n, n, NULL);
    fill(&A, 7);
    ipd_inner_gram(&A, &G, 1, NULL);
    for (size_t i = 0; i < n; i++)
        G.data[i * (n + 1)] += 0.01;
    ipd_matrix64_copy(&G, &F);
    ok(ipd_cholesky64(&F) == 0, "factor of %zu rows", n);
    for (int k = 0; k < 2; k++) {
        size_t m = many[k], bytes = m * n * sizeof(double);
        for (int i = 0; i < 3; i++)
            ipd_matrix64_init(wide[i], m, n, NULL);
        for (size_t i = 0; i < m * n; i++)
            R.data[i] = (double)(i % 7) - 3;
        memcpy(X.data, R.data, bytes);
        memcpy(again.data, R.data, bytes);
        ipd_threads_set(1, NULL);
        ipd_cholesky_solve_right64(&F, &X, NULL);
        ipd_threads_set(3, NULL);
        ipd_cholesky_solve_right64(&F, &again, NULL);
        ok(memcmp(X.data, again.data, bytes) == 0, "the same bits with 3 threads");
        ipd_multiply64(IPD_PLAIN, IPD_PLAIN, 1, &X, &G, -1, &R);
        double worst = 0;
        for (size_t i = 0; i < m * n; i++)
            worst = worse(worst, fabs(R.data[i]));
        ok(worst < 1e-8, "%zu right-hand sides (off by %.1e)", m, worst);
        for (int i = 0; i < 3; i++)
            ipd_matrix64_free(wide[i]);
    }
    ipd_cholesky_inverse64(&F, &inverse, NULL);
    double norm = ipd_norm1_64(&G), exact = 1 / (norm * ipd_norm1_64(&inverse));
    double rcond = ipd_rcond64(&F, norm);
    ok(rcond > exact * (1 - 1e-6) && rcond < 3 * exact,
       "the condition is estimated (1/%.3g, exactly 1/%.3g)", 1 / rcond, 1 / exact);
    F.data[n * n - 1] = 1e-200;
    ok(ipd_rcond64(&F, norm) == 0, "a singular matrix has reciprocal condition 0");
    F.data[n * n - 1] = NAN;
    ok(ipd_rcond64(&F, norm) == 0, "a factor with a NaN has reciprocal condition 0");
    for (int i = 0; i < 3; i++)
        ipd_matrix64_free(square[i]);
    ipd_matrix_free(&A);
}

typedef struct tiny_job {
    volatile float result[64], argument[64];
    atomic_int helped; /* a worker has taken a task */
    int alone;
} tiny_job;

static void halve_and_grow(void *context, size_t task, int thread)
{
    tiny_job *j = context;
    if (thread)
        atomic_store(&j->helped, 1);
    while (!j->alone && !atomic_load(&j->helped))
        sched_yield();
    j->result[task] = j->result[task] * 0.5F;
    j->argument[task] = j->argument[task] * 0x1p40F;
}

static void test_subnormals(void)
{
#if defined __SSE2__ || defined __aarch64__
    for (int threads = 1; threads <= 3; threads += 2) {
        volatile float outside = FLT_MIN;
        tiny_job j = {.alone = threads == 1};
        int zeros = 0;
        for (int i = 0; i < 64; i++) {
            j.result[i] = FLT_MIN;
            j.argument[i] = 0x1p-140F;
        }
        ipd_threads_set(threads, NULL);
        ipd_parallel_for(64, halve_and_grow, &j);
        for (int i = 0; i < 64; i++)
            zeros += (j.result[i] == 0) + (j.argument[i] == 0);
        outside = outside * 0.5F;
        ok(zeros == 128 && outside > 0, "within tasks subnormal numbers are zero, %d threads",
           threads);
    }
#else
    skip("this processor's subnormal numbers are left alone");
#endif
}

typedef struct meeting {
    atomic_int here, threads, tiny;
} meeting;

/* Waits until two callers are within their tasks. */
static void meet(void *context, size_t task, int thread)
{
    meeting *m = context;
    volatile float x = FLT_MIN;
    x = x * 0.5F;
    atomic_fetch_add(&m->tiny, x > 0);
    atomic_fetch_add(&m->threads, thread);
    if (task == 0)
        atomic_fetch_add(&m->here, 1);
    for (double began = ipd_seconds(); atomic_load(&m->here) < 2 && ipd_seconds() - began < 20;)
        sched_yield();
}

static void *call_meet(void *m)
{
    ipd_parallel_for(3, meet, m);
    return NULL;
}

static void test_divide(void)
{
    meeting m = {0};
    pthread_t other;
    ipd_threads_set(2, NULL);
    ipd_threads_divide(2, NULL);
    if (pthread_create(&other, NULL, call_meet, &m)) {
        skip("no thread can start");
    } else {
        call_meet(&m);
        pthread_join(other, NULL);
        ok(atomic_load(&m.here) == 2 && atomic_load(&m.threads) == 0,
           "two callers work at the same time, each on its own thread");
#if defined __SSE2__ || defined __aarch64__
        ok(atomic_load(&m.tiny) == 0, "subnormal numbers are zero there too");
#endif
    }
    ipd_threads_divide(1, NULL);
}

/* Two tasks that wait for each other need two threads. */
static void pair(void *context, size_t task, int thread)
{
    atomic_int *here = context;
    (void)task, (void)thread;
    atomic_fetch_add(here, 1);
    for (double began = ipd_seconds(); atomic_load(here) < 2 && ipd_seconds() - began < 20;)
        sched_yield();
    if (atomic_load(here) < 2)
        atomic_store(here, -100);
}

static void *call_pair(void *here)
{
    ipd_parallel_for(2, pair, here);
    return NULL;
}

static void test_shares(void)
{
    atomic_int here[2] = {0};
    pthread_t other;
    ipd_error e;
    ipd_threads_set(5, NULL);
    ok(!ipd_threads_divide(2, &e) && ipd_threads() == 5, "five threads in two shares");
    if (pthread_create(&other, NULL, call_pair, &here[1])) {
        skip("no thread can start");
    } else {
        call_pair(&here[0]);
        pthread_join(other, NULL);
        ok(here[0] == 2 && here[1] == 2, "each caller has more than one thread");
    }
    ipd_threads_divide(1, NULL);
    here[0] = 0;
    call_pair(&here[0]);
    ok(here[0] == 2, "one caller has all threads again");
    ipd_threads_set(2, NULL);
}

static void test_multiply(void)
{
    ipd_matrix A, B, C;
    ipd_matrix_init(&A, 70, 300, NULL);
    ipd_matrix_init(&B, 500, 70, NULL);
    ipd_matrix_init(&C, 300, 500, NULL);
    fill(&A, 3);
    fill(&B, 4);
    ipd_multiply(IPD_TRANSPOSED, IPD_TRANSPOSED, 2, &A, &B, 0, &C);
    double worst = 0;
    for (size_t i = 0; i < 300; i++)
        for (size_t j = 0; j < 500; j++) {
            double sum = 0;
            for (size_t k = 0; k < 70; k++)
                sum += 2.0 * A.data[k + i * 70] * B.data[j + k * 500];
            worst = worse(worst, fabs(sum - C.data[i + j * 300]));
        }
    ok(worst < 1e-3, "C = 2 A^T B^T in tiles");
    ipd_matrix_free(&A);
    ipd_matrix_free(&B);
    ipd_matrix_free(&C);
}

static void test_random(void)
{
    ipd_random r, s;
    double sum = 0, squares = 0;
    uint32_t items[100], seen = 0;
    ipd_random_seed(&r, 7, 1);
    ipd_random_seed(&s, 7, 2);
    ok(ipd_random_bits(&r) != ipd_random_bits(&s), "streams differ");
    for (int i = 0; i < 100000; i++) {
        double x = ipd_random_normal(&r);
        sum += x;
        squares += x * x;
    }
    ok(fabs(sum / 1e5) < 0.02 && fabs(squares / 1e5 - 1) < 0.03, "normals are N(0, 1)");
    for (uint32_t i = 0; i < 100; i++)
        items[i] = i;
    ipd_random_shuffle(&r, items, 100);
    for (int i = 0; i < 100; i++)
        seen += items[i];
    ok(seen == 4950 && items[0] + items[1] != 1, "a shuffle permutes");
}

static void test_bytes(void)
{
    static const struct {
        double bytes;
        const char *text;
    } cases[] = {{0, "0 B"},           {1023, "1023 B"},     {1024, "1 KiB"},
                 {1048575, "1.0 MiB"}, {1048576, "1.0 MiB"}, {220200960, "210 MiB"},
                 {1.5e9, "1.4 GiB"},   {25e9, "23 GiB"},     {3e12, "2.7 TiB"}};
    char text[32];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ipd_machine_bytes(text, sizeof text, cases[i].bytes);
        ok(!strcmp(text, cases[i].text), "%.0f bytes: %s", cases[i].bytes, text);
    }
}

static const char *nearest(const char *word, const char *const *words)
{
    return ipd_nearest_in(word, words).best;
}

static void test_text(void)
{
    const char *words[] = {"delta", "rho_growth", "alpha", NULL};
    double x;
    long n;
    char text[16];
    ok(!strcmp(nearest("detla", words), "delta"), "nearest word: letters exchanged");
    ok(!strcmp(nearest("rho_", words), "rho_growth"), "nearest word: a prefix");
    ok(!strcmp(nearest("lpha", words), "alpha") && !strcmp(nearest("deltas", words), "delta"),
       "nearest word: one letter too few or too many");
    ok(!strcmp(nearest("betas", (const char *[]){"beta", "betaz", NULL}), "beta"),
       "nearest word: the first of several");
    ok(!nearest("learning", words), "nearest word: none is near");
    ok(ipd_text_index("alpha", words) == 2 && ipd_text_index("alph", words) == -1,
       "index of a word in a list");
    ok(!nearest("foo", (const char *[]){"on", "old", NULL}) &&
           !nearest("redo", (const char *[]){"undo", NULL}),
       "nearest word: none if half of the letters differ");
    ok(nearest("learning_rate", (const char *[]){"learning_widths", NULL}) &&
           !nearest("learning_rate", (const char *[]){"learning_chunks", NULL}),
       "nearest word: of 13 letters 5 may differ, not 6");
    ok(!ipd_text_to_double("1e-3", &x) && x == 1e-3, "1e-3 is a number");
    ok(ipd_text_to_double("1e", &x) && ipd_text_to_double("nan", &x) && ipd_text_to_double("", &x),
       "1e, nan and the empty text are no numbers");
    ok(ipd_text_to_long("12.5", &n) && !ipd_text_to_long("-3", &n) && n == -3, "whole numbers");
    ipd_text_duration(text, sizeof text, 187);
    ok(!strcmp(text, "3m07s"), "durations");
}

/* The rows of a text, with "|" after each. */
static const char *rows_of(const char *text, int width, int hang)
{
    static char all[4096];
    ipd_text_rows r = {.text = text, .length = strlen(text), .first = width, .rest = width - hang};
    const char *row;
    size_t bytes;

    all[0] = 0;
    while (ipd_text_next_row(&r, &row, &bytes))
        sprintf(all + strlen(all), "%.*s|", (int)bytes, row);
    return all;
}

/* Words of random lengths come out whole, once each, in order, in rows that are not too long; only a word that is longer
 * than a row is cut. */
static int random_rows_hold(ipd_random *random, int width)
{
    char text[2048] = "", joined[4096] = "", *end = joined;
    int hang = (int)ipd_random_below(random, 3), column = 0;

    for (uint64_t i = 0; i < 60; i++)
        sprintf(text + strlen(text), "%s%.*s", i ? " " : "", 1 + (int)ipd_random_below(random, 24),
                "abcdefghijklmnopqrstuvwxyz");
    for (const char *c = rows_of(text, width, hang); *c; c++) {
        if (*c != '|' || c[1])
            *end++ = *c == '|' ? ' ' : *c;
        column = *c == '|' ? hang : column + 1;
        if (column > width)
            return 0;
    }
    return width < 26 || !strcmp(joined, text);
}

static void test_rows(void)
{
    static const int widths[] = {7, 20, 26, 40, 80, 120, 200};
    ipd_random random;
    int bad = 0;

    ok(!strcmp(rows_of("one two three", 7, 0), "one two|three|"), "wrapping: rows end at spaces");
    ok(!strcmp(rows_of("one two   three", 8, 2), "one two|three|"),
       "wrapping: these spaces are dropped");
    ok(!strcmp(rows_of("x incomprehensible", 8, 2), "x incomp|rehens|ible|"),
       "wrapping: a word longer than a row is cut");
    ok(!strcmp(rows_of("  a b", 4, 0), "  a|b|") && !strcmp(rows_of("", 4, 0), "|"),
       "wrapping: indented text, empty text");
    ok(!strcmp(rows_of("ΦΦ ΦΦΦ", 5, 0), "ΦΦ|ΦΦΦ|"), "wrapping counts characters, not bytes");
    ok(ipd_text_hang("one two", 7, 40) == 2 && ipd_text_hang("  one", 5, 40) == 2 &&
           ipd_text_hang("    one", 7, 40) == 4 && ipd_text_hang("name   it is", 12, 40) == 7 &&
           ipd_text_hang("name   it is", 12, 12) == 2 && ipd_text_hang("  one", 5, 3) == 0,
       "wrapping: where later rows begin");
    ipd_random_seed(&random, 7, 7);
    for (size_t i = 0; i < 700; i++)
        bad += !random_rows_hold(&random, widths[i % 7]);
    ok(!bad, "wrapping: random words at 7 to 200 columns");
}

/* The worst of some elements of X Y^T, relative to the size of such a sum. */
static double some_error(const ipd_matrix *X, const ipd_matrix *Y, const ipd_matrix64 *R)
{
    double worst = 0;
    for (size_t k = 0; k < 400; k++) {
        size_t i = k * 7919 % R->rows, j = k * 104729 % R->cols;
        double sum = 0;
        for (size_t n = 0; n < X->cols; n++)
            sum += (double)X->data[i + n * X->rows] * Y->data[j + n * Y->rows];
        worst = worse(worst, fabs(sum - R->data[i + j * R->rows]) / (double)X->cols);
    }
    return worst;
}

/* Many samples and rows: large tiles and slabs. */
static void test_long_sums(size_t samples)
{
    ipd_matrix X, Y;
    ipd_matrix64 R, S, G;
    ipd_matrix_init(&X, 1030, samples, NULL);
    ipd_matrix_init(&Y, 40, samples, NULL);
    ipd_matrix64_init(&R, 1030, 40, NULL);
    ipd_matrix64_init(&S, 1030, 40, NULL);
    ipd_matrix64_init(&G, 1030, 1030, NULL);
    fill(&X, 3);
    fill(&Y, 4);
    ipd_threads_set(1, NULL);
    ipd_sum_outer(&X, &Y, &R, 0, NULL);
    ipd_threads_set(3, NULL);
    ipd_sum_outer(&X, &Y, &S, 0, NULL);
    ok(memcmp(R.data, S.data, 1030 * 40 * sizeof *R.data) == 0,
       "long sums: the same bits with 1 and 3 threads");
    ok(some_error(&X, &Y, &R) < 1e-6, "long sums by slabs of floats");
    ipd_sum_outer(&X, &Y, &R, 1, NULL);
    ok(some_error(&X, &Y, &R) < 1e-12, "long sums in double");
    ipd_sum_outer(&X, &X, &G, 0, NULL);
    ok(some_error(&X, &X, &G) < 1e-6, "long symmetric sums by slabs of floats");
    ipd_sum_outer(&X, &X, &G, 1, NULL);
    ok(some_error(&X, &X, &G) < 1e-12, "long symmetric sums in double");
    ipd_matrix64_free(&R);
    ipd_matrix64_free(&S);
    ipd_matrix64_free(&G);
    ipd_matrix_free(&X);
    ipd_matrix_free(&Y);
}

static void test_norm(void)
{
    ipd_matrix64 A;
    ipd_matrix64_init(&A, 70, 90, NULL);
    for (size_t i = 0; i < 70 * 90; i++)
        A.data[i] = i / 70 == 41 ? -2 : 1;
    ok(ipd_norm1_64(&A) == 140, "1-norm: the largest sum of a column");
    A.data[70 * 89 + 3] = INFINITY;
    ok(isinf(ipd_norm1_64(&A)), "1-norm is infinite if an element is");
    A.data[5] = NAN;
    ok(isnan(ipd_norm1_64(&A)), "1-norm is NaN if an element is, also an early one");
    ipd_matrix64_free(&A);
}

static void test_allocate(void)
{
    ipd_error e;
    ok(!ipd_allocate_unset(SIZE_MAX / 2, 4, &e) && strstr(e.text, "out of memory"),
       "an allocation that is too large fails");
    char *p = ipd_allocate_unset(1000, 100, &e), *none = ipd_allocate_unset(0, 4, &e);
    ok(p && none && (uintptr_t)p % 64 == 0, "allocations are aligned, also of 0 bytes");
    free(p);
    free(none);
}

int main(void)
{
    test_allocate();
    ipd_error e;
    ok(ipd_threads_set(-1, &e) && strstr(e.text, "range"),
       "a negative number of threads is refused");
    test_sums();
    test_long_sums(4500); /* few, some and many samples */
    test_long_sums(5000);
    test_long_sums(17000);
    test_norm();
    test_inverse(300);
    test_inverse(700);
    test_inverse(1100);
    test_few_sides(1);
    test_few_sides(96);
    test_few_sides(500);
    ipd_matrix64 none = {0};
    ok(ipd_rcond64(&none, 0) == 0, "an empty matrix has reciprocal condition 0");
    test_few_rows(IPD_PLAIN);
    test_few_rows(IPD_TRANSPOSED);
    test_subnormals();
    test_divide();
    test_shares();
    test_multiply();
    test_random();
    test_text();
    test_bytes();
    test_rows();
    return done();
}
