/* check.c - checks all settings together, with the depth, the method and the data set, and converts
 * them to the solver's parameters.
 */
#include "base/text.h"
#include "settings/private.h"
#include "settings/schedule.h"
#include "solver/written.h"

#include <math.h>
#include <string.h>

static int count_items(const char *list)
{
    char word[64];
    int count = 0;
    while (ipd_settings_word(&list, word, sizeof word))
        count++;
    return count;
}

/* The smallest normal float, as decimals. */
#define MIN_EPS 1.1755e-38

/* Replaces -1 by the method's default `own`, and checks the range. */
static int resolve_own(double *x, const char *name, double own, double min, double max,
                       ipd_error *e)
{
    if (*x == -1 && own > 0)
        *x = own;
    if (*x < min && *x != -1)
        return ipd_fail(e, IPD_EUSAGE, "%s = %g is out of range. Use %g to %g, or -1", name, *x,
                        min, max);
    return 0;
}

/* Checks that a list has one item or one per layer. */
static int check_list(const char *name, const char *list, int layers, ipd_error *e)
{
    int count = count_items(list);
    if (count == 1 || count == layers)
        return 0;
    return ipd_fail(e, IPD_EUSAGE, "%s = %.80s has %d items. Give one, or %d, one per layer", name,
                    list, count, layers);
}

/* Sets frozen[ipd_block_index] to 1 for the blocks in the list. */
static int parse_frozen(const char *list, int L, char *frozen, ipd_error *e)
{
    char word[64];
    ipd_block block;
    memset(frozen, 0, IPD_MAX_BLOCKS);
    while (ipd_settings_word(&list, word, sizeof word)) {
        if (ipd_block_parse(&block, word, L))
            return ipd_fail(
                e, IPD_EUSAGE,
                "freeze: this network has no block '%.20s'. Use blocks such as z1 and W%d, or none",
                word, L);
        frozen[ipd_block_index(block, L)] = 1;
    }
    return 0;
}

/* Growth stops at rho_max, but an explicit value above it is an error. */
static int check_rho(const ipd_settings *s, ipd_error *e)
{
    if (s->rho > s->rho_max)
        return ipd_fail(e, IPD_EUSAGE, "rho = %g is larger than rho_max = %g. Raise rho_max too",
                        s->rho, s->rho_max);
    if (!s->length && ipd_schedules_need_length(s))
        return ipd_fail(e, IPD_EUSAGE,
                        "schedule = %.200s needs the run's length in iterations. Set length = 20",
                        *s->schedule ? s->schedule : s->rho_schedule);
    int annealed = ipd_rho_schedule_find(s->rho_schedule) == IPD_RHO_ANNEAL;
    if (!s->length && (annealed || strcmp(s->lr_schedule, "constant")))
        return ipd_fail(
            e, IPD_EUSAGE, "%s = %s needs the run's length in iterations. Set length = 20",
            annealed ? "rho_schedule" : "lr_schedule", annealed ? "anneal" : s->lr_schedule);
    return ipd_schedule_check_rho(s, e);
}

void ipd_settings_resolve_batch(ipd_settings *s, const char *dataset_name, size_t N)
{
    if (s->batch == -1)
        s->batch = !strcmp(dataset_name, "digits") && strcmp(s->preset, "paper") ? 128 : 512;
    if (s->batch > (long)N)
        s->batch = (long)N;
}

static int check_method(const ipd_settings *s, int L, const ipd_method *method, ipd_error *e)
{
    const ipd_activation *sigma[IPD_MAX_LAYERS] = {0};
    ipd_parameters p;
    for (const ipd_own_setting *x = method->own; x && *x->name; x++) {
        double value = s->own[x->slot];
        if (!(value >= x->min && value <= x->max) || (x->whole && value != floor(value)))
            return ipd_fail(e, IPD_EUSAGE, "%s = %g is out of range. Use %s%g to %g", x->name,
                            value, x->whole ? "a whole number, " : "", x->min, x->max);
    }
    if (method->written &&
        (ipd_settings_parameters(s, L, &p, e) || ipd_written_check(method, &p, e)))
        return -1;
    if (!method->check)
        return 0;
    for (int l = 1; l < L; l++) {
        char name[64];
        ipd_settings_item(s->activation, l, name, sizeof name);
        sigma[l] = ipd_activation_find(name);
    }
    return ipd_settings_parameters(s, L, &p, e) || method->check(&p, L, sigma, e) ? -1 : 0;
}

