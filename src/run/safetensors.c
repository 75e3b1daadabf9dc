/* safetensors.c - see safetensors.h.
 *
 * The format: 8 bytes with the header's length (little-endian), the header in JSON, the tensors'
 * bytes, row-major, without gaps. Header:
 * {"__metadata__": {"activation": "relu", ...}, "W1": {"dtype": "F32", "shape": [d_1, d_0],
 * "data_offsets": [begin, end]}, ...} where offsets count from the header's end.
 */
#include "run/safetensors.h"
#include "base/path.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are written as they lie");

enum {
    LONGEST_HEADER = 1 << 20, /* 64 tensors take a hundredth of this */
    WIDEST = 1 << 24          /* of a layer; keeps products of widths in 64 bits */
};

static const struct dtype {
    const char *name;
    size_t size;
} dtypes[] = {{"F32", 4}, {"F64", 8}};

/* A tensor of the header: what it is and where. */
struct tensor {
    char kind;         /* 'W' or 'b'; 0: not in the file */
    size_t rows, cols; /* b: cols = 1 */
    size_t begin, end; /* bytes from the header's end */
    const struct dtype *dtype;
};

struct reader {
    const char *path;
    FILE *file;
    uint64_t header, data; /* bytes of each */
    json_t *json;
    int L;
    struct tensor W[IPD_MAX_LAYERS + 1], b[IPD_MAX_LAYERS + 1];
    ipd_error *e;
};

/* Writing. */

static json_t *describe(size_t rows, size_t cols, int vector, size_t *offset)
{
    size_t begin = *offset;
    *offset += rows * cols * sizeof(float);
    json_t *shape = vector ? json_pack("[I]", (json_int_t)rows)
                           : json_pack("[I, I]", (json_int_t)rows, (json_int_t)cols);
    return json_pack("{s: s, s: o, s: [I, I]}", "dtype", "F32", "shape", shape, "data_offsets",
                     (json_int_t)begin, (json_int_t)*offset);
}

/* The header's text, padded so that the tensors begin at a multiple of 8; free() it. */
static char *make_header(const ipd_network *net)
{
    size_t offset = 0;
    char name[16];
    char sigma[512];
    ipd_network_activations(net, sigma, sizeof sigma);
    json_t *header = json_pack("{s: {s: s, s: s, s: s}}", "__metadata__", "format", "ipdlam",
                               "activation", sigma, "loss", net->loss->name);
    for (int l = 1; l <= net->L; l++) {
        snprintf(name, sizeof name, "W%d", l);
        json_object_set_new(header, name, describe(net->d[l], net->d[l - 1], 0, &offset));
        snprintf(name, sizeof name, "b%d", l);
        json_object_set_new(header, name, describe(net->d[l], 1, 1, &offset));
    }
    char *text = header ? json_dumps(header, JSON_COMPACT) : NULL;
    json_decref(header);
    if (!text)
        return NULL;
    size_t length = strlen(text), padded = (length + 7) / 8 * 8;
    char *result = malloc(padded + 1);
    if (result) {
        memset(result, ' ', padded);
        memcpy(result, text, length);
        result[padded] = 0;
    }
    free(text);
    return result;
}

static int write_tensors(FILE *to, const ipd_network *net)
{
    for (int l = 1; l <= net->L; l++) {
        size_t rows = net->d[l], cols = net->d[l - 1];
        float *row = malloc(cols * sizeof *row);
        if (!row)
            return -1;
        for (size_t i = 0; i < rows; i++) {
            for (size_t j = 0; j < cols; j++)
                row[j] = net->W[l].data[i + j * rows];
            fwrite(row, sizeof *row, cols, to);
        }
        free(row);
        fwrite(net->b[l].data, sizeof(float), rows, to);
    }
    return 0;
}

