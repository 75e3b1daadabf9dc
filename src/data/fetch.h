/* fetch.h - downloads the named data sets: mirrors, going on where it stopped, checksums. */
#ifndef IPD_DATA_FETCH_H
#define IPD_DATA_FETCH_H

#include "base/error.h"

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

/* Brings the four files of "mnist" or "fashion-mnist" into the folder. A file appears whole, with
 * the published content, or not at all; one broken off stays as NAME.gz.part and is gone on with
 * the next time. On failure *e says what the last mirror said. IPD_EINTERRUPT where report said
 * stop. Any thread. */
int ipd_fetch(const char *name, const ipd_fetch_options *options, ipd_error *e);

/* Checks a file of the set ("train-images-idx3-ubyte" ..., part as in folder.h) against the
 * published SHA-256 of its content, packed by gzip or not. 0 where they agree. */
int ipd_fetch_check(const char *name, int part, const char *path, ipd_error *e);

/* The mirrors known of a set, ending with NULL; NULL where it is not one to be fetched. */
const char *const *ipd_fetch_mirrors(const char *name);

#endif
