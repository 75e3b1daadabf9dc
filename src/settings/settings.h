/* settings.h - the settings of a run, in one table for the command line, Lua, JSON, the history,
 * completion and the man pages. */
#ifndef IPD_SETTINGS_SETTINGS_H
#define IPD_SETTINGS_SETTINGS_H

#include "optim/methods.h"

#include <stdio.h>

typedef struct ipd_settings {
    char preset[24]; /* gave the initial values of the others */
    char method[IPD_METHOD_NAME];
    char activation[256]; /* one for all hidden layers, or one per layer: "relu,tanh" */
    char loss[32];
    char regularizer[256], lambda[512]; /* of the weights: one for all layers, or one per layer */
    double l1_ratio;                    /* of an elastic net: 0 is ridge, 1 is lasso */
    char bias_step[8];                  /* "sum" or "mean" */
    char freeze[512];                   /* blocks that are not updated, separated by spaces */
    char order[512];                    /* a name, or blocks separated by spaces */
    double alpha, beta, gamma, delta;
    double rho;                 /* the present value; before the start: the initial one */
    double rho_growth, rho_max; /* theta, rho-bar */
    char rho_schedule[512];     /* a name of ipd_rho_schedule_names, or a form, see schedule.h */
    char schedule[512];         /* of other settings, see schedule.h; "": none */
    long length;                /* iterations of the whole run, for schedules; 0: unknown */
    long batch, inner;          /* batch: -1 = the preset's choice for the data set */
    int shuffle;
    long shuffle_space;   /* MiB of training samples that are shuffled as a whole */
    int spectrum;         /* 1: eigenvalues of the Gram matrices at every iteration's end */
    long metrics_samples; /* maximum samples of each set for accuracies; 0: all */
    int recall;           /* 1: records have the recall of each class */
    long metrics_every;   /* iterations between two computations of the accuracies */
    char lr_schedule[16]; /* see ipd_schedule_names */
    double lr, eps;       /* of the classical optimizers; -1: the method's default */
    double momentum, beta1, beta2, smoothing, decay, weight_decay;
    int nesterov;
    char damping[512]; /* relaxed_am: one for all hidden layers, one per layer, or "auto" */
    double damping_last, kappa, bias_share, relax_a, relax_z, relax_cap, shrink;
    char relax[8];          /* "fixed" or "norm" */
    double average_weights; /* weight of the newest W and b in their running mean; 0: no mean */
    int audit;
    long seed;
    char init[8]; /* "normal": W ~ N(0, init_scale^2); "he": W_l ~ N(0, v/d_{l-1}) with v = 2, */
    double init_scale, init_last; /* in the last layer v = init_last */
    double init_bias;
    double own[IPD_OWN_SETTINGS]; /* of methods from files, by slot */
} ipd_settings;

typedef enum ipd_setting_kind {
    IPD_SET_NUMBER,   /* double */
    IPD_SET_COUNT,    /* long */
    IPD_SET_SWITCH,   /* int: true, false */
    IPD_SET_CHOICE,   /* char[]: one of choices() */
    IPD_SET_ORDER,    /* char[]: an order's name or a list of blocks */
    IPD_SET_CHOICES,  /* char[]: choices(), one for all layers or one per layer, with commas */
    IPD_SET_NUMBERS,  /* char[]: numbers in the same way, or one of choices() */
    IPD_SET_BLOCKS,   /* char[]: blocks separated by spaces; may be empty */
    IPD_SET_SCHEDULE, /* char[]: one of choices(), or steps: "1:1,20:5" */
    IPD_SET_SCHEDULES /* char[]: see schedule.h; may be empty */
} ipd_setting_kind;

typedef enum ipd_setting_when {
    IPD_AT_START,    /* fixed for the whole run */
    IPD_AT_BLOCK,    /* a change takes effect at the next block */
    IPD_AT_ITERATION /* at the next iteration */
} ipd_setting_when;

typedef struct ipd_setting {
    const char *name;   /* "rho_growth": Lua, JSON, history; the option is --rho-growth */
    const char *symbol; /* the paper's letter, or NULL */
    const char *help;   /* one line */
    ipd_setting_kind kind;
    ipd_setting_when when;
    size_t offset, size; /* in ipd_settings */
    double min, max;     /* range of numbers and counts */
    int open_min;        /* 1: the value must be greater than min */
    const char *const *(*choices)(void);
    const char *const
        *alias; /* settings that this one sets, ending with NULL; NULL for an ordinary setting */
    int later;  /* 1: missing in files written by version 0.1.0 */
    int own;    /* 1: exists only for methods from files */
    int may_be_unset; /* 1: -1 means unset: the data set or the method decides */
} ipd_setting;

