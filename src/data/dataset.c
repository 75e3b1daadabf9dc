/* dataset.c - see dataset.h. */
#include "data/dataset.h"

#include "base/path.h"
#include "base/text.h"
#include "data/folder_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED_CLASSES = 10 };

static const char *const names[] = {"digits", "mnist", "fashion-mnist", NULL};

const char *const *ipd_dataset_names(void)
{
    return names;
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

ipd_dataset *ipd_dataset_new(const char *name, ipd_error *e)
{
    ipd_dataset *d = ipd_allocate(1, sizeof *d, e);
    if (!d)
        return NULL;
    d->references = 1;
    set_name(d, name);
    if ((d->encoding = ipd_encoding_new(e)))
        return d;
    free(d);
    return NULL;
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
    ipd_samples_free(d, &d->train);
    ipd_samples_free(d, &d->validation);
    ipd_samples_free(d, &d->test);
    ipd_space_delete(d->space);
    ipd_encoding_free(d->encoding);
    free(d->encoding_text);
    free(d->unit);
    free(d);
}

void ipd_dataset_class_name(const ipd_dataset *d, size_t label, char *to, size_t size)
{
    static const char *const fashion[NAMED_CLASSES] = {
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
        "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
    if (!strcmp(d->name, "fashion-mnist") && label < NAMED_CLASSES)
        snprintf(to, size, "%s", fashion[label]);
    else if (d->encoding && label < d->encoding->classes.count)
        snprintf(to, size, "%s", d->encoding->classes.item[label]);
    else
        snprintf(to, size, "%zu", label);
}

int ipd_dataset_has_images(const ipd_dataset *d)
{
    return d->width > 1 && d->height > 1;
}

ipd_inputs ipd_samples_inputs(const ipd_samples *s)
{
    return (ipd_inputs){s->X.rows, s->X.cols, s->X.data, s->bytes, s->encoding};
}

ipd_truth ipd_samples_truth(const ipd_dataset *d, const ipd_samples *s)
{
    return (ipd_truth){s->labels, s->Y.data, d->unit, s->weight};
}
