/* test_uses.c - the settings that a method says it uses (ipd_method.uses) are those whose change has an effect on it: on its weights or
 * its records. Settings that no method names have one on all.
 */
#include "settings/settings.h"
#include "tests/solver/problem.h"

enum { ITERATIONS = 3, L = 3 };

/* A change of each setting that can change in a run, beside one that it needs. */
static const struct {
    const char *name, *value, *beside, *beside_value;
} changes[] = {
    {"order", "z3 a2 z2 a1 z1 W3 W2 W1", 0, 0},
    {"alpha", "0.3", "inner",
     "1"}, /* no effect: z and a of a batch have no past in its first sweep */
    {"alpha", "0.3", "inner", "2"},
    {"beta", "0.3", 0, 0},
    {"gamma", "0.3", "inner", "1"},
    {"gamma", "0.3", "inner", "2"},
    {"delta", "3", 0, 0},
    {"rho", "2", 0, 0},
    {"rho_growth", "1.5", 0, 0},
    {"rho_max", "1.01", 0, 0},
    {"rho_schedule", "1:1,2:3", 0, 0},
    {"batch", "12", 0, 0},
    {"inner", "2", 0, 0},
    {"shuffle", "true", 0, 0},
    {"regularizer", "ridge", 0, 0},
    {"lambda", "0.3", 0, 0},
    {"l1_ratio", "0.9", 0, 0},
    {"bias_step", "mean", 0, 0},
    {"freeze", "W1", 0, 0},
    {"audit", "true", 0, 0},
    {"spectrum", "true", 0, 0},
    {"metrics_every", "2", 0, 0},
    {"metrics_samples", "5", 0, 0},
    {"lr", "0.05", 0, 0},
    {"lr_schedule", "anneal", 0, 0},
    {"momentum", "0.9", 0, 0},
    {"nesterov", "true", "momentum", "0.5"},
    {"beta1", "0.5", 0, 0},
    {"beta2", "0.5", 0, 0},
    {"smoothing", "0.5", 0, 0},
    {"decay", "0.5", 0, 0},
    {"eps", "0.1", 0, 0},
    {"weight_decay", "0.1", 0, 0},
    {"average_weights", "0.5", 0, 0},
    {"damping", "1.5", 0, 0},
    {"damping_last", "3", 0, 0},
    {"kappa", "2", 0, 0},
    {"bias_share", "2", 0, 0},
    {"relax", "fixed", 0, 0},
    {"relax_a", "0.7", 0, 0},
    {"relax_z", "0.7", 0, 0},
    {"relax_cap", "0.5", 0, 0},
    {"shrink", "0.01", 0, 0},
};
enum { CHANGES = sizeof changes / sizeof *changes };

typedef struct outcome {
    ipd_record records[ITERATIONS];
    ipd_network net, averaged; /* averaged has no layers if there is no mean */
} outcome;

static void set(ipd_settings *s, const char *name, const char *value)
{
    ipd_error e;
    if (ipd_settings_set(s, name, value, &e))
        fatal(&e);
}

/* Settings with which every setting has an effect. */
static ipd_settings settings_of(const ipd_method *method)
{
    static const char *const own[][2] = {{"rho_growth", "1.1"},
                                         {"rho_max", "10"},
                                         {"regularizer", "elastic_net"},
                                         {"lambda", "0.1"}};
    ipd_settings s;
    ipd_settings_init(&s);
    set(&s, "method", method->name);
    set(&s, "batch", "8");
    set(&s, "shuffle", "false");
    set(&s, "order", "nested_reverse");
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (ipd_method_uses(method, own[i][0]))
            set(&s, own[i][0], own[i][1]);
    set(&s, "length", "4");
    return s;
}

/* Returns 0 if the settings are refused. */
static int run(const ipd_method *method, const problem *p, const ipd_settings *settings,
               outcome *out)
{
    ipd_settings s = *settings;
    ipd_parameters parameters;
    ipd_unit unit;
    ipd_error e;
    if (ipd_settings_check(&s, L, "", p->N, &e))
        return 0;
    if (ipd_settings_parameters(&s, L, &parameters, &e))
        fatal(&e);
    void *state = method->open(method, &p->problem, &p->net, &parameters, &e);
    if (!state)
        fatal(&e);
    for (int k = 0; k < ITERATIONS; k++) {
        do
            if (method->advance(state, &unit, &e))
                fatal(&e);
        while (!unit.iteration_done);
        ipd_record_init(&out->records[k], L);
        if (method->finish(state, &out->records[k], &e))
            fatal(&e);
    }
    const ipd_network *averaged = method->averaged(state);
    out->net = out->averaged = (ipd_network){0};
    if (ipd_network_copy(&out->net, method->network(state), &e) ||
        (averaged && ipd_network_copy(&out->averaged, averaged, &e)))
        fatal(&e);
    method->close(state);
    return 1;
}

