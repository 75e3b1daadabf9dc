/* npz.c - reads NumPy's .npz, a zip file of .npy arrays; see tensors.h.
 *
 * An .npy is "\x93NUMPY", a version, the length of a dictionary in Python's letters, padded, and the
 * values: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }. Of zip we read what np.savez and
 * np.savez_compressed write (stored or deflated, sizes in 32 bits), through the central directory.
 */
#include "format/npz.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_COMMENT = 65535, /* after the end record */
    MOST_DIRECTORY = 1 << 20,
    MOST_HEADER = 65535, /* of an array */
    MOST_RATIO = 1032    /* of deflate */
};

const char *const ipd_npz_dtypes[IPD_DTYPES] = {"<f4", "<f8", "<i8", "|u1"};

int ipd_zip_add(void *sum, const void *bytes, size_t count)
{
    ipd_zip_sum *s = sum;
    const unsigned char *at = bytes;
    s->size += count;
    while (count) {
        uInt some = count > 1 << 30 ? 1 << 30 : (uInt)count;
        s->crc = crc32(s->crc, at, some);
        at += some;
        count -= some;
    }
    return 0;
}

#define REFUSE(f, ...) ipd_fail(e, IPD_EFORMAT, __VA_ARGS__)

static uint32_t get(const unsigned char *at, int bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint32_t)at[i] << 8 * i;
    return value;
}

/* The bytes of a file within, unpacked as they are asked for. */
struct stream {
    ipd_tensor_file *f;
    const ipd_tensor *t;
    uint64_t at, left; /* packed bytes: where, how many */
    z_stream z;
    int begun;
    uint64_t done; /* bytes that were unpacked */
    uLong crc;
    unsigned char packed[1 << 14];
};

static int stream_open(struct stream *s, ipd_tensor_file *f, const ipd_tensor *t, ipd_error *e)
{
    s->f = f;
    s->t = t;
    s->at = t->begin;
    s->left = t->packed;
    s->crc = crc32(0, NULL, 0);
    s->begun = 0;
    s->done = 0;
    memset(&s->z, 0, sizeof s->z);
    if (t->deflated && inflateInit2(&s->z, -MAX_WBITS) != Z_OK)
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", f->path);
    s->begun = t->deflated;
    return 0;
}

static void stream_close(struct stream *s)
{
    if (s->begun)
        inflateEnd(&s->z);
}

static int cut_short(const struct stream *s, ipd_error *e)
{
    return REFUSE(s->f, "%s: %s is damaged or ends too soon", s->f->path, s->t->name);
}

static int inflate_some(struct stream *s, unsigned char *to, size_t count, ipd_error *e)
{
    s->z.next_out = to;
    while (count) {
        uInt some = count > 1 << 30 ? 1 << 30 : (uInt)count;
        if (s->z.avail_in == 0 && s->left) {
            size_t n = s->left < sizeof s->packed ? (size_t)s->left : sizeof s->packed;
            if (ipd_tensors_bytes(s->f, s->at, s->packed, n, e))
                return -1;
            s->at += n;
            s->left -= n;
            s->z.next_in = s->packed;
            s->z.avail_in = (uInt)n;
        }
        s->z.avail_out = some;
        int code = inflate(&s->z, Z_NO_FLUSH);
        size_t got = some - s->z.avail_out;
        count -= got;
        if (code == Z_STREAM_END && count == 0)
            return 0;
        if (code != Z_OK || (got == 0 && s->z.avail_in == 0 && s->left == 0))
            return cut_short(s, e);
    }
    return 0;
}

static int stream_read(struct stream *s, void *to, size_t count, ipd_error *e)
{
    ipd_zip_sum sum = {s->crc, 0};
    if (s->t->deflated) {
        if (inflate_some(s, to, count, e))
            return -1;
    } else {
        if (count > s->left)
            return cut_short(s, e);
        if (ipd_tensors_bytes(s->f, s->at, to, count, e))
            return -1;
        s->at += count;
        s->left -= count;
    }
    ipd_zip_add(&sum, to, count);
    s->crc = sum.crc;
    s->done += count;
    return 0;
}

/* Python's letters. Each returns what stands behind, or NULL. */

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t\n");
}

static const char *read_quoted(const char *at, char *to, size_t size)
{
    char quote = *at;
    const char *end = quote == '\'' || quote == '"' ? strchr(at + 1, quote) : NULL;
    if (!end || (size_t)(end - at) > size)
        return NULL;
    memcpy(to, at + 1, (size_t)(end - at - 1));
    to[end - at - 1] = 0;
    return skip_blanks(end + 1);
}

