/* settings.h - everything a run can be told: one table for the command line, Lua, JSON, the
 * history, completion and the man pages.
 */
#ifndef IPD_SETTINGS_SETTINGS_H
#define IPD_SETTINGS_SETTINGS_H

#include "optim/methods.h"

#include <stdio.h>

typedef struct ipd_settings {
    char preset[24]; /* what the others started from */
    char method[16];
    char activation[256]; /* of all hidden layers, or one for each, "relu,tanh" */
    char loss[16];
    char regularizer[256], lambda[512]; /* of the weights: of all layers, or one for each */
    double l1_ratio;                    /* of an elastic net: 0 is ridge, 1 is lasso */
    char bias_step[8];                  /* "sum" or "mean" */
    char freeze[512];                   /* blocks that are left as they are, separated by spaces */
    char order[512]; /* a name, or blocks separated by spaces; text until the depth is known */
    double alpha, beta, gamma, delta;
    double rho;                 /* in force; before the start: the first */
    double rho_growth, rho_max; /* theta, rho-bar */
    char rho_schedule[512];     /* see ipd_rho_schedule_parse */
    long length;       /* iterations of the whole run, for schedules that end; 0: unknown */
    long batch, inner; /* batch: -1 = the preset's choice for the data set */
    int shuffle;
    int spectrum;         /* eigenvalues of the Gram matrices at every iteration's end */
    long metrics_samples; /* at most, of each set, for accuracies; 0: all */
    long metrics_every;   /* iterations from one with accuracies to the next */
    char lr_schedule[16]; /* see ipd_schedule_names */
    double lr, eps;       /* of the classical optimizers; -1 = the method's own */
    double momentum, beta1, beta2, smoothing, decay, weight_decay;
    int nesterov;
    char damping[512]; /* relaxed_am: of the hidden layers, or one for each layer; or "auto" */
    double damping_last, kappa, bias_share, relax_a, relax_z, relax_cap, shrink;
    char relax[8];          /* "fixed" or "norm" */
    double average_weights; /* weight of the latest in their running mean; 0: none is kept */
    int audit;
    long seed;
    char init[8]; /* "normal": W ~ N(0, init_scale^2); "he": W_l ~ N(0, v/d_{l-1}), */
    double init_scale, init_last; /* v = 2, of the last layer init_last */
    double init_bias;
} ipd_settings;

typedef enum ipd_setting_kind {
    IPD_SET_NUMBER,  /* double */
    IPD_SET_COUNT,   /* long */
    IPD_SET_SWITCH,  /* int: true, false */
    IPD_SET_CHOICE,  /* char[]: one of choices() */
    IPD_SET_ORDER,   /* char[]: an order's name or a list of blocks */
    IPD_SET_CHOICES, /* char[]: one of choices() for all layers, or one for each, by commas */
    IPD_SET_NUMBERS, /* char[]: a number for all layers, or one for each, by commas; or one of choices() */
    IPD_SET_BLOCKS,  /* char[]: blocks, by spaces; or nothing */
    IPD_SET_SCHEDULE /* char[]: one of choices(), or steps: "1:1,20:5" */
} ipd_setting_kind;

typedef enum ipd_setting_when {
    IPD_AT_START,    /* fixed once the run is made */
    IPD_AT_BLOCK,    /* from the next block on */
    IPD_AT_ITERATION /* from the next iteration on */
} ipd_setting_when;

typedef struct ipd_setting {
    const char *name;   /* "rho_growth": Lua, JSON, history; the option is --rho-growth */
    const char *symbol; /* the paper's letter, or NULL */
    const char *help;   /* one line */
    ipd_setting_kind kind;
    ipd_setting_when when;
    size_t offset, size; /* in ipd_settings */
    double min, max;     /* range of numbers and counts */
    int open_min;        /* 1: more than `min`, not equal */
    const char *const *(*choices)(void);
    const char *const
        *alias; /* the settings that it stands for, up to a NULL; NULL: it stands for itself */
    int later;  /* 1: version 0.1.0 did not have it; what it wrote lacks it */
    int may_be_unset; /* 1: -1 leaves it to the data or to the method */
} ipd_setting;

/* All settings in the order of the man page, ending with a NULL name. "inertia" is one of them:
 * setting it sets alpha, beta and gamma (its offset is alpha's). So are "rho_init" (rho before the
 * start) and "preset" (sets everything the preset says). */
extern const ipd_setting ipd_settings_table[];
const ipd_setting *ipd_setting_find(const char *name);
/* 1 where the value, as ipd_settings_get writes it, is text and no number or truth value; of a list of numbers: unless it is one. */
int ipd_setting_is_text(const ipd_setting *s, const char *value);

/* 1 where the number says that it is left to the data or to the method, which may have none. It is shown as nothing. */
int ipd_setting_is_unset(const ipd_setting *s, double x);

/* When to set it where several are given in any order: 0 (first), 1 or 2. */
enum { IPD_SETTING_RANKS = 3 };
int ipd_setting_rank(const char *name);
/* 1 for the names under which a run's first settings are kept, each once: rho_init for rho, alpha, beta and gamma for inertia. */
int ipd_setting_is_first(const ipd_setting *s);

/* What a source leaves open, and what this program does; plain text. */
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
/* All that its source leaves open, 0, 1, ...; NULL at the end. */
const ipd_choice *ipd_preset_choice(const ipd_preset *p, int index);
/* How Phi is shown, the paper's FV: "sum" over the samples, or "mean". */
const char *ipd_preset_objective(const ipd_preset *p);