/* All settings in the order of the man page, ending with a NULL name. "inertia" sets alpha, beta
 * and gamma (its offset is alpha's); "rho_init" sets rho before the start; "preset" sets
 * everything. */
extern ipd_setting ipd_settings_table[];
/* Adds a row for each setting of a method from a file and sets its slot. A row lives as long as the
 * process. Methods that have a setting of the same name share its row, but each has its own range
 * and default. Fails for the name of a built-in setting, or if there are too many. Main thread, or
 * before a run's worker starts. */
int ipd_settings_add_own(ipd_own_setting *own, ipd_error *e);
/* Returns 0 if only methods from files have the setting, and the method of *s does not have it;
 * else 1. */
int ipd_setting_exists(const ipd_settings *s, const ipd_setting *setting);
const ipd_setting *ipd_setting_find(const char *name);
/* Returns 1 if the value, as ipd_settings_get writes it, is text rather than a number, true or
 * false. A list of one number is a number. */
int ipd_setting_is_text(const ipd_setting *s, const char *value);

/* Returns 1 if x means that the setting is unset, so that it is not shown. */
int ipd_setting_is_unset(const ipd_setting *s, double x);

/* If several settings are given in any order, those of rank 0 are set first, then those of rank 1,
 * and so on. */
enum { IPD_SETTING_RANKS = 4 };
int ipd_setting_rank(const char *name);
/* Returns 1 for the names that a run's initial settings are stored under: rho_init but not rho;
 * alpha, beta and gamma but not inertia. */
int ipd_setting_is_first(const ipd_setting *s);

/* A choice that the source of a preset leaves open, and the choice of this program; plain text. */
typedef struct ipd_choice {
    const char *what, *source, *here;
} ipd_choice;

typedef struct ipd_preset {
    const char *name, *summary, *source;
    const ipd_choice *choices[6]; /* several lists, each ending with a NULL `what`; then NULL */
    ipd_settings settings;
} ipd_preset;
extern const ipd_preset ipd_presets[]; /* ends with a NULL name */
const char *const *ipd_preset_names(void);
const ipd_preset *ipd_preset_find(const char *name); /* or NULL */
/* Choice 0, 1, ... of all lists together; NULL after the last one. */
const ipd_choice *ipd_preset_choice(const ipd_preset *p, int index);
/* How Phi, the paper's FV, is shown: as "sum" or as "mean" over the samples. */
const char *ipd_preset_objective(const ipd_preset *p);

/* The preset `default`. */
void ipd_settings_init(ipd_settings *s);

/* Sets one setting from text. For a number the text may be the form of a schedule (schedule.h),
 * which enters the setting `schedule`; a number ends the setting's schedule. Fails for an unknown
 * name, naming the nearest known one, and for a value out of range, naming the range.
 *
 * "preset" and "method" overwrite other settings, so set them first: see ipd_setting_rank. A method
 * with its own preset takes inertia, delta, the schedule of rho and others from there. A change
 * from such a method to another one restores those of the current preset. */
int ipd_settings_set(ipd_settings *s, const char *name, const char *value, ipd_error *e);
/* Writes a setting's value as text that ipd_settings_set reads back to the same bits.
 * IPD_SETTING_TEXT bytes suffice. */
enum { IPD_SETTING_TEXT = 512 };
void ipd_settings_get(const ipd_settings *s, const ipd_setting *setting, char *to, size_t size);

/* Writes a value as JSON: a number, true or false, or a string; a list of numbers is an array; an
 * unset value is null. */
void ipd_setting_json(FILE *to, const ipd_setting *setting, const char *value);

/* Replaces batch = -1 by the preset's value for the data set, and limits it to N samples. */
void ipd_settings_resolve_batch(ipd_settings *s, const char *dataset_name, size_t N);

/* Replaces values that depend on the data set (batch = -1), the method (lr, eps = -1) and the depth
 * (order), and checks all settings together. */
int ipd_settings_check(ipd_settings *s, int L, const char *dataset_name, size_t N, ipd_error *e);
/* Returns 1 if two lists have the same value for every layer; a single item is the value of all
 * layers. */
int ipd_settings_same_list(const char *a, const char *b);

