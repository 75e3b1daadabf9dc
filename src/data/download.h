/* download.h - one address to one file, over HTTP, going on where an earlier try stopped. */
#ifndef IPD_DATA_DOWNLOAD_H
#define IPD_DATA_DOWNLOAD_H

#include "base/error.h"

/* Called several times a second; have and total count bytes of the whole file, total is 0 while
 * unknown. Anything but 0 stops the download. */
typedef int ipd_download_fn(void *context, double have, double total);

typedef struct ipd_download {
    const char *url;  /* http:, https: or file: */
    const char *path; /* what is there already is kept and gone on from */
    double max;       /* bytes; more is an error */
    long stall;       /* seconds with next to no data, or without an answer, until it gives up */
    ipd_download_fn *progress; /* or NULL */
    void *context;
    int resumed; /* out: 1 where the file holds bytes of an earlier try */
    int gained;  /* out: 1 where the file is longer than before */
} ipd_download;

/* Fails with one sentence naming the address; whatever came stays in the file, unless the server
 * answered with an error. IPD_EINTERRUPT where progress said so, IPD_ESTATE where the file
 * cannot be written, whatever the address. Any thread. */
int ipd_download_run(ipd_download *d, ipd_error *e);

#endif
