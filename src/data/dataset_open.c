/* dataset_open.c - opens data sets: finds the reader of a name. See dataset.h and reading.h. */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "data/digits.h"
#include "data/folder.h"
#include "data/reading.h"
#include "data/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The source of data sets made in memory. */
#define IN_MEMORY "tensors in Lua"

enum { DIGITS_SEED = 1, NAMED_CLASSES = 10 };

static int fail_not_found(const char *name, ipd_error *e)
{
    char home[4096];
    const char *variable = getenv("IPDLAM_DATA");
    if (ipd_path_home(home, sizeof home, IPD_DATA_HOME, name, e))
        return -1;
    if (variable && *variable)
        return ipd_fail(e, IPD_ESTATE,
                        "%s is neither in IPDLAM_DATA (%.120s) nor in %.120s. Download it with "
                        "`ipdlam data fetch %s`",
                        name, variable, home, name);
    return ipd_fail(e, IPD_ESTATE,
                    "%s is not in %.200s. Download it with `ipdlam data fetch %s`, or set "
                    "IPDLAM_DATA to its folder",
                    name, home, name);
}

static int fail_unknown(const char *name, ipd_error *e)
{
    ipd_nearest near = ipd_nearest_in(name, ipd_dataset_names());
    if (strpbrk(name, "./"))
        return ipd_fail(e, IPD_ESTATE, "%.400s: there is no such file or folder", name);
    return ipd_fail_unknown(e, "data set", &near,
                            "Use digits, mnist, fashion-mnist, or the path of a file or folder.");
}

/* Draws the training or test half of the digits into *s. */
static int draw_half(ipd_space *space, ipd_samples *s, size_t N, int test, uint64_t seed,
                     ipd_error *e)
{
    uint8_t *pixels = ipd_allocate(N, IPD_DIGITS_PIXELS, e), *labels = ipd_allocate(N, 1, e);
    int result = -1;
    if (pixels && labels) {
        ipd_digits_draw(pixels, labels, 0, N, test, seed);
        result = ipd_samples_init(space, s, pixels, labels, IPD_DIGITS_PIXELS, N, e);
    }
    free(pixels);
    free(labels);
    return result;
}

/* Fails if the digits need more memory than the machine has. Otherwise the kernel would kill a
 * process later. */
static int check_memory(size_t train, size_t test, ipd_error *e)
{
    double sample = IPD_DIGITS_PIXELS * (sizeof(float) + 1.0);
    double bytes = sample * ((double)train + (double)test);
    double have = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    if (bytes <= have)
        return 0;
    return ipd_fail(e, IPD_EMEMORY,
                    "out of memory: %zu + %zu digits need %.1f GiB, but this machine has %.1f",
                    train, test, bytes / (1 << 30), have / (1 << 30));
}

static int open_digits(ipd_reading *r, ipd_error *e)
{
    ipd_dataset *d = r->d;
    const ipd_dataset_options *o = r->o;
    uint64_t seed = o->seed ? o->seed : DIGITS_SEED;
    int splits = o->validation || o->validation_percent > 0 || o->held_out;
    size_t train = o->train && !splits ? o->train : IPD_DIGITS_TRAIN;
    size_t test = o->test ? o->test : IPD_DIGITS_TEST;
    snprintf(d->source, sizeof d->source, "generated, seed %llu", (unsigned long long)seed);
    d->width = d->height = IPD_DIGITS_SIDE;
    d->inputs = IPD_DIGITS_PIXELS;
    d->classes = NAMED_CLASSES;
    return check_memory(train, test, e) || draw_half(d->space, &d->train, train, 0, seed, e) ||
                   draw_half(d->space, &d->test, test, 1, seed, e)
               ? -1
               : 0;
}

/* Reads a file in the format of its first bytes. A damaged safetensors file is known by its
 * name. */
