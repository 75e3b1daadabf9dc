/* pictures.c - reads samples from folders of images: one folder per class, optionally inside
 * folders train and test. See reading.h.
 *
 * Samples are in the order of the files' names, whatever their class.
 */
#include "base/path.h"
#include "data/image.h"
#include "data/reading.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PATH = 4096, MAX_SIDE = 4096 };

static int is_picture(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && dot != name && (!strcasecmp(dot, ".png") || !strcasecmp(dot, ".pgm"));
}

/* Adds the names in a folder, sorted: its folders, or its pictures. */
static int list(ipd_names *to, const char *folder, int folders, ipd_error *e)
{
    struct dirent **found;
    char path[PATH];
    int failed = 0, n = scandir(folder, &found, NULL, alphasort);
    if (n < 0)
        return ipd_fail(e, IPD_EIO, "%.300s: cannot be read: %s", folder, strerror(errno));
    for (int i = 0; i < n; i++) {
        const char *name = found[i]->d_name;
        if (*name != '.' && !failed && !ipd_path_join(path, sizeof path, folder, name, NULL) &&
            (folders ? ipd_path_is_folder(path) : is_picture(name)))
            failed = ipd_names_add(to, name, e);
        free(found[i]);
    }
    free(found);
    return failed;
}

int ipd_pictures_hold(const char *folder)
{
    ipd_names inside = {0};
    char path[PATH];
    ipd_error e;
    int found = list(&inside, folder, 0, &e) == 0 && inside.count;
    if (!found && list(&inside, folder, 1, &e) == 0)
        for (size_t i = 0; i < inside.count && !found; i++)
            found = ipd_path_join(path, sizeof path, folder, inside.item[i], NULL) == 0 &&
                    ipd_pictures_hold(path);
    ipd_names_free(&inside);
    return found;
}

/* A picture to read. */
typedef struct picture {
    char *path;
    const char *name; /* the last component of path */
    ipd_label label;
} picture;

typedef struct pictures {
    picture *item;
    size_t count;
} pictures;

static void free_pictures(pictures *p)
{
    for (size_t i = 0; i < p->count; i++)
        free(p->item[i].path);
    free(p->item);
}

static int by_name(const void *a, const void *b)
{
    const picture *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->path, y->path);
}

/* Adds the pictures of one folder. */
static int add_folder(pictures *to, const char *folder, ipd_label label, ipd_error *e)
{
    ipd_names files = {0};
    char path[PATH];
    int failed = list(&files, folder, 0, e);
    picture *more = failed ? NULL : realloc(to->item, (to->count + files.count + 1) * sizeof *more);
    if (more)
        to->item = more;
    else if (!failed)
        failed = ipd_fail(e, IPD_EMEMORY, "out of memory");
    for (size_t i = 0; i < files.count && !failed; i++) {
        failed = ipd_path_join(path, sizeof path, folder, files.item[i], e);
        char *copy = failed ? NULL : strdup(path);
        if (!failed && !copy)
            failed = ipd_fail(e, IPD_EMEMORY, "out of memory");
        if (!failed)
            to->item[to->count++] = (picture){copy, strrchr(copy, '/') + 1, label};
    }
    ipd_names_free(&files);
    return failed;
}

/* Adds the pictures of the classes, whose folders are in `folder`. Without such folders, adds the
 * pictures in `folder` itself. */
static int add_classes(pictures *to, const char *folder, const ipd_names *classes, ipd_error *e)
{
    ipd_names folders = {0};
    char path[PATH];
    int failed = list(&folders, folder, 1, e);
    if (!failed && !folders.count)
        failed = add_folder(to, folder, 0, e);
    for (size_t i = 0; i < folders.count && !failed; i++) {
        long label = classes->count ? ipd_names_find(classes, folders.item[i]) : 0;
        if (ipd_path_join(path, sizeof path, folder, folders.item[i], e))
            failed = -1;
        else if (label < 0)
            failed = ipd_fail(e, IPD_EFORMAT, "%.300s: is not a class of training", path);
        else
            failed = add_folder(to, path, (ipd_label)label, e);
    }
    if (!failed && !to->count)
        failed = ipd_fail(e, IPD_EFORMAT, "%.300s: holds no PNG or PGM files", folder);
    if (!failed)
        qsort(to->item, to->count, sizeof *to->item, by_name);
    ipd_names_free(&folders);
    return failed;
}

/* Scales one plane by area means. */
static void resize(const uint8_t *from, size_t w, size_t h, size_t step, float *to, size_t tw,
                   size_t th)
{
    for (size_t y = 0; y < th; y++)
        for (size_t x = 0; x < tw; x++) {
            size_t x0 = x * w / tw, x1 = (x + 1) * w / tw, y0 = y * h / th, y1 = (y + 1) * h / th;
            double sum = 0;
            x1 = x1 > x0 ? x1 : x0 + 1;
            y1 = y1 > y0 ? y1 : y0 + 1;
            for (size_t i = y0; i < y1; i++)
                for (size_t k = x0; k < x1; k++)
                    sum += from[(i * w + k) * step];
            to[y * tw + x] = (float)(sum / (double)((x1 - x0) * (y1 - y0)));
        }
}

