/* settings.c - see settings.h. To add a setting: a field in ipd_settings and an entry in the table.
 */
#include "base/text.h"
#include "run/settings_private.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const *bias_steps(void)
{
    static const char *const names[] = {"sum", "mean", NULL};
    return names;
}

#define AT(field) offsetof(ipd_settings, field), sizeof((ipd_settings *)0)->field

#define LARGEST 1e30
#define BELOW_1 (1 - 1e-12) /* 1 would divide by zero, or forget nothing for ever */

const ipd_setting ipd_settings_table[] = {
    {"preset", NULL, "start from a named set of settings", IPD_SET_CHOICE, IPD_AT_START, AT(preset),
     0, 0, 0, ipd_preset_names},
    {"method", NULL, "training method", IPD_SET_CHOICE, IPD_AT_START, AT(method), 0, 0, 0,
     ipd_method_names},
    {"activation", NULL, "activation of the hidden layers, or one for each: relu,tanh",
     IPD_SET_CHOICES, IPD_AT_START, AT(activation), 0, 0, 0, ipd_activation_names},
    {"loss", NULL, "loss of the output layer", IPD_SET_CHOICE, IPD_AT_START, AT(loss), 0, 0, 0,
     ipd_loss_names},
    {"order", NULL, "order in which a sweep visits the blocks: a name, or each block once",
     IPD_SET_ORDER, IPD_AT_BLOCK, AT(order), 0, 0, 0, ipd_order_names},
    {"inertia", "\316\261=\316\262=\316\263", "inertia of z, W and a together", IPD_SET_NUMBER,
     IPD_AT_BLOCK, AT(alpha), 0, 1000, 0, NULL},
    {"alpha", "\316\261", "inertia of z", IPD_SET_NUMBER, IPD_AT_BLOCK, AT(alpha), 0, 1000, 0,
     NULL},
    {"beta", "\316\262", "inertia of W and b", IPD_SET_NUMBER, IPD_AT_BLOCK, AT(beta), 0, 1000, 0,
     NULL},
    {"gamma", "\316\263", "inertia of a", IPD_SET_NUMBER, IPD_AT_BLOCK, AT(gamma), 0, 1000, 0,
     NULL},
    {"delta", "\316\264", "proximal weight; 0 means the limit delta -> 0", IPD_SET_NUMBER,
     IPD_AT_BLOCK, AT(delta), 0, 1e12, 0, NULL},
    {"rho", "\317\201", "penalty in force (before the start: the first)", IPD_SET_NUMBER,
     IPD_AT_BLOCK, AT(rho), 0, LARGEST, 1, NULL},
    {"rho_init", "\317\201_0", "penalty of the first iteration", IPD_SET_NUMBER, IPD_AT_START,
     AT(rho), 0, LARGEST, 1, NULL},
    {"rho_growth", "\316\270", "factor by which the penalty grows at each iteration's end",
     IPD_SET_NUMBER, IPD_AT_BLOCK, AT(rho_growth), 0, 1e6, 1, NULL},
    {"rho_max", "\317\201\314\204", "largest penalty", IPD_SET_NUMBER, IPD_AT_BLOCK, AT(rho_max), 0,
     LARGEST, 1, NULL},
    {"rho_schedule", NULL, "how the penalty goes on; or its steps, as in 1:1,20:5",
     IPD_SET_SCHEDULE, IPD_AT_ITERATION, AT(rho_schedule), 0, 0, 0, ipd_rho_schedule_names},
    {"batch", NULL, "samples a mini-batch; 0 is full batch, -1 the preset's choice for the data",
     IPD_SET_COUNT, IPD_AT_ITERATION, AT(batch), -1, 1e9, 0, NULL},
    {"inner", NULL, "sweeps a mini-batch", IPD_SET_COUNT, IPD_AT_ITERATION, AT(inner), 1, 1e6, 0,
     NULL},
    {"shuffle", NULL, "shuffle the samples for every epoch of mini-batches", IPD_SET_SWITCH,
     IPD_AT_ITERATION, AT(shuffle), 0, 0, 0, NULL},
    {"regularizer", NULL, "penalty on the weights, of all layers or one for each: ridge,none",
     IPD_SET_CHOICES, IPD_AT_BLOCK, AT(regularizer), 0, 0, 0, ipd_regularizer_names},
    {"lambda", "\316\273", "weight of the penalty, of all layers or one for each: 0.1,0",
     IPD_SET_NUMBERS, IPD_AT_BLOCK, AT(lambda), 0, 1e12, 0, NULL},
    {"l1_ratio", NULL, "how much of an elastic net is lasso: 0 is ridge, 1 is lasso",
     IPD_SET_NUMBER, IPD_AT_BLOCK, AT(l1_ratio), 0, 1, 0, NULL},
    {"bias_step", NULL, "b from the sum of what W leaves over the samples, or from its mean",
     IPD_SET_CHOICE, IPD_AT_BLOCK, AT(bias_step), 0, 0, 0, bias_steps},
    {"freeze", NULL, "blocks to leave as they are: W1 a2; none ends it", IPD_SET_BLOCKS,
     IPD_AT_BLOCK, AT(freeze), 0, 0, 0, NULL},
    {"audit", NULL, "recompute every block's subproblem after its update and report what is wrong",
     IPD_SET_SWITCH, IPD_AT_BLOCK, AT(audit), 0, 0, 0, NULL},
    {"spectrum", NULL, "rank and condition of the Gram matrices by eigenvalues, every iteration",
     IPD_SET_SWITCH, IPD_AT_BLOCK, AT(spectrum), 0, 0, 0, NULL},
    {"metrics_every", NULL, "find the accuracies at every so many iterations only", IPD_SET_COUNT,
     IPD_AT_BLOCK, AT(metrics_every), 1, 1e9, 0, NULL},
    {"metrics_samples", NULL,
     "find the accuracies on at most so many samples of each set, evenly spread; 0 is all",
     IPD_SET_COUNT, IPD_AT_BLOCK, AT(metrics_samples), 0, 1e9, 0, NULL},
    {"lr", NULL, "step size of the classical optimizers; -1 is the method's own", IPD_SET_NUMBER,
     IPD_AT_BLOCK, AT(lr), -1, 1e6, 0, NULL},
    {"momentum", NULL, "momentum of sgd and rmsprop", IPD_SET_NUMBER, IPD_AT_BLOCK, AT(momentum), 0,
     1000, 0, NULL},
    {"nesterov", NULL, "Nesterov's momentum in sgd", IPD_SET_SWITCH, IPD_AT_BLOCK, AT(nesterov), 0,
     0, 0, NULL},
    {"beta1", NULL, "decay of the mean gradient in adam, amsgrad and adamax", IPD_SET_NUMBER,
     IPD_AT_BLOCK, AT(beta1), 0, BELOW_1, 0, NULL},
    {"beta2", NULL, "decay of the gradient's mean size in adam, amsgrad and adamax", IPD_SET_NUMBER,
     IPD_AT_BLOCK, AT(beta2), 0, BELOW_1, 0, NULL},
    {"smoothing", NULL, "decay of the mean square in rmsprop (PyTorch's alpha)", IPD_SET_NUMBER,
     IPD_AT_BLOCK, AT(smoothing), 0, BELOW_1, 0, NULL},
    {"decay", NULL, "decay of the mean squares in adadelta (PyTorch's rho)", IPD_SET_NUMBER,
     IPD_AT_BLOCK, AT(decay), 0, BELOW_1, 0, NULL},
    {"eps", NULL, "added to divisors by the classical optimizers; -1 is the method's own",
     IPD_SET_NUMBER, IPD_AT_BLOCK, AT(eps), -1, 1e6, 0, NULL},
    {"seed", NULL, "seed of the first weights and of the shuffling", IPD_SET_COUNT, IPD_AT_START,
     AT(seed), 0, 9e15, 0, NULL},
    {"init_scale", NULL, "standard deviation of the first weights", IPD_SET_NUMBER, IPD_AT_START,
     AT(init_scale), 0, 1e6, 0, NULL},
    {"init_bias", NULL, "first value of every bias", IPD_SET_NUMBER, IPD_AT_START, AT(init_bias),
     -1e6, 1e6, 0, NULL},
    {0},
};

