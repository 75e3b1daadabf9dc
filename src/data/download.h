/* download.h - downloads one URL to one file over HTTP, resuming an earlier attempt. */
#ifndef IPD_DATA_DOWNLOAD_H
#define IPD_DATA_DOWNLOAD_H

#include "base/error.h"

/* Called several times a second. have and total are bytes of the whole file; total is 0 while
 * unknown. A nonzero result stops the download. */
typedef int ipd_download_fn(void *context, double have, double total);

typedef struct ipd_download {
    const char *url;           /* http:, https: or file: */
    const char *path;          /* an existing file is kept and continued */
    double max;                /* bytes; more is an error */
    long stall;                /* timeout in seconds if no answer or hardly any data arrives */
    ipd_download_fn *progress; /* or NULL */
    void *context;
    int resumed; /* out: 1 if the file holds bytes of an earlier attempt */
    int gained;  /* out: 1 if the file is longer than before */
} ipd_download;

/* Fails with one sentence that names the URL. Received bytes stay in the file unless the server
 * answered with an error. IPD_EINTERRUPT if progress stopped it; IPD_ESTATE if the file cannot be
 * written, so that another URL would not help. Any thread. */
int ipd_download_run(ipd_download *d, ipd_error *e);

#endif