static int open_file(ipd_reading *r, ipd_error *e)
{
    unsigned char first[10] = {0};
    if (r->text)
        return ipd_read_table(r, e);
    FILE *f = ipd_file_read(r->path, e);
    if (!f)
        return -1;
    size_t n = fread(first, 1, sizeof first, f);
    fclose(f);
    if (!memcmp(first, "PK\3\4", 4) || !memcmp(first, "PK\5\6", 4) ||
        !memcmp(first, "\x93NUMPY", 6) || (n > 9 && !first[5] && !first[7] && first[8] == '{') ||
        ipd_text_has_suffix(r->path, ".safetensors"))
        return r->more
                   ? ipd_fail(e, IPD_EUSAGE,
                              "%s: is no table. Only tables, such as CSV, may be in several files",
                              r->path)
                   : ipd_read_arrays(r, e);
    return ipd_read_table(r, e);
}

static int open_into(ipd_reading *r, const char *name, ipd_error *e)
{
    ipd_dataset *d = r->d;
    if (r->more) {
        snprintf(d->source, sizeof d->source, "%s", name);
        return open_file(r, e);
    }
    r->keep_order = 1;
    r->natural = IPD_SCALE_PIXEL;
    if (!strcmp(name, "digits"))
        return open_digits(r, e);
    if (ipd_text_index(name, ipd_dataset_names()) >= 0) {
        if (ipd_dataset_find(name, d->source, sizeof d->source))
            return fail_not_found(name, e);
        r->path = d->source;
        return ipd_folder_read(r, d->source, NAMED_CLASSES, e);
    }
    if (!strcmp(name, IN_MEMORY))
        return ipd_fail(
            e, IPD_ESTATE,
            "the samples were tensors in Lua, which no file holds. Make the same data set "
            "with ip.dataset first");
    if (!strchr(name, '/') && !ipd_path_exists(name))
        return fail_unknown(name, e);
    if (strlen(name) >= sizeof d->source)
        return ipd_path_too_long(name, sizeof d->source, IPD_EUSAGE, e);
    strcpy(d->source, name);
    if (ipd_path_is_folder(name) && ipd_store_holds(name))
        return ipd_store_read(r, name, e);
    if (ipd_path_is_folder(name) && !ipd_folder_holds(name) && ipd_pictures_hold(name))
        return ipd_read_pictures(r, e);
    if (ipd_path_is_folder(name) || !ipd_path_exists(name))
        return ipd_folder_read(r, name, 0, e);
    r->keep_order = 0;
    return open_file(r, e);
}

/* Adds the options to the source, if `needs_options`. label: the column that was chosen as the
 * label; weights store it with the options. */
static int set_source(ipd_dataset *d, const char *path, const ipd_dataset_options *o,
                      const char *label, int needs_options, ipd_error *e)
{
    char options[sizeof d->source];
    ipd_dataset_options own = *o; /* for weights */
    if (label && !*own.words[IPD_DATA_LABEL])
        snprintf(own.words[IPD_DATA_LABEL], IPD_DATA_WORD, "%s", label);
    if (ipd_data_options_name(&own, NULL, options, sizeof options))
        return ipd_fail(e, IPD_EUSAGE,
                        "the options of the data are too long. Shorten the lists of columns");
    if (needs_options && !(d->encoding->options = strdup(options)))
        return ipd_fail(e, IPD_EMEMORY, "out of memory");
    if (needs_options && ipd_data_options_name(o, path, d->source, sizeof d->source))
        return ipd_fail(e, IPD_EUSAGE,
                        "the name of the data set with its options is too long. Shorten the lists "
                        "of columns");
    return 0;
}

/* Adds the further files of a table to the source, except those that do not fit. */
static void add_files(ipd_dataset *d, const char *const *more)
{
    for (; more && *more; more++) {
        size_t n = strlen(d->source), left = sizeof d->source - n;
        if ((size_t)snprintf(d->source + n, left, ", %s", *more) >= left)
            d->source[n] = 0;
    }
}

/* The ways of opening a data set. */
typedef struct opening {
    const ipd_encoding *encoding; /* of saved weights, or NULL */
    int inputs;                   /* 1: for predictions */
    const char *text;             /* of a table for predictions, or NULL */
    size_t length;
    int bare;                          /* 1: the text begins with values */
    const char *const *more;           /* files of a table; or NULL */
    ipd_space *space;                  /* of the samples; NULL: memory */
    const ipd_data_progress *progress; /* or NULL */
} opening;

static int open_any(ipd_dataset **out, const char *name, const ipd_dataset_options *options,
                    opening how, ipd_error *e);

