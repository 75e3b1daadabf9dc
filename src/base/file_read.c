/* file_read.c - files that are read. See file.h. */
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int ipd_file_fail_empty(ipd_error *e)
{
    return ipd_fail(e, IPD_EUSAGE, "the file name is empty. Name a file");
}

int ipd_file_fail(ipd_error *e, const char *path, const char *done, int why)
{
    if (why == ENAMETOOLONG)
        return ipd_fail(e, IPD_EIO,
                        "%.60s...: cannot be %s: %s. Use a path below %d bytes, with names of at "
                        "most %d",
                        path, done, strerror(why), PATH_MAX, NAME_MAX);
    return ipd_fail(e, IPD_EIO, "%.400s: cannot be %s: %s", path, done, strerror(why));
}

int ipd_file_open(const char *path, size_t *size, ipd_error *e)
{
    struct stat s;
    if (!*path)
        return ipd_file_fail_empty(e);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &s))
        ipd_file_fail(e, path, "read", errno);
    else if (S_ISDIR(s.st_mode))
        ipd_fail(e, IPD_EIO, "%.400s: is a folder. Name a file", path);
    else if (!S_ISREG(s.st_mode))
        ipd_fail(e, IPD_EIO, "%.400s: is not a regular file. Save it to a file first", path);
    else {
        if (size)
            *size = (size_t)s.st_size;
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

FILE *ipd_file_read(const char *path, ipd_error *e)
{
    int fd = ipd_file_open(path, NULL, e);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "rb");
    if (fd >= 0 && !file) {
        close(fd);
        ipd_fail(e, IPD_EMEMORY, "%.400s: out of memory", path);
    }
    return file;
}

/* Reads the whole stream into *text, with a final NUL. The caller frees *text even on failure. */
static int read_text(FILE *from, const char *path, size_t max, char **text, ipd_error *e)
{
    size_t capacity = 0, n = 0, got;
    do {
        if (n > max)
            return ipd_fail(e, IPD_EFORMAT, "%.400s: holds more than %zu MiB", path, max >> 20);
        if (n + 1 >= capacity) {
            char *more = realloc(*text, capacity = capacity ? capacity * 2 : 1 << 14);
            if (!more)
                return ipd_fail(e, IPD_EMEMORY, "%.400s: not enough memory to read it", path);
            *text = more;
        }
        got = fread(*text + n, 1, capacity - n - 1, from);
        if (n == 0 && got > 1 && (!memcmp(*text, "\xFF\xFE", 2) || !memcmp(*text, "\xFE\xFF", 2)))
            return ipd_fail(e, IPD_EFORMAT, "%.400s: is UTF-16 text. Save it as UTF-8", path);
        if (memchr(*text + n, 0, got))
            return ipd_fail(e, IPD_EFORMAT, "%.400s: is not a text file", path);
        n += got;
    } while (got);
    if (ferror(from))
        return ipd_file_fail(e, path, "read", errno);
    (*text)[n] = 0;
    const char *begin = ipd_text_begin(*text);
    memmove(*text, begin, n + 1 - (size_t)(begin - *text));
    return 0;
}

char *ipd_file_text(const char *path, size_t max, int streams, ipd_error *e)
{
    char *text = NULL;
    if (!*path) {
        ipd_file_fail_empty(e);
        return NULL;
    }
    FILE *from = !streams ? ipd_file_read(path, e) : strcmp(path, "-") ? fopen(path, "rbe") : stdin;
    if (!from && streams)
        ipd_file_fail(e, path, "read", errno);
    if (from && read_text(from, path, max, &text, e)) {
        free(text);
        text = NULL;
    }
    if (from && from != stdin)
        fclose(from);
    return text;
}