int ipd_weights_save(const ipd_network *net, const char *path, ipd_error *e)
{
    ipd_new_file f;
    char *header = make_header(net);
    if (!header)
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", path);
    if (ipd_new_file_open(&f, path, e)) {
        free(header);
        return -1;
    }
    uint64_t length = strlen(header);
    fwrite(&length, sizeof length, 1, f.stream);
    fwrite(header, 1, length, f.stream);
    free(header);
    if (write_tensors(f.stream, net)) {
        ipd_new_file_abandon(&f);
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", path);
    }
    return ipd_new_file_commit(&f, e);
}

/* Reading. Every failure is one sentence that begins with the path. */

#define REFUSE(r, ...) ipd_fail((r)->e, IPD_EFORMAT, __VA_ARGS__)

static int read_header(struct reader *r)
{
    struct stat s;
    json_error_t why;
    r->file = fopen(r->path, "rb");
    if (!r->file || fstat(fileno(r->file), &s))
        return ipd_fail(r->e, IPD_EIO, "%s: cannot be read: %s", r->path, strerror(errno));
    if (!S_ISREG(s.st_mode))
        return ipd_fail(r->e, IPD_EIO, "%s: is not a file", r->path);
    if (s.st_size < 8 || fread(&r->header, sizeof r->header, 1, r->file) != 1)
        return REFUSE(r, "%s: is too short to be a safetensors file", r->path);
    if (r->header > (uint64_t)s.st_size - 8)
        return REFUSE(r,
                      "%s: the header's length, %llu bytes, is more than the file holds: it is "
                      "cut short or not a safetensors file",
                      r->path, (unsigned long long)r->header);
    if (r->header > LONGEST_HEADER)
        return REFUSE(r, "%s: the header takes %llu bytes, more than the %d that are read", r->path,
                      (unsigned long long)r->header, LONGEST_HEADER);
    r->data = (uint64_t)s.st_size - 8 - r->header;
    char *text = malloc(r->header + 1);
    if (!text)
        return ipd_fail(r->e, IPD_EMEMORY, "%s: out of memory", r->path);
    if (fread(text, 1, r->header, r->file) != r->header) {
        free(text);
        return ipd_fail(r->e, IPD_EIO, "%s: cannot be read: %s", r->path, strerror(errno));
    }
    r->json = json_loadb(text, r->header, JSON_REJECT_DUPLICATES, &why);
    free(text);
    if (!r->json || !json_is_object(r->json))
        return REFUSE(r, "%s: the header is not a JSON object%s%s", r->path, r->json ? "" : ": ",
                      r->json ? "" : why.text);
    return 0;
}

/* A whole number of the header that may be a size: 0 ... most. */
static int whole(const json_t *value, uint64_t most, size_t *out)
{
    if (!json_is_integer(value))
        return -1;
    json_int_t i = json_integer_value(value);
    if (i < 0 || (uint64_t)i > most)
        return -1;
    *out = (size_t)i;
    return 0;
}

static int read_shape(struct reader *r, const char *name, struct tensor *t, const json_t *shape)
{
    size_t rank = json_is_array(shape) ? json_array_size(shape) : 0;
    int vector = t->kind == 'b';
    if (vector ? rank != 1 && rank != 2 : rank != 2)
        return REFUSE(r, "%s: the shape of %s must be %s", r->path, name,
                      vector ? "[width]" : "[width, inputs]");
    t->cols = 1;
    if (whole(json_array_get(shape, 0), WIDEST, &t->rows) ||
        (rank == 2 && whole(json_array_get(shape, 1), WIDEST, &t->cols)) || !t->rows || !t->cols ||
        (vector && t->cols != 1))
        return REFUSE(r, "%s: the shape of %s is out of range: widths are 1 to %d%s", r->path, name,
                      WIDEST, vector ? ", and a bias is one vector" : "");
    return 0;
}

