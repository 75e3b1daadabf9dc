/* use.c - which settings a run uses: one table, by the method and by the settings beside it. */
#include "base/text.h"
#include "settings/private.h"

#include <stdio.h>
#include <string.h>

#define BLOCKS "ipdlam bcd"
#define RELAXED "relaxed_am"
#define GRADIENTS "sgd adagrad adadelta rmsprop adam amsgrad adamax"
#define ADAMS "adam amsgrad adamax"

/* Whether the word is one of a list by blanks or commas. */
static int is_one_of(const char *word, const char *list)
{
    char one[64];
    while (ipd_settings_word(&list, one, sizeof one))
        if (!strcmp(one, word))
            return 1;
    return 0;
}

/* Whether each item of the list is this word. */
static int is_all(const char *list, const char *word)
{
    char one[64];
    while (ipd_settings_word(&list, one, sizeof one))
        if (strcmp(one, word))
            return 0;
    return 1;
}

static int has_batches(const ipd_settings *s)
{
    return s->batch != 0;
}

static int has_penalty(const ipd_settings *s)
{
    return !is_all(s->regularizer, "none");
}

static int has_elastic_net(const ipd_settings *s)
{
    return is_one_of("elastic_net", s->regularizer);
}

static int grows(const ipd_settings *s)
{
    return !strcmp(s->rho_schedule, "geometric");
}

static int has_end(const ipd_settings *s)
{
    return !strcmp(is_one_of(s->method, GRADIENTS) ? s->lr_schedule : s->rho_schedule, "anneal") ||
           (is_one_of(s->method, GRADIENTS) && !strcmp(s->lr_schedule, "cosine"));
}

static int has_one_damping(const ipd_settings *s)
{
    return !strchr(s->damping, ',');
}

static int has_norm(const ipd_settings *s)
{
    return !strcmp(s->relax, "norm");
}

static int starts_by_inputs(const ipd_settings *s)
{
    return !strcmp(s->init, "he");
}

static int starts_normal(const ipd_settings *s)
{
    return !strcmp(s->init, "normal");
}

static int has_momentum(const ipd_settings *s)
{
    return s->momentum != 0;
}

/* Gradient methods have no blocks but those of weights. */
static int freezes_weights(const ipd_settings *s)
{
    const char *list = s->freeze;
    char block[64];
    if (is_one_of(s->method, BLOCKS " " RELAXED))
        return 1;
    while (ipd_settings_word(&list, block, sizeof block))
        if (*block == 'W')
            return 1;
    return 0;
}

int ipd_settings_same_list(const char *a, const char *b)
{
    char one[64], other[64];
    for (int l = 1; l <= IPD_MAX_LAYERS; l++) {
        ipd_settings_item(a, l, one, sizeof one);
        ipd_settings_item(b, l, other, sizeof other);
        if (strcmp(one, other))
            return 0;
    }
    return 1;
}

