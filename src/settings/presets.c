/* presets.c - named sets of settings, with their sources and the choices that these leave open. */
#include "settings/settings.h"

#include <string.h>

/* Choices that the sources leave open. These are of Algorithm 1, for any parameters. */
static const ipd_choice algorithm_1[] = {
    {"shape of W_l", "d_(l-1) x d_l in the text, but the formula is p = W_l a_(l-1)",
     "W_l is d_l x d_(l-1), so that the product is defined"},
    {"b in the objective", "equations (1) and (2) have no b; section 3.1 adds one to each layer",
     "the gap is z_l - W_l a_(l-1) - b_l, and b_l is updated right after W_l, in the same block"},
    {"b's update", "printed for one sample only",
     "the minimiser over all N samples: the sum of the residuals z_l - W_l a_(l-1), divided by N + "
     "delta; bias_step = mean is the other reading: their mean, divided by 1 + delta"},
    {"a's update", "step 7 has no formula",
     "(W^T W + (1 + delta) I)^-1 (W^T (z_(l+1) - b_(l+1)) + sigma(z_l) + delta a^_l), which "
     "follows from its argmin"},
    {"iterates before the start", "z^(-1), W^(-1) and a^(-1) are not given",
     "equal to the initial values: the first sweep has no inertia"},
    {"a_L", "updated in the reverse order of section 3.5, but not in the objective",
     "there is no a_L; reverse begins with a_(L-1)"},
    {"order", "not stated outside section 3.5",
     "increase, as in Algorithm 1; the setting order has the others"},
    {"hinge loss", "the third case, v + 1/w, is correct only for the weight r = 1", "v + y/r"},
    {"FV", "a sum or a mean: not stated; values near 0.1 suggest a mean over samples",
     "Phi as a sum over the samples in full batch, as a mean in mini-batches"},
    {"accuracies", "by a forward pass or by z_L: not stated",
     "a forward pass with W and b; auxiliary_accuracy uses z_L"},
    {0}};

/* Data and initial weights of the experiments. */
static const ipd_choice experiments[] = {
    {"samples and targets", "their scale is not given",
     "pixels divided by 255; targets 1 for the class and 0 for the others (+1 and -1 with hinge)"},
    {"initial weights", "N(0, 0.01^2) and b = 0.1; the random generator is not given",
     "drawn layer by layer from seed"},
    {0}};

static const ipd_choice printed_rho[] = {
    {"rho_0 and rho_max", "not given; only the growth, 1.1 per iteration", "1 and 1e9"}, {0}};

static const ipd_choice own_numbers[] = {
    {"rho", "growth by 1.1 per iteration; rho_0 and rho_max are not given",
     "1, growing by 1.02 to at most 10: this program's choice, not the paper's"},
    {"order and batches", "the paper compares nested reverse only briefly, and uses batches of 512",
     "nested reverse, in which every layer learns in mini-batches; shuffled batches of 512, of 128 "
     "on the digits"},
    {0}};

static const ipd_choice best[] = {
    {"initial b", "0.1 in the paper", "0, the most important change in the search"},
    {"samples per mini-batch", "512 in the paper", "64: more steps per epoch"},
    {"widths", "two hidden layers of 1500 in the paper",
     "not part of the preset; the search used two hidden "
     "layers of 300 and of 600"},
    {0}};

static const ipd_choice inertia[] = {
    {"alpha = beta = gamma and delta", "several values are compared; none is recommended",
     "0.7, the best row of Table 1 on MNIST, and 1, as in sections 3.2 and 3.3"},
    {0}};

static const ipd_choice batches[] = {
    {"order of the batches", "512 samples each; whether they are shuffled is not stated",
     "preset paper takes them in order, preset default shuffles them by seed in every epoch"},
    {"z and a of a batch", "from a forward pass; whether once or in each batch is not stated",
     "a forward pass with the current weights in each batch, without previous iterates; W and b "
     "keep theirs from batch to batch"},
    {"sweeps per batch, and rho", "not given",
     "one sweep (the setting inner); rho grows once per iteration, which is an epoch"},
    {0}};

static const ipd_choice full_batch[] = {
    {"full batch", "Algorithm 1 has no mini-batches, but the experiments use 512 samples",
     "all samples at once, as in the theory; preset paper has the mini-batches"},
    {0}};