/* Takes one entry of the header into *t. */
static int read_entry(struct reader *r, const char *name, struct tensor *t, const json_t *entry)
{
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    const json_t *offsets = json_object_get(entry, "data_offsets");
    for (size_t i = 0; dtype && i < sizeof dtypes / sizeof *dtypes; i++)
        if (!strcmp(dtype, dtypes[i].name))
            t->dtype = &dtypes[i];
    if (!t->dtype)
        return REFUSE(r, "%s: %s is of type %.20s: store weights as F32 or F64", r->path, name,
                      dtype ? dtype : "unknown");
    if (read_shape(r, name, t, json_object_get(entry, "shape")))
        return -1;
    if (!json_is_array(offsets) || json_array_size(offsets) != 2 ||
        whole(json_array_get(offsets, 0), r->data, &t->begin) ||
        whole(json_array_get(offsets, 1), r->data, &t->end) || t->begin > t->end)
        return REFUSE(r,
                      "%s: the data_offsets of %s do not lie within the file's %llu bytes of data",
                      r->path, name, (unsigned long long)r->data);
    size_t bytes = t->rows * t->cols * t->dtype->size; /* fits: widths are at most WIDEST */
    if (t->end - t->begin != bytes)
        return REFUSE(r, "%s: %s takes %zu bytes by its shape and %zu by its data_offsets", r->path,
                      name, bytes, t->end - t->begin);
    return 0;
}

/* The slot of tensor `name`, or NULL with a sentence. */
static struct tensor *slot(struct reader *r, const char *name)
{
    char expected[16];
    char *end;
    long l = name[0] == 'W' || name[0] == 'b' ? strtol(name + 1, &end, 10) : 0;
    if (l > 0 && l <= IPD_MAX_LAYERS) {
        snprintf(expected, sizeof expected, "%c%ld", name[0], l);
        if (!strcmp(expected, name))
            return name[0] == 'W' ? &r->W[l] : &r->b[l];
    } else if (l > IPD_MAX_LAYERS && !*end) {
        REFUSE(r, "%s: holds layer %ld: a network has at most %d layers", r->path, l,
               IPD_MAX_LAYERS);
        return NULL;
    }
    REFUSE(r, "%s: tensor \"%.40s\" is not of a network: name tensors W1, b1, W2, b2, and so on",
           r->path, name);
    return NULL;
}

static int by_begin(const void *x, const void *y)
{
    const struct tensor *const *s = x, *const *t = y;
    return ((*s)->begin > (*t)->begin) - ((*s)->begin < (*t)->begin);
}

/* Layers 1 ... L whole, shapes that chain, bytes without overlap or gap. */
static int check_tensors(struct reader *r)
{
    struct tensor *all[2 * IPD_MAX_LAYERS];
    size_t count = 0, at = 0;
    for (int l = 1; l <= IPD_MAX_LAYERS; l++)
        if (r->W[l].kind || r->b[l].kind)
            r->L = l;
    if (!r->L)
        return REFUSE(r, "%s: holds no tensor W1", r->path);
    for (int l = 1; l <= r->L; l++) {
        struct tensor *W = &r->W[l], *b = &r->b[l];
        if (!W->kind || !b->kind)
            return REFUSE(r, "%s: holds layer %d, but no tensor %c%d", r->path, r->L,
                          W->kind ? 'b' : 'W', l);
        if (b->rows != W->rows)
            return REFUSE(r, "%s: W%d has %zu rows and b%d has %zu: they must be equal", r->path, l,
                          W->rows, l, b->rows);
        if (l > 1 && W->cols != r->W[l - 1].rows)
            return REFUSE(r, "%s: W%d has %zu columns and W%d has %zu rows: they must be equal",
                          r->path, l, W->cols, l - 1, r->W[l - 1].rows);
        all[count++] = W;
        all[count++] = b;
    }
    qsort(all, count, sizeof *all, by_begin);
    for (size_t i = 0; i < count; at = all[i++]->end)
        if (all[i]->begin != at)
            return REFUSE(r, "%s: two tensors %s in the file's data, at byte %zu", r->path,
                          all[i]->begin < at ? "overlap" : "leave a gap", at);
    if (at != r->data)
        return REFUSE(r, "%s: has %llu bytes after the last tensor", r->path,
                      (unsigned long long)(r->data - at));
    return 0;
}

