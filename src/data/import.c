/* import.c - writes any data set as a folder; see store.h.
 *
 * It uses the readers of training. Their arrays are unnamed files in the new folder (base/space.h),
 * so that memory holds only the parts in use.
 */
#include "base/leftover.h"
#include "base/path.h"
#include "data/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder OUT.importing, which is renamed to OUT at the end. */
typedef struct making {
    char path[4096];
    int folder; /* its descriptor, which holds a lock; -1: none */
} making;

/* Removes the files that an import has made. Returns the number of other entries, which stay. */
static int empty(const making *m)
{
    int others = 0;
    ipd_leftover_clean(m->folder, "");
    int copy = openat(m->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *entry;
    while (d && (entry = readdir(d)))
        if (ipd_store_makes(entry->d_name))
            (void)unlinkat(m->folder, entry->d_name, 0);
        else
            others += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    if (d)
        closedir(d);
    else if (copy >= 0)
        close(copy);
    return others;
}

/* Creates OUT.importing, or reuses the one that a killed import has left. */
static int begin(making *m, const char *out, ipd_error *e)
{
    m->folder = -1;
    if (ipd_path_exists(out))
        return ipd_fail(e, IPD_EUSAGE, "%s: exists already. Remove it, or choose another name",
                        out);
    if ((size_t)snprintf(m->path, sizeof m->path, "%s.importing", out) >= sizeof m->path)
        return ipd_path_too_long(out, sizeof m->path, IPD_EUSAGE, e);
    if (ipd_path_make_parent(out, e))
        return -1;
    if (mkdir(m->path, 0777) && errno != EEXIST)
        return ipd_fail(e, IPD_EIO, "%s: cannot be created: %s", m->path, strerror(errno));
    m->folder = open(m->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (m->folder < 0)
        return ipd_fail(e, IPD_EIO, "%s: cannot be used: %s", m->path, strerror(errno));
    if (flock(m->folder, LOCK_EX | LOCK_NB)) {
        close(m->folder);
        m->folder = -1;
        return ipd_fail(e, IPD_EBUSY, "%s: another import is writing it. Wait for its end", out);
    }
    if (!empty(m))
        return 0;
    close(m->folder);
    m->folder = -1;
    return ipd_fail(e, IPD_EUSAGE,
                    "%s: has files that no import made. Move them, or choose another name",
                    m->path);
}

static int finish(making *m, const char *out, ipd_error *e)
{
    if (fsync(m->folder) || rename(m->path, out))
        return ipd_fail(e, IPD_EIO, "%s: cannot be renamed to %.200s: %s", m->path, out,
                        strerror(errno));
    close(m->folder);
    m->folder = -1;
    return 0;
}

static void abandon(making *m)
{
    if (m->folder < 0)
        return;
    empty(m);
    rmdir(m->path);
    close(m->folder);
}

/* Stores the class names of Fashion-MNIST, which otherwise follow from the name of the data set. */
static int name_classes(ipd_dataset *d, ipd_error *e)
{
    char name[64], number[64];
    for (size_t i = 0; i < d->classes && !d->values && d->encoding->classes.count == i; i++) {
        ipd_dataset_class_name(d, i, name, sizeof name);
        snprintf(number, sizeof number, "%zu", i);
        if (!strcmp(name, number))
            return 0;
        if (ipd_names_add(&d->encoding->classes, name, e))
            return -1;
    }
    free(d->encoding_text);
    d->encoding_text = ipd_encoding_text(d->encoding);
    return d->encoding_text ? 0 : ipd_fail(e, IPD_EMEMORY, "out of memory");
}

int ipd_store_import(const char *name, const char *const *more, const ipd_dataset_options *options,
                     const char *out, const ipd_data_progress *progress, ipd_error *e)
{
    making m;
    ipd_dataset *d = NULL;
    char clean[4096];
    size_t n = strlen(out);
    while (n > 1 && out[n - 1] == '/')
        n--;
    if (!n || n >= sizeof clean)
        return ipd_fail(e, IPD_EUSAGE, "name a folder to write");
    snprintf(clean, sizeof clean, "%.*s", (int)n, out);
    if (begin(&m, clean, e))
        return -1;
    ipd_space *space = ipd_space_new(m.path, e);
    int failed = !space || ipd_dataset_open_in(&d, name, more, options, space, progress, e) ||
                 name_classes(d, e) || ipd_store_write(d, m.path, progress, e) ||
                 finish(&m, clean, e);
    ipd_dataset_unref(d);
    abandon(&m);
    return failed ? -1 : 0;
}
