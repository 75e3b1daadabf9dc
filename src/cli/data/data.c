/* data.c - `ipdlam data` with the verbs list and info; the others are in show.c and fetch.c. */
#include "cli/data/data.h"

#include "cli/cli.h"
#include "cli/json_output.h"
#include "data/digits.h"
#include "data/folder_files.h"
#include "data/idx.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A row of the list. */
typedef struct entry {
    const char *name;
    char folder[4096];
    int found;     /* 1: its files exist */
    ipd_error why; /* if found but not readable: the reason; otherwise the code is IPD_OK */
    size_t train, test, width, height;
} entry;

/* Fills in the row. Sizes come from the headers of the image files, which is fast. */
static void look_up(entry *x, const char *name)
{
    char path[4096];
    ipd_idx images;
    *x = (entry){.name = name};
    x->found = ipd_dataset_find(name, x->folder, sizeof x->folder) == 0;
    if (!x->found)
        return;
    if (!*x->folder) {
        x->train = IPD_DIGITS_TRAIN;
        x->test = IPD_DIGITS_TEST;
        x->width = x->height = IPD_DIGITS_SIDE;
        return;
    }
    for (int i = 0; i < 2; i++) {
        ipd_folder_part part = i ? IPD_TEST_IMAGES : IPD_TRAIN_IMAGES;
        if (ipd_folder_file(path, sizeof path, x->folder, part)) {
            ipd_fail(&x->why, IPD_EIO, "%s is missing", ipd_folder_file_name(part));
            return;
        }
        if (ipd_idx_header(&images, path, IPD_IDX_IMAGES, &x->why))
            return;
        *(i ? &x->test : &x->train) = images.size[0];
        x->height = images.size[1];
        x->width = images.size[2];
    }
}

/* A path as JSON; bytes that are not UTF-8 become question marks. */
static json_t *path_json(const char *path)
{
    json_t *o = json_string(path);
    char *copy = o ? NULL : strdup(path);
    for (char *c = copy; c && *c; c++)
        if (*c & 0x80)
            *c = '?';
    if (copy)
        o = json_string(copy);
    free(copy);
    return o ? o : json_null();
}

static json_t *entry_json(const entry *x)
{
    json_t *o = json_object();
    json_object_set_new(o, "name", json_string(x->name));
    json_object_set_new(o, "found", json_boolean(x->found && x->why.code == IPD_OK));
    json_object_set_new(o, "folder", *x->folder ? path_json(x->folder) : json_null());
    if (x->why.code != IPD_OK)
        json_object_set_new(o, "problem", path_json(x->why.text));
    if (x->train && x->test) {
        json_object_set_new(o, "train", json_integer((json_int_t)x->train));
        json_object_set_new(o, "test", json_integer((json_int_t)x->test));
        json_object_set_new(o, "width", json_integer((json_int_t)x->width));
        json_object_set_new(o, "height", json_integer((json_int_t)x->height));
    }
    return o;
}

/* Prints the object on one line without a newline. */
static void print_object(json_t *o)
{
    json_dumpf(o, stdout, 0);
    json_decref(o);
}

static void print_entry(const entry *x)
{
    char samples[48] = "-", size[48] = "-";
    if (x->train && x->test) {
        snprintf(samples, sizeof samples, "%zu + %zu", x->train, x->test);
        snprintf(size, sizeof size, "%zu x %zu", x->width, x->height);
    }
    printf("%-13s  %-15s  %-7s  ", x->name, samples, size);
    if (!x->found)
        printf("not found: ipdlam data fetch %s\n", x->name);
    else if (x->why.code != IPD_OK)
        printf("%s: incomplete or damaged: %s\n", x->folder, x->why.text);
    else
        printf("%s\n", *x->folder ? x->folder : "(generated)");
}

int ipd_cli_data_list(int argc, char **argv)
{
    ipd_json_output json = {0};
    const ipd_option table[] = {IPD_OPTION_JSON_PER(json, "data set"), {0}};
    const ipd_options options = {
        .name = "data list",
        .usage = " [--json | --jsonl]\n\nLists the data sets with a name, their training and test "
                 "samples, and where they are.",
        .table = table};
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    entry *x = malloc(sizeof *x);
    ipd_error e;
    if (!x) {
        ipd_fail(&e, IPD_EMEMORY, "out of memory");
        return ipd_cli_error("data list", &e);
    }
    if (!ipd_json_asked(&json))
        printf("%-13s  %-15s  %-7s  %s\n", "NAME", "SAMPLES", "IMAGES", "WHERE");
    for (const char *const *name = ipd_dataset_names(); *name; name++) {
        look_up(x, *name);
        ipd_json_item(&json);
        if (ipd_json_asked(&json))
            print_object(entry_json(x));
        else
            print_entry(x);
        ipd_json_end_item(&json);
    }
    ipd_json_close(&json);
    free(x);
    return IPD_EXIT_DONE;
}

/* Statistics of the training or the test samples. */
typedef struct statistics {
    size_t by_class[256];
    double mean, deviation; /* of all pixels, 0 ... 1 */
    size_t always_zero;     /* number of pixels that are 0 in all samples */
} statistics;

