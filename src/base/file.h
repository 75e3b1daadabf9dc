/* file.h - every file that is written whole, and how streams of output are opened.
 *
 * A name follows the same rules wherever a file is written: "-" is the standard output; a symbolic link is followed;
 * missing folders are made; a device or a FIFO is written to as it stands and never replaced; a folder, a socket, a
 * block device and the empty name are refused with a sentence. */
#ifndef IPD_BASE_FILE_H
#define IPD_BASE_FILE_H

#include "base/error.h"

#include <signal.h>
#include <stdio.h>

/* A file that appears whole or not at all: written beside its place under a name that cannot be foreseen, synced,
 * renamed. It keeps the mode, and where permitted the owner, of the file that it replaces. The temporary file is
 * locked while its writer lives; whoever writes into the folder next removes unlocked ones, and those of 0.1.0. One
 * thread at a time. */
typedef struct ipd_new_file {
    FILE *stream; /* write here */
    char path[4096];
    /* Private. Below, name and temporary are relative to the open folder; folder -1: written in place. */
    int folder, is_stdout, masked;
    char name[256], temporary[64];
    sigset_t mask;
} ipd_new_file;

int ipd_new_file_open(ipd_new_file *f, const char *path, ipd_error *e);
/* Syncs, renames and syncs the folder; on failure nothing is left and the old file stays. */
int ipd_new_file_commit(ipd_new_file *f, ipd_error *e);
/* Removes what was written. Does nothing after a commit. */
void ipd_new_file_abandon(ipd_new_file *f);

/* Whether `path` could be written now; changes nothing. For use before long work. A FIFO must have a reader within a
 * second; it stays open until it is written, or to the end of the process, so that its reader waits. Any thread. */
int ipd_new_file_check(const char *path, ipd_error *e);

/* Opens a regular file to be read, never waiting: a FIFO, a device or a folder is refused. Returns a descriptor, with the
 * size in bytes in *size unless that is NULL, or -1. */
int ipd_file_open(const char *path, size_t *size, ipd_error *e);
/* The same as a stream; NULL on failure. */
FILE *ipd_file_read(const char *path, ipd_error *e);

/* The whole text of a file of at most `max` bytes, without a byte order mark; UTF-16 and NUL are refused. With `streams`
 * it may come from a FIFO or a device, whose end is waited for, and from "-", the standard input. The caller frees it;
 * NULL on failure. */
char *ipd_file_text(const char *path, size_t max, int streams, ipd_error *e);

/* Opens `path` for output that is to be seen as it comes: an old file is emptied, not replaced. NULL on failure.
 * Close with ipd_stream_close, which spares the standard output; it returns 0, or -1 where something was not written. */
FILE *ipd_stream_open(const char *path, ipd_error *e);
int ipd_stream_close(FILE *stream);

/* Whether what is written to `path` passes on and cannot be replaced: the standard output, a device, a FIFO. */
int ipd_file_is_stream(const char *path);

/* Whether two names lead to one file that an output would go to (not for devices and FIFOs, but for "-"). */
int ipd_file_is_same(const char *a, const char *b);

#endif
