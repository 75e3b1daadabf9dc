/* bench.c - see bench.h. */
#include "check/bench.h"
#include "base/blas.h"
#include "base/clock.h"
#include "base/parallel.h"
#include "solver/solver.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_REPEATS = 99, WARM_UP = 2 };

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, long count)
{
    qsort(values, (size_t)count, sizeof *values, by_size);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void tell(const ipd_bench_options *o, const char *what)
{
    if (o->progress)
        o->progress(o->context, what);
}

/* Pieces of x := y + c z, one a task. */
enum { PIECE = 1 << 16, PIECES = 512 };
typedef struct triad_job {
    float *x;
    const float *y, *z;
} triad_job;

static void triad(void *context, size_t task, int thread)
{
    const triad_job *j = context;
    (void)thread;
    for (size_t i = task * PIECE; i < (task + 1) * PIECE; i++)
        j->x[i] = j->y[i] + 1.5F * j->z[i];
}

static int measure_bandwidth(ipd_bench_rates *r, ipd_error *e)
{
    size_t count = (size_t)PIECE * PIECES;
    double times[5];
    float *all = ipd_allocate(3 * count, sizeof *all, e);
    triad_job j = {all, all + count, all + 2 * count};
    if (!all)
        return -1;
    for (int i = -1; i < 5; i++) {
        double start = ipd_seconds();
        ipd_parallel_for(PIECES, triad, &j);
        if (i >= 0)
            times[i] = ipd_seconds() - start;
    }
    free(all);
    r->bandwidth = 3 * (double)count * sizeof(float) / median(times, 5) / 1e9;
    return 0;
}

enum { CALLS = 15 };

/* The median rate of some calls. */
static double rate(const ipd_blas_probe *p, int symmetric, int threads, int calls)
{
    double seconds[CALLS], m = (double)p->m, n = (double)p->n, k = (double)p->k;
    for (int i = 0; i < calls; i++)
        seconds[i] = ipd_blas_probe_seconds(p, symmetric, threads);
    return 1e-9 * (symmetric ? m * m * n : 2 * m * n * k) / median(seconds, calls);
}

static int measure_rates(ipd_bench_rates *r, ipd_blas_probe *p, const ipd_network *net, size_t N,
                         ipd_error *e)
{
    r->m = 0;
    for (int l = 1; l < net->L; l++)
        if (net->d[l] > r->m)
            r->m = net->d[l];
    if (!r->m)
        r->m = net->d[1];
    r->n = N < 4096 ? N : 4096;
    int threads = ipd_threads();
    if (ipd_blas_probe_init(p, r->m, r->n, r->m, e))
        return -1;
    rate(p, 0, threads, 3); /* to warm up */
    r->sgemm_one = rate(p, 0, 1, CALLS);
    r->sgemm = rate(p, 0, threads, CALLS);
    r->ssyrk_one = rate(p, 1, 1, CALLS);
    r->ssyrk = rate(p, 1, threads, CALLS);
    return measure_bandwidth(r, e);
}

/* 10^9 operations of a forward pass from layer `first` on. */
static double forward_gflop(const ipd_network *net, int first, size_t N)
{
    double sum = 0;
    for (int l = first; l <= net->L; l++)
        sum += 2e-9 * (double)net->d[l] * (double)net->d[l - 1];
    return sum * (double)N;
}

/* The products that a full-batch iteration cannot do without, from which its share is counted: p_l, the
 * right-hand sides and Gram matrices of the W-steps (that of the data is constant), both products of
 * an a-step; then the forward passes of the metrics. Solves and elementwise work are overhead. */
static double full_batch_gflop(const ipd_network *net, size_t N, size_t test)
{
    double sum = 0;
    for (int l = 1; l <= net->L; l++) {
        double d = (double)net->d[l], from = (double)net->d[l - 1];
        sum += 4 * d * from + (l > 1 ? from * from : 0);
        if (l == net->L)
            break;
        double up = (double)net->d[l + 1];
        sum += up < d ? 4 * d * up : 2 * d * up + 2 * d * d;
    }
    return 1e-9 * sum * (double)N + forward_gflop(net, 2, N) + forward_gflop(net, 1, test);
}

typedef struct training {
    const ipd_method *method;
    void *state;
    const ipd_dataset *data;
    ipd_bench_training each[MAX_REPEATS];
} training;

/* One iteration with its metrics; times and operations are added to t. */
static int iterate(training *run, ipd_bench_training *t, ipd_error *e)
{
    ipd_record record;
    ipd_evaluation test;
    ipd_unit unit = {0};
    double start = ipd_seconds(), last = start;
    uint64_t flops = ipd_flops();
    while (!unit.iteration_done) {
        uint64_t before = ipd_flops();
        if (run->method->advance(run->state, &unit, e))
            return -1;
        if (unit.not_finite)
            return ipd_fail(e, IPD_ENUMERIC, "the training to be timed diverges. Use more samples");
        double seconds = ipd_seconds() - last, gflop = (double)(ipd_flops() - before) / 1e9;
        last += seconds;
        switch (unit.at.block.kind) {
        case IPD_Z:
            t->z += seconds;
            t->z_gflop += gflop;
            break;
        case IPD_W:
            t->W += seconds;
            t->W_gflop += gflop;
            break;
        default:
            t->a += seconds;
            t->a_gflop += gflop;
        }
    }
    uint64_t before = ipd_flops();
    if (run->method->finish(run->state, &record, e) ||
        ipd_network_evaluate(run->method->network(run->state), &run->data->test.X,
                             run->data->test.labels, NULL, &test, NULL, NULL, e))
        return -1;
    t->metrics = ipd_seconds() - last;
    t->metrics_gflop = (double)(ipd_flops() - before) / 1e9;
    t->seconds = ipd_seconds() - start;
    t->gflop_done = (double)(ipd_flops() - flops) / 1e9;
    return 0;
}

/* The rate of sgemm between two iterations, the mean over as long as the last one took, at most half a second.
 * OpenBLAS's own threads look out for more work for 2^28 ticks of the processor's clock, a tenth of a second, which the
 * next iteration is not to pay for. */
static double between(const ipd_blas_probe *p, double last)
{
    double seconds = 0, gflop = 2e-9 * (double)p->m * (double)p->n * (double)p->k;
    int calls = 0;
    ipd_blas_probe_seconds(p, 0, ipd_threads()); /* its threads wake up */
    for (; !calls || seconds < fmin(last, 0.5); calls++)
        seconds += ipd_blas_probe_seconds(p, 0, ipd_threads());
    nanosleep(&(struct timespec){.tv_nsec = 250000000}, NULL);
    return calls * gflop / seconds;
}

/* Medians of `repeat` iterations. */
static void set_medians(const training *run, long repeat, ipd_bench_training *t)
{
    double seconds[MAX_REPEATS], sgemm[MAX_REPEATS], could[MAX_REPEATS];
    for (long i = 0; i < repeat; i++) {
        seconds[i] = run->each[i].seconds;
        sgemm[i] = run->each[i].sgemm;
        could[i] = seconds[i] * sgemm[i];
    }
    double middle = median(seconds, repeat);
    *t = run->each[0];
    for (long i = 1; i < repeat; i++) /* the one nearest to the median stands for its parts */
        if (fabs(run->each[i].seconds - middle) < fabs(t->seconds - middle))
            *t = run->each[i];
    t->seconds = middle;
    t->sgemm = median(sgemm, repeat);
    t->sgemm_gflop = median(could, repeat);
}

/* `repeat` iterations of each of some methods, in turns, after some that are not timed: what a shared machine gives may
 * change within seconds. So each is measured by the rates of sgemm before and after it. */
static int train(training *runs, int count, const ipd_blas_probe *probe, long repeat, int warm_up,
                 ipd_error *e)
{
    double before = 0;
    for (long i = -warm_up; i < repeat; i++)
        for (int k = 0; k < count; k++) {
            ipd_bench_training one = {0};
            if (iterate(&runs[k], &one, e))
                return -1;
            double after =
                i < -1 ? 0
                       : between(probe, one.seconds); /* the last to warm up is before the first */
            one.sgemm = (before + after) / 2;
            before = after;
            if (i >= 0)
                runs[k].each[i] = one;
        }
    return 0;
}

/* Kilobytes after `key` in /proc/self/status, as bytes. */
static double status_bytes(const char *key)
{
    char line[256];
    double kilobytes = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, key, strlen(key)))
            kilobytes = strtod(line + strlen(key), NULL);
    if (f)
        fclose(f);
    return 1024 * kilobytes;
}

