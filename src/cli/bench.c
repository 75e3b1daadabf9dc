/* bench.c - `ipdlam bench`: measures the speed of OpenBLAS, memory and training. */
#include "check/bench.h"
#include "base/blas.h"
#include "base/kernel.h"
#include "base/parallel.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/json_output.h"
#include "cli/machine.h"
#include "cli/options.h"
#include "config.h"
#include "format/export.h"

#include <jansson.h>
#include <math.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

typedef enum measure_kind { GFLOPS, GBYTES, SECONDS, SHARE, RATIO, GFLOP, BYTES } measure_kind;

/* The rows of the output, in order. In JSON, a dot in the key separates an object and its
 * member. */
static const struct measure {
    const char *key, *label;
    measure_kind kind;
    int better;         /* 1: larger is better, -1: smaller is better, 0: neither */
    size_t offset, per; /* in ipd_bench; per: divided by this one, unless 0 */
} measures[] = {
#define AT(member) offsetof(ipd_bench, member), 0
#define RATE(M, part) offsetof(ipd_bench, M.part##_gflop), offsetof(ipd_bench, M.part)
    {"sgemm_gflops", "sgemm, all threads", GFLOPS, 1, AT(rates.sgemm)},
    {"sgemm_one_gflops", "sgemm, one thread", GFLOPS, 1, AT(rates.sgemm_one)},
    {"ssyrk_gflops", "ssyrk, all threads", GFLOPS, 1, AT(rates.ssyrk)},
    {"ssyrk_one_gflops", "ssyrk, one thread", GFLOPS, 1, AT(rates.ssyrk_one)},
    {"bandwidth_gbytes", "memory bandwidth", GBYTES, 1, AT(rates.bandwidth)},
    {"factor_seconds", "Cholesky factor, double", SECONDS, -1, AT(factor)},
    {"solve_seconds", "solve with it", SECONDS, -1, AT(solve)},
#define TRAINING(KEY, LABEL, M)                                                                    \
    {KEY ".seconds", LABEL, SECONDS, -1, AT(M.seconds)},                                           \
        {KEY ".sgemm_gflops", "  sgemm before and after", GFLOPS, 1, AT(M.sgemm)},                 \
    {                                                                                              \
        KEY ".share", "  share of sgemm", SHARE, 1, AT(M.share)                                    \
    }
#define EPOCHS(KEY, M)                                                                             \
    {                                                                                              \
        KEY ".adam_epochs", "  epochs of Adam", RATIO, -1, AT(M.adam_epochs)                       \
    }
#define BLOCKS(KEY, M, Z)                                                                          \
    {KEY ".gflop", "  operations", GFLOP, 0, AT(M.gflop)},                                         \
        {KEY ".z_seconds", Z, SECONDS, -1, AT(M.z)},                                               \
        {KEY ".z_gflops", "    at", GFLOPS, 1, RATE(M, z)},                                        \
        {KEY ".W_seconds", "  W and b", SECONDS, -1, AT(M.W)},                                     \
        {KEY ".W_gflops", "    at", GFLOPS, 1, RATE(M, W)},                                        \
        {KEY ".a_seconds", "  a", SECONDS, -1, AT(M.a)},                                           \
        {KEY ".a_gflops", "    at", GFLOPS, 1, RATE(M, a)},                                        \
        {KEY ".metrics_seconds", "  metrics", SECONDS, -1, AT(M.metrics)},                         \
    {                                                                                              \
        KEY ".metrics_gflops", "    at", GFLOPS, 1, RATE(M, metrics)                               \
    }
    TRAINING("full_batch", "full-batch iteration", full_batch),
    BLOCKS("full_batch", full_batch, "  z, and products for it"),
    {"full_batch.memory_peak", "  peak memory", BYTES, -1, AT(memory_peak)},
    {"full_batch.memory_kept", "  of that z, a, past, products", BYTES, 0, AT(memory_kept)},
    {"full_batch.memory_ratio", "  ratio", RATIO, -1, offsetof(ipd_bench, memory_peak),
     offsetof(ipd_bench, memory_kept)},
    TRAINING("mini_batch", "epoch, nested reverse", nested_reverse),
    EPOCHS("mini_batch", nested_reverse),
    BLOCKS("mini_batch", nested_reverse, "  z, and products for it"),
    TRAINING("increase", "epoch, increase", increase),
    EPOCHS("increase", increase),
    BLOCKS("increase", increase, "  z, and products for it"),
    TRAINING("relaxed_am", "epoch of relaxed_am", relaxed),
    EPOCHS("relaxed_am", relaxed),
    {"relaxed_am.shapes_gflops", "  sgemm at its shapes", GFLOPS, 1, AT(relaxed.shapes_gflops)},
    {"relaxed_am.shapes_share", "  share of that, no metrics", SHARE, 1, AT(relaxed.shapes_share)},
    {"relaxed_am.roofline_seconds", "  roofline, no metrics", SECONDS, -1, AT(relaxed.roofline)},
    {"relaxed_am.roofline_share", "  share of the roofline", SHARE, 1, AT(relaxed.roofline_share)},
    BLOCKS("relaxed_am", relaxed, "  z, and the forward pass"),
    TRAINING("adam", "epoch of Adam", adam),
    {"adam.gflop", "  operations", GFLOP, 0, AT(adam.gflop)},
    {"scaling.seconds_1", "full batch, samples / 12", SECONDS, -1, AT(scaling.seconds[0])},
    {"scaling.seconds_2", "  samples / 6", SECONDS, -1, AT(scaling.seconds[1])},
    {"scaling.seconds_4", "  samples / 3", SECONDS, -1, AT(scaling.seconds[2])},
    {"scaling.seconds_8", "  samples * 2 / 3", SECONDS, -1, AT(scaling.seconds[3])},
    {"scaling.seconds_12", "  all samples", SECONDS, -1, AT(scaling.seconds[4])},
    {"scaling.residual", "  farthest from a line", SHARE, -1, AT(scaling.residual)},
    {"scaling.one_thread_seconds", "  all samples, one thread", SECONDS, -1,
     AT(scaling.one_thread)},
    {"scaling.speedup", "  speed-up by threads", RATIO, 1, AT(scaling.speedup)},
    {0}};

