/* fetch.c - see fetch.h. */
#include "data/fetch.h"

#include "base/matrix.h"

#include "base/path.h"
#include "data/checksum.h"
#include "data/download.h"
#include "data/idx.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MAX_BYTES = 64 << 20, /* maximum size of a download; the largest file has 26 MB */
    TRIES = 4,            /* maximum attempts per mirror, while each receives more bytes */
    STALL_SECONDS = 30
};

static const ipd_fetch_set sets[] = {
    {"mnist",
     {"https://ossci-datasets.s3.amazonaws.com/mnist",
      "https://storage.googleapis.com/cvdf-datasets/mnist",
      "https://raw.githubusercontent.com/fgnt/mnist/master", "http://yann.lecun.com/exdb/mnist"},
     {"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
      "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}},
    {"fashion-mnist",
     {"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
      "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion"},
     {"c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
      "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"}},
};

/* The download of one file. */
typedef struct job {
    const ipd_fetch_options *options;
    const ipd_fetch_set *set;
    ipd_folder_part part;
    ipd_fetch_progress progress;
    char file[48], path[4096], partial[4096 + 8];
} job;

const ipd_fetch_set *ipd_fetch_find(const char *name)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (!strcmp(sets[i].name, name))
            return sets + i;
    return NULL;
}

static int report(job *j, ipd_fetch_event event, const char *text)
{
    const ipd_fetch_options *o = j->options;
    return o->report ? o->report(o->context, event, &j->progress, text) : 0;
}

static int on_bytes(void *context, double have, double total)
{
    job *j = context;
    j->progress.have = have;
    j->progress.total = total;
    return report(j, IPD_FETCH_BYTES, NULL);
}

/* SHA-256 of the IDX file's uncompressed header and elements, without unpacking it to disk. */
static int checksum_of(const char *path, ipd_folder_part part, char to[65], ipd_error *e)
{
    int images = part == IPD_TRAIN_IMAGES || part == IPD_TEST_IMAGES;
    int dimensions = images ? IPD_IDX_IMAGES : IPD_IDX_LABELS;
    uint8_t header[4 + 4 * IPD_IDX_MAX] = {0, 0, 0, (uint8_t)dimensions};
    ipd_checksum sum;
    ipd_idx x;
    if (ipd_idx_read(NULL, &x, path, dimensions, e))
        return -1;
    header[2] = (uint8_t)x.type;
    for (int i = 0; i < dimensions; i++)
        for (int k = 0; k < 4; k++)
            header[4 + 4 * i + k] = (uint8_t)(x.size[i] >> (24 - 8 * k));
    ipd_checksum_init(&sum);
    ipd_checksum_add(&sum, header, 4 + 4 * (size_t)dimensions);
    ipd_checksum_add(&sum, x.items, x.length);
    ipd_checksum_text(&sum, to);
    ipd_idx_free(&x);
    return 0;
}

static int check(const ipd_fetch_set *set, ipd_folder_part part, const char *path, ipd_error *e)
{
    char sum[65];
    if (checksum_of(path, part, sum, e))
        return -1;
    if (!strcmp(sum, set->checksums[part]))
        return 0;
    return ipd_fail(e, IPD_EFORMAT,
                    "%.250s: is not the published %s of %s (SHA-256 of its content is %.12s..., "
                    "not %.12s...)",
                    path, ipd_folder_file_name(part), set->name, sum, set->checksums[part]);
}

/* Writes the URL of MIRROR/FILE; a mirror may be a folder. */
static int address(char *url, size_t size, const char *mirror, const char *file, ipd_error *e)
{
    const char *scheme = strstr(mirror, "://") ? "" : mirror[0] == '/' ? "file://" : "http://";
    size_t n = strlen(mirror);
    while (n && mirror[n - 1] == '/')
        n--;
    int written = snprintf(url, size, "%s%.*s/%s", scheme, (int)n, mirror, file);
    if (written < 0 || (size_t)written >= size)
        return ipd_fail(e, IPD_EUSAGE, "%.60s...: the address is too long. Use one below %zu bytes",
                        mirror, size - strlen(file) - sizeof "http://");
    return 0;
}

/* Moves the downloaded file to its place if its content is right, else removes it. */
static int accept(job *j, const char *url, ipd_error *e)
{
    ipd_error why;
    size_t n = strlen(j->partial);
    if (check(j->set, j->part, j->partial, &why)) {
        int named = !strncmp(why.text, j->partial, n) && !strncmp(why.text + n, ": ", 2);
        unlink(j->partial);
        return ipd_fail(e, IPD_EFORMAT,
                        "%.220s: the download is not the published file and was not kept (%.180s)",
                        url, named ? why.text + n + 2 : why.text);
    }
    if (rename(j->partial, j->path))
        return ipd_fail(e, IPD_EIO, "%.300s: cannot be written: %s", j->path, strerror(errno));
    return 0;
}

/* Downloads from one mirror; retries while each attempt receives more bytes. */
static int from_mirror(job *j, const char *mirror, ipd_error *e)
{
    char url[2048];
    if (address(url, sizeof url, mirror, j->file, e))
        return -1;
    j->progress.url = url;
    for (int i = 1;; i++) {
        ipd_download d = {.url = url,
                          .path = j->partial,
                          .max = MAX_BYTES,
                          .stall = j->options->stall ? j->options->stall : STALL_SECONDS,
                          .progress = on_bytes,
                          .context = j};
        int failed = ipd_download_run(&d, e);
        if (!failed && accept(j, url, e) == 0)
            return 0;
        /* The file may have begun with another mirror's bytes: retry once from the beginning. */
        int again = failed ? d.gained && i < TRIES : d.resumed;
        if (!again || e->code == IPD_EINTERRUPT || e->code == IPD_ESTATE)
            return -1;
        report(j, IPD_FETCH_RETRY, e->text);
    }
}

/* 1 if the file exists with the right content, 0 if it must be downloaded, -1 if a wrong file is in
 * the way. */
static int already(job *j, const char *folder, ipd_error *e)
{
    char path[4096];
    if (ipd_folder_file(path, sizeof path, folder, j->part))
        return 0;
    if (check(j->set, j->part, path, e) == 0) {
        report(j, IPD_FETCH_KEPT, NULL);
        return 1;
    }
    if (!j->options->force) {
        ipd_error why = *e;
        return ipd_fail(e, why.code, "%.420s. Remove it, or replace it with --force", why.text);
    }
    /* An uncompressed file would take precedence over the new .gz. */
    if (strcmp(path, j->path) && unlink(path))
        return ipd_fail(e, IPD_EIO, "%.300s: cannot be removed: %s", path, strerror(errno));
    return 0;
}

static int fetch_part(job *j, ipd_error *e)
{
    const ipd_fetch_options *o = j->options;
    const char *const *mirrors = o->from ? o->from : j->set->mirrors;
    int state, tried = 0;
    snprintf(j->file, sizeof j->file, "%s.gz", ipd_folder_file_name(j->part));
    if (ipd_path_join(j->path, sizeof j->path, o->folder, j->file, e))
        return -1;
    snprintf(j->partial, sizeof j->partial, "%s.part", j->path);
    j->progress.file = j->file;
    state = already(j, o->folder, e);
    if (state)
        return state < 0 ? -1 : 0;
    for (; mirrors[tried]; tried++) {
        if (from_mirror(j, mirrors[tried], e) == 0) {
            report(j, IPD_FETCH_RECEIVED, NULL);
            return 0;
        }
        if (e->code == IPD_EINTERRUPT || e->code == IPD_ESTATE)
            return -1;
        if (mirrors[tried + 1])
            report(j, IPD_FETCH_RETRY, e->text);
    }
    if (tried > 1) {
        ipd_error last = *e;
        ipd_fail(e, last.code, "none of %d mirrors has the file; the last error: %.400s", tried,
                 last.text);
    }
    return -1;
}

int ipd_fetch(const ipd_fetch_set *set, const ipd_fetch_options *options, ipd_error *e)
{
    if (ipd_path_make_folder(options->folder, e))
        return -1;
    job *j = ipd_allocate(1, sizeof *j, e);
    int result = j ? 0 : -1;
    for (int i = 0; result == 0 && i < IPD_FOLDER_PARTS; i++) {
        *j = (job){.options = options, .set = set, .part = (ipd_folder_part)i};
        j->progress =
            (ipd_fetch_progress){.set = set->name, .index = i + 1, .files = IPD_FOLDER_PARTS};
        result = fetch_part(j, e);
    }
    free(j);
    return result;
}
