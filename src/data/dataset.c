/* dataset.c - see dataset.h. */
#include "data/dataset.h"

#include "base/path.h"
#include "base/text.h"
#include "data/checksum.h"
#include "data/digits.h"
#include "data/folder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGITS_SEED = 1, NAMED_CLASSES = 10 };

static const char *const names[] = {"digits", "mnist", "fashion-mnist", NULL};

const char *const *ipd_dataset_names(void)
{
    return names;
}

static int is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* Whether the last component of the path is `name` ("/data/mnist/" and "mnist"). */
static int has_last_part(const char *path, const char *name)
{
    size_t n = strlen(path), m = strlen(name);
    while (n && path[n - 1] == '/')
        n--;
    return n >= m && !strncmp(path + n - m, name, m) && (n == m || path[n - m - 1] == '/');
}

int ipd_dataset_find(const char *name, char *path, size_t size)
{
    const char *variable = getenv("IPDLAM_DATA");
    if (ipd_text_index(name, names) < 0)
        return -1;
    if (!strcmp(name, "digits")) {
        *path = 0;
        return 0;
    }
    if (variable && *variable) {
        if (ipd_path_join(path, size, variable, name, NULL) == 0 && ipd_folder_holds(path))
            return 0;
        if (has_last_part(variable, name) && ipd_folder_holds(variable))
            return (size_t)snprintf(path, size, "%s", variable) < size ? 0 : -1;
    }
    return ipd_path_home(path, size, IPD_DATA_HOME, name, NULL) == 0 && ipd_folder_holds(path) ? 0
                                                                                               : -1;
}

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
    ipd_nearest near = ipd_nearest_in(name, names);
    return ipd_fail_unknown(e, "data set", &near,
                            "Use digits, mnist, fashion-mnist or a folder of IDX files.");
}

/* Draws the training or test half of the digits into *s and adds it to the checksum. */
static int draw_half(ipd_samples *s, size_t N, int test, uint64_t seed, ipd_checksum *sum,
                     ipd_error *e)
{
    uint8_t *pixels = ipd_allocate(N, IPD_DIGITS_PIXELS, e), *labels = ipd_allocate(N, 1, e);
    int result = -1;
    if (pixels && labels) {
        ipd_digits_draw(pixels, labels, 0, N, test, seed);
        ipd_checksum_add(sum, pixels, N * IPD_DIGITS_PIXELS);
        ipd_checksum_add(sum, labels, N);
        result = ipd_samples_init(s, pixels, labels, IPD_DIGITS_PIXELS, N, e);
    }
    free(pixels);
    free(labels);
    return result;
}

/* Fails early, before the kernel has to kill a process. */
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

static int open_digits(ipd_dataset *d, const ipd_dataset_options *o, ipd_error *e)
{
    uint64_t seed = o->seed ? o->seed : DIGITS_SEED;
    size_t train = o->train ? o->train : IPD_DIGITS_TRAIN;
    size_t test = o->test ? o->test : IPD_DIGITS_TEST;
    ipd_checksum sum;
    ipd_checksum_init(&sum);
    snprintf(d->source, sizeof d->source, "generated, seed %llu", (unsigned long long)seed);
    d->width = d->height = IPD_DIGITS_SIDE;
    d->inputs = IPD_DIGITS_PIXELS;
    d->classes = NAMED_CLASSES;
    if (check_memory(train, test, e) || draw_half(&d->train, train, 0, seed, &sum, e) ||
        draw_half(&d->test, test, 1, seed, &sum, e))
        return -1;
    ipd_checksum_text(&sum, d->checksum);
    return 0;
}

static int open_into(ipd_dataset *d, const char *name, const ipd_dataset_options *o, ipd_error *e)
{
    if (!strcmp(name, "digits"))
        return open_digits(d, o, e);
    if (ipd_text_index(name, names) >= 0) {
        if (ipd_dataset_find(name, d->source, sizeof d->source))
            return fail_not_found(name, e);
        return ipd_folder_read(d, d->source, NAMED_CLASSES, o, e);
    }
    if (!strchr(name, '/') && !is_folder(name))
        return fail_unknown(name, e);
    if (strlen(name) >= sizeof d->source)
        return ipd_path_too_long(name, sizeof d->source, IPD_EUSAGE, e);
    strcpy(d->source, name);
    return ipd_folder_read(d, name, 0, o, e);
}

/* Keeps the end of a long path, starting at a whole UTF-8 character. */
static void set_name(ipd_dataset *d, const char *name)
{
    size_t n = strlen(name);
    if (n >= sizeof d->name)
        name += n - sizeof d->name + 1;
    while ((*name & 0xc0) == 0x80)
        name++;
    snprintf(d->name, sizeof d->name, "%s", name);
}