const ipd_setting *ipd_setting_find(const char *name)
{
    for (const ipd_setting *s = ipd_settings_table; s->name; s++)
        if (!strcmp(s->name, name))
            return s;
    return NULL;
}

int ipd_setting_rank(const char *name)
{
    return !strcmp(name, "preset") ? 0 : !strcmp(name, "method") ? 1 : 2;
}

int ipd_setting_is_text(ipd_setting_kind kind)
{
    return kind != IPD_SET_NUMBER && kind != IPD_SET_COUNT && kind != IPD_SET_SWITCH;
}

static const char *setting_name(void *context, size_t index)
{
    (void)context;
    return ipd_settings_table[index].name;
}

int ipd_settings_unknown(const char *name, ipd_error *e)
{
    return ipd_fail_unknown(e, "setting", name, ipd_text_nearest(name, setting_name, NULL),
                            "ipdlam train --help lists the settings.");
}

static int out_of_range(const ipd_setting *s, const char *value, ipd_error *e)
{
    return ipd_fail(e, IPD_EUSAGE, "%s = %.40s is out of range: use %s%g to %g", s->name, value,
                    s->open_least ? "more than " : "", s->least, s->most);
}

static int set_number(void *at, const ipd_setting *s, const char *value, ipd_error *e)
{
    double x;
    if (ipd_text_to_double(value, &x))
        return ipd_fail(e, IPD_EUSAGE, "%s = '%.40s' is not a number", s->name, value);
    if (x < s->least || x > s->most || (s->open_least && x <= s->least))
        return out_of_range(s, value, e);
    memcpy(at, &x, sizeof x);
    return 0;
}

