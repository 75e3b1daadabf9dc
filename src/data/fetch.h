/* fetch.h - downloads the named data sets: mirrors, going on where it stopped, checksums. */
#ifndef IPD_DATA_FETCH_H
#define IPD_DATA_FETCH_H

#include "base/error.h"

#include "data/folder.h"

enum { IPD_FETCH_MAX_MIRRORS = 6 };

/* What was published: where it is, and SHA-256 of the four files' content (unpacked), in the order
 * of ipd_folder_part. The .gz around it differs from mirror to mirror. */
typedef struct ipd_fetch_set {
    const char *name;
    const char *mirrors[IPD_FETCH_MAX_MIRRORS + 1]; /* ends with NULL */
    const char *checksums[IPD_FOLDER_PARTS];
} ipd_fetch_set;

/* "mnist" or "fashion-mnist"; NULL for all else. */
const ipd_fetch_set *ipd_fetch_find(const char *name);

typedef struct ipd_fetch_progress {
    const char *set, *file, *url; /* "mnist", "train-images-idx3-ubyte.gz", where it comes from */
    int index, files;             /* this file is the index-th (1, 2, ...) of so many */
    double have, total;           /* bytes of this file; total is 0 while unknown */
} ipd_fetch_progress;

typedef enum ipd_fetch_event {
    IPD_FETCH_BYTES,   /* several times a second while a file comes */
    IPD_FETCH_RETRY,   /* one try failed, another follows: `text` says why */
    IPD_FETCH_KEPT,    /* the file was there already, and is right */
    IPD_FETCH_RECEIVED /* the file is there now, and is right */
} ipd_fetch_event;

/* Anything but 0 stops (looked at for IPD_FETCH_BYTES). text: a sentence or NULL. */
typedef int ipd_fetch_fn(void *context, ipd_fetch_event event, const ipd_fetch_progress *progress,
                         const char *text);

typedef struct ipd_fetch_options {
    const char *folder;      /* gets the four files; made where missing */
    const char *const *from; /* mirrors: addresses or folders that hold the four .gz files, ending
                                with NULL; NULL = those known */
    int force;               /* 1: replace files whose content is not the published one */
    long stall;              /* seconds without data until a mirror is given up; 0 = 30 */
    ipd_fetch_fn *report;    /* or NULL */
    void *context;
} ipd_fetch_options;

/* Brings a set's four files into the folder. A file appears whole, with the published content, or
 * not at all; an interrupted one stays as NAME.gz.part and continues the next time. On failure *e
 * says what the last mirror said. IPD_EINTERRUPT where report said stop. Any thread. */
int ipd_fetch(const ipd_fetch_set *set, const ipd_fetch_options *options, ipd_error *e);

#endif
