/* settings_check.c - settings together: what depends on the depth, the method and the data, and the
 * solver's numbers.
 */
#include "base/text.h"
#include "run/settings_private.h"

#include <stdio.h>
#include <string.h>

/* The item of a list for layer l (1, 2, ...): the only one, or the l-th. */
static void item_of(const char *list, int l, char *word, size_t size)
{
    char next[64];
    word[0] = 0;
    for (int i = 1; i <= l && ipd_settings_word(&list, next, sizeof next); i++)
        snprintf(word, size, "%s", next);
}

static int count_items(const char *list)
{
    char word[64];
    int count = 0;
    while (ipd_settings_word(&list, word, sizeof word))
        count++;
    return count;
}

/* -1 stands for what the method's authors say. */
static int settle_own(double *x, const char *name, double own, ipd_error *e)
{
    if (*x == -1 && own > 0)
        *x = own;
    if (*x < 0 && *x != -1)
        return ipd_fail(e, IPD_EUSAGE, "%s = %g is out of range: use 0 or more, or -1", name, *x);
    return 0;
}

/* One item, or one for each layer. */
static int check_list(const char *name, const char *list, int layers, ipd_error *e)
{
    int count = count_items(list);
    if (count == 1 || count == layers)
        return 0;
    return ipd_fail(e, IPD_EUSAGE, "%s = %.80s has %d items: give one, or %d, one for each layer",
                    name, list, count, layers);
}

/* The classical optimizers have no penalties: better said than passed over. */
static int check_penalty(const ipd_settings *s, int L, ipd_error *e)
{
    for (int l = 1; l <= L && !ipd_method_find(s->method)->variables; l++) {
        char name[64];
        item_of(s->regularizer, l, name, sizeof name);
        if (strcmp(name, "none"))
            return ipd_fail(e, IPD_EUSAGE,
                            "%s knows no penalty on the weights: set regularizer = none for it",
                            s->method);
    }
    return 0;
}

/* bcd has neither inertia nor a penalty that grows: better said than passed over, too. */
static int check_bcd(const ipd_settings *s, ipd_error *e)
{
    if (strcmp(s->method, "bcd"))
        return 0;
    if (s->alpha != 0 || s->beta != 0 || s->gamma != 0)
        return ipd_fail(e, IPD_EUSAGE,
                        "bcd has no inertia: set inertia = 0 for it, or method = ipdlam");
    int grows = strcmp(s->rho_schedule, "constant") &&
                (s->rho_growth != 1 || strcmp(s->rho_schedule, "geometric"));
    if (s->rho != 1 || grows)
        return ipd_fail(e, IPD_EUSAGE,
                        "bcd keeps its penalty at 1: set rho = 1 and rho_schedule = "
                        "constant for it, or method = ipdlam");
    return 0;
}

/* Marks the blocks in the list, by ipd_block_index. */
static int parse_frozen(const char *list, int L, char *frozen, ipd_error *e)
{
    char word[64];
    ipd_block block;
    memset(frozen, 0, IPD_MAX_BLOCKS);
    while (ipd_settings_word(&list, word, sizeof word)) {
        if (ipd_block_parse(&block, word, L))
            return ipd_fail(
                e, IPD_EUSAGE,
                "freeze: '%.20s' is no block of this network: use blocks like z1 and W%d, "
                "or none",
                word, L);
        frozen[ipd_block_index(block, L)] = 1;
    }
    return 0;
}

/* rho_max caps what grows by rho_growth; what is written down must keep to it. */
static int check_rho(const ipd_settings *s, ipd_error *e)
{
    ipd_rho_schedule schedule;
    if (s->rho > s->rho_max)
        return ipd_fail(e, IPD_EUSAGE, "rho = %g is larger than rho_max = %g: raise rho_max too",
                        s->rho, s->rho_max);
    if (ipd_rho_schedule_parse(&schedule, s->rho_schedule, e))
        return -1;
    for (int i = 0; i < schedule.count; i++)
        if (schedule.rho[i] > s->rho_max)
            return ipd_fail(e, IPD_EUSAGE,
                            "rho_schedule: %g, from iteration %d on, is larger than rho_max = %g: "
                            "raise rho_max too",
                            schedule.rho[i], schedule.from[i], s->rho_max);
    return 0;
}