static int set_count(void *at, const ipd_setting *s, const char *value, ipd_error *e)
{
    long n;
    double x;
    if (ipd_text_to_long(value, &n)) {
        /* Lua writes 512.0 where a computation gave it. */
        if (ipd_text_to_double(value, &x) || x != floor(x) || fabs(x) > 9e15)
            return ipd_fail(e, IPD_EUSAGE, "%s = '%.40s' is not a whole number", s->name, value);
        n = (long)x;
    }
    if ((double)n < s->least || (double)n > s->most)
        return out_of_range(s, value, e);
    memcpy(at, &n, sizeof n);
    return 0;
}

static int set_switch(void *at, const ipd_setting *s, const char *value, ipd_error *e)
{
    static const char *const yes[] = {"true", "yes", "on", "1", NULL};
    static const char *const no[] = {"false", "no", "off", "0", NULL};
    for (int i = 0; yes[i]; i++)
        if (!strcmp(value, yes[i]) || !strcmp(value, no[i])) {
            int on = !strcmp(value, yes[i]);
            memcpy(at, &on, sizeof on);
            return 0;
        }
    return ipd_fail(e, IPD_EUSAGE, "%s = '%.40s' is neither true nor false", s->name, value);
}

static int set_choice(char *at, const ipd_setting *s, const char *value, ipd_error *e)
{
    const char *const *names = s->choices();
    for (int i = 0; names[i]; i++)
        if (!strcmp(names[i], value)) {
            snprintf(at, s->size, "%s", value);
            return 0;
        }
    return ipd_fail_unknown_in(e, s->name, value, names);
}

int ipd_settings_word(const char **text, char *word, size_t size)
{
    static const char separators[] = " ,\t\n";
    *text += strspn(*text, separators);
    size_t n = strcspn(*text, separators);
    snprintf(word, size, "%.*s", (int)(n < size ? n : size - 1), *text);
    *text += n;
    return n > 0;
}

/* A list by layer, each item checked as if it stood alone, written with commas. */
static int set_list(char *at, const ipd_setting *s, const char *value, ipd_error *e)
{
    char word[64], list[256] = "", one[64];
    ipd_setting item = *s;
    int count = 0;
    item.size = sizeof one;
    while (ipd_settings_word(&value, word, sizeof word)) {
        double x;
        if (s->kind == IPD_SET_NUMBERS ? set_number(&x, s, word, e)
                                       : set_choice(one, &item, word, e))
            return -1;
        size_t n = strlen(list);
        if (n + strlen(word) + 2 > sizeof list || ++count > IPD_MAX_LAYERS)
            return ipd_fail(e, IPD_EUSAGE, "%s has more items than %d layers can have", s->name,
                            IPD_MAX_LAYERS);
        snprintf(list + n, sizeof list - n, "%s%s", n ? "," : "", word);
    }
    if (!count)
        return ipd_fail(e, IPD_EUSAGE,
                        "%s is empty: give one value for all layers, or one for each", s->name);
    snprintf(at, s->size, "%s", list);
    return 0;
}

