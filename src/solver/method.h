/* method.h - what a training method is: one table of functions in one file.
 *
 * The caller owns the loop: open, then advance by one unit of work (a block update; for the
 * classical optimizers a mini-batch) as often as wanted, finish at each iteration's end, close.
 * No clocks, files or threads of its own in here.
 */
#ifndef IPD_SOLVER_METHOD_H
#define IPD_SOLVER_METHOD_H

#include "base/archive.h"
#include "net/regularizer.h"
#include "solver/order.h"
#include "solver/record.h"
#include "solver/schedule.h"
#include "solver/variables.h"

/* The numbers of the classical optimizers, by PyTorch's names but where those are taken. All hold
 * from the next mini-batch on. */
typedef struct ipd_optimizer_parameters {
    double lr;           /* step size; in force: times the factor of lr_schedule */
    double momentum;     /* sgd, rmsprop */
    int nesterov;        /* sgd: 1 looks ahead along the momentum */
    double beta1, beta2; /* adam, amsgrad, adamax: decay of the mean gradient, of its size */
    double smoothing;    /* rmsprop: decay of the mean square (PyTorch's alpha) */
    double decay;        /* adadelta: decay of the mean squares (PyTorch's rho) */
    double eps;          /* added to a divisor */
    ipd_schedule_kind lr_schedule; /* over ipd_parameters.length */
    double weight_decay;           /* decoupled: w := (1 - lr weight_decay) w, before the rule */
} ipd_optimizer_parameters;

/* The numbers of relaxed_am, by the names of its settings; beta, rho and its growth are those of Algorithm 1. All hold
 * from the next block on, shrink from the next batch. */
typedef struct ipd_relaxed_parameters {
    double damping[IPD_MAX_LAYERS + 1]; /* c_l, l = 1 ... L, > 0 */
    double kappa;                       /* weight that holds a back, > 0 */
    double bias_share;                  /* > 0 */
    double relax_a, relax_z;            /* 0 < omega < 2 */
    double relax_cap;                   /* at most, by_norm */
    double shrink;                      /* of W^, 0 <= shrink < 1 */
    int by_norm; /* 1: omega such that errors keep their root mean square from layer to layer */
} ipd_relaxed_parameters;

/* The numbers of Algorithm 1. All may change between two units of work: alpha, beta, gamma, delta
 * and rho hold from the next block on, a new order rearranges the blocks not yet visited in this
 * sweep, batch, inner and shuffle hold from the next iteration on. */
typedef struct ipd_parameters {
    double alpha, beta, gamma; /* inertia of z, of W and b, of a; >= 0 */
    double delta;              /* proximal weight, >= 0 */
    double rho;                /* penalty; in force, but for IPD_RHO_ANNEAL */
    double theta, rho_max;     /* rho := min(theta rho, rho_max) at an iteration's end */
    ipd_rho_schedule schedule; /* or what stands for that; from the next iteration on */
    int length;                /* iterations of the whole run, for schedules that end; 0: unknown */
    ipd_order order;
    ipd_penalty penalty[IPD_MAX_LAYERS + 1]; /* R_l, l = 1 ... L */
    int spectrum;                            /* 1: eigenvalues of the Gram matrices, see record.h */
    int metrics_every;           /* forward passes for accuracies only where it divides k; 0 is 1 */
    size_t metrics_samples;      /* at most so many of a set's samples in these; 0: all */
    int bias_mean;               /* b_l from the mean over samples, not their sum */
    char frozen[IPD_MAX_BLOCKS]; /* by ipd_block_index: visited and left as it is */
    size_t batch;                /* samples per mini-batch; 0 = full batch */
    int inner;                   /* sweeps per mini-batch */
    int shuffle;                 /* 1: mini-batches of newly shuffled samples every epoch */
    uint64_t seed;               /* of the shuffling */
    double average_weights;      /* w of average.h; 0: none */
    int audit; /* 1: every block is looked at again after its update: see audit.h */
    int first; /* number of the first iteration; 0 is taken as 1 */
    ipd_optimizer_parameters optimizer;
    ipd_relaxed_parameters relaxed;
} ipd_parameters;

/* 1 if the record of iteration k has accuracies, forward loss and forward gap; else they
 * are NaN. Any thread. */
int ipd_metrics_due(const ipd_parameters *p, int k);
/* Every how many-th of N samples they are found on: 1 is all. Any thread. */
size_t ipd_metrics_step(const ipd_parameters *p, size_t N);

/* Where a method stands: the unit of work that comes next. */
typedef struct ipd_place {
    int iteration;   /* 1, 2, ... */
    int batch;       /* 1, 2, ... ; 1 in full batch */
    int batches;     /* in this iteration */
    int sweep;       /* 1 ... inner, within the batch */
    ipd_block block; /* IPD_NO_BLOCK: the iteration's blocks are all done, finish comes next;
                        IPD_STEP: a gradient step on the whole batch, by methods without blocks */
} ipd_place;

