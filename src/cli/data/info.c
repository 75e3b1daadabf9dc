/* info.c - `ipdlam data info`. */
#include "cli/bar.h"
#include "cli/cli.h"
#include "cli/data/data.h"
#include "cli/json_output.h"
#include "data/columns.h"
#include "data/store.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SHOWN = 40 }; /* classes */

/* Statistics of the training or the test samples. */
typedef struct statistics {
    size_t *by_class;       /* owned; NULL: values */
    double mean, deviation; /* of all inputs */
    size_t always_zero;     /* number of inputs that are 0 in all samples */
} statistics;

static int measure(statistics *s, const ipd_dataset *set, const ipd_samples *half, ipd_error *e)
{
    size_t d = half->X.rows, N = half->X.cols;
    unsigned char *inked = ipd_allocate(d, 1, e);
    float *buffer = ipd_allocate(d, sizeof *buffer, e);
    ipd_inputs X = ipd_samples_inputs(half);
    double sum = 0, squares = 0;
    *s = (statistics){.always_zero = d};
    if (!inked || !buffer ||
        (!set->values && !(s->by_class = ipd_allocate(set->classes, sizeof(size_t), e)))) {
        free(inked);
        free(buffer);
        return -1;
    }
    for (size_t n = 0; n < N; n++) {
        const float *x = ipd_inputs_at(&X, n, buffer);
        double part = 0, part_squares = 0;
        if (s->by_class)
            s->by_class[half->labels[n]]++;
        for (size_t i = 0; i < d; i++) {
            part += x[i];
            part_squares += (double)x[i] * x[i];
            if (x[i] != 0 && !inked[i]) {
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
    free(buffer);
    return 0;
}

/* Scans a table again for its columns; t->count is 0 for other sources. */
static int scan(ipd_table *t, const ipd_dataset *d, ipd_error *e)
{
    char path[4096];
    ipd_dataset *set;
    ipd_dataset_options *o;
    *t = (ipd_table){0};
    if (!d->encoding->column_count || d->space)
        return 0;
    o = ipd_allocate(1, sizeof *o, e);
    set = o ? ipd_dataset_new("table", e) : NULL; /* gets the warnings, which are known already */
    ipd_reading r = {.d = set, .o = o, .path = path};
    int failed = !set || ipd_data_options_parse(o, d->source, path, sizeof path, e) ||
                 ipd_table_scan(t, &r, e) || ipd_table_choose(t, &r, e);
    t->path = NULL; /* gone */
    free(r.label);
    ipd_dataset_unref(set);
    free(o);
    return failed ? -1 : 0;
}

static const char *role_name(ipd_role role)
{
    static const char *const names[] = {"not used", "input", "label", "split"};
    return names[role];
}

static json_t *columns_json(const ipd_table *t)
{
    json_t *list = json_array();
    for (size_t i = 0; i < t->count; i++) {
        const ipd_table_column *c = &t->columns[i];
        json_t *o = json_object();
        json_object_set_new(o, "name", ipd_text_json(c->name));
        json_object_set_new(o, "type", json_string(c->is_text ? "text" : "number"));
        json_object_set_new(o, "use", json_string(role_name(c->role)));
        json_object_set_new(o, "missing", json_integer((json_int_t)c->missing));
        if (c->numbers) {
            json_object_set_new(o, "min", json_real(c->min));
            json_object_set_new(o, "max", json_real(c->max));
        }
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *half_json(const ipd_dataset *d, const ipd_samples *half, const statistics *s)
{
    json_t *o = json_object(), *counts = json_array();
    for (size_t c = 0; s->by_class && c < d->classes; c++)
        json_array_append_new(counts, json_integer((json_int_t)s->by_class[c]));
    json_object_set_new(o, "samples", json_integer((json_int_t)half->X.cols));
    json_object_set_new(o, "by_class", counts);
    json_object_set_new(o, "pixel_mean", json_real(s->mean));
    json_object_set_new(o, "pixel_deviation", json_real(s->deviation));
    json_object_set_new(o, "pixels_always_zero", json_integer((json_int_t)s->always_zero));
    return o;
}

static void print_json(const ipd_dataset *d, const ipd_table *t, const statistics *train,
                       const statistics *test)
{
    json_t *o = json_object();
    json_object_set_new(o, "name", ipd_text_json(d->name));
    json_object_set_new(o, "source", ipd_text_json(d->source));
    json_object_set_new(o, "sha256", json_string(d->checksum));
    json_object_set_new(o, "width", json_integer((json_int_t)d->width));
    json_object_set_new(o, "height", json_integer((json_int_t)d->height));
    json_object_set_new(o, "inputs", json_integer((json_int_t)d->inputs));
    json_object_set_new(o, "classes", json_integer((json_int_t)d->classes));
    json_object_set_new(o, "target", json_string(ipd_target_names[d->encoding->target]));
    json_object_set_new(o, "scale", json_string(ipd_scale_names[d->encoding->scale]));
    json_object_set_new(o, "validation", json_integer((json_int_t)d->validation.X.cols));
    json_object_set_new(o, "train", half_json(d, &d->train, train));
    json_object_set_new(o, "test", half_json(d, &d->test, test));
    if (t->count)
        json_object_set_new(o, "columns", columns_json(t));
    json_object_set_new(o, "warnings", ipd_text_json(d->warnings));
    json_dumpf(o, stdout, 0);
    json_decref(o);
    putchar('\n');
}

static void print_columns(const ipd_table *t)
{
    char range[64];
    if (!t->count)
        return;
    printf("\n%6s  %-20s %-7s %-9s %8s  %s\n", "column", "name", "type", "use", "missing",
           "values");
    for (size_t i = 0; i < t->count; i++) {
        const ipd_table_column *c = &t->columns[i];
        if (c->is_text)
            snprintf(range, sizeof range, "\"%.30s\" ...", c->text);
        else if (c->numbers)
            snprintf(range, sizeof range, "%.6g to %.6g", c->min, c->max);
        else
            snprintf(range, sizeof range, "none");
        printf("%6zu  %-20.20s %-7s %-9s %8zu  %s\n", i + 1, c->name,
               c->is_text ? "text" : "number", role_name(c->role), c->missing, range);
    }
}

static void print_text(const ipd_dataset *d, const ipd_table *t, const statistics *train,
                       const statistics *test)
{
    const char *what = ipd_dataset_has_images(d) ? "pixel" : "input";
    char name[32], label[32];
    printf("name      %s\n", d->name);
    printf("source    %s\n", d->source);
    printf("SHA-256   %s\n", d->checksum);
    if (ipd_dataset_has_images(d))
        printf("images    %zu x %zu, %zu inputs", d->width, d->height, d->inputs);
    else
        printf("inputs    %zu", d->inputs);
    printf(", %zu %s; scale %s\n", d->classes,
           !d->values        ? "classes"
           : d->classes == 1 ? "value"
                             : "values",
           ipd_scale_names[d->encoding->scale]);
    printf("memory    %.1f MiB\n",
           (double)(d->train.X.cols + d->test.X.cols) *
               ((double)d->inputs * (d->train.bytes ? 1 : sizeof(float)) + 1) / (1 << 20));
    for (const char *line = d->warnings; *line; line = strchr(line, '\n') + 1)
        printf("warning   %.*s\n", (int)strcspn(line, "\n"), line);
    print_columns(t);
    printf("\n%-20s %10s %10s\n", "", "train", "test");
    printf("%-20s %10zu %10zu\n", "samples", d->train.X.cols, d->test.X.cols);
    if (d->validation.X.cols)
        printf("%-20s %10zu\n", "validation", d->validation.X.cols);
    snprintf(label, sizeof label, "%s mean", what);
    printf("%-20s %10.4f %10.4f\n", label, train->mean, test->mean);
    snprintf(label, sizeof label, "%s deviation", what);
    printf("%-20s %10.4f %10.4f\n", label, train->deviation, test->deviation);
    snprintf(label, sizeof label, "%ss always zero", what);
    printf("%-20s %10zu %10zu\n", label, train->always_zero, test->always_zero);
    size_t shown = d->classes > MAX_SHOWN ? MAX_SHOWN : d->classes;
    for (size_t c = 0; train->by_class && c < shown; c++) {
        ipd_dataset_class_name(d, c, name, sizeof name);
        printf("class %-14s %10zu %10zu\n", name, train->by_class[c], test->by_class[c]);
    }
    if (train->by_class && shown < d->classes)
        printf("and %zu more classes; --json has all\n", d->classes - shown);
}

static int describe(const ipd_dataset *d, int json, ipd_error *e)
{
    statistics train = {0}, test = {0};
    ipd_table t = {0};
    ipd_bar bar;
    ipd_data_progress progress = ipd_bar_start(&bar);
    int damaged = d->space && ipd_store_check(d, &progress, e);
    ipd_bar_end(&bar);
    int failed = damaged || measure(&train, d, &d->train, e) || measure(&test, d, &d->test, e) ||
                 scan(&t, d, e);
    if (!failed)
        (json ? print_json : print_text)(d, &t, &train, &test);
    free(train.by_class);
    free(test.by_class);
    ipd_table_free(&t);
    return failed ? -1 : 0;
}

/* Opens the data set. Missing values that training would refuse are only a warning here, so that
 * the columns are shown. */
static int open_set(ipd_dataset **d, const char *name, const ipd_data_choice *choice, ipd_error *e)
{
    static const char warning[] = "training refuses missing values unless --missing drop or "
                                  "--missing mean is given\n";
    ipd_data_choice mean = *choice;
    ipd_error other;
    if (ipd_data_choice_open(d, name, choice, e) == 0)
        return 0;
    if (choice->words[IPD_DATA_MISSING] || e->code != IPD_EFORMAT)
        return -1;
    mean.words[IPD_DATA_MISSING] = "mean";
    if (ipd_data_choice_open(d, name, &mean, &other))
        return -1;
    size_t n = strlen((*d)->warnings);
    if (n + sizeof warning <= sizeof(*d)->warnings)
        memcpy((*d)->warnings + n, warning, sizeof warning);
    return 0;
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
                                 .usage =
                                     " [OPTION...] [NAME|FILE|FOLDER]\n\nReads a data set (default "
                                     "digits), checks it and describes its content.",
                                 .table = table,
                                 .operands = &names,
                                 .max_operands = 1};
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    ipd_dataset *d;
    ipd_error e;
    if (open_set(&d, names ? argv[1] : "digits", &choice, &e))
        return ipd_cli_error("data info", &e);
    int failed = describe(d, ipd_json_asked(&json), &e);
    ipd_dataset_unref(d);
    return failed ? ipd_cli_error("data info", &e) : IPD_EXIT_DONE;
}
