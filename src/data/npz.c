/* npz.c - NumPy's .npz, a zip file of .npy arrays, through libzip; see tensors.h.
 *
 * An .npy file is "\x93NUMPY", a version, the length of the header, the header as a padded Python
 * dictionary, and the values. A header:
 *
 *     {'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }
 *
 * Arrays are stored or deflated, as np.savez and np.savez_compressed write them. Entries that are
 * not arrays (README, folders) are skipped, as np.load does.
 */
#include "base/matrix.h"
#include "base/text.h"
#include "data/tensors.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum {
    MAX_HEADER = 10000, /* of an array, in bytes; the same limit as np.load's */
    MAX_RATIO = 1032,   /* maximum compression ratio of deflate */
    FIRST_DAY = 0x21    /* 1980-01-01: a fixed date, so that the same network gives the same file */
};

static const char *const dtypes[IPD_DTYPES] = {"<f4", "<f8", "<i8", "|u1", "<f2", "|i1",
                                               "<i2", "<i4", "<u2", "<u4", "<u8", "|b1"};

#define REFUSE(...) ipd_fail(e, IPD_EFORMAT, __VA_ARGS__)

static int read_bytes(const ipd_tensor_file *f, const ipd_tensor *t, zip_file_t *z, void *to,
                      size_t count, ipd_error *e)
{
    zip_int64_t got = z ? zip_fread(z, to, count) : (zip_int64_t)fread(to, 1, count, f->file);
    if (got == (zip_int64_t)count)
        return 0;
    return REFUSE("%s: %s is damaged: %s", f->path, t->name,
                  got < 0 ? zip_file_strerror(z) : "it ends too soon");
}

/* Opens array t and reads its header as text; the values come next. *size is the header's length in
 * the file. *to is the open entry, or NULL for an .npy file. */
static int open_array(const ipd_tensor_file *f, const ipd_tensor *t, char header[MAX_HEADER + 1],
                      size_t *size, zip_file_t **to, ipd_error *e)
{
    unsigned char begin[12];
    zip_file_t *z = *to = f->zip ? zip_fopen_index(f->zip, t->begin, 0) : NULL;
    if (f->zip ? !z : fseeko(f->file, 0, SEEK_SET))
        return REFUSE("%s: %s is damaged: %s", f->path, t->name,
                      f->zip ? zip_strerror(f->zip) : "it cannot be read");
    if (read_bytes(f, t, z, begin, 10, e))
        goto close;
    size_t length = begin[8] | (size_t)begin[9] << 8;
    if (memcmp(begin, "\x93NUMPY", 6) || begin[6] < 1 || begin[6] > 3) {
        REFUSE("%s: %s is not an array of NumPy", f->path, t->name);
        goto close;
    }
    *size = 10;
    if (begin[6] > 1) {
        if (read_bytes(f, t, z, begin + 10, 2, e))
            goto close;
        length |= (size_t)begin[10] << 16 | (size_t)begin[11] << 24;
        *size = 12;
    }
    *size += length;
    if (length > MAX_HEADER) {
        REFUSE("%s: the header of %s has %zu bytes. At most %d are supported", f->path, t->name,
               length, MAX_HEADER);
        goto close;
    }
    if (read_bytes(f, t, z, header, length, e))
        goto close;
    header[length] = 0;
    return 0;
close:
    if (z)
        zip_fclose(z);
    *to = NULL;
    return -1;
}

/* The text from the value of a dictionary's key on; "" if the key is missing. */
static const char *value_of(const char *header, const char *key)
{
    char quoted[24];
    snprintf(quoted, sizeof quoted, "'%s':", key);
    const char *at = strstr(header, quoted);
    return at ? at + strlen(quoted) + strspn(at + strlen(quoted), " ") : "";
}