/* A setting that is not in the table is used by every run. */
static const struct use {
    const char *name;
    const char *methods; /* those that use it, by blanks; NULL: all */
    const char *
        idle; /* where it has no effect, this value says so itself and is not reported; NULL: none */
    const char *strict; /* methods for which any value but the idle ones is an error; NULL: none */
    int (*works)(
        const ipd_settings *s); /* whether the other settings leave it an effect; NULL: yes */
    const char *needs;          /* what does, for messages */
} uses[] = {
    {"order", BLOCKS " " RELAXED, NULL, NULL, NULL, NULL},
    {"inertia", "ipdlam " RELAXED, "0", "bcd", NULL, NULL},
    {"alpha", "ipdlam", "0", "bcd", NULL, NULL},
    {"beta", "ipdlam " RELAXED, "0", "bcd", NULL, NULL},
    {"gamma", "ipdlam", "0", "bcd", NULL, NULL},
    {"delta", BLOCKS, NULL, NULL, NULL, NULL},
    {"rho", "ipdlam " RELAXED, "1", "bcd", NULL, NULL},
    {"rho_init", "ipdlam " RELAXED, "1", "bcd", NULL, NULL},
    {"rho_growth", "ipdlam " RELAXED, "1", "bcd", grows, "rho_schedule = geometric"},
    {"rho_max", "ipdlam " RELAXED, NULL, NULL, NULL, NULL},
    {"rho_schedule", "ipdlam " RELAXED, "constant geometric", "bcd", NULL, NULL},
    {"length", NULL, "0", NULL, has_end,
     "a schedule that ends: rho_schedule or lr_schedule = anneal"},
    {"inner", BLOCKS, "1", NULL, has_batches, "mini-batches: batch above 0"},
    {"shuffle", NULL, "false", NULL, has_batches, "mini-batches: batch above 0"},
    {"regularizer", BLOCKS, "none", GRADIENTS " " RELAXED, NULL, NULL},
    {"lambda", BLOCKS, "0", NULL, has_penalty, "a regularizer"},
    {"l1_ratio", BLOCKS, NULL, NULL, has_elastic_net, "regularizer = elastic_net"},
    {"bias_step", BLOCKS, NULL, NULL, NULL, NULL},
    {"freeze", NULL, "none", NULL, freezes_weights, "blocks of weights, such as W1"},
    {"audit", BLOCKS " " RELAXED, "false", NULL, NULL, NULL},
    {"spectrum", BLOCKS " " RELAXED, "false", NULL, NULL, NULL},
    {"damping", RELAXED, NULL, NULL, NULL, NULL},
    {"damping_last", RELAXED, NULL, NULL, has_one_damping, "one damping for all hidden layers"},
    {"kappa", RELAXED, NULL, NULL, NULL, NULL},
    {"bias_share", RELAXED, NULL, NULL, NULL, NULL},
    {"relax", RELAXED, NULL, NULL, NULL, NULL},
    {"relax_a", RELAXED, NULL, NULL, NULL, NULL},
    {"relax_z", RELAXED, NULL, NULL, NULL, NULL},
    {"relax_cap", RELAXED, NULL, NULL, has_norm, "relax = norm"},
    {"shrink", RELAXED, "0", NULL, NULL, NULL},
    {"init_last", NULL, NULL, NULL, starts_by_inputs, "init = he"},
    {"init_scale", NULL, NULL, NULL, starts_normal, "init = normal"},
    {"lr", GRADIENTS, NULL, NULL, NULL, NULL},
    {"lr_schedule", GRADIENTS, "constant", NULL, NULL, NULL},
    {"eps", "adagrad adadelta rmsprop " ADAMS, NULL, NULL, NULL, NULL},
    {"momentum", "sgd rmsprop", "0", NULL, NULL, NULL},
    {"nesterov", "sgd", "false", "sgd", has_momentum, "momentum"},
    {"beta1", ADAMS, NULL, NULL, NULL, NULL},
    {"beta2", ADAMS, NULL, NULL, NULL, NULL},
    {"smoothing", "rmsprop", NULL, NULL, NULL, NULL},
    {"decay", "adadelta", NULL, NULL, NULL, NULL},
    {"weight_decay", GRADIENTS, "0", NULL, NULL, NULL},
    {0}};

/* Whether the setting has no effect beside the others and its value does not say so itself; `why` is a sentence. */
static int is_unused(const ipd_settings *s, const struct use *u, char *why, size_t size)
{
    char value[512], one[64];
    int uses_it = !u->methods || is_one_of(s->method, u->methods);
    if (uses_it && (!u->works || u->works(s)))
        return 0;
    ipd_settings_get(s, ipd_setting_find(u->name), value, sizeof value);
    for (const char *idle = u->idle ? u->idle : ""; ipd_settings_word(&idle, one, sizeof one);)
        if (is_all(value, one))
            return 0;
    if (uses_it)
        snprintf(why, size, "%s has no effect without %s", u->name, u->needs);
    else
        snprintf(why, size, "%s has no effect: %s does not use it", u->name, s->method);
    return 1;
}

int ipd_settings_unused(const ipd_settings *s, const char *name, int has_weights, char *why,
                        size_t size)
{
    if (has_weights && !strncmp(name, "init", 4)) {
        snprintf(why, size, "%s has no effect: the first weights are given", name);
        return 1;
    }
    for (const struct use *u = uses; u->name; u++)
        if (!strcmp(u->name, name))
            return is_unused(s, u, why, size);
    return 0;
}

int ipd_settings_check_use(const ipd_settings *s, ipd_error *e)
{
    char why[160];
    int together = s->alpha == s->beta && s->beta == s->gamma;
    for (const struct use *u = uses; u->name; u++)
        if (u->strict && (together || strcmp(u->name, "inertia")) &&
            is_one_of(s->method, u->strict) && is_unused(s, u, why, sizeof why)) {
            char idle[32] = "";
            const char *first = u->idle;
            ipd_settings_word(&first, idle, sizeof idle);
            if (is_one_of(s->method, u->methods))
                return ipd_fail(e, IPD_EUSAGE, "%s. Give that too, or set %s = %s", why, u->name,
                                idle);
            return ipd_fail(e, IPD_EUSAGE,
                            "%s does not use %s. Set %s = %s, or choose another method", s->method,
                            u->name, u->name, idle);
        }
    return 0;
}
