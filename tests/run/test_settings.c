/* test_settings.c - orders and settings: every error's sentence, and text that reads back to the
 * same bits. */
#include "base/random.h"
#include "settings/settings.h"
#include "tests/tap.h"

#include <math.h>
#include <string.h>

static ipd_error e;

static void refuse_order(const char *text, int L, const char *sentence)
{
    ipd_order order = {.count = -7};
    e.text[0] = 0;
    int failed = ipd_method_order(&ipd_method_ipdlam, &order, text, L, &e);
    ok(failed && e.code == IPD_EUSAGE && strstr(e.text, sentence) && order.count == -7,
       "order '%.40s' of %d layers: %s", text, L, e.text);
}

static void orders(void)
{
    static const struct {
        const char *text;
        int L;
        const char *blocks;
    } good[] = {
        {"increase", 3, "z1 z2 z3 W1 W2 W3 a1 a2"},
        {"reverse", 3, "z3 z2 z1 W3 W2 W1 a2 a1"},
        {"nested_reverse", 3, "z3 W3 a2 z2 W2 a1 z1 W1"},
        {"increase", 1, "z1 W1"},
        {"nested_reverse", 1, "z1 W1"},
        {"a1,z2, W2\tz1 W1", 2, "a1 z2 W2 z1 W1"},
    };
    ipd_order order, again;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char text[512] = "", block[8], back[512];
        int failed = ipd_method_order(&ipd_method_ipdlam, &order, good[i].text, good[i].L, &e);
        for (int b = 0; !failed && b < order.count; b++) {
            ipd_block_text(order.blocks[b], block);
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", b ? " " : "", block);
        }
        ipd_order_text(&order, back, sizeof back);
        failed |= ipd_method_order(&ipd_method_ipdlam, &again, back, good[i].L, &e);
        ok(!failed && !strcmp(text, good[i].blocks) && !memcmp(&order, &again, sizeof order),
           "%s of %d layers is %s, and its text reads back", good[i].text, good[i].L, text);
    }
    char deep[512];
    ipd_random r;
    uint32_t index[IPD_MAX_BLOCKS];
    ipd_random_seed(&r, 1, 1);
    ipd_method_order(&ipd_method_ipdlam, &order, "increase", IPD_MAX_LAYERS, &e);
    ipd_order shuffled = order;
    strcpy(shuffled.name, "custom");
    for (int i = 0; i < order.count; i++)
        index[i] = (uint32_t)i;
    ipd_random_shuffle(&r, index, (size_t)order.count);
    for (int i = 0; i < order.count; i++)
        shuffled.blocks[i] = order.blocks[index[i]];
    ipd_order_text(&shuffled, deep, sizeof deep);
    ok(!ipd_method_order(&ipd_method_ipdlam, &again, deep, IPD_MAX_LAYERS, &e) &&
           !memcmp(again.blocks, shuffled.blocks, sizeof again.blocks),
       "the longest order, of %d layers, fits in %zu characters", IPD_MAX_LAYERS, strlen(deep));
    for (int L = 1; L <= IPD_MAX_LAYERS; L++) {
        char seen[IPD_MAX_BLOCKS] = {0};
        int all = 0;
        ipd_method_order(&ipd_method_ipdlam, &order, "nested_reverse", L, &e);
        for (int i = 0; i < order.count; i++)
            all += !seen[ipd_block_index(order.blocks[i], L)]++;
        if (order.count != 3 * L - 1 || all != order.count)
            ok(0, "nested_reverse of %d layers has each block once", L);
    }
    refuse_order("incraese", 3, "unknown order 'incraese'. Did you mean 'increase'?");
    refuse_order("nested", 3, "Did you mean 'nested_reverse'?");
    refuse_order("z1 z2", 2, "block W1 is missing. Name each block once");
    refuse_order("", 2, "block z1 is missing");
    refuse_order("z1 z2 z2 W1 W2 a1", 2, "block z2 is named twice");
    refuse_order("z1 z2 W1 W2 a1 a2", 2, "'a2' is neither an order nor a block of this network");
    refuse_order("z0 W1", 1, "this network has no block 'z0'. Name z1 and W1 once each");
    refuse_order("z1 W1 W-1", 2, "'W-1' is neither");
    refuse_order("z1 w1", 2, "'w1' is neither");
    refuse_order("z1 W99999999999999999999", 2, "is neither");
}