/* Parses type, order and shape. */
static int parse_header(const char *header, ipd_tensor *t, char type[16])
{
    const char *order = value_of(header, "fortran_order"), *at = value_of(header, "shape");
    if (*header != '{' || sscanf(value_of(header, "descr"), "'%15[^']'", type) != 1 ||
        (strncmp(order, "True", 4) && strncmp(order, "False", 5)) || *at != '(')
        return -1;
    t->fortran = *order == 'T';
    for (at++; *(at += strspn(at, " ,")) != ')';) {
        char *end;
        if (!isdigit((unsigned char)*at) || t->rank == IPD_TENSOR_RANK)
            return -1;
        unsigned long long n = strtoull(at, &end, 10);
        if (n < 1 || n > 1 << 28)
            return -1;
        t->shape[t->rank++] = (size_t)n;
        at = end;
    }
    return 0;
}

int ipd_npz_text(const char *name)
{
    static const char *const names[] = {"activation", "loss", "image", "definitions", "encoding"};
    int i = IPD_NPZ_TEXTS - 1;
    while (i >= 0 && strcmp(name, names[i]))
        i--;
    return i;
}

/* Reads an array of one string, in UCS-4. */
static int read_text(ipd_tensor_file *f, const ipd_tensor *t, zip_file_t *z, const char *type,
                     ipd_error *e)
{
    enum { MAX_TEXT = 1 << 22 };
    char **text = &f->texts[ipd_npz_text(t->name)], *to;
    long n = strtol(type + 2, NULL, 10);
    if (strncmp(type, "<U", 2))
        return REFUSE("%s: %s is of type %s. Store it as NumPy text, <U", f->path, t->name, type);
    if (t->rank || n < 1 || n >= MAX_TEXT)
        return REFUSE("%s: %s is not a single short string", f->path, t->name);
    free(*text);
    if (!(*text = to = ipd_allocate((size_t)n + 1, 1, e)))
        return ipd_fail_in(e, "%s", f->path);
    for (long i = 0; i < n; i++) {
        unsigned char letter[4];
        if (read_bytes(f, t, z, letter, sizeof letter, e))
            return -1;
        if (letter[0] > 126 || letter[1] || letter[2] || letter[3])
            return REFUSE("%s: %s has other characters than ASCII", f->path, t->name);
        to[i] = (char)letter[0];
    }
    to[n] = 0;
    return 0;
}

/* Text in one dimension, <U or |S, becomes numbers in two. Returns the bytes of a letter; 0: other
 * types. */
static int describe_letters(ipd_tensor *t, const char *type)
{
    char *end;
    int wide = !strncmp(type, "<U", 2) ? 4 : !strncmp(type, "|S", 2) ? 1 : 0;
    unsigned long letters = wide ? strtoul(type + 2, &end, 10) : 0;
    if (t->rank != 1 || letters < 1 || letters > 1 << 16 || *end)
        return 0;
    t->shape[t->rank++] = letters;
    t->fortran = 0;
    return t->letters = wide;
}

/* Reads the header of array t, whose entry has `size` bytes. 1: it is a string, not a tensor. */
static int describe(ipd_tensor_file *f, ipd_tensor *t, uint64_t size, ipd_error *e)
{
    char header[MAX_HEADER + 1], type[16];
    size_t skip;
    int kind = 0, failed = 0;
    zip_file_t *z;
    if (open_array(f, t, header, &skip, &z, e))
        return -1;
    int is_text = ipd_npz_text(t->name) >= 0 && f->zip;
    if (parse_header(header, t, type))
        failed = REFUSE("%s: the header of %s is damaged, or its shape is out of range", f->path,
                        t->name);
    else if (is_text)
        failed = read_text(f, t, z, type, e);
    if (z)
        zip_fclose(z);
    if (failed || is_text)
        return failed ? -1 : 1;
    if (*type == '>') { /* big-endian */
        t->swapped = 1;
        *type = '<';
    }
    if (describe_letters(t, type))
        snprintf(type, sizeof type, "%s", t->letters == 4 ? "<u4" : "|u1");
    while (kind < IPD_DTYPES && strcmp(type, dtypes[kind]))
        kind++;
    if (kind == IPD_DTYPES)
        return REFUSE("%s: %s is of type %s. Store it as <f4 or <f8", f->path, t->name, type);
    if (t->fortran && t->rank > 2)
        return REFUSE("%s: %s has more than two dimensions in Fortran order", f->path, t->name);
    t->dtype = kind;
    t->fortran = t->fortran && t->rank == 2;
    if (size < skip || ipd_tensor_measure(t, size - skip) || t->bytes != size - skip)
        return REFUSE("%s: the shape of %s needs %zu bytes, but the file has %llu", f->path,
                      t->name, t->bytes, (unsigned long long)(size < skip ? 0 : size - skip));
    return 0;
}

