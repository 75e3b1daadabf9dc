/* method.h - a training method: one table of functions in one file.
 *
 * The caller owns the loop: open; advance by one unit of work (a block update, or a mini-batch of a
 * classical optimizer) as often as wanted; finish at each iteration's end; close. Methods have no
 * clocks, files or threads of their own.
 */
#ifndef IPD_SOLVER_METHOD_H
#define IPD_SOLVER_METHOD_H

#include "base/archive.h"
#include "net/regularizer.h"
#include "solver/order.h"
#include "solver/record.h"
#include "solver/schedule.h"
#include "solver/variables.h"

/* The parameters of the classical optimizers, with PyTorch's names unless these are taken. Changes
 * hold from the next mini-batch on. */
typedef struct ipd_optimizer_parameters {
    double lr;           /* step size; in force: times the factor of lr_schedule */
    double momentum;     /* sgd, rmsprop */
    int nesterov;        /* 1: Nesterov's momentum (sgd) */
    double beta1, beta2; /* adam, amsgrad, adamax: decay of the mean gradient, of its size */
    double smoothing;    /* rmsprop: decay of the mean square (PyTorch's alpha) */
    double decay;        /* adadelta: decay of the mean squares (PyTorch's rho) */
    double eps;          /* added to a divisor */
    ipd_schedule_kind lr_schedule; /* over ipd_parameters.length */
    double weight_decay;           /* decoupled: w := (1 - lr weight_decay) w, before the rule */
} ipd_optimizer_parameters;

/* The parameters of relaxed_am, named like its settings; beta, rho and its growth are those of
 * Algorithm 1. Changes hold from the next block on, shrink from the next batch. */
typedef struct ipd_relaxed_parameters {
    double damping[IPD_MAX_LAYERS + 1]; /* c_l, l = 1 ... L, > 0 */
    double kappa;                       /* proximal weight of a, > 0 */
    double bias_share;                  /* > 0 */
    double relax_a, relax_z;            /* 0 < omega < 2 */
    double relax_cap;                   /* upper bound, with by_norm */
    double shrink;                      /* factor of W^ is 1 - shrink; 0 <= shrink < 1 */
    int by_norm; /* 1: choose omega so that errors keep their RMS from layer to layer */
} ipd_relaxed_parameters;

/* A setting that a method from a file adds: a number. */
enum { IPD_OWN_SETTINGS = 48 };
typedef struct ipd_own_setting {
    char name[24], symbol[16], help[200];
    char shown[280]; /* help with default and range */
    double start, min, max;
    int whole; /* 1: a whole number */
    int slot;  /* in ipd_parameters.own: one of each name in the process */
} ipd_own_setting;

/* The parameters of Algorithm 1. All may change between two units of work: alpha, beta, gamma,
 * delta and rho hold from the next block on, a new order rearranges the blocks not yet visited in
 * this sweep, batch, inner and shuffle hold from the next iteration on. */
typedef struct ipd_parameters {
    double alpha, beta, gamma; /* inertia of z, of W and b, of a; >= 0 */
    double delta;              /* proximal weight, >= 0 */
    double rho;                /* penalty in force, except with IPD_RHO_ANNEAL */
    double theta, rho_max;     /* rho := min(theta rho, rho_max) at an iteration's end, */
    ipd_rho_schedule schedule; /* or this schedule, from the next iteration on */
    int length;                /* iterations of the whole run, for schedules that end; 0: unknown */
    ipd_order order;
    ipd_penalty penalty[IPD_MAX_LAYERS + 1]; /* R_l, l = 1 ... L */
    int spectrum;                            /* 1: eigenvalues of the Gram matrices, see record.h */
    int metrics_every;           /* measure accuracies only if it divides k; 0 means 1 */
    size_t metrics_samples;      /* maximum of samples of a set for accuracies; 0: all */
    int bias_mean;               /* 1: b_l from the mean over samples instead of their sum */
    char frozen[IPD_MAX_BLOCKS]; /* by ipd_block_index: 1: visited but not updated */
    size_t batch;                /* samples per mini-batch; 0 = full batch */
    int inner;                   /* sweeps per mini-batch */
    int shuffle;                 /* 1: shuffle the samples for every epoch of mini-batches */
    size_t shuffle_space;        /* MiB of samples shuffled as a whole, see batches.h; 0: 1024 */
    uint64_t seed;               /* of the shuffling */
    double average_weights;      /* w of average.h; 0: none */
    int audit;                   /* 1: audit every block after its update: see audit.h */
    int first;                   /* number of the first iteration; 0 means 1 */
    ipd_optimizer_parameters optimizer;
    ipd_relaxed_parameters relaxed;
    double own[IPD_OWN_SETTINGS]; /* of methods from files, by slot */
} ipd_parameters;

