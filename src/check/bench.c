/* bench.c - see bench.h. */
#include "check/bench.h"
#include "base/clock.h"
#include "base/machine.h"
#include "base/parallel.h"
#include "check/bench_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void report(const ipd_bench_options *o, const char *what)
{
    if (o->progress)
        o->progress(o->context, what);
}

/* x := y + c z in pieces, one per task. */
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
    r->bandwidth = 3 * (double)count * sizeof(float) / ipd_bench_median(times, 5) / 1e9;
    return 0;
}

enum { CALLS = 15 };

/* The median rate of `calls` calls, in GFLOP/s. */
static double rate(const ipd_blas_probe *p, int symmetric, int threads, int calls)
{
    double seconds[CALLS], m = (double)p->m, n = (double)p->n, k = (double)p->k;
    for (int i = 0; i < calls; i++)
        seconds[i] = ipd_blas_probe_seconds(p, symmetric, threads);
    return 1e-9 * (symmetric ? m * m * n : 2 * m * n * k) / ipd_bench_median(seconds, calls);
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
    rate(p, 0, threads, 3); /* warm up */
    r->sgemm_one = rate(p, 0, 1, CALLS);
    r->sgemm = rate(p, 0, threads, CALLS);
    r->ssyrk_one = rate(p, 1, 1, CALLS);
    r->ssyrk = rate(p, 1, threads, CALLS);
    return measure_bandwidth(r, e);
}

/* GFLOP of a forward pass from layer `first` on. */
static double forward_gflop(const ipd_network *net, int first, size_t N)
{
    double sum = 0;
    for (int l = first; l <= net->L; l++)
        sum += 2e-9 * (double)net->d[l] * (double)net->d[l - 1];
    return sum * (double)N;
}

/* GFLOP of the necessary products of a full-batch iteration, the base of its share: p_l, the
 * right-hand sides and Gram matrices of the W-steps (except the data's, which is constant), both
 * products of an a-step, and the forward passes of the metrics. Solves and elementwise work count
 * as overhead. */
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

/* Resets the peak of memory; 0 if the system does not allow it. */
static int reset_peak(void)
{
    FILE *f = fopen("/proc/self/clear_refs", "w");
    int done = f && fputs("5", f) >= 0;
    if (f)
        done &= fclose(f) == 0;
    return done;
}

enum { WARM_UP = 2 }; /* untimed full-batch iterations */

typedef struct bench {
    const ipd_bench_options *options;
    const ipd_dataset *data;
    ipd_network net;
    ipd_matrix Y;
    ipd_problem problem;
    ipd_blas_probe probe;
} bench;

static ipd_bench_task task_of(const bench *b)
{
    return (ipd_bench_task){b->data, &b->problem, &b->net};
}

static int run_full_batch(bench *b, ipd_bench_training *t, ipd_error *e)
{
    ipd_bench_run run = {0};
    ipd_bench_task task = task_of(b);
    int result = -1;
    if (!ipd_bench_run_open(&run, &task, "ipdlam", "ipdlam", "increase", 0, e))
        result = ipd_bench_train(&run, 1, &b->probe, b->options->repeat, WARM_UP, e);
    ipd_bench_run_close(&run);
    if (!result)
        ipd_bench_set_medians(&run, b->options->repeat, t);
    return result;
}

static int measure_full_batch(bench *b, ipd_bench *to, ipd_error *e)
{
    double before = ipd_machine_status("VmRSS:");
    int peak_is_ours = reset_peak();
    report(b->options, "full-batch iterations");
    if (run_full_batch(b, &to->full_batch, e))
        return -1;
    to->memory_peak = peak_is_ours ? ipd_machine_status("VmHWM:") - before : NAN;
    to->memory_kept = (double)b->problem.N * ipd_solver_sample_bytes(&b->net);
    to->full_batch.gflop = full_batch_gflop(&b->net, b->problem.N, b->data->test.X.cols);
    return 0;
}

/* The median of the method's seconds divided by those of Adam's next epoch. */
static double adam_epochs(const ipd_bench_run *run, const ipd_bench_run *adam, long repeat)
{
    double quotient[IPD_BENCH_MAX_REPEATS];
    for (long i = 0; i < repeat; i++)
        quotient[i] = run->each[i].seconds / adam->each[i].seconds;
    return ipd_bench_median(quotient, repeat);
}

