/* folder.c - see folder.h. */
#include "data/folder.h"

#include "base/path.h"
#include "data/idx.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The training or test half of a data set, from its two files. */
typedef struct half {
    ipd_idx images, labels;
    char images_path[4096], labels_path[4096];
} half;

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
        tail, ipd_folder_file_name(part), ipd_folder_file_name(part));
}

/* Reads one half and checks that its two files match. */
static int read_half(ipd_space *space, half *h, const char *folder, ipd_folder_part images,
                     ipd_folder_part labels, ipd_error *e)
{
    if (ipd_folder_file(h->images_path, sizeof h->images_path, folder, images))
        return fail_missing(folder, images, e);
    if (ipd_folder_file(h->labels_path, sizeof h->labels_path, folder, labels))
        return fail_missing(folder, labels, e);
    if (ipd_idx_read(space, &h->labels, h->labels_path, IPD_IDX_LABELS, e) ||
        ipd_idx_read(space, &h->images, h->images_path, IPD_IDX_IMAGES, e))
        return -1;
    if (h->images.size[0] != h->labels.size[0])
        return ipd_fail(e, IPD_EFORMAT, "%.300s: has %zu images, but %zu labels in %s",
                        h->images_path, h->images.size[0], h->labels.size[0],
                        ipd_folder_file_name(labels));
    return 0;
}

/* The largest label plus 1. Fails unless all labels are whole numbers from 0. */
static int count_labels(const half *h, size_t *classes, ipd_error *e)
{
    for (size_t i = 0; i < h->labels.count; i++) {
        double label = ipd_idx_value(&h->labels, i);
        if (!(label >= 0 && label < IPD_MAX_LABELS && label == floor(label)))
            return ipd_fail(e, IPD_EFORMAT,
                            "%.300s: label %zu is %g, but labels are whole numbers from 0 to %d",
                            h->labels_path, i + 1, label, IPD_MAX_LABELS - 1);
        if ((size_t)label >= *classes)
            *classes = (size_t)label + 1;
    }
    return 0;
}

static int check_labels(const half *h, size_t classes, ipd_error *e)
{
    for (size_t i = 0; i < h->labels.count; i++)
        if (ipd_idx_value(&h->labels, i) >= (double)classes)
            return ipd_fail(e, IPD_EFORMAT, "%.300s: label %zu is %g, but labels go from 0 to %zu",
                            h->labels_path, i + 1, ipd_idx_value(&h->labels, i), classes - 1);
    return 0;
}

/* Checks that the halves match, and sets sizes and classes. */
static int match_halves(ipd_dataset *d, half *train, half *test, size_t classes, ipd_error *e)
{
    const size_t *a = train->images.size, *b = test->images.size;
    size_t found = 2;
    if (a[1] != b[1] || a[2] != b[2])
        return ipd_fail(
            e, IPD_EFORMAT,
            "%.300s: has images of %zu x %zu pixels, but the test images have %zu x %zu",
            train->images_path, a[1], a[2], b[1], b[2]);
    d->height = a[1];
    d->width = a[2];
    d->inputs = a[1] * a[2];
    if (count_labels(train, &found, e) || count_labels(test, &found, e))
        return -1;
    d->classes = classes ? classes : found;
    return check_labels(train, d->classes, e) || check_labels(test, d->classes, e) ? -1 : 0;
}

/* Copies `used` samples and frees the images of the file. Sets *above if a pixel is not in 0 ...
 * 1. */
static int fill(ipd_space *space, ipd_samples *s, half *h, size_t used, int *above, ipd_error *e)
{
    size_t inputs = h->images.size[1] * h->images.size[2];
    if (ipd_space_matrix(space, &s->X, inputs, used, e) ||
        !(s->labels = ipd_space_allocate(space, used, sizeof *s->labels, e)))
        return -1;
    if (h->images.type == IPD_IDX_BYTES)
        for (size_t i = 0; i < inputs * used; i++)
            s->X.data[i] = h->images.items[i];
    else
        for (size_t i = 0; i < inputs * used; i++)
            s->X.data[i] = (float)ipd_idx_value(&h->images, i);
    for (size_t i = 0; i < inputs * used && !*above; i++)
        *above = s->X.data[i] > 1 || s->X.data[i] < 0;
    for (size_t n = 0; n < used; n++)
        s->labels[n] = (ipd_label)ipd_idx_value(&h->labels, n);
    ipd_idx_free(&h->images);
    return 0;
}

int ipd_samples_init(ipd_space *space, ipd_samples *s, const uint8_t *pixels, const uint8_t *labels,
                     size_t inputs, size_t N, ipd_error *e)
{
    half h = {.images = {.size = {N, 1, inputs}, .type = IPD_IDX_BYTES, .items = pixels},
              .labels = {.type = IPD_IDX_BYTES, .items = labels}};
    int above = 1;
    return fill(space, s, &h, N, &above, e);
}

/* The number of samples to read: `wanted`, or all if that is 0 or some are held out later
 * (splits). */
static int count_used(const half *h, size_t wanted, int splits, const char *which, size_t *used,
                      ipd_error *e)
{
    *used = wanted && !splits ? wanted : h->images.size[0];
    if (*used <= h->images.size[0])
        return 0;
    return ipd_fail(e, IPD_EUSAGE, "%.300s: has %zu %s samples, fewer than the %zu requested",
                    h->images_path, h->images.size[0], which, wanted);
}

int ipd_folder_read(ipd_reading *r, const char *folder, size_t classes, ipd_error *e)
{
    const ipd_dataset_options *o = r->o;
    ipd_space *space = r->d->space;
    half *halves = ipd_allocate(2, sizeof *halves, e);
    int splits = o->validation || o->validation_percent > 0 || o->held_out, above = 0, result = -1;
    size_t train, test;
    if (!halves)
        return -1;
    if (read_half(space, &halves[0], folder, IPD_TRAIN_IMAGES, IPD_TRAIN_LABELS, e) == 0 &&
        read_half(space, &halves[1], folder, IPD_TEST_IMAGES, IPD_TEST_LABELS, e) == 0 &&
        match_halves(r->d, &halves[0], &halves[1], classes, e) == 0 &&
        count_used(&halves[0], o->train, splits, "training", &train, e) == 0 &&
        count_used(&halves[1], o->test, 0, "test", &test, e) == 0 &&
        fill(space, &r->d->train, &halves[0], train, &above, e) == 0)
        result = fill(space, &r->d->test, &halves[1], test, &above, e);
    /* Floats from 0 to 1 are pixels that somebody divided by 255 already. */
    if (!above)
        r->natural = IPD_SCALE_NONE;
    for (int i = 0; i < 2; i++) {
        ipd_idx_free(&halves[i].images);
        ipd_idx_free(&halves[i].labels);
    }
    free(halves);
    return result;
}
