/* bench_private.h - functions shared by the files of ipdlam bench. Main thread, while
 * no run works. */
#ifndef IPD_CHECK_BENCH_PRIVATE_H
#define IPD_CHECK_BENCH_PRIVATE_H

#include "base/blas.h"
#include "check/bench.h"
#include "solver/solver.h"

/* The products of one batch of relaxed_am, and passes over memory in place of its elementwise
 * parts, on arrays of its own: a lower bound for any implementation whose products are calls of
 * sgemm and ssyrk. See bench_roofline.c. */
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
/* Resets times and batches. */
void ipd_bench_roofline_begin(ipd_bench_roofline *r);
/* Runs batches, at least one, for about `seconds`. */
void ipd_bench_roofline_run(ipd_bench_roofline *r, double seconds);
/* GFLOP of a batch's products. */
double ipd_bench_roofline_gflop(const ipd_bench_roofline *r);

enum { IPD_BENCH_MAX_REPEATS = 99 };

/* A running method and the measurements of its iterations. */
typedef struct ipd_bench_run {
    const ipd_method *method;
    void *state;
    const ipd_dataset *data;
    size_t samples;               /* training samples */
    ipd_bench_roofline *roofline; /* measured in turns with an iteration's batches; NULL: none */
    ipd_bench_training each[IPD_BENCH_MAX_REPEATS];
} ipd_bench_run;

/* The task of a method. */
typedef struct ipd_bench_task {
    const ipd_dataset *data;
    const ipd_problem *problem;
    const ipd_network *net;
} ipd_bench_task;

/* Opens a method with a preset's settings, this order and this batch size. The caller closes it,
 * also after a failure. */
int ipd_bench_run_open(ipd_bench_run *run, const ipd_bench_task *task, const char *preset,
                       const char *method, const char *order, long batch, ipd_error *e);
void ipd_bench_run_close(ipd_bench_run *run);
/* Runs one iteration with its metrics, and adds times and operations to t. */
int ipd_bench_iterate(ipd_bench_run *run, ipd_bench_training *t, ipd_error *e);
/* Measures `repeat` iterations of each of `count` methods, in turns, after `warm_up`
 * untimed ones. */
int ipd_bench_train(ipd_bench_run *runs, int count, const ipd_blas_probe *probe, long repeat,
                    int warm_up, ipd_error *e);
/* Sets *t to the medians of the iterations. */
void ipd_bench_set_medians(const ipd_bench_run *run, long repeat, ipd_bench_training *t);

/* The median; sorts the values. */
double ipd_bench_median(double *values, long count);

#endif
