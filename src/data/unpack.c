/* unpack.c - reads plain files and files packed by gzip; see reading.h. */
#include "base/file.h"
#include "data/reading.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

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

char *ipd_read_unpacked(ipd_space *space, const char *path, size_t *length,
                        const ipd_data_progress *progress, ipd_error *e)
{
    enum { PIECE = 1 << 24 };
    size_t size = 0, on_disk, bytes;
    int fd = ipd_file_open(path, &on_disk, e);
    if (fd < 0)
        return NULL;
    if (space && on_disk && !is_packed(fd)) {
        close(fd);
        return ipd_space_map(space, path, length, e);
    }
    const char *step = is_packed(fd) ? "unpacking" : "reading";
    gzFile f = gzdopen(fd, "rb"); /* reads plain files as they are */
    char *text = NULL;
    const char *message = NULL;
    int n = 1, why = Z_OK;
    if (e)
        e->code = IPD_OK;
    if (!f)
        close(fd);
    for (bytes = on_disk + 2; f && n > 0 && why == Z_OK; size += (size_t)(n > 0 ? n : 0)) {
        if (!text || size + 1 >= bytes) {
            char *more = grow(space, text, size, bytes = text ? 2 * bytes : bytes, e);
            if (!more)
                break;
            text = more;
        }
        size_t want = bytes - size - 1 < PIECE ? bytes - size - 1 : PIECE;
        if (size && ipd_data_report(progress, step, (double)gzoffset(f) / (double)on_disk, e))
            break;
        n = gzread(f, text + size, (unsigned)want);
        message = gzerror(f, &why); /* since zlib 1.3.2 also if the result is not negative */
    }
    if (why == Z_BUF_ERROR)
        ipd_fail(e, IPD_EFORMAT, "%s: the compressed data are cut off after %zu bytes", path,
                 on_disk);
    else if (why != Z_OK)
        ipd_fail(e, IPD_EFORMAT, "%s: the compressed data are damaged near byte %zu: %s", path,
                 (size_t)gzoffset(f),
                 strncmp(message, "<fd:", 4) ? message : strchr(message, ' ') + 1);
    else if ((!f || n > 0) && (!e || e->code == IPD_OK)) /* else a full disk, or interrupted */
        ipd_fail(e, IPD_EMEMORY, "%s: out of memory", path);
    if (f)
        gzclose(f);
    if (!f || n != 0 || why != Z_OK) {
        ipd_space_free(space, text);
        return NULL;
    }
    text[ *length = size] = 0;
    return text;
}
