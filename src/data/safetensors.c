/* safetensors.c - see tensors.h.
 *
 * The format: 8 bytes with the header's length (little-endian), the header in JSON, the tensors'
 * bytes, row-major, without gaps. A header, whose offsets count from its end:
 *
 *     {"__metadata__": {"activation": "relu", ...},
 *      "W1": {"dtype": "F32", "shape": [d_1, d_0], "data_offsets": [begin, end]}, ...}
 */
#include "data/tensors.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "tensors are written as they are in memory");

enum {
    LONGEST_HEADER = 1 << 22,
    LONGEST = 1 << 28 /* maximum size in a shape */
};

static const char *const dtypes[IPD_DTYPES] = {"F32", "F64", "I64", "U8",  "F16", "I8",
                                               "I16", "I32", "U16", "U32", "U64", "BOOL"};

/* Writing. */

static json_t *describe(const ipd_tensor_out *t, size_t *offset)
{
    size_t begin = *offset, bytes = ipd_dtype_size(t->dtype);
    json_t *shape = json_array();
    for (int i = 0; i < t->rank; i++) {
        json_array_append_new(shape, json_integer((json_int_t)t->shape[i]));
        bytes *= t->shape[i];
    }
    *offset += bytes;
    return json_pack("{s: s, s: o, s: [I, I]}", "dtype", dtypes[t->dtype], "shape", shape,
                     "data_offsets", (json_int_t)begin, (json_int_t)*offset);
}

char *ipd_safetensors_header(json_t *metadata, const ipd_tensor_out *t, size_t count)
{
    size_t offset = 0;
    json_t *header = json_object();
    int failed = json_object_set_new(header, "__metadata__", metadata);
    for (size_t i = 0; i < count; i++)
        failed |= json_object_set_new(header, t[i].name, describe(&t[i], &offset));
    char *text = failed ? NULL : json_dumps(header, JSON_COMPACT), *result = NULL;
    json_decref(header);
    if (!text)
        return NULL;
    size_t length = strlen(text), padded = (length + 7) / 8 * 8;
    if ((result = malloc(padded + 1))) {
        memset(result, ' ', padded);
        memcpy(result, text, length);
        result[padded] = 0;
    }
    free(text);
    return result;
}

int ipd_safetensors_write(FILE *to, const char *header, const ipd_tensor_out *t, size_t count)
{
    uint64_t length = strlen(header);
    int failed = fwrite(&length, sizeof length, 1, to) != 1 || fputs(header, to) < 0;
    for (size_t i = 0; i < count && !failed; i++)
        failed = ipd_tensor_emit(&t[i], ipd_bytes_to_file, to);
    return failed ? -1 : 0;
}

/* Reading. */

#define REFUSE(...) ipd_fail(e, IPD_EFORMAT, __VA_ARGS__)

