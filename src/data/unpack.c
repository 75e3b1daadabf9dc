/* unpack.c - reads plain files and files packed by gzip; see reading.h. */
#include "base/file.h"
#include "data/reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* A file that is read from its beginning. The functions gz... of zlib are not used here: since 1.3.2 they
 * pass over damaged data as an end without an error. */
typedef struct source {
    const char *path; /* for messages */
    int fd, packed;
    size_t on_disk, taken; /* bytes of the file; those read so far */
    int in_member;         /* 1: within a member of gzip */
    z_stream z;
    uint8_t input[1 << 16];
} source;

/* Reallocates the text of `size` bytes to `bytes` bytes. NULL if memory runs out: then the old text
 * is kept. */
static char *grow(ipd_space *space, char *text, size_t size, size_t bytes, ipd_error *e)
{
    if (!space)
        return realloc(text, bytes);
    char *more = ipd_space_allocate(space, bytes, 1, e);
    if (more && text) {
        memcpy(more, text, size);
        ipd_space_free(space, text);
    }
    return more;
}

static int is_packed(int fd)
{
    unsigned char first[2];
    return pread(fd, first, 2, 0) == 2 && first[0] == 0x1f && first[1] == 0x8b;
}

/* Reads from the file. -1 and *e on failure, 0 at its end. */
static ssize_t take(source *s, void *to, size_t size, ipd_error *e)
{
    ssize_t n;
    do
        n = read(s->fd, to, size);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return ipd_fail(e, IPD_EIO, "%s: cannot be read: %s", s->path, strerror(errno));
    s->taken += (size_t)n;
    return n;
}

/* The byte of the file that is unpacked next, from 0. */
static size_t place(const source *s)
{
    return s->taken - s->z.avail_in;
}

/* Between two members: begins the next one, or passes over a zero. */
static int begin_member(source *s, ipd_error *e)
{
    if (*s->z.next_in == 0x1f) {
        s->in_member = 1;
        return inflateReset(&s->z) == Z_OK ? 0 : ipd_fail(e, IPD_EMEMORY, "out of memory");
    }
    if (*s->z.next_in)
        return ipd_fail(e, IPD_EFORMAT, "%s: other bytes follow the compressed data at byte %zu",
                        s->path, place(s));
    s->z.next_in++;
    s->z.avail_in--;
    return 0;
}

/* Reads up to `size` unpacked bytes. -1 and *e on failure, less than `size` at the end. */
static ssize_t unpack(source *s, char *to, size_t size, ipd_error *e)
{
    s->z.next_out = (uint8_t *)to;
    s->z.avail_out = (uInt)size;
    while (s->z.avail_out) {
        if (!s->z.avail_in) {
            ssize_t n = take(s, s->input, sizeof s->input, e);
            if (n < 0)
                return -1;
            if (!n && s->in_member)
                return ipd_fail(e, IPD_EFORMAT,
                                "%s: the compressed data are cut off after %zu bytes", s->path,
                                s->on_disk);
            if (!n)
                break;
            s->z.next_in = s->input;
            s->z.avail_in = (uInt)n;
        }
        if (!s->in_member) {
            if (begin_member(s, e))
                return -1;
            continue;
        }
        int status = inflate(&s->z, Z_NO_FLUSH);
        s->in_member = status != Z_STREAM_END;
        if (status == Z_MEM_ERROR)
            return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", s->path);
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            return ipd_fail(e, IPD_EFORMAT, "%s: the compressed data are damaged near byte %zu: %s",
                            s->path, place(s), s->z.msg ? s->z.msg : "not gzip data");
    }
    return (ssize_t)(size - s->z.avail_out);
}

/* Reads all of the file. NULL and *e on failure. */
static char *read_all(source *s, ipd_space *space, size_t *length,
                      const ipd_data_progress *progress, ipd_error *e)
{
    enum { PIECE = 1 << 24 };
    const char *step = s->packed ? "unpacking" : "reading";
    char *text = NULL;
    size_t size = 0, bytes = s->on_disk + 2;
    for (ssize_t n = 1; n > 0; size += (size_t)n) {
        if (!text || size + 1 >= bytes) {
            char *more = grow(space, text, size, bytes = text ? 2 * bytes : bytes, e);
            if (!more) {
                if (!space)
                    ipd_fail(e, IPD_EMEMORY, "%s: out of memory", s->path);
                break;
            }
            text = more;
        }
        size_t want = bytes - size - 1 < PIECE ? bytes - size - 1 : PIECE;
        if (size && ipd_data_report(progress, step, (double)s->taken / (double)s->on_disk, e))
            break;
        n = s->packed ? unpack(s, text + size, want, e) : take(s, text + size, want, e);
        if (n < 0)
            break;
        if (!n) {
            text[ *length = size] = 0;
            return text;
        }
    }
    ipd_space_free(space, text);
    return NULL;
}

char *ipd_read_unpacked(ipd_space *space, const char *path, size_t *length,
                        const ipd_data_progress *progress, ipd_error *e)
{
    source s = {.path = path};
    s.fd = ipd_file_open(path, &s.on_disk, e);
    if (s.fd < 0)
        return NULL;
    s.packed = is_packed(s.fd);
    if (space && s.on_disk && !s.packed) {
        close(s.fd);
        return ipd_space_map(space, path, length, e);
    }
    char *text = NULL;
    if (s.packed && inflateInit2(&s.z, 15 + 16) != Z_OK)
        ipd_fail(e, IPD_EMEMORY, "%s: out of memory", path);
    else
        text = read_all(&s, space, length, progress, e);
    if (s.packed)
        inflateEnd(&s.z);
    close(s.fd);
    return text;
}
