/* tensorboard.c - event files; see tensorboard.h.
 *
 * A TFRecord: length (8 bytes, little-endian), masked CRC-32C of the length, the message, masked
 * CRC-32C of the message. Event: wall_time = 1 (double), step = 2 (varint), file_version = 3
 * (text), summary = 5 (message). Summary: value = 1 (message, repeated); Value: tag = 1 (text),
 * simple_value = 2 (float).
 */
#include "format/tensorboard.h"
#include "base/file.h"
#include "base/path.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "numbers are written as they are in memory");

struct ipd_tensorboard {
    FILE *file;
    char path[4096];
};

/* A message under construction. A record has at most about 800 values of about 40 bytes. */
struct message {
    size_t count;
    unsigned char bytes[1 << 16];
};

/* CRC-32C (Castagnoli) */
static uint32_t crc32c(const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    uint32_t crc = ~0u;
    while (count--) {
        crc ^= *at++;
        for (int i = 0; i < 8; i++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    }
    return ~crc;
}

static uint32_t masked(const void *bytes, size_t count)
{
    uint32_t crc = crc32c(bytes, count);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static void put(struct message *m, const void *bytes, size_t count)
{
    if (count > sizeof m->bytes - m->count)
        return;
    memcpy(m->bytes + m->count, bytes, count);
    m->count += count;
}

static void put_varint(struct message *m, uint64_t n)
{
    for (; n >= 128; n >>= 7)
        put(m, &(unsigned char){(unsigned char)(n | 128)}, 1);
    put(m, &(unsigned char){(unsigned char)n}, 1);
}

/* Wire types: 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
static void put_key(struct message *m, int field, int type)
{
    put_varint(m, (uint64_t)field << 3 | (uint64_t)type);
}

static void put_bytes(struct message *m, int field, const void *bytes, size_t count)
{
    put_key(m, field, 2);
    put_varint(m, count);
    put(m, bytes, count);
}

static int write_record(ipd_tensorboard *t, const struct message *m, ipd_error *e)
{
    uint64_t length = m->count;
    uint32_t crc = masked(&length, sizeof length), crc_of_message = masked(m->bytes, m->count);
    errno = 0;
    if (fwrite(&length, sizeof length, 1, t->file) != 1 ||
        fwrite(&crc, sizeof crc, 1, t->file) != 1 ||
        fwrite(m->bytes, 1, m->count, t->file) != m->count ||
        fwrite(&crc_of_message, sizeof crc, 1, t->file) != 1 || fflush(t->file))
        return ipd_fail(e, IPD_EIO, "%s: cannot be written: %s", t->path, strerror(errno));
    return 0;
}

static void put_scalar(struct message *summary, const char *tag, double x)
{
    static struct message value; /* static, since only one thread writes event files */
    float f = (float)x;
    value.count = 0;
    put_bytes(&value, 1, tag, strlen(tag));
    put_key(&value, 2, 5);
    put(&value, &f, sizeof f);
    put_bytes(summary, 1, value.bytes, value.count);
}

/* Tags are like "linear_gap_by_layer/2" or "change_by_block/W2": TensorBoard groups by the part
 * before the slash. */
static void put_field(struct message *summary, const ipd_field *f, const ipd_record *record)
{
    char column[64], tag[160];
    for (int i = 0; i < ipd_field_count(f, record->L); i++) {
        double x = ipd_field_value(f, record, i);
        if (!isfinite(x) || fabs(x) > 3e38)
            continue;
        ipd_field_column(f, record->L, i, column, sizeof column);
        if (f->extent == IPD_BY_METRIC && ipd_metric_name(record->metric_names, i, column))
            snprintf(tag, sizeof tag, "%s/%s", f->name, column);
        else if (f->extent == IPD_SCALAR)
            snprintf(tag, sizeof tag, "%s", f->name);
        else
            snprintf(tag, sizeof tag, "%s/%s", f->name, column + strlen(f->column) + 1);
        put_scalar(summary, tag, x);
    }
}

int ipd_tensorboard_record(ipd_tensorboard *t, const ipd_record *record, double wall, ipd_error *e)
{
    static struct message event, summary;
    event.count = summary.count = 0;
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        if (f->kind != IPD_STRING && strcmp(f->name, "iteration"))
            put_field(&summary, f, record);
    put_key(&event, 1, 1);
    put(&event, &wall, sizeof wall);
    put_key(&event, 2, 0);
    put_varint(&event, (uint64_t)record->iteration);
    put_bytes(&event, 5, summary.bytes, summary.count);
    return write_record(t, &event, e);
}

ipd_tensorboard *ipd_tensorboard_open(const char *folder, ipd_error *e)
{
    static int count;
    static const char version[] = "brain.Event:2";
    static struct message first;
    char host[128] = "localhost", name[256];
    double wall = (double)time(NULL);
    ipd_tensorboard *t = calloc(1, sizeof *t);
    if (!t) {
        ipd_fail(e, IPD_EMEMORY, "%s: out of memory", folder);
        return NULL;
    }
    gethostname(host, sizeof host - 1);
    snprintf(name, sizeof name, "events.out.tfevents.%010.0f.%s.%ld.%d", wall, host, (long)getpid(),
             count++);
    int failed =
        ipd_path_make_folder(folder, e) || ipd_path_join(t->path, sizeof t->path, folder, name, e);
    failed = failed || !(t->file = ipd_stream_open(t->path, e));
    first.count = 0;
    put_key(&first, 1, 1);
    put(&first, &wall, sizeof wall);
    put_bytes(&first, 3, version, strlen(version));
    if (failed || write_record(t, &first, e)) {
        ipd_tensorboard_close(t, NULL);
        return NULL;
    }
    return t;
}

int ipd_tensorboard_close(ipd_tensorboard *t, ipd_error *e)
{
    int failed = 0;
    if (t && t->file && fclose(t->file))
        failed = ipd_fail(e, IPD_EIO, "%s: cannot be written: %s", t->path, strerror(errno));
    free(t);
    return failed;
}

const char *ipd_tensorboard_path(const ipd_tensorboard *t)
{
    return t->path;
}
