/* presets.c - named sets of settings, with where they come from. */
#include "run/settings.h"

#define COMMON                                                                                     \
    .method = "ipdlam", .activation = "relu", .loss = "squared", .regularizer = "none",            \
    .lambda = "0.001", .bias_step = "sum", .inner = 1, .seed = 1, .init_scale = 0.01,              \
    .init_bias = 0.1, .lr = -1, .eps = -1, .beta1 = 0.9, .beta2 = 0.999, .smoothing = 0.99,        \
    .decay = 0.9, .rho_schedule = "geometric"

const ipd_preset ipd_presets[] = {
    {"default",
     "shuffled mini-batches in nested reverse order: the strongest form of the method",
     "Algorithm 1 in mini-batches; rho = 1, growing by 1.02 to at most 10, is this program's "
     "choice",
     {.preset = "default",
      COMMON,
      .order = "nested_reverse",
      .alpha = 0.7,
      .beta = 0.7,
      .gamma = 0.7,
      .delta = 1,
      .rho = 1,
      .rho_growth = 1.02,
      .rho_max = 10,
      .batch = -1,
      .shuffle = 1}},
    {"ipdlam",
     "Algorithm 1 in full batch and increase order",
     "Qiao, Sun, Pan and Li, sections 2 and 3; rho_0 = 1 and rho_max = 1e9 are not printed there",
     {.preset = "ipdlam",
      COMMON,
      .order = "increase",
      .alpha = 0.7,
      .beta = 0.7,
      .gamma = 0.7,
      .delta = 1,
      .rho = 1,
      .rho_growth = 1.1,
      .rho_max = 1e9,
      .batch = 0}},
    {"paper",
     "Algorithm 1 in the paper's mini-batches of 512, taken in order",
     "Qiao, Sun, Pan and Li, section 3; rho_0 = 1 and rho_max = 1e9 are not printed there",
     {.preset = "paper",
      COMMON,
      .order = "increase",
      .alpha = 0.7,
      .beta = 0.7,
      .gamma = 0.7,
      .delta = 1,
      .rho = 1,
      .rho_growth = 1.1,
      .rho_max = 1e9,
      .batch = 512}},
    {"dlam",
     "plain alternating minimisation: no inertia, no proximal term",
     "Qiao, Sun, Pan and Li, section 2: alpha = beta = gamma = delta = 0",
     {.preset = "dlam",
      COMMON,
      .order = "increase",
      .alpha = 0,
      .beta = 0,
      .gamma = 0,
      .delta = 0,
      .rho = 1,
      .rho_growth = 1.1,
      .rho_max = 1e9,
      .batch = 0}},
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

void ipd_settings_init(ipd_settings *s)
{
    *s = ipd_presets[0].settings;
}