static int read_tensors(struct reader *r)
{
    const char *name;
    json_t *entry;
    json_object_foreach(r->json, name, entry)
    {
        if (!strcmp(name, "__metadata__"))
            continue;
        struct tensor *t = slot(r, name);
        if (!t)
            return -1;
        t->kind = name[0];
        if (read_entry(r, name, t, entry))
            return -1;
    }
    return check_tensors(r);
}

/* Reads a tensor into m (rows x cols, column-major). */
static int read_values(struct reader *r, const char *name, const struct tensor *t, ipd_matrix *m)
{
    size_t wide = t->dtype->size;
    char *row = malloc(t->cols * wide);
    int failed = 0;
    if (!row)
        return ipd_fail(r->e, IPD_EMEMORY, "%s: out of memory", r->path);
    if (fseeko(r->file, (off_t)(8 + r->header + t->begin), SEEK_SET))
        failed = ipd_fail(r->e, IPD_EIO, "%s: cannot be read: %s", r->path, strerror(errno));
    for (size_t i = 0; !failed && i < t->rows; i++) {
        if (fread(row, wide, t->cols, r->file) != t->cols)
            failed = ipd_fail(r->e, IPD_EIO, "%s: ends within %s", r->path, name);
        for (size_t j = 0; !failed && j < t->cols; j++) {
            float value;
            if (wide == sizeof value) {
                memcpy(&value, row + j * wide, wide);
            } else {
                double x;
                memcpy(&x, row + j * wide, wide);
                value = fabs(x) <= 3.4028234e38 ? (float)x : INFINITY;
            }
            if (!isfinite(value))
                failed = REFUSE(r,
                                "%s: %s holds a value that is not finite in float, in row %zu, "
                                "column %zu",
                                r->path, name, i + 1, j + 1);
            m->data[i + j * t->rows] = value;
        }
    }
    free(row);
    return failed;
}

/* The activations and loss that the metadata names; they stay as they are where it names none. */
static int read_metadata(struct reader *r, ipd_network *net)
{
    const json_t *metadata = json_object_get(r->json, "__metadata__");
    const char *name = json_string_value(json_object_get(metadata, "activation"));
    if (name && ipd_network_set_activations(net, name, r->e))
        return ipd_fail_in(r->e, "%s: the metadata", r->path);
    name = json_string_value(json_object_get(metadata, "loss"));
    if (name && !(net->loss = ipd_loss_find(name)))
        return REFUSE(r, "%s: the metadata names loss \"%.40s\", which is not known", r->path,
                      name);
    return 0;
}

static int read_network(struct reader *r, ipd_network *net, const ipd_activation *activation,
                        const ipd_loss *loss)
{
    size_t widths[IPD_MAX_LAYERS + 1];
    char name[16];
    if (read_header(r) || read_tensors(r))
        return -1;
    widths[0] = r->W[1].cols;
    for (int l = 1; l <= r->L; l++)
        widths[l] = r->W[l].rows;
    if (ipd_network_init(net, r->L, widths, activation, loss, r->e) || read_metadata(r, net))
        return -1;
    for (int l = 1; l <= r->L; l++) {
        snprintf(name, sizeof name, "W%d", l);
        if (read_values(r, name, &r->W[l], &net->W[l]))
            return -1;
        snprintf(name, sizeof name, "b%d", l);
        if (read_values(r, name, &r->b[l], &net->b[l]))
            return -1;
    }
    return 0;
}

int ipd_weights_load(ipd_network *net, const char *path, const ipd_activation *activation,
                     const ipd_loss *loss, ipd_error *e)
{
    struct reader r = {.path = path, .e = e};
    memset(net, 0, sizeof *net);
    int failed = read_network(&r, net, activation, loss);
    if (failed)
        ipd_network_free(net);
    json_decref(r.json);
    if (r.file)
        fclose(r.file);
    return failed;
}