static int set_order(char *at, const ipd_setting *s, const char *value, ipd_error *e)
{
    if (strlen(value) >= s->size)
        return ipd_fail(e, IPD_EUSAGE, "%s = '%.40s...' is too long", s->name, value);
    snprintf(at, s->size, "%s", value);
    return 0;
}

/* Checked at once: a schedule depends on nothing else. */
static int set_schedule(char *at, const ipd_setting *s, const char *value, ipd_error *e)
{
    ipd_rho_schedule schedule;
    char word[80], list[512] = "";
    size_t n = 0;
    if (ipd_rho_schedule_parse(&schedule, value, e))
        return -1;
    while (n < sizeof list && ipd_settings_word(&value, word, sizeof word))
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", n ? "," : "", word);
    return set_order(at, s, n < sizeof list ? list : value, e);
}

static int set_preset(ipd_settings *s, const char *name, ipd_error *e)
{
    const ipd_preset *p = ipd_preset_find(name);
    if (!p)
        return set_choice(s->preset, ipd_setting_find("preset"), name, e);
    *s = p->settings;
    return 0;
}

/* bcd has its own inertia (none), proximal weight and penalty, the other methods have the preset's. */
static int set_method(ipd_settings *s, const ipd_setting *setting, const char *name, ipd_error *e)
{
    int before = !strcmp(s->method, "bcd"), after = !strcmp(name, "bcd");
    const ipd_preset *p = ipd_preset_find(after ? "bcd" : s->preset);
    if (set_choice(s->method, setting, name, e))
        return -1;
    if (before == after || !p)
        return 0;
    s->alpha = p->settings.alpha;
    s->beta = p->settings.beta;
    s->gamma = p->settings.gamma;
    s->delta = p->settings.delta;
    s->rho = p->settings.rho;
    s->rho_growth = p->settings.rho_growth;
    s->rho_max = p->settings.rho_max;
    memcpy(s->rho_schedule, p->settings.rho_schedule, sizeof s->rho_schedule);
    return 0;
}

int ipd_settings_set(ipd_settings *s, const char *name, const char *value, ipd_error *e)
{
    const ipd_setting *setting = ipd_setting_find(name);
    if (!setting)
        return ipd_settings_unknown(name, e);
    char *at = (char *)s + setting->offset;
    if (setting->offset == offsetof(ipd_settings, preset))
        return set_preset(s, value, e);
    if (setting->offset == offsetof(ipd_settings, method))
        return set_method(s, setting, value, e);
    switch (setting->kind) {
    case IPD_SET_NUMBER:
        if (set_number(at, setting, value, e))
            return -1;
        if (!strcmp(name, "inertia"))
            s->beta = s->gamma = s->alpha;
        return 0;
    case IPD_SET_COUNT:
        return set_count(at, setting, value, e);
    case IPD_SET_SWITCH:
        return set_switch(at, setting, value, e);
    case IPD_SET_CHOICE:
        return set_choice(at, setting, value, e);
    case IPD_SET_CHOICES:
    case IPD_SET_NUMBERS:
        return set_list(at, setting, value, e);
    case IPD_SET_BLOCKS:
        return set_order(at, setting, !strcmp(value, "none") ? "" : value, e);
    case IPD_SET_SCHEDULE:
        return set_schedule(at, setting, value, e);
    default:
        return set_order(at, setting, value, e);
    }
}

void ipd_settings_get(const ipd_settings *s, const ipd_setting *setting, char *to, size_t size)
{
    const char *at = (const char *)s + setting->offset;
    double x, back;
    long n;
    int on;
    switch (setting->kind) {
    case IPD_SET_NUMBER:
        memcpy(&x, at, sizeof x);
        snprintf(to, size, "%.15g", x);
        if (ipd_text_to_double(to, &back) || back != x)
            snprintf(to, size, "%.17g", x);
        return;
    case IPD_SET_COUNT:
        memcpy(&n, at, sizeof n);
        snprintf(to, size, "%ld", n);
        return;
    case IPD_SET_SWITCH:
        memcpy(&on, at, sizeof on);
        snprintf(to, size, "%s", on ? "true" : "false");
        return;
    case IPD_SET_BLOCKS:
        snprintf(to, size, "%s", *at ? at : "none");
        return;
    default:
        snprintf(to, size, "%s", at);
    }
}