/* 1 if the record of iteration k has accuracies, forward loss and forward gap; otherwise they are
 * NaN. Any thread. */
int ipd_metrics_due(const ipd_parameters *p, int k);
/* Stride of the samples of N that accuracies are measured on: 1 is all. Any thread. */
size_t ipd_metrics_step(const ipd_parameters *p, size_t N);

/* The place of a method in its iteration: its next unit of work. */
typedef struct ipd_place {
    int iteration; /* 1, 2, ... */
    int batch;     /* 1, 2, ... ; 1 in full batch */
    int batches;   /* in this iteration */
    int sweep;     /* 1 ... inner, within the batch */
    /* IPD_NO_BLOCK: all blocks of the iteration are done, finish is next; IPD_STEP: a gradient step
     * on the whole batch, by methods without blocks */
    ipd_block block;
} ipd_place;

/* The result of one unit of work. */
typedef struct ipd_unit {
    ipd_place at; /* its place */
    /* after it, over the samples at hand; for a gradient step: mean loss of the batch, before it */
    double phi;
    double change;      /* change of phi by this block; NaN for a gradient step */
    int iteration_done; /* 1: call finish before the next advance */
    int not_finite;     /* 1: a value is NaN or infinite after this block */
    /* finding of the audit, one sentence, or NULL; valid until the next advance */
    const char *finding;
} ipd_unit;

struct ipd_blocks;  /* sweep.h */
struct ipd_rule;    /* optimizer.h */
struct ipd_written; /* written.h */

