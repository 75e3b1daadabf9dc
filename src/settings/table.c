/* table.c - the table of settings; see settings.h. A new setting needs a field in ipd_settings, a
 * row here, and a value in the presets.
 */
#include "settings/settings.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

static const char *const *bias_steps(void)
{
    static const char *const names[] = {"sum", "mean", NULL};
    return names;
}

static const char *const *relaxations(void)
{
    static const char *const names[] = {"fixed", "norm", NULL};
    return names;
}

static const char *const *initializations(void)
{
    static const char *const names[] = {"normal", "he", NULL};
    return names;
}

static const char *const *dampings(void)
{
    static const char *const names[] = {"auto", NULL};
    return names;
}

static const char *const inertia[] = {"alpha", "beta", "gamma", NULL};
static const char *const rho[] = {"rho", NULL};

#define LARGEST 1e30
/* Over-relaxation by 2 or more would raise the objective. */
#define BELOW_2 (2 - 1e-9)
/* A running mean with decay 1 never changes, and its bias correction divides by 0. */
#define BELOW_1 (1 - 1e-12)

/* A row: name, kind, when a change takes effect, then other members of ipd_setting. SETTING_OF also
 * names the field it sets, for an alias. */
#define SETTING(NAME, KIND, WHEN, ...) SETTING_OF(NAME, NAME, KIND, WHEN, __VA_ARGS__)
#define SETTING_OF(NAME, FIELD, KIND, WHEN, ...)                                                   \
    {                                                                                              \
        .name = #NAME, .kind = IPD_SET_##KIND, .when = IPD_##WHEN,                                 \
        .offset = offsetof(ipd_settings, FIELD), .size = sizeof((ipd_settings *)0)->FIELD,         \
        __VA_ARGS__                                                                                \
    }