static int read_header(ipd_tensor_file *f, ipd_error *e)
{
    json_error_t why;
    if (ipd_tensors_bytes(f, 0, &f->header, sizeof f->header, e))
        return -1;
    if (f->header > f->size - 8)
        return REFUSE("%s: the header's length, %llu bytes, is more than the file holds: it is "
                      "cut short or not a safetensors file",
                      f->path, (unsigned long long)f->header);
    if (f->header > LONGEST_HEADER)
        return REFUSE("%s: the header has %llu bytes. At most %d are supported", f->path,
                      (unsigned long long)f->header, LONGEST_HEADER);
    f->data = f->size - 8 - f->header;
    if (!(f->text = malloc(f->header + 1)))
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", f->path);
    if (ipd_tensors_bytes(f, 8, f->text, f->header, e))
        return -1;
    f->text[f->header] = 0;
    f->json = json_loadb(f->text, f->header, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
    if (!f->json && memchr(f->text, 0, f->header))
        return REFUSE("%s: the header holds NUL bytes: pad it with spaces", f->path);
    if (!f->json || !json_is_object(f->json))
        return REFUSE("%s: the header is not a JSON object%s%s", f->path, f->json ? "" : ": ",
                      f->json ? "" : why.text);
    return 0;
}

/* Gets an integer of the header; fails unless it is in 0 ... max. */
static int whole(const json_t *value, uint64_t max, size_t *out)
{
    if (!json_is_integer(value))
        return -1;
    json_int_t i = json_integer_value(value);
    if (i < 0 || (uint64_t)i > max)
        return -1;
    *out = (size_t)i;
    return 0;
}

/* Reads one entry of the header into *t. */
static int read_entry(ipd_tensor_file *f, ipd_tensor *t, const json_t *entry, ipd_error *e)
{
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    const json_t *shape = json_object_get(entry, "shape");
    const json_t *offsets = json_object_get(entry, "data_offsets");
    size_t begin, end;
    int kind = 0;
    while (dtype && kind < IPD_DTYPES && strcmp(dtype, dtypes[kind]))
        kind++;
    t->dtype = kind;
    if (!dtype || kind == IPD_DTYPES)
        return REFUSE("%s: %s is of type %.20s. Store it as F32 or F64", f->path, t->name,
                      dtype ? dtype : "unknown");
    if (!json_is_array(shape) || json_array_size(shape) > IPD_TENSOR_RANK)
        return REFUSE("%s: the shape of %s is not a list of at most %d sizes", f->path, t->name,
                      IPD_TENSOR_RANK);
    t->rank = (int)json_array_size(shape);
    for (int i = 0; i < t->rank; i++)
        if (whole(json_array_get(shape, (size_t)i), LONGEST, &t->shape[i]))
            return REFUSE("%s: the shape of %s is out of range: sizes are 0 to %d", f->path,
                          t->name, LONGEST);
    if (!json_is_array(offsets) || json_array_size(offsets) != 2 ||
        whole(json_array_get(offsets, 0), f->data, &begin) ||
        whole(json_array_get(offsets, 1), f->data, &end) || begin > end)
        return REFUSE("%s: the data_offsets of %s do not lie within the file's %llu bytes of data",
                      f->path, t->name, (unsigned long long)f->data);
    t->begin = begin;
    if (ipd_tensor_measure(t, f->data) || t->bytes != end - begin)
        return REFUSE("%s: the shape of %s needs %zu bytes, but its data_offsets give %zu", f->path,
                      t->name, t->bytes, end - begin);
    return 0;
}

static int by_begin(const void *x, const void *y)
{
    const ipd_tensor *s = x, *t = y;
    if (s->begin != t->begin)
        return s->begin > t->begin ? 1 : -1;
    return (s->bytes > t->bytes) - (s->bytes < t->bytes); /* empty tensors first */
}

/* Checks that the tensors fill the data without overlap or gap. */
static int check_layout(ipd_tensor_file *f, ipd_error *e)
{
    uint64_t at = 0;
    if (f->count)
        qsort(f->tensors, f->count, sizeof *f->tensors, by_begin);
    for (size_t i = 0; i < f->count; at += f->tensors[i++].bytes)
        if (f->tensors[i].begin != at)
            return REFUSE("%s: two tensors %s in the file's data, at byte %llu", f->path,
                          f->tensors[i].begin < at ? "overlap" : "leave a gap",
                          (unsigned long long)at);
    if (at != f->data)
        return REFUSE("%s: has %llu bytes after the last tensor", f->path,
                      (unsigned long long)(f->data - at));
    return 0;
}

int ipd_safetensors_open(ipd_tensor_file *f, ipd_error *e)
{
    const char *name;
    json_t *entry;
    if (read_header(f, e))
        return -1;
    json_object_foreach(f->json, name, entry)
    {
        if (!strcmp(name, "__metadata__"))
            continue;
        ipd_tensor *t = ipd_tensors_add(f, name, strlen(name), e);
        if (!t || read_entry(f, t, entry, e))
            return -1;
    }
    return check_layout(f, e);
}
