/* folder.c - see folder.h. */
#include "data/folder.h"

#include "base/path.h"
#include "data/checksum.h"
#include "data/idx.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The training or test half of a data set, from its two files. */
typedef struct half {
    ipd_idx images, labels;
    char images_path[4096], labels_path[4096];
    size_t used; /* number of samples to use */
} half;

static const char *const names[IPD_FOLDER_PARTS] = {
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte"};

const char *ipd_folder_file_name(ipd_folder_part part)
{
    return names[part];
}

/* One of four spellings of the name: index / 2 selects the separator, index % 2 selects .gz. */
static int candidate(char *path, size_t size, const char *folder, ipd_folder_part part, int index)
{
    char name[40];
    snprintf(name, sizeof name, "%s%s", names[part], index % 2 ? ".gz" : "");
    if (index / 2)
        *strstr(name, "-idx") = '.';
    return ipd_path_join(path, size, folder, name, NULL);
}

int ipd_folder_file(char *path, size_t size, const char *folder, ipd_folder_part part)
{
    for (int i = 0; i < 4; i++)
        if (candidate(path, size, folder, part, i) == 0 && ipd_path_exists(path))
            return 0;
    return -1;
}

int ipd_folder_holds(const char *folder)
{
    char path[4096];
    for (int part = 0; part < IPD_FOLDER_PARTS; part++)
        if (ipd_folder_file(path, sizeof path, folder, (ipd_folder_part)part) == 0)
            return 1;
    return 0;
}

static int fail_missing(const char *folder, ipd_folder_part part, ipd_error *e)
{
    struct stat s;
    size_t n = strlen(folder);
    const char *dots = n > 200 ? "..." : "", *tail = n > 200 ? folder + n - 200 : folder;
    if (stat(folder, &s))
        return ipd_fail(e, IPD_EIO, "%s%s: no such folder: %s", dots, tail, strerror(errno));
    if (!S_ISDIR(s.st_mode))
        return ipd_fail(e, IPD_EIO, "%s%s: is not a folder. Name one that holds the four IDX files",
                        dots, tail);
    return ipd_fail(
        e, IPD_EIO,
        "%s%s: has neither %s nor %s.gz (nor either with \".idx\" in place of \"-idx\")", dots,
        tail, names[part], names[part]);
}

/* Reads one half and checks that its two files match. */
static int read_half(half *h, const char *folder, ipd_folder_part images, ipd_folder_part labels,
                     ipd_error *e)
{
    if (ipd_folder_file(h->images_path, sizeof h->images_path, folder, images))
        return fail_missing(folder, images, e);
    if (ipd_folder_file(h->labels_path, sizeof h->labels_path, folder, labels))
        return fail_missing(folder, labels, e);
    if (ipd_idx_read(&h->labels, h->labels_path, IPD_IDX_LABELS, e) ||
        ipd_idx_read(&h->images, h->images_path, IPD_IDX_IMAGES, e))
        return -1;
    if (h->images.size[0] != h->labels.size[0])
        return ipd_fail(e, IPD_EFORMAT, "%.300s: has %zu images, but %zu labels in %s",
                        h->images_path, h->images.size[0], h->labels.size[0], names[labels]);
    return 0;
}

static int largest_label(const half *h)
{
    int largest = 0;
    for (size_t i = 0; i < h->labels.count; i++)
        if (h->labels.items[i] > largest)
            largest = h->labels.items[i];
    return largest;
}

static int check_labels(const half *h, size_t classes, ipd_error *e)
{
    for (size_t i = 0; i < h->labels.count; i++)
        if (h->labels.items[i] >= classes)
            return ipd_fail(e, IPD_EFORMAT, "%.300s: label %zu is %d, but labels go from 0 to %zu",
                            h->labels_path, i + 1, h->labels.items[i], classes - 1);
    return 0;
}

static int check_used(half *h, size_t wanted, const char *which, ipd_error *e)
{
    h->used = wanted ? wanted : h->images.size[0];
    if (h->used <= h->images.size[0])
        return 0;
    return ipd_fail(e, IPD_EUSAGE, "%.300s: has %zu %s samples, fewer than the %zu requested",
                    h->images_path, h->images.size[0], which, wanted);
}

/* Checks that the halves match, and sets sizes, classes and the samples to use. */
static int match_halves(ipd_dataset *d, half *train, half *test, size_t classes,
                        const ipd_dataset_options *options, ipd_error *e)
{
    const size_t *a = train->images.size, *b = test->images.size;
    int max = largest_label(train), test_max = largest_label(test);
    if (a[1] != b[1] || a[2] != b[2])
        return ipd_fail(
            e, IPD_EFORMAT,
            "%.300s: has images of %zu x %zu pixels, but the test images have %zu x %zu",
            train->images_path, a[1], a[2], b[1], b[2]);
    d->height = a[1];
    d->width = a[2];
    d->inputs = a[1] * a[2];
    if (!classes)
        classes = (size_t)(max > test_max ? max : test_max) + 1;
    d->classes = classes < 2 ? 2 : classes;
    if (check_labels(train, d->classes, e) || check_labels(test, d->classes, e) ||
        check_used(train, options->train, "training", e) ||
        check_used(test, options->test, "test", e))
        return -1;
    return 0;
}

int ipd_samples_init(ipd_samples *s, const uint8_t *pixels, const uint8_t *labels, size_t inputs,
                     size_t N, ipd_error *e)
{
    float shares[256];
    for (int i = 0; i < 256; i++)
        shares[i] = (float)i / 255;
    *s = (ipd_samples){0};
    if (ipd_matrix_init(&s->X, inputs, N, e))
        return -1;
    s->labels = ipd_allocate(N, 1, e);
    if (!s->labels) {
        ipd_samples_free(s);
        return -1;
    }
    for (size_t i = 0; i < inputs * N; i++)
        s->X.data[i] = shares[pixels[i]];
    memcpy(s->labels, labels, N);
    return 0;
}

void ipd_samples_free(ipd_samples *s)
{
    ipd_matrix_free(&s->X);
    free(s->labels);
    s->labels = NULL;
}

static int fill(ipd_dataset *d, const half *train, const half *test, ipd_error *e)
{
    const half *halves[] = {train, test};
    ipd_samples *samples[] = {&d->train, &d->test};
    ipd_checksum sum;
    ipd_checksum_init(&sum);
    for (int i = 0; i < 2; i++) {
        const half *h = halves[i];
        ipd_checksum_add(&sum, h->images.items, h->used * d->inputs);
        ipd_checksum_add(&sum, h->labels.items, h->used);
        if (ipd_samples_init(samples[i], h->images.items, h->labels.items, d->inputs, h->used, e)) {
            ipd_samples_free(&d->train);
            return -1;
        }
    }
    ipd_checksum_text(&sum, d->checksum);
    return 0;
}

int ipd_folder_read(ipd_dataset *d, const char *folder, size_t classes,
                    const ipd_dataset_options *options, ipd_error *e)
{
    half *halves = ipd_allocate(2, sizeof *halves, e);
    int result = -1;
    if (!halves)
        return -1;
    if (read_half(&halves[0], folder, IPD_TRAIN_IMAGES, IPD_TRAIN_LABELS, e) == 0 &&
        read_half(&halves[1], folder, IPD_TEST_IMAGES, IPD_TEST_LABELS, e) == 0 &&
        match_halves(d, &halves[0], &halves[1], classes, options, e) == 0)
        result = fill(d, &halves[0], &halves[1], e);
    for (int i = 0; i < 2; i++) {
        ipd_idx_free(&halves[i].images);
        ipd_idx_free(&halves[i].labels);
    }
    free(halves);
    return result;
}