/* Makes the first N samples of `from`, which are scaled alike, the test samples. */
static int copy_test(ipd_dataset *d, const ipd_samples *from, size_t N, ipd_error *e)
{
    ipd_samples *to = &d->test;
    if (ipd_space_matrix(d->space, &to->X, d->inputs, N, e))
        return -1;
    ipd_inputs X = ipd_samples_inputs(from);
    ipd_inputs_read(&X, 0, 1, N, to->X.data);
    if (from->labels) {
        if (!(to->labels = ipd_space_allocate(d->space, N, sizeof *to->labels, e)))
            return -1;
        memcpy(to->labels, from->labels, N * sizeof *to->labels);
        return 0;
    }
    if (from->Y.data == from->X.data) {
        to->Y = to->X;
    } else {
        if (ipd_space_matrix(d->space, &to->Y, d->classes, N, e))
            return -1;
        memcpy(to->Y.data, from->Y.data, N * d->classes * sizeof *to->Y.data);
    }
    return ipd_reading_weigh(d, to, e);
}

/* Reads the test samples from the file of the options, with the columns, scale and classes of the
 * training samples. */
static int read_test_file(ipd_reading *r, ipd_error *e)
{
    ipd_dataset *d = r->d, *test = NULL;
    ipd_dataset_options *o = ipd_allocate(1, sizeof *o, e);
    if (!o)
        return -1;
    memcpy(o->words, r->o->words, sizeof o->words);
    *o->words[IPD_DATA_TEST_FILE] = *o->words[IPD_DATA_SPLIT] = 0;
    if (r->label)
        strcpy(o->words[IPD_DATA_LABEL], r->label);
    o->whole = 1;
    int failed = open_any(&test, r->o->words[IPD_DATA_TEST_FILE], o,
                          (opening){.encoding = d->encoding, .progress = r->progress}, e);
    free(o);
    if (failed)
        return -1;
    size_t N = test->train.X.cols;
    if (r->o->test > N)
        failed = ipd_fail(e, IPD_EUSAGE, "%s: has %zu samples, fewer than the %zu requested",
                          r->o->words[IPD_DATA_TEST_FILE], N, r->o->test);
    failed = failed || copy_test(d, &test->train, r->o->test ? r->o->test : N, e);
    ipd_dataset_unref(test);
    return failed ? -1 : ipd_reading_sum(d, d->checksum, r->progress, e);
}

/* Fails if the samples read or the other options do not allow a test file. */
static int check_test_file(const ipd_reading *r, ipd_error *e)
{
    const ipd_dataset_options *o = r->o;
    if (r->d->test.X.cols || r->complete)
        return ipd_fail(e, IPD_EUSAGE, "%s: has test samples of its own. Leave the test file out",
                        r->path);
    if (o->held_out || o->test_percent > 0 || *o->words[IPD_DATA_SPLIT_COLUMN])
        return ipd_fail(
            e, IPD_EUSAGE,
            "a test file replaces the split. Give it without held_out, a percentage of test "
            "samples and split-column");
    return 0;
}

/* Opens a data set in the given way; frees how.space on failure. options may be NULL. */
static int open_any(ipd_dataset **out, const char *name, const ipd_dataset_options *options,
                    opening how, ipd_error *e)
{
    char path[4096];
    ipd_dataset_options *o = ipd_allocate(1, sizeof *o, e);
    *out = NULL;
    if (o && options)
        *o = *options;
    ipd_dataset *d = !o || ipd_data_options_parse(o, name, path, sizeof path, e)
                         ? NULL
                         : ipd_dataset_new(path, e);
    if (d)
        d->space = how.space;
    else
        ipd_space_delete(how.space);
    ipd_reading r = {.d = d,
                     .o = o,
                     .old = how.encoding,
                     .path = path,
                     .more = how.more,
                     .text = how.text,
                     .length = how.length,
                     .only_inputs = how.inputs,
                     .progress = how.progress};
    r.has_test_file = o && !how.inputs && *o->words[IPD_DATA_TEST_FILE];
    int failed = !d || (how.inputs ? open_file(&r, e) : open_into(&r, path, e)) ||
                 (r.has_test_file && check_test_file(&r, e)) ||
                 (!r.complete && (set_source(d, path, o, r.label,
                                             !r.keep_order || ipd_data_options_matter(o), e) ||
                                  ipd_reading_finish(&r, e))) ||
                 (r.has_test_file && read_test_file(&r, e));
    if (!failed)
        add_files(d, how.more);
    ipd_reading_free(&r);
    free(o);
    if (failed) {
        ipd_dataset_unref(d);
        return -1;
    }
    *out = d;
    return 0;
}

