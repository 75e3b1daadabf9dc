/* idx.c - see idx.h. */
#include "data/idx.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* Deflate's maximum compression ratio: a header that claims more is wrong. */
enum { DEFLATE_MAX = 1032, LARGEST_HEADER = 4 + 4 * IPD_IDX_MAX };

/* Fails with "PATH: sentence". Of a long path only the end is shown, so that the sentence fits. */
__attribute__((format(printf, 4, 5))) static int fail_at(const char *path, ipd_error *e,
                                                         ipd_code code, const char *format, ...)
{
    char text[256];
    size_t n = strlen(path);
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    return ipd_fail(e, code, "%s%s: %s", n > 200 ? "..." : "", n > 200 ? path + n - 200 : path,
                    text);
}

static int read_all(int fd, uint8_t *to, size_t length, const char *path, ipd_error *e)
{
    for (size_t have = 0; have < length;) {
        ssize_t n = read(fd, to + have, length - have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail_at(path, e, IPD_EIO, "cannot be read: %s",
                           n ? strerror(errno) : "it became shorter while it was read");
        have += (size_t)n;
    }
    return 0;
}

/* Returns the file's bytes, to be freed, or NULL. */
static uint8_t *read_file(const char *path, size_t *length, ipd_error *e)
{
    int fd = ipd_file_open(path, length, e);
    if (fd < 0)
        return NULL;
    uint8_t *bytes = malloc(*length ? *length : 1);
    if (!bytes)
        fail_at(path, e, IPD_EMEMORY, "out of memory: the file has %zu bytes", *length);
    if (bytes && read_all(fd, bytes, *length, path, e)) {
        free(bytes);
        bytes = NULL;
    }
    close(fd);
    return bytes;
}

/* Bytes of an element, or 0. */
static size_t element_size(int type)
{
    static const size_t sizes[] = {1, 1, 0, 2, 4, 4, 8};
    return type >= 8 && type <= 14 ? sizes[type - 8] : 0;
}

double ipd_idx_value(const ipd_idx *x, size_t i)
{
    size_t size = element_size(x->type);
    const uint8_t *at = x->items + i * size;
    uint64_t bits = 0;
    float f;
    double d;
    for (size_t k = 0; k < size; k++)
        bits = bits << 8 | at[k];
    switch (x->type) {
    case 9:
        return (int8_t)bits;
    case 11:
        return (int16_t)bits;
    case 12:
        return (int32_t)bits;
    case 13: {
        uint32_t half = (uint32_t)bits;
        memcpy(&f, &half, sizeof f);
        return (double)f;
    }
    case 14:
        memcpy(&d, &bits, sizeof d);
        return d;
    default:
        return (double)bits;
    }
}

int ipd_idx_check_bytes(const ipd_idx *x, const char *path, ipd_error *e)
{
    return x->type == 8 ? 0
                        : fail_at(path, e, IPD_EFORMAT,
                                  "has elements of type 0x%02x, not unsigned bytes", x->type);
}

/* Checks the header, of which `have` bytes exist, and sets dimensions, sizes and count. */
static int parse_header(ipd_idx *x, const uint8_t *h, size_t have, int dimensions, const char *path,
                        ipd_error *e)
{
    const char *kind = dimensions == IPD_IDX_IMAGES ? "images" : "labels";
    if (have < 4)
        return fail_at(path, e, IPD_EFORMAT, "is not an IDX file: it has only %zu bytes", have);
    if (h[0] || h[1])
        return fail_at(path, e, IPD_EFORMAT,
                       "is not an IDX file: it begins with %02x %02x instead of 00 00", h[0], h[1]);
    if (!element_size(h[2]))
        return fail_at(
            path, e, IPD_EFORMAT,
            "has elements of the unknown type 0x%02x. Known are 08, 09, 0b, 0c, 0d and 0e", h[2]);
    if (h[3] != dimensions)
        return fail_at(path, e, IPD_EFORMAT, "has %d dimension%s, but %s have %d", h[3],
                       h[3] == 1 ? "" : "s", kind, dimensions);
    if (have < 4 + 4 * (size_t)dimensions)
        return fail_at(path, e, IPD_EFORMAT, "ends within its header, after %zu bytes", have);
    x->dimensions = dimensions;
    x->type = h[2];
    x->count = 1;
    for (int i = 0; i < dimensions; i++) {
        const uint8_t *s = h + 4 + 4 * i;
        x->size[i] = (size_t)s[0] << 24 | (size_t)s[1] << 16 | (size_t)s[2] << 8 | s[3];
        if (x->size[i] == 0)
            return fail_at(path, e, IPD_EFORMAT, i ? "has images without pixels" : "has no %s",
                           kind);
        if (__builtin_mul_overflow(x->count, x->size[i], &x->count) || x->count > SIZE_MAX / 128)
            return fail_at(path, e, IPD_EFORMAT, "has sizes whose product overflows");
    }
    x->length = x->count * element_size(x->type);
    return 0;
}

static int check_memory(const ipd_idx *x, size_t max, const char *path, ipd_error *e)
{
    if (x->count <= max)
        return 0;
    return fail_at(path, e, IPD_EMEMORY,
                   "needs %.1f GiB of memory as floats, more than this machine has",
                   (double)x->count * sizeof(float) / (1 << 30));
}

/* Whether another gzip member follows (RFC 1952, 2.2). */
static int has_next_member(const z_stream *z)
{
    return z->avail_in >= 2 && z->next_in[0] == 0x1f && z->next_in[1] == 0x8b;
}

/* Unpacks the members of a gzip file, at most `size` bytes; *length is the number of bytes. */
static int inflate_to(z_stream *z, uint8_t *to, size_t size, size_t *length, const char *path,
                      ipd_error *e)
{
    int status = Z_OK;
    *length = 0;
    while (status == Z_OK && *length < size) {
        size_t space = size - *length < (1U << 30) ? size - *length : 1U << 30;
        z->next_out = to + *length;
        z->avail_out = (uInt)space;
        status = inflate(z, Z_NO_FLUSH);
        *length += space - z->avail_out;
        if (status == Z_STREAM_END && has_next_member(z))
            status = inflateReset(z);
    }
    if (status == Z_OK || status == Z_STREAM_END)
        return status;
    if (status == Z_BUF_ERROR || (status == Z_DATA_ERROR && z->avail_in == 0 && !z->msg))
        return fail_at(path, e, IPD_EFORMAT, "is cut off: the compressed data end too early");
    if (status == Z_MEM_ERROR)
        return fail_at(path, e, IPD_EMEMORY, "out of memory");
    return fail_at(path, e, IPD_EFORMAT, "is damaged: %s", z->msg ? z->msg : "not gzip data");
}

/* Fails because the data are not as long as the header says. */
static int short_or_long(const ipd_idx *x, size_t have, int more, const char *path, ipd_error *e)
{
    size_t header = 4 + 4 * (size_t)x->dimensions;
    if (more)
        return fail_at(path, e, IPD_EFORMAT,
                       "has data after the %zu bytes that its header announces",
                       header + x->length);
    return fail_at(path, e, IPD_EFORMAT,
                   "has %zu bytes of data, but its header says %zu: it is cut off or damaged",
                   have - header, x->length);
}

/* Unpacks the header first, so that the memory for the rest can be checked before it is
 * allocated. */
static int parse_gzip_with(z_stream *z, ipd_idx *x, size_t length, const char *path, int dimensions,
                           size_t max, ipd_error *e)
{
    uint8_t header[LARGEST_HEADER];
    size_t n = 4 + 4 * (size_t)dimensions, have, body = 0;
    int status = inflate_to(z, header, n, &have, path, e);
    if (status < 0 || parse_header(x, header, have, dimensions, path, e))
        return -1;
    if (x->length / DEFLATE_MAX > length)
        return fail_at(path, e, IPD_EFORMAT,
                       "claims to hold %zu bytes, which %zu compressed bytes cannot hold",
                       x->length, length);
    if (check_memory(x, max, path, e))
        return -1;
    /* one more byte, to detect extra data */
    x->bytes = x->space ? ipd_space_allocate(x->space, x->length + 1, 1, e) : malloc(x->length + 1);
    if (!x->bytes)
        return fail_at(path, e, IPD_EMEMORY, "out of memory: it holds %zu bytes", x->length);
    x->items = x->bytes;
    if (status == Z_OK)
        status = inflate_to(z, x->bytes, x->length + 1, &body, path, e);
    if (status < 0)
        return -1;
    if (body != x->length || status != Z_STREAM_END)
        return short_or_long(x, n + body, body > x->length, path, e);
    while (z->avail_in && !*z->next_in) { /* zero padding, as on tapes */
        z->next_in++;
        z->avail_in--;
    }
    if (z->avail_in)
        return fail_at(path, e, IPD_EFORMAT, "has %u bytes after the end of the compressed data",
                       z->avail_in);
    return 0;
}

/* On failure frees x. */
static int parse_gzip(ipd_idx *x, const uint8_t *content, size_t length, const char *path,
                      int dimensions, size_t max, ipd_error *e)
{
    z_stream z = {0};
    int result;
    if (length > UINT32_MAX)
        return fail_at(path, e, IPD_EMEMORY, "is compressed and over 4 GiB. Unpack it first");
    if (inflateInit2(&z, 15 + 16) != Z_OK)
        return fail_at(path, e, IPD_EMEMORY, "out of memory");
    z.next_in = (Bytef *)content;
    z.avail_in = (uInt)length;
    result = parse_gzip_with(&z, x, length, path, dimensions, max, e);
    inflateEnd(&z);
    if (result)
        ipd_idx_free(x);
    return result;
}

static int is_gzip(const uint8_t *content, size_t length)
{
    return length >= 2 && content[0] == 0x1f && content[1] == 0x8b;
}

/* Checks a plain file's content; sets all fields except items and bytes. */
static int check_plain(ipd_idx *x, const uint8_t *content, size_t length, const char *path,
                       int dimensions, size_t max, ipd_error *e)
{
    size_t n = 4 + 4 * (size_t)dimensions;
    if (ipd_text_has_suffix(path, ".gz") && (length < 2 || content[0] || content[1]))
        return fail_at(path, e, IPD_EFORMAT,
                       "is not compressed by gzip, although its name ends in .gz");
    if (parse_header(x, content, length, dimensions, path, e))
        return -1;
    if (length - n != x->length)
        return short_or_long(x, length, length - n > x->length, path, e);
    return check_memory(x, max, path, e);
}

int ipd_idx_parse(ipd_idx *x, const uint8_t *content, size_t length, const char *path,
                  int dimensions, size_t max, ipd_error *e)
{
    *x = (ipd_idx){0};
    if (is_gzip(content, length))
        return parse_gzip(x, content, length, path, dimensions, max, e);
    if (check_plain(x, content, length, path, dimensions, max, e) == 0) {
        x->bytes = malloc(x->length);
        if (x->bytes) {
            x->items = memcpy(x->bytes, content + length - x->length, x->length);
            return 0;
        }
        fail_at(path, e, IPD_EMEMORY, "out of memory: it holds %zu bytes", x->length);
    }
    ipd_idx_free(x);
    return -1;
}

/* Maximum number of elements: as floats they fill the machine's memory. */
static size_t max_elements(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (size_t)pages * (size_t)size / sizeof(float) : (size_t)1 << 30;
}

int ipd_idx_read(ipd_space *space, ipd_idx *x, const char *path, int dimensions, ipd_error *e)
{
    uint8_t *content;
    size_t length;
    int result;
    size_t max = space ? SIZE_MAX : max_elements();
    *x = (ipd_idx){.space = space};
    content = space ? ipd_space_map(space, path, &length, e) : read_file(path, &length, e);
    if (!content)
        return -1;
    if (is_gzip(content, length)) {
        result = parse_gzip(x, content, length, path, dimensions, max, e);
        ipd_space_free(space, content);
        return result;
    }
    result = check_plain(x, content, length, path, dimensions, max, e);
    if (result) {
        ipd_space_free(space, content);
        *x = (ipd_idx){0};
        return -1;
    }
    x->bytes = content;
    x->items = content + length - x->length;
    return 0;
}

int ipd_idx_header(ipd_idx *x, const char *path, int dimensions, ipd_error *e)
{
    uint8_t header[LARGEST_HEADER];
    *x = (ipd_idx){0};
    int fd = ipd_file_open(path, NULL, e);
    if (fd < 0)
        return -1;
    gzFile f = gzdopen(fd, "rb");
    if (!f) {
        close(fd);
        return fail_at(path, e, IPD_EMEMORY, "out of memory");
    }
    int n = gzread(f, header, 4 + 4 * (unsigned)dimensions);
    gzclose(f);
    if (n < 0)
        return fail_at(path, e, IPD_EFORMAT, "is damaged at its beginning");
    return parse_header(x, header, (size_t)n, dimensions, path, e);
}

void ipd_idx_free(ipd_idx *x)
{
    ipd_space_free(x->space, x->bytes);
    *x = (ipd_idx){0};
}