/* Lets the peak be that of what comes now; 0 where the system does not allow it. */
static int reset_peak(void)
{
    FILE *f = fopen("/proc/self/clear_refs", "w");
    int done = f && fputs("5", f) >= 0;
    if (f)
        done &= fclose(f) == 0;
    return done;
}

typedef struct bench {
    const ipd_bench_options *options;
    const ipd_dataset *data;
    ipd_network net;
    ipd_matrix Y;
    ipd_problem problem;
    ipd_blas_probe probe;
} bench;

static int open_method(bench *b, const char *preset, const char *method, const char *order,
                       long batch, training *run, ipd_error *e)
{
    ipd_settings s;
    ipd_parameters par;
    char number[32];
    snprintf(number, sizeof number, "%ld", batch);
    ipd_settings_init(&s);
    if (ipd_settings_set(&s, "preset", preset, e) || ipd_settings_set(&s, "method", method, e) ||
        ipd_settings_set(&s, "order", order, e) || ipd_settings_set(&s, "batch", number, e) ||
        ipd_settings_check(&s, b->net.L, "bench", b->problem.N, e) ||
        ipd_settings_parameters(&s, b->net.L, &par, e))
        return -1;
    run->data = b->data;
    run->method = ipd_method_find(method);
    run->state = run->method->open(&b->problem, &b->net, &par, e);
    return run->state ? 0 : -1;
}

