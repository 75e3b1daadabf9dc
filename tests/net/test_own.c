/* test_own.c - functions of one's own: programs as text and in use, their prox against brute force,
 * and the definitions that are refused.
 */
#include "base/random.h"
#include "net/activation.h"
#include "tests/tap.h"

#include <math.h>
#include <string.h>
#include <time.h>

static ipd_random rnd;

static double between(double low, double high)
{
    return low + (high - low) * ipd_random_uniform(&rnd);
}

#define SOFTPLUS                                                                                   \
    "x -> t1 = neg x; t2 = abs x; t3 = neg t2; t4 = exp t3; t5 = add t4 1; t6 = log t5; t7 = "     \
    "maximum x 0; t8 = add t6 t7; t9 = exp t1; t10 = add t9 1; t11 = div 1 t10; return t8 t11"
#define RELU "x -> t1 = maximum x 0; t2 = lt 0 x; return t1 t2"
#define RELU_PROX                                                                                  \
    "w v r -> t1 = mul r v; t2 = add w t1; t3 = add r 1; t4 = div t2 t3; t5 = maximum t4 0; t6 = " \
    "minimum v 0; t7 = sub t5 w; t8 = mul t7 t7; t9 = sub t5 v; t10 = mul t9 t9; t11 = mul r "     \
    "t10; "                                                                                        \
    "t12 = add t8 t11; t13 = mul w w; t14 = sub t6 v; t15 = mul t14 t14; t16 = mul r t15; t17 = "  \
    "add t13 t16; t18 = le t12 t17; t19 = where t18 t5 t6; return t19"
#define TANH "x -> t1 = tanh x; t2 = mul t1 t1; t3 = sub 1 t2; return t1 t3"
#define BUMP /* two wells and a kink away from 0 */                                                \
    "x -> t1 = sub x 1.5; t2 = abs t1; t3 = neg t2; t4 = exp t3; t5 = sign t1; t6 = mul t4 t5; "   \
    "t7 = neg t6; return t4 t7"

static const ipd_activation *read_one(const char *line)
{
    ipd_error e = {0};
    const ipd_activation *f = ipd_activation_read(line, 1, &e);
    if (!f)
        printf("# %s\n", e.text);
    return f;
}

static void test_text(void)
{
    static const char *const texts[] = {SOFTPLUS,
                                        RELU,
                                        TANH,
                                        BUMP,
                                        "x -> return x 1",
                                        "x -> t1 = mul 0.1 x; t2 = maximum x t1; return t2 -inf"};
    ipd_error e;
    int same = 1;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ipd_program p;
        char text[IPD_PROGRAM_TEXT] = "";
        if (ipd_program_read(&p, texts[i], "x", 0, 2, &e))
            printf("# %s: %s\n", texts[i], e.text);
        else
            ipd_program_write(&p, text, sizeof text);
        same &= !strcmp(text, texts[i]);
    }
    ok(same, "a program's text reads back to the same text");
}

static void test_numbers(void)
{
    int same = 1;
    ipd_error e;
    ipd_random_seed(&rnd, 3, 0);
    for (int i = 0; i < 20000; i++) {
        uint32_t bits = (uint32_t)ipd_random_below(&rnd, UINT32_MAX);
        float x, y;
        char text[IPD_PROGRAM_TEXT];
        ipd_program p;
        ipd_operand a;
        memcpy(&x, &bits, sizeof x);
        if (isnan(x))
            continue;
        ipd_program_init(&p, "x", 0);
        ipd_program_number(&p, x, &a, &e);
        ipd_program_finish(&p, &a, 1, &e);
        ipd_program_write(&p, text, sizeof text);
        if (ipd_program_read(&p, text, "x", 0, 1, &e)) {
            printf("# %s: %s\n", text, e.text);
            same = 0;
            continue;
        }
        ipd_program_run(&p, (const float *const[]){&x}, (float *const[]){&y}, 1);
        same &= !memcmp(&x, &y, sizeof x);
    }
    ok(same, "numbers keep their bits through the text");
}