static double value_of(const ipd_bench *b, const struct measure *m)
{
    double value, per = 1;
    memcpy(&value, (const char *)b + m->offset, sizeof value);
    if (m->per)
        memcpy(&per, (const char *)b + m->per, sizeof per);
    return value == 0 || per == 0 ? NAN : value / per; /* not measured */
}

static void value_text(const struct measure *m, double value, char *to, size_t size)
{
    char bytes[32];
    if (!isfinite(value)) {
        snprintf(to, size, "-");
        return;
    }
    switch (m->kind) {
    case GFLOPS:
        snprintf(to, size, "%.1f GFLOP/s", value);
        break;
    case GBYTES:
        snprintf(to, size, "%.1f GB/s", value);
        break;
    case SECONDS:
        snprintf(to, size, value < 0.1 ? "%.2f ms" : "%.2f s", value < 0.1 ? 1e3 * value : value);
        break;
    case SHARE:
        snprintf(to, size, "%.1f %%", 100 * value);
        break;
    case RATIO:
        snprintf(to, size, "%.2f", value);
        break;
    case GFLOP:
        snprintf(to, size, "%.*f GFLOP", value < 10 ? 2 : 0, value);
        break;
    default:
        ipd_machine_bytes(bytes, sizeof bytes, value);
        snprintf(to, size, "%s", bytes);
    }
}

typedef struct bench_command {
    const char *layers, *compare, *only;
    long samples, batch, repeat, threads;
    int quick, scaling;
    ipd_json_output json;
    size_t widths[IPD_MAX_LAYERS + 1];
    int hidden;
    json_t *earlier; /* the result that --compare names */
} bench_command;