static void refuse(const char *name, const char *value, const char *sentence)
{
    ipd_settings s, before;
    ipd_settings_init(&s);
    before = s;
    e.text[0] = 0;
    int failed = ipd_settings_set(&s, name, value, &e);
    ok(failed && e.code == IPD_EUSAGE && strstr(e.text, sentence) && !memcmp(&s, &before, sizeof s),
       "%s = %.30s: %s", name, value, e.text);
}

static void sentences(void)
{
    char name[200];
    refuse("dleta", "1", "unknown setting 'dleta'. Did you mean 'delta'?");
    refuse("rho_groth", "1", "Did you mean 'rho_growth'?");
    refuse("qqqqqqqq", "1", "ipdlam train --help lists the settings.");
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    refuse(name, "1", "xxx'. ipdlam train --help");
    refuse("delta", "", "delta = '' is not a number");
    refuse("delta", "1x", "delta = '1x' is not a number");
    refuse("delta", " 1", "is not a number");
    refuse("delta", "nan", "is not a number");
    refuse("delta", "inf", "is not a number");
    refuse("delta", "1e999", "is out of range");
    refuse("delta", "-0.1", "delta = -0.1 is out of range. Use 0 to 1e+12");
    refuse("alpha", "1001", "alpha = 1001 is out of range. Use 0 to 1000");
    refuse("rho_schedule", "1:1,1:2", "does not come after iteration 1");
    refuse("rho_schedule", "", "neither geometric");
    refuse("rho_schedule", "1:1,geometric", "'geometric' is not a schedule");
    refuse("rho_schedule", "0:1", "'0' is not a schedule");
    refuse("rho_schedule", "1.5:1", "is not a schedule");
    refuse("rho_schedule", "5:1,4:2", "does not come after iteration 5");
    refuse("rho_schedule", "5:0", "rho = 0 is out of range");
    refuse("rho_schedule", "5:nan", "rho = 'nan' is not a number");
    refuse("rho_schedule", "5:1e31", "out of range");
    refuse("rho_schedule", "linear:1", "'1' is not a pair of values");
    refuse("rho_schedule", "linear", "neither geometric, constant, anneal nor a schedule");
    refuse("rho", "0", "rho = 0 is out of range. Use more than 0 to 1e+30");
    refuse("inner", "0", "inner = 0 is out of range. Use 1 to 1e+06");
    refuse("inner", "1.5", "inner = '1.5' is not a whole number");
    refuse("batch", "-2", "batch = -2 is out of range. Use -1 to 1e+09");
    refuse("batch", "99999999999999999999", "batch = 99999999999999999999 is out of range");
    refuse("seed", "-1", "seed = -1 is out of range");
    refuse("shuffle", "maybe", "shuffle = 'maybe' is neither true nor false");
    refuse("activation", "gelu", "unknown activation 'gelu'. Did you mean 'relu'?");
    refuse("activation", "snake", "unknown activation 'snake'. Use relu, ");
    refuse("loss", "l1", "unknown loss 'l1'. Use squared");
    refuse("method", "sgdd", "unknown method 'sgdd'. Did you mean 'sgd'?");
    refuse("preset", "worst",
           "unknown preset 'worst'. Use default, ipdlam, paper, dlam, best, fast, accurate or bcd");
    char order[700];
    refuse("damping", "0", "damping = 0 is out of range. Use more than 0 to 1e+09");
    refuse("damping", "fast", "damping = 'fast' is not a number, nor auto");
    refuse("damping", "2,,x", "damping = 'x' is not a number, nor auto");
    refuse("damping", "2,auto,30", "damping = 2,auto,30 has auto in a list. Give auto alone, or");
    refuse("damping", "", "damping is empty. Give one value for all layers, or one per layer");
    refuse("lambda", "0.1,auto", "lambda = 'auto' is not a number");
    for (int i = 0; i < 32; i++)
        memcpy(order + 20 * i, "0.12345678901234567,", 20);
    order[20 * 32] = 0;
    refuse("damping", order, "damping is too long. Give its numbers fewer digits");
    memset(order, '1', sizeof order);
    for (int i = 1; i < 80; i += 2)
        order[i] = ',';
    order[80] = 0;
    refuse("damping", order, "damping has more items than 32 layers can have");
    memset(order, 'z', sizeof order - 1);
    order[sizeof order - 1] = 0;
    refuse("order", order, "is too long");
}