static void test_refused_texts(void)
{
    static const char *const bad[] = {
        "",
        "x",
        "x ->",
        "x -> return",
        "x -> return x",
        "x -> return x 1 ",
        "x -> return x 1 2",
        "x -> return x 1;",
        "x -> return x nan",
        "x -> return x 1e99",
        "x -> return x t1",
        "x -> t2 = exp x; return t2 1",
        "x -> t1 = exp x; t1 = log x; return t1 1",
        "x -> t1 = exp t1; return t1 1",
        "x -> t1 = os.exit x; return t1 1",
        "x -> t1 = exp x x; return t1 1",
        "x -> t1 = add x; return t1 1",
        "x -> t1 = add x y; return x 1",
        "x -> t1 = exp x return t1 1",
        "x -> t1 = exp x; t1 1",
        "x  -> return x 1",
        "y -> return y 1",
        "x -> t1 = exp x;; return t1 1",
        "x -> t1 = exp x; t2 = exp x; return t1 t2",
        "x -> t-1 = exp x; return x 1",
        "x -> t1 = where x x; return x 1",
        "x -> \x01\xff\x80",
        "x -> t1 = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa x; return t1 1"};
    int refused = 1;
    ipd_program p;
    ipd_error e;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!ipd_program_read(&p, bad[i], "x", 0, 2, &e)) {
            printf("# accepted: %s\n", bad[i]);
            refused = 0;
        }
    ok(refused, "malformed programs are refused");
    char longer[8 * IPD_PROGRAM_STEPS * 4] = "x -> t1 = exp x;";
    size_t n = strlen(longer);
    for (int i = 2; i <= IPD_PROGRAM_STEPS + 1; i++)
        n +=
            (size_t)snprintf(longer + n, sizeof longer - n, " t%d = add t%d %d;", i, i - 1, i % 50);
    snprintf(longer + n, sizeof longer - n, " return x 1");
    ok(ipd_program_read(&p, longer, "x", 0, 2, &e) == -1,
       "a program that is too long is refused: %s", e.text);
}

/* The longest text that a program can have fits its buffer. */
static void test_longest(void)
{
    ipd_program p, again;
    ipd_operand at = 0, of[3];
    ipd_error e = {0};
    char text[IPD_PROGRAM_TEXT];
    ipd_program_init(&p, "x", 0);
    for (int i = 0; i < IPD_PROGRAM_STEPS; i++) {
        of[0] = at;
        ipd_program_number(&p, -1.23456789e-38 * (i % 30 + 1), &of[1], &e);
        ipd_program_number(&p, -1.98765432e-30 * (i % 30 + 1), &of[2], &e);
        ipd_program_add(&p, ipd_program_op("where"), of, &at, &e);
    }
    ok(!ipd_program_finish(&p, &at, 1, &e) && p.steps == IPD_PROGRAM_STEPS,
       "a program of %d steps is made", p.steps);
    ipd_program_write(&p, text, sizeof text);
    ok(!ipd_program_read(&again, text, "x", 0, 1, &e) && !memcmp(&p, &again, sizeof p),
       "it reads back from %zu characters", strlen(text));
}

/* Random damage to a good text is refused or gives a program that runs. */
static void test_damaged_texts(void)
{
    int fine = 1, read = 0;
    ipd_random_seed(&rnd, 8, 0);
    for (int i = 0; i < some_of(40000); i++) {
        char text[] = RELU_PROX;
        ipd_program p;
        ipd_error e;
        for (uint32_t k = ipd_random_below(&rnd, 3) + 1; k; k--)
            text[ipd_random_below(&rnd, sizeof text - 1)] =
                "0123456789 ;=txwvr.-"[ipd_random_below(&rnd, 20)];
        if (ipd_program_read(&p, text, "wvr", 4, 1, &e)) {
            fine &= *e.text != 0;
            continue;
        }
        float w[3] = {1, 2, 3}, v[3] = {0, -1, 2}, r = 2, x[3];
        ipd_program_run(&p, (const float *const[]){w, v, &r}, (float *const[]){x}, 3);
        read++;
    }
    ok(fine && read, "damaged texts are refused or run (%d of them)", read);
}

