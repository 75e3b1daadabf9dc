/* tensor_file.c - functions shared by both file formats; see tensors.h. */
#include "data/tensors.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum { MAX_TENSORS = 4096 };

size_t ipd_dtype_size(int dtype)
{
    static const size_t sizes[IPD_DTYPES] = {4, 8, 8, 1, 2, 1, 2, 4, 2, 4, 8, 1};
    return sizes[dtype];
}

/* IEEE half precision. */
static double half_value(uint16_t h)
{
    int exponent = h >> 10 & 31, fraction = h & 1023;
    double x = exponent == 31 ? (fraction ? NAN : INFINITY)
               : exponent     ? ldexp(1024 + fraction, exponent - 25)
                              : ldexp(fraction, -24);
    return h >> 15 ? -x : x;
}

double ipd_tensor_value(const ipd_tensor *t, const void *values, size_t i)
{
    size_t size = ipd_dtype_size(t->dtype);
    const unsigned char *at = (const unsigned char *)values + i * size;
    uint64_t bits = 0;
    float f;
    double d;
    for (size_t k = 0; k < size; k++)
        bits |= (uint64_t)at[t->swapped ? size - 1 - k : k] << 8 * k;
    switch (t->dtype) {
    case IPD_F32: {
        uint32_t word = (uint32_t)bits;
        memcpy(&f, &word, sizeof f);
        return (double)f;
    }
    case IPD_F64:
        memcpy(&d, &bits, sizeof d);
        return d;
    case IPD_F16:
        return half_value((uint16_t)bits);
    case IPD_I64:
        return (double)(int64_t)bits;
    case IPD_I32:
        return (int32_t)bits;
    case IPD_I16:
        return (int16_t)bits;
    case IPD_I8:
        return (int8_t)bits;
    default:
        return (double)bits;
    }
}

void ipd_tensors_close(ipd_tensor_file *f)
{
    if (f->file)
        fclose(f->file);
    if (f->zip)
        zip_discard(f->zip);
    json_decref(f->json);
    free(f->text);
    for (size_t i = 0; i < sizeof f->texts / sizeof *f->texts; i++)
        free(f->texts[i]);
    free(f->tensors);
    *f = (ipd_tensor_file){0};
}

const ipd_tensor *ipd_tensors_find(const ipd_tensor_file *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++)
        if (!strcmp(f->tensors[i].name, name))
            return &f->tensors[i];
    return NULL;
}

int ipd_tensors_bytes(ipd_tensor_file *f, uint64_t at, void *to, size_t count, ipd_error *e)
{
    errno = 0;
    if (fseeko(f->file, (off_t)at, SEEK_SET) || fread(to, 1, count, f->file) != count)
        return ipd_fail(e, IPD_EIO, "%s: cannot be read: %s", f->path,
                        errno ? strerror(errno) : "it ends too soon");
    return 0;
}

ipd_tensor *ipd_tensors_add(ipd_tensor_file *f, const char *name, size_t length, ipd_error *e)
{
    if (f->count % 64 == 0) {
        ipd_tensor *more = realloc(f->tensors, (f->count + 64) * sizeof *more);
        if (!more) {
            ipd_fail(e, IPD_EMEMORY, "%s: out of memory", f->path);
            return NULL;
        }
        f->tensors = more;
    }
    if (f->count == MAX_TENSORS) {
        ipd_fail(e, IPD_EFORMAT, "%s: holds more than %d tensors", f->path, MAX_TENSORS);
        return NULL;
    }
    if (length == 0 || length >= IPD_TENSOR_NAME) {
        ipd_fail(e, IPD_EFORMAT, "%s: the name of a tensor, \"%.*s\", has %zu bytes. Use 1 to %d",
                 f->path, length < 40 ? (int)length : 40, name, length, IPD_TENSOR_NAME - 1);
        return NULL;
    }
    ipd_tensor *t = &f->tensors[f->count++];
    *t = (ipd_tensor){0};
    memcpy(t->name, name, length);
    return t;
}

int ipd_tensor_measure(ipd_tensor *t, uint64_t max)
{
    uint64_t bytes = ipd_dtype_size(t->dtype);
    for (int i = 0; i < t->rank; i++)
        if (__builtin_mul_overflow(bytes, t->shape[i], &bytes))
            return -1;
    t->bytes = bytes;
    return bytes > max ? -1 : 0;
}

int ipd_bytes_to_file(void *stream, const void *bytes, size_t count)
{
    return fwrite(bytes, 1, count, stream) != count;
}

int ipd_tensor_emit(const ipd_tensor_out *t, ipd_bytes_fn *to, void *context)
{
    size_t count = 1;
    for (int i = 0; i < t->rank; i++)
        count *= t->shape[i];
    if (!count)
        return 0;
    if (!t->columns)
        return to(context, t->values, count * ipd_dtype_size(t->dtype));
    size_t rows = t->shape[0], cols = t->shape[1];
    const float *values = t->values;
    float *row = malloc(cols * sizeof *row);
    int failed = !row;
    for (size_t i = 0; !failed && i < rows; i++) {
        for (size_t j = 0; j < cols; j++)
            row[j] = values[i + j * rows];
        failed = to(context, row, cols * sizeof *row);
    }
    free(row);
    return failed;
}