int ipd_settings_check(ipd_settings *s, int L, const char *dataset_name, size_t N, ipd_error *e)
{
    ipd_order order;
    char frozen[IPD_MAX_BLOCKS];
    const ipd_method *method = ipd_method_find(s->method);
    if (ipd_method_order(method, &order, s->order, L, e))
        return -1;
    ipd_order_text(&order, s->order, sizeof s->order);
    if (check_list("activation", s->activation, L - 1, e) ||
        check_list("regularizer", s->regularizer, L, e) || check_list("lambda", s->lambda, L, e) ||
        check_list("damping", s->damping, L, e) || parse_frozen(s->freeze, L, frozen, e) ||
        ipd_settings_check_use(s, e))
        return -1;
    ipd_settings_resolve_batch(s, dataset_name, N);
    /* A subnormal eps is zero in the methods' arithmetic, so a zero gradient would give 0/0. */
    if (resolve_own(&s->lr, "lr", method->lr, 0, 1e6, e) ||
        resolve_own(&s->eps, "eps", method->eps, MIN_EPS, 1e6, e))
        return -1;
    return check_rho(s, e) || check_method(s, L, method, e) ? -1 : 0;
}

/* c_l of relaxed_am. With one value per layer, damping sets all; a single value, or auto, is for
 * the hidden layers only, and damping_last for the last one. */
static void damping_by_layer(const ipd_settings *s, int L, double *c)
{
    int single = count_items(s->damping) == 1;
    for (int l = 1; l <= L; l++) {
        char word[64];
        c[l] = 2.0 * (L - 1);
        ipd_settings_item(s->damping, l, word, sizeof word);
        ipd_text_to_double(word, &c[l]);
        if (l == L && single)
            c[l] = s->damping_last;
    }
}

/* Settings that are copied to and from a parameter unchanged: X(setting, parameter). */
/* clang-format off */
#define SAME(X) \
    X(alpha, alpha) X(beta, beta) X(gamma, gamma) X(delta, delta) X(rho, rho) X(rho_growth, theta) \
    X(rho_max, rho_max) X(length, length) X(inner, inner) X(metrics_every, metrics_every) X(shuffle, shuffle) \
    X(shuffle_space, shuffle_space) \
    X(spectrum, spectrum) X(average_weights, average_weights) X(lr, optimizer.lr) \
    X(momentum, optimizer.momentum) X(nesterov, optimizer.nesterov) X(beta1, optimizer.beta1) \
    X(beta2, optimizer.beta2) X(smoothing, optimizer.smoothing) X(decay, optimizer.decay) \
    X(weight_decay, optimizer.weight_decay) X(eps, optimizer.eps) X(kappa, relaxed.kappa) \
    X(bias_share, relaxed.bias_share) X(relax_a, relaxed.relax_a) X(relax_z, relaxed.relax_z) \
    X(relax_cap, relaxed.relax_cap) X(shrink, relaxed.shrink)
/* clang-format on */
#define TO_PARAMETER(setting, parameter) p->parameter = (__typeof__(p->parameter))s->setting;
#define TO_SETTING(setting, parameter) s->setting = (__typeof__(s->setting))p->parameter;

int ipd_settings_parameters(const ipd_settings *s, int L, ipd_parameters *p, ipd_error *e)
{
    *p = (ipd_parameters){.batch = s->batch < 0 ? 512 : (size_t)s->batch,
                          .metrics_samples = (size_t)s->metrics_samples,
                          .seed = (uint64_t)s->seed,
                          .audit = s->audit,
                          .optimizer.lr_schedule = ipd_schedule_find(s->lr_schedule),
                          .relaxed.by_norm = !strcmp(s->relax, "norm")};
    SAME(TO_PARAMETER)
    memcpy(p->own, s->own, sizeof p->own);
    for (int l = 1; l <= L; l++) {
        char name[64], weight[64];
        double lambda = 0;
        ipd_settings_item(s->regularizer, l, name, sizeof name);
        ipd_settings_item(s->lambda, l, weight, sizeof weight);
        ipd_text_to_double(weight, &lambda);
        p->penalty[l] = ipd_regularizer_penalty(ipd_regularizer_find(name), lambda, s->l1_ratio);
    }
    damping_by_layer(s, L, p->relaxed.damping);
    p->schedule = ipd_rho_schedule_find(s->rho_schedule);
    p->bias_mean = !strcmp(s->bias_step, "mean");
    if (parse_frozen(s->freeze, L, p->frozen, e))
        return -1;
    return ipd_method_order(ipd_method_find(s->method), &p->order, s->order, L, e);
}

void ipd_settings_from_parameters(ipd_settings *s, const ipd_parameters *p)
{
    SAME(TO_SETTING)
    memcpy(s->own, p->own, sizeof s->own);
    s->batch = (long)p->batch;
    s->metrics_samples = (long)p->metrics_samples;
    strcpy(s->lr_schedule, ipd_schedule_names()[p->optimizer.lr_schedule]);
    strcpy(s->relax, p->relaxed.by_norm ? "norm" : "fixed");
    ipd_order_text(&p->order, s->order, sizeof s->order);
}
