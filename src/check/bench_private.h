/* bench_private.h - what the files of ipdlam bench share. Main thread, while no run works. */
#ifndef IPD_CHECK_BENCH_PRIVATE_H
#define IPD_CHECK_BENCH_PRIVATE_H

#include "base/blas.h"
#include "check/bench.h"
#include "solver/solver.h"

/* The products of one batch of relaxed_am and passes over memory that stand for its elementwise parts, in memory of its
 * own: what no implementation is faster than whose products are calls of sgemm and ssyrk. See bench_roofline.c. */
typedef struct ipd_bench_roofline {
    int L;
    size_t d[IPD_MAX_LAYERS + 1], n;                          /* widths; samples of a batch */
    float *memory;                                            /* all arrays */
    float *W[IPD_MAX_LAYERS + 1], *ahead[IPD_MAX_LAYERS + 1]; /* d_l x d_{l-1} */
    float *a[IPD_MAX_LAYERS + 1];                             /* d_l x n, from l = 0 on */
    float *p[IPD_MAX_LAYERS + 1], *D[IPD_MAX_LAYERS + 1], *R[IPD_MAX_LAYERS + 1]; /* d_l x n */
    float *G[IPD_MAX_LAYERS + 1]; /* d_l x n, from l = 0 on */
    float *K[IPD_MAX_LAYERS + 1]; /* n x n */
    double products, elementwise; /* seconds of all batches so far */
    long batches;
} ipd_bench_roofline;

int ipd_bench_roofline_init(ipd_bench_roofline *r, const ipd_network *net, size_t n, ipd_error *e);
void ipd_bench_roofline_free(ipd_bench_roofline *r);
/* Forgets the batches so far. */
void ipd_bench_roofline_begin(ipd_bench_roofline *r);
/* One batch or more, for about so many seconds. */
void ipd_bench_roofline_run(ipd_bench_roofline *r, double seconds);
/* 10^9 operations of a batch's products. */
double ipd_bench_roofline_gflop(const ipd_bench_roofline *r);

enum { IPD_BENCH_MAX_REPEATS = 99 };

/* A method at work, and what its iterations took. */
typedef struct ipd_bench_run {
    const ipd_method *method;
    void *state;
    const ipd_dataset *data;
    size_t samples;               /* it trains on */
    ipd_bench_roofline *roofline; /* takes turns with an iteration's batches; NULL: nothing does */
    ipd_bench_training each[IPD_BENCH_MAX_REPEATS];
} ipd_bench_run;

/* What a method trains on. */
typedef struct ipd_bench_task {
    const ipd_dataset *data;
    const ipd_problem *problem;
    const ipd_network *net;
} ipd_bench_task;

/* Opens a method as a preset has it, with this order and batch. The caller closes it, also after a failure. */
int ipd_bench_run_open(ipd_bench_run *run, const ipd_bench_task *task, const char *preset,
                       const char *method, const char *order, long batch, ipd_error *e);
void ipd_bench_run_close(ipd_bench_run *run);
/* One iteration with its metrics; times and operations are added to t. */
int ipd_bench_iterate(ipd_bench_run *run, ipd_bench_training *t, ipd_error *e);
/* `repeat` iterations of each of some methods, in turns, after `warm_up` that are not timed. */
int ipd_bench_train(ipd_bench_run *runs, int count, const ipd_blas_probe *probe, long repeat,
                    int warm_up, ipd_error *e);
/* The medians of the iterations. */
void ipd_bench_set_medians(const ipd_bench_run *run, long repeat, ipd_bench_training *t);

/* Orders the values. */
double ipd_bench_median(double *values, long count);

#endif