static const char *read_shape(const char *at, ipd_tensor *t)
{
    if (*at != '(')
        return NULL;
    for (at = skip_blanks(at + 1); *at != ')'; at = skip_blanks(at)) {
        char *end;
        if (*at < '0' || *at > '9' || t->rank == IPD_TENSOR_RANK)
            return NULL;
        unsigned long long n = strtoull(at, &end, 10);
        if (n < 1 || n > 1 << 28)
            return NULL;
        t->shape[t->rank++] = (size_t)n;
        at = skip_blanks(end);
        if (*at == ',')
            at++;
        else if (*at != ')')
            return NULL;
    }
    return skip_blanks(at + 1);
}

/* The dictionary: description, order and shape, each once. */
static int read_dictionary(const char *at, ipd_tensor *t, char description[16], int *fortran)
{
    int seen = 0;
    char key[16];
    at = skip_blanks(at);
    if (*at++ != '{')
        return -1;
    for (at = skip_blanks(at); *at != '}';) {
        int bit = 0;
        if (!(at = read_quoted(at, key, sizeof key)) || *at != ':')
            return -1;
        at = skip_blanks(at + 1);
        if (!strcmp(key, "descr")) {
            bit = 1;
            at = read_quoted(at, description, 16);
        } else if (!strcmp(key, "fortran_order")) {
            bit = 2;
            *fortran = *at == 'T';
            at = !strncmp(at, "True", 4)    ? skip_blanks(at + 4)
                 : !strncmp(at, "False", 5) ? skip_blanks(at + 5)
                                            : NULL;
        } else if (!strcmp(key, "shape")) {
            bit = 4;
            at = seen & bit ? NULL : read_shape(at, t);
        }
        if (!at || !bit || seen & bit || (*at != ',' && *at != '}'))
            return -1;
        seen |= bit;
        at = skip_blanks(*at == ',' ? at + 1 : at);
    }
    return seen == 7 && !*skip_blanks(at + 1) ? 0 : -1;
}

/* The array's header: up to its end, as text; free() it. */
static char *read_array_header(struct stream *s, ipd_error *e)
{
    unsigned char begin[12];
    size_t length;
    if (stream_read(s, begin, 10, e))
        return NULL;
    if (memcmp(begin, "\x93NUMPY", 6) || begin[6] < 1 || begin[6] > 3) {
        REFUSE(s->f, "%s: %s is not an array of NumPy's", s->f->path, s->t->name);
        return NULL;
    }
    length = get(begin + 8, 2);
    if (begin[6] > 1) {
        if (stream_read(s, begin + 10, 2, e))
            return NULL;
        length |= (size_t)get(begin + 10, 2) << 16;
    }
    char *text = length <= MOST_HEADER ? malloc(length + 1) : NULL;
    if (!text) {
        REFUSE(s->f, "%s: the header of %s takes %zu bytes, more than the %d that are read",
               s->f->path, s->t->name, length, MOST_HEADER);
        return NULL;
    }
    if (stream_read(s, text, length, e)) {
        free(text);
        return NULL;
    }
    text[length] = 0;
    if (strlen(text) != length)
        text[0] = 0; /* no dictionary */
    return text;
}

/* activation or loss: an array of one text. */
static int read_text(struct stream *s, const char *description, ipd_error *e)
{
    ipd_tensor_file *f = s->f;
    int is_loss = !strcmp(s->t->name, "loss");
    char *to = is_loss ? f->loss : f->activation;
    long n = strtol(description + 2, NULL, 10),
         size = is_loss ? sizeof f->loss : sizeof f->activation;
    if (s->t->rank || n < 1 || n >= size)
        return REFUSE(f, "%s: %s is not one short text", f->path, s->t->name);
    for (long i = 0; i < n; i++) {
        unsigned char letter[4];
        if (stream_read(s, letter, sizeof letter, e))
            return -1;
        if (get(letter, 4) > 126)
            return REFUSE(f, "%s: %s is not a name", f->path, s->t->name);
        to[i] = (char)letter[0];
    }
    to[n] = 0;
    return 0;
}