/* Returns 1 if the method uses the setting: it names the setting, or no method does. */
int ipd_settings_use(const ipd_settings *s, const ipd_setting *setting);
/* Returns 1 if the setting has no effect on a run with these settings, and writes a sentence to
 * `why`, such as "delta has no effect: adam does not use it". Returns 0 if it has an effect, or if
 * its value turns it off anyway (momentum = 0). has_weights: 1 if the initial weights are given. */
int ipd_settings_unused(const ipd_settings *s, const char *name, int has_weights, char *why,
                        size_t size);

/* Convert to and from the solver's parameters. The settings must have passed ipd_settings_check for
 * L layers. */
int ipd_settings_parameters(const ipd_settings *s, int L, ipd_parameters *p, ipd_error *e);
void ipd_settings_from_parameters(ipd_settings *s, const ipd_parameters *p);

typedef union ipd_value {
    double number;               /* IPD_SET_NUMBER */
    long count;                  /* IPD_SET_COUNT */
    int on;                      /* IPD_SET_SWITCH */
    char text[IPD_SETTING_TEXT]; /* other kinds */
} ipd_value;
/* Reads a value from text and checks its range; fails like ipd_settings_set. */
int ipd_value_read(const ipd_setting *setting, const char *text, ipd_value *value, ipd_error *e);
/* Writes text that ipd_value_read reads back to the same value, at most IPD_SETTING_TEXT bytes. */
void ipd_value_text(const ipd_setting *setting, const ipd_value *value, char *to, size_t size);
/* Writes the range of a number: "0 to 1", "more than 0 to 1e+30". */
void ipd_setting_range(const ipd_setting *setting, char *to, size_t size);
/* Returns 1 for numbers, counts and switches, whose values are exact as a double; the others are
 * text. */
int ipd_setting_is_number(const ipd_setting *setting);
/* Convert the value of such a setting to a double, and back (-1 and *e if it is out of range). */
double ipd_value_number(const ipd_setting *setting, const ipd_value *value);
int ipd_value_of_number(const ipd_setting *setting, double x, ipd_value *value, ipd_error *e);
/* Gets the present value of a setting that is not an alias. */
void ipd_settings_value(const ipd_settings *s, const ipd_setting *setting, ipd_value *value);
/* Sets one setting to a value that ipd_value_read has checked. */
void ipd_settings_put(ipd_settings *s, const ipd_setting *setting, const ipd_value *value);

/* A change of several settings at once. Each is checked when it is added. */
enum { IPD_MAX_CHANGES = 16 };
typedef struct ipd_change {
    int count;
    struct {
        const ipd_setting *setting;
        ipd_value value;
    } items[IPD_MAX_CHANGES];
} ipd_change;

/* Adds a setting with a value from text. Fails like ipd_settings_set, or if there are too many. */
int ipd_change_add(ipd_change *c, const char *name, const char *value, ipd_error *e);
/* The same for a run with the settings `now`: the form of a schedule, and a number that ends one,
 * also change `schedule`. */
int ipd_change_give(ipd_change *c, const ipd_settings *now, const char *name, const char *value,
                    ipd_error *e);
/* Applies all settings to *s, or none on failure. With `live`, settings that are fixed for the
 * whole run are errors. */
int ipd_change_apply(const ipd_change *c, ipd_settings *s, int live, ipd_error *e);
/* "delta = 0.3, order = nested_reverse" */
void ipd_change_text(const ipd_change *c, char *to, size_t size);

/* The kind of an entry in a run's log: a change of settings, a switch to another method, a note,
 * which changes nothing, or a matrix written to a variable. */
typedef enum ipd_log_kind {
    IPD_LOG_SET,
    IPD_LOG_SWITCH,
    IPD_LOG_OTHER,
    IPD_LOG_WRITE
} ipd_log_kind;
/* Writes an entry as text: "set delta = 0.3", "switch adam: lr = 0.01", the note, or "write W2: 5 x
 * 4, ...". `word` is the method, the note, or what follows "write ". */
void ipd_log_text(ipd_log_kind kind, const char *word, const ipd_change *change, char *to,
                  size_t size);
/* Parses such a text, from the history or from a checkpoint of 0.1.0. Fills in *change, and for a
 * switch the method ("" otherwise). Returns IPD_LOG_OTHER for everything but sets and switches; -1
 * and *e if a set or a switch is invalid. */
int ipd_log_parse(const char *text, char method[IPD_METHOD_NAME], ipd_change *change, ipd_error *e);

#endif