static void round_trips(void)
{
    ipd_random r;
    int same = 1, count = 0;
    ipd_random_seed(&r, 2, 2);
    for (int i = 0; i < 500; i++) {
        ipd_settings s, back;
        char text[600];
        ipd_settings_init(&s);
        ipd_settings_set(&s, "preset", ipd_preset_names()[i % 5], &e);
        back = s;
        for (const ipd_setting *t = ipd_settings_table; t->name; t++) {
            char *at = (char *)&s + t->offset;
            if (t->kind == IPD_SET_NUMBER) {
                double max = fmin(t->max, 1e20), min = t->min < 0 ? t->min : 1e-300;
                double x = t->min < 0
                               ? min + (max - min) * ipd_random_uniform(&r)
                               : exp(log(min) + (log(max) - log(min)) * ipd_random_uniform(&r));
                memcpy(at, &x, sizeof x);
            } else if (t->kind == IPD_SET_COUNT) {
                long n = (long)(t->min + (t->max - t->min) * ipd_random_uniform(&r));
                memcpy(at, &n, sizeof n);
            } else if (t->kind == IPD_SET_SWITCH) {
                int on = (int)ipd_random_below(&r, 2);
                memcpy(at, &on, sizeof on);
            } else if (t->kind == IPD_SET_ORDER) {
                strcpy(at, i % 2 ? "z1 W1" : "reverse");
            }
        }
        for (const ipd_setting *t = ipd_settings_table; t->name; t++) {
            if (!strcmp(t->name, "preset") || !strcmp(t->name, "inertia"))
                continue;
            ipd_settings_get(&s, t, text, sizeof text);
            if (ipd_settings_set(&back, t->name, text, &e)) {
                printf("# %s\n", e.text);
                same = 0;
            }
            if (memcmp((char *)&back + t->offset, (char *)&s + t->offset,
                       t->kind == IPD_SET_SWITCH   ? sizeof(int)
                       : t->kind >= IPD_SET_CHOICE ? strlen(text) + 1
                                                   : 8)) {
                printf("# %s = %s does not read back\n", t->name, text);
                same = 0;
            }
            count++;
        }
    }
    ok(same, "%d values, written and read, have the same bits", count);

    ipd_settings s;
    ipd_parameters p, q;
    ipd_settings_init(&s);
    ipd_settings_set(&s, "order", "a1 z2 z1 W2 W1", &e);
    ipd_settings_set(&s, "inertia", "0.3", &e);
    ok(s.alpha == 0.3 && s.beta == 0.3 && s.gamma == 0.3, "inertia sets alpha, beta and gamma");
    ok(!ipd_settings_check(&s, 2, "digits", 6000, &e) && s.batch == 128,
       "the default batch on the digits is 128");
    ipd_settings_parameters(&s, 2, &p, &e);
    ipd_settings_from_parameters(&s, &p);
    ipd_settings_parameters(&s, 2, &q, &e);
    ok(!memcmp(&p, &q, sizeof p), "settings converted to parameters and back are the same");
    ipd_settings_init(&s);
    ok(!ipd_settings_check(&s, 2, "mnist", 60000, &e) && s.batch == 512,
       "the default batch on other data is 512");
    s.batch = 9000;
    ok(!ipd_settings_check(&s, 2, "digits", 600, &e) && s.batch == 600,
       "a batch has at most all samples");
    s.rho = 11;
    ok(ipd_settings_check(&s, 2, "digits", 600, &e) && strstr(e.text, "Raise rho_max too"),
       "rho over rho_max: %s", e.text);
    for (int i = 0; ipd_preset_names()[i]; i++) {
        ipd_settings_init(&s);
        if (ipd_settings_set(&s, "preset", ipd_preset_names()[i], &e) ||
            ipd_settings_check(&s, 3, "mnist", 60000, &e))
            ok(0, "preset %s passes the check", ipd_preset_names()[i]);
    }
}