static int same_network(const ipd_network *x, const ipd_network *y)
{
    for (int l = 1; l <= x->L && x->L == y->L; l++) {
        size_t rows = x->W[l].rows, count = rows * x->W[l].cols;
        if (memcmp(x->W[l].data, y->W[l].data, count * sizeof(float)) ||
            memcmp(x->b[l].data, y->b[l].data, rows * sizeof(float)))
            return 0;
    }
    return x->L == y->L;
}

/* Bits of all but the settings that a record has. */
static int same(const outcome *x, const outcome *y)
{
    for (int k = 0; k < ITERATIONS; k++)
        for (const ipd_field *f = ipd_record_fields; f->name; f++)
            for (int i = 0; i < ipd_field_count(f, L) && f->kind != IPD_STRING; i++) {
                double a = ipd_field_value(f, &x->records[k], i);
                double b = ipd_field_value(f, &y->records[k], i);
                if (!ipd_setting_find(f->name) && !(isnan(a) && isnan(b)) && a != b)
                    return 0;
            }
    return same_network(&x->net, &y->net) && same_network(&x->averaged, &y->averaged);
}

/* Returns 1 if some method uses the setting. */
static int is_own(const char *name)
{
    for (const char *const *m = ipd_method_names(); *m; m++)
        if (ipd_method_uses(ipd_method_find(*m), name))
            return 1;
    return 0;
}

static void free_outcome(outcome *x)
{
    ipd_network_free(&x->net);
    ipd_network_free(&x->averaged);
}

static void effects(const ipd_method *method, const problem *p)
{
    int wrong = 0, count = 0;
    for (int i = 0; i < CHANGES; i++) {
        ipd_settings s = settings_of(method), t;
        outcome x, y;
        char why[160];
        const char *name = changes[i].name;
        if (changes[i].beside)
            set(&s, changes[i].beside, changes[i].beside_value);
        if (!run(method, p, &s, &x)) { /* try it without the other settings */
            s = settings_of(method);
            if (!run(method, p, &s, &x)) {
                ok(0, "%s takes its own settings", method->name);
                return;
            }
        }
        t = s;
        set(&t, name, changes[i].value);
        if (!run(method, p, &t, &y)) {
            free_outcome(&x);
            continue;
        }
        int uses = ipd_method_uses(method, name) || !is_own(name), has = !same(&x, &y);
        int unused = ipd_settings_unused(&t, name, 0, why, sizeof why);
        if ((uses != has && !(unused && strstr(why, " without "))) || unused == has) {
            printf("# %s %s %s, but it has %s effect%s%s\n", method->name,
                   uses ? "uses" : "does not use", name, has ? "an" : "no",
                   unused ? ", and the user reads: " : "", unused ? why : "");
            wrong++;
        }
        count++;
        free_outcome(&x);
        free_outcome(&y);
    }
    ok(!wrong && count > 30, "%s: %d settings, of which it names those that have an effect",
       method->name, count);
}

/* Each word of a list is a setting, which the test tries or, with `aliases`, may stand for others. */
static int are_settings(const char *list, int aliases)
{
    char words[400], *rest = words, *word;
    snprintf(words, sizeof words, "%s", list ? list : "");
    while ((word = strsep(&rest, " "))) {
        const ipd_setting *s = ipd_setting_find(word);
        int tried = 0;
        for (int i = 0; i < CHANGES; i++)
            tried |= !strcmp(changes[i].name, word);
        if (*word && (!s || s->when == IPD_AT_START || (s->alias && !aliases) || !tried) &&
            !(s && s->alias && aliases)) {
            printf("# '%s'\n", word);
            return 0;
        }
    }
    return 1;
}

int main(void)
{
    static const size_t widths[] = {6, 5, 4, 3};
    problem p;
    ipd_random r;
    ipd_error e;
    if (ipd_threads_set(1, &e))
        fatal(&e);
    ipd_random_seed(&r, 3, 3);
    make_problem(&p, &r, L, widths, 24, "relu");
    for (const char *const *name = ipd_method_names(); *name; name++) {
        const ipd_method *m = ipd_method_find(*name);
        ok(are_settings(m->uses, 0) && are_settings(m->refuses, 1) && are_settings(m->takes, 0) &&
               (!m->preset || ipd_preset_find(m->preset)),
           "%s names settings and a preset that exist", *name);
        ok((m->eps > 0) == ipd_method_uses(m, "eps") && (m->lr > 0) == ipd_method_uses(m, "lr"),
           "%s has a default of lr and eps where it uses them", *name);
        effects(m, &p);
    }
    for (const ipd_setting *s = ipd_settings_table; s->name; s++) {
        int tried = s->when == IPD_AT_START || s->alias || !strcmp(s->name, "length") ||
                    !strcmp(s->name, "schedule") || !strcmp(s->name, "recall"); /* of the run */
        for (int i = 0; i < CHANGES; i++)
            tried |= !strcmp(changes[i].name, s->name);
        if (!tried)
            ok(0, "the test tries the setting %s", s->name);
    }
    free_problem(&p);
    return done();
}
