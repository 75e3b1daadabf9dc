/* error.c - prints errors, and checks that standard output was written. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int ipd_cli_error(const char *command, const ipd_error *e)
{
    fflush(stdout);
    fprintf(stderr, "ipdlam%s%s: %s\n", *command ? " " : "", command, e->text);
    return e->code == IPD_EUSAGE ? IPD_EXIT_USAGE : IPD_EXIT_FAILED;
}

/* If an earlier write failed, its errno is lost: a newline is written to get the reason again. */
int ipd_cli_flush(ipd_error *e)
{
    static int reason;
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    if (!reason)
        reason = errno ? errno : write(STDOUT_FILENO, "\n", 1) < 0 ? errno : EIO;
    return ipd_fail(e, IPD_EIO, "standard output: %s", strerror(reason));
}