int ipd_dataset_open_as(ipd_dataset **out, const char *name, const ipd_dataset_options *options,
                        const ipd_encoding *encoding, const ipd_data_progress *progress,
                        ipd_error *e)
{
    return open_any(out, name, options, (opening){.encoding = encoding, .progress = progress}, e);
}

int ipd_dataset_open_in(ipd_dataset **out, const char *name, const char *const *more,
                        const ipd_dataset_options *options, ipd_space *space,
                        const ipd_data_progress *progress, ipd_error *e)
{
    return open_any(out, name, options,
                    (opening){.more = more, .space = space, .progress = progress}, e);
}

/* Opens a data set for predictions, with the options that the encoding remembers. */
static int open_inputs(ipd_dataset **out, const char *path, opening how, ipd_error *e)
{
    const ipd_encoding *encoding = how.encoding;
    char known[4096] = "?", none[8];
    ipd_dataset_options *o = ipd_allocate(1, sizeof *o, e);
    if (encoding->options)
        snprintf(known + 1, sizeof known - 1, "%s", encoding->options);
    int failed = !o || ipd_data_options_parse(o, known, none, sizeof none, e);
    if (!failed && how.bare)
        strcpy(o->words[IPD_DATA_HEADER], "no");
    failed = failed || open_any(out, path, o, how, e);
    free(o);
    return failed ? -1 : 0;
}

int ipd_dataset_open_inputs(ipd_dataset **out, const char *path, const ipd_encoding *encoding,
                            const ipd_data_progress *progress, ipd_error *e)
{
    opening how = {.encoding = encoding, .inputs = 1, .progress = progress};
    return open_inputs(out, path, how, e);
}

int ipd_dataset_open_text(ipd_dataset **out, const char *name, const char *text, size_t length,
                          int bare, const ipd_encoding *encoding, ipd_error *e)
{
    opening how = {.encoding = encoding, .inputs = 1, .text = text, .length = length, .bare = bare};
    return open_inputs(out, name, how, e);
}

int ipd_dataset_open(ipd_dataset **out, const char *name, const ipd_dataset_options *options,
                     ipd_error *e)
{
    return ipd_dataset_open_as(out, name, options, NULL, NULL, e);
}

/* Copies the targets as raw values of the training part. */
static int copy_targets(ipd_reading *r, const ipd_matrix *Y, ipd_error *e)
{
    r->outputs = Y->rows;
    r->integers = Y->rows == 1;
    if (!(r->targets[0] = ipd_allocate(Y->rows * Y->cols, sizeof **r->targets, e)))
        return -1;
    for (size_t i = 0; i < Y->rows * Y->cols; i++) {
        r->targets[0][i] = (double)Y->data[i];
        r->integers &= Y->data[i] == floorf(Y->data[i]);
    }
    return 0;
}

int ipd_dataset_of_values(ipd_dataset **out, const ipd_matrix *X, const ipd_matrix *Y,
                          const ipd_dataset_options *options, ipd_error *e)
{
    ipd_dataset *d = ipd_dataset_new("tensors", e);
    ipd_reading r = {.d = d, .o = options, .path = "the data set", .natural = IPD_SCALE_STANDARD};
    int failed = !d || ipd_matrix_init(&d->train.X, X->rows, X->cols, e) ||
                 set_source(d, IN_MEMORY, options, NULL, 1, e) || (Y && copy_targets(&r, Y, e));
    if (!failed) {
        d->inputs = X->rows;
        ipd_matrix_copy(&d->train.X, X);
        failed = ipd_reading_finish(&r, e);
    }
    ipd_reading_free(&r);
    if (failed) {
        ipd_dataset_unref(d);
        return -1;
    }
    *out = d;
    return 0;
}