/* Copies the samples first ... first + count - 1 of `from`. */
static int copy_samples(ipd_samples *to, const ipd_samples *from, size_t first, size_t count,
                        ipd_error *e)
{
    ipd_matrix columns = ipd_matrix_columns(&from->X, first, count);
    *to = (ipd_samples){0};
    if (ipd_matrix_init(&to->X, columns.rows, count, e) ||
        !(to->labels = ipd_allocate(count, 1, e))) {
        ipd_samples_free(to);
        return -1;
    }
    ipd_matrix_copy(&to->X, &columns);
    memcpy(to->labels, from->labels + first, count);
    return 0;
}

/* Adds samples to the checksum, with the pixels converted back to bytes. */
static void sum_samples(ipd_checksum *sum, const ipd_samples *s)
{
    for (size_t i = 0; i < s->X.rows * s->X.cols; i++) {
        uint8_t pixel = (uint8_t)lrintf(s->X.data[i] * 255);
        ipd_checksum_add(sum, &pixel, 1);
    }
    ipd_checksum_add(sum, s->labels, s->X.cols);
}

int ipd_dataset_parse_validation(const char *text, ipd_dataset_options *o, ipd_error *e)
{
    char number[32];
    size_t length = strlen(text), percent = length && text[length - 1] == '%';
    double share = 0;
    long count = 0;
    snprintf(number, sizeof number, "%.*s", (int)(length - percent), text);
    if (length - percent >= sizeof number ||
        (percent ? ipd_text_to_double(number, &share) || !(share > 0 && share < 100)
                 : ipd_text_to_long(number, &count) || count < 0))
        return ipd_fail(e, IPD_EUSAGE,
                        "validation must be a number of samples such as 5000, or a percentage of "
                        "the training samples such as 10%%, not \"%.40s\"",
                        text);
    o->validation = (size_t)count;
    o->validation_percent = share;
    return 0;
}

/* Moves the last `count` training samples to *held. Needs all training samples in d->train, and
 * keeps the first `train` of them; 0 means all others. */
static int hold_out(ipd_dataset *d, ipd_samples *held, size_t count, size_t train, ipd_error *e)
{
    size_t all = d->train.X.cols;
    ipd_samples kept, last;
    if (count >= all)
        return ipd_fail(e, IPD_EUSAGE,
                        "%s has %zu training samples: holding out %zu leaves none to train on",
                        d->name, all, count);
    if (train > all - count)
        return ipd_fail(e, IPD_EUSAGE,
                        "%s has %zu training samples, but %zu for training and %zu for validation "
                        "were requested",
                        d->name, all, train, count);
    if (copy_samples(&last, &d->train, all - count, count, e))
        return -1;
    if (copy_samples(&kept, &d->train, 0, train ? train : all - count, e)) {
        ipd_samples_free(&last);
        return -1;
    }
    ipd_samples_free(&d->train);
    ipd_samples_free(held);
    d->train = kept;
    *held = last;
    return 0;
}

/* Holds out samples as the options say, and sums what is in use anew. */
static int split(ipd_dataset *d, const ipd_dataset_options *o, ipd_error *e)
{
    double share = o->validation_percent / 100 * (double)d->train.X.cols;
    size_t count = o->held_out     ? o->held_out
                   : o->validation ? o->validation
                                   : (size_t)fmax(1, round(share));
    ipd_checksum sum;
    if (hold_out(d, o->held_out ? &d->test : &d->validation, count, o->train, e))
        return -1;
    d->held_out = o->held_out;
    ipd_checksum_init(&sum);
    sum_samples(&sum, &d->train);
    sum_samples(&sum, &d->validation);
    sum_samples(&sum, &d->test);
    ipd_checksum_text(&sum, d->checksum);
    return 0;
}

int ipd_dataset_open(ipd_dataset **out, const char *name, const ipd_dataset_options *options,
                     ipd_error *e)
{
    static const ipd_dataset_options whole = {0};
    ipd_dataset *d = ipd_allocate(1, sizeof *d, e);
    *out = NULL;
    if (!d)
        return -1;
    d->references = 1;
    set_name(d, name);
    ipd_dataset_options o = options ? *options : whole;
    int splits = o.validation || o.validation_percent > 0 || o.held_out;
    if (splits)
        o.train = 0;
    if (open_into(d, name, &o, e) || (splits && split(d, options, e))) {
        ipd_dataset_unref(d);
        return -1;
    }
    *out = d;
    return 0;
}

ipd_dataset *ipd_dataset_ref(ipd_dataset *d)
{
    d->references++;
    return d;
}

void ipd_dataset_unref(ipd_dataset *d)
{
    if (!d || --d->references > 0)
        return;
    ipd_samples_free(&d->train);
    ipd_samples_free(&d->validation);
    ipd_samples_free(&d->test);
    free(d);
}

void ipd_dataset_class_name(const ipd_dataset *d, size_t label, char *to, size_t size)
{
    static const char *const fashion[NAMED_CLASSES] = {
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
        "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
    if (!strcmp(d->name, "fashion-mnist") && label < NAMED_CLASSES)
        snprintf(to, size, "%s", fashion[label]);
    else
        snprintf(to, size, "%zu", label);
}