static const ipd_choice dlam[] = {
    {"which DLAM",
     "section 2 says alpha = beta = gamma = delta = 0, section 3 \"the default parameters given in "
     "[15]\", but [15] is another method with other variables",
     "this preset is that of section 2; the experiments' DLAM with the default parameters of [15] "
     "is the preset bcd; Figure 1 could be either"},
    {"delta = 0",
     "Algorithm 1 requires delta > 0; with 0 the inverse does not exist if the Gram matrix is "
     "singular, as on MNIST, where 67 pixels are always 0",
     "the limit delta -> 0: the smallest change to W that minimises its block, by the "
     "pseudo-inverse (singular values below 1e-5 of the largest count as 0); the Gram matrix may "
     "be singular and its rank is reported, as gram_rank in every record"},
    {0}};

static const ipd_choice zeng[] = {
    {"V_L's start", "given only in the published code: U_L of the forward pass", "the same"},
    {"b's update", "the published code updates b with the old W",
     "(5 b + sum (U - W V)) / (N + 5), with the new W, so that no update can raise the objective"},
    {"U_L and V_L as blocks", "two updates in a row",
     "one block, z_L: first V_L, then U_L; in every order"},
    {"proximal weights",
     "alpha = 5 for V_L, for U_l of hidden layers and for W and b; none for U_L and V_l",
     "the setting delta, for the same variables; rho = 1 is both gamma and rho"},
    {"loss", "squared", "any: V_L is updated by the loss's proximal operator, with weight 1 + 5"},
    {"initial weights", "0.01 times normal numbers and b = 0.1 in the published code",
     "the same, from seed; all methods start from the same weights"},
    {"FV", "the published code prints its objective without |V_l - sigma(U_l)|^2",
     "Phi with all terms, as a sum; |V_L - U_L|^2 is in the activation gap"},
    {"accuracies", "by a forward pass in the published code", "the same"},
    {"mini-batches", "none",
     "full batch; if batch is set, z, a and V_L start from a forward pass in every mini-batch"},
    {0}};

static const ipd_choice relaxed[] = {
    {"step lengths", "Algorithm 1 sets every block to the minimiser of its proximal objective",
     "W has a proximal term of weight damping times the mean squared norm of its inputs; a makes "
     "one step with a line search, and z follows; both are over-relaxed, so that errors have the "
     "same size in every layer"},
    {"predictions", "z and a start from a forward pass with the current weights",
     "the forward pass uses the predicted weights"},
    {"a's direction", "the minimiser of a's block",
     "one step along sigma' o W^T R, back-propagation's direction for the residual R and the new "
     "W; its length minimises the block's objective in that direction"},
    {"b", "after W, with its own minimiser", "together with W, as the weights of a constant input"},
    {"initial weights of the layers", "N(0, 0.01^2) and b = 0.1 in the paper",
     "N(0, 2/inputs), in the last layer N(0, 0.7/inputs), b = 0"},
    {"samples per mini-batch", "512 in the paper", "64; 128 is better for layers of 600 and more"},
    {0}};

static const ipd_choice annealed[] = {
    {"rho", "grows once per iteration in the paper",
     "in every mini-batch: constant for the first 30 % of the run, then raised so that the last "
     "layer's step falls linearly to 0.01; the setting length is the length of the run, and the "
     "last value is kept after it"},
    {"depth", "the paper has two hidden layers",
     "damping = 2 and relax = fixed are for two; more need damping = auto and relax = norm"},
    {0}};

/* Settings that presets have in common. activation and loss apply to new networks only, not to
 * given ones. */
#define COMMON COMMON_BUT_BIAS, .init_bias = 0.1
#define COMMON_BUT_BIAS COMMON_BUT_START, .init = "normal", .init_last = 2
#define COMMON_BUT_START                                                                           \
    COMMON_TO_ALL, .rho_schedule = "geometric", .relax = "norm", .damping = "auto"
#define COMMON_TO_ALL                                                                              \
    .activation = "relu", .loss = "squared", .regularizer = "none", .lambda = "0.001",             \
    .l1_ratio = 0.5, .bias_step = "sum", .inner = 1, .metrics_every = 1, .shuffle_space = 1024,    \
    .seed = 1, .init_scale = 0.01, .lr = -1, .lr_schedule = "constant", .eps = -1, .beta1 = 0.9,   \
    .beta2 = 0.999, .smoothing = 0.99, .decay = 0.9, .damping_last = 30, .kappa = 0.1,             \
    .bias_share = 0.2, .relax_a = 1.6, .relax_z = 1.6, .relax_cap = 1.95

