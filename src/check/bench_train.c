/* bench_train.c - times iterations of methods in turns; see bench_private.h. */
#include "base/clock.h"
#include "base/parallel.h"
#include "check/bench_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double ipd_bench_median(double *values, long count)
{
    qsort(values, (size_t)count, sizeof *values, by_size);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Length of the turns of batches and roofline, in seconds: long enough that cache contents left by
 * a batch do not matter, short compared with changes of the machine's speed. */
static const double turn = 0.1;

static void add_block(ipd_bench_training *t, ipd_block_kind kind, double seconds, double gflop)
{
    switch (kind) {
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

static void set_roofline(const ipd_bench_run *run, ipd_bench_training *t)
{
    const ipd_bench_roofline *r = run->roofline;
    double training = t->z + t->W + t->a;
    double batches = (double)run->samples / (double)r->n / (double)r->batches;
    t->shapes_gflops = (double)r->batches * ipd_bench_roofline_gflop(r) / r->products;
    t->shapes_share = batches * r->products / training;
    t->roofline = batches * (r->products + r->elementwise);
    t->roofline_share = t->roofline / training;
}

int ipd_bench_iterate(ipd_bench_run *run, ipd_bench_training *t, ipd_error *e)
{
    ipd_record record;
    ipd_evaluation test;
    ipd_unit unit = {0};
    uint64_t start_flops = ipd_flops();
    double last = ipd_seconds(), turned = last - turn / 2;
    if (run->roofline)
        ipd_bench_roofline_begin(run->roofline);
    while (!unit.iteration_done) {
        uint64_t before = ipd_flops();
        if (run->method->advance(run->state, &unit, e))
            return -1;
        if (unit.not_finite)
            return ipd_fail(e, IPD_ENUMERIC, "the training to be timed diverges. Use more samples");
        double now = ipd_seconds();
        add_block(t, unit.at.block.kind, now - last, (double)(ipd_flops() - before) / 1e9);
        last = now;
        if (run->roofline && (now - turned > turn || unit.iteration_done)) {
            ipd_bench_roofline_run(run->roofline, unit.iteration_done ? turn / 2 : turn);
            turned = last = ipd_seconds();
        }
    }
    uint64_t before = ipd_flops();
    if (run->method->finish(run->state, &record, e) ||
        ipd_network_evaluate(run->method->network(run->state), ipd_samples_inputs(&run->data->test),
                             ipd_samples_truth(run->data, &run->data->test), NULL, &test, NULL,
                             NULL, e))
        return -1;
    t->metrics = ipd_seconds() - last;
    t->metrics_gflop = (double)(ipd_flops() - before) / 1e9;
    t->seconds = t->z + t->W + t->a + t->metrics;
    t->gflop_done = (double)(ipd_flops() - start_flops) / 1e9;
    if (run->roofline)
        set_roofline(run, t);
    return 0;
}

/* The rate of sgemm between two iterations: a mean over the time of the last one, at most half a
 * second. OpenBLAS's own threads then spin for 2^28 clock ticks, a tenth of a second, so wait for
 * that before the next iteration. */
static double rate_between(const ipd_blas_probe *p, double last)
{
    double seconds = 0, gflop = 2e-9 * (double)p->m * (double)p->n * (double)p->k;
    int calls = 0;
    ipd_blas_probe_seconds(p, 0, ipd_threads()); /* wakes its threads */
    for (; !calls || seconds < fmin(last, 0.5); calls++)
        seconds += ipd_blas_probe_seconds(p, 0, ipd_threads());
    nanosleep(&(struct timespec){.tv_nsec = 250000000}, NULL);
    return calls * gflop / seconds;
}

void ipd_bench_set_medians(const ipd_bench_run *run, long repeat, ipd_bench_training *t)
{
    double seconds[IPD_BENCH_MAX_REPEATS], sgemm[IPD_BENCH_MAX_REPEATS],
        could[IPD_BENCH_MAX_REPEATS];
    double shapes[IPD_BENCH_MAX_REPEATS], roofline[IPD_BENCH_MAX_REPEATS];
    for (long i = 0; i < repeat; i++) {
        seconds[i] = run->each[i].seconds;
        sgemm[i] = run->each[i].sgemm;
        could[i] = seconds[i] * sgemm[i];
        shapes[i] = run->each[i].shapes_share;
        roofline[i] = run->each[i].roofline_share;
    }
    double middle = ipd_bench_median(seconds, repeat);
    *t = run->each[0];
    for (long i = 1; i < repeat; i++) /* the iteration nearest to the median */
        if (fabs(run->each[i].seconds - middle) < fabs(t->seconds - middle))
            *t = run->each[i];
    t->seconds = middle;
    t->sgemm = ipd_bench_median(sgemm, repeat);
    t->sgemm_gflop = ipd_bench_median(could, repeat);
    t->shapes_share = ipd_bench_median(shapes, repeat);
    t->roofline_share = ipd_bench_median(roofline, repeat);
}

/* The speed of a shared machine changes within seconds, so each iteration is compared with the
 * rates of sgemm just before and after it. */
int ipd_bench_train(ipd_bench_run *runs, int count, const ipd_blas_probe *probe, long repeat,
                    int warm_up, ipd_error *e)
{
    double before = 0;
    for (long i = -warm_up; i < repeat; i++)
        for (int k = 0; k < count; k++) {
            ipd_bench_training one = {0};
            if (ipd_bench_iterate(&runs[k], &one, e))
                return -1;
            /* the last warm-up iteration precedes the first timed one */
            double after = i < -1 ? 0 : rate_between(probe, one.seconds);
            one.sgemm = (before + after) / 2;
            before = after;
            if (i >= 0)
                runs[k].each[i] = one;
        }
    return 0;
}

int ipd_bench_run_open(ipd_bench_run *run, const ipd_bench_task *task, const char *preset,
                       const char *method, const char *order, long batch, ipd_error *e)
{
    ipd_settings s;
    ipd_parameters par;
    char number[32];
    int L = task->net->L;
    snprintf(number, sizeof number, "%ld", batch);
    ipd_settings_init(&s);
    if (ipd_settings_set(&s, "preset", preset, e) || ipd_settings_set(&s, "method", method, e) ||
        ipd_settings_set(&s, "order", order, e) || ipd_settings_set(&s, "batch", number, e) ||
        ipd_settings_check(&s, L, "bench", task->problem->N, e) ||
        ipd_settings_parameters(&s, L, &par, e))
        return -1;
    run->data = task->data;
    run->samples = task->problem->N;
    run->method = ipd_method_find(method);
    run->state = run->method->open(run->method, task->problem, task->net, &par, e);
    return run->state ? 0 : -1;
}

void ipd_bench_run_close(ipd_bench_run *run)
{
    if (run->state)
        run->method->close(run->state);
    run->state = NULL;
}