/* Reads entry i and adds its unpacked bytes to *total. */
static int read_entry(ipd_tensor_file *f, zip_uint64_t i, uint64_t *total, ipd_error *e)
{
    zip_stat_t s;
    if (zip_stat_index(f->zip, i, 0, &s) || !(s.valid & ZIP_STAT_NAME))
        return REFUSE("%s: the zip file is damaged: %s", f->path, zip_strerror(f->zip));
    size_t length = strlen(s.name);
    if (length < 4 || strcmp(s.name + length - 4, ".npy"))
        return 0;
    ipd_tensor *t = ipd_tensors_add(f, s.name, length - 4, e);
    if (!t)
        return -1;
    t->begin = i;
    if (ipd_tensors_find(f, t->name) != t)
        return REFUSE("%s: holds %s twice", f->path, t->name);
    if (s.encryption_method != ZIP_EM_NONE)
        return REFUSE("%s: %s is encrypted. Use np.savez", f->path, t->name);
    if (s.comp_method != ZIP_CM_STORE && s.comp_method != ZIP_CM_DEFLATE)
        return REFUSE("%s: %s is compressed by an unsupported method. Use np.savez", f->path,
                      t->name);
    if (s.comp_size > f->size || s.size > f->size * MAX_RATIO ||
        (*total += s.size) > f->size * MAX_RATIO)
        return REFUSE("%s: %s unpacks to more bytes than possible: the file is damaged", f->path,
                      t->name);
    int text = describe(f, t, s.size, e);
    f->count -= text == 1;
    return text < 0 ? -1 : 0;
}

int ipd_npz_open(ipd_tensor_file *f, ipd_error *e)
{
    zip_error_t error;
    uint64_t total = 0;
    int failed = 0;
    zip_error_init(&error);
    zip_source_t *source = zip_source_filep_create(f->file, 0, -1, &error);
    f->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    if (source)
        f->file = NULL; /* owned by the source now */
    if (!f->zip) {
        failed = REFUSE("%s: the zip file is damaged: %s", f->path, zip_error_strerror(&error));
        zip_source_free(source);
    }
    zip_error_fini(&error);
    zip_int64_t entries = failed ? 0 : zip_get_num_entries(f->zip, 0);
    for (zip_int64_t i = 0; i < entries && !failed; i++)
        failed = read_entry(f, (zip_uint64_t)i, &total, e);
    return failed ? -1 : 0;
}

int ipd_npy_open(ipd_tensor_file *f, ipd_error *e)
{
    ipd_tensor *t = ipd_tensors_add(f, "array", 5, e);
    f->npy = 1;
    return t ? describe(f, t, f->size, e) : -1;
}

/* Transposes column-major (Fortran) values to row-major. */
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
    char header[MAX_HEADER + 1];
    size_t skip;
    zip_file_t *z;
    int failed = open_array(f, t, header, &skip, &z, e) || read_bytes(f, t, z, to, t->bytes, e);
    if (!failed && z && zip_fread(z, header, 1)) /* libzip verifies the checksum at the end */
        failed = REFUSE("%s: %s is damaged: %s", f->path, t->name, zip_file_strerror(z));
    if (!failed && t->fortran && to_rows(t, to))
        failed = ipd_fail(e, IPD_EMEMORY, "%s: out of memory", f->path);
    if (z)
        zip_fclose(z);
    return failed ? -1 : 0;
}