/* The sentence about a setting with this value and two other settings; "" if it has an effect. */
static const char *unused(const char *name, const char *value, const char *method,
                          const char *beside, const char *beside_value)
{
    static char why[160];
    ipd_settings s;
    ipd_settings_init(&s);
    if (ipd_settings_set(&s, "method", method, &e) ||
        (beside && ipd_settings_set(&s, beside, beside_value, &e)) ||
        ipd_settings_set(&s, name, value, &e))
        return e.text;
    *why = 0;
    ipd_settings_unused(&s, name, 0, why, sizeof why);
    return why;
}

static void without_effect(void)
{
    static const struct {
        const char *name, *value, *method, *beside, *beside_value, *why;
    } cases[] = {
        {"delta", "5", "adam", 0, 0, "delta has no effect: adam does not use it"},
        {"order", "increase", "sgd", 0, 0, "order has no effect: sgd does not use it"},
        {"inner", "7", "adam", 0, 0, "inner has no effect: adam does not use it"},
        {"inner", "7", "ipdlam", "batch", "0", "inner has no effect without mini-batches"},
        {"shuffle", "true", "adam", "batch", "0", "shuffle has no effect without mini-batches"},
        {"lr", "0.1", "ipdlam", 0, 0, "lr has no effect: ipdlam does not use it"},
        {"lr", "0.1", "bcd", 0, 0, "lr has no effect: bcd does not use it"},
        {"eps", "0.1", "sgd", 0, 0, "eps has no effect: sgd does not use it"},
        {"momentum", "0.9", "adam", 0, 0, "momentum has no effect: adam does not use it"},
        {"beta1", "0.9", "rmsprop", 0, 0, "beta1 has no effect: rmsprop does not use it"},
        {"lambda", "0.1", "ipdlam", 0, 0, "lambda has no effect without a regularizer"},
        {"l1_ratio", "0.5", "ipdlam", "regularizer", "ridge",
         "l1_ratio has no effect without regularizer = elastic_net"},
        {"rho_growth", "1.1", "ipdlam", "rho_schedule", "constant",
         "rho_growth has no effect without rho_schedule = geometric"},
        {"freeze", "z1", "adam", 0, 0, "freeze has no effect without blocks of weights"},
        {"spectrum", "true", "adam", 0, 0, "spectrum has no effect: adam does not use it"},
        {"delta", "5", "bcd", 0, 0, ""},
        {"alpha", "0.3", "ipdlam", "batch", "16", "alpha has no effect without a second sweep"},
        {"gamma", "0.3", "ipdlam", "batch", "16", "gamma has no effect without a second sweep"},
        {"alpha", "0.3", "ipdlam", "batch", "0", ""},
        {"gamma", "0.3", "ipdlam", "inner", "2", ""},
        {"beta", "0.3", "ipdlam", "batch", "16", ""},
        {"inertia", "0.3", "ipdlam", "batch", "16", ""},
        {"init_last", "2", "ipdlam", "init", "normal", "init_last has no effect without init = he"},
        {"relax_cap", "0.5", "relaxed_am", "relax", "fixed",
         "relax_cap has no effect without relax = norm"},
        {"inner", "7", "ipdlam", "batch", "16", ""},
        {"lambda", "0.1", "ipdlam", "regularizer", "none,ridge", ""},
        {"l1_ratio", "0.5", "ipdlam", "regularizer", "ridge,elastic_net", ""},
        {"freeze", "z1 W1", "adam", 0, 0, ""},
        {"momentum", "0", "adam", 0, 0, ""}, /* which says so itself */
        {"inertia", "0", "adam", 0, 0, ""},
        {"shuffle", "false", "adam", "batch", "0", ""},
        {"beta1", "0.9", "adamax", 0, 0, ""},
        {"metrics_every", "3", "adam", 0, 0, ""},
        {"damping_last", "3", "relaxed_am", "damping", "2,2,30",
         "damping_last has no effect without one damping for all hidden layers"},
        {"damping_last", "3", "relaxed_am", "damping", "auto", ""},
        {"damping", "2,2,30", "adam", 0, 0, "damping has no effect: adam does not use it"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *why = unused(cases[i].name, cases[i].value, cases[i].method, cases[i].beside,
                                 cases[i].beside_value);
        ok(!strncmp(why, cases[i].why, strlen(cases[i].why)) && !*why == !*cases[i].why,
           "%s = %s with %s: \"%s\"", cases[i].name, cases[i].value, cases[i].method, why);
    }
    ipd_settings s;
    char why[160];
    ipd_settings_init(&s);
    ok(ipd_settings_unused(&s, "init_scale", 1, why, sizeof why) &&
           !ipd_settings_unused(&s, "init_scale", 0, why, sizeof why),
       "the scale of weights that are given: %s", why);
    /* Each method with the settings that its preset or the default has is beyond reproach. */
    for (int i = 0; ipd_method_names()[i]; i++) {
        ipd_settings_init(&s);
        ipd_settings_set(&s, "method", ipd_method_names()[i], &e);
        ok(!ipd_settings_check(&s, 2, "digits", 600, &e), "the settings of %s pass the check",
           ipd_method_names()[i]);
    }
}

/* c_l by layer: one value for the hidden layers and damping_last, auto, or a list. */
static void damping(void)
{
    static const struct {
        const char *damping, *last;
        int L;
        double c[4]; /* none: an error */
    } cases[] = {
        {"2", "30", 3, {2, 2, 30}},
        {"auto", "5", 3, {4, 4, 5}},
        {"3,0.5,7", "30", 3, {3, 0.5, 7}},
        {" 3, 0.50\t7e0", "30", 3, {3, 0.5, 7}},
        {"2", "9", 1, {9}},
        {"auto", "9", 1, {9}},
        {"2,2", "9", 3, {0}},
        {"2,2,2,2", "9", 3, {0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ipd_settings s;
        ipd_parameters p;
        ipd_settings_init(&s);
        e.text[0] = 0;
        int failed = ipd_settings_set(&s, "preset", "fast", &e) ||
                     ipd_settings_set(&s, "damping", cases[i].damping, &e) ||
                     ipd_settings_set(&s, "damping_last", cases[i].last, &e) ||
                     ipd_settings_check(&s, cases[i].L, "digits", 600, &e) ||
                     ipd_settings_parameters(&s, cases[i].L, &p, &e);
        int good = failed == !cases[i].c[0];
        for (int l = 1; l <= cases[i].L && !failed; l++)
            good &= p.relaxed.damping[l] == cases[i].c[l - 1];
        ok(good && (!failed || strstr(e.text, "items. Give one, or 3, one per layer")),
           "damping = '%s' of %d layers: %s", cases[i].damping, cases[i].L,
           failed ? e.text : s.damping);
    }
}

/* --help and the man pages append the choices after a colon: one colon per row. */
static void colons(void)
{
    for (const ipd_setting *t = ipd_settings_table; t->name; t++)
        ok(!t->choices || !strstr(t->help, ": "), "one colon in the help of %s", t->name);
}

static void eps_range(void)
{
    static const char *const good[] = {"-1", "1.1755e-38", "1e-8", "1e6"};
    static const char *const bad[] = {"0", "1e-45", "1e-39", "1.17549e-38", "1e-320"};
    ipd_settings s;
    for (int i = 0; i < 9; i++) {
        const char *value = i < 4 ? good[i] : bad[i - 4];
        ipd_settings_init(&s);
        ipd_settings_set(&s, "method", "adam", &e);
        int failed =
            ipd_settings_set(&s, "eps", value, &e) || ipd_settings_check(&s, 2, "digits", 600, &e);
        ok(failed == (i >= 4) && (!failed || strstr(e.text, "Use 1.1755e-38 to 1e+06, or -1")),
           "eps = %s: %s", value, failed ? e.text : "the settings pass the check");
    }
}

static void changes(void)
{
    ipd_settings s, before;
    ipd_change c = {0};
    char text[200];
    ipd_settings_init(&s);
    before = s;
    ipd_change_add(&c, "delta", "0.3", &e);
    ipd_change_add(&c, "order", "nested_reverse", &e);
    ipd_change_text(&c, text, sizeof text);
    ok(!strcmp(text, "delta = 0.3, order = nested_reverse"), "a change in words: %s", text);
    ok(!ipd_change_apply(&c, &s, 1, &e) && s.delta == 0.3, "the change is applied");
    c.count = 0;
    ipd_change_add(&c, "rho_schedule", " 1:1,  20:5", &e);
    ipd_change_add(&c, "delta", "0.3", &e);
    ipd_change_text(&c, text, sizeof text);
    ok(!strcmp(text, "rho_schedule = 1:1,20:5, delta = 0.3"),
       "a comma and a blank stand between settings only: %s", text);
    ok(!ipd_change_apply(&c, &s, 1, &e) && !strcmp(s.rho_schedule, "1:1,20:5"),
       "a schedule is kept as %s", s.rho_schedule);
    ok(!ipd_settings_check(&s, 2, "digits", 6000, &e), "the changed settings pass the check");
    ok(!ipd_settings_set(&s, "rho_schedule", "1:1,20:50", &e) &&
           ipd_settings_check(&s, 2, "digits", 6000, &e) &&
           strstr(e.text, "50, from iteration 20 on, is larger than rho_max = 10"),
       "steps keep to rho_max: %s", e.text);
    char steps[400] = "";
    for (int i = 1; i <= 32; i++)
        sprintf(steps + strlen(steps), "%d:1,", i);
    strcat(steps, "x");
    ok(ipd_settings_set(&s, "delta", steps, &e) && strstr(e.text, "more than 32 steps"),
       "a step too many is not read: %s", e.text);
    c.count = 0;
    ipd_change_add(&c, "freeze", "W1\nz1\tW2", &e);
    ipd_change_text(&c, text, sizeof text);
    ok(!strcmp(text, "freeze = W1 z1 W2"), "a change is one line: %s", text);
    c.count = 0;
    ipd_change_add(&c, "delta", "0.3", &e);
    s = before;
    ok(ipd_change_add(&c, "alpha", "-1", &e) && c.count == 1 && strstr(e.text, "out of range"),
       "a value is checked when it is added: %s", e.text);
    ipd_change_add(&c, "seed", "3", &e);
    ok(ipd_change_apply(&c, &s, 1, &e) && !memcmp(&s, &before, sizeof s),
       "a change is applied completely or not at all: %s", e.text);
    static const char *const fixed[][2] = {
        {"seed", "2"},       {"init_scale", "1"},  {"activation", "relu"}, {"rho_init", "2"},
        {"preset", "paper"}, {"method", "ipdlam"}, {"loss", "squared"},    {"init_bias", "1"}};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        c.count = 0;
        ipd_change_add(&c, fixed[i][0], fixed[i][1], &e);
        ok(ipd_change_apply(&c, &s, 1, &e) && strstr(e.text, "is fixed when a run is made") &&
               !ipd_change_apply(&c, &s, 0, &e),
           "live: %s", e.text);
        s = before;
    }
    c.count = 0;
    for (int i = 0; i < IPD_MAX_CHANGES; i++)
        ipd_change_add(&c, "delta", "1", &e);
    ok(ipd_change_add(&c, "delta", "1", &e) && strstr(e.text, "more than 16 settings at once"),
       "%s", e.text);
    c.count = 0;
    ok(ipd_change_add(&c, "a_name_far_longer_than_any_setting", "1", &e) &&
           strstr(e.text, "unknown setting"),
       "%s", e.text);
}

int main(void)
{
    orders();
    sentences();
    round_trips();
    without_effect();
    damping();
    eps_range();
    colons();
    changes();
    return done();
}