int ipd_picture_read(const char *path, size_t colours, size_t width, size_t height, float *to,
                     ipd_error *e)
{
    ipd_images one;
    if (ipd_images_read_planes(&one, path, (int)colours, e))
        return -1;
    for (size_t c = 0; c < colours; c++)
        resize(one.pixels + c, one.width, one.height, colours, to + c * width * height, width,
               height);
    ipd_images_free(&one);
    return 0;
}

/* Reads all pictures; the first one decides the size unless it is given. */
static int read_pictures(ipd_reading *r, const pictures *p, ipd_samples *to, size_t *width,
                         size_t *height, ipd_error *e)
{
    ipd_space *space = r->d->space;
    size_t colours = strcmp(r->o->words[IPD_DATA_COLOUR], "yes") ? 1 : 3;
    int given = *r->o->words[IPD_DATA_IMAGE] != 0 || r->old;
    for (size_t n = 0; n < p->count; n++) {
        ipd_images one;
        if (ipd_images_read_planes(&one, p->item[n].path, (int)colours, e))
            return -1;
        if (!*width) {
            *width = one.width;
            *height = one.height;
        }
        size_t plane = *width * *height;
        int failed = 0;
        if (!to->X.data)
            failed = ipd_space_matrix(space, &to->X, colours * plane, p->count, e) ||
                     !(to->labels = ipd_space_allocate(space, p->count, sizeof *to->labels, e));
        if (!failed && !given && (one.width != *width || one.height != *height))
            failed =
                ipd_fail(e, IPD_EFORMAT,
                         "%.300s: has %zu x %zu pixels, but the first image %zu x %zu. Scale all "
                         "with --image %zux%zu",
                         p->item[n].path, one.width, one.height, *width, *height, *width, *height);
        for (size_t c = 0; c < colours && !failed; c++)
            resize(one.pixels + c, one.width, one.height, colours,
                   to->X.data + n * colours * plane + c * plane, *width, *height);
        if (!failed)
            to->labels[n] = p->item[n].label;
        ipd_images_free(&one);
        if (failed)
            return -1;
    }
    return 0;
}

static int read_part(ipd_reading *r, const char *folder, ipd_samples *to, size_t *width,
                     size_t *height, ipd_error *e)
{
    pictures p = {0};
    int failed = add_classes(&p, folder, &r->d->encoding->classes, e) ||
                 read_pictures(r, &p, to, width, height, e);
    free_pictures(&p);
    return failed;
}

static int has(const ipd_names *n, const char *name)
{
    return ipd_names_find(n, name) >= 0;
}

int ipd_read_pictures(ipd_reading *r, ipd_error *e)
{
    ipd_dataset *d = r->d;
    ipd_names inside = {0}, classes = {0};
    char train[PATH], test[PATH] = "";
    const char *size = r->o->words[IPD_DATA_IMAGE];
    size_t width = 0, height = 0;
    int failed = list(&inside, r->path, 1, e);
    if (!failed && inside.count == 2 && has(&inside, "train") && has(&inside, "test"))
        failed = ipd_path_join(train, sizeof train, r->path, "train", e) ||
                 ipd_path_join(test, sizeof test, r->path, "test", e);
    else
        failed = failed || ipd_path_copy(train, sizeof train, r->path, e);
    failed = failed || list(&classes, train, 1, e);
    for (size_t i = 0; i < (r->old ? r->old->classes.count : classes.count) && !failed; i++)
        failed = ipd_names_add(&d->encoding->classes,
                               (r->old ? &r->old->classes : &classes)->item[i], e);
    if (!failed && *size &&
        (sscanf(size, "%zux%zu", &width, &height) != 2 || !width || !height || width > MAX_SIDE ||
         height > MAX_SIDE))
        failed = ipd_fail(e, IPD_EUSAGE,
                          "--image must be a width and a height such as 28x28, not "
                          "\"%.40s\"",
                          size);
    r->keep_order = *test != 0;
    r->natural = IPD_SCALE_PIXEL;
    failed = failed || read_part(r, train, &d->train, &width, &height, e) ||
             (*test && read_part(r, test, &d->test, &width, &height, e));
    if (!failed) {
        d->inputs = d->train.X.rows;
        d->width = width;
        d->height = d->inputs / width;
        d->encoding->pictures = 1;
        d->classes = d->encoding->classes.count;
        if (!d->classes) { /* one folder without classes: nothing to learn but the inputs */
            ipd_space_free(d->space, d->train.labels);
            d->train.labels = NULL;
        }
    }
    ipd_names_free(&inside);
    ipd_names_free(&classes);
    return failed ? -1 : 0;
}
