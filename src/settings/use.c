/* use.c - decides which settings have an effect on a run, from its method (see ipd_method.uses) and
 * its other settings. */
#include "settings/private.h"
#include "settings/schedule.h"

#include <stdio.h>
#include <string.h>

/* Returns 1 if the word is in the list, which has spaces or commas. */
static int is_one_of(const char *word, const char *list)
{
    char one[64];
    while (ipd_settings_word(&list, one, sizeof one))
        if (!strcmp(one, word))
            return 1;
    return 0;
}

/* Returns 1 if every item of the list is this word. */
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

/* In mini-batches, z and a have a previous iterate only from the second sweep of a batch on. */
static int has_past(const ipd_settings *s)
{
    return s->batch == 0 || s->inner > 1;
}

static int has_end(const ipd_settings *s)
{
    const ipd_method *method = ipd_method_find(s->method);
    return (ipd_method_uses(method, "rho_schedule") && !strcmp(s->rho_schedule, "anneal")) ||
           (ipd_method_uses(method, "lr_schedule") && strcmp(s->lr_schedule, "constant")) ||
           ipd_schedules_need_length(s);
}

static int has_one_damping(const ipd_settings *s)
{
    return !strchr(s->damping, ',');
}

/* Returns 1 if the settings have the value in "relax = norm"; of a list, one item must have it. */
static int agrees(const ipd_settings *s, const char *needs)
{
    char name[32], value[32], now[IPD_SETTING_TEXT];
    sscanf(needs, "%31s = %31s", name, value);
    ipd_settings_get(s, ipd_setting_find(name), now, sizeof now);
    return is_one_of(value, now);
}

static int has_momentum(const ipd_settings *s)
{
    return s->momentum != 0;
}

/* The list must name a block that the method updates; gradient methods update only W. */
static int freezes_weights(const ipd_settings *s)
{
    const char *list = s->freeze;
    char block[64];
    if (ipd_method_find(s->method)->blocks)
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

#define PAST "a second sweep: inner above 1, or batch = 0"

/* Settings that can lack an effect although the method uses them, or whose value can turn them off.
 *
 * idle: values, separated by blanks, with which a setting without effect is not reported. works:
 * returns 1 if the setting has an effect beside the other settings. needs: what it needs for an
 * effect, for messages. Without `works` it is a setting and its value. */
static const struct use {
    const char *name, *idle;
    int (*works)(const ipd_settings *s);
    const char *needs;
} uses[] = {
    {"inertia", .idle = "0"},
    {"alpha", .idle = "0", .works = has_past, .needs = PAST},
    {"beta", .idle = "0"},
    {"gamma", .idle = "0", .works = has_past, .needs = PAST},
    {"rho", .idle = "1"},
    {"rho_init", .idle = "1"},
    {"rho_growth", .idle = "1", .needs = "rho_schedule = geometric"},
    {"rho_schedule", .idle = "constant geometric"},
    {"length", .idle = "0", .works = has_end,
     .needs = "a schedule that ends: rho_schedule or lr_schedule = anneal"},
    {"schedule", .idle = "none"},
    {"inner", .idle = "1", .works = has_batches, .needs = "mini-batches: batch above 0"},
    {"shuffle_space", .idle = "1024", .works = has_batches, .needs = "mini-batches: batch above 0"},
    {"shuffle", .idle = "false", .works = has_batches, .needs = "mini-batches: batch above 0"},
    {"regularizer", .idle = "none"},
    {"lambda", .idle = "0", .works = has_penalty, .needs = "a regularizer"},
    {"l1_ratio", .needs = "regularizer = elastic_net"},
    {"freeze", .idle = "none", .works = freezes_weights, .needs = "blocks of weights, such as W1"},
    {"audit", .idle = "false"},
    {"spectrum", .idle = "false"},
    {"damping_last", .works = has_one_damping, .needs = "one damping for all hidden layers"},
    {"relax_cap", .needs = "relax = norm"},
    {"shrink", .idle = "0"},
    {"init_last", .needs = "init = he"},
    {"init_scale", .needs = "init = normal"},
    {"lr_schedule", .idle = "constant"},
    {"momentum", .idle = "0"},
    {"nesterov", .idle = "false", .works = has_momentum, .needs = "momentum"},
    {"weight_decay", .idle = "0"},
};

static const struct use *find(const char *name)
{
    static const struct use none = {0};
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
        if (!strcmp(uses[i].name, name))
            return &uses[i];
    return &none;
}

/* Returns 1 if the method uses the setting or, for an alias, one of its settings. */
static int method_uses(const ipd_method *method, const ipd_setting *setting)
{
    const char *const *alias = setting->alias;
    if (!alias)
        return ipd_method_uses(method, setting->name);
    while (*alias && !ipd_method_uses(method, *alias))
        alias++;
    return *alias != NULL;
}

int ipd_settings_use(const ipd_settings *s, const ipd_setting *setting)
{
    const char *const *name = ipd_method_names();
    if (method_uses(ipd_method_find(s->method), setting))
        return 1;
    while (*name && !method_uses(ipd_method_find(*name), setting))
        name++;
    return !*name;
}

/* Returns 1 if the setting has no effect and its value is not an idle one; writes a sentence to
 * `why`. */
static int is_unused(const ipd_settings *s, const ipd_setting *setting, char *why, size_t size)
{
    const struct use *u = find(setting->name);
    char value[IPD_SETTING_TEXT], one[64];
    int used = ipd_settings_use(s, setting);
    if (used && (u->works ? u->works(s) : !u->needs || agrees(s, u->needs)))
        return 0;
    ipd_settings_get(s, setting, value, sizeof value);
    for (const char *idle = u->idle ? u->idle : ""; ipd_settings_word(&idle, one, sizeof one);)
        if (is_all(value, one))
            return 0;
    if (used)
        snprintf(why, size, "%s has no effect without %s", setting->name, u->needs);
    else
        snprintf(why, size, "%s has no effect: %s does not use it", setting->name, s->method);
    return 1;
}

int ipd_settings_unused(const ipd_settings *s, const char *name, int has_weights, char *why,
                        size_t size)
{
    if (has_weights && !strncmp(name, "init", 4)) {
        snprintf(why, size, "%s has no effect: the initial weights are given", name);
        return 1;
    }
    return is_unused(s, ipd_setting_find(name), why, size);
}

int ipd_settings_check_use(const ipd_settings *s, ipd_error *e)
{
    char why[160], idle[32];
    const char *refused = ipd_method_find(s->method)->refuses;
    int together = s->alpha == s->beta && s->beta == s->gamma;
    for (const ipd_setting *t = ipd_settings_table; refused && t->name; t++) {
        if (!is_one_of(t->name, refused) || (!together && !strcmp(t->name, "inertia")) ||
            !is_unused(s, t, why, sizeof why))
            continue;
        const char *first = find(t->name)->idle;
        ipd_settings_word(&first, idle, sizeof idle);
        if (ipd_settings_use(s, t))
            return ipd_fail(e, IPD_EUSAGE, "%s. Give that too, or set %s = %s", why, t->name, idle);
        return ipd_fail(e, IPD_EUSAGE, "%s does not use %s. Set %s = %s, or choose another method",
                        s->method, t->name, t->name, idle);
    }
    return 0;
}