/* What one unit of work did. */
typedef struct ipd_unit {
    ipd_place at;        /* where it was */
    double phi;          /* after it, over the samples at hand; of a gradient step: the batch's loss
                           before it, a mean over samples */
    double change;       /* of phi by this block; NaN of a gradient step */
    int iteration_done;  /* 1: finish must be called before the next advance */
    int not_finite;      /* 1: a value is NaN or infinite after this block */
    const char *finding; /* of the audit, one sentence, or NULL; good until the next advance */
} ipd_unit;

struct ipd_blocks; /* sweep.h */
struct ipd_rule;   /* optimizer.h */

typedef struct ipd_method {
    const char *name;    /* "ipdlam" */
    const char *summary; /* one line for help */
    const char *advice;  /* what to try where it diverged: "a smaller lr" */
    double lr, eps;      /* what lr and eps are where nothing is said; 0 where it uses none */
    /* Names of settings, by blanks: those that have an effect with it, and those whose effect it refuses to be without. What no
     * method names in `uses` is used by all; what stands for others (inertia) goes with them. */
    const char *uses, *refuses;
    /* The preset from which a change to this method takes inertia, proximal weight and penalty, and the settings named in
     * `takes`; NULL: they stay, or are those of the preset in force where the method before has its own. */
    const char *preset, *takes;
    /* Fills in the visits of one sweep over L layers, where the order is one by name. This alone says what a sweep is:
     * steps, runs, replays and the screen take the visits from here. NULL for methods without blocks. */
    void (*sweep)(ipd_order *order, int L);
    const struct ipd_blocks *blocks; /* how its blocks move; NULL for methods without blocks */
    const struct ipd_rule *rule;     /* of the classical optimizers, see optimizer.h; else NULL */
    /* What it asks of parameters together, for L layers and the activations sigma[1 ... L-1]: -1 and a sentence where they do
     * not do. NULL: nothing. */
    int (*check)(const ipd_parameters *p, int L, const ipd_activation *const *sigma, ipd_error *e);
    /* Starts training `initial` (copied) on `problem` (borrowed, must outlive the state).
     * Returns the state, or NULL and *e. */
    void *(*open)(const struct ipd_method *self, const ipd_problem *problem,
                  const ipd_network *initial, const ipd_parameters *parameters, ipd_error *e);
    /* One unit of work. -1 and *e where it cannot be done; the state is as before it. A value
     * that is not finite is no error: unit->not_finite says so. */
    int (*advance)(void *state, ipd_unit *unit, ipd_error *e);
    /* Ends an iteration: fills the record (all but seconds and test_accuracy) and moves on. */
    int (*finish)(void *state, ipd_record *record, ipd_error *e);
    /* Takes new parameters, with the rules above. Checks nothing: see ipd_settings_check. */
    void (*set)(void *state, const ipd_parameters *parameters);
    const ipd_parameters *(*parameters)(const void *state);
    ipd_place (*place)(const void *state);
    const ipd_network *(*network)(const void *state); /* newest W and b */
    /* The mean of the weights, see average.h; NULL where none is kept. */
    const ipd_network *(*averaged)(const void *state);
    /* Bytes that open will need for its large arrays, for the message before it starts. */
    double (*memory)(const ipd_network *net, size_t N, size_t batch);
    /* z, a and the rest, for checks and views; NULL for methods that have none: those without
     * blocks. */
    const ipd_variables *(*variables)(const void *state);
    /* Names every value that lasts, between two units of work: writes them to `archive`, or, where that is
     * being read, sets them. Then the state goes on to the same bits as the one that was written. It is read
     * into a state just opened on the same problem and widths with the parameters that were in force, which are not in the
     * archive but for rho; on failure (-1 and *e: an archive of another method or shape, or one that makes no
     * sense) that state is only good to be closed. */
    int (*transfer)(void *state, ipd_archive *archive, ipd_error *e);
    void (*close)(void *state); /* takes NULL */
} ipd_method;

extern const ipd_method ipd_method_ipdlam, ipd_method_bcd, ipd_method_relaxed_am;

/* ipd_method.sweep of Algorithm 1, which bcd has too. */
void ipd_ipdlam_sweep(ipd_order *order, int L);

/* 1 if its `uses` names the setting. Any thread. */
int ipd_method_uses(const ipd_method *method, const char *setting);

/* Reads an order and has the method enumerate its visits. */
int ipd_method_order(const ipd_method *method, ipd_order *order, const char *text, int L,
                     ipd_error *e);

/* "iteration 141, before W3" (", batch 7 of 118" in mini-batches). */
void ipd_place_text(const ipd_place *place, char *to, size_t size);

#endif