void ipd_settings_settle_batch(ipd_settings *s, const char *dataset_name, size_t N)
{
    if (s->batch == -1)
        s->batch = !strcmp(dataset_name, "digits") && strcmp(s->preset, "paper") ? 128 : 512;
    if (s->batch > (long)N)
        s->batch = (long)N;
}

int ipd_settings_check(ipd_settings *s, int L, const char *dataset_name, size_t N, ipd_error *e)
{
    ipd_order order;
    char frozen[IPD_MAX_BLOCKS];
    if (ipd_order_parse(&order, s->order, L, e))
        return -1;
    ipd_order_text(&order, s->order, sizeof s->order);
    if (check_list("activation", s->activation, L - 1, e) ||
        check_list("regularizer", s->regularizer, L, e) || check_list("lambda", s->lambda, L, e) ||
        parse_frozen(s->freeze, L, frozen, e) || check_penalty(s, L, e) || check_bcd(s, e))
        return -1;
    ipd_settings_settle_batch(s, dataset_name, N);
    const ipd_method *method = ipd_method_find(s->method);
    if (settle_own(&s->lr, "lr", method->lr, e) || settle_own(&s->eps, "eps", method->eps, e))
        return -1;
    if (s->nesterov && s->momentum == 0 && !strcmp(s->method, "sgd"))
        return ipd_fail(e, IPD_EUSAGE,
                        "nesterov = true does nothing without momentum: give momentum = 0.9 too");
    return check_rho(s, e);
}

int ipd_settings_parameters(const ipd_settings *s, int L, ipd_parameters *p, ipd_error *e)
{
    *p = (ipd_parameters){.alpha = s->alpha,
                          .beta = s->beta,
                          .gamma = s->gamma,
                          .delta = s->delta,
                          .rho = s->rho,
                          .theta = s->rho_growth,
                          .rho_max = s->rho_max,
                          .batch = s->batch < 0 ? 512 : (size_t)s->batch,
                          .inner = (int)s->inner,
                          .shuffle = s->shuffle,
                          .spectrum = s->spectrum,
                          .metrics_every = (int)s->metrics_every,
                          .metrics_samples = (size_t)s->metrics_samples,
                          .seed = (uint64_t)s->seed,
                          .audit = s->audit,
                          .optimizer = {.lr = s->lr,
                                        .momentum = s->momentum,
                                        .nesterov = s->nesterov,
                                        .beta1 = s->beta1,
                                        .beta2 = s->beta2,
                                        .smoothing = s->smoothing,
                                        .decay = s->decay,
                                        .eps = s->eps}};
    for (int l = 1; l <= L; l++) {
        char name[64], weight[64];
        double lambda = 0;
        item_of(s->regularizer, l, name, sizeof name);
        item_of(s->lambda, l, weight, sizeof weight);
        ipd_text_to_double(weight, &lambda);
        p->penalty[l] = ipd_regularizer_find(name)->penalty(lambda, s->l1_ratio);
    }
    if (ipd_rho_schedule_parse(&p->schedule, s->rho_schedule, e))
        return -1;
    p->bias_mean = !strcmp(s->bias_step, "mean");
    if (parse_frozen(s->freeze, L, p->frozen, e))
        return -1;
    return ipd_method_order(ipd_method_find(s->method), &p->order, s->order, L, e);
}

void ipd_settings_from_parameters(ipd_settings *s, const ipd_parameters *p)
{
    s->alpha = p->alpha;
    s->beta = p->beta;
    s->gamma = p->gamma;
    s->delta = p->delta;
    s->rho = p->rho;
    s->rho_growth = p->theta;
    s->rho_max = p->rho_max;
    s->batch = (long)p->batch;
    s->inner = p->inner;
    s->shuffle = p->shuffle;
    s->spectrum = p->spectrum;
    s->metrics_every = p->metrics_every;
    s->metrics_samples = (long)p->metrics_samples;
    s->lr = p->optimizer.lr;
    s->momentum = p->optimizer.momentum;
    s->nesterov = p->optimizer.nesterov;
    s->beta1 = p->optimizer.beta1;
    s->beta2 = p->optimizer.beta2;
    s->smoothing = p->optimizer.smoothing;
    s->decay = p->optimizer.decay;
    s->eps = p->optimizer.eps;
    ipd_order_text(&p->order, s->order, sizeof s->order);
}