/* Rows here and, after them, those of methods from files. */
enum { ROWS = 128 };
ipd_setting ipd_settings_table[ROWS + IPD_OWN_SETTINGS + 1] = {
    SETTING(preset, CHOICE, AT_START, .help = "start from a named set of settings",
            .choices = ipd_preset_names),
    SETTING(method, CHOICE, AT_START, .help = "training method", .choices = ipd_method_names),
    SETTING(activation, CHOICES, AT_START,
            .help = "activation of the hidden layers, or one per layer (relu,tanh)",
            .choices = ipd_activation_names),
    SETTING(loss, CHOICE, AT_START, .help = "loss of the output layer", .choices = ipd_loss_names),
    SETTING(order, ORDER, AT_BLOCK,
            .help = "order of the blocks in a sweep, a name or each block once",
            .choices = ipd_order_names),
    SETTING_OF(inertia, alpha, NUMBER, AT_BLOCK, .symbol = "\316\261=\316\262=\316\263",
               .help = "inertia of z, W and a together (alpha, beta and gamma)", .min = 0,
               .max = 1000, .alias = inertia),
    SETTING(alpha, NUMBER, AT_BLOCK, .symbol = "\316\261", .help = "inertia of z", .min = 0,
            .max = 1000),
    SETTING(beta, NUMBER, AT_BLOCK, .symbol = "\316\262", .help = "inertia of W and b", .min = 0,
            .max = 1000),
    SETTING(gamma, NUMBER, AT_BLOCK, .symbol = "\316\263", .help = "inertia of a", .min = 0,
            .max = 1000),
    SETTING(delta, NUMBER, AT_BLOCK, .symbol = "\316\264",
            .help = "proximal weight; 0 means the limit delta -> 0", .min = 0, .max = 1e12),
    SETTING(rho, NUMBER, AT_BLOCK, .symbol = "\317\201",
            .help = "current penalty weight (before the start: the first one)", .min = 0,
            .max = LARGEST, .open_min = 1),
    SETTING_OF(rho_init, rho, NUMBER, AT_START, .symbol = "\317\201_0",
               .help = "penalty weight of the first iteration", .min = 0, .max = LARGEST,
               .open_min = 1, .alias = rho),
    SETTING(rho_growth, NUMBER, AT_BLOCK, .symbol = "\316\270",
            .help = "factor of the penalty weight at the end of each iteration", .min = 0,
            .max = 1e6, .open_min = 1),
    SETTING(rho_max, NUMBER, AT_BLOCK, .symbol = "\317\201\314\204",
            .help = "largest penalty weight", .min = 0, .max = LARGEST, .open_min = 1),
    SETTING(rho_schedule, SCHEDULE, AT_ITERATION,
            .help = "schedule of the penalty weight, a name or steps (1:1,20:5)",
            .choices = ipd_rho_schedule_names),
    SETTING(length, COUNT, AT_ITERATION,
            .help = "iterations of the whole run, for schedules; 0 means unknown", .min = 0,
            .max = 1e9, .later = 1),
    SETTING(batch, COUNT, AT_ITERATION,
            .help = "samples per mini-batch; 0 means full batch, -1 lets the preset choose",
            .min = -1, .max = 1e9, .may_be_unset = 1),
    SETTING(inner, COUNT, AT_ITERATION, .help = "sweeps per mini-batch", .min = 1, .max = 1e6),
    SETTING(shuffle, SWITCH, AT_ITERATION,
            .help = "shuffle the samples for every epoch of mini-batches"),
    SETTING(shuffle_space, COUNT, AT_START,
            .help = "MiB of training samples that are shuffled as a whole; more are shuffled in "
                    "blocks, a sixteenth of this at a time",
            .min = 1, .max = 1e9, .later = 1),
    SETTING(regularizer, CHOICES, AT_BLOCK,
            .help = "regularizer of the weights, for all layers or one per layer (ridge,none)",
            .choices = ipd_regularizer_names),
    SETTING(lambda, NUMBERS, AT_BLOCK, .symbol = "\316\273",
            .help = "weight of the regularizer, for all layers or one per layer (0.1,0)", .min = 0,
            .max = 1e12),
    SETTING(l1_ratio, NUMBER, AT_BLOCK,
            .help = "fraction of lasso in elastic_net: 0 is ridge, 1 is lasso", .min = 0, .max = 1),
    SETTING(bias_step, CHOICE, AT_BLOCK,
            .help = "update b from the sum of the residuals (the minimiser) or from their mean (as "
                    "printed)",
            .choices = bias_steps),
    SETTING(freeze, BLOCKS, AT_BLOCK,
            .help = "blocks that are not updated (W1 a2); none updates all"),
    SETTING(audit, SWITCH, AT_BLOCK,
            .help = "recompute the subproblem of every block after its update and report errors"),
    SETTING(spectrum, SWITCH, AT_BLOCK,
            .help =
                "compute the rank and condition number of the Gram matrices in every iteration"),
    SETTING(metrics_every, COUNT, AT_BLOCK,
            .help = "iterations between computations of the accuracies", .min = 1, .max = 1e9),
    SETTING(metrics_samples, COUNT, AT_BLOCK,
            .help = "samples of each set used for the accuracies, evenly spread; 0 means all",
            .min = 0, .max = 1e9),
    SETTING(recall, SWITCH, AT_BLOCK,
            .help = "with the accuracies, compute the recall of each class and their mean, the "
                    "balanced accuracy",
            .later = 1),
    SETTING(lr, NUMBER, AT_BLOCK,
            .help = "step size of the classical optimizers; -1 means the default of the method",
            .min = -1, .max = 1e6, .may_be_unset = 1),
    SETTING(lr_schedule, CHOICE, AT_BLOCK,
            .help = "schedule of lr over the run's length, for the classical optimizers",
            .choices = ipd_schedule_names, .later = 1),
    SETTING(schedule, SCHEDULES, AT_BLOCK,
            .help = "schedules of other settings (delta=cosine:0.3..0.01)", .later = 1),
    SETTING(momentum, NUMBER, AT_BLOCK, .help = "momentum of sgd and rmsprop", .min = 0,
            .max = 1000),
    SETTING(nesterov, SWITCH, AT_BLOCK, .help = "Nesterov's momentum in sgd"),
    SETTING(beta1, NUMBER, AT_BLOCK,
            .help = "decay of the mean gradient in adam, amsgrad and adamax", .min = 0,
            .max = BELOW_1),
    SETTING(beta2, NUMBER, AT_BLOCK,
            .help = "decay of the mean squared gradient in adam, amsgrad and adamax", .min = 0,
            .max = BELOW_1),
    SETTING(smoothing, NUMBER, AT_BLOCK,
            .help = "decay of the mean square in rmsprop (PyTorch's alpha)", .min = 0,
            .max = BELOW_1),
    SETTING(decay, NUMBER, AT_BLOCK,
            .help = "decay of the mean squares in adadelta (PyTorch's rho)", .min = 0,
            .max = BELOW_1),
    SETTING(eps, NUMBER, AT_BLOCK,
            .help =
                "added to divisors by the classical optimizers; -1 means the default of the method",
            .min = -1, .max = 1e6, .may_be_unset = 1),
    SETTING(
        weight_decay, NUMBER, AT_BLOCK,
        .help =
            "decoupled weight decay of the classical optimizers: W and b shrink by lr times this",
        .min = 0, .max = 1e6, .later = 1),
    SETTING(average_weights, NUMBER, AT_BLOCK,
            .help = "weight of the newest W and b in their running mean; 0 keeps no mean", .min = 0,
            .max = 1, .later = 1),
    SETTING(
        damping, NUMBERS, AT_BLOCK,
        .help =
            "proximal weight of hidden W in relaxed_am, auto (2 (L - 1)) or one per layer (2,2,30)",
        .min = 0, .max = 1e9, .open_min = 1, .choices = dampings, .later = 1),
    SETTING(damping_last, NUMBER, AT_BLOCK, .help = "relaxed_am: proximal weight of the last W",
            .min = 0, .max = 1e9, .open_min = 1, .later = 1),
    SETTING(kappa, NUMBER, AT_BLOCK, .symbol = "\316\272",
            .help = "relaxed_am: proximal weight of a, centred at the forward pass", .min = 0,
            .max = 1e9, .open_min = 1, .later = 1),
    SETTING(bias_share, NUMBER, AT_BLOCK, .help = "relaxed_am: step of b relative to that of W",
            .min = 0, .max = 1e9, .open_min = 1, .later = 1),
    SETTING(
        relax, CHOICE, AT_BLOCK,
        .help =
            "over-relaxation in relaxed_am, as set (fixed) or by the norms of the errors (norm)",
        .choices = relaxations, .later = 1),
    SETTING(relax_a, NUMBER, AT_BLOCK, .symbol = "\317\211_a",
            .help = "relaxed_am: over-relaxation of a", .min = 0, .max = BELOW_2, .open_min = 1,
            .later = 1),
    SETTING(relax_z, NUMBER, AT_BLOCK, .symbol = "\317\211_z",
            .help = "relaxed_am: over-relaxation of z", .min = 0, .max = BELOW_2, .open_min = 1,
            .later = 1),
    SETTING(relax_cap, NUMBER, AT_BLOCK,
            .help = "relaxed_am: largest over-relaxation with relax = norm", .min = 0,
            .max = BELOW_2, .open_min = 1, .later = 1),
    SETTING(shrink, NUMBER, AT_BLOCK, .symbol = "\316\265",
            .help = "relaxed_am: fraction by which W shrinks in every mini-batch", .min = 0,
            .max = BELOW_1, .later = 1),
    SETTING(seed, COUNT, AT_START, .help = "seed of the initial weights and of the shuffling",
            .min = 0, .max = 9e15),
    SETTING(init, CHOICE, AT_START,
            .help = "initial weights, normal (init_scale) or he (by the inputs of each layer)",
            .choices = initializations, .later = 1),
    SETTING(init_scale, NUMBER, AT_START,
            .help = "standard deviation of the initial weights with init = normal", .min = 0,
            .max = 1e6),
    SETTING(init_last, NUMBER, AT_START,
            .help = "variance of the last layer's initial weights with init = he, times its inputs",
            .min = 0, .max = 1e6, .later = 1),
    SETTING(init_bias, NUMBER, AT_START, .help = "initial value of every bias", .min = -1e6,
            .max = 1e6),
    {.name = NULL},
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Finds or adds the row of a setting, and sets own->slot. Locked. */
static int add_row(ipd_own_setting *own, ipd_error *e)
{
    ipd_setting *row = ipd_settings_table;
    int slot = 0;
    for (; row->name && strcmp(row->name, own->name); row++)
        slot += row->own;
    if (row->name && !row->own)
        return ipd_fail(e, IPD_EUSAGE, "the setting '%s' is built in. Choose another name",
                        own->name);
    own->slot = slot;
    if (row->name)
        return 0;
    if (slot == IPD_OWN_SETTINGS)
        return ipd_fail(e, IPD_EUSAGE, "methods from files have more than %d settings",
                        IPD_OWN_SETTINGS);
    *row = (ipd_setting){.symbol = *own->symbol ? own->symbol : NULL,
                         .help = own->shown,
                         .kind = IPD_SET_NUMBER,
                         .when = IPD_AT_BLOCK,
                         .offset = offsetof(ipd_settings, own) + (size_t)slot * sizeof(double),
                         .size = sizeof(double),
                         .min = -LARGEST,
                         .max = LARGEST,
                         .own = 1,
                         .later = 1};
    row->name = own->name; /* last: other threads see a row once it has a name */
    return 0;
}

int ipd_settings_add_own(ipd_own_setting *own, ipd_error *e)
{
    int failed = 0;
    pthread_mutex_lock(&lock);
    for (; *own->name && !failed; own++)
        failed = add_row(own, e);
    pthread_mutex_unlock(&lock);
    return failed;
}

int ipd_setting_exists(const ipd_settings *s, const ipd_setting *setting)
{
    return !setting->own || ipd_method_uses(ipd_method_find(s->method), setting->name);
}