/* The bits do not depend on how the elements are divided, nor on where the result goes. */
static void test_division(void)
{
    enum { N = 1500 };
    static float x[N], whole[N], parts[N];
    const ipd_activation *f = read_one("activation t_softplus: " SOFTPLUS);
    for (int i = 0; i < N; i++)
        x[i] = (float)between(-9, 9);
    ipd_activation_apply(f, x, whole, N);
    for (size_t at = 0, n; at < N; at += n) {
        n = 1 + ipd_random_below(&rnd, 300);
        n = n < N - at ? n : N - at;
        ipd_activation_apply(f, x + at, parts + at, n);
    }
    ok(!memcmp(whole, parts, sizeof whole), "the same bits if elements are divided among calls");
    memcpy(parts, x, sizeof x);
    ipd_activation_apply(f, parts, parts, N);
    ok(!memcmp(whole, parts, sizeof whole), "the same bits in place");
    float w[N], found[N], again[N];
    for (int i = 0; i < N; i++)
        w[i] = (float)between(-4, 4);
    ipd_activation_prox(f, w, x, 2, found, N);
    memcpy(again, x, sizeof x);
    for (size_t at = 0, n; at < N; at += n) {
        n = 1 + ipd_random_below(&rnd, 300);
        n = n < N - at ? n : N - at;
        ipd_activation_prox(f, w + at, again + at, 2, again + at, n);
    }
    float apart = 0;
    for (int i = 0; i < N; i++)
        apart = fmaxf(apart, fabsf(found[i] - again[i]));
    ok(!memcmp(found, again, sizeof found), "the same bits of a prox in parts and in place (%g)",
       (double)apart);
}

static double cost(const ipd_activation *f, float x, float w, float v, float r)
{
    float y;
    ipd_activation_apply(f, &x, &y, 1);
    return ((double)y - w) * ((double)y - w) + (double)r * ((double)x - v) * ((double)x - v);
}

/* The found minimiser is as good as any point of a fine grid. */
static void test_minimiser(const char *line)
{
    enum { CASES = 4000, GRID = 600 };
    const ipd_activation *f = read_one(line);
    double worst = -INFINITY;
    float worst_at[4] = {0};
    if (!ok(f != NULL, "%.24s is accepted", line))
        return;
    for (int i = 0; i < some_of(CASES); i++) {
        float size = (float)pow(10, between(-2, 1.3));
        float w = (float)between(-size, size), v = (float)between(-size, size), x, at_v;
        float r = (float)(i % 3 ? 1 + pow(10, between(-3, 1)) : pow(10, between(0, 3)));
        ipd_activation_prox(f, &w, &v, r, &x, 1);
        ipd_activation_apply(f, &v, &at_v, 1);
        double reach = fabs((double)at_v - w) / sqrt(r), here = cost(f, x, w, v, r), min = here;
        for (int k = 0; k <= GRID; k++)
            min = fmin(min, cost(f, (float)(v + reach * (2.0 * k / GRID - 1)), w, v, r));
        double scale = 1 + fabs((double)w) + fabs((double)v);
        double excess = (here - min) / (1e-6 * scale * scale * (1 + r));
        if (excess > worst || isnan(excess)) {
            worst = excess;
            memcpy(worst_at, (float[]){w, v, r, x}, sizeof worst_at);
        }
    }
    ok(worst <= 1, "%.24s: the global minimiser (worst %.3g at w %g v %g r %g: x %g)", line, worst,
       (double)worst_at[0], (double)worst_at[1], (double)worst_at[2], (double)worst_at[3]);
}

/* By hand and built in: the same minimisers to rounding, where the better one is clear. */
static void test_same(const char *line, const char *name)
{
    enum { N = 20000 };
    static float w[N], v[N], x[N], y[N];
    const ipd_activation *own = read_one(line), *built_in = ipd_activation_find(name);
    double worst = 0;
    for (int i = 0; i < N; i++) {
        w[i] = (float)between(-3, 3);
        v[i] = (float)between(-3, 3);
    }
    ipd_activation_prox(own, w, v, 2, x, N);
    ipd_activation_prox(built_in, w, v, 2, y, N);
    for (int i = 0; i < N; i++) {
        double gap = cost(own, x[i], w[i], v[i], 2) - cost(own, y[i], w[i], v[i], 2);
        if (fabs(gap) < 2e-6)
            continue; /* a tie, or a flat minimum */
        worst = fmax(worst, fabs(x[i] - y[i]));
    }
    ok(worst < 3e-6, "%.30s: the values of the built-in %s (worst %.3g)", line, name, worst);
}