/* The preset `default`. */
void ipd_settings_init(ipd_settings *s);

/* Sets one setting from text. Unknown names are errors that name the nearest known one; so are
 * values out of range, with the range. "preset" and then "method" must be given before the settings they
 * would overwrite: see ipd_setting_rank. "method" overwrites inertia, delta and rho's schedule where it
 * goes to or from bcd, which has its own: those of the preset bcd, or of the preset in force. */
int ipd_settings_set(ipd_settings *s, const char *name, const char *value, ipd_error *e);
/* Writes a setting's value as text that ipd_settings_set reads back to the same bits. IPD_SETTING_TEXT bytes hold any. */
enum { IPD_SETTING_TEXT = 512 };
void ipd_settings_get(const ipd_settings *s, const ipd_setting *setting, char *to, size_t size);

/* Writes a value as JSON: a number, true or false, a text; a list of numbers is an array; null where it is unset. */
void ipd_setting_json(FILE *to, const ipd_setting *setting, const char *value);

/* batch = -1, the data set's own, becomes a number; none is more than the N samples. */
void ipd_settings_settle_batch(ipd_settings *s, const char *dataset_name, size_t N);

/* Settles what depends on the data (batch = -1), on the method (lr, eps = -1) and on the depth
 * (order), and checks all together. */
int ipd_settings_check(ipd_settings *s, int L, const char *dataset_name, size_t N, ipd_error *e);
/* 1 where two lists by commas or blanks have the same items for each layer; one item stands for all. */
int ipd_settings_same_list(const char *a, const char *b);

/* Whether the method uses the setting: it names it, or no method does. */
int ipd_settings_use(const ipd_settings *s, const ipd_setting *setting);
/* 1 where the setting has no effect on a run with these settings, with a sentence in `why`, as "delta has no effect: adam
 * does not use it"; 0 where it has one, or where its value says itself that nothing is wanted of it (momentum = 0). has_weights: the run
 * begins with a network's own weights. */
int ipd_settings_unused(const ipd_settings *s, const char *name, int has_weights, char *why,
                        size_t size);

/* To and from the solver's numbers. The order must be good for L layers (ipd_settings_check). */
int ipd_settings_parameters(const ipd_settings *s, int L, ipd_parameters *p, ipd_error *e);
void ipd_settings_from_parameters(ipd_settings *s, const ipd_parameters *p);

/* A setting's value. */
typedef union ipd_value {
    double number;               /* IPD_SET_NUMBER */
    long count;                  /* IPD_SET_COUNT */
    int on;                      /* IPD_SET_SWITCH */
    char text[IPD_SETTING_TEXT]; /* of the other kinds */
} ipd_value;
/* Reads a value from text and checks its range; -1 and *e as ipd_settings_set. */
int ipd_value_read(const ipd_setting *setting, const char *text, ipd_value *value, ipd_error *e);
/* Text from which the same value is read, IPD_SETTING_TEXT bytes at most. */
void ipd_value_text(const ipd_setting *setting, const ipd_value *value, char *to, size_t size);
/* 1 for numbers, counts and switches, whose values are one double exactly: the others are text. */
int ipd_setting_is_number(const ipd_setting *setting);
/* A value's double, of such a setting; and the value of a double: -1 and *e where it is out of range. */
double ipd_value_number(const ipd_setting *setting, const ipd_value *value);
int ipd_value_of_number(const ipd_setting *setting, double x, ipd_value *value, ipd_error *e);
/* The value in force of a setting that stands for itself. */
void ipd_settings_value(const ipd_settings *s, const ipd_setting *setting, ipd_value *value);
/* Sets one setting to a value that was read for it. */
void ipd_settings_put(ipd_settings *s, const ipd_setting *setting, const ipd_value *value);

/* Several settings changed at once, each checked when it was added. */
enum { IPD_MAX_CHANGES = 16 };
typedef struct ipd_change {
    int count;
    struct {
        const ipd_setting *setting;
        ipd_value value;
    } items[IPD_MAX_CHANGES];
} ipd_change;

/* Adds one, read from text; fails as ipd_settings_set, or where there are too many. */
int ipd_change_add(ipd_change *c, const char *name, const char *value, ipd_error *e);
/* Applies all to *s or none. With `live`, settings that are fixed at the start are errors. */
int ipd_change_apply(const ipd_change *c, ipd_settings *s, int live, ipd_error *e);
/* "delta = 0.3, order = nested_reverse" */
void ipd_change_text(const ipd_change *c, char *to, size_t size);

/* What an entry of a run's log is: a change of settings, a switch to another method, or a note, which changes nothing. */
typedef enum ipd_log_kind { IPD_LOG_SET, IPD_LOG_SWITCH, IPD_LOG_OTHER } ipd_log_kind;
/* An entry as people read it: "set delta = 0.3", "switch adam: lr = 0.01", or the note. `word`: the method or the note. */
void ipd_log_text(ipd_log_kind kind, const char *word, const ipd_change *change, char *to,
                  size_t size);
/* Reads such a text, of the history or of a checkpoint of 0.1.0: fills *change, and method for a switch. Returns the kind, or -1 and
 * *e where the text is not what this program writes. */
int ipd_log_parse(const char *text, char method[16], ipd_change *change, ipd_error *e);

#endif