static int run_full_batch(bench *b, ipd_bench_training *t, ipd_error *e)
{
    training run = {0};
    if (open_method(b, "ipdlam", "ipdlam", "increase", 0, &run, e))
        return -1;
    int result = train(&run, 1, &b->probe, b->options->repeat, WARM_UP, e);
    run.method->close(run.state);
    if (!result)
        set_medians(&run, b->options->repeat, t);
    return result;
}

static int measure_full_batch(bench *b, ipd_bench *to, ipd_error *e)
{
    double before = status_bytes("VmRSS:");
    int peak_is_ours = reset_peak();
    tell(b->options, "full-batch iterations");
    if (run_full_batch(b, &to->full_batch, e))
        return -1;
    to->memory_peak = peak_is_ours ? status_bytes("VmHWM:") - before : NAN;
    to->memory_kept = (double)b->problem.N * ipd_solver_sample_bytes(&b->net);
    to->full_batch.gflop = full_batch_gflop(&b->net, b->problem.N, b->data->test.X.cols);
    return 0;
}

/* The median of the quotients of each method's seconds by Adam's next. */
static double adam_epochs(const training *run, const training *adam, long repeat)
{
    double quotient[MAX_REPEATS];
    for (long i = 0; i < repeat; i++)
        quotient[i] = run->each[i].seconds / adam->each[i].seconds;
    return median(quotient, repeat);
}

static int measure_epochs(bench *b, ipd_bench *to, ipd_error *e)
{
    enum { COUNT = 4 };
    training runs[COUNT] = {0}, *nested = &runs[0], *increase = &runs[1], *relaxed = &runs[2],
             *adam = &runs[3];
    long batch = b->options->batch, repeat = b->options->repeat;
    int result = -1;
    tell(b->options,
         "epochs in nested reverse and increase order, of relaxed_am and of Adam, in turns");
    if (open_method(b, "paper", "ipdlam", "nested_reverse", batch, nested, e) ||
        open_method(b, "paper", "ipdlam", "increase", batch, increase, e) ||
        open_method(b, "fast", "relaxed_am", "nested_reverse", batch, relaxed, e) ||
        open_method(b, "paper", "adam", "increase", batch, adam, e) ||
        train(runs, COUNT, &b->probe, repeat, 1, e))
        goto cleanup;
    set_medians(nested, repeat, &to->nested_reverse);
    set_medians(increase, repeat, &to->increase);
    set_medians(relaxed, repeat, &to->relaxed);
    set_medians(adam, repeat, &to->adam);
    to->relaxed.adam_epochs = adam_epochs(relaxed, adam, repeat);
    to->nested_reverse.adam_epochs = adam_epochs(nested, adam, repeat);
    to->increase.adam_epochs = adam_epochs(increase, adam, repeat);
    result = 0;
cleanup:
    for (int k = 0; k < COUNT; k++)
        if (runs[k].state)
            runs[k].method->close(runs[k].state);
    return result;
}

