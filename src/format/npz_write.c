/* npz_write.c - writes NumPy's .npz: a zip file of .npy arrays, stored. See tensors.h and npz.c. */
#include "format/npz.h"

#include <stdlib.h>
#include <string.h>

enum { DAY = 0x21 }; /* 1980-01-01: the same network gives the same file */

static void put(unsigned char *at, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (unsigned char)(value >> 8 * i);
}

/* A file within: its bytes are those of `header`, then of the tensor or of `text` in UCS-4. */
struct member {
    char name[IPD_TENSOR_NAME + 8], header[512];
    size_t length; /* of the header */
    const ipd_tensor_out *tensor;
    const char *text;
    uint32_t crc, size, begin;
};

static int emit(const struct member *m, ipd_bytes_fn *to, void *context)
{
    if (to(context, m->header, m->length))
        return -1;
    if (m->tensor)
        return ipd_tensor_emit(m->tensor, to, context);
    for (const char *c = m->text; *c; c++) {
        unsigned char letter[4] = {(unsigned char)*c, 0, 0, 0};
        if (to(context, letter, sizeof letter))
            return -1;
    }
    return 0;
}

/* The array's own header, so long that the values begin at a multiple of 64. */
static void make_header(struct member *m)
{
    char shape[160] = "", text[400];
    size_t at = 0;
    for (int i = 0; m->tensor && i < m->tensor->rank; i++)
        at += (size_t)snprintf(shape + at, sizeof shape - at, "%zu, ", m->tensor->shape[i]);
    if (m->tensor && m->tensor->rank > 1)
        shape[at - 2] = 0; /* (3, 2), but (3,) */
    if (m->tensor)
        snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }",
                 ipd_npz_dtypes[m->tensor->dtype], shape);
    else
        snprintf(text, sizeof text, "{'descr': '<U%zu', 'fortran_order': False, 'shape': (), }",
                 strlen(m->text));
    m->length = (10 + strlen(text) + 1 + 63) / 64 * 64;
    memset(m->header, ' ', m->length);
    memcpy(m->header, "\x93NUMPY\1\0", 8);
    put((unsigned char *)m->header + 8, (uint32_t)m->length - 10, 2);
    memcpy(m->header + 10, text, strlen(text));
    m->header[m->length - 1] = '\n';
}

/* The local header of a file within, or its entry in the central directory. */
static int write_entry(FILE *to, const struct member *m, int central)
{
    unsigned char bytes[IPD_ZIP_CENTRAL_SIZE] = {0}, *at = bytes + (central ? 6 : 4);
    size_t size = central ? IPD_ZIP_CENTRAL_SIZE : IPD_ZIP_LOCAL_SIZE;
    put(bytes, central ? IPD_ZIP_CENTRAL : IPD_ZIP_LOCAL, 4);
    if (central)
        put(bytes + 4, 20, 2);
    put(at, 20, 2); /* version needed; flags, method and time are 0 */
    put(at + 8, DAY, 2);
    put(at + 10, m->crc, 4);
    put(at + 14, m->size, 4);
    put(at + 18, m->size, 4);
    put(at + 22, (uint32_t)strlen(m->name), 2);
    if (central)
        put(bytes + 42, m->begin, 4);
    return fwrite(bytes, 1, size, to) != size || fputs(m->name, to) < 0;
}

static int write_member(FILE *to, struct member *m, uint64_t *at)
{
    ipd_zip_sum s = {crc32(0, NULL, 0), 0};
    make_header(m);
    if (emit(m, ipd_zip_add, &s))
        return -1;
    m->crc = (uint32_t)s.crc;
    m->size = (uint32_t)s.size;
    m->begin = (uint32_t)*at;
    *at += IPD_ZIP_LOCAL_SIZE + strlen(m->name) + s.size;
    return write_entry(to, m, 0) || emit(m, ipd_bytes_to_file, to);
}

static int write_directory(FILE *to, const struct member *members, size_t count, uint64_t at)
{
    unsigned char bytes[IPD_ZIP_END_SIZE] = {0};
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        if (write_entry(to, &members[i], 1))
            return -1;
        size += IPD_ZIP_CENTRAL_SIZE + strlen(members[i].name);
    }
    put(bytes, IPD_ZIP_END, 4);
    put(bytes + 8, (uint32_t)count, 2);
    put(bytes + 10, (uint32_t)count, 2);
    put(bytes + 12, (uint32_t)size, 4);
    put(bytes + 16, (uint32_t)at, 4);
    return fwrite(bytes, 1, sizeof bytes, to) != sizeof bytes;
}

int ipd_npz_write(FILE *to, const ipd_tensor_out *t, size_t count, const char *const *texts)
{
    size_t all = count, n = 0;
    uint64_t at = 0;
    for (size_t i = 0; texts[i]; i += 2)
        all++;
    struct member *members = calloc(all, sizeof *members);
    int failed = !members;
    for (size_t i = 0; i < count && !failed; i++, n++) {
        members[n].tensor = &t[i];
        snprintf(members[n].name, sizeof members[n].name, "%s.npy", t[i].name);
        failed = write_member(to, &members[n], &at);
    }
    for (size_t i = 0; texts[i] && !failed; i += 2, n++) {
        members[n].text = texts[i + 1];
        snprintf(members[n].name, sizeof members[n].name, "%s.npy", texts[i]);
        failed = write_member(to, &members[n], &at);
    }
    failed = failed || write_directory(to, members, n, at);
    free(members);
    return failed ? -1 : 0;
}