static void progress(void *context, const char *what)
{
    (void)context;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[Kmeasuring %s ...", what);
}

static void wipe(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

/* The value of a key in an earlier result; NaN if missing. */
static double earlier_value(const json_t *earlier, const char *key)
{
    char group[64];
    const char *dot = strchr(key, '.');
    if (dot) {
        snprintf(group, sizeof group, "%.*s", (int)(dot - key), key);
        earlier = json_object_get(earlier, group);
        key = dot + 1;
    }
    const json_t *value = json_object_get(earlier, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static void print_text(const bench_command *c, const ipd_bench *b)
{
    printf("ipdlam %s, OpenBLAS %s, kernel %s%s%s, %d thread%s\n", PACKAGE_VERSION,
           ipd_blas_version(), ipd_blas_kernel(), *ipd_kernel_reason() ? ", " : "",
           ipd_kernel_reason(), ipd_threads(), ipd_threads() == 1 ? "" : "s");
    printf("784-");
    for (int i = 0; i < c->hidden; i++)
        printf("%zu-", c->widths[i]);
    printf("10, %ld samples, mini-batches of %ld, medians of %ld\n\n", c->samples, c->batch,
           c->repeat);
    for (const struct measure *m = measures; m->key; m++) {
        char now[48], was[48];
        double value = value_of(b, m), before = earlier_value(c->earlier, m->key);
        if (!isfinite(value))
            continue;
        value_text(m, value, now, sizeof now);
        printf("%-30s  %14s", m->label, now);
        if (c->earlier && isfinite(before)) {
            value_text(m, before, was, sizeof was);
            printf("  before %14s  x %.2f", was, value / before);
            if (m->better && fabs(value / before - 1) > 0.05)
                printf("  %s", (value > before) == (m->better > 0) ? "better" : "worse");
        }
        printf("\n");
    }
}

static void print_json(const bench_command *c, const ipd_bench *b)
{
    char open[64] = "";
    printf("{\"version\": \"%s\", \"openblas\": \"%s\", \"kernel\": \"%s\", \"threads\": %d, ",
           PACKAGE_VERSION, ipd_blas_version(), ipd_blas_kernel(), ipd_threads());
    printf("\"widths\": [784, ");
    for (int i = 0; i < c->hidden; i++)
        printf("%zu, ", c->widths[i]);
    printf("10], \"samples\": %ld, \"batch\": %ld, \"repeat\": %ld", c->samples, c->batch,
           c->repeat);
    for (const struct measure *m = measures; m->key; m++) {
        const char *dot = strchr(m->key, '.'), *name = dot ? dot + 1 : m->key;
        char group[64] = "";
        if (dot)
            snprintf(group, sizeof group, "%.*s", (int)(dot - m->key), m->key);
        int opens = strcmp(group, open) != 0;
        if (opens && *open)
            printf("}");
        printf(", ");
        if (opens)
            printf("\"%s\": {", group);
        snprintf(open, sizeof open, "%s", group);
        printf("\"%s\": ", name);
        ipd_json_number(stdout, value_of(b, m));
    }
    printf("%s}\n", *open ? "}" : "");
}

static int read_earlier(bench_command *c, ipd_error *e)
{
    json_error_t why;
    if (!c->compare)
        return 0;
    if (!(c->earlier = json_load_file(c->compare, JSON_REJECT_DUPLICATES, &why)) ||
        !json_is_object(c->earlier) || isnan(earlier_value(c->earlier, "sgemm_gflops")))
        return ipd_fail(e, IPD_EFORMAT, "%.200s is not a result of ipdlam bench --json: %.100s",
                        c->compare, c->earlier ? "sgemm_gflops is missing" : why.text);
    return 0;
}

static int measure(bench_command *c, ipd_bench *b, ipd_error *e)
{
    ipd_dataset *data;
    ipd_machine machine;
    ipd_bench_options options = {.hidden = c->widths,
                                 .hidden_count = c->hidden,
                                 .batch = c->batch,
                                 .repeat = c->repeat,
                                 .full_batch = !c->only || !strcmp(c->only, "full_batch"),
                                 .epochs = !c->only || !strcmp(c->only, "epochs"),
                                 .scaling = c->scaling || (c->only && !strcmp(c->only, "scaling")),
                                 .progress = progress};
    ipd_dataset_options sizes = {
        .train = (size_t)c->samples, .test = (size_t)(c->samples + 5) / 6, .seed = 1};
    char need[32], have[32];
    static const char *const parts[] = {"full_batch", "epochs", "scaling", NULL};
    if (c->only && !options.full_batch && !options.epochs && !options.scaling)
        return ipd_fail_unknown_in(e, "part", c->only, parts);
    if (c->hidden == 0)
        return ipd_fail(e, IPD_EUSAGE, "--layers none leaves nothing to measure. Give a width");
    if (ipd_threads_set((int)c->threads, e))
        return -1;
    progress(NULL, "generating digits");
    if (ipd_dataset_open(&data, "digits", &sizes, e))
        return -1;
    ipd_machine_look(&machine);
    double bytes = ipd_bench_memory(data, &options);
    int result = -1;
    if (machine.available > 0 && bytes > machine.available) {
        ipd_machine_bytes(need, sizeof need, bytes);
        ipd_machine_bytes(have, sizeof have, machine.available);
        ipd_fail(e, IPD_EMEMORY,
                 "%ld samples and these layers need %s of memory, but only %s are available. Use "
                 "fewer --samples or narrower --layers",
                 c->samples, need, have);
    } else {
        result = ipd_bench_measure(b, data, &options, e);
    }
    wipe();
    ipd_dataset_unref(data);
    return result;
}

int ipd_cli_bench(int argc, char **argv)
{
    bench_command c = {0};
    ipd_bench b = {0};
    const ipd_option table[] = {
        IPD_OPTION("layers", "N,N...", &c.layers,
                   "widths of the hidden layers (default 1500,1500)"),
        IPD_OPTION_IN("samples", "N", &c.samples, 10, 1e7, "training samples (default 60000)"),
        IPD_OPTION_IN("batch", "N", &c.batch, 1, 1e6, "samples per mini-batch (default 512)"),
        IPD_OPTION_IN("repeat", "N", &c.repeat, 1, 99,
                      "iterations, of which the median is taken (default 5)"),
        IPD_OPTION_THREADS(&c.threads),
        IPD_OPTION("quick", NULL, &c.quick, "300,300 on 6000 samples in mini-batches of 128"),
        IPD_OPTION("scaling", NULL, &c.scaling, "also measure fewer samples, and one thread"),
        IPD_OPTION("only", "PART", &c.only, "measure only full_batch, epochs or scaling"),
        IPD_OPTION_JSON(c.json),
        IPD_OPTION("compare", "FILE", &c.compare,
                   "show an earlier result (of --json) next to this one"),
        {0}};
    const ipd_options options = {
        .name = "bench",
        .usage =
            " [OPTION...]\n\nMeasures OpenBLAS and memory on this machine, then iterations and "
            "epochs of iPDLAM and\nepochs of Adam at one size, in one process, so that their "
            "ratios can be compared.",
        .table = table};
    ipd_error e;
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    c.layers = c.layers ? c.layers : c.quick ? "300,300" : "1500,1500";
    c.samples = c.samples ? c.samples : c.quick ? 6000 : 60000;
    c.batch = c.batch ? c.batch : c.quick ? 128 : 512;
    c.repeat = c.repeat ? c.repeat : 5;
    if (ipd_options_widths(c.layers, c.widths, &c.hidden, &e) || read_earlier(&c, &e) ||
        measure(&c, &b, &e)) {
        json_decref(c.earlier);
        return ipd_cli_error("bench", &e);
    }
    if (ipd_json_asked(&c.json))
        print_json(&c, &b);
    else
        print_text(&c, &b);
    json_decref(c.earlier);
    return IPD_EXIT_DONE;
}
