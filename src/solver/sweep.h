/* sweep.h - what the methods by block share: where a sweep stands, the samples at hand, and the
 * books. A method adds its updates and what an iteration's end changes.
 */
#ifndef IPD_SOLVER_SWEEP_H
#define IPD_SOLVER_SWEEP_H

#include "solver/audit.h"
#include "solver/average.h"
#include "solver/batches.h"
#include "solver/solver.h"

typedef struct ipd_sweep {
    ipd_solver s;
    ipd_network net; /* W and b */
    ipd_problem problem;
    ipd_batches samples;
    size_t size;               /* of this iteration's mini-batches, 0 = full batch */
    int inner;                 /* of this iteration; what is set meanwhile waits in s.par */
    int k;                     /* iteration, 1, 2, ... */
    int batch, batches, sweep; /* from 0; sweep is within the batch */
    int loaded;                /* 1: the samples of this batch are at hand */
    int done;                  /* 1: all blocks of the iteration are visited */
    char visited[IPD_MAX_BLOCKS];
    int visits;                    /* blocks visited in this sweep */
    int changed;                   /* a setting changed within this sweep */
    ipd_sums start;                /* sums as the sweep began */
    ipd_sums total;                /* parts of Phi, summed over the batches so far */
    size_t correct;                /* samples whose largest z_L is at their label, likewise */
    double change[IPD_MAX_BLOCKS]; /* of Phi by each block, likewise */
    uint64_t flops;                /* of this iteration so far */
    ipd_audit audit;
    ipd_average average;
    /* Instead of ipd_solver_load, for a method whose batches begin otherwise; its visit also sees to frozen blocks, and its
     * blocks have objectives of their own, which this audit does not know. NULL else. */
    int (*load)(ipd_solver *s, ipd_matrix X, ipd_matrix Y, const uint8_t *labels, ipd_error *e);
} ipd_sweep;

/* Puts one block at its minimiser; what else it may do: see ipd_z_step. */
typedef int ipd_visit_fn(ipd_sweep *m, ipd_block block, ipd_error *e);

/* ipd_method.open, for a method whose blocks have these proximal terms. */
void *ipd_sweep_open(const ipd_problem *problem, const ipd_network *initial,
                     const ipd_parameters *parameters, ipd_prox_fn *prox, ipd_error *e);

/* Visits the block that comes next: by `visit`, or, where it is frozen, by leaving it as it is. */
int ipd_sweep_advance(ipd_sweep *m, ipd_visit_fn *visit, ipd_unit *unit, ipd_error *e);

/* Fills the record at an iteration's end, but for xi, of which `method` has its own. */
int ipd_sweep_record(ipd_sweep *m, const char *method, ipd_record *r, ipd_error *e);

/* On to the next iteration. */
void ipd_sweep_next(ipd_sweep *m);

/* The functions of ipd_method by these names. */
void ipd_sweep_set(void *state, const ipd_parameters *p);
const ipd_parameters *ipd_sweep_parameters(const void *state);
ipd_place ipd_sweep_place(const void *state);
const ipd_network *ipd_sweep_network(const void *state);
const ipd_network *ipd_sweep_averaged(const void *state);
const ipd_variables *ipd_sweep_variables(const void *state);
int ipd_sweep_transfer(void *state, ipd_archive *ar, ipd_error *e);
void ipd_sweep_close(void *state);

#endif
