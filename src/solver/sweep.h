/* sweep.h - what the methods with blocks share: the place in a sweep, the loaded samples, and the
 * sums of an iteration. Each method adds its updates and the end of an iteration. */
#ifndef IPD_SOLVER_SWEEP_H
#define IPD_SOLVER_SWEEP_H

#include "solver/audit.h"
#include "solver/average.h"
#include "solver/batches.h"
#include "solver/solver.h"

typedef struct ipd_sweep {
    const ipd_method *method;
    ipd_solver s;
    ipd_network net; /* W and b */
    ipd_problem problem;
    ipd_batches samples;
    size_t size;               /* of this iteration's mini-batches, 0 = full batch */
    int inner;                 /* sweeps per batch in this iteration; s.par has the next one's */
    int k;                     /* iteration, 1, 2, ... */
    int batch, batches, sweep; /* from 0; sweep is within the batch */
    int loaded;                /* 1: the samples of this batch are loaded */
    int done;                  /* 1: all blocks of the iteration are visited */
    char visited[IPD_MAX_BLOCKS];
    int visits;     /* blocks visited in this sweep */
    int changed;    /* a setting changed within this sweep */
    ipd_sums start; /* sums at the start of the sweep */
    ipd_sums total; /* parts of Phi, summed over the batches so far */
    size_t correct; /* samples of these batches whose largest z_L is at their label */
    double change[IPD_MAX_BLOCKS]; /* of Phi by each block in this iteration */
    uint64_t flops;                /* of this iteration so far */
    /* Only for so_far: loss of the forward pass of the loaded batch, scaled up to all samples; NaN
     * if unknown. */
    double forward_loss;
    ipd_audit audit;
    ipd_average average;
} ipd_sweep;

/* The updates of a method's blocks. ipd_solver.waits is set before each visit. */
typedef int ipd_block_fn(ipd_solver *s, ipd_block block, ipd_error *e);
typedef struct ipd_blocks {
    ipd_prox_fn *prox;   /* proximal term of a block */
    int output_variable; /* 1: z_L has a separate variable beside it, V_L */
    /* 1: until the end of the batch, blocks read v.p of the forward pass of `load` */
    int forward_lasts;
    /* Loads a batch, whose samples are views, and makes the forward pass, as ipd_solver_load. */
    int (*load)(ipd_solver *s, ipd_matrix X, ipd_matrix Y, const ipd_label *labels, ipd_error *e);
    ipd_block_fn *visit; /* updates a block; errors as ipd_z_step */
    ipd_block_fn *stay;  /* visits a frozen block: ipd_sweep_stay or like it */
    const ipd_audit_rules *audit;
    void (*end)(const ipd_sweep *m, ipd_record *r); /* sets xi; NULL: the method has none */
} ipd_blocks;

/* Visits a frozen block: its new iterate is the old one. */
int ipd_sweep_stay(ipd_solver *s, ipd_block block, ipd_error *e);

/* The functions of ipd_method with these names. */
void *ipd_sweep_open(const ipd_method *method, const ipd_problem *problem,
                     const ipd_network *initial, const ipd_parameters *parameters, ipd_error *e);
int ipd_sweep_advance(void *state, ipd_unit *unit, ipd_error *e);
int ipd_sweep_finish(void *state, ipd_record *record, ipd_error *e);
int ipd_sweep_so_far(const void *state, ipd_record *record);
void ipd_sweep_set(void *state, const ipd_parameters *p);
const ipd_parameters *ipd_sweep_parameters(const void *state);
ipd_place ipd_sweep_place(const void *state);
const ipd_network *ipd_sweep_network(const void *state);
const ipd_network *ipd_sweep_averaged(const void *state);
const ipd_variables *ipd_sweep_variables(const void *state);
int ipd_sweep_write(void *state, ipd_variable x, const ipd_matrix *value, ipd_error *e);
int ipd_sweep_transfer(void *state, ipd_archive *ar, ipd_error *e);
void ipd_sweep_close(void *state);

/* Settings of the proximal steps, for ipd_method.uses. */
#define IPD_PROXIMAL_SETTINGS                                                                      \
    "order delta inner regularizer lambda l1_ratio bias_step audit spectrum"

/* The members of the table that all these methods share. */
#define IPD_SWEEP_MEMBERS                                                                          \
    .open = ipd_sweep_open, .advance = ipd_sweep_advance, .finish = ipd_sweep_finish,              \
    .so_far = ipd_sweep_so_far, .set = ipd_sweep_set, .parameters = ipd_sweep_parameters,          \
    .place = ipd_sweep_place, .network = ipd_sweep_network, .averaged = ipd_sweep_averaged,        \
    .variables = ipd_sweep_variables, .write = ipd_sweep_write, .transfer = ipd_sweep_transfer,    \
    .close = ipd_sweep_close

#endif
