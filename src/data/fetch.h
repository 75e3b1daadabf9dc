/* fetch.h - downloads the named data sets from mirrors, resumes, and verifies checksums. */
#ifndef IPD_DATA_FETCH_H
#define IPD_DATA_FETCH_H

#include "base/error.h"

#include "data/folder_files.h"

enum { IPD_FETCH_MAX_MIRRORS = 6 };

/* A published data set: its mirrors, and the SHA-256 of the unpacked content of its four files, in
 * the order of ipd_folder_part. The .gz files differ between mirrors. */
typedef struct ipd_fetch_set {
    const char *name;
    const char *mirrors[IPD_FETCH_MAX_MIRRORS + 1]; /* NULL-terminated */
    const char *checksums[IPD_FOLDER_PARTS];
} ipd_fetch_set;

/* "mnist" or "fashion-mnist"; NULL for other names. */
const ipd_fetch_set *ipd_fetch_find(const char *name);

typedef struct ipd_fetch_progress {
    const char *set, *file, *url; /* "mnist", "train-images-idx3-ubyte.gz", its source */
    int index, files;             /* this is file number index (1, 2, ...) of `files` */
    double have, total;           /* bytes of this file; total is 0 while unknown */
} ipd_fetch_progress;

typedef enum ipd_fetch_event {
    IPD_FETCH_BYTES,   /* several times a second during a download */
    IPD_FETCH_RETRY,   /* an attempt failed, and the next one follows; `text` is the error */
    IPD_FETCH_KEPT,    /* the file existed and has the right content */
    IPD_FETCH_RECEIVED /* the file was downloaded and has the right content */
} ipd_fetch_event;

/* A nonzero result stops the download (IPD_FETCH_BYTES only). text: a sentence or NULL. */
typedef int ipd_fetch_fn(void *context, ipd_fetch_event event, const ipd_fetch_progress *progress,
                         const char *text);

typedef struct ipd_fetch_options {
    const char *folder;      /* target of the four files; created if missing */
    const char *const *from; /* mirrors: URLs or folders with the four .gz files, NULL-terminated;
                              * NULL = the known ones */
    int force;               /* 1: replace files that differ from the published ones */
    long stall;              /* seconds without data after which a mirror is given up; 0 = 30 */
    ipd_fetch_fn *report;    /* or NULL */
    void *context;
} ipd_fetch_options;

/* Downloads a set's four files into the folder. A file is either complete, with the published
 * content, or absent; an interrupted download stays as NAME.gz.part and is resumed the next time.
 * On failure *e holds the last mirror's error. IPD_EINTERRUPT if report stopped it. Any thread. */
int ipd_fetch(const ipd_fetch_set *set, const ipd_fetch_options *options, ipd_error *e);

#endif