/* The largest relative distance of times from the line c + s samples that has the least squares of
 * relative distances. */
static double line_residual(const double *samples, const double *times)
{
    double one = 0, x = 0, xx = 0, y = 0, xy = 0, max = 0;
    for (int i = 0; i < IPD_BENCH_SIZES; i++) {
        double n = samples[i], t = times[i], weight = 1 / (t * t);
        one += weight;
        x += weight * n;
        xx += weight * n * n;
        y += weight * t;
        xy += weight * n * t;
    }
    double slope = (one * xy - x * y) / (one * xx - x * x), at0 = (y - slope * x) / one;
    for (int i = 0; i < IPD_BENCH_SIZES; i++)
        max = fmax(max, fabs(at0 + slope * samples[i] - times[i]) / times[i]);
    return max;
}

/* Full-batch iterations on a twelfth, a sixth, a third, two thirds and all of the samples. */
static int measure_line(bench *b, ipd_bench_scaling *to, ipd_error *e)
{
    static const int twelfths[IPD_BENCH_SIZES] = {1, 2, 4, 8, 12};
    const ipd_problem all = b->problem;
    double could[IPD_BENCH_SIZES]; /* what sgemm would have done meanwhile */
    int result = 0;
    tell(b->options, "full-batch iterations on fewer samples");
    for (int i = 0; i < IPD_BENCH_SIZES && !result; i++) {
        ipd_bench_training t = {0};
        b->problem.N = all.N * (size_t)twelfths[i] / 12;
        ipd_matrix X = ipd_matrix_columns(all.X, 0, b->problem.N);
        ipd_matrix Y = ipd_matrix_columns(all.Y, 0, b->problem.N);
        b->problem.X = &X;
        b->problem.Y = &Y;
        result = run_full_batch(b, &t, e);
        to->samples[i] = (double)b->problem.N;
        to->seconds[i] = t.seconds;
        could[i] = t.sgemm_gflop;
        b->problem = all;
    }
    to->residual = line_residual(to->samples, could);
    return result;
}

/* Iterations on all samples by all threads and by one, in turns. */
static int measure_speedup(bench *b, ipd_bench_scaling *to, ipd_error *e)
{
    double seconds[MAX_REPEATS], quotient[MAX_REPEATS];
    long repeat = b->options->repeat;
    int threads = ipd_threads(), result = -1;
    training run = {0};
    tell(b->options, "full-batch iterations with all threads and with one, in turns");
    if (open_method(b, "ipdlam", "ipdlam", "increase", 0, &run, e))
        return -1;
    for (long i = -1; i < repeat; i++) {
        ipd_bench_training one = {0}, all = {0};
        if (ipd_threads_set(threads, e) || iterate(&run, &all, e) || ipd_threads_set(1, e) ||
            iterate(&run, &one, e))
            goto cleanup;
        if (i < 0)
            continue;
        seconds[i] = one.seconds;
        quotient[i] = one.seconds / all.seconds;
    }
    to->one_thread = median(seconds, repeat);
    to->speedup = median(quotient, repeat);
    result = 0;
cleanup:
    run.method->close(run.state);
    return ipd_threads_set(threads, e) ? -1 : result;
}

