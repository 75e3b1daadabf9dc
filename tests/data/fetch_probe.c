/* fetch_probe.c - fetches a made-up data set, for fetch.py: its own checksums, any mirrors.
 *
 *     fetch_probe FOLDER STALL FORCE SUM SUM SUM SUM MIRROR...
 *
 * Prints one word an event; the error's sentence on stderr; exits 1 where it fails. */
#include "data/fetch.h"

#include <stdio.h>
#include <stdlib.h>

static int on_report(void *context, ipd_fetch_event event, const ipd_fetch_progress *p,
                     const char *text)
{
    (void)context;
    if (event == IPD_FETCH_RETRY)
        printf("retry %s\n", text);
    else if (event == IPD_FETCH_KEPT)
        printf("kept %s\n", p->file);
    else if (event == IPD_FETCH_RECEIVED)
        printf("received %s\n", p->file);
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    ipd_error e;
    if (argc < 9)
        return 2;
    ipd_fetch_set set = {"probe", {0}, {argv[4], argv[5], argv[6], argv[7]}};
    ipd_fetch_options options = {.folder = argv[1],
                                 .stall = atol(argv[2]),
                                 .force = atoi(argv[3]),
                                 .from = (const char *const *)argv + 8,
                                 .report = on_report};
    if (ipd_fetch(&set, &options, &e) == 0)
        return 0;
    fprintf(stderr, "%s\n", e.text);
    return 1;
}
