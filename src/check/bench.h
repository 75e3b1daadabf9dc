/* bench.h - how fast this machine and this program are, measured in one process: rates of OpenBLAS, then
 * iterations and epochs of the methods at one size. What may be compared between machines are ratios.
 */
#ifndef IPD_CHECK_BENCH_H
#define IPD_CHECK_BENCH_H

#include "data/dataset.h"
#include "settings/settings.h"

typedef struct ipd_bench_rates {
    double sgemm, sgemm_one; /* GFLOP/s of OpenBLAS's own sgemm: on all threads, on one */
    double ssyrk, ssyrk_one; /* likewise; a product and its transpose count once */
    double bandwidth; /* GB/s of x := y + c z on arrays much larger than caches, all threads */
    size_t m, n;      /* of the product: m x m times m x n */
} ipd_bench_rates;

/* One way of training: an iteration, or an epoch, with the accuracies on training and test samples. */
typedef struct ipd_bench_training {
    double seconds;     /* median of an iteration, metrics included */
    double gflop;       /* operations of it: of a full batch those that it cannot
                                        do without, else those done */
    double gflop_done;  /* that were in fact done: blocks at rest do none */
    double sgemm;       /* its rate before and after the iterations: a median */
    double sgemm_gflop; /* what sgemm does at that rate in an iteration's time: a median */
    double share;       /* gflop / sgemm_gflop */
    double adam_epochs; /* seconds by those of Adam's epoch after it: a median; 0 of a full batch */
    double z, W, a, metrics;          /* seconds by kind of block */
    double z_gflop, W_gflop, a_gflop; /* and operations done */
    double metrics_gflop;
    /* Of relaxed_am alone, without metrics: the rate of calls of sgemm and ssyrk at its shapes, and what they and
     * passes over its elementwise parts' memory would take; both are measured between its batches. The shares are of the
     * epoch's seconds, medians. */
    double shapes_gflops, shapes_share, roofline, roofline_share;
} ipd_bench_training;

typedef struct ipd_bench_options {
    const size_t *hidden; /* widths */
    int hidden_count;
    long batch, repeat;              /* samples per mini-batch; iterations measured (medians) */
    int full_batch, epochs, scaling; /* what is measured beside OpenBLAS and memory */
    /* Told what is being measured; may be NULL. */
    void (*progress)(void *context, const char *what);
    void *context;
} ipd_bench_options;

/* How a full-batch iteration grows with the samples, and what threads bring. */
enum { IPD_BENCH_SIZES = 5 };
typedef struct ipd_bench_scaling {
    double samples[IPD_BENCH_SIZES], seconds[IPD_BENCH_SIZES];
    /* The largest distance of times, in units of sgemm's beside them, from the line, relative to it. The line has the
     * least squares of these. */
    double residual;
    double one_thread, speedup; /* seconds of all samples; the median of those by all threads' */
} ipd_bench_scaling;

typedef struct ipd_bench {
    ipd_bench_rates rates;
    ipd_bench_training full_batch, nested_reverse, increase, relaxed,
        adam;                  /* 0 where not measured */
    ipd_bench_scaling scaling; /* likewise */
    double factor,
        solve; /* seconds: Cholesky factor in double of the widest Gram matrix; W from it */
    double memory_peak; /* bytes that the full batch took at most: what the system counts */
    double memory_kept; /* of z, a, their previous iterates and the remembered products */
} ipd_bench;

/* Measures all on the samples of `data` (labels are taken as they are). Fails where there is no
 * memory. Main thread, while no run works. */
int ipd_bench_measure(ipd_bench *b, const ipd_dataset *data, const ipd_bench_options *options,
                      ipd_error *e);

/* Bytes that it takes at most. */
double ipd_bench_memory(const ipd_dataset *data, const ipd_bench_options *options);

#endif