static int measure_epochs(bench *b, ipd_bench *to, ipd_error *e)
{
    enum { COUNT = 4 };
    ipd_bench_run runs[COUNT] = {0};
    ipd_bench_run *nested = &runs[0], *increase = &runs[1], *relaxed = &runs[2], *adam = &runs[3];
    ipd_bench_roofline roofline = {0};
    ipd_bench_task task = task_of(b);
    long batch = b->options->batch, repeat = b->options->repeat;
    size_t samples = (size_t)batch < b->problem.N ? (size_t)batch : b->problem.N;
    int result = -1;
    report(b->options,
           "epochs in nested reverse and increase order, of relaxed_am and of Adam, in turns");
    if (ipd_bench_run_open(nested, &task, "paper", "ipdlam", "nested_reverse", batch, e) ||
        ipd_bench_run_open(increase, &task, "paper", "ipdlam", "increase", batch, e) ||
        ipd_bench_run_open(relaxed, &task, "fast", "relaxed_am", "nested_reverse", batch, e) ||
        ipd_bench_run_open(adam, &task, "paper", "adam", "increase", batch, e) ||
        ipd_bench_roofline_init(&roofline, &b->net, samples, e))
        goto cleanup;
    relaxed->roofline = &roofline;
    if (ipd_bench_train(runs, COUNT, &b->probe, repeat, 1, e))
        goto cleanup;
    ipd_bench_set_medians(nested, repeat, &to->nested_reverse);
    ipd_bench_set_medians(increase, repeat, &to->increase);
    ipd_bench_set_medians(relaxed, repeat, &to->relaxed);
    ipd_bench_set_medians(adam, repeat, &to->adam);
    to->relaxed.adam_epochs = adam_epochs(relaxed, adam, repeat);
    to->nested_reverse.adam_epochs = adam_epochs(nested, adam, repeat);
    to->increase.adam_epochs = adam_epochs(increase, adam, repeat);
    result = 0;
cleanup:
    for (int k = 0; k < COUNT; k++)
        ipd_bench_run_close(&runs[k]);
    ipd_bench_roofline_free(&roofline);
    return result;
}

/* The largest relative distance of the times from the line c + s samples fitted by least squares of
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

/* Measures full-batch iterations on 1/12, 1/6, 1/3, 2/3 and all of the samples. */
static int measure_line(bench *b, ipd_bench_scaling *to, ipd_error *e)
{
    static const int twelfths[IPD_BENCH_SIZES] = {1, 2, 4, 8, 12};
    const ipd_problem all = b->problem;
    double could[IPD_BENCH_SIZES]; /* GFLOP of sgemm in the same time */
    int result = 0;
    report(b->options, "full-batch iterations on fewer samples");
    for (int i = 0; i < IPD_BENCH_SIZES && !result; i++) {
        ipd_bench_training t = {0};
        b->problem.N = all.N * (size_t)twelfths[i] / 12;
        ipd_matrix Y = ipd_matrix_columns(all.Y, 0, b->problem.N);
        b->problem.X.cols = b->problem.N;
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

/* Measures iterations on all samples with all threads and with one, in turns. */
static int measure_speedup(bench *b, ipd_bench_scaling *to, ipd_error *e)
{
    double seconds[IPD_BENCH_MAX_REPEATS], quotient[IPD_BENCH_MAX_REPEATS];
    long repeat = b->options->repeat;
    int threads = ipd_threads(), result = -1;
    ipd_bench_run run = {0};
    ipd_bench_task task = task_of(b);
    report(b->options, "full-batch iterations with all threads and with one, in turns");
    if (ipd_bench_run_open(&run, &task, "ipdlam", "ipdlam", "increase", 0, e))
        goto cleanup;
    for (long i = -1; i < repeat; i++) {
        ipd_bench_training one = {0}, all = {0};
        if (ipd_threads_set(threads, e) || ipd_bench_iterate(&run, &all, e) ||
            ipd_threads_set(1, e) || ipd_bench_iterate(&run, &one, e))
            goto cleanup;
        if (i < 0)
            continue;
        seconds[i] = one.seconds;
        quotient[i] = one.seconds / all.seconds;
    }
    to->one_thread = ipd_bench_median(seconds, repeat);
    to->speedup = ipd_bench_median(quotient, repeat);
    result = 0;
cleanup:
    ipd_bench_run_close(&run);
    return ipd_threads_set(threads, e) ? -1 : result;
}

/* Measures a Cholesky factor of the widest hidden layer's size, and the solve of a
 * W-step with it. */
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
    to->factor = ipd_bench_median(factor, 5);
    to->solve = ipd_bench_median(solve, 5);
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
    if (options->repeat < 1 || options->repeat > IPD_BENCH_MAX_REPEATS)
        return ipd_fail(e, IPD_EUSAGE, "repeat = %ld is out of range. Use 1 to %d", options->repeat,
                        IPD_BENCH_MAX_REPEATS);
    if (make_network(&b, e))
        goto cleanup;
    b.problem = (ipd_problem){.X = ipd_samples_inputs(&data->train),
                              .Y = &b.Y,
                              .labels = data->train.labels,
                              .N = data->train.X.cols};
    report(options, "OpenBLAS");
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
