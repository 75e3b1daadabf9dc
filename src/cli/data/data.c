/* data.c - `ipdlam data`: its verbs, and the verb list. */
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

static void print_json(const entry *x)
{
    json_t *o = json_object();
    json_object_set_new(o, "name", json_string(x->name));
    json_object_set_new(o, "found", json_boolean(x->found && x->why.code == IPD_OK));
    json_object_set_new(o, "folder", *x->folder ? ipd_text_json(x->folder) : json_null());
    if (x->why.code != IPD_OK)
        json_object_set_new(o, "problem", ipd_text_json(x->why.text));
    if (x->train && x->test) {
        json_object_set_new(o, "train", json_integer((json_int_t)x->train));
        json_object_set_new(o, "test", json_integer((json_int_t)x->test));
        json_object_set_new(o, "width", json_integer((json_int_t)x->width));
        json_object_set_new(o, "height", json_integer((json_int_t)x->height));
    }
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

static int list(int argc, char **argv)
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
            print_json(x);
        else
            print_entry(x);
        ipd_json_end_item(&json);
    }
    ipd_json_close(&json);
    free(x);
    return IPD_EXIT_DONE;
}

static const ipd_command commands[] = {
    {"list", "", "list the data sets and where they are", list},
    {"info", "", "read, check and describe a data set", ipd_cli_data_info},
    {"show", "", "draw samples in the terminal", ipd_cli_data_show},
    {"fetch", "", "download MNIST or Fashion-MNIST", ipd_cli_data_fetch},
    {"synth", "", "write a small table for teaching", ipd_cli_data_synth},
    {"import", "", "write any data as a folder that opens at once", ipd_cli_data_import},
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
        ipd_fail(&e, IPD_EUSAGE,
                 "name a verb: ipdlam data list, info, show, fetch, synth or import");
        return ipd_cli_error("data", &e);
    }
    if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) {
        ipd_options_help(&options);
        return IPD_EXIT_DONE;
    }
    return ipd_command_run(commands, "data", argc - 1, argv + 1);
}