static int describe(struct stream *s, ipd_tensor *t, const char *header, uint64_t values,
                    ipd_error *e)
{
    char description[16];
    const char *path = s->f->path;
    int fortran = 0;
    if (read_dictionary(header, t, description, &fortran))
        return REFUSE(s->f,
                      "%s: the header of %s is not that of an array, or its shape is out of range",
                      path, t->name);
    if (!strncmp(description, "<U", 2) &&
        (!strcmp(t->name, "activation") || !strcmp(t->name, "loss")))
        return read_text(s, description, e) ? -1 : 1;
    int kind = 0;
    while (kind < IPD_DTYPES && strcmp(description, ipd_npz_dtypes[kind]))
        kind++;
    t->dtype = (ipd_dtype)kind;
    if (kind == IPD_DTYPES)
        return REFUSE(s->f, "%s: %s is of type %s: store weights as <f4 or <f8", path, t->name,
                      description);
    if (fortran && t->rank > 2)
        return REFUSE(s->f, "%s: %s has more than two sizes in Fortran's order", path, t->name);
    t->fortran = fortran && t->rank == 2;
    if (ipd_tensor_measure(t, values) || t->bytes != values)
        return REFUSE(s->f, "%s: %s takes %zu bytes by its shape and %llu by the zip file", path,
                      t->name, t->bytes, (unsigned long long)values);
    return 0;
}

/* Reads the header of array t, of `size` bytes unpacked. 1: it was a text and is no tensor. */
static int read_array(struct stream *s, ipd_tensor_file *f, ipd_tensor *t, uint64_t size,
                      ipd_error *e)
{
    if (stream_open(s, f, t, e))
        return -1;
    char *header = read_array_header(s, e);
    int failed = -1;
    if (header && s->done <= size) {
        t->skip = s->done;
        failed = describe(s, t, header, size - s->done, e);
    } else if (header) {
        cut_short(s, e);
    }
    free(header);
    stream_close(s);
    return failed;
}

/* Finds the record at the end, which a comment may follow; 0 where there is none. */
static uint64_t find_end(ipd_tensor_file *f, unsigned char record[IPD_ZIP_END_SIZE], ipd_error *e)
{
    uint64_t span =
        f->size < MOST_COMMENT + IPD_ZIP_END_SIZE ? f->size : MOST_COMMENT + IPD_ZIP_END_SIZE;
    unsigned char *tail = malloc(span);
    uint64_t found = 0;
    if (tail && ipd_tensors_bytes(f, f->size - span, tail, span, e) == 0)
        for (uint64_t i = span; i >= IPD_ZIP_END_SIZE && !found; i--)
            if (get(tail + i - IPD_ZIP_END_SIZE, 4) == IPD_ZIP_END) {
                memcpy(record, tail + i - IPD_ZIP_END_SIZE, IPD_ZIP_END_SIZE);
                found = f->size - span + i - IPD_ZIP_END_SIZE;
            }
    free(tail);
    return found;
}

/* Takes one entry of the directory, `left` bytes long with what follows. Returns its length, or 0. */
static size_t read_entry(struct stream *s, ipd_tensor_file *f, const unsigned char *entry,
                         size_t left, uint64_t directory, ipd_error *e)
{
    unsigned char local[IPD_ZIP_LOCAL_SIZE];
    size_t name = left < IPD_ZIP_CENTRAL_SIZE ? 0 : get(entry + 28, 2);
    size_t length =
        IPD_ZIP_CENTRAL_SIZE + name + (name ? get(entry + 30, 2) + get(entry + 32, 2) : 0);
    if (name < 5 || length > left || get(entry, 4) != IPD_ZIP_CENTRAL ||
        memcmp(entry + IPD_ZIP_CENTRAL_SIZE + name - 4, ".npy", 4)) {
        REFUSE(f, "%s: its directory is damaged, or holds what is not an array", f->path);
        return 0;
    }
    unsigned flags = get(entry + 8, 2), method = get(entry + 10, 2);
    uint64_t size = get(entry + 24, 4), at = get(entry + 42, 4);
    ipd_tensor *t = ipd_tensors_add(f, (const char *)entry + IPD_ZIP_CENTRAL_SIZE, name - 4, e);
    if (!t)
        return 0;
    t->crc = get(entry + 16, 4);
    t->packed = get(entry + 20, 4);
    t->deflated = method == 8;
    if ((flags & 1) || (method && method != 8)) {
        REFUSE(f, "%s: %s is packed in a way that is not read here: use np.savez", f->path,
               t->name);
        return 0;
    }
    if (at + IPD_ZIP_LOCAL_SIZE > directory || ipd_tensors_bytes(f, at, local, sizeof local, e) ||
        get(local, 4) != IPD_ZIP_LOCAL ||
        (t->begin = at + IPD_ZIP_LOCAL_SIZE + get(local + 26, 2) + get(local + 28, 2)) + t->packed >
            directory ||
        (t->deflated ? size / MOST_RATIO > t->packed : size != t->packed)) {
        REFUSE(f, "%s: %s does not lie within the file, or its sizes are wrong", f->path, t->name);
        return 0;
    }
    int text = read_array(s, f, t, size, e);
    f->count -= text == 1;
    return text < 0 ? 0 : length;
}