static void test_not_finite(void)
{
    const ipd_activation *f = ipd_activation_find("t_tanh");
    float w[4] = {NAN, 1, INFINITY, 1}, v[4] = {0, NAN, 1, 0.5f}, x[4];
    ipd_activation_prox(f, w, v, 2, x, 4);
    ok(isnan(x[0]) && isnan(x[1]) && isnan(x[2]) && isfinite(x[3]), "prox of a NaN is NaN");
    ipd_activation_apply(f, w, x, 4);
    ok(isnan(x[0]) && x[2] == 1, "NaN stays NaN");
}

static void refused(const char *line, const char *why)
{
    ipd_error e = {0};
    ok(!ipd_activation_read(line, 1, &e) && strstr(e.text, why), "refused: %s", e.text);
}

static void test_definitions(void)
{
    ipd_error e;
    refused("activation relu: " RELU, "built in");
    refused("activation 2x: " RELU, "cannot name");
    refused("loss x: " RELU, "does not define an activation");
    refused("activation", "does not define");
    refused("activation f: x -> return x 2", "slope(");
    refused("activation f: x -> t1 = log x; t2 = div 1 x; return t1 t2", "finite");
    refused("activation f: " RELU " | w v r -> return v", "prox(w =");
    refused("activation f: " RELU " | w v -> return v", "'r'");
    ok(!ipd_activation_find("f"), "a refused definition leaves no name");
    const ipd_activation *one = read_one("activation t_relu: " RELU " | " RELU_PROX);
    ok(one && one == read_one("activation t_relu: " RELU " | " RELU_PROX),
       "the same definition again is the same object");
    const ipd_activation *two = read_one("activation t_relu: " RELU);
    ok(two && two != one && ipd_activation_find("t_relu") == two,
       "a second definition changes the meaning of the name");
    ok(ipd_activation_read("activation t_relu: " RELU " | " RELU_PROX, 0, &e) == one &&
           ipd_activation_find("t_relu") == two,
       "a definition from a file leaves the meaning of the name");
    int named = 0;
    for (const char *const *n = ipd_activation_names(); *n; n++)
        named += !strcmp(*n, "t_relu") || !strcmp(*n, "relu");
    ok(named == 2, "the names are the built-in and the defined ones");
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Reports, without a limit, times per element relative to the built-in. */
static void report_speed(const char *line, const char *name)
{
    enum { N = 300, TIMES = 400 };
    static float w[N], v[N], x[N];
    const ipd_activation *f[2] = {ipd_activation_find(name), read_one(line)};
    double t[2][2];
    for (int i = 0; i < N; i++) {
        w[i] = (float)between(-1, 1);
        v[i] = (float)between(-1, 1);
    }
    for (int k = 0; k < 2; k++)
        for (int what = 0; what < 2; what++) {
            double best = INFINITY;
            for (int again = 0; again < 5; again++) {
                double start = seconds();
                for (int i = 0; i < TIMES; i++)
                    if (what)
                        ipd_activation_prox(f[k], w, v, 2, x, N);
                    else
                        ipd_activation_apply(f[k], v, x, N);
                best = fmin(best, (seconds() - start) / TIMES / N * 1e9);
            }
            t[k][what] = best;
        }
    printf("# %.30s: value %.2f ns, built-in %.2f; prox %.2f ns, built-in %.2f\n", line, t[1][0],
           t[0][0], t[1][1], t[0][1]);
}

int main(void)
{
    test_text();
    test_numbers();
    test_refused_texts();
    test_longest();
    test_damaged_texts();
    test_division();
    test_minimiser("activation t_soft: " SOFTPLUS);
    test_minimiser("activation t_relu2: " RELU);
    test_minimiser("activation t_tanh: " TANH);
    test_minimiser("activation t_bump: " BUMP);
    test_minimiser("activation t_given: " RELU " | " RELU_PROX);
    test_same("activation t_relu2: " RELU, "relu");
    test_same("activation t_given: " RELU " | " RELU_PROX, "relu");
    test_same("activation t_tanh: " TANH, "tanh");
    test_not_finite();
    test_definitions();
    report_speed("activation t_relu2: " RELU, "relu");
    report_speed("activation t_given: " RELU " | " RELU_PROX, "relu");
    report_speed("activation t_tanh: " TANH, "tanh");
    return done();
}
