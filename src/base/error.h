/* error.h - how functions report errors.
 *
 * A function that can fail returns 0 or -1 (or a pointer or NULL) and fills an ipd_error that its
 * caller owns: a code, and one sentence with the problem, the place and the remedy.
 */
#ifndef IPD_BASE_ERROR_H
#define IPD_BASE_ERROR_H

typedef enum ipd_code {
    IPD_OK = 0,
    IPD_EUSAGE,     /* a setting, an option or an argument is wrong */
    IPD_EFORMAT,    /* a file's content is wrong */
    IPD_EIO,        /* the operating system failed: open, read, write, network */
    IPD_EBUSY,      /* the same, but temporary: a lock, a full disk */
    IPD_EMEMORY,    /* memory ran out */
    IPD_ENUMERIC,   /* a factorisation failed or a value is not finite */
    IPD_ESTATE,     /* not possible now: the run is finished, or a file of the history is missing */
    IPD_EINTERRUPT, /* stopped by the user */
    IPD_ECALLBACK   /* a function given by the user failed */
} ipd_code;

typedef struct ipd_error {
    ipd_code code;
    char text[480]; /* one sentence, no final newline */
} ipd_error;

/* Fills *e (which may be NULL) and returns -1, so that callers write
 * `return ipd_fail(e, IPD_EIO, "...")`. Any thread. */
int ipd_fail(ipd_error *e, ipd_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Replaces control characters by "?", since texts may quote files and arguments: the text stays on
 * one line and cannot send commands to a terminal. ipd_fail calls it. */
void ipd_make_line(char *text);

/* Puts "PREFIX: " before the sentence in *e; returns -1. */
int ipd_fail_in(ipd_error *e, const char *prefix_format, ...) __attribute__((format(printf, 2, 3)));

#endif
