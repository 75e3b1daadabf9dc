/* presets.c - named sets of settings, with where they come from. */
#include "run/settings.h"

#include <string.h>

/* What all presets have in common; "relu" and "squared" are of the networks that the command line
 * makes. */
#define COMMON                                                                                     \
    .activation = "relu", .loss = "squared", .regularizer = "none", .lambda = "0.001",             \
    .bias_step = "sum", .inner = 1, .seed = 1, .init_scale = 0.01, .init_bias = 0.1, .lr = -1,     \
    .eps = -1, .beta1 = 0.9, .beta2 = 0.999, .smoothing = 0.99, .decay = 0.9,                      \
    .rho_schedule = "geometric"

#define NUMBERS(inertia, proximal, first, growth, largest)                                         \
    .alpha = inertia, .beta = inertia, .gamma = inertia, .delta = proximal, .rho = first,          \
    .rho_growth = growth, .rho_max = largest

const ipd_preset ipd_presets[] = {
    {"default",
     "shuffled mini-batches in nested reverse order: the strongest form of the method",
     "Algorithm 1 in mini-batches; rho = 1, growing by 1.02 to at most 10, is this program's "
     "choice",
     {.preset = "default",
      .method = "ipdlam",
      COMMON,
      NUMBERS(0.7, 1, 1, 1.02, 10),
      .order = "nested_reverse",
      .batch = -1,
      .shuffle = 1}},
    {"ipdlam",
     "Algorithm 1 in full batch and increase order",
     "Qiao, Sun, Pan and Li, sections 2 and 3; rho_0 = 1 and rho_max = 1e9 are not printed there",
     {.preset = "ipdlam",
      .method = "ipdlam",
      COMMON,
      NUMBERS(0.7, 1, 1, 1.1, 1e9),
      .order = "increase"}},
    {"paper",
     "Algorithm 1 in the paper's mini-batches of 512, taken in order",
     "Qiao, Sun, Pan and Li, section 3; rho_0 = 1 and rho_max = 1e9 are not printed there",
     {.preset = "paper",
      .method = "ipdlam",
      COMMON,
      NUMBERS(0.7, 1, 1, 1.1, 1e9),
      .order = "increase",
      .batch = 512}},
    {"dlam",
     "plain alternating minimisation: no inertia, no proximal term",
     "Qiao, Sun, Pan and Li, section 2: alpha = beta = gamma = delta = 0",
     {.preset = "dlam",
      .method = "ipdlam",
      COMMON,
      NUMBERS(0, 0, 1, 1.1, 1e9),
      .order = "increase"}},
    {"bcd",
     "block coordinate descent of Zeng et al., with an output variable",
     "Zeng, Lau, Lin and Yao, ICML 2019, and its published code",
     {.preset = "bcd", .method = "bcd", COMMON, NUMBERS(0, 5, 1, 1, 1), .order = "nested_reverse"}},
    {0},
};

enum { COUNT = sizeof ipd_presets / sizeof *ipd_presets };

const char *const *ipd_preset_names(void)
{
    static const char *names[COUNT];
    for (int i = 0; i < COUNT; i++)
        names[i] = ipd_presets[i].name;
    return names;
}

const ipd_preset *ipd_preset_find(const char *name)
{
    for (const ipd_preset *p = ipd_presets; p->name; p++)
        if (!strcmp(p->name, name))
            return p;
    return NULL;
}

void ipd_settings_init(ipd_settings *s)
{
    *s = ipd_presets[0].settings;
}
