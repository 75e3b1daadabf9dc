/* unpack.c - reads files that may be packed by gzip; see reading.h. */
#include "base/file.h"
#include "data/reading.h"

#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

char *ipd_read_unpacked(const char *path, size_t *length, ipd_error *e)
{
    size_t size = 0, on_disk, space;
    int fd = ipd_file_open(path, &on_disk, e);
    if (fd < 0)
        return NULL;
    gzFile f = gzdopen(fd, "rb"); /* reads plain files as they are */
    char *text = NULL;
    int n = 1;
    if (!f)
        close(fd);
    for (space = on_disk + 2; f && n > 0; size += (size_t)(n > 0 ? n : 0)) {
        if (!text || size + 1 >= space) {
            char *more = realloc(text, space = text ? 2 * space : space);
            if (!more)
                break;
            text = more;
        }
        size_t want = space - size - 1 < 1 << 30 ? space - size - 1 : 1 << 30;
        n = gzread(f, text + size, (unsigned)want);
    }
    int why = Z_OK;
    const char *message = f && n < 0 ? gzerror(f, &why) : NULL;
    if (n < 0)
        ipd_fail(e, IPD_EFORMAT, "%s: the compressed data are damaged: %s", path, message);
    else if (!f || n > 0)
        ipd_fail(e, IPD_EMEMORY, "%s: out of memory", path);
    if (f && gzclose(f) == Z_BUF_ERROR && n == 0) {
        ipd_fail(e, IPD_EFORMAT, "%s: the compressed data are cut off", path);
        n = -1;
    }
    if (!f || n) {
        free(text);
        return NULL;
    }
    text[ *length = size] = 0;
    return text;
}
