/* bench.h - measures the speed of this machine and this program in one process: rates of OpenBLAS,
 * then iterations and epochs of the methods for one network. Only ratios can be compared between
 * machines.
 */
#ifndef IPD_CHECK_BENCH_H
#define IPD_CHECK_BENCH_H

#include "data/dataset.h"
#include "settings/settings.h"

typedef struct ipd_bench_rates {
    double sgemm, sgemm_one; /* GFLOP/s of OpenBLAS's sgemm: on all threads, on one */
    double ssyrk, ssyrk_one; /* the same for ssyrk; a product and its transpose count once */
    double bandwidth; /* GB/s of x := y + c z on arrays much larger than caches, all threads */
    size_t m, n;      /* sizes of the product: m x m times m x n */
} ipd_bench_rates;

/* Measurements of an iteration or epoch of a method, including the accuracies on training and test
 * samples: medians over the iterations. Operations done and the parts are those of the iteration
 * whose seconds are nearest to the median. */
typedef struct ipd_bench_training {
    double seconds;
    double gflop; /* operations: in full batch the necessary ones, in mini-batches those done */
    double gflop_done;  /* operations done; stationary blocks do none */
    double sgemm;       /* GFLOP/s of sgemm, measured before and after */
    double sgemm_gflop; /* operations of sgemm at that rate in the same time */
    double share;       /* gflop / sgemm_gflop */
    double adam_epochs; /* seconds divided by those of Adam's next epoch; 0 in full batch */
    /* The parts: seconds and operations done, by kind of block and for the metrics. */
    double z, W, a, metrics;
    double z_gflop, W_gflop, a_gflop, metrics_gflop;
    /* For relaxed_am only, without metrics: the rate of sgemm and ssyrk at its shapes, and the time
     * of these products and of passes over the memory of its elementwise parts; measured between
     * its batches. The shares are relative to the seconds of the epoch. */
    double shapes_gflops, shapes_share, roofline, roofline_share;
} ipd_bench_training;

typedef struct ipd_bench_options {
    const size_t *hidden; /* widths */
    int hidden_count;
    long batch, repeat;              /* samples per mini-batch; iterations measured (medians) */
    int full_batch, epochs, scaling; /* what to measure besides OpenBLAS and memory */
    /* Called with the name of each measurement; may be NULL. */
    void (*progress)(void *context, const char *what);
    void *context;
} ipd_bench_options;

/* The time of a full-batch iteration against the number of samples, and the speedup by threads. */
enum { IPD_BENCH_SIZES = 5 };
typedef struct ipd_bench_scaling {
    double samples[IPD_BENCH_SIZES], seconds[IPD_BENCH_SIZES];
    /* The largest relative distance of the times, in units of sgemm's time next to them, from a
     * line over the samples, fitted by least squares of these distances. */
    double residual;
    double one_thread; /* seconds on one thread for all samples */
    double speedup;    /* one_thread / seconds on all threads, a median */
} ipd_bench_scaling;

typedef struct ipd_bench {
    ipd_bench_rates rates;
    ipd_bench_training full_batch, nested_reverse, increase, relaxed, adam; /* 0 if not measured */
    ipd_bench_scaling scaling;                                              /* likewise */
    double factor;      /* seconds of the Cholesky factor of the widest Gram matrix, in double */
    double solve;       /* seconds of a W-step's solve with it */
    double memory_peak; /* peak bytes of the full batch, counted by the system */
    double memory_kept; /* bytes of z, a, their previous iterates and the remembered products */
} ipd_bench;

/* Measures on the samples of `data`. Fails if memory runs out. Main thread, while no run works. */
int ipd_bench_measure(ipd_bench *b, const ipd_dataset *data, const ipd_bench_options *options,
                      ipd_error *e);

/* The maximum of bytes needed. */
double ipd_bench_memory(const ipd_dataset *data, const ipd_bench_options *options);

#endif