typedef struct ipd_method {
    const char *name;    /* "ipdlam" */
    const char *summary; /* one line for help */
    const char *advice;  /* advice after divergence: "a smaller lr" */
    double lr, eps;      /* default lr and eps; 0 if not used */
    /* Names of settings, separated by spaces: those that have an effect with this method, and those
     * without effect that it refuses instead of ignoring. A setting that no method names in `uses`
     * is used by all; an alias (inertia) counts as its settings. */
    const char *uses, *refuses;
    const ipd_own_setting *own; /* of methods from files; ends with an empty name; or NULL */
    /* The preset whose inertia, proximal weight, penalty and settings named in `takes` are adopted
     * when a run changes to this method. NULL: they stay, or, if the previous method had its own,
     * come from the preset in force. */
    const char *preset, *takes;
    /* Lists the visits of one sweep over L layers, if the order is given by name. This is the only
     * definition of a sweep: steps, runs, replays and the screen use it. NULL for methods without
     * blocks. */
    void (*sweep)(ipd_order *order, int L);
    /* In place of `sweep`, for methods from files: element o * IPD_MAX_LAYERS + L - 1 is order o
     * for L layers; its count is 0 if there is no such order. */
    const ipd_order *visits;
    const struct ipd_blocks *blocks;   /* how its blocks move; NULL for methods without blocks */
    const struct ipd_written *written; /* of methods from files, see written.h; otherwise NULL */
    const struct ipd_rule *rule; /* of the classical optimizers, see optimizer.h; otherwise NULL */
    /* Checks combinations of parameters, for L layers and the activations sigma[1 ... L-1]: -1 and
     * an error if they are not allowed. NULL: no check. */
    int (*check)(const ipd_parameters *p, int L, const ipd_activation *const *sigma, ipd_error *e);
    /* Starts training `initial` (copied) on `problem` (borrowed, must outlive the state).
     * Returns the state, or NULL and *e. */
    void *(*open)(const struct ipd_method *self, const ipd_problem *problem,
                  const ipd_network *initial, const ipd_parameters *parameters, ipd_error *e);
    /* Does one unit of work. -1 and *e on failure; the state is then unchanged. A value that is not
     * finite is no error: unit->not_finite reports it. */
    int (*advance)(void *state, ipd_unit *unit, ipd_error *e);
    /* Ends an iteration: fills the record (all but seconds and test_accuracy) and moves on. */
    int (*finish)(void *state, ipd_record *record, ipd_error *e);
    /* Fills a record as if the iteration ended after the mini-batches done so far. Sums over
     * samples are scaled up to all samples; the forward loss is that of the last batch before its
     * update; samples, batches and gflop count what is done. Values that would have to be computed
     * are NaN. Returns 1, or 0 if no mini-batch of the iteration is done. */
    int (*so_far)(const void *state, ipd_record *record);
    /* Sets new parameters, by the rules above. Checks nothing: see ipd_settings_check. */
    void (*set)(void *state, const ipd_parameters *parameters);
    const ipd_parameters *(*parameters)(const void *state);
    ipd_place (*place)(const void *state);
    const ipd_network *(*network)(const void *state); /* newest W and b */
    /* The mean of the weights, see average.h; NULL if none is kept. */
    const ipd_network *(*averaged)(const void *state);
    /* Bytes of the large arrays that open will allocate, for the message before it starts. */
    double (*memory)(const ipd_network *net, size_t N, size_t batch);
    /* z, a and the rest, for checks and views; NULL for methods without blocks. */
    const ipd_variables *(*variables)(const void *state);
    /* Sets W, b, z or a of a layer to a matrix of its shape, which is copied. The variable's
     * previous iterate becomes the same, so that inertia does not prolong the change. Fails,
     * without a change, if the method has no such variable or would overwrite the value in the next
     * block, if the shape is wrong, or if an element is not finite. Call it between two units of
     * work, but not at an iteration's end. */
    int (*write)(void *state, ipd_variable x, const ipd_matrix *value, ipd_error *e);
    /* Lists every value that lasts between two units of work: writes them to `archive`, or sets
     * them if it is being read. The state then continues with the same bits as the one that was
     * written. Reading needs a state just opened on the same problem and widths with the parameters
     * that were in force, of which the archive holds only rho. On failure (-1 and *e: another
     * method or shape, or invalid values) that state may only be closed. */
    int (*transfer)(void *state, ipd_archive *archive, ipd_error *e);
    void (*close)(void *state); /* accepts NULL */
} ipd_method;

extern const ipd_method ipd_method_ipdlam, ipd_method_bcd, ipd_method_relaxed_am;

/* ipd_method.sweep of Algorithm 1; bcd uses it too. */
void ipd_ipdlam_sweep(ipd_order *order, int L);

/* 1 if `uses` contains the setting. Any thread. */
int ipd_method_uses(const ipd_method *method, const char *setting);

/* Lists the visits of the order by name; none if the method has no such order. */
void ipd_method_visits(const ipd_method *method, ipd_order *order, int L);

/* Parses an order and lets the method list its visits. */
int ipd_method_order(const ipd_method *method, ipd_order *order, const char *text, int L,
                     ipd_error *e);

/* Whether the places are the same; `batches` is not compared. */
int ipd_place_is_same(const ipd_place *a, const ipd_place *b);
/* "iteration 141, before W3" (", batch 7 of 118" in mini-batches). */
void ipd_place_text(const ipd_place *place, char *to, size_t size);

#endif