#define RELAXED_AM                                                                                 \
    COMMON_TO_ALL, .method = "relaxed_am", .init = "he", .init_last = 0.7, .beta = 0.95,           \
                   .delta = 1, .rho = 1, .rho_growth = 1, .rho_max = 1e9,                          \
                   .order = "nested_reverse", .shuffle = 1

#define NUMBERS(inertia, proximal, first, growth, largest)                                         \
    .alpha = inertia, .beta = inertia, .gamma = inertia, .delta = proximal, .rho = first,          \
    .rho_growth = growth, .rho_max = largest

const ipd_preset ipd_presets[] = {
    {"default",
     "shuffled mini-batches in nested reverse order: the strongest form of the method",
     "Qiao, Sun, Pan and Li, Inertial Proximal Deep Learning Alternating Minimization, Algorithm "
     "1, with numbers of this program",
     {own_numbers, batches, inertia, algorithm_1, experiments},
     {.preset = "default",
      .method = "ipdlam",
      COMMON,
      NUMBERS(0.7, 1, 1, 1.02, 10),
      .order = "nested_reverse",
      .batch = -1,
      .shuffle = 1}},
    {"ipdlam",
     "Algorithm 1 in full batch and increase order",
     "Qiao, Sun, Pan and Li, Inertial Proximal Deep Learning Alternating Minimization, sections 2 "
     "and 3",
     {printed_rho, full_batch, inertia, algorithm_1, experiments},
     {.preset = "ipdlam",
      .method = "ipdlam",
      COMMON,
      NUMBERS(0.7, 1, 1, 1.1, 1e9),
      .order = "increase"}},
    {"paper",
     "Algorithm 1 in the paper's mini-batches of 512, taken in order",
     "Qiao, Sun, Pan and Li, Inertial Proximal Deep Learning Alternating Minimization, section 3",
     {printed_rho, batches, inertia, algorithm_1, experiments},
     {.preset = "paper",
      .method = "ipdlam",
      COMMON,
      NUMBERS(0.7, 1, 1, 1.1, 1e9),
      .order = "increase",
      .batch = 512}},
    {"dlam",
     "plain alternating minimisation: no inertia, no proximal term",
     "Qiao, Sun, Pan and Li, Inertial Proximal Deep Learning Alternating Minimization, section 2: "
     "alpha = beta = gamma = delta = 0",
     {dlam, printed_rho, full_batch, algorithm_1, experiments},
     {.preset = "dlam",
      .method = "ipdlam",
      COMMON,
      NUMBERS(0, 0, 1, 1.1, 1e9),
      .order = "increase"}},
    {"best",
     "the highest accuracy that a search found: small shuffled batches, no first bias",
     "a search on the last 5000 training samples of MNIST; scripts/paper/best.lua is one like it",
     {best, batches, inertia, algorithm_1, experiments},
     {.preset = "best",
      .method = "ipdlam",
      COMMON_BUT_BIAS,
      .init_bias = 0,
      NUMBERS(0.7, 1, 1, 1.02, 10),
      .order = "nested_reverse",
      .batch = 64,
      .shuffle = 1}},
    {"fast",
     "over-relaxed alternating minimisation, about as fast as Adam",
     "this program's own: method relaxed_am",
     {relaxed},
     {.preset = "fast",
      RELAXED_AM,
      .rho_schedule = "geometric",
      .damping = "auto",
      .relax = "norm",
      .batch = 64}},
    {"accurate",
     "the same, annealed over the run's length, for the highest accuracy",
     "this program's own: method relaxed_am",
     {annealed, relaxed},
     {.preset = "accurate",
      RELAXED_AM,
      .rho_schedule = "anneal",
      .length = 10,
      .damping = "2",
      .relax = "fixed",
      .shrink = 1e-6,
      .batch = 128}},
    {"bcd",
     "block coordinate descent of Zeng et al., with an output variable",
     "Zeng, Lau, Lin and Yao, Global Convergence of Block Coordinate Descent in Deep Learning, "
     "ICML 2019, and its published code",
     {zeng},
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

const ipd_choice *ipd_preset_choice(const ipd_preset *p, int index)
{
    for (const ipd_choice *const *group = p->choices; *group; group++)
        for (const ipd_choice *c = *group; c->what; c++)
            if (index-- == 0)
                return c;
    return NULL;
}

const char *ipd_preset_objective(const ipd_preset *p)
{
    return p->settings.batch ? "mean" : "sum";
}

void ipd_settings_init(ipd_settings *s)
{
    *s = ipd_presets[0].settings;
}