/* Writing. */

/* Returns a tensor, or a string in UCS-4, as an .npy array, to be freed; NULL if memory runs out.
 * The values begin at a multiple of 64. */
static char *make_array(const ipd_tensor_out *t, const char *text, size_t *size)
{
    char shape[160] = "", *array = NULL;
    size_t at = 0;
    FILE *to = open_memstream(&array, size);
    if (!to)
        return NULL;
    for (int i = 0; t && i < t->rank; i++)
        at += (size_t)snprintf(shape + at, sizeof shape - at, "%zu, ", t->shape[i]);
    if (t && t->rank > 1)
        shape[at - 2] = 0; /* a Python tuple: (3, 2), but (3,) */
    fwrite("\x93NUMPY\1\0\0\0", 1, 10, to);
    if (text)
        fprintf(to, "{'descr': '<U%zu', 'fortran_order': False, 'shape': (), }", strlen(text));
    else
        fprintf(to, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", dtypes[t->dtype],
                shape);
    while (ftell(to) % 64 != 63)
        putc(' ', to);
    putc('\n', to);
    long header = ftell(to) - 10;
    int failed = t && ipd_tensor_emit(t, ipd_bytes_to_file, to);
    for (; text && *text; text++)
        fwrite((unsigned char[]){(unsigned char)*text, 0, 0, 0}, 1, 4, to);
    if (ipd_text_close(to, &array) || failed) {
        free(array);
        return NULL;
    }
    array[8] = (char)(header & 255);
    array[9] = (char)(header >> 8);
    return array;
}

static int add_array(zip_t *zip, const char *name, const ipd_tensor_out *t, const char *text)
{
    char file[IPD_TENSOR_NAME + 8];
    size_t size;
    char *array = make_array(t, text, &size);
    zip_source_t *source = array ? zip_source_buffer(zip, array, size, 1) : NULL;
    if (!source) {
        free(array);
        return -1;
    }
    snprintf(file, sizeof file, "%s.npy", name);
    zip_int64_t i = zip_file_add(zip, file, source, 0);
    if (i < 0) {
        zip_source_free(source);
        return -1;
    }
    return zip_set_file_compression(zip, (zip_uint64_t)i, ZIP_CM_STORE, 0) ||
           zip_file_set_dostime(zip, (zip_uint64_t)i, 0, FIRST_DAY, 0);
}

static int copy_out(zip_source_t *from, FILE *to)
{
    char bytes[1 << 14];
    zip_int64_t n;
    if (zip_source_open(from))
        return -1;
    while ((n = zip_source_read(from, bytes, sizeof bytes)) > 0)
        if (ipd_bytes_to_file(to, bytes, (size_t)n))
            break;
    zip_source_close(from);
    return n != 0;
}

int ipd_npz_write(FILE *to, const ipd_tensor_out *t, size_t count, const char *const *texts)
{
    zip_source_t *whole = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *zip = whole ? zip_open_from_source(whole, ZIP_CREATE | ZIP_TRUNCATE, NULL) : NULL;
    int failed = !zip;
    if (zip)
        zip_source_keep(whole);
    for (size_t i = 0; i < count && !failed; i++)
        failed = add_array(zip, t[i].name, &t[i], NULL);
    for (size_t i = 0; texts[i] && !failed; i += 2)
        failed = add_array(zip, texts[i], NULL, texts[i + 1]);
    if (!failed)
        failed = zip_close(zip);
    if (failed && zip)
        zip_discard(zip);
    failed = failed || copy_out(whole, to);
    zip_source_free(whole);
    return failed ? -1 : 0;
}
