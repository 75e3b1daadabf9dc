/* written.h - training methods whose updates are written outside of this program, without regard to
 * the language that they are written in.
 *
 * A definition (ipd_written) states the variables, the blocks of a sweep and the functions that
 * update them. The state here owns all values that last: variables, place, sums. A block proposes
 * new values, which are checked and take effect together when it returns, or not at all. So an
 * error, or a stop in the middle of a block, leaves the state as it was before the block.
 *
 * z and a start from a forward pass in every batch, as in Algorithm 1; W and b keep their previous
 * iterates from batch to batch. The product p_l = W_l a_{l-1} + b_l is computed when it is needed
 * and remembered until one of its factors moves.
 */
#ifndef IPD_SOLVER_WRITTEN_H
#define IPD_SOLVER_WRITTEN_H

#include "solver/average.h"
#include "solver/batches.h"
#include "solver/method.h"

enum { IPD_WRITTEN_OWN = 8, IPD_WRITTEN_ORDERS = 4, IPD_WRITTEN_MOVES = 4 * IPD_MAX_LAYERS };

typedef enum ipd_side {
    IPD_SIDE_ONE,
    IPD_SIDE_WIDTH,  /* d_l */
    IPD_SIDE_INPUTS, /* d_{l-1} */
    IPD_SIDE_SAMPLES /* of the batch */
} ipd_side;

typedef enum ipd_layers { IPD_LAYERS_ALL, IPD_LAYERS_HIDDEN, IPD_LAYERS_LAST } ipd_layers;

/* A variable that the definition adds. A variable by sample (cols: samples) starts at `start` in
 * every batch. */
typedef struct ipd_written_variable {
    char name[16];
    ipd_side rows, cols;
    ipd_layers layers;
    float start;
} ipd_written_variable;

struct ipd_written_state;

/* A block that is being audited: its variables, before and after the update, and hat with its
 * weight. */
typedef struct ipd_audited {
    char name[16];
    ipd_matrix *now, old, new, hat;
    double weight; /* 0: no proximal term */
    int skipped;   /* 1: the definition says that it is not minimised */
} ipd_audited;
typedef struct ipd_written_audit {
    ipd_block block;
    int count;
    ipd_audited of[2];
} ipd_written_audit;

/* A definition. It never changes and lives as long as the process. */
typedef struct ipd_written {
    const char *text;              /* the whole definition, which files carry */
    const char *source;            /* where the method comes from; "": not stated */
    int z, a;                      /* 1: used; a = 2: with a_L */
    int keeps_z, keeps_W, keeps_a; /* 1: with previous iterates, W with b */
    int full_batch;                /* 1: mini-batches are refused */
    int starts; /* 1: call update with block {0} after the forward pass of each batch */
    /* Names of the parts of the objective for which records have no field: they become metrics. In
     * the form of ipd_record.metric_names. */
    char parts[IPD_MAX_METRICS * IPD_METRIC_NAME + 1];
    int own_count;
    ipd_written_variable own[IPD_WRITTEN_OWN];
    /* Starts the interpreter for a state, which outlives it; NULL and *e on failure. Any thread;
     * the functions below on the thread that advances the state. */
    void *(*open)(const ipd_method *method, struct ipd_written_state *state, ipd_error *e);
    /* Computes a block and calls ipd_written_commit, or fails before that: with IPD_ECALLBACK if
     * the definition is wrong, with IPD_EINTERRUPT if the user stops it. */
    int (*update)(void *interpreter, ipd_block block, ipd_error *e);
    /* Sets the fields of the objective over the samples at hand. Errors as above. */
    int (*measure)(void *interpreter, ipd_record *r, ipd_error *e);
    char exact[8]; /* kinds of blocks that minimise the objective, for the audit */
    /* Fills in hat and weight of the variables in *audit, before the block's update. */
    int (*around)(void *interpreter, ipd_block block, ipd_written_audit *audit, ipd_error *e);
    void (*close)(void *interpreter); /* accepts NULL */
} ipd_written;

/* A variable before a move that may be undone. copy: its previous iterate or, if it keeps none, its
 * value. */
typedef struct ipd_written_kept {
    ipd_matrix *now, *old, copy;
} ipd_written_kept;

typedef struct ipd_written_state {
    const ipd_method *method;
    const ipd_written *written;
    void *interpreter;
    ipd_network net;
    ipd_parameters par;
    ipd_batches samples;
    ipd_variables v;
    ipd_matrix own[IPD_WRITTEN_OWN][IPD_MAX_LAYERS + 1];
    ipd_average average;
    size_t size, inner; /* of this iteration, as in sweep.h */
    int k, batch, batches, sweep, loaded, done;
    ipd_block visited[IPD_MAX_BLOCKS]; /* in this sweep */
    int visits;
    double rho, share; /* in force; samples at hand, as a fraction of all */
    ipd_record sums;   /* the objective, summed over the batches so far */
    size_t correct;
    double step[4][IPD_MAX_LAYERS + 1]; /* norms of the last steps of W, b, z, a */
    char finding[IPD_FINDING_TEXT];     /* of the last block that had one */
    uint64_t flops;
    int keeps, kept_count; /* keeps: moves of this block may be undone; entries of `kept` */
    ipd_written_kept kept[IPD_WRITTEN_MOVES];
    double audited;  /* the objective of exact blocks; set by measure; NaN: phi */
    int not_finite;  /* 1: a move of this block had a value that is not finite */
    double *by_tile; /* sums of a move, for 2 * tiles */
    size_t tiles;
} ipd_written_state;

/* The present value of a variable: "W", "b", "z", "a", "z_old", ..., "X", "Y" or one that the
 * definition adds. NULL if there is none in this layer. The pointer stays valid; shape and data
 * change with the batch. */
ipd_matrix *ipd_written_find(ipd_written_state *s, const char *name, int layer);
/* p_l of the newest values. The definition must use a. NULL and *e if memory runs out. */
const ipd_matrix *ipd_written_product(ipd_written_state *s, int l, ipd_error *e);

/* A new value, borrowed during the call. */
typedef struct ipd_written_move {
    const char *name; /* "W" */
    int layer;
    const ipd_matrix *value;
} ipd_written_move;
/* Makes the moves of a block. If a variable does not exist or a shape is wrong, fails with
 * IPD_ECALLBACK and changes nothing. Values that are not finite set not_finite. */
int ipd_written_commit(ipd_written_state *s, const ipd_written_move *moves, int count,
                       ipd_error *e);

/* Loads the samples of the next block, unless they are loaded, so that z and a can be written. */
int ipd_written_begin(void *state, ipd_error *e);
/* ipd_method.check of all methods from files. */
int ipd_written_check(const ipd_method *method, const ipd_parameters *p, ipd_error *e);

/* Fills in a method's functions. The definition must live as long as the method. */
void ipd_written_fill(ipd_method *method, const ipd_written *written);

/* Called between the steps of a block; returns 1 if the run of the calling thread must stop. NULL:
 * the run is never stopped within a block. */
extern _Thread_local int (*ipd_written_stopped)(void *context);
extern _Thread_local void *ipd_written_stopped_by;

#endif