static int by_begin(const void *x, const void *y)
{
    const ipd_tensor *s = x, *t = y;
    return (s->begin > t->begin) - (s->begin < t->begin);
}

/* No two arrays of one name, or of the same bytes. */
static int check_apart(ipd_tensor_file *f, ipd_error *e)
{
    if (f->count)
        qsort(f->tensors, f->count, sizeof *f->tensors, by_begin);
    for (size_t i = 0; i < f->count; i++) {
        const ipd_tensor *t = &f->tensors[i];
        if (ipd_tensors_find(f, t->name) != t)
            return REFUSE(f, "%s: holds %s twice", f->path, t->name);
        if (i && t[-1].begin + t[-1].packed > t->begin)
            return REFUSE(f, "%s: %s and %s overlap", f->path, t[-1].name, t->name);
    }
    return 0;
}

static int read_directory(struct stream *s, ipd_tensor_file *f, const unsigned char *directory,
                          size_t size, size_t count, ipd_error *e)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        size_t length = read_entry(s, f, directory + at, size - at, f->size - f->data, e);
        if (!length)
            return -1;
        at += length;
    }
    return check_apart(f, e);
}

int ipd_npz_open(ipd_tensor_file *f, ipd_error *e)
{
    unsigned char record[IPD_ZIP_END_SIZE];
    if (e)
        e->code = IPD_OK;
    uint64_t end = find_end(f, record, e);
    uint64_t count = get(record + 10, 2), size = get(record + 12, 4), at = get(record + 16, 4);
    if (!end)
        return REFUSE(f, "%s: is cut short or not a zip file: it has no directory", f->path);
    if (at == UINT32_MAX || size == UINT32_MAX || count == 65535)
        return REFUSE(f, "%s: is a zip file of more than 4 GiB: use safetensors", f->path);
    if (at + size > end || size > MOST_DIRECTORY || get(record + 4, 4))
        return REFUSE(f, "%s: its directory does not lie within the file", f->path);
    f->data = f->size - at; /* what follows the arrays */
    struct stream *s = malloc(sizeof *s);
    unsigned char *directory = malloc(size + 1);
    int failed = !s || !directory ? ipd_fail(e, IPD_EMEMORY, "%s: out of memory", f->path)
                                  : ipd_tensors_bytes(f, at, directory, size, e) ||
                                        read_directory(s, f, directory, size, count, e);
    free(directory);
    free(s);
    return failed ? -1 : 0;
}

/* From columns, as Fortran stores them, to rows. */
static int to_rows(const ipd_tensor *t, char *values)
{
    size_t wide = ipd_dtype_size(t->dtype), rows = t->shape[0], cols = t->shape[1];
    char *copy = malloc(t->bytes);
    if (!copy)
        return -1;
    memcpy(copy, values, t->bytes);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            memcpy(values + (i * cols + j) * wide, copy + (i + j * rows) * wide, wide);
    free(copy);
    return 0;
}

int ipd_npz_read(ipd_tensor_file *f, const ipd_tensor *t, void *to, ipd_error *e)
{
    char header[256];
    struct stream *s = malloc(sizeof *s);
    if (!s || stream_open(s, f, t, e)) {
        free(s);
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", f->path);
    }
    int failed = 0;
    while (!failed && s->done < t->skip) {
        uint64_t left = t->skip - s->done;
        failed = stream_read(s, header, left < sizeof header ? (size_t)left : sizeof header, e);
    }
    if (!failed)
        failed = stream_read(s, to, t->bytes, e);
    if (!failed && (uint32_t)s->crc != t->crc)
        failed = REFUSE(f, "%s: %s is damaged: its checksum is another", f->path, t->name);
    if (!failed && t->fortran && to_rows(t, to))
        failed = ipd_fail(e, IPD_EMEMORY, "%s: out of memory", f->path);
    stream_close(s);
    free(s);
    return failed;
}