static void measure(statistics *s, const ipd_samples *half)
{
    size_t d = half->X.rows, N = half->X.cols;
    unsigned char *inked = calloc(d, 1);
    double sum = 0, squares = 0;
    *s = (statistics){.always_zero = d};
    for (size_t n = 0; n < N; n++) {
        const float *x = half->X.data + n * d;
        double part = 0, part_squares = 0;
        s->by_class[half->labels[n]]++;
        for (size_t i = 0; i < d; i++) {
            part += x[i];
            part_squares += (double)x[i] * x[i];
            if (inked && x[i] > 0 && !inked[i]) {
                inked[i] = 1;
                s->always_zero--;
            }
        }
        sum += part;
        squares += part_squares;
    }
    s->mean = sum / ((double)d * (double)N);
    s->deviation = sqrt(fmax(0, squares / ((double)d * (double)N) - s->mean * s->mean));
    free(inked);
}

static json_t *half_json(const ipd_dataset *d, const ipd_samples *half)
{
    statistics s;
    measure(&s, half);
    json_t *o = json_object(), *counts = json_array();
    for (size_t c = 0; c < d->classes; c++)
        json_array_append_new(counts, json_integer((json_int_t)s.by_class[c]));
    json_object_set_new(o, "samples", json_integer((json_int_t)half->X.cols));
    json_object_set_new(o, "by_class", counts);
    json_object_set_new(o, "pixel_mean", json_real(s.mean));
    json_object_set_new(o, "pixel_deviation", json_real(s.deviation));
    json_object_set_new(o, "pixels_always_zero", json_integer((json_int_t)s.always_zero));
    return o;
}

static void print_json(const ipd_dataset *d)
{
    json_t *o = json_object();
    json_object_set_new(o, "name", path_json(d->name));
    json_object_set_new(o, "source", path_json(d->source));
    json_object_set_new(o, "sha256", json_string(d->checksum));
    json_object_set_new(o, "width", json_integer((json_int_t)d->width));
    json_object_set_new(o, "height", json_integer((json_int_t)d->height));
    json_object_set_new(o, "inputs", json_integer((json_int_t)d->inputs));
    json_object_set_new(o, "classes", json_integer((json_int_t)d->classes));
    json_object_set_new(o, "train", half_json(d, &d->train));
    json_object_set_new(o, "test", half_json(d, &d->test));
    print_object(o);
    putchar('\n');
}

static void print_text(const ipd_dataset *d)
{
    statistics train, test;
    char name[32];
    measure(&train, &d->train);
    measure(&test, &d->test);
    printf("name      %s\n", d->name);
    printf("source    %s\n", d->source);
    printf("SHA-256   %s\n", d->checksum);
    printf("images    %zu x %zu, %zu inputs, %zu classes\n", d->width, d->height, d->inputs,
           d->classes);
    printf("memory    %.1f MiB\n", (double)(d->train.X.cols + d->test.X.cols) *
                                       ((double)d->inputs * sizeof(float) + 1) / (1 << 20));
    printf("\n%-20s %10s %10s\n", "", "train", "test");
    printf("%-20s %10zu %10zu\n", "samples", d->train.X.cols, d->test.X.cols);
    printf("%-20s %10.4f %10.4f\n", "pixel mean", train.mean, test.mean);
    printf("%-20s %10.4f %10.4f\n", "pixel deviation", train.deviation, test.deviation);
    printf("%-20s %10zu %10zu\n", "pixels always zero", train.always_zero, test.always_zero);
    for (size_t c = 0; c < d->classes; c++) {
        ipd_dataset_class_name(d, c, name, sizeof name);
        printf("class %-14s %10zu %10zu\n", name, train.by_class[c], test.by_class[c]);
    }
}

int ipd_cli_data_info(int argc, char **argv)
{
    ipd_json_output json = {0};
    ipd_data_choice choice = {0};
    int names = 0;
    const ipd_option table[] = {
        IPD_OPTIONS_DATA(choice),
        IPD_OPTION("seed", "N", &choice.seed, "seed of the split and of the digits (default 1)"),
        IPD_OPTION_JSON(json),
        {0}};
    const ipd_options options = {.name = "data info",
                                 .usage = " [OPTION...] [NAME|FOLDER]\n\nReads a data set (default "
                                          "digits), checks it and describes its content.",
                                 .table = table,
                                 .operands = &names,
                                 .max_operands = 1};
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    ipd_dataset *d;
    ipd_error e;
    if (ipd_data_choice_open(&d, names ? argv[1] : "digits", &choice, &e))
        return ipd_cli_error("data info", &e);
    if (ipd_json_asked(&json))
        print_json(d);
    else
        print_text(d);
    ipd_dataset_unref(d);
    return IPD_EXIT_DONE;
}

static const ipd_command commands[] = {
    {"list", "", "list the data sets and where they are", ipd_cli_data_list},
    {"info", "", "read, check and describe a data set", ipd_cli_data_info},
    {"show", "", "draw samples in the terminal", ipd_cli_data_show},
    {"fetch", "", "download MNIST or Fashion-MNIST", ipd_cli_data_fetch},
    {0}};

int ipd_cli_data(int argc, char **argv)
{
    static const ipd_option none[] = {{0}};
    const ipd_options options = {
        .name = "data",
        .usage = " VERB [OPTION...]",
        .after = "`ipdlam data VERB --help` shows the options of a verb. See ipdlam-data(1).",
        .verbs = commands,
        .table = none};
    const char *word = argc > 1 ? argv[1] : "";
    ipd_error e;
    if (!*word) {
        ipd_fail(&e, IPD_EUSAGE, "name a verb: ipdlam data list, info, show or fetch");
        return ipd_cli_error("data", &e);
    }
    if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) {
        ipd_options_help(&options);
        return IPD_EXIT_DONE;
    }
    return ipd_command_run(commands, "data", argc - 1, argv + 1);
}
