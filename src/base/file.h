/* file.h - files that are written whole, and streams for output.
 *
 * The rules for names are the same for every output: "-" is the standard output; symbolic links are
 * followed; missing folders are created; a device or a FIFO is written in place and never replaced;
 * a folder, a socket, a block device and the empty name are errors.
 */
#ifndef IPD_BASE_FILE_H
#define IPD_BASE_FILE_H

#include "base/error.h"

#include <signal.h>
#include <stdio.h>

/* A file that is either complete or absent: it is written next to its place under an unpredictable
 * name, synced and renamed. It keeps the mode and, if permitted, the owner of the file that it
 * replaces. The writer holds a lock on the temporary file; the next writer in the folder removes
 * unlocked ones, and those left by 0.1.0. One thread at a time. */
typedef struct ipd_new_file {
    FILE *stream; /* write here */
    char path[4096];
    /* Private. name and temporary are relative to the open folder; folder = -1 means written in
     * place. */
    int folder, is_stdout, masked;
    char name[256], temporary[64];
    sigset_t mask;
} ipd_new_file;

int ipd_new_file_open(ipd_new_file *f, const char *path, ipd_error *e);
/* Syncs the file, renames it and syncs the folder. On failure the temporary file is removed and the
 * old file stays. */
int ipd_new_file_commit(ipd_new_file *f, ipd_error *e);
/* Closes and removes the temporary file. Does nothing after a commit. */
void ipd_new_file_abandon(ipd_new_file *f);

/* Checks that `path` can be written, without changing it; call before long work. A FIFO must get a
 * reader within a second; it is kept open until it is written or the process ends, so that its
 * reader waits. Any thread. */
int ipd_new_file_check(const char *path, ipd_error *e);

/* Opens a regular file for reading without ever blocking: FIFOs, devices and folders are errors.
 * Returns a descriptor, and the size in bytes in *size unless that is NULL, or -1. */
int ipd_file_open(const char *path, size_t *size, ipd_error *e);
/* The same as a stream; NULL on failure. */
FILE *ipd_file_read(const char *path, ipd_error *e);

/* Reads a text file of at most `max` bytes, without its byte order mark; UTF-16 and NUL bytes are
 * errors. With `streams` the path may also be a FIFO or a device, read to its end, or "-", the
 * standard input. The caller frees the text; NULL on failure. */
char *ipd_file_text(const char *path, size_t max, int streams, ipd_error *e);

/* Fails with "PATH: cannot be DONE: " and the system's error `why` (errno). done: "read" or
 * "written". Returns -1. */
int ipd_file_fail(ipd_error *e, const char *path, const char *done, int why);
/* Fails because the name of a file is empty. Returns -1. */
int ipd_file_fail_empty(ipd_error *e);

/* Opens `path` for output that others can follow while it grows: an old file is truncated, not
 * replaced. NULL on failure. Close with ipd_stream_close, which leaves the standard output open; it
 * returns 0, or -1 if a write failed. */
FILE *ipd_stream_open(const char *path, ipd_error *e);
int ipd_stream_close(FILE *stream);

/* Whether output to `path` cannot be replaced later: the standard output, a device, a FIFO. */
int ipd_file_is_stream(const char *path);

/* Whether two output names lead to the same file. "-" is compared too, devices and
 * FIFOs are not. */
int ipd_file_is_same(const char *a, const char *b);

#endif