/* A factor of the size that the widest hidden layer makes, and the solve of a W-step with it. */
static int measure_solve(ipd_bench *to, ipd_error *e)
{
    size_t d = to->rates.m;
    ipd_matrix64 F = {0}, R = {0};
    double factor[5], solve[5];
    int result = -1;
    if (ipd_matrix64_init(&F, d, d, e) || ipd_matrix64_init(&R, d, d, e))
        goto cleanup;
    for (int i = 0; i < 5; i++) {
        for (size_t k = 0; k < d * d; k++) {
            F.data[k] = k % (d + 1) ? 0.5 : (double)d;
            R.data[k] = 1;
        }
        double start = ipd_seconds();
        ipd_cholesky64(&F);
        factor[i] = ipd_seconds() - start;
        start = ipd_seconds();
        if (ipd_cholesky_solve_right64(&F, &R, e))
            goto cleanup;
        solve[i] = ipd_seconds() - start;
    }
    to->factor = median(factor, 5);
    to->solve = median(solve, 5);
    result = 0;
cleanup:
    ipd_matrix64_free(&F);
    ipd_matrix64_free(&R);
    return result;
}

static void set_shares(ipd_bench *b)
{
    ipd_bench_training *all[] = {&b->full_batch, &b->nested_reverse, &b->increase, &b->relaxed,
                                 &b->adam};
    for (int i = 0; i < 5; i++) {
        if (i > 0)
            all[i]->gflop = all[i]->gflop_done;
        all[i]->share = all[i]->sgemm_gflop > 0 ? all[i]->gflop / all[i]->sgemm_gflop : 0;
    }
}

static int make_network(bench *b, ipd_error *e)
{
    const ipd_bench_options *o = b->options;
    size_t d[IPD_MAX_LAYERS + 1] = {b->data->inputs};
    int L = o->hidden_count + 1;
    if (L > IPD_MAX_LAYERS)
        return ipd_fail(e, IPD_EUSAGE, "%d layers are too many. Use at most %d", L, IPD_MAX_LAYERS);
    memcpy(d + 1, o->hidden, (size_t)o->hidden_count * sizeof *d);
    d[L] = b->data->classes;
    if (ipd_network_init(&b->net, L, d, ipd_activation_find("relu"), ipd_loss_find("squared"), e))
        return -1;
    ipd_network_randomize(&b->net, 1, 0.01, 0.1);
    return ipd_targets(&b->Y, b->net.loss, b->data->train.labels, b->data->train.X.cols, d[L], e);
}

int ipd_bench_measure(ipd_bench *to, const ipd_dataset *data, const ipd_bench_options *options,
                      ipd_error *e)
{
    bench b = {.options = options, .data = data};
    int result = -1;
    *to = (ipd_bench){0};
    if (options->repeat < 1 || options->repeat > MAX_REPEATS)
        return ipd_fail(e, IPD_EUSAGE, "repeat = %ld is out of range. Use 1 to %d", options->repeat,
                        MAX_REPEATS);
    if (make_network(&b, e))
        goto cleanup;
    b.problem = (ipd_problem){&data->train.X, &b.Y, data->train.labels, data->train.X.cols};
    tell(options, "OpenBLAS");
    if (measure_rates(&to->rates, &b.probe, &b.net, b.problem.N, e) || measure_solve(to, e) ||
        (options->full_batch && measure_full_batch(&b, to, e)) ||
        (options->epochs && measure_epochs(&b, to, e)) ||
        (options->scaling &&
         (measure_line(&b, &to->scaling, e) || measure_speedup(&b, &to->scaling, e))))
        goto cleanup;
    set_shares(to);
    result = 0;
cleanup:
    ipd_blas_probe_free(&b.probe);
    ipd_matrix_free(&b.Y);
    ipd_network_free(&b.net);
    return result;
}

double ipd_bench_memory(const ipd_dataset *data, const ipd_bench_options *options)
{
    ipd_network net = {.L = options->hidden_count + 1, .d = {data->inputs}};
    for (int l = 1; l < net.L; l++)
        net.d[l] = options->hidden[l - 1];
    net.d[net.L] = data->classes;
    return ipd_method_ipdlam.memory(&net, data->train.X.cols, 0);
}
